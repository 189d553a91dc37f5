//! How many completes a survey can still collect, and what each can cost.
//!
//! Promises: the number is never too low. It is what is left of the goal, or of a layer of quotas: quotas that everybody
//! who may take part belongs to, at a marketplace that is known to turn away who belongs to a full one. Counters that were
//! not read count as none; in doubt a layer does not cap. A complete costs no less than the vendor says it charges, and who
//! was let in before an edit, or before it stops, may still complete.

mod inside;

use super::diff::{self, Memory, QuotaEdit, SurveyDiff};
pub use super::layer::Cell;
use super::layer::{self, Part, Said, Who};
use super::market::Marketplace;
use crate::model::codebook::Codebook;
use crate::model::{Criteria, Field, LiveQuota, LiveSurvey, Money, Quota, Status, SurveySpec, VendorId};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet};

/// Most quotas that are looked at as one layer although they are over different questions.
const MOST_MIXED: usize = 64;

/// A survey, as far as it decides what can still be collected and what that costs.
#[derive(Debug, Clone)]
pub struct Fielding {
    vendor: VendorId,
    /// Goal, prices and settings; its lists mean nothing.
    spec: SurveySpec,
    /// Who may take part, by question.
    who: Who,
    quotas: Vec<LiveQuota>,
    fielded: Option<u64>,
    /// Whether all that a template brings is known.
    seen: bool,
    /// Whether a quota goes that may still turn people away.
    loose: bool,
    /// What the vendor says it charges, and the values that it was said for.
    charged: Option<(Money, Box<SurveySpec>)>,
    /// Whether people are let in now.
    open: bool,
    /// The same before edits that are made while people are let in, and whether others are let in beside these afterwards.
    earlier: Option<(Box<Fielding>, bool)>,
}

/// What a survey in field can still cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// Completes that can still come.
    pub completes: u64,
    /// The highest price of one; `None` where only a budget bounds what they cost together.
    pub price: Option<Money>,
    /// What all of them cost at most.
    pub most: Money,
    /// What people who are taking part when it is full may add, where the marketplace lets in more than are wanted.
    pub under_way: Option<Money>,
    /// What everybody costs who may be taking part at once, where it is known how many are let in.
    at_once: Option<Money>,
    /// Whether it may be less in truth: a counter was not read, a quota goes that may still turn people away, or the vendor
    /// says it charges more than its own ceiling.
    pub at_most: bool,
}

impl Stake {
    /// The same out of field: nothing.
    #[must_use]
    pub fn ended(&self) -> Self {
        Self {
            completes: 0,
            most: Money::zero(self.most.currency),
            under_way: None,
            at_once: None,
            at_most: false,
            ..*self
        }
    }

    /// The same once it is taken out of field: nobody is let in any more, and who takes part may still complete.
    #[must_use]
    pub fn stopped(&self) -> Self {
        Self {
            under_way: self.at_once.filter(|all| !all.amount.is_zero()),
            ..self.ended()
        }
    }
}

/// Completes that can still come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// How many at most.
    pub completes: u64,
    /// Whether a counter was not read.
    pub at_most: bool,
    /// The quotas that cap it below its goal; none where the goal does.
    pub layer: Vec<String>,
    /// The places of the goal, or of each quota that caps it, with its name.
    places: Vec<(Option<String>, u64)>,
}

/// Quotas over the same questions that sum to less than the goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftLaunch {
    /// The questions.
    pub over: Vec<String>,
    /// What they sum to.
    pub sum: u64,
    /// The goal.
    pub goal: u64,
    /// Somebody who may take part and belongs to none of them; none where they cap the survey.
    pub gap: Option<Vec<Cell>>,
}

impl Fielding {
    /// What a manifest wants, before there is anything.
    pub fn wanted(vendor: VendorId, spec: &SurveySpec) -> Self {
        let quotas = spec.quotas.value().into_iter().flatten();
        Self {
            vendor,
            spec: spec.clone(),
            who: by_question(&spec.qualifications),
            quotas: quotas.map(|quota| counted(quota, Some(0))).collect(),
            fielded: Some(0),
            seen: spec.template.value().is_none(),
            loose: false,
            charged: None,
            open: false,
            earlier: None,
        }
    }

    /// What the vendor shows; what it does not show is as it was applied.
    pub fn shown(vendor: VendorId, live: &LiveSurvey, applied: &SurveySpec) -> Self {
        let who = if live.qualifications.is_absent() {
            &applied.qualifications
        } else {
            &live.qualifications
        };
        let quotas = diff::filled(&live.quotas, &applied.quotas, Memory::of(vendor, applied));
        let spec = live.spec.over(applied);
        Self::existing(vendor, (live, applied), spec, by_question(who), quotas)
    }

    /// What was applied, with what the vendor has counted since; what was never applied is as the vendor shows it.
    pub fn left(vendor: VendorId, live: &LiveSurvey, applied: &SurveySpec) -> Self {
        let mut who = by_question(&live.qualifications);
        who.extend(by_question(&applied.qualifications));
        let shown = diff::filled(&live.quotas, &applied.quotas, Memory::of(vendor, applied));
        let count = |quota: &Quota| {
            let same = |other: &&LiveQuota| other.name.as_ref() == Some(&quota.name);
            counted(
                quota,
                shown.iter().find(same).map_or(Some(0), |quota| quota.fielded),
            )
        };
        let quotas = match applied.quotas.value() {
            Some(applied) => applied.iter().map(count).collect(),
            None => shown,
        };
        Self::existing(vendor, (live, applied), applied.over(&live.spec), who, quotas)
    }

    fn existing(
        vendor: VendorId,
        (live, applied): (&LiveSurvey, &SurveySpec),
        spec: SurveySpec,
        who: Who,
        mut quotas: Vec<LiveQuota>,
    ) -> Self {
        // A draft has asked nobody.
        let asked = live.status != Some(Status::Draft);
        let or_none = |count: Option<u64>| if asked { count } else { count.or(Some(0)) };
        for quota in &mut quotas {
            quota.fielded = or_none(quota.fielded);
        }
        let charged = |price: Money| (price, Box::new(live.spec.over(applied)));
        Self {
            vendor,
            charged: live.charged.map(charged),
            spec,
            who,
            quotas,
            fielded: or_none(live.fielded),
            seen: true,
            loose: false,
            open: live.status == Some(Status::Live),
            earlier: None,
        }
    }

    /// The same once these edits are written. A quota that is new, or counts others than before, has counted nobody yet.
    #[must_use]
    pub fn with(mut self, wanted: &SurveySpec, edits: &SurveyDiff) -> Self {
        let before = (self.open && !edits.is_empty()).then(|| self.clone());
        for edit in &edits.fields {
            self.spec.take(&edit.field, wanted);
        }
        for edit in &edits.qualifications {
            match &edit.after {
                Some(after) => self.who.insert(edit.question.clone(), after.clone()),
                None => self.who.remove(&edit.question),
            };
        }
        for edit in &edits.quotas {
            let at = self
                .quotas
                .iter()
                .position(|quota| quota.name.as_deref() == Some(edit.name()) || is(quota, edit));
            match (edit, at) {
                (QuotaEdit::Add(quota), None) => self.quotas.push(counted(quota, Some(0))),
                (QuotaEdit::Add(quota) | QuotaEdit::Change { after: quota, .. }, Some(at)) => {
                    let same = self.quotas[at].criteria == quota.criteria;
                    let fielded = if same { self.quotas[at].fielded } else { Some(0) };
                    self.quotas[at] = counted(quota, fielded);
                }
                (QuotaEdit::Change { after, .. }, None) => self.quotas.push(counted(after, None)),
                // Whether a quota that is stopped still turns people away, or none is there any more, is the vendor's way.
                (QuotaEdit::Stop { .. }, Some(at)) => {
                    self.quotas.remove(at);
                    self.loose = true;
                }
                (QuotaEdit::Stop { .. }, None) => {}
            }
        }
        // Whoever takes part then belongs to none of the quotas that let others in, for all that is known.
        self.earlier = before.map(|before| {
            let anew = edits.quotas.iter().any(QuotaEdit::changes_criteria)
                || !edits.qualifications.is_empty()
                || before.stops() != self.stops();
            (Box::new(before), anew)
        });
        self
    }

    /// What it can still cost in field; `None` where nothing bounds the price or the number of completes.
    pub fn stake(&self, market: &dyn Marketplace) -> Option<Stake> {
        let Left {
            completes, at_most, ..
        } = self.completes(market.codebook())?;
        let price = self.price(market);
        let full = price.map(|price| price.times(completes));
        // With nothing left to come, nothing of a budget is spent.
        let budget = market.budget(&self.spec).map(|budget| match completes {
            0 => Money::zero(budget.currency),
            _ => budget,
        });
        let most = match (full, budget) {
            (Some(full), Some(budget)) if budget.currency == full.currency && budget.amount < full.amount => {
                budget
            }
            (Some(full), _) => full,
            (None, budget) => budget?,
        };
        let at_once = price.and_then(|price| self.at_once(market, price));
        let more = at_once
            .zip(full)
            .map(|(all, full)| Money::new(all.amount - full.amount, all.currency));
        Some(Stake {
            completes,
            price,
            most,
            under_way: more.filter(|more| more.amount > Decimal::ZERO),
            at_once,
            // What of a budget is spent is not read.
            at_most: at_most
                || self.loose
                || completes > 0 && (Some(most) != full || self.above_its_ceiling(market)),
        })
    }

    /// The highest price of one more complete: what its values come to, or more where the vendor charges something else than
    /// they came to when that was read. Suppliers may have prices of their own, which an edit of the offer leaves as they
    /// are. Below a ceiling the vendor may charge anything.
    fn price(&self, market: &dyn Marketplace) -> Option<Money> {
        let price = market.highest_price(&self.spec)?;
        Some(match self.charged_instead(market) {
            Some(charged) => dearer(charged, price),
            None => price,
        })
    }

    /// What the vendor says it charges, where that is not what the values came to for which it was said.
    fn charged_instead(&self, market: &dyn Marketplace) -> Option<Money> {
        let (charged, asked) = self.charged.as_ref()?;
        let known = market.highest_price(asked)?;
        // What is shown may have fewer places than the price has.
        let places = charged.amount.scale().max(Money::minor_digits(charged.currency));
        let shown = |way| known.amount.round_dp_with_strategy(places, way);
        let above = charged.amount > shown(RoundingStrategy::ToPositiveInfinity);
        let below = charged.amount < shown(RoundingStrategy::ToZero) && asked.max_cpi.value().is_none();
        (charged.currency == known.currency && (above || below)).then_some(*charged)
    }

    /// Whether the price is what the vendor says it charges above a ceiling that it has. One of the two cannot be, and the
    /// higher one counts.
    fn above_its_ceiling(&self, market: &dyn Marketplace) -> bool {
        let ceiling = self.spec.max_cpi.value();
        self.charged_instead(market)
            .zip(ceiling)
            .is_some_and(|(charged, ceiling)| charged.amount > ceiling.amount)
    }

    /// How many completes can still come; `None` where neither a goal nor a layer says so.
    pub fn completes(&self, book: &Codebook) -> Option<Left> {
        let open_of = |goal: &u64| goal.saturating_sub(self.fielded.unwrap_or(0));
        let goal = self.spec.completes.value().map(open_of).map(|completes| Left {
            completes,
            at_most: self.fielded.is_none(),
            layer: Vec::new(),
            places: vec![(None, completes)],
        });
        let capped = self.layers(book).into_iter().map(|layer| Left {
            completes: layer
                .iter()
                .fold(0_u64, |sum, quota| sum.saturating_add(open(quota))),
            at_most: layer.iter().any(|quota| quota.fielded.is_none()),
            layer: layer.iter().filter_map(|quota| quota.name.clone()).collect(),
            places: layer
                .iter()
                .map(|quota| (quota.name.clone(), open(quota)))
                .collect(),
        });
        goal.into_iter().chain(capped).min_by_key(|left| left.completes)
    }

    /// How quotas keep it below its goal, or look as if they did; none where the goal is what counts.
    pub fn soft_launch(&self, book: &Codebook) -> Option<SoftLaunch> {
        let goal = *self.spec.completes.value()?;
        if !self.stops() {
            return None;
        }
        let below = |(over, members): (Vec<String>, Vec<&LiveQuota>)| {
            let sum = members
                .iter()
                .fold(0_u64, |sum, quota| sum.saturating_add(quota.completes));
            let gap = layer::gap(&self.who, book, &members);
            // With a single quota nobody means to cap the whole.
            let told = sum < goal && (gap.is_none() || members.len() > 1);
            told.then_some(SoftLaunch { over, sum, goal, gap })
        };
        let found: Vec<SoftLaunch> = self.dimensions().into_iter().filter_map(below).collect();
        let capped = found
            .iter()
            .filter(|one| one.gap.is_none())
            .min_by_key(|one| one.sum);
        capped
            .or_else(|| found.first().filter(|_| self.layers(book).is_empty()))
            .cloned()
    }

    /// Whether who belongs to a full quota is known to be turned away. What a template brings may say otherwise.
    fn stops(&self) -> bool {
        self.doubt().is_none()
    }

    /// Why it is not known that a full quota turns anybody away; `None` where it is.
    pub(super) fn doubt(&self) -> Option<String> {
        let fact = self.vendor.facts().quotas_stop;
        let settings = &self.spec.attributes;
        let template = || "its template may switch that off".to_owned();
        let settled = self.seen || fact.is_settled(settings);
        fact.doubt(settings).or_else(|| (!settled).then(template))
    }

    /// The quotas that can be seen.
    pub(super) fn counted(&self) -> Vec<&LiveQuota> {
        self.quotas.iter().filter(|quota| !quota.hidden).collect()
    }

    /// The goal.
    pub(super) fn goal(&self) -> Option<u64> {
        self.spec.completes.value().copied()
    }

    /// Answers of everybody who may take part, as far as the quotas tell them apart.
    pub(super) fn answers(&self, book: &Codebook) -> BTreeMap<String, Vec<Said>> {
        layer::answers(&self.who, book, &self.counted())
    }

    /// The same with these of the people only, and with the quotas that some of them belong to.
    pub(super) fn among(&self, people: &[Vec<Part>], answers: &BTreeMap<String, Vec<Said>>) -> Self {
        let theirs = |quota: &&LiveQuota| quota.hidden || layer::may_meet(people, answers, quota);
        Self {
            who: layer::narrowed(&self.who, &self.counted(), people),
            quotas: self.quotas.iter().filter(theirs).cloned().collect(),
            ..self.clone()
        }
    }

    /// Quotas by the questions they are over.
    pub(super) fn dimensions(&self) -> BTreeMap<Vec<String>, Vec<&LiveQuota>> {
        let mut dimensions: BTreeMap<Vec<String>, Vec<&LiveQuota>> = BTreeMap::new();
        for quota in self.quotas.iter().filter(|quota| !quota.hidden) {
            let questions: BTreeSet<&String> = quota.criteria.iter().map(|one| &one.question).collect();
            let questions = questions.into_iter().cloned().collect();
            dimensions.entry(questions).or_default().push(quota);
        }
        dimensions
    }

    /// The layers that everybody belongs to: quotas over the same questions, or else as few of all as do.
    fn layers(&self, book: &Codebook) -> Vec<Vec<&LiveQuota>> {
        if !self.stops() {
            return Vec::new();
        }
        let covers =
            |members: &[&LiveQuota]| !members.is_empty() && layer::gap(&self.who, book, members).is_none();
        let alike: Vec<Vec<&LiveQuota>> = self.dimensions().into_values().collect();
        let mixed = alike.len() > 1;
        let mut layers: Vec<Vec<&LiveQuota>> = alike.into_iter().filter(|layer| covers(layer)).collect();
        let mut all: Vec<&LiveQuota> = self.quotas.iter().filter(|quota| !quota.hidden).collect();
        if layers.is_empty() && mixed && all.len() <= MOST_MIXED && covers(&all) {
            all.sort_by_key(|quota| open(quota));
            while let Some(at) = (0..all.len()).rev().find(|at| {
                let mut fewer = all.clone();
                fewer.remove(*at);
                covers(&fewer)
            }) {
                all.remove(at);
            }
            layers.push(all);
        }
        layers
    }
}

/// The higher of two amounts; the second where they cannot be compared.
fn dearer(one: Money, other: Money) -> Money {
    if one.currency == other.currency && one.amount > other.amount {
        one
    } else {
        other
    }
}

/// Completes that are still open in a quota; those that were not counted are taken for none.
pub(super) fn open(quota: &LiveQuota) -> u64 {
    quota.completes.saturating_sub(quota.fielded.unwrap_or(0))
}

/// Whether an edit is about a quota that has no name of ours.
fn is(quota: &LiveQuota, edit: &QuotaEdit) -> bool {
    match edit {
        QuotaEdit::Change { before, .. } | QuotaEdit::Stop { before } => quota.id == before.id,
        QuotaEdit::Add(_) => false,
    }
}

fn counted(quota: &Quota, fielded: Option<u64>) -> LiveQuota {
    LiveQuota {
        name: Some(quota.name.clone()),
        id: quota.name.clone(),
        completes: quota.completes,
        fielded,
        criteria: quota.criteria.clone(),
        nameless: false,
        hidden: false,
    }
}

fn by_question(criteria: &Field<Criteria>) -> Who {
    let criteria = criteria.value().into_iter().flatten();
    criteria.map(|one| (one.question.clone(), one.clone())).collect()
}
