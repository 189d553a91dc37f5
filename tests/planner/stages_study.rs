//! Staged fieldwork at several marketplaces: stages count over all of them together, and time takes the place of completes.

use crate::stages::{ask, carry, climb, count, goal, money, stages, stages_told, tell};
use crate::study_world::part;
use crate::support::PS;
use crate::vendors_world::{CINT, IMR, VendorsWorld, fieldable, step};
use infield::model::figures::{Check, Figure};
use infield::model::ladder::{Ladder, Then};
use infield::model::study::{Collected, Lot};
use infield::model::{Address, Status, Study, VendorId};
use infield::plan::{Guard, NoteKind, Plan};
use std::collections::BTreeMap;

fn name() -> Address {
    Address::survey("soda")
}

/// `soda`, fielded by two marketplaces in stages.
fn wanted(shares: &[(VendorId, u32)], stages: &[(&str, u64, Then)]) -> VendorsWorld {
    let mut world = VendorsWorld::new();
    world.share(100, shares);
    world.live.as_of = Some("2026-11-21T00:00:00Z".parse().unwrap());
    let named = stages
        .iter()
        .map(|(name, completes, then)| ((*name).to_owned(), *completes, *then));
    let whole = fieldable(shares[0].0, 100);
    climbs(&mut world, &Ladder::over(&whole, named));
    world
}

/// Gives the study this ladder, and every part its share of it.
fn climbs(world: &mut VendorsWorld, ladder: &Ladder) {
    let study = world.desired.studies.get_mut(&name()).unwrap();
    study.ladders.insert(Study::ONLY.to_owned(), ladder.clone());
    let (lot, shares): (Lot, _) = (study.lots[Study::ONLY].clone(), study.shares.clone());
    for vendor in shares.keys() {
        let counts = (0..ladder.rungs.len()).map(|at| {
            let parts = lot
                .at(ladder, at)
                .divide(&shares, &BTreeMap::new(), &Collected::default());
            (parts[vendor].completes.unwrap(), parts[vendor].quotas.clone())
        });
        world.wanted(&part(*vendor)).ladder = Some(ladder.part(counts));
    }
}

/// Changes the ladder of the study.
fn edit(world: &mut VendorsWorld, change: impl FnOnce(&mut Ladder)) {
    let mut ladder = world.desired.studies[&name()].ladders[Study::ONLY].clone();
    change(&mut ladder);
    climbs(world, &ladder);
}

/// Carries a plan out at every part.
fn carry_all(world: &mut VendorsWorld, plan: &Plan) {
    for address in addresses(world) {
        if plan.steps.iter().any(|step| step.address == address)
            || world.known.resources.contains_key(&address)
        {
            carry(world, &address, plan);
        }
    }
}

fn addresses(world: &VendorsWorld) -> Vec<Address> {
    let study = &world.desired.studies[&name()];
    study.shares.keys().map(|vendor| part(*vendor)).collect()
}

/// In field on the first stage at PureSpectrum and Cint, six to four, the ladder approved.
fn launched() -> VendorsWorld {
    let mut world = wanted(&[(PS, 60), (CINT, 40)], &stages());
    world.field_holders();
    let plan = world.plan();
    carry_all(&mut world, &plan);
    world
}

fn goals(world: &VendorsWorld) -> Vec<Option<u64>> {
    addresses(world)
        .iter()
        .map(|address| goal(world, address))
        .collect()
}

fn advance(world: &mut VendorsWorld, stage: &str) {
    for address in addresses(world) {
        ask(world, &address, stage);
    }
}

/// What is said of stages.
fn waits(plan: &Plan) -> Vec<String> {
    let waits = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::SoftLaunchWaiting);
    waits
        .map(|note| format!("{}: {}", note.address, note.message))
        .collect()
}

#[test]
fn a_study_goes_in_field_with_its_first_stage_divided_and_each_part_shows_its_ladder() {
    let mut world = wanted(&[(PS, 60), (CINT, 40)], &stages());
    world.field_holders();
    let plan = world.plan();
    let launch = |vendor| step(&plan, &format!("{}:launch", part(vendor))).clone();
    assert_eq!(
        stages_told(&launch(PS)),
        [
            r#"/stages/soft null -> "6 completes, at most 18.00 USD, then hold""#,
            r#"/stages/ramp null -> "30 completes, at most 90.00 USD""#,
            r#"/stages/full null -> "60 completes, at most 180.00 USD""#,
        ]
    );
    assert_eq!(climb(&launch(CINT)).approved[1].completes, 20);
    assert_eq!(plan.exposure[0].after, money("30.00 USD"));
    for vendor in [PS, CINT] {
        assert!(launch(vendor).guards.contains(&Guard::Launch));
    }
    assert_eq!(launch(CINT).adds_later, Some(money("108.00 USD")));
    carry_all(&mut world, &plan);
    assert_eq!(goals(&world), [Some(6), Some(4)]);
    let plan = world.plan();
    assert!(plan.is_empty(), "{plan:#?}");
}

#[test]
fn a_stage_of_a_study_is_left_once_all_marketplaces_together_have_it() {
    let mut world = launched();
    edit(&mut world, |ladder| ladder.rungs[0].then = Then::Continue);
    // One has its part, and the other lags: nothing goes on, and no more than the stage can come.
    count(&mut world, &part(PS), 6);
    count(&mut world, &part(CINT), 3);
    let plan = world.plan();
    assert!(plan.steps.is_empty(), "{plan:#?}");
    let said =
        "soda@purespectrum: the stage `soft` has its 6 completes here, and 9 of 10 at all marketplaces";
    assert!(waits(&plan)[0].starts_with(said), "{:#?}", plan.notes);
    assert!(
        !waits(&plan)[0].contains("waits"),
        "the others go on: {:#?}",
        plan.notes
    );
    count(&mut world, &part(CINT), 4);
    let plan = world.plan();
    let asks = |vendor| {
        let steps = plan.steps.iter().filter(|step| step.address == part(vendor));
        steps
            .flat_map(|step| &step.guards)
            .any(|guard| *guard == Guard::Launch)
    };
    // Another gate than the approved one asks again.
    assert!(asks(PS) && asks(CINT), "{plan:#?}");
    carry_all(&mut world, &plan);
    assert_eq!(goals(&world), [Some(30), Some(20)]);
    assert!(world.plan().is_empty());
    // The ramp was approved with that: it goes on to the end by itself.
    count(&mut world, &part(PS), 30);
    count(&mut world, &part(CINT), 20);
    let plan = world.plan();
    assert!(
        plan.steps
            .iter()
            .all(|step| !step.guards.contains(&Guard::Launch)),
        "{plan:#?}"
    );
    carry_all(&mut world, &plan);
    assert_eq!(goals(&world), [Some(60), Some(40)]);
    assert!(world.plan().is_empty());
}

#[test]
fn completes_beyond_a_share_are_taken_from_the_others_on_the_same_stage_without_an_approval() {
    let mut world = launched();
    count(&mut world, &part(PS), 8);
    count(&mut world, &part(CINT), 1);
    let plan = world.plan();
    for step in &plan.steps {
        assert!(!step.guards.contains(&Guard::Launch), "{step:#?}");
    }
    carry_all(&mut world, &plan);
    assert_eq!(goals(&world), [Some(8), Some(2)]);
    count(&mut world, &part(PS), 8);
    count(&mut world, &part(CINT), 2);
    let plan = world.plan();
    assert!(plan.steps.is_empty(), "{plan:#?}");
    let full = "the stage `soft` has its 10 completes of 100 in all at all marketplaces, and waits";
    assert_eq!(
        waits(&plan).iter().filter(|said| said.contains(full)).count(),
        2,
        "{:#?}",
        plan.notes
    );
    advance(&mut world, "ramp");
    let plan = world.plan();
    for step in &plan.steps {
        assert!(!step.guards.contains(&Guard::Launch), "{step:#?}");
    }
    carry_all(&mut world, &plan);
    assert_eq!(goals(&world), [Some(30), Some(20)]);
    assert!(world.plan().is_empty());
}

#[test]
fn who_lags_behind_follows_to_the_stage_of_the_others_and_no_further() {
    let mut world = launched();
    count(&mut world, &part(PS), 6);
    count(&mut world, &part(CINT), 4);
    advance(&mut world, "ramp");
    let plan = world.plan();
    // Only one of the two gets through.
    carry(&mut world, &part(PS), &plan);
    world.choices.advance.clear();
    assert_eq!(goals(&world), [Some(30), Some(4)]);
    let plan = world.plan();
    assert!(
        plan.steps.iter().all(|step| step.address == part(CINT)),
        "{plan:#?}"
    );
    assert!(!plan.steps.is_empty());
    carry(&mut world, &part(CINT), &plan);
    assert_eq!(goals(&world), [Some(30), Some(20)]);
    assert!(world.plan().is_empty());
}

#[test]
fn a_check_holds_at_every_marketplace_that_tells_the_figure() {
    let mut world = launched();
    edit(&mut world, |ladder| {
        ladder.rungs[0].then = Then::Continue;
        ladder.rungs[0].when = [
            (Figure::IncidenceRate, ">= 30"),
            (Figure::QualityTerminations, "<= 5"),
        ]
        .into_iter()
        .filter_map(|(figure, text)| Check::read(figure, text))
        .collect();
    });
    count(&mut world, &part(PS), 6);
    count(&mut world, &part(CINT), 4);
    let said = |world: &VendorsWorld| waits(&world.plan()).join("\n");
    tell(&mut world, &part(PS), &[(Figure::IncidenceRate, "60")]);
    let untold = said(&world);
    assert!(untold.contains("incidence_rate is not told at Cint"), "{untold}");
    assert!(
        untold.contains("quality_terminations is not told at PureSpectrum"),
        "{untold}"
    );
    assert!(
        !untold.contains("quality_terminations is not told at Cint"),
        "Cint tells nobody: {untold}"
    );
    tell(
        &mut world,
        &part(PS),
        &[(Figure::IncidenceRate, "60"), (Figure::QualityTerminations, "5")],
    );
    tell(&mut world, &part(CINT), &[(Figure::IncidenceRate, "29.9")]);
    let fails = said(&world);
    assert!(
        fails.contains("because incidence_rate is 29.9 at Cint, and >= 30 is wanted"),
        "{fails}"
    );
    assert!(!fails.contains("PureSpectrum, and"), "{fails}");
    tell(&mut world, &part(CINT), &[(Figure::IncidenceRate, "30")]);
    assert_eq!(said(&world), "");
    assert!(!world.plan().steps.is_empty());
}

#[test]
fn where_completes_are_not_told_a_stage_waits_for_somebody_or_for_its_time() {
    let mut world = wanted(&[(PS, 60), (IMR, 40)], &stages());
    world.field_holders();
    edit(&mut world, |ladder| {
        ladder.rungs[0].then = Then::Continue;
        ladder.rungs[0].minutes = Some(24 * 60);
    });
    let plan = world.plan();
    carry_all(&mut world, &plan);
    for vendor in [PS, IMR] {
        let known = world.remembered(&part(vendor)).climb.as_mut().unwrap();
        known.since = Some("2026-11-21T00:00:00Z".parse().unwrap());
    }
    world.remembered(&part(IMR)).climb.as_mut().unwrap().since =
        Some("2026-11-21T06:00:00Z".parse().unwrap());
    count(&mut world, &part(PS), 6);
    let at = |world: &mut VendorsWorld, time: &str| {
        world.live.as_of = Some(time.parse().unwrap());
        world.plan()
    };
    // The last one that went in field has to have had its time.
    for time in ["2026-11-21T01:00:00Z", "2026-11-22T05:59:59Z"] {
        assert!(at(&mut world, time).steps.is_empty(), "{time}");
    }
    let plan = at(&mut world, "2026-11-22T06:00:00Z");
    assert!(!plan.steps.is_empty());
    let up = plan.steps.iter().find(|step| step.address == part(IMR)).unwrap();
    assert_eq!(up.reason, "the stage `soft` has lasted 24h, and `ramp` follows");
    // What somebody has paused has no time.
    world.at_vendor(&part(IMR), Status::Paused);
    assert!(at(&mut world, "2026-11-22T06:00:00Z").steps.is_empty());
}

#[test]
fn a_stage_that_has_lasted_its_time_goes_on_where_its_checks_hold_and_begins_another_time() {
    let (mut world, address) = crate::stages::launched(PS);
    let ladder = world.wanted(&address).ladder.as_mut().unwrap();
    ladder.rungs[0].then = Then::Continue;
    ladder.rungs[0].minutes = Some(90);
    ladder.rungs[0].when = Check::read(Figure::IncidenceRate, ">= 30").into_iter().collect();
    let approved = &mut world.remembered(&address).climb.as_mut().unwrap().approved[0];
    approved.then = Then::Continue;
    approved.minutes = Some(90);
    approved.when = Check::read(Figure::IncidenceRate, ">= 30").into_iter().collect();
    count(&mut world, &address, 4);
    world.live.as_of = Some("2026-11-21T01:30:00Z".parse().unwrap());
    assert!(world.plan().steps.is_empty(), "nobody knows since when");
    let since = Some("2026-11-21T00:00:00Z".parse().unwrap());
    world.remembered(&address).climb.as_mut().unwrap().since = since;
    let plan = world.plan();
    assert!(plan.steps.is_empty());
    assert_eq!(
        waits(&plan),
        [
            "soda: the stage `soft` has lasted 90m, and waits, because incidence_rate is not told, and >= 30 is wanted"
        ]
    );
    tell(&mut world, &address, &[(Figure::IncidenceRate, "30")]);
    let plan = world.plan();
    let up = step(&plan, "soda:update");
    assert_eq!(up.reason, "the stage `soft` has lasted 90m, and `ramp` follows");
    assert!(!up.guards.contains(&Guard::Launch), "{up:#?}");
    assert_eq!((climb(up).rung.as_str(), climb(up).since), ("ramp", None));
    world.live.as_of = Some("2026-11-21T01:29:59Z".parse().unwrap());
    let plan = world.plan();
    assert!(plan.steps.is_empty());
    assert_eq!(waits(&plan), [""; 0]);
    // Another time than the approved one asks again.
    world.live.as_of = Some("2026-11-21T01:30:00Z".parse().unwrap());
    world.wanted(&address).ladder.as_mut().unwrap().rungs[0].minutes = Some(60);
    let plan = world.plan();
    assert!(step(&plan, "soda:update").guards.contains(&Guard::Launch));
}

#[test]
fn what_the_settings_say_counts_completes_is_collected() {
    let (mut world, address) = crate::stages::launched(IMR);
    world.wanted(&address).ladder.as_mut().unwrap().rungs[0].then = Then::Continue;
    for (counts, fielded, goes_on) in [(false, 10, false), (true, 9, false), (true, 10, true)] {
        world.seen(&address).fielded = Some(fielded);
        world.seen(&address).counts = counts;
        let plan = world.plan();
        assert_eq!(
            !plan.steps.is_empty(),
            goes_on,
            "{counts} {fielded}: {:#?}",
            plan.notes
        );
        let undocumented = waits(&plan).iter().any(|said| said.contains("is not documented"));
        assert_eq!(undocumented, !counts, "{:#?}", plan.notes);
    }
}
