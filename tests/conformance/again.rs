//! What is there already is not made again: by another clone, from an older state, or by a machine with a wrong clock.

use crate::line::Way;
use crate::subject::SUBJECTS;
use crate::world::{World, desired, on_every_core};
use infield::model::{Known, Level};
use infield::plan::{Action, NoteKind, Plan};
use infield::state::Op;
use serde_json::{Value, json};

fn makes(plan: &Plan) -> Vec<&str> {
    let makes = |action| matches!(action, Action::Create | Action::Replace);
    let steps = plan.steps.iter().filter(|step| makes(step.action));
    steps.map(|step| step.id.as_str()).collect()
}

#[test]
fn another_clone_makes_nothing_again_and_names_both_ways_out() {
    on_every_core(SUBJECTS, async |subject| {
        let mut world = World::open(subject, &Value::Null).await;
        world.converge(subject.manifest()).await;
        let there = subject.picture(&world).await;
        world.clone_anew().await;
        let plan = world.plan(&desired(subject.manifest())).await;
        assert_eq!(makes(&plan), [""; 0], "{}", subject.vendor());
        let ways_out = |help: &str| help.contains("--adopt ID") && help.contains("--new");
        let named = plan
            .notes
            .iter()
            .filter(|note| note.kind == NoteKind::Blocked && note.help.as_deref().is_some_and(ways_out));
        assert!(named.count() >= 1, "{}: {:#?}", subject.vendor(), plan.notes);
        world.apply(&plan).await;
        assert_eq!(subject.picture(&world).await, there, "{}", subject.vendor());
    });
}

#[test]
fn an_older_state_makes_nothing_again_either() {
    on_every_core(SUBJECTS, async |subject| {
        let mut world = World::open(subject, &Value::Null).await;
        world.converge(subject.manifest()).await;
        let known: Known = world.keeper.known().await;
        let groups = known.resources.keys();
        for address in groups.filter(|address| Level::of(subject.vendor(), address) != Level::Container) {
            world.restart().await;
            let forget = Op::Remove {
                address: address.clone(),
            };
            world.keeper.commit(vec![forget]).await.unwrap();
            let plan = world.plan(&desired(subject.manifest())).await;
            assert_eq!(makes(&plan), [""; 0], "{}: {address}", subject.vendor());
            let back = Op::Put {
                address: address.clone(),
                resource: Box::new(known.resources[address].clone()),
            };
            world.keeper.commit(vec![back]).await.unwrap();
        }
    });
}

#[test]
fn what_a_person_says_to_be_another_is_no_reason_to_wait() {
    on_every_core(SUBJECTS, async |subject| {
        let mut world = World::open(subject, &Value::Null).await;
        world.converge(subject.manifest()).await;
        let known = world.keeper.known().await;
        world.clone_anew().await;
        for (address, resource) in &known.resources {
            let others = Op::NoneOf {
                address: address.clone(),
                ids: [resource.id.clone()].into(),
            };
            world.keeper.commit(vec![others]).await.unwrap();
        }
        let plan = world.plan(&desired(subject.manifest())).await;
        assert!(
            !makes(&plan).is_empty(),
            "{}: {:#?}",
            subject.vendor(),
            plan.notes
        );
    });
}

#[test]
fn a_lost_create_is_found_whatever_the_clock_of_this_machine_shows() {
    // The vendor has 18:00.
    let clocks = [
        "2026-03-02T18:20:00Z",
        "2026-03-02T16:30:00Z",
        "2027-03-02T18:00:00Z",
    ];
    let each = SUBJECTS
        .into_iter()
        .flat_map(|subject| clocks.map(|clock| (subject, clock)));
    on_every_core(each.collect::<Vec<_>>(), async |(subject, clock)| {
        let what = format!("{} at {clock}", subject.vendor());
        let mut world = World::open(subject, &Value::Null).await;
        world.clock = clock;
        let wanted = desired(subject.manifest());
        let plan = world.plan(&wanted).await;
        world.line.disturb(1, Way::LostAfter);
        world.apply(&plan).await;
        // What has a key is repeated at once.
        let keyed = subject.vendor().key() == "cint";
        let lost = world.keeper.known().await.intents.len();
        assert_eq!(lost, usize::from(!keyed), "{what}");
        world.line.calm();
        world.restart().await;
        for _ in 0..2 {
            let plan = world.plan(&wanted).await;
            world.apply(&plan).await;
        }
        subject.never_wrong(&world, &what).await;
        assert!(world.plan(&wanted).await.is_empty(), "{what}");
    });
}

/// Reads lag behind writes: what a create has just made is not there for the reads that follow at once.
#[test]
fn what_was_just_made_and_does_not_show_for_seconds_goes_in_field_all_the_same() {
    let emulated = SUBJECTS.map(|subject| subject.vendor().facts().emulator.is_some());
    assert_eq!(emulated.iter().filter(|emulated| **emulated).count(), 3);
    on_every_core(SUBJECTS, async |subject| {
        if subject.vendor().facts().emulator.is_none() {
            return;
        }
        for (nth, times) in [
            (1, 1),
            (1, 3),
            (2, 2),
            (3, 2),
            (4, 2),
            (5, 2),
            (6, 2),
            (7, 2),
            (8, 2),
            (9, 2),
            (10, 2),
        ] {
            let world = World::open(subject, &Value::Null).await;
            let wanted = desired(subject.manifest());
            let plan = world.plan(&wanted).await;
            let lags = json!({"method": "GET", "path": "*", "status": 404, "nth": nth, "times": times});
            world.admin("POST", "faults", &lags).await;
            let done = world.apply(&plan).await;
            let problems = world.problems();
            assert_eq!(
                (done.failed, done.unknown),
                (0, 0),
                "{}: {nth}, {times}: {problems:?}",
                subject.vendor()
            );
            world.admin("DELETE", "faults", &Value::Null).await;
            let plan = world.plan(&wanted).await;
            assert!(
                plan.steps.is_empty(),
                "{}: {nth}: {:#?}",
                subject.vendor(),
                plan.steps
            );
        }
    });
}
