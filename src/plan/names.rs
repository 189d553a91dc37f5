//! Names: questions and answers that only the vendor's library knows, and surveys that only their title tells apart.

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

impl Planner<'_> {
    /// What to say of others with the same title, at vendors where nothing else tells surveys apart: with one of them
    /// there, a create that loses its answer could not be told from it.
    pub(super) fn namesakes(&self) -> Option<Note> {
        let noun = self.noun();
        match self.inputs.live.namesakes.get(self.address)? {
            Reading::Present(ids) if ids.is_empty() => None,
            Reading::Present(ids) => Some(
                self.note(
                    NoteKind::Blocked,
                    format!(
                        "a {noun} with this title exists already and is not in the state: {}",
                        ids.join(", ")
                    ),
                )
                .help(format!(
                    "if it is this one, `infield state resolve {} --adopt ID` takes it over; otherwise choose another `title`",
                    self.address
                ))
                .at("/title"),
            ),
            Reading::Absent { proof: why } | Reading::Unknown { why } => Some(
                self.note(
                    NoteKind::Advice,
                    format!("whether a {noun} with this title exists already could not be seen: {why}"),
                )
                .at("/title"),
            ),
        }
    }
}
