//! What ended: whether its goal was reached, whether the manifest now wants more, and until when it can be put back.
//!
//! Promises: pure; what is not told is unknown, and never makes anything done; what has ended is never drift, and nothing
//! here puts something back in field that the manifest does not raise.

use super::drafted::refused;
use super::inputs::Inputs;
use super::market::Refusal;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use crate::model::desired::OnFixedChange;
use crate::model::known::{Act, Finished};
use crate::model::live::Stop;
use crate::model::marketplace::Lapses;
use crate::model::{
    Address, Field, KnownSurvey, Level, LiveQuota, LiveSurvey, Reading, Status, SurveySpec, VendorId,
};
use jiff::{SignedDuration, Timestamp};

/// How something that is out of field ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its goal is reached.
    Done,
    /// Below its goal, and by itself nothing more will come.
    Short,
    /// The part that comes before the whole is collected, and somebody has to say how it goes on.
    SoftLaunch,
}

/// Something that ended, with what it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub end: End,
    /// Completes collected; `None` where nobody tells.
    pub completes: Option<u64>,
    /// Completes wanted, as the vendor has it.
    pub goal: Option<u64>,
    /// Completes that a goal which was reached has lost since.
    pub taken_back: u64,
}

/// How something ended that is paused or closed; `None` where it is in field, or only paused. `counted` are completes that
/// were asked for because what was read does not show them.
pub fn ended(
    vendor: VendorId,
    known: &KnownSurvey,
    live: &LiveSurvey,
    counted: Option<u64>,
    now: Option<Timestamp>,
) -> Option<Ended> {
    let closed = match live.status? {
        Status::Closed => true,
        Status::Paused => false,
        Status::Draft | Status::Live => return None,
    };
    let shown = |spec: &SurveySpec| spec.completes.value().copied();
    let goal = shown(&live.spec).or_else(|| shown(&known.applied));
    let completes = live.fielded.or(counted);
    let confirmed = known.finished.filter(|finished| Some(finished.goal) == goal);
    let counts = completes.zip(goal).is_some_and(|(got, goal)| got >= goal);
    // The vendor may count something else than completes. Its word is about the goal that it has had since.
    let told =
        live.stopped == Some(Stop::GoalReached) && known.finished.is_none() && goal == shown(&known.applied);
    let by_quotas = || vendor.facts().full_quotas_pause && quotas_full(live);
    let over = || {
        live.spec
            .end
            .value()
            .zip(now)
            .is_some_and(|(end, now)| *end <= now)
    };
    let end = if counts || told || confirmed.is_some() {
        End::Done
    } else if closed {
        End::Short
    } else if live.stopped == Some(Stop::SoftLaunch) || by_quotas() {
        End::SoftLaunch
    } else if live.stopped == Some(Stop::TimeOver) || over() {
        End::Short
    } else {
        return None;
    };
    let reached = confirmed.map(|finished| finished.completes);
    Some(Ended {
        end,
        taken_back: reached
            .zip(completes)
            .map_or(0, |(then, now)| then.saturating_sub(now)),
        completes: completes.or(reached),
        goal,
    })
}

/// Whether nothing more comes of something that is remembered: it is gone or closed, or has all that it wanted; of what holds
/// groups, whether that is so of each. What was not read is as it was left.
pub(super) fn is_over(inputs: &Inputs<'_>, address: &Address) -> bool {
    let resource = inputs.known.resources.get(address);
    let Some((vendor, known)) = resource.and_then(|resource| Some((resource.vendor, resource.survey()?)))
    else {
        return false;
    };
    let mut groups = address.inside(&inputs.known.resources).peekable();
    if groups.peek().is_some() {
        return groups.all(|group| is_over(inputs, group));
    }
    let live = match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => live,
        Some(Reading::Absent { .. }) => return true,
        Some(Reading::Unknown { .. }) | None => {
            return known.applied.status == Field::Set(Status::Closed) || known.finished.is_some();
        }
    };
    let ended = ended(vendor, known, live, None, inputs.live.now_at(vendor));
    let done = ended.is_some_and(|ended| ended.end == End::Done);
    let goal = live.spec.completes.value();
    let full = goal.zip(live.fielded).is_some_and(|(goal, got)| got >= *goal);
    live.status == Some(Status::Closed) || done || full
}

/// Whether every quota is full, as far as all of them are counted.
fn quotas_full(live: &LiveSurvey) -> bool {
    let mut some = live.quotas.iter().filter(|quota| quota.completes > 0).peekable();
    let full = |quota: &LiveQuota| quota.fielded.is_some_and(|got| got >= quota.completes);
    some.peek().is_some() && some.all(full)
}

impl Ended {
    /// What it got, in words.
    pub fn count(&self) -> String {
        match (self.completes, self.goal) {
            (Some(got), Some(goal)) => format!("{got} of {goal} completes"),
            (Some(got), None) => format!("{got} completes"),
            (None, Some(goal)) if self.end == End::Done => format!("its goal of {goal} completes is reached"),
            (None, Some(goal)) => format!("how many of its {goal} completes it has is not told"),
            (None, None) => "how many completes it has is not told".to_owned(),
        }
    }

    /// The same, with what is missing.
    pub fn shortfall(&self) -> String {
        match (self.completes, self.goal) {
            (Some(got), Some(goal)) => format!("{}, {} missing", self.count(), goal.saturating_sub(got)),
            _ => self.count(),
        }
    }
}

/// Why infield itself took it out of field, and when: `infield freeze on 2026-11-21`.
pub fn own_act(known: &KnownSurvey) -> Option<String> {
    let by = known.paused_by?;
    let day = by.at.map(|at| format!(" on {}", day(at))).unwrap_or_default();
    Some(format!("{}{day}", by.act))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Until when something that is out of field can be put back, with the vendor's rule; the time is `None` where it is not
/// known when it went out.
pub fn last_day(
    vendor: VendorId,
    known: &KnownSurvey,
    live: &LiveSurvey,
) -> Option<(Option<Timestamp>, &'static str)> {
    let Lapses { paused, end, .. } = vendor.facts().lapses;
    let until = live.spec.end.value().or(known.applied.end.value()).copied();
    match live.status? {
        Status::Paused if paused.is_some() => {
            let lapse = paused?;
            let since = known.paused_by.and_then(|by| by.at);
            let since = since.or(known.finished.and_then(|finished| finished.at));
            Some((since.and_then(|since| after_days(since, lapse.days)), lapse.rule))
        }
        Status::Paused | Status::Closed => Some((Some(until?), end?)),
        Status::Draft | Status::Live => None,
    }
}

/// So many days later.
pub fn after_days(since: Timestamp, days: u16) -> Option<Timestamp> {
    since
        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .ok()
}

impl Planner<'_> {
    /// How it ended by the goal of its manifest: with a lower one, what was short may be done.
    pub(super) fn as_wanted(&self, ended: Ended) -> Ended {
        let goal = self.desired.spec.completes.value().copied();
        match (goal, ended.completes) {
            (Some(goal), Some(completes)) if ended.end == End::Short && completes >= goal => Ended {
                end: End::Done,
                goal: Some(goal),
                ..ended
            },
            _ => ended,
        }
    }

    /// How it ended, where it did.
    pub(super) fn ended(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Ended> {
        let counted = self.inputs.live.counted.get(self.address).copied();
        ended(self.desired.vendor, known, live, counted, self.now())
    }

    /// What to remember of its end: the goal that was reached, since when.
    pub(super) fn reached(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Finished> {
        let ended = self.ended(known, live).filter(|ended| ended.end == End::Done)?;
        let goal = ended.goal?;
        let before = known.finished.filter(|finished| finished.goal == goal);
        Some(before.unwrap_or(Finished {
            goal,
            completes: ended.completes.unwrap_or(goal),
            at: None,
        }))
    }

    /// Why it goes on: it ended, and the manifest wants more than that.
    pub(super) fn raised(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<String> {
        let wanted = self.desired.spec.completes.value().copied()?;
        let ended = self.ended(known, live);
        let got = live
            .fielded
            .or(self.inputs.live.counted.get(self.address).copied());
        // A raise that was written and not followed by its launch is still one.
        let reached = known.finished.map(|finished| finished.goal);
        let done = ended.filter(|ended| ended.end == End::Done);
        let base = reached.or(done.and_then(|ended| ended.goal));
        if let Some(base) = base.filter(|base| wanted > *base && got.is_none_or(|got| wanted > got)) {
            return Some(self.up_because(known).unwrap_or_else(|| {
                format!("its goal of {base} is reached, and the manifest raises it to {wanted}")
            }));
        }
        let waits = ended.is_some_and(|ended| ended.end == End::SoftLaunch) && live.stopped.is_none();
        let wanted = self.desired.spec.quotas.value().filter(|_| waits)?;
        let wanted: u64 = wanted.iter().map(|quota| quota.completes).sum();
        let shown: u64 = live.quotas.iter().map(|quota| quota.completes).sum();
        (wanted > shown).then(|| {
            format!(
                "its soft launch is collected, and the manifest raises its quotas from {shown} to {wanted}"
            )
        })
    }

    /// The note that says how it ended.
    pub(super) fn end_note(&self, known: &KnownSurvey, live: &LiveSurvey, ended: &Ended) -> Note {
        if let Some(waits) = self.stage_waits(known, live, Some(ended)) {
            return waits;
        }
        let (noun, id, status) = (self.noun(), &live.id, &live.status_text);
        let because = live.status_reason.as_ref();
        let because = because.map(|why| format!(", {why}")).unwrap_or_default();
        let own = own_act(known).map(|act| format!(", paused before by {act}"));
        let own = own.unwrap_or_default();
        let back = self.back_until(known, live);
        let resume = format!("`infield apply --resume {}`", self.address);
        let final_ = live.status == Some(Status::Closed)
            && self.market.transition(Status::Closed, Status::Live).is_err();
        match ended.end {
            End::Done => {
                let own = known
                    .paused_by
                    .filter(|by| by.act == Act::Cut)
                    .and(own_act(known));
                let own = own.map(|act| format!("; ended by {act}")).unwrap_or_default();
                let lost = match ended.taken_back {
                    0 => String::new(),
                    lost => format!("; the vendor took {lost} back since"),
                };
                let message = format!("{}{lost}{own}{back}", ended.count());
                let note = self.note(NoteKind::Done, message);
                if final_ {
                    return note;
                }
                note.help("raise `completes` to field it on")
            }
            End::Short => {
                let message = format!(
                    "{noun} {id} has ended ({status}{because}): {}{own}{back}",
                    ended.shortfall()
                );
                let help = if final_ || self.time_is_over(known, live) {
                    self.way_on()
                } else {
                    format!("{resume} fields it on; `status: closed` accepts it")
                };
                self.note(NoteKind::EndedShort, message).help(help)
            }
            End::SoftLaunch => {
                let message = format!(
                    "{noun} {id} has collected its soft launch and waits{because}: {}{back}",
                    ended.shortfall()
                );
                let help = format!("raise its quotas to field it on, or use {resume}");
                self.note(NoteKind::SoftLaunchWaiting, message).help(help)
            }
        }
        .at("/status")
    }

    /// The note that the vendor took completes back from a goal that was reached, and fields it on by itself.
    pub(super) fn reopened_note(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Note> {
        let finished = known.finished.filter(|_| live.status == Some(Status::Live))?;
        let goal = live
            .spec
            .completes
            .value()
            .filter(|goal| **goal == finished.goal)?;
        let got = live.fielded.filter(|got| got < goal)?;
        let lost = finished.completes.max(*goal) - got;
        let message = format!(
            "its goal was reached, and the vendor took {lost} completes back and fields it on: {got} of {goal} \
             completes"
        );
        let help = "set `status: paused`, or lower `completes`, if they are not to be collected again";
        Some(self.note(NoteKind::Advice, message).help(help).at("/completes"))
    }

    /// The note that infield itself keeps it out of field.
    pub(super) fn own_note(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Note> {
        let act = own_act(known)?;
        if self.waits_for_hours(known) && self.is_outside() {
            return Some(self.opens_later(Some(live), &self.after(known, live)));
        }
        let back = self.back_until(known, live);
        let (noun, id) = (self.noun(), &live.id);
        let message =
            format!("wanted live, and {noun} {id} is paused by {act}; it is not resumed unasked{back}");
        let help = format!("`infield apply --resume {}` puts it back in field", self.address);
        Some(self.note(NoteKind::Held, message).help(help).at("/status"))
    }

    /// Until when it can be put back, as the end of a sentence.
    pub(super) fn back_until(&self, known: &KnownSurvey, live: &LiveSurvey) -> String {
        match last_day(self.desired.vendor, known, live) {
            Some((Some(at), _)) if self.now().is_some_and(|now| at <= now) => String::new(),
            Some((Some(at), rule)) => {
                // Since when it is out of field is only known of acts of ours; of others, when they were seen.
                let counted = live.status == Some(Status::Paused)
                    && self.desired.vendor.facts().lapses.paused.is_some();
                let seen = counted && known.paused_by.is_none_or(|by| by.at.is_none());
                let latest = if seen { " at the latest" } else { "" };
                format!("; it can be put back until {at}{latest}: {rule}")
            }
            Some((None, rule)) => format!("; {rule}"),
            None => String::new(),
        }
    }

    /// What can be done about what has ended for good.
    fn way_on(&self) -> String {
        let set = match self.desired.policy.on_fixed_change {
            OnFixedChange::Replace => "",
            OnFixedChange::Refuse => "set `on_fixed_change: replace` and ",
        };
        format!(
            "set `status: closed` to accept it, or {set}use `infield apply --resume {}` to field what is missing in a \
             new one",
            self.address
        )
    }

    /// Whether the vendor puts nothing back any more because the time of the run has passed, also with the end that the
    /// manifest wants.
    fn time_is_over(&self, known: &KnownSurvey, live: &LiveSurvey) -> bool {
        let (Some(_), Some(now)) = (self.desired.vendor.facts().lapses.end, self.now()) else {
            return false;
        };
        let end = match live.status {
            // Says the vendor, whatever time it is here.
            Some(Status::Closed) if live.stopped == Some(Stop::TimeOver) => return true,
            // What is over for good keeps its end.
            Some(Status::Closed) => live.spec.end.clone(),
            _ => self.after(known, live).end,
        };
        matches!(end, Field::Set(end) if end <= now)
    }

    /// Why it can no longer be put back: the vendor's rule.
    fn over_for_good(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> Option<Refusal> {
        match self.market.transition(status, Status::Live) {
            Err(refusal) => Some(refusal),
            Ok(()) if self.time_is_over(known, live) => {
                self.desired.vendor.facts().lapses.end.map(Refusal::new)
            }
            Ok(()) => None,
        }
    }

    /// Whether it has ended for good, its manifest lets a new one stand in for it, and somebody asks for what is missing:
    /// the manifest wants more than it did, or it is resumed by name.
    pub(super) fn is_fielded_anew(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> bool {
        let fielded = matches!(status, Status::Paused | Status::Closed) && self.level() != Level::Container;
        let lets = self.desired.policy.on_fixed_change == OnFixedChange::Replace;
        if !fielded || !lets || self.desired.status() != Some(Status::Live) {
            return false;
        }
        let Some(ended) = self.ended(known, live) else {
            return false;
        };
        let wanted = self.desired.spec.completes.value().copied();
        let above = wanted.zip(ended.goal).is_some_and(|(wanted, goal)| wanted > goal);
        let more = above || self.raised(known, live).is_some();
        let asked = more || (ended.end != End::Done && self.is_asked_back());
        asked && self.over_for_good(known, live, status).is_some()
    }

    /// The note that it can no longer be put back, with the vendor's rule and what is missing.
    pub(super) fn too_late(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> Option<Note> {
        let raised = self.raised(known, live);
        let refusal = self.over_for_good(known, live, status)?;
        let (noun, id) = (self.noun(), &live.id);
        let wanted = self.desired.spec.completes.value().copied();
        let Some(wanted) = wanted.filter(|_| raised.is_some()) else {
            let rule = match refusal.help {
                Some(_) => return Some(refused(self.address, NoteKind::Blocked, refusal).at("/status")),
                None => refusal.message,
            };
            let message = format!("{noun} {id} cannot go back in field: {rule}");
            return Some(self.blocked(message).help(self.way_on()).at("/status"));
        };
        let rule = refusal.message;
        let got = self.ended(known, live).and_then(|ended| ended.completes);
        let missing = wanted.saturating_sub(got.unwrap_or_default());
        let message = format!("{noun} {id} has ended and cannot be raised to {wanted} completes: {rule}");
        let help = format!(
            "put `completes` back, or set `on_fixed_change: replace` to field the {missing} that are missing in a new one"
        );
        Some(self.blocked(message).help(help).at("/completes"))
    }
}
