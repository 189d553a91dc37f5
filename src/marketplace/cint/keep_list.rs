//! The completes to keep of a project (OpenAPI `post_reconciliations_completes`): every other complete of the project
//! becomes terminated. See [`crate::marketplace::shelf::accept_list`] for what stands in front of it.

use super::{Cint, parts, paths};
use crate::marketplace::contract::{AcceptLists, Reconciliation as _};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::permit::Permit;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::Receipt;
use crate::model::call::encode_segment;
use crate::model::{Call, CallClass, Method};
use futures_util::future::BoxFuture;

/// What the path of such a call ends in, below a project.
const END: &str = "/reconciliations/completes";

/// Whether a path is that of such a call.
pub(super) fn is_one(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().ends_with(END)
}

impl AcceptLists for Cint {
    /// One respondent a line. The key is optional (OpenAPI); this call is never repeated by itself.
    fn send<'a>(
        &'a self,
        session: &'a Session,
        list: &'a AcceptList,
        permit: &'a dyn Permit,
    ) -> BoxFuture<'a, Result<Receipt, VendorError>> {
        Box::pin(async move {
            let project = paths::project(self.account, &encode_segment(&list.survey));
            let path = format!("{project}{END}?name=keep.csv");
            let purpose = "keep these completes and terminate all others";
            let call = Call::new(Method::Post, path, CallClass::Create, purpose);
            let mut call = parts::upload(call, &list.accepted);
            call.headers
                .insert("idempotency-key".to_owned(), list.key.clone());
            let body = session.send(&call, permit, &|_, _| {}).await?;
            Ok(self.receipt(&body))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_plan_may_send_its_path() {
        assert!(is_one(
            "/demand/accounts/1/projects/P/reconciliations/completes?name=k.csv"
        ));
        assert!(!is_one("/demand/accounts/1/reconciliations?name=completes.csv"));
    }
}
