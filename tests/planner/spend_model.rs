//! A marketplace by brute force, for `spend`: what a survey can still cost, over every order of every respondent there could
//! be. It knows nothing of how a plan counts.

use crate::support::PS;
use crate::vendors::CINT;
use infield::model::{
    Answers, Criteria, Criterion, Field, LiveQuota, LiveSurvey, Money, Quota, SurveySpec, VendorId,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A generator of numbers that gives the same ones every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn at(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.at(all.len())]
    }
}

pub(crate) const GENDERS: [&str; 3] = ["111", "112", "113"];
/// One of every group of ages that no quota here tells apart.
const AGES: [i64; 6] = [16, 20, 30, 40, 50, 70];

/// A survey as the marketplace keeps it, with the counters it really has.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    vendor: VendorId,
    pub(crate) goal: u64,
    pub(crate) fielded: u64,
    /// What one complete can cost; `None` where nothing bounds it.
    pub(crate) price: Option<Decimal>,
    /// What all can cost together, where there is a budget.
    pub(crate) budget: Option<Decimal>,
    incidence: Decimal,
    throttles: bool,
    re_allocates: bool,
    who: Criteria,
    pub(crate) quotas: Vec<(Quota, u64)>,
    /// People who take part, by their quotas.
    inside: Vec<Vec<usize>>,
    /// People who have completed since, by their quotas.
    done: Vec<Vec<usize>>,
}

fn fits(criteria: &[Criterion], gender: &str, age: i64) -> bool {
    criteria.iter().all(|one| match &one.answers {
        Answers::Codes(codes) => codes.contains(gender),
        Answers::Ranges(ranges) => ranges.iter().any(|range| range.from <= age && age <= range.to),
    })
}

fn is_on(spec: &SurveySpec, setting: &str) -> bool {
    spec.attributes.get(setting) == Some(&Field::Set(json!(true)))
}

fn setting<'a>(spec: &'a SurveySpec, key: &str, place: &str) -> Option<&'a Value> {
    spec.attributes.get(key)?.value()?.pointer(place)
}

fn amount(price: &Field<Money>) -> Option<Decimal> {
    price.value().map(|price| price.amount)
}

/// What one complete can cost. Suppliers with a price of their own keep it whatever is offered.
fn price(vendor: VendorId, spec: &SurveySpec, suppliers: Option<Decimal>) -> Option<Decimal> {
    let (offer, ceiling) = (amount(&spec.cpi), amount(&spec.max_cpi));
    let price = if vendor == CINT {
        let members = setting(spec, "allocations", "/private/groups").and_then(Value::as_array);
        if members.is_some_and(|members| !members.is_empty()) {
            return None;
        }
        let pricing = |key: &str| setting(spec, "fielding_assistant", &format!("/pricing/{key}"));
        let boost = pricing("boost_cpi").and_then(Value::as_str);
        let boost = boost.map_or(Decimal::ZERO, |boost| boost.parse::<Money>().unwrap().amount);
        match (pricing("type").and_then(Value::as_str), ceiling) {
            // Whatever moves the price stops at the ceiling.
            (_, Some(ceiling)) => ceiling,
            (Some("dynamic"), None) => return None,
            (Some("rate_card"), None) => offer? + boost,
            _ => offer?,
        }
    } else {
        ceiling.or(offer)?
    };
    Some(match suppliers {
        // Of what is charged two places are shown: within a cent nobody can tell whose price it is.
        Some(own) if own - price >= Decimal::new(1, 2) => own,
        _ => price,
    })
}

fn budget(spec: &SurveySpec) -> Option<Decimal> {
    let budget = setting(spec, "fielding_assistant", "/pricing/total_budget")?;
    Some(budget.as_str()?.parse::<Money>().unwrap().amount)
}

impl Model {
    /// What the marketplace has of a survey with these values.
    pub(crate) fn of(vendor: VendorId, spec: &SurveySpec, suppliers: Option<Decimal>) -> Self {
        let quotas = spec.quotas.value().into_iter().flatten();
        Self {
            vendor,
            goal: spec.completes.value().copied().unwrap(),
            fielded: 0,
            price: price(vendor, spec, suppliers),
            budget: budget(spec),
            incidence: spec.incidence_rate.value().copied().unwrap(),
            throttles: is_on(spec, "quota_throttling"),
            re_allocates: is_on(spec, "qlc"),
            who: spec.qualifications.value().cloned().unwrap_or_default(),
            quotas: quotas.map(|quota| (quota.clone(), 0)).collect(),
            inside: Vec::new(),
            done: Vec::new(),
        }
    }

    /// Whether quotas turn anybody away.
    fn stops(&self) -> bool {
        self.vendor == PS && !self.re_allocates
    }

    /// The quotas of every kind of respondent that is let in. Where nobody is turned away, all are of one kind.
    fn kinds(&self) -> Vec<Vec<usize>> {
        if self.vendor != PS {
            return vec![Vec::new()];
        }
        let mut kinds = Vec::new();
        for gender in GENDERS {
            for age in AGES {
                if !fits(&self.who, gender, age) {
                    continue;
                }
                let of = |at: &usize| fits(&self.quotas[*at].0.criteria, gender, age);
                let kind: Vec<usize> = (0..self.quotas.len()).filter(of).collect();
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        kinds
    }

    /// The most completes that can still come, over every order of every kind of respondent.
    pub(crate) fn most(&self) -> u64 {
        let goal = self.goal.saturating_sub(self.fielded);
        let kinds = self.kinds();
        if !self.stops() || kinds.iter().any(Vec::is_empty) {
            return if kinds.is_empty() { 0 } else { goal };
        }
        // Who belongs to fewer quotas takes the place of who belongs to more.
        let inside = |kind: &Vec<usize>| {
            kinds
                .iter()
                .any(|other| other != kind && other.iter().all(|at| kind.contains(at)))
        };
        let kinds: Vec<Vec<usize>> = kinds.iter().filter(|kind| !inside(kind)).cloned().collect();
        let open = self
            .quotas
            .iter()
            .map(|(quota, fielded)| quota.completes.saturating_sub(*fielded));
        best(&kinds, open.collect(), &mut HashMap::new()).min(goal)
    }

    /// What can still be spent; `None` where nothing bounds it.
    pub(crate) fn cost(&self) -> Option<Decimal> {
        let most = self.most();
        let full = self.price.map(|price| price * Decimal::from(most));
        let budget = self
            .budget
            .map(|budget| if most == 0 { Decimal::ZERO } else { budget });
        full.into_iter().chain(budget).min()
    }

    /// How many people may take part at once at least, who may all complete whatever becomes of the survey; none where
    /// nothing is known of it.
    pub(crate) fn at_once(&self) -> u64 {
        if self.vendor == PS {
            self.let_in(self.most())
        } else {
            0
        }
    }

    /// What all who take part now cost if they complete.
    pub(crate) fn cost_inside(&self) -> Decimal {
        let people = if self.vendor == PS {
            self.inside.len() as u64
        } else {
            0
        };
        self.price.unwrap_or_default() * Decimal::from(people.max(self.at_once()))
    }

    fn is_full(&self, kind: &[usize]) -> bool {
        let full = |at: &usize| self.quotas[*at].1 >= self.quotas[*at].0.completes;
        self.fielded >= self.goal || self.stops() && kind.iter().any(full)
    }

    /// How many are let in for so many places. Beyond PureSpectrum nobody says it; as many as are wanted.
    pub(crate) fn let_in(&self, places: u64) -> u64 {
        if self.vendor != PS || self.throttles {
            return places;
        }
        let people = Decimal::from(places) * Decimal::ONE_HUNDRED / self.incidence;
        u64::try_from(people.ceil()).unwrap()
    }

    /// Somebody begins, where there is room and not too many take part, of all and of each of the quotas.
    pub(crate) fn begin(&mut self, dice: &mut Dice) {
        let kinds = self.kinds();
        if kinds.is_empty() {
            return;
        }
        let kind = dice.pick(&kinds).clone();
        let many = |places: u64, inside: usize| inside as u64 >= self.let_in(places);
        let of = |at: &usize| self.inside.iter().filter(|kind| kind.contains(at)).count();
        let crowded = |at: &usize| {
            let (quota, fielded) = &self.quotas[*at];
            many(quota.completes.saturating_sub(*fielded), of(at))
        };
        let crowded = self.stops() && kind.iter().any(crowded)
            || many(self.goal.saturating_sub(self.fielded), self.inside.len());
        if !crowded && !self.is_full(&kind) {
            self.inside.push(kind);
        }
    }

    /// Somebody who takes part comes to the end. Returns whether it is paid: where it is known that more are let in than are
    /// wanted, nobody of them is turned away any more.
    pub(crate) fn complete(&mut self, dice: &mut Dice, in_field: bool) -> bool {
        if self.inside.is_empty() {
            return false;
        }
        let kind = self.inside.swap_remove(dice.at(self.inside.len()));
        if self.vendor != PS && (!in_field || self.is_full(&kind)) {
            return false;
        }
        self.fielded += 1;
        kind.iter().for_each(|at| self.quotas[*at].1 += 1);
        self.done.push(kind);
        true
    }

    /// A complete is reversed and not paid. Returns how many quotas it opens, or none where there was none.
    pub(crate) fn reverse(&mut self, dice: &mut Dice) -> Option<usize> {
        let at = (!self.done.is_empty()).then(|| dice.at(self.done.len()))?;
        let kind = self.done.swap_remove(at);
        self.fielded -= 1;
        kind.iter().for_each(|at| self.quotas[*at].1 -= 1);
        Some(kind.len())
    }

    /// As many take part as are let in.
    pub(crate) fn crowd(&mut self, dice: &mut Dice) {
        for _ in 0..dice.up_to(2 * self.let_in(self.most()).min(60)) {
            self.begin(dice);
        }
    }

    /// The same survey with other values, and what stays of its people and its counters: a quota that goes counts and stops
    /// nobody any more, one that asks for others has counted nobody.
    pub(crate) fn become_(&self, vendor: VendorId, spec: &SurveySpec, suppliers: Option<Decimal>) -> Self {
        let mut after = Self::of(vendor, spec, suppliers);
        after.fielded = self.fielded;
        let same =
            |quota: &Quota, other: &Quota| other.name == quota.name && other.criteria == quota.criteria;
        for (quota, fielded) in &mut after.quotas {
            let before = self.quotas.iter().find(|(other, _)| same(quota, other));
            *fielded = before.map_or(0, |(_, fielded)| *fielded);
        }
        // What was stopped before stays, and goes on turning people away.
        let stays = |(quota, _): &&(Quota, u64)| {
            quota.completes == 0 && after.quotas.iter().all(|(other, _)| other.name != quota.name)
        };
        let stopped: Vec<(Quota, u64)> = self.quotas.iter().filter(stays).cloned().collect();
        after.quotas.extend(stopped);
        let moved = |at: &usize| {
            after
                .quotas
                .iter()
                .position(|(quota, _)| same(quota, &self.quotas[*at].0))
        };
        let kind = |kind: &Vec<usize>| kind.iter().filter_map(moved).collect();
        (after.inside, after.done) = (
            self.inside.iter().map(kind).collect(),
            self.done.iter().map(kind).collect(),
        );
        after
    }

    /// What counters show of it, as far as they are read.
    pub(crate) fn counted(&self, live: &mut LiveSurvey, dice: &mut Dice, unread: u64) {
        let mut told = |count: u64| Some(count).filter(|_| !dice.percent(unread));
        live.fielded = told(self.fielded);
        for quota in &mut live.quotas {
            let is = |(other, _): &&(Quota, u64)| Some(&other.name) == quota.name.as_ref();
            let fielded = self.quotas.iter().find(is).map_or(0, |(_, fielded)| *fielded);
            quota.fielded = told(fielded);
        }
    }
}

fn best(kinds: &[Vec<usize>], open: Vec<u64>, seen: &mut HashMap<(usize, Vec<u64>), u64>) -> u64 {
    let Some((kind, rest)) = kinds.split_first() else {
        return 0;
    };
    if let Some(found) = seen.get(&(kinds.len(), open.clone())) {
        return *found;
    }
    let room = kind.iter().map(|at| open[*at]).min().unwrap_or(0);
    let with = |count: u64, seen: &mut HashMap<(usize, Vec<u64>), u64>| {
        let mut left = open.clone();
        kind.iter().for_each(|at| left[*at] -= count);
        count + best(rest, left, seen)
    };
    let most = (0..=room).map(|count| with(count, seen)).max().unwrap_or(0);
    seen.insert((kinds.len(), open), most);
    most
}

/// The quota as the marketplace has it, without what only it knows.
pub(crate) fn plain(quota: &LiveQuota) -> Quota {
    Quota {
        name: quota.name.clone().unwrap(),
        completes: quota.completes,
        criteria: quota.criteria.clone(),
    }
}
