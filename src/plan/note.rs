//! What a plan says beside its steps.

use crate::model::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "NoteKindReport")]
pub enum NoteKind {
    /// A guard or a rule of infield refuses a step.
    Refused,
    /// Something has to happen first; nothing is done until then.
    Blocked,
    /// The vendor shows something else than was left there.
    Drift,
    /// Out of field below its goal, and nothing more will come by itself.
    EndedShort,
    /// What comes before the whole is collected, and somebody has to say how it goes on.
    SoftLaunchWaiting,
    /// infield itself keeps it out of field.
    Held,
    /// The vendor or infield cannot do it.
    Unsupported,
    /// Found at the vendor, not managed by a manifest, left alone.
    Unmanaged,
    /// Another name for what exists: nothing is made.
    Moved,
    /// Good to know before approving.
    Advice,
    /// Its goal is reached.
    Done,
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Something worth a look although nothing is done about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NoteReport")]
pub struct Note {
    /// The survey or group.
    #[schemars(with = "String")]
    pub address: Address,
    /// What sort of remark it is.
    pub kind: NoteKind,
    /// What is the matter, one sentence.
    pub message: String,
    /// What to type or do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The manifest field it is about, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The rule of the project that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Box<str>>,
}

impl Note {
    /// A note without help.
    pub fn new(address: &Address, kind: NoteKind, message: impl Into<String>) -> Self {
        Self {
            address: address.clone(),
            kind,
            message: message.into(),
            help: None,
            path: None,
            rule: None,
        }
    }

    /// A note without help that something has to happen first.
    pub fn blocked(address: &Address, message: impl Into<String>) -> Self {
        Self::new(address, NoteKind::Blocked, message)
    }

    /// A note without help that is good to know.
    pub fn advice(address: &Address, message: impl Into<String>) -> Self {
        Self::new(address, NoteKind::Advice, message)
    }

    /// Whether it says something that somebody has to look at, although nothing is held back.
    pub fn needs_a_look(&self) -> bool {
        match self.kind {
            NoteKind::Drift
            | NoteKind::EndedShort
            | NoteKind::SoftLaunchWaiting
            | NoteKind::Held
            | NoteKind::Unsupported => true,
            NoteKind::Refused
            | NoteKind::Blocked
            | NoteKind::Unmanaged
            | NoteKind::Moved
            | NoteKind::Advice
            | NoteKind::Done => false,
        }
    }

    /// Whether it says that something is not done.
    pub fn holds(&self) -> bool {
        matches!(
            self.kind,
            NoteKind::Blocked | NoteKind::Refused | NoteKind::Unsupported
        )
    }

    /// Adds what to type or do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the manifest field it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}
