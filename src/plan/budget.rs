//! Budgets: limits on what some surveys together may still cost, by a tag, or of one manifest.
//!
//! Promises: pure. Surveys count as they do in the exposure; what lowers it breaks nothing; where a budget is broken,
//! every step that raises what its surveys cost is refused, and nothing else. A budget that names no limit in a currency
//! lets nothing rise in it.

use super::drop::drop_steps;
use super::exposure;
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::step::{Plan, Step};
use crate::model::money::Purse;
use crate::model::{Address, Budget, DesiredSurvey, Money, Resource, billing, tags};
use iso_currency::Currency;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The budgets that there are: of the environment, by tag, and of manifests.
pub(super) fn of(inputs: &Inputs<'_>, plan: &Plan) -> Vec<Budget> {
    let mut all: Vec<Budget> = Vec::new();
    for (tag, values) in &inputs.guards.budgets {
        for (value, limits) in values {
            all.push(Budget {
                whose: format!("{tag} {value}"),
                place: format!("`guards.budgets.{tag}` in infield.yaml"),
                limits: limits.clone(),
                members: members(inputs, |address| tagged(inputs, address, tag, value)),
                before: Vec::new(),
            });
        }
    }
    let mut of_manifests: BTreeMap<&str, Money> = BTreeMap::new();
    for (address, survey) in &inputs.desired.surveys {
        let budget = survey.policy.budget.map(|budget| (address.manifest(), budget));
        of_manifests.extend(budget);
    }
    for (name, budget) in of_manifests {
        all.push(Budget {
            whose: name.to_owned(),
            place: format!("`{}.budget` in its manifest", billing::KEY),
            limits: BTreeMap::from([(budget.currency.code().to_owned(), budget)]),
            members: members(inputs, |address| address.manifest() == name),
            before: Vec::new(),
        });
    }
    if all.is_empty() {
        return all;
    }
    let costs = exposure::by_survey(inputs, plan);
    for budget in &mut all {
        let mut before = Purse::default();
        let own = costs
            .iter()
            .filter(|(address, _)| budget.members.contains(*address));
        before.extend(own.map(|(_, money)| *money));
        budget.before = before.sums().collect();
    }
    all
}

fn members(inputs: &Inputs<'_>, is: impl Fn(&Address) -> bool) -> BTreeSet<Address> {
    let all = inputs.desired.surveys.keys().chain(inputs.known.resources.keys());
    all.filter(|address| is(address)).cloned().collect()
}

/// Whether a survey has this value of a tag: as its manifest says, or else as is remembered.
fn tagged(inputs: &Inputs<'_>, address: &Address, tag: &str, value: &str) -> bool {
    let wanted = |survey: &'_ DesiredSurvey| tags::values(&survey.policy.tags, tag).contains(value);
    let remembered = |resource: &'_ Resource| tags::values(resource.tags(), tag).contains(value);
    match inputs.desired.surveys.get(address) {
        Some(survey) => wanted(survey),
        None => inputs.known.resources.get(address).is_some_and(remembered),
    }
}

/// Whether some budget is for a survey, so that its cost has to be known.
pub(super) fn covers(inputs: &Inputs<'_>, address: &Address) -> bool {
    let own = inputs.desired.surveys.get(address);
    let own = own.is_some_and(|survey| survey.policy.budget.is_some());
    let mut by_tag = inputs.guards.budgets.iter();
    own || by_tag.any(|(tag, values)| values.keys().any(|value| tagged(inputs, address, tag, value)))
}

/// Holds back what breaks a budget. Returns the refused steps.
pub(super) fn apply(plan: &mut Plan) -> Vec<Step> {
    let mut gone = Vec::new();
    let budgets = std::mem::take(&mut plan.budgets);
    for budget in &budgets {
        // A step that waits for a refused one may have lowered it, so it is looked at again until the budget is kept.
        while let Some((currency, how, help)) = broken(budget, &plan.steps) {
            let refused = drop_steps(plan, |step| {
                let message = format!("{} is refused by the guard `exposure`: {how}", step.action);
                let note = Note::new(&step.address, NoteKind::Refused, message).help(&help);
                raises(budget, step, currency).then_some(note)
            });
            if refused.is_empty() {
                break;
            }
            gone.extend(refused);
        }
    }
    plan.budgets = budgets;
    gone
}

/// The surveys of budgets that the plan would break if nothing were held back.
pub(super) fn at_stake(plan: &Plan) -> BTreeSet<&Address> {
    let broken = plan
        .budgets
        .iter()
        .filter(|budget| self::broken(budget, plan.intended()).is_some());
    broken.flat_map(|budget| &budget.members).collect()
}

/// Whether a step raises what the surveys of a budget cost in a currency.
fn raises(budget: &Budget, step: &Step, currency: Currency) -> bool {
    let rises = |money: Money| money.currency == currency && money.amount > Decimal::ZERO;
    let more = [step.adds_exposure, step.adds_later];
    budget.members.contains(&step.address) && more.into_iter().flatten().any(rises)
}

/// The first currency in which these steps break a budget, how, and what to do. What stages add later counts already.
fn broken<'s>(
    budget: &Budget,
    steps: impl IntoIterator<Item = &'s Step>,
) -> Option<(Currency, String, String)> {
    let mut more = Purse::default();
    for step in steps {
        if budget.members.contains(&step.address) {
            more.extend(step.adds_exposure);
            more.extend(step.adds_later);
        }
    }
    let mut before = Purse::default();
    before.extend(budget.before.iter().copied());
    let mut risen = more.sums().filter(|more| more.amount > Decimal::ZERO);
    risen.find_map(|more| {
        let currency = more.currency;
        let after = before.of(currency).plus(more.amount);
        let (whose, place, code) = (&budget.whose, &budget.place, currency.code());
        match budget.limits.get(code) {
            Some(limit) if after.amount > limit.amount => Some((
                currency,
                format!("{whose} could still cost {after}, above its budget of {limit}"),
                format!("apply less at once (`--target`), or raise {place}"),
            )),
            Some(_) => None,
            None => Some((
                currency,
                format!("the budget of {whose} names no limit for {code}"),
                format!("write a limit for {code} into {place}, or keep to the currency that it names"),
            )),
        }
    })
}
