//! Colour, for those who want it. Every painted text reads the same without.

use crate::plan::{Action, NoteKind};
use anstyle::{AnsiColor, Style as Ansi};

/// Paints texts, or leaves them alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    /// Whether colour may be used.
    pub(super) on: bool,
}

impl Paint {
    /// The text between the codes of a style, where colour is on.
    pub(super) fn with(self, style: Ansi, text: &str) -> String {
        if self.on {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }

    /// A heading.
    pub(super) fn heading(self, text: &str) -> String {
        self.with(Ansi::new().bold(), text)
    }

    /// Something that may be skipped.
    pub(super) fn dim(self, text: &str) -> String {
        self.with(Ansi::new().dimmed(), text)
    }

    /// Something that needs somebody's attention before it happens.
    pub(super) fn attention(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// What a step does.
    pub(super) fn action(self, action: Action, text: &str) -> String {
        let colour = match action {
            Action::Create | Action::Launch | Action::Resume => AnsiColor::Green,
            Action::Update | Action::Pause => AnsiColor::Yellow,
            Action::Replace | Action::Close => AnsiColor::Red,
            Action::Forget => AnsiColor::Cyan,
        };
        self.with(colour.on_default().bold(), text)
    }

    /// What sort of note it is.
    pub(super) fn note(self, kind: NoteKind, text: &str) -> String {
        let colour = match kind {
            NoteKind::Refused | NoteKind::Blocked => AnsiColor::Red,
            NoteKind::Drift
            | NoteKind::EndedShort
            | NoteKind::SoftLaunchWaiting
            | NoteKind::Held
            | NoteKind::Unsupported => AnsiColor::Yellow,
            NoteKind::Unmanaged | NoteKind::Moved | NoteKind::Advice => AnsiColor::Cyan,
            NoteKind::Done => AnsiColor::Green,
        };
        self.with(colour.on_default().bold(), text)
    }
}
