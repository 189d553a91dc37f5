//! What has ended at every vendor: done, short of its goal, or waiting after a soft launch; what infield itself paused; and
//! what a raised goal does.

use crate::support::PS;
use crate::vendors_world::{CINT, IMR, VendorsWorld, change, fieldable, gender_quota, ids, said, step};
use infield::marketplace::Markets;
use infield::model::desired::{OnExternalPause, OnFixedChange};
use infield::model::known::{Act, Finished, PausedBy};
use infield::model::live::Stop;
use infield::model::{Address, Field, Status, VendorId};
use infield::plan::drift::find;
use infield::plan::{Action, Drift, Guard, Inputs, NoteKind, Plan, Record, Rule};
use jiff::Timestamp;
use serde_json::json;

/// What is fielded at a vendor with a goal of 100, left in field and found in a status with so many completes.
fn found(vendor: VendorId, status: Status, completes: u64) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    let address = if vendor.has_groups() {
        world.with_groups(vendor, "soda", &["us"]);
        Address::group("soda", "us")
    } else {
        world.fielded(vendor, &Address::survey("soda"), fieldable(vendor, 100));
        Address::survey("soda")
    };
    world.live.as_of = Some(at("2026-11-21T00:00:00Z"));
    world.at_vendor(&address, status);
    count(&mut world, &address, completes);
    (world, address)
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// Counts completes where the vendor shows them, or else where somebody asked.
fn count(world: &mut VendorsWorld, address: &Address, completes: u64) {
    let vendor = world.known.resources[address].vendor;
    let closed = world.seen(address).status == Some(Status::Closed);
    if vendor == IMR || (vendor == PS && closed) {
        world.seen(address).fielded = None;
        world.live.counted.insert(address.clone(), completes);
    } else {
        world.seen(address).fielded = Some(completes);
    }
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

/// What a plan remembers of an address without a step.
fn remembered(plan: &Plan, address: &Address) -> Option<(bool, Option<Finished>)> {
    plan.bookkeeping.iter().find_map(|(of, record)| match record {
        Record::Survey {
            in_field, finished, ..
        } if of == address => Some((*in_field, *finished)),
        _ => None,
    })
}

fn kinds(plan: &Plan) -> Vec<NoteKind> {
    plan.notes.iter().map(|note| note.kind).collect()
}

const EVERYWHERE: [VendorId; 3] = [PS, IMR, CINT];

#[test]
fn a_goal_that_is_reached_is_done_at_every_vendor_in_both_statuses_and_never_drift() {
    for vendor in EVERYWHERE {
        for status in [Status::Paused, Status::Closed] {
            for completes in [100, 103] {
                let (world, address) = found(vendor, status, completes);
                let plan = world.plan();
                assert!(plan.is_empty(), "{plan:#?}");
                assert_eq!(kinds(&plan), [NoteKind::Done], "{vendor:?} {status}");
                assert!(plan.unchanged.contains(&address));
                let said = said(&plan, &address)[0].clone();
                assert!(
                    said.starts_with(&format!("done: {completes} of 100 completes")),
                    "{said}"
                );
                let (in_field, finished) = remembered(&plan, &address).unwrap();
                let finished = finished.unwrap();
                assert_eq!(
                    (in_field, finished.goal, finished.completes),
                    (true, 100, completes)
                );
                let drift = drift(&world);
                assert!(drift.is_empty(), "{drift:#?}");
                assert_eq!(
                    drift.notes.iter().map(|note| note.kind).collect::<Vec<_>>(),
                    [NoteKind::Done]
                );
                for exposure in &drift.exposure {
                    assert_eq!(exposure.before, exposure.after, "nothing more was to come");
                }
            }
        }
    }
}

#[test]
fn what_was_confirmed_once_stays_done_when_the_vendor_closes_it_and_tells_no_more() {
    for vendor in EVERYWHERE {
        let (mut world, address) = found(vendor, Status::Paused, 101);
        let (_, finished) = remembered(&world.plan(), &address).unwrap();
        world.remembered(&address).finished = finished;
        assert_eq!(remembered(&world.plan(), &address), None, "once is enough");
        world.at_vendor(&address, Status::Closed);
        world.seen(&address).fielded = None;
        world.live.counted.clear();
        for wanted in [
            Field::Set(Status::Live),
            Field::Set(Status::Paused),
            Field::Absent,
        ] {
            world.wanted(&address).spec.status = wanted;
            let plan = world.plan();
            assert!(plan.is_empty() && drift(&world).is_empty());
            assert_eq!(kinds(&plan), [NoteKind::Done]);
            assert!(said(&plan, &address)[0].starts_with("done: 101 of 100 completes"));
        }
        // Another goal at the vendor is another question.
        world.seen(&address).spec.completes = Field::Set(200);
        world.wanted(&address).spec.completes = Field::Set(200);
        let plan = world.plan();
        assert!(!kinds(&plan).contains(&NoteKind::Done), "{plan:#?}");
    }
}

#[test]
fn nothing_fields_on_what_is_done_whoever_asks() {
    for vendor in EVERYWHERE {
        for status in [Status::Paused, Status::Closed] {
            let (mut world, address) = found(vendor, status, 100);
            world.choices.resume.insert(address.clone());
            world.wanted(&address).policy.on_external_pause = OnExternalPause::Resume;
            assert!(world.plan().is_empty(), "{vendor:?} {status}");
            // Nor when the manifest had it paused in between.
            world.remembered(&address).in_field = false;
            let plan = world.plan();
            assert!(plan.is_empty() && kinds(&plan) == [NoteKind::Done]);
        }
    }
}

#[test]
fn a_raised_goal_is_raised_and_fielded_on_behind_the_guard_launch() {
    for (vendor, status) in [
        (PS, Status::Paused),
        (IMR, Status::Paused),
        (CINT, Status::Paused),
        (CINT, Status::Closed),
    ] {
        let (mut world, address) = found(vendor, status, 100);
        world.wanted(&address).spec.completes = Field::Set(150);
        let plan = world.plan();
        assert_eq!(
            ids(&plan),
            [format!("{address}:update"), format!("{address}:resume")],
            "{plan:#?}"
        );
        assert_eq!(plan.notes, [], "{vendor:?} {status}");
        let (raise, resume) = (&plan.steps[0], &plan.steps[1]);
        assert_eq!(change(raise, "/completes"), (json!(100), json!(150)));
        assert_eq!(resume.depends_on, std::slice::from_ref(&raise.id));
        assert_eq!(resume.guards, [Guard::Launch]);
        assert_eq!(
            resume.reason,
            "its goal of 100 is reached, and the manifest raises it to 150"
        );
        let call = &resume.calls[0].path;
        if status == Status::Closed {
            assert!(call.ends_with("/relaunch"), "{call}");
        }
        if vendor != IMR {
            assert_eq!(resume.adds_exposure.unwrap().to_string(), "150.00 USD");
        }
        let Record::Survey { finished, .. } = &raise.record else {
            panic!("{:?}", raise.record)
        };
        let reached = finished.unwrap();
        assert_eq!(reached.goal, 100, "until it is back in field");
        // The raise was written, and the launch was not.
        world.seen(&address).spec.completes = Field::Set(150);
        let known = world.remembered(&address);
        (known.finished, known.applied.completes) = (Some(reached), Field::Set(150));
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:resume")], "{plan:#?}");
        let Record::Survey { finished, .. } = &plan.steps[0].record else {
            panic!("{:?}", plan.steps[0].record)
        };
        assert_eq!(*finished, None);
    }
}

#[test]
fn a_goal_that_is_raised_to_no_more_than_was_collected_fields_nothing() {
    let (mut world, address) = found(PS, Status::Paused, 103);
    world.wanted(&address).spec.completes = Field::Set(103);
    assert_eq!(ids(&world.plan()), ["soda:update"]);
}

#[test]
fn after_the_last_day_a_raise_is_blocked_with_the_vendors_rule_and_what_is_missing() {
    for (vendor, rule) in [
        (PS, "PureSpectrum cannot put a closed survey back in field"),
        (
            IMR,
            "InnovateMR is assumed not to put back in field what is closed",
        ),
        (
            CINT,
            "Cint resumes and relaunches nothing after the end of its run",
        ),
    ] {
        let (mut world, address) = found(vendor, Status::Closed, 100);
        world.wanted(&address).spec.completes = Field::Set(150);
        world.live.as_of = Some(at("2037-01-01T00:00:00Z"));
        let plan = world.plan();
        assert!(!ids(&plan).iter().any(|id| id.ends_with(":resume")), "{plan:#?}");
        let note = plan
            .notes
            .iter()
            .find(|note| note.kind == NoteKind::Blocked)
            .unwrap();
        assert!(note.message.contains(rule), "{}", note.message);
        assert!(
            note.help
                .as_ref()
                .unwrap()
                .contains("field the 50 that are missing"),
            "{note:?}"
        );
    }
}

#[test]
fn what_ended_for_good_is_fielded_anew_for_what_is_missing_where_its_manifest_lets_it_and_somebody_asks() {
    for vendor in EVERYWHERE {
        for (completes, wanted, resumed, missing) in [
            (60, 100, true, Some(40)),
            (100, 150, false, Some(50)),
            (60, 150, false, Some(90)),
            (60, 100, false, None),
            (100, 100, true, None),
        ] {
            let (mut world, address) = found(vendor, Status::Closed, completes);
            world.live.as_of = Some(at("2037-01-01T00:00:00Z"));
            world.guards.set(Guard::Replace, Rule::Ask);
            let survey = world.wanted(&address);
            survey.spec.completes = Field::Set(wanted);
            if vendor == CINT {
                survey.spec.end = Field::Set(at("2037-06-01T00:00:00Z"));
            }
            if resumed {
                world.choices.resume.insert(address.clone());
            }
            // A goal may be written, and nothing goes back in field.
            let refuses = world.plan();
            assert!(
                refuses.steps.iter().all(|step| step.action == Action::Update),
                "{vendor:?} refuses: {refuses:#?}"
            );
            world.wanted(&address).policy.on_fixed_change = OnFixedChange::Replace;
            let plan = world.plan();
            let Some(missing) = missing else {
                assert!(plan.is_empty(), "{vendor:?} {completes} of {wanted}: {plan:#?}");
                continue;
            };
            let expected = [format!("{address}:replace"), format!("{address}:launch")];
            assert_eq!(
                ids(&plan),
                expected,
                "{vendor:?} {completes} of {wanted}: {plan:#?}"
            );
            let (made, launch) = (&plan.steps[0], &plan.steps[1]);
            assert_eq!(made.guards, [Guard::Replace]);
            assert_eq!(launch.guards, [Guard::Launch]);
            assert_eq!(change(made, "/completes"), (json!(null), json!(missing)));
            assert!(matches!(made.record, Record::Survey { continues: true, .. }));
            world.wanted(&address).policy.protect = true;
            assert!(world.plan().is_empty(), "{vendor:?} is protected");
        }
    }
}

#[test]
fn what_went_before_counts_for_the_completes_of_what_stands_in_for_it() {
    for vendor in EVERYWHERE {
        let (mut world, address) = found(vendor, Status::Live, 10);
        let raised = |world: &VendorsWorld| {
            let plan = world.plan();
            change(step(&plan, &format!("{address}:update")), "/completes")
        };
        let known = world.remembered(&address);
        (known.continues, known.replaced.completes) = (true, 60);
        world.wanted(&address).spec.completes = Field::Set(160);
        assert!(world.plan().is_empty(), "{:#?}", world.plan());
        world.wanted(&address).spec.completes = Field::Set(180);
        assert_eq!(raised(&world), (json!(100), json!(120)));
        // What was replaced because it could not be changed counts for nothing.
        world.remembered(&address).continues = false;
        assert_eq!(raised(&world), (json!(100), json!(180)));
    }
}

#[test]
fn what_ended_below_its_goal_is_told_with_what_is_missing_and_is_no_drift() {
    for vendor in EVERYWHERE {
        let (world, address) = found(vendor, Status::Closed, 60);
        let plan = world.plan();
        assert!(plan.is_empty() && drift(&world).is_empty(), "{plan:#?}");
        assert_eq!(kinds(&plan), [NoteKind::EndedShort]);
        assert!(said(&plan, &address)[0].contains("60 of 100 completes, 40 missing"));
        // Nobody tells how many: that is said, and is no zero.
        let (mut world, address) = found(vendor, Status::Closed, 60);
        world.live.counted.clear();
        world.seen(&address).fielded = None;
        let plan = world.plan();
        assert_eq!(kinds(&plan), [NoteKind::EndedShort]);
        assert!(said(&plan, &address)[0].contains("how many of its 100 completes it has is not told"));
    }
    // Paused at the end of its time.
    let (mut world, address) = found(CINT, Status::Paused, 60);
    assert_eq!(kinds(&world.plan()), [NoteKind::Drift]);
    world.live.as_of = Some(at("2036-12-15T18:00:00Z"));
    assert_eq!(kinds(&world.plan()), [NoteKind::EndedShort]);
    world.live.as_of = None;
    world.seen(&address).stopped = Some(Stop::TimeOver);
    assert_eq!(kinds(&world.plan()), [NoteKind::EndedShort]);
}

#[test]
fn a_vendor_that_counts_something_else_may_say_that_the_goal_is_reached() {
    let (mut world, address) = found(CINT, Status::Closed, 90);
    world.seen(&address).stopped = Some(Stop::GoalReached);
    assert_eq!(kinds(&world.plan()), [NoteKind::Done]);
}

#[test]
fn a_soft_launch_waits_until_its_quotas_are_raised_or_somebody_asks() {
    let mut world = VendorsWorld::new();
    let address = Address::survey("soda");
    let mut spec = fieldable(PS, 100);
    spec.quotas = Field::Set(vec![gender_quota(PS, "men", 10), gender_quota(PS, "women", 10)].into());
    world.fielded(PS, &address, spec);
    world.at_vendor(&address, Status::Paused);
    world.collected(&address, 19, &[("men", 9), ("women", 10)]);
    assert_eq!(kinds(&world.plan()), [NoteKind::Drift], "not every quota is full");
    world.collected(&address, 20, &[("men", 10), ("women", 10)]);
    let plan = world.plan();
    assert!(plan.is_empty() && drift(&world).is_empty());
    assert_eq!(kinds(&plan), [NoteKind::SoftLaunchWaiting]);
    assert!(said(&plan, &address)[0].contains("20 of 100 completes, 80 missing"));
    world.wanted(&address).policy.on_external_pause = OnExternalPause::Resume;
    assert!(world.plan().is_empty(), "a policy is nobody who asks");
    let mut raised = world.clone();
    raised.wanted(&address).spec.quotas =
        Field::Set(vec![gender_quota(PS, "men", 50), gender_quota(PS, "women", 50)].into());
    let plan = raised.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda:resume"]);
    assert_eq!(step(&plan, "soda:resume").guards, [Guard::Launch]);
    world.choices.resume.insert(address);
    assert_eq!(ids(&world.plan()), ["soda:resume"]);
    // Where the vendor says so itself, quotas say nothing.
    let (mut world, address) = found(CINT, Status::Paused, 30);
    world.seen(&address).stopped = Some(Stop::SoftLaunch);
    assert_eq!(kinds(&world.plan()), [NoteKind::SoftLaunchWaiting]);
}

#[test]
fn what_infield_paused_itself_is_said_as_its_own_act_and_stays_paused() {
    for vendor in EVERYWHERE {
        let (mut world, address) = found(vendor, Status::Paused, 10);
        world.live.counted.clear();
        world.remembered(&address).paused_by = Some(PausedBy {
            act: Act::Freeze,
            at: Some(at("2026-11-20T08:00:00Z")),
        });
        world.wanted(&address).policy.on_external_pause = OnExternalPause::Resume;
        let plan = world.plan();
        assert!(plan.is_empty() && drift(&world).is_empty(), "{plan:#?}");
        assert_eq!(kinds(&plan), [NoteKind::Held]);
        let said = said(&plan, &address)[0].clone();
        assert!(
            said.contains("is paused by infield freeze on 2026-11-20"),
            "{said}"
        );
        assert!(!said.contains("outside infield"), "{said}");
        let until = match vendor.key() {
            "purespectrum" => "it can be put back until 2026-11-30T08:00:00Z",
            "cint" => "it can be put back until 2036-12-15T18:00:00Z",
            _ => "",
        };
        assert!(said.contains(until), "{said}");
        world.choices.resume.insert(address.clone());
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:resume")]);
        assert_eq!(plan.steps[0].reason, "--resume asks for it back");
        // A change of what is held leaves it held, for the same reason.
        world.choices.resume.clear();
        world.wanted(&address).spec.completes = Field::Set(150);
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        let Record::Survey { paused_by, .. } = &plan.steps[0].record else {
            panic!("{:?}", plan.steps[0].record)
        };
        assert_eq!(paused_by.map(|by| by.act), Some(Act::Freeze));
        // Back in field, nothing is remembered of it.
        let (mut world, address) = found(vendor, Status::Live, 10);
        world.remembered(&address).paused_by = Some(PausedBy::now(Act::Freeze));
        let plan = world.plan();
        let kept = plan.bookkeeping.iter().find(|(of, _)| *of == address).unwrap();
        assert!(
            matches!(&kept.1, Record::Survey { paused_by: None, .. }),
            "{kept:?}"
        );
    }
}

#[test]
fn a_goal_that_is_cut_to_what_is_collected_is_done_by_an_act_of_infield() {
    let (mut world, address) = found(PS, Status::Live, 60);
    world.wanted(&address).spec.completes = Field::Set(60);
    let plan = world.plan();
    let Record::Survey { paused_by, .. } = &step(&plan, "soda:update").record else {
        panic!("{plan:#?}")
    };
    assert_eq!(*paused_by, Some(PausedBy::now(Act::Cut)));
    world.at_vendor(&address, Status::Paused);
    world.seen(&address).spec.completes = Field::Set(60);
    let known = world.remembered(&address);
    known.applied.completes = Field::Set(60);
    known.paused_by = Some(PausedBy {
        act: Act::Cut,
        at: Some(at("2026-11-20T08:00:00Z")),
    });
    let said = said(&world.plan(), &address)[0].clone();
    assert!(
        said.contains("60 of 60 completes; ended by a cut of infield to what was collected on 2026-11-20"),
        "{said}"
    );
    // More than what is collected is no cut.
    let (mut world, address) = found(PS, Status::Live, 60);
    world.wanted(&address).spec.completes = Field::Set(61);
    let plan = world.plan();
    assert!(matches!(
        &step(&plan, "soda:update").record,
        Record::Survey { paused_by: None, .. }
    ));
}

#[test]
fn completes_that_the_vendor_takes_back_are_said_and_what_was_done_stays_done() {
    let (mut world, address) = found(PS, Status::Paused, 97);
    world.remembered(&address).finished = Some(Finished {
        goal: 100,
        completes: 101,
        at: Some(at("2026-11-20T08:00:00Z")),
    });
    let plan = world.plan();
    assert!(plan.is_empty() && drift(&world).is_empty());
    assert_eq!(
        said(&plan, &address),
        [
            "done: 97 of 100 completes; the vendor took 4 back since; it can be put back until 2026-11-30T08:00:00Z at \
             the latest: PureSpectrum closes for good what is paused for more than 10 days (vendor wiki 3115974657)"
        ]
    );
}

#[test]
fn what_the_vendor_fields_on_after_it_took_completes_back_is_its_own_act_and_counts_as_exposure() {
    let (mut world, address) = found(CINT, Status::Live, 97);
    world.remembered(&address).finished = Some(Finished {
        goal: 100,
        completes: 100,
        at: None,
    });
    let plan = world.plan();
    assert!(plan.is_empty() && drift(&world).is_empty());
    assert_eq!(
        said(&plan, &address),
        [
            "advice: its goal was reached, and the vendor took 3 completes back and fields it on: 97 of 100 completes"
        ]
    );
    assert_eq!(plan.exposure[0].after.to_string(), "9.00 USD");
    assert_eq!(remembered(&plan, &address), Some((true, None)), "said once");
    // What others add is measured with it.
    world.want(PS, &Address::survey("cola"), fieldable(PS, 100));
    world
        .guards
        .max_total
        .insert("USD".to_owned(), "305 USD".parse().unwrap());
    assert!(!ids(&world.plan()).contains(&"cola:launch"));
    world
        .guards
        .max_total
        .insert("USD".to_owned(), "309 USD".parse().unwrap());
    assert!(ids(&world.plan()).contains(&"cola:launch"));
}

#[test]
fn what_a_lower_goal_makes_done_is_not_put_back_in_field() {
    for completes in [99, 100] {
        let (mut world, address) = found(CINT, Status::Closed, 16);
        world.seen(&address).fielded = Some(completes);
        world.seen(&address).spec.completes = Field::Set(110);
        world.wanted(&address).policy.on_external_pause = OnExternalPause::Resume;
        let plan = world.plan();
        let resumes = plan.steps.iter().any(|step| step.action == Action::Resume);
        assert_eq!(resumes, completes == 99, "{completes}: {:?}", ids(&plan));
        assert_eq!(
            kinds(&plan).contains(&NoteKind::Done),
            completes == 100,
            "{:?}",
            plan.notes
        );
    }
}
