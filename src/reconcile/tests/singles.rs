//! Transactions that get a call of their own: one answer, one look, at most one more try.

use super::super::{Plan, Verdict};
use super::vendor::{Say, answer, done, refused, shows};
use super::world::{World, line, list, plan_of, read, row};
use crate::model::{Outcome, VendorId};
use serde_json::json;

const CALL: &str = "POST /surveys/1/transactions/a/status?st=21";
const LOOK: &str = "GET /surveys/1/transactions/a";
const OPEN: &str = "Buyer_side_In_Progress (16)";

/// Open interviews that are to be completes.
fn open(ids: &[&str]) -> Plan {
    let rows = ids.iter().map(|id| row(id, Outcome::Complete)).collect();
    plan_of(list(VendorId::PureSpectrum, rows), vec![read(16); ids.len()])
}

/// What becomes of one open interview, where the call is answered like this and then a look shows that.
async fn end(says: &[Say], looks: &[Say]) -> (World, Verdict) {
    let world = World::purespectrum();
    world.vendor.answers(CALL, says.to_vec());
    if !looks.is_empty() {
        world.vendor.answers(LOOK, looks.to_vec());
    }
    let verdict = world.run(&open(&["a"])).await.verdicts.remove(0);
    (world, verdict)
}

#[tokio::test]
async fn a_confirmed_call_is_written_down_with_what_the_row_was() {
    let (world, verdict) = end(&[done()], &[]).await;
    assert_eq!(verdict, Verdict::Changed);
    assert_eq!(world.ledger(), [line("a", "complete", OPEN, None)]);
    assert_eq!(world.vendor.calls(""), [CALL], "the answer is enough");
    assert_eq!(*world.told.lock().unwrap(), ["sent 1"]);
}

#[tokio::test]
async fn what_is_as_wanted_is_written_down_and_not_sent() {
    let world = World::purespectrum();
    let rows = vec![row("a", Outcome::Complete), row("b", Outcome::Complete)];
    let ran = world
        .run(&plan_of(list(VendorId::PureSpectrum, rows), [read(21), read(13)]))
        .await;
    assert_eq!(ran.verdicts[0], Verdict::Unchanged);
    assert!(matches!(&ran.verdicts[1], Verdict::Refused(why) if why.contains("did not end in your survey")));
    assert_eq!(world.ledger(), [line("a", "complete", "Complete (21)", None)]);
    assert!(world.vendor.calls("").is_empty());
    assert!(!ran.interrupted && ran.broken.is_none());
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let (world, verdict) = end(&[Say::Lost], &[shows("a", 21)]).await;
    assert_eq!(verdict, Verdict::Verified);
    assert_eq!(world.vendor.calls(""), [CALL, LOOK]);
    assert_eq!(world.ledger(), [line("a", "complete", OPEN, None)]);
}

#[tokio::test]
async fn what_a_lost_answer_left_undone_is_sent_once_more() {
    let (world, verdict) = end(&[Say::Lost, done()], &[shows("a", 16)]).await;
    assert_eq!(verdict, Verdict::Changed);
    assert_eq!(world.vendor.calls(""), [CALL, LOOK, CALL]);
    let (world, verdict) = end(&[Say::Lost, Say::Lost], &[shows("a", 16)]).await;
    let Verdict::Unknown(why) = verdict else {
        panic!("{verdict:?}");
    };
    assert!(
        why.contains(&format!("it is still {OPEN}")) && why.contains("reset"),
        "{why}"
    );
    assert_eq!(world.vendor.calls("POST"), [CALL, CALL], "and not a third time");
    assert!(world.ledger().is_empty());
}

#[tokio::test]
async fn what_ended_in_another_way_is_not_taken_for_the_wanted_end() {
    // Whether the answer was lost, or says that it was final before.
    for says in [Say::Lost, refused(1003)] {
        for end_code in [18, 20, 31, 33] {
            let (world, verdict) = end(std::slice::from_ref(&says), &[shows("a", end_code)]).await;
            assert!(
                matches!(&verdict, Verdict::Refused(why) if why.contains("final already, and not as wanted")),
                "{verdict:?}"
            );
            assert_eq!(world.vendor.calls(""), [CALL, LOOK]);
            assert!(world.ledger().is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_final_already_is_looked_at_before_anything_is_said() {
    let (world, verdict) = end(&[refused(1003)], &[shows("a", 21)]).await;
    assert_eq!(verdict, Verdict::Verified);
    assert_eq!(world.vendor.calls(""), [CALL, LOOK]);
    assert_eq!(world.ledger(), [line("a", "complete", OPEN, None)]);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_known_and_not_sent_again() {
    let unreadable = [answer(500, json!({})), answer(404, json!({"msg": "no such"}))];
    for (says, why) in [(Say::Lost, "reset"), (refused(1003), "code 1003")] {
        for look in unreadable.clone() {
            let (world, verdict) = end(std::slice::from_ref(&says), &[look]).await;
            let Verdict::Unknown(text) = verdict else {
                panic!("{verdict:?}");
            };
            assert!(
                text.contains(why) && text.contains("it could not be read"),
                "{text}"
            );
            assert_eq!(world.vendor.calls(""), [CALL, LOOK]);
            assert!(world.ledger().is_empty());
        }
    }
}

#[tokio::test]
async fn a_refusal_concerns_one_row_only() {
    let world = World::purespectrum();
    world
        .vendor
        .answers("POST /surveys/1/transactions/a", [refused(1004)]);
    world.vendor.answers("POST /surveys/1/transactions/b", [done()]);
    let ran = world.run(&open(&["a", "b"])).await;
    assert!(matches!(&ran.verdicts[0], Verdict::Refused(why) if why.contains("1004")));
    assert_eq!(ran.verdicts[1], Verdict::Changed);
    assert_eq!(world.ledger(), [line("b", "complete", OPEN, None)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_repeated_is_told() {
    let mut world = World::purespectrum();
    world.retries = 1;
    world.vendor.answers(CALL, [Say::NotSent, done()]);
    let ran = world.run(&open(&["a"])).await;
    assert_eq!(ran.verdicts, [Verdict::Changed]);
    assert_eq!(
        *world.told.lock().unwrap(),
        ["again: connection refused", "sent 1"]
    );
}

#[tokio::test]
async fn confirmations_are_written_down_a_few_hundred_at_once() {
    let ids: Vec<String> = (0..501).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let world = World::purespectrum();
    world.vendor.answers("POST /surveys/1/transactions/", [done()]);
    world.run(&open(&ids)).await;
    assert_eq!(*world.shelf.writes.lock().unwrap(), [500, 1]);
    assert_eq!(world.ledger().len(), 501);
}
