//! What surveys can cost, what is said where nobody knows, and the limits of several currencies.

use crate::support::*;
use crate::vendors::*;
use infield::marketplace::Markets;
use infield::model::{Address, Field, LiveSurvey, Money, Reading, Status, SurveySpec};
use infield::plan::exposure::{self, Unknown};
use infield::plan::stake::Fielding;
use infield::plan::{
    Action, Exposure, Guard, GuardRules, Marketplaces as _, Note, NoteKind, Plan, Rule, refuse_unapproved,
};
use std::collections::BTreeSet;

fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

fn amounts(exposure: &[Exposure]) -> Vec<String> {
    let of = |e: &Exposure| {
        format!(
            "{} {} -> {}",
            e.after.currency.code(),
            e.before.plain(),
            e.after.plain()
        )
    };
    exposure.iter().map(of).collect()
}

/// 100 completes at 3.00 USD.
fn plain() -> SurveySpec {
    SurveySpec {
        completes: Field::Set(100),
        cpi: Field::Set(usd("3.00")),
        ..SurveySpec::default()
    }
}

#[test]
fn a_ceiling_counts_and_not_the_offer_below_it() {
    let mut spec = plain();
    assert_eq!(wanted(&spec), Some(usd("300.00")));
    spec.max_cpi = Field::Set(usd("4.00"));
    assert_eq!(wanted(&spec), Some(usd("400.00")));
    spec.max_cpi = Field::Null;
    assert_eq!(wanted(&spec), Some(usd("300.00")));
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    let mut group = part(IMR);
    group.cpi = Field::Set(usd("3.00"));
    group.max_cpi = Field::Set(usd("4.00"));
    world.want_at(IMR, "soda/us", group);
    assert_eq!(amounts(&world.plan().exposure), ["USD 0.00 -> 400.00"]);
}

/// What a survey at PureSpectrum can still cost as the vendor shows it.
fn shown(live: &LiveSurvey, applied: &SurveySpec) -> Option<Money> {
    let stake = Fielding::shown(PS, live, applied).stake(Markets::default().of(PS));
    stake.map(|stake| stake.most)
}

fn wanted(spec: &SurveySpec) -> Option<Money> {
    exposure::wanted(Markets::default().of(PS), spec).map(|stake| stake.most)
}

#[test]
fn a_charge_above_its_own_ceiling_is_at_most_what_can_be_spent() {
    let mut spec = plain();
    spec.max_cpi = Field::Set(usd("4.00"));
    let mut live = seen(Status::Live, spec.clone());
    let stake = |live: &LiveSurvey| {
        let stake = Fielding::shown(CINT, live, &spec).stake(Markets::default().of(CINT));
        stake.map(|stake| (stake.most, stake.at_most)).unwrap()
    };
    live.charged = Some(usd("4.00"));
    assert_eq!(stake(&live), (usd("400.00"), false));
    live.charged = Some(usd("9.99"));
    assert_eq!(stake(&live), (usd("999.00"), true));
}

#[test]
fn what_is_collected_costs_nothing_more() {
    let mut live = seen(Status::Live, plain());
    for (collected, left) in [(30, "210.00"), (130, "0.00")] {
        live.fielded = Some(collected);
        assert_eq!(shown(&live, &plain()), Some(usd(left)));
    }
}

#[test]
fn what_a_vendor_hides_is_reckoned_as_it_was_applied() {
    let hidden = SurveySpec::default();
    assert_eq!(wanted(&hidden), None);
    assert_eq!(shown(&seen(Status::Live, hidden), &plain()), Some(usd("300.00")));
    let mut live = seen(Status::Live, plain());
    live.spec.completes = Field::Set(10);
    assert_eq!(shown(&live, &plain()), Some(usd("30.00")));
    // A market price is shown, and it is not what was applied.
    live.spec.cpi = Field::Null;
    assert_eq!(shown(&live, &plain()), None);
}

fn seen(status: Status, spec: SurveySpec) -> LiveSurvey {
    LiveSurvey {
        status: Some(status),
        spec,
        fielded: Some(0),
        ..LiveSurvey::default()
    }
}

#[test]
fn a_price_that_the_vendor_takes_over_in_field_is_out_of_sight() {
    let market = SurveySpec {
        cpi: Field::Null,
        ..plain()
    };
    assert!(exposure::out_of_sight(
        Markets::default().of(PS),
        &seen(Status::Live, market.clone()),
        &plain()
    ));
    assert!(!exposure::out_of_sight(
        Markets::default().of(PS),
        &seen(Status::Paused, market.clone()),
        &plain()
    ));
    assert!(!exposure::out_of_sight(
        Markets::default().of(PS),
        &seen(Status::Live, plain()),
        &plain()
    ));
    // Nobody could tell before either.
    assert!(!exposure::out_of_sight(
        Markets::default().of(PS),
        &seen(Status::Live, market.clone()),
        &market
    ));
}

#[test]
fn what_leaves_the_field_takes_what_it_still_could_cost() {
    let ended = |live: LiveSurvey| {
        exposure::ended(Markets::default().of(PS), &live, &SurveySpec::default())
            .map(|money| money.to_string())
    };
    assert_eq!(ended(seen(Status::Live, plain())).as_deref(), Some("-300.00 USD"));
    assert_eq!(ended(seen(Status::Paused, plain())), None);
    let mut full = seen(Status::Live, plain());
    full.fielded = Some(100);
    assert_eq!(ended(full), None);
}

#[test]
fn a_hidden_price_counts_wherever_a_survey_in_field_does() {
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    world.fielded_at(IMR, "soda/us", part(IMR));
    let live = world.seen("soda/us");
    live.spec.cpi = Field::Absent;
    live.spec.max_cpi = Field::Absent;
    assert_eq!(amounts(&world.plan().exposure), ["USD 400.00 -> 400.00"]);
    assert_eq!(drifted(&world), ["USD 400.00 -> 400.00"]);
    for wanted in [Status::Paused, Status::Closed] {
        world.spec("soda/us").status = Field::Set(wanted);
        assert_eq!(
            amounts(&world.plan().exposure),
            ["USD 400.00 -> 0.00"],
            "{wanted}"
        );
    }
}

#[test]
fn what_adds_nothing_is_not_refused_for_what_others_add() {
    let mut world = World::new();
    world.want("cola", soda());
    let mut free = soda();
    free.cpi = Field::Set(usd("0.00"));
    world.fielded("full", free);
    world.left_as("full", Status::Paused);
    world.guards.max_increase.insert("USD".to_owned(), usd("1499.99"));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["cola:create", "full:resume"]);
    assert_eq!(plan.steps[1].adds_exposure, Some(usd("0.00")));
}

fn verdict(rules: &GuardRules, spec: &SurveySpec) -> Option<(String, String)> {
    let note = exposure::check_price(rules, &Address::survey("soda"), spec)?;
    assert_eq!(note.kind, NoteKind::Refused);
    Some((note.message, note.path.unwrap()))
}

#[test]
fn a_price_limit_judges_the_ceiling_where_there_is_one_and_the_offer_otherwise() {
    let mut rules = GuardRules::default();
    let mut spec = plain();
    assert_eq!(verdict(&rules, &spec), None, "no limit");
    rules.max_cpi.insert("USD".to_owned(), usd("3.00"));
    assert_eq!(verdict(&rules, &spec), None, "met exactly");
    spec.cpi = Field::Set(usd("3.01"));
    let (message, path) = verdict(&rules, &spec).unwrap();
    assert_eq!(
        message,
        "a CPI of 3.01 USD is above the environment's max_cpi of 3.00 USD"
    );
    assert_eq!(path, "/cpi");
    spec.max_cpi = Field::Set(usd("3.00"));
    assert_eq!(verdict(&rules, &spec), None, "nobody pays more than the ceiling");
    spec.cpi = Field::Set(usd("1.00"));
    spec.max_cpi = Field::Set(usd("3.01"));
    let (message, path) = verdict(&rules, &spec).unwrap();
    assert_eq!(
        message,
        "a CPI of 3.01 USD is above the environment's max_cpi of 3.00 USD"
    );
    assert_eq!(path, "/max_cpi");
    spec.max_cpi = Field::Null;
    assert_eq!(
        verdict(&rules, &spec),
        None,
        "a ceiling that was taken away is none"
    );
    spec.cpi = Field::Null;
    let (message, path) = verdict(&rules, &spec).unwrap();
    assert_eq!(
        message,
        "the market price has no ceiling, and this environment sets `max_cpi`"
    );
    assert_eq!(path, "/cpi");
    spec.cpi = Field::Absent;
    assert_eq!(verdict(&rules, &spec), None, "a price that is not written");
}

#[test]
fn a_price_in_a_currency_without_a_limit_is_refused_where_prices_are_limited() {
    let mut rules = GuardRules::default();
    rules.max_cpi.insert("EUR".to_owned(), eur("100.00"));
    let (message, path) = verdict(&rules, &plain()).unwrap();
    assert_eq!(message, "the environment's max_cpi names no limit for USD");
    assert_eq!(path, "/cpi");
    let line = exposure::check_price(&rules, &Address::survey("soda"), &plain())
        .unwrap()
        .help;
    let wanted = "write `max_cpi: {EUR: 100.00, USD: AMOUNT}` under `guards` in infield.yaml";
    assert_eq!(line.as_deref(), Some(wanted));
    let mut world = World::new();
    world.guards = rules;
    world.want("soda", soda());
    assert!(world.plan().is_empty());
    world.guards.max_cpi.insert("USD".to_owned(), usd("3.75"));
    assert_eq!(ids(&world.plan()), ["soda:create", "soda:launch"]);
}

#[test]
fn an_exposure_in_a_currency_without_a_limit_does_not_rise_where_the_exposure_is_limited() {
    for key in ["max_increase", "max_total"] {
        let mut world = World::new();
        world.want("soda", soda());
        world.fielded("cola", soda());
        world.spec("cola").status = Field::Set(Status::Paused);
        let limits = |world: &mut World, money: Money| {
            let limits = match key {
                "max_increase" => &mut world.guards.max_increase,
                _ => &mut world.guards.max_total,
            };
            limits.insert(money.currency.code().to_owned(), money);
        };
        limits(&mut world, eur("100.00"));
        let plan = world.plan();
        // What lowers it needs no limit, and without the rise nothing else does.
        assert_eq!(ids(&plan), ["cola:pause", "soda:create", "soda:launch"], "{key}");
        world.spec("cola").status = Field::Set(Status::Live);
        let plan = world.plan();
        assert_eq!(ids(&plan), ["soda:create"], "{key}");
        let note = &plan.notes[0];
        let message = format!(
            "launch is refused by the guard `exposure`: the environment's {key} names no limit for USD"
        );
        assert_eq!(note.message, message);
        let line =
            format!("write `{key}: {{EUR: 100.00, USD: AMOUNT}}` under `guards.exposure` in infield.yaml");
        assert_eq!(note.help.as_deref(), Some(line.as_str()));
        limits(&mut world, usd("1000000.00"));
        assert_eq!(ids(&world.plan()), ["soda:create", "soda:launch"], "{key}");
    }
}

fn said(rules: &GuardRules, reason: Unknown) -> Note {
    exposure::unknown(rules, &Address::survey("soda"), Action::Resume, reason)
}

#[test]
fn what_nobody_knows_is_under_no_limit() {
    let mut rules = GuardRules::default();
    rules.max_cpi.insert("USD".to_owned(), usd("3.00"));
    let note = said(&rules, Unknown::FromVendor);
    assert_eq!((note.kind, note.help), (NoteKind::Advice, None));
    insta::assert_snapshot!(note.message, @"its exposure is not known: market price: no bound");
    for increase in [true, false] {
        let mut rules = GuardRules::default();
        let limits = if increase {
            &mut rules.max_increase
        } else {
            &mut rules.max_total
        };
        limits.insert("USD".to_owned(), usd("1000000"));
        let note = said(&rules, Unknown::FromVendor);
        assert_eq!(note.kind, NoteKind::Refused);
        insta::allow_duplicates! {
            insta::assert_snapshot!(note.message, @"resume is refused by the guard `exposure`: how much it would add is not known, market price: no bound");
            insta::assert_snapshot!(note.help.unwrap(), @"set `cpi` and `completes` in the manifest, so that the limits of infield.yaml can be checked");
        }
    }
}

fn drifted(world: &World) -> Vec<String> {
    world.with_inputs(&Markets::default(), |inputs| amounts(&exposure::drifted(inputs)))
}

#[test]
fn only_what_was_left_in_field_counts_as_left_there() {
    let mut world = World::new();
    world.fielded("soda", soda());
    assert_eq!(drifted(&world), ["USD 1500.00 -> 1500.00"]);
    world.at_vendor("soda", Status::Paused);
    assert_eq!(drifted(&world), ["USD 1500.00 -> 0.00"]);
    world.left_as("soda", Status::Paused);
    assert_eq!(drifted(&world), Vec::<String>::new());
    world.at_vendor("soda", Status::Live);
    assert_eq!(drifted(&world), ["USD 0.00 -> 1500.00"]);
}

#[test]
fn drift_of_the_exposure_has_every_currency_and_nothing_that_was_not_read() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.seen("soda").spec.cpi = Field::Set(eur("2.00"));
    world.fielded("tea", soda());
    world.seen("tea").spec.completes = Field::Set(500);
    world.collected("tea", 100, &[]);
    let unread = world.fielded("unread", soda());
    let why = "timeout".to_owned();
    world.live.surveys.insert(unread, Reading::Unknown { why });
    assert_eq!(drifted(&world), ["EUR 0.00 -> 800.00", "USD 2625.00 -> 1500.00"]);
}

#[test]
fn both_limits_hold_side_by_side() {
    let mut world = World::new();
    world.fielded("tea", soda());
    world.want("soda", soda());
    world.guards.max_increase.insert("USD".to_owned(), usd("1500.00"));
    world.guards.max_total.insert("USD".to_owned(), usd("3000.00"));
    assert_eq!(
        ids(&world.plan()),
        ["soda:create", "soda:launch"],
        "both are met exactly"
    );
    world.guards.max_total.insert("USD".to_owned(), usd("2999.99"));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: the exposure would be 3000.00 USD, above max_total 2999.99 USD");
    world.guards.max_increase.insert("USD".to_owned(), usd("1499.99"));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: the exposure would rise by 1500.00 USD, above max_increase 1499.99 USD");
}

/// One survey in dollars and one in euros, both wanted in field: 1500.00 each.
fn two_currencies() -> World {
    let mut world = World::new();
    world.want("dollars", soda());
    let mut spec = soda();
    spec.cpi = Field::Set(eur("3.75"));
    world.want("euros", spec);
    world
}

#[test]
fn each_currency_is_held_to_its_own_limit() {
    let all = ["dollars:create", "dollars:launch", "euros:create", "euros:launch"];
    let mut world = two_currencies();
    assert_eq!(ids(&world.plan()), all);
    assert_eq!(
        amounts(&world.plan().exposure),
        ["EUR 0.00 -> 1500.00", "USD 0.00 -> 1500.00"]
    );
    // The first in the order of the codes keeps to its limit, the second does not.
    world.guards.max_increase.insert("EUR".to_owned(), eur("1500.00"));
    world.guards.max_increase.insert("USD".to_owned(), usd("1499.99"));
    assert_eq!(
        ids(&world.plan()),
        ["dollars:create", "euros:create", "euros:launch"]
    );
    assert_eq!(amounts(&world.plan().exposure), ["EUR 0.00 -> 1500.00"]);
    world.guards.max_increase.insert("EUR".to_owned(), eur("1499.99"));
    world.guards.max_increase.insert("USD".to_owned(), usd("1500.00"));
    assert_eq!(
        ids(&world.plan()),
        ["dollars:create", "dollars:launch", "euros:create"]
    );
    world.guards.max_increase.insert("USD".to_owned(), usd("1.00"));
    assert_eq!(ids(&world.plan()), ["dollars:create", "euros:create"]);
    // A currency for which nothing is said is not free of limits.
    world.guards.max_increase.remove("EUR");
    assert_eq!(ids(&world.plan()), ["dollars:create", "euros:create"]);
    world.guards.max_increase.clear();
    world.guards.max_total.insert("USD".to_owned(), usd("1499.99"));
    assert_eq!(ids(&world.plan()), ["dollars:create", "euros:create"]);
    world.guards.max_total.insert("EUR".to_owned(), eur("1500.00"));
    assert_eq!(
        ids(&world.plan()),
        ["dollars:create", "euros:create", "euros:launch"]
    );
}

#[test]
fn a_close_that_is_denied_makes_no_room_under_a_limit() {
    let mut world = World::new();
    world.fielded("tea", soda());
    world.spec("tea").status = Field::Set(Status::Closed);
    world.want("soda", soda());
    world.guards.max_increase.insert("USD".to_owned(), usd("1000.00"));
    let all = ["soda:create", "soda:launch", "tea:close"];
    assert_eq!(ids(&world.plan()), all, "one for the other");
    world.guard(Guard::Close, Rule::Deny);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    assert_eq!(amounts(&plan.exposure), ["USD 1500.00 -> 1500.00"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: the exposure would rise by 1500.00 USD, above max_increase 1000.00 USD");
}

#[test]
fn a_launch_that_is_denied_takes_no_room_under_a_limit() {
    let mut world = World::new();
    world.fielded("tea", soda());
    world.spec("tea").completes = Field::Set(500);
    world.want("soda", soda());
    world.guards.max_increase.insert("USD".to_owned(), usd("1000.00"));
    assert_eq!(ids(&world.plan()), ["soda:create"], "both together are too much");
    world.guard(Guard::Launch, Rule::Deny);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create", "tea:update"]);
    assert_eq!(amounts(&plan.exposure), ["USD 1500.00 -> 1875.00"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is denied by the guard `launch`");
}

#[test]
fn a_close_that_is_not_approved_makes_no_room_under_a_limit() {
    let mut world = World::new();
    world.fielded("tea", soda());
    world.spec("tea").status = Field::Set(Status::Closed);
    world.want("soda", soda());
    world.guards.max_increase.insert("USD".to_owned(), usd("1000.00"));
    let mut plan = world.plan();
    let notes = plan.notes.len();
    let approved = BTreeSet::from([Guard::Launch]);
    let gone = refuse_unapproved(&world.guards, &approved, &mut plan);
    assert_eq!(ids(&plan), ["soda:create"]);
    let told: Vec<String> = gone
        .iter()
        .zip(&plan.notes[notes..])
        .map(|(step, note)| format!("{}: {} {}", step.id, note.address, note.message))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    tea:close: tea it needs the approval `close` (--allow close)
    soda:launch: soda launch is refused by the guard `exposure`: the exposure would rise by 1500.00 USD, above max_increase 1000.00 USD
    ");
    let mut plan = world.plan();
    let approved = BTreeSet::from([Guard::Launch, Guard::Close]);
    assert_eq!(refuse_unapproved(&world.guards, &approved, &mut plan), []);
    assert_eq!(ids(&plan), ["soda:create", "soda:launch", "tea:close"]);
}

#[test]
fn what_a_refused_step_takes_along_makes_no_room_in_another_currency() {
    // No plan lowers one currency only after it raised another, so one is bent until it does.
    let mut rules = GuardRules::default();
    rules.max_increase.insert("EUR".to_owned(), eur("1000.00"));
    rules.max_increase.insert("USD".to_owned(), usd("1000.00"));
    for (lowers, raises) in [(eur("0"), "dollars"), (usd("0"), "euros")] {
        let mut world = two_currencies();
        world.fielded("tea", soda());
        world.spec("tea").status = Field::Set(Status::Paused);
        let mut plan = world.plan();
        plan.exposure.clear();
        let pause = plan.steps.iter_mut().find(|step| step.id == "tea:pause").unwrap();
        pause.depends_on.push(format!("{raises}:launch"));
        pause.adds_exposure = Some(Money::new((-1500).into(), lowers.currency));
        let gone = exposure::apply_limits(&rules, &mut plan);
        assert_eq!(gone.len(), 3, "{lowers}");
        assert_eq!(ids(&plan), ["dollars:create", "euros:create"], "{lowers}");
    }
}

/// In field at a market price.
fn at_market_price() -> World {
    let mut world = World::new();
    let mut spec = soda();
    spec.cpi = Field::Null;
    world.fielded("soda", spec);
    world
}

#[test]
fn more_completes_at_a_market_price_are_unknown_and_fewer_are_no_raise() {
    let mut world = at_market_price();
    world.spec("soda").completes = Field::Set(500);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update"]);
    assert_eq!(plan.steps[0].adds_exposure, None);
    assert_eq!(plan.notes[0].kind, NoteKind::Advice);
    insta::assert_snapshot!(plan.notes[0].message, @"its exposure is not known: market price: no bound");
    world.guards.max_total.insert("USD".to_owned(), usd("9999.00"));
    let plan = world.plan();
    assert_eq!(ids(&plan), Vec::<&str>::new());
    assert_eq!(plan.notes[0].kind, NoteKind::Refused);
    for fewer in [399, 1] {
        world.spec("soda").completes = Field::Set(fewer);
        let plan = world.plan();
        assert_eq!(ids(&plan), ["soda:update"], "{fewer}");
        assert_eq!(plan.notes, []);
    }
    world.spec("soda").completes = Field::Set(400);
    world.spec("soda").title = Field::Set("Soda, again".to_owned());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update"], "a title raises nothing");
    assert_eq!(plan.notes, []);
}

#[test]
fn a_price_in_place_of_a_market_price_counts_in_full() {
    let mut world = at_market_price();
    world.spec("soda").cpi = Field::Set(usd("3.75"));
    let plan = world.plan();
    assert_eq!(plan.steps[0].adds_exposure, Some(usd("1500.00")));
    assert_eq!(plan.notes, []);
    world.guards.max_increase.insert("USD".to_owned(), usd("1499.99"));
    assert!(world.plan().is_empty());
}

#[test]
fn a_price_in_another_currency_is_no_sum_of_either() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").cpi = Field::Set(eur("100.00"));
    let plan = world.plan();
    assert_eq!(plan.steps[0].adds_exposure, None);
    assert_eq!(amounts(&plan.exposure), ["USD 1500.00 -> 1500.00"]);
    assert_eq!(plan.notes[0].kind, NoteKind::Advice);
    insta::assert_snapshot!(plan.notes[0].message, @"its exposure is not known: its price changes to another currency while it is in field");
    // What is not known is under no limit, in whatever currency that is.
    world.guards.max_total.insert("EUR".to_owned(), eur("1000000"));
    let plan = world.plan();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan.notes[0].message, @"update is refused by the guard `exposure`: how much it would add is not known, its price changes to another currency while it is in field");
    insta::assert_snapshot!(plan.notes[0].help.as_ref().unwrap(), @"keep the currency of the price, or change it while it is paused");
    // Out of field it costs nothing, and the way back counts in full.
    world.left_as("soda", Status::Paused);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:update", "soda:resume"]);
    assert_eq!(plan.steps[0].adds_exposure, None);
    assert_eq!(plan.steps[1].adds_exposure, Some(eur("40000.00")));
}

#[test]
fn a_second_step_adds_what_it_adds_to_the_first() {
    // The price is written before the goal, which Cint takes together with who is asked.
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    let spec = world.spec("soda/us");
    spec.cpi = Field::Set(usd("5.00"));
    spec.completes = Field::Set(150);
    spec.qualifications = Field::Set(vec![years(CINT, 18, 74)].into());
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda/us:update", "soda/us:update-targeting"]);
    let adds: Vec<Option<Money>> = plan.steps.iter().map(|step| step.adds_exposure).collect();
    assert_eq!(adds, [Some(usd("100.00")), Some(usd("250.00"))]);
    assert_eq!(amounts(&plan.exposure), ["USD 400.00 -> 750.00"]);
    // It was a market price before, which the first step ends.
    world.remembered("soda/us").applied.cpi = Field::Null;
    world.seen("soda/us").spec.cpi = Field::Null;
    let plan = world.plan();
    let adds: Vec<Option<Money>> = plan.steps.iter().map(|step| step.adds_exposure).collect();
    assert_eq!(adds, [Some(usd("500.00")), Some(usd("250.00"))]);
    assert_eq!(plan.notes, [], "all of it is known");
}

#[test]
fn the_dearest_that_nobody_counted_are_counted_before_a_limit_on_the_total_is_broken() {
    let mut world = World::with_libraries();
    for (name, completes) in [("cola", 100), ("soda", 300), ("tea", 200)] {
        let mut spec = part(PS);
        spec.completes = Field::Set(completes);
        priced(PS, &mut spec, "1.00");
        world.fielded_at(PS, name, spec);
    }
    for name in ["cola", "soda", "tea"] {
        world.seen(name).fielded = None;
    }
    let dearest = |world: &World| {
        let plan = world.plan();
        let markets = Markets::default();
        let found = world.with_inputs(&markets, |inputs| exposure::dearest_uncounted(inputs, &plan));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    world.guards.max_total.insert("USD".to_owned(), usd("1.00"));
    assert_eq!(dearest(&world), [""; 0], "nothing is planned");
    world.guards.max_total.clear();
    let mut more = part(PS);
    more.completes = Field::Set(100);
    priced(PS, &mut more, "1.00");
    world.want_at(PS, "water", more);
    assert_eq!(dearest(&world), [""; 0], "no limit needs it");
    world.guards.max_total.insert("USD".to_owned(), usd("700.00"));
    assert_eq!(dearest(&world), [""; 0], "within the limit to the cent");
    world.guards.max_total.insert("USD".to_owned(), usd("699.99"));
    assert_eq!(dearest(&world), ["soda", "tea", "cola"]);
    // What was counted is not asked again.
    world.seen("soda").fielded = Some(0);
    assert_eq!(dearest(&world), ["tea", "cola"]);
    world.guards.max_total.clear();
    world.guards.max_increase.insert("USD".to_owned(), usd("1.00"));
    assert_eq!(
        dearest(&world),
        [""; 0],
        "what is there already is no part of the increase"
    );
}
