//! One survey: what keeps it from being made, what makes it anew, and what is remembered of it without a step.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, container, fieldable, ids, recorded, said, step};
use infield::model::desired::{OnExternalPause, OnFixedChange};
use infield::model::{Address, Field, Reading, Status, VendorId};
use infield::plan::{Action, Guard, Plan, Rule};
use serde_json::json;

fn notes(plan: &Plan) -> Vec<String> {
    said(plan, &Address::survey("soda"))
}

/// What is remembered without a step: what was applied, and whether it is in field.
fn kept(plan: &Plan) -> Option<(&infield::model::SurveySpec, bool)> {
    match plan.bookkeeping.as_slice() {
        [] => None,
        [(_, record)] => Some(recorded(record)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_made_beside_something_of_the_same_name() {
    let mut world = World::new();
    let soda_survey = world.want("soda", soda());
    let ids_seen = vec!["77".to_owned(), "78".to_owned()];
    world
        .live
        .name_collisions
        .insert(soda_survey.clone(), Reading::Present(ids_seen));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let exists = "blocked: a survey with this title exists already and is not in the state: 77, 78";
    assert_eq!(notes(&plan), [exists]);
    // Seen to be the only one, it is made.
    world
        .live
        .name_collisions
        .insert(soda_survey, Reading::Present(Vec::new()));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create", "soda:launch"]);
    assert_eq!(notes(&plan), [""; 0]);
}

#[test]
fn what_is_there_has_to_be_seen_where_the_vendor_documents_how_to_look() {
    let why = "the list is not answered".to_owned();
    let unseen = Reading::Unknown { why };
    let mut world = World::new();
    let soda_survey = world.want("soda", soda());
    world.live.name_collisions.insert(soda_survey, unseen.clone());
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let message = "blocked: whether a survey with this title exists already could not be seen: the list is not answered";
    assert_eq!(notes(&plan), [message]);
    for (vendor, blocks) in [(CINT, true), (IMR, false)] {
        let mut world = VendorsWorld::new();
        let holder = Address::survey("soda");
        world.want(vendor, &holder, container(vendor));
        world.live.name_collisions.insert(holder, unseen.clone());
        let plan = world.plan();
        assert_eq!(plan.is_empty(), blocks, "{vendor}");
        let kind = if blocks { "blocked" } else { "advice" };
        let all = notes(&plan);
        assert!(all[0].starts_with(&format!("{kind}: whether a ")), "{all:?}");
    }
}

#[test]
fn a_survey_does_not_move_to_another_vendor() {
    let mut world = VendorsWorld::new();
    let soda_survey = Address::survey("soda");
    world.fielded(PS, &soda_survey, fieldable(PS, 100));
    world.want(IMR, &soda_survey, container(IMR));
    let group = Address::group("soda", "main");
    world.want(IMR, &group, fieldable(IMR, 100));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0], "its id means something else there");
    let nowhere = "blocked: its job soda does not exist and is not created by this plan";
    assert_eq!(said(&plan, &group), [nowhere], "and nothing is put into it");
    assert_eq!(
        notes(&plan),
        ["blocked: it exists at PureSpectrum and cannot move to InnovateMR"]
    );
    assert_eq!(plan.unchanged, []);
}

#[test]
fn what_the_vendor_would_refuse_is_not_made() {
    let mut world = World::new();
    let soda_survey = world.want("soda", soda());
    let lines = vec!["quotas come to 300".to_owned(), "nobody is asked".to_owned()];
    world
        .live
        .preflight_errors
        .insert(soda_survey.clone(), Reading::Present(lines));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let refused = "blocked: PureSpectrum would refuse it: quotas come to 300; nobody is asked";
    assert_eq!(notes(&plan), [refused]);
    for fine in [
        Reading::Present(Vec::new()),
        Reading::Unknown {
            why: "503".to_owned(),
        },
    ] {
        world.live.preflight_errors.insert(soda_survey.clone(), fine);
        assert_eq!(ids(&world.plan()), ["soda:create", "soda:launch"]);
    }
}

#[test]
fn what_cannot_be_named_in_a_library_is_neither_made_nor_changed() {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    let us = Address::group("soda", "us");
    let quotas = vec![crate::vendors_world::gender_quota(IMR, "men", 50)];
    world.wanted(&us).spec.quotas = Field::Set(quotas.into());
    world.wanted(&us).spec.completes = Field::Set(120);
    world.live.lexicons.clear();
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let unasked =
        "blocked: questions and answers of en-US cannot be resolved: the vendor's library was not asked for";
    assert_eq!(said(&plan, &us), [unasked]);
    // Out of field needs no names, and is all that is done.
    world.wanted(&us).spec.status = Field::Set(Status::Paused);
    assert_eq!(ids(&world.plan()), ["soda/us:pause"]);
    // What is out of field already stays so, and what is wanted elsewhere is not paused.
    world.left_as(&us, Status::Paused);
    assert_eq!(ids(&world.plan()), [""; 0]);
    world.left_as(&us, Status::Live);
    world.wanted(&us).spec.status = Field::Set(Status::Closed);
    assert_eq!(ids(&world.plan()), [""; 0]);
    // Neither is what does not exist.
    world.known.resources.remove(&us);
    world.live.surveys.remove(&us);
    world.wanted(&us).spec.status = Field::Set(Status::Paused);
    assert_eq!(ids(&world.plan()), [""; 0]);
}

/// A survey in field whose manifest changes what only a create can set.
fn fixed(policy: OnFixedChange) -> World {
    let mut world = World::new();
    let mut spec = soda();
    spec.attributes
        .insert("recontact".to_owned(), Field::Set(json!(false)));
    world.fielded("soda", spec);
    let recontact = Field::Set(json!(true));
    world
        .spec("soda")
        .attributes
        .insert("recontact".to_owned(), recontact);
    world.manifest("soda").policy.on_fixed_change = policy;
    world.guard(Guard::Replace, Rule::Ask);
    world
}

#[test]
fn what_is_fixed_by_now_is_made_anew_where_the_manifest_says_so() {
    let world = fixed(OnFixedChange::Replace);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:replace", "soda:close-1001", "soda:launch"]);
    let replace = step(&plan, "soda:replace");
    assert_eq!(replace.reason, "what the manifest changes is fixed by now");
    assert_eq!(replace.action, Action::Replace);
    assert_eq!(replace.guards, [Guard::Replace]);
    assert_eq!(notes(&plan), [""; 0]);
    let plan = fixed(OnFixedChange::Refuse).plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert!(notes(&plan)[0].starts_with("blocked: /purespectrum/recontact cannot change from false to true"));
}

#[test]
fn what_can_be_changed_is_not_made_anew() {
    let mut world = fixed(OnFixedChange::Replace);
    world
        .spec("soda")
        .attributes
        .insert("recontact".to_owned(), Field::Set(json!(false)));
    assert!(world.plan().is_empty());
    world.spec("soda").title = Field::Set("Soda tracker, wave 4".to_owned());
    assert_eq!(ids(&world.plan()), ["soda:update"]);
}

#[test]
fn what_has_ended_by_itself_is_made_anew_and_not_closed_again() {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "soda", &["us"]);
    let us = Address::group("soda", "us");
    world.at_vendor(&us, Status::Closed);
    world.wanted(&us).spec.locale = Field::Set("en-GB".to_owned());
    world.wanted(&us).policy.on_fixed_change = OnFixedChange::Replace;
    world.guards.set(Guard::Replace, Rule::Ask);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:replace", "soda/us:launch"]);
    world.at_vendor(&us, Status::Paused);
    assert_eq!(
        ids(&world.plan()),
        ["soda/us:replace", "soda/us:close-1002", "soda/us:launch"]
    );
}

#[test]
fn a_survey_seen_in_field_is_remembered_as_in_field() {
    // Somebody launched what the manifest was going to launch.
    let mut world = World::new();
    world.fielded("soda", draft());
    world.at_vendor("soda", Status::Live);
    world.spec("soda").status = Field::Set(Status::Live);
    let plan = world.plan();
    assert!(plan.is_empty());
    let (applied, in_field) = kept(&plan).expect("from now on a pause is somebody else's");
    assert!(in_field);
    assert_eq!(applied.status, Field::Set(Status::Live));
}

#[test]
fn a_survey_seen_in_field_is_not_ours_where_the_manifest_wants_it_elsewhere() {
    for wanted in [Field::Absent, Field::Set(Status::Draft)] {
        let mut world = World::new();
        world.fielded("soda", draft());
        world.at_vendor("soda", Status::Live);
        world.spec("soda").status = wanted;
        assert_eq!(kept(&world.plan()), None);
        // And what we left in field and is not managed any more stays so.
        world.left_as("soda", Status::Live);
        world.at_vendor("soda", Status::Paused);
        assert_eq!(kept(&world.plan()), None);
    }
}

#[test]
fn what_an_interrupted_change_held_out_of_field_is_not_held_once_it_is_back() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").paused_for_edit = true;
    let plan = world.plan();
    assert!(plan.is_empty());
    let (applied, in_field) = kept(&plan).expect("it would be put back in field against somebody's pause");
    assert!(in_field);
    assert_eq!(applied.status, Field::Set(Status::Live));
}

#[test]
fn a_manifest_that_is_back_and_a_new_decision_are_remembered() {
    let mut world = World::new();
    world.fielded("soda", soda());
    assert_eq!(kept(&world.plan()), None, "the twin is remembered already");
    world.remembered("soda").orphaned = true;
    assert!(kept(&world.plan()).is_some());
    world.remembered("soda").orphaned = false;
    world.manifest("soda").policy.on_external_pause = OnExternalPause::Resume;
    assert!(kept(&world.plan()).is_some());
    world.manifest("soda").policy.on_external_pause = OnExternalPause::Report;
    // A value that the manifest takes over as it is.
    world.remembered("soda").applied.title = Field::Absent;
    let plan = world.plan();
    assert_eq!(kept(&plan).unwrap().0.title, soda().title);
}

#[test]
fn a_pause_that_the_manifest_accepts_is_ours_from_then_on() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.at_vendor("soda", Status::Paused);
    world.spec("soda").status = Field::Set(Status::Paused);
    let plan = world.plan();
    let (applied, in_field) = kept(&plan).expect("it was left in field");
    assert_eq!(
        (applied.status.clone(), in_field),
        (Field::Set(Status::Paused), false)
    );
    // Remembered as out of field, but with an older word for it.
    world.remembered("soda").in_field = false;
    let plan = world.plan();
    let (applied, in_field) = kept(&plan).expect("the last word was live");
    assert_eq!(
        (applied.status.clone(), in_field),
        (Field::Set(Status::Paused), false)
    );
}

#[test]
fn an_end_is_remembered_as_out_of_field_once_the_manifest_accepts_it() {
    let ended = |vendor: VendorId, wanted: Status| {
        let mut world = VendorsWorld::new();
        let soda_survey = Address::survey("soda");
        let address = if vendor.has_groups() {
            world.with_groups(vendor, "soda", &["us"]);
            Address::group("soda", "us")
        } else {
            world.fielded(vendor, &soda_survey, fieldable(vendor, 100));
            soda_survey
        };
        world.at_vendor(&address, Status::Closed);
        world.wanted(&address).spec.status = Field::Set(wanted);
        let plan = world.plan();
        assert!(plan.is_empty());
        let entry = plan.bookkeeping.iter().find(|(of, _)| *of == address);
        entry.map(|(_, record)| (recorded(record).0.status.clone(), recorded(record).1))
    };
    let closed = Some((Field::Set(Status::Closed), false));
    for vendor in [PS, CINT] {
        assert_eq!(ended(vendor, Status::Closed), closed);
        assert_eq!(
            ended(vendor, Status::Live),
            None,
            "that it was left in field is why nobody fields it unasked"
        );
    }
}

#[test]
fn work_of_the_vendor_that_goes_on_holds_every_change_back() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").title = Field::Set("new".to_owned());
    world.spec("soda").status = Field::Set(Status::Closed);
    world.seen("soda").pending = Some("it is being launched".to_owned());
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        notes(&plan),
        ["blocked: nothing can be changed now: it is being launched"]
    );
    assert_eq!(plan.unchanged, []);
    assert_eq!(kept(&plan), None);
}

#[test]
fn what_is_made_is_remembered_as_a_draft_until_it_is_launched() {
    let mut world = World::new();
    world.want("soda", soda());
    let plan = world.plan();
    let create = step(&plan, "soda:create");
    let (applied, in_field) = recorded(&create.record);
    assert_eq!(
        (applied.status.clone(), in_field),
        (Field::Set(Status::Draft), false)
    );
    assert_eq!(applied.title, soda().title);
    let (applied, in_field) = recorded(&step(&plan, "soda:launch").record);
    assert_eq!(
        (applied.status.clone(), in_field),
        (Field::Set(Status::Live), true)
    );
}

#[test]
fn what_a_vendor_cannot_hold_is_not_made() {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "soda", &[]);
    let us = Address::group("soda", "us");
    let mut spec = fieldable(CINT, 100);
    spec.locale = Field::Set("xx-XX".to_owned());
    world.want(CINT, &us, spec);
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        said(&plan, &us),
        ["blocked: infield does not know Cint's code for the locale xx-XX"]
    );
    assert_eq!(plan.notes[0].path.as_deref(), Some("/locale"));
    assert_eq!(
        plan.notes[0].help.as_deref(),
        Some("write language and region such as `en-US`")
    );
}

#[test]
fn a_refusal_of_the_whole_survey_names_no_field() {
    let mut world = World::new();
    let mut spec = soda();
    spec.live_url = Field::Absent;
    world.want("soda", spec);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    let note = &plan.notes[0];
    assert_eq!(
        note.message,
        "PureSpectrum cannot launch a survey without a live URL"
    );
    assert_eq!(
        (note.path.as_deref(), note.help.as_deref()),
        (None, Some("set `live_url`"))
    );
}
