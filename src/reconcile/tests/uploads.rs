//! Lists that the vendor works through in its own time: written down as sent, followed, and never sent twice.

use super::super::prepare::Fact;
use super::super::{Plan, Verdict};
use super::vendor::{Say, answer, lines};
use super::world::{World, line, list, plan_of, row, says};
use crate::model::Outcome;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

const PLACE: &str = "GET /demand/accounts/1/reconciliations/R1";

/// Rows of Cint, which shows none of them.
fn unseen(rows: &[(&str, Outcome)]) -> Plan {
    let rows: Vec<_> = rows.iter().map(|(id, outcome)| row(id, *outcome)).collect();
    let facts = vec![Fact::Unseen; rows.len()];
    plan_of(list(crate::marketplace::CINT, rows), facts)
}

fn rejects(ids: &[&str]) -> Plan {
    let rows: Vec<_> = ids.iter().map(|id| (*id, Outcome::Reject)).collect();
    unseen(&rows)
}

/// How the vendor shows the list.
fn is(status: &str) -> Say {
    answer(
        200,
        json!({"status": status, "submitted_count": 3, "expired_count": 1, "invalid_count": 1}),
    )
}

/// A vendor that takes a list as `R1`, and then shows it like this.
fn takes(shown: &[Say]) -> World {
    let world = World::cint();
    let taken = answer(202, json!({"request_id": "R1"}));
    world
        .vendor
        .answers("POST /demand/accounts/1/reconciliations", [taken]);
    world.vendor.answers(PLACE, shown.to_vec());
    world
        .vendor
        .answers(&format!("{PLACE}/downloads/expired-rids"), [lines("LATE\n")]);
    world
        .vendor
        .answers(&format!("{PLACE}/downloads/invalid-rids"), [lines("nobody\n")]);
    let none = answer(200, json!({"target_groups": []}));
    world.vendor.answers(&format!("{PLACE}/target-groups"), [none]);
    world
}

/// How often the list itself was looked at.
fn looks(world: &World) -> usize {
    world
        .vendor
        .calls("GET")
        .iter()
        .filter(|call| *call == PLACE)
        .count()
}

#[tokio::test]
async fn a_finished_list_changed_whom_it_does_not_name() {
    let world = takes(&[is("completed")]);
    let ran = world.run(&rejects(&["good", "Late", "nobody"])).await;
    assert_eq!(ran.verdicts[0], Verdict::Changed);
    says(&ran.verdicts[1], Verdict::Refused, "expired");
    says(&ran.verdicts[2], Verdict::Refused, "invalid");
    assert_eq!(
        world.vendor.heard("POST")[0].body,
        "good,26\nLate,26\nnobody,26\n"
    );
    let sent = |id: &str| line(id, "reject", "", Some("R1"));
    let written = [
        sent("good"),
        sent("Late"),
        sent("nobody"),
        line("good", "reject", "", None),
    ];
    assert_eq!(world.ledger(), written);
    assert_eq!(ran.receipts.len(), 1);
    assert!(
        ran.receipts[0]
            .counts
            .contains(&("submitted".to_owned(), "3".to_owned()))
    );
    assert_eq!(*world.told.lock().unwrap(), ["sent 3"]);
}

#[tokio::test]
async fn which_list_rows_are_in_is_written_down_before_anybody_looks_at_it() {
    let world = takes(&[is("completed")]);
    world.run(&rejects(&["a", "b"])).await;
    let chronicle = world.vendor.chronicle.lock().unwrap();
    assert!(chronicle[0].starts_with("POST"));
    assert_eq!(chronicle[1], "lineage/cint-1: 2 lines");
    assert_eq!(chronicle[2], PLACE);
}

#[tokio::test]
async fn a_list_that_the_vendor_gave_up_changed_nothing() {
    let world = takes(&[is("failed")]);
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Refused, "could not work through");
    assert_eq!(world.ledger(), [line("a", "reject", "", Some("R1"))]);
    assert!(ran.receipts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_is_followed_while_there_are_waits() {
    let mut world = takes(&[is("processing"), is("processing"), is("completed")]);
    world.waits = [2, 5, 15].map(Duration::from_secs).to_vec();
    let began = Instant::now();
    let ran = world.run(&rejects(&["a"])).await;
    assert_eq!(ran.verdicts, [Verdict::Changed]);
    assert_eq!(looks(&world), 3);
    assert_eq!(began.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_takes_longer_is_pending() {
    let mut world = takes(&[is("processing")]);
    world.waits = vec![Duration::from_secs(2)];
    let ran = world.run(&rejects(&["a", "b"])).await;
    for verdict in &ran.verdicts {
        says(verdict, Verdict::Pending, "still works through the list R1");
    }
    assert_eq!(looks(&world), 2);
    assert_eq!(world.vendor.calls("POST").len(), 1);
    assert_eq!(world.ledger().len(), 2, "the next run looks at the list");
}

#[tokio::test(start_paused = true)]
async fn once_somebody_asks_to_stop_a_list_is_not_waited_for() {
    let mut world = takes(&[is("processing")]);
    world.waits = vec![Duration::from_secs(2)];
    world.vendor.stops_at(PLACE);
    let began = Instant::now();
    let ran = world.run(&rejects(&["a"])).await;
    says(
        &ran.verdicts[0],
        Verdict::Pending,
        "still works through the list R1",
    );
    assert_eq!((looks(&world), began.elapsed()), (1, Duration::ZERO));
    assert!(ran.interrupted);
}

#[tokio::test]
async fn a_list_that_was_taken_and_cannot_be_read_is_pending() {
    let world = takes(&[answer(500, json!({}))]);
    let ran = world.run(&rejects(&["a"])).await;
    says(
        &ran.verdicts[0],
        Verdict::Pending,
        "the vendor took the list R1, which could not be read",
    );
    assert_eq!(world.ledger(), [line("a", "reject", "", Some("R1"))]);
}

#[tokio::test]
async fn a_list_that_was_taken_without_an_id_is_not_known() {
    let world = World::cint();
    world.vendor.answers("POST", [answer(202, json!({}))]);
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Unknown, "gave it no id");
    assert!(world.ledger().is_empty());
    assert!(world.vendor.calls("GET").is_empty());
}

#[tokio::test]
async fn an_upload_without_an_answer_is_sent_by_the_next_run_under_the_same_key() {
    let world = World::cint();
    world.vendor.answers("POST", [Say::Lost]);
    let list = list(crate::marketplace::CINT, vec![row("a", Outcome::Reject)]);
    let ran = world.run(&world.plan(&list).await).await;
    says(
        &ran.verdicts[0],
        Verdict::Unknown,
        "the next run sends it under the same key",
    );
    assert_eq!(
        world.vendor.calls("").len(),
        1,
        "nobody can look, and nobody sends it again"
    );
    assert!(world.ledger().is_empty());
    world.run(&world.plan(&list).await).await;
    let keys: Vec<_> = world
        .vendor
        .heard("POST")
        .into_iter()
        .map(|heard| heard.key)
        .collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
}

#[tokio::test]
async fn an_upload_without_an_answer_keeps_its_key_whatever_else_was_in_the_list() {
    let world = takes(&[is("completed")]);
    let path = "POST /demand/accounts/1/reconciliations?name=";
    // The completes are taken, the rejects are lost.
    let taken = answer(202, json!({"request_id": "R1"}));
    world.vendor.answers(path, [taken, Say::Lost]);
    let rows = vec![row("a", Outcome::Reject), row("b", Outcome::Complete)];
    let list = list(crate::marketplace::CINT, rows);
    let ran = world.run(&world.plan(&list).await).await;
    says(&ran.verdicts[0], Verdict::Unknown, "under the same key");
    assert_eq!(ran.verdicts[1], Verdict::Changed);
    let plan = world.plan(&list).await;
    assert_eq!((plan.counts().change, plan.counts().recorded), (1, 1));
    world.run(&plan).await;
    let sent = world.vendor.heard("POST");
    assert_eq!(sent.len(), 3);
    assert_eq!((&sent[2].body, &sent[2].call), (&sent[1].body, &sent[1].call));
    assert_eq!(sent[2].key, sent[1].key);
}

#[tokio::test]
async fn what_a_list_confirmed_is_not_sent_again_by_the_next_run() {
    let world = takes(&[is("completed")]);
    let list = list(
        crate::marketplace::CINT,
        ["good", "late"].map(|id| row(id, Outcome::Reject)).to_vec(),
    );
    world.run(&world.plan(&list).await).await;
    let plan = world.plan(&list).await;
    assert_eq!((plan.counts().recorded, plan.counts().impossible), (1, 1));
    let ran = world.run(&plan).await;
    assert_eq!(ran.verdicts[0], Verdict::Unchanged);
    says(&ran.verdicts[1], Verdict::Refused, "expired");
    assert_eq!(world.vendor.calls("POST").len(), 1);
}

#[tokio::test]
async fn a_refused_upload_concerns_its_own_rows_only() {
    let world = World::cint();
    let no = json!({"object": "bad_request_error", "detail": "no"});
    world.vendor.answers("POST", [answer(400, no)]);
    let ran = world
        .run(&unseen(&[("a", Outcome::Reject), ("b", Outcome::Complete)]))
        .await;
    says(&ran.verdicts[0], Verdict::Refused, "refuses");
    says(&ran.verdicts[1], Verdict::Refused, "refuses");
    assert_eq!(world.vendor.calls("POST").len(), 2);
    assert!(world.ledger().is_empty());
}
