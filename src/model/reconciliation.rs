//! Outcomes of transactions: what is wanted, what a vendor reports, and what may be done about the difference.
//!
//! A transaction is one respondent's way through one survey. Promises: words of the trade, no vendor's codes; a row
//! costs about a hundred bytes, so that a month of a hundred thousand of them is no burden.

use super::{Address, Money, VendorId};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// How a transaction should have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A completed interview, which is paid.
    Complete,
    /// A complete that is taken back, and not paid.
    Reject,
    /// Qualified, and the quota was full.
    OverQuota,
    /// Did not qualify.
    Termination,
    /// Ended for bad quality.
    QualityTermination,
    /// Ended as a duplicate.
    Dedupe,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Complete,
        Self::Reject,
        Self::OverQuota,
        Self::Termination,
        Self::QualityTermination,
        Self::Dedupe,
    ];

    /// The word in manifests and lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Reject => "reject",
            Self::OverQuota => "over_quota",
            Self::Termination => "termination",
            Self::QualityTermination => "quality_termination",
            Self::Dedupe => "dedupe",
        }
    }

    /// The outcome of a word, whatever its case, with blanks or dashes for underscores.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which survey transactions belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SurveyRef {
    /// By its name in the project.
    Name(Address),
    /// By the vendor's id, for surveys made elsewhere.
    Id(String),
}

impl fmt::Display for SurveyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Id(id) => f.write_str(id),
        }
    }
}

/// Where something stands in a file, from the first byte to the one behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes {
    /// First byte.
    pub start: u32,
    /// First byte behind.
    pub end: u32,
}

/// One transaction with the outcome it should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The vendor's id of the transaction.
    pub id: Box<str>,
    /// What it should be.
    pub outcome: Outcome,
    /// Why, in words that are passed on to the vendor.
    pub reason: Option<Arc<str>>,
    /// The quotas that a complete counts for, as names or ids of the vendor.
    pub quotas: Option<Arc<[String]>>,
    /// Its survey, as an index into [`Reconciliation::surveys`].
    pub survey: u32,
    /// Where the id stands.
    pub place: Bytes,
}

/// A survey as it is named somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The survey.
    pub survey: SurveyRef,
    /// Display name of the file that names it; empty for the command line.
    pub file: Arc<str>,
    /// The same file for reading it again.
    pub path: PathBuf,
    /// Where it is named.
    pub place: Bytes,
}

/// Transactions with the outcomes they should have, as a manifest or a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Its name: the manifest's, or the list's file name.
    pub name: String,
    /// Where the surveys are, if it is said.
    pub vendor: Option<VendorId>,
    /// The surveys that the rows point to.
    pub surveys: Vec<Named>,
    /// The rows in the order of the file.
    pub rows: Vec<Row>,
    /// Display name of the file that the rows stand in.
    pub file: Arc<str>,
    /// The same file for reading it again, and for the results beside it.
    pub path: PathBuf,
}

/// An id of a transaction as it is compared: a UUID is the same in any case (RFC 9562, 4), other ids are as they are.
pub fn folded(id: &str) -> Cow<'_, str> {
    let dashes = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, u8)| match dashes.contains(&at) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    match id.len() == 36 && id.bytes().enumerate().all(fits) {
        true => Cow::Owned(id.to_ascii_lowercase()),
        false => Cow::Borrowed(id),
    }
}

/// What a vendor reports of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The vendor's number of the status.
    pub code: i64,
    /// The vendor's name of the status.
    pub name: Cow<'static, str>,
    /// What that means.
    pub phase: Phase,
    /// What it costs, or would cost as a complete; `None` where the vendor does not say.
    pub price: Option<Money>,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.code)
    }
}

/// Where a transaction is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not ended: a status can still be set.
    Open,
    /// Ended, and an outcome of the trade says how.
    Ended(Outcome),
    /// Ended in another way within the buyer's survey; it may be made a complete.
    EndedOtherwise,
    /// Never came to the buyer's survey, or is of a kind we do not know: nothing can be changed.
    Elsewhere,
}

/// How a vendor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// One call for one open transaction.
    StatusCall,
    /// A list of ended transactions that all get the same outcome.
    LiveReconciliation,
    /// A list of ended transactions, worked through by the vendor in its own time.
    Upload,
}

impl Mechanism {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::StatusCall => "transaction status call",
            Self::LiveReconciliation => "live reconciliation",
            Self::Upload => "reconciliation upload",
        }
    }
}

/// What a vendor's rules say about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// It was confirmed by an earlier apply, and was then what is written here.
    Recorded {
        /// What it was before.
        was: Box<str>,
    },
    /// The vendor shows the outcome already.
    Settled,
    /// The vendor has it in a list that it still works through.
    Waiting {
        /// The vendor's id of the list.
        request: Box<str>,
    },
    /// It is to be changed in this way.
    Change(Mechanism),
    /// It could not be read, and nothing is done to what was not read.
    Unread(Box<str>),
    /// The vendor has no way from what it is to what is wanted.
    Cannot(Cow<'static, str>),
}
