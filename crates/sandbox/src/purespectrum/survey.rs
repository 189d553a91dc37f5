//! Making, reading, listing and deleting surveys.

use super::envelope::no_feature;
use super::field::{for_create, page};
use super::prelude::*;
use super::record::{NEXT_ID, list as list_ids, remove};
use super::{render, template};
use jiff::civil::Date;
use jiff::tz::TimeZone;

const DEFAULT_LIMIT: usize = 50;

/// `POST /surveys`. Never idempotent: every call that succeeds makes another survey.
pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    let template = template::wanted(world, &body)?;
    refuse_missing_features(world, &body)?;
    let mut fields = for_create(&body, template.is_some())?;
    let mut qualifications = targeting::qualifications(&body)?.unwrap_or_default();
    let mut quotas = targeting::quotas(&body)?.unwrap_or_default();
    if let Some(template) = template {
        for (name, value) in &template.survey {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let completes = fields.count("completes_required");
        template.qualifications_beside(&mut qualifications);
        quotas.extend(template.quotas_scaled(completes.unwrap_or(0)));
    }
    let now = world.now_ms();
    world.store.write(|batch| {
        let mut survey = Survey {
            id: batch.take_number(NEXT_ID, 1)?,
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
        save(batch, &survey)?;
        let shown = render::survey(world, &survey, true);
        Ok(Answer::json(StatusCode::CREATED, &shown))
    })
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
pub(super) fn read(world: &World, call: &Call, survey: &Survey) -> Outcome {
    ok(&render::survey(world, survey, targeting_wanted(call)?))
}

/// `GET /surveys/{id}/status`; the response's form is assumed.
pub(super) fn status(survey: &Survey) -> Value {
    json!({"ps_survey_id": survey.id, "ps_survey_status": survey.status})
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
    let from = day(call, "fromDate")?.map_or(i64::MIN, |day| start_of(day, 0));
    let to = day(call, "toDate")?.map_or(i64::MAX, |day| start_of(day, 1));
    let most = world.number(switches::LIST_PAGE_MAX);
    let page = page(call, DEFAULT_LIMIT, usize::try_from(most).unwrap_or(usize::MAX))?;
    let targeting = targeting_wanted(call)?;
    let documents = world.store.view()?;
    let mut shown = Vec::new();
    for id in list_ids(&documents, status, &(from..to), &page)? {
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
