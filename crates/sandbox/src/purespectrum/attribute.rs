//! The vendor's list of questions (`buyers/v3`, vendor wiki 33493049), in pages whose number a header tells. What a row looks like
//! is assumed from the list that suppliers have (supplier wiki 37027909).

use super::envelope::{NO_LOCALIZATION, WRONG_LOCALIZATION};
use super::prelude::*;
use axum::http::HeaderValue;

/// Questions on a page. Suppliers get 50 (supplier wiki 41713751); these few would all be on one then.
const PAGE: usize = 8;

/// `GET /buyers/v3/Attributes?localization=&class=&page=`
pub(super) fn list(call: &Call) -> Outcome {
    let Some(localization) = call.parameter("localization") else {
        return Err(NO_LOCALIZATION.into());
    };
    if !super::supplier::LOCALIZATIONS.contains(&localization) {
        return Err(WRONG_LOCALIZATION.into());
    }
    let class = call
        .parameter("class")
        .and_then(|class| class.parse::<u64>().ok());
    let all: Vec<Value> = serde_json::from_str(include_str!("attributes.json")).expect("the list is JSON");
    let of_class = |row: &&Value| class.is_none_or(|class| row["class"] == class);
    let rows: Vec<&Value> = all.iter().filter(of_class).collect();
    let page = call
        .parameter("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1_usize);
    let shown: Vec<&Value> = rows
        .iter()
        .copied()
        .skip(page.saturating_sub(1) * PAGE)
        .take(PAGE)
        .collect();
    let mut answer = Answer::ok(&json!({"attributes": shown}));
    let pages = HeaderValue::from(rows.len().div_ceil(PAGE));
    answer.headers.insert("total_pages", pages);
    Ok(answer)
}
