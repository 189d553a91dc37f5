//! Reconciling at any vendor, by its id: what may become of a transaction, the calls for it, and what their answers mean.
//!
//! Pure. Each vendor's rules and words are in its folder.

use super::contract::Reconciliation;
use super::http::error::VendorError;
use super::shelf::reconcile::{Answer, Order};
use super::{Markets, registry};
use crate::model::reconciliation::{Course, Outcome, Standing};
use crate::model::{Call, Mechanism, VendorId};
use serde_json::Value;

/// The rules of a vendor; for one that cannot be asked, those that allow nothing.
fn rules(vendor: VendorId) -> &'static dyn Reconciliation {
    registry::of(vendor).reconciliation().unwrap_or(&Nothing)
}

/// A vendor that cannot be asked to reconcile.
struct Nothing;

impl Reconciliation for Nothing {
    fn call(&self, _order: &Order<'_>, _key: &str) -> Option<Call> {
        None
    }
}

/// Why a vendor cannot be asked to reconcile; `None` where it can.
pub fn unsupported(vendor: VendorId) -> Option<String> {
    registry::of(vendor).reconciliation().err()
}

/// Whether the vendor shows what a transaction is; where it does not, only its own lists tell what was changed.
pub fn shows_transactions(vendor: VendorId) -> bool {
    rules(vendor).shows_transactions()
}

/// What the vendor's rules allow for a transaction whose state it does not show.
pub fn course_unseen(vendor: VendorId, wanted: Outcome, reason: Option<&str>) -> Course {
    rules(vendor).course_unseen(wanted, reason)
}

/// What people should know before they approve, whatever is in the list.
pub fn remark(vendor: VendorId) -> Option<&'static str> {
    rules(vendor).remark()
}

/// What the vendor's rules allow for a transaction that is to have an outcome.
pub fn course(vendor: VendorId, wanted: Outcome, was: &Standing) -> Course {
    rules(vendor).course(wanted, was)
}

/// Most transactions in one order.
pub fn most_at_once(vendor: VendorId, mechanism: Mechanism) -> usize {
    rules(vendor).most_at_once(mechanism)
}

/// The call for an order; `None` where the vendor has none.
///
/// `key` tells this order from every other one, and is the same when it is sent again.
pub fn call(vendor: VendorId, markets: &Markets, order: &Order<'_>, key: &str) -> Option<Call> {
    markets.vendor(vendor).reconciliation().ok()?.call(order, key)
}

/// What an answer to an order means.
pub fn answer(vendor: VendorId, mechanism: Mechanism, answer: Result<Value, VendorError>) -> Answer {
    match answer {
        Ok(body) => Answer::Accepted(rules(vendor).receipt(&body)),
        Err(error) if error.may_have_happened() => Answer::Unsure(error.to_string()),
        Err(
            error @ (VendorError::Unreachable(..)
            | VendorError::RateLimited(_)
            | VendorError::Credentials { .. }),
        ) => Answer::Halt(error.to_string()),
        Err(error) => rules(vendor).refusal(mechanism, &error),
    }
}
