//! Staged fieldwork at every vendor: which stage a survey stands on, what its ladder costs, who has approved it, and what
//! waits.

use crate::support::PS;
use crate::vendors_world::{CINT, IMR, VendorsWorld, change, fieldable, gender_quota, ids, said, step};
use infield::model::figures::{Check, Figure};
use infield::model::guard::Rule;
use infield::model::known::{Finished, PausedBy};
use infield::model::ladder::{Climb, Ladder, Then};
use infield::model::live::Stop;
use infield::model::{Address, Field, Money, Status, VendorId};
use infield::plan::{Action, Guard, NoteKind, Plan, Record, Step, audit, hash};
use serde_json::{Value, json};

pub(crate) const EVERYWHERE: [VendorId; 3] = [PS, IMR, CINT];

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Soft, which holds, then half, then all.
pub(crate) fn stages() -> Vec<(&'static str, u64, Then)> {
    vec![
        ("soft", 10, Then::Hold),
        ("ramp", 50, Then::Continue),
        ("full", 100, Then::Continue),
    ]
}

/// Gives what is wanted at an address these stages.
pub(crate) fn stage(world: &mut VendorsWorld, address: &Address, stages: &[(&str, u64, Then)]) {
    let survey = world.wanted(address);
    let named = stages
        .iter()
        .map(|(name, completes, then)| ((*name).to_owned(), *completes, *then));
    survey.ladder = Some(Ladder::over(&survey.spec, named));
}

/// A survey at a vendor that wants 100 completes at 3 USD in stages, and does not exist yet.
fn wanted(vendor: VendorId) -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    let address = if vendor.has_groups() {
        world.with_groups(vendor, "soda", &[]);
        Address::group("soda", "us")
    } else {
        Address::survey("soda")
    };
    world.want(vendor, &address, fieldable(vendor, 100));
    stage(&mut world, &address, &stages());
    world.live.as_of = Some("2026-11-21T00:00:00Z".parse().unwrap());
    (world, address)
}

/// Carries out what a plan does at an address: the vendor shows it, and it is remembered.
pub(crate) fn carry(world: &mut VendorsWorld, address: &Address, plan: &Plan) {
    if !world.known.resources.contains_key(address) {
        let whole = world.wanted(address).clone();
        world.wanted(address).ladder.as_mut().unwrap().at = 0;
        let mut spec = whole.spec.clone();
        whole.ladder.clone().unwrap().stand(0, &mut spec);
        world.wanted(address).spec = spec;
        world.field(address);
        *world.wanted(address) = whole;
    }
    let status = world.seen(address).status.unwrap();
    for (_, record) in plan.bookkeeping.iter().filter(|(of, _)| of == address) {
        remember(world, address, record);
        world.at_vendor(address, status);
    }
    for step in plan.steps.iter().filter(|step| step.address == *address) {
        remember(world, address, &step.record);
    }
}

fn remember(world: &mut VendorsWorld, address: &Address, record: &Record) {
    let Record::Survey {
        applied,
        in_field,
        finished,
        climb,
        paused_by,
        ..
    } = record
    else {
        panic!("{record:#?}")
    };
    let now = world.live.as_of;
    let known = world.remembered(address);
    known.paused_by = paused_by.map(|by| PausedBy {
        at: by.at.or(now),
        ..by
    });
    known.applied = (**applied).clone();
    (known.in_field, known.finished) = (*in_field, *finished);
    known.climb = climb.as_deref().cloned().or(known.climb.take());
    if let Some(status) = applied.status.value() {
        world.at_vendor(address, *status);
    }
    let live = world.seen(address);
    live.spec.completes = applied.completes.clone();
    live.stopped = None;
    for quota in &mut live.quotas {
        let mut wanted = applied.quotas.value().into_iter().flatten();
        if let Some(wanted) = wanted.find(|wanted| quota.name.as_ref() == Some(&wanted.name)) {
            quota.completes = wanted.completes;
        }
    }
}

/// In field on its first stage, the ladder approved.
pub(crate) fn launched(vendor: VendorId) -> (VendorsWorld, Address) {
    let (mut world, address) = wanted(vendor);
    let plan = world.plan();
    carry(&mut world, &address, &plan);
    (world, address)
}

/// So many completes have come, and the vendor stops what has reached its goal.
pub(crate) fn count(world: &mut VendorsWorld, address: &Address, completes: u64) {
    let live = world.seen(address);
    live.fielded = Some(completes);
    if Some(completes) >= live.spec.completes.value().copied() {
        world.at_vendor(address, Status::Paused);
        world.seen(address).stopped = Some(Stop::GoalReached);
    }
}

pub(crate) fn ask(world: &mut VendorsWorld, address: &Address, stage: &str) {
    let advance = &mut world.choices.advance;
    advance.insert(address.clone(), stage.to_owned());
}

pub(crate) fn climb(step: &Step) -> Climb {
    match &step.record {
        Record::Survey { climb, .. } => climb.as_deref().cloned().unwrap(),
        other => panic!("{other:#?}"),
    }
}

pub(crate) fn stages_told(step: &Step) -> Vec<String> {
    let told = step
        .changes
        .iter()
        .filter(|change| change.path.starts_with("/stages/"));
    told.map(|change| format!("{} {} -> {}", change.path, change.before, change.after))
        .collect()
}

pub(crate) fn goal(world: &VendorsWorld, address: &Address) -> Option<u64> {
    let live = world.live.surveys[address].present().unwrap();
    live.spec.completes.value().copied()
}

#[test]
fn a_survey_goes_in_field_with_its_first_stage_and_its_launch_shows_what_every_stage_costs() {
    for vendor in EVERYWHERE {
        let (world, address) = wanted(vendor);
        let plan = world.plan();
        let (create, launch) = (
            step(&plan, &format!("{address}:create")),
            step(&plan, &format!("{address}:launch")),
        );
        assert_eq!(change(create, "/completes"), (Value::Null, json!(10)));
        assert_eq!(stages_told(create), [""; 0], "a draft costs nothing");
        assert_eq!((climb(create).rung.as_str(), climb(create).whole), ("soft", 100));
        assert!(climb(create).approved.is_empty());
        assert_eq!(
            stages_told(launch),
            [
                r#"/stages/soft null -> "10 completes, at most 30.00 USD, then hold""#,
                r#"/stages/ramp null -> "50 completes, at most 150.00 USD""#,
                r#"/stages/full null -> "100 completes, at most 300.00 USD""#,
            ]
        );
        assert!(launch.guards.contains(&Guard::Launch));
        assert_eq!(climb(launch).approved.len(), 3);
        // At stake is the stage, approved is the ladder.
        assert_eq!(plan.exposure[0].after, money("30.00 USD"));
        assert_eq!(launch.adds_later, Some(money("270.00 USD")));
        assert_eq!(plan.ceilings[&address], Some(money("300.00 USD")));
        let advice = said(&plan, &address).join("\n");
        let rule = vendor.facts().lapses.paused.is_some();
        assert_eq!(
            advice.contains("the stage `soft` holds until somebody goes on with --advance, and"),
            rule,
            "{advice}"
        );
        assert_eq!(
            advice.contains("its stages go on with --advance, by time, or once"),
            vendor == IMR,
            "{advice}"
        );
    }
}

#[test]
fn what_is_planned_and_done_leaves_nothing_to_do_at_any_stage() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        for (at, has, next) in [
            ("soft", 0, Some("ramp")),
            ("ramp", 10, Some("full")),
            ("full", 50, None),
        ] {
            world.choices.advance.clear();
            for more in [0, 3] {
                count(&mut world, &address, has + more);
                let plan = world.plan();
                assert!(plan.is_empty(), "{vendor:?} {at}: {plan:#?}");
                assert!(plan.bookkeeping.is_empty(), "{:#?}", plan.bookkeeping);
                assert!(plan.unchanged.contains(&address));
                assert_eq!(said(&plan, &address), [""; 0]);
            }
            let known = world.remembered(&address).climb.clone().unwrap();
            assert_eq!(known.rung, at);
            // What is asked for again is nothing.
            ask(&mut world, &address, at);
            assert!(world.plan().is_empty());
            if let Some(next) = next {
                ask(&mut world, &address, next);
                let plan = world.plan();
                assert!(!plan.is_empty());
                carry(&mut world, &address, &plan);
            }
        }
        assert_eq!(goal(&world, &address), Some(100));
        world.choices.advance.clear();
        count(&mut world, &address, 100);
        let plan = world.plan();
        assert!(plan.is_empty());
        assert_eq!(plan.notes[0].kind, NoteKind::Done, "{:#?}", plan.notes);
    }
}

#[test]
fn a_stage_that_holds_waits_for_somebody_and_says_how_it_goes_on() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        for (completes, status) in [(10, Status::Paused), (12, Status::Paused), (10, Status::Live)] {
            count(&mut world, &address, completes);
            world.at_vendor(&address, status);
            let plan = world.plan();
            assert!(plan.is_empty(), "{plan:#?}");
            let note = plan.notes.iter().find(|note| note.address == address).unwrap();
            assert_eq!(note.kind, NoteKind::SoftLaunchWaiting);
            assert!(
                note.message
                    .starts_with("the stage `soft` has its 10 completes of 100 in all, and waits"),
                "{}",
                note.message
            );
            assert_eq!(
                note.help.clone().unwrap(),
                format!("`infield apply --advance {address}=ramp` goes on to 50 completes")
            );
            assert_eq!(note.path.as_deref(), Some("/stages"));
            assert_eq!(plan.notes.len(), 1, "{:#?}", plan.notes);
            carry(&mut world, &address, &plan);
            assert!(world.plan().is_empty());
        }
        // Below its goal it says nothing.
        world.remembered(&address).finished = None;
        world.seen(&address).fielded = Some(9);
        world.seen(&address).stopped = None;
        assert_eq!(said(&world.plan(), &address), [""; 0]);
    }
}

#[test]
fn a_stage_that_somebody_asks_for_is_raised_and_fielded_on_under_the_approval_of_the_ladder() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        count(&mut world, &address, 10);
        ask(&mut world, &address, "ramp");
        let plan = world.plan();
        let raise = step(&plan, &format!("{address}:update"));
        let resume = step(&plan, &format!("{address}:resume"));
        assert_eq!(change(raise, "/completes"), (json!(10), json!(50)));
        assert_eq!(raise.reason, "--advance asks for the stage `ramp`");
        assert_eq!(resume.reason, "--advance asks for the stage `ramp`");
        for one in [raise, resume] {
            assert_eq!(one.guards, [], "the ladder was approved");
            assert_eq!((climb(one).rung.as_str(), climb(one).approved.len()), ("ramp", 3));
            assert_eq!(stages_told(one), [""; 0]);
        }
        // 40 more, approved before.
        assert_eq!(resume.adds_exposure, Some(money("120.00 USD")));
        assert_eq!(
            resume.adds_later.unwrap().amount,
            money("120.00 USD").amount * -money("1 USD").amount
        );
        assert_eq!(plan.ceilings[&address], Some(money("300.00 USD")));
        let bend = |bend: fn(&mut Step)| {
            let mut bent = plan.clone();
            bent.steps.iter_mut().for_each(bend);
            audit::audit(&bent).join("\n")
        };
        let unapproved = |step: &mut Step| {
            if let Record::Survey {
                climb: Some(climb), ..
            } = &mut step.record
            {
                climb.approved.clear();
            }
        };
        for found in [bend(unapproved), bend(|step| step.adds_later = None)] {
            assert!(found.contains("carries no guard `launch`"), "{found}");
        }
        // Written, and not back in field yet: the rest is still approved, and no gate is passed again.
        let raised = raise.record.clone();
        remember(&mut world, &address, &raised);
        world.at_vendor(&address, Status::Paused);
        world.choices.advance.clear();
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:resume")]);
        assert_eq!(plan.steps[0].guards, []);
        carry(&mut world, &address, &plan);
        assert!(world.plan().is_empty());
        // In field it is only raised.
        ask(&mut world, &address, "full");
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        assert_eq!(change(&plan.steps[0], "/completes"), (json!(50), json!(100)));
        assert_eq!(plan.steps[0].guards, []);
        assert_eq!(plan.steps[0].adds_exposure, Some(money("150.00 USD")));
        assert_eq!(climb(&plan.steps[0]).rung, "full");
    }
}

#[test]
fn a_plan_that_nobody_looks_at_does_what_was_approved_with_the_ladder_and_nothing_else() {
    let alone = |world: &mut VendorsWorld| {
        world.choices.approved_before = true;
        let plan = world.plan();
        world.choices.approved_before = false;
        plan
    };
    for vendor in EVERYWHERE {
        // What is not in field yet was approved by nobody.
        let (mut world, _) = wanted(vendor);
        let plan = alone(&mut world);
        assert!(plan.is_empty(), "{plan:#?}");
        let waits = |plan: &Plan, what: &str| {
            let text = format!("{what} waits for somebody: it was not approved with a ladder");
            plan.notes
                .iter()
                .any(|note| note.kind == NoteKind::Blocked && note.message == text)
        };
        assert!(waits(&plan, "create"), "{:#?}", plan.notes);
        assert!(
            plan.exposure
                .iter()
                .all(|exposure| exposure.change().amount.is_zero())
        );
        // A stage of the ladder, in field and out of it, and what is left of it after an interruption.
        for in_field in [false, true] {
            let (mut world, address) = launched(vendor);
            count(&mut world, &address, if in_field { 4 } else { 10 });
            ask(&mut world, &address, "ramp");
            let (plan, whole) = (alone(&mut world), world.plan());
            assert_eq!(plan, whole, "{vendor:?}");
            assert!(plan.steps.iter().all(|step| step.approved_before) && !plan.is_empty());
            if !in_field {
                let raised = step(&plan, &format!("{address}:update")).record.clone();
                remember(&mut world, &address, &raised);
                world.at_vendor(&address, Status::Paused);
                world.choices.advance.clear();
                assert_eq!(ids(&alone(&mut world)), [format!("{address}:resume")]);
            }
        }
        // Whatever comes with it waits, and so does what needs it.
        let (mut world, address) = launched(vendor);
        count(&mut world, &address, 10);
        ask(&mut world, &address, "ramp");
        world.wanted(&address).spec.title = Field::Set("Another one".to_owned());
        let plan = alone(&mut world);
        if !world.plan().steps[0]
            .changes
            .iter()
            .any(|change| change.path == "/title")
        {
            continue;
        }
        assert!(plan.is_empty() && waits(&plan, "update"), "{plan:#?}");
        assert_eq!(plan.held_back.len(), world.plan().steps.len());
    }
    // What manifests decide is remembered once somebody has applied it.
    let (mut world, address) = launched(PS);
    count(&mut world, &address, 4);
    world.wanted(&address).policy.protect = true;
    assert_eq!(world.plan().decided, std::slice::from_ref(&address));
    let plan = alone(&mut world);
    assert!(
        plan.decided.is_empty() && plan.bookkeeping.is_empty(),
        "{plan:#?}"
    );
    assert_eq!(
        said(&plan, &address),
        ["blocked: what its manifest decides waits for somebody"]
    );
}

#[test]
fn a_ladder_that_is_not_the_approved_one_asks_again_and_shows_what_is_other() {
    type Edit = fn(&mut VendorsWorld, &Address);
    let dearer: Edit = |world, address| {
        let spec = &mut world.wanted(address).spec;
        let price = Field::Set("4 USD".parse().unwrap());
        match spec.max_cpi.is_absent() {
            true => spec.cpi = price,
            false => spec.max_cpi = price,
        }
    };
    let more: Edit = |world, address| {
        world.wanted(address).spec.completes = Field::Set(120);
        stage(
            world,
            address,
            &[
                ("soft", 10, Then::Hold),
                ("ramp", 50, Then::Continue),
                ("full", 120, Then::Continue),
            ],
        );
    };
    let gate: Edit = |world, address| {
        stage(
            world,
            address,
            &[
                ("soft", 10, Then::Hold),
                ("ramp", 50, Then::Hold),
                ("full", 100, Then::Continue),
            ],
        );
    };
    let another: Edit = |world, address| {
        stage(
            world,
            address,
            &[
                ("soft", 10, Then::Hold),
                ("half", 50, Then::Continue),
                ("full", 100, Then::Continue),
            ],
        );
    };
    let cheaper: Edit = |world, address| {
        let spec = &mut world.wanted(address).spec;
        let price = Field::Set("2 USD".parse().unwrap());
        match spec.max_cpi.is_absent() {
            true => spec.cpi = price,
            false => spec.max_cpi = price,
        }
    };
    let cases: [(Edit, &str, &[&str]); 5] = [
        (
            dearer,
            "ramp",
            &[
                r#"/stages/soft "10 completes, at most 30.00 USD, then hold" -> "10 completes, at most 40.00 USD, then hold""#,
                r#"/stages/ramp "50 completes, at most 150.00 USD" -> "50 completes, at most 200.00 USD""#,
                r#"/stages/full "100 completes, at most 300.00 USD" -> "100 completes, at most 400.00 USD""#,
            ],
        ),
        (
            more,
            "ramp",
            &[r#"/stages/full "100 completes, at most 300.00 USD" -> "120 completes, at most 360.00 USD""#],
        ),
        (
            gate,
            "ramp",
            &[
                r#"/stages/ramp "50 completes, at most 150.00 USD" -> "50 completes, at most 150.00 USD, then hold""#,
            ],
        ),
        (
            another,
            "half",
            &[
                r#"/stages/half null -> "50 completes, at most 150.00 USD""#,
                r#"/stages/ramp "50 completes, at most 150.00 USD" -> null"#,
            ],
        ),
        (cheaper, "ramp", &[]),
    ];
    for vendor in EVERYWHERE {
        for (edit, next, told) in cases {
            for in_field in [false, true] {
                let (mut world, address) = launched(vendor);
                count(&mut world, &address, if in_field { 4 } else { 10 });
                edit(&mut world, &address);
                ask(&mut world, &address, next);
                let plan = world.plan();
                let action = if in_field { "update" } else { "resume" };
                let up = step(&plan, &format!("{address}:{action}"));
                assert_eq!(up.guards.contains(&Guard::Launch), !told.is_empty(), "{up:#?}");
                assert_eq!(stages_told(up), told, "{vendor:?}");
                assert_eq!(climb(up).rung, next);
                if let Some(first) = told.first() {
                    let approved = climb(up).approved;
                    assert!(
                        approved
                            .iter()
                            .any(|terms| first.contains(&terms.sentence()) || next == "half")
                    );
                    assert!(up.adds_later.unwrap().amount.is_sign_positive());
                }
            }
        }
    }
}

#[test]
fn stages_that_continue_go_on_one_after_the_other_as_far_as_they_are_collected() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        stage(
            &mut world,
            &address,
            &[
                ("soft", 10, Then::Continue),
                ("ramp", 50, Then::Continue),
                ("more", 70, Then::Hold),
                ("full", 100, Then::Continue),
            ],
        );
        let plan = world.plan();
        carry(&mut world, &address, &plan);
        for (completes, at, wanted) in [
            (9, "soft", 10),
            (10, "ramp", 50),
            (49, "ramp", 50),
            // The vendor has said of the first stage that it is reached, and nothing of the others.
            if vendor == IMR {
                (48, "ramp", 50)
            } else {
                (68, "more", 70)
            },
        ] {
            count(&mut world, &address, completes);
            let mut then = world.clone();
            let plan = then.plan();
            carry(&mut then, &address, &plan);
            assert_eq!(goal(&then, &address), Some(wanted), "{vendor:?} {completes}");
            assert_eq!(then.remembered(&address).climb.as_ref().unwrap().rung, at);
            for one in plan.steps.iter().filter(|step| step.address == address) {
                assert_eq!(one.guards, [], "{one:#?}");
                let reason = "the stage `soft` is collected, and `ramp` follows";
                assert!(one.reason == reason || completes == 68, "{}", one.reason);
            }
        }
        // Of what is not documented only the vendor's own word counts. What nobody counts is not collected, and what a vendor says of another goal says nothing of this one.
        count(&mut world, &address, 10);
        world.seen(&address).fielded = None;
        world.at_vendor(&address, Status::Live);
        world.seen(&address).stopped = None;
        assert!(world.plan().is_empty());
        world.at_vendor(&address, Status::Paused);
        world.seen(&address).stopped = Some(Stop::GoalReached);
        assert_eq!(
            world.plan().summary().launch,
            1,
            "the vendor says that it is reached"
        );
        if vendor == IMR {
            world.seen(&address).stopped = None;
            world.live.counted.insert(address.clone(), 10);
            let plan = world.plan();
            let said = said(&plan, &address);
            assert!(
                said[0].contains("waits, because what InnovateMR counts is not documented"),
                "{said:?}"
            );
        }
        world.live.counted.insert(address.clone(), 7);
        world.seen(&address).stopped = Some(Stop::GoalReached).filter(|_| vendor != IMR);
        let plan = world.plan();
        assert!(plan.is_empty(), "a count is better than that: {plan:#?}");
        let said = said(&plan, &address);
        let stopped = "has 7 of its 10 completes, and the vendor stopped it";
        assert_eq!(said[0].contains(stopped), vendor != IMR, "{said:?}");
    }
}

#[test]
fn quotas_rise_with_the_stages() {
    let (mut world, address) = wanted(PS);
    world.wanted(&address).spec.quotas =
        Field::Set(vec![gender_quota(PS, "men", 49), gender_quota(PS, "women", 51)].into());
    stage(&mut world, &address, &stages());
    let plan = world.plan();
    let create = step(&plan, "soda:create");
    assert_eq!(change(create, "/quotas/men/completes"), (Value::Null, json!(5)));
    assert_eq!(change(create, "/quotas/women/completes"), (Value::Null, json!(5)));
    carry(&mut world, &address, &plan);
    assert!(world.plan().is_empty(), "{:#?}", world.plan());
    count(&mut world, &address, 10);
    world.collected(&address, 10, &[("men", 5), ("women", 5)]);
    ask(&mut world, &address, "full");
    let plan = world.plan();
    let raise = step(&plan, "soda:update");
    assert_eq!(change(raise, "/completes"), (json!(10), json!(100)));
    assert_eq!(change(raise, "/quotas/men/completes"), (json!(5), json!(49)));
    carry(&mut world, &address, &plan);
    world.choices.advance.clear();
    assert!(world.plan().is_empty(), "{:#?}", world.plan());
}

#[test]
fn a_limit_of_an_increase_counts_all_stages_when_they_are_approved_and_none_of_them_again() {
    for vendor in EVERYWHERE {
        let limit = |world: &mut VendorsWorld, most: &str| {
            let limits = &mut world.guards.max_increase;
            limits.insert("USD".to_owned(), money(most));
        };
        let (mut world, address) = wanted(vendor);
        limit(&mut world, "299.99 USD");
        let plan = world.plan();
        let refused = said(&plan, &address).join("\n");
        assert!(
            refused.contains("with all stages the exposure would rise by 300.00 USD"),
            "{refused}"
        );
        assert_eq!(plan.summary().launch, 0);
        limit(&mut world, "300 USD");
        let plan = world.plan();
        assert_eq!(plan.summary().launch, 1, "{:#?}", plan.notes);
        carry(&mut world, &address, &plan);
        count(&mut world, &address, 10);
        ask(&mut world, &address, "full");
        limit(&mut world, "1 USD");
        assert_eq!(world.plan().summary().launch, 1, "{:#?}", world.plan().notes);
        // What nobody has approved counts.
        world
            .remembered(&address)
            .climb
            .as_mut()
            .unwrap()
            .approved
            .clear();
        assert_eq!(world.plan().summary().launch, 0);
        // What is at stake in all is always bound.
        let (mut world, address) = launched(vendor);
        count(&mut world, &address, 10);
        ask(&mut world, &address, "ramp");
        world.guards.max_total.insert("USD".to_owned(), money("100 USD"));
        assert_eq!(world.plan().summary().launch, 0);
    }
}

#[test]
fn what_somebody_else_has_paused_stays_so_whatever_stage_it_is_on() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        world.seen(&address).fielded = Some(4);
        world.at_vendor(&address, Status::Paused);
        let plan = world.plan();
        assert!(plan.is_empty());
        assert!(
            plan.notes.iter().any(|note| note.kind == NoteKind::Drift),
            "{:#?}",
            plan.notes
        );
        // The counts of a stage are written where somebody asks for it, and nothing is put back by that.
        ask(&mut world, &address, "ramp");
        let plan = world.plan();
        assert_eq!(ids(&plan), [format!("{address}:update")]);
        assert_eq!(plan.steps[0].adds_exposure, None);
        // Put back by name, it needs the approval of a launch, whatever was approved of the ladder.
        world.choices.advance.clear();
        world.choices.resume.insert(address.clone());
        let plan = world.plan();
        assert!(
            step(&plan, &format!("{address}:resume"))
                .guards
                .contains(&Guard::Launch)
        );
        world.guards.set(Guard::Launch, Rule::Deny);
        assert!(world.plan().is_empty());
    }
}

#[test]
fn stages_that_come_later_slow_what_is_in_field_and_those_that_go_ask_before_they_raise_it() {
    for vendor in [PS, CINT] {
        let (mut world, address) = launched(vendor);
        // Fielded as a whole before.
        let known = world.remembered(&address);
        known.climb = None;
        known.applied.completes = Field::Set(100);
        world.seen(&address).spec.completes = Field::Set(100);
        for (completes, at, lowered) in [
            (4, "soft", 10),
            (10, "ramp", 50),
            (49, "ramp", 50),
            (50, "full", 100),
        ] {
            world.seen(&address).fielded = Some(completes);
            let plan = world.plan();
            let found: Vec<&Step> = plan.steps.iter().collect();
            match found.as_slice() {
                [] => assert_eq!((lowered, world.plan().bookkeeping.len()), (100, 1)),
                [one] => {
                    assert_eq!(change(one, "/completes"), (json!(100), json!(lowered)));
                    assert_eq!((climb(one).rung.as_str(), one.guards.len()), (at, 0));
                }
                more => panic!("{more:#?}"),
            }
        }
    }
    for vendor in EVERYWHERE {
        // A stage with another name is not passed by that.
        let (mut world, address) = launched(vendor);
        count(&mut world, &address, 10);
        stage(
            &mut world,
            &address,
            &[("pilot", 10, Then::Hold), ("full", 100, Then::Continue)],
        );
        let plan = world.plan();
        assert!(plan.is_empty(), "{plan:#?}");
        assert!(said(&plan, &address)[0].contains("the stage `pilot` has its 10 completes"));
        // Without stages it is raised to the whole, as any goal is.
        world.wanted(&address).ladder = None;
        let plan = world.plan();
        let resume = step(&plan, &format!("{address}:resume"));
        assert!(resume.guards.contains(&Guard::Launch));
        assert!(climb(resume).is_over());
        carry(&mut world, &address, &plan);
        world.remembered(&address).climb = None;
        assert!(world.plan().is_empty() && world.plan().bookkeeping.is_empty());
    }
}

#[test]
fn a_draft_and_what_is_frozen_stay_on_their_stage() {
    for vendor in EVERYWHERE {
        let (mut world, address) = wanted(vendor);
        world.wanted(&address).spec.status = Field::Set(Status::Draft);
        let plan = world.plan();
        carry(&mut world, &address, &plan);
        world.remembered(&address).climb = None;
        let plan = world.plan();
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(plan.bookkeeping.len(), 1, "the stage is remembered");
        world.wanted(&address).spec.status = Field::Set(Status::Live);
        let plan = world.plan();
        let launch = step(&plan, &format!("{address}:launch"));
        assert_eq!(stages_told(launch).len(), 3);
        assert_eq!(launch.action, Action::Launch);
    }
}

#[test]
fn where_nothing_bounds_the_price_every_step_up_asks() {
    let (mut world, address) = wanted(PS);
    world.wanted(&address).spec.cpi = Field::Null;
    let plan = world.plan();
    let launch = step(&plan, "soda:launch");
    assert_eq!(
        stages_told(launch)[0],
        r#"/stages/soft null -> "10 completes, market price: no bound, then hold""#
    );
    assert_eq!(launch.adds_later, None);
    carry(&mut world, &address, &plan);
    for status in [Status::Live, Status::Paused] {
        count(&mut world, &address, if status == Status::Live { 4 } else { 10 });
        ask(&mut world, &address, "ramp");
        let plan = world.plan();
        let up = plan.steps.last().unwrap();
        assert_eq!(up.guards, [Guard::Launch], "{up:#?}");
        assert_eq!(stages_told(up), [""; 0]);
    }
}

#[test]
fn the_name_of_a_plan_covers_the_ladder_and_no_counter() {
    for vendor in EVERYWHERE {
        let (mut world, address) = launched(vendor);
        ask(&mut world, &address, "ramp");
        let name = hash::hash(&world.plan());
        world.seen(&address).fielded = Some(3);
        assert_eq!(hash::hash(&world.plan()), name);
        let (mut world, address) = wanted(vendor);
        let name = hash::hash(&world.plan());
        stage(
            &mut world,
            &address,
            &[
                ("soft", 10, Then::Continue),
                ("ramp", 50, Then::Continue),
                ("full", 100, Then::Continue),
            ],
        );
        assert_ne!(hash::hash(&world.plan()), name, "a gate is gone");
    }
}

#[test]
fn what_was_done_at_a_stage_is_not_the_end_of_the_survey() {
    let (mut world, address) = launched(PS);
    count(&mut world, &address, 10);
    let plan = world.plan();
    carry(&mut world, &address, &plan);
    let known = world.remembered(&address).clone();
    assert_eq!(known.finished.map(|finished: Finished| finished.goal), Some(10));
    let live = world.seen(&address).clone();
    let now = world.live.as_of;
    let ended = infield::plan::finished::ended(PS, &known, &live, None, now).unwrap();
    let told = infield::plan::ladder::goes_on(&known, ended);
    assert_eq!(told.end, infield::plan::finished::End::SoftLaunch);
    assert_eq!(told.shortfall(), "10 of 100 completes, 90 missing");
    let mut full = known.clone();
    full.climb.as_mut().unwrap().whole = 10;
    assert_eq!(infield::plan::ladder::goes_on(&full, ended), ended);
    full.climb = None;
    assert_eq!(infield::plan::ladder::goes_on(&full, ended), ended);
}

/// Soft goes on to full by itself where these checks hold.
pub(crate) fn checked(vendor: VendorId, checks: &[(Figure, &str)]) -> (VendorsWorld, Address) {
    let (mut world, address) = wanted(vendor);
    stage(
        &mut world,
        &address,
        &[("soft", 10, Then::Continue), ("full", 100, Then::Continue)],
    );
    let read = checks
        .iter()
        .map(|(figure, text)| Check::read(*figure, text).unwrap());
    let ladder = world.wanted(&address).ladder.as_mut().unwrap();
    ladder.rungs[0].when = read.collect();
    let plan = world.plan();
    carry(&mut world, &address, &plan);
    (world, address)
}

pub(crate) fn tell(world: &mut VendorsWorld, address: &Address, figures: &[(Figure, &str)]) {
    let told = figures
        .iter()
        .map(|(figure, told)| (*figure, told.parse().unwrap()));
    world.live.figures.insert(address.clone(), told.collect());
}

#[test]
fn a_stage_with_checks_goes_on_when_all_of_them_hold_and_says_which_figure_does_not() {
    use Figure::{DropOff, IncidenceRate};
    let checks = [(IncidenceRate, ">= 30"), (DropOff, "<= 5%")];
    for vendor in [PS, CINT] {
        let (mut world, address) = checked(vendor, &checks);
        tell(&mut world, &address, &[(IncidenceRate, "44"), (DropOff, "1")]);
        assert!(world.plan().is_empty(), "nothing is collected");
        count(&mut world, &address, 10);
        let plan = world.plan();
        assert_eq!(plan.summary().launch, 1, "{plan:#?}");
        assert_eq!(step(&plan, &format!("{address}:resume")).guards, []);
        type Case<'a> = (&'a [(Figure, &'a str)], &'a str);
        let cases: [Case<'_>; 4] = [
            (
                &[(IncidenceRate, "22.456"), (DropOff, "5")],
                "waits, because incidence_rate is 22.46, and >= 30 is wanted",
            ),
            (
                &[(IncidenceRate, "30"), (DropOff, "5.01")],
                "waits, because drop_off is 5.01, and <= 5 is wanted",
            ),
            (
                &[(IncidenceRate, "12"), (DropOff, "9")],
                "incidence_rate is 12, and >= 30 is wanted and drop_off is 9, and <= 5 is wanted",
            ),
            (
                &[(IncidenceRate, "30")],
                "waits, because drop_off is not told, and <= 5 is wanted",
            ),
        ];
        for (told, why) in cases {
            tell(&mut world, &address, told);
            let plan = world.plan();
            assert!(plan.is_empty(), "{plan:#?}");
            let said = said(&plan, &address);
            assert!(said[0].contains(why), "{said:?}");
            assert_eq!(plan.notes[0].kind, NoteKind::SoftLaunchWaiting);
        }
        world.live.figures.clear();
        assert!(world.plan().is_empty(), "what nobody asked about does not hold");
        // Somebody has looked, and goes on.
        ask(&mut world, &address, "full");
        assert_eq!(world.plan().summary().launch, 1);
        // A check that is gone is another ladder.
        world.choices.advance.clear();
        let ladder = world.wanted(&address).ladder.as_mut().unwrap();
        ladder.rungs[0].when.pop();
        tell(&mut world, &address, &[(IncidenceRate, "30")]);
        let plan = world.plan();
        let resume = step(&plan, &format!("{address}:resume"));
        assert_eq!(resume.guards, [Guard::Launch]);
        assert_eq!(
            stages_told(resume),
            [
                r#"/stages/soft "10 completes, at most 30.00 USD, on when incidence_rate >= 30 and drop_off <= 5" -> "10 completes, at most 30.00 USD, on when incidence_rate >= 30""#
            ]
        );
    }
}

#[test]
fn what_a_survey_goes_on_with_counts_for_its_stages_and_a_goal_that_was_confirmed_is_collected() {
    for before in [4, 3] {
        let (mut world, address) = checked(PS, &[]);
        let known = world.remembered(&address);
        (known.continues, known.replaced.completes) = (true, before);
        known.applied.completes = Field::Set(10 - before);
        world.seen(&address).spec.completes = Field::Set(10 - before);
        count(&mut world, &address, 5);
        assert!(world.plan().is_empty(), "{:#?}", world.plan());
        count(&mut world, &address, 6);
        let plan = world.plan();
        assert_eq!(plan.is_empty(), before == 3, "{plan:#?}");
        if before == 4 {
            let raise = step(&plan, &format!("{address}:update"));
            assert_eq!(change(raise, "/completes"), (json!(6), json!(96)));
        }
    }
    for goal in [10, 9] {
        let (mut world, address) = checked(PS, &[]);
        world.at_vendor(&address, Status::Paused);
        world.seen(&address).fielded = None;
        world.remembered(&address).finished = Some(Finished {
            goal,
            completes: goal,
            at: None,
        });
        // Of a goal that was another one only what was wanted since is missing.
        assert_eq!(
            world.plan().summary().update == 1,
            goal == 10,
            "{:#?}",
            world.plan()
        );
    }
}
