//! How many surveys one plan reaches: above the limits it waits for an approval, with the figures.

use crate::formats::report;
use crate::support::*;
use crate::vendors_world::{CINT, VendorsWorld, ids};
use infield::model::desired::OnRemove;
use infield::model::guard::Reached;
use infield::model::{Address, Field, Reading, Status};
use infield::plan::{Action, Guard, Plan, Rule, refuse_unapproved};
use infield::report::plan_markdown;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

fn name(number: usize) -> String {
    format!("s-{number:03}")
}

/// So many surveys in field.
fn many(count: usize) -> World {
    let mut world = World::new();
    for number in 0..count {
        world.fielded(&name(number), soda());
    }
    world
}

/// The same, and the manifests of some say that they are to be paused.
fn paused(count: usize, of: usize) -> World {
    let mut world = many(of);
    for number in 0..count {
        world.spec(&name(number)).status = Field::Set(Status::Paused);
    }
    world
}

/// What is above a limit, as figures.
fn above(plan: &Plan) -> Vec<String> {
    plan.reach.iter().map(infield::plan::Reach::sentence).collect()
}

/// How many steps wait for the approval `changes`.
fn waiting(plan: &Plan) -> usize {
    let waits = |step: &&infield::plan::Step| step.guards.contains(&Guard::Changes);
    plan.steps.iter().filter(waits).count()
}

#[test]
fn a_plan_that_pauses_nearly_everything_waits_for_an_approval_with_its_figures() {
    let world = paused(198, 200);
    let mut plan = world.plan();
    let figures = "198 of 200 surveys (99%) leave the field, above max_paused 30%";
    assert_eq!(above(&plan), [figures]);
    assert_eq!(waiting(&plan), 198);
    assert!(
        world
            .text()
            .contains(&format!("needs approval: changes: {figures}"))
    );
    let markdown = plan_markdown::render(&plan, &infield::report::Style::default());
    assert!(
        markdown.contains(&format!("**changes**: {figures}.")),
        "{markdown}"
    );
    let json = report(&plan)["reach"].clone();
    assert_eq!(
        json,
        serde_json::json!([{"what": "paused", "surveys": 198, "of": 200, "limit": "30%"}])
    );
    let mut approved = plan.clone();
    refuse_unapproved(&world.guards, &[Guard::Changes].into(), &mut approved);
    assert_eq!(approved.steps.len(), 198);
    refuse_unapproved(&world.guards, &BTreeSet::new(), &mut plan);
    assert_eq!(plan.steps.len(), 0);
}

#[test]
fn up_to_the_limit_nothing_is_asked() {
    for (count, of, asked) in [
        (3, 10, 0),
        (4, 10, 4),
        (60, 200, 0),
        (61, 200, 61),
        (9, 9, 0),
        (10, 10, 10),
    ] {
        assert_eq!(waiting(&paused(count, of).plan()), asked, "{count} of {of}");
    }
}

#[test]
fn removals_have_a_lower_limit_whatever_is_done_to_them() {
    for (on_remove, status) in [
        (OnRemove::Pause, Status::Live),
        (OnRemove::Close, Status::Live),
        (OnRemove::Close, Status::Draft),
        (OnRemove::Forget, Status::Live),
        (OnRemove::Forget, Status::Paused),
    ] {
        for (count, asked) in [(2, 0), (3, 3)] {
            let mut world = many(20);
            for number in 0..count {
                world.left_as(&name(number), status);
                world.remembered(&name(number)).policy.on_remove = on_remove;
                world.remove_manifest(&name(number));
            }
            let plan = world.plan();
            assert_eq!(
                (plan.steps.len(), waiting(&plan)),
                (count, asked),
                "{on_remove} {status}"
            );
            if asked > 0 {
                let figures = "3 of 20 surveys (15%) are removed from the manifests, above max_removed 10%";
                assert_eq!(above(&plan), [figures]);
            }
        }
    }
}

#[test]
fn closing_counts_as_leaving_the_field_and_closing_a_draft_does_not() {
    for (status, asked) in [(Status::Live, 4), (Status::Draft, 0)] {
        let mut world = many(10);
        for number in 0..4 {
            world.left_as(&name(number), status);
            world.spec(&name(number)).status = Field::Set(Status::Closed);
        }
        assert_eq!(waiting(&world.plan()), asked, "{status}");
    }
}

#[test]
fn a_goal_cut_to_what_is_collected_counts_as_leaving_the_field() {
    for (goal, asked) in [(50, 4), (51, 0)] {
        let mut world = many(10);
        for number in 0..4 {
            world.spec(&name(number)).quotas = Field::Absent;
            world.seen(&name(number)).quotas.clear();
            world.collected(&name(number), 50, &[]);
            world.spec(&name(number)).completes = Field::Set(goal);
        }
        let plan = world.plan();
        assert_eq!((plan.steps.len(), waiting(&plan)), (4, asked), "{goal}");
    }
}

#[test]
fn what_is_over_counts_neither_among_all_nor_among_those_reached() {
    // Of 20 are 10 over; 4 of the other 10 are more than 30 per cent.
    for over in ["closed", "reached"] {
        let mut world = paused(4, 20);
        for number in 10..20 {
            match over {
                "closed" => world.left_as(&name(number), Status::Closed),
                _ => world.collected(&name(number), 400, &[]),
            }
            world.spec(&name(number)).status = match over {
                "closed" => Field::Set(Status::Closed),
                _ => Field::Set(Status::Paused),
            };
        }
        let figures = "4 of 10 surveys (40%) leave the field, above max_paused 30%";
        assert_eq!(above(&world.plan()), [figures], "{over}");
    }
    // What was not read counts as it was left.
    let mut world = paused(4, 10);
    let why = "timeout".to_owned();
    world
        .live
        .surveys
        .insert(Address::survey(name(9)), Reading::Unknown { why });
    assert_eq!(world.plan().reach[0].of, 10);
}

#[test]
fn what_is_made_never_counts_and_changes_only_where_a_limit_is_set() {
    let mut world = many(10);
    for number in 10..40 {
        world.want(&name(number), soda());
    }
    for number in 0..10 {
        world.spec(&name(number)).title = Field::Set("another".to_owned());
    }
    assert_eq!(above(&world.plan()), [""; 0]);
    world.guards.shares.insert(Reached::Touched, Decimal::from(50));
    let plan = world.plan();
    assert_eq!(
        above(&plan),
        ["10 of 10 surveys (100%) are changed, above max_touched 50%"]
    );
    let waits = plan
        .steps
        .iter()
        .filter(|step| step.guards.contains(&Guard::Changes));
    assert!(waits.clone().all(|step| step.action == Action::Update));
    assert_eq!(waits.count(), 10);
}

#[test]
fn a_limit_that_an_environment_sets_counts_for_few_surveys_too() {
    let mut world = paused(1, 3);
    assert_eq!(above(&world.plan()), [""; 0]);
    world.guards.shares.insert(Reached::Paused, Decimal::ZERO);
    let figures = "1 of 3 surveys (33.3%) leave the field, above max_paused 0%";
    assert_eq!(above(&world.plan()), [figures]);
    let mut world = paused(10, 10);
    world.guards.shares.insert(Reached::Paused, Decimal::ONE_HUNDRED);
    assert_eq!(above(&world.plan()), [""; 0]);
}

#[test]
fn what_is_denied_is_not_counted() {
    let mut world = many(10);
    for number in 0..4 {
        world.spec(&name(number)).status = Field::Set(Status::Closed);
    }
    world.guard(Guard::Close, Rule::Deny);
    assert_eq!(above(&world.plan()), [""; 0]);
}

#[test]
fn a_survey_with_groups_counts_once() {
    let mut world = VendorsWorld::new();
    for number in 0..10 {
        world.with_groups(CINT, &name(number), &["us", "ca"]);
    }
    for number in 0..4 {
        for group in ["us", "ca"] {
            let address = Address::group(&name(number), group);
            world.wanted(&address).spec.status = Field::Set(Status::Paused);
        }
        let plan = world.plan();
        assert_eq!(ids(&plan).len(), 2 * (number + 1));
        let wanted: &[&str] = match number {
            3 => &["4 of 10 surveys (40%) leave the field, above max_paused 30%"],
            _ => &[],
        };
        assert_eq!(above(&plan), wanted);
    }
}
