//! From an account's settings to a reader and a writer. They are different types: a plan is only ever given readers.

use super::error::VendorError;
use super::innovatemr::{self, assumptions::Assumptions};
use super::purespectrum;
use super::session::{OnRetry, Pace, Patience, Session};
use super::transport::Transport;
use crate::model::{
    Call, Level, Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading, SurveySpec, VendorId, live::LiveTemplate,
};
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
            VendorId::InnovateMr => (
                self.base_url.as_deref().unwrap_or(innovatemr::PRODUCTION),
                innovatemr::client::headers(&self.token).ok_or(AccountError::Token(self.vendor.name()))?,
                innovatemr::client::decode as super::session::Decoder,
                innovatemr::DEFAULT_PACE,
                innovatemr::assumptions::LISTS_SETTLE_AFTER,
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
pub struct Reader {
    session: Arc<Session>,
    innovatemr: Arc<Assumptions>,
}

impl Reader {
    /// A reader over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self::assuming(session, Assumptions::default())
    }

    /// A reader over a session, with what an environment assumes about InnovateMR.
    pub fn assuming(session: Arc<Session>, innovatemr: Assumptions) -> Self {
        Self {
            session,
            innovatemr: Arc::new(innovatemr),
        }
    }

    /// The vendor it reads.
    pub fn vendor(&self) -> VendorId {
        self.session.vendor()
    }

    /// Reads surveys and groups, each with the completes collected where it is or was in field. Every key asked for
    /// is in the answer.
    pub async fn surveys(&self, keys: &[LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
        match self.vendor() {
            VendorId::PureSpectrum => {
                let ids: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
                let found = purespectrum::client::surveys(&self.session, &ids).await;
                found
                    .into_iter()
                    .map(|(id, reading)| (LiveKey::survey(id), reading))
                    .collect()
            }
            VendorId::InnovateMr => innovatemr::client::surveys(&self.session, &self.innovatemr, keys).await,
        }
    }

    /// Reads one survey.
    pub async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::survey(&self.session, &key.id).await,
            VendorId::InnovateMr => innovatemr::client::survey(&self.session, &self.innovatemr, key).await,
        }
    }

    /// Adds the completes collected per quota to a survey that was read.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    pub async fn quota_progress(&self, survey: &mut LiveSurvey) -> Result<(), VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::quota_progress(&self.session, survey).await,
            // It does not say.
            VendorId::InnovateMr => Ok(()),
        }
    }

    /// Reads the templates the account may use. `Absent` when the account has no templates at all by the vendor's rule.
    pub async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::templates(&self.session).await,
            VendorId::InnovateMr => Reading::Absent {
                proof: "InnovateMR has no templates".to_owned(),
            },
        }
    }

    /// How long something new may be missing from lists.
    pub fn lists_settle_after(&self) -> Duration {
        self.session.lists_settle_after()
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
            VendorId::PureSpectrum => purespectrum::client::surveys_since(&self.session, since).await,
            // Its list says neither when a job was made nor what is in it: see `titled`.
            VendorId::InnovateMr => Ok(Vec::new()),
        }
    }

    /// How a lost create of something at this level is found.
    pub fn recognition(&self, level: Level) -> Recognition {
        recognition(self.vendor(), level)
    }

    /// Every survey of the account with its title, at vendors where nothing else tells a lost create. Complete, or an
    /// error.
    ///
    /// # Errors
    /// When the list could not be read.
    pub async fn titled(&self) -> Result<Vec<LiveSurvey>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(Vec::new()),
            VendorId::InnovateMr => innovatemr::client::jobs(&self.session, &self.innovatemr).await,
        }
    }

    /// Reads the questions and answers the vendor has in a locale.
    pub async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        match self.vendor() {
            VendorId::PureSpectrum => Reading::Absent {
                proof: "PureSpectrum has no questions that differ by locale".to_owned(),
            },
            VendorId::InnovateMr => {
                innovatemr::client::lexicon(&self.session, &self.innovatemr, locale).await
            }
        }
    }

    /// What the vendor counts, in its own words, where infield does not know what they mean; `None` where it does.
    ///
    /// # Errors
    /// As the vendor has it.
    pub async fn opaque_stats(&self, key: &LiveKey) -> Result<Option<serde_json::Value>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(None),
            VendorId::InnovateMr => innovatemr::client::stats(&self.session, &self.innovatemr, key)
                .await
                .map(Some),
        }
    }

    /// What the vendor estimates for something that does not exist yet, by days in field, in its own words; `None` where
    /// infield cannot ask.
    ///
    /// # Errors
    /// As the vendor has it.
    pub async fn opaque_estimates(
        &self,
        spec: &SurveySpec,
        days: u64,
    ) -> Result<Option<Vec<(u64, serde_json::Value)>>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(None),
            VendorId::InnovateMr => {
                innovatemr::client::estimates(&self.session, &self.innovatemr, spec, days)
                    .await
                    .map(Some)
            }
        }
    }

    /// Reads an exclusion group by the id kept in state.
    pub async fn group(&self, id: &str) -> Reading<LiveGroup> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::group(&self.session, id).await,
            VendorId::InnovateMr => Reading::Absent {
                proof: "InnovateMR has no exclusion groups".to_owned(),
            },
        }
    }
}

/// How a lost create of something at this level is found at a vendor.
pub fn recognition(vendor: VendorId, level: Level) -> Recognition {
    match (vendor, level) {
        (VendorId::PureSpectrum, _) => Recognition::Content,
        (VendorId::InnovateMr, Level::Group) => Recognition::Never,
        (VendorId::InnovateMr, Level::Container | Level::Survey) => Recognition::Title,
    }
}

/// How a vendor lets a lost create be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// Among everything made since, by its content.
    Content,
    /// Among everything there is, by its title.
    Title,
    /// Not at all.
    Never,
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
