//! Files beside the state that are written once and never changed: what history consists of.
//!
//! Promises: a part is there as a whole or not at all, and nobody writes over one. They are no part of the state: one that
//! is missing is missed by nobody.

use futures_util::future::BoxFuture;

/// A part, as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in its folder.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
}

/// Why a part cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} cannot be {doing}: {problem}")]
pub struct PartsError {
    /// Where.
    pub place: String,
    /// `read`, `written` or `removed`.
    pub doing: &'static str,
    /// What the system says.
    pub problem: String,
}

/// A place for parts, in folders.
pub trait Parts: Send + Sync {
    /// The parts of a folder, sorted by name; none where there is no such folder.
    ///
    /// # Errors
    /// When they cannot be told.
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Part>, PartsError>>;

    /// A part; none where it is gone.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, PartsError>>;

    /// Adds a part under a name that no other has.
    ///
    /// # Errors
    /// When it is not there afterwards, and when the name is taken.
    fn add<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
        bytes: &'a [u8],
    ) -> BoxFuture<'a, Result<(), PartsError>>;

    /// Removes parts. One that is gone already is no error.
    ///
    /// # Errors
    /// When one is still there.
    fn remove<'a>(&'a self, folder: &'a str, names: &'a [String]) -> BoxFuture<'a, Result<(), PartsError>>;
}
