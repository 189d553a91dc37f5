//! Money at stake: the most that surveys in field can cost from now on. How many completes can still come is left to
//! `stake`.

use super::budget;
use super::collected::goal;
use super::finished;
use super::inputs::Inputs;
use super::market::Marketplace;
use super::note::Note;
use super::stake::{Fielding, Stake};
use super::step::{Action, Exposure, Plan, Step};
use crate::model::money::Purse;
use crate::model::{
    Address, Field, KnownSurvey, Level, LiveSurvey, Money, Reading, Resource, Status, SurveySpec, VendorId,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

pub use super::limits::{Unknown, apply_limits, check_price, unknown};
use super::limits::{broken_limit, refused_unknown};
use super::sums::{side_by_side, with_steps};

/// What a survey with these values can cost once it is in field, with nothing collected. `None` where nothing bounds the
/// price or the number of completes.
pub fn wanted(market: &dyn Marketplace, spec: &SurveySpec) -> Option<Stake> {
    Fielding::wanted(market.id(), spec).stake(market)
}

/// What a survey with these values can cost in all, whatever is collected and whatever its quotas are: its goal times the
/// highest price.
pub fn ceiling(market: &dyn Marketplace, spec: &SurveySpec) -> Option<Money> {
    let price = market.highest_price(spec).map(|highest| match spec.cpi.value() {
        // An offer above its own ceiling may be what counts.
        Some(offer) if offer.currency == highest.currency && offer.amount > highest.amount => *offer,
        _ => highest,
    });
    let full = price.and_then(|price| Some(price.times(*spec.completes.value()?)));
    full.or_else(|| market.budget(spec))
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
    let most = |address: &Address| {
        let nothing = SurveySpec::default();
        let desired = inputs.desired.surveys.get(address);
        let wanted = desired.map(|survey| &survey.spec);
        let live = inputs.live.surveys.get(address).and_then(Reading::present);
        let applied = inputs.known.survey(address).map(|known| &known.applied);
        let seen = live
            .map_or(&nothing, |live| &live.spec)
            .over(applied.unwrap_or(&nothing));
        let mut after = wanted.unwrap_or(&nothing).over(&seen);
        // What is approved is the whole ladder.
        if let Some(ladder) = desired.and_then(|survey| survey.ladder.as_ref()) {
            after.completes = Field::Set(ladder.whole().max(goal(&after)));
        }
        let resource = inputs
            .known
            .resources
            .get(address)
            .map(|resource| resource.vendor);
        let vendor = resource.or_else(|| Some(inputs.desired.surveys.get(address)?.vendor))?;
        ceiling(inputs.markets.of(vendor), &after)
    };
    let touched: BTreeSet<&Address> = plan.intended().filter(costs).map(|step| &step.address).collect();
    touched
        .into_iter()
        .map(|address| (address.clone(), most(address)))
        .collect()
}

/// What a survey as the vendor shows it can still cost; nothing out of field. `None` where nothing bounds it.
pub(super) fn shown(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Option<Stake> {
    let stake = spending(market, live, applied)?;
    Some(if live.status == Some(Status::Live) {
        stake
    } else {
        stake.ended()
    })
}

fn in_field(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Option<Stake> {
    shown(market, live, applied).filter(|_| live.status == Some(Status::Live))
}

fn left(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Option<Stake> {
    Fielding::left(market.id(), live, applied).stake(market)
}

/// Whether the cost of a survey in field is unknown now, although it was known when infield left it.
pub fn out_of_sight(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> bool {
    live.status == Some(Status::Live)
        && left(market, live, applied).is_some()
        && shown(market, live, applied).is_none()
}

/// The change of exposure when a survey leaves the field: minus what it can still cost.
pub fn ended(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Option<Money> {
    in_field(market, live, applied)
        .map(|stake| stake.most)
        .filter(|money| !money.amount.is_zero())
        .map(|money| Money::new(-money.amount, money.currency))
}

impl Step {
    /// The same with what the survey can still cost before and after it.
    #[must_use]
    pub(crate) fn at_stake(mut self, before: Option<Stake>, after: Option<Stake>) -> Self {
        // A price that the vendor made counts as nothing, as it does in the sums.
        self.money = match (before.or(after.map(|after| after.ended())), after) {
            (Some(before), Some(after)) if before.most.currency == after.most.currency => Some(Exposure {
                before: before.most,
                after: after.most,
                under_way: after.under_way,
                at_most: before.at_most || after.at_most,
            }),
            _ => None,
        };
        self
    }

    /// The same with what a survey that leaves the field does not cost any more.
    #[must_use]
    pub(crate) fn ending(self, market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Self {
        let before = shown(market, live, applied);
        Self {
            adds_exposure: ended(market, live, applied),
            ..self.at_stake(before, before.map(|stake| stake.stopped()))
        }
    }
}

/// Whether a launch that was sent may still put it in field by itself: the vendor works on it, or the answer was lost and
/// this plan does not launch it again.
fn is_launching(known: &KnownSurvey, live: &LiveSurvey, plan: &Plan, address: &Address) -> bool {
    let again = || {
        plan.steps
            .iter()
            .any(|step| step.address == *address && step.action == Action::Launch)
    };
    let job = known.job.as_ref();
    live.status == Some(Status::Draft)
        && job.is_some_and(|job| live.pending.is_some() || job.path.is_none() && !again())
}

/// Surveys in field, or on their way there, with what infield remembers of them; those included that replacements left
/// behind.
fn fielded<'a, 'p>(
    inputs: &Inputs<'a>,
    plan: &'p Plan,
) -> impl Iterator<Item = (Option<&'a Address>, VendorId, &'a LiveSurvey, &'a SurveySpec)> + use<'a, 'p> {
    static NOTHING: std::sync::LazyLock<SurveySpec> = std::sync::LazyLock::new(SurveySpec::default);
    let (known, desired, live) = (inputs.known, inputs.desired, inputs.live);
    let is_live = |live: &LiveSurvey| live.status == Some(Status::Live);
    let here = live.surveys.iter().filter_map(move |(address, reading)| {
        let live = reading.present()?;
        let resource = known.resources.get(address);
        let launching = |known| is_launching(known, live, plan, address);
        if !is_live(live) && !resource.and_then(Resource::survey).is_some_and(launching) {
            return None;
        }
        let wanted = || desired.surveys.get(address).map(|survey| survey.vendor);
        let vendor = resource.map(|resource| resource.vendor).or_else(wanted)?;
        let applied = resource
            .and_then(Resource::survey)
            .map_or(&*NOTHING, |known| &known.applied);
        Some((Some(address), vendor, live, applied))
    });
    let former = live.former.iter().filter_map(move |(id, reading)| {
        let was = |resource: &&Resource| resource.survey().is_some_and(|known| known.former.contains(id));
        let vendor = known.resources.values().find(was)?.vendor;
        let live = reading.present().filter(|live| is_live(live))?;
        Some((None, vendor, live, &*NOTHING))
    });
    here.chain(former)
}

/// What something in field can still cost.
fn spending(market: &dyn Marketplace, live: &LiveSurvey, applied: &SurveySpec) -> Option<Stake> {
    Fielding::shown(market.id(), live, applied).stake(market)
}

/// A survey in field, or on its way there, with what it can still cost; `None` where nothing bounds that.
pub(super) struct Cost<'a> {
    address: Option<&'a Address>,
    vendor: VendorId,
    live: &'a LiveSurvey,
    stake: Option<Stake>,
}

/// What everything can still cost that is in field before the plan, over everything that was read.
pub(super) fn costs<'a>(inputs: &Inputs<'a>, plan: &Plan) -> Vec<Cost<'a>> {
    let cost = |(address, vendor, live, applied)| Cost {
        address,
        vendor,
        live,
        stake: spending(inputs.markets.of(vendor), live, applied),
    };
    fielded(inputs, plan).map(cost).collect()
}

/// Exposure per currency before and after the plan.
pub(super) fn of(costs: &[Cost<'_>], plan: &Plan) -> Vec<Exposure> {
    let mut before = Purse::default();
    let mut sides: BTreeMap<&str, Exposure> = BTreeMap::new();
    for Cost {
        address, live, stake, ..
    } in costs
    {
        let Some(stake) = stake else {
            continue;
        };
        before.add(stake.most);
        let side = Exposure {
            under_way: stake.under_way,
            // A launch that may have been lost counts, and may cost nothing.
            at_most: stake.at_most || live.status == Some(Status::Draft) && live.pending.is_none(),
            ..Exposure::plain(stake.most, stake.most)
        };
        sides.insert(address.map_or(live.id.as_str(), Address::as_str), side);
    }
    // Who takes part when it stops is still there when it is edited after that.
    let mut stopped: BTreeMap<&str, Option<Money>> = BTreeMap::new();
    for step in &plan.steps {
        let Some(mut money) = step.money else { continue };
        let which = step.former().unwrap_or(step.address.as_str());
        if matches!(step.action, Action::Pause | Action::Close) {
            stopped.insert(which, money.under_way);
        }
        money.under_way = money.under_way.or(stopped.get(which).copied().flatten());
        sides.insert(which, money);
    }
    let mut sums = with_steps(&before, &plan.steps);
    for sum in &mut sums {
        let mut more = Money::zero(sum.after.currency);
        for side in sides
            .values()
            .filter(|side| side.after.currency == sum.after.currency)
        {
            sum.at_most |= side.at_most;
            more = more.plus(side.under_way.map_or(Decimal::ZERO, |more| more.amount));
        }
        sum.under_way = Some(more).filter(|more| !more.amount.is_zero());
    }
    sums
}

/// Surveys in field that nobody counted and whose count may decide, the dearest first: without it, the plan would break a
/// limit on the total.
pub fn dearest_uncounted(inputs: &Inputs<'_>, plan: &Plan) -> Vec<Address> {
    let mut rules = inputs.guards.clone();
    rules.max_increase.clear();
    let mut before = Purse::default();
    before.extend(plan.exposure.iter().map(|exposure| exposure.before));
    let total = broken_limit(&rules, &with_steps(&before, plan.intended()), &Purse::default()).is_some();
    let budgets = budget::at_stake(plan);
    let decides = |address: Option<&Address>| total || address.is_some_and(|one| budgets.contains(one));
    let uncounted =
        fielded(inputs, plan).filter(|(address, _, live, _)| live.is_uncounted() && decides(*address));
    let mut uncounted: Vec<(Decimal, Address)> = uncounted
        .filter_map(|(address, vendor, live, applied)| {
            let stake = spending(inputs.markets.of(vendor), live, applied)?;
            Some((stake.most.amount, address?.clone()))
        })
        .collect();
    uncounted.sort_by(|one, other| other.cmp(one));
    uncounted.into_iter().map(|(_, address)| address).collect()
}

/// What each survey in field can still cost.
pub(super) fn by_survey<'a>(inputs: &Inputs<'a>, plan: &'a Plan) -> Vec<(&'a Address, Money)> {
    let costs = fielded(inputs, plan).filter_map(|(address, vendor, live, applied)| {
        let stake = spending(inputs.markets.of(vendor), live, applied)?;
        Some((address?, stake.most))
    });
    costs.collect()
}

/// Surveys that are in field after the plan, and whose cost nothing bounds.
pub(super) fn unbounded(costs: &[Cost<'_>], plan: &Plan) -> Vec<Address> {
    let mut open: BTreeSet<&Address> = costs
        .iter()
        .filter(|cost| cost.stake.is_none())
        .filter_map(|cost| Some((cost.address?, cost.vendor)))
        .filter(|(address, vendor)| Level::of(*vendor, address) != Level::Container)
        .map(|(address, _)| address)
        .collect();
    let costs = |step: &&Step| Level::of(step.vendor, &step.address) != Level::Container;
    // A price in another currency has no difference, and is a bound.
    let bound = |step: &Step| matches!(plan.ceilings.get(&step.address), Some(Some(_)));
    for step in plan.steps.iter().filter(costs) {
        let goes = matches!(step.action, Action::Launch | Action::Resume);
        let leaves = matches!(step.action, Action::Pause | Action::Close);
        let told = step.money.is_some() || bound(step);
        if (goes || step.action == Action::Update && step.is_live()) && !told {
            open.insert(&step.address);
        } else if leaves || told {
            open.remove(&step.address);
        }
    }
    open.into_iter().cloned().collect()
}

/// Exposure per currency as it was left and as it is found, over everything that was read.
pub fn drifted(inputs: &Inputs<'_>) -> Vec<Exposure> {
    let (mut as_left, mut found) = (Purse::default(), Purse::default());
    for (address, live) in &inputs.live.surveys {
        let resource = inputs.known.resources.get(address);
        let known = resource.and_then(|resource| Some((resource.vendor, resource.survey()?)));
        let (Some((vendor, known)), Some(live)) = (known, live.present()) else {
            continue;
        };
        let market = inputs.markets.of(vendor);
        found.extend(in_field(market, live, &known.applied).map(|stake| stake.most));
        let counted = inputs.live.counted.get(address).copied();
        let ended = finished::ended(vendor, known, live, counted, inputs.live.now_at(vendor));
        // What was never managed was left as it is shown; of what has ended nothing more was to come.
        let stays = known.in_field && ended.is_none();
        let stake = left(market, live, &known.applied).filter(|_| stays);
        as_left.extend(stake.map(|stake| stake.most));
    }
    side_by_side(&as_left, &found)
}

/// A note on a step that makes the cost of a survey unknown. It refuses the step where the environment limits the
/// exposure, or there is a budget for it, because no limit can hold for an unknown cost.
pub(super) fn not_known(inputs: &Inputs<'_>, address: &Address, action: Action, reason: Unknown) -> Note {
    match budget::covers(inputs, address) {
        true => refused_unknown(address, action, reason),
        false => unknown(inputs.guards, address, action, reason),
    }
}
