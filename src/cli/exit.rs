//! Every exit code of the program, and the one place that decides between them.

use crate::flow::{Cause, Outcome, Stop};
use crate::{apply, reconcile};

/// How the program ends. The numbers are a contract with scripts and pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// A bad manifest, a vendor's error, or a file that cannot be read or written.
    Failed = 1,
    /// `plan --detailed-exitcode`, `fmt --check`, `fmt --diff`: there are changes. `run`: something waits for somebody.
    ChangesPending = 2,
    /// A guard, a rule or a missing approval refused something; everything else was done.
    Refused = 3,
    /// An apply did some of its steps and not others.
    AppliedInPart = 4,
    /// The state is locked by somebody else, or the plan is not the one that was approved.
    LockedOrStale = 5,
    /// `status --fail-on`: a survey is in that way.
    Troubled = 6,
    /// Wrong usage of the command line.
    Usage = 64,
}

impl Exit {
    /// Every code with its meaning, in numeric order, for the documentation.
    pub const TABLE: [(Self, &'static str); 8] = [
        (Self::Done, "done, or nothing to do"),
        (
            Self::Failed,
            "error: a bad manifest, a test that fails, a vendor, a file",
        ),
        (
            Self::ChangesPending,
            "changes pending (`plan --detailed-exitcode`, `fmt --check`, `fmt --diff`, `run`)",
        ),
        (
            Self::Refused,
            "a guard or a rule refused something, or an approval was missing; the rest was done",
        ),
        (Self::AppliedInPart, "applied in part"),
        (Self::LockedOrStale, "state locked, or plan stale"),
        (
            Self::Troubled,
            "a survey has a verdict that `status --fail-on` names",
        ),
        (Self::Usage, "wrong usage"),
    ];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Pending => Self::ChangesPending,
            Outcome::Troubled => Self::Troubled,
            Outcome::Invalid => Self::Failed,
            Outcome::Applied { steps: tally, lists } => {
                let lists = lists.iter().map(|ended| match ended {
                    Ok(tally) => (list(tally), tally.changed + tally.pending + tally.unknown > 0),
                    Err(cause) => (cause.into(), Self::from(cause) == Self::AppliedInPart),
                });
                let lists = lists.fold((Self::Done, false), both);
                both((steps(tally), tally.calls > 0), lists).0
            }
            Outcome::Reconciled(tally) => list(tally),
            Outcome::Imported { failed: 0, .. } | Outcome::Accepted { refused: 0 } => Self::Done,
            Outcome::Imported { imported: 0, .. } => Self::Failed,
            Outcome::Imported { .. } | Outcome::Accepted { .. } => Self::AppliedInPart,
        }
    }
}

impl From<&Cause> for Exit {
    fn from(cause: &Cause) -> Self {
        match cause {
            // A reader that went away (`| head`) ends the program quietly and well.
            Cause::ReaderGone => Self::Done,
            Cause::Failed | Cause::Unread { acted: false } => Self::Failed,
            Cause::Refused => Self::Refused,
            Cause::Stale => Self::LockedOrStale,
            Cause::Usage => Self::Usage,
            Cause::InPart | Cause::InDoubt | Cause::Unread { acted: true } => Self::AppliedInPart,
            Cause::Unrecorded(tally) => list(tally),
        }
    }
}

impl From<&Result<Outcome, Stop>> for Exit {
    fn from(ended: &Result<Outcome, Stop>) -> Self {
        match ended {
            Ok(outcome) => outcome.into(),
            Err(stop) => (&stop.cause).into(),
        }
    }
}

/// How the parser of the command line ends the program: help is no error.
impl From<&clap::Error> for Exit {
    fn from(error: &clap::Error) -> Self {
        match error.use_stderr() {
            true => Self::Usage,
            false => Self::Done,
        }
    }
}

/// How the steps of a plan went.
fn steps(tally: &apply::Tally) -> Exit {
    match (tally.failed + tally.skipped, tally.done, tally.refused) {
        (0, _, 0) => Exit::Done,
        (0, _, _) => Exit::Refused,
        // A create with unknown outcome may be in effect.
        (_, 0, _) if tally.calls == 0 && tally.unknown == 0 => Exit::Failed,
        (_, _, _) => Exit::AppliedInPart,
    }
}

/// How a list of outcomes went.
fn list(tally: &reconcile::run::Tally) -> Exit {
    let open = tally.pending + tally.unknown + tally.not_sent;
    match (open, tally.refused, tally.changed) {
        (0, 0, _) => Exit::Done,
        (0, _, _) => Exit::Refused,
        (_, _, 0) if tally.pending + tally.unknown == 0 => Exit::Failed,
        (_, _, _) => Exit::AppliedInPart,
    }
}

/// Both of two parts that happened one after the other, each with whether it sent something.
fn both((first, first_acted): (Exit, bool), (next, next_acted): (Exit, bool)) -> (Exit, bool) {
    let acted = first_acted || next_acted;
    let by_weight = [
        Exit::AppliedInPart,
        Exit::Failed,
        Exit::LockedOrStale,
        Exit::Refused,
    ];
    let exit = match by_weight.into_iter().find(|exit| [first, next].contains(exit)) {
        None => first,
        // The other one was done, so all of it was done in part.
        Some(Exit::Failed | Exit::LockedOrStale) if first != next && acted => Exit::AppliedInPart,
        Some(worst) => worst,
    };
    (exit, acted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_complete() {
        let codes: Vec<u8> = Exit::TABLE.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 64]);
    }

    /// One apply of steps, of which so many were done and so many failed, and lists.
    fn applied(done: usize, failed: usize, lists: Vec<Result<reconcile::run::Tally, Cause>>) -> Exit {
        let steps = apply::Tally {
            done,
            failed,
            calls: done,
            ..apply::Tally::default()
        };
        Exit::from(&Outcome::Applied { steps, lists })
    }

    #[test]
    fn what_failed_beside_what_was_done_is_done_in_part() {
        let changed = || {
            Ok(reconcile::run::Tally {
                changed: 1,
                ..Default::default()
            })
        };
        assert_eq!(applied(1, 0, vec![changed()]), Exit::Done);
        assert_eq!(applied(0, 1, Vec::new()), Exit::Failed);
        assert_eq!(applied(1, 1, Vec::new()), Exit::AppliedInPart);
        assert_eq!(applied(0, 0, vec![Err(Cause::Stale)]), Exit::LockedOrStale);
        assert_eq!(applied(1, 0, vec![Err(Cause::Failed)]), Exit::AppliedInPart);
        assert_eq!(
            applied(0, 0, vec![changed(), Err(Cause::Failed)]),
            Exit::AppliedInPart
        );
        // What is refused is no failure, whatever else was done.
        assert_eq!(applied(1, 0, vec![Err(Cause::Refused)]), Exit::Refused);
        assert_eq!(applied(0, 0, vec![Err(Cause::InDoubt)]), Exit::AppliedInPart);
    }
}
