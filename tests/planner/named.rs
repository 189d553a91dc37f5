//! What the name of a plan covers and what it does not, and which later steps an approval of it covers.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, container, fieldable, gender_quota, recorded};
use infield::model::call::{KEY_PLACEHOLDER, VERSION_PLACEHOLDER};
use infield::model::desired::OnRemove;
use infield::model::{Address, Call, CallClass, Field, Method, Money, Status, SurveySpec};
use infield::plan::{Action, Change, Guard, Note, Plan, Rule, approval, hash};
use serde_json::json;
use std::collections::BTreeMap;

fn usd(amount: &str) -> Money {
    format!("{amount} USD").parse().unwrap()
}

/// What happens to a world.
type Moves = fn(&mut World);
/// A limit that is set in a world.
type Limit = fn(&mut World, Money);

/// Everything a review may be about, and two surveys that it is not about.
fn under_review() -> World {
    let mut world = World::new();
    world.want("new", soda());
    world.fielded("edited", soda());
    world.spec("edited").cpi = Field::Set(usd("4.00"));
    world.quota("edited", "men").completes = 210;
    world.quota("edited", "women-18-34").completes = 250;
    world.fielded("asked", soda());
    world.spec("asked").qualifications = Field::Set(vec![age(18, 74)].into());
    world.fielded("launched", draft());
    world.spec("launched").status = Field::Set(Status::Live);
    world.fielded("paused", soda());
    world.spec("paused").status = Field::Set(Status::Paused);
    world.fielded("closed", soda());
    world.spec("closed").status = Field::Set(Status::Closed);
    let removed = SurveySpec {
        title: Field::Set("Removed".to_owned()),
        locale: Field::Set("en-GB".to_owned()),
        ..soda()
    };
    world.fielded("removed", removed);
    world.remove_manifest("removed");
    world.fielded("tea", soda());
    world.spec("tea").title = Field::Absent;
    world.fielded("cola", soda());
    world
}

fn name(world: &World) -> String {
    hash::hash(&world.plan())
}

#[test]
fn what_moves_while_people_review_never_changes_the_name() {
    let moves: [(&str, Moves); 15] = [
        ("completes of a changed survey", |w| {
            w.collected("edited", 120, &[("men", 60), ("women-18-34", 60)]);
        }),
        ("completes where targeting changes", |w| {
            w.collected("asked", 1, &[("men", 1)]);
        }),
        ("completes of what is paused", |w| w.collected("paused", 399, &[])),
        ("more than was asked for, of what is closed", |w| {
            w.collected("closed", 417, &[]);
        }),
        ("completes of what has no manifest", |w| {
            w.collected("removed", 7, &[]);
        }),
        ("counters that are not told", |w| w.seen("asked").fielded = None),
        ("completes elsewhere", |w| w.collected("tea", 33, &[("men", 33)])),
        ("an end elsewhere", |w| w.at_vendor("cola", Status::Paused)),
        ("a reason elsewhere", |w| {
            w.seen("cola").status_reason = Some("goal".to_owned());
        }),
        ("a title that nobody manages elsewhere", |w| {
            w.seen("tea").spec.title = Field::Set("by hand".to_owned());
        }),
        ("who moved a field", |w| {
            let who = "by ann@example.com on 2026-11-20".to_owned();
            w.seen("edited").changed_by.insert("/cpi".to_owned(), who);
        }),
        ("why it was stopped", |w| {
            w.seen("paused").status_reason = Some("no starts".to_owned());
        }),
        ("a create elsewhere whose outcome is open", |w| {
            w.open_intent("tea");
        }),
        ("templates of the account", |w| w.templates(&[15])),
        ("what is closed is full, and the vendor has paused it", |w| {
            w.at_vendor("closed", Status::Paused);
        }),
    ];
    let base = under_review();
    let reviewed = name(&base);
    let mut all = base.clone();
    for (what, moved) in moves {
        let mut world = base.clone();
        moved(&mut world);
        assert_eq!(name(&world), reviewed, "{what}");
        moved(&mut all);
        assert_eq!(name(&all), reviewed, "{what}, after all before it");
    }
}

#[test]
fn what_guards_and_limits_say_never_changes_the_name() {
    let base = under_review();
    let reviewed = name(&base);
    let mut held_back = 0;
    let mut check = |what: &str, world: &World| {
        let plan = world.plan();
        held_back += plan.held_back.len();
        assert_eq!(hash::hash(&plan), reviewed, "{what}");
    };
    for guard in Guard::ALL {
        for rule in Rule::ALL {
            let mut world = base.clone();
            world.guard(guard, rule);
            check(&format!("{guard}: {}", rule.word()), &world);
        }
    }
    let limits: [(&str, Limit); 3] = [
        ("max_increase", |w, limit| {
            w.guards.max_increase.insert("USD".to_owned(), limit);
        }),
        ("max_total", |w, limit| {
            w.guards.max_total.insert("USD".to_owned(), limit);
        }),
        ("max_cpi", |w, limit| {
            w.guards.max_cpi.insert("USD".to_owned(), limit);
        }),
    ];
    for (what, set) in limits {
        for limit in ["0.01", "3.80", "900", "100000"] {
            let mut world = base.clone();
            set(&mut world, usd(limit));
            check(&format!("{what} {limit}"), &world);
        }
    }
    // And a price that the vendor makes, which limits refuse as unknown.
    let mut market = base;
    market.spec("launched").cpi = Field::Null;
    let unlimited = name(&market);
    market.guards.max_total.insert("USD".to_owned(), usd("100000"));
    let plan = market.plan();
    assert!(
        plan.held_back.iter().any(|step| step.id == "launched:launch"),
        "{plan:#?}"
    );
    assert_eq!(hash::hash(&plan), unlimited);
    assert!(held_back > 8, "{held_back} steps were held back");
}

#[test]
fn whatever_is_meant_changes_the_name() {
    let base = under_review();
    let reviewed = name(&base);
    let meant: [(&str, Moves); 16] = [
        ("a price", |w| w.spec("edited").cpi = Field::Set(usd("4.01"))),
        ("a price before", |w| {
            w.seen("edited").spec.cpi = Field::Set(usd("3.74"));
        }),
        ("a goal", |w| w.spec("edited").completes = Field::Set(401)),
        ("a goal of what is made", |w| {
            w.spec("new").completes = Field::Set(401);
        }),
        ("a quota", |w| w.quota("edited", "men").completes = 151),
        ("a quota before", |w| w.seen("edited").quotas[0].completes = 201),
        ("who is asked", |w| {
            w.spec("asked").qualifications = Field::Set(vec![age(18, 75)].into());
        }),
        ("a title of what is made", |w| {
            w.spec("new").title = Field::Set("Soda".to_owned());
        }),
        ("a status", |w| {
            w.spec("launched").status = Field::Set(Status::Draft);
        }),
        ("a survey more", |w| {
            w.spec("tea").status = Field::Set(Status::Paused);
        }),
        ("a survey less", |w| {
            w.spec("paused").status = Field::Set(Status::Live);
        }),
        ("what becomes of a removed one", |w| {
            w.remembered("removed").policy.on_remove = OnRemove::Forget;
        }),
        ("a price nobody manages of what is launched", |w| {
            w.spec("launched").cpi = Field::Absent;
            w.remembered("launched").applied.cpi = Field::Absent;
            w.seen("launched").spec.cpi = Field::Set(usd("3.76"));
        }),
        ("a price nobody manages of what is changed", |w| {
            w.spec("asked").cpi = Field::Absent;
            w.seen("asked").spec.cpi = Field::Set(usd("3.76"));
        }),
        ("a goal nobody manages", |w| {
            w.spec("asked").completes = Field::Absent;
            w.seen("asked").spec.completes = Field::Set(401);
        }),
        ("a price without bound", |w| {
            w.spec("asked").cpi = Field::Absent;
            w.remembered("asked").applied.cpi = Field::Absent;
            w.seen("asked").spec.cpi = Field::Null;
        }),
    ];
    let mut names = vec![reviewed];
    for (what, change) in meant {
        let mut world = base.clone();
        change(&mut world);
        let name = name(&world);
        assert!(!names.contains(&name), "{what}");
        names.push(name);
    }
}

#[test]
fn every_field_before_and_after_is_part_of_the_name() {
    for row in infield::model::fields::ROWS
        .iter()
        .filter(|row| row.form.is_one_value())
    {
        let values = crate::drift::three(row.form);
        let mut names = Vec::new();
        for (before, after) in [(0, 1), (0, 2), (1, 2), (2, 1)] {
            let mut plan = under_review().plan();
            let (before, after) = (values[before].clone(), values[after].clone());
            plan.steps[0].changes.push(Change::new(row.path, before, after));
            let name = hash::hash(&plan);
            assert!(!names.contains(&name), "{}", row.path);
            names.push(name);
        }
    }
}

#[test]
fn every_part_of_a_step_either_belongs_to_the_name_or_does_not() {
    let base = under_review().plan();
    let reviewed = hash::hash(&base);
    let changed = |change: &dyn Fn(&mut Plan)| {
        let mut plan = base.clone();
        change(&mut plan);
        hash::hash(&plan)
    };
    let other = || Call::new(Method::Put, "/other", CallClass::IdempotentWrite, "");
    let meant: [&dyn Fn(&mut Plan); 17] = [
        &|p| p.environment.push('x'),
        &|p| p.steps[0].id.push('x'),
        &|p| p.steps[0].address = Address::survey("x"),
        &|p| p.steps[0].vendor = infield::marketplace::CINT,
        &|p| p.steps[0].action = Action::Forget,
        &|p| p.steps[0].changes[0].path.push('x'),
        &|p| p.steps[0].changes[0].before = json!("x").into(),
        &|p| p.steps[0].changes[0].after = json!("x").into(),
        &|p| drop(p.steps[0].changes.pop()),
        &|p| p.steps[0].calls[0].method = Method::Delete,
        &|p| p.steps[0].calls[0].path.push('x'),
        &|p| p.steps[0].calls[0].body = Some(json!({"x": 1}).into()),
        &|p| p.steps[0].calls[0].otherwise = Some(Box::new(other())),
        &|p| p.steps[0].calls.push(other()),
        &|p| p.steps[0].resumes.push(other()),
        &|p| p.steps[0].depends_on.push("x".to_owned()),
        &|p| drop(p.ceilings.pop_first()),
    ];
    for (index, change) in meant.into_iter().enumerate() {
        assert_ne!(changed(change), reviewed, "{index}");
    }
    let said: [&dyn Fn(&mut Plan); 15] = [
        &|p| p.steps.reverse(),
        &|p| p.steps[0].reason.push('x'),
        &|p| p.steps[0].changes[0].remark = Some("120 collected".to_owned()),
        &|p| p.steps[0].changes[0].drift = true,
        &|p| p.steps[0].guards = Guard::ALL.to_vec(),
        &|p| p.steps[0].adds_exposure = Some(usd("5")),
        &|p| p.steps[0].hidden.push("/x".to_owned()),
        &|p| p.steps[0].calls[0].purpose.push('x'),
        &|p| {
            drop(
                p.steps[0].calls[0]
                    .headers
                    .insert("if-match".to_owned(), "v7".to_owned()),
            );
        },
        &|p| p.steps[0].calls[0].reaches = Some(Status::Live),
        &|p| p.notes.push(Note::blocked(&Address::survey("x"), "x")),
        &|p| p.exposure.clear(),
        &|p| p.unchanged.clear(),
        &|p| p.bookkeeping.clear(),
        &|p| {
            let step = p.steps.pop().unwrap();
            p.held_back.push(step);
        },
    ];
    for (index, change) in said.into_iter().enumerate() {
        assert_eq!(changed(change), reviewed, "{index}");
    }
}

#[test]
fn versions_that_were_read_stand_as_placeholders_in_saved_plans() {
    let mut plan = under_review().plan();
    let read = |call: &mut Call| {
        call.headers.insert("if-match".to_owned(), "v7".to_owned());
        call.headers
            .insert("idempotency-key".to_owned(), KEY_PLACEHOLDER.to_owned());
    };
    plan.steps
        .iter_mut()
        .flat_map(|step| &mut step.calls)
        .for_each(read);
    let step = plan.steps.pop().unwrap();
    plan.held_back.push(step);
    let saved = hash::without_versions(plan.clone());
    assert_eq!(hash::hash(&saved), hash::hash(&plan));
    let calls = saved.intended().flat_map(|step| &step.calls);
    for call in calls {
        let headers: Vec<&str> = call.headers.values().map(String::as_str).collect();
        assert_eq!(headers, [KEY_PLACEHOLDER, VERSION_PLACEHOLDER]);
    }
}

/// The vendors' ids of what is remembered.
fn ids(world: &World) -> BTreeMap<Address, String> {
    let known = world.known.resources.iter();
    known
        .map(|(address, resource)| (address.clone(), resource.id.clone()))
        .collect()
}

/// What of the world's plan is beyond an approval of another plan.
fn beyond(approved: &Plan, now: &World) -> (Vec<String>, usize) {
    let beyond = approval::beyond(&now.plan(), &approval::of(approved), &ids(now));
    (beyond.steps, beyond.money.len())
}

const COVERED: (Vec<String>, usize) = (Vec::new(), 0);

/// The same world after the draft was made and nothing else was done.
fn made(world: &World, name: &str) -> World {
    let mut after = world.clone();
    let spec = after.spec(name).clone();
    after.fielded(name, spec.clone());
    after.left_as(name, Status::Draft);
    *after.spec(name) = spec;
    after
}

#[test]
fn an_approval_covers_what_is_left_of_its_plan() {
    let world = under_review();
    let approved = world.plan();
    assert_eq!(beyond(&approved, &world), COVERED, "all of it");
    let mut half = made(&world, "new");
    assert_eq!(
        half.plan()
            .steps
            .iter()
            .filter(|step| step.id == "new:launch")
            .count(),
        1
    );
    assert_ne!(name(&half), hash::hash(&approved));
    assert_eq!(beyond(&approved, &half), COVERED, "its launch is left");
    // Of a change in several calls, one was made before the process was killed.
    half.seen("edited").quotas[0].completes = 210;
    let plan = half.plan();
    let calls = |plan: &Plan| {
        plan.steps
            .iter()
            .find(|step| step.id == "edited:update")
            .unwrap()
            .calls
            .len()
    };
    assert_eq!((calls(&approved), calls(&plan)), (3, 2));
    assert_eq!(beyond(&approved, &half), COVERED, "two calls of it are left");
    half.collected("edited", 90, &[("men", 50)]);
    half.guard(Guard::Launch, Rule::Deny);
    assert_eq!(beyond(&approved, &half), COVERED, "respondents arrived meanwhile");
}

#[test]
fn an_approval_covers_nothing_that_was_not_in_its_plan() {
    let world = under_review();
    let approved = world.plan();
    let half = made(&world, "new");
    let new: [(&str, Moves); 8] = [
        ("edited:update", |w| {
            w.spec("edited").cpi = Field::Set(usd("3.99"));
        }),
        ("edited:update", |w| {
            w.seen("edited").spec.cpi = Field::Set(usd("3.00"));
        }),
        ("new:update", |w| w.seen("new").spec.cpi = Field::Set(usd("3.00"))),
        ("new:update", |w| {
            w.spec("new").title = Field::Set("Other".to_owned());
        }),
        ("tea:pause", |w| w.spec("tea").status = Field::Set(Status::Paused)),
        ("removed:forget", |w| {
            w.remembered("removed").policy.on_remove = OnRemove::Forget;
        }),
        ("paused:close", |w| {
            w.spec("paused").status = Field::Set(Status::Closed);
        }),
        ("more:create", |w| drop(w.want("more", draft()))),
    ];
    for (step, change) in new {
        let mut now = half.clone();
        change(&mut now);
        assert_eq!(beyond(&approved, &now).0, [step], "{step}");
    }
}

#[test]
fn an_approval_covers_no_more_money_than_was_reviewed() {
    let mut world = under_review();
    world.spec("launched").cpi = Field::Absent;
    world.remembered("launched").applied.cpi = Field::Absent;
    let approved = world.plan();
    let with = |price: Field<Money>| {
        let mut now = made(&world, "new");
        now.seen("launched").spec.cpi = price;
        beyond(&approved, &now)
    };
    assert_eq!(with(Field::Set(usd("3.75"))), COVERED);
    assert_eq!(with(Field::Set(usd("3.00"))), COVERED, "less is no more");
    assert_eq!(with(Field::Set(usd("3.76"))), (Vec::new(), 1));
    assert_eq!(with(Field::Null), (Vec::new(), 1), "no bound is more");
    let [most, dearer, none] = [Some(usd("4")), Some(usd("4.01")), None];
    let euros = "3 EUR".parse().ok();
    assert!(approval::above(most, dearer) && approval::above(most, none) && approval::above(most, euros));
    assert!(!approval::above(most, most) && !approval::above(none, most) && !approval::above(none, none));
}

/// A start that has passed is not shown at Cint, and is sent again with the end that was sent before.
#[test]
fn one_call_that_was_made_may_still_be_wanted_for_the_change_that_nobody_sees() {
    let mut world = World::new();
    world.fielded("one", soda());
    world.spec("one").cpi = Field::Set(usd("4.00"));
    let now = world.plan();
    let [step] = &now.steps[..] else {
        panic!("{:#?}", now.steps)
    };
    assert_eq!(
        (step.action, step.calls.len(), step.changes.len()),
        (Action::Update, 1, 1)
    );
    let mut approved = now.clone();
    let shown = Change::status(Some(Status::Paused), Status::Live);
    approved.steps[0].changes.push(shown);
    let left = |now: &Plan| approval::beyond(now, &approval::of(&approved), &ids(&world)).steps;
    assert_eq!(left(&now), [""; 0]);
    // Another call is another thing, whatever it changes.
    let mut other = now.clone();
    other.steps[0].calls[0].path.push('0');
    assert_eq!(left(&other), ["one:update"]);
}

#[test]
fn what_is_approved_of_one_survey_is_not_approved_of_another() {
    let one = {
        let mut world = World::new();
        world.fielded("one", soda());
        world.fielded("two", soda());
        world.spec("one").cpi = Field::Set(usd("4.00"));
        world
    };
    let approved = one.plan();
    let mut two = one.clone();
    two.spec("one").cpi = Field::Set(usd("3.75"));
    two.spec("two").cpi = Field::Set(usd("4.00"));
    assert_eq!(beyond(&approved, &two).0, ["two:update"]);
    // Nor is what another survey of the same name would be.
    let mut moved = one;
    moved.seen("one").id = "77".to_owned();
    assert_eq!(beyond(&approved, &moved).0, ["one:update"]);
}

#[test]
fn an_approval_covers_the_values_of_what_was_left_half_made() {
    let mut world = under_review();
    let quality = |value: bool| ("data_quality".to_owned(), Field::Set(json!(value)));
    world.spec("new").attributes.extend([quality(true)]);
    let approved = world.plan();
    let mut half = made(&world, "new");
    // The draft is there, and what is set after it is not.
    half.remembered("new").applied.attributes.clear();
    half.seen("new").spec.attributes.remove("data_quality");
    let plan = half.plan();
    let rest = plan.steps.iter().find(|step| step.id == "new:update").unwrap();
    assert_eq!(rest.changes[0].path, "/purespectrum/data_quality");
    assert_eq!(beyond(&approved, &half), COVERED);
    half.spec("new").attributes.extend([quality(false)]);
    assert_eq!(beyond(&approved, &half).0, ["new:update"], "another value");
    half.spec("new").attributes.extend([quality(true)]);
    half.spec("new").title = Field::Set("Other".to_owned());
    assert_eq!(
        beyond(&approved, &half).0,
        ["new:update"],
        "another value beside it"
    );
    // In field its values are nobody's leftovers.
    half.spec("new").title = world.spec("new").title.clone();
    half.seen("new").spec.title = Field::Set("by hand".to_owned());
    assert_eq!(beyond(&approved, &half), COVERED);
    half.left_as("new", Status::Live);
    assert_eq!(beyond(&approved, &half).0, ["new:update"]);
}

#[test]
fn an_approval_covers_the_way_back_in_field_after_a_change_and_no_other() {
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    let soda = Address::survey("soda");
    world.wanted(&soda).spec.title = Field::Set("Soda brands, spring".to_owned());
    let approved = world.plan();
    assert!(!approved.steps[0].resumes.is_empty());
    let ids = world.known.resources.iter();
    let ids = ids
        .map(|(address, resource)| (address.clone(), resource.id.clone()))
        .collect();
    let steps = |world: &VendorsWorld| {
        let plan = world.plan();
        let beyond = approval::beyond(&plan, &approval::of(&approved), &ids);
        (
            plan.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>(),
            beyond.steps,
        )
    };
    // Killed after the pause, and after the change.
    world.at_vendor(&soda, Status::Paused);
    world.remembered(&soda).paused_for_edit = true;
    assert_eq!(
        steps(&world),
        (
            vec!["soda:update".to_owned(), "soda:resume".to_owned()],
            Vec::new()
        )
    );
    world.seen(&soda).spec.title = world.wanted(&soda).spec.title.clone();
    assert_eq!(steps(&world), (vec!["soda:resume".to_owned()], Vec::new()));
    world.wanted(&soda).spec.status = Field::Set(Status::Closed);
    assert_eq!(steps(&world).1, ["soda:close"]);
}

#[test]
fn an_approval_covers_what_an_interruption_left_unknown() {
    // InnovateMR shows neither targets nor prices.
    let us = Address::group("soda", "us");
    let asked = gender_quota(IMR, "men", 1).criteria;
    let mut world = VendorsWorld::new();
    world.fielded(IMR, &Address::survey("soda"), container(IMR));
    let spec = SurveySpec {
        qualifications: Field::Set(asked),
        status: Field::Set(Status::Draft),
        ..fieldable(IMR, 100)
    };
    world.fielded(IMR, &us, spec);
    let edits: [fn(&mut SurveySpec); 2] = [
        |spec| spec.qualifications = Field::Null,
        |spec| spec.max_cpi = Field::Set(usd("4")),
    ];
    for edit in edits {
        let mut world = world.clone();
        edit(&mut world.wanted(&us).spec);
        let approved = world.plan();
        let [step] = approved.steps.as_slice() else {
            panic!("{:?}", approved.steps)
        };
        let ids = world.known.resources.iter();
        let ids = ids
            .map(|(address, resource)| (address.clone(), resource.id.clone()))
            .collect();
        world
            .remembered(&us)
            .about_to_write(Some(recorded(&step.record).0), &step.hidden);
        let left = world.plan();
        assert_ne!(hash::hash(&left), hash::hash(&approved), "{}", step.id);
        let beyond = |plan: &Plan| approval::beyond(plan, &approval::of(&approved), &ids);
        assert!(beyond(&left).is_empty(), "{:?}", left.steps);
        // Another value is another thing.
        world.wanted(&us).spec.max_cpi = Field::Set(usd("5"));
        assert!(!beyond(&world.plan()).is_empty());
    }
}

#[test]
fn forgetting_is_covered_only_where_it_was_approved() {
    let mut world = under_review();
    world.remembered("removed").policy.on_remove = OnRemove::Forget;
    let approved = world.plan();
    assert_eq!(beyond(&approved, &world), COVERED);
    let mut more = world.clone();
    let other = SurveySpec {
        title: Field::Set("Tea".to_owned()),
        locale: Field::Set("en-GB".to_owned()),
        ..soda()
    };
    more.fielded("tea-2", other);
    more.remembered("tea-2").policy.on_remove = OnRemove::Forget;
    more.remove_manifest("tea-2");
    assert_eq!(beyond(&approved, &more).0, ["tea-2:forget"]);
}

#[test]
fn an_approval_covers_what_follows_a_launch_that_came_through_alone() {
    let us = Address::group("soda", "us");
    let mut world = VendorsWorld::new();
    world.fielded(CINT, &Address::survey("soda"), container(CINT));
    world.fielded(CINT, &us, fieldable(CINT, 100));
    world.left_as(&us, Status::Draft);
    let strategy = |spec: &mut SurveySpec, value: &str| {
        let value = Field::Set(json!(value));
        spec.attributes.insert("filling_strategy".to_owned(), value);
    };
    strategy(&mut world.wanted(&us).spec, "completes");
    strategy(&mut world.seen(&us).spec, "completes");
    let approved = world.plan();
    let [launch] = approved.steps.as_slice() else {
        panic!("{:?}", approved.steps)
    };
    assert!(
        launch.action == Action::Launch && launch.calls.len() > 1,
        "{launch:?}"
    );
    let ids = BTreeMap::new();
    let beyond = |world: &VendorsWorld| {
        let plan = world.plan();
        assert_eq!(plan.steps.len(), 1, "{:?}", plan.steps);
        approval::beyond(&plan, &approval::of(&approved), &ids).steps
    };
    assert_eq!(beyond(&world), [""; 0]);
    world.left_as(&us, Status::Live);
    strategy(&mut world.seen(&us).spec, "prescreens");
    assert_eq!(world.plan().steps[0].action, Action::Update);
    assert_eq!(
        beyond(&world),
        [""; 0],
        "the launch came through, and the strategy did not"
    );
    world.wanted(&us).spec.completes = Field::Set(110);
    assert_eq!(beyond(&world), ["soda/us:update"]);
    // A launch alone says nothing about what is written afterwards.
    world.wanted(&us).spec.completes = Field::Set(100);
    let mut alone = world.clone();
    alone.left_as(&us, Status::Draft);
    alone.wanted(&us).spec.attributes.remove("filling_strategy");
    let approved = alone.plan();
    assert_eq!(approved.steps.len(), 1);
    let beyond = approval::beyond(&world.plan(), &approval::of(&approved), &ids);
    assert_eq!(beyond.steps, ["soda/us:update"]);
}
