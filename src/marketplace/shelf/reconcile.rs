//! Reconciling at any vendor: what may become of a transaction, the calls for it, and what their answers mean.
//!
//! Pure. Each vendor's rules and words are in its folder.

use crate::marketplace::http::error::VendorError;
use crate::marketplace::{Markets, cint, purespectrum};
use crate::model::reconciliation::{Course, Outcome, Standing};
use crate::model::{Call, Mechanism, VendorId};
use serde_json::Value;
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

/// What a vendor says about an order it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The vendor's id of the order.
    pub id: Option<String>,
    /// The vendor has not worked through it yet.
    pub pending: bool,
    /// Its counts in its own words, for people; nothing is computed from them.
    pub counts: Vec<(String, String)>,
}

/// What an answer to an order means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Accepted(Receipt),
    /// It had ended before; whether as wanted has to be looked up.
    AlreadyFinal,
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

/// Whether the vendor shows what a transaction is; where it does not, only its own lists tell what was changed.
pub fn shows_transactions(vendor: VendorId) -> bool {
    match vendor {
        VendorId::PureSpectrum => true,
        VendorId::InnovateMr | VendorId::Cint => false,
    }
}

/// What the vendor's rules allow for a transaction whose state it does not show.
pub fn course_unseen(vendor: VendorId, wanted: Outcome, reason: Option<&str>) -> Course {
    match vendor {
        VendorId::Cint => cint::reconcile::course(wanted, reason),
        VendorId::PureSpectrum | VendorId::InnovateMr => {
            Course::Cannot("infield does not change what it has not read".into())
        }
    }
}

/// What people should know before they approve, whatever is in the list.
pub fn remark(vendor: VendorId) -> Option<&'static str> {
    match vendor {
        VendorId::Cint => Some(cint::reconcile::DEADLINE),
        VendorId::PureSpectrum => Some(
            "what PureSpectrum has by 10 pm Pacific Time is on the next invoice (vendor wiki 2311159820)",
        ),
        VendorId::InnovateMr => None,
    }
}

/// What the vendor's rules allow for a transaction that is to have an outcome.
pub fn course(vendor: VendorId, wanted: Outcome, was: &Standing) -> Course {
    match vendor {
        VendorId::PureSpectrum => purespectrum::reconcile::course(wanted, was),
        VendorId::InnovateMr | VendorId::Cint => {
            Course::Cannot("infield cannot reconcile at this vendor".into())
        }
    }
}

/// Most transactions in one order.
pub fn most_at_once(vendor: VendorId, mechanism: Mechanism) -> usize {
    match vendor {
        VendorId::PureSpectrum => purespectrum::reconcile::most_at_once(mechanism),
        VendorId::Cint => cint::reconcile::MOST_ROWS,
        VendorId::InnovateMr => 1,
    }
}

/// The call for an order; `None` where the vendor has none.
///
/// `key` tells this order from every other one, and is the same when it is sent again.
pub fn call(vendor: VendorId, markets: &Markets, order: &Order<'_>, key: &str) -> Option<Call> {
    match vendor {
        VendorId::PureSpectrum => purespectrum::reconcile::call(order),
        VendorId::Cint => cint::reconcile::call(&markets.cint, order, key),
        VendorId::InnovateMr => None,
    }
}

/// What an answer to an order means.
pub fn answer(vendor: VendorId, mechanism: Mechanism, answer: Result<Value, VendorError>) -> Answer {
    match answer {
        Ok(body) => match vendor {
            VendorId::PureSpectrum => Answer::Accepted(purespectrum::reconcile::receipt(&body)),
            VendorId::Cint => Answer::Accepted(cint::reconcile::receipt(&body)),
            VendorId::InnovateMr => Answer::Accepted(Receipt::default()),
        },
        Err(error) if error.may_have_happened() => Answer::Unsure(error.to_string()),
        Err(
            error @ (VendorError::Unreachable(..)
            | VendorError::RateLimited(_)
            | VendorError::Credentials { .. }),
        ) => Answer::Halt(error.to_string()),
        Err(error) => match vendor {
            VendorId::PureSpectrum => purespectrum::reconcile::refusal(mechanism, &error),
            VendorId::InnovateMr | VendorId::Cint => Answer::Refused(error.to_string()),
        },
    }
}
