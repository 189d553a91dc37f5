//! Exposure before and after, and its limits.

use crate::support::*;
use infield::model::{Field, Money, Status};
use infield::plan::Plan;

fn usd(text: &str) -> Money {
    format!("{text} USD").parse().unwrap()
}

fn exposure(plan: &Plan) -> Vec<(String, String)> {
    plan.exposure
        .iter()
        .map(|e| (e.before.plain(), e.after.plain()))
        .collect()
}

#[test]
fn exposure_is_what_is_still_wanted_times_the_price() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 100, &[]);
    assert_eq!(
        exposure(&world.plan()),
        [("1125.00".to_owned(), "1125.00".to_owned())]
    );
    world.spec("soda").cpi = Field::Set(usd("4.00"));
    world.spec("soda").completes = Field::Set(500);
    assert_eq!(
        exposure(&world.plan()),
        [("1125.00".to_owned(), "1600.00".to_owned())]
    );
    world.spec("soda").status = Field::Set(Status::Paused);
    assert_eq!(
        exposure(&world.plan()),
        [("1125.00".to_owned(), "0.00".to_owned())]
    );
}

#[test]
fn drafts_cost_nothing_and_a_close_ends_it() {
    let mut world = World::new();
    world.fielded("cola", draft());
    world.fielded("soda", soda());
    world.spec("soda").status = Field::Set(Status::Closed);
    assert_eq!(
        exposure(&world.plan()),
        [("1500.00".to_owned(), "0.00".to_owned())]
    );
}

#[test]
fn what_is_forgotten_still_costs() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").policy.on_remove = infield::model::desired::OnRemove::Forget;
    world.remove_manifest("soda");
    assert_eq!(
        exposure(&world.plan()),
        [("1500.00".to_owned(), "1500.00".to_owned())]
    );
}

#[test]
fn more_than_max_increase_is_refused_and_the_rest_still_runs() {
    let mut world = World::new();
    world.want("cola", draft());
    world.want("soda", soda());
    world.fielded("tea", soda());
    world.spec("tea").title = Field::Set("Tea".to_owned());
    world.guards.max_increase.insert("USD".to_owned(), usd("1499.99"));
    let plan = world.plan();
    let order: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(order, ["cola:create", "soda:create", "tea:update"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: the exposure would rise by 1500.00 USD, above max_increase 1499.99 USD");
    world.guards.max_increase.insert("USD".to_owned(), usd("1500.00"));
    assert_eq!(world.plan().steps.len(), 4);
}

#[test]
fn more_than_max_total_is_refused_but_never_what_lowers_it() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.fielded("tea", soda());
    world.spec("soda").status = Field::Set(Status::Paused);
    world.guards.max_total.insert("USD".to_owned(), usd("1000"));
    assert_eq!(world.plan().steps.len(), 1, "still too much, yet less");
    world.want("cola", soda());
    let plan = world.plan();
    let order: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(
        order,
        ["cola:create", "cola:launch", "soda:pause"],
        "no more than before"
    );
    world.spec("soda").status = Field::Set(Status::Live);
    insta::assert_snapshot!(world.text(), @r"
    cola (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
      ! refused: launch is refused by the guard `exposure`: the exposure would be 4500.00 USD, above
          max_total 1000.00 USD
          help: apply less at once (`--target`), or raise the limit under `guards.exposure` in
                infield.yaml

    exposure   before    after  change
      USD     3000.00  3000.00    0.00
      people still answering when a survey fills, stops or is edited may add up to 3000.00 USD

    Plan: 1 to create, 1 held back, 2 unchanged; 1 call.
    ");
}

#[test]
fn a_price_above_max_cpi_is_refused_on_create_edit_and_launch() {
    let mut world = World::new();
    world.guards.max_cpi.insert("USD".to_owned(), usd("3.74"));
    world.want("new", soda());
    world.fielded("edited", soda());
    world.spec("edited").cpi = Field::Set(usd("3.80"));
    world.fielded("launched", draft());
    world.spec("launched").status = Field::Set(Status::Live);
    world.fielded("market", draft());
    world.spec("market").cpi = Field::Null;
    insta::assert_snapshot!(world.text(), @r"
    edited
      ! refused: a CPI of 3.80 USD is above the environment's max_cpi of 3.74 USD
          help: lower `cpi`, or raise `guards.max_cpi` in infield.yaml

    launched
      ! refused: a CPI of 3.75 USD is above the environment's max_cpi of 3.74 USD
          help: lower `cpi`, or raise `guards.max_cpi` in infield.yaml

    market
      ! refused: the market price has no ceiling, and this environment sets `max_cpi`
          help: lower `cpi`, or raise `guards.max_cpi` in infield.yaml

    new
      ! refused: a CPI of 3.75 USD is above the environment's max_cpi of 3.74 USD
          help: lower `cpi`, or raise `guards.max_cpi` in infield.yaml

    Exposure: 1500.00 USD, not changed by this plan.
    Nothing will be done: 4 are held back, see above.
    ");
}

#[test]
fn no_price_at_all_is_the_market_price_and_has_no_ceiling() {
    let mut world = World::new();
    world.guards.max_cpi.insert("USD".to_owned(), usd("10.00"));
    let mut spec = soda();
    spec.cpi = Field::Absent;
    world.want("soda", spec);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
      ! refused: the market price has no ceiling, and this environment sets `max_cpi`
          help: lower `cpi`, or raise `guards.max_cpi` in infield.yaml

    Plan: 1 to create, 1 held back; 1 call.
    ");
}

#[test]
fn an_unknown_exposure_does_not_slip_under_a_limit() {
    let mut world = World::new();
    let mut spec = soda();
    spec.cpi = Field::Null;
    world.want("soda", spec);
    world.fielded("tea", soda());
    world.spec("tea").cpi = Field::Null;
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
      ▶ launch: the manifest wants it in field
          needs approval: launch
          status  draft → live
      · advice: its exposure is not known: market price: no bound

    tea (PureSpectrum)
      ~ update: the manifest differs from the vendor
          cpi  3.75 USD → market price
      · advice: its exposure is not known: market price: no bound

    exposure   before  after    change
      USD     1500.00   0.00  -1500.00
      people still answering when a survey fills, stops or is edited may add up to 1500.00 USD
      market price: no bound for soda, tea

    Plan: 1 to create, 1 to change, 1 to launch; 3 calls.
    ");
    world.guards.max_increase.insert("USD".to_owned(), usd("2500.00"));
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
      ! refused: launch is refused by the guard `exposure`: how much it would add is not known, market
          price: no bound
          help: set `cpi` and `completes` in the manifest, so that the limits of infield.yaml can be
                checked

    tea
      ! refused: update is refused by the guard `exposure`: how much it would add is not known, market
          price: no bound
          help: set `cpi` and `completes` in the manifest, so that the limits of infield.yaml can be
                checked

    exposure   before    after  change
      USD     1500.00  1500.00    0.00
      people still answering when a survey fills, stops or is edited may add up to 1500.00 USD

    Plan: 1 to create, 2 held back; 1 call.
    ");
}

#[test]
fn every_step_says_what_it_does_to_the_exposure() {
    let mut world = World::new();
    world.fielded("closed", soda());
    world.spec("closed").status = Field::Set(Status::Closed);
    world.fielded("paused", soda());
    world.spec("paused").status = Field::Set(Status::Paused);
    world.want("launched", soda());
    world.is_new("launched");
    world.fielded("raised", soda());
    world.spec("raised").completes = Field::Set(500);
    world.fielded("removed", soda());
    world.remove_manifest("removed");
    let plan = world.plan();
    let adds: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            let adds = step.adds_exposure.map_or("nothing".to_owned(), |m| m.plain());
            format!("{} {adds}", step.id)
        })
        .collect();
    insta::assert_snapshot!(adds.join("\n"), @r"
    closed:close -1500.00
    launched:create nothing
    launched:launch 1500.00
    paused:pause -1500.00
    raised:update 375.00
    removed:pause -1500.00
    ");
    let sum: rust_decimal::Decimal = plan
        .steps
        .iter()
        .filter_map(|step| step.adds_exposure)
        .map(|money| money.amount)
        .sum();
    assert_eq!(
        sum,
        plan.exposure[0].after.amount - plan.exposure[0].before.amount
    );
}
