//! What was confirmed about transactions, beside the state and not in it: a hundred thousand outcomes must not make every
//! later plan slower.
//!
//! A ledger is a list of lines that only grows, one per survey. Promises: what was appended survives; a line that was
//! torn by a crash counts as not written. It is a memory and no authority: where it says nothing, the vendor is asked, so
//! a ledger that is lost costs reads and nothing else.

use super::store::StateError;
use crate::model::reconciliation::folded;
use crate::model::{Outcome, VendorId};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A place for ledgers.
pub trait Ledgers: Send + Sync {
    /// Everything that was appended to a ledger; nothing for one that never was.
    ///
    /// # Errors
    /// When there is something that cannot be read.
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<u8>, StateError>>;

    /// Makes whole lines durable at the end of a ledger.
    ///
    /// # Errors
    /// When they are not durable.
    fn append<'a>(&'a self, name: &'a str, lines: &'a [u8]) -> BoxFuture<'a, Result<(), StateError>>;
}

/// One line: a transaction whose outcome the vendor confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The transaction.
    pub transaction: String,
    /// The outcome it has.
    pub outcome: String,
    /// What it was before, in the vendor's words.
    pub was: String,
    /// When that was confirmed, UTC, RFC 3339.
    pub at: String,
    /// The vendor's id of a list it has not worked through: then nothing is confirmed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// The last word of a ledger on a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The outcome.
    pub outcome: Outcome,
    /// What it was before, in the vendor's words.
    pub was: Box<str>,
    /// The list it is in, where that is not confirmed.
    pub request: Option<Box<str>>,
}

/// The name of a survey's ledger. A state that was made anew has another lineage, and begins with empty ledgers.
pub fn ledger_name(lineage: &str, vendor: VendorId, survey: &str) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .collect()
    };
    format!("{}/{}-{}", safe(lineage), vendor.key(), safe(survey))
}

/// Lines for a ledger.
pub fn to_lines<'a>(confirmed: impl IntoIterator<Item = &'a Confirmed>) -> Vec<u8> {
    let mut lines = Vec::new();
    for line in confirmed {
        serde_json::to_writer(&mut lines, line).expect("a line consists of plain texts");
        lines.push(b'\n');
    }
    lines
}

/// What a ledger says, the last word on each transaction. What is torn or not understood says nothing.
pub fn from_lines(bytes: &[u8]) -> HashMap<String, Word> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n"))
        .filter_map(|line| serde_json::from_slice::<Confirmed>(line).ok())
        .filter_map(|line| {
            let outcome = Outcome::from_word(&line.outcome)?;
            let word = Word {
                outcome,
                was: line.was.into(),
                request: line.request.map(Into::into),
            };
            Some((folded(&line.transaction).into_owned(), word))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_says_nothing_and_the_last_word_counts() {
        let line = |outcome: &str| Confirmed {
            transaction: "t".to_owned(),
            outcome: outcome.to_owned(),
            was: "Complete (21)".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            request: None,
        };
        let mut bytes = to_lines([&line("reject"), &line("complete")]);
        assert_eq!(from_lines(&bytes)["t"].outcome, Outcome::Complete);
        bytes.pop();
        assert_eq!(from_lines(&bytes)["t"].outcome, Outcome::Reject);
        assert!(from_lines(b"rubbish\n{}\n").is_empty());
    }

    #[test]
    fn a_uuid_is_remembered_in_any_case() {
        let uuid = "0F1C2D3E-4B5A-6978-8796-A5B4C3D2E1F0";
        let line = Confirmed {
            transaction: uuid.to_owned(),
            outcome: "reject".to_owned(),
            was: String::new(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            request: None,
        };
        let words = from_lines(&to_lines([&line]));
        assert!(words.contains_key(&*folded(&uuid.to_lowercase())), "{words:?}");
    }

    #[test]
    fn names_cannot_leave_their_folder() {
        let name = ledger_name("../x", crate::marketplace::PURESPECTRUM, "../../etc/passwd");
        assert_eq!(name, "___x/purespectrum-______etc_passwd");
    }
    #[test]
    fn a_word_is_told_as_it_was_written_and_one_that_nobody_knows_says_nothing() {
        let mut line = Confirmed {
            transaction: "t".to_owned(),
            outcome: "complete".to_owned(),
            was: "Over quota".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            request: Some("r1".to_owned()),
        };
        let word = from_lines(&to_lines([&line])).remove("t").unwrap();
        assert_eq!(
            word,
            Word {
                outcome: Outcome::Complete,
                was: "Over quota".into(),
                request: Some("r1".into()),
            }
        );
        line.outcome = "else".to_owned();
        assert_eq!(from_lines(&to_lines([&line])), HashMap::new());
    }

    #[test]
    fn a_line_without_its_end_is_not_written_although_it_can_be_read() {
        let line = Confirmed {
            transaction: "t".to_owned(),
            outcome: "complete".to_owned(),
            was: String::new(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            request: None,
        };
        let bytes = to_lines([&line]);
        assert!(from_lines(&bytes).contains_key("t"));
        assert!(from_lines(bytes.trim_ascii_end()).is_empty());
    }
}
