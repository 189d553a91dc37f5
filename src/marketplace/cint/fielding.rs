//! Going in field and out of it: jobs that launch or schedule a draft, and actions on the run of what is launched. Pure.

use super::assumptions::{PARKED_FOR, PARKED_START, STARTS_AGAIN_IN};
use super::launched::{run, strategy};
use super::parts::{self, project_of, put};
use super::wire::Kept;
use super::{Cint, encode, paths};
use crate::model::call::{encode_segment, soon_placeholder};
use crate::model::{Address, Call, CallClass, LiveSurvey, Method, Status};
use crate::plan::market::StatusChange;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The calls that change the status of a target group; a project has none.
pub(super) fn set_status(cint: &Cint, change: &StatusChange<'_>) -> Vec<Call> {
    if !change.address.is_group() {
        return Vec::new();
    }
    let id = if change.live.is_some() {
        encode_segment(change.id)
    } else {
        change.id.to_owned()
    };
    let own = paths::group(cint.account, &project_of(change.address), &id);
    let launched = change.live.filter(|live| live.status != Some(Status::Draft));
    let Some(live) = launched else {
        let calls = [Some(launch(&own, change)), strategy(&own, change.after)];
        let calls = calls.into_iter().flatten();
        return calls.filter(|_| change.to == Status::Live).collect();
    };
    let scheduled = live.status_text == "scheduled";
    if scheduled && matches!(change.to, Status::Live | Status::Paused) {
        let parked = live.status == Some(Status::Paused);
        match change.to {
            Status::Paused => {
                return moved(&own, live, parked_times(), "move its start away")
                    .into_iter()
                    .collect();
            }
            _ if parked => {
                let back = moved(&own, live, times_again(change), "move its start back");
                return back.into_iter().collect();
            }
            _ => {}
        }
    }
    let action = match (change.to, live.status_text.as_str()) {
        (Status::Live, "completed") => "relaunch",
        (Status::Live, "scheduled") => "launch-now",
        (Status::Live, _) => "resume",
        (Status::Paused, _) => "pause",
        (Status::Closed, _) => "complete",
        (Status::Draft, _) => return Vec::new(),
    };
    let Some((run, headers)) = Kept::of(live).and_then(|kept| run(&own, &kept)) else {
        return Vec::new();
    };
    let (path, purpose) = (format!("{run}/{action}"), format!("{action} the fielding run"));
    vec![Call {
        headers,
        // With the version of the run, a repetition is refused; what it led to shows.
        reaches: Some(change.to),
        ..Call::new(Method::Post, path, CallClass::IdempotentWrite, purpose)
    }]
}

/// Jobs that pause many target groups, one for each project with several in field (OpenAPI
/// `create_bulk_pause_target_groups_job`). What waits for its start cannot be paused, and no version goes along.
pub(super) fn pause_many(cint: &Cint, in_field: &[(&Address, &LiveSurvey)]) -> Vec<(Call, Vec<Address>)> {
    let live = in_field.iter().filter(|(address, live)| {
        address.is_group() && live.status == Some(Status::Live) && live.status_text != "scheduled"
    });
    let mut projects: BTreeMap<Option<Address>, Vec<&(&Address, &LiveSurvey)>> = BTreeMap::new();
    for one in live {
        projects.entry(one.0.parent()).or_default().push(one);
    }
    let several = projects.into_values().filter(|groups| groups.len() > 1);
    let paused = |groups: Vec<&(&Address, &LiveSurvey)>| {
        let project = paths::project(cint.account, &project_of(groups[0].0));
        let path = format!("{project}/batch-jobs/pause-fielding-runs-by-target-group-id");
        let ids: Vec<&str> = groups.iter().map(|(_, live)| live.id.as_str()).collect();
        let purpose = format!("pause {} target groups", ids.len());
        (
            job(&path, json!({"target_group_ids": ids}), purpose),
            groups.iter().map(|(address, _)| (*address).clone()).collect(),
        )
    };
    several.map(paused).collect()
}

/// Start and end of one that is kept from starting.
pub(super) fn parked_times() -> Value {
    let start = Timestamp::from_second(PARKED_START).unwrap_or(Timestamp::MAX);
    times(start, start.checked_add(PARKED_FOR).ok())
}

/// Start and end of one that is let start again: its own, or soon after the call is sent where that has passed by then.
fn times_again(change: &StatusChange<'_>) -> Value {
    let start = change.after.start.value().copied();
    let start = soon_placeholder(start, STARTS_AGAIN_IN.as_secs());
    json!({"start_fielding_at": start, "end_fielding_at": change.after.end.value().copied().map(encode::time)})
}

fn times(start: Timestamp, end: Option<Timestamp>) -> Value {
    json!({"start_fielding_at": encode::time(start), "end_fielding_at": end.map(encode::time)})
}

/// The call that moves the times of a run that waits for its start.
fn moved(own: &str, live: &LiveSurvey, times: Value, purpose: &str) -> Option<Call> {
    let (path, headers) = Kept::of(live).and_then(|kept| run(own, &kept))?;
    Some(Call {
        headers,
        ..put(path, times, purpose)
    })
}

/// The job that launches a draft: at once, or at the start that lies ahead.
fn launch(own: &str, change: &StatusChange<'_>) -> Call {
    let end = change.after.end.value().map(|end| encode::time(*end));
    let start = change.after.start.value();
    let ahead = start.filter(|start| change.as_of.is_none_or(|now| **start > now));
    let (kind, purpose) = match ahead {
        Some(_) => ("schedule-from-draft", "schedule the target group"),
        None => ("launch-from-draft", "launch the target group"),
    };
    let body = match ahead {
        Some(start) => json!({"start_fielding_at": encode::time(*start), "end_fielding_at": end}),
        None => json!({"end_fielding_at": end}),
    };
    job(&format!("{own}/fielding-run-jobs/{kind}"), body, purpose)
}

/// A job about fielding.
fn job(path: &str, body: Value, purpose: impl Into<String>) -> Call {
    parts::job(path, "", CallClass::KeyedWrite, purpose).body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::call::KEY_PLACEHOLDER;

    fn live(id: &str, word: &str) -> LiveSurvey {
        LiveSurvey {
            id: id.to_owned(),
            status: Some(Status::Live),
            status_text: word.to_owned(),
            ..LiveSurvey::default()
        }
    }

    #[test]
    fn one_job_pauses_what_several_target_groups_of_a_project_have_in_field() {
        let groups = [("a", "x"), ("a", "y"), ("a", "z"), ("b", "x")];
        let addresses = groups.map(|(survey, group)| Address::group(survey, group));
        let project = Address::survey("a");
        let shown = [
            live("1", "live"),
            live("2", "scheduled"),
            live("3", "live"),
            live("4", "live"),
        ];
        let around = live("P", "live");
        let mut all: Vec<_> = addresses.iter().zip(&shown).collect();
        all.push((&project, &around));
        let jobs = pause_many(&Cint::default(), &all);
        let [(call, paused)] = jobs.as_slice() else {
            panic!("{jobs:?}")
        };
        assert_eq!(*paused, [addresses[0].clone(), addresses[2].clone()]);
        assert_eq!(
            call.path,
            "/demand/accounts/1/projects/{a}/batch-jobs/pause-fielding-runs-by-target-group-id"
        );
        assert_eq!(call.body, Some(json!({"target_group_ids": ["1", "3"]}).into()));
        assert_eq!((call.class, call.reaches), (CallClass::KeyedWrite, None));
        assert_eq!(call.headers["idempotency-key"], KEY_PLACEHOLDER);
        assert_eq!(
            call.then.as_ref().unwrap().path,
            format!("{}/{{$job}}", call.path)
        );
    }
}
