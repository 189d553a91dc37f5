//! Hours in which a survey is in field: what is paused outside of them, and what goes back.
//!
//! Promises: pure; nothing goes in field outside of its hours, whoever asks for it. What infield has paused for its hours
//! goes back when they open, without a further approval where the hours and all that it may cost were approved with a
//! launch. What somebody else has paused, and what is frozen, stays so.

use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::Plan;
use crate::model::hours::Hours;
use crate::model::known::{Act, KnownSurvey};
use crate::model::{LiveSurvey, Status, SurveySpec};

impl Planner<'_> {
    pub(super) fn hours(&self) -> Option<&Hours> {
        self.desired.ladder.as_ref()?.hours.as_ref()
    }

    /// Whether it is wanted in field, and these are not its hours. Nobody knows that they are where the time is not known.
    pub(super) fn is_outside(&self) -> bool {
        let open = |hours: &Hours| self.now().is_some_and(|now| hours.is_open(now));
        self.desired.status() == Some(Status::Live) && self.hours().is_some_and(|hours| !open(hours))
    }

    /// Whether it is in field now, and has to leave it until its hours open. What only has a date to start on collects
    /// nothing yet.
    pub(super) fn leaves_for_hours(&self, live: &LiveSurvey) -> bool {
        live.scheduled.is_none() && self.is_outside()
    }

    /// That these are not its hours, and when they open: `outside of its hours, which open Mon 08:00 New York`.
    pub(super) fn outside(&self) -> String {
        outside(self.hours(), self.now())
    }

    /// Whether infield paused it for its hours, and nothing but them kept it out of field since.
    pub(super) fn waits_for_hours(&self, known: &KnownSurvey) -> bool {
        self.hours().is_some() && known.paused_by.is_some_and(|by| by.act == Act::Hours)
    }

    /// The note that it goes in field once its hours open, and what that needs.
    pub(super) fn opens_later(&self, live: Option<&LiveSurvey>, after: &SurveySpec) -> Note {
        let known = self.inputs.known.survey(self.address);
        let status = live.and_then(|live| live.status);
        let mut message = format!("{}: ", self.outside());
        match status {
            None | Some(Status::Draft) => {
                message.push_str("it waits as a draft, and the first apply within them launches it");
            }
            Some(Status::Live | Status::Paused | Status::Closed) => {
                message.push_str("the first apply within them puts it back in field");
                if !self.is_approved(known, after) {
                    message.push_str(
                        ", which needs the approval `launch`: these hours, and what it may cost, were not approved with one",
                    );
                }
            }
        }
        let opens = self.hours().zip(self.now());
        let opens = opens.and_then(|(hours, now)| hours.opens(now));
        if let (Some(known), Some(live)) = (known, live) {
            let last = super::finished::last_day(self.desired.vendor, known, live);
            let last = last.and_then(|(last, _)| last);
            if last.zip(opens).is_some_and(|(last, opens)| last <= opens) {
                message.push_str(&self.back_until(known, live));
            }
        }
        self.note(NoteKind::Advice, message).at("/windows")
    }

    /// What is good to know of hours before they are approved: that the marketplace does not wait for ever, and who has to
    /// approve each return of what nothing bounds.
    pub(super) fn hours_later(&self, bounded: bool) -> Vec<Note> {
        let Some(hours) = self.hours() else {
            return Vec::new();
        };
        let days = hours.longest_closed().div_ceil(24 * 60);
        let lapse = self.desired.vendor.facts().lapses.paused;
        let lapse = lapse.filter(|_| days > 1).map(|lapse| {
            format!(
                "its hours are closed for up to {days} days together, and {}",
                lapse.rule
            )
        });
        let open = (!bounded).then(|| {
            "nothing bounds its price: whenever its hours open, going back in field needs the approval `launch`".to_owned()
        });
        let notes = lapse.into_iter().chain(open);
        notes
            .map(|message| self.note(NoteKind::Advice, message).at("/windows"))
            .collect()
    }

    /// Says with the step that pauses it for its hours what its return needs.
    pub(super) fn leaves_with(&self, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Plan) {
        let after = self.after(known, live);
        if self.is_outside() && !self.is_approved(Some(known), &after) {
            let paused = LiveSurvey {
                status: Some(Status::Paused),
                ..live.clone()
            };
            draft.notes.push(self.opens_later(Some(&paused), &after));
        }
    }
}

/// That these are not the hours of something, and when they open.
pub fn outside(hours: Option<&Hours>, now: Option<jiff::Timestamp>) -> String {
    let opens = hours
        .zip(now)
        .and_then(|(hours, now)| Some(hours.told(hours.opens(now)?)));
    match opens {
        Some(opens) => format!("outside of its hours, which open {opens}"),
        None => "outside of its hours".to_owned(),
    }
}
