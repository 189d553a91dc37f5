//! Reconciliations (OpenAPI `post_reconciliations`, pages "Understanding reconciliations" and "Reconciliation reason
//! codes"): a list of respondents with reason codes is uploaded, the vendor works through it in its own time, and then
//! tells which respondents were too late (expired) or unknown to it (invalid).
//!
//! Cint shows no state of a single respondent, so what was is not known and what changed is what the vendor did not name
//! as expired or invalid. The list of completes to keep, which rejects every other one, is not in here.

use super::client::Reader;
use super::envelope::TEXT;
use super::wire::{Upload, word};
use super::{Cint, client, decode, parts, paths};
use crate::marketplace::contract::{ReadOutcomes, Reconciliation};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::json::{Decoded, object};
use crate::marketplace::http::wire::{Count, read, typed};
use crate::marketplace::shelf::reconcile::{Item, Order, Receipt, Uploaded};
use crate::model::call::encode_segment;
use crate::model::reconciliation::{Course, Outcome};
use crate::model::{Call, CallClass, Field, Mechanism, Method};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeSet;

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

impl Reconciliation for Cint {
    /// When respondents can be reconciled no more (page "Understanding reconciliations").
    fn remark(&self) -> Option<&'static str> {
        Some("Cint takes an interview until the end of the 25th of the month after it, Central Time")
    }

    fn course_unseen(&self, wanted: Outcome, reason: Option<&str>) -> Course {
        match code(wanted, reason) {
            Ok(_) => Course::Change(Mechanism::Upload),
            Err(why) => Course::Cannot(why.into()),
        }
    }

    /// Most rows of one upload (OpenAPI `post_reconciliations`).
    fn most_at_once(&self, _mechanism: Mechanism) -> usize {
        100_000
    }

    /// The upload: no header row, a respondent and a code a line. The key makes a repetition the same request.
    fn call(&self, order: &Order<'_>, key: &str) -> Option<Call> {
        let row = |item: &Item<'_>| {
            let code = code(order.outcome, item.reason).ok()?;
            Some(format!("{},{code}", item.transaction))
        };
        let rows: Vec<String> = order.items.iter().map(row).collect::<Option<_>>()?;
        let path = format!("{}/reconciliations?name={key}.csv", paths::account(self.account));
        let purpose = format!("reconcile {} respondents to {}", rows.len(), order.outcome);
        let call = Call::new(Method::Post, path, CallClass::KeyedWrite, purpose);
        let mut call = parts::upload(call, &rows);
        call.headers.insert("idempotency-key".to_owned(), key.to_owned());
        Some(call)
    }

    /// What the vendor says when it takes an upload.
    fn receipt(&self, body: &Value) -> Receipt {
        let taken: Option<Upload> = typed(body, "").ok();
        Receipt {
            id: taken.and_then(|taken| taken.request_id.value().cloned()),
            pending: true,
            counts: Vec::new(),
        }
    }
}

impl ReadOutcomes for Reader {
    fn uploaded<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<Uploaded>, VendorError>> {
        Box::pin(async move { look(self, request).await.map(Some) })
    }

    /// Of the whole project, target groups that infield does not know included.
    fn completes<'a>(&'a self, survey: &'a str) -> BoxFuture<'a, Result<Option<u64>, VendorError>> {
        Box::pin(async move {
            let project = paths::project(self.cint.account, &encode_segment(survey));
            self.session
                .read(&format!("{project}/overview"), decode::project_completes)
                .await
        })
    }
}

/// How far the vendor got with an upload; finished ones with who was too late and who is unknown.
async fn look(reader: &Reader, request: &str) -> Result<Uploaded, VendorError> {
    let account = paths::account(reader.cint.account);
    let place = format!("{account}/reconciliations/{}", encode_segment(request));
    let of_all = |body: &Value| Ok((typed::<Upload>(body, "")?, counts(body, "")?));
    let (shown, mut counts) = reader.session.read(&place, of_all).await?;
    match word(&shown.status).to_ascii_lowercase().as_str() {
        "complete" | "completed" => {}
        "failed" => {
            return Ok(Uploaded::Failed(format!(
                "Cint could not work through the upload {request}"
            )));
        }
        _ => return Ok(Uploaded::Working),
    }
    let mut named = [BTreeSet::new(), BTreeSet::new()];
    let files = [
        ("expired-rids", &shown.expired_count),
        ("invalid-rids", &shown.invalid_count),
    ];
    for (set, (file, count)) in named.iter_mut().zip(files) {
        // Where the vendor counts none there is nothing to download.
        if *count != Field::Set(Count(0)) {
            *set = download(reader, &format!("{place}/downloads/{file}")).await?;
        }
    }
    let [expired, invalid] = named;
    counts.extend(of_groups(reader, &place).await?);
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

/// Whatever the vendor counts, in its own words and order.
fn counts(body: &Value, place: &str) -> Decoded<Vec<(String, String)>> {
    let mut counts = Vec::new();
    for (key, value) in object(body, place)? {
        if let Some(name) = key.strip_suffix("_count")
            && let Field::Set(Count(count)) = read(value, &format!("{place}/{key}"))?
        {
            counts.push((name.replace('_', " "), count.to_string()));
        }
    }
    Ok(counts)
}

/// The counts of each target group, in one line each.
async fn of_groups(reader: &Reader, place: &str) -> Result<Vec<(String, String)>, VendorError> {
    let path = format!("{place}/target-groups");
    let groups = reader.all(&path, &[], "target_groups").await?;
    let line = |group: &Value| {
        let shown: Upload = typed(group, "")?;
        let counts = counts(group, "")?
            .into_iter()
            .map(|(name, count)| format!("{name} {count}"));
        let id = word(&shown.target_group_id);
        Ok((
            format!("target group {id}:"),
            counts.collect::<Vec<_>>().join(" "),
        ))
    };
    groups.iter().map(|group| client::read(group, line)).collect()
}

/// The respondents of a file of the vendor: the first column, with or without a header.
async fn download(reader: &Reader, path: &str) -> Result<BTreeSet<String>, VendorError> {
    let mut call = Call::new(Method::Get, path, CallClass::Read, "");
    call.headers.insert("accept".to_owned(), "text/csv".to_owned());
    let body = reader.session.call(&call, &|_, _| {}).await?;
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
        let call = Cint::default().call(&order, "k").unwrap();
        assert_eq!(call.path, "/demand/accounts/1/reconciliations?name=k.csv");
        assert_eq!(call.body, Some(Value::from("0F1C,932\n75F1,26\n").into()));
        assert_eq!(call.headers["content-type"], "text/csv");
        assert!(
            !call.path.contains("completes"),
            "the list of completes to keep is another path"
        );
    }
}
