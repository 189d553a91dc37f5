//! Limits of an environment on the price and on what is at stake: what breaks them, and the notes that say so.

use super::drop::drop_steps;
use super::note::{Note, NoteKind};
use super::step::{Action, Exposure, Plan, Step};
use super::sums::with_steps;
use crate::model::guard::GuardRules;
use crate::model::money::Purse;
use crate::model::{Address, Field, Money, Suppliers, SurveySpec};
use iso_currency::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Refuses a price above the environment's `max_cpi`: the ceiling where one is set, the offer otherwise; and what a supplier
/// gets of its own.
pub fn check_price(rules: &GuardRules, address: &Address, spec: &SurveySpec) -> Option<Note> {
    let own = spec.suppliers.value().and_then(Suppliers::highest_price);
    let note = match &spec.max_cpi {
        Field::Set(_) => check_cpi(rules, address, &spec.max_cpi, "max_cpi"),
        Field::Absent | Field::Null => check_cpi(rules, address, &spec.cpi, "cpi"),
    };
    note.or_else(|| check_cpi(rules, address, &Field::mentioned(own), "suppliers"))
}

fn check_cpi(rules: &GuardRules, address: &Address, cpi: &Field<Money>, key: &str) -> Option<Note> {
    if rules.max_cpi.is_empty() {
        return None;
    }
    let message = match cpi {
        Field::Absent => return None,
        Field::Null => "the market price has no ceiling, and this environment sets `max_cpi`".to_owned(),
        Field::Set(cpi) => match rules.max_cpi.get(cpi.currency.code()) {
            Some(limit) if cpi.amount > limit.amount => {
                format!("a CPI of {cpi} is above the environment's max_cpi of {limit}")
            }
            Some(_) => return None,
            None => {
                let (message, help) = no_limit("max_cpi", &rules.max_cpi, cpi.currency);
                let note = Note::new(address, NoteKind::Refused, message).help(help);
                return Some(note.at(format!("/{key}")));
            }
        },
    };
    let help = format!("lower `{key}`, or raise `guards.max_cpi` in infield.yaml");
    let note = Note::new(address, NoteKind::Refused, message);
    Some(note.help(help).at(format!("/{key}")))
}

/// What to say where an environment limits some currencies and not this one, and the line that gives it a limit.
fn no_limit(key: &str, limits: &BTreeMap<String, Money>, currency: Currency) -> (String, String) {
    let code = currency.code();
    let limits = limits
        .iter()
        .map(|(code, limit)| format!("{code}: {}", limit.plain()));
    let limits: Vec<String> = limits.chain([format!("{code}: AMOUNT")]).collect();
    let place = match key {
        "max_cpi" => "guards",
        _ => "guards.exposure",
    };
    (
        format!("the environment's {key} names no limit for {code}"),
        format!(
            "write `{key}: {{{}}}` under `{place}` in infield.yaml",
            limits.join(", ")
        ),
    )
}

/// Why nobody can tell what a step adds to the exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The vendor makes the price, or the number of completes.
    FromVendor,
    /// The price is in another currency afterwards.
    OtherCurrency,
}

impl Unknown {
    fn why(self) -> &'static str {
        match self {
            Self::FromVendor => "market price: no bound",
            Self::OtherCurrency => "its price changes to another currency while it is in field",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::FromVendor => {
                "set `cpi` and `completes` in the manifest, so that the limits of infield.yaml can be checked"
            }
            Self::OtherCurrency => "keep the currency of the price, or change it while it is paused",
        }
    }
}

/// A note on a step that makes the cost of a survey unknown, where there is no budget for it. It refuses the step where the
/// environment limits the exposure, because no limit can hold for an unknown cost.
pub fn unknown(rules: &GuardRules, address: &Address, action: Action, reason: Unknown) -> Note {
    if rules.max_increase.is_empty() && rules.max_total.is_empty() {
        let message = format!("its exposure is not known: {}", reason.why());
        return Note::advice(address, message);
    }
    refused_unknown(address, action, reason)
}

pub(super) fn refused_unknown(address: &Address, action: Action, reason: Unknown) -> Note {
    let why = reason.why();
    let message =
        format!("{action} is refused by the guard `exposure`: how much it would add is not known, {why}");
    Note::new(address, NoteKind::Refused, message).help(reason.help())
}

/// Checks the limits of the exposure. In a currency where the whole plan breaks one, every step that raises the exposure
/// is refused. Returns the refused steps.
///
/// Steps that depend on a refused step are refused too. They may have lowered the exposure, so the check is repeated
/// until the plan keeps to every limit.
pub fn apply_limits(rules: &GuardRules, plan: &mut Plan) -> Vec<Step> {
    let mut before = Purse::default();
    before.extend(plan.exposure.iter().map(|exposure| exposure.before));
    let mut gone = Vec::new();
    // A pass leaves nothing that raises the exposure in its currency, so there are no more passes than currencies.
    for _ in with_steps(&before, &plan.steps) {
        let mut later = Purse::default();
        later.extend(plan.steps.iter().filter_map(|step| step.adds_later));
        let sums = with_steps(&before, &plan.steps);
        let Some((currency, (broken, help))) = broken_limit(rules, &sums, &later) else {
            break;
        };
        let refused = drop_steps(plan, |step| {
            let message = format!("{} is refused by the guard `exposure`: {broken}", step.action);
            let note = Note::new(&step.address, NoteKind::Refused, message).help(&help);
            raises(step, currency).then_some(note)
        });
        gone.extend(refused);
    }
    gone
}

fn raises(step: &Step, currency: Currency) -> bool {
    step.adds_exposure
        .is_some_and(|money| money.currency == currency && money.amount > Decimal::ZERO)
}

/// The first currency in which a limit is broken, how, and what to do about it. What lowers the exposure breaks none. What
/// stages add `later` counts as an increase once, when they are approved.
pub(super) fn broken_limit(
    rules: &GuardRules,
    exposure: &[Exposure],
    later: &Purse,
) -> Option<(Currency, (String, String))> {
    exposure.iter().find_map(|Exposure { before, after, .. }| {
        let currency = after.currency;
        let increase = after.minus(before.amount);
        if increase.amount <= Decimal::ZERO {
            return None;
        }
        let judge = |key: &str, limits: &BTreeMap<String, Money>, money: &Money, what: String| {
            let help =
                "apply less at once (`--target`), or raise the limit under `guards.exposure` in infield.yaml";
            match limits.get(currency.code()) {
                Some(limit) if money.amount > limit.amount => {
                    Some((format!("{what}, above {key} {limit}"), help.to_owned()))
                }
                None if !limits.is_empty() => Some(no_limit(key, limits, currency)),
                Some(_) | None => None,
            }
        };
        let later = later.of(currency);
        let approved = increase.plus(later.amount);
        let rises = match later.amount > Decimal::ZERO {
            true => format!("with all stages the exposure would rise by {approved}"),
            false => format!("the exposure would rise by {approved}"),
        };
        let comes_to = format!("the exposure would be {after}");
        let broken = judge("max_increase", &rules.max_increase, &approved, rises)
            .or_else(|| judge("max_total", &rules.max_total, after, comes_to));
        broken.map(|broken| (currency, broken))
    })
}
