//! A project's own rules: what they deny is held back with what depends on it, and counted as not done.

use crate::support::*;
use infield::marketplace::Markets;
use infield::model::{Address, Field, Money, Status};
use infield::plan::{Note, NoteKind, OwnRules, Plan, Verdicts, keep_own_rules};

/// Denies these steps, and notes something about each survey.
struct Denies(&'static [&'static str]);

impl OwnRules for Denies {
    fn judge(&self, plan: &Plan) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for step in &plan.steps {
            if self.0.contains(&step.id.as_str()) {
                verdicts.deny(&step.id, Note::new(&step.address, NoteKind::Refused, "first"));
                verdicts.deny(&step.id, Note::new(&step.address, NoteKind::Refused, "second"));
            }
            verdicts.notes.push(Note::advice(&step.address, "seen"));
        }
        verdicts
    }
}

fn usd(text: &str) -> Money {
    format!("{text} USD").parse().unwrap()
}

fn judged(world: &World, denied: &'static [&'static str]) -> Plan {
    let mut plan = world.plan();
    world.with_inputs(&Markets::default(), |inputs| {
        keep_own_rules(inputs, &Denies(denied), &mut plan);
    });
    plan
}

fn ids(steps: &[infield::plan::Step]) -> Vec<&str> {
    steps.iter().map(|step| step.id.as_str()).collect()
}

fn said(plan: &Plan, name: &str) -> Vec<String> {
    let address = Address::survey(name);
    let own = plan.notes.iter().filter(|note| note.address == address);
    own.map(|note| format!("{}: {}", note.kind, note.message))
        .collect()
}

#[test]
fn what_is_denied_is_held_back_with_what_waits_for_it_and_costs_nothing() {
    let mut world = World::new();
    world.want("soda", soda());
    world.is_new("soda");
    world.want("tea", soda());
    world.is_new("tea");
    let plan = judged(&world, &["soda:create"]);
    assert_eq!(ids(&plan.steps), ["tea:create", "tea:launch"]);
    assert_eq!(ids(&plan.held_back), ["soda:create", "soda:launch"]);
    assert_eq!(
        said(&plan, "soda"),
        [
            "refused: first",
            "refused: second",
            "blocked: launch has to wait for soda:create, which is refused",
            "advice: seen"
        ]
    );
    assert_eq!(said(&plan, "tea"), ["advice: seen"], "said once");
    assert_eq!(plan.exposure[0].after, usd("1500.00"), "of tea alone");
}

#[test]
fn where_nothing_is_denied_nothing_is_held_back() {
    let mut world = World::new();
    world.want("soda", soda());
    world.is_new("soda");
    let (before, plan) = (world.plan(), judged(&world, &[]));
    assert_eq!(
        (&plan.steps, &plan.held_back, &plan.exposure),
        (&before.steps, &before.held_back, &before.exposure)
    );
}

/// A pause that is denied frees no money, so what was to be spent of it is not.
#[test]
fn limits_are_asked_again_without_what_was_denied() {
    let mut world = World::new();
    world.guards.max_total = [("USD".to_owned(), usd("2000.00"))].into();
    world.fielded("soda", soda());
    world.spec("soda").status = Field::Set(Status::Paused);
    world.want("tea", soda());
    world.is_new("tea");
    assert_eq!(ids(&judged(&world, &[]).held_back), [""; 0]);
    let plan = judged(&world, &["soda:pause"]);
    assert_eq!(ids(&plan.steps), ["tea:create"]);
    assert_eq!(ids(&plan.held_back), ["soda:pause", "tea:launch"]);
    assert_eq!(plan.exposure[0].after, usd("1500.00"), "of soda, which goes on");
}

#[test]
fn budgets_are_asked_again_without_what_was_denied() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.want("tea", soda());
    world.is_new("tea");
    for name in ["soda", "tea"] {
        let tags = &mut world.manifest(name).policy.tags;
        tags.insert("client-acme".to_owned());
    }
    let limits = [("USD".to_owned(), usd("2000.00"))].into();
    let clients = [("acme".to_owned(), limits)].into();
    world.guards.budgets = [("client".to_owned(), clients)].into();
    world.spec("soda").status = Field::Set(Status::Paused);
    assert_eq!(ids(&judged(&world, &[]).held_back), [""; 0]);
    let plan = judged(&world, &["soda:pause"]);
    assert_eq!(ids(&plan.steps), ["tea:create"]);
    assert_eq!(ids(&plan.held_back), ["soda:pause", "tea:launch"]);
}
