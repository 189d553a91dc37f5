//! What completes cost in some time, as looks at them tell.
//!
//! Promises: pure. A complete counts when a look saw it first, so that months add up to the whole. What no look saw is said
//! and never guessed: what came before the first look at a survey that was in field already, what nobody looked at, and
//! what nobody has a price for.

use super::looks::{Counted, Looks};
use super::record::Run;
use crate::model::known::NO_TAGS;
use crate::model::{Address, Known, Level, Money};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// So many names may one have had.
const MOST_NAMES: usize = 100;

/// Some time: from its first moment until before its last. `None` is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub from: Option<Timestamp>,
    /// The first moment behind it.
    pub until: Option<Timestamp>,
}

impl Period {
    fn is_after(&self, at: Timestamp) -> bool {
        self.from.is_some_and(|from| at < from)
    }

    fn has(&self, at: Timestamp) -> bool {
        !self.is_after(at) && self.until.is_none_or(|until| at < until)
    }
}

/// What runs tell of surveys: when they were made, and which names they got.
#[derive(Debug, Clone, Default)]
pub struct Lives {
    made: BTreeMap<(Address, String), Timestamp>,
    moves: BTreeMap<Address, Address>,
}

impl Lives {
    /// Takes in a run; the last one comes first.
    pub fn see(&mut self, run: &Run) {
        for (address, id) in run.end.iter().flat_map(|end| &end.made) {
            self.made.insert((address.clone(), id.clone()), run.started);
        }
        for moved in &run.moves {
            let to = moved.to.clone();
            self.moves.entry(moved.from.clone()).or_insert(to);
        }
    }

    /// The name that something with this id has by now.
    fn name_of(&self, known: &Known, address: &Address, id: &str) -> Address {
        let is_here = |address: &Address| {
            let resource = known.resources.get(address);
            resource.is_some_and(|resource| resource.id == id)
        };
        let mut name = address;
        for _ in 0..MOST_NAMES {
            match self.moves.get(name).filter(|_| !is_here(name)) {
                Some(next) => name = next,
                None => return name.clone(),
            }
        }
        address.clone()
    }
}

/// What one survey or group collected in some time, and what that cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The name that it has by now, or had last.
    pub address: Address,
    /// The vendor's id.
    pub id: String,
    /// Its tags: those that are remembered, or else those of the last look.
    pub tags: BTreeSet<String>,
    /// Completes; fewer than none where some were taken back. `None` is not known.
    pub completes: Option<i64>,
    /// What they cost. `None` is not known.
    pub money: Option<Money>,
    /// The part of it that came between a look before that time and the first one in it.
    pub may_be_earlier: Option<Money>,
    /// What is not in it.
    pub gap: Option<Gap>,
}

/// What is not known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// It was in field before the first look at it.
    Before(Timestamp),
    /// It was in field at its last look, and nobody looked at it in that time.
    Since(Timestamp),
    /// It is in field, and nobody ever looked.
    Never,
    /// No look knows what its completes cost, or in one currency.
    NoPrice,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        match self {
            Self::Before(at) => write!(f, "what it collected before its first look, at {}", time(at)),
            Self::Since(at) => write!(f, "what it collected since its last look, at {}", time(at)),
            Self::Never => f.write_str("what it collected: no look at it is in the history"),
            Self::NoPrice => f.write_str("what its completes cost: no look has a price in one currency"),
        }
    }
}

/// What a survey had collected by one look.
#[derive(Debug, Clone, Copy)]
struct Total {
    at: Timestamp,
    completes: Option<u64>,
    money: Option<Money>,
    out_of_field: bool,
}

/// Where the vendor does not tell what all cost, a complete costs what the price was when it was first seen.
fn totals(series: &[(Timestamp, &Counted)]) -> Vec<Total> {
    let mut paid: Option<(u64, Option<Money>)> = None;
    let total = |(at, counted): &(Timestamp, &Counted)| {
        let by_price = || {
            let (completes, price) = (counted.completes?, counted.price?);
            let (before, sum) = paid.unwrap_or((0, Some(Money::zero(price.currency))));
            Some((
                completes.max(before),
                sum?.and(price.times(completes.saturating_sub(before))),
            ))
        };
        let so_far = counted.completes.or(paid.map(|(completes, _)| completes));
        let told = counted.cost.map(|cost| (so_far.unwrap_or_default(), Some(cost)));
        let now = told.or_else(by_price);
        paid = now.or(paid);
        Total {
            at: *at,
            completes: counted.completes,
            money: now.and_then(|(_, money)| money),
            out_of_field: counted.out_of_field,
        }
    };
    series.iter().map(total).collect()
}

fn less(one: Money, other: Money) -> Option<Money> {
    (one.currency == other.currency).then(|| one.minus(other.amount))
}

fn fewer(one: Option<u64>, other: Option<u64>) -> Option<i64> {
    i64::try_from(one?).ok()?.checked_sub(i64::try_from(other?).ok()?)
}

/// What a series collected in some time; nothing where it was out of field all the time, or is not seen yet.
fn collected(totals: &[Total], began: Option<Timestamp>, period: &Period) -> Option<Of> {
    let before = totals.iter().rev().find(|total| period.is_after(total.at));
    let within: Vec<&Total> = totals.iter().filter(|total| period.has(total.at)).collect();
    let (Some(first), Some(last)) = (within.first(), within.last()) else {
        let seen = before.filter(|seen| !seen.out_of_field)?;
        return Some(Of {
            gap: Some(Gap::Since(seen.at)),
            ..Of::default()
        });
    };
    let priced = |totals: &[&Total]| totals.iter().find_map(|total| Some((total.at, total.money?)));
    let rest: Vec<&Total> = within.iter().rev().copied().collect();
    let earlier: Vec<&Total> = totals
        .iter()
        .rev()
        .filter(|total| period.is_after(total.at))
        .collect();
    let all_of_it = period
        .from
        .is_none_or(|from| began.is_some_and(|began| began >= from));
    let (base, gap) = match (before, all_of_it || first.completes == Some(0)) {
        (Some(before), _) => (Some(*before), None),
        (None, true) => (None, None),
        (None, false) => (Some(**first), Some(Gap::Before(first.at))),
    };
    let completes = match base {
        Some(base) => fewer(last.completes, base.completes),
        None => fewer(last.completes, Some(0)),
    };
    let money = || {
        let (_, end) = priced(&rest)?;
        match (before, base) {
            (Some(_), _) => less(end, priced(&earlier)?.1),
            (None, Some(first)) => less(end, first.money?),
            (None, None) => Some(end),
        }
    };
    let came_between = before.filter(|before| !before.out_of_field).and_then(|_| {
        let more = less(priced(&within)?.1, priced(&earlier)?.1)?;
        Some(more).filter(|more| more.amount.is_sign_positive() && !more.amount.is_zero())
    });
    let money = money();
    Some(Of {
        completes,
        money,
        may_be_earlier: came_between,
        gap: gap.or_else(|| money.is_none().then_some(Gap::NoPrice)),
    })
}

#[derive(Default)]
struct Of {
    completes: Option<i64>,
    money: Option<Money>,
    may_be_earlier: Option<Money>,
    gap: Option<Gap>,
}

/// What every survey and group collected in some time, as far as looks saw it, under the names that they have by now.
pub fn spent(looks: &Looks, known: &Known, lives: &Lives, period: &Period) -> Vec<Spent> {
    let series = looks.series();
    // What only holds groups may count what they collect, too.
    let holds: BTreeSet<&str> = series
        .keys()
        .filter(|(address, _)| address.is_group())
        .map(|(address, _)| address.survey_name())
        .collect();
    let mut all: BTreeMap<(Address, &str), Vec<(Timestamp, &Counted)>> = BTreeMap::new();
    for ((address, id), some) in &series {
        if !holds.contains(address.as_str()) {
            let name = lives.name_of(known, address, id);
            all.entry((name, id)).or_default().extend(some);
        }
    }
    let made = |address: &Address, id: &str| lives.made.get(&(address.clone(), id.to_owned())).copied();
    let mut spent = Vec::new();
    for ((address, id), some) in &mut all {
        some.sort_by_key(|(at, _)| *at);
        let began = some.iter().rev().find_map(|(_, counted)| counted.started);
        let began = began.or_else(|| made(address, id));
        let Some(of) = collected(&totals(some), began, period) else {
            continue;
        };
        let seen = some.last().map_or(&NO_TAGS, |(_, counted)| &counted.tags);
        let tags = known
            .resources
            .get(address)
            .map_or(seen, |resource| resource.tags());
        spent.push(Spent {
            address: address.clone(),
            id: (*id).to_owned(),
            tags: tags.clone(),
            completes: of.completes,
            money: of.money,
            may_be_earlier: of.may_be_earlier,
            gap: of.gap,
        });
    }
    for (address, resource) in &known.resources {
        let in_field = resource.survey().is_some_and(|survey| survey.in_field);
        let fielded = Level::of(resource.vendor, address) != Level::Container;
        if in_field && fielded && !all.contains_key(&(address.clone(), resource.id.as_str())) {
            spent.push(Spent {
                address: address.clone(),
                id: resource.id.clone(),
                tags: resource.tags().clone(),
                completes: None,
                money: None,
                may_be_earlier: None,
                gap: Some(Gap::Never),
            });
        }
    }
    spent.sort_by(|one, other| (&one.address, &one.id).cmp(&(&other.address, &other.id)));
    spent
}

#[cfg(test)]
mod tests;
