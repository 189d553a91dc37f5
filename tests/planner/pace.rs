//! A daily number of completes at every vendor: what a marketplace is told on a day, what the next day adds, and who has
//! approved that.

use crate::stages::{EVERYWHERE, ask, carry, count, stage, stages};
use crate::support::PS;
use crate::vendors_world::{CINT, IMR, VendorsWorld, change, fieldable, gender_quota, ids, said, step};
use infield::model::hours::{Hours, Opening};
use infield::model::ladder::Ladder;
use infield::model::live::Stop;
use infield::model::pace::{Day, Pace};
use infield::model::{Address, Field, Money, Status, VendorId};
use infield::plan::{Guard, NoteKind, Plan};
use serde_json::{Value, json};

const FRIDAY: &str = "2026-11-20T15:00:00Z";
/// In Greenwich it is Saturday, in New York still Friday.
const LATE: &str = "2026-11-21T04:59:59Z";
const SATURDAY: &str = "2026-11-21T05:00:00Z";

fn clock(world: &mut VendorsWorld, at: &str) {
    world.live.as_of = Some(at.parse().unwrap());
}

/// Gives what is wanted at an address a pace.
fn give(world: &mut VendorsWorld, address: &Address, completes_per_day: u64) {
    let survey = world.wanted(address);
    let flat = Ladder::flat(&survey.spec);
    survey.ladder.get_or_insert(flat).pace = Some(Pace {
        completes_per_day,
        timezone: "America/New_York".to_owned(),
    });
}

/// A survey of 100 completes at 3 USD, 30 of them on a day, that does not exist yet.
fn wanted(vendor: VendorId) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    let address = if vendor.has_groups() {
        world.with_groups(vendor, "soda", &[]);
        Address::group("soda", "us")
    } else {
        Address::survey("soda")
    };
    world.want(vendor, &address, fieldable(vendor, 100));
    give(&mut world, &address, 30);
    clock(&mut world, FRIDAY);
    (world, address)
}

fn apply(world: &mut VendorsWorld, address: &Address) -> Plan {
    let plan = world.plan();
    carry(world, address, &plan);
    plan
}

fn launched(vendor: VendorId) -> (VendorsWorld, Address) {
    let (mut world, address) = wanted(vendor);
    apply(&mut world, &address);
    (world, address)
}

fn settled(world: &VendorsWorld) -> Plan {
    let plan = world.plan();
    assert!(plan.is_empty() && plan.bookkeeping.is_empty(), "{plan:#?}");
    plan
}

fn goal(world: &VendorsWorld, address: &Address) -> Option<u64> {
    let live = world.live.surveys[address].present().unwrap();
    live.spec.completes.value().copied()
}

fn day(world: &mut VendorsWorld, address: &Address) -> Day {
    let climb = world.remembered(address).climb.clone().unwrap();
    climb.day.unwrap()
}

/// A day is full, and the vendor has stopped it.
fn fill(world: &mut VendorsWorld, address: &Address, completes: u64) {
    count(world, address, completes);
    if world.desired.surveys[address].vendor == IMR {
        world.seen(address).fielded = None;
    }
    let plan = apply(world, address);
    assert!(plan.is_empty(), "{plan:#?}");
    world.seen(address).stopped = Some(Stop::GoalReached);
}

#[test]
fn a_day_is_told_its_completes_and_the_launch_approves_all_of_them() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        let plan = apply(&mut world, &address);
        let launch = step(&plan, &format!("{address}:launch"));
        assert_eq!(launch.guards, [Guard::Launch]);
        assert_eq!(
            change(launch, "/pace"),
            (Value::Null, json!("30 completes a day New York"))
        );
        // At stake is the day, approved is all of it.
        assert_eq!(goal(&world, &address), Some(30));
        assert_eq!(plan.exposure[0].after, "90 USD".parse().unwrap());
        assert_eq!(launch.adds_later, Some("210 USD".parse().unwrap()));
        assert_eq!(plan.ceilings[&address], Some("300 USD".parse::<Money>().unwrap()));
        assert_eq!(day(&mut world, &address).start, 0);
        for (at, completes) in [(FRIDAY, 0), (FRIDAY, 29), (LATE, 29)] {
            clock(&mut world, at);
            world.seen(&address).fielded = Some(completes);
            assert_eq!(said(&settled(&world), &address), [""; 0]);
        }
    }
}

#[test]
fn a_day_that_is_full_waits_for_the_next_one_which_adds_as_many_again_and_asks_nobody() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        world
            .guards
            .max_increase
            .insert("USD".to_owned(), "1 USD".parse().unwrap());
        fill(&mut world, &address, 30);
        clock(&mut world, LATE);
        let plan = settled(&world);
        assert_eq!(plan.notes.len(), 1, "{:#?}", plan.notes);
        assert_eq!(
            (plan.notes[0].kind, plan.notes[0].path.as_deref()),
            (NoteKind::Advice, Some("/pace"))
        );
        assert_eq!(
            plan.notes[0].message,
            "it has its 30 completes of 100 in all until the end of the day (New York); the first apply of the next day \
             goes on with 30 more"
        );
        for (at, wants, more) in [
            (SATURDAY, 60, "90 USD"),
            ("2026-11-22T15:00:00Z", 90, "90 USD"),
            // The last day has what is left.
            ("2026-11-24T15:00:00Z", 100, "30 USD"),
        ] {
            clock(&mut world, at);
            let plan = apply(&mut world, &address);
            assert_eq!(
                ids(&plan),
                [format!("{address}:update"), format!("{address}:resume")],
                "{vendor:?}"
            );
            assert_eq!(plan.steps[0].reason, "a new day, which may add 30 completes");
            assert_eq!(plan.steps[1].guards, [], "{vendor:?} {at}");
            // What nobody counts may be all there is.
            if vendor != IMR {
                assert_eq!(plan.exposure[0].change(), more.parse().unwrap());
            }
            assert_eq!(goal(&world, &address), Some(wants));
            settled(&world);
            fill(&mut world, &address, wants);
            settled(&world);
        }
        clock(&mut world, "2026-11-25T15:00:00Z");
        let plan = settled_but_for_the_day(&world);
        assert_eq!(plan.notes[0].kind, NoteKind::Done, "{:#?}", plan.notes);
    }
}

/// Nothing is done; that it is another day may be remembered.
fn settled_but_for_the_day(world: &VendorsWorld) -> Plan {
    let plan = world.plan();
    assert!(plan.is_empty(), "{plan:#?}");
    plan
}

#[test]
fn what_a_day_did_not_use_is_not_added_to_the_next_one() {
    for vendor in [PS, CINT] {
        let (mut world, address) = launched(vendor);
        world.seen(&address).fielded = Some(12);
        clock(&mut world, "2026-11-27T15:00:00Z");
        let plan = apply(&mut world, &address);
        // In field it is an edit, and approved as well.
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        assert_eq!(change(&plan.steps[0], "/completes"), (json!(30), json!(42)));
        assert_eq!(plan.steps[0].guards, []);
        assert_eq!(
            day(&mut world, &address),
            Day {
                date: "2026-11-27".parse().unwrap(),
                start: 12
            }
        );
        // What comes on that day moves nothing.
        world.seen(&address).fielded = Some(20);
        settled(&world);
        // A clock that goes back is no new day.
        clock(&mut world, FRIDAY);
        settled(&world);
    }
}

#[test]
fn what_is_not_told_adds_nothing() {
    // Who does not count, or was not read, has its day until the vendor says that its goal is reached.
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        world.seen(&address).fielded = None;
        clock(&mut world, "2026-11-27T15:00:00Z");
        settled(&world);
        world.at_vendor(&address, Status::Paused);
        world.seen(&address).stopped = Some(Stop::GoalReached);
        let plan = world.plan();
        assert_eq!(
            change(&plan.steps[0], "/completes"),
            (json!(30), json!(60)),
            "{vendor:?}"
        );
        // Not of a goal that somebody else has set.
        world.seen(&address).spec.completes = Field::Set(10);
        let told: Vec<Option<u64>> = world
            .plan()
            .steps
            .iter()
            .flat_map(|step| step.changes.clone())
            .filter(|change| change.path == "/completes")
            .map(|change| change.after.as_u64())
            .collect();
        assert!(told.iter().all(|after| *after == Some(30)), "{vendor:?} {told:?}");
    }
    // What is not counted by documents does not count here.
    let (mut world, address) = launched(IMR);
    world.seen(&address).fielded = Some(25);
    clock(&mut world, "2026-11-27T15:00:00Z");
    settled(&world);
}

#[test]
fn another_pace_and_a_dearer_one_ask_again() {
    for vendor in [PS, CINT] {
        for case in 0..3 {
            let (mut world, address) = launched(vendor);
            world.seen(&address).fielded = Some(30);
            match case {
                0 => give(&mut world, &address, 31),
                1 => world.wanted(&address).ladder.as_mut().unwrap().pace = None,
                _ => world.remembered(&address).climb = None,
            }
            clock(&mut world, SATURDAY);
            let plan = world.plan();
            let update = step(&plan, &format!("{address}:update"));
            assert!(
                update.guards.contains(&Guard::Launch),
                "{vendor:?} {case} {plan:#?}"
            );
        }
    }
}

#[test]
fn a_stage_ends_a_day_before_it_is_full_and_a_day_does_not_end_a_stage() {
    for vendor in [PS, CINT] {
        let (mut world, address) = wanted(vendor);
        stage(&mut world, &address, &stages());
        give(&mut world, &address, 30);
        apply(&mut world, &address);
        assert_eq!(goal(&world, &address), Some(10), "the soft launch");
        count(&mut world, &address, 10);
        let plan = apply(&mut world, &address);
        assert_eq!(plan.notes[0].kind, NoteKind::SoftLaunchWaiting);
        ask(&mut world, &address, "ramp");
        let plan = apply(&mut world, &address);
        assert_eq!(plan.steps.last().unwrap().guards, []);
        assert_eq!(goal(&world, &address), Some(30), "what is left of the day");
        world.choices.advance.clear();
        count(&mut world, &address, 30);
        let plan = apply(&mut world, &address);
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(plan.notes[0].path.as_deref(), Some("/pace"), "{:#?}", plan.notes);
        clock(&mut world, SATURDAY);
        apply(&mut world, &address);
        assert_eq!(goal(&world, &address), Some(50), "all of the ramp");
        assert_eq!(world.remembered(&address).climb.clone().unwrap().rung, "ramp");
        count(&mut world, &address, 50);
        apply(&mut world, &address);
        // The ramp goes on by itself, as far as the day lets it.
        assert_eq!(goal(&world, &address), Some(60));
        assert_eq!(world.remembered(&address).climb.clone().unwrap().rung, "full");
    }
}

#[test]
fn quotas_rise_with_the_days_and_none_goes_down() {
    for vendor in [PS, CINT] {
        let mut world = VendorsWorld::new();
        let address = if vendor.has_groups() {
            world.with_groups(vendor, "soda", &[]);
            Address::group("soda", "us")
        } else {
            Address::survey("soda")
        };
        let mut spec = fieldable(vendor, 100);
        let quotas = vec![gender_quota(vendor, "men", 49), gender_quota(vendor, "women", 51)];
        spec.quotas = Field::Set(quotas.into());
        world.want(vendor, &address, spec);
        give(&mut world, &address, 7);
        clock(&mut world, FRIDAY);
        let mut before = vec![0, 0];
        for day in 0..15 {
            let at: jiff::Timestamp = FRIDAY.parse().unwrap();
            world.live.as_of = Some(at + jiff::SignedDuration::from_hours(24 * day));
            apply(&mut world, &address);
            let live = world.live.surveys[&address].present().unwrap();
            let now: Vec<u64> = live.quotas.iter().map(|quota| quota.completes).collect();
            assert!(
                now.iter().zip(&before).all(|(now, before)| now >= before),
                "{now:?} {before:?}"
            );
            let wants = goal(&world, &address).unwrap();
            assert_eq!(now.iter().sum::<u64>(), wants, "{vendor:?} {day}");
            before = now;
            count(&mut world, &address, wants);
            apply(&mut world, &address);
        }
        assert_eq!(before, [49, 51]);
    }
}

#[test]
fn a_day_that_begins_outside_of_its_hours_goes_on_within_them() {
    let (mut world, address) = wanted(PS);
    let open = Opening::read("daily 08:00-22:00").unwrap();
    let ladder = world.wanted(&address).ladder.as_mut().unwrap();
    ladder.hours = Some(Hours::new("America/New_York".to_owned(), vec![open]));
    apply(&mut world, &address);
    count(&mut world, &address, 30);
    apply(&mut world, &address);
    clock(&mut world, SATURDAY);
    let plan = apply(&mut world, &address);
    assert_eq!(ids(&plan), ["soda:update"]);
    world.at_vendor(&address, Status::Paused);
    assert_eq!(goal(&world, &address), Some(60));
    settled(&world);
    clock(&mut world, "2026-11-21T13:00:00Z");
    let plan = apply(&mut world, &address);
    assert_eq!(ids(&plan), ["soda:resume"]);
    assert_eq!(plan.steps[0].guards, []);
    settled(&world);
}

#[test]
fn a_draft_has_its_first_day_when_it_is_launched() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        let open = Opening::read("sat 08:00-22:00").unwrap();
        let ladder = world.wanted(&address).ladder.as_mut().unwrap();
        ladder.hours = Some(Hours::new("America/New_York".to_owned(), vec![open]));
        apply(&mut world, &address);
        assert_eq!(world.seen(&address).status, Some(Status::Draft));
        clock(&mut world, "2026-11-21T15:00:00Z");
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:launch")], "{vendor:?}");
        let today = day(&mut world, &address);
        assert_eq!((today.date.to_string().as_str(), today.start), ("2026-11-21", 0));
        world.seen(&address).fielded = Some(5);
        settled(&world);
        assert_eq!(goal(&world, &address), Some(30));
    }
}
