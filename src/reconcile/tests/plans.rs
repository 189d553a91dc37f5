//! Row by row: from a fact to what becomes of it, to calls, to money.

use super::super::prepare::{Fact, Facts};
use super::super::{Batch, Plan};
use super::world::{list, plan_in, plan_of, read, row, standing};
use crate::marketplace::shelf::reconcile::Item;
use crate::model::reconciliation::{Course, Row, Standing};
use crate::model::{Mechanism, Outcome, Reading};
use iso_currency::Currency;

/// What becomes of one row at PureSpectrum.
fn course(row: Row, fact: Fact) -> Course {
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, vec![row]), [fact]);
    assert_eq!(plan.is_empty(), !matches!(plan.rows[0].course, Course::Change(_)));
    plan.rows[0].course.clone()
}

#[test]
fn every_fact_has_its_course() {
    let reject = || row("a", Outcome::Reject);
    assert_eq!(
        course(reject(), read(21)),
        Course::Change(Mechanism::LiveReconciliation)
    );
    assert_eq!(course(reject(), read(33)), Course::Settled);
    assert_eq!(
        course(reject(), Fact::Recorded("Complete (21)".into())),
        Course::Recorded {
            was: "Complete (21)".into()
        }
    );
    assert_eq!(
        course(reject(), Fact::Waiting("R7".into())),
        Course::Waiting { request: "R7".into() }
    );
    assert_eq!(
        course(reject(), Fact::Refused("too late")),
        Course::Cannot("too late".into())
    );
    for unread in [
        Reading::Absent {
            proof: "no".to_owned(),
        },
        Reading::Unknown { why: "no".to_owned() },
    ] {
        assert_eq!(course(reject(), Fact::Read(unread)), Course::Unread("no".into()));
    }
    let Course::Cannot(why) = course(reject(), Fact::Unseen) else {
        panic!("PureSpectrum shows everything");
    };
    assert!(why.contains("has not read"), "{why}");
}

#[test]
fn what_the_vendor_reports_is_kept_with_the_row() {
    let rows = vec![row("a", Outcome::Reject), row("b", Outcome::Reject)];
    let facts = [read(21), Fact::Recorded("Complete (21)".into())];
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, rows), facts);
    assert_eq!(plan.rows[0].was, Some(standing(21)));
    assert_eq!(plan.rows[1].was, None);
}

/// What becomes of an interview in a survey whose completes count for quotas, or of one beside it.
fn with_quotas(outcome: Outcome, was: i64, quotas: Option<&[String]>, survey: u32) -> Course {
    let row = Row {
        quotas: quotas.map(Into::into),
        survey,
        ..row("a", outcome)
    };
    let facts = Facts {
        rows: vec![read(was)],
        by_quota: vec![1],
        ..Facts::default()
    };
    plan_in("test", list(crate::marketplace::PURESPECTRUM, vec![row]), facts).rows[0]
        .course
        .clone()
}

#[test]
fn only_an_open_complete_of_a_survey_with_quotas_has_to_name_them() {
    let Course::Cannot(why) = with_quotas(Outcome::Complete, 16, None, 1) else {
        panic!("the vendor would refuse it");
    };
    assert!(why.contains("quota_ids"), "{why}");
    let called = Course::Change(Mechanism::StatusCall);
    let named = ["men".to_owned()];
    assert_eq!(with_quotas(Outcome::Complete, 16, Some(&named), 1), called);
    assert_eq!(with_quotas(Outcome::Termination, 16, None, 1), called);
    assert_eq!(with_quotas(Outcome::Complete, 16, None, 0), called);
    let listed = Course::Change(Mechanism::LiveReconciliation);
    assert_eq!(with_quotas(Outcome::Complete, 18, None, 1), listed);
}

/// Rows of two surveys, mixed up, that become two outcomes in two ways.
fn mixed() -> Plan {
    let rows = [
        ("a", Outcome::Reject, 1, 21),
        ("b", Outcome::Complete, 0, 16),
        ("c", Outcome::Reject, 0, 21),
        ("d", Outcome::Complete, 1, 18),
        ("e", Outcome::Complete, 1, 16),
        ("f", Outcome::Reject, 1, 33),
        ("g", Outcome::Reject, 0, 21),
    ];
    let row = |(id, outcome, survey, _)| Row {
        survey,
        ..row(id, outcome)
    };
    let facts = rows.map(|(.., code)| read(code));
    plan_of(
        list(crate::marketplace::PURESPECTRUM, rows.map(row).to_vec()),
        facts,
    )
}

#[test]
fn rows_share_calls_by_outcome_and_surveys_stay_together() {
    let batch = |mechanism, outcome, rows: &[u32]| Batch {
        mechanism,
        outcome,
        rows: rows.to_vec(),
    };
    let plan = mixed();
    let expected = [
        batch(Mechanism::StatusCall, Outcome::Complete, &[1]),
        batch(Mechanism::StatusCall, Outcome::Complete, &[4]),
        batch(Mechanism::LiveReconciliation, Outcome::Complete, &[3]),
        batch(Mechanism::LiveReconciliation, Outcome::Reject, &[2, 6, 0]),
    ];
    assert_eq!(plan.batches, expected);
    assert_eq!(plan.counts().calls, 4);
}

#[test]
fn a_list_is_never_longer_than_the_vendor_takes() {
    let rows: Vec<Row> = (0..1001).map(|n| row(&n.to_string(), Outcome::Reject)).collect();
    let facts = vec![read(21); rows.len()];
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, rows), facts);
    let lengths: Vec<usize> = plan.batches.iter().map(|batch| batch.rows.len()).collect();
    assert_eq!(lengths, [1000, 1]);
}

#[test]
fn an_order_names_survey_transaction_reason_and_quotas() {
    let quotas = ["men".to_owned()];
    let rows = vec![
        row("a", Outcome::Complete),
        Row {
            reason: Some("Speeder".into()),
            quotas: Some(quotas.as_slice().into()),
            survey: 1,
            ..row("b", Outcome::Complete)
        },
    ];
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, rows), [read(16), read(16)]);
    let order = plan.order_of(Mechanism::StatusCall, Outcome::Complete, &[1, 0]);
    let second = Item {
        survey: "2",
        transaction: "b",
        reason: Some("Speeder"),
        quotas: &quotas,
    };
    let first = Item {
        survey: "1",
        transaction: "a",
        reason: None,
        quotas: &[],
    };
    assert_eq!(order.items, [second, first]);
    assert_eq!(
        (order.mechanism, order.outcome),
        (Mechanism::StatusCall, Outcome::Complete)
    );
    let path = plan.call(&plan.batches[1]).unwrap().path;
    assert_eq!(path, "/surveys/2/transactions/b/status?st=21&quota_id=men");
}

#[test]
fn every_row_is_counted_once() {
    let facts = [
        (2, read(21)),
        (3, read(33)),
        (4, Fact::Recorded("".into())),
        (5, read(18)),
        (6, Fact::Waiting("R".into())),
        (7, Fact::Read(Reading::Unknown { why: "no".to_owned() })),
    ];
    let facts: Vec<Fact> = facts
        .into_iter()
        .flat_map(|(times, fact)| vec![fact; times])
        .collect();
    let rows = (0..facts.len()).map(|n| row(&n.to_string(), Outcome::Reject));
    let plan = plan_of(list(crate::marketplace::PURESPECTRUM, rows.collect()), facts);
    let counts = plan.counts();
    assert_eq!((counts.transactions, counts.calls), (27, 1));
    assert_eq!((counts.change, counts.unchanged, counts.recorded), (2, 3, 4));
    assert_eq!((counts.impossible, counts.waiting, counts.unread), (5, 6, 7));
    assert!(!plan.is_empty());
}

#[test]
fn changes_are_put_together_by_survey_and_by_what_they_are_and_become() {
    let told: Vec<String> = mixed()
        .changes()
        .into_iter()
        .map(|(change, number)| {
            let how = change.mechanism.words();
            format!(
                "{}: {number} {} → {} by {how}",
                change.survey, change.was, change.outcome
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "0: 1 Buyer_side_In_Progress (16) → complete by transaction status call",
            "0: 2 Complete (21) → reject by live reconciliation",
            "1: 1 Buyer_Termination (18) → complete by live reconciliation",
            "1: 1 Buyer_side_In_Progress (16) → complete by transaction status call",
            "1: 1 Complete (21) → reject by live reconciliation",
        ]
    );
    let rows = vec![row("a", Outcome::Reject), row("b", Outcome::Reject)];
    let unseen = plan_of(list(crate::marketplace::CINT, rows), [Fact::Unseen, Fact::Unseen]);
    let (change, number) = unseen.changes().into_iter().next().unwrap();
    assert_eq!((change.was.as_str(), number), ("not shown by the vendor", 2));
}

/// Money added, money taken back, and transactions without a price, where these are to change.
fn moved(rows: &[(Outcome, Standing)]) -> (String, String, u64) {
    let facts = rows
        .iter()
        .map(|(_, was)| Fact::Read(Reading::Present(was.clone())));
    let list = list(
        crate::marketplace::PURESPECTRUM,
        rows.iter().map(|(outcome, _)| row("a", *outcome)).collect(),
    );
    let moved = plan_of(list, facts).moved(None);
    let usd = |purse: &crate::model::money::Purse| purse.of(Currency::USD).to_string();
    (usd(&moved.added), usd(&moved.taken_back), moved.unknown)
}

fn without_price(code: i64) -> Standing {
    Standing {
        price: None,
        ..standing(code)
    }
}

#[test]
fn what_becomes_a_complete_is_added_and_what_was_one_is_taken_back() {
    let both = [
        (Outcome::Complete, standing(16)),
        (Outcome::Complete, standing(18)),
        (Outcome::Reject, standing(21)),
    ];
    assert_eq!(moved(&both), ("2.60 USD".into(), "1.30 USD".into(), 0));
}

#[test]
fn what_is_no_complete_before_and_after_moves_no_money() {
    let ended = [
        (Outcome::Termination, standing(16)),
        (Outcome::Termination, without_price(16)),
    ];
    assert_eq!(moved(&ended), ("0.00 USD".into(), "0.00 USD".into(), 0));
    // As wanted already, and impossible: nothing changes, so nothing is paid.
    let same = [
        (Outcome::Complete, standing(21)),
        (Outcome::Complete, without_price(13)),
    ];
    assert_eq!(moved(&same), ("0.00 USD".into(), "0.00 USD".into(), 0));
}

#[test]
fn a_change_without_a_price_is_counted_as_unknown_and_not_as_free() {
    let some = [
        (Outcome::Complete, standing(16)),
        (Outcome::Complete, without_price(16)),
        (Outcome::Reject, without_price(21)),
    ];
    assert_eq!(moved(&some), ("1.30 USD".into(), "0.00 USD".into(), 2));
    let rows = vec![row("a", Outcome::Reject), row("b", Outcome::Complete)];
    let unseen = plan_of(list(crate::marketplace::CINT, rows), [Fact::Unseen, Fact::Unseen]);
    assert_eq!(unseen.moved(None).unknown, 2);
}

#[test]
fn money_is_told_survey_by_survey() {
    let plan = mixed();
    let added = |survey| plan.moved(survey).added.of(Currency::USD).to_string();
    assert_eq!(added(None), "3.90 USD");
    assert_eq!(added(Some(0)), "1.30 USD");
    assert_eq!(added(Some(1)), "2.60 USD");
    assert_eq!(plan.moved(Some(2)), super::super::plan::Moved::default());
}
