//! Helpers about profiles that store nothing: validation, blending, and an estimate's numbers (OpenAPI "Profiles Drafts").

use super::prelude::*;
use super::rules::{refused, unprocessable};

/// OpenAPI `generate_blended_profile`: 350 quotas in total.
const MOST_BLENDED: usize = 350;

/// The profiles of a helper's body.
fn profiling(body: &Map<String, Value>, goal: u64, sums: bool) -> Result<Profiling, Failure> {
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Err(bad_request("profiling must be an object"));
    };
    let frame = Frame::new(body.word("locale"), goal, sums);
    rules::read(raw, frame).map_err(|problems| unprocessable(&problems))
}

/// `validate_profiles`: 204 or 422, and nothing is stored.
pub(super) fn validate(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    if !super::definitions::is_locale(body.word("locale")) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let goal = body.get("completes_goal").and_then(whole);
    let goal = goal.ok_or_else(|| bad_request("completes_goal must be a whole number"))?;
    profiling(&body, goal, world.is_on(switches::SUMS_CHECKED))?;
    no_content()
}

/// `generate_blended_profile`: every combination of the cells of two or three regular profiles.
pub(super) fn blend(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    let at = |key: &str| body.get(key).and_then(read_time);
    match at("start_at").zip(at("end_at")) {
        None => return Err(refused("invalid_start_at_or_end_at_date_format_037")),
        Some((start, end)) if start == end => return Err(refused("start_at_and_end_at_cannot_be_same_035")),
        Some((start, end)) if start > end => return Err(refused("end_at_cannot_be_before_start_at_036")),
        Some(_) => {}
    }
    // Sums are not wanted here: the published example blends two halves.
    let goal = body.get("completes_goal").and_then(whole).unwrap_or(0);
    let profiling = profiling(&body, goal, false)?;
    if profiling.profiles.len() < 2 {
        return Err(refused(
            "profiles_to_be_blended_cannot_have_only_one_question_049",
        ));
    }
    if profiling.profiles.len() > 3 {
        return Err(refused("blended_profiles_cannot_have_more_than_3_questions_023"));
    }
    let cells = product(&profiling);
    if cells.len() > MOST_BLENDED {
        return Err(refused(
            "number_of_quotas_in_blended_cannot_be_greater_than_max_024",
        ));
    }
    let names = profiling.profiles.iter().map(|profile| profile.name.as_deref());
    let names: Vec<&str> = names.map(|name| name.unwrap_or("PROFILE")).collect();
    let mut blended = Profile {
        blend: Some(Blend::Interlock),
        quotas: true,
        name: Some(names.join(" x ")),
        targets: cells,
        ..Profile::default()
    };
    blended.count(goal);
    world.store.write(|batch| {
        for target in &mut blended.targets {
            target.id = ulid(batch, world)?;
            target.quota_name.clone_from(&target.name);
        }
        Ok::<_, Failure>(())
    })?;
    let mut shown = blended.shown(body.word("locale"), false);
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
pub(super) fn estimate(profiling: &Profiling, least: u64, most: u64) -> Value {
    let cell = |target: &Target| {
        let of = |whole: u64| {
            let part = Decimal::from(whole) * target.share / Decimal::ONE_HUNDRED;
            json!({
                "projected_completes_goal": number(part.floor()),
                "projected_completes_percentage": number(target.share),
            })
        };
        let quota = json!({"min_completes": of(least), "max_completes": of(most)});
        json!({"conditions": target.conditions, "quota": quota})
    };
    let profiles = profiling.profiles.iter().filter(|profile| profile.quotas);
    let shown = profiles.map(|profile| {
        let targets: Value = profile.targets.iter().map(cell).collect();
        let mut shown = json!({"object": profile.object(), "targets": targets});
        let control = profile.blend == Some(Blend::Control);
        shown.put_some("blended_type", control.then_some("control"));
        shown
    });
    shown.collect()
}
