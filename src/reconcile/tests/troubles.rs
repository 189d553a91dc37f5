//! What ends the sending: a lost lock, refused credentials, a ledger that cannot be written, somebody who asks to stop.

use super::super::prepare::Fact;
use super::super::run::Ran;
use super::super::{Plan, Verdict};
use super::vendor::{Say, answer, done, shows};
use super::world::{World, list, plan_of, read, row};
use crate::model::Outcome;
use serde_json::json;
use std::sync::atomic::Ordering;

/// More than are prepared at once.
const MANY: usize = 40;
/// Calls that may be under way when the reason to stop comes.
const UNDER_WAY: usize = 16;

/// One complete that is as wanted, open interviews that are to be completes, a termination that is to be one, and a
/// complete that is to be rejected: calls of their own, and two lists.
fn everything(open: usize) -> Plan {
    let mut rows = vec![row("settled", Outcome::Complete)];
    let mut facts = vec![read(21)];
    for n in 0..open {
        rows.push(row(&format!("open{n}"), Outcome::Complete));
        facts.push(read(16));
    }
    rows.push(row("ended", Outcome::Complete));
    rows.push(row("good", Outcome::Reject));
    facts.extend([read(18), read(21)]);
    plan_of(list(crate::marketplace::PURESPECTRUM, rows), facts)
}

fn two_lists() -> Plan {
    let rows = vec![row("ended", Outcome::Complete), row("good", Outcome::Reject)];
    plan_of(list(crate::marketplace::PURESPECTRUM, rows), [read(18), read(21)])
}

fn not_sent(ran: &Ran, text: &str) -> usize {
    let not_sent = ran
        .verdicts
        .iter()
        .filter(|verdict| matches!(verdict, Verdict::NotSent(why) if why.contains(text)));
    not_sent.count()
}

#[tokio::test]
async fn without_the_lock_nothing_is_sent_and_nothing_is_written_down() {
    let world = World::purespectrum();
    world.loses_lock();
    let ran = world.run(&everything(3)).await;
    assert!(world.vendor.calls("").is_empty());
    assert_eq!(not_sent(&ran, "locked by somebody else"), 5);
    assert_eq!(ran.verdicts[0], Verdict::Unchanged, "which was read before");
    assert!(world.shelf.writes.lock().unwrap().is_empty());
    assert!(
        matches!(ran.broken, Some(crate::state::StateError::Locked { .. })),
        "{ran:?}"
    );
    assert!(!ran.interrupted);
}

#[tokio::test]
async fn once_the_lock_is_lost_nothing_more_is_sent() {
    let world = World::purespectrum();
    world.vendor.answers("POST /surveys/1/transactions/", [done()]);
    world.vendor.takes_lock_at("POST");
    let ran = world.run(&everything(MANY)).await;
    let sent = world.vendor.calls("POST").len();
    assert!((1..=UNDER_WAY).contains(&sent), "{sent}");
    assert_eq!(not_sent(&ran, "locked by somebody else"), MANY + 2 - sent);
    // What was confirmed is told all the same; the vendor shows it to the next run.
    let changed = ran
        .verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Changed);
    assert_eq!(changed.count(), sent);
    assert_eq!(
        world.ledger().len(),
        1,
        "the settled one, before the lock was lost"
    );
    assert!(
        matches!(ran.broken, Some(crate::state::StateError::Locked { .. })),
        "{ran:?}"
    );
}

#[tokio::test]
async fn without_the_lock_a_second_list_is_not_sent() {
    let world = World::purespectrum();
    world.vendor.answers("POST /adjustments", [done()]);
    world
        .vendor
        .answers("GET /surveys/1/transactions/ended", [shows("ended", 21)]);
    world.vendor.takes_lock_at("POST");
    let ran = world.run(&two_lists()).await;
    assert_eq!(world.vendor.calls("POST").len(), 1);
    assert_eq!(ran.verdicts[0], Verdict::Changed);
    assert_eq!(not_sent(&ran, "locked by somebody else"), 1);
    assert!(world.ledger().is_empty());
    assert!(ran.broken.is_some());
}

/// Answers after which no other call will do better.
fn hopeless() -> [Say; 3] {
    [
        answer(401, json!({"msg": "expired"})),
        answer(429, json!({})),
        Say::NotSent,
    ]
}

#[tokio::test]
async fn once_credentials_are_refused_no_other_call_is_sent() {
    for says in hopeless() {
        let world = World::purespectrum();
        world.vendor.answers("POST", [says]);
        let ran = world.run(&everything(MANY)).await;
        let tried = world.vendor.calls("POST").len();
        assert!(tried <= UNDER_WAY, "{tried}");
        assert_eq!(not_sent(&ran, "PureSpectrum"), MANY + 2);
        assert_eq!(world.ledger().len(), 1, "the settled one");
        assert!(ran.broken.is_none() && !ran.interrupted);
    }
}

#[tokio::test]
async fn once_credentials_are_refused_no_other_list_is_sent() {
    for says in hopeless() {
        let world = World::purespectrum();
        // A second list would be taken.
        world.vendor.answers("POST /adjustments", [says, done()]);
        let ran = world.run(&two_lists()).await;
        assert!(world.vendor.calls("POST").len() <= 1);
        assert_eq!(not_sent(&ran, "PureSpectrum"), 2);
        assert_eq!(world.vendor.calls("GET"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_second_try_that_finds_the_credentials_refused_leaves_the_first_one_unsure() {
    let plan = everything(1);
    let single = World::purespectrum();
    single.vendor.answers(
        "POST /surveys/1/transactions/open0",
        [Say::Lost, answer(429, json!({}))],
    );
    single
        .vendor
        .answers("GET /surveys/1/transactions/open0", [shows("open0", 16)]);
    let ran = single.run(&plan).await;
    assert!(
        matches!(&ran.verdicts[1], Verdict::Unknown(why) if why.contains("reset")),
        "{ran:?}"
    );
    assert_eq!(not_sent(&ran, "request rate"), 2);
    let listed = World::purespectrum();
    listed
        .vendor
        .answers("POST /adjustments", [Say::Lost, answer(429, json!({}))]);
    listed
        .vendor
        .answers("GET /surveys/1/transactions/good", [shows("good", 21)]);
    let rows = vec![row("good", Outcome::Reject)];
    let ran = listed
        .run(&plan_of(list(crate::marketplace::PURESPECTRUM, rows), [read(21)]))
        .await;
    assert!(
        matches!(&ran.verdicts[0], Verdict::Unknown(why) if why.contains("reset")),
        "{ran:?}"
    );
    assert_eq!(listed.vendor.calls("POST").len(), 2);
}

#[tokio::test]
async fn once_somebody_asks_to_stop_nothing_more_is_sent() {
    let world = World::purespectrum();
    world.vendor.answers("POST /surveys/1/transactions/", [done()]);
    world.vendor.stops_at("POST");
    let ran = world.run(&everything(MANY)).await;
    let sent = world.vendor.calls("POST").len();
    assert!((1..=UNDER_WAY).contains(&sent), "{sent}");
    assert!(ran.interrupted && ran.broken.is_none());
    assert_eq!(not_sent(&ran, "interrupted before it was sent"), MANY + 2 - sent);
    assert_eq!(
        world.ledger().len(),
        1 + sent,
        "what was confirmed is written down"
    );
}

#[tokio::test]
async fn a_second_try_is_not_made_once_somebody_asks_to_stop() {
    let world = World::purespectrum();
    world.vendor.answers("POST", [Say::Lost]);
    world.vendor.answers("GET", [shows("open0", 16)]);
    world.vendor.stops_at("GET");
    let ran = world.run(&everything(1)).await;
    assert!(
        matches!(&ran.verdicts[1], Verdict::Unknown(why) if why.contains("it is still")),
        "{ran:?}"
    );
    assert_eq!(world.vendor.calls("POST").len(), 1);
}

#[tokio::test]
async fn once_a_ledger_cannot_be_written_no_other_call_is_sent() {
    let world = World::purespectrum();
    world.vendor.answers("POST", [done()]);
    // The settled one is written down, and then the disk is full.
    *world.shelf.good_writes.lock().unwrap() = Some(1);
    let ran = world.run(&everything(600)).await;
    let sent = world.vendor.calls("POST").len();
    assert!((500..=500 + UNDER_WAY).contains(&sent), "{sent}");
    assert_eq!(not_sent(&ran, "the disk is full"), 602 - sent);
    assert_eq!(world.ledger().len(), 1);
    assert_eq!(
        *world.shelf.writes.lock().unwrap(),
        [1, 500],
        "and it is not tried again"
    );
    assert!(ran.broken.unwrap().to_string().contains("the disk is full"));
}

#[tokio::test]
async fn where_the_ledger_cannot_be_written_at_all_nothing_is_sent() {
    let world = World::purespectrum();
    *world.shelf.good_writes.lock().unwrap() = Some(0);
    let ran = world.run(&everything(1)).await;
    assert_eq!(world.vendor.calls(""), Vec::<String>::new());
    assert_eq!(not_sent(&ran, "the disk is full"), 3);
    assert!(ran.broken.is_some());
}

#[tokio::test]
async fn what_calls_of_their_own_confirmed_is_written_down_before_a_list_is_sent() {
    let world = World::purespectrum();
    world.vendor.answers("POST", [done()]);
    *world.shelf.good_writes.lock().unwrap() = Some(0);
    let rows = vec![row("open", Outcome::Complete), row("good", Outcome::Reject)];
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, rows), [read(16), read(21)]);
    let ran = world.run(&plan).await;
    assert_eq!(ran.verdicts[0], Verdict::Changed);
    assert_eq!(not_sent(&ran, "the disk is full"), 1);
    let call = "POST /surveys/1/transactions/open/status?st=21";
    assert_eq!(world.vendor.calls(""), [call]);
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_at_the_end_is_told() {
    let world = World::purespectrum();
    world.vendor.answers("POST", [done()]);
    *world.shelf.good_writes.lock().unwrap() = Some(0);
    let rows = vec![row("open", Outcome::Complete)];
    let ran = world
        .run(&plan_of(list(crate::marketplace::PURESPECTRUM, rows), [read(16)]))
        .await;
    assert_eq!(ran.verdicts, [Verdict::Changed], "the vendor has confirmed it");
    assert!(ran.broken.unwrap().to_string().contains("the disk is full"));
    assert!(world.ledger().is_empty());
}

#[tokio::test]
async fn an_upload_that_cannot_be_written_down_is_the_last_one() {
    let world = World::cint();
    world
        .vendor
        .answers("POST", [answer(202, json!({"request_id": "R1"}))]);
    world
        .vendor
        .answers("GET", [answer(200, json!({"status": "processing"}))]);
    *world.shelf.good_writes.lock().unwrap() = Some(0);
    let rows = vec![row("a", Outcome::Complete), row("b", Outcome::Reject)];
    let plan = plan_of(list(crate::marketplace::CINT, rows), [Fact::Unseen, Fact::Unseen]);
    let ran = world.run(&plan).await;
    assert_eq!(world.vendor.calls("POST").len(), 1);
    assert!(matches!(&ran.verdicts[0], Verdict::Pending(_)), "{ran:?}");
    assert_eq!(not_sent(&ran, "the disk is full"), 1);
    assert!(!world.vendor.lock_lost.load(Ordering::Relaxed));
    assert!(ran.broken.is_some());
}
