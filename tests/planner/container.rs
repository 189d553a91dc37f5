//! Surveys that hold groups: what a group waits for, and in which order they are stopped.

use crate::vendors_world::*;
use infield::model::{Address, Field, Status};
use infield::plan::{Action, Guard, Plan, Rule};
use serde_json::json;

fn soda() -> Address {
    Address::survey("soda")
}

fn us() -> Address {
    Address::group("soda", "us")
}

/// A job in field with two groups in field.
fn job() -> VendorsWorld {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["ca", "us"]);
    assert!(world.plan().is_empty(), "the twin of a job");
    world
}

const NOT_IN_FIELD: &str =
    "blocked: it cannot go in field: its job soda is not in field and does not go there by this plan";

#[test]
fn a_group_is_made_after_what_holds_it_and_goes_in_field_after_it() {
    let mut world = VendorsWorld::new();
    world.want(IMR, &soda(), container(IMR));
    world.want(IMR, &us(), fieldable(IMR, 100));
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["soda:create", "soda:launch", "soda/us:create", "soda/us:launch"]
    );
    assert_eq!(step(&plan, "soda/us:create").depends_on, ["soda:create"]);
    assert_eq!(
        step(&plan, "soda/us:launch").depends_on,
        ["soda/us:create", "soda:launch"]
    );
    assert_eq!(
        step(&plan, "soda:launch").adds_exposure,
        None,
        "only groups cost anything"
    );
}

#[test]
fn a_group_of_a_survey_that_exists_waits_for_nothing() {
    let mut world = job();
    world.want(IMR, &Address::group("soda", "mx"), fieldable(IMR, 100));
    // Neither for another survey that is made, nor for what else is done with its own.
    world.want(IMR, &Address::survey("aqua"), container(IMR));
    world
        .wanted(&soda())
        .spec
        .attributes
        .insert("category".to_owned(), Field::Set(json!(7)));
    let plan = world.plan();
    assert_eq!(step(&plan, "soda/mx:create").depends_on, [""; 0]);
    assert_eq!(step(&plan, "soda/mx:launch").depends_on, ["soda/mx:create"]);
}

#[test]
fn a_group_is_not_made_without_what_holds_it() {
    let mut world = VendorsWorld::new();
    world.want(IMR, &soda(), container(IMR));
    world.want(IMR, &us(), fieldable(IMR, 100));
    world.open_intent(IMR, &soda());
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        said(&plan, &us()),
        ["blocked: its job soda does not exist and is not created by this plan"]
    );
}

#[test]
fn a_group_does_not_go_in_field_where_this_plan_takes_its_survey_out() {
    let mut world = job();
    world.left_as(&us(), Status::Draft);
    assert_eq!(ids(&world.plan()), ["soda/us:launch"]);
    for (status, stop) in [(Status::Paused, "soda:pause"), (Status::Closed, "soda:close")] {
        world.wanted(&soda()).spec.status = Field::Set(status);
        let plan = world.plan();
        assert_eq!(ids(&plan), [stop], "what is out of field asks nobody");
        assert_eq!(said(&plan, &us()), [NOT_IN_FIELD]);
    }
}

#[test]
fn a_group_does_not_go_in_field_where_its_survey_is_not_there_or_not_read() {
    let mut world = job();
    world.left_as(&us(), Status::Draft);
    world.left_as(&soda(), Status::Draft);
    world.wanted(&soda()).spec.status = Field::Set(Status::Draft);
    assert_eq!(said(&world.plan(), &us()), [NOT_IN_FIELD]);
    world.unread(&soda());
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(said(&plan, &us()), [NOT_IN_FIELD]);
    let note = plan.notes.iter().find(|note| note.address == us()).unwrap();
    assert_eq!(
        note.help.as_deref(),
        Some("look at the notes of soda, and at its `status`")
    );
    assert_eq!(note.path.as_deref(), Some("/status"));
}

#[test]
fn a_group_waits_for_a_survey_that_is_out_of_field_for_a_change() {
    let mut world = job();
    world.left_as(&us(), Status::Draft);
    // A job is paused for a new title; the note of a group is harmless.
    world.wanted(&soda()).spec.title = Field::Set("Soda brands, spring".to_owned());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda/us:launch"]);
    assert!(!plan.steps[0].resumes.is_empty());
    assert_eq!(plan.steps[1].depends_on, ["soda:update"]);
    // One that can be made in field is no reason to wait.
    world.wanted(&soda()).spec.title = container(IMR).title;
    world
        .wanted(&soda())
        .spec
        .attributes
        .insert("category".to_owned(), Field::Set(json!(7)));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda/us:launch"]);
    assert_eq!(plan.steps[1].depends_on, [""; 0]);
}

#[test]
fn a_group_resumes_after_its_survey() {
    let mut world = job();
    for address in [soda(), us()] {
        world.left_as(&address, Status::Paused);
    }
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:resume", "soda/us:resume"]);
    assert_eq!(plan.steps[1].depends_on, ["soda:resume"]);
}

#[test]
fn a_survey_without_a_status_keeps_no_group_out_of_field() {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "soda", &["us"]);
    assert!(world.plan().is_empty(), "the twin of a project");
    world.left_as(&us(), Status::Draft);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:launch"]);
    assert_eq!(plan.steps[0].depends_on, [""; 0]);
}

#[test]
fn groups_are_stopped_before_what_holds_them_and_none_waits_for_another() {
    for (status, action) in [(Status::Paused, Action::Pause), (Status::Closed, Action::Close)] {
        let mut world = job();
        world.with_groups(IMR, "tea", &["us"]);
        for survey in world.desired.surveys.values_mut() {
            survey.spec.status = Field::Set(status);
        }
        let plan = world.plan();
        let order =
            ["soda/ca", "soda/us", "tea/us", "soda", "tea"].map(|address| format!("{address}:{action}"));
        assert_eq!(ids(&plan), order);
        assert!(plan.steps.iter().all(|step| step.depends_on.is_empty()));
    }
}

#[test]
fn what_goes_on_with_a_survey_that_is_stopped_comes_after_its_stop() {
    let mut world = job();
    world.wanted(&soda()).spec.status = Field::Set(Status::Paused);
    world.wanted(&soda()).spec.title = Field::Set("Soda brands, spring".to_owned());
    world.wanted(&us()).spec.status = Field::Set(Status::Paused);
    world.wanted(&Address::group("soda", "ca")).spec.status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["soda:pause", "soda:update", "soda/ca:pause", "soda/us:pause"]
    );
    assert_eq!(plan.steps[1].depends_on, ["soda:pause"]);
    // Another survey is stopped after its groups all the same.
    world.with_groups(IMR, "aqua", &["us"]);
    for address in [Address::survey("aqua"), Address::group("aqua", "us")] {
        world.wanted(&address).spec.status = Field::Set(Status::Paused);
    }
    let order = [
        "aqua/us:pause",
        "soda:pause",
        "soda:update",
        "soda/ca:pause",
        "soda/us:pause",
        "aqua:pause",
    ];
    assert_eq!(ids(&world.plan()), order);
}

#[test]
fn a_group_that_is_stopped_is_not_put_behind_the_steps_of_others() {
    // Only what holds groups moves.
    let mut world = job();
    world.wanted(&Address::group("soda", "ca")).spec.status = Field::Set(Status::Paused);
    world.wanted(&us()).spec.completes = Field::Set(150);
    assert_eq!(ids(&world.plan()), ["soda/ca:pause", "soda/us:update"]);
}

/// What a change does that takes the group out of field for a while.
fn changed(world: &mut VendorsWorld) -> Plan {
    world.wanted(&us()).spec.title = Field::Set("Soda brands, US".to_owned());
    world.plan()
}

#[test]
fn a_change_that_pauses_a_group_waits_until_its_survey_can_take_it_back() {
    let plan = changed(&mut job());
    assert_eq!(ids(&plan), ["soda/us:update"]);
    assert_eq!(
        plan.steps[0].reason,
        "the manifest differs from the vendor; it is paused meanwhile"
    );
    assert_eq!(plan.steps[0].depends_on, [""; 0]);
    let mut world = job();
    world.at_vendor(&soda(), Status::Paused);
    let plan = changed(&mut world);
    assert_eq!(ids(&plan), [""; 0]);
    let stays = "blocked: it is not changed: it would be paused meanwhile and could not go back in field, because its job \
                 soda is not in field";
    assert_eq!(said(&plan, &us()), [stays]);
    // The survey goes back by the same plan.
    world.choices.resume.insert(soda());
    world.guards.set(Guard::Launch, Rule::Allow);
    let plan = changed(&mut world);
    assert_eq!(ids(&plan), ["soda:resume", "soda/us:update"]);
    assert_eq!(plan.steps[1].depends_on, ["soda:resume"]);
}
