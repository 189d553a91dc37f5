//! Quotas and qualifications of a survey, one at a time.

use super::edit::updated;
use super::envelope::{NO_QUALIFICATION, NO_QUOTA};
use super::field::replacements;
use super::prelude::*;
use super::supplier;
use super::survey::new_quota;
use super::targeting::quota_shown;

/// Loads a survey that may be edited, lets `work` edit it, and stores it.
fn edit<R>(
    world: &World,
    id: &str,
    work: impl FnOnce(&mut Survey) -> Result<R, Failure>,
) -> Result<R, Failure> {
    world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        let before = survey.status;
        if before == CLOSED {
            return Err(SURVEY_CLOSED.into());
        }
        let result = work(&mut survey)?;
        let now = world.now_ms();
        survey.active_ms = Some(now);
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        Ok(result)
    })
}

fn position(survey: &Survey, quota: &str) -> Result<usize, Failure> {
    let is_meant = |candidate: &Quota| candidate.is_called(quota);
    let at = survey.quotas.iter().position(is_meant);
    Ok(at.ok_or(NO_QUOTA)?)
}

fn by_supplier(call: &Call) -> bool {
    call.parameter("QBS") == Some("1")
}

/// `POST /surveys/{id}/quotas`: 201 without a body (vendor wiki 33509003), or with `QBS` 200 and an
/// echo (vendor wiki 855736417).
pub(super) fn add(world: &World, call: &Call, id: &str) -> Outcome {
    let body = Value::Object(object(&call.body)?);
    let quota = edit(world, id, |survey| {
        let input = targeting::quota(&body)?;
        if let Some(taken) = &input.buyer_quota_id
            && survey.quotas.iter().any(|quota| quota.is_called(taken))
        {
            return Err(invalid(format!("buyer_quota_id {taken} exists already")));
        }
        refuse_overlaps(survey, None, &input)?;
        let suppliers = suppliers(survey, call, &body)?;
        let mut quota = new_quota(survey, input, world);
        quota.suppliers = suppliers;
        survey.quotas.push(quota.clone());
        Ok(quota)
    })?;
    if call.parameter("QBS").is_none() {
        return Ok(Answer::empty(StatusCode::CREATED));
    }
    ok(&echo(&quota, by_supplier(call)))
}

/// Refuses a quota that overlaps with those that still want completes, but for the one at `except`.
fn refuse_overlaps(survey: &Survey, except: Option<usize>, input: &QuotaInput) -> Result<(), Failure> {
    let quotas = survey.quotas.iter().enumerate();
    let open = quotas.filter(|(at, quota)| Some(*at) != except && quota.required > 0);
    let mut criteria: Vec<&[Value]> = open.map(|(_, quota)| &quota.criteria[..]).collect();
    criteria.push(&input.criteria);
    targeting::refuse_overlaps(&criteria)
}

/// The allocations by supplier that a body has, where the call is about them.
fn suppliers(survey: &Survey, call: &Call, body: &Value) -> Result<Option<Vec<Value>>, Failure> {
    let sent = body.get("suppliers").filter(|_| by_supplier(call));
    sent.map(|sent| supplier::allocations(survey, sent)).transpose()
}

fn echo(quota: &Quota, with_suppliers: bool) -> Value {
    let mut shown = json!({"buyer_quota_id": quota.buyer_quota_id, "required_count": quota.required});
    if with_suppliers {
        shown["suppliers"] = json!(quota.suppliers.as_deref().unwrap_or_default());
    }
    shown["criteria"] = json!(quota.criteria);
    shown
}

/// `GET /surveys/{id}/quotas`, with `page` and `limit` where given.
pub(super) fn list(world: &World, call: &Call, id: &str) -> Outcome {
    let survey = load(&world.store.view()?, id)?;
    let number = |name: &str| call.parameter(name).and_then(|text| text.parse().ok());
    let limit: usize = number("limit").unwrap_or(usize::MAX);
    let page: usize = number("page").unwrap_or(1).max(1);
    let skip = limit.saturating_mul(page - 1);
    let quotas = survey.quotas.iter().skip(skip).take(limit);
    let shown = |quota| shown(world, quota, call);
    ok(&quotas.map(shown).collect())
}

fn shown(world: &World, quota: &Quota, call: &Call) -> Value {
    let mut shown = quota_shown(quota, world.is_on(switches::SHUFFLE));
    if by_supplier(call) {
        shown["suppliers"] = json!(quota.suppliers.as_deref().unwrap_or_default());
    }
    shown
}

/// `GET /surveys/{id}/quotas/{quota}`; the response's form is assumed.
pub(super) fn read(world: &World, call: &Call, id: &str, quota: &str) -> Outcome {
    let survey = load(&world.store.view()?, id)?;
    let at = position(&survey, quota)?;
    ok(&shown(world, &survey.quotas[at], call))
}

/// `PUT /surveys/{id}/quotas/{quota}`: 200 and an echo (vendor wiki 613285971).
pub(super) fn put(world: &World, call: &Call, id: &str, quota: &str) -> Outcome {
    let body = Value::Object(object(&call.body)?);
    let quota = edit(world, id, |survey| {
        let at = position(survey, quota)?;
        let input = targeting::quota(&body)?;
        if input.required > 0 {
            refuse_overlaps(survey, Some(at), &input)?;
        }
        let own = survey.quotas[at].suppliers.clone();
        let suppliers = suppliers(survey, call, &body)?.or(own);
        let mut changed = updated(survey.quotas[at].clone(), input, world.now_ms());
        changed.suppliers = suppliers;
        survey.quotas[at] = changed.clone();
        Ok(changed)
    })?;
    ok(&echo(&quota, by_supplier(call)))
}

/// `PATCH /surveys/{id}/quotas/{quota}`: the current target, answered with an internal document
/// (vendor wiki 613285971).
pub(super) fn patch(world: &World, call: &Call, id: &str, quota: &str) -> Outcome {
    let operations = replacements(&call.body)?;
    let quota = edit(world, id, |survey| {
        let at = position(survey, quota)?;
        let quota = &mut survey.quotas[at];
        for (field, value) in operations {
            if field != "current_target" {
                return Err(invalid(format!("/{field} of a quota cannot be replaced")));
            }
            let target = value.as_u64().filter(|target| *target <= quota.required);
            let target = target.ok_or_else(|| invalid("current_target must be from 0 to required_count"))?;
            quota.current_target = Some(target);
        }
        quota.modified_ms = world.now_ms();
        Ok(quota.clone())
    })?;
    ok(&internal(&quota))
}

fn internal(quota: &Quota) -> Value {
    let remaining = quota.required.saturating_sub(quota.fielded);
    let target = quota.current_target.unwrap_or(quota.required);
    let open = target.saturating_sub(quota.fielded);
    json!({
        "quantities": {
            "hasValidQuotas": true, "isFlexible": true, "minimum": quota.required,
            "maximum": quota.required, "flexibility": 0, "number": quota.required,
            "percentage": 100, "achieved": quota.fielded, "remaining": remaining,
            "currently_open": open, "sup_currently_open": open, "current_target": target,
        },
        "counter": {
            "Buyer_side_In_Progress": 0, "Buyer_Survey_Starts": quota.fielded,
            "Buyer_Valid_Clicks": quota.fielded,
        },
        "buyer_quota_id": quota.buyer_quota_id, "marker": "", "locked": false, "criteria": quota.criteria,
        "crtd_on": quota.created_ms, "mod_on": quota.modified_ms,
        "_id": quota.ps_quota_id.replace('-', "").get(..24), "isActive": true, "type": 0,
        "quotaCategory": "autoNested", "quota_id": quota.ps_quota_id, "suppliers": {},
    })
}

/// `DELETE /surveys/{id}/quotas/{quota}`; the survey keeps the completes. Assumed.
pub(super) fn delete(world: &World, id: &str, quota: &str) -> Outcome {
    edit(world, id, |survey| {
        let at = position(survey, quota)?;
        survey.quotas.remove(at);
        done(StatusCode::OK, "Quota deleted")
    })
}

/// `POST /_sandbox/ui/quotas`: somebody adds a quota in the web interface, where the buyer's id is
/// not usable (vendor wiki 33494326). The survey's qualifications are not touched.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Outcome {
    let id = super::respondents::survey_id(body)?;
    let mut quota = Map::new();
    quota.put("quota_title", "");
    for (from, to) in [
        ("title", "quota_title"),
        ("quota_title", "quota_title"),
        ("required_count", "required_count"),
        ("criteria", "criteria"),
    ] {
        if let Some(value) = body.get(from) {
            quota.put(to, value);
        }
    }
    let quota = edit(world, &id, |survey| {
        let input = targeting::quota(&Value::Object(quota))?;
        let mut quota = new_quota(survey, input, world);
        quota.buyer_quota_id = String::new();
        survey.quotas.push(quota.clone());
        Ok(quota)
    })?;
    ok(&quota_shown(&quota, false))
}

/// `POST /surveys/{id}/qualifications`
pub(super) fn add_qualification(world: &World, call: &Call, id: &str) -> Outcome {
    let body = Value::Object(object(&call.body)?);
    edit(world, id, |survey| {
        let added = targeting::qualification(&body, "qualification")?;
        let code = code_of(&added);
        if survey.qualifications.iter().any(|own| code_of(own) == code) {
            return Err(invalid(format!("qualification {code} exists already")));
        }
        survey.qualifications.push(added);
        done(StatusCode::CREATED, "Qualification added")
    })
}

/// `GET /surveys/{id}/qualifications`, all of them; the response's form is assumed.
pub(super) fn qualifications(world: &World, id: &str) -> Outcome {
    let shuffled = world.is_on(switches::SHUFFLE);
    let survey = load(&world.store.view()?, id)?;
    let items = survey.qualifications.iter();
    let shown = |item| targeting::shown(item, shuffled);
    ok(&items.map(shown).collect())
}

/// `GET /surveys/{id}/qualifications/{code}`; the response's form is assumed.
pub(super) fn read_qualification(world: &World, id: &str, code: &str) -> Outcome {
    let shuffled = world.is_on(switches::SHUFFLE);
    let survey = load(&world.store.view()?, id)?;
    let mut own = survey.qualifications.iter();
    let found = own.find(|own| code_of(own).to_string() == code);
    let found = found.ok_or(NO_QUALIFICATION)?;
    ok(&targeting::shown(found, shuffled))
}

/// `PUT /surveys/{id}/qualifications/{code}`: 201 with code 1000 (vendor wiki 34695095).
pub(super) fn put_qualification(world: &World, call: &Call, id: &str, code: &str) -> Outcome {
    let body = Value::Object(object(&call.body)?);
    edit(world, id, |survey| {
        let changed = targeting::qualification(&body, "qualification")?;
        if code_of(&changed).to_string() != code {
            return Err(invalid("qualification_code must be the one of the path"));
        }
        let mut own = survey.qualifications.iter_mut();
        let own = own
            .find(|own| code_of(own) == code_of(&changed))
            .ok_or(NO_QUALIFICATION)?;
        *own = changed;
        done(StatusCode::CREATED, "Qualification updated")
    })
}

/// `DELETE /surveys/{id}/qualifications/{code}`; assumed.
pub(super) fn delete_qualification(world: &World, id: &str, code: &str) -> Outcome {
    edit(world, id, |survey| {
        let before = survey.qualifications.len();
        survey
            .qualifications
            .retain(|own| code_of(own).to_string() != code);
        if survey.qualifications.len() == before {
            return Err(NO_QUALIFICATION.into());
        }
        done(StatusCode::OK, "Qualification deleted")
    })
}
