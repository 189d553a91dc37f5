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
            | VendorError::Withheld(..)
            | VendorError::RateLimited(_)
            | VendorError::Credentials { .. }),
        ) => Answer::Halt(error.to_string()),
        Err(error) => rules(vendor).refusal(mechanism, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::shelf::reconcile::{Item, Receipt};
    use crate::model::reconciliation::Phase;
    use serde_json::json;

    const PS: VendorId = crate::marketplace::PURESPECTRUM;

    fn refused(code: Option<i64>) -> VendorError {
        VendorError::Refused {
            vendor: "PureSpectrum",
            status: 400,
            code,
            message: "no".to_owned(),
        }
    }

    #[test]
    fn what_may_have_happened_is_unsure_and_what_hits_every_call_stops_the_work() {
        let unsure = [
            VendorError::OutcomeUnknown("V", "reset".to_owned()),
            VendorError::Server {
                vendor: "V",
                status: 502,
                message: String::new(),
            },
            VendorError::Undecodable {
                vendor: "V",
                path: "/".to_owned(),
                problem: "a web page".to_owned(),
                excerpt: String::new(),
            },
        ];
        let hopeless = [
            VendorError::Unreachable("V", "refused".to_owned()),
            VendorError::Withheld("V", "the lock is lost".to_owned()),
            VendorError::RateLimited("V"),
            VendorError::Credentials {
                vendor: "V",
                status: 401,
                message: "expired".to_owned(),
            },
        ];
        for vendor in VendorId::all().iter().copied() {
            for mechanism in [
                Mechanism::StatusCall,
                Mechanism::LiveReconciliation,
                Mechanism::Upload,
            ] {
                for error in unsure.clone() {
                    let why = error.to_string();
                    assert_eq!(answer(vendor, mechanism, Err(error)), Answer::Unsure(why));
                }
                for error in hopeless.clone() {
                    let why = error.to_string();
                    assert_eq!(answer(vendor, mechanism, Err(error)), Answer::Halt(why));
                }
            }
        }
    }

    #[test]
    fn a_refusal_is_told_and_only_one_code_of_the_status_call_means_that_it_is_final() {
        let call = |code| answer(PS, Mechanism::StatusCall, Err(refused(code)));
        assert_eq!(call(Some(1003)), Answer::AlreadyFinal { said: "code 1003" });
        for code in [1001, 1002, 1004, 1005] {
            let Answer::Refused(why) = call(Some(code)) else {
                panic!("{code}");
            };
            assert!(why.contains(&format!("(code {code})")), "{why}");
        }
        let words = |code| Answer::Refused(refused(code).to_string());
        assert_eq!(call(None), words(None));
        for code in [1001, 1002, 1003, 1004, 1005] {
            let error = refused(Some(code));
            assert_eq!(
                answer(PS, Mechanism::LiveReconciliation, Err(error)),
                words(Some(code))
            );
        }
        for vendor in [crate::marketplace::CINT, crate::marketplace::INNOVATEMR] {
            assert_eq!(
                answer(vendor, Mechanism::StatusCall, Err(refused(Some(1003)))),
                words(Some(1003))
            );
        }
    }

    #[test]
    fn each_vendor_has_its_own_receipt() {
        let receipt = |vendor, body| match answer(vendor, Mechanism::Upload, Ok(body)) {
            Answer::Accepted(receipt) => receipt,
            other => panic!("{other:?}"),
        };
        let taken = receipt(PS, json!({"adjustment_id": "A", "request_id": "R"}));
        assert_eq!((taken.id.as_deref(), taken.pending), (Some("A"), false));
        let taken = receipt(
            crate::marketplace::CINT,
            json!({"adjustment_id": "A", "request_id": "R"}),
        );
        assert_eq!((taken.id.as_deref(), taken.pending), (Some("R"), true));
        assert_eq!(
            receipt(crate::marketplace::INNOVATEMR, json!({"id": 1})),
            Receipt::default()
        );
    }

    #[test]
    fn what_is_not_shown_is_changed_at_cint_only() {
        assert!(shows_transactions(PS));
        assert!(
            !shows_transactions(crate::marketplace::CINT)
                && !shows_transactions(crate::marketplace::INNOVATEMR)
        );
        let unseen = |vendor| course_unseen(vendor, Outcome::Reject, None);
        assert_eq!(
            unseen(crate::marketplace::CINT),
            Course::Change(Mechanism::Upload)
        );
        for vendor in [PS, crate::marketplace::INNOVATEMR] {
            assert!(matches!(unseen(vendor), Course::Cannot(_)));
        }
        let unknown = course_unseen(crate::marketplace::CINT, Outcome::Reject, Some("no such reason"));
        assert!(matches!(unknown, Course::Cannot(_)));
        let complete = Standing {
            code: 21,
            name: "Complete".into(),
            phase: Phase::Ended(Outcome::Complete),
            price: None,
        };
        let seen = |vendor| course(vendor, Outcome::Reject, &complete);
        assert_eq!(seen(PS), Course::Change(Mechanism::LiveReconciliation));
        for vendor in [crate::marketplace::CINT, crate::marketplace::INNOVATEMR] {
            assert!(matches!(seen(vendor), Course::Cannot(_)));
        }
    }

    #[test]
    fn lists_are_as_long_as_the_vendor_takes_them() {
        assert_eq!(most_at_once(PS, Mechanism::LiveReconciliation), 1000);
        assert_eq!(most_at_once(PS, Mechanism::StatusCall), 1);
        assert_eq!(most_at_once(crate::marketplace::CINT, Mechanism::Upload), 100_000);
        assert_eq!(most_at_once(crate::marketplace::INNOVATEMR, Mechanism::Upload), 1);
    }

    #[test]
    fn each_vendor_has_its_own_call_and_its_own_remark() {
        let order = |mechanism| Order {
            mechanism,
            outcome: Outcome::Reject,
            items: vec![Item {
                survey: "7",
                transaction: "a",
                reason: None,
                quotas: &[],
            }],
        };
        let call = |vendor, mechanism| call(vendor, &Markets::default(), &order(mechanism), "k");
        let path = |vendor, mechanism| call(vendor, mechanism).unwrap().path;
        assert!(path(PS, Mechanism::LiveReconciliation).starts_with("/adjustments/surveys/7?"));
        let upload = path(crate::marketplace::CINT, Mechanism::Upload);
        assert!(upload.ends_with("/reconciliations?name=k.csv"), "{upload}");
        assert_eq!(call(PS, Mechanism::Upload), None);
        assert_eq!(call(crate::marketplace::INNOVATEMR, Mechanism::Upload), None);
        assert!(remark(PS).unwrap().contains("next invoice"));
        assert!(remark(crate::marketplace::CINT).unwrap().contains("25th"));
        assert_eq!(remark(crate::marketplace::INNOVATEMR), None);
    }
}
