//! Editing surveys: PUT, a merge of what is given, and PATCH, single values.

use super::envelope::{LATE_TEMPLATE, OTHER_TEMPLATE};
use super::field::{check, for_update, replacements};
use super::lifecycle::change_status;
use super::prelude::*;
use super::record::change;
use super::survey::{new_quota, refuse_missing_features, require_quota_for_qlc};
use super::{render, template};

/// Lets `work` edit a survey that may be edited, and stores it; all or nothing.
pub(super) fn edit<R>(
    world: &World,
    id: &str,
    work: impl FnOnce(&mut Survey) -> Result<R, Failure>,
) -> Result<R, Failure> {
    change(world, id, |survey| {
        survey.refuse_closed()?;
        let result = work(survey)?;
        survey.active_ms = Some(world.now_ms());
        pause_if_full(survey, world.now_ms());
        Ok(result)
    })
}

/// `PUT /surveys/{id}`: what is given replaces what was, the rest stays. Lists are given whole.
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = object(call)?;
    let now = world.now_ms();
    change(world, id, |survey| {
        let template = template::wanted(world, &body)?;
        match (template, survey.template_id) {
            (Some(_), None) => return Err(LATE_TEMPLATE.into()),
            (Some(wanted), Some(applied)) if wanted.id != applied => return Err(OTHER_TEMPLATE.into()),
            _ => survey.refuse_closed()?,
        }
        refuse_missing_features(world, &body)?;
        let fields = for_update(&body, &survey.fields)?;
        survey.fields.extend(fields);
        if let Some(qualifications) = targeting::qualifications(&body)? {
            survey.qualifications = qualifications;
        }
        let mut quotas = targeting::quotas(&body)?;
        if let Some(template) = template {
            // The survey's own template again: its quotas are back as they were, unscaled.
            template.qualifications_beside(&mut survey.qualifications);
            quotas.get_or_insert_default().extend(template.quotas.clone());
        }
        if let Some(quotas) = quotas {
            replace_quotas(survey, quotas, world);
        }
        require_quota_for_qlc(survey)?;
        if survey.status == LIVE && survey.fields.word("live_url").is_empty() {
            return Err(invalid("live_url cannot be emptied while the survey is live"));
        }
        survey.active_ms = Some(now);
        pause_if_full(survey, now);
        ok(&render::survey(world, survey, true))
    })
}

/// Replaces the quotas as a whole. One that was there, by either id, keeps its ids and what it has
/// collected; one left out stays with target 0 when it has collected anything. All assumed.
fn replace_quotas(survey: &mut Survey, inputs: Vec<QuotaInput>, world: &World) {
    let mut new = Vec::with_capacity(inputs.len());
    for input in inputs {
        let position = |id: &Option<String>| survey.position(id.as_deref()?);
        let same = position(&input.buyer_quota_id).or_else(|| position(&input.ps_quota_id));
        new.push(match same.map(|at| survey.quotas.remove(at)) {
            Some(quota) => updated(quota, input, world.now_ms()),
            None => new_quota(survey, input, world),
        });
    }
    for left_out in std::mem::replace(&mut survey.quotas, new) {
        if left_out.fielded > 0 {
            survey.quotas.push(Quota {
                required: 0,
                modified_ms: world.now_ms(),
                ..left_out
            });
        }
    }
}

/// Returns a quota with what an edit gives it; the vendor's id and the counter stay. That another key of the buyer takes
/// the place of the one before is assumed.
pub(super) fn updated(quota: Quota, input: QuotaInput, now: i64) -> Quota {
    Quota {
        buyer_quota_id: input.buyer_quota_id.unwrap_or(quota.buyer_quota_id),
        title: input.title.unwrap_or(quota.title),
        required: input.required,
        current_target: quota.current_target.filter(|target| *target <= input.required),
        criteria: input.criteria,
        modified_ms: now,
        ..quota
    }
}

/// `PATCH /surveys/{id}`: all operations or none.
pub(super) fn patch(world: &World, call: &Call, id: &str) -> Outcome {
    let operations = replacements(call)?;
    let now = world.now_ms();
    change(world, id, |survey| {
        let before = survey.status;
        for (name, value) in operations {
            match name.as_str() {
                // The path is assumed; the verb is vendor wiki 341803016.
                "ps_survey_status" | "status" => change_status(survey, &value, now)?,
                _ if before == CLOSED => return Err(SURVEY_CLOSED.into()),
                "completes_required" | "offer_price" => {
                    check(&name, &value)?;
                    survey.fields.put(&name, value);
                }
                "is_dq_enable" if value.is_boolean() => survey.fields.put(&name, value),
                "is_dq_enable" => return Err(invalid("is_dq_enable must be true or false")),
                unknown => return Err(invalid(format!("/{unknown} cannot be replaced"))),
            }
            survey.active_ms = Some(now);
        }
        // A launch is never undone in the same breath, whatever has been collected before.
        if before == LIVE {
            pause_if_full(survey, now);
        }
        ok(&render::survey(world, survey, true))
    })
}
