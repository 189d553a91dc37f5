//! A pace: how many completes a survey may have by the end of the day.
//!
//! Promises: pure. A day adds no more completes than its pace, to what there was when it was looked at first on that day;
//! what a day did not use is not added to the next one. Where nobody tells how many there are, the day does not end before
//! the vendor says that its goal is reached.

use super::collected::earlier;
use super::finished::{End, Ended};
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use crate::model::hours::{date, place};
use crate::model::live::Stop;
use crate::model::pace::{Day, Pace};
use crate::model::{Address, Field, KnownSurvey, Ladder, LiveSurvey, Reading, Status, SurveySpec, VendorId};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Lets a survey that stands on its stage stand on its day.
pub(super) fn settle(
    inputs: &Inputs<'_>,
    address: &Address,
    vendor: VendorId,
    ladder: &mut Ladder,
    spec: &mut SurveySpec,
) {
    let Some(pace) = &ladder.pace else { return };
    let day = today(inputs, address, vendor, pace);
    let applied = inputs.known.survey(address).map(|known| &known.applied);
    let until = pace.until(day);
    // What goes down goes down everywhere.
    let applied = applied.filter(|applied| applied.completes.value().is_some_and(|told| *told <= until));
    let quotas = applied
        .and_then(|applied| applied.quotas.value())
        .into_iter()
        .flatten();
    let told: BTreeMap<String, u64> = quotas
        .map(|quota| (quota.name.clone(), quota.completes))
        .collect();
    ladder.stand_on(day, &told, spec);
}

/// The day that it is for a survey.
fn today(inputs: &Inputs<'_>, address: &Address, vendor: VendorId, pace: &Pace) -> Day {
    let now = inputs
        .live
        .now_at(vendor)
        .and_then(|now| date(&pace.timezone, now));
    let known = inputs.known.survey(address);
    let before = known.and_then(|known| known.climb.as_ref()?.day);
    if let Some(before) = before.filter(|before| now.is_none_or(|now| now <= before.date)) {
        return before;
    }
    let fresh = Day {
        date: now.unwrap_or(Date::MIN),
        start: 0,
    };
    let live = inputs.live.surveys.get(address).and_then(Reading::present);
    let Some((known, live)) = known.zip(live) else {
        return before.unwrap_or(fresh);
    };
    // Nothing is collected before it was in field.
    if live.status == Some(Status::Draft) {
        return fresh;
    }
    let counts = vendor.facts().counts_completes;
    let got = collected(inputs, address, known, live).filter(|_| counts);
    match got.or_else(|| reached(known, live)) {
        Some(start) => Day { start, ..fresh },
        None => before.unwrap_or(fresh),
    }
}

/// Completes of a survey, those of what it goes on with included; `None` where nobody tells.
fn collected(inputs: &Inputs<'_>, address: &Address, known: &KnownSurvey, live: &LiveSurvey) -> Option<u64> {
    let here = live.fielded.or(inputs.live.counted.get(address).copied())?;
    let before = match known.continues {
        true => earlier(inputs, address).0.completes,
        false => 0,
    };
    Some(here.saturating_add(before))
}

/// The goal that it was told, where the vendor says that it is reached.
fn reached(known: &KnownSurvey, live: &LiveSurvey) -> Option<u64> {
    let goal = known.applied.completes.value().copied()?;
    let told = live.stopped == Some(Stop::GoalReached)
        && live.status != Some(Status::Live)
        && live.spec.completes == Field::Set(goal);
    told.then_some(goal)
}

impl Planner<'_> {
    /// The note that a day has its completes, and that the next one goes on.
    pub(super) fn day_waits(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        ended: Option<&Ended>,
    ) -> Option<Note> {
        let ladder = self.desired.ladder.as_ref().filter(|ladder| ladder.is_paced())?;
        let (pace, bound) = (ladder.pace.as_ref()?, ladder.bound());
        let counted = collected(self.inputs, self.address, known, live).is_some_and(|got| got >= bound);
        if !counted && ended.is_none_or(|ended| ended.end != End::Done) {
            return None;
        }
        let (more, whole, of) = (pace.completes_per_day, ladder.whole(), place(&pace.timezone));
        let message = format!(
            "it has its {bound} completes of {whole} in all until the end of the day ({of}); the first apply of the next \
             day goes on with {more} more"
        );
        Some(self.note(NoteKind::Advice, message).at("/pace"))
    }

    /// Why more is wanted of it than before, where only the day is another one.
    pub(super) fn day_because(&self, known: &KnownSurvey) -> Option<String> {
        let ladder = self.desired.ladder.as_ref()?;
        let (before, now) = (known.climb.as_ref()?.day?, ladder.day?);
        let more = ladder.pace.as_ref()?.completes_per_day;
        (now.date > before.date).then(|| format!("a new day, which may add {more} completes"))
    }
}
