//! How a change is made and told: in which calls, why, and what is said beside it.

use crate::support::*;
use crate::vendors_world::{IMR, VendorsWorld, gender_quota, ids, said, step};
use infield::model::{Address, Call, Field, LiveQuota, Reading, Status};
use infield::plan::Action;
use serde_json::json;

fn soda_survey() -> Address {
    Address::survey("soda")
}

/// A survey in field.
fn left() -> World {
    let mut world = World::new();
    world.fielded("soda", soda());
    world
}

const TITLE: &str = "Soda tracker, wave 4";

fn rename(world: &mut World) {
    world.spec("soda").title = Field::Set(TITLE.to_owned());
}

/// A group of a job, both in field.
fn group() -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    (world, Address::group("soda", "us"))
}

#[test]
fn the_vendor_is_asked_about_targets_only_where_they_change() {
    let objected = |change: fn(&mut World)| {
        let mut world = left();
        let lines = vec!["the sum is wrong".to_owned()];
        world
            .live
            .preflight_errors
            .insert(soda_survey(), Reading::Present(lines));
        change(&mut world);
        let plan = world.plan();
        if plan.is_empty() {
            let refused = "blocked: PureSpectrum would refuse it: the sum is wrong";
            assert_eq!(said(&plan, &soda_survey()), [refused]);
        }
        plan.is_empty()
    };
    assert!(!objected(rename));
    assert!(objected(
        |world| world.spec("soda").cpi = Field::Set("4 USD".parse().unwrap())
    ));
    assert!(objected(|world| world.spec("soda").completes = Field::Set(500)));
    assert!(objected(
        |world| world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into())
    ));
    assert!(objected(|world| world.quota("soda", "men").completes = 250));
}

#[test]
fn a_change_back_from_what_somebody_moved_says_so() {
    let reason = |change: fn(&mut World)| {
        let mut world = left();
        world.left_as("soda", Status::Draft);
        world.spec("soda").status = Field::Set(Status::Draft);
        change(&mut world);
        let plan = world.plan();
        assert_eq!(ids(&plan), ["soda:update"]);
        plan.steps[0].reason.clone()
    };
    let back = "changed outside infield since the last apply, and back as the manifest wants it";
    assert_eq!(
        reason(|world| world.seen("soda").spec.title = Field::Set("by hand".to_owned())),
        back
    );
    assert_eq!(
        reason(|world| world.seen("soda").qualifications = Field::Set(vec![age(18, 99)].into())),
        back
    );
    assert_eq!(reason(|world| world.seen("soda").quotas[0].completes = 300), back);
    let differs = "the manifest differs from the vendor";
    assert_eq!(reason(rename), differs);
    assert_eq!(
        reason(|world| world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into())),
        differs
    );
    assert_eq!(
        reason(|world| world.quota("soda", "men").completes = 250),
        differs
    );
    assert_eq!(
        reason(|world| quotas(world.spec("soda")).push(quota("older", 5, vec![age(55, 64)]))),
        differs
    );
    assert_eq!(reason(|world| drop(quotas(world.spec("soda")).pop())), differs);
}

#[test]
fn who_moved_a_value_is_said_where_the_vendor_keeps_that() {
    let mut world = left();
    let who = || "by ana@example.com on 3 November".to_owned();
    world
        .seen("soda")
        .changed_by
        .insert("/live_url".to_owned(), who());
    world.spec("soda").live_url = Field::Set("https://survey.example.com/s/other".to_owned());
    assert_eq!(
        said(&world.plan(), &soda_survey()),
        [""; 0],
        "the manifest moved it"
    );
    world.seen("soda").spec.live_url = Field::Set("https://survey.example.com/s/hers".to_owned());
    let plan = world.plan();
    assert_eq!(
        said(&plan, &soda_survey()),
        ["drift: live_url was changed by ana@example.com on 3 November"]
    );
    assert_eq!(plan.notes[0].path.as_deref(), Some("/live_url"));
    world.seen("soda").changed_by.clear();
    assert_eq!(said(&world.plan(), &soda_survey()), [""; 0]);
}

#[test]
fn quotas_of_nobody_here_are_counted_and_the_first_are_named() {
    let told = |count: u64| {
        let mut world = left();
        for index in 0..count {
            let other = LiveQuota {
                name: (index != 1).then(|| format!("other-{index}")),
                id: format!("q-{index}"),
                completes: 10 + index,
                criteria: vec![age(70, 80)].into(),
                ..world.seen("soda").quotas[0].clone()
            };
            world.seen("soda").quotas.push(other);
        }
        let plan = world.plan();
        assert!(plan.is_empty());
        said(&plan, &soda_survey()).pop()
    };
    let (first, all) = (
        "other-0 (10 completes)",
        "q-1 (11 completes), other-2 (12 completes)",
    );
    let one = format!("unmanaged: 1 quota from a template or made by hand is left alone: {first}");
    let three = format!("unmanaged: 3 quotas from a template or made by hand are left alone: {first}, {all}");
    let five = format!(
        "unmanaged: 5 quotas from a template or made by hand are left alone: {first}, {all} and 2 more"
    );
    assert_eq!(
        [told(0), told(1), told(3), told(5)],
        [None, Some(one), Some(three), Some(five)]
    );
}

#[test]
fn a_goal_is_told_next_to_what_is_collected() {
    let remark = |fielded: Option<u64>, goal: u64| {
        let mut world = left();
        world.collected("soda", fielded.unwrap_or(0), &[]);
        world.seen("soda").fielded = fielded;
        world.spec("soda").completes = Field::Set(goal);
        let changes = world.plan().steps[0].changes.clone();
        changes[0].remark.clone()
    };
    assert_eq!(
        remark(Some(100), 500).as_deref(),
        Some("100 collected, 400 still wanted")
    );
    assert_eq!(
        remark(Some(100), 101).as_deref(),
        Some("100 collected, 1 still wanted")
    );
    assert_eq!(
        remark(Some(100), 100).as_deref(),
        Some("100 collected: closes it now")
    );
    assert_eq!(remark(Some(0), 500), None);
    assert_eq!(remark(None, 500), None);
}

#[test]
fn a_call_that_carries_everything_repeats_what_is_applied_and_not_shown() {
    // InnovateMR's PUT replaces the group, and its answers show no ceiling.
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    let us = Address::group("soda", "us");
    world.seen(&us).spec.title = Field::Absent;
    world.wanted(&us).spec.title = Field::Absent;
    world.wanted(&us).spec.max_cpi = Field::Absent;
    world.wanted(&us).spec.completes = Field::Set(150);
    let plan = world.plan();
    let [step] = plan.steps.as_slice() else {
        panic!("{:?}", ids(&plan));
    };
    assert_eq!(step.action, Action::Update);
    let put = step.calls[0].body.as_ref().unwrap().value();
    assert_eq!(
        (put["N"].clone(), put["Name"].clone()),
        (json!(150), json!("Soda brands"))
    );
    assert_eq!(put["MaximumCostPerInterview"].to_string(), "3");
}

#[test]
fn a_change_that_needs_a_pause_is_made_between_a_pause_and_a_return() {
    let (mut world, us) = group();
    world.wanted(&us).spec.title = Field::Set(TITLE.to_owned());
    let plan = world.plan();
    let update = step(&plan, "soda/us:update");
    let purposes =
        |calls: &[Call]| -> Vec<String> { calls.iter().map(|call| call.purpose.clone()).collect() };
    assert_eq!(
        purposes(&update.calls),
        ["set the status to paused", "write the group"]
    );
    assert_eq!(purposes(&update.resumes), ["set the status to live"]);
    // Out of field there is nothing to pause.
    world.left_as(&us, Status::Paused);
    world.wanted(&us).spec.status = Field::Set(Status::Paused);
    let plan = world.plan();
    let update = step(&plan, "soda/us:update");
    assert_eq!(
        (purposes(&update.calls), update.resumes.len()),
        (vec!["write the group".to_owned()], 0)
    );
    assert_eq!(update.reason, "the manifest differs from the vendor");
}

#[test]
fn what_the_vendor_cannot_change_is_said_and_nothing_is_launched_on_it() {
    let (mut world, us) = group();
    world.wanted(&us).spec.quotas = Field::Set(vec![gender_quota(IMR, "men", 50)].into());
    world.field(&us);
    world.left_as(&us, Status::Draft);
    world.wanted(&us).spec.quotas = Field::Null;
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        said(&plan, &us),
        ["blocked: the quota men cannot be removed: InnovateMR has no call for that"]
    );
}

#[test]
fn a_raise_at_a_price_that_nobody_can_name_is_said_and_under_limits_refused() {
    let raised = |limit: bool, status: Status, goal: u64| {
        let mut world = World::new();
        let mut spec = soda();
        spec.cpi = Field::Null;
        world.fielded("soda", spec);
        world.left_as("soda", status);
        world.spec("soda").status = Field::Set(status);
        world.spec("soda").completes = Field::Set(goal);
        if limit {
            world
                .guards
                .max_total
                .insert("USD".to_owned(), "9000 USD".parse().unwrap());
        }
        let plan = world.plan();
        (plan.steps.len(), said(&plan, &soda_survey()))
    };
    let (steps, notes) = raised(false, Status::Live, 500);
    assert_eq!((steps, notes.len()), (1, 1));
    assert!(
        notes[0].starts_with("advice: its exposure is not known"),
        "{notes:?}"
    );
    let (steps, notes) = raised(true, Status::Live, 500);
    assert_eq!(steps, 0);
    assert!(
        notes[0].starts_with("refused: update is refused by the guard `exposure`"),
        "{notes:?}"
    );
    // Less, and what is out of field, costs nothing more.
    assert_eq!(raised(true, Status::Live, 300), (1, Vec::new()));
    assert_eq!(raised(true, Status::Paused, 500), (1, Vec::new()));
}
