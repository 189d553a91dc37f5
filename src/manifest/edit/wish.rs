//! What a manifest is to say from now on, and what became of it.

use crate::model::Address;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Something that a manifest is to say from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The survey or group.
    pub address: Address,
    /// What.
    pub what: What,
}

/// What a manifest is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A single value, at a pointer.
    Value {
        /// Where it stands in a survey.
        pointer: String,
        /// The value.
        value: Value,
    },
    /// The answers to a qualification; without any, it goes.
    Qualification(Asks),
    /// A quota.
    Quota {
        /// The vendor's key of it: its `id`, or else its name.
        name: String,
        /// What becomes of it.
        becomes: QuotaBecomes,
    },
}

/// What becomes of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaBecomes {
    /// It goes.
    Gone,
    /// It is about other numbers or other people.
    Changed {
        /// Completes, where they change.
        completes: Option<u64>,
        /// Everything it asks, where that changes.
        asks: Option<Vec<Asks>>,
    },
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The ways in which a manifest may name the question; the first one is written where it is new.
    pub names: Vec<String>,
    /// The answers.
    pub answers: Vec<String>,
    /// Whether the answers are what the manifest says already.
    pub same: bool,
}

/// A file with its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// How it is shown.
    pub name: Arc<str>,
    /// Where it is, links followed.
    pub path: PathBuf,
    /// The text that was read.
    pub before: Arc<str>,
    /// The text it should have.
    pub after: String,
}

/// Why a value is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The file is not the one that was loaded.
    #[error("the file has changed since it was read")]
    Stale,
    /// No such key.
    #[error("it is not written in this manifest")]
    NotHere,
    /// `*name`.
    #[error("an alias (`*`) stands in its place")]
    Alias,
    /// `&name`, with aliases of it.
    #[error("it is repeated elsewhere by an alias (`*`), which would change with it")]
    Anchored,
    /// `<<`.
    #[error("it comes in by a merge key (`<<`)")]
    Merged,
    /// `!!str`.
    #[error("it has a tag (`!!`)")]
    Tagged,
    /// A default of several groups.
    #[error("other groups have it from their survey, and would change with it")]
    Inherited,
    /// `defaults.yaml`.
    #[error("it is a default of the folder, and other surveys have it too")]
    Defaults,
    /// `matrix:`.
    #[error("its document stands for several surveys, and would change all of them")]
    Matrix,
    /// Several blocks.
    #[error("it counts for all marketplaces of the survey")]
    Marketplaces,
    /// `{file: ...}`.
    #[error("its answers are in a file of their own")]
    ListFile,
    /// `49%`.
    #[error("it is a share of completes, which a number would no longer follow")]
    Share,
    /// A comment inside of a list.
    #[error("a comment stands inside of it, which would be lost")]
    Commented,
    /// A text over several lines.
    #[error("it is a text over several lines")]
    Lines,
    /// Everything else.
    #[error("it is laid out in a way that cannot be changed in place")]
    Layout,
    /// Two edits of the same bytes.
    #[error("it stands too close to another value that is written; run again for it")]
    Crowded,
}
