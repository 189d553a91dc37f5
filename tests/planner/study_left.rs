//! Marketplaces that a manifest does not name any more, and the names under which the others are remembered.

use crate::study_world::{alone, goal, held_back, part};
use crate::support::PS;
use crate::vendors_world::*;
use infield::model::desired::OnRemove;
use infield::model::{Address, DesiredGroup, Field, Known, Resource, ResourceKind, Status};
use infield::plan::{Action, study::moves};
use serde_json::json;

#[test]
fn a_survey_fielded_at_one_more_marketplace_is_the_same_survey() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    assert_eq!(moves(&world.desired, &world.known), [(alone(PS), part(PS))]);
    let mut world = VendorsWorld::shared(400, &[(CINT, 100)]);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    let both = [
        (Address::survey("soda"), Address::survey("soda@cint")),
        (alone(CINT), part(CINT)),
    ];
    assert_eq!(
        moves(&world.desired, &world.known),
        both,
        "the project and its target group"
    );
    let made: Vec<String> = world
        .plan()
        .steps
        .into_iter()
        .filter(|step| step.action == Action::Create)
        .map(|step| step.id)
        .collect();
    assert_eq!(made, ["soda@purespectrum:create"]);
}

#[test]
fn a_survey_does_not_become_one_of_another_marketplace() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(IMR, 100)]);
    assert_eq!(
        moves(&world.desired, &world.known),
        [],
        "what is at Cint is none of InnovateMR's"
    );
    let mut back = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    back.share(400, &[(PS, 100)]);
    assert_eq!(moves(&back.desired, &back.known), [(part(PS), alone(PS))]);
}

#[test]
fn a_survey_that_is_known_under_the_new_name_too_stays_where_it_is() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    let other = world.known.resources[&part(PS)].clone();
    world.share(400, &[(PS, 100)]);
    world.known.resources.insert(alone(PS), other);
    assert_eq!(
        moves(&world.desired, &world.known),
        [],
        "one of the two would be forgotten"
    );
    // As long as a manifest names it where it is, it stays as well.
    let world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    assert_eq!(moves(&world.desired, &world.known), []);
    assert_eq!(moves(&world.desired, &Known::default()), []);
}

#[test]
fn a_create_that_is_open_is_not_sent_again_under_another_name() {
    let mut world = VendorsWorld::new();
    world.share(400, &[(PS, 100)]);
    world.open_intent(PS, &alone(PS));
    world.share(400, &[(PS, 50), (CINT, 50)]);
    assert_eq!(moves(&world.desired, &world.known), [(alone(PS), part(PS))]);
    let plan = world.plan();
    assert!(
        plan.steps.iter().all(|step| step.address != part(PS)),
        "{:?}",
        ids(&plan)
    );
    assert!(said(&plan, &part(PS))[0].contains("its outcome is not known; it will not be sent again"));
    // And back.
    let mut world = VendorsWorld::new();
    world.share(400, &[(PS, 50), (IMR, 50)]);
    world.field(&Address::at("soda", IMR));
    world.open_intent(IMR, &part(IMR));
    world.share(400, &[(IMR, 100)]);
    let both = [
        (Address::at("soda", IMR), Address::survey("soda")),
        (part(IMR), alone(IMR)),
    ];
    assert_eq!(moves(&world.desired, &world.known), both);
    assert_eq!(ids(&world.plan()), [""; 0]);
    // Of another marketplace it is another survey's.
    world.share(400, &[(CINT, 100)]);
    assert_eq!(moves(&world.desired, &world.known), []);
}

#[test]
fn one_marketplace_again_gets_what_the_others_have_not_collected_once_they_have_stopped() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 80, &[]);
    world.collected(&part(CINT), 60, &[]);
    world.share(400, &[(PS, 100)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@cint/main:pause", "soda:update"]);
    assert_eq!(goal(&plan, "soda:update"), (json!(200), json!(340)));
    assert_eq!(plan.steps[1].depends_on, ["soda@cint/main:pause"]);
    let note = "advice: 60 completes were collected at Cint, which the manifest does not name any more; they count for \
                the 400 wanted";
    assert_eq!(said(&plan, &Address::survey("soda")), [note]);
    // A close frees as much.
    world.remembered(&part(CINT)).policy.on_remove = OnRemove::Close;
    let plan = world.plan();
    assert_eq!(step(&plan, "soda:update").depends_on, ["soda@cint/main:close"]);
}

#[test]
fn what_was_collected_elsewhere_counts_for_quotas_too() {
    let quotas = [("men", 200), ("women", 200)];
    let mut world = VendorsWorld::new();
    world.share_quotas(400, &quotas, &[(PS, 50), (IMR, 10), (CINT, 40)]);
    world.field_all();
    assert!(world.plan().is_empty());
    world.collected(&part(CINT), 50, &[("men", 30), ("women", 20)]);
    world.left_as(&part(IMR), Status::Paused);
    world.share_quotas(400, &quotas, &[(PS, 100)]);
    let plan = world.plan();
    // InnovateMR does not say what it has collected: all of its part counts.
    let update = step(&plan, "soda:update");
    assert_eq!(change(update, "/completes").1, json!(400 - 50 - 40));
    assert_eq!(change(update, "/quotas/men/completes").1, json!(200 - 30 - 20));
    assert_eq!(change(update, "/quotas/women/completes").1, json!(200 - 20 - 20));
    assert_eq!(
        update.depends_on,
        ["soda@cint/main:pause"],
        "InnovateMR has stopped"
    );
    let notes = said(&plan, &Address::survey("soda"));
    assert_eq!(
        notes,
        [
            "advice: 50 completes were collected at Cint, which the manifest does not name any more; they count for the \
             400 wanted",
            "advice: InnovateMR, which the manifest does not name any more, does not say how many completes it has \
             collected, so its 40 wanted so far count for the 400 wanted",
            "advice: of the 400 completes wanted, up to 40 may be missing in the end: they count as collected, or are \
             wanted where nothing is collected any more",
        ]
    );
}

#[test]
fn groups_of_one_marketplace_count_what_others_have_collected_of_them() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 80, &[]);
    world.share(400, &[(CINT, 100)]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:pause", "soda/main:update"]);
    assert_eq!(goal(&plan, "soda/main:update"), (json!(200), json!(320)));
}

#[test]
fn nobody_gets_more_while_a_marketplace_that_was_left_stays_in_field() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(CINT), 60, &[]);
    world.share(400, &[(PS, 100)]);
    world.choices.excludes.insert(part(CINT));
    let plan = world.plan();
    held_back(
        &plan,
        &alone(PS),
        "update is held back: with what the other marketplaces may still collect, it would make 540 of 400 completes",
    );
    assert!(plan.is_empty());
    // That another survey leaves the field is no help.
    let tea = Address::survey("tea");
    world.fielded(PS, &tea, fieldable(PS, 100));
    world.wanted(&tea).spec.status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["tea:pause"]);
    held_back(&plan, &alone(PS), "would make 540 of 400 completes");
    world.left_as(&tea, Status::Paused);
    // The same where the vendor would not let it go.
    world.choices.excludes.clear();
    world.blocked_transition(&part(CINT));
    held_back(&world.plan(), &alone(PS), "would make 540 of 400 completes");
    // Out of field it collects nothing more; a draft has collected nothing.
    world.live.blocked_transitions.clear();
    world.left_as(&part(CINT), Status::Paused);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda:update"), (json!(200), json!(340)));
    assert_eq!(step(&plan, "soda:update").depends_on, [""; 0]);
    world.left_as(&part(CINT), Status::Draft);
    world.collected(&part(CINT), 0, &[]);
    assert_eq!(goal(&world.plan(), "soda:update"), (json!(200), json!(400)));
}

#[test]
fn what_was_left_and_has_more_than_its_goal_counts_with_that() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(CINT), 210, &[]);
    world.share(420, &[(PS, 100)]);
    world.choices.excludes.insert(part(CINT));
    let plan = world.plan();
    assert_eq!(
        goal(&plan, "soda:update"),
        (json!(200), json!(210)),
        "the last ten came in late"
    );
}

#[test]
fn what_was_left_and_cannot_be_read_may_collect_what_it_was_last_given() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.share(400, &[(PS, 100)]);
    world.unread(&part(CINT));
    let plan = world.plan();
    held_back(&plan, &alone(PS), "would make 600 of 400 completes");
    // Whatever it was given before this apply lowered it.
    world.remembered(&part(CINT)).applied.completes = Field::Set(50);
    held_back(&world.plan(), &alone(PS), "would make 450 of 400 completes");
}

#[test]
fn a_draft_that_was_left_and_does_not_count_has_collected_nothing() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (IMR, 50)]);
    world.left_as(&part(IMR), Status::Draft);
    world.share(400, &[(PS, 100)]);
    let plan = world.plan();
    assert_eq!(goal(&plan, "soda:update"), (json!(200), json!(400)));
    assert_eq!(said(&plan, &Address::survey("soda")), [""; 0]);
    // Out of field and not counted: all that it was wanted for may be there.
    world.left_as(&part(IMR), Status::Paused);
    let plan = world.plan();
    assert!(
        plan.steps.iter().all(|step| step.address != alone(PS)),
        "{:?}",
        ids(&plan)
    );
    let notes = said(&plan, &Address::survey("soda"));
    let untold = "InnovateMR, which the manifest does not name any more, does not say how many completes it has collected, \
                  so its 200 wanted so far count for the 400 wanted";
    assert!(notes[0].contains(untold), "{notes:#?}");
    assert!(
        notes[1].contains("up to 200 may be missing in the end"),
        "{notes:#?}"
    );
}

#[test]
fn what_was_fielded_alone_and_is_left_counts_and_stops_first() {
    let mut world = VendorsWorld::shared(400, &[(PS, 100)]);
    world.collected(&alone(PS), 300, &[]);
    world.share(400, &[(IMR, 50), (CINT, 50)]);
    let plan = world.plan();
    let note = "advice: 300 completes were collected at PureSpectrum, which the manifest does not name any more; they \
                count for the 400 wanted";
    assert_eq!(said(&plan, &alone(PS)), [note]);
    for vendor in [IMR, CINT] {
        let create = step(&plan, &format!("{}:create", part(vendor)));
        assert_eq!(change(create, "/completes").1, json!(50));
        assert!(create.depends_on.contains(&"soda:pause".to_owned()));
    }
    // What cannot be read may collect all of it.
    world.unread(&alone(PS));
    held_back(&world.plan(), &part(CINT), "would make 800 of 400 completes");
}

#[test]
fn an_exclusion_group_does_not_become_a_survey() {
    let mut world = VendorsWorld::new();
    let group = DesiredGroup {
        vendor: PS,
        reference: "acme-soda".to_owned(),
        title: "Soda".to_owned(),
        members: Vec::new(),
        exclusion_days: None,
    };
    let resource = Resource {
        vendor: PS,
        id: group.reference.clone(),
        kind: ResourceKind::Group(group),
    };
    world.known.resources.insert(alone(PS), resource);
    world.share(400, &[(PS, 50), (CINT, 50)]);
    assert_eq!(moves(&world.desired, &world.known), []);
}

#[test]
fn a_group_of_another_survey_is_no_part_of_the_whole() {
    let mut world = VendorsWorld::shared(400, &[(PS, 50), (CINT, 50)]);
    world.collected(&part(PS), 80, &[]);
    world.share(400, &[(CINT, 100)]);
    let tea = Address::group("tea", "main");
    world.fielded(CINT, &Address::survey("tea"), container(CINT));
    world.fielded(CINT, &tea, fieldable(CINT, 30));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda@purespectrum:pause", "soda/main:update"]);
    assert_eq!(goal(&plan, "soda/main:update"), (json!(200), json!(320)));
}
