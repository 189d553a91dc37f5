//! `max_cpi` of an environment against prices that are partly the manifest's and partly the vendor's.

use crate::support::*;
use crate::vendors::*;
use infield::model::{Field, Money};
use infield::plan::NoteKind;

/// A target group in field for 4.00 USD, in an environment that pays up to 4.50 USD.
fn group() -> World {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    world.guards.max_cpi.insert("USD".to_owned(), usd("4.50"));
    world
}

/// Sets what was applied as the ceiling, and what the vendor shows of it by now. The manifest says nothing of it.
fn ceiling(world: &mut World, applied: Field<Money>, shown: Field<Money>) {
    world.remembered("soda/us").applied.max_cpi = applied;
    world.seen("soda/us").spec.max_cpi = shown;
}

fn set(price: &str) -> Field<Money> {
    Field::Set(usd(price))
}

/// What the plan says: its steps, or why there are none.
fn told(world: &World) -> String {
    let plan = world.plan();
    let steps: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    let refusals = plan.notes.iter().filter(|note| note.kind == NoteKind::Refused);
    let refusals: Vec<&str> = refusals.map(|note| note.message.as_str()).collect();
    [steps, refusals].concat().join("; ")
}

#[test]
fn a_hidden_ceiling_counts_as_it_was_applied() {
    let mut world = group();
    world.spec("soda/us").cpi = set("4.10");
    assert_eq!(told(&world), "soda/us:update");
    ceiling(&mut world, set("5.00"), Field::Absent);
    assert_eq!(
        told(&world),
        "a CPI of 5.00 USD is above the environment's max_cpi of 4.50 USD"
    );
    // Below a ceiling that is within the limit, no offer can cost more.
    ceiling(&mut world, set("4.50"), Field::Absent);
    world.spec("soda/us").cpi = set("9.00");
    assert_eq!(told(&world), "soda/us:update");
}

#[test]
fn a_ceiling_that_somebody_moved_counts_as_it_is() {
    let mut world = group();
    world.spec("soda/us").cpi = set("4.10");
    ceiling(&mut world, set("4.20"), set("5.00"));
    assert_eq!(
        told(&world),
        "a CPI of 5.00 USD is above the environment's max_cpi of 4.50 USD"
    );
    ceiling(&mut world, set("5.00"), set("4.20"));
    assert_eq!(told(&world), "soda/us:update");
    // Without its ceiling the offer is the price.
    ceiling(&mut world, set("4.20"), Field::Null);
    assert_eq!(told(&world), "soda/us:update");
    world.spec("soda/us").cpi = set("9.00");
    assert_eq!(
        told(&world),
        "a CPI of 9.00 USD is above the environment's max_cpi of 4.50 USD"
    );
}

#[test]
fn what_is_left_when_a_ceiling_goes_is_held_to_the_limit() {
    let mut world = group();
    ceiling(&mut world, set("4.20"), set("4.20"));
    let spec = world.spec("soda/us");
    spec.cpi = Field::Absent;
    spec.max_cpi = Field::Null;
    assert_eq!(told(&world), "soda/us:update", "4.00 USD");
    world.seen("soda/us").spec.cpi = set("4.60");
    assert_eq!(
        told(&world),
        "a CPI of 4.60 USD is above the environment's max_cpi of 4.50 USD"
    );
    // A price that the vendor moves is hidden, and what was applied counts.
    world.seen("soda/us").spec.cpi = Field::Absent;
    assert_eq!(told(&world), "soda/us:update", "4.00 USD");
    // The market price was bearable only below the ceiling.
    world.seen("soda/us").spec.cpi = Field::Null;
    let no_ceiling = "the market price has no ceiling, and this environment sets `max_cpi`";
    assert_eq!(told(&world), no_ceiling);
    world.seen("soda/us").spec.cpi = Field::Absent;
    world.remembered("soda/us").applied.cpi = Field::Absent;
    assert_eq!(told(&world), no_ceiling);
}

#[test]
fn only_an_edit_of_a_price_is_held_to_the_price_limit() {
    let mut world = group();
    world.guards.max_cpi.insert("USD".to_owned(), usd("1.00"));
    world.spec("soda/us").title = Field::Set("Soda, again".to_owned());
    assert_eq!(told(&world), "soda/us:update");
    world.spec("soda/us").max_cpi = set("1.00");
    assert_eq!(told(&world), "soda/us:update", "it comes under the limit");
    world.spec("soda/us").max_cpi = set("1.01");
    assert_eq!(
        told(&world),
        "a CPI of 1.01 USD is above the environment's max_cpi of 1.00 USD"
    );
}
