//! What no manifest wants any more: it leaves the field as its last manifest said, and is remembered.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, change, ids, recorded, said, step};
use infield::model::desired::OnRemove;
use infield::model::{Address, GroupMember, LiveSurvey, Reading, Status};
use infield::plan::{Action, Guard, Plan, Record};
use serde_json::json;

/// A survey in field whose manifest is gone, with its last word on that.
fn removed(on_remove: OnRemove) -> World {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").policy.on_remove = on_remove;
    world.remove_manifest("soda");
    world
}

/// What the plan says of the survey.
fn notes(plan: &Plan) -> Vec<String> {
    said(plan, &Address::survey("soda"))
}

/// What is remembered without a step.
fn kept(plan: &Plan) -> &Record {
    match plan.bookkeeping.as_slice() {
        [(_, record)] => record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_done_to_what_has_an_open_create() {
    for on_remove in [OnRemove::Forget, OnRemove::Pause, OnRemove::Close] {
        let mut world = removed(on_remove);
        world.open_intent("soda");
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{on_remove:?}");
        let open = "blocked: `POST /surveys` was started at 2026-11-20T09:00:00Z and its outcome is not known; it will \
                    not be sent again (intent i-1)";
        assert_eq!(notes(&plan), [open], "{on_remove:?}");
    }
}

#[test]
fn what_the_vendor_would_not_let_out_of_field_is_left_and_said() {
    let why = "blocked: its manifest is gone, and it cannot be taken out of field: the run is locked";
    for on_remove in [OnRemove::Pause, OnRemove::Close] {
        let mut world = removed(on_remove);
        let reason = "the run is locked".to_owned();
        world
            .live
            .blocked_transitions
            .insert(Address::survey("soda"), reason);
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{on_remove:?}");
        assert_eq!(notes(&plan), [why], "{on_remove:?}");
        assert_eq!(plan.bookkeeping, [], "{on_remove:?}");
    }
    // A close asks of a draft too, a pause only of what is in field.
    let mut world = removed(OnRemove::Close);
    world.left_as("soda", Status::Draft);
    world
        .live
        .blocked_transitions
        .insert(Address::survey("soda"), "it is new".to_owned());
    assert_eq!(ids(&world.plan()), [""; 0]);
}

#[test]
fn the_vendor_is_not_asked_about_what_stays_as_it_is() {
    let leave = |on_remove, status| {
        let mut world = removed(on_remove);
        world.left_as("soda", status);
        world
            .live
            .blocked_transitions
            .insert(Address::survey("soda"), "locked".to_owned());
        world.plan()
    };
    assert_eq!(ids(&leave(OnRemove::Forget, Status::Live)), ["soda:forget"]);
    for (on_remove, status) in [
        (OnRemove::Pause, Status::Paused),
        (OnRemove::Close, Status::Closed),
    ] {
        let left = format!("unmanaged: its manifest is gone; survey 1001 is {status} and left as it is");
        assert_eq!(notes(&leave(on_remove, status)), [left]);
    }
}

#[test]
fn what_leaves_the_field_is_remembered_as_out_of_it_and_without_a_manifest() {
    for (on_remove, id, status) in [
        (OnRemove::Pause, "soda:pause", Status::Paused),
        (OnRemove::Close, "soda:close", Status::Closed),
    ] {
        let world = removed(on_remove);
        let plan = world.plan();
        let step = step(&plan, id);
        let Record::Survey {
            applied,
            in_field,
            policy,
            orphaned,
            ..
        } = &step.record
        else {
            panic!("{:?}", step.record);
        };
        assert_eq!(applied.status.value(), Some(&status));
        assert_eq!(applied.title, soda().title);
        assert_eq!((*in_field, *orphaned, policy.on_remove), (false, true, on_remove));
        assert_eq!(
            change(step, "/status"),
            (json!("live"), json!(status.to_string()))
        );
        let asks: &[Guard] = if status == Status::Closed {
            &[Guard::Close, Guard::Remove]
        } else {
            &[Guard::Remove]
        };
        assert_eq!(step.guards, asks);
        assert_eq!(step.adds_exposure.unwrap().to_string(), "-1500.00 USD");
    }
}

#[test]
fn what_is_forgotten_stays_in_field_with_its_money() {
    let plan = removed(OnRemove::Forget).plan();
    assert_eq!(ids(&plan), ["soda:forget"]);
    assert_eq!(plan.steps[0].record, Record::Forgotten);
    assert_eq!(plan.steps[0].calls, []);
    assert_eq!(plan.steps[0].adds_exposure, None);
    assert_eq!(
        plan.steps[0].reason,
        "its manifest was removed (on_remove: forget)"
    );
}

#[test]
fn a_close_that_the_vendor_does_not_know_is_not_sent() {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "soda", &["us"]);
    let us = Address::group("soda", "us");
    world.left_as(&us, Status::Draft);
    world.remembered(&us).policy.on_remove = OnRemove::Close;
    world.remove_manifest("soda");
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let rule = "unsupported: Cint cannot close a draft: it has neither a way to delete nor to archive one";
    assert_eq!(said(&plan, &us), [rule]);
    world.left_as(&us, Status::Live);
    assert_eq!(ids(&world.plan()), ["soda/us:close"]);
}

#[test]
fn what_is_closed_or_out_of_field_is_kept_once_and_not_written_again() {
    for (on_remove, status) in [
        (OnRemove::Pause, Status::Draft),
        (OnRemove::Pause, Status::Paused),
        (OnRemove::Pause, Status::Closed),
        (OnRemove::Close, Status::Closed),
    ] {
        let mut world = removed(on_remove);
        world.left_as("soda", status);
        world.remembered("soda").in_field = true;
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{on_remove:?} {status}");
        let Record::Survey { orphaned, policy, .. } = kept(&plan) else {
            panic!("{:?}", plan.bookkeeping);
        };
        assert_eq!((*orphaned, policy.on_remove), (true, on_remove));
        let (applied, in_field) = recorded(kept(&plan));
        assert_eq!(applied.status.value(), Some(&status));
        assert!(in_field, "what was left there is not forgotten");
        world.remembered("soda").orphaned = true;
        assert_eq!(world.plan().bookkeeping, []);
    }
}

#[test]
fn an_unknown_status_is_left_as_it_is() {
    for on_remove in [OnRemove::Pause, OnRemove::Close] {
        let mut world = removed(on_remove);
        world.seen("soda").status = None;
        world.seen("soda").status_text = "code 55".to_owned();
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0]);
        assert_eq!(
            notes(&plan),
            ["unmanaged: its manifest is gone; survey 1001 is code 55 and left as it is"]
        );
    }
}

#[test]
fn what_could_not_be_read_is_left_as_it_is() {
    let mut world = removed(OnRemove::Close);
    let soda = Address::survey("soda");
    let why = "timeout".to_owned();
    world.live.surveys.insert(soda.clone(), Reading::Unknown { why });
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        notes(&plan),
        ["blocked: the vendor's picture could not be read: timeout"]
    );
    world.live.surveys.remove(&soda);
    assert_eq!(
        notes(&world.plan()),
        ["blocked: the vendor's picture could not be read: it was not asked for"]
    );
}

#[test]
fn what_it_replaced_is_closed_although_its_manifest_is_gone() {
    let mut world = removed(OnRemove::Pause);
    world.remembered("soda").former = vec!["900".to_owned()];
    let old: LiveSurvey = twin("900", &soda());
    world.live.former.insert("900".to_owned(), Reading::Present(old));
    world.guard(Guard::Replace, infield::plan::Rule::Ask);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:close-900", "soda:pause"]);
    let [exposure] = plan.exposure.as_slice() else {
        panic!("{:?}", plan.exposure);
    };
    assert_eq!(exposure.before.to_string(), "3000.00 USD");
    assert_eq!(exposure.after.to_string(), "0.00 USD");
}

#[test]
fn an_exclusion_group_is_left_as_it_is_whatever_is_open_of_others() {
    let mut world = World::new();
    world.fielded("cola", draft());
    world.grouped(
        "pair",
        &[
            GroupMember::Survey(Address::survey("cola")),
            GroupMember::VendorId(77.into()),
        ],
    );
    world.remove_manifest("pair");
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let left = "unmanaged: the manifest of this exclusion group is gone; the group is left as it is";
    assert_eq!(said(&plan, &Address::survey("pair")), [left]);
}

/// A job with two groups, all to be forgotten.
fn forgotten() -> VendorsWorld {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["ca", "us"]);
    for address in [
        Address::survey("soda"),
        Address::group("soda", "ca"),
        Address::group("soda", "us"),
    ] {
        world.remembered(&address).policy.on_remove = OnRemove::Forget;
    }
    world.remove_manifest("soda");
    world
}

#[test]
fn what_holds_groups_is_forgotten_after_all_of_its_groups() {
    let mut world = forgotten();
    // Neither another survey's group nor a survey of a similar name is inside.
    world.with_groups(IMR, "soda-2", &["us"]);
    world.fielded(PS, &Address::survey("tea"), soda());
    world.remembered(&Address::survey("tea")).policy.on_remove = OnRemove::Forget;
    world.remove_manifest("tea");
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["soda/ca:forget", "soda/us:forget", "soda:forget", "tea:forget"]
    );
    assert_eq!(plan.steps[2].depends_on, ["soda/ca:forget", "soda/us:forget"]);
    assert_eq!(plan.notes, []);
}

#[test]
fn what_holds_no_groups_is_forgotten_at_once() {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &[]);
    world.remembered(&Address::survey("soda")).policy.on_remove = OnRemove::Forget;
    world.remove_manifest("soda");
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:forget"]);
    assert_eq!(plan.steps[0].depends_on, [""; 0]);
}

#[test]
fn what_holds_a_group_that_stays_is_remembered() {
    let mut world = forgotten();
    let us = Address::group("soda", "us");
    world.remembered(&us).policy.on_remove = OnRemove::Pause;
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/ca:forget", "soda/us:pause"]);
    let stays = "unmanaged: its manifest is gone, and it is remembered for its group soda/us";
    assert_eq!(said(&plan, &Address::survey("soda")), [stays]);
    let help = plan.notes.iter().find_map(|note| note.help.as_deref());
    assert_eq!(help, Some("look at the notes of soda/us"));
}

#[test]
fn what_holds_a_group_whose_create_is_open_is_remembered() {
    // The state knows of the group by nothing but its intent.
    let mut world = VendorsWorld::new();
    let (soda, us) = (Address::survey("soda"), Address::group("soda", "us"));
    world.with_groups(IMR, "soda", &[]);
    world.remembered(&soda).policy.on_remove = OnRemove::Forget;
    world.remove_manifest("soda");
    world.open_intent(IMR, &us);
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        [""; 0],
        "without the job the group could not be looked for"
    );
    let stays = "unmanaged: its manifest is gone, and it is remembered for its group soda/us";
    assert_eq!(said(&plan, &soda), [stays]);
    assert_eq!(said(&plan, &us).len(), 1);
}

#[test]
fn groups_leave_the_field_before_what_holds_them() {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["ca", "us"]);
    world.remove_manifest("soda");
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/ca:pause", "soda/us:pause", "soda:pause"]);
    assert!(
        plan.steps
            .iter()
            .all(|step| step.action == Action::Pause && step.depends_on.is_empty())
    );
}

#[test]
fn work_of_the_vendor_that_goes_on_is_waited_for() {
    for on_remove in [OnRemove::Pause, OnRemove::Close] {
        for status in [Status::Draft, Status::Live] {
            let mut world = removed(on_remove);
            world.left_as("soda", status);
            world.seen("soda").pending = Some("it is being launched".to_owned());
            let plan = world.plan();
            assert_eq!(ids(&plan), [""; 0], "{on_remove:?} {status}");
            assert_eq!(
                notes(&plan),
                ["blocked: nothing can be changed now: it is being launched"]
            );
            assert_eq!(plan.bookkeeping, [], "what becomes of it is not known yet");
        }
    }
    let mut world = removed(OnRemove::Forget);
    world.seen("soda").pending = Some("it is being launched".to_owned());
    assert_eq!(
        ids(&world.plan()),
        ["soda:forget"],
        "that changes nothing at the vendor"
    );
}

#[test]
fn what_is_taken_out_of_a_study_or_of_a_survey_is_called_that() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.share(400, &[(IMR, 100)]);
    let plan = world.plan();
    assert_eq!(
        step(&plan, "soda@purespectrum:pause").reason,
        "its block was taken out of the study (on_remove: pause)"
    );
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["ca", "us"]);
    let us = Address::group("soda", "us");
    world.desired.surveys.remove(&us);
    let plan = world.plan();
    assert_eq!(
        step(&plan, "soda/us:pause").reason,
        "it was taken out of the groups of its survey (on_remove: pause)"
    );
    world.left_as(&us, Status::Paused);
    let id = world.seen(&us).id.clone();
    assert_eq!(
        said(&world.plan(), &us),
        [format!(
            "unmanaged: it is gone from the groups of its survey; group {id} is paused and left as it is"
        )]
    );
}
