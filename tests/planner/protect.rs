//! `protect`: neither closed, nor replaced, nor removed, until an earlier apply has lifted it.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, fieldable, ids, said};
use infield::model::desired::{OnFixedChange, OnRemove, OnTemplateChange};
use infield::model::{Address, Field, ResourceKind, Status};
use infield::plan::{Guard, Plan, Record, Rule};

/// Who protects a survey: what is remembered, what the manifest says, or both.
const PROTECTED: [(bool, bool); 3] = [(true, false), (false, true), (true, true)];

fn protected(remembered: bool, said: bool) -> World {
    let mut world = World::new();
    world.guard(Guard::Replace, Rule::Allow);
    world.fielded("soda", soda());
    world.remembered("soda").policy.protect = remembered;
    world.manifest("soda").policy.protect = said;
    world
}

/// Carries out what a plan remembers without a step.
fn remember(world: &mut World, plan: &Plan) {
    for (address, record) in &plan.bookkeeping {
        let Record::Survey { policy, applied, .. } = record else {
            panic!("{record:?}");
        };
        let resource = world.known.resources.get_mut(address).unwrap();
        let ResourceKind::Survey(known) = &mut resource.kind else {
            panic!("{resource:?}");
        };
        assert_eq!(known.applied, **applied, "nothing else of it is written");
        known.policy = policy.clone();
    }
}

#[test]
fn a_protected_survey_is_not_closed_before_an_earlier_apply_has_lifted_that() {
    for (remembered, said_now) in PROTECTED {
        let mut world = protected(remembered, said_now);
        world.spec("soda").status = Field::Set(Status::Closed);
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{remembered} {said_now}");
        let why = match said_now {
            true => "refused: close is refused: the survey is protected",
            false => {
                "refused: close is refused: the survey was protected when it was last applied, and an apply of this plan \
                 only lifts that"
            }
        };
        assert_eq!(said(&plan, &Address::survey("soda")), [why]);
        remember(&mut world, &plan);
        assert_eq!(world.remembered("soda").policy.protect, said_now);
        let next = world.plan();
        let wanted: &[&str] = if said_now { &[] } else { &["soda:close"] };
        assert_eq!(ids(&next), wanted, "{remembered} {said_now}");
    }
}

/// What happens once a manifest is removed is decided by what it said last, also where its edit could not be made.
#[test]
fn what_a_manifest_decides_is_remembered_of_a_survey_that_is_held_back() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").policy.on_remove = OnRemove::Forget;
    world.manifest("soda").policy.on_remove = OnRemove::Close;
    world.spec("soda").template = Field::Set(5);
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert!(
        said(&plan, &Address::survey("soda"))[0].starts_with("blocked: "),
        "{plan:#?}"
    );
    assert_eq!(plan.decided, [Address::survey("soda")]);
    remember(&mut world, &plan);
    assert_eq!(world.remembered("soda").policy.on_remove, OnRemove::Close);
    assert_eq!(world.plan().bookkeeping, []);
}

#[test]
fn a_protected_survey_is_not_replaced() {
    for (remembered, said_now) in PROTECTED {
        let mut world = protected(remembered, said_now);
        world.templates(&[15]);
        let manifest = world.manifest("soda");
        manifest.policy.on_template_change = OnTemplateChange::Replace;
        manifest.policy.on_fixed_change = OnFixedChange::Replace;
        manifest.spec.template = Field::Set(15);
        assert_eq!(ids(&world.plan()), [""; 0], "{remembered} {said_now}");
        world.remembered("soda").policy.protect = false;
        world.manifest("soda").policy.protect = false;
        assert!(ids(&world.plan()).contains(&"soda:replace"));
    }
}

#[test]
fn a_protected_survey_is_not_removed() {
    for on_remove in [OnRemove::Forget, OnRemove::Pause, OnRemove::Close] {
        let mut world = protected(true, false);
        world.remembered("soda").policy.on_remove = on_remove;
        world.remove_manifest("soda");
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0], "{on_remove}");
        assert_eq!(plan.bookkeeping, []);
        let why = "refused: its manifest was removed, but it is protected: it is left as it is";
        assert_eq!(said(&plan, &Address::survey("soda")), [why]);
    }
}

#[test]
fn a_protected_survey_is_paused_changed_and_resumed_as_any_other() {
    let mut world = protected(true, true);
    world.spec("soda").status = Field::Set(Status::Paused);
    world.spec("soda").title = Field::Set("another".to_owned());
    assert_eq!(ids(&world.plan()), ["soda:pause", "soda:update"]);
    assert_eq!(protected(true, true).plan().bookkeeping, []);
}

#[test]
fn protection_is_remembered_and_lifted_without_a_step() {
    for (remembered, said_now) in [(false, true), (true, false)] {
        let mut world = protected(remembered, said_now);
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0]);
        remember(&mut world, &plan);
        assert_eq!(world.remembered("soda").policy.protect, said_now);
        assert_eq!(world.plan().bookkeeping, []);
    }
}

#[test]
fn it_is_remembered_also_where_nothing_else_of_the_manifest_is_carried_out() {
    let mut world = protected(false, true);
    world.spec("soda").cpi = Field::Set("9 USD".parse().unwrap());
    world
        .guards
        .max_cpi
        .insert("USD".to_owned(), "5 USD".parse().unwrap());
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    remember(&mut world, &plan);
    assert!(world.remembered("soda").policy.protect);
    // While an edit is half done, or the vendor is at work, that is what has to stay remembered.
    let mut world = protected(false, true);
    world.spec("soda").status = Field::Set(Status::Closed);
    world.remembered("soda").paused_for_edit = true;
    assert_eq!(world.plan().bookkeeping, []);
}

#[test]
fn groups_are_protected_with_their_survey() {
    for vendor in [IMR, CINT] {
        let mut world = VendorsWorld::new();
        world.with_groups(vendor, "soda", &["us", "ca"]);
        let us = Address::group("soda", "us");
        world.remembered(&us).policy.protect = true;
        world.wanted(&us).policy.protect = true;
        world.wanted(&us).spec.status = Field::Set(Status::Closed);
        assert_eq!(ids(&world.plan()), [""; 0], "{vendor}");
        assert_eq!(fieldable(vendor, 100).status, Field::Set(Status::Live));
        world.desired.surveys.remove(&us);
        let why =
            "refused: it was taken out of the groups of its survey, but it is protected: it is left as it is";
        assert_eq!(said(&world.plan(), &us), [why]);
    }
}
