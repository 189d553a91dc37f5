//! Where a state lives. A store keeps bytes safe and knows nothing of surveys.

use super::document::{Document, Op};
use crate::model::Stops;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Largest file or object of a state that is read: 256 MiB, many times what ten thousand surveys take.
pub(super) const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// What is said of a larger one.
pub(super) const TOO_LARGE: &str = "it is larger than 256 MiB, which no state is";

/// An operation with the serial the document has after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Serial after the operation.
    pub serial: u64,
    /// The operation.
    pub op: Op,
}

/// Who holds a lock, for people who wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// User and host.
    pub owner: String,
    /// Process id on that host.
    pub pid: u32,
    /// What for: `apply`.
    pub purpose: String,
    /// Since when, UTC, RFC 3339.
    pub since: String,
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (process {}) for `{}` since {}",
            self.owner, self.pid, self.purpose, self.since
        )
    }
}

/// What can go wrong with a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Reading or writing failed.
    #[error("the state at {place} cannot be {doing}: {problem}")]
    Io {
        /// Where.
        place: String,
        /// `read`, `written`, `locked`.
        doing: &'static str,
        /// What the system says.
        problem: String,
    },
    /// What was read is not a state we can trust.
    #[error("the state at {place} is damaged: {problem}")]
    Damaged {
        /// Where.
        place: String,
        /// What is wrong with it.
        problem: String,
        /// Where the last good copy is, if there is one.
        good_copy: Option<String>,
    },
    /// It was written by a newer infield, or belongs to something else.
    #[error("the state at {place} cannot be used: {problem}")]
    Unusable {
        /// Where.
        place: String,
        /// Why.
        problem: String,
    },
    /// Somebody else writes to it.
    #[error("the state at {place} is locked by {holder}")]
    Locked {
        /// Where.
        place: String,
        /// Who, as far as is known.
        holder: String,
    },
    /// Somebody else wrote to it since we read it.
    #[error("the state at {place} was changed by somebody else since it was read")]
    Moved {
        /// Where.
        place: String,
    },
}

impl StateError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Damaged {
                good_copy: Some(copy),
                ..
            } => Some(format!(
                "the last good copy is {copy}: compare the two, then put it in place by hand; nothing was changed"
            )),
            Self::Damaged { good_copy: None, .. } => Some(
                "restore it from a backup; nothing was changed. If it is lost for good, move the whole folder away and \
                 `infield import` what is in field before the next apply, which would make it again"
                    .to_owned(),
            ),
            Self::Locked { .. } => Some(
                "wait for it to finish; if that process is gone, `infield state unlock` frees the state"
                    .to_owned(),
            ),
            Self::Moved { .. } => Some("run the command again".to_owned()),
            Self::Io { .. } | Self::Unusable { .. } => None,
        }
    }

    /// Whether somebody else is in the way, which has an exit code of its own.
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Moved { .. })
    }
}

/// A change of what is frozen.
pub type ChangeStops<'a> = dyn Fn(&mut Stops) + Send + Sync + 'a;

/// A place for one state.
pub trait Store: Send + Sync {
    /// For messages.
    fn place(&self) -> String;

    /// Reads the document; `None` when there never was one.
    ///
    /// # Errors
    /// When there is something that cannot be read or trusted.
    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>>;

    /// Makes entries durable. They follow each other and what was stored before. `before` is the document
    /// without them.
    ///
    /// # Errors
    /// When they are not durable; then none of them counts.
    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>>;

    /// Writes the whole document, keeping the previous one as the last good copy.
    ///
    /// # Errors
    /// When it is not durable; what was stored before then still counts.
    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>>;

    /// Takes the lock until the returned value is dropped or [`Lock::release`]d.
    ///
    /// # Errors
    /// [`StateError::Locked`] when somebody else has it.
    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>>;

    /// Takes somebody else's lock away. Gives what was there.
    ///
    /// # Errors
    /// When the holder is alive, or the lock cannot be removed.
    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>>;

    /// What is frozen by now, whoever has the lock. [`Store::load`] puts the same into its document.
    ///
    /// # Errors
    /// When it cannot be told; then nothing may go in field.
    fn stops(&self) -> BoxFuture<'_, Result<Stops, StateError>> {
        Box::pin(async { Ok(Stops::default()) })
    }

    /// Changes what is frozen, in one go, whoever else does so meanwhile and whoever has the lock. The change may be made
    /// more than once, each time of what is there.
    ///
    /// # Errors
    /// When it is not durable.
    fn change_stops<'a>(&'a self, change: &'a ChangeStops<'a>) -> BoxFuture<'a, Result<Stops, StateError>> {
        let _ = change;
        let error = StateError::Unusable {
            place: self.place(),
            problem: "it has no place for a stop mark".to_owned(),
        };
        Box::pin(async { Err(error) })
    }
}

/// A lock that is held.
pub trait Lock: Send + Sync {
    /// Whether it is ours now and for so long from now on. A lease may have been taken over or run out; the folder of a
    /// state may have been put in another one's place.
    ///
    /// # Errors
    /// When it is not.
    fn check(&self, lasting: Duration) -> Result<(), StateError>;

    /// Gives it back.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do_and_whether_somebody_else_is_in_the_way() {
        let place = || "state.json".to_owned();
        let damaged = |good_copy: Option<&str>| StateError::Damaged {
            place: place(),
            problem: "cut off".to_owned(),
            good_copy: good_copy.map(str::to_owned),
        };
        let io = StateError::Io {
            place: place(),
            doing: "read",
            problem: "no".to_owned(),
        };
        let unusable = StateError::Unusable {
            place: place(),
            problem: "newer".to_owned(),
        };
        let locked = StateError::Locked {
            place: place(),
            holder: "ada".to_owned(),
        };
        for (error, help, contention) in [
            (
                damaged(Some("copy.json")),
                Some("the last good copy is copy.json"),
                false,
            ),
            (damaged(None), Some("restore it from a backup"), false),
            (locked, Some("`infield state unlock` frees the state"), true),
            (
                StateError::Moved { place: place() },
                Some("run the command again"),
                true,
            ),
            (io, None, false),
            (unusable, None, false),
        ] {
            let told = error.help();
            assert_eq!(told.is_some(), help.is_some(), "{error}");
            assert!(
                told.unwrap_or_default().contains(help.unwrap_or_default()),
                "{error}"
            );
            assert_eq!(error.is_contention(), contention, "{error}");
            assert!(
                error.to_string().starts_with("the state at state.json "),
                "{error}"
            );
        }
    }

    #[test]
    fn a_holder_is_told_with_what_it_is_doing() {
        let info = LockInfo {
            owner: "ada@one".to_owned(),
            pid: 7,
            purpose: "apply".to_owned(),
            since: "2026-11-21T00:00:00Z".to_owned(),
        };
        assert_eq!(
            info.to_string(),
            "ada@one (process 7) for `apply` since 2026-11-21T00:00:00Z"
        );
    }
}
