//! Reconciliations (OpenAPI `post_reconciliations`, pages "Understanding reconciliations" and "Reconciliation reason
//! codes"): a list of respondents with reason codes is uploaded, the vendor works through it in its own time, and then
//! tells which respondents were too late (expired) or unknown to it (invalid).
//!
//! Cint shows no state of a single respondent, so what was is not known and what changed is what the vendor did not name
//! as expired or invalid. The list of completes to keep, which rejects every other one, is not in here.

use super::envelope::TEXT;
use super::{Cint, paths};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::reconcile::{Order, Receipt, Uploaded};
use crate::model::call::encode_segment;
use crate::model::reconciliation::{Course, Outcome};
use crate::model::{Call, CallClass, Mechanism, Method};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most rows of one upload (OpenAPI `post_reconciliations`).
pub(crate) const MOST_ROWS: usize = 100_000;

/// When respondents can be reconciled no more (page "Understanding reconciliations").
pub(crate) const DEADLINE: &str =
    "Cint takes an interview until the end of the 25th of the month after it, Central Time";

/// The code that makes a respondent a complete.
const COMPLETE: &str = "11";

/// Codes that take a complete back, with their names (page "Reconciliation reason codes"); codes from 940 on are the
/// vendor's own.
const REJECTS: [(&str, &str); 7] = [
    ("26", "No Reason Provided"),
    ("930", "Unspecified Fraud"),
    ("932", "Straight-lining"),
    ("933", "Speeder"),
    ("934", "Poor Quality Open End"),
    ("935", "Ghost Complete"),
    ("936", "Inconsistent Answers"),
];

/// The code of an outcome with its reason, which may be a code or its name; without one there is a code for that.
fn code(outcome: Outcome, reason: Option<&str>) -> Result<&'static str, String> {
    match outcome {
        Outcome::Complete => Ok(COMPLETE),
        Outcome::Reject => {
            let Some(reason) = reason else {
                return Ok("26");
            };
            let named = |(code, name): &&(&str, &str)| *code == reason || name.eq_ignore_ascii_case(reason);
            REJECTS.iter().find(named).map(|(code, _)| *code).ok_or_else(|| {
                let known: Vec<String> = REJECTS
                    .iter()
                    .map(|(code, name)| format!("{code} {name}"))
                    .collect();
                format!("Cint takes no reason `{reason}`; there are {}", known.join(", "))
            })
        }
        other => Err(format!(
            "Cint reconciles to `complete` and `reject` only, not to `{other}`"
        )),
    }
}

/// What may become of a respondent.
pub(crate) fn course(outcome: Outcome, reason: Option<&str>) -> Course {
    match code(outcome, reason) {
        Ok(_) => Course::Change(Mechanism::Upload),
        Err(why) => Course::Cannot(why.into()),
    }
}

/// The upload of an order: no header row, a respondent and a code a line. The key makes a repetition the same request.
pub(crate) fn call(cint: &Cint, order: &Order<'_>, key: &str) -> Option<Call> {
    let mut list = String::new();
    for item in &order.items {
        let code = code(order.outcome, item.reason).ok()?;
        list.push_str(&format!("{},{code}\n", item.transaction));
    }
    let path = format!("{}/reconciliations?name={key}.csv", paths::account(cint.account));
    let purpose = format!("reconcile {} respondents to {}", order.items.len(), order.outcome);
    let mut call = Call::new(Method::Post, path, CallClass::KeyedWrite, purpose);
    call.headers
        .insert("content-type".to_owned(), "text/csv".to_owned());
    call.headers.insert("idempotency-key".to_owned(), key.to_owned());
    call.body = Some(Value::String(list));
    Some(call)
}

/// What the vendor says when it takes an upload.
pub(crate) fn receipt(body: &Value) -> Receipt {
    Receipt {
        id: body.get("request_id").and_then(Value::as_str).map(str::to_owned),
        pending: true,
        counts: Vec::new(),
    }
}

/// How far the vendor got with an upload; finished ones with who was too late and who is unknown.
pub(crate) async fn look(session: &Session, cint: &Cint, request: &str) -> Result<Uploaded, VendorError> {
    let place = format!(
        "{}/reconciliations/{}",
        paths::account(cint.account),
        encode_segment(request)
    );
    let body = session.get(&place).await?;
    let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
    match status.to_ascii_lowercase().as_str() {
        "complete" | "completed" => {}
        "failed" => {
            return Ok(Uploaded::Failed(format!(
                "Cint could not work through the upload {request}"
            )));
        }
        _ => return Ok(Uploaded::Working),
    }
    let number = |key: &str| body.get(key).and_then(Value::as_u64);
    let mut named = [BTreeSet::new(), BTreeSet::new()];
    for (set, (count, file)) in named.iter_mut().zip([
        ("expired_count", "expired-rids"),
        ("invalid_count", "invalid-rids"),
    ]) {
        // Where the vendor counts none there is nothing to download.
        if number(count) != Some(0) {
            *set = download(session, &format!("{place}/downloads/{file}")).await?;
        }
    }
    let mut counts: Vec<(String, String)> = Vec::new();
    for (key, value) in body.as_object().into_iter().flatten() {
        if let (Some(name), Some(count)) = (key.strip_suffix("_count"), value.as_u64()) {
            counts.push((name.replace('_', " "), count.to_string()));
        }
    }
    counts.extend(of_groups(session, &place).await?);
    let [expired, invalid] = named;
    Ok(Uploaded::Done {
        expired,
        invalid,
        receipt: Receipt {
            id: Some(request.to_owned()),
            pending: false,
            counts,
        },
    })
}

/// The counts of each target group, in one line each.
async fn of_groups(session: &Session, place: &str) -> Result<Vec<(String, String)>, VendorError> {
    let groups = super::client::all(session, &format!("{place}/target-groups"), &[], "target_groups").await?;
    let lines = groups.iter().filter_map(|group| {
        let id = group.get("target_group_id")?.as_str()?;
        let counts: Vec<String> = group
            .as_object()?
            .iter()
            .filter_map(|(key, value)| Some((key.strip_suffix("_count")?, value.as_u64()?)))
            .map(|(key, count)| format!("{} {count}", key.replace('_', " ")))
            .collect();
        Some((format!("target group {id}:"), counts.join(" ")))
    });
    Ok(lines.collect())
}

/// The respondents of a file of the vendor: the first column, with or without a header.
async fn download(session: &Session, path: &str) -> Result<BTreeSet<String>, VendorError> {
    let mut call = Call::new(Method::Get, path, CallClass::Read, "");
    call.headers.insert("accept".to_owned(), "text/csv".to_owned());
    let body = session.call(&call, &|_, _| {}).await?;
    let text = body.get(TEXT).and_then(Value::as_str).unwrap_or_default();
    let first = |line: &str| {
        let field = line.split(',').next().unwrap_or_default();
        field
            .trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\u{feff}')
            .to_ascii_lowercase()
    };
    Ok(text.lines().map(first).filter(|id| !id.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::shelf::reconcile::Item;

    #[test]
    fn reasons_are_codes_or_their_names() {
        assert_eq!(code(Outcome::Complete, None), Ok("11"));
        assert_eq!(code(Outcome::Complete, Some("Client asked")), Ok("11"));
        assert_eq!(code(Outcome::Reject, Some("932")), Ok("932"));
        assert_eq!(code(Outcome::Reject, Some("speeder")), Ok("933"));
        assert_eq!(code(Outcome::Reject, None), Ok("26"));
        // The code of a complete is no reason to reject, and the vendor's own codes are not ours.
        for wrong in ["11", "940", "Suspected Fraud"] {
            assert!(
                code(Outcome::Reject, Some(wrong))
                    .unwrap_err()
                    .contains("930 Unspecified Fraud")
            );
        }
        assert!(code(Outcome::Dedupe, None).is_err());
    }

    #[test]
    fn an_upload_is_a_list_without_a_header() {
        let item = |transaction, reason| Item {
            survey: "P",
            transaction,
            reason,
            quotas: &[],
        };
        let order = Order {
            mechanism: Mechanism::Upload,
            outcome: Outcome::Reject,
            items: vec![item("0F1C", Some("932")), item("75F1", None)],
        };
        let call = call(&Cint::default(), &order, "k").unwrap();
        assert_eq!(call.path, "/demand/accounts/1/reconciliations?name=k.csv");
        assert_eq!(call.body, Some(Value::from("0F1C,932\n75F1,26\n")));
        assert_eq!(call.headers["content-type"], "text/csv");
        assert!(
            !call.path.contains("completes"),
            "the list of completes to keep is another path"
        );
    }
}
