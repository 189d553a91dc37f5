//! Accept lists: the one kind of call that rejects every complete it does not name.
//!
//! Kept apart from everything else: a type of its own that is no [`Call`](crate::model::Call), a sender of its own, and a
//! command and a guard of their own in front of them. Promises: for one survey, never for a whole account; never an empty
//! list; nothing is repeated by itself; the writer that sends a plan's calls refuses these.

use super::reconcile::Receipt;
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::{Markets, cint, purespectrum};
use crate::model::VendorId;
use std::sync::Arc;

/// A list of the completes of one survey that are accepted, with the number of those that will be rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptList {
    pub(crate) survey: String,
    pub(crate) accepted: Vec<String>,
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
}

/// Sends accept lists, and nothing else.
#[derive(Clone)]
pub struct AcceptLister {
    session: Arc<Session>,
    markets: Arc<Markets>,
}

impl AcceptLister {
    /// A sender over a session.
    pub fn new(session: Arc<Session>, markets: Arc<Markets>) -> Self {
        Self { session, markets }
    }

    /// Sends the list, once. Whether an answer that was lost means that it was carried out shows in the completes of the
    /// survey.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(&self, list: &AcceptList) -> Result<Receipt, VendorError> {
        match self.session.vendor() {
            VendorId::PureSpectrum => purespectrum::accept_list::send(&self.session, list).await,
            VendorId::Cint => cint::keep_list::send(&self.session, &self.markets.cint, list).await,
            VendorId::InnovateMr => Err(VendorError::Unreachable(
                self.session.vendor().name(),
                "it has no accept list".to_owned(),
            )),
        }
    }
}

/// Whether the writer of plans must not send a path, because it rejects what it does not name.
pub(crate) fn is_one(vendor: VendorId, path: &str) -> bool {
    match vendor {
        VendorId::PureSpectrum => purespectrum::reconcile::would_be_an_accept_list(path),
        VendorId::Cint => cint::keep_list::is_one(path),
        VendorId::InnovateMr => false,
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
    }

    #[test]
    fn the_paths_are_known_to_the_writer() {
        for path in [
            "/adjustments",
            "/adjustments/surveys/1",
            "/adjustments/surveys/1?reconStatus=1",
        ] {
            assert!(is_one(VendorId::PureSpectrum, path), "{path}");
        }
        assert!(!is_one(
            VendorId::PureSpectrum,
            "/adjustments?operationType=LIVE_RECONCILIATION&reconStatus=2"
        ));
        let project = "/demand/accounts/1/projects/P/reconciliations/completes?name=k.csv";
        assert!(is_one(VendorId::Cint, project));
        assert!(!is_one(
            VendorId::Cint,
            "/demand/accounts/1/reconciliations?name=completes.csv"
        ));
    }
}
