//! Studies whose parts were closed, forgotten, made anew or collected more than they should: never above the goal, and never
//! short without a word.

use crate::study_world::{alone, goal, held_back, part};
use crate::support::PS;
use crate::vendors_world::*;
use infield::model::desired::{OnFixedChange, OnRemove};
use infield::model::study::Collected;
use infield::model::{Address, Field, Status};
use infield::plan::{Action, Guard, Plan, Rule};
use serde_json::json;

fn study() -> Address {
    Address::survey("soda")
}

fn quota(plan: &Plan, id: &str, name: &str) -> u64 {
    let (_, after) = change(step(plan, id), &format!("/quotas/{name}/completes"));
    after.as_u64().unwrap()
}

#[test]
fn a_marketplace_that_was_left_and_does_not_count_may_leave_the_study_short_and_that_is_said() {
    let mut world = VendorsWorld::shared(600, &[(PS, 50), (IMR, 20), (CINT, 30)]);
    world.share(600, &[(PS, 60), (CINT, 40)]);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda@purespectrum:update").1, json!(288));
    assert_eq!(goal(&plan, "soda@cint/main:update").1, json!(192));
    assert_eq!(
        said(&plan, &study()),
        [
            "advice: InnovateMR, which the manifest does not name any more, does not say how many completes it has \
             collected, so its 120 wanted so far count for the 600 wanted",
            "advice: of the 600 completes wanted, up to 120 may be missing in the end: they count as collected, or are \
             wanted where nothing is collected any more",
        ]
    );
}

#[test]
fn quotas_come_to_the_goal_where_nobody_tells_to_which_of_them_completes_belong() {
    let quotas = [("men", 240), ("women", 240)];
    let mut world = VendorsWorld::new();
    world.share_quotas(480, &quotas, &[(PS, 50), (CINT, 50)]);
    world.field_all();
    world.collected(&part(PS), 120, &[]);
    world.share_quotas(480, &quotas, &[(CINT, 100)]);
    let list = &mut world.seen(&part(PS)).quotas;
    list.iter_mut().for_each(|quota| quota.fielded = None);
    let plan = world.plan();
    let update = "soda/main:update";
    assert_eq!(goal(&plan, update).1, json!(360));
    assert_eq!(quota(&plan, update, "men") + quota(&plan, update, "women"), 360);
}

#[test]
fn what_is_forgotten_by_a_study_goes_on_counting() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 80, &[]);
    world.remembered(&part(PS)).policy.on_remove = OnRemove::Forget;
    world.share(400, &[(CINT, 100)]);
    let plan = world.plan();
    let kept = "unmanaged: it is left as it is, and not forgotten yet: what it collects counts for the 400 completes wanted";
    assert_eq!(said(&plan, &part(PS)), [kept]);
    held_back(&plan, &alone(CINT), "would make 520 of 400 completes");
    assert!(
        plan.steps.iter().all(|step| step.action != Action::Forget),
        "{:?}",
        ids(&plan)
    );
    // Once it has stopped the others get what it has not collected, and it is kept for what it has.
    world.left_as(&part(PS), Status::Paused);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda/main:update"), (json!(200), json!(320)));
    assert!(
        plan.steps.iter().all(|step| step.action != Action::Forget),
        "{:?}",
        ids(&plan)
    );
    // Without the study there is nothing for which it could count.
    world.desired.surveys.clear();
    world.desired.studies.clear();
    assert!(
        world
            .plan()
            .steps
            .iter()
            .any(|step| step.action == Action::Forget && step.address == part(PS))
    );
}

#[test]
fn a_part_for_which_nothing_is_left_does_not_count_with_its_goal() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 250, &[]);
    world.seen(&part(PS)).spec.completes = Field::Set(250);
    world.share(260, &[(PS, 99), (CINT, 1)]);
    world.collected(&part(PS), 257, &[]);
    // PureSpectrum may have 260 of 260, so Cint stops first.
    world.share(257, &[(PS, 99), (CINT, 1)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@cint/main:pause", "soda@purespectrum:update"]);
    assert_eq!(goal(&plan, "soda@purespectrum:update").1, json!(257));
    assert_eq!(
        step(&plan, "soda@purespectrum:update").depends_on,
        ["soda@cint/main:pause"]
    );
    // Out of field it collects nothing.
    world.left_as(&part(CINT), Status::Paused);
    assert_eq!(ids(&world.plan()), ["soda@purespectrum:update"]);
}

#[test]
fn a_part_that_is_made_anew_wants_only_what_is_missing() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 80, &[]);
    world.live.templates.insert(
        PS,
        infield::model::Reading::Present(vec![infield::model::live::LiveTemplate {
            id: 15,
            name: "T".to_owned(),
            ..Default::default()
        }]),
    );
    let wanted = world.wanted(&part(PS));
    wanted.spec.template = Field::Set(15);
    wanted.policy.on_template_change = infield::model::desired::OnTemplateChange::Replace;
    wanted.policy.on_fixed_change = OnFixedChange::Replace;
    world.guards.set(Guard::Replace, Rule::Ask);
    let plan = world.plan();
    let replace = step(&plan, "soda@purespectrum:replace");
    assert_eq!(change(replace, "/completes").1, json!(120));
    assert_eq!(
        plan.notes.iter().filter(|note| note.holds()).count(),
        0,
        "{:?}",
        plan.notes
    );
    // The next plan counts what the old one has collected.
    let new = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    let mut world = new;
    world.seen(&part(PS)).spec.completes = Field::Set(120);
    let known = world.remembered(&part(PS));
    known.applied.completes = Field::Set(120);
    known.replaced = Collected {
        completes: 80,
        quotas: Default::default(),
    };
    assert_eq!(ids(&world.plan()), [""; 0]);
    // More for the study is more for what is missing.
    world.share(600, &[(PS, 50), (CINT, 50)]);
    assert_eq!(
        goal(&world.plan(), "soda@purespectrum:update"),
        (json!(120), json!(220))
    );
}

#[test]
fn quotas_that_have_more_than_they_want_leave_no_plan_that_is_refused() {
    let quotas = [("men", 100), ("women", 300)];
    let mut world = VendorsWorld::new();
    world.share_quotas(400, &quotas, &[(PS, 50), (CINT, 50)]);
    world.field_all();
    world.collected(&part(PS), 120, &[("men", 100), ("women", 20)]);
    world.collected(&part(CINT), 40, &[("men", 20), ("women", 20)]);
    let quotas = [("men", 25), ("women", 75)];
    world.share_quotas(100, &quotas, &[(PS, 50), (CINT, 50)]);
    let plan = world.plan();
    let cint = plan.steps.iter().find(|step| step.address == part(CINT));
    for name in ["men", "women"] {
        let path = format!("/quotas/{name}/completes");
        let after = cint
            .unwrap()
            .changes
            .iter()
            .find(|change| change.path == path)
            .unwrap();
        assert_eq!(after.after, json!(20), "what is collected, and no more");
    }
    assert!(plan.notes.iter().all(|note| !note.holds()), "{:?}", plan.notes);
    let notes = said(&plan, &study());
    let short = "advice: the quota women ends with 40 of 75 completes: others over the same questions have more than they want";
    assert!(notes.iter().any(|note| note == short), "{notes:#?}");
}
