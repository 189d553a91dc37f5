//! What quotas cap: the smallest layer that everybody belongs to, where the marketplace stops at it.

use crate::support::*;
use crate::vendors::*;
use infield::marketplace::Markets;
use infield::model::known::Job;
use infield::model::{Answers, Criterion, Field, Money, Quota, Range, Status, SurveySpec};
use infield::plan::{Guard, Marketplaces as _, NoteKind, Plan, Rule, exposure};
use infield::report::PlanReport;
use serde_json::json;

pub(crate) fn gender(codes: &[&str]) -> Criterion {
    Criterion {
        question: "211".to_owned(),
        unit: None,
        answers: Answers::codes(codes.iter().copied()),
    }
}

pub(crate) fn years_of(from: i64, to: i64) -> Criterion {
    Criterion {
        question: "212".to_owned(),
        unit: Some("311".to_owned()),
        answers: Answers::ranges([Range { from, to }]),
    }
}

fn halves(men: u64, women: u64) -> Vec<Quota> {
    vec![
        quota("men", men, vec![gender(&["111"])]),
        quota("women", women, vec![gender(&["112"])]),
    ]
}

/// 400 completes at 3.00 USD of men and women, who have quotas.
fn soft(men: u64, women: u64) -> SurveySpec {
    SurveySpec {
        cpi: Field::Set(usd("3.00")),
        qualifications: Field::Set(vec![gender(&["111", "112"])].into()),
        quotas: Field::Set(halves(men, women).into()),
        ..soda()
    }
}

fn after(plan: &Plan) -> String {
    plan.exposure[0].after.plain()
}

fn change(plan: &Plan) -> String {
    let e = &plan.exposure[0];
    format!("{} {} {}", e.before.plain(), e.after.plain(), e.change().plain())
}

fn advice(plan: &Plan) -> Vec<&str> {
    let notes = plan.notes.iter().filter(|note| note.kind == NoteKind::Advice);
    notes.map(|note| note.message.as_str()).collect()
}

#[test]
fn a_soft_launch_counts_as_what_it_can_buy() {
    let mut world = World::new();
    world.want("soda", soft(20, 20));
    let plan = world.plan();
    assert_eq!(change(&plan), "0.00 120.00 120.00");
    insta::assert_snapshot!(advice(&plan)[0], @"the quotas over gender sum to 40 of 400 completes: a soft launch, no more than 40 can be collected");
    world.guards.max_increase.insert("USD".to_owned(), usd("500.00"));
    assert_eq!(world.plan().steps.len(), 2, "120 USD are within a limit of 500");
    world.guards.max_increase.insert("USD".to_owned(), usd("119.99"));
    assert_eq!(world.plan().steps.len(), 1, "120 USD are above a limit of 119.99");
    world.guards.max_increase.clear();
    world.guards.max_total.insert("USD".to_owned(), usd("500.00"));
    assert_eq!(world.plan().steps.len(), 2);
}

#[test]
fn a_ramp_is_the_rise_it_is() {
    let mut world = World::new();
    world.fielded("soda", soft(20, 20));
    world.collected("soda", 10, &[("men", 6), ("women", 4)]);
    assert_eq!(change(&world.plan()), "90.00 90.00 0.00");
    world.quota("soda", "men").completes = 200;
    world.quota("soda", "women").completes = 200;
    let plan = world.plan();
    assert_eq!(change(&plan), "90.00 1170.00 1080.00");
    assert_eq!(plan.steps[0].adds_exposure, Some(usd("1080.00")));
    assert!(advice(&plan).is_empty(), "{:?}", plan.notes);
    world.guards.max_increase.insert("USD".to_owned(), usd("1079.99"));
    assert!(world.plan().is_empty(), "1080 USD do not pass unseen");
}

#[test]
fn a_cut_that_makes_a_soft_launch_is_said_in_the_plan() {
    let mut world = World::new();
    world.fielded("soda", soft(200, 200));
    world.quota("soda", "men").completes = 20;
    let plan = world.plan();
    assert_eq!(change(&plan), "1200.00 660.00 -540.00");
    insta::assert_snapshot!(advice(&plan)[0], @"the quotas over gender sum to 220 of 400 completes: a soft launch, no more than 220 can be collected");
}

#[test]
fn a_layer_that_somebody_falls_through_caps_nothing() {
    let mut world = World::new();
    let mut spec = soft(20, 20);
    spec.qualifications = Field::Set(vec![].into());
    world.want("soda", spec.clone());
    let plan = world.plan();
    assert_eq!(after(&plan), "1200.00");
    insta::assert_snapshot!(advice(&plan)[0], @"the quotas over gender sum to 40 of 400 completes and do not cap it: who answers gender: prefer-not-to-say belongs to none of them");
    quotas(&mut spec).push(quota("others", 5, vec![gender(&["113"])]));
    world.want("soda", spec.clone());
    assert_eq!(
        after(&world.plan()),
        "135.00",
        "every answer of the codebook has a quota"
    );
    // Ages without bounds are nobody's to cover.
    spec.quotas = Field::Set(
        vec![
            quota("young", 20, vec![years_of(18, 34)]),
            quota("old", 20, vec![years_of(35, 64)]),
        ]
        .into(),
    );
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "1200.00");
    spec.qualifications = Field::Set(vec![years_of(18, 64)].into());
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "120.00");
    quotas(&mut spec)[1].criteria = vec![years_of(36, 64)].into();
    world.want("soda", spec);
    assert_eq!(after(&world.plan()), "1200.00", "who is 35 falls through");
}

#[test]
fn the_smallest_layer_counts_and_crossed_quotas_are_one() {
    let mut world = World::new();
    let mut spec = soft(60, 60);
    spec.qualifications = Field::Set(vec![gender(&["111", "112"]), years_of(18, 64)].into());
    quotas(&mut spec).extend([
        quota("young", 30, vec![years_of(18, 34)]),
        quota("old", 20, vec![years_of(35, 64)]),
    ]);
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "150.00");
    let cell = |name: &str, count: u64, code: &str, from, to| {
        quota(name, count, vec![gender(&[code]), years_of(from, to)])
    };
    spec.quotas = Field::Set(
        vec![
            cell("a", 5, "111", 18, 34),
            cell("b", 6, "111", 35, 64),
            cell("c", 7, "112", 18, 34),
            cell("d", 8, "112", 35, 64),
        ]
        .into(),
    );
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "78.00");
    // Nobody is left out by quotas that are over different questions together.
    spec.quotas = Field::Set(
        vec![
            quota("men", 10, vec![gender(&["111"])]),
            cell("c", 7, "112", 18, 34),
            cell("d", 8, "112", 35, 64),
        ]
        .into(),
    );
    world.want("soda", spec);
    assert_eq!(after(&world.plan()), "75.00");
}

#[test]
fn re_allocated_completes_are_capped_by_the_goal_alone() {
    let mut world = World::new();
    let mut spec = soft(20, 20);
    spec.attributes.insert("qlc".to_owned(), Field::Set(json!(true)));
    world.want("soda", spec.clone());
    let plan = world.plan();
    assert_eq!(after(&plan), "1200.00");
    assert!(advice(&plan).is_empty());
    spec.attributes.insert("qlc".to_owned(), Field::Set(json!(false)));
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "120.00");
    // What the vendor shows counts where the manifest does not say.
    spec.attributes.remove("qlc");
    world.fielded("soda", spec);
    world
        .seen("soda")
        .spec
        .attributes
        .insert("qlc".to_owned(), Field::Set(json!(true)));
    assert_eq!(change(&world.plan()), "1200.00 1200.00 0.00");
}

#[test]
fn what_a_template_brings_is_in_doubt_until_it_is_seen() {
    let mut world = World::new();
    world.templates(&[15]);
    let mut spec = soft(20, 20);
    spec.template = Field::Set(15);
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "1200.00");
    spec.attributes.insert("qlc".to_owned(), Field::Set(json!(false)));
    world.want("soda", spec.clone());
    assert_eq!(after(&world.plan()), "120.00", "the manifest says it");
    spec.attributes.remove("qlc");
    world.fielded("soda", spec);
    assert_eq!(after(&world.plan()), "120.00", "it is seen");
}

#[test]
fn quotas_cap_nothing_where_a_marketplace_is_not_known_to_stop() {
    for vendor in [IMR, CINT] {
        let mut spec = part(vendor);
        let stake = |spec: &SurveySpec| {
            exposure::wanted(Markets::default().of(vendor), spec)
                .unwrap()
                .most
        };
        let without = stake(&spec);
        spec.quotas = Field::Set(
            vec![
                quota("young", 1, vec![years(vendor, 18, 34)]),
                quota("old", 1, vec![years(vendor, 35, 64)]),
            ]
            .into(),
        );
        assert_eq!(stake(&spec), without, "{vendor}");
        assert!(!vendor.facts().quotas_stop.source.is_empty());
    }
}

#[test]
fn counters_that_were_not_read_count_as_none_and_that_is_said() {
    let mut world = World::new();
    world.fielded("soda", soft(20, 20));
    world.collected("soda", 10, &[("men", 6), ("women", 4)]);
    for quota in &mut world.seen("soda").quotas {
        quota.fielded = None;
    }
    let plan = world.plan();
    assert_eq!(change(&plan), "120.00 120.00 0.00");
    assert!(plan.exposure[0].at_most);
    insta::assert_snapshot!(world.text(), @r"
    Exposure: 120.00 USD, not changed by this plan.
      USD: at most; completes that were not counted, and quotas that go, take nothing off
    Nothing to do: everything is as wanted (1 unchanged).
    ");
    world.collected("soda", 395, &[]);
    let plan = world.plan();
    assert_eq!(after(&plan), "15.00", "the goal is nearer");
    assert!(!plan.exposure[0].at_most);
}

#[test]
fn what_people_under_way_may_add_stands_beside_it_where_nothing_throttles() {
    let mut world = World::new();
    world.want("soda", soft(20, 20));
    let plan = world.plan();
    assert_eq!(
        plan.exposure[0].under_way,
        Some(usd("120.00")),
        "80 people for 40 completes at 50 %"
    );
    world.spec("soda").incidence_rate = Field::Set("30".parse().unwrap());
    assert_eq!(
        world.plan().exposure[0].under_way,
        Some(usd("282.00")),
        "134 people"
    );
    world
        .spec("soda")
        .attributes
        .insert("quota_throttling".to_owned(), Field::Set(json!(true)));
    assert_eq!(world.plan().exposure[0].under_way, None);
}

#[test]
fn a_market_price_has_no_bound_and_every_survey_in_field_at_one_is_named() {
    let mut world = World::new();
    let mut spec = soft(20, 20);
    spec.cpi = Field::Null;
    world.fielded("tea", spec.clone());
    world.fielded("out", spec.clone());
    world.left_as("out", infield::model::Status::Paused);
    world.spec("out").status = Field::Set(infield::model::Status::Paused);
    world.want("soda", spec);
    let plan = world.plan();
    let open: Vec<&str> = plan
        .unbounded
        .iter()
        .map(infield::model::Address::as_str)
        .collect();
    assert_eq!(open, ["soda", "tea"]);
    assert!(
        world.text().contains("market price: no bound for soda, tea"),
        "{}",
        world.text()
    );
    world.spec("tea").cpi = Field::Set(usd("3.00"));
    assert_eq!(world.plan().unbounded.len(), 1);
}

#[test]
fn every_step_of_a_survey_says_its_money() {
    let mut world = World::new();
    world.want("new", soft(20, 20));
    world.fielded("ramp", soft(20, 20));
    world.quota("ramp", "men").completes = 200;
    world.fielded("stopped", soft(200, 200));
    world.spec("stopped").status = Field::Set(infield::model::Status::Paused);
    world.fielded("title", soft(200, 200));
    world.spec("title").title = Field::Set("Another".to_owned());
    let steps = PlanReport::from(&world.plan()).steps;
    let told = |step: &infield::report::plan_json::StepReport| {
        let money = step.money.as_ref().unwrap();
        format!(
            "{} {} {} {} {}",
            step.id, money.before, money.after, money.change, money.currency
        )
    };
    let told: Vec<String> = steps.iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    new:create 0.00 0.00 0.00 USD
    new:launch 0.00 120.00 120.00 USD
    ramp:update 120.00 660.00 540.00 USD
    stopped:pause 1200.00 0.00 -1200.00 USD
    title:update 1200.00 1200.00 0.00 USD
    ");
}

#[test]
fn a_boost_a_budget_and_private_prices_count_at_cint() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    let mut spec = part(CINT);
    spec.completes = Field::Set(100);
    spec.cpi = Field::Set(usd("3.00"));
    spec.max_cpi = Field::Absent;
    let mut told = |key: &str, value: serde_json::Value| {
        let mut spec = spec.clone();
        spec.attributes.insert(key.to_owned(), Field::Set(value));
        world.want_at(CINT, "soda/us", spec);
        let plan = world.plan();
        let after: Option<Money> = plan.exposure.first().map(|one| one.after);
        after.map(|money| money.to_string())
    };
    let assistant = |pricing: serde_json::Value| json!({"pricing": pricing});
    let boost = assistant(json!({"type": "rate_card", "boost_cpi": "0.25 USD"}));
    assert_eq!(told("fielding_assistant", boost).as_deref(), Some("325.00 USD"));
    let budget = assistant(json!({"type": "dynamic", "total_budget": "250 USD"}));
    assert_eq!(told("fielding_assistant", budget).as_deref(), Some("250.00 USD"));
    let open = assistant(json!({"type": "dynamic", "minimum_cpi": "1 USD"}));
    assert_eq!(told("fielding_assistant", open), None);
    let private = json!({"private": {"groups": [{"name": "p", "min": 0, "max": 10, "supplier": 4}]}});
    assert_eq!(told("allocations", private), None);
}

fn under_way(world: &World) -> (String, Option<String>) {
    let one = world.plan().exposure[0];
    (one.after.plain(), one.under_way.map(|more| more.plain()))
}

#[test]
fn one_quota_is_entered_anew_while_people_of_another_that_shrinks_are_still_inside() {
    let mut world = World::new();
    world.fielded("soda", soft(20, 10));
    world.quota("soda", "men").completes = 10;
    world.quota("soda", "women").completes = 20;
    // 40 men are inside already, and 40 women are let in: 80 people for 30 places.
    assert_eq!(under_way(&world), ("90.00".to_owned(), Some("150.00".to_owned())));
    // Where only the one shrinks, nobody is let in beside those who are inside.
    world.quota("soda", "women").completes = 10;
    assert_eq!(under_way(&world), ("60.00".to_owned(), Some("120.00".to_owned())));
}

#[test]
fn who_was_let_in_before_an_edit_or_a_pause_may_still_complete() {
    let mut world = World::new();
    world.fielded("soda", soft(20, 20));
    world.quota("soda", "men").completes = 5;
    world.quota("soda", "women").completes = 5;
    // 80 people for 40 places, of which 10 are left.
    assert_eq!(under_way(&world), ("30.00".to_owned(), Some("210.00".to_owned())));
    world.spec("soda").status = Field::Set(Status::Paused);
    assert_eq!(under_way(&world), ("0.00".to_owned(), Some("240.00".to_owned())));
    let throttled = Field::Set(json!(true));
    let setting = "quota_throttling".to_owned();
    world.seen("soda").spec.attributes.insert(setting, throttled);
    assert_eq!(under_way(&world), ("0.00".to_owned(), Some("120.00".to_owned())));
    world.left_as("soda", Status::Paused);
    world.spec("soda").quotas = Field::Absent;
    world.want("other", soft(1, 1));
    assert_eq!(
        under_way(&world).1,
        Some("6.00".to_owned()),
        "nobody is in what is paused"
    );
}

#[test]
fn what_a_vendor_charges_beyond_the_offer_counts_also_after_an_edit_of_the_offer() {
    let mut world = World::new();
    world.fielded("soda", soft(20, 20));
    world.seen("soda").charged = Some(usd("3.01"));
    assert_eq!(change(&world.plan()), "120.40 120.40 0.00");
    world.spec("soda").cpi = Field::Set(usd("2.00"));
    assert_eq!(change(&world.plan()), "120.40 120.40 0.00");
    world.spec("soda").cpi = Field::Set(usd("4.00"));
    assert_eq!(change(&world.plan()), "120.40 160.00 39.60");
    // What is charged is shown with fewer places than a price may have.
    world.fielded(
        "soda",
        SurveySpec {
            cpi: Field::Set(usd("2.7352")),
            ..soft(20, 20)
        },
    );
    world.seen("soda").charged = Some(usd("2.74"));
    assert_eq!(after(&world.plan()), "109.408");
}

#[test]
fn a_launch_that_the_vendor_works_on_counts_as_in_field() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    world.left_as("soda/us", Status::Draft);
    assert_eq!(change(&world.plan()), "0.00 400.00 400.00");
    let job = |path: Option<&str>| Job {
        call: "POST /launch".to_owned(),
        key: "k".to_owned(),
        path: path.map(str::to_owned),
    };
    world.remembered("soda/us").job = Some(job(Some("/launch/1")));
    world.seen("soda/us").pending = Some("the vendor is still working on it".to_owned());
    assert!(world.plan().is_empty());
    assert_eq!(change(&world.plan()), "400.00 400.00 0.00");
    // Its answer was lost: it is launched once more, or may be in field soon without that.
    world.remembered("soda/us").job = Some(job(None));
    world.seen("soda/us").pending = None;
    assert_eq!(change(&world.plan()), "0.00 400.00 400.00");
    world.guard(Guard::Launch, Rule::Deny);
    assert!(world.plan().is_empty());
    assert_eq!(change(&world.plan()), "400.00 400.00 0.00");
}
