//! The accept list (vendor wiki 2311159820). It shares its path with the live reconciliation and differs only by having no
//! query string; see [`crate::marketplace::shelf::accept_list`] for what stands in front of it.

use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::Receipt;
use crate::model::call::encode_segment;
use crate::model::{Call, CallClass, Method};
use serde_json::{Value, json};

/// Sends the list.
pub(crate) async fn send(session: &Session, list: &AcceptList) -> Result<Receipt, VendorError> {
    let path = format!("/adjustments/surveys/{}", encode_segment(&list.survey));
    let rows: Vec<Value> = list
        .accepted
        .iter()
        .map(|id| json!({"transaction_id": id}))
        .collect();
    let purpose = "accept these completes and reject all others";
    let call = Call {
        body: Some(Value::Array(rows)),
        ..Call::new(Method::Post, path, CallClass::Create, purpose)
    };
    let body = session.call(&call, &|_, _| {}).await?;
    Ok(super::reconcile::receipt(&body))
}
