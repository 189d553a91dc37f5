//! What is known about rows before a plan: ledgers first, and the vendor for what they do not say.

use super::super::prepare::{Fact, Problem};
use super::vendor::{answer, lines, refused, shows};
use super::world::{LINEAGE, World, line, list, read, row};
use crate::model::reconciliation::{Course, Reconciliation, Row};
use crate::model::{Outcome, Reading, VendorId};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const PS: VendorId = crate::marketplace::PURESPECTRUM;

fn rejects(vendor: VendorId, ids: &[&str]) -> Reconciliation {
    list(vendor, ids.iter().map(|id| row(id, Outcome::Reject)).collect())
}

/// What is known about a list that is right.
async fn facts(world: &World, list: &Reconciliation) -> Vec<Fact> {
    let (facts, problems) = world.gather(list, Some(LINEAGE)).await.unwrap();
    assert_eq!(problems, []);
    facts.rows
}

#[tokio::test]
async fn what_a_ledger_confirms_is_not_asked_for() {
    let world = World::purespectrum();
    world
        .shelf
        .holds(PS, "1", &[line("a", "reject", "Complete (21)", None)]);
    let found = facts(&world, &rejects(PS, &["a"])).await;
    assert_eq!(found, [Fact::Recorded("Complete (21)".into())]);
    assert!(world.vendor.calls("").is_empty());
    assert_eq!(world.read.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_ledger_that_confirms_another_outcome_says_nothing() {
    let world = World::purespectrum();
    world.shelf.holds(
        PS,
        "1",
        &[line("a", "complete", "Buyer_side_In_Progress (16)", None)],
    );
    world
        .vendor
        .answers("GET /surveys/1/transactions/a", [shows("a", 21)]);
    let list = rejects(PS, &["a"]);
    let plan = world.plan(&list).await;
    assert_eq!(world.vendor.calls("GET").len(), 1, "the vendor is asked");
    assert!(
        matches!(plan.rows[0].course, Course::Change(_)),
        "and it is rejected"
    );
}

#[tokio::test]
async fn a_ledger_of_another_survey_or_of_no_state_says_nothing() {
    let world = World::purespectrum();
    let confirmed = [line("a", "reject", "", None)];
    world.shelf.holds(PS, "2", &confirmed);
    world
        .vendor
        .answers("GET /surveys/1/transactions/a", [shows("a", 21)]);
    let list = rejects(PS, &["a"]);
    assert_eq!(facts(&world, &list).await, [read(21)]);
    world.shelf.holds(PS, "1", &confirmed);
    let (facts, _) = world.gather(&list, None).await.unwrap();
    assert_eq!((facts.rows, facts.lines), (vec![read(21)], vec![0]));
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_stops_it() {
    let world = World::purespectrum();
    world.shelf.unreadable.store(true, Ordering::Relaxed);
    let error = world
        .gather(&rejects(PS, &["a"]), Some(LINEAGE))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(world.vendor.calls("").is_empty());
}

#[tokio::test]
async fn lines_of_ledgers_are_counted_row_by_row() {
    let world = World::cint();
    let mut rows = ["a", "b", "c"].map(|id| row(id, Outcome::Reject)).to_vec();
    rows.push(Row {
        survey: 1,
        ..row("a", Outcome::Reject)
    });
    let list = list(crate::marketplace::CINT, rows);
    let said = |id, outcome| line(id, outcome, "", None);
    let first = [
        said("a", "reject"),
        said("b", "complete"),
        said("a", "complete"),
        said("x", "reject"),
    ];
    world.shelf.holds(crate::marketplace::CINT, "1", &first);
    world
        .shelf
        .holds(crate::marketplace::CINT, "2", &vec![said("a", "complete"); 3]);
    let (facts, _) = world.gather(&list, Some(LINEAGE)).await.unwrap();
    assert_eq!(facts.lines, [2, 1, 0, 3]);
    assert_eq!(
        facts.rows,
        vec![Fact::Unseen; 4],
        "the last word is another outcome"
    );
}

#[tokio::test]
async fn what_the_vendor_has_in_another_survey_is_a_problem_and_what_it_does_not_tell_is_not_read() {
    let world = World::purespectrum();
    world
        .vendor
        .answers("GET /surveys/1/transactions/a", [shows("a", 21)]);
    world.vendor.answers(
        "GET /surveys/1/transactions/b",
        [answer(
            404,
            serde_json::from_str(include_str!(
                "../../../tests/fixtures/purespectrum/template_not_found_1006.response.json"
            ))
            .unwrap(),
        )],
    );
    world
        .vendor
        .answers("GET /surveys/1/transactions/c", [answer(500, json!({}))]);
    let (facts, problems) = world
        .gather(&rejects(PS, &["a", "b", "c"]), Some(LINEAGE))
        .await
        .unwrap();
    assert_eq!(facts.rows[0], read(21));
    let Fact::Read(Reading::Absent { proof }) = &facts.rows[1] else {
        panic!("{facts:?}");
    };
    let proof = proof.clone();
    assert_eq!(problems, [Problem::OtherSurvey { row: 1, proof }]);
    assert!(
        matches!(&facts.rows[2], Fact::Read(Reading::Unknown { .. })),
        "{facts:?}"
    );
    assert_eq!(world.read.load(Ordering::Relaxed), 3);
}

/// Whether the survey is asked for its quotas when this row, and one more of the kind, is in this status.
async fn asks(outcome: Outcome, code: i64, quotas: Option<&[String]>) -> bool {
    let world = World::purespectrum();
    let rows = ["a", "b"].map(|id| Row {
        quotas: quotas.map(Into::into),
        ..row(id, outcome)
    });
    // What comes last needs no quotas, whatever came before.
    let rows = [rows.to_vec(), vec![row("z", Outcome::Termination)]].concat();
    for id in ["a", "b", "z"] {
        let code = if id == "z" { 16 } else { code };
        let path = format!("GET /surveys/1/transactions/{id}");
        world.vendor.answers(&path, [shows(id, code)]);
    }
    world
        .vendor
        .answers("GET /surveys/1", [answer(200, json!({"qlc": {"enable": true}}))]);
    let (facts, _) = world.gather(&list(PS, rows), Some(LINEAGE)).await.unwrap();
    let asked = world.vendor.calls("GET").contains(&"GET /surveys/1".to_owned());
    assert_eq!(facts.by_quota, if asked { vec![0] } else { Vec::new() });
    asked
}

#[tokio::test]
async fn a_survey_is_asked_for_its_quotas_only_for_open_completes_that_name_none() {
    assert!(asks(Outcome::Complete, 16, None).await);
    assert!(!asks(Outcome::Complete, 18, None).await, "it has ended");
    assert!(!asks(Outcome::Termination, 16, None).await, "it is no complete");
    assert!(
        !asks(Outcome::Complete, 16, Some(&["men".to_owned()])).await,
        "it names one"
    );
}

#[tokio::test]
async fn a_survey_that_does_not_allocate_by_quota_or_does_not_say_so_needs_none() {
    for says in [json!({"qlc": {"enable": false}}), json!({})] {
        let world = World::purespectrum();
        world
            .vendor
            .answers("GET /surveys/1/transactions/a", [shows("a", 16)]);
        world.vendor.answers("GET /surveys/1", [answer(200, says)]);
        let list = list(PS, vec![row("a", Outcome::Complete)]);
        let (facts, _) = world.gather(&list, Some(LINEAGE)).await.unwrap();
        assert!(facts.by_quota.is_empty());
        assert_eq!(world.vendor.calls("GET").len(), 2);
    }
}

/// How Cint shows a list.
fn upload(status: &str) -> Value {
    json!({"status": status, "expired_count": 1, "invalid_count": 1})
}

/// What is known about rows that are in the list `R1` at Cint, of which it says this.
async fn in_a_list(world: &World, ids: &[&str], says: super::vendor::Say) -> Vec<Fact> {
    let place = "GET /demand/accounts/1/reconciliations/R1";
    world.vendor.answers(place, [says]);
    world
        .vendor
        .answers(&format!("{place}/downloads/expired-rids"), [lines("LATE\n")]);
    world.vendor.answers(
        &format!("{place}/downloads/invalid-rids"),
        [lines("rid\nNobody\n")],
    );
    world.vendor.answers(
        &format!("{place}/target-groups"),
        [answer(200, json!({"target_groups": []}))],
    );
    let sent: Vec<_> = ids.iter().map(|id| line(id, "reject", "", Some("R1"))).collect();
    world.shelf.holds(crate::marketplace::CINT, "1", &sent);
    facts(world, &rejects(crate::marketplace::CINT, ids)).await
}

#[tokio::test]
async fn a_list_that_the_vendor_works_through_is_waited_for_and_looked_at_once() {
    let world = World::cint();
    let found = in_a_list(&world, &["a", "b"], answer(200, upload("processing"))).await;
    assert_eq!(found, vec![Fact::Waiting("R1".into()); 2]);
    assert_eq!(world.vendor.calls("GET").len(), 1, "once for all of its rows");
    assert_eq!(world.read.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_finished_list_says_who_was_changed() {
    let found = in_a_list(
        &World::cint(),
        &["good", "late", "nobody"],
        answer(200, upload("completed")),
    )
    .await;
    assert_eq!(found[0], Fact::Recorded("".into()));
    let refused = |fact: &Fact| match fact {
        Fact::Refused(why) => *why,
        other => panic!("{other:?}"),
    };
    assert!(refused(&found[1]).contains("expired"));
    assert!(refused(&found[2]).contains("invalid"));
}

#[tokio::test]
async fn a_list_that_the_vendor_gave_up_changed_nothing_and_is_sent_again_as_another_one() {
    let world = World::cint();
    let found = in_a_list(&world, &["a"], answer(200, upload("failed"))).await;
    assert_eq!(found, [Fact::Unseen]);
    let list = rejects(crate::marketplace::CINT, &["a"]);
    let again = world.plan(&list).await;
    let first = World::cint().plan(&list).await;
    let key =
        |plan: &super::super::Plan| plan.call(&plan.batches[0]).unwrap().headers["idempotency-key"].clone();
    assert_eq!(again.counts().change, 1);
    assert_ne!(key(&again), key(&first), "the old key means the list that failed");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_sent_again() {
    let world = World::cint();
    let found = in_a_list(&world, &["a"], answer(500, json!({}))).await;
    assert!(
        matches!(&found[0], Fact::Read(Reading::Unknown { .. })),
        "{found:?}"
    );
    let plan = world.plan(&rejects(crate::marketplace::CINT, &["a"])).await;
    assert_eq!(plan.counts().unread, 1);
    let ran = world.run(&plan).await;
    assert!(
        matches!(&ran.verdicts[0], super::super::Verdict::Unknown(why) if why.contains("could not be read"))
    );
    assert_eq!(world.vendor.calls("POST"), Vec::<String>::new());
}

#[tokio::test]
async fn where_the_vendor_shows_nothing_nobody_looks() {
    let world = World::cint();
    let found = facts(&world, &rejects(crate::marketplace::CINT, &["a", "b"])).await;
    assert_eq!(found, [Fact::Unseen, Fact::Unseen]);
    assert!(world.vendor.calls("").is_empty());
    assert_eq!(world.read.load(Ordering::Relaxed), 2);
    // At PureSpectrum the same rows are read.
    let world = World::purespectrum();
    world
        .vendor
        .answers("GET /surveys/1/transactions/a", [refused(1)]);
    let found = facts(&world, &rejects(PS, &["a"])).await;
    assert!(
        matches!(&found[0], Fact::Read(Reading::Unknown { .. })),
        "{found:?}"
    );
}
