//! Which resources a plan is about.

use crate::support::*;
use crate::vendors::*;
use infield::model::{Address, Field, GroupMember, Status};
use infield::plan::Choices;
use std::collections::BTreeSet;

fn set(names: &[&str]) -> BTreeSet<Address> {
    names.iter().map(|name| Address::survey(*name)).collect()
}

/// Which of these a selection includes.
fn included<'a>(targets: &[&str], excludes: &[&str], names: &[&'a str]) -> Vec<&'a str> {
    let choices = Choices {
        targets: set(targets),
        excludes: set(excludes),
        ..Choices::default()
    };
    names
        .iter()
        .copied()
        .filter(|name| choices.includes(&Address::survey(*name)))
        .collect()
}

#[test]
fn a_group_brings_what_holds_it_and_not_its_siblings() {
    let all = ["soda", "soda/us", "soda/mx", "tea", "tea/us"];
    assert_eq!(included(&[], &[], &all), all);
    assert_eq!(included(&["soda/us"], &[], &all), ["soda", "soda/us"]);
    assert_eq!(included(&["soda"], &[], &all), ["soda", "soda/us", "soda/mx"]);
    assert_eq!(included(&[], &["soda"], &all), ["tea", "tea/us"]);
    assert_eq!(
        included(&[], &["soda/us"], &all),
        ["soda", "soda/mx", "tea", "tea/us"]
    );
    assert_eq!(included(&["soda"], &["soda/mx"], &all), ["soda", "soda/us"]);
    assert_eq!(included(&["soda/us"], &["soda"], &all), Vec::<&str>::new());
}

#[test]
fn a_survey_is_meant_at_all_of_its_marketplaces_unless_one_is_named() {
    let all = [
        "soda@cint",
        "soda@cint/us",
        "soda@innovatemr",
        "soda@innovatemr/us",
        "tea@cint",
    ];
    assert_eq!(included(&["soda"], &[], &all), all[..4]);
    assert_eq!(included(&["soda@cint"], &[], &all), all[..2]);
    assert_eq!(included(&["soda@cint/us"], &[], &all), all[..2]);
    assert_eq!(
        included(&["soda/us"], &[], &all),
        all[..4],
        "the group, at each marketplace with what holds it"
    );
    assert_eq!(included(&[], &["soda@cint"], &all), all[2..]);
    assert_eq!(
        included(&[], &["soda/us"], &all),
        ["soda@cint", "soda@innovatemr", "tea@cint"]
    );
    let choices = Choices {
        resume: set(&["soda"]),
        ..Choices::default()
    };
    assert!(choices.resumes(&Address::at("soda", infield::marketplace::CINT)));
    assert!(!choices.resumes(&Address::at("tea", infield::marketplace::CINT)));
    assert!(
        !Choices::default().resumes(&Address::survey("soda")),
        "nothing is resumed unasked"
    );
}

/// Addresses that a plan says anything of.
fn mentioned(world: &World) -> Vec<String> {
    let plan = world.plan();
    let steps = plan.steps.iter().map(|step| step.address.to_string());
    let notes = plan.notes.iter().map(|note| note.address.to_string());
    let rest = plan.unchanged.iter().map(ToString::to_string);
    let mut all: Vec<String> = steps.chain(notes).chain(rest).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn nothing_is_said_of_what_was_not_selected() {
    let mut world = World::new();
    world.want("cola", draft());
    let soda_survey = world.fielded("soda", soda());
    world.grouped("pair", &[GroupMember::Survey(soda_survey)]);
    world.fielded("removed", soda());
    world.remove_manifest("removed");
    world.open_intent("lost");
    let all = ["cola", "lost", "pair", "removed", "soda"];
    assert_eq!(mentioned(&world), all);
    for name in all {
        world.choices.targets = set(&[name]);
        assert_eq!(mentioned(&world), [name]);
        world.choices.targets.clear();
        world.choices.excludes = set(&[name]);
        let others: Vec<&str> = all.into_iter().filter(|other| *other != name).collect();
        assert_eq!(mentioned(&world), others);
        world.choices.excludes.clear();
    }
}

#[test]
fn nothing_is_said_of_how_a_survey_is_divided_that_was_not_selected() {
    let mut world = World::with_libraries();
    world.want("soda", soda());
    world.want("tea", draft());
    world.fielded_at(CINT, "soda@cint/main", part(CINT));
    world.remove_manifest("soda@cint/main");
    world.seen("soda@cint/main").fielded = Some(30);
    let plan = world.plan();
    let told: Vec<&str> = plan.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "30 completes were collected at Cint, which the manifest does not name any more; they count for the 400 wanted"
        ]
    );
    world.choices.targets = set(&["tea"]);
    assert_eq!(mentioned(&world), ["tea"]);
}

/// Identifiers of open creates that the notes of a plan name, and nothing else.
fn open(world: &World) -> Vec<String> {
    let plan = world.plan();
    assert!(
        plan.is_empty(),
        "what is open is left alone until that is settled"
    );
    let of = |note: &infield::plan::Note| {
        let (_, id) = note
            .message
            .split_once("(intent ")
            .expect("it is about an intent");
        id.trim_end_matches(')').to_owned()
    };
    plan.notes.iter().map(of).collect()
}

#[test]
fn every_open_create_is_told_and_told_once() {
    let mut wanted = World::new();
    wanted.want("soda", soda());
    let mut group = World::new();
    group.want_group("soda", vec![GroupMember::VendorId(7.into())]);
    let mut removed = World::new();
    removed.fielded("soda", soda());
    removed.remove_manifest("soda");
    for mut world in [World::new(), wanted, group, removed] {
        world.open_intent("soda");
        assert_eq!(open(&world), ["i-1"]);
        let second = world.known.intents["i-1"].clone();
        world.known.intents.insert("i-2".to_owned(), second);
        assert_eq!(open(&world), ["i-1", "i-2"]);
    }
}

#[test]
fn a_group_that_is_wanted_is_not_taken_for_removed() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    assert_eq!(mentioned(&world), ["soda", "soda/us"]);
    assert!(world.plan().is_empty());
    world.remove_manifest("soda/us");
    let plan = world.plan();
    assert_eq!(plan.steps[0].id, "soda/us:pause");
    world.choices.targets = set(&["tea"]);
    assert!(world.plan().is_empty());
    world.choices.targets.clear();
    world.spec("soda").status = Field::Set(Status::Draft);
    world.choices.whole_project = false;
    assert!(world.plan().is_empty(), "it may have its manifest elsewhere");
}
