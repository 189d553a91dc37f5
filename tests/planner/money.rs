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

/// A world with surveys of clients, all drafts that want to go in field: 1500.00 USD each.
fn of_clients(clients: &[(&str, &str)]) -> World {
    let mut world = World::new();
    for (name, client) in clients {
        world.fielded(name, draft());
        let policy = &mut world.manifest(name).policy;
        policy.tags.insert(format!("client={client}"));
        world.spec(name).status = Field::Set(Status::Live);
    }
    world
}

fn budget(world: &mut World, client: &str, limit: &str) {
    let limit = usd(limit);
    let values = world.guards.budgets.entry("client".to_owned()).or_default();
    let limits = values.entry(client.to_owned()).or_default();
    limits.insert(limit.currency.code().to_owned(), limit);
}

fn launched(plan: &Plan) -> Vec<&str> {
    let launches = plan
        .steps
        .iter()
        .filter(|step| step.action == infield::plan::Action::Launch);
    launches.map(|step| step.address.as_str()).collect()
}

#[test]
fn surveys_of_a_client_keep_to_its_budget_together_and_others_go_on() {
    let mut world = of_clients(&[("cola", "acme"), ("soda", "acme"), ("tea", "globex")]);
    budget(&mut world, "acme", "2999.99");
    let plan = world.plan();
    assert_eq!(launched(&plan), ["tea"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: client acme could still cost 3000.00 USD, above its budget of 2999.99 USD");
    insta::assert_snapshot!(plan.notes[0].help.as_deref().unwrap(), @"apply less at once (`--target`), or raise `guards.budgets.client` in infield.yaml");
    budget(&mut world, "acme", "3000.00");
    assert_eq!(launched(&world.plan()), ["cola", "soda", "tea"]);
}

#[test]
fn what_is_in_field_counts_for_a_budget_and_what_lowers_it_breaks_none() {
    let mut world = of_clients(&[("cola", "acme")]);
    world.fielded("soda", soda());
    world
        .manifest("soda")
        .policy
        .tags
        .insert("client-acme".to_owned());
    budget(&mut world, "acme", "2999.99");
    assert!(launched(&world.plan()).is_empty());
    // Less of what is in field makes room for it.
    world.spec("soda").completes = Field::Set(300);
    assert_eq!(launched(&world.plan()), ["cola"]);
    // Nothing rises, and a budget that is exceeded already stops nothing that lowers it.
    budget(&mut world, "acme", "1.00");
    world.spec("cola").status = Field::Set(Status::Draft);
    let plan = world.plan();
    assert!(plan.held_back.is_empty(), "{:?}", plan.notes);
    assert_eq!(plan.steps.len(), 1);
    // What no manifest names any more has the tags that are remembered.
    let mut world = of_clients(&[("cola", "acme")]);
    world.fielded("soda", soda());
    let policy = &mut world.remembered("soda").policy;
    policy.tags.insert("client=acme".to_owned());
    policy.on_remove = infield::model::desired::OnRemove::Forget;
    world.remove_manifest("soda");
    budget(&mut world, "acme", "2999.99");
    assert!(launched(&world.plan()).is_empty());
}

#[test]
fn a_manifest_keeps_to_its_own_budget_and_to_its_currency() {
    let mut world = of_clients(&[("cola", "acme"), ("soda", "acme")]);
    world.manifest("cola").policy.budget = Some(usd("1499.99"));
    let plan = world.plan();
    assert_eq!(launched(&plan), ["soda"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: cola could still cost 1500.00 USD, above its budget of 1499.99 USD");
    insta::assert_snapshot!(plan.notes[0].help.as_deref().unwrap(), @"apply less at once (`--target`), or raise `billing.budget` in its manifest");
    world.manifest("cola").policy.budget = Some(usd("1500.00"));
    assert_eq!(launched(&world.plan()), ["cola", "soda"]);
    world.manifest("cola").policy.budget = "9000 EUR".parse().ok();
    let plan = world.plan();
    assert_eq!(launched(&plan), ["soda"]);
    insta::assert_snapshot!(plan.notes[0].message, @"launch is refused by the guard `exposure`: the budget of cola names no limit for USD");
}

#[test]
fn a_budget_needs_a_known_cost_of_its_own_surveys_alone() {
    let mut world = of_clients(&[("cola", "acme"), ("soda", "globex")]);
    for name in ["cola", "soda"] {
        world.spec(name).cpi = Field::Null;
    }
    budget(&mut world, "acme", "9000.00");
    let plan = world.plan();
    assert_eq!(launched(&plan), ["soda"]);
    world.guards.budgets.clear();
    assert_eq!(launched(&world.plan()), ["cola", "soda"]);
    world.manifest("soda").policy.budget = Some(usd("9000.00"));
    assert_eq!(launched(&world.plan()), ["cola"]);
}

#[test]
fn what_is_not_approved_makes_no_room_in_a_budget() {
    let mut world = of_clients(&[("cola", "acme")]);
    world.fielded("soda", soda());
    world
        .manifest("soda")
        .policy
        .tags
        .insert("client-acme".to_owned());
    world.spec("soda").status = Field::Set(Status::Closed);
    budget(&mut world, "acme", "1500.00");
    let mut plan = world.plan();
    assert_eq!(launched(&plan), ["cola"]);
    // The close is not approved, so its money is still at stake.
    let approved = [infield::plan::Guard::Launch].into();
    infield::plan::refuse_unapproved(&world.guards, &approved, &mut plan);
    assert!(launched(&plan).is_empty(), "{:?}", plan.steps);
    assert!(
        plan.notes
            .iter()
            .any(|note| note.message.contains("above its budget of 1500.00 USD"))
    );
}

#[test]
fn whoever_was_not_counted_is_counted_where_a_budget_hangs_on_it() {
    let mut world = of_clients(&[("cola", "acme")]);
    for (name, client) in [("soda", "client-acme"), ("tea", "client-globex")] {
        world.fielded(name, soda());
        world.manifest(name).policy.tags.insert(client.to_owned());
        let seen = world.seen(name);
        (seen.fielded, seen.performance) = (None, None);
    }
    budget(&mut world, "acme", "2000.00");
    let dearest = |world: &World| {
        let plan = world.plan();
        let markets = infield::marketplace::Markets::default();
        world.with_inputs(&markets, |inputs| {
            infield::plan::exposure::dearest_uncounted(inputs, &plan)
        })
    };
    assert_eq!(dearest(&world), [infield::model::Address::survey("soda")]);
    budget(&mut world, "acme", "3000.00");
    assert!(dearest(&world).is_empty());
}
