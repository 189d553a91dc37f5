//! Profiles of launched target groups (OpenAPI "Profiles").
//!
//! Ids are new whenever the structure is written, unless a switch says otherwise. Control blends may be missing from the
//! list: its text speaks of "non-control" ones.

use super::auth::Caller;
use super::consistency;
use super::draft::number_profiles;
use super::envelope::{Outcome, bad_request, no_content, not_found, object, ok};
use super::life::{self, change};
use super::money::whole;
use super::profiling::{Blend, Profile, Profiling};
use super::record::{Group, save_group};
use super::rules::{self, Frame, Problem, rule, unprocessable};
use super::switches;
use crate::{Answer, Call, Failure, World};
use http::StatusCode;
use serde_json::{Map, Value, json};

fn shown(world: &World, group: &Group) -> Value {
    let locale = group.text("locale");
    let control = world.is_on(switches::LIST_SHOWS_CONTROL);
    let profiles: Vec<Value> = group
        .profiling
        .iter()
        .flat_map(|profiling| &profiling.profiles)
        .filter(|profile| control || profile.blend != Some(Blend::Control))
        .map(|profile| profile.shown(locale, true))
        .collect();
    let profiles = if profiles.is_empty() {
        Value::Null
    } else {
        json!(profiles)
    };
    json!({"locale": locale, "completes_goal": group.goal, "profiles": profiles})
}

/// `list_profiles`.
pub(super) fn list(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    Ok(ok(&shown(world, &group)))
}

/// `get_profile`.
pub(super) fn get(world: &World, project: &str, id: &str, profile: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    let found = group
        .profiling
        .iter()
        .flat_map(|profiling| &profiling.profiles)
        .find(|known| known.id == profile)
        .ok_or_else(not_found)?;
    Ok(ok(&found.shown(group.text("locale"), true)))
}

/// The errors of manage-profiles have no id, and there is no 404 among them (OpenAPI `ClientErrorDemandAPI`).
fn client_error(detail: &str) -> Failure {
    let body = json!({"object": "bad_request_error", "title": "Bad Request", "detail": detail});
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

/// Takes a new goal over, with its entry in the changelog.
fn set_goal(group: &mut Group, goal: u64, now: i64, caller: Caller) {
    if group.goal != goal {
        let entry = change("filling_goal_change", &json!(group.goal), &json!(goal));
        life::note(group, now, Some(caller.user_id), vec![entry]);
        group.goal = goal;
    }
    group.updated_ms = now;
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
    for profile in new.iter().flat_map(|profiling| &profiling.profiles) {
        let questions = profile.questions();
        if !profile.quotas {
            continue;
        }
        if profile
            .targets
            .iter()
            .any(|target| target.goal < target.completes)
        {
            problems.push(rule("quota_value_less_than_completes_046", &questions));
        }
        if profile.targets.iter().any(|target| target.goal > goal) {
            problems.push(rule("quota_value_greater_than_completes_goal_047", &questions));
        }
        let sum: u64 = profile.targets.iter().map(|target| target.goal).sum();
        if profile.blend == Some(Blend::Control) && sum > goal {
            problems.push(rule(
                "total_completes_goal_cannot_be_less_than_control_blended_profile_completes_goal_075",
                &questions,
            ));
        }
    }
    problems
}

/// `manage_target_group_profiles`: all or nothing, and every profile that is not named is gone.
pub(super) fn manage(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body: Map<String, Value> = serde_json::from_slice(&call.body)
        .map_err(|error| client_error(&format!("the body is no JSON object: {error}")))?;
    let Some(goal) = body
        .get("completes_goal")
        .and_then(whole)
        .filter(|goal| *goal >= 1)
    else {
        return Err(client_error("completes_goal must be a whole number from 1"));
    };
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Err(client_error("profiling must be an object"));
    };
    let group = world.store.write(|batch| {
        let mut group = match life::open(batch, world, project, id) {
            Err(Failure::Refused(_)) => return Err(client_error("no such target group")),
            other => other?,
        };
        if group.is_draft() {
            return Err(client_error("the target group is a draft"));
        }
        let frame = Frame {
            locale: group.text("locale"),
            goal,
            sums: world.is_on(switches::SUMS_CHECKED),
        };
        let mut new = rules::read(raw, frame).map_err(|problems| unprocessable(&problems))?;
        number_profiles(world, batch, &mut new)?;
        new.complete(goal);
        if let Some(old) = &group.profiling {
            new.inherit(old, world.is_on(switches::MANAGE_KEEPS_IDS));
        }
        let problems = below_collected(&group, goal, Some(&new));
        if !problems.is_empty() {
            return Err(unprocessable(&problems));
        }
        group.profiling = Some(new);
        set_goal(&mut group, goal, world.now_ms(), caller);
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(Answer::json(StatusCode::CREATED, &shown(world, &group)))
}

/// `update_profile_filling_goal`: the total, quotas, or both; counts only.
pub(super) fn put_goal(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let goal = match body.get("completes_goal") {
        None | Some(Value::Null) => None,
        Some(raw) => match whole(raw).filter(|goal| *goal >= 1) {
            Some(goal) => Some(goal),
            None => return Err(bad_request("completes_goal must be a whole number from 1")),
        },
    };
    let named = quotas(&body)?;
    if goal.is_none() && named.is_empty() {
        let reason = "completes_goal_and_profiles_must_be_provided_060";
        return Err(unprocessable(&[rule(reason, &[])]));
    }
    let group = world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        let new_goal = goal.unwrap_or(group.goal);
        let mut profiling = group.profiling.clone();
        let problems = match &mut profiling {
            Some(profiling) => apply(world, profiling, group.goal, new_goal, goal.is_some(), &named),
            None if named.is_empty() => Vec::new(),
            None => vec![rule("profile_id_not_found_044", &[])],
        };
        if !problems.is_empty() {
            return Err(unprocessable(&problems));
        }
        let problems = below_collected(&group, new_goal, profiling.as_ref());
        if !problems.is_empty() {
            return Err(unprocessable(&problems));
        }
        group.profiling = profiling;
        set_goal(&mut group, new_goal, world.now_ms(), caller);
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(ok(&shown(world, &group)))
}

/// Profile, target, count.
type Named = (String, String, u64);

fn quotas(body: &Map<String, Value>) -> Result<Vec<Named>, Failure> {
    let mut named = Vec::new();
    let list = match body.get("profiles") {
        None | Some(Value::Null) => return Ok(named),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(bad_request("profiles must be a list")),
    };
    if list.len() > 1500 {
        return Err(bad_request("at most 1500 profiles"));
    }
    for profile in list {
        let Some(id) = profile["profile_id"].as_str() else {
            return Err(bad_request("profile_id must be a string"));
        };
        let targets = profile["targets"].as_array().map_or(&[][..], Vec::as_slice);
        if !(1..=200).contains(&targets.len()) {
            return Err(bad_request("a profile needs 1 to 200 targets"));
        }
        for target in targets {
            let Some(target_id) = target["id"].as_str() else {
                return Err(bad_request("the id of a target must be a string"));
            };
            // The schema's minimum; whether the vendor takes 0 is not said anywhere else.
            let count = whole(&target["quota"]["completes_goal"]).filter(|count| *count >= 1);
            let Some(count) = count else {
                return Err(bad_request("quota.completes_goal must be a whole number from 1"));
            };
            named.push((id.to_owned(), target_id.to_owned(), count));
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
        let (touched, rest): (Vec<Profile>, Vec<Profile>) = std::mem::take(&mut profiling.profiles)
            .into_iter()
            .partition(is_named);
        untouched.profiles = rest;
        untouched.redistribute(old_goal, goal, world.is_on(switches::GOAL_KEEPS_SHARES));
        profiling.profiles = touched;
    }
    for (profile_id, target_id, count) in named {
        let Some(profile) = profiling
            .profiles
            .iter_mut()
            .find(|profile| profile.id == *profile_id)
        else {
            problems.push(rule("profile_id_not_found_044", &[]));
            continue;
        };
        let questions = profile.questions();
        let quotas = profile.quotas;
        match profile.targets.iter_mut().find(|target| target.id == *target_id) {
            None => problems.push(rule("target_id_not_found_for_profile_045", &questions)),
            Some(_) if !quotas => {
                problems.push(rule(
                    "disabled_profile_cannot_have_completes_goal_061",
                    &questions,
                ));
            }
            Some(target) => target.goal = *count,
        }
    }
    for profile in &mut profiling.profiles {
        let touched = named.iter().any(|(id, ..)| *id == profile.id);
        if !touched || !profile.quotas {
            continue;
        }
        let sum: u64 = profile.targets.iter().map(|target| target.goal).sum();
        let fits = if profile.blend.is_some() {
            sum <= goal
        } else {
            sum == goal
        };
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
    let body = object(&call.body)?;
    let ids: Vec<&str> = match body.get("profile_ids").and_then(Value::as_array) {
        Some(list) if !list.is_empty() => list.iter().filter_map(Value::as_str).collect(),
        _ => return Err(bad_request("profile_ids must name at least one profile")),
    };
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        let mut profiling = group.profiling.take().unwrap_or_default();
        let known = |id: &&str| profiling.profiles.iter().any(|profile| profile.id == **id);
        if !ids.iter().all(known) {
            return Err(unprocessable(&[rule("profile_id_not_found_044", &[])]));
        }
        profiling
            .profiles
            .retain(|profile| !ids.contains(&profile.id.as_str()));
        let mut problems = Vec::new();
        consistency::among(&profiling.profiles, &mut problems);
        if !problems.is_empty() {
            return Err(unprocessable(&problems));
        }
        group.profiling = (!profiling.profiles.is_empty()).then_some(profiling);
        group.updated_ms = world.now_ms();
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(no_content())
}
