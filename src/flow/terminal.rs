//! Somebody to tell and to ask, as a use case knows them.

use super::{OrFail as _, Stop};
use crate::apply::Event;
use crate::diag;
use crate::plan::{Guard, GuardRules, Rule};
use crate::report;
use std::io::{self, Write};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Who runs a command: a person at a terminal, a pipeline, or a test.
pub trait Terminal: Sync {
    /// Gives out what the command is for, to be read by people.
    ///
    /// # Errors
    /// When it cannot be given out. With [`super::Cause::ReaderGone`] nobody wants it any more.
    fn data(&self, text: &str) -> Result<(), Stop>;

    /// The same with a text that may be longer than a screen, and with which the command ends.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    fn long(&self, text: &str) -> Result<(), Stop> {
        self.data(text)
    }

    /// Gives out what was done, which a quiet user does not want to read.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    fn done(&self, text: &str) -> Result<(), Stop> {
        self.data(text)
    }

    /// Gives out what the command is for, to be read by programs: byte for byte.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    fn document(&self, text: &str) -> Result<(), Stop> {
        self.data(text)
    }

    /// The same with a document that is never in memory as a whole. What is hidden from readers is hidden line by line.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    fn stream(&self, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
        let mut text = Vec::new();
        write(&mut text).or_fail("a document cannot be made")?;
        self.document(&String::from_utf8_lossy(&text))
    }

    /// Whether somebody sits at it who can be asked.
    fn is_attended(&self) -> bool {
        false
    }

    /// Tells something that a quiet user does not want to hear.
    fn status(&self, text: &str);

    /// Tells something that everybody has to know.
    fn say(&self, text: &str);

    /// Tells why something ended.
    fn stop(&self, stop: &Stop);

    /// Asks a question; anything but a clear yes is no. `None` where nobody can be asked.
    fn ask(&self, question: &str) -> Option<bool>;

    /// Asks for one of several, each with what it is, and gives its place; the first is taken by an empty answer. `None` where
    /// nobody can be asked, or nothing is chosen.
    fn choose(&self, _question: &str, _offered: &[(&str, &str)]) -> Option<usize> {
        None
    }

    /// How reports are to look, with nothing in them yet.
    fn style(&self) -> report::Style;

    /// How problems are to be drawn.
    fn problem_style(&self) -> diag::text::Style;

    /// Shows how far something is.
    fn meter(&self, of: Measured) -> Box<dyn Meter>;

    /// Looks out for the wish to stop.
    fn interrupts(&self) -> Interrupts;
}

/// What a [`Meter`] measures.
#[derive(Debug, Clone, Copy)]
pub enum Measured {
    /// Steps of a plan, each with a line of its own where that is wanted.
    Steps {
        /// Whether it is.
        lines: bool,
    },
    /// So many things.
    Things {
        /// How many.
        count: usize,
        /// What is done with them.
        doing: &'static str,
    },
}

/// Shows how far something is.
pub trait Meter: Send + Sync {
    /// Something of a plan happened.
    fn event(&self, event: &Event);

    /// So many more things are done.
    fn add(&self, count: usize);

    /// Tells something meanwhile.
    fn status(&self, text: &str);

    /// Ends the showing.
    fn finish(&self);
}

/// The wish to stop, for as long as somebody looks out for it.
pub struct Interrupts {
    /// Cancelled by the wish.
    pub stop: CancellationToken,
    /// Who looks out.
    pub watcher: JoinHandle<()>,
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// How a plan is to look under these rules.
pub fn plan_style(terminal: &dyn Terminal, guards: &GuardRules, show_calls: bool) -> report::Style {
    let allowed = Guard::ALL
        .into_iter()
        .filter(|guard| guards.rule(*guard) == Rule::Allow);
    report::Style {
        show_calls,
        allowed: allowed.collect(),
        ..terminal.style()
    }
}
