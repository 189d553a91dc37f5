//! One survey at several marketplaces: what waits for what, and what is held back so that nothing is bought twice.

use crate::study_world::{alone, goal, held_back, part};
use crate::support::PS;
use crate::vendors_world::*;
use infield::model::desired::OnTemplateChange;
use infield::model::live::LiveTemplate;
use infield::model::{Field, Reading, Status};
use infield::plan::{Guard, Rule};
use serde_json::json;

#[test]
fn shares_that_come_to_the_whole_move_and_the_raise_waits_for_what_is_lowered() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    assert!(world.plan().is_empty(), "the twin of a study");
    world.share(400, &[(PS, 25), (CINT, 75)]);
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["soda@purespectrum:update", "soda@cint/main:update"],
        "by name Cint would be first"
    );
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(200), json!(100)));
    assert_eq!(goal(&plan, "soda@cint/main:update"), (json!(200), json!(300)));
    assert_eq!(plan.steps[0].depends_on, [""; 0]);
    assert_eq!(plan.steps[1].depends_on, ["soda@purespectrum:update"]);
    assert_eq!(plan.notes, []);
    let [exposure] = plan.exposure.as_slice() else {
        panic!("{:?}", plan.exposure);
    };
    assert_eq!(exposure.before, exposure.after, "nothing is bought twice");
}

#[test]
fn a_raise_waits_only_for_the_goals_that_are_lowered() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 25), (CINT, 25)]);
    world.at_vendor(&part(IMR), Status::Draft);
    world.remembered(&part(IMR)).applied.status = Field::Set(Status::Draft);
    // Lowered by 40, and out of field by a step of its own that frees nothing.
    world.share(400, &[(PS, 40), (IMR, 20), (CINT, 40)]);
    world.wanted(&part(PS)).spec.status = Field::Set(Status::Paused);
    let plan = world.plan();
    let raise = step(&plan, "soda@cint/main:update");
    let waits = ["soda@innovatemr/main:update", "soda@purespectrum:update"];
    assert_eq!(raise.depends_on, waits);
    let lowered = step(&plan, "soda@innovatemr/main:update");
    assert_eq!(lowered.depends_on, [""; 0]);
    assert_eq!(
        step(&plan, "soda@purespectrum:update").depends_on,
        ["soda@purespectrum:pause"]
    );
}

#[test]
fn a_part_that_is_made_waits_for_what_the_others_give_up() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(400), json!(200)));
    let lowering = "soda@purespectrum:update".to_owned();
    assert!(
        step(&plan, "soda@cint/main:create")
            .depends_on
            .contains(&lowering)
    );
    assert!(
        step(&plan, "soda@cint/main:launch")
            .depends_on
            .contains(&lowering)
    );
    assert!(
        !step(&plan, "soda@cint:create").depends_on.contains(&lowering),
        "a project costs nothing"
    );
}

#[test]
fn a_part_that_is_made_is_held_back_while_another_keeps_all() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    world.unread(&alone(PS));
    let plan = world.plan();
    held_back(&plan, &part(CINT), "would make 600 of 400 completes");
    let wait = "blocked: launch has to wait for soda@cint/main:create, which is refused";
    assert_eq!(said(&plan, &part(CINT))[1..], [wait]);
    assert_eq!(ids(&plan), ["soda@cint:create"], "a project costs nothing");
}

#[test]
fn what_closed_early_counts_with_what_it_has_collected() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 120, &[]);
    world.at_vendor(&part(PS), Status::Closed);
    world.share(400, &[(PS, 30), (CINT, 70)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@cint/main:update"]);
    assert_eq!(goal(&plan, "soda@cint/main:update"), (json!(200), json!(280)));
}

#[test]
fn what_closed_and_does_not_count_keeps_its_goal() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.at_vendor(&part(IMR), Status::Closed);
    world.share(400, &[(PS, 75), (IMR, 25)]);
    assert_eq!(ids(&world.plan()), [""; 0]);
}

#[test]
fn what_cannot_be_read_may_collect_what_it_was_last_given() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 25), (CINT, 75)]);
    world.unread(&part(PS));
    let plan = world.plan();
    held_back(&plan, &part(CINT), "would make 500 of 400 completes");
    let help = "look at why the others are not changed, and plan all of them together";
    assert!(plan.notes.iter().any(|note| note.help.as_deref() == Some(help)));
    // Not asked for is not absent.
    world.live.surveys.remove(&part(PS));
    held_back(&world.plan(), &part(CINT), "would make 500 of 400 completes");
    // What the vendor says is not there collects nothing.
    let proof = "404".to_owned();
    world.live.surveys.insert(part(PS), Reading::Absent { proof });
    assert_eq!(ids(&world.plan()), ["soda@cint/main:update"]);
}

#[test]
fn what_is_planned_alone_is_held_back_where_it_needs_the_others() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 25), (CINT, 75)]);
    world.choices.targets.insert(part(CINT));
    held_back(&world.plan(), &part(CINT), "would make 500 of 400 completes");
    // Lowering needs nobody.
    world.choices.targets = [part(PS)].into();
    assert_eq!(ids(&world.plan()), ["soda@purespectrum:update"]);
}

#[test]
fn more_than_is_wanted_is_no_reason_to_lower_nothing() {
    // Somebody raised both by hand.
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.seen(&part(PS)).spec.completes = Field::Set(300);
    world.unread(&part(CINT));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:update"]);
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(300), json!(200)));
}

#[test]
fn a_part_that_is_held_back_is_paused_all_the_same() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 75), (CINT, 25)]);
    world.wanted(&part(PS)).spec.status = Field::Set(Status::Paused);
    world.unread(&part(CINT));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:pause"]);
    held_back(&plan, &part(PS), "update is held back");
}

#[test]
fn a_price_of_a_part_that_gets_no_more_is_not_held_back() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.wanted(&part(PS)).spec.cpi = Field::Set("4 USD".parse().unwrap());
    world.unread(&part(CINT));
    // It may collect more than its share.
    world.remembered(&part(CINT)).applied.completes = Field::Set(300);
    assert_eq!(ids(&world.plan()), ["soda@purespectrum:update"]);
}

#[test]
fn a_pause_waits_for_no_other_marketplace() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 25), (CINT, 75)]);
    world.wanted(&part(CINT)).spec.status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert_eq!(step(&plan, "soda@cint/main:pause").depends_on, [""; 0]);
    let raise = step(&plan, "soda@cint/main:update");
    assert_eq!(
        raise.depends_on,
        ["soda@cint/main:pause", "soda@purespectrum:update"]
    );
}

#[test]
fn a_part_that_is_made_anew_with_less_gives_it_up_when_the_old_one_is_closed() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 25), (CINT, 75)]);
    world.seen(&part(PS)).spec.template = Field::Set(15);
    world.wanted(&part(PS)).spec.template = Field::Set(16);
    world.wanted(&part(PS)).policy.on_template_change = OnTemplateChange::Replace;
    let template = |id| LiveTemplate {
        id,
        ..LiveTemplate::default()
    };
    world
        .live
        .templates
        .insert(PS, Reading::Present(vec![template(16)]));
    world.guards.set(Guard::Replace, Rule::Ask);
    let plan = world.plan();
    let close = "soda@purespectrum:close-1003";
    assert_eq!(step(&plan, "soda@cint/main:update").depends_on, [close]);
    assert_eq!(step(&plan, close).depends_on, ["soda@purespectrum:replace"]);
}

#[test]
fn a_raise_does_not_wait_for_changes_that_free_nothing() {
    let mut world = VendorsWorld::shared(400, &[(PS, 25), (IMR, 25), (CINT, 50)]);
    world.share(500, &[(PS, 20), (IMR, 20), (CINT, 60)]);
    world.wanted(&part(PS)).spec.cpi = Field::Set("4 USD".parse().unwrap());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@cint/main:update", "soda@purespectrum:update"]);
    assert_eq!(plan.steps[0].depends_on, [""; 0]);
}

#[test]
fn the_goal_of_a_part_for_which_nothing_is_left_counts_until_it_is_out_of_field() {
    let mut world = VendorsWorld::shared(20, &[(PS, 50), (CINT, 50)]);
    // One percent of 45 is none at all; what is in field there stops before the other gets all of them.
    world.share(45, &[(PS, 99), (CINT, 1)]);
    world.wanted(&part(CINT)).spec.title = Field::Set("Soda brands, spring".to_owned());
    let plan = world.plan();
    let update = "soda@purespectrum:update";
    assert_eq!(
        ids(&plan),
        ["soda@cint/main:pause", "soda@cint/main:update", update]
    );
    assert_eq!(goal(&plan, update), (json!(10), json!(45)));
    let waits = &step(&plan, update).depends_on;
    assert!(waits.contains(&"soda@cint/main:pause".to_owned()), "{waits:?}");
    // Where it stays in field it may collect the goal it has.
    world.choices.excludes.insert(part(CINT));
    let plan = world.plan();
    held_back(&plan, &part(PS), "would make 55 of 45 completes");
    assert!(plan.is_empty(), "{:?}", ids(&plan));
}
