//! Helpers about profiles that store nothing: validation, blending, and an estimate's numbers (OpenAPI "Profiles Drafts").

use super::envelope::{Outcome, bad_request, no_content, object};
use super::money::{number, read_time, whole};
use super::profiling::{Blend, Profile, Profiling, Target, apportion};
use super::record::ulid;
use super::rules::{self, Frame, rule, unprocessable};
use super::switches;
use crate::{Answer, Call, Failure, World};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// OpenAPI `generate_blended_profile`: 350 quotas in total.
const MOST_BLENDED: usize = 350;

/// Locale, goal and profiles of a helper's body.
fn frame_of(world: &World, body: &Map<String, Value>) -> Result<(String, u64, Profiling), Failure> {
    let locale = body.get("locale").and_then(Value::as_str).unwrap_or_default();
    if !super::definitions::is_locale(locale) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let Some(goal) = body.get("completes_goal").and_then(whole) else {
        return Err(bad_request("completes_goal must be a whole number"));
    };
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Err(bad_request("profiling must be an object"));
    };
    let frame = Frame {
        locale,
        goal,
        sums: world.is_on(switches::SUMS_CHECKED),
    };
    let profiling = rules::read(raw, frame).map_err(|problems| unprocessable(&problems))?;
    Ok((locale.to_owned(), goal, profiling))
}

/// `validate_profiles`: 204 or 422, and nothing is stored.
pub(super) fn validate(world: &World, call: &Call) -> Outcome {
    frame_of(world, &object(&call.body)?)?;
    Ok(no_content())
}

/// `generate_blended_profile`: every combination of the cells of two or three regular profiles.
pub(super) fn blend(world: &World, call: &Call) -> Outcome {
    let body = object(&call.body)?;
    let at = |key: &str| body.get(key).and_then(read_time);
    match (at("start_at"), at("end_at")) {
        (Some(start), Some(end)) if start < end => {}
        (Some(start), Some(end)) if start == end => {
            return Err(unprocessable(&[rule(
                "start_at_and_end_at_cannot_be_same_035",
                &[],
            )]));
        }
        (Some(_), Some(_)) => {
            return Err(unprocessable(&[rule(
                "end_at_cannot_be_before_start_at_036",
                &[],
            )]));
        }
        _ => {
            return Err(unprocessable(&[rule(
                "invalid_start_at_or_end_at_date_format_037",
                &[],
            )]));
        }
    }
    // Sums are not wanted here: the published example blends two halves.
    let mut loose = body.clone();
    let Some(Value::Object(raw)) = loose.remove("profiling") else {
        return Err(bad_request("profiling must be an object"));
    };
    let locale = body.get("locale").and_then(Value::as_str).unwrap_or_default();
    let goal = body.get("completes_goal").and_then(whole).unwrap_or(0);
    let frame = Frame {
        locale,
        goal,
        sums: false,
    };
    let profiling = rules::read(&raw, frame).map_err(|problems| unprocessable(&problems))?;
    if profiling.profiles.len() < 2 {
        let reason = "profiles_to_be_blended_cannot_have_only_one_question_049";
        return Err(unprocessable(&[rule(reason, &[])]));
    }
    if profiling.profiles.len() > 3 {
        let reason = "blended_profiles_cannot_have_more_than_3_questions_023";
        return Err(unprocessable(&[rule(reason, &[])]));
    }
    let cells = product(&profiling);
    if cells.len() > MOST_BLENDED {
        let reason = "number_of_quotas_in_blended_cannot_be_greater_than_max_024";
        return Err(unprocessable(&[rule(reason, &[])]));
    }
    let mut blended = Profile {
        blend: Some(Blend::Interlock),
        quotas: true,
        name: Some(
            profiling
                .profiles
                .iter()
                .map(|profile| profile.name.clone().unwrap_or_else(|| "PROFILE".to_owned()))
                .collect::<Vec<_>>()
                .join(" x "),
        ),
        targets: cells,
        ..Profile::default()
    };
    let shares: Vec<Decimal> = blended.targets.iter().map(|target| target.share).collect();
    for (target, count) in blended.targets.iter_mut().zip(apportion(goal, &shares)) {
        target.goal = count;
    }
    world.store.write(|batch| {
        for target in &mut blended.targets {
            target.id = ulid(batch, world)?;
            target.quota_name.clone_from(&target.name);
        }
        Ok::<_, Failure>(())
    })?;
    let mut shown = blended.shown(locale, false);
    if let Some(map) = shown.as_object_mut() {
        map.shift_remove("id");
    }
    Ok(Answer::json(StatusCode::CREATED, &shown))
}

fn product(profiling: &Profiling) -> Vec<Target> {
    let start = vec![Target {
        name: Some(String::new()),
        share: Decimal::ONE_HUNDRED,
        ..Target::default()
    }];
    profiling.profiles.iter().fold(start, |cells, profile| {
        cells
            .iter()
            .flat_map(|cell| {
                profile.targets.iter().map(move |target| {
                    let mut crossed = cell.clone();
                    crossed.conditions.extend(target.conditions.clone());
                    crossed.share = (cell.share * target.share / Decimal::ONE_HUNDRED).round_dp(2);
                    let part = target.name.clone().unwrap_or_else(|| "cell".to_owned());
                    crossed.name = Some(match cell.name.as_deref() {
                        None | Some("") => part,
                        Some(before) => format!("{before} {part}"),
                    });
                    crossed
                })
            })
            .collect()
    })
}

/// The projected numbers of an estimate's profiles; cells without a quota have none.
pub(super) fn estimate(profiling: &Profiling, least: u64, most: u64) -> Vec<Value> {
    profiling
        .profiles
        .iter()
        .filter(|profile| profile.quotas)
        .map(|profile| {
            let targets: Vec<Value> = profile
                .targets
                .iter()
                .map(|target| {
                    let of = |whole: u64| {
                        let part = Decimal::from(whole) * target.share / Decimal::ONE_HUNDRED;
                        json!({
                            "projected_completes_goal": number(part.floor()),
                            "projected_completes_percentage": number(target.share),
                        })
                    };
                    json!({
                        "conditions": target.conditions,
                        "quota": {"min_completes": of(least), "max_completes": of(most)},
                    })
                })
                .collect();
            let mut shown = json!({"object": profile.object(), "targets": targets});
            if profile.blend == Some(Blend::Control) {
                shown["blended_type"] = json!("control");
            }
            shown
        })
        .collect()
}
