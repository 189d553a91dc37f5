//! Making, reading, listing and deleting surveys.

use super::envelope::no_feature;
use super::field::for_create;
use super::prelude::*;
use super::record::{list as list_ids, remove, take_id};
use super::{render, template};
use jiff::civil::Date;
use jiff::tz::TimeZone;

const DEFAULT_LIMIT: u64 = 50;

/// `POST /surveys`. Never idempotent: every call that succeeds makes another survey.
pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let body = object(&call.body)?;
    let template = template::wanted(world, &body)?;
    refuse_missing_features(world, &body)?;
    let mut fields = for_create(&body, template.is_some())?;
    let qualifications = body.field("qualifications").map(targeting::qualifications);
    let mut qualifications = qualifications.transpose()?.unwrap_or_default();
    let quotas = body.field("quotas").map(targeting::quotas);
    let mut quotas = quotas.transpose()?.unwrap_or_default();
    if let Some(template) = template {
        for (name, value) in &template.survey {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let completes = fields.count("completes_required");
        qualifications = template.qualifications_beside(qualifications);
        quotas.extend(template.quotas_scaled(completes.unwrap_or(0)));
    }
    let now = world.now_ms();
    let survey = world.store.write(|batch| {
        let mut survey = Survey {
            id: take_id(batch)?,
            account: OWN_ACCOUNT,
            status: DRAFT,
            fields,
            qualifications,
            template_id: template.map(|template| template.id),
            created_ms: now,
            active_ms: Some(now),
            ..Survey::default()
        };
        for input in quotas {
            let quota = new_quota(&mut survey, input, world);
            survey.quotas.push(quota);
        }
        require_quota_for_qlc(&survey)?;
        save(batch, &survey, None)?;
        Ok::<_, Failure>(survey)
    })?;
    Ok(Answer::json(
        StatusCode::CREATED,
        &render::survey(world, &survey, true),
    ))
}

/// Refuses what needs a feature that the account lacks (vendor wiki 2749038627).
pub(super) fn refuse_missing_features(world: &World, body: &Map<String, Value>) -> Result<(), Failure> {
    if body.flag("is_feot_enabled") == Some(true) && !world.is_on(switches::FEOT_FEATURE) {
        return Err(no_feature());
    }
    Ok(())
}

/// Vendor wiki 849707035: QLC needs at least one quota of the buyer's.
pub(super) fn require_quota_for_qlc(survey: &Survey) -> Result<(), Failure> {
    if survey.has_qlc() && survey.quotas.is_empty() {
        return Err(invalid("qlc needs at least one quota"));
    }
    Ok(())
}

/// Makes a quota with new ids; the buyer's id is made up when none was sent.
pub(super) fn new_quota(survey: &mut Survey, input: QuotaInput, world: &World) -> Quota {
    let (ps_quota_id, source) = survey.new_quota_id(world.seed);
    let now = world.now_ms();
    Quota {
        buyer_quota_id: input.buyer_quota_id.unwrap_or_else(|| letters(&source, 15)),
        ps_quota_id,
        title: input.title.unwrap_or_default(),
        required: input.required,
        criteria: input.criteria,
        created_ms: now,
        modified_ms: now,
        ..Quota::default()
    }
}

/// `GET /surveys/{id}`
pub(super) fn read(world: &World, call: &Call, id: &str) -> Outcome {
    let targeting = targeting_wanted(call)?;
    let survey = load(&world.store.view()?, id)?;
    ok(&render::survey(world, &survey, targeting))
}

/// `GET /surveys/{id}/status`; the response's form is assumed.
pub(super) fn status(world: &World, id: &str) -> Outcome {
    let survey = load(&world.store.view()?, id)?;
    ok(&json!({"ps_survey_id": survey.id, "ps_survey_status": survey.status}))
}

/// `GET /surveys`: one status, ascending ids, pages from 1, and a bare array.
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let status = match call.parameter("status") {
        None => Some(LIVE),
        Some(text) => [DRAFT, LIVE, PAUSED, CLOSED]
            .into_iter()
            .find(|status| status.to_string() == text),
    };
    let status = status.ok_or_else(|| invalid("status must be 11, 22, 33 or 44"))?;
    let from = day(call, "fromDate")?.map(|day| start_of(day, 0));
    let to = day(call, "toDate")?.map(|day| start_of(day, 1));
    let limit = positive(call, "limit")?.unwrap_or(DEFAULT_LIMIT);
    let limit = limit.min(world.number(switches::LIST_PAGE_MAX));
    let page = positive(call, "page")?.unwrap_or(1);
    let targeting = targeting_wanted(call)?;
    let documents = world.store.view()?;
    let created = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
    let skip = (page - 1).saturating_mul(limit);
    let mut shown = Vec::new();
    for id in list_ids(&documents, status, created, skip, limit)? {
        if let Some(survey) = find(&documents, id)? {
            shown.push(render::survey(world, &survey, targeting));
        }
    }
    ok(&Value::Array(shown))
}

/// `DELETE /surveys/{id}`: drafts only, which is assumed.
pub(super) fn delete(world: &World, id: &str) -> Outcome {
    world.store.write(|batch| {
        let survey = load(batch, id)?;
        if survey.status != DRAFT {
            return Err(invalid("only a draft can be deleted; close the survey"));
        }
        remove(batch, &survey)?;
        done(StatusCode::OK, "Survey deleted")
    })
}

fn targeting_wanted(call: &Call) -> Result<bool, Failure> {
    match call.parameter("targeting") {
        None | Some("1") => Ok(true),
        Some("0") => Ok(false),
        Some(_) => Err(invalid("targeting must be 0 or 1")),
    }
}

fn positive(call: &Call, name: &str) -> Result<Option<u64>, Failure> {
    let read = |text: &str| {
        let number = text.parse().ok().filter(|number| *number >= 1);
        number.ok_or_else(|| invalid(format!("{name} must be a whole number, 1 or more")))
    };
    call.parameter(name).map(read).transpose()
}

fn day(call: &Call, name: &str) -> Result<Option<Date>, Failure> {
    let read = |text: &str| {
        let day = Date::strptime("%Y%m%d", text).ok().filter(|_| text.len() == 8);
        day.ok_or_else(|| invalid(format!("{name} must be a day as YYYYMMDD")))
    };
    call.parameter(name).map(read).transpose()
}

/// Returns when a Pacific day begins, `days` later (vendor wiki 702185580).
fn start_of(day: Date, days: i64) -> i64 {
    let zone = TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC);
    let later = jiff::Span::new().try_days(days).unwrap_or_default();
    day.saturating_add(later)
        .to_zoned(zone)
        .map_or(i64::MAX, |at| at.timestamp().as_millisecond())
}
