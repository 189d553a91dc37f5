//! A project's own names for questions: what a plan calls them, and that it is the same plan.

use crate::support::*;
use crate::vendors_world::IMR;
use infield::marketplace::{Markets, PURESPECTRUM as PS, innovatemr, purespectrum};
use infield::model::own::{Books, OwnQuestion};
use infield::model::{Answers, Criterion, Field};
use infield::plan::{NoteKind, Plan};
use serde_json::json;

fn own(name: &str, code: &str, answers: &[(&str, &str)]) -> OwnQuestion {
    let answers = answers.iter();
    OwnQuestion {
        name: name.to_owned(),
        code: code.to_owned(),
        unit: None,
        answers: answers
            .map(|(name, code)| ((*name).to_owned(), (*code).to_owned()))
            .collect(),
    }
}

/// The marketplaces of a project that names the questions of these tests.
fn named(job: &str, chief: &str) -> Markets {
    Markets::default().naming(Books::new([
        (
            PS,
            &purespectrum::codebook::CODEBOOK,
            vec![own(job, "9001", &[(chief, "111"), ("cto", "112")])],
        ),
        (
            IMR,
            &innovatemr::codebook::CODEBOOK,
            vec![own(job, "JOB_TITLE", &[(chief, "1")])],
        ),
    ]))
}

/// Every change as its path, what is wanted, and its remark.
fn changes(plan: &Plan) -> Vec<(String, serde_json::Value, Option<String>)> {
    let all = plan.steps.iter().flat_map(|step| &step.changes);
    all.map(|change| (change.path.clone(), change.after.value(), change.remark.clone()))
        .collect()
}

#[test]
fn a_plan_calls_questions_as_the_project_does_and_says_what_is_sent() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").qualifications = Field::Set(vec![sex("111"), age(18, 74)].into());
    world.spec("soda").quotas = Field::Set(vec![quota("men", 400, vec![sex("112")])].into());
    let told = changes(&world.plan_at(&named("job_title", "ceo")));
    let asked = told
        .iter()
        .find(|(path, ..)| path == "/qualifications/job_title")
        .unwrap();
    assert_eq!(asked.1, json!(["ceo"]));
    assert_eq!(asked.2.as_deref(), Some("job_title is 9001: ceo 111"));
    assert!(
        told.iter().all(|(path, ..)| path != "/qualifications/9001"),
        "{told:?}"
    );
    let counted = told
        .iter()
        .find(|(path, ..)| path == "/quotas/men/where")
        .unwrap();
    assert_eq!(counted.1, json!({"job_title": ["cto"]}));
    assert_eq!(counted.2.as_deref(), Some("job_title is 9001: cto 112"));
    // What infield names itself needs no word.
    let other = told.iter().find(|(path, ..)| path == "/qualifications/9002");
    assert!(other.is_none_or(|(_, _, remark)| remark.is_none()), "{told:?}");
}

#[test]
fn another_name_plans_nothing_and_changes_no_call() {
    let mut world = World::new();
    world.fielded("soda", soda());
    for markets in [
        Markets::default(),
        named("job_title", "ceo"),
        named("position", "chief"),
    ] {
        assert!(world.plan_at(&markets).is_empty());
    }
    world.spec("soda").qualifications = Field::Set(vec![sex("111")].into());
    let calls = |markets: &Markets| {
        let plan = world.plan_at(markets);
        assert!(!plan.is_empty());
        let all = plan.steps.iter().flat_map(|step| step.calls.clone());
        all.collect::<Vec<_>>()
    };
    assert_eq!(
        calls(&named("job_title", "ceo")),
        calls(&named("position", "chief"))
    );
    assert_eq!(calls(&named("job_title", "ceo")), calls(&Markets::default()));
}

#[test]
fn what_the_library_does_not_have_is_refused_at_the_name_in_the_manifest() {
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    let mut spec = soda();
    spec.field_days = Field::Absent;
    spec.quotas = Field::Absent;
    let asked = |question: &str| Criterion {
        question: question.to_owned(),
        unit: None,
        answers: Answers::codes(["1"]),
    };
    spec.qualifications = Field::Set(vec![asked("JOB_TITLE"), asked("PETS")].into());
    world.want_at(IMR, "soda/us", spec);
    let empty = infield::model::Reading::Present(infield::model::Lexicon::default());
    world.live.lexicons.insert((IMR, "en-US".to_owned()), empty);
    let plan = world.plan_at(&named("job_title", "ceo"));
    let told = plan.notes.iter().filter(|note| note.kind == NoteKind::Blocked);
    let told: Vec<_> = told
        .map(|note| (note.path.as_deref().unwrap_or_default(), note.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "/qualifications/PETS",
                "InnovateMR's library of this locale has no question `PETS`"
            ),
            (
                "/qualifications/job_title",
                "InnovateMR's library of this locale has no question `job_title` (JOB_TITLE)"
            ),
        ]
    );
}
