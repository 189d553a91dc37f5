//! What a replacement left behind is closed, and forgotten only once it is seen to be.

use crate::support::*;
use crate::vendors_world::{change, ids, said};
use infield::model::study::Collected;
use infield::model::{Address, LiveSurvey, Reading, Status};
use infield::plan::{Guard, Plan, Record, Rule};
use serde_json::json;

/// A survey that took the place of 900, which is seen like this.
fn replaced(old: Option<Reading<LiveSurvey>>) -> Plan {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").former = vec!["900".to_owned()];
    if let Some(old) = old {
        world.live.former.insert("900".to_owned(), old);
    }
    world.guard(Guard::Replace, Rule::Ask);
    world.plan()
}

fn old(status: Status) -> LiveSurvey {
    let mut live = twin("900", &soda());
    live.status = Some(status);
    live
}

/// The survey and what is remembered as closed, with what it has collected.
fn closed(completes: u64, quotas: &[(&str, u64)]) -> (Address, Record) {
    let quotas = quotas
        .iter()
        .map(|(name, completes)| ((*name).to_owned(), *completes));
    (
        Address::survey("soda"),
        Record::FormerClosed {
            id: "900".to_owned(),
            collected: Collected {
                completes,
                quotas: quotas.collect(),
            },
        },
    )
}

fn notes(plan: &Plan) -> Vec<String> {
    said(plan, &Address::survey("soda"))
}

#[test]
fn what_was_replaced_is_closed_from_wherever_it_is() {
    for status in [Status::Draft, Status::Live, Status::Paused] {
        let plan = replaced(Some(Reading::Present(old(status))));
        assert_eq!(ids(&plan), ["soda:close-900"], "{status}");
        let step = &plan.steps[0];
        assert_eq!(
            change(step, "/status"),
            (json!(status.to_string()), json!("closed"))
        );
        assert_eq!(step.guards, [Guard::Replace]);
        assert_eq!(step.record, closed(0, &[("men", 0), ("women-18-34", 0)]).1);
        assert_eq!(step.calls[0].path, "/surveys/900");
        let freed = step.adds_exposure.map(|money| money.to_string());
        assert_eq!(
            freed.as_deref(),
            (status == Status::Live).then_some("-1500.00 USD")
        );
        assert_eq!(plan.bookkeeping, [], "it is not closed yet");
    }
}

#[test]
fn what_is_paid_of_it_is_said_where_there_is_any() {
    let remark = |fielded| {
        let mut live = old(Status::Live);
        live.fielded = fielded;
        replaced(Some(Reading::Present(live))).steps[0].changes[0]
            .remark
            .clone()
    };
    assert_eq!(remark(Some(50)).as_deref(), Some("its 50 completes stay paid"));
    assert_eq!(remark(Some(0)), None);
    assert_eq!(remark(None), None);
}

#[test]
fn what_is_seen_closed_or_gone_is_forgotten_without_a_step() {
    let proof = "404".to_owned();
    let mut ended = old(Status::Closed);
    ended.fielded = Some(50);
    ended.quotas[0].fielded = Some(30);
    ended.quotas[1].fielded = Some(20);
    let counted = closed(50, &[("men", 30), ("women-18-34", 20)]);
    for (old, remembered) in [
        (Reading::Present(ended), counted),
        (Reading::Absent { proof }, closed(0, &[])),
    ] {
        let plan = replaced(Some(old));
        assert_eq!(ids(&plan), [""; 0]);
        assert_eq!(notes(&plan), [""; 0]);
        assert_eq!(plan.bookkeeping, [remembered]);
    }
}

#[test]
fn what_was_not_read_is_neither_closed_nor_forgotten() {
    let what = "blocked: survey 900, which was replaced and should be closed,";
    let why = "timeout".to_owned();
    let mut strange = old(Status::Live);
    strange.status = None;
    strange.status_text = "code 55".to_owned();
    for (old, said) in [
        (None, "was not read"),
        (Some(Reading::Unknown { why }), "could not be read: timeout"),
        (
            Some(Reading::Present(strange)),
            "shows an unknown status: code 55",
        ),
    ] {
        let plan = replaced(old);
        assert_eq!(ids(&plan), [""; 0], "{said}");
        assert_eq!(notes(&plan), [format!("{what} {said}")]);
        assert_eq!(plan.bookkeeping, [], "{said}");
        assert_eq!(plan.unchanged, [], "it is not as wanted");
    }
}
