//! Outcomes → calls. Pure.
//!
//! Two ways, and the state the vendor reports decides which: a transaction that is still open is ended by the status call
//! (vendor wiki 687308853), one that has ended is turned into a complete or a reject by a live reconciliation (wiki
//! 2618589185). Promises: every live reconciliation carries its query string, because the same path without one is the
//! accept list, which this module can neither build nor send.

use super::assumptions::{BUYER_ENDED, LIVE_RECONCILIATION_ROWS};
use super::facts::PureSpectrum;
use crate::marketplace::contract::Reconciliation;
use crate::marketplace::http::error::VendorError;
use crate::marketplace::shelf::reconcile::{Answer, Item, Order, Receipt};
use crate::model::call::encode_segment;
use crate::model::reconciliation::{Course, Outcome, Phase, Standing};
use crate::model::{Call, CallClass, Mechanism, Method};
use serde_json::{Value, json};

/// The statuses that the status call may still change: in progress, drop, too quick. Names: wiki 687308853; numbers:
/// supplier wiki 296550422 and 35660069.
const OPEN: [i64; 3] = [16, 19, 29];

/// The query that makes a call to `/adjustments` a live reconciliation (wiki 2618589185).
const LIVE: &str = "operationType=LIVE_RECONCILIATION&reconStatus=";

/// The code of an outcome.
fn status(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::OverQuota => 17,
        Outcome::Termination => 18,
        Outcome::QualityTermination => 20,
        Outcome::Complete => 21,
        Outcome::Dedupe => 30,
        Outcome::Reject => 33,
    }
}

/// What a status means.
pub(super) fn phase(code: i64) -> Phase {
    if OPEN.contains(&code) {
        return Phase::Open;
    }
    match Outcome::ALL.into_iter().find(|outcome| status(*outcome) == code) {
        Some(outcome) => Phase::Ended(outcome),
        None if BUYER_ENDED.contains(&code) => Phase::EndedOtherwise,
        None => Phase::Elsewhere,
    }
}

impl Reconciliation for PureSpectrum {
    fn shows_transactions(&self) -> bool {
        true
    }

    fn remark(&self) -> Option<&'static str> {
        Some("what PureSpectrum has by 10 pm Pacific Time is on the next invoice (vendor wiki 2311159820)")
    }

    fn course(&self, wanted: Outcome, was: &Standing) -> Course {
        match (was.phase, wanted) {
            (Phase::Ended(is), wanted) if is == wanted => Course::Settled,
            (Phase::Open, Outcome::Reject) => Course::Cannot(
                "it is no complete that could be taken back, it has not ended yet; end it as `quality_termination` or \
                 `termination` instead"
                    .into(),
            ),
            (Phase::Open, _) => Course::Change(Mechanism::StatusCall),
            (Phase::Ended(_) | Phase::EndedOtherwise, Outcome::Complete) => {
                Course::Change(Mechanism::LiveReconciliation)
            }
            (Phase::Ended(Outcome::Complete), Outcome::Reject) => Course::Change(Mechanism::LiveReconciliation),
            (Phase::Ended(_) | Phase::EndedOtherwise, Outcome::Reject) => {
                Course::Cannot("it is no complete, so there is nothing to reject".into())
            }
            (Phase::Ended(_) | Phase::EndedOtherwise, wanted) => Course::Cannot(
                format!(
                    "it has a final status, and PureSpectrum changes a final status to `complete` or `reject` only, not to \
                     `{wanted}` (code 1003)"
                )
                .into(),
            ),
            (Phase::Elsewhere, _) => {
                Course::Cannot("it did not end in your survey, and PureSpectrum has no call that changes it".into())
            }
        }
    }

    fn most_at_once(&self, mechanism: Mechanism) -> usize {
        match mechanism {
            Mechanism::LiveReconciliation => LIVE_RECONCILIATION_ROWS,
            Mechanism::StatusCall | Mechanism::Upload => 1,
        }
    }

    /// Neither call is repeated by the transport once the vendor may have seen it: what became of it is read first.
    fn call(&self, order: &Order<'_>, _key: &str) -> Option<Call> {
        let first = order.items.first()?;
        match order.mechanism {
            Mechanism::StatusCall => {
                let mut path = format!(
                    "/surveys/{}/transactions/{}/status?st={}",
                    encode_segment(first.survey),
                    encode_segment(first.transaction),
                    status(order.outcome)
                );
                if !first.quotas.is_empty() {
                    let quotas: Vec<String> =
                        first.quotas.iter().map(|quota| encode_segment(quota)).collect();
                    path.push_str("&quota_id=");
                    path.push_str(&quotas.join(","));
                }
                let purpose = format!("end the transaction as {}", order.outcome);
                Some(Call::new(Method::Post, path, CallClass::Create, purpose))
            }
            Mechanism::LiveReconciliation => {
                let wanted = match order.outcome {
                    Outcome::Complete => 1,
                    Outcome::Reject => 2,
                    _ => return None,
                };
                let single = order.items.iter().all(|item| item.survey == first.survey);
                let path = if single {
                    format!(
                        "/adjustments/surveys/{}?{LIVE}{wanted}",
                        encode_segment(first.survey)
                    )
                } else {
                    format!("/adjustments?{LIVE}{wanted}")
                };
                let row = |item: &Item<'_>| {
                    let mut row = json!({"transaction_id": item.transaction});
                    if let Some(reason) = item.reason {
                        row["change_reason"] = Value::from(reason);
                    }
                    row
                };
                let rows: Vec<Value> = order.items.iter().map(row).collect();
                let purpose = format!("turn {} transactions into {}", rows.len(), order.outcome);
                Some(Call::new(Method::Post, path, CallClass::Create, purpose).body(rows))
            }
            Mechanism::Upload => None,
        }
    }

    fn receipt(&self, body: &Value) -> Receipt {
        receipt(body)
    }

    /// What a refusal means. The codes of the status call are a numbering of their own (wiki 687308853).
    fn refusal(&self, mechanism: Mechanism, error: &VendorError) -> Answer {
        let words = match (mechanism, error.code()) {
            (Mechanism::StatusCall, Some(1003)) => return Answer::AlreadyFinal { said: "code 1003" },
            (Mechanism::StatusCall, Some(1001)) => {
                "PureSpectrum does not know the status that was sent (code 1001)"
            }
            (Mechanism::StatusCall, Some(1002)) => "PureSpectrum misses a parameter (code 1002)",
            (Mechanism::StatusCall, Some(1004)) => {
                "PureSpectrum has no such transaction in this survey (code 1004)"
            }
            (Mechanism::StatusCall, Some(1005)) => {
                "the survey allocates completes to quotas, and the quota ids are missing or unknown (code 1005): give \
                 `quota_ids`"
            }
            _ => return Answer::Refused(error.to_string()),
        };
        Answer::Refused(words.to_owned())
    }
}

/// Whether a path is that of a call which rejects what it does not name.
pub(crate) fn would_be_an_accept_list(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    path.split('/').any(|part| part == "adjustments")
        && !["1", "2"].iter().any(|wanted| query == format!("{LIVE}{wanted}"))
}

/// What the vendor says about an order it took. Two revisions name the counts differently, and `rejected` means the
/// opposite in them (wiki 2618589185), so they are passed on as they are.
pub(crate) fn receipt(body: &Value) -> Receipt {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let counts = body.get("summary").and_then(Value::as_object);
    Receipt {
        id: body
            .get("adjustment_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        pending: body
            .get("statusDescription")
            .and_then(Value::as_str)
            .is_some_and(|status| status.eq_ignore_ascii_case("pending")),
        counts: counts
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn standing(code: i64) -> Standing {
        Standing {
            code,
            name: "".into(),
            phase: phase(code),
            price: None,
        }
    }

    #[test]
    fn only_the_three_open_states_get_the_status_call() {
        for code in 0..60 {
            for wanted in Outcome::ALL {
                let course = PureSpectrum.course(wanted, &standing(code));
                let called = course == Course::Change(Mechanism::StatusCall);
                let open = [16, 19, 29].contains(&code) && wanted != Outcome::Reject;
                assert_eq!(called, open, "{code} → {wanted}");
                let live = course == Course::Change(Mechanism::LiveReconciliation);
                let may = match wanted {
                    Outcome::Complete => [17, 18, 20, 30, 31, 33].contains(&code),
                    Outcome::Reject => code == 21,
                    _ => false,
                };
                assert_eq!(live, may, "{code} → {wanted}");
            }
        }
    }

    #[test]
    fn the_documented_calls_are_made() {
        let item = |transaction, reason| Item {
            survey: "1",
            transaction,
            reason,
            quotas: &[],
        };
        let quotas = ["1".to_owned(), "2".to_owned(), "3".to_owned()];
        let order = Order {
            mechanism: Mechanism::StatusCall,
            outcome: Outcome::Complete,
            items: vec![Item {
                quotas: &quotas,
                ..item("t", None)
            }],
        };
        let sent = PureSpectrum.call(&order, "").unwrap();
        assert_eq!(sent.path, "/surveys/1/transactions/t/status?st=21&quota_id=1,2,3");
        assert_eq!((sent.method, sent.body), (Method::Post, None));
        let mut order = Order {
            mechanism: Mechanism::LiveReconciliation,
            outcome: Outcome::Reject,
            items: vec![item("a", Some("Suspected Fraud")), item("b", None)],
        };
        let sent = PureSpectrum.call(&order, "").unwrap();
        assert_eq!(
            sent.path,
            "/adjustments/surveys/1?operationType=LIVE_RECONCILIATION&reconStatus=2"
        );
        let body =
            json!([{"transaction_id": "a", "change_reason": "Suspected Fraud"}, {"transaction_id": "b"}]);
        assert_eq!(sent.body, Some(body.into()));
        order.items[1].survey = "2";
        order.outcome = Outcome::Complete;
        let sent = PureSpectrum.call(&order, "").unwrap();
        assert_eq!(
            sent.path,
            "/adjustments?operationType=LIVE_RECONCILIATION&reconStatus=1"
        );
    }

    #[test]
    fn both_shapes_of_a_summary_are_passed_on() {
        for file in [
            include_str!("../../../tests/fixtures/purespectrum/live_reconcile_single_reject.response.json"),
            include_str!(
                "../../../tests/fixtures/purespectrum/live_reconcile_single_newer_summary.response.json"
            ),
        ] {
            let body: Value = serde_json::from_str(file).unwrap();
            let receipt = receipt(&body);
            assert_eq!(
                receipt.id.as_deref(),
                Some("11111111-2222-4333-8444-666666666666")
            );
            assert_eq!(receipt.counts[0], ("desiredStatus".to_owned(), "33".to_owned()));
            assert!(!receipt.pending);
        }
        assert!(receipt(&json!({"statusDescription": "Pending", "status": 1})).pending);
        assert_eq!(receipt(&Value::Null), Receipt::default());
    }

    proptest! {
        /// Whatever is wanted of whatever transactions: no call of this module is an accept list.
        #[test]
        fn no_order_becomes_an_accept_list(
            rows in proptest::collection::vec((".{0,12}", ".{0,12}", proptest::option::of(".{0,12}")), 0..6),
            outcome in 0usize..6,
            mechanism in 0usize..3,
        ) {
            let order = Order {
                mechanism: [Mechanism::StatusCall, Mechanism::LiveReconciliation, Mechanism::Upload][mechanism],
                outcome: Outcome::ALL[outcome],
                items: rows
                    .iter()
                    .map(|(survey, transaction, reason)| Item {
                        survey, transaction, reason: reason.as_deref(), quotas: &[],
                    })
                    .collect(),
            };
            if let Some(call) = PureSpectrum.call(&order, "") {
                prop_assert!(!would_be_an_accept_list(&call.path), "{}", call.path);
                if call.path.contains("/adjustments") {
                    let end = format!("?operationType=LIVE_RECONCILIATION&reconStatus={}", outcome + 1);
                    prop_assert!(call.path.ends_with(&end), "{}", call.path);
                }
            }
        }
    }

    #[test]
    fn no_plan_may_send_the_path_of_an_accept_list() {
        for path in [
            "/adjustments",
            "/adjustments/surveys/1",
            "/adjustments/surveys/1?reconStatus=1",
        ] {
            assert!(would_be_an_accept_list(path), "{path}");
        }
        assert!(!would_be_an_accept_list(
            "/adjustments?operationType=LIVE_RECONCILIATION&reconStatus=2"
        ));
    }
}
