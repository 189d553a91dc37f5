//! Names: questions and answers that only the vendor's library knows, and surveys that only their name tells apart.

use super::survey::{Planner, refused};
use super::{Inputs, Marketplace, Note, NoteKind};
use crate::model::{Address, DesiredSurvey, Lexicon, Reading};

/// The survey in the vendor's codes, or the notes that say why its questions and answers could not be resolved.
pub(super) fn resolve<'a>(
    inputs: &Inputs<'a>,
    market: &dyn Marketplace,
    address: &Address,
    desired: &DesiredSurvey,
) -> (Option<&'a Lexicon>, Vec<Note>, Option<DesiredSurvey>) {
    let spec = &desired.spec;
    let targets = desired.vendor.has_library() && spec.asks();
    let locale = spec.locale.value().cloned().unwrap_or_default();
    let reading = inputs.live.lexicons.get(&(desired.vendor, locale.clone()));
    let lexicon = reading.and_then(Reading::present);
    if !targets {
        return (lexicon, Vec::new(), None);
    }
    let blocked = |what: String| {
        let message = format!("questions and answers of {locale} cannot be resolved: {what}");
        let note = Note::new(address, NoteKind::Blocked, message).at("/locale");
        (lexicon, vec![note], None)
    };
    match reading {
        Some(Reading::Present(present)) => match market.resolve(spec, present) {
            Ok(spec) => {
                let resolved = DesiredSurvey {
                    spec,
                    ..desired.clone()
                };
                (lexicon, Vec::new(), Some(resolved))
            }
            Err(refusals) => {
                let note = |refusal| refused(address, NoteKind::Blocked, refusal);
                (lexicon, refusals.into_iter().map(note).collect(), None)
            }
        },
        Some(Reading::Absent { proof }) => blocked(proof.clone()),
        Some(Reading::Unknown { why }) => blocked(format!("the vendor's library could not be read: {why}")),
        None => blocked("the vendor's library was not asked for".to_owned()),
    }
}

/// What the vendor, asked beforehand, has against taking something out of field whose manifest is gone.
pub(super) fn no_way(address: &Address, why: &str) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!("its manifest is gone, and it cannot be taken out of field: {why}"),
    )
    .help("look at it at the vendor; run again when it is allowed")
}

impl Planner<'_> {
    /// What the vendor, asked beforehand, has against the targeting.
    pub(super) fn objections(&self) -> Option<Note> {
        match self.inputs.live.objections.get(self.address)? {
            Reading::Present(lines) if lines.is_empty() => None,
            Reading::Present(lines) => Some(
                self.note(
                    NoteKind::Blocked,
                    format!(
                        "{} would refuse its targeting: {}",
                        self.desired.vendor.name(),
                        lines.join("; ")
                    ),
                )
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
            self.note(NoteKind::Blocked, format!("it cannot become {wanted}: {why}"))
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
                self.note(
                    NoteKind::Blocked,
                    format!(
                        "a {noun} with this {name} exists already and is not in the state: {}",
                        ids.join(", ")
                    ),
                )
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
