//! One survey at several marketplaces: what each gets in view of what all have collected.

use crate::study_world::{alone, goal, part};
use crate::support::PS;
use crate::vendors_world::*;
use infield::model::desired::OnRemove;
use infield::model::{Address, Field, Status};
use infield::plan::NoteKind;
use serde_json::json;

#[test]
fn a_marketplace_that_does_not_count_keeps_what_it_may_have_collected() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.share(400, &[(PS, 75), (IMR, 25)]);
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        [""; 0],
        "its 200 cannot be taken back, so nobody gets them"
    );
    let untold = "advice: InnovateMR does not say how many completes it has collected, so its 200 wanted so far count as \
                  collected";
    let kept = "advice: its share is 100 of 400 completes, and 200 are collected; it keeps those, and the others get less";
    let notes = said(&plan, &part(IMR));
    assert_eq!(notes, [untold, kept]);
    let at: Vec<_> = plan.notes.iter().map(|note| note.path.as_deref()).collect();
    assert_eq!(at, [Some("/completes"), Some("/completes")]);
    // More for it is no question of what it has.
    world.share(500, &[(PS, 50), (IMR, 50)]);
    let plan = world.plan();
    assert_eq!(
        goal(&plan, "soda@innovatemr/main:update"),
        (json!(200), json!(250))
    );
    assert_eq!(plan.notes, []);
    // As much as it has is nothing to tell either.
    world.share(400, &[(PS, 50), (IMR, 50)]);
    assert_eq!(world.plan().notes, []);
}

#[test]
fn a_draft_of_a_marketplace_that_does_not_count_gives_up_all_of_it() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.left_as(&part(IMR), Status::Draft);
    world.share(400, &[(PS, 75), (IMR, 25)]);
    let plan = world.plan();
    assert_eq!(
        goal(&plan, "soda@innovatemr/main:update"),
        (json!(200), json!(100))
    );
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(200), json!(300)));
    assert_eq!(plan.notes, []);
}

#[test]
fn a_share_does_not_go_below_what_is_collected() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 150, &[]);
    world.share(400, &[(PS, 25), (CINT, 75)]);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(200), json!(150)));
    assert_eq!(goal(&plan, "soda@cint/main:update"), (json!(200), json!(250)));
    let kept = "advice: its share is 100 of 400 completes, and 150 are collected; it keeps those, and the others get less";
    assert_eq!(said(&plan, &part(PS)), [kept]);
    // Exactly its share is no news.
    world.collected(&part(PS), 100, &[]);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda@purespectrum:update"), (json!(200), json!(100)));
    assert_eq!(plan.notes, []);
}

#[test]
fn quotas_are_divided_by_what_is_collected_of_each() {
    let mut world = VendorsWorld::new();
    let quotas = [("men", 200), ("women", 200)];
    world.share_quotas(400, &quotas, &[(PS, 50), (CINT, 50)]);
    world.field_all();
    world.collected(&part(PS), 120, &[("men", 100), ("women", 20)]);
    world.share_quotas(400, &quotas, &[(PS, 30), (CINT, 70)]);
    let plan = world.plan();
    let (low, high) = ("soda@purespectrum:update", "soda@cint/main:update");
    let quota = |id: &str, name: &str| {
        let path = format!("/quotas/{name}/completes");
        let changes = &step(&plan, id).changes;
        changes
            .iter()
            .find(|change| change.path == path)
            .map_or(json!(100), |change| change.after.value())
    };
    assert_eq!(goal(&plan, low).1, json!(120));
    assert_eq!(
        ["men", "women"].map(|name| quota(low, name)),
        [json!(100), json!(20)]
    );
    assert_eq!(
        ["men", "women"].map(|name| quota(high, name)),
        [json!(100), json!(180)]
    );
}

#[test]
fn quotas_of_its_own_are_not_divided() {
    let mut world = VendorsWorld::new();
    let quotas = [("men", 200), ("women", 200)];
    world.share_quotas(400, &quotas, &[(PS, 50), (CINT, 50)]);
    world.field_all();
    let own = &mut world
        .desired
        .studies
        .get_mut(&Address::survey("soda"))
        .unwrap()
        .own_quotas;
    own.insert(PS);
    let list = world.wanted(&part(PS)).spec.quotas.value_mut().unwrap();
    list[0].completes = 190;
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:update"]);
    assert_eq!(
        change(&plan.steps[0], "/quotas/men/completes"),
        (json!(100), json!(190))
    );
}

#[test]
fn where_nothing_is_left_for_it_a_marketplace_leaves_the_field() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 200, &[]);
    world.share(200, &[(PS, 50), (CINT, 50)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@cint/main:pause"]);
    let why = "advice: nothing of the 200 completes is left for it: the other marketplaces have, or may collect, all of \
               them; it is not in field";
    assert_eq!(said(&plan, &part(CINT)), [why]);
    let (applied, in_field) = recorded(&plan.steps[0].record);
    assert_eq!(
        (applied.status.clone(), in_field),
        (Field::Set(Status::Paused), false)
    );
    // A manifest that wants it closed or a draft says so itself.
    world.wanted(&part(CINT)).spec.status = Field::Set(Status::Closed);
    assert_eq!(ids(&world.plan()), ["soda@cint/main:close"]);
}

#[test]
fn where_nothing_is_left_for_it_its_goal_and_quotas_stay_as_they_are() {
    let mut world = VendorsWorld::new();
    let quotas = [("men", 200), ("women", 200)];
    world.share_quotas(400, &quotas, &[(PS, 50), (CINT, 50)]);
    world.field_all();
    world.collected(&part(PS), 200, &[("men", 100), ("women", 100)]);
    world.share_quotas(200, &[("men", 100), ("women", 100)], &[(PS, 50), (CINT, 50)]);
    assert_eq!(
        ids(&world.plan()),
        ["soda@cint/main:pause"],
        "a goal of nothing would be no goal"
    );
}

#[test]
fn where_nothing_is_left_for_it_a_marketplace_gets_no_survey() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.collected(&alone(PS), 400, &[]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0], "not even a project");
    let why = "blocked: nothing of the 400 completes is left for it: the other marketplaces have, or may collect, all of \
               them; it is not made";
    assert_eq!(said(&plan, &part(CINT)), [why]);
    let help = plan
        .notes
        .iter()
        .find(|note| note.kind == NoteKind::Blocked)
        .unwrap()
        .help
        .clone();
    assert_eq!(
        help.unwrap(),
        "raise `completes` in the manifest, or remove this marketplace"
    );
}

#[test]
fn a_project_with_another_group_to_make_is_made() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.collected(&alone(PS), 400, &[]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    // A group that is not shared.
    world.want(CINT, &Address::group("soda@cint", "extra"), fieldable(CINT, 30));
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        [
            "soda@cint:create",
            "soda@cint/extra:create",
            "soda@cint/extra:launch"
        ]
    );
}

#[test]
fn a_study_that_does_not_say_how_many_divides_nothing() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    let study = world.desired.studies.get_mut(&Address::survey("soda")).unwrap();
    study.lots.get_mut("main").unwrap().completes = None;
    world.collected(&part(PS), 200, &[]);
    assert!(world.plan().is_empty());
    assert_eq!(world.plan().notes, []);
}

#[test]
fn notes_are_only_of_what_is_planned() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.share(400, &[(PS, 75), (IMR, 25)]);
    world.choices.targets.insert(part(PS));
    assert_eq!(world.plan().notes, []);
}

#[test]
fn where_nothing_is_left_for_it_what_would_hold_its_group_stays_as_it_is() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.collected(&part(PS), 400, &[]);
    // The job was made, the group was not.
    world.known.resources.remove(&part(IMR));
    world.live.surveys.remove(&part(IMR));
    world.remembered(&Address::at("soda", IMR)).policy.on_remove = OnRemove::Close;
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:update"], "its manifest is there");
    assert!(said(&plan, &part(IMR))[0].contains("it is not made"));
}
