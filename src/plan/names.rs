//! Names: questions and answers that only the vendor's library knows, and surveys that only their name tells apart.

use super::drafted::refused;
use super::survey::Planner;
use super::{Inputs, Note, NoteKind};
use crate::model::{Address, DesiredSurvey, Lexicon, Reading};
use std::borrow::Cow;

/// What was read of the vendor's questions in the survey's locale.
pub(super) fn lexicon<'a>(inputs: &Inputs<'a>, desired: &DesiredSurvey) -> Option<&'a Reading<Lexicon>> {
    let key = (desired.vendor, locale(desired));
    inputs.live.lexicons.get(&key)
}

fn locale(desired: &DesiredSurvey) -> String {
    desired.spec.locale.value().cloned().unwrap_or_default()
}

/// What the vendor, asked beforehand, has against taking something out of field whose manifest is gone.
pub(super) fn no_way(address: &Address, why: &str) -> Note {
    let message = format!("its manifest is gone, and it cannot be taken out of field: {why}");
    Note::blocked(address, message).help("look at it at the vendor; run again when it is allowed")
}

impl<'a> Planner<'a> {
    /// What is wanted with every question and answer in the vendor's codes, or the notes that say why they could not be
    /// resolved.
    pub(super) fn resolved(&self) -> Result<Cow<'a, DesiredSurvey>, Vec<Note>> {
        let desired = self.desired;
        if !desired.vendor.has_library() || !desired.spec.asks() {
            return Ok(Cow::Borrowed(desired));
        }
        let blocked = |what: &str| {
            let message = format!(
                "questions and answers of {} cannot be resolved: {what}",
                locale(desired)
            );
            vec![self.blocked(message).at("/locale")]
        };
        match lexicon(self.inputs, desired) {
            Some(Reading::Present(lexicon)) => {
                let note = |refusal| refused(self.address, NoteKind::Blocked, refusal);
                let notes = |refusals: Vec<_>| -> Vec<Note> { refusals.into_iter().map(note).collect() };
                let spec = self.market.resolve(&desired.spec, lexicon).map_err(notes)?;
                let (vendor, policy) = (desired.vendor, desired.policy);
                Ok(Cow::Owned(DesiredSurvey { vendor, spec, policy }))
            }
            Some(Reading::Absent { proof }) => Err(blocked(proof)),
            Some(Reading::Unknown { why }) => {
                Err(blocked(&format!("the vendor's library could not be read: {why}")))
            }
            None => Err(blocked("the vendor's library was not asked for")),
        }
    }

    /// What the vendor, asked beforehand, has against the targeting.
    pub(super) fn objections(&self) -> Option<Note> {
        match self.inputs.live.objections.get(self.address)? {
            Reading::Present(lines) if lines.is_empty() => None,
            Reading::Present(lines) => Some(
                self.blocked(format!(
                    "{} would refuse its targeting: {}",
                    self.desired.vendor.name(),
                    lines.join("; ")
                ))
                .help("change `qualifications`, `quotas` or `completes`")
                .at("/quotas"),
            ),
            Reading::Absent { .. } | Reading::Unknown { .. } => None,
        }
    }

    /// What the vendor, asked beforehand, has against the change of status that is wanted.
    pub(super) fn no_way(&self) -> Option<Note> {
        let why = self.inputs.live.no_way.get(self.address)?;
        let wanted = self
            .desired
            .status()
            .map_or_else(String::new, |status| status.to_string());
        Some(
            self.blocked(format!("it cannot become {wanted}: {why}"))
                .help("look at its goal and its end at the vendor; run again when they allow it")
                .at("/status"),
        )
    }

    /// What to say of others with the same name, at vendors where it tells things apart: with one of them
    /// there, a create that loses its answer could not be told from it.
    pub(super) fn namesakes(&self) -> Option<Note> {
        let noun = self.noun();
        let unique = self.desired.vendor.facts().unique_by;
        let (name, path) = (unique.what, unique.path);
        match self.inputs.live.namesakes.get(self.address)? {
            Reading::Present(ids) if ids.is_empty() => None,
            Reading::Present(ids) => Some(
                self.blocked(format!(
                    "a {noun} with this {name} exists already and is not in the state: {}",
                    ids.join(", ")
                ))
                .help(format!(
                    "if it is this one, `infield state resolve {} --adopt ID` takes it over; otherwise choose another {name}",
                    self.address
                ))
                .at(path),
            ),
            Reading::Absent { proof: why } | Reading::Unknown { why } => Some(
                self.note(
                    if self.desired.vendor.facts().looks_for_twins {
                        NoteKind::Blocked
                    } else {
                        NoteKind::Advice
                    },
                    format!("whether a {noun} with this {name} exists already could not be seen: {why}"),
                )
                .at(path),
            ),
        }
    }
}
