//! Reading transactions (`buyers/v3`, vendor wiki 3199139844): singly, or page by page where many of one survey are
//! wanted. What a page does not show is asked for singly: a list that does not name a transaction proves nothing.

use super::assumptions::{CURRENCY, READ_SINGLY_UP_TO, TRANSACTION_PAGE, TRANSACTIONS_BY_SURVEY};
use super::reconcile::phase;
use super::{decode, wire};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::json::{Decoded, list, mismatch};
use crate::marketplace::http::session::Session;
use crate::marketplace::http::wire::{Code, WholeOrText, needed, typed};
use crate::model::call::encode_segment;
use crate::model::reconciliation::Standing;
use crate::model::{Field, Money, Reading};
use futures_util::StreamExt as _;
use rust_decimal::Decimal;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

pub(super) const OURS: &str = "/v2";
pub(super) const OTHER: &str = "/v3";
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
            if let Ok(shown) = self::found(item, "")
                && let Some(index) = wanted.remove(shown.id.as_str())
            {
                found[index] = Some(Reading::Present(shown.standing));
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
    let read = session.get_of_version(OURS, OTHER, &path).await;
    match VendorError::reading(read.and_then(|body| session.decoded(&body, one))) {
        Reading::Present(found) if found.id != id => Reading::Unknown {
            why: format!("asked for transaction {id}, got {}", found.id),
        },
        Reading::Present(found) => match found.owner(survey) {
            Some(other) => Reading::Absent {
                proof: format!("PureSpectrum shows it in the survey {other}"),
            },
            None => Reading::Present(found.standing),
        },
        Reading::Absent { proof } => Reading::Absent { proof },
        Reading::Unknown { why } => Reading::Unknown { why },
    }
}

/// The completes of a survey (`/performance`, vendor wiki 2502819845).
pub(crate) async fn completes(session: &Session, survey: &str) -> Result<Option<u64>, VendorError> {
    let path = format!("/surveys/{}/performance", encode_segment(survey));
    let shown = session
        .read(&path, |body| typed::<wire::Performance>(body, ""))
        .await?;
    Ok(shown.completes_fielded.value().map(|count| count.0))
}

/// Whether completes have to name their quotas (QLC); unknown where the survey does not show the setting.
pub(crate) async fn allocates_by_quota(session: &Session, survey: &str) -> Option<bool> {
    let path = format!("/surveys/{}", encode_segment(survey));
    session.read(&path, decode::allocates_by_quota).await.ok()?
}

/// A transaction with the surveys that it says it belongs to.
#[derive(Debug)]
struct Found {
    id: String,
    owners: Vec<String>,
    standing: Standing,
}

impl Found {
    /// The survey that it belongs to, where it is neither this one nor a child of it.
    fn owner(&self, survey: &str) -> Option<&String> {
        let is_other = !self.owners.iter().any(|owner| owner == survey);
        self.owners.first().filter(|_| is_other)
    }
}

fn one(body: &Value) -> Decoded<Found> {
    match list(body, "")?.as_slice() {
        [item] => found(item, "/0"),
        _ => mismatch("", "a list of one transaction", body),
    }
}

/// A transaction as `buyers/v3` shows it.
fn found(item: &Value, place: &str) -> Decoded<Found> {
    let shown: wire::Transaction = typed(item, place)?;
    let said = |code: &Field<Code>| {
        code.value()
            .map(|code| code.0.clone())
            .filter(|code| !code.is_empty())
    };
    let id = Field::mentioned(said(&shown.id));
    let WholeOrText(code) = needed(
        shown.status,
        &format!("{place}/Respondent Status Code"),
        "a whole number",
    )?;
    let name = match NAMES.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => Cow::Borrowed(*name),
        None => shown
            .description
            .value()
            .map_or(Cow::Borrowed("unknown status"), |told| told.clone().into()),
    };
    // What was paid; before anything was paid, what would be.
    let paid = shown.paid.value().filter(|paid| paid.0 > Decimal::ZERO);
    let price = paid.or(shown.expected.value());
    Ok(Found {
        id: needed(id, &format!("{place}/Transaction ID"), "an id")?,
        owners: [&shown.survey, &shown.parent]
            .into_iter()
            .filter_map(said)
            .collect(),
        standing: Standing {
            code,
            name,
            phase: phase(code),
            price: price.map(|price| Money::new(price.0, CURRENCY)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::http::wire::tests::refuses_what_is_wrong;
    use crate::model::Outcome;
    use crate::model::reconciliation::Phase;
    use serde_json::json;

    #[test]
    fn the_documented_transaction_is_read() {
        let text = include_str!("../../../tests/fixtures/purespectrum/get_transaction_v3.response.json");
        let Found { id, standing, .. } = one(&serde_json::from_str(text).unwrap()).unwrap();
        assert!(!id.is_empty());
        assert_eq!(standing.phase, Phase::Ended(Outcome::Complete));
        assert_eq!(standing.to_string(), "Complete (21)");
        assert_eq!(standing.price.unwrap().to_string(), "1.30 USD");
    }

    #[test]
    fn a_transaction_of_a_child_belongs_to_its_parent() {
        let owner = |survey: Value, asked: &str| {
            let mut body = json!([{"Transaction ID": "a", "Respondent Status Code": 21, "Parent ID": "5"}]);
            body[0]["Survey ID"] = survey;
            one(&body).unwrap().owner(asked).cloned()
        };
        assert_eq!(owner(json!(7), "5"), None);
        assert_eq!(owner(json!(7), "7"), None);
        assert_eq!(owner(json!(7), "8").as_deref(), Some("7"));
        assert_eq!(owner(json!(""), "8").as_deref(), Some("5"));
    }

    #[test]
    fn a_leaf_of_a_wrong_type_is_no_standing() {
        let whole = json!([{"Transaction ID": "a", "Survey ID": 7, "Parent ID": "5", "Respondent Status Code": 99,
            "Respondent Status Description": "New", "Respondent Buyer CPI": 1.3, "Expected Buyer CPI": 1.4,
            "Respondent LOI": ""}]);
        refuses_what_is_wrong(&whole, &["Survey ID"], &["Respondent LOI"], |body| {
            Ok(format!("{:?}", one(body)?))
        });
        let price = |paid: Value| {
            let mut body = whole.clone();
            body[0]["Respondent Buyer CPI"] = paid;
            one(&body).unwrap().standing.price.unwrap().to_string()
        };
        assert_eq!(price(json!("1.30")), "1.30 USD");
        assert_eq!(
            [price(json!("")), price(json!("0.00"))],
            ["1.40 USD", "1.40 USD"],
            "nothing was paid"
        );
    }

    #[test]
    fn an_answer_without_a_status_is_no_standing() {
        let mismatch = one(&json!([{"Transaction ID": "a"}])).unwrap_err();
        assert_eq!(mismatch.path, "/0/Respondent Status Code");
        assert!(one(&json!([])).is_err());
        assert!(one(&json!({"data": []})).is_err());
    }
}
