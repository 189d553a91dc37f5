//! What a change leaves behind: what each of its steps remembers, and what of it may not be shown.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, gender_quota, ids, recorded, step};
use infield::model::{Address, Field, LiveQuota, Quota, Status, SurveySpec};
use infield::plan::Plan;
use serde_json::json;

/// A survey in field.
fn left() -> World {
    let mut world = World::new();
    world.fielded("soda", soda());
    world
}

/// What a step remembers of the survey.
fn after<'p>(plan: &'p Plan, id: &str) -> &'p SurveySpec {
    recorded(&step(plan, id).record).0
}

fn names(spec: &SurveySpec) -> Vec<&str> {
    spec.quotas
        .value()
        .into_iter()
        .flatten()
        .map(|quota| quota.name.as_str())
        .collect()
}

const TITLE: &str = "Soda tracker, wave 4";

fn rename(world: &mut World) {
    world.spec("soda").title = Field::Set(TITLE.to_owned());
}

#[test]
fn every_step_remembers_only_what_is_written_by_then() {
    let mut world = left();
    rename(&mut world);
    world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into());
    let list = vec![
        quota("men", 250, vec![sex("1")]),
        quota("older", 50, vec![age(55, 64)]),
    ];
    world.spec("soda").quotas = Field::Set(list.clone().into());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda:update-targeting"]);
    let first = after(&plan, "soda:update");
    assert_eq!(first.title, Field::Set(TITLE.to_owned()));
    assert_eq!(first.qualifications, soda().qualifications, "not written yet");
    assert_eq!(names(first), ["men", "women-18-34"]);
    assert_eq!(first.quotas.value().unwrap()[0].completes, 250);
    let last = after(&plan, "soda:update-targeting");
    assert_eq!(last.qualifications, Field::Set(vec![age(18, 74)].into()));
    assert_eq!(last.quotas, Field::Set(list.into()));
    assert_eq!(last.title, Field::Set(TITLE.to_owned()));
}

#[test]
fn what_is_taken_away_stays_remembered_until_it_is_gone() {
    let mut world = left();
    rename(&mut world);
    world.spec("soda").quotas = Field::Null;
    world.spec("soda").qualifications = Field::Null;
    let plan = world.plan();
    let first = after(&plan, "soda:update");
    assert_eq!(
        (first.quotas.clone(), first.qualifications.clone()),
        (soda().quotas, soda().qualifications)
    );
    let last = after(&plan, "soda:update-targeting");
    assert_eq!(
        (names(last), last.qualifications.clone()),
        (Vec::new(), Field::Null)
    );
    // Gone already: remembered as the manifest writes it.
    world.remembered("soda").applied.quotas = Field::Null;
    world.remembered("soda").applied.qualifications = Field::Null;
    world.seen("soda").quotas.clear();
    world.seen("soda").qualifications = Field::Set(Vec::new().into());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update"]);
    let only = after(&plan, "soda:update");
    assert_eq!(
        (only.quotas.clone(), only.qualifications.clone()),
        (Field::Null, Field::Null)
    );
}

#[test]
fn a_quota_that_is_stopped_already_is_not_remembered_again() {
    let mut world = left();
    rename(&mut world);
    quotas(world.spec("soda")).retain(|quota| quota.name == "men");
    world.seen("soda").quotas[1].completes = 0;
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update"]);
    assert_eq!(names(after(&plan, "soda:update")), ["men"]);
    // One that still counts goes with a step of its own.
    world.seen("soda").quotas[1].completes = 1;
    let plan = world.plan();
    assert_eq!(names(after(&plan, "soda:update")), ["men", "women-18-34"]);
    assert_eq!(names(after(&plan, "soda:update-targeting")), ["men"]);
}

#[test]
fn what_is_found_is_remembered_and_what_nobody_manages_is_not() {
    let mut world = left();
    rename(&mut world);
    // An apply that was killed had raised the quota and could not note it down.
    world.quota("soda", "men").completes = 300;
    world.seen("soda").quotas[0].completes = 300;
    let other = LiveQuota {
        name: Some("by-hand".to_owned()),
        criteria: vec![age(70, 80)].into(),
        ..world.seen("soda").quotas[1].clone()
    };
    world.seen("soda").quotas.push(other);
    world.seen("soda").qualifications = Field::Set(vec![sex("2"), age(18, 64)].into());
    let plan = world.plan();
    let only = after(&plan, "soda:update");
    assert_eq!(names(only), ["men", "women-18-34"]);
    assert_eq!(only.quotas.value().unwrap()[0].completes, 300);
    assert_eq!(only.qualifications, Field::Set(vec![age(18, 64)].into()));
    assert_eq!(only.test_url, Field::Absent, "the manifest does not speak of it");
}

#[test]
fn what_the_vendor_does_not_show_is_remembered_as_it_was_applied() {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    let us = Address::group("soda", "us");
    let quotas = Field::Set(vec![gender_quota(IMR, "men", 50)].into());
    let gender = || gender_quota(IMR, "men", 50).criteria;
    world.wanted(&us).spec.quotas = quotas;
    world.wanted(&us).spec.qualifications = Field::Set(gender());
    world.field(&us);
    assert!(world.plan().is_empty());
    world.wanted(&us).spec.completes = Field::Set(150);
    let plan = world.plan();
    let known = world.remembered(&us).applied.clone();
    let only = after(&plan, "soda/us:update");
    assert_eq!(
        *only,
        SurveySpec {
            completes: Field::Set(150),
            ..known
        }
    );
}

#[test]
fn a_change_in_field_stays_in_field_and_one_behind_a_pause_does_not() {
    let in_field = |world: &World, id: &str| recorded(&step(&world.plan(), id).record).1;
    let mut world = left();
    rename(&mut world);
    assert!(in_field(&world, "soda:update"));
    world.spec("soda").status = Field::Set(Status::Paused);
    assert!(!in_field(&world, "soda:pause"));
    assert!(!in_field(&world, "soda:update"));
    // Left in field, and paused by somebody: the change says nothing of that.
    let mut world = left();
    rename(&mut world);
    world.at_vendor("soda", Status::Paused);
    assert!(in_field(&world, "soda:update"));
    // Never left in field, and launched by somebody.
    let mut world = left();
    rename(&mut world);
    world.spec("soda").status = Field::Absent;
    world.remembered("soda").in_field = false;
    assert!(!in_field(&world, "soda:update"));
}

#[test]
fn what_a_step_writes_and_the_vendor_may_not_show_goes_with_it() {
    let mut world = World::new();
    let mut spec = soda();
    let project = || Field::Set(json!("P-7"));
    spec.attributes
        .insert("external_project_id".to_owned(), project());
    world.want("soda", spec);
    assert_eq!(
        step(&world.plan(), "soda:create").hidden,
        ["/purespectrum/external_project_id"]
    );
    let mut world = left();
    rename(&mut world);
    assert_eq!(step(&world.plan(), "soda:update").hidden, [""; 0]);
    world
        .spec("soda")
        .attributes
        .insert("external_project_id".to_owned(), project());
    assert_eq!(
        step(&world.plan(), "soda:update").hidden,
        ["/purespectrum/external_project_id"]
    );
    let mut world = VendorsWorld::new();
    for (vendor, name) in [(IMR, "soda"), (CINT, "tea")] {
        world.with_groups(vendor, name, &[]);
        let us = Address::group(name, "us");
        let mut spec = crate::vendors_world::fieldable(vendor, 100);
        spec.qualifications = Field::Set(gender_quota(vendor, "men", 1).criteria);
        spec.quotas = Field::Set(vec![gender_quota(vendor, "men", 50)].into());
        world.want(vendor, &us, spec);
    }
    let plan = world.plan();
    let hidden = ["/max_cpi", "/qualifications/GENDER", "/quotas/men"];
    assert_eq!(step(&plan, "soda/us:create").hidden, hidden);
    assert_eq!(
        step(&plan, "tea/us:create").hidden,
        ["/cpi"],
        "the vendor moves it"
    );
}

#[test]
fn an_interrupted_launch_that_is_seen_in_field_is_remembered_and_a_pause_is_not() {
    let mut world = left();
    world.remembered("soda").applied.status = Field::Set(Status::Draft);
    let plan = world.plan();
    let [(_, record)] = plan.bookkeeping.as_slice() else {
        panic!("{:?}", plan.bookkeeping);
    };
    assert_eq!(recorded(record).0.status, Field::Set(Status::Live));
    let mut world = left();
    world.at_vendor("soda", Status::Paused);
    assert_eq!(
        world.plan().bookkeeping,
        [],
        "somebody else's pause is not ours to resume"
    );
}

#[test]
fn a_quota_is_the_one_of_its_name() {
    // Two that change places in the manifest are the same two.
    let mut world = left();
    rename(&mut world);
    quotas(world.spec("soda")).swap(0, 1);
    let plan = world.plan();
    let list: &Vec<Quota> = after(&plan, "soda:update").quotas.value().unwrap();
    assert_eq!(list, quotas(world.spec("soda")));
}

#[test]
fn settings_of_the_vendor_are_remembered_where_the_manifest_has_them() {
    // Shown by the vendor, and not managed by anybody.
    let mut world = World::new();
    let mut spec = soda();
    spec.attributes.clear();
    world.fielded("soda", spec);
    rename(&mut world);
    assert!(after(&world.plan(), "soda:update").attributes.is_empty());
    // Taken over as it is: without a step, or with one for something else.
    let category = || [("category".to_owned(), Field::Set(json!(232)))].into();
    world.spec("soda").attributes = category();
    assert_eq!(after(&world.plan(), "soda:update").attributes, category());
    world.spec("soda").title = soda().title;
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(recorded(&plan.bookkeeping[0].1).0.attributes, category());
    // Changed: not before the step that writes it.
    rename(&mut world);
    let other = Field::Set(json!(233));
    world
        .spec("soda")
        .attributes
        .insert("category".to_owned(), other.clone());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda:update-targeting"]);
    assert_eq!(after(&plan, "soda:update").attributes, category());
    assert_eq!(
        after(&plan, "soda:update-targeting").attributes["category"],
        other
    );
}

#[test]
fn what_an_interrupted_apply_had_written_is_remembered_as_it_is_found() {
    let mut world = left();
    rename(&mut world);
    world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into());
    world.seen("soda").qualifications = Field::Set(vec![age(18, 74)].into());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update"]);
    assert_eq!(
        after(&plan, "soda:update").qualifications,
        Field::Set(vec![age(18, 74)].into())
    );
}

#[test]
fn a_change_behind_a_pause_is_remembered_as_paused() {
    let mut world = left();
    rename(&mut world);
    assert_eq!(
        after(&world.plan(), "soda:update").status,
        Field::Set(Status::Live)
    );
    world.spec("soda").status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:pause", "soda:update"]);
    assert_eq!(after(&plan, "soda:update").status, Field::Set(Status::Paused));
}
