//! The words of reconciling: orders, and what a vendor says about them.

use crate::model::Mechanism;
use crate::model::reconciliation::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One transaction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// The vendor's id of its survey.
    pub survey: &'a str,
    /// The vendor's id of the transaction.
    pub transaction: &'a str,
    /// Why, for the vendor.
    pub reason: Option<&'a str>,
    /// The quotas a complete counts for.
    pub quotas: &'a [String],
}

/// Transactions that get the same outcome by one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<'a> {
    /// How the vendor is told.
    pub mechanism: Mechanism,
    /// What they become.
    pub outcome: Outcome,
    /// Which; never empty.
    pub items: Vec<Item<'a>>,
}

/// What the vendor said about a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReceiptReport")]
pub struct Receipt {
    /// The vendor's id.
    pub id: Option<String>,
    /// Whether the vendor works through it later.
    pub pending: bool,
    /// The vendor's counts.
    // In its own words, for people; nothing is computed from them.
    pub counts: Vec<(String, String)>,
}

/// What an answer to an order means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Accepted(Receipt),
    /// It had ended before; whether as wanted has to be looked up.
    AlreadyFinal {
        /// How the vendor says so: its code.
        said: &'static str,
    },
    /// It may or may not have been carried out.
    Unsure(String),
    /// It was refused, for this reason.
    Refused(String),
    /// It was not carried out, and no other order will be.
    Halt(String),
}

/// How far a vendor got with a list that it works through in its own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploaded {
    /// Not finished.
    Working,
    /// Given up, for this reason; nothing was changed.
    Failed(String),
    /// Finished: whoever is not named here was changed.
    Done {
        /// Too late to be changed, in lower case.
        expired: BTreeSet<String>,
        /// Unknown to the vendor, in lower case.
        invalid: BTreeSet<String>,
        /// The vendor's counts.
        receipt: Receipt,
    },
}
