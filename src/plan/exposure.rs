//! Money at stake: completes still wanted of surveys in field, times their CPI.

use super::drop::drop_steps;
use super::finished;
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::step::{Action, Exposure, Plan, Step};
use crate::model::guard::GuardRules;
use crate::model::money::Purse;
use crate::model::{Address, Field, Level, LiveSurvey, Money, Reading, Status, SurveySpec};
use iso_currency::Currency;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What a survey with these values can still cost once it is in field. `None` where the price or the number of
/// completes is not known. Where a ceiling of the price is set, it counts and not the offer.
///
/// Completes that could not be counted are taken as none, so the figure is never too low.
pub fn of_spec(spec: &SurveySpec, fielded: Option<u64>) -> Option<Money> {
    stake(spec, &SurveySpec::default(), fielded)
}

/// The same as [`of_spec`]; values that the vendor does not show are taken from `applied`.
pub fn stake(shown: &SurveySpec, applied: &SurveySpec, fielded: Option<u64>) -> Option<Money> {
    let completes = known(&shown.completes, &applied.completes)?;
    let ceiling = known(&shown.max_cpi, &applied.max_cpi);
    let price = ceiling.or_else(|| known(&shown.cpi, &applied.cpi))?;
    Some(price.times(completes.saturating_sub(fielded.unwrap_or(0))))
}

/// The most that each survey the steps of a plan touch can cost in all once they are done: its goal times the highest price
/// that can be charged, with what its manifest leaves out as the vendor shows it, or else as it was applied. Counters have
/// no part in it. `None` where nothing bounds it.
pub fn ceilings(inputs: &Inputs<'_>, plan: &Plan) -> BTreeMap<Address, Option<Money>> {
    let costs = |step: &&Step| {
        let known = inputs.known.survey(&step.address).is_some();
        let survey = known || inputs.desired.surveys.contains_key(&step.address);
        survey && Level::of(step.vendor, &step.address) != Level::Container
    };
    let ceiling = |address: &Address| {
        let nothing = SurveySpec::default();
        let wanted = inputs.desired.surveys.get(address).map(|survey| &survey.spec);
        let live = inputs.live.surveys.get(address).and_then(Reading::present);
        let applied = inputs.known.survey(address).map(|known| &known.applied);
        let seen = live
            .map_or(&nothing, |live| &live.spec)
            .over(applied.unwrap_or(&nothing));
        let after = wanted.unwrap_or(&nothing).over(&seen);
        let (offer, highest) = (after.cpi.value(), after.max_cpi.value());
        let price = match (offer, highest) {
            (Some(offer), Some(highest)) if offer.currency == highest.currency => {
                Some(Money::new(offer.amount.max(highest.amount), offer.currency))
            }
            (offer, highest) => highest.or(offer).copied(),
        };
        Some(price?.times(*after.completes.value()?))
    };
    let touched: BTreeSet<&Address> = plan.intended().filter(costs).map(|step| &step.address).collect();
    touched
        .into_iter()
        .map(|address| (address.clone(), ceiling(address)))
        .collect()
}

fn known<T: Copy>(shown: &Field<T>, applied: &Field<T>) -> Option<T> {
    if shown.is_absent() { applied } else { shown }.value().copied()
}

fn of_live(live: &LiveSurvey, applied: &SurveySpec) -> Option<Money> {
    (live.status == Some(Status::Live))
        .then(|| stake(&live.spec, applied, live.fielded))
        .flatten()
}

/// Whether the cost of a survey in field is unknown now, although it was known when infield left it.
pub fn out_of_sight(live: &LiveSurvey, applied: &SurveySpec) -> bool {
    let left = stake(applied, &live.spec, live.fielded);
    live.status == Some(Status::Live) && left.is_some() && of_live(live, applied).is_none()
}

/// The change of exposure when a survey leaves the field: minus what it can still cost.
pub fn ended(live: &LiveSurvey, applied: &SurveySpec) -> Option<Money> {
    of_live(live, applied)
        .filter(|money| !money.amount.is_zero())
        .map(|money| Money::new(-money.amount, money.currency))
}

/// Exposure per currency before and after the plan, over everything that was read.
pub fn of(inputs: &Inputs<'_>, plan: &Plan) -> Vec<Exposure> {
    let mut before = Purse::default();
    let nothing = SurveySpec::default();
    let here = inputs.live.surveys.iter().map(|(address, reading)| {
        let known = inputs.known.survey(address);
        (reading, known.map_or(&nothing, |known| &known.applied))
    });
    let former = inputs.live.former.values().map(|reading| (reading, &nothing));
    for (reading, applied) in here.chain(former) {
        before.extend(reading.present().and_then(|live| of_live(live, applied)));
    }
    with_steps(&before, &plan.steps)
}

/// Exposure per currency before and after these steps.
fn with_steps(before: &Purse, steps: &[Step]) -> Vec<Exposure> {
    let mut after = before.clone();
    after.extend(steps.iter().filter_map(|step| step.adds_exposure));
    side_by_side(before, &after)
}

/// Exposure per currency as it was left and as it is found, over everything that was read.
pub fn drifted(inputs: &Inputs<'_>) -> Vec<Exposure> {
    let (mut left, mut found) = (Purse::default(), Purse::default());
    for (address, live) in &inputs.live.surveys {
        let known = inputs.known.survey(address);
        let (Some(known), Some(live)) = (known, live.present()) else {
            continue;
        };
        found.extend(of_live(live, &known.applied));
        let vendor = inputs
            .known
            .resources
            .get(address)
            .map(|resource| resource.vendor);
        let counted = inputs.live.counted.get(address).copied();
        let ended =
            vendor.and_then(|vendor| finished::ended(vendor, known, live, counted, inputs.live.as_of));
        // What was never managed was left as it is shown; of what has ended nothing more was to come.
        let stays = known.in_field && ended.is_none();
        left.extend(stake(&known.applied, &live.spec, live.fielded).filter(|_| stays));
    }
    side_by_side(&left, &found)
}

fn side_by_side(before: &Purse, after: &Purse) -> Vec<Exposure> {
    let mut currencies: Vec<_> = before.currencies().chain(after.currencies()).collect();
    currencies.sort_by_key(Currency::code);
    currencies.dedup();
    currencies
        .into_iter()
        .map(|currency| Exposure {
            before: before.of(currency),
            after: after.of(currency),
        })
        .collect()
}

/// Refuses a price above the environment's `max_cpi`: the ceiling where one is set, the offer otherwise.
pub fn check_price(rules: &GuardRules, address: &Address, spec: &SurveySpec) -> Option<Note> {
    match &spec.max_cpi {
        Field::Set(_) => check_cpi(rules, address, &spec.max_cpi, "max_cpi"),
        Field::Absent | Field::Null => check_cpi(rules, address, &spec.cpi, "cpi"),
    }
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
            Self::FromVendor => "the price or the number of completes comes from the vendor",
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

/// A note on a step that makes the cost of a survey unknown. It refuses the step where the environment limits the
/// exposure, because no limit can hold for an unknown cost.
pub fn unknown(rules: &GuardRules, address: &Address, action: Action, reason: Unknown) -> Note {
    let why = reason.why();
    if rules.max_increase.is_empty() && rules.max_total.is_empty() {
        let message = format!("its exposure is not known: {why}");
        return Note::advice(address, message);
    }
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
        let Some((currency, (broken, help))) = broken_limit(rules, &with_steps(&before, &plan.steps)) else {
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

/// The first currency in which a limit is broken, how, and what to do about it. What lowers the exposure breaks none.
fn broken_limit(rules: &GuardRules, exposure: &[Exposure]) -> Option<(Currency, (String, String))> {
    exposure.iter().find_map(|Exposure { before, after }| {
        let currency = after.currency;
        let increase = Money::new(after.amount - before.amount, currency);
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
        let rises = format!("the exposure would rise by {increase}");
        let comes_to = format!("the exposure would be {after}");
        let broken = judge("max_increase", &rules.max_increase, &increase, rises)
            .or_else(|| judge("max_total", &rules.max_total, after, comes_to));
        broken.map(|broken| (currency, broken))
    })
}
