//! A plan in the making, and how a decision ends early: with notes that say why something is not done.

use super::inputs::Inputs;
use super::market::Refusal;
use super::note::{Note, NoteKind};
use super::step::{Plan, Step};
use crate::model::{Address, Intent, Reading};

/// The end of a decision: nothing more is done, for the reasons in these notes or in notes that are drafted already.
#[derive(Debug, Default)]
pub(super) struct Ended(Vec<Note>);

/// A decision that may end early.
pub(super) type Decided<T = ()> = Result<T, Ended>;

impl From<Note> for Ended {
    fn from(note: Note) -> Self {
        Self(vec![note])
    }
}

impl From<Vec<Note>> for Ended {
    fn from(notes: Vec<Note>) -> Self {
        Self(notes)
    }
}

/// A plan in the making.
impl Plan {
    /// Keeps notes. The decision ends where one of them says that something is not done.
    pub(super) fn heed(&mut self, notes: impl IntoIterator<Item = Note>) -> Decided {
        let before = self.notes.len();
        self.notes.extend(notes);
        if self.notes[before..].iter().any(Note::holds) {
            return Err(Ended::default());
        }
        Ok(())
    }

    /// Keeps notes about a step. Where a guard refuses it, the step stays in the plan until the guards are judged.
    pub(super) fn judge(&mut self, step: &mut Step, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            match note.kind {
                NoteKind::Refused => step.refusal = step.refusal.take().or(Some(note)),
                _ => self.notes.push(note),
            }
        }
    }

    /// Keeps a step, or the note that says why there is none. Answers whether there is one.
    pub(super) fn add(&mut self, step: Result<Step, Note>) -> bool {
        match step {
            Ok(step) => self.steps.push(step),
            Err(note) => {
                self.notes.push(note);
                return false;
            }
        }
        true
    }

    /// Keeps the notes with which a decision ended.
    pub(super) fn settle(&mut self, decided: Decided) {
        if let Err(Ended(notes)) = decided {
            self.notes.extend(notes);
        }
    }
}

/// What was read of something, or what is to be said where it is `gone` or `unread`.
pub(super) fn seen<T>(
    reading: Option<&Reading<T>>,
    gone: impl FnOnce(&str) -> Note,
    unread: impl FnOnce(&str) -> Note,
) -> Result<&T, Note> {
    match reading {
        Some(Reading::Present(live)) => Ok(live),
        Some(Reading::Absent { proof }) => Err(gone(proof)),
        Some(Reading::Unknown { why }) => Err(unread(why)),
        None => Err(unread("it was not asked for")),
    }
}

/// Says that nothing is known of how something is at the vendor.
pub(super) fn not_read(address: &Address, why: &str) -> Note {
    Note::blocked(address, format!("the vendor's picture could not be read: {why}"))
        .help("nothing is changed on an unknown; run again when the vendor answers")
}

/// Says that the vendor is still at work.
pub(super) fn pending(address: &Address, why: &str) -> Note {
    Note::blocked(address, format!("nothing can be changed now: {why}"))
        .help("run again when the vendor is done")
}

/// Refuses to plan what an earlier create may have made already.
pub(super) fn no_open_intent(inputs: &Inputs<'_>, address: &Address) -> Result<(), Note> {
    let open = inputs.known.intents_of(address).next();
    open.map_or(Ok(()), |(id, intent)| Err(open_intent_note(address, id, intent)))
}

/// Says that an earlier create may or may not have happened, and how to settle it.
pub(super) fn open_intent_note(address: &Address, id: &str, intent: &Intent) -> Note {
    let message = format!(
        "`{}` was started at {} and its outcome is not known; it will not be sent again (intent {id})",
        intent.call, intent.at
    );
    Note::blocked(address, message).help(format!(
        "look at the vendor, then run `infield state resolve {address} --adopt ID` or \
         `infield state resolve {address} --discard`"
    ))
}

/// What a vendor's refusal says, as a note.
pub(super) fn refused(address: &Address, kind: NoteKind, refusal: Refusal) -> Note {
    Note {
        help: refusal.help,
        path: Some(refusal.path).filter(|path| !path.is_empty()),
        ..Note::new(address, kind, refusal.message)
    }
}
