//! What would be refused and is known before a call: questions and answers that the vendor's library does not have, colliding
//! names, targeting and prices that it would refuse, transitions that it blocks, and times that have passed.

use super::diff::SurveyDiff;
use super::drafted::refused;
use super::market::Refusal;
use super::note::{Note, NoteKind};
use super::planner::{Planner, lexicon, locale};
use crate::model::{DesiredSurvey, Reading};
use crate::text::pointer;
use std::borrow::Cow;

impl<'a> Planner<'a> {
    /// The wanted survey with every question and answer in the vendor's codes, or notes on those that could not be
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
                let note = |refusal| refused(self.address, NoteKind::Blocked, self.by_own_names(refusal));
                let notes = |refusals: Vec<_>| -> Vec<Note> { refusals.into_iter().map(note).collect() };
                let spec = self.market.resolve(&desired.spec, lexicon).map_err(notes)?;
                Ok(Cow::Owned(DesiredSurvey {
                    spec,
                    ..desired.clone()
                }))
            }
            Some(Reading::Absent { proof }) => Err(blocked(proof)),
            Some(Reading::Unknown { why }) => {
                Err(blocked(&format!("the vendor's library could not be read: {why}")))
            }
            None => Err(blocked("the vendor's library was not asked for")),
        }
    }

    /// A refusal of a question that the project names, in the words of its manifest, so that its place there is found.
    fn by_own_names(&self, refusal: Refusal) -> Refusal {
        let words = self.words();
        let code = pointer::keys(&refusal.path).last().unwrap_or_default();
        let name = words.question(&code);
        if name == code {
            return refusal;
        }
        let base = refusal.path.rsplit_once('/').map_or("", |(base, _)| base);
        let sent = format!("`{code}`");
        Refusal {
            path: pointer::below(base, name),
            message: refusal.message.replace(&sent, &format!("`{name}` ({code})")),
            help: refusal.help,
        }
    }

    /// A note on the errors that the vendor finds in the targeting before it is sent.
    pub(super) fn preflight_errors(&self) -> Option<Note> {
        match self.inputs.live.preflight_errors.get(self.address)? {
            Reading::Present(lines) if lines.is_empty() => None,
            Reading::Present(lines) => Some(
                self.blocked(format!(
                    "{} would refuse it: {}",
                    self.desired.vendor.name(),
                    lines.join("; ")
                ))
                .help("change what the vendor names"),
            ),
            Reading::Absent { .. } | Reading::Unknown { .. } => None,
        }
    }

    /// Notes on moments that have passed and would be written all the same, which no vendor takes. Of something that exists,
    /// only moments that change are written.
    pub(super) fn passed(&self, found: Option<&SurveyDiff>) -> Vec<Note> {
        let Some(now) = self.now() else {
            return Vec::new();
        };
        let vendor = self.desired.vendor;
        let is_written = |path: &str| {
            let mut fields = found.map(|found| found.fields.iter());
            fields
                .as_mut()
                .is_none_or(|fields| fields.any(|edit| path.starts_with(&edit.field.path(vendor))))
        };
        let moments = self.market.moments(&self.desired.spec).into_iter();
        let passed = moments.filter(|(path, time)| *time <= now && is_written(path));
        let note = |(path, time): (String, _)| {
            let message = format!("{} refuses a time that has passed: {time}", vendor.name());
            self.blocked(message)
                .help("write a later time, or leave it out where it need not be given")
                .at(path)
        };
        passed.map(note).collect()
    }

    /// A note that the vendor blocks the wanted change of status.
    pub(super) fn blocked_transition(&self) -> Option<Note> {
        let why = self.inputs.live.blocked_transitions.get(self.address)?;
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

    /// What to say of others that may be it already, from another clone, an older state, or by hand: nothing is made beside
    /// one of them unasked.
    pub(super) fn name_collisions(&self) -> Option<Note> {
        let noun = self.noun();
        let unique = self.desired.vendor.facts().unique_by;
        let (name, path) = match unique.what {
            "title" => ("title".to_owned(), unique.path),
            reference => (format!("title or {reference}"), "/title"),
        };
        match self.inputs.live.name_collisions.get(self.address)? {
            Reading::Present(ids) if ids.is_empty() => None,
            Reading::Present(ids) => Some(
                self.blocked(format!(
                    "a {noun} with this {name} exists already and is not in the state: {}",
                    ids.join(", ")
                ))
                .help(format!(
                    "if it is this one, `infield state resolve {0} --adopt ID` takes it over; if it is another one, `infield \
                     state resolve {0} --new` says so, and the next plan makes this one beside it",
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
