//! The verdict, from numbers alone: that of the worst part that is still open, be it a quota or the whole.

use super::QuotaFieldwork;
use super::forecast::{Outlook, Time};
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
    pub const ALL: [Self; 16] = [
        Self::Gone,
        Self::Unread,
        Self::Stalled,
        Self::EndedShort,
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
            Self::EndedShort | Self::SoftLaunchWaiting | Self::Paused | Self::Done | Self::Closed
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
        let silence = self.now.duration_since(since);
        if silence < SILENCE {
            return None;
        }
        let seconds = |span: SignedDuration| u128::try_from(span.as_secs()).unwrap_or(0);
        // At its own pace until then, or at the one that it needs where it had none.
        let own = self
            .started
            .map(|start| (completes, seconds(since.duration_since(start))));
        let own = own.filter(|(completes, active)| *completes > 0 && *active > 0);
        let needed = || Some((goal, seconds(self.ends?.duration_since(self.started?))));
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
        Some(outlook) => (
            Verdict::OnTrack,
            format!("{}% of the pace that its goal needs", outlook.pace),
        ),
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
    let quotas = facts.quotas.iter().filter_map(|quota| {
        let open = quota.goal.zip(quota.completes).is_some_and(|(goal, n)| n < goal);
        Some((
            Some(quota.name.as_str()),
            quota.outlook().filter(|_| open)?,
            quota.goal?,
        ))
    });
    let whole = facts.outlook.map(|outlook| (None, outlook, goal));
    let mut slow: Vec<(Option<&str>, Outlook, u64)> = whole
        .into_iter()
        .chain(quotas)
        .filter(|(_, outlook, goal)| is_slow(outlook, *goal))
        .collect();
    // Of two that are equally slow, the whole comes first.
    slow.sort_by_key(|(name, outlook, _)| (outlook.pace, name.is_some()));
    let (name, outlook, goal) = *slow.first()?;
    let missing = goal.saturating_sub(outlook.forecast.completes).max(1);
    let end = format!("about {missing} of {goal} would be missing at the end");
    Some(match name {
        None => format!("{}% of the pace that its goal needs, {end}", outlook.pace),
        Some(name) => {
            let quotas = slow.iter().filter(|(name, ..)| name.is_some()).count();
            let more = others(quotas - 1, "is slow", "are slow");
            format!(
                "quota {name} is at {}% of the pace that it needs, {end}{more}",
                outlook.pace
            )
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
    }

    fn outlook(hour: i64, completes: u64, goal: u64) -> Option<Outlook> {
        Time::new(at(0), at(100), at(hour))?.outlook(completes, goal)
    }

    /// 100 completes wanted within 100 hours, at this hour with that many.
    fn facts(hour: i64, completes: u64) -> Facts<'static> {
        Facts {
            vendor: crate::marketplace::PURESPECTRUM,
            status: Some(Status::Live),
            status_text: "live",
            reason: None,
            ended: None,
            left_in_field: true,
            own_act: None,
            outlook: outlook(hour, completes, 100),
            completes: Some(completes),
            goal: Some(100),
            quotas: &[],
            started: Some(at(0)),
            ends: Some(at(100)),
            last_complete: (completes > 0).then(|| at(hour)),
            unread: None,
            now: at(hour),
        }
    }

    fn verdict(facts: &Facts<'_>) -> Verdict {
        judge(facts).0
    }

    #[test]
    fn the_pace_decides_in_field() {
        for (hour, completes, wanted) in [
            (0, 0, Verdict::InField),
            (4, 1, Verdict::InField),
            (5, 4, Verdict::Slow),
            (5, 5, Verdict::OnTrack),
            (10, 8, Verdict::Slow),
            (10, 10, Verdict::OnTrack),
            // Close, and nobody can tell yet; close, and there is hardly any time left.
            (50, 48, Verdict::OnTrack),
            (98, 96, Verdict::Slow),
            (23, 0, Verdict::Slow),
            (24, 0, Verdict::Stalled),
            (50, 100, Verdict::Done),
            (50, 101, Verdict::OverquotaRisk),
            (100, 99, Verdict::Slow),
            (100, 100, Verdict::Done),
        ] {
            let facts = facts(hour, completes);
            assert_eq!(
                verdict(&facts),
                wanted,
                "{completes} at {hour}: {}",
                judge(&facts).1
            );
        }
    }

    #[test]
    fn silence_for_a_day_is_a_stall_however_good_the_pace_was() {
        let mut facts = facts(60, 90);
        facts.last_complete = Some(at(36));
        assert_eq!(
            judge(&facts),
            (Verdict::Stalled, "no complete for 24 hours".to_owned())
        );
        facts.last_complete = Some(at(37));
        assert_eq!(verdict(&facts), Verdict::OnTrack);
        // Where nobody tells when the last one came, only none at all is silence.
        facts.last_complete = None;
        assert_eq!(verdict(&facts), Verdict::OnTrack);
        // What was resumed is not blamed for the time it was out.
        facts.started = Some(at(50));
        facts.last_complete = Some(at(10));
        assert_ne!(verdict(&facts), Verdict::Stalled);
    }

    #[test]
    fn without_a_start_an_end_or_a_count_there_is_no_pace() {
        let full = facts(50, 10);
        for (missing, said) in [
            (
                Facts {
                    started: None,
                    ..full
                },
                "does not tell when it started",
            ),
            (Facts { ends: None, ..full }, "does not tell when it ends"),
            (
                Facts {
                    completes: None,
                    ..full
                },
                "does not tell how many completes",
            ),
            (Facts { goal: None, ..full }, "no goal is known"),
        ] {
            let (verdict, why) = judge(&Facts {
                outlook: None,
                ..missing
            });
            assert_eq!(verdict, Verdict::InField, "{why}");
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn out_of_field_only_the_goal_counts() {
        let short = Some(End::Short);
        for (status, end, left_in_field, wanted) in [
            (Status::Draft, None, true, Verdict::Draft),
            (Status::Paused, None, true, Verdict::Paused),
            (Status::Paused, Some(End::Done), true, Verdict::Done),
            (
                Status::Paused,
                Some(End::SoftLaunch),
                true,
                Verdict::SoftLaunchWaiting,
            ),
            (Status::Paused, short, true, Verdict::EndedShort),
            (Status::Closed, short, true, Verdict::EndedShort),
            (Status::Closed, short, false, Verdict::Closed),
            (Status::Closed, Some(End::Done), false, Verdict::Done),
        ] {
            let ended = end.map(|end| Ended {
                end,
                completes: Some(90),
                goal: Some(100),
                taken_back: 0,
            });
            let facts = Facts {
                status: Some(status),
                ended,
                left_in_field,
                ..facts(90, 90)
            };
            assert_eq!(verdict(&facts), wanted);
        }
        let strange = Facts {
            status: None,
            ..facts(1, 1)
        };
        assert_eq!(verdict(&strange), Verdict::Unclear);
        let later = Facts {
            now: at(-1),
            ..facts(0, 0)
        };
        assert_eq!(verdict(&later), Verdict::Scheduled);
    }

    #[test]
    fn a_quota_over_its_goal_is_a_risk_and_a_full_one_is_not() {
        for (quotas, wanted) in [
            (vec![quota(50, Some(50), Some(50))], Verdict::OnTrack),
            (
                vec![quota(50, None, Some(0)), quota(50, Some(3), None)],
                Verdict::OnTrack,
            ),
            // Closed with what it had.
            (vec![quota(50, Some(30), Some(0))], Verdict::OnTrack),
            (vec![quota(50, Some(51), Some(50))], Verdict::OverquotaRisk),
        ] {
            let facts = Facts {
                quotas: &quotas,
                ..facts(50, 60)
            };
            assert_eq!(verdict(&facts), wanted);
        }
    }

    fn quota(hour: i64, completes: Option<u64>, goal: Option<u64>) -> QuotaFieldwork {
        let outlook = completes.zip(goal).and_then(|(n, goal)| outlook(hour, n, goal));
        QuotaFieldwork {
            name: "men".to_owned(),
            completes,
            goal,
            pace: outlook.map(|outlook| outlook.pace),
            forecast: outlook.map(|outlook| outlook.forecast),
        }
    }

    #[test]
    fn the_worst_open_quota_decides_by_name() {
        let named = |name: &str, completes, goal| QuotaFieldwork {
            name: name.to_owned(),
            ..quota(60, Some(completes), Some(goal))
        };
        for (men, women, others, wanted, said) in [
            (
                50,
                10,
                0,
                Verdict::Slow,
                "quota women is at 33% of the pace that it needs, about 33 of 50 would be missing at the end",
            ),
            (50, 30, 0, Verdict::OnTrack, "of the pace that its goal needs"),
            (
                20,
                10,
                0,
                Verdict::Slow,
                "quota women is at 33% of the pace that it needs, about 33 of 50 would be missing at the end, and 1 more quota is slow",
            ),
            // One of a few people is chance.
            (40, 30, 3, Verdict::OnTrack, "of the pace that its goal needs"),
        ] {
            let quotas = [
                named("men", men, 50),
                named("women", women, 50),
                named("others", 0, others),
            ];
            let facts = Facts {
                quotas: &quotas,
                ..facts(60, 60)
            };
            let (verdict, why) = judge(&facts);
            assert_eq!(verdict, wanted, "{why}");
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn silence_is_judged_by_what_was_to_be_expected() {
        // Ten completes in a hundred hours: a day without one is nothing.
        let rare = |hour, last| Facts {
            goal: Some(10),
            outlook: None,
            last_complete: Some(at(last)),
            ..facts(hour, 6)
        };
        assert_ne!(verdict(&rare(60, 36)), Verdict::Stalled);
        assert_eq!(verdict(&rare(99, 30)), Verdict::Stalled);
        let none = Facts {
            goal: Some(10),
            outlook: None,
            ..facts(30, 0)
        };
        assert_ne!(verdict(&none), Verdict::Stalled);
        assert_eq!(verdict(&Facts { now: at(60), ..none }), Verdict::Stalled);
    }

    #[test]
    fn the_word_for_programs_is_that_of_json() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.key());
        }
    }

    proptest! {
        #[test]
        fn any_numbers_give_a_verdict_and_more_completes_never_a_slower_pace(
            completes in any::<u64>(), more in any::<u64>(), goal in any::<u64>(),
            start in -1_000_000_i64..1_000_000, length in -1_000_000_i64..1_000_000,
        ) {
            let time = Time::new(at(start), at(start + length), at(0));
            let outlook = |completes| time?.outlook(completes, goal);
            let facts = |completes| Facts {
                completes: Some(completes),
                goal: Some(goal),
                outlook: outlook(completes),
                started: Some(at(start)),
                ends: Some(at(start + length)),
                last_complete: Some(at(0)),
                ..facts(0, 0)
            };
            let (few, many) = (facts(completes), facts(completes.saturating_add(more)));
            prop_assert!(!judge(&few).1.is_empty());
            if let (Some(few), Some(many)) = (few.outlook, many.outlook) {
                prop_assert!(few.pace <= many.pace);
                prop_assert!(few.forecast.completes <= many.forecast.completes);
                for forecast in [few.forecast, many.forecast] {
                    prop_assert!(forecast.low <= forecast.completes && forecast.completes <= forecast.high);
                }
            }
            if verdict(&few) == Verdict::OnTrack {
                prop_assert!(few.outlook.is_some());
            }
        }
    }
}
