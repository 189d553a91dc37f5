//! Editing surveys: PUT, a merge of what is given, and PATCH, single values.

use super::envelope::{LATE_TEMPLATE, OTHER_TEMPLATE};
use super::field::{check, for_update, replacements};
use super::lifecycle::change_status;
use super::prelude::*;
use super::survey::{new_quota, refuse_missing_features, require_quota_for_qlc};
use super::{render, template};

/// `PUT /surveys/{id}`: what is given replaces what was, the rest stays. Lists are given whole.
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let now = world.now_ms();
    let survey = world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        let before = survey.status;
        let template = template::wanted(world, &body)?;
        match (template, survey.template_id) {
            (Some(_), None) => return Err(LATE_TEMPLATE.into()),
            (Some(wanted), Some(applied)) if wanted.id != applied => return Err(OTHER_TEMPLATE.into()),
            _ => {}
        }
        if before == CLOSED {
            return Err(SURVEY_CLOSED.into());
        }
        refuse_missing_features(world, &body)?;
        let fields = for_update(&body, &survey.fields)?;
        survey.fields.extend(fields);
        let qualifications = body
            .field("qualifications")
            .map(targeting::qualifications)
            .transpose()?;
        let quotas = body.field("quotas").map(targeting::quotas).transpose()?;
        if let Some(template) = template {
            // The survey's own template again: its quotas are back as they were, unscaled.
            let own = qualifications.unwrap_or_else(|| survey.qualifications.clone());
            survey.qualifications = template.qualifications_beside(own);
            let mut all = quotas.unwrap_or_default();
            all.extend(template.quotas());
            replace_quotas(&mut survey, all, world);
        } else {
            if let Some(qualifications) = qualifications {
                survey.qualifications = qualifications;
            }
            if let Some(quotas) = quotas {
                replace_quotas(&mut survey, quotas, world);
            }
        }
        require_quota_for_qlc(&survey)?;
        if survey.status == LIVE && survey.fields.word("live_url").is_empty() {
            return Err(invalid("live_url cannot be emptied while the survey is live"));
        }
        survey.active_ms = Some(now);
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        Ok(survey)
    })?;
    ok(&render::survey(world, &survey, true))
}

/// Replaces the quotas as a whole. One that was there, by either id, keeps its ids and what it has
/// collected; one left out stays with target 0 when it has collected anything. All assumed.
fn replace_quotas(survey: &mut Survey, inputs: Vec<QuotaInput>, world: &World) {
    let mut old: Vec<Option<Quota>> = std::mem::take(&mut survey.quotas).into_iter().map(Some).collect();
    let mut new = Vec::with_capacity(inputs.len());
    for input in inputs {
        let position = |id: &Option<String>| {
            let id = id.as_deref()?;
            let is_meant = |quota: &Quota| quota.is_called(id);
            old.iter().position(|slot| slot.as_ref().is_some_and(is_meant))
        };
        let same = position(&input.buyer_quota_id).or_else(|| position(&input.ps_quota_id));
        match same.and_then(|at| old[at].take()) {
            Some(quota) => new.push(updated(quota, input, world.now_ms())),
            None => new.push(new_quota(survey, input, world)),
        }
    }
    for mut left_out in old.into_iter().flatten() {
        if left_out.fielded > 0 {
            left_out.required = 0;
            left_out.modified_ms = world.now_ms();
            new.push(left_out);
        }
    }
    survey.quotas = new;
}

/// Returns a quota with what an edit gives it; the ids and the counter stay.
pub(super) fn updated(quota: Quota, input: QuotaInput, now: i64) -> Quota {
    Quota {
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
    let operations = replacements(&call.body)?;
    let now = world.now_ms();
    let survey = world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        let before = survey.status;
        for (name, value) in operations {
            match name.as_str() {
                // The path is assumed; the verb is vendor wiki 341803016.
                "ps_survey_status" | "status" => change_status(&mut survey, &value, now)?,
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
            pause_if_full(&mut survey, now);
        }
        save(batch, &survey, Some(before))?;
        Ok::<_, Failure>(survey)
    })?;
    ok(&render::survey(world, &survey, true))
}
