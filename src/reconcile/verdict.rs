//! What became of rows, and how many came to what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as wanted, and was before.
    Unchanged,
    /// It was changed, and the vendor confirmed it.
    Changed,
    /// It was found final after a call whose answer was lost, or that came too late, and is as wanted.
    Verified,
    /// The vendor took it and does not show it yet.
    Pending(String),
    /// The vendor, or its rules, refused it.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
    /// It was not sent.
    NotSent(String),
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// Changed and confirmed.
    pub changed: usize,
    /// As wanted before.
    pub unchanged: usize,
    /// Taken by the vendor, and not to be seen yet.
    pub pending: usize,
    /// Refused by the vendor or its rules.
    pub refused: usize,
    /// What became of them nobody knows.
    pub unknown: usize,
    /// Not sent.
    pub not_sent: usize,
}

impl Tally {
    /// Counts verdicts.
    pub fn of(verdicts: &[Verdict]) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Unchanged => tally.unchanged += 1,
                Verdict::Changed | Verdict::Verified => tally.changed += 1,
                Verdict::Pending(_) => tally.pending += 1,
                Verdict::Refused(_) => tally.refused += 1,
                Verdict::Unknown(_) => tally.unknown += 1,
                Verdict::NotSent(_) => tally.not_sent += 1,
            }
        }
        tally
    }
}
