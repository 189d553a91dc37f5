//! From an account's settings to a reader and a writer. They are different types: a plan is only ever given readers.

use super::error::VendorError;
use super::purespectrum;
use super::session::{OnRetry, Pace, Patience, Session};
use super::transport::Transport;
use crate::model::{Call, LiveGroup, LiveKey, LiveSurvey, Reading, VendorId, live::LiveTemplate};
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The settings of an account at a vendor.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which vendor.
    pub vendor: VendorId,
    /// Base URL; `None` for the vendor's production host.
    pub base_url: Option<String>,
    /// Access token.
    pub token: SecretString,
    /// Requests a second; `None` for the vendor's default.
    pub requests_per_second: Option<u32>,
    /// Requests under way at once; `None` for the vendor's default.
    pub concurrency: Option<usize>,
    /// How long something new may be missing from lists; `None` for the vendor's default.
    pub lists_settle_after: Option<Duration>,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A header cannot carry the token.
    #[error("the {0} token contains characters that no HTTP header can carry (a line break at its end?)")]
    Token(&'static str),
}

impl Account {
    /// Opens a session. Nothing is sent yet.
    ///
    /// # Errors
    /// When the token cannot be sent.
    pub fn open(
        &self,
        transport: Arc<dyn Transport>,
        patience: Patience,
    ) -> Result<Arc<Session>, AccountError> {
        let (base_url, headers, decoder, pace, settle) = match self.vendor {
            VendorId::PureSpectrum => (
                self.base_url.as_deref().unwrap_or(purespectrum::PRODUCTION),
                purespectrum::client::headers(&self.token).ok_or(AccountError::Token(self.vendor.name()))?,
                purespectrum::client::decode as super::session::Decoder,
                purespectrum::DEFAULT_PACE,
                purespectrum::assumptions::LISTS_SETTLE_AFTER,
            ),
        };
        let pace = Pace {
            requests_per_second: self.requests_per_second.or(pace.requests_per_second),
            concurrency: self.concurrency.unwrap_or(pace.concurrency),
        };
        let settle = self.lists_settle_after.unwrap_or(settle);
        Ok(Arc::new(Session::new(
            self.vendor,
            base_url,
            headers,
            transport,
            decoder,
            pace,
            settle,
            patience,
        )))
    }
}

/// Looks, and can do nothing else: it owns no way to send a writing call.
#[derive(Clone)]
pub struct Reader(Arc<Session>);

impl Reader {
    /// A reader over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// The vendor it reads.
    pub fn vendor(&self) -> VendorId {
        self.0.vendor()
    }

    /// Reads surveys and groups, each with the completes collected where it is or was in field. Every key asked for
    /// is in the answer.
    pub async fn surveys(&self, keys: &[LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
        match self.vendor() {
            VendorId::PureSpectrum => {
                let ids: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
                let found = purespectrum::client::surveys(&self.0, &ids).await;
                found
                    .into_iter()
                    .map(|(id, reading)| (LiveKey::survey(id), reading))
                    .collect()
            }
        }
    }

    /// Reads one survey.
    pub async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::survey(&self.0, &key.id).await,
        }
    }

    /// Adds the completes collected per quota to a survey that was read.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    pub async fn quota_progress(&self, survey: &mut LiveSurvey) -> Result<(), VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::quota_progress(&self.0, survey).await,
        }
    }

    /// Reads the templates the account may use. `Absent` when the account has no templates at all by the vendor's rule.
    pub async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::templates(&self.0).await,
        }
    }

    /// How long something new may be missing from lists.
    pub fn lists_settle_after(&self) -> Duration {
        self.0.lists_settle_after()
    }

    /// Every survey of the account made since about then, in any status, with the time it was made where the vendor
    /// says. Complete, or an error: what is missing here was not made, once lists have settled.
    ///
    /// # Errors
    /// When any part of the list could not be read.
    pub async fn surveys_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(LiveSurvey, Option<Timestamp>)>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::surveys_since(&self.0, since).await,
        }
    }

    /// Reads an exclusion group by the id kept in state.
    pub async fn group(&self, id: &str) -> Reading<LiveGroup> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::group(&self.0, id).await,
        }
    }
}

/// Sends the calls of a plan.
#[derive(Clone)]
pub struct Writer(Arc<Session>);

impl Writer {
    /// A writer over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// Sends a call whose placeholders are resolved.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(&self, call: &Call, on_retry: OnRetry<'_>) -> Result<serde_json::Value, VendorError> {
        self.0.call(call, on_retry).await
    }
}
