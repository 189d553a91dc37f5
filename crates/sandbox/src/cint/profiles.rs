//! Profiles of launched target groups (OpenAPI "Profiles").
//!
//! Ids are new whenever the structure is written, unless a switch says otherwise. Control blends may be missing from the
//! list: its text speaks of "non-control" ones.

use super::consistency;
use super::draft::number_profiles;
use super::prelude::*;
use super::rules::{Problem, check, refused, rule, unprocessable};

fn shown(world: &World, group: &Group) -> Value {
    let locale = group.text("locale");
    let control = world.is_on(switches::LIST_SHOWS_CONTROL);
    let profiles = group.profiling.iter().flat_map(|profiling| &profiling.profiles);
    let profiles = profiles.filter(|profile| control || profile.blend != Some(Blend::Control));
    let profiles: Vec<Value> = profiles.map(|profile| profile.shown(locale, true)).collect();
    let profiles = (!profiles.is_empty()).then_some(profiles);
    json!({"locale": locale, "completes_goal": group.goal, "profiles": profiles})
}

/// `list_profiles`.
pub(super) fn list(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    ok(&shown(world, &group))
}

/// `get_profile`.
pub(super) fn get(world: &World, project: &str, id: &str, profile: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    let mut profiles = group.profiling.iter().flat_map(|profiling| &profiling.profiles);
    let found = profiles.find(|known| known.id == profile).ok_or(NOT_FOUND)?;
    ok(&found.shown(group.text("locale"), true))
}

/// The errors of manage-profiles have no id, and there is no 404 among them (OpenAPI `ClientErrorDemandAPI`).
fn client_error(detail: &str) -> Failure {
    let body = json!({"object": "bad_request_error", "title": "Bad Request", "detail": detail});
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

/// Takes a new goal over, with its entry in the changelog.
fn set_goal(world: &World, group: &mut Group, goal: u64, caller: Caller) {
    let entry = changed("filling_goal_change", &json!(group.goal), &json!(goal));
    life::changed_by(world, group, caller, entry.into_iter().collect());
    group.goal = goal;
}

/// What a goal and quotas may not fall below.
fn below_collected(group: &Group, goal: u64, new: Option<&Profiling>) -> Vec<Problem> {
    if goal < group.counts.completes {
        return vec![rule(
            "total_completes_goal_cannot_be_less_than_collected_076",
            &[],
        )];
    }
    let mut problems = Vec::new();
    let profiles = new.iter().flat_map(|profiling| &profiling.profiles);
    for profile in profiles.filter(|profile| profile.quotas) {
        let mut broken = |is_broken: bool, reason: &'static str| {
            problems.extend(is_broken.then(|| rule(reason, &profile.questions())));
        };
        let mut targets = profile.targets.iter();
        let below = targets.clone().any(|target| target.goal < target.completes);
        broken(below, "quota_value_less_than_completes_046");
        broken(
            targets.any(|target| target.goal > goal),
            "quota_value_greater_than_completes_goal_047",
        );
        broken(
            profile.blend == Some(Blend::Control) && profile.wanted() > goal,
            "total_completes_goal_cannot_be_less_than_control_blended_profile_completes_goal_075",
        );
    }
    problems
}

/// `manage_target_group_profiles`: all or nothing, and every profile that is not named is gone.
pub(super) fn manage(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body: Map<String, Value> = serde_json::from_slice(&call.body)
        .map_err(|error| client_error(&format!("the body is no JSON object: {error}")))?;
    let goal = body.get("completes_goal").and_then(whole);
    let goal = goal.filter(|goal| *goal >= 1);
    let goal = goal.ok_or_else(|| client_error("completes_goal must be a whole number from 1"))?;
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Err(client_error("profiling must be an object"));
    };
    let group = world.store.write(|batch| {
        let missing = || client_error("no such target group");
        let mut group = life::open(batch, world, project, id).map_err(|failure| failure.or(missing))?;
        if group.is_draft() {
            return Err(client_error("the target group is a draft"));
        }
        let sums = world.is_on(switches::SUMS_CHECKED);
        let frame = Frame::new(group.text("locale"), goal, sums);
        let mut new = rules::read(raw, frame).map_err(|problems| unprocessable(&problems))?;
        number_profiles(world, batch, &mut new)?;
        new.complete(goal);
        if let Some(old) = &group.profiling {
            new.inherit(old, world.is_on(switches::MANAGE_KEEPS_IDS));
        }
        check(&below_collected(&group, goal, Some(&new)))?;
        group.profiling = Some(new);
        set_goal(world, &mut group, goal, caller);
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(Answer::json(StatusCode::CREATED, &shown(world, &group)))
}

/// `update_profile_filling_goal`: the total, quotas, or both; counts only.
pub(super) fn put_goal(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(call)?;
    let goal = body.field("completes_goal").map(|raw| {
        let goal = whole(raw).filter(|goal| *goal >= 1);
        goal.ok_or_else(|| bad_request("completes_goal must be a whole number from 1"))
    });
    let goal = goal.transpose()?;
    let named = quotas(&body)?;
    if goal.is_none() && named.is_empty() {
        return Err(refused("completes_goal_and_profiles_must_be_provided_060"));
    }
    let group = life::write_launched(world, project, id, |_, group| {
        let new_goal = goal.unwrap_or(group.goal);
        let mut profiling = group.profiling.clone();
        match &mut profiling {
            Some(profiling) => check(&apply(
                world,
                profiling,
                group.goal,
                new_goal,
                goal.is_some(),
                &named,
            ))?,
            None if named.is_empty() => {}
            None => return Err(refused("profile_id_not_found_044")),
        }
        check(&below_collected(group, new_goal, profiling.as_ref()))?;
        group.profiling = profiling;
        set_goal(world, group, new_goal, caller);
        Ok(())
    })?;
    ok(&shown(world, &group))
}

/// Profile, target, count.
type Named = (String, String, u64);

fn quotas(body: &Map<String, Value>) -> Result<Vec<Named>, Failure> {
    let list = match body.field("profiles") {
        None => &[][..],
        Some(Value::Array(list)) if list.len() <= 1500 => list,
        Some(Value::Array(_)) => return Err(bad_request("at most 1500 profiles")),
        Some(_) => return Err(bad_request("profiles must be a list")),
    };
    let mut named = Vec::new();
    for profile in list {
        let id = profile.text("profile_id");
        let id = id.ok_or_else(|| bad_request("profile_id must be a string"))?;
        let targets = profile.list("targets").unwrap_or_default();
        if !(1..=200).contains(&targets.len()) {
            return Err(bad_request("a profile needs 1 to 200 targets"));
        }
        for target in targets {
            let own = target.text("id");
            let own = own.ok_or_else(|| bad_request("the id of a target must be a string"))?;
            // The schema's minimum; whether the vendor takes 0 is not said anywhere else.
            let count = whole(&target["quota"]["completes_goal"]).filter(|count| *count >= 1);
            let count =
                count.ok_or_else(|| bad_request("quota.completes_goal must be a whole number from 1"))?;
            named.push((id.to_owned(), own.to_owned(), count));
        }
    }
    Ok(named)
}

/// Sets the named quotas; profiles nobody named are shared out anew when the total changes.
fn apply(
    world: &World,
    profiling: &mut Profiling,
    old_goal: u64,
    goal: u64,
    total_given: bool,
    named: &[Named],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut untouched = Profiling {
        nominal: profiling.nominal,
        ..Profiling::default()
    };
    if total_given {
        let is_named = |profile: &Profile| named.iter().any(|(id, ..)| *id == profile.id);
        let rest = profiling.profiles.extract_if(.., |profile| !is_named(profile));
        untouched.profiles = rest.collect();
        untouched.redistribute(old_goal, goal, world.is_on(switches::GOAL_KEEPS_SHARES));
    }
    for (profile_id, target_id, count) in named {
        let mut profiles = profiling.profiles.iter_mut();
        let Some(profile) = profiles.find(|profile| profile.id == *profile_id) else {
            problems.push(rule("profile_id_not_found_044", &[]));
            continue;
        };
        let (questions, quotas) = (profile.questions(), profile.quotas);
        match profile.targets.iter_mut().find(|target| target.id == *target_id) {
            None => problems.push(rule("target_id_not_found_for_profile_045", &questions)),
            Some(_) if !quotas => {
                let reason = "disabled_profile_cannot_have_completes_goal_061";
                problems.push(rule(reason, &questions));
            }
            Some(target) => target.goal = *count,
        }
    }
    for profile in &mut profiling.profiles {
        let touched = named.iter().any(|(id, ..)| *id == profile.id);
        if !touched || !profile.quotas {
            continue;
        }
        let sum = profile.wanted();
        let fits = sum == goal || (profile.blend.is_some() && sum < goal);
        if world.is_on(switches::SUMS_CHECKED) && !fits && problems.is_empty() {
            problems.push(rule("incorrect_sum_of_nominal_010", &profile.questions()));
        }
        profile.share(goal);
    }
    profiling.profiles.append(&mut untouched.profiles);
    profiling.profiles.sort_by(|a, b| a.id.cmp(&b.id));
    problems
}

/// `batch_delete_profiles`.
pub(super) fn delete(world: &World, call: &Call, project: &str, id: &str) -> Outcome {
    let body = object(call)?;
    let ids = body.list("profile_ids").filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| bad_request("profile_ids must name at least one profile"))?;
    life::write_launched(world, project, id, |_, group| {
        let mut profiling = group.profiling.take().unwrap_or_default();
        let known = |id: &str| profiling.profiles.iter().any(|profile| profile.id == *id);
        if !ids.iter().filter_map(Value::as_str).all(known) {
            return Err(refused("profile_id_not_found_044"));
        }
        let stays = |profile: &Profile| !ids.contains(&json!(profile.id));
        profiling.profiles.retain(stays);
        let mut problems = Vec::new();
        consistency::among(&profiling.profiles, &mut problems);
        check(&problems)?;
        group.profiling = (!profiling.profiles.is_empty()).then_some(profiling);
        group.updated_ms = world.now_ms();
        Ok(())
    })?;
    no_content()
}
