//! The completes to keep of a project (OpenAPI `post_reconciliations_completes`): every other complete of the project
//! becomes terminated. See [`crate::marketplace::shelf::accept_list`] for what stands in front of it.

use super::client::read;
use super::{Cint, decode, paths};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::Receipt;
use crate::model::call::encode_segment;
use crate::model::{Call, CallClass, Method};
use serde_json::Value;

/// What the path of such a call ends in, below a project.
const END: &str = "/reconciliations/completes";

/// Whether a path is that of such a call.
pub(crate) fn is_one(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().ends_with(END)
}

/// Sends the list; one respondent a line.
pub(crate) async fn send(session: &Session, cint: &Cint, list: &AcceptList) -> Result<Receipt, VendorError> {
    let project = paths::project(cint.account, &encode_segment(&list.survey));
    let purpose = "keep these completes and terminate all others";
    // No key is needed, and this call is never repeated.
    let mut call = Call::new(
        Method::Post,
        format!("{project}{END}?name=keep.csv"),
        CallClass::Create,
        purpose,
    );
    call.headers
        .insert("content-type".to_owned(), "text/csv".to_owned());
    call.body = Some(Value::String(format!("{}\n", list.accepted.join("\n"))));
    let body = session.call(&call, &|_, _| {}).await?;
    Ok(super::reconcile::receipt(&body))
}

/// The completes of a whole project, target groups that infield does not know included.
pub(crate) async fn completes(
    session: &Session,
    cint: &Cint,
    project: &str,
) -> Result<Option<u64>, VendorError> {
    let path = format!(
        "{}/overview",
        paths::project(cint.account, &encode_segment(project))
    );
    let body = session.get(&path).await?;
    read(&body, decode::project_completes)
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
