//! The only thing that changes something at a vendor: sending the calls of a plan.

use super::error::VendorError;
use super::permit::Permit;
use super::session::{OnRetry, Session};
use crate::model::Call;
use jiff::Timestamp;
use std::sync::Arc;

/// Sends the calls of a plan.
#[derive(Clone)]
pub struct Writer(Arc<Session>);

impl Writer {
    /// A writer over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// The vendor's time, where it has told it.
    pub fn vendor_now(&self) -> Option<Timestamp> {
        self.0.vendor_now()
    }

    /// Sends a call whose placeholders are resolved, while the permit holds.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(
        &self,
        call: &Call,
        permit: &dyn Permit,
        on_retry: OnRetry<'_>,
    ) -> Result<serde_json::Value, VendorError> {
        // A call that rejects what it does not name has a sender of its own; one in a plan is a mistake of ours.
        if self.0.is_never_planned(&call.path) {
            let problem = format!(
                "infield does not send {} from a plan; this is a bug of infield",
                call.path
            );
            return Err(VendorError::Unreachable(self.0.vendor().name(), problem));
        }
        self.0.send(call, permit, on_retry).await
    }
}
