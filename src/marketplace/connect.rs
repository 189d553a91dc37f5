//! From an account's settings to a reader and a writer. They are different types: a plan is only ever given readers.

use super::http::error::VendorError;
use super::http::session::{Pace, Patience, Session, Tokens};
use super::http::transport::Transport;
use super::innovatemr::assumptions::Assumptions;
use super::shelf::recognition::{Recognition, Sought, Waited, checks_targeting, recognition};
use super::shelf::reconcile::Uploaded;
use super::{Listed, Markets, cint, innovatemr, purespectrum};
use crate::model::reconciliation::Standing;
use crate::model::{
    Level, Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading, Status, SurveySpec, VendorId, call::Followup,
    live::LiveTemplate,
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
    /// Access token, or the secret of the client.
    pub token: SecretString,
    /// Who the secret belongs to, at vendors where a token has to be asked for.
    pub client: Option<Client>,
    /// Requests a second; `None` for the vendor's default.
    pub requests_per_second: Option<u32>,
    /// Requests under way at once; `None` for the vendor's default.
    pub concurrency: Option<usize>,
    /// How long something new may be missing from lists; `None` for the vendor's default.
    pub lists_settle_after: Option<Duration>,
}

/// A client that asks for tokens with a secret.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: SecretString,
    /// Where tokens are issued; `None` for the vendor's production host.
    pub auth_url: Option<String>,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A header cannot carry the token.
    #[error("the {0} token contains characters that no HTTP header can carry (a line break at its end?)")]
    Token(&'static str),
    /// The vendor wants to know who the secret belongs to.
    #[error("the {0} account has no client id")]
    Client(&'static str),
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
                purespectrum::client::decode as super::http::session::Decoder,
                purespectrum::DEFAULT_PACE,
                purespectrum::assumptions::LISTS_SETTLE_AFTER,
            ),
            VendorId::InnovateMr => (
                self.base_url.as_deref().unwrap_or(innovatemr::PRODUCTION),
                innovatemr::client::headers(&self.token).ok_or(AccountError::Token(self.vendor.name()))?,
                innovatemr::client::decode as super::http::session::Decoder,
                innovatemr::DEFAULT_PACE,
                innovatemr::assumptions::LISTS_SETTLE_AFTER,
            ),
            VendorId::Cint => (
                self.base_url.as_deref().unwrap_or(cint::PRODUCTION),
                cint::client::headers(),
                cint::envelope::decode as super::http::session::Decoder,
                cint::DEFAULT_PACE,
                cint::assumptions::LISTS_SETTLE_AFTER,
            ),
        };
        let tokens: Option<Box<dyn Tokens>> = match self.vendor {
            VendorId::PureSpectrum | VendorId::InnovateMr => None,
            VendorId::Cint => {
                let client = self
                    .client
                    .as_ref()
                    .ok_or(AccountError::Client(self.vendor.name()))?;
                let auth = cint::auth::Auth::new(client, &self.token, Arc::clone(&transport));
                Some(Box::new(auth))
            }
        };
        let pace = Pace {
            requests_per_second: self.requests_per_second.or(pace.requests_per_second),
            concurrency: self.concurrency.unwrap_or(pace.concurrency),
        };
        let settle = self.lists_settle_after.unwrap_or(settle);
        let session = Session::new(
            self.vendor,
            base_url,
            headers,
            transport,
            decoder,
            pace,
            settle,
            patience,
        );
        Ok(Arc::new(session.with_tokens(tokens)))
    }
}

/// Looks, and can do nothing else: it owns no way to send a writing call.
#[derive(Clone)]
pub struct Reader {
    pub(super) session: Arc<Session>,
    pub(super) markets: Arc<Markets>,
}

impl Reader {
    /// A reader over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self::of(session, Arc::default())
    }

    /// A reader over a session, with what an environment assumes about InnovateMR.
    pub fn assuming(session: Arc<Session>, innovatemr: Assumptions) -> Self {
        let markets = Markets {
            innovatemr: innovatemr::InnovateMr(innovatemr),
            ..Markets::default()
        };
        Self::of(session, Arc::new(markets))
    }

    /// A reader over a session, with what an environment says about the vendors.
    pub fn of(session: Arc<Session>, markets: Arc<Markets>) -> Self {
        Self { session, markets }
    }

    fn innovatemr(&self) -> &Assumptions {
        &self.markets.innovatemr.0
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
            VendorId::InnovateMr => innovatemr::client::surveys(&self.session, self.innovatemr(), keys).await,
            VendorId::Cint => cint::client::surveys(&self.session, &self.markets.cint, keys).await,
        }
    }

    /// Reads one survey.
    pub async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::survey(&self.session, &key.id).await,
            VendorId::InnovateMr => innovatemr::client::survey(&self.session, self.innovatemr(), key).await,
            VendorId::Cint => cint::client::survey(&self.session, &self.markets.cint, key).await,
        }
    }

    /// Says who or what stopped a survey, where the vendor keeps a record of it.
    pub async fn stopped_by(&self, key: &LiveKey) -> Option<String> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::InnovateMr => None,
            VendorId::Cint => cint::history::stopped_by(&self.session, &self.markets.cint, key).await,
        }
    }

    /// Says who changed which field last, by the field's path, where the vendor keeps a record of it.
    pub async fn changed_by(&self, key: &LiveKey) -> BTreeMap<String, String> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::InnovateMr => BTreeMap::new(),
            VendorId::Cint => cint::history::changed_by(&self.session, &self.markets.cint, key).await,
        }
    }

    /// Why the vendor would not let a status change, where it says that beforehand.
    pub async fn refuses_move(&self, key: &LiveKey, from: Status, to: Status) -> Option<String> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::InnovateMr => None,
            VendorId::Cint => {
                cint::lookup::refuses_move(&self.session, &self.markets.cint, key, from, to).await
            }
        }
    }

    /// Adds the completes collected per quota to a survey that was read.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    pub async fn quota_progress(&self, survey: &mut LiveSurvey) -> Result<(), VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::quota_progress(&self.session, survey).await,
            // It does not say; the other says it with the survey.
            VendorId::InnovateMr | VendorId::Cint => Ok(()),
        }
    }

    /// Adds every counter of a survey that the vendor shows, to look at and not to plan on: some are only assumed to mean
    /// what they seem to.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    pub async fn progress(&self, key: &LiveKey, survey: &mut LiveSurvey) -> Result<(), VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::Cint => self.quota_progress(survey).await,
            VendorId::InnovateMr => {
                innovatemr::client::progress(&self.session, self.innovatemr(), key, survey).await
            }
        }
    }

    /// Reads the templates the account may use. `Absent` when the account has no templates at all by the vendor's rule.
    pub async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::templates(&self.session).await,
            VendorId::InnovateMr | VendorId::Cint => Reading::Absent {
                proof: format!("{} has no templates of surveys", self.vendor().name()),
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
            // Their lists do not say what is in something: see `twins`.
            VendorId::InnovateMr | VendorId::Cint => Ok(Vec::new()),
        }
    }

    /// Every survey of the account, whoever made it, in any status; of those that hold groups, without them.
    ///
    /// # Errors
    /// When any part of the list could not be read.
    pub async fn inventory(&self) -> Result<Vec<Listed>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::inventory(&self.session).await,
            VendorId::InnovateMr => innovatemr::client::inventory(&self.session, self.innovatemr()).await,
            VendorId::Cint => cint::inventory::projects(&self.session, &self.markets.cint).await,
        }
    }

    /// The groups of a survey that was read, in the order of the vendor.
    ///
    /// # Errors
    /// When they could not be read, or the vendor does not list them.
    pub async fn groups_of(&self, survey: &LiveSurvey) -> Result<Vec<Listed>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(Vec::new()),
            VendorId::InnovateMr => innovatemr::client::groups_of(self.innovatemr(), survey),
            VendorId::Cint => cint::inventory::groups(&self.session, &self.markets.cint, &survey.id).await,
        }
    }

    /// How a lost create of something at this level is found.
    pub fn recognition(&self, level: Level) -> Recognition {
        recognition(self.vendor(), level)
    }

    /// What has the same name as each thing sought, where the vendor tells things apart by a name that we give. In the
    /// order of what is sought.
    ///
    /// # Errors
    /// When a list could not be read.
    pub async fn twins(&self, sought: &[Sought<'_>]) -> Result<Vec<Vec<LiveSurvey>>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(vec![Vec::new(); sought.len()]),
            VendorId::InnovateMr => {
                let jobs = innovatemr::client::jobs(&self.session, self.innovatemr()).await?;
                let same = |sought: &Sought<'_>| {
                    let jobs = jobs.iter().filter(|job| job.spec.title == sought.wanted.title);
                    jobs.cloned().collect()
                };
                Ok(sought.iter().map(same).collect())
            }
            VendorId::Cint => cint::lookup::twins(&self.session, &self.markets.cint, sought).await,
        }
    }

    /// Waits for work of the vendor that goes on after its answer, for as long as is sensible.
    ///
    /// # Errors
    /// When it could not be seen how it goes on.
    pub async fn wait(&self, then: &Followup) -> Result<Waited, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::InnovateMr => Ok(Waited::Done),
            VendorId::Cint => cint::lookup::wait(&self.session, &self.markets.cint.assumptions, then).await,
        }
    }

    /// Whether the vendor checks targeting before anything is written.
    pub fn checks_targeting(&self) -> bool {
        checks_targeting(self.vendor())
    }

    /// What the vendor, asked beforehand, has against the targeting of a group whose questions are resolved.
    pub async fn objections(&self, wanted: &SurveySpec) -> Reading<Vec<String>> {
        match self.vendor() {
            VendorId::PureSpectrum | VendorId::InnovateMr => Reading::Present(Vec::new()),
            VendorId::Cint => cint::lookup::objections(&self.session, &self.markets.cint, wanted).await,
        }
    }

    /// Reads the questions and answers the vendor has in a locale.
    pub async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        match self.vendor() {
            VendorId::PureSpectrum => Reading::Absent {
                proof: "PureSpectrum has no questions that differ by locale".to_owned(),
            },
            VendorId::InnovateMr => {
                innovatemr::client::lexicon(&self.session, self.innovatemr(), locale).await
            }
            VendorId::Cint => cint::lookup::lexicon(&self.session, &self.markets.cint, locale).await,
        }
    }

    /// What the vendor counts, in its own words, where infield does not know what they mean; `None` where it does.
    ///
    /// # Errors
    /// As the vendor has it.
    pub async fn opaque_stats(&self, key: &LiveKey) -> Result<Option<serde_json::Value>, VendorError> {
        match self.vendor() {
            VendorId::PureSpectrum => Ok(None),
            VendorId::Cint => cint::history::stats(&self.session, &self.markets.cint, key)
                .await
                .map(Some),
            VendorId::InnovateMr => innovatemr::client::stats(&self.session, self.innovatemr(), key)
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
            VendorId::PureSpectrum | VendorId::Cint => Ok(None),
            VendorId::InnovateMr => {
                innovatemr::client::estimates(&self.session, self.innovatemr(), spec, days)
                    .await
                    .map(Some)
            }
        }
    }

    /// Reads transactions of one survey: one reading for each id, in the order of the ids. `on_read` is told how many more
    /// were read.
    pub async fn transactions(
        &self,
        survey: &str,
        ids: &[&str],
        on_read: &(dyn Fn(usize) + Send + Sync),
    ) -> Vec<Reading<Standing>> {
        match self.vendor() {
            VendorId::PureSpectrum => {
                purespectrum::transactions::read(&self.session, survey, ids, on_read).await
            }
            VendorId::InnovateMr | VendorId::Cint => ids
                .iter()
                .map(|_| Reading::Unknown {
                    why: format!("{} does not show transactions", self.vendor().name()),
                })
                .collect(),
        }
    }

    /// How far the vendor got with a list that it works through in its own time.
    ///
    /// # Errors
    /// As the vendor has it.
    pub async fn uploaded(&self, request: &str) -> Result<Uploaded, VendorError> {
        match self.vendor() {
            VendorId::Cint => cint::reconcile::look(&self.session, &self.markets.cint, request).await,
            VendorId::PureSpectrum | VendorId::InnovateMr => {
                Ok(Uploaded::Failed("the vendor takes no uploads".to_owned()))
            }
        }
    }

    /// The completes that a survey has, all of its groups together.
    ///
    /// # Errors
    /// As the vendor has it; also when it does not tell the number.
    pub async fn completes(&self, survey: &str) -> Result<u64, VendorError> {
        let found = match self.vendor() {
            VendorId::PureSpectrum => purespectrum::transactions::completes(&self.session, survey).await?,
            VendorId::Cint => cint::keep_list::completes(&self.session, &self.markets.cint, survey).await?,
            VendorId::InnovateMr => None,
        };
        found.ok_or_else(|| {
            let why = "the vendor does not tell how many completes the survey has".to_owned();
            VendorError::Unreachable(self.vendor().name(), why)
        })
    }

    /// Whether completes of a survey have to name the quotas they count for; `None` where the vendor does not say.
    pub async fn allocates_by_quota(&self, survey: &str) -> Option<bool> {
        match self.vendor() {
            VendorId::PureSpectrum => {
                purespectrum::transactions::allocates_by_quota(&self.session, survey).await
            }
            VendorId::InnovateMr | VendorId::Cint => None,
        }
    }

    /// Reads an exclusion group by the id kept in state.
    pub async fn group(&self, id: &str) -> Reading<LiveGroup> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::client::group(&self.session, id).await,
            VendorId::InnovateMr | VendorId::Cint => Reading::Absent {
                proof: format!("{} has no exclusion groups", self.vendor().name()),
            },
        }
    }
}
