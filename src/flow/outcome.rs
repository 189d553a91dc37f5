//! How a command ended, in words of what happened. Which number the program ends with is left to `cli`.

use crate::text::suggest;
use crate::{apply, reconcile, state, workflow};
use std::fmt::Display;

/// How a command ended that nothing stopped.
#[derive(Debug)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// There is something to do, for a command that was asked whether there is.
    Pending,
    /// Fielding is in a way that was to be reported by how the command ends.
    Troubled,
    /// The manifests have mistakes, which were told as what was asked for.
    Invalid,
    /// A plan was carried out, and after it the project's lists of outcomes: how each went, or why it was stopped.
    Applied {
        /// The plan's steps.
        steps: apply::Tally,
        /// The lists.
        lists: Vec<Result<reconcile::run::Tally, Cause>>,
    },
    /// One list of outcomes was carried out.
    Reconciled(reconcile::run::Tally),
    /// So many surveys were imported, and so many could not be.
    Imported {
        /// Surveys that are remembered now.
        imported: usize,
        /// Surveys, or whole vendors, that are not.
        failed: usize,
    },
    /// What drifted is in the manifests, but for so many values.
    Accepted {
        /// Values that are not.
        refused: usize,
    },
}

/// What kind of thing ended a command early.
#[derive(Debug)]
pub enum Cause {
    /// Whoever reads the output went away.
    ReaderGone,
    /// A bad manifest, a vendor's error, or a file that cannot be read or written.
    Failed,
    /// A guard, a rule or a missing approval.
    Refused,
    /// Somebody else has the lock, or what was approved is not what would be done.
    Stale,
    /// The command line.
    Usage,
    /// Something was done, and what belongs to it was not.
    InPart,
    /// Something may be in effect whose outcome is not known.
    InDoubt,
    /// Not everything could be read; whether something was done all the same.
    Unread {
        /// Whether.
        acted: bool,
    },
    /// A list of outcomes went like this, and its confirmations could not all be written down.
    Unrecorded(reconcile::run::Tally),
}

/// Why a command ends early, already told or to be told.
#[derive(Debug)]
pub struct Stop {
    /// What kind of thing it was.
    pub cause: Cause,
    /// What to say; `None` when it was said.
    pub message: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Stop {
    /// An end for this cause.
    pub fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            ..Self::said(cause)
        }
    }

    /// An end that was told already.
    pub fn said(cause: Cause) -> Self {
        Self {
            cause,
            message: None,
            help: None,
        }
    }

    /// What failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Cause::Failed, message)
    }

    /// What a guard, a rule or a missing approval keeps back.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Cause::Refused, message)
    }

    /// What is locked, or not as it was.
    pub fn stale(message: impl Into<String>) -> Self {
        Self::new(Cause::Stale, message)
    }

    /// What cannot be meant on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Cause::Usage, message)
    }

    /// What failed after something was done.
    pub fn in_part(message: impl Into<String>) -> Self {
        Self::new(Cause::InPart, message)
    }

    /// What keeps from telling what was done already: it is done all the same, and for a reader that went away nothing is
    /// missing.
    ///
    /// # Errors
    /// When it could not be told, as something that was done in part.
    pub fn unless_told(told: Result<(), Self>) -> Result<(), Self> {
        match told {
            Err(Self {
                cause: Cause::ReaderGone,
                ..
            })
            | Ok(()) => Ok(()),
            Err(stop) => Err(Self {
                cause: Cause::InPart,
                ..stop
            }),
        }
    }

    /// A plan made without seeing everything, which is not the whole truth.
    pub fn unread(unread: &[String], acted: bool) -> Self {
        let mut message = "not everything could be read:".to_owned();
        unread
            .iter()
            .take(5)
            .for_each(|line| message += &format!("\n  {line}"));
        if unread.len() > 5 {
            message += &format!("\n  and {} more", unread.len() - 5);
        }
        Self::new(Cause::Unread { acted }, message)
            .help("what was not read is left alone; run again when the vendor answers")
    }

    /// Adds what was probably meant by a name that does not exist, or else another help.
    #[must_use]
    pub fn meant<N: AsRef<str>>(
        self,
        typed: &str,
        known: impl IntoIterator<Item = N>,
        otherwise: impl Into<String>,
    ) -> Self {
        let known: Vec<N> = known.into_iter().collect();
        let near = suggest::meant(typed, known.iter().map(AsRef::as_ref));
        self.help(near.map_or_else(|| otherwise.into(), suggest::ask))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<state::StateError> for Stop {
    fn from(error: state::StateError) -> Self {
        let cause = match error.is_contention() {
            true => Cause::Stale,
            false => Cause::Failed,
        };
        Self {
            help: error.help(),
            ..Self::new(cause, error.to_string())
        }
    }
}

impl From<workflow::Unsound> for Stop {
    fn from(error: workflow::Unsound) -> Self {
        Self::failed(error.to_string())
            .help("this is a bug of infield, not of your manifests; please report it with this message")
    }
}

/// Puts what was not possible before why it was not.
pub trait OrFail<T> {
    /// # Errors
    /// As before, told as `what: why`.
    fn or_fail(self, what: impl Display) -> Result<T, Stop>;
}

impl<T, E: Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, what: impl Display) -> Result<T, Stop> {
        self.map_err(|why| Stop::failed(format!("{what}: {why}")))
    }
}
