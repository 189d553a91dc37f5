//! Quotas and qualifications of a survey, one at a time.

use super::edit::{edit, updated};
use super::envelope::{NO_QUALIFICATION, NO_QUOTA};
use super::field::{page, replacements, sent};
use super::prelude::*;
use super::supplier::{self, Allocation};
use super::survey::new_quota;
use super::targeting::{Qualification, quota_shown};

fn position(survey: &Survey, quota: &str) -> Result<usize, Failure> {
    Ok(survey.position(quota).ok_or(NO_QUOTA)?)
}

fn by_supplier(call: &Call) -> bool {
    call.parameter("QBS") == Some("1")
}

/// A quota as sent, and its allocations by supplier where the call is about them.
fn read_quota(call: &Call) -> Result<(QuotaInput, Option<Vec<Allocation>>), Failure> {
    let body = object(call)?;
    let input: QuotaInput = typed(&body).map_err(invalid)?;
    let suppliers = if by_supplier(call) {
        sent(&body, "suppliers")?
    } else {
        None
    };
    Ok((input.checked()?, suppliers))
}

/// `POST /surveys/{id}/quotas`: 201 without a body (vendor wiki 33509003), or with `QBS` 200 and an
/// echo (vendor wiki 855736417).
pub(super) fn add(world: &World, call: &Call, id: &str) -> Outcome {
    let (input, suppliers) = read_quota(call)?;
    edit(world, id, |survey| {
        if let Some(taken) = &input.buyer_quota_id
            && survey.position(taken).is_some()
        {
            return Err(invalid(format!("buyer_quota_id {taken} exists already")));
        }
        refuse_overlaps(survey, None, &input)?;
        supplier::refuse_strangers(survey, suppliers.as_deref())?;
        let mut quota = new_quota(survey, input, world);
        quota.suppliers = suppliers;
        survey.quotas.push(quota.clone());
        match call.parameter("QBS") {
            None => Ok(Answer::empty(StatusCode::CREATED)),
            Some(_) => echo(&quota, call),
        }
    })
}

/// Refuses a quota that overlaps with those that still want completes, but for the one at `except`.
fn refuse_overlaps(survey: &Survey, except: Option<usize>, input: &QuotaInput) -> Result<(), Failure> {
    let quotas = survey.quotas.iter().enumerate();
    let open = quotas.filter(|(at, quota)| Some(*at) != except && quota.required > 0);
    let criteria = open.map(|(_, quota)| &quota.criteria[..]);
    targeting::refuse_overlaps(criteria.chain([&input.criteria[..]]))
}

fn echo(quota: &Quota, call: &Call) -> Outcome {
    let mut shown = json!({"buyer_quota_id": quota.buyer_quota_id, "required_count": quota.required});
    if by_supplier(call) {
        shown.put("suppliers", quota.suppliers.as_deref().unwrap_or_default());
    }
    shown.put("criteria", &quota.criteria);
    ok(&shown)
}

/// `GET /surveys/{id}/quotas`, with `page` and `limit` where given.
pub(super) fn list(world: &World, call: &Call, survey: &Survey) -> Outcome {
    let page = page(call, usize::MAX, usize::MAX)?;
    let quotas = survey.quotas.iter().skip(page.start).take(page.len());
    ok(&quotas.map(|quota| shown(world, quota, call)).collect())
}

fn shown(world: &World, quota: &Quota, call: &Call) -> Value {
    let mut shown = quota_shown(quota, world.is_on(switches::SHUFFLE));
    if by_supplier(call) {
        shown.put("suppliers", quota.suppliers.as_deref().unwrap_or_default());
    }
    shown
}

/// `GET /surveys/{id}/quotas/{quota}`; the response's form is assumed.
pub(super) fn read(world: &World, call: &Call, survey: &Survey, quota: &str) -> Outcome {
    let at = position(survey, quota)?;
    ok(&shown(world, &survey.quotas[at], call))
}

/// `PUT /surveys/{id}/quotas/{quota}`: 200 and an echo (vendor wiki 613285971).
pub(super) fn put(world: &World, call: &Call, id: &str, quota: &str) -> Outcome {
    let (input, suppliers) = read_quota(call)?;
    edit(world, id, |survey| {
        let at = position(survey, quota)?;
        let same = |other: &usize| *other == at;
        let taken = input
            .buyer_quota_id
            .as_deref()
            .filter(|key| !survey.position(key).as_ref().is_none_or(same));
        if let Some(taken) = taken {
            return Err(invalid(format!("buyer_quota_id {taken} exists already")));
        }
        if input.required > 0 {
            refuse_overlaps(survey, Some(at), &input)?;
        }
        supplier::refuse_strangers(survey, suppliers.as_deref())?;
        let mut changed = updated(survey.quotas[at].clone(), input, world.now_ms());
        changed.suppliers = suppliers.or(changed.suppliers);
        survey.quotas[at] = changed.clone();
        echo(&changed, call)
    })
}

/// `PATCH /surveys/{id}/quotas/{quota}`: the current target, answered with an internal document
/// (vendor wiki 613285971).
pub(super) fn patch(world: &World, call: &Call, id: &str, quota: &str) -> Outcome {
    let operations = replacements(call)?;
    edit(world, id, |survey| {
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
        ok(&internal(quota))
    })
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

/// A quota that somebody makes by hand.
#[derive(Deserialize)]
struct ByHand {
    #[serde(alias = "survey_id")]
    survey: simulation::Id,
    #[serde(alias = "quota_title", default)]
    title: String,
    required_count: u64,
    criteria: Vec<Qualification>,
}

/// `POST /_sandbox/ui/quotas`: somebody adds a quota in the web interface, where the buyer's id is
/// not usable (vendor wiki 33494326). The survey's qualifications are not touched.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Outcome {
    let by_hand: ByHand = simulation::read(body)?;
    let input = QuotaInput {
        buyer_quota_id: Some(String::new()),
        ps_quota_id: None,
        title: Some(by_hand.title),
        required: by_hand.required_count,
        criteria: targeting::checked(by_hand.criteria, "criteria")?,
    };
    edit(world, &by_hand.survey.to_string(), |survey| {
        let quota = new_quota(survey, input, world);
        survey.quotas.push(quota.clone());
        ok(&quota_shown(&quota, false))
    })
}

/// A qualification as sent.
fn read_qualification(call: &Call) -> Result<Qualification, Failure> {
    body::<Qualification>(call)?.checked("qualification")
}

fn code_position(survey: &Survey, code: &str) -> Result<usize, Failure> {
    let mut own = survey.qualifications.iter();
    let at = own.position(|own| own.code.to_string() == code);
    Ok(at.ok_or(NO_QUALIFICATION)?)
}

/// `POST /surveys/{id}/qualifications`
pub(super) fn add_qualification(world: &World, call: &Call, id: &str) -> Outcome {
    let added = read_qualification(call)?;
    edit(world, id, |survey| {
        if survey.qualifications.iter().any(|own| own.code == added.code) {
            return Err(invalid(format!("qualification {} exists already", added.code)));
        }
        survey.qualifications.push(added);
        done(StatusCode::CREATED, "Qualification added")
    })
}

/// `GET /surveys/{id}/qualifications`, all of them; the response's form is assumed.
pub(super) fn qualifications(world: &World, survey: &Survey) -> Outcome {
    let shuffled = world.is_on(switches::SHUFFLE);
    let items = survey.qualifications.iter();
    ok(&items.map(|item| item.shown(shuffled)).collect())
}

/// `GET /surveys/{id}/qualifications/{code}`; the response's form is assumed.
pub(super) fn qualification(world: &World, survey: &Survey, code: &str) -> Outcome {
    let found = &survey.qualifications[code_position(survey, code)?];
    ok(&found.shown(world.is_on(switches::SHUFFLE)))
}

/// `PUT /surveys/{id}/qualifications/{code}`: 201 with code 1000 (vendor wiki 34695095).
pub(super) fn put_qualification(world: &World, call: &Call, id: &str, code: &str) -> Outcome {
    let changed = read_qualification(call)?;
    if changed.code.to_string() != code {
        return Err(invalid("qualification_code must be the one of the path"));
    }
    edit(world, id, |survey| {
        let at = code_position(survey, code)?;
        survey.qualifications[at] = changed;
        done(StatusCode::CREATED, "Qualification updated")
    })
}

/// `DELETE /surveys/{id}/qualifications/{code}`; assumed.
pub(super) fn delete_qualification(world: &World, id: &str, code: &str) -> Outcome {
    edit(world, id, |survey| {
        let at = code_position(survey, code)?;
        survey.qualifications.remove(at);
        done(StatusCode::OK, "Qualification deleted")
    })
}
