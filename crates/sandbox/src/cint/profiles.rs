//! Profiles of launched target groups (OpenAPI "Profiles").
//!
//! Ids are new whenever the structure is written, unless a switch says otherwise. Control blends may be missing from the
//! list: its text speaks of "non-control" ones.

use super::consistency;
use super::draft::number_profiles;
use super::envelope::body;
use super::money::Goal;
use super::prelude::*;
use super::rules::{Problem, check, refused, rule, unprocessable};

/// `list_profiles`.
pub(super) fn shown(world: &World, group: &Group) -> Value {
    let locale = group.text("locale");
    let control = world.is_on(switches::LIST_SHOWS_CONTROL);
    let profiles = group.profiles();
    let profiles = profiles.filter(|profile| control || profile.blend != Some(Blend::Control));
    let profiles: Vec<Value> = profiles.map(|profile| profile.shown(locale, true)).collect();
    let profiles = (!profiles.is_empty()).then_some(profiles);
    json!({"locale": locale, "completes_goal": group.goal, "profiles": profiles})
}

/// `get_profile`.
pub(super) fn get(group: &Group, profile: &str) -> Outcome {
    let found = group.profiles().find(|known| known.id == profile);
    ok(&found.ok_or(NOT_FOUND)?.shown(group.text("locale"), true))
}

/// The errors of manage-profiles have no id, and there is no 404 among them (OpenAPI `ClientErrorDemandAPI`).
fn client_error(detail: &str) -> Failure {
    let body = json!({"object": "bad_request_error", "title": "Bad Request", "detail": detail});
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

/// Takes a new goal over, with its entry in the changelog.
fn set_goal(at: At<'_>, group: &mut Group, goal: u64) {
    let entry = changed("filling_goal_change", &json!(group.goal), &json!(goal));
    at.note(group, entry.into_iter().collect());
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

/// A request of manage-profiles.
#[derive(Deserialize)]
struct Managed {
    completes_goal: Goal,
    profiling: Map<String, Value>,
}

/// `manage_target_group_profiles`: all or nothing, and every profile that is not named is gone.
pub(super) fn manage(at: At<'_>) -> Outcome {
    let world = at.world;
    let body: Value =
        serde_json::from_slice(&at.call.body).map_err(|error| client_error(&error.to_string()))?;
    let sent: Managed = typed(&body).map_err(|error| client_error(&error))?;
    let goal = sent.completes_goal.0;
    world.store.write(|batch| {
        let missing = || client_error("no such target group");
        let group = life::open(batch, world, at.project, at.id);
        let mut group = group.map_err(|failure| failure.or(missing))?;
        if group.is_draft() {
            return Err(client_error("the target group is a draft"));
        }
        let sums = world.is_on(switches::SUMS_CHECKED);
        let frame = Frame::new(group.text("locale"), goal, sums);
        let mut new = rules::read(&sent.profiling, frame).map_err(|problems| unprocessable(&problems))?;
        number_profiles(world, batch, &mut new)?;
        new.complete(goal);
        if let Some(old) = &group.profiling {
            new.inherit(old, world.is_on(switches::MANAGE_KEEPS_IDS));
        }
        check(&below_collected(&group, goal, Some(&new)))?;
        group.profiling = Some(new);
        set_goal(at, &mut group, goal);
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok(Answer::json(StatusCode::CREATED, &shown(world, &group)))
    })
}

/// A goal, or new numbers for quotas, or both.
#[derive(Deserialize)]
struct Goals {
    completes_goal: Option<Goal>,
    #[serde(default)]
    profiles: Vec<NamedProfile>,
}

#[derive(Deserialize)]
struct NamedProfile {
    profile_id: String,
    targets: Vec<NamedTarget>,
}

#[derive(Deserialize)]
struct NamedTarget {
    id: String,
    quota: NamedQuota,
}

#[derive(Deserialize)]
struct NamedQuota {
    /// The schema's minimum is 1; whether the vendor takes 0 is not said anywhere else.
    completes_goal: Goal,
}

/// `update_profile_filling_goal`: the total, quotas, or both; counts only.
pub(super) fn put_goal(at: At<'_>, group: &mut Group) -> Outcome {
    let sent: Goals = body(at.call)?;
    let sizes = sent.profiles.iter().map(|profile| profile.targets.len());
    if sent.profiles.len() > 1500 || sizes.into_iter().any(|size| !(1..=200).contains(&size)) {
        return Err(bad_request("at most 1500 profiles, with 1 to 200 targets each"));
    }
    let goal = sent.completes_goal.map(|goal| goal.0);
    if goal.is_none() && sent.profiles.is_empty() {
        return Err(refused("completes_goal_and_profiles_must_be_provided_060"));
    }
    let new_goal = goal.unwrap_or(group.goal);
    let mut profiling = group.profiling.clone();
    match &mut profiling {
        Some(profiling) => check(&apply(at.world, profiling, group.goal, goal, &sent.profiles))?,
        None if sent.profiles.is_empty() => {}
        None => return Err(refused("profile_id_not_found_044")),
    }
    check(&below_collected(group, new_goal, profiling.as_ref()))?;
    group.profiling = profiling;
    set_goal(at, group, new_goal);
    ok(&shown(at.world, group))
}

/// Sets the named quotas; profiles nobody named are shared out anew when the total changes.
fn apply(
    world: &World,
    profiling: &mut Profiling,
    old_goal: u64,
    new_goal: Option<u64>,
    named: &[NamedProfile],
) -> Vec<Problem> {
    let goal = new_goal.unwrap_or(old_goal);
    let is_named = |profile: &Profile| named.iter().any(|named| named.profile_id == profile.id);
    let mut problems = Vec::new();
    let mut untouched = Profiling {
        nominal: profiling.nominal,
        ..Profiling::default()
    };
    if new_goal.is_some() {
        let rest = profiling.profiles.extract_if(.., |profile| !is_named(profile));
        untouched.profiles = rest.collect();
        untouched.redistribute(old_goal, goal, world.is_on(switches::GOAL_KEEPS_SHARES));
    }
    for named in named {
        let mut profiles = profiling.profiles.iter_mut();
        let Some(profile) = profiles.find(|profile| profile.id == named.profile_id) else {
            problems.push(rule("profile_id_not_found_044", &[]));
            continue;
        };
        let (questions, quotas) = (profile.questions(), profile.quotas);
        for own in &named.targets {
            match profile.targets.iter_mut().find(|target| target.id == own.id) {
                None => problems.push(rule("target_id_not_found_for_profile_045", &questions)),
                Some(_) if !quotas => {
                    let reason = "disabled_profile_cannot_have_completes_goal_061";
                    problems.push(rule(reason, &questions));
                }
                Some(target) => target.goal = own.quota.completes_goal.0,
            }
        }
    }
    let touched = profiling.profiles.iter_mut();
    for profile in touched.filter(|profile| profile.quotas && is_named(profile)) {
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
pub(super) fn delete(at: At<'_>, group: &mut Group) -> Outcome {
    let ids = object(at.call)?.field("profile_ids").and_then(texts);
    let ids = ids.filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| bad_request("profile_ids must name at least one profile"))?;
    let mut profiling = group.profiling.take().unwrap_or_default();
    let known = |id: &String| profiling.profiles.iter().any(|profile| profile.id == *id);
    if !ids.iter().all(known) {
        return Err(refused("profile_id_not_found_044"));
    }
    profiling.profiles.retain(|profile| !ids.contains(&profile.id));
    let mut problems = Vec::new();
    consistency::among(&profiling.profiles, &mut problems);
    check(&problems)?;
    group.profiling = (!profiling.profiles.is_empty()).then_some(profiling);
    group.updated_ms = at.world.now_ms();
    no_content()
}
