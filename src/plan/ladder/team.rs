//! Those that collect the stages of a ladder: a survey alone, or all marketplaces of a study together.
//!
//! Promises: pure. All of them stand on one stage. What is not told is not collected, and no check holds of it; time counts
//! only where all of them are in field on the stage, or have collected their part of it.

use crate::model::ladder::{Climb, Ladder, Rung, Then};
use crate::model::live::Stop;
use crate::model::{Address, DesiredSurvey, KnownSurvey, LiveSurvey, Reading, Status, Study, VendorId};
use crate::plan::collected::{collected_by, earlier};
use crate::plan::inputs::Inputs;
use crate::plan::study::parts::{parts_of, remembered_at};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Those that collect the stages of a ladder.
pub(super) struct Team<'a> {
    inputs: &'a Inputs<'a>,
    /// The ladder of all of them together.
    pub(super) ladder: &'a Ladder,
    parts: Vec<Part<'a>>,
    /// What was collected where the manifest does not field it any more.
    elsewhere: u64,
}

/// One of them.
struct Part<'a> {
    address: Address,
    vendor: VendorId,
    /// Its share of the ladder.
    share: Option<&'a Ladder>,
    known: Option<&'a KnownSurvey>,
    live: Option<&'a LiveSurvey>,
}

impl<'a> Team<'a> {
    /// Those that field a survey with stages, of these studies.
    pub(super) fn of(
        inputs: &'a Inputs<'a>,
        studies: &'a BTreeMap<Address, Study>,
        address: &Address,
        desired: &'a DesiredSurvey,
    ) -> Option<Self> {
        let own = desired.ladder.as_ref()?;
        let name = Address::survey(address.manifest());
        let lot = address.group_name().unwrap_or(Study::ONLY);
        let study = studies.get(&name);
        let together =
            study.and_then(|study| Some((study.ladders.get(lot)?, parts_of(inputs, &name, study, lot))));
        let (ladder, at) = together.unwrap_or_else(|| (own, [(desired.vendor, address.clone())].into()));
        let mut left = match study {
            Some(_) => remembered_at(inputs, &name, lot),
            None => Vec::new(),
        };
        left.retain(|(vendor, _)| !at.contains_key(vendor));
        let present = |address: &Address| inputs.live.surveys.get(address).and_then(Reading::present);
        let elsewhere = left
            .iter()
            .filter_map(|(_, address)| present(address))
            .map(collected_by);
        let elsewhere = elsewhere
            .filter(|one| one.told)
            .map(|one| one.collected.completes)
            .sum();
        let part = |(vendor, address): (VendorId, Address)| Part {
            vendor,
            share: inputs
                .desired
                .surveys
                .get(&address)
                .and_then(|survey| survey.ladder.as_ref()),
            known: inputs.known.survey(&address),
            live: present(&address),
            address,
        };
        Some(Self {
            inputs,
            ladder,
            parts: at.into_iter().map(part).collect(),
            elsewhere,
        })
    }

    /// Whether several marketplaces collect it together.
    pub(super) fn is_several(&self) -> bool {
        self.parts.len() > 1
    }

    /// The stage that they stand on: the highest that one of them was told, or that somebody asks for, and from there on as
    /// far as stages go on by themselves.
    pub(super) fn standing(&self) -> usize {
        let asked = self.parts.iter().filter_map(|part| {
            let asked = self.inputs.choices.advance.get(&part.address)?;
            self.ladder.place(asked)
        });
        let asked = asked.max().unwrap_or(0);
        if self.parts.iter().all(|part| part.known.is_none()) {
            return asked;
        }
        let told = self
            .parts
            .iter()
            .filter_map(|part| self.ladder.place(&part.climb()?.rung));
        let mut at = told.max().unwrap_or_else(|| self.found()).max(asked);
        while self.goes_on(at) {
            at += 1;
        }
        at
    }

    /// The stage of something that has none in the state: no higher than what it was told, and no higher than what is
    /// collected of it.
    fn found(&self) -> usize {
        let known = self.parts.iter().filter_map(|part| Some((part, part.known?)));
        let fielded =
            known.filter(|(part, _)| part.live.is_none_or(|live| live.status != Some(Status::Draft)));
        let told = fielded.filter_map(|(_, known)| known.applied.completes.value().copied());
        let told: u64 = told.sum();
        let within = self.ladder.rungs.iter().rposition(|rung| rung.completes <= told);
        let told = within.unwrap_or(0);
        let open = |got: u64| self.ladder.rungs.iter().position(|rung| rung.completes > got);
        self.told().and_then(open).map_or(told, |open| open.min(told))
    }

    /// Completes of all of them; `None` where one does not tell.
    pub(super) fn told(&self) -> Option<u64> {
        let all: Option<Vec<u64>> = self.parts.iter().map(|part| self.has(part)).collect();
        Some(all?.iter().sum::<u64>() + self.elsewhere)
    }

    /// Completes that one of them is known to have; `None` where nobody tells.
    fn has(&self, part: &Part<'_>) -> Option<u64> {
        let Some(known) = part.known else { return Some(0) };
        let live = part.live?;
        let counts = part.vendor.facts().counts_completes || live.counts;
        let counted = live
            .fielded
            .or(self.inputs.live.counted.get(&part.address).copied());
        // Where it is not counted, the vendor may say that its goal is reached, or have said so before.
        let stopped = live.stopped == Some(Stop::GoalReached) && live.status != Some(Status::Live);
        let told = live.spec.completes.value().copied().filter(|_| stopped);
        let confirmed = known.finished.filter(|_| counts).map(|finished| finished.goal);
        let draft = (live.status == Some(Status::Draft)).then_some(0);
        let here = counted.filter(|_| counts).or(told.max(confirmed)).or(draft)?;
        let before = match known.continues || self.is_several() {
            true => earlier(self.inputs, &part.address).0.completes,
            false => 0,
        };
        Some(here.saturating_add(before))
    }

    /// Whether a stage is left by itself.
    fn goes_on(&self, at: usize) -> bool {
        let next = self.ladder.rungs.get(at + 1);
        let rung = self.ladder.rungs.get(at).filter(|_| next.is_some());
        rung.is_some_and(|rung| {
            rung.then == Then::Continue
                && (self.is_full(rung) || self.is_over(at, rung))
                && self.failing(at, rung).is_empty()
        })
    }

    /// Whether a stage is known to be collected.
    pub(super) fn is_full(&self, rung: &Rung) -> bool {
        let has = self.parts.iter().filter_map(|part| self.has(part));
        has.sum::<u64>() + self.elsewhere >= rung.completes
    }

    /// Whether a stage has lasted as long as it may: since the last of them went in field on it.
    pub(super) fn is_over(&self, at: usize, rung: &Rung) -> bool {
        let (Some(minutes), Some(now)) = (rung.minutes, self.inputs.live.as_of) else {
            return false;
        };
        let lasts = i64::try_from(minutes).map(SignedDuration::from_mins);
        let until = |since: Timestamp| since.checked_add(lasts.ok()?).ok();
        let on = |part: &Part<'_>| {
            let over = || {
                let since = part.climb().filter(|climb| climb.rung == rung.name)?.since?;
                let live = part.live.filter(|live| live.status == Some(Status::Live));
                live.and_then(|_| until(since))
            };
            over().is_some_and(|until| until <= now)
        };
        let has_all = |part: &Part<'_>| {
            let share = part.share.and_then(|share| share.rungs.get(at));
            share.is_some_and(|share| self.has(part) >= Some(share.completes))
        };
        let mut known = self.parts.iter().filter(|part| part.known.is_some());
        known.clone().any(on) && known.all(|part| on(part) || has_all(part))
    }

    /// What does not hold of what a stage asks for before the next one comes: of several marketplaces it has to hold at each
    /// that tells the figure and has a part of the stage. What is not told does not hold.
    pub(super) fn failing(&self, at: usize, rung: &Rung) -> Vec<String> {
        let mut failing = Vec::new();
        for check in &rung.when {
            let asked = self.parts.iter().filter(|part| {
                let tells = part.vendor.facts().figures.contains(&check.figure);
                let share = part.share.and_then(|share| share.rungs.get(at));
                let has_part = share.is_none_or(|share| share.completes > 0);
                !self.is_several() || part.known.is_some() && tells && has_part
            });
            let mut nobody = true;
            for part in asked {
                nobody = false;
                let figures = self.inputs.live.figures.get(&part.address);
                let told = figures.and_then(|figures| figures.get(&check.figure));
                let there = match self.is_several() {
                    true => format!(" at {}", part.vendor.name()),
                    false => String::new(),
                };
                failing.extend(check.fails(told.copied(), &there));
            }
            if nobody {
                failing.extend(check.fails(None, ""));
            }
        }
        failing
    }
}

impl Part<'_> {
    fn climb(&self) -> Option<&Climb> {
        self.known?.climb.as_ref()
    }
}
