//! Reconciling at any vendor: what may become of a transaction, the calls for it, and what their answers mean.
//!
//! Pure. Each vendor's rules and words are in its folder.

use super::error::VendorError;
use super::{Markets, cint, purespectrum};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reconciliation::Phase;
    use serde_json::json;

    const PS: VendorId = VendorId::PureSpectrum;

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
            VendorError::RateLimited("V"),
            VendorError::Credentials {
                vendor: "V",
                status: 401,
                message: "expired".to_owned(),
            },
        ];
        for vendor in VendorId::ALL {
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
        assert_eq!(call(Some(1003)), Answer::AlreadyFinal);
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
        for vendor in [VendorId::Cint, VendorId::InnovateMr] {
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
        let taken = receipt(VendorId::Cint, json!({"adjustment_id": "A", "request_id": "R"}));
        assert_eq!((taken.id.as_deref(), taken.pending), (Some("R"), true));
        assert_eq!(
            receipt(VendorId::InnovateMr, json!({"id": 1})),
            Receipt::default()
        );
    }

    #[test]
    fn what_is_not_shown_is_changed_at_cint_only() {
        assert!(shows_transactions(PS));
        assert!(!shows_transactions(VendorId::Cint) && !shows_transactions(VendorId::InnovateMr));
        let unseen = |vendor| course_unseen(vendor, Outcome::Reject, None);
        assert_eq!(unseen(VendorId::Cint), Course::Change(Mechanism::Upload));
        for vendor in [PS, VendorId::InnovateMr] {
            assert!(matches!(unseen(vendor), Course::Cannot(_)));
        }
        let unknown = course_unseen(VendorId::Cint, Outcome::Reject, Some("no such reason"));
        assert!(matches!(unknown, Course::Cannot(_)));
        let complete = Standing {
            code: 21,
            name: "Complete".into(),
            phase: Phase::Ended(Outcome::Complete),
            price: None,
        };
        let seen = |vendor| course(vendor, Outcome::Reject, &complete);
        assert_eq!(seen(PS), Course::Change(Mechanism::LiveReconciliation));
        for vendor in [VendorId::Cint, VendorId::InnovateMr] {
            assert!(matches!(seen(vendor), Course::Cannot(_)));
        }
    }

    #[test]
    fn lists_are_as_long_as_the_vendor_takes_them() {
        assert_eq!(most_at_once(PS, Mechanism::LiveReconciliation), 1000);
        assert_eq!(most_at_once(PS, Mechanism::StatusCall), 1);
        assert_eq!(most_at_once(VendorId::Cint, Mechanism::Upload), 100_000);
        assert_eq!(most_at_once(VendorId::InnovateMr, Mechanism::Upload), 1);
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
        let upload = path(VendorId::Cint, Mechanism::Upload);
        assert!(upload.ends_with("/reconciliations?name=k.csv"), "{upload}");
        assert_eq!(call(PS, Mechanism::Upload), None);
        assert_eq!(call(VendorId::InnovateMr, Mechanism::Upload), None);
        assert!(remark(PS).unwrap().contains("next invoice"));
        assert!(remark(VendorId::Cint).unwrap().contains("25th"));
        assert_eq!(remark(VendorId::InnovateMr), None);
    }
}
