//! What a freeze holds: nothing that it names goes in field or is raised until it is thawed.

use super::drop::drop_steps;
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::Plan;
use crate::model::stops::Freeze;
use crate::model::{Address, DesiredSurvey, KnownSurvey, Level, LiveSurvey, Reading, Status, VendorId};
use std::collections::BTreeSet;

impl<'a> Inputs<'a> {
    /// The freeze that holds a survey or group.
    pub(super) fn freeze(&self, address: &Address, vendor: VendorId) -> Option<&'a Freeze> {
        let none = BTreeSet::new();
        let wanted = self.desired.surveys.get(address);
        let tags = wanted.map_or(&none, |survey| &survey.policy.tags);
        self.known.freeze(address, vendor, tags)
    }
}

impl Planner<'_> {
    /// The note that it is frozen, with how long the vendor lets it wait.
    pub(super) fn frozen_until(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Note> {
        let mut note = self.frozen()?;
        note.message.push_str(&self.back_until(known, live));
        Some(note.at("/status"))
    }

    /// The note that it is frozen.
    pub(super) fn frozen(&self) -> Option<Note> {
        let freeze = self.inputs.freeze(self.address, self.desired.vendor)?;
        Some(note(self.address, freeze))
    }
}

fn note(address: &Address, freeze: &Freeze) -> Note {
    let message = format!("{freeze}: it is neither put in field nor raised");
    Note::new(address, NoteKind::Held, message).help(format!("`infield thaw {address}` ends that"))
}

fn seen_live(reading: &Reading<LiveSurvey>) -> bool {
    reading
        .present()
        .is_some_and(|live| live.status == Some(Status::Live))
}

/// Takes out the steps that are frozen, and what depends on them, leaving notes that are neither errors nor drift.
pub(super) fn hold(inputs: &Inputs<'_>, plan: &mut Plan) {
    if inputs.known.stops.is_empty() {
        return;
    }
    for (address, reading) in &inputs.live.surveys {
        let wanted = inputs.desired.surveys.get(address);
        // What only holds groups costs nothing by itself, and one of them may have been thawed.
        let in_field = |survey: &&DesiredSurvey| {
            survey.status() == Some(Status::Live)
                && Level::of(survey.vendor, address) != Level::Container
                && seen_live(reading)
                && inputs.choices.includes(address)
        };
        if let Some(survey) = wanted.filter(in_field)
            && let Some(freeze) = inputs.freeze(address, survey.vendor)
        {
            let message = format!("{freeze}, and it is in field all the same");
            let help = format!(
                "`infield freeze {address}` takes it out again, `infield thaw {address}` lets it stay"
            );
            plan.notes.push(
                Note::new(address, NoteKind::Drift, message)
                    .help(help)
                    .at("/status"),
            );
        }
    }
    let before = plan.notes.len();
    let frozen = |address: &Address, vendor| inputs.freeze(address, vendor);
    let gone = drop_steps(plan, |step| {
        let freeze = frozen(&step.address, step.vendor).filter(|_| step.spends())?;
        Some(note(&step.address, freeze))
    });
    let mut said = plan.notes.split_off(before);
    for (note, step) in said.iter_mut().zip(&gone) {
        if note.kind == NoteKind::Blocked {
            *note = match frozen(&step.address, step.vendor) {
                Some(freeze) => self::note(&step.address, freeze),
                None => Note {
                    kind: NoteKind::Held,
                    message: note.message.replace("which is refused", "which is frozen"),
                    ..note.clone()
                },
            };
        }
    }
    // Once is enough of each.
    let known = |note: &Note| {
        let same = |other: &Note| other.address == note.address && other.message.starts_with(&note.message);
        plan.notes.iter().any(same)
    };
    said.retain(|note| !known(note));
    plan.notes.append(&mut said);
}
