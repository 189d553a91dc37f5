//! Who is behind a value, over made-up runs. The last run comes first.

use super::super::record::{Did, End, Moved, Remembered, StepEnd};
use super::*;
use crate::marketplace::PURESPECTRUM;
use crate::plan::Change;
use serde_json::json;
use std::collections::BTreeMap;

fn run(id: &str) -> Run {
    let by = By {
        actor: "ada".to_owned(),
        ..By::default()
    };
    Run::new(id.to_owned(), "apply", Timestamp::UNIX_EPOCH, "production", by)
}

/// A run with one step on `soda`.
fn did(id: &str, action: Action, changes: &[(&str, Value)], outcome: Option<Outcome>) -> Run {
    let step = format!("soda:{action}");
    let change = |(path, after): &(&str, Value)| Change::new(*path, Value::Null, after.clone());
    let mut run = run(id);
    run.steps = vec![Did {
        step: step.clone(),
        address: Address::survey("soda"),
        vendor: PURESPECTRUM,
        action,
        changes: changes.iter().map(change).collect(),
        money: None,
    }];
    run.end = outcome.map(|outcome| End {
        run: id.to_owned(),
        ended: Timestamp::UNIX_EPOCH,
        steps: BTreeMap::from([(
            step,
            StepEnd {
                outcome,
                because: None,
            },
        )]),
        made: BTreeMap::new(),
        interrupted: false,
        broken: None,
    });
    run
}

fn took(id: &str, fate: Fate, changes: &[(&str, Value)]) -> Run {
    let change = |(path, after): &(&str, Value)| Change::new(*path, Value::Null, after.clone());
    let mut run = run(id);
    run.remembered = vec![Remembered {
        address: Address::survey("soda"),
        vendor: PURESPECTRUM,
        id: None,
        fate,
        changes: changes.iter().map(change).collect(),
    }];
    run
}

/// The answer for one field of `soda`.
fn whence(field: &str, value: Value, runs: &[Run]) -> (Whence, Option<String>) {
    let values = vec![(field.to_owned(), value)];
    let mut blame = Blame::new([(Address::survey("soda"), values)]);
    runs.iter().for_each(|run| blame.see(run));
    let answer = blame.finish().remove(0);
    (answer.whence, answer.since.map(|since| since.run))
}

fn by(whence: Whence, run: &str) -> (Whence, Option<String>) {
    (whence, Some(run.to_owned()))
}

const DONE: Option<Outcome> = Some(Outcome::Done);

#[test]
fn the_newest_run_that_wrote_a_value_is_behind_it() {
    let cpi = |price: &str| [("/cpi", json!(price))];
    let runs = [
        did("4", Action::Update, &[("/title", json!("Soda"))], DONE),
        did("3", Action::Update, &cpi("4.00 USD"), Some(Outcome::Skipped)),
        did("2", Action::Update, &cpi("3.00 USD"), DONE),
        did("1", Action::Create, &cpi("2.00 USD"), DONE),
    ];
    assert_eq!(whence("/cpi", json!("3.00 USD"), &runs), by(Whence::Applied, "2"));
    assert_eq!(whence("/title", json!("Soda"), &runs), by(Whence::Applied, "4"));
    // It came with what was made, although no change says it.
    assert_eq!(whence("/status", json!("draft"), &runs), by(Whence::Applied, "1"));
    // Somebody else moved it, and it was taken over without history.
    assert_eq!(
        whence("/cpi", json!("9.00 USD"), &runs),
        by(Whence::Elsewhere, "2")
    );
    assert_eq!(
        whence("/cpi", json!("3.00 USD"), &runs[..2]),
        (Whence::Before, None)
    );
}

#[test]
fn a_pause_leaves_what_is_wanted_to_whoever_wanted_it() {
    let status = |status: &str| [("/status", json!(status))];
    let runs = [
        did("2", Action::Pause, &status("paused"), DONE),
        did("1", Action::Launch, &status("live"), DONE),
    ];
    assert_eq!(whence("/status", json!("live"), &runs), by(Whence::Applied, "1"));
}

#[test]
fn a_run_whose_end_was_not_seen_may_be_behind_what_is_there() {
    let cpi = |price: &str| [("/cpi", json!(price))];
    for end in [None, Some(Outcome::Unknown), Some(Outcome::Failed)] {
        let runs = [
            did("2", Action::Update, &cpi("3.00 USD"), end),
            did("1", Action::Create, &cpi("2.00 USD"), DONE),
        ];
        assert_eq!(whence("/cpi", json!("3.00 USD"), &runs), by(Whence::Unsure, "2"));
        assert_eq!(whence("/cpi", json!("2.00 USD"), &runs), by(Whence::Applied, "1"));
        assert_eq!(
            whence("/cpi", json!("3.00 USD"), &runs[..1]),
            by(Whence::Unsure, "2")
        );
        assert_eq!(
            whence("/cpi", json!("1.00 USD"), &runs[..1]),
            (Whence::Before, None)
        );
    }
}

#[test]
fn what_was_taken_over_is_told_as_that() {
    let price = [("/cpi", json!("3.00 USD"))];
    let accepted = [took("2", Fate::Changed, &price), took("1", Fate::Added, &[])];
    assert_eq!(
        whence("/cpi", json!("3.00 USD"), &accepted),
        by(Whence::Taken, "2")
    );
    assert_eq!(whence("/title", json!("Soda"), &accepted), by(Whence::Taken, "1"));
    assert_eq!(
        whence("/cpi", json!("4.00 USD"), &accepted),
        by(Whence::Elsewhere, "2")
    );
    let forgotten = [took("3", Fate::Forgotten, &[])];
    assert_eq!(
        whence("/cpi", json!("3.00 USD"), &forgotten),
        (Whence::Before, None)
    );
}

#[test]
fn a_value_is_followed_to_the_names_its_survey_had() {
    let mut renamed = run("2");
    renamed.moves = vec![Moved {
        from: Address::survey("soda"),
        to: Address::survey("cola"),
    }];
    let made = did("1", Action::Create, &[("/cpi", json!("3.00 USD"))], DONE);
    let values = vec![("/cpi".to_owned(), json!("3.00 USD"))];
    let mut blame = Blame::new([(Address::survey("cola"), values)]);
    blame.see(&made);
    assert!(!blame.is_done());
    blame.see(&renamed);
    blame.see(&made);
    assert!(blame.is_done());
    let answer = blame.finish().remove(0);
    assert_eq!(answer.address, Address::survey("cola"));
    assert_eq!(answer.since.unwrap().run, "1");
}

#[test]
fn words_of_criteria_need_not_be_the_same() {
    let asked = json!({"gender": ["Male"]});
    let runs = [did("1", Action::Update, &[("/quotas/men/where", asked)], DONE)];
    let codes = json!({"gender": ["111"]});
    assert_eq!(
        whence("/quotas/men/where", codes, &runs),
        by(Whence::Applied, "1")
    );
}
