//! The accept list: the one call that rejects every complete it does not name (vendor wiki 2311159820).
//!
//! It shares its path with the live reconciliation and differs only by having no query string, so it is kept apart from
//! everything else: a type of its own that is no [`Call`](crate::model::Call), a sender of its own, and a command and a
//! guard of their own in front of them. Promises: for one survey, never for a whole account; never an empty list; and the
//! writer that sends a plan's calls refuses this one.

use crate::model::call::encode_segment;
use crate::model::{Call, CallClass, Method};
use crate::vendor::error::VendorError;
use crate::vendor::reconcile::Receipt;
use crate::vendor::session::Session;
use serde_json::{Value, json};
use std::sync::Arc;

/// A list of the completes of one survey that are accepted, with the number of those that will be rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptList {
    survey: String,
    accepted: Vec<String>,
    rejects: u64,
}

impl AcceptList {
    /// A list for a survey that has `completes`, of which `accepted_completes` are on the list. `None` for an empty list,
    /// which would reject everything, and for numbers that contradict each other.
    pub fn new(survey: &str, accepted: Vec<String>, completes: u64, accepted_completes: u64) -> Option<Self> {
        let rejects = completes.checked_sub(accepted_completes)?;
        (!accepted.is_empty()).then(|| Self {
            survey: survey.to_owned(),
            accepted,
            rejects,
        })
    }

    /// Completes that the call rejects.
    pub fn rejects(&self) -> u64 {
        self.rejects
    }

    /// Transactions on the list.
    pub fn accepted(&self) -> usize {
        self.accepted.len()
    }

    /// The path, for people.
    pub fn path(&self) -> String {
        format!("/adjustments/surveys/{}", encode_segment(&self.survey))
    }
}

/// Sends accept lists, and nothing else.
#[derive(Clone)]
pub struct AcceptLister(Arc<Session>);

impl AcceptLister {
    /// A sender over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// Sends the list, once. Nothing is repeated: whether an answer that was lost means that it was carried out shows in
    /// the completes of the survey.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(&self, list: &AcceptList) -> Result<Receipt, VendorError> {
        let rows: Vec<Value> = list
            .accepted
            .iter()
            .map(|id| json!({"transaction_id": id}))
            .collect();
        let call = Call {
            body: Some(Value::Array(rows)),
            ..Call::new(
                Method::Post,
                list.path(),
                CallClass::Create,
                "accept these completes and reject all others",
            )
        };
        let body = self.0.call(&call, &|_, _| {}).await?;
        Ok(super::reconcile::receipt(&body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_and_impossible_numbers_are_no_list() {
        assert_eq!(AcceptList::new("1", Vec::new(), 5, 0), None);
        assert_eq!(AcceptList::new("1", vec!["a".to_owned()], 0, 1), None);
        let list = AcceptList::new("1", vec!["a".to_owned()], 5, 1).unwrap();
        assert_eq!((list.rejects(), list.accepted()), (4, 1));
        assert!(super::super::reconcile::would_be_an_accept_list(&list.path()));
    }
}
