//! Transactions that share a call which the vendor carries out at once: sent, then looked at.

use super::super::run::Tally;
use super::super::{Plan, Verdict};
use super::vendor::{Say, answer, done, refused, shows};
use super::world::{World, line, list, plan_of, read, row, says};
use crate::model::reconciliation::Row;
use crate::model::{Outcome, VendorId};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

const REJECTS: &str = "POST /adjustments/surveys/1?operationType=LIVE_RECONCILIATION&reconStatus=2";
const COMPLETE: &str = "Complete (21)";

/// Completes that are to be rejected.
fn rejects(ids: &[&str]) -> Plan {
    let rows = ids.iter().map(|id| row(id, Outcome::Reject)).collect();
    plan_of(list(VendorId::PureSpectrum, rows), vec![read(21); ids.len()])
}

/// A world in which these transactions show these statuses, one look after the other.
fn world(says: &[Say], looks: &[(&str, &[Say])]) -> World {
    let world = World::purespectrum();
    world.vendor.answers("POST /adjustments", says.to_vec());
    for (id, says) in looks {
        let path = format!("GET /surveys/1/transactions/{id}");
        world.vendor.answers(&path, says.to_vec());
    }
    world
}

/// The vendor takes a list and works on it later.
fn later() -> Say {
    answer(
        200,
        json!({"adjustment_id": "A1", "statusDescription": "Pending"}),
    )
}

/// The transactions of each list that was sent.
fn sent(world: &World) -> Vec<Vec<String>> {
    let lists = world.vendor.heard("POST");
    lists
        .iter()
        .map(|heard| {
            let body: Vec<Value> = serde_json::from_str(&heard.body).unwrap();
            let ids = body.iter().map(|item| item["transaction_id"].as_str().unwrap());
            ids.map(str::to_owned).collect()
        })
        .collect()
}

#[tokio::test]
async fn what_the_vendor_took_counts_once_it_shows() {
    let taken = answer(200, json!({"adjustment_id": "A1", "summary": {"total": 2}}));
    let world = world(&[taken], &[("a", &[shows("a", 33)]), ("b", &[shows("b", 33)])]);
    let ran = world.run(&rejects(&["a", "b"])).await;
    assert_eq!(ran.verdicts, [Verdict::Changed, Verdict::Changed]);
    assert_eq!(world.vendor.calls("POST"), [REJECTS]);
    assert_eq!(sent(&world), [["a", "b"]]);
    let lines = ["a", "b"].map(|id| line(id, "reject", COMPLETE, None));
    assert_eq!(world.ledger(), lines);
    assert_eq!(ran.receipts.len(), 1);
    assert_eq!(ran.receipts[0].counts, [("total".to_owned(), "2".to_owned())]);
    let told = ["accepted A1", "sent 2", "verified 1", "verified 1"];
    assert_eq!(*world.told.lock().unwrap(), told);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_left_as_it_was_is_told_at_once() {
    let mut world = world(&[done()], &[("a", &[shows("a", 21)])]);
    world.waits = vec![Duration::from_secs(5)];
    let began = Instant::now();
    let ran = world.run(&rejects(&["a"])).await;
    says(
        &ran.verdicts[0],
        Verdict::Refused,
        "left this one as it is: Complete (21)",
    );
    assert_eq!(world.vendor.calls("GET").len(), 1);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(world.ledger().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_does_later_is_looked_at_again_until_it_shows() {
    let looks = [
        ("a", &[shows("a", 33)][..]),
        ("b", &[shows("b", 21), shows("b", 33)]),
    ];
    let mut world = world(&[later()], &looks);
    world.waits = [2, 5, 15].map(Duration::from_secs).to_vec();
    let began = Instant::now();
    let ran = world.run(&rejects(&["a", "b"])).await;
    assert_eq!(ran.verdicts, [Verdict::Changed, Verdict::Changed]);
    assert!(ran.receipts[0].pending);
    let looks = ["a", "b", "b"].map(|id| format!("GET /surveys/1/transactions/{id}"));
    assert_eq!(world.vendor.calls("GET"), looks, "what shows is not read again");
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!(world.ledger().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_in_time_is_pending() {
    let mut world = world(&[later()], &[("a", &[shows("a", 21)])]);
    world.waits = [2, 5].map(Duration::from_secs).to_vec();
    let began = Instant::now();
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Pending, "so far it is Complete (21)");
    assert_eq!(world.vendor.calls("GET").len(), 3);
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    assert_eq!(sent(&world).len(), 1);
    assert!(world.ledger().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_without_the_lock() {
    let mut world = world(&[later()], &[("a", &[shows("a", 21)])]);
    world.waits = vec![Duration::from_secs(2)];
    world.vendor.takes_lock_at("GET");
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Pending, "so far");
    assert_eq!(world.vendor.calls("GET").len(), 1);
}

#[tokio::test]
async fn what_was_taken_and_cannot_be_read_is_pending() {
    for taken in [done(), later()] {
        for look in [answer(500, json!({})), answer(404, json!({"msg": "no"}))] {
            let world = world(std::slice::from_ref(&taken), &[("a", &[look])]);
            let ran = world.run(&rejects(&["a"])).await;
            says(&ran.verdicts[0], Verdict::Pending, "could not be read afterwards");
            assert!(world.ledger().is_empty());
        }
    }
}

#[tokio::test]
async fn once_somebody_asks_to_stop_nobody_looks_at_what_was_sent() {
    let taken = world(&[done()], &[]);
    taken.vendor.stops_at("POST");
    let ran = taken.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Pending, "was not looked at");
    assert!(ran.interrupted);
    let lost = world(&[Say::Lost], &[]);
    lost.vendor.stops_at("POST");
    let ran = lost.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Unknown, "reset");
    assert_eq!(sent(&lost).len(), 1);
}

#[tokio::test]
async fn a_list_without_an_answer_is_looked_up_before_anything_else() {
    let world = world(
        &[Say::Lost],
        &[("a", &[shows("a", 33)]), ("b", &[shows("b", 33)])],
    );
    let ran = world.run(&rejects(&["a", "b"])).await;
    assert_eq!(ran.verdicts, [Verdict::Verified, Verdict::Verified]);
    assert_eq!(sent(&world).len(), 1);
    assert_eq!(world.ledger().len(), 2);
    assert!(ran.receipts.is_empty());
}

#[tokio::test]
async fn what_a_list_without_an_answer_left_undone_is_sent_once_more() {
    let looks = [
        ("a", &[shows("a", 33)][..]),
        ("b", &[shows("b", 21), shows("b", 33)]),
    ];
    let world = world(&[Say::Lost, done()], &looks);
    let ran = world.run(&rejects(&["a", "b"])).await;
    assert_eq!(ran.verdicts, [Verdict::Verified, Verdict::Changed]);
    assert_eq!(sent(&world), [vec!["a", "b"], vec!["b"]], "only what is left");
    let lines = ["a", "b"].map(|id| line(id, "reject", COMPLETE, None));
    assert_eq!(world.ledger(), lines);
}

#[tokio::test]
async fn a_row_that_could_not_be_read_is_not_sent_again() {
    for look in [answer(500, json!({})), answer(404, json!({"msg": "no"}))] {
        let looks = [("a", &[look][..]), ("b", &[shows("b", 21), shows("b", 33)])];
        let world = world(&[Say::Lost, done()], &looks);
        let ran = world.run(&rejects(&["a", "b"])).await;
        says(&ran.verdicts[0], Verdict::Unknown, "and it could not be read");
        assert_eq!(ran.verdicts[1], Verdict::Changed);
        assert_eq!(sent(&world), [vec!["a", "b"], vec!["b"]]);
    }
}

#[tokio::test]
async fn a_list_whose_answer_is_lost_twice_is_not_known() {
    let world = world(&[Say::Lost], &[("a", &[shows("a", 21)])]);
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Unknown, "it is Complete (21) so far");
    assert_eq!(sent(&world).len(), 2, "and not a third time");
    assert!(world.ledger().is_empty());
}

#[tokio::test]
async fn a_second_try_that_was_not_sent_leaves_the_first_one_unsure() {
    let world = world(&[Say::Lost], &[("a", &[shows("a", 21)])]);
    world.vendor.takes_lock_at("GET");
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Unknown, "reset");
    assert_eq!(sent(&world).len(), 1);
}

#[tokio::test]
async fn a_second_try_that_is_refused_is_told() {
    let world = world(&[Say::Lost, refused(7)], &[("a", &[shows("a", 21)])]);
    let ran = world.run(&rejects(&["a"])).await;
    says(&ran.verdicts[0], Verdict::Refused, "code 7");
}

#[tokio::test]
async fn a_refused_list_concerns_its_own_rows_only() {
    let world = world(&[refused(7), done()], &[("b", &[shows("b", 33)])]);
    let rows = vec![row("a", Outcome::Complete), row("b", Outcome::Reject)];
    let plan = plan_of(list(VendorId::PureSpectrum, rows), [read(18), read(21)]);
    let ran = world.run(&plan).await;
    says(&ran.verdicts[0], Verdict::Refused, "code 7");
    assert_eq!(ran.verdicts[1], Verdict::Changed);
    assert_eq!(world.ledger(), [line("b", "reject", COMPLETE, None)]);
}

#[tokio::test]
async fn a_list_of_several_surveys_is_looked_at_and_written_down_survey_by_survey() {
    let world = world(&[done()], &[("a", &[shows("a", 33)])]);
    let shown = json!([{"Transaction ID": "b", "Respondent Status Code": 33, "Survey ID": 2}]);
    world
        .vendor
        .answers("GET /surveys/2/transactions/b", [answer(200, shown)]);
    let rows = vec![
        Row {
            survey: 1,
            ..row("b", Outcome::Reject)
        },
        row("a", Outcome::Reject),
    ];
    let plan = plan_of(list(VendorId::PureSpectrum, rows), [read(21), read(21)]);
    let ran = world.run(&plan).await;
    assert_eq!(ran.verdicts, [Verdict::Changed, Verdict::Changed]);
    assert_eq!(sent(&world), [["a", "b"]]);
    assert_eq!(world.ledger(), [line("a", "reject", COMPLETE, None)]);
    let second = world.shelf.lines(VendorId::PureSpectrum, "2");
    assert_eq!(second, [line("b", "reject", COMPLETE, None)]);
}

/// Five hundred completes that are to be rejected, and as many terminations that are to be completes; the vendor shows all
/// of them as they should be.
fn a_thousand(world: &World) -> Plan {
    let mut rows = Vec::new();
    let mut facts = Vec::new();
    for (page, outcome, was, is) in [(1, Outcome::Reject, 21, 33), (2, Outcome::Complete, 18, 21)] {
        let ids = (0..500).map(|n| format!("{outcome}{n}"));
        let shown: Vec<Value> = ids
            .map(|id| {
                rows.push(row(&id, outcome));
                facts.push(read(was));
                json!({"Transaction ID": id, "Respondent Status Code": is})
            })
            .collect();
        let path = format!("GET /surveys/1/transactions?limit=500&page={page}");
        world.vendor.answers(&path, [answer(200, json!(shown))]);
    }
    plan_of(list(VendorId::PureSpectrum, rows), facts)
}

#[tokio::test]
async fn what_lists_brought_is_written_down_before_the_next_one_is_looked_at() {
    for says in [done(), Say::Lost] {
        let world = world(&[says], &[]);
        let ran = world.run(&a_thousand(&world)).await;
        assert_eq!(Tally::of(&ran.verdicts).changed, 1000);
        assert_eq!(*world.shelf.writes.lock().unwrap(), [500, 500]);
        assert_eq!(world.ledger().len(), 1000);
    }
}
