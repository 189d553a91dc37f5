//! What a plan's name covers, and so an approval; what the key of an upload covers, and so the vendor's memory of it.

use super::super::Plan;
use super::super::prepare::{Fact, Facts};
use super::world::{list, plan_in, plan_of, read, row, standing};
use crate::model::reconciliation::{Reconciliation, Row, Standing};
use crate::model::{Mechanism, Outcome, Reading};

/// A complete that is rejected and an open interview that becomes one; both are in the approval.
fn rows() -> Vec<Row> {
    vec![
        Row {
            reason: Some("Speeder".into()),
            ..row("a", Outcome::Reject)
        },
        Row {
            quotas: Some(["men".to_owned()].into()),
            ..row("b", Outcome::Complete)
        },
    ]
}

fn wanted() -> Reconciliation {
    list(crate::marketplace::PURESPECTRUM, rows())
}

/// The name of a plan for this list, in which these two are complete and open.
fn name(list: Reconciliation) -> String {
    plan_of(list, [read(21), read(16)]).hash
}

/// The name of the plan where the vendor reports something else of the second row, which is to be a complete.
fn name_where_it_was(second: Standing) -> String {
    plan_of(wanted(), [read(21), Fact::Read(Reading::Present(second))]).hash
}

#[test]
fn the_same_list_and_readings_have_the_same_name() {
    assert_eq!(name(wanted()), name(wanted()));
}

#[test]
fn an_approval_does_not_cover_another_environment() {
    let name = |environment: &str| {
        let facts = Facts {
            rows: vec![read(21), read(16)],
            ..Facts::default()
        };
        plan_in(environment, wanted(), facts).hash
    };
    assert_ne!(name("staging"), name("production"));
}

#[test]
fn an_approval_does_not_cover_another_price() {
    let at = |price: Option<&str>| {
        name_where_it_was(Standing {
            price: price.map(|price| price.parse().unwrap()),
            ..standing(16)
        })
    };
    let names = [
        at(Some("1.30 USD")),
        at(Some("13.00 USD")),
        at(Some("1.30 EUR")),
        at(None),
    ];
    all_differ(&names);
}

#[test]
fn an_approval_does_not_cover_another_reason() {
    let because = |reason: Option<&str>| {
        let mut list = wanted();
        list.rows[0].reason = reason.map(Into::into);
        name(list)
    };
    all_differ(&[because(Some("Speeder")), because(Some("Fraud")), because(None)]);
}

#[test]
fn an_approval_does_not_cover_rows_that_became_something_else() {
    // Both are turned into a complete in the same way, and cost the same.
    let was = [18, 20, 31].map(|code| name_where_it_was(standing(code)));
    all_differ(&was);
}

#[test]
fn an_approval_does_not_cover_other_quotas() {
    let counted = |quotas: Option<&[&str]>| {
        let mut list = wanted();
        list.rows[1].quotas = quotas.map(|quotas| quotas.iter().map(ToString::to_string).collect());
        name(list)
    };
    let names = [
        counted(Some(&["men"])),
        counted(Some(&["women"])),
        counted(Some(&["men", "women"])),
        counted(None),
    ];
    all_differ(&names);
}

#[test]
fn an_approval_covers_one_list_of_one_vendor_and_its_rows_only() {
    let changed = |change: fn(&mut Reconciliation)| {
        let mut list = wanted();
        change(&mut list);
        name(list)
    };
    let names = [
        name(wanted()),
        changed(|list| list.name = "december".to_owned()),
        changed(|list| list.rows[1].id = "c".into()),
        changed(|list| list.rows[1].outcome = Outcome::Termination),
        changed(|list| list.rows.truncate(1)),
        plan_of(
            list(
                crate::marketplace::PURESPECTRUM,
                vec![
                    Row {
                        survey: 1,
                        ..rows()[0].clone()
                    },
                    rows()[1].clone(),
                ],
            ),
            [read(21), read(16)],
        )
        .hash,
    ];
    all_differ(&names);
}

#[test]
fn rows_that_stay_as_they_are_need_no_new_approval() {
    let with = |fact: Fact| {
        let mut list = wanted();
        list.rows.push(row("c", Outcome::Complete));
        plan_of(list, [read(21), read(16), fact])
    };
    let settled = with(read(21));
    assert_eq!(settled.hash, with(Fact::Recorded("Complete (21)".into())).hash);
    assert_eq!(settled.hash, name(wanted()));
}

/// Three rejects and a complete at Cint, with so many lines of ledgers about each.
fn uploads(lines: &[u32]) -> Plan {
    let mut rows = ["a", "b", "c"].map(|id| row(id, Outcome::Reject)).to_vec();
    rows.push(Row {
        survey: 1,
        ..row("a", Outcome::Complete)
    });
    uploads_of("test", list(crate::marketplace::CINT, rows), lines)
}

fn uploads_of(environment: &str, list: Reconciliation, lines: &[u32]) -> Plan {
    let facts = Facts {
        rows: vec![Fact::Unseen; list.rows.len()],
        lines: lines.to_vec(),
        ..Facts::default()
    };
    plan_in(environment, list, facts)
}

/// The key under which these rows are sent.
fn key(plan: &Plan, outcome: Outcome, rows: &[u32]) -> String {
    let call = plan.call_of(Mechanism::Upload, outcome, rows).unwrap();
    call.headers["idempotency-key"].clone()
}

fn rejected(plan: &Plan, rows: &[u32]) -> String {
    key(plan, Outcome::Reject, rows)
}

#[test]
fn the_same_upload_has_the_same_key() {
    let plan = uploads(&[0; 4]);
    assert_eq!(
        rejected(&plan, &[0, 1, 2]),
        rejected(&uploads(&[0; 4]), &[0, 1, 2])
    );
    let batch = &plan.batches[1];
    assert_eq!(
        (batch.outcome, batch.rows.as_slice()),
        (Outcome::Reject, &[0, 1, 2][..])
    );
    let order = plan.order_of(Mechanism::Upload, Outcome::Reject, &[0, 1, 2]);
    assert_eq!(plan.order(batch), order);
    let call = plan.call(batch).unwrap();
    assert_eq!(call.headers["idempotency-key"], rejected(&plan, &[0, 1, 2]));
    assert_eq!(call.body, Some("a,26\nb,26\nc,26\n".into()));
}

#[test]
fn what_is_wanted_again_after_something_else_is_another_upload() {
    let (before, after) = (uploads(&[0; 4]), uploads(&[0, 2, 0, 0]));
    assert_eq!(before.hash, after.hash, "a person approves the same");
    assert_ne!(rejected(&before, &[0, 1]), rejected(&after, &[0, 1]));
}

#[test]
fn what_ledgers_and_the_list_say_of_other_rows_does_not_change_a_key() {
    let before = uploads(&[0, 0, 0, 0]);
    let after = uploads(&[0, 7, 7, 7]);
    assert_eq!(rejected(&before, &[0]), rejected(&after, &[0]));
    let mut alone = list(crate::marketplace::CINT, vec![row("a", Outcome::Reject)]);
    alone.name = "december".to_owned();
    let alone = uploads_of("test", alone, &[0]);
    assert_ne!(before.hash, alone.hash);
    assert_eq!(rejected(&before, &[0]), rejected(&alone, &[0]));
}

#[test]
fn uploads_of_other_transactions_have_other_keys() {
    let plan = uploads(&[0; 4]);
    let orders: [&[u32]; 4] = [&[0], &[1], &[0, 1], &[0, 1, 2]];
    all_differ(&orders.map(|rows| rejected(&plan, rows)));
}

#[test]
fn uploads_with_other_outcomes_have_other_keys() {
    // The same id in two surveys: rejected in one, a complete in the other.
    let plan = uploads(&[0; 4]);
    assert_ne!(rejected(&plan, &[0]), key(&plan, Outcome::Complete, &[3]));
    assert_ne!(rejected(&plan, &[0]), key(&plan, Outcome::Complete, &[0]));
}

#[test]
fn uploads_from_another_environment_of_another_survey_or_for_another_reason_have_other_keys() {
    let first = |environment: &str, row: Row| {
        rejected(
            &uploads_of(environment, list(crate::marketplace::CINT, vec![row]), &[0]),
            &[0],
        )
    };
    let a = || row("a", Outcome::Reject);
    let because = |reason: &str| Row {
        reason: Some(reason.into()),
        ..a()
    };
    all_differ(&[
        first("staging", a()),
        first("production", a()),
        first("staging", Row { survey: 1, ..a() }),
        first("staging", because("932")),
        first("staging", because("933")),
    ]);
}

#[track_caller]
fn all_differ(names: &[String]) {
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "{names:?}");
    assert!(names.iter().all(|name| !name.is_empty()));
}
