//! Going in field: with which values, behind what, after an interruption, and when nobody asked.

use crate::support::*;
use crate::vendors::*;
use infield::model::desired::OnExternalPause;
use infield::model::{Address, Field, Status, SurveySpec};
use infield::plan::{Action, NoteKind, Plan, Record};
use serde_json::json;

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn what_an_interrupted_apply_had_paused_goes_back_in_field() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.at_vendor("soda", Status::Paused);
    assert!(world.plan().is_empty(), "somebody else paused it");
    world.remembered("soda").paused_for_edit = true;
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:resume"]);
    assert_eq!(plan.notes, []);
    assert_eq!(
        plan.steps[0].reason,
        "an interrupted apply had paused it for a change"
    );
    assert_eq!(plan.steps[0].adds_exposure, Some(usd("1500.00")));
    // Also where the manifest would resume it in any case.
    world.manifest("soda").policy.on_external_pause = OnExternalPause::Resume;
    assert_eq!(world.plan().steps[0].reason, plan.steps[0].reason);
}

#[test]
fn what_a_manifest_leaves_out_goes_in_field_as_it_is_at_the_vendor() {
    // Adopted: the manifest manages no more than the status.
    for found in [Status::Draft, Status::Paused] {
        let mut world = World::new();
        let mut spec = soda();
        spec.status = Field::Set(found);
        world.fielded("soda", spec);
        world.collected("soda", 100, &[]);
        let little = SurveySpec {
            status: Field::Set(Status::Live),
            ..SurveySpec::default()
        };
        *world.spec("soda") = little.clone();
        world.remembered("soda").applied = SurveySpec {
            status: Field::Set(found),
            ..SurveySpec::default()
        };
        let plan = world.plan();
        assert_eq!(plan.steps.len(), 1, "{found}: {:#?}", plan.notes);
        assert_eq!(plan.steps[0].adds_exposure, Some(usd("1125.00")), "{found}");
        world.guards.max_cpi.insert("USD".to_owned(), usd("3.74"));
        assert!(world.plan().is_empty(), "{found}: its price is the vendor's");
        world.guards.max_cpi.clear();
        world.seen("soda").spec.live_url = Field::Null;
        let plan = world.plan();
        assert!(plan.is_empty(), "{found}");
        assert_eq!(
            plan.notes[0].message,
            "PureSpectrum cannot launch a survey without a live URL"
        );
    }
}

#[test]
fn what_the_vendor_hides_goes_in_field_as_it_was_applied() {
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    let mut spec = part(IMR);
    spec.status = Field::Set(Status::Paused);
    world.fielded_at(IMR, "soda/us", spec);
    world.seen("soda/us").spec.max_cpi = Field::Absent;
    let spec = world.spec("soda/us");
    spec.max_cpi = Field::Absent;
    spec.status = Field::Set(Status::Live);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:resume"]);
    assert_eq!(plan.steps[0].adds_exposure, Some(usd("400.00")));
    world.remembered("soda/us").applied.max_cpi = Field::Absent;
    let plan = world.plan();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan.notes[0].message, @"InnovateMR puts no group live without a MaximumCostPerInterview");
}

#[test]
fn a_launch_says_from_where_and_remembers_that_it_is_in_field() {
    let mut world = World::new();
    for (name, found) in [("draft", Status::Draft), ("paused", Status::Paused)] {
        let mut spec = soda();
        spec.status = Field::Set(found);
        world.fielded(name, spec);
        world.spec(name).status = Field::Set(Status::Live);
    }
    let plan = world.plan();
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| {
            (
                step.action,
                step.changes[0].before.value(),
                step.changes[0].after.value(),
            )
        })
        .collect();
    let live = json!("live");
    assert_eq!(
        steps,
        [
            (Action::Launch, json!("draft"), live.clone()),
            (Action::Resume, json!("paused"), live)
        ]
    );
    for step in &plan.steps {
        let Record::Survey {
            applied, in_field, ..
        } = &step.record
        else {
            panic!("{:?}", step.record);
        };
        assert_eq!((&applied.status, *in_field), (&Field::Set(Status::Live), true));
    }
}

#[test]
fn out_of_field_is_remembered_as_out_of_field() {
    for (wanted, before) in [(Status::Paused, "live"), (Status::Closed, "live")] {
        let mut world = World::new();
        world.fielded("soda", soda());
        world.spec("soda").status = Field::Set(wanted);
        let plan = world.plan();
        let step = &plan.steps[0];
        assert_eq!(step.changes[0].before, json!(before));
        assert_eq!(step.changes[0].after, json!(wanted.to_string()));
        assert!(!step.changes[0].drift, "nobody else moved it");
        let Record::Survey {
            applied, in_field, ..
        } = &step.record
        else {
            panic!("{:?}", step.record);
        };
        assert_eq!((&applied.status, *in_field), (&Field::Set(wanted), false));
    }
}

#[test]
fn a_group_goes_in_field_after_what_holds_it() {
    let mut world = World::with_libraries();
    world.want_at(IMR, "soda", container(IMR, Status::Live));
    world.want_at(IMR, "soda/us", part(IMR));
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["soda:create", "soda:launch", "soda/us:create", "soda/us:launch"]
    );
    assert_eq!(plan.steps[3].depends_on, ["soda/us:create", "soda:launch"]);
    assert_eq!(
        plan.steps[1].adds_exposure, None,
        "what holds groups costs nothing"
    );
    assert_eq!(plan.notes, [], "and that is no news");
    // What holds it is in field already.
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    world.want_at(IMR, "soda/us", part(IMR));
    assert_eq!(world.plan().steps[1].depends_on, ["soda/us:create"]);
    // A vendor where only groups have a status.
    let mut world = World::with_libraries();
    world.want_at(CINT, "soda", container(CINT, Status::Live));
    world.want_at(CINT, "soda/us", part(CINT));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create", "soda/us:create", "soda/us:launch"]);
    assert_eq!(plan.steps[2].depends_on, ["soda/us:create"]);
}

#[test]
fn a_group_stays_out_of_field_where_what_holds_it_does() {
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    let mut spec = part(IMR);
    spec.status = Field::Set(Status::Paused);
    world.fielded_at(IMR, "soda/us", spec);
    world.spec("soda/us").status = Field::Set(Status::Live);
    assert_eq!(ids(&world.plan()), ["soda/us:resume"]);
    world.left_as("soda", Status::Paused);
    world.spec("soda").status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::Blocked);
    assert_eq!(plan.notes[0].path.as_deref(), Some("/status"));
    insta::assert_snapshot!(plan.notes[0].message, @"it cannot go in field: its job soda is not in field and does not go there by this plan");
}

#[test]
fn what_holds_groups_has_no_price_to_check() {
    let mut world = World::with_libraries();
    world.want_at(IMR, "soda", container(IMR, Status::Live));
    world.guards.max_cpi.insert("USD".to_owned(), usd("0.01"));
    world.guards.max_total.insert("USD".to_owned(), usd("0.01"));
    assert_eq!(ids(&world.plan()), ["soda:create", "soda:launch"]);
}

#[test]
fn a_start_that_nobody_asked_for_is_not_waited_for() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    let mut spec = part(CINT);
    spec.status = Field::Set(Status::Draft);
    world.fielded_at(CINT, "soda/us", spec);
    world.spec("soda/us").status = Field::Set(Status::Live);
    world.live.as_of = Some("2026-03-01T00:00:00Z".parse().unwrap());
    let start = Field::Set("2026-03-20T08:00:00Z".parse().unwrap());
    world.seen("soda/us").spec.start = start.clone();
    let launched = |world: &World| world.plan().steps.last().unwrap().calls[0].path.clone();
    assert!(
        launched(&world).ends_with("/launch-from-draft"),
        "{}",
        launched(&world)
    );
    world.spec("soda/us").start = start;
    assert!(
        launched(&world).ends_with("/schedule-from-draft"),
        "{}",
        launched(&world)
    );
    world.live.as_of = Some("2026-03-21T00:00:00Z".parse().unwrap());
    assert!(launched(&world).ends_with("/launch-from-draft"), "it is past");
}

/// A target group that we left in field, found in another status.
fn target_group(found: Status) -> World {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    world.at_vendor("soda/us", found);
    world.seen("soda/us").fielded = None;
    world
}

#[test]
fn what_has_ended_by_itself_is_fielded_again_only_when_somebody_asks() {
    let mut world = target_group(Status::Closed);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::EndedShort);
    insta::assert_snapshot!(plan.notes[0].message, @"target group 1002 has ended (closed): how many of its 100 completes it has is not told; it can be put back until 2026-04-15T18:00:00Z: Cint resumes and relaunches nothing after the end of its run (OpenAPI `relaunch_fielding_run`)");
    world.choices.resume.insert(Address::survey("soda/us"));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:resume"]);
    assert_eq!(plan.steps[0].changes[0].before, json!("closed"));
}

#[test]
fn whoever_names_a_survey_means_its_groups() {
    let mut world = target_group(Status::Paused);
    insta::assert_snapshot!(world.plan().notes[0].message, @"wanted live, but target group 1002 was paused outside infield; it is not resumed unasked");
    world.choices.resume.insert(Address::survey("tea"));
    assert!(world.plan().is_empty());
    world.choices.resume.insert(Address::survey("soda"));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:resume"]);
    assert_eq!(
        plan.steps[0].reason,
        "it was paused outside infield, and --resume asks for it back"
    );
}

#[test]
fn a_pause_that_nobody_explains_is_told_as_far_as_it_is_known() {
    let told = |fielded: Option<u64>, goal: Field<u64>| {
        let mut world = World::new();
        world.fielded("soda", soda());
        world.at_vendor("soda", Status::Paused);
        let live = world.seen("soda");
        live.fielded = fielded;
        live.spec.completes = goal;
        let message = world.plan().notes.pop().unwrap().message;
        let told = message.strip_prefix("wanted live, but survey 1001 was paused outside infield");
        told.unwrap()
            .strip_suffix("; it is not resumed unasked")
            .unwrap()
            .to_owned()
    };
    assert_eq!(told(Some(399), Field::Set(400)), " at 399 of 400 completes");
    assert_eq!(told(None, Field::Set(400)), "");
    assert_eq!(told(Some(10), Field::Absent), "");
}

#[test]
fn what_was_closed_below_its_goal_has_ended_short_whatever_is_wanted() {
    let told = |wanted: Field<Status>| {
        let mut world = World::new();
        world.fielded("soda", soda());
        world.at_vendor("soda", Status::Closed);
        world.spec("soda").status = wanted;
        let plan = world.plan();
        assert!(plan.is_empty());
        plan.notes.first().map(|note| note.message.clone())
    };
    assert_eq!(
        told(Field::Absent).unwrap(),
        "survey 1001 has ended (closed): 0 of 400 completes, 400 missing"
    );
    assert_eq!(
        told(Field::Set(Status::Paused)).unwrap(),
        "survey 1001 has ended (closed): 0 of 400 completes, 400 missing"
    );
    assert_eq!(told(Field::Set(Status::Closed)), None);
}
