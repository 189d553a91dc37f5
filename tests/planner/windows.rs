//! Hours of the week at every vendor: what is paused outside of them, what goes back and who has approved that, and what
//! stays out of field.

use crate::stages::{EVERYWHERE, ask, carry, count, stage, stages};
use crate::support::PS;
use crate::vendors_world::{CINT, VendorsWorld, change, fieldable, ids, said, step};
use infield::marketplace::Markets;
use infield::model::desired::OnExternalPause;
use infield::model::hours::{Hours, Opening};
use infield::model::known::{Act, PausedBy};
use infield::model::ladder::Ladder;
use infield::model::live::Stop;
use infield::model::stops::{Freeze, Times};
use infield::model::{Address, Field, Money, Pattern, Status, VendorId};
use infield::plan::drift::find;
use infield::plan::{Drift, Guard, Inputs, NoteKind, Plan, Record};
use serde_json::{Value, json};

/// Within the hours, in New York and everywhere else: a Friday at 15:00 in Greenwich, 10:00 in New York.
const DAY: &str = "2026-11-20T15:00:00Z";
/// The same Friday at 23:00 in New York.
const NIGHT: &str = "2026-11-21T04:00:00Z";
/// The Monday after that at 08:00 in New York.
const MONDAY: &str = "2026-11-23T13:00:00Z";

fn office(timezone: &str) -> Hours {
    let open = Opening::read("mon-fri 08:00-22:00").unwrap();
    Hours::new(timezone.to_owned(), vec![open])
}

fn clock(world: &mut VendorsWorld, at: &str) {
    world.live.as_of = Some(at.parse().unwrap());
}

/// Gives what is wanted at an address hours.
fn give(world: &mut VendorsWorld, address: &Address, hours: Option<Hours>) {
    let survey = world.wanted(address);
    let flat = Ladder::flat(&survey.spec);
    survey.ladder.get_or_insert(flat).hours = hours;
}

/// A survey of 100 completes at 3 USD with hours that does not exist yet.
fn wanted(vendor: VendorId) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    let address = if vendor.has_groups() {
        world.with_groups(vendor, "soda", &[]);
        Address::group("soda", "us")
    } else {
        Address::survey("soda")
    };
    world.want(vendor, &address, fieldable(vendor, 100));
    give(&mut world, &address, Some(office("America/New_York")));
    clock(&mut world, DAY);
    (world, address)
}

/// Plans and does it.
fn apply(world: &mut VendorsWorld, address: &Address) -> Plan {
    let plan = world.plan();
    carry(world, address, &plan);
    plan
}

/// In field within its hours, which were approved.
fn launched(vendor: VendorId) -> (VendorsWorld, Address) {
    let (mut world, address) = wanted(vendor);
    apply(&mut world, &address);
    (world, address)
}

/// The same in the night, paused by infield.
fn asleep(vendor: VendorId) -> (VendorsWorld, Address) {
    let (mut world, address) = launched(vendor);
    clock(&mut world, NIGHT);
    apply(&mut world, &address);
    (world, address)
}

fn drift(world: &VendorsWorld) -> Drift {
    find(&Inputs {
        environment: "sandbox",
        desired: &world.desired,
        known: &world.known,
        live: &world.live,
        guards: &world.guards,
        choices: &world.choices,
        markets: &Markets::default(),
    })
}

/// Nothing is planned, nothing is to be remembered, and nothing drifted.
fn settled(world: &VendorsWorld) -> Plan {
    let plan = world.plan();
    assert!(plan.is_empty() && plan.bookkeeping.is_empty(), "{plan:#?}");
    assert!(drift(world).is_empty(), "{:#?}", drift(world));
    plan
}

fn status(world: &VendorsWorld, address: &Address) -> Option<Status> {
    world.live.surveys[address].present().unwrap().status
}

#[test]
fn a_survey_is_paused_outside_of_its_hours_and_goes_back_when_they_open_without_another_approval() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        let plan = apply(&mut world, &address);
        let launch = step(&plan, &format!("{address}:launch"));
        assert_eq!(launch.guards, [Guard::Launch]);
        assert_eq!(
            change(launch, "/windows"),
            (Value::Null, json!("mon-fri 08:00-22:00 New York"))
        );
        assert_eq!(said(&settled(&world), &address), [""; 0]);
        for (at, last) in [("2026-11-21T02:59:59Z", true), ("2026-11-21T03:00:00Z", false)] {
            clock(&mut world, at);
            assert_eq!(world.plan().is_empty(), last, "{at}");
        }
        clock(&mut world, NIGHT);
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:pause")]);
        assert_eq!(
            plan.steps[0].reason,
            "outside of its hours, which open Mon 08:00 New York"
        );
        assert_eq!(plan.steps[0].guards, []);
        assert_eq!(said(&plan, &address), [""; 0], "its return is approved");
        assert_eq!(
            plan.exposure[0].after,
            Money::zero(plan.exposure[0].after.currency)
        );
        assert_eq!(world.remembered(&address).paused_by.unwrap().act, Act::Hours);
        for at in [NIGHT, "2026-11-22T15:00:00Z", "2026-11-23T12:59:59Z"] {
            clock(&mut world, at);
            let plan = settled(&world);
            assert_eq!(plan.notes.len(), 1, "{:#?}", plan.notes);
            assert_eq!(plan.notes[0].kind, NoteKind::Advice);
            assert_eq!(plan.notes[0].path.as_deref(), Some("/windows"));
            assert_eq!(
                plan.notes[0].message,
                "outside of its hours, which open Mon 08:00 New York: the first apply within them puts it back in field"
            );
        }
        clock(&mut world, MONDAY);
        // All of it was approved with the launch, and counts once.
        world
            .guards
            .max_increase
            .insert("USD".to_owned(), "299 USD".parse().unwrap());
        let plan = apply(&mut world, &address);
        let resume = step(&plan, &format!("{address}:resume"));
        assert_eq!(ids(&plan), std::slice::from_ref(&resume.id));
        assert_eq!(
            (resume.guards.as_slice(), resume.reason.as_str()),
            (&[][..], "its hours are open")
        );
        assert_eq!(plan.exposure[0].after, "300 USD".parse().unwrap());
        assert_eq!(
            resume.adds_later,
            Some(Money::new((-300).into(), plan.exposure[0].after.currency))
        );
        assert!(world.remembered(&address).paused_by.is_none());
        assert_eq!(said(&settled(&world), &address), [""; 0]);
        assert_eq!(status(&world, &address), Some(Status::Live));
    }
}

#[test]
fn hours_follow_the_changes_of_the_clock() {
    // 8 March and 1 November in New York, 29 March and 25 October in Berlin, all of them Sundays.
    for (timezone, friday, evening, monday) in [
        (
            "America/New_York",
            "2026-03-06T15:00:00Z",
            "2026-03-07T03:00:00Z",
            "2026-03-09T12:00:00Z",
        ),
        (
            "America/New_York",
            "2026-10-30T15:00:00Z",
            "2026-10-31T02:00:00Z",
            "2026-11-02T13:00:00Z",
        ),
        (
            "Europe/Berlin",
            "2026-03-27T15:00:00Z",
            "2026-03-27T21:00:00Z",
            "2026-03-30T06:00:00Z",
        ),
        (
            "Europe/Berlin",
            "2026-10-23T15:00:00Z",
            "2026-10-23T20:00:00Z",
            "2026-10-26T07:00:00Z",
        ),
    ] {
        let (mut world, address) = wanted(PS);
        give(&mut world, &address, Some(office(timezone)));
        clock(&mut world, friday);
        apply(&mut world, &address);
        for turn in [evening, monday] {
            let turn: jiff::Timestamp = turn.parse().unwrap();
            world.live.as_of = Some(turn - jiff::SignedDuration::from_secs(1));
            settled(&world);
            world.live.as_of = Some(turn);
            let plan = apply(&mut world, &address);
            assert_eq!(plan.steps.len(), 1, "{timezone} {turn}");
            assert_eq!(plan.steps[0].guards, []);
            settled(&world);
        }
        assert_eq!(status(&world, &address), Some(Status::Live));
    }
}

#[test]
fn what_is_not_approved_with_its_hours_asks_when_they_open_and_says_so_before() {
    let needs =
        "which needs the approval `launch`: these hours, and what it may cost, were not approved with one";
    for vendor in EVERYWHERE {
        // Hours that came later, other hours, more completes, a higher price, and none any more.
        for case in 0..5 {
            let (mut world, address) = launched(vendor);
            match case {
                0 => {
                    world.remembered(&address).climb = None;
                }
                1 => give(&mut world, &address, Some(office("America/Chicago"))),
                2 | 3 => {}
                _ => world.wanted(&address).ladder = None,
            }
            let asks = case < 2;
            clock(&mut world, "2026-11-21T05:00:00Z");
            if case == 4 {
                let (asleep, _) = asleep(vendor);
                world = asleep;
                world.wanted(&address).ladder = None;
                let plan = world.plan();
                let resume = step(&plan, &format!("{address}:resume"));
                assert!(resume.guards.contains(&Guard::Launch), "{vendor:?}");
                continue;
            }
            let plan = apply(&mut world, &address);
            assert_eq!(plan.steps.len(), 1, "{vendor:?} {case}");
            assert_eq!(
                said(&plan, &address).join(" ").contains(needs),
                asks,
                "{vendor:?} {case}"
            );
            if case == 2 {
                let mut spec = world.wanted(&address).spec.clone();
                spec.completes = Field::Set(101);
                let hours = Some(office("America/New_York"));
                world.wanted(&address).ladder = None;
                world.wanted(&address).spec = spec;
                give(&mut world, &address, hours);
                apply(&mut world, &address);
            }
            if case == 3 {
                let spec = &mut world.wanted(&address).spec;
                let dearer = Field::Set("3.01 USD".parse().unwrap());
                match spec.cpi.is_absent() {
                    true => spec.max_cpi = dearer,
                    false => spec.cpi = dearer,
                }
                apply(&mut world, &address);
                let applied = world.remembered(&address).applied.clone();
                let live = world.seen(&address);
                (live.spec.cpi, live.spec.max_cpi) = (applied.cpi, applied.max_cpi);
            }
            assert!(
                said(&settled(&world), &address).join(" ").contains(needs),
                "{vendor:?} {case}"
            );
            clock(&mut world, "2026-11-23T15:00:00Z");
            let plan = apply(&mut world, &address);
            let resume = step(&plan, &format!("{address}:resume"));
            assert!(resume.guards.contains(&Guard::Launch), "{vendor:?} {case}");
            assert!(
                resume
                    .adds_later
                    .is_none_or(|later| !later.amount.is_sign_negative())
            );
            // From then on they are approved.
            clock(&mut world, "2026-11-24T05:00:00Z");
            apply(&mut world, &address);
            clock(&mut world, "2026-11-24T15:00:00Z");
            let plan = apply(&mut world, &address);
            assert_eq!(
                step(&plan, &format!("{address}:resume")).guards,
                [],
                "{vendor:?} {case}"
            );
        }
    }
}

#[test]
fn where_nothing_bounds_the_price_every_return_asks_and_the_launch_says_so() {
    let (mut world, address) = wanted(PS);
    world.wanted(&address).spec.cpi = Field::Null;
    let plan = apply(&mut world, &address);
    let told = said(&plan, &address).join("\n");
    assert!(
        told.contains("nothing bounds its price: whenever its hours open"),
        "{told}"
    );
    clock(&mut world, NIGHT);
    apply(&mut world, &address);
    clock(&mut world, MONDAY);
    let plan = world.plan();
    assert!(step(&plan, "soda:resume").guards.contains(&Guard::Launch));
}

#[test]
fn a_launch_waits_as_a_draft_until_the_hours_open() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        clock(&mut world, NIGHT);
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:create")]);
        let told = said(&plan, &address).join("\n");
        assert!(
            told.contains(
                "outside of its hours, which open Mon 08:00 New York: it waits as a draft, and the first apply within \
                 them launches it"
            ),
            "{told}"
        );
        let plan = settled(&world);
        assert!(said(&plan, &address)[0].contains("it waits as a draft"));
        clock(&mut world, MONDAY);
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:launch")]);
        assert_eq!(plan.steps[0].guards, [Guard::Launch]);
        settled(&world);
        // Nobody knows what time it is.
        world.live.as_of = None;
        assert_eq!(ids(&world.plan()), [format!("{address}:pause")]);
    }
}

#[test]
fn what_somebody_else_has_paused_stays_paused_in_its_hours_and_outside_of_them() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        world.at_vendor(&address, Status::Paused);
        for at in [DAY, NIGHT, MONDAY] {
            clock(&mut world, at);
            let plan = world.plan();
            assert!(plan.is_empty(), "{plan:#?}");
            let told = said(&plan, &address);
            assert!(told[0].starts_with("drift: wanted live"), "{told:?}");
            assert!(!drift(&world).is_empty());
        }
        // Whoever asks for it gets it within its hours only.
        world.choices.resume.insert(address.clone());
        for (at, back) in [(NIGHT, false), (MONDAY, true)] {
            clock(&mut world, at);
            let plan = world.plan();
            assert_eq!(!plan.is_empty(), back, "{plan:#?}");
            match back {
                true => assert!(
                    step(&plan, &format!("{address}:resume"))
                        .guards
                        .contains(&Guard::Launch)
                ),
                false => assert!(said(&plan, &address)[0].contains("outside of its hours")),
            }
        }
        world.choices.resume.clear();
        world.wanted(&address).policy.on_external_pause = OnExternalPause::Resume;
        clock(&mut world, NIGHT);
        assert!(world.plan().is_empty());
        clock(&mut world, MONDAY);
        let plan = world.plan();
        assert!(
            step(&plan, &format!("{address}:resume"))
                .guards
                .contains(&Guard::Launch)
        );
    }
}

#[test]
fn what_somebody_puts_in_field_outside_of_its_hours_is_taken_out_again() {
    for vendor in EVERYWHERE {
        let (mut world, address) = asleep(vendor);
        world.at_vendor(&address, Status::Live);
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:pause")]);
        assert_eq!(
            plan.steps[0].reason,
            "it was put in field outside infield, and outside of its hours, which open Mon 08:00 New York"
        );
        settled(&world);
    }
}

#[test]
fn what_is_frozen_or_wanted_paused_does_not_go_back_with_its_hours() {
    for vendor in EVERYWHERE {
        let (mut world, address) = asleep(vendor);
        world.known.stops.freezes.push(Freeze {
            id: "f-1".to_owned(),
            at: NIGHT.to_owned(),
            by: "ada".to_owned(),
            patterns: vec![Pattern::new("soda")],
            thawed: Vec::new(),
            paused: Vec::new(),
        });
        clock(&mut world, MONDAY);
        let plan = world.plan();
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(plan.notes[0].kind, NoteKind::Held);
        world.known.stops.freezes.clear();
        assert_eq!(ids(&world.plan()), [format!("{address}:resume")]);
        // Somebody wants it paused, and then live again: that is a new decision.
        clock(&mut world, NIGHT);
        world.wanted(&address).spec.status = Field::Set(Status::Paused);
        apply(&mut world, &address);
        assert_eq!(world.remembered(&address).paused_by.unwrap().act, Act::Manifest);
        settled(&world);
        world.wanted(&address).spec.status = Field::Set(Status::Live);
        clock(&mut world, MONDAY);
        let plan = world.plan();
        assert!(
            step(&plan, &format!("{address}:resume"))
                .guards
                .contains(&Guard::Launch)
        );
    }
}

#[test]
fn a_pause_whose_end_nobody_saw_is_still_its_own() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        world.at_vendor(&address, Status::Paused);
        world.remembered(&address).paused_by = Some(PausedBy {
            act: Act::Hours,
            at: Some(NIGHT.parse().unwrap()),
        });
        clock(&mut world, NIGHT);
        assert!(world.plan().is_empty() && drift(&world).is_empty());
        clock(&mut world, MONDAY);
        assert!(drift(&world).is_empty(), "{:#?}", drift(&world));
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:resume")]);
        assert_eq!(plan.steps[0].guards, []);
        settled(&world);
    }
}

#[test]
fn edits_are_made_while_it_is_paused_and_its_pause_stays_its_own() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        clock(&mut world, NIGHT);
        world.wanted(&address).spec.title = Field::Set("Another title".to_owned());
        let plan = world.plan();
        assert_eq!(
            ids(&plan),
            [format!("{address}:pause"), format!("{address}:update")]
        );
        let Record::Survey {
            paused_by, in_field, ..
        } = &plan.steps[1].record
        else {
            panic!("{:#?}", plan.steps[1].record)
        };
        assert_eq!((paused_by.unwrap().act, *in_field), (Act::Hours, false));
    }
}

#[test]
fn a_stage_that_is_reached_outside_of_the_hours_goes_back_in_field_within_them() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        stage(&mut world, &address, &stages());
        give(&mut world, &address, Some(office("America/New_York")));
        let plan = apply(&mut world, &address);
        let launch = step(&plan, &format!("{address}:launch"));
        assert_eq!(change(launch, "/windows").0, Value::Null);
        assert_eq!(change(launch, "/stages/soft").0, Value::Null);
        // The vendor stops it at its goal, and somebody goes on in the night.
        count(&mut world, &address, 10);
        assert_eq!(world.seen(&address).stopped, Some(Stop::GoalReached));
        clock(&mut world, NIGHT);
        ask(&mut world, &address, "ramp");
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        assert!(
            said(&plan, &address)[0].contains("outside of its hours"),
            "{:#?}",
            plan.notes
        );
        world.at_vendor(&address, Status::Paused);
        world.choices.advance.clear();
        settled(&world);
        clock(&mut world, MONDAY);
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:resume")]);
        assert_eq!(plan.steps[0].guards, [], "{vendor:?}");
        settled(&world);
        // A stage that is collected while it is in field goes on in the night, and the survey stays out of field.
        clock(&mut world, "2026-11-24T04:00:00Z");
        apply(&mut world, &address);
        settled(&world);
        ask(&mut world, &address, "full");
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        world.choices.advance.clear();
        clock(&mut world, "2026-11-24T15:00:00Z");
        let plan = apply(&mut world, &address);
        assert_eq!(ids(&plan), [format!("{address}:resume")]);
        assert_eq!(plan.steps[0].guards, [], "{vendor:?}");
    }
}

#[test]
fn hours_that_let_a_survey_wait_until_the_vendor_ends_it_are_said() {
    for vendor in EVERYWHERE {
        let lapses = vendor.facts().lapses.paused.is_some();
        let (mut world, address) = wanted(vendor);
        let told = said(&world.plan(), &address).join("\n");
        let long = "its hours are closed for up to 3 days together, and";
        assert_eq!(told.contains(long), lapses, "{told}");
        let daily = Opening::read("daily 08:00-22:00").unwrap();
        let hours = Hours::new("UTC".to_owned(), vec![daily]);
        give(&mut world, &address, Some(hours));
        let told = said(&world.plan(), &address).join("\n");
        assert!(!told.contains("its hours are closed"), "{told}");
    }
    let (mut world, address) = asleep(PS);
    world.remembered(&address).paused_by = Some(PausedBy {
        act: Act::Hours,
        at: Some("2026-11-12T13:00:00Z".parse().unwrap()),
    });
    let told = said(&world.plan(), &address).join("\n");
    assert!(
        told.contains("it can be put back until 2026-11-22T13:00:00Z"),
        "{told}"
    );
    // With the opening it is in time.
    world.remembered(&address).paused_by.as_mut().unwrap().at = Some("2026-11-13T13:00:01Z".parse().unwrap());
    let told = said(&world.plan(), &address).join("\n");
    assert!(!told.contains("it can be put back until"), "{told}");
}

#[test]
fn what_only_has_a_date_to_start_on_is_not_paused_for_its_hours() {
    let (mut world, address) = launched(CINT);
    clock(&mut world, NIGHT);
    assert!(!world.plan().is_empty());
    world.seen(&address).scheduled = Some(Times {
        start: MONDAY.parse().unwrap(),
        end: "2036-12-15T18:00:00Z".parse().unwrap(),
    });
    assert!(world.plan().is_empty(), "{:#?}", world.plan());
}
