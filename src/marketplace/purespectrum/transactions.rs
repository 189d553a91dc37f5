//! Reading transactions (`buyers/v3`, vendor wiki 3199139844): singly, or page by page where many of one survey are
//! wanted. What a page does not show is asked for singly: a list that does not name a transaction proves nothing.

use super::assumptions::{CURRENCY, READ_SINGLY_UP_TO, TRANSACTION_PAGE, TRANSACTIONS_BY_SURVEY};
use super::reconcile::phase;
use crate::marketplace::http::error::{VendorError, excerpt};
use crate::marketplace::http::json::{
    Decoded, Mismatch, code, count, decimal, list, mismatch, object, whole,
};
use crate::marketplace::http::session::Session;
use crate::model::call::encode_segment;
use crate::model::reconciliation::Standing;
use crate::model::{Money, Reading};
use futures_util::StreamExt as _;
use rust_decimal::Decimal;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

const OURS: &str = "/v2";
const OTHER: &str = "/v3";
/// Reads prepared at once; the session decides how many are under way.
const AHEAD: usize = 32;

/// Names of statuses (supplier wiki 296550422 and 35660069, wiki 2618589185).
const NAMES: [(i64, &str); 23] = [
    (11, "PS_Drop"),
    (12, "PS_QuotaFull_Core"),
    (13, "PS_Termination_Core"),
    (14, "PS_Side_In_Progress"),
    (15, "PS_Quality"),
    (16, "Buyer_side_In_Progress"),
    (17, "Buyer_QuotaFull"),
    (18, "Buyer_Termination"),
    (19, "Buyer_Drop"),
    (20, "Buyer_Quality_Termination"),
    (21, "Complete"),
    (22, "PS_Survey_Closed_Termination"),
    (23, "PS_Survey_Paused_Termination"),
    (24, "PS_Unopened_Quota_Term"),
    (25, "PS_Supplier_Allocation_Full"),
    (26, "PS_Past_Participation_Fail"),
    (27, "PS_Supplier_Quota_Allocation_Full"),
    (28, "PS Invalid Survey"),
    (29, "PS LOI Threshold Failure"),
    (30, "Buyer Security (De-Dupe)"),
    (31, "Buyer Hash Failure"),
    (32, "PS Grouping Termination"),
    (33, "Buyer_Reconciliation_Reject"),
];

/// Reads transactions of one survey. The answer has one reading for each id, in the order of the ids.
pub(crate) async fn read(
    session: &Session,
    survey: &str,
    ids: &[&str],
    on_read: &(dyn Fn(usize) + Send + Sync),
) -> Vec<Reading<Standing>> {
    let mut found: Vec<Option<Reading<Standing>>> = vec![None; ids.len()];
    if TRANSACTIONS_BY_SURVEY && ids.len() > READ_SINGLY_UP_TO {
        pages(session, survey, ids, &mut found, on_read).await;
    }
    let missing: Vec<usize> = (0..ids.len()).filter(|index| found[*index].is_none()).collect();
    let mut singles = futures_util::stream::iter(missing)
        .map(|index| async move { (index, single(session, survey, ids[index]).await) })
        .buffer_unordered(AHEAD);
    while let Some((index, reading)) = singles.next().await {
        found[index] = Some(reading);
        on_read(1);
    }
    drop(singles);
    found
        .into_iter()
        .map(|reading| reading.expect("what no page shows was read singly"))
        .collect()
}

/// Takes what pages show. Stops at the first failure, at a page without news, and when reading on would cost more
/// requests than it may save.
async fn pages(
    session: &Session,
    survey: &str,
    ids: &[&str],
    found: &mut [Option<Reading<Standing>>],
    on_read: &(dyn Fn(usize) + Send + Sync),
) {
    let mut wanted: HashMap<&str, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let survey = encode_segment(survey);
    let mut first: Option<String> = None;
    for page in 1..=ids.len() / 4 + 1 {
        let path = format!("/surveys/{survey}/transactions?limit={TRANSACTION_PAGE}&page={page}");
        let Ok(body) = session.get_of_version(OURS, OTHER, &path).await else {
            return;
        };
        let Some(items) = body.as_array().filter(|items| !items.is_empty()) else {
            return;
        };
        // A server that ignores `page` sends the same one again.
        let begins = items.first().map(Value::to_string);
        if begins == first {
            return;
        }
        first = first.or(begins);
        let mut news = 0;
        for item in items {
            if let Ok((id, standing)) = standing(item, "")
                && let Some(index) = wanted.remove(id.as_str())
            {
                found[index] = Some(Reading::Present(standing));
                news += 1;
            }
        }
        on_read(news);
        if wanted.is_empty() {
            return;
        }
    }
}

async fn single(session: &Session, survey: &str, id: &str) -> Reading<Standing> {
    let path = format!(
        "/surveys/{}/transactions/{}",
        encode_segment(survey),
        encode_segment(id)
    );
    let body = match session.get_of_version(OURS, OTHER, &path).await {
        Ok(body) => body,
        Err(error) if error.is_not_found() => {
            return Reading::Absent {
                proof: error.to_string(),
            };
        }
        Err(error) => {
            return Reading::Unknown {
                why: error.to_string(),
            };
        }
    };
    match one(&body) {
        Ok((found, _)) if found == id && owner(&body, survey).is_some() => Reading::Absent {
            proof: format!(
                "PureSpectrum shows it in the survey {}",
                owner(&body, survey).unwrap_or_default()
            ),
        },
        Ok((found, standing)) if found == id => Reading::Present(standing),
        Ok((found, _)) => Reading::Unknown {
            why: format!("asked for transaction {id}, got {found}"),
        },
        Err(Mismatch { path, problem }) => Reading::Unknown {
            why: VendorError::Undecodable {
                vendor: "PureSpectrum",
                path,
                problem,
                excerpt: excerpt(body.to_string().as_bytes()),
            }
            .to_string(),
        },
    }
}

/// The completes of a survey (`/performance`, vendor wiki 2502819845).
pub(crate) async fn completes(session: &Session, survey: &str) -> Result<Option<u64>, VendorError> {
    let path = format!("/surveys/{}/performance", encode_segment(survey));
    let body = session.get(&path).await?;
    Ok(body.get("completes_fielded").and_then(count))
}

/// Whether completes have to name their quotas (QLC); unknown where the survey does not show the setting.
pub(crate) async fn allocates_by_quota(session: &Session, survey: &str) -> Option<bool> {
    let body = session
        .get(&format!("/surveys/{}", encode_segment(survey)))
        .await
        .ok()?;
    let survey = body.get("survey").unwrap_or(&body);
    let enabled = survey.pointer("/qlc/enable")?;
    enabled
        .as_bool()
        .or_else(|| whole(enabled).map(|number| number == 1))
}

/// The survey that a transaction says it belongs to, where it is neither this one nor a child of it.
fn owner(body: &Value, survey: &str) -> Option<String> {
    let said = |key: &str| body.pointer(&format!("/0/{key}")).and_then(code);
    let owners: Vec<String> = ["Survey ID", "Parent ID"]
        .into_iter()
        .filter_map(said)
        .filter(|id| !id.is_empty())
        .collect();
    let is_other = !owners.iter().any(|owner| owner == survey);
    owners.into_iter().next().filter(|_| is_other)
}

fn one(body: &Value) -> Decoded<(String, Standing)> {
    match list(body, "")?.as_slice() {
        [item] => standing(item, "/0"),
        _ => mismatch("", "a list of one transaction", body),
    }
}

/// A transaction as `buyers/v3` shows it; its keys have blanks in them.
fn standing(item: &Value, path: &str) -> Decoded<(String, Standing)> {
    let fields = object(item, path)?;
    let field = |key: &str| fields.get(key).unwrap_or(&Value::Null);
    let place = |key: &str| format!("{path}/{key}");
    let Some(id) = code(field("Transaction ID")).filter(|id| !id.is_empty()) else {
        return mismatch(&place("Transaction ID"), "an id", field("Transaction ID"));
    };
    let key = "Respondent Status Code";
    let Some(code) = whole(field(key)) else {
        return mismatch(&place(key), "a whole number", field(key));
    };
    let known = NAMES.iter().find(|(known, _)| *known == code);
    let name = match known {
        Some((_, name)) => Cow::Borrowed(*name),
        None => {
            let told = field("Respondent Status Description")
                .as_str()
                .unwrap_or("unknown status");
            Cow::Owned(told.to_owned())
        }
    };
    // What was paid; before anything was paid, what would be.
    let paid = decimal(field("Respondent Buyer CPI")).filter(|paid| *paid > Decimal::ZERO);
    let price = paid.or_else(|| decimal(field("Expected Buyer CPI")));
    Ok((
        id,
        Standing {
            code,
            name,
            phase: phase(code),
            price: price.map(|amount| Money::new(amount, CURRENCY)),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;
    use crate::model::reconciliation::Phase;

    #[test]
    fn the_documented_transaction_is_read() {
        let text = include_str!("../../../tests/fixtures/purespectrum/get_transaction_v3.response.json");
        let (id, standing) = one(&serde_json::from_str(text).unwrap()).unwrap();
        assert!(!id.is_empty());
        assert_eq!(standing.phase, Phase::Ended(Outcome::Complete));
        assert_eq!(standing.to_string(), "Complete (21)");
        assert_eq!(standing.price.unwrap().to_string(), "1.30 USD");
    }

    #[test]
    fn a_transaction_of_a_child_belongs_to_its_parent() {
        let body = serde_json::json!([{"Survey ID": 7, "Parent ID": "5"}]);
        assert_eq!(owner(&body, "5"), None);
        assert_eq!(owner(&body, "7"), None);
        assert_eq!(owner(&body, "8").as_deref(), Some("7"));
        assert_eq!(owner(&serde_json::json!([{"Survey ID": ""}]), "8"), None);
    }

    #[test]
    fn an_answer_without_a_status_is_no_standing() {
        let mismatch = one(&serde_json::json!([{"Transaction ID": "a"}])).unwrap_err();
        assert_eq!(mismatch.path, "/0/Respondent Status Code");
        assert!(one(&serde_json::json!([])).is_err());
        assert!(one(&serde_json::json!({"data": []})).is_err());
    }
}
