//! Lists of respondents: what was sent is compared with what is wanted, and nothing with what the vendor has of it.

use crate::support::*;
use infield::model::call::LIST_PLACEHOLDER;
use infield::model::{Call, Field, Respondents, Status, SurveySpec};
use infield::plan::{Action, NoteKind, Plan};
use serde_json::json;

fn list(ids: &[&str]) -> Field<Respondents> {
    let ids = ids.iter().map(|id| Box::from(*id));
    Field::Set(Respondents::of("purespectrum", ids.collect()))
}

/// A survey that asks three people again.
fn recontact(status: Status) -> SurveySpec {
    let mut spec = soda();
    spec.completes = Field::Set(3);
    spec.quotas = Field::Absent;
    spec.status = Field::Set(status);
    spec.recontact = list(&["p1", "p2", "p3"]);
    spec.attributes
        .insert("recontact".to_owned(), Field::Set(json!(true)));
    spec
}

fn calls(plan: &Plan) -> Vec<&Call> {
    plan.steps.iter().flat_map(|step| &step.calls).collect()
}

fn paths(plan: &Plan) -> Vec<String> {
    let calls = calls(plan).into_iter();
    calls
        .map(|call| format!("{} {}", call.method, call.path))
        .collect()
}

#[test]
fn a_list_is_sent_between_create_and_launch_and_the_plan_names_nobody() {
    let mut world = World::new();
    world.want("soda", recontact(Status::Live));
    let plan = world.plan();
    assert_eq!(
        paths(&plan),
        [
            "POST /surveys",
            "POST /surveys/{soda}/PSIDRef",
            "PATCH /surveys/{soda}"
        ]
    );
    let sent = calls(&plan);
    let body = |at: usize| sent[at].body.as_ref().unwrap().value();
    assert_eq!(body(0)["incl_excl"], 1);
    let list = body(1)["PSIDRef"][LIST_PLACEHOLDER].as_str().unwrap().to_owned();
    assert!(list.starts_with("3 respondents #"), "{list}");
    assert_eq!(
        sent[1].filled().unwrap().unwrap().value(),
        json!({"PSIDRef": ["p1", "p2", "p3"]})
    );
    assert_eq!(plan.steps[0].hidden, ["/recontact"]);
    let text = world.text();
    assert!(
        text.contains("3 respondents #") && text.contains("fixed once it is in field"),
        "{text}"
    );
    let shown = format!("{text}{}", serde_json::to_string(&plan).unwrap());
    assert!(!shown.contains("\"p1\"") && !shown.contains("p2"), "{shown}");
}

#[test]
fn what_was_sent_is_left_alone_and_a_list_may_change_while_it_is_a_draft() {
    let mut world = World::new();
    world.fielded("soda", recontact(Status::Draft));
    assert!(world.plan().is_empty(), "{}", world.text());
    // The same people in another order are the same.
    world.spec("soda").recontact = list(&["p3", "p2", "p1"]);
    assert!(world.plan().is_empty(), "{}", world.text());
    world.spec("soda").recontact = list(&["p1", "p2"]);
    let plan = world.plan();
    assert_eq!(paths(&plan), ["POST /surveys/1001/PSIDRef"]);
    assert_eq!(plan.steps[0].action, Action::Update);
}

#[test]
fn a_list_that_was_not_written_down_is_sent_again_to_a_draft() {
    let mut world = World::new();
    world.fielded("soda", recontact(Status::Draft));
    world.spec("soda").status = Field::Set(Status::Live);
    let known = world.remembered("soda");
    known.applied.recontact = Field::Absent;
    known.unsure.insert("/recontact".to_owned());
    let plan = world.plan();
    assert_eq!(
        paths(&plan),
        ["POST /surveys/1001/PSIDRef", "PATCH /surveys/1001"]
    );
    // It is not launched before it has its list.
    assert_eq!(plan.steps[1].depends_on, [plan.steps[0].id.clone()]);
    assert!(world.text().contains("not known to be there"), "{}", world.text());
}

#[test]
fn another_list_of_a_survey_in_field_is_refused_and_says_why() {
    for status in [Status::Live, Status::Paused] {
        let mut world = World::new();
        world.fielded("soda", recontact(status));
        world.spec("soda").recontact = list(&["p1", "p4"]);
        let plan = world.plan();
        assert!(plan.steps.is_empty(), "{}", world.text());
        let text = world.text();
        assert!(
            text.contains("PureSpectrum fixes whom a recontact asks"),
            "{text}"
        );
        assert!(text.contains("on_fixed_change: replace"), "{text}");
    }
}

#[test]
fn after_a_lost_state_a_list_in_field_counts_as_sent_and_nothing_is_replaced() {
    for replaces in [false, true] {
        let mut world = World::new();
        let address = world.fielded("soda", recontact(Status::Live));
        world.remembered("soda").applied.recontact = Field::Absent;
        if replaces {
            let desired = world.desired.surveys.get_mut(&address).unwrap();
            desired.policy.on_fixed_change = infield::model::desired::OnFixedChange::Replace;
        }
        let plan = world.plan();
        assert!(plan.steps.is_empty(), "{}", world.text());
        let note = plan.notes.iter().find(|note| note.kind == NoteKind::Advice);
        let note = note.unwrap();
        assert!(note.message.contains("3 respondents #"), "{note:?}");
        // It is remembered, and not said again.
        let (_, record) = &plan.bookkeeping[0];
        let infield::plan::Record::Survey { applied, .. } = record else {
            panic!("{record:?}");
        };
        world.remembered("soda").applied = (**applied).clone();
        assert!(world.plan().notes.is_empty(), "{}", world.text());
    }
}
