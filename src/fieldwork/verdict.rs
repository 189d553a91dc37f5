//! The verdict, from numbers alone: that of the worst part that is still open, be it a quota or the whole.

use super::forecast::{Outlook, Time};
use super::parts::QuotaFieldwork;
use super::stage::Stage;
use crate::model::hours::Hours;
use crate::model::{Status, VendorId};
use crate::plan::finished::{End, Ended};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What ends with less than this share of its goal is slow, percent.
const SLOW_BELOW: u128 = 95;

/// What had no complete for less than this is not stalled: there are nights.
const SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// Nor is it where fewer completes than this were to be expected meanwhile.
const SILENT: u128 = 5;

/// What to think of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The vendor has it no more.
    Gone,
    /// It could not be read.
    Unread,
    /// In field, and no complete for a day.
    Stalled,
    /// Left in field, and out of it below its goal; nothing more will come by itself.
    EndedShort,
    /// A stage is collected or its time is over, and what it asks of the figures does not hold.
    CheckFailed,
    /// What comes before the whole is collected, and somebody has to say how it goes on.
    SoftLaunchWaiting,
    /// In field, with more completes than wanted in some quota, or in all.
    OverquotaRisk,
    /// In field, and it will not reach its goal in time at this pace.
    Slow,
    /// In field, and it will reach its goal in time at this pace.
    OnTrack,
    /// In field, and what its pace is cannot be told, or not yet.
    InField,
    /// Goes in field by itself.
    Scheduled,
    /// Out of field for now.
    Paused,
    /// The goal is reached.
    Done,
    /// Out of field for good, below its goal.
    Closed,
    /// Never was in field.
    Draft,
    /// Not made yet.
    Unmade,
    /// The vendor has a word for its status that infield does not know.
    Unclear,
}

impl Verdict {
    /// Every verdict, the most pressing first.
    pub const ALL: [Self; 17] = [
        Self::Gone,
        Self::Unread,
        Self::Stalled,
        Self::EndedShort,
        Self::CheckFailed,
        Self::SoftLaunchWaiting,
        Self::OverquotaRisk,
        Self::Slow,
        Self::OnTrack,
        Self::InField,
        Self::Scheduled,
        Self::Paused,
        Self::Done,
        Self::Closed,
        Self::Draft,
        Self::Unmade,
        Self::Unclear,
    ];

    /// The word for programs and on the command line.
    pub fn key(self) -> String {
        match self {
            Self::Unmade => "unmade".to_owned(),
            Self::Unread => "unread".to_owned(),
            // As it is said, without blanks.
            other => other.to_string().replace(' ', "-"),
        }
    }

    /// Whether nothing more comes by itself.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::EndedShort
                | Self::CheckFailed
                | Self::SoftLaunchWaiting
                | Self::Paused
                | Self::Done
                | Self::Closed
        )
    }

    /// Whether it is in field now.
    pub fn is_in_field(self) -> bool {
        matches!(
            self,
            Self::Stalled | Self::OverquotaRisk | Self::Slow | Self::OnTrack | Self::InField
        )
    }

    /// Whether there is anything to count.
    pub fn has_figures(self) -> bool {
        !matches!(self, Self::Unmade | Self::Gone | Self::Unread)
    }

    /// Whether somebody should look.
    pub fn needs_a_look(self) -> bool {
        match self {
            Self::Gone
            | Self::Unread
            | Self::Stalled
            | Self::EndedShort
            | Self::CheckFailed
            | Self::SoftLaunchWaiting
            | Self::OverquotaRisk
            | Self::Slow
            | Self::Unclear => true,
            Self::OnTrack
            | Self::InField
            | Self::Scheduled
            | Self::Paused
            | Self::Done
            | Self::Closed
            | Self::Draft
            | Self::Unmade => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gone => "gone",
            Self::Unread => "not read",
            Self::Stalled => "stalled",
            Self::EndedShort => "ended short",
            Self::CheckFailed => "check failed",
            Self::SoftLaunchWaiting => "soft launch waiting",
            Self::OverquotaRisk => "overquota risk",
            Self::Slow => "slow",
            Self::OnTrack => "on track",
            Self::InField => "in field",
            Self::Scheduled => "scheduled",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Closed => "closed",
            Self::Draft => "draft",
            Self::Unmade => "not made yet",
            Self::Unclear => "unclear",
        })
    }
}

/// What a verdict is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Where it is fielded, for words.
    pub vendor: VendorId,
    /// Its status, where it is one we know.
    pub status: Option<Status>,
    /// The vendor's word for it.
    pub status_text: &'a str,
    /// Why the vendor stopped it, where it says.
    pub reason: Option<&'a str>,
    /// How it ended, where it did.
    pub ended: Option<Ended>,
    /// Whether infield left it in field.
    pub left_in_field: bool,
    /// By which act of infield it is out of field, and when.
    pub own_act: Option<&'a str>,
    /// The hours in which it is in field, where it has some.
    pub hours: Option<&'a Hours>,
    /// Completes collected.
    pub completes: Option<u64>,
    /// Completes wanted.
    pub goal: Option<u64>,
    /// Its pace, and how it will end; only where that can be told.
    pub outlook: Option<Outlook>,
    /// Its quotas.
    pub quotas: &'a [QuotaFieldwork],
    /// When it went in field.
    pub started: Option<Timestamp>,
    /// When it goes out of field.
    pub ends: Option<Timestamp>,
    /// When the last complete came in.
    pub last_complete: Option<Timestamp>,
    /// What could not be read, and why.
    pub unread: Option<&'a str>,
    /// What time it is.
    pub now: Timestamp,
}

impl Facts<'_> {
    /// The time in field; only where start and end are known and it has begun.
    fn time(&self) -> Option<Time> {
        Time::new(self.started?, self.ends?, self.now)
    }

    /// How long no complete came, where that is no night and no chance.
    fn silence(&self, completes: u64, goal: u64) -> Option<SignedDuration> {
        let since = match (self.last_complete, completes) {
            (Some(last), _) => last.max(self.started.unwrap_or(last)),
            (None, 0) => self.started?,
            (None, _) => return None,
        };
        // Outside of its hours nobody is asked.
        let passed = |from: Timestamp, to: Timestamp| match self.hours {
            Some(hours) => hours.open_between(from, to),
            None => to.duration_since(from),
        };
        let silence = passed(since, self.now);
        if silence < SILENCE {
            return None;
        }
        let seconds = |span: SignedDuration| u128::try_from(span.as_secs()).unwrap_or(0);
        // At its own pace until then, or at the one that it needs where it had none.
        let own = self
            .started
            .map(|start| (completes, seconds(passed(start, since))));
        let own = own.filter(|(completes, active)| *completes > 0 && *active > 0);
        let needed = || Some((goal, seconds(passed(self.started?, self.ends?))));
        let expected = own
            .or_else(needed)
            .and_then(|(completes, active)| (u128::from(completes) * seconds(silence)).checked_div(active));
        // Where no pace is known, a day says enough.
        expected
            .is_none_or(|expected| expected >= SILENT)
            .then_some(silence)
    }

    fn count(&self) -> String {
        match (self.completes, self.goal) {
            (Some(completes), Some(goal)) => format!("{completes} of {goal} completes"),
            (Some(completes), None) => format!("{completes} completes"),
            (None, _) => match self.unread {
                Some(unread) => unread.to_owned(),
                None => format!("{} does not tell how many completes", self.vendor.name()),
            },
        }
    }
}

/// What to think of a survey, and why.
pub fn judge(facts: &Facts<'_>) -> (Verdict, String) {
    match facts.status {
        None => {
            let why = format!("infield does not know the status `{}`", facts.status_text);
            (Verdict::Unclear, why)
        }
        Some(Status::Draft) => (Verdict::Draft, "never launched".to_owned()),
        Some(status @ (Status::Paused | Status::Closed)) => {
            let because = facts.reason.map(|why| format!(", {why}")).unwrap_or_default();
            let own = facts.own_act.map(|act| format!(", by {act}")).unwrap_or_default();
            match (facts.ended, status) {
                (Some(ended), _) if ended.end == End::Done => (Verdict::Done, ended.count()),
                (Some(ended), _) if ended.end == End::SoftLaunch => (
                    Verdict::SoftLaunchWaiting,
                    format!("{}{because}", ended.shortfall()),
                ),
                (Some(ended), _) if facts.left_in_field => (
                    Verdict::EndedShort,
                    format!("{}{because}{own}", ended.shortfall()),
                ),
                (_, Status::Paused) => (Verdict::Paused, format!("{}{because}{own}", facts.count())),
                _ => (Verdict::Closed, format!("{}{because}", facts.count())),
            }
        }
        Some(Status::Live) => in_field(facts),
    }
}

/// The verdict of what is fielded in stages: what a stage has is not the end, and a check that does not hold is told before
/// that, where nothing worse is.
pub(super) fn on_stage((verdict, why): (Verdict, String), stage: Option<&Stage>) -> (Verdict, String) {
    let collected = matches!(verdict, Verdict::SoftLaunchWaiting | Verdict::Done);
    let worse = verdict < Verdict::CheckFailed;
    let Some(stage) = stage.filter(|stage| stage.ready && stage.next.is_some() && !worse) else {
        return (verdict, why);
    };
    let verdict = match stage.is_held_by_checks() {
        true if collected || verdict.is_in_field() => Verdict::CheckFailed,
        _ if collected => Verdict::SoftLaunchWaiting,
        _ => return (verdict, why),
    };
    (
        verdict,
        format!("{why}; the stage `{}`: {}", stage.name, stage.waits),
    )
}

fn in_field(facts: &Facts<'_>) -> (Verdict, String) {
    if let Some(start) = facts.started.filter(|start| *start > facts.now) {
        return (Verdict::Scheduled, format!("starts {start}"));
    }
    // A quota with nothing to collect is closed, however many it has.
    let over = |quota: &&QuotaFieldwork| matches!((quota.completes, quota.goal), (Some(n), Some(goal)) if goal > 0 && n > goal);
    let mut over = facts.quotas.iter().filter(over);
    if let Some(first) = over.next() {
        let more = others(over.count(), "is over", "are over");
        let (got, goal) = (first.completes.unwrap_or(0), first.goal.unwrap_or(0));
        let why = format!("quota {} has {got} of {goal}{more}", first.name);
        return (Verdict::OverquotaRisk, why);
    }
    let (Some(completes), Some(goal)) = (facts.completes, facts.goal) else {
        let why = match facts.completes {
            None => facts.count(),
            Some(_) => format!("{}, and no goal is known", facts.count()),
        };
        return (Verdict::InField, why);
    };
    if completes > goal {
        return (
            Verdict::OverquotaRisk,
            format!("{} and still in field", facts.count()),
        );
    }
    if completes == goal {
        return (Verdict::Done, facts.count());
    }
    if facts.ends.is_some_and(|ends| ends <= facts.now) {
        return (Verdict::Slow, format!("its time is over at {}", facts.count()));
    }
    if let Some(silence) = facts.silence(completes, goal) {
        let hours = silence.as_hours();
        return (Verdict::Stalled, format!("no complete for {hours} hours"));
    }
    if let Some(slow) = slow(facts, goal) {
        return (Verdict::Slow, slow);
    }
    match facts.outlook {
        Some(outlook) => {
            // Below an even pace so far, and fast enough by now.
            let why = match outlook.forecast.recent && outlook.pace < 100 {
                true => format!(
                    "{}% of an even pace so far, and enough at the rate of its last days",
                    outlook.pace
                ),
                false => format!("{}% of the pace that its goal needs", outlook.pace),
            };
            (Verdict::OnTrack, why)
        }
        None if facts.time().is_some() => (Verdict::InField, "too early to tell its pace".to_owned()),
        None => {
            let what = match (facts.started, facts.ends) {
                (None, _) => "when it started",
                _ => "when it ends",
            };
            let why = format!("no pace: {} does not tell {what}", facts.vendor.name());
            (Verdict::InField, why)
        }
    }
}

/// Why it will not reach its goal: the slowest of its open parts, by name where that is a quota.
fn slow(facts: &Facts<'_>, goal: u64) -> Option<String> {
    let quotas = facts.quotas.iter().filter(|quota| quota.is_open());
    let quotas = quotas.filter_map(|quota| Some((Some(quota.name.as_str()), quota.outlook()?, quota.goal?)));
    let whole = facts.outlook.map(|outlook| (None, outlook, goal));
    let mut slow: Vec<(Option<&str>, Outlook, u64)> = whole
        .into_iter()
        .chain(quotas)
        .filter(|(_, outlook, goal)| is_slow(outlook, *goal))
        .collect();
    // Of two that are equally slow, the whole comes first.
    slow.sort_by_key(|(name, outlook, goal)| {
        let share = u128::from(outlook.forecast.completes) * 1000 / u128::from(*goal).max(1);
        (share, outlook.pace, name.is_some())
    });
    let (name, outlook, goal) = *slow.first()?;
    let missing = goal.saturating_sub(outlook.forecast.completes).max(1);
    let end = format!("about {missing} of {goal} would be missing at the end");
    let recent = outlook.forecast.recent;
    Some(match name {
        None if recent => format!("at the rate of its last days {end}"),
        None => format!("{}% of the pace that its goal needs, {end}", outlook.pace),
        Some(name) => {
            let quotas = slow.iter().filter(|(name, ..)| name.is_some()).count();
            let more = others(quotas - 1, "is slow", "are slow");
            match recent {
                true => format!("quota {name}: at the rate of its last days {end}{more}"),
                false => format!(
                    "quota {name} is at {}% of the pace that it needs, {end}{more}",
                    outlook.pace
                ),
            }
        }
    })
}

/// Whether it will end markedly below its goal, or below it in nine of ten cases.
fn is_slow(outlook: &Outlook, goal: u64) -> bool {
    let forecast = outlook.forecast;
    forecast.high < goal || u128::from(forecast.completes) * 100 < u128::from(goal) * SLOW_BELOW
}

fn others(n: usize, is: &str, are: &str) -> String {
    match n {
        0 => String::new(),
        1 => format!(", and 1 more quota {is}"),
        n => format!(", and {n} more quotas {are}"),
    }
}

#[cfg(test)]
mod tests;
