//! The accept list (vendor wiki 2311159820). It shares its path with the live reconciliation and differs only by having no
//! query string; see [`crate::marketplace::shelf::accept_list`] for what stands in front of it.

use super::PureSpectrum;
use super::reconcile::receipt;
use crate::marketplace::contract::AcceptLists;
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::permit::Permit;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::Receipt;
use crate::model::call::encode_segment;
use crate::model::{Call, CallClass, Method};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

impl AcceptLists for PureSpectrum {
    fn send<'a>(
        &'a self,
        session: &'a Session,
        list: &'a AcceptList,
        permit: &'a dyn Permit,
    ) -> BoxFuture<'a, Result<Receipt, VendorError>> {
        let path = format!("/adjustments/surveys/{}", encode_segment(&list.survey));
        let rows = list.accepted.iter().map(|id| json!({"transaction_id": id}));
        let purpose = "accept these completes and reject all others";
        let call = Call::new(Method::Post, path, CallClass::Create, purpose).body(rows.collect::<Value>());
        async move { Ok(receipt(&session.send(&call, permit, &|_, _| {}).await?)) }.boxed()
    }
}
