//! From an account's settings to a reader and a writer. They are different types: a plan is only ever given readers.

use super::account::{Account, AccountError};
use super::contract::{ReadOutcomes, Vendor};
use super::http::error::VendorError;
use super::http::permit::Permit;
use super::http::session::{Pace, Patience, Session};
use super::http::transport::Transport;
use super::shelf::accept_list::AcceptList;
use super::shelf::estimates::{Asked, Estimate};
use super::shelf::lists::{List, Topic};
use super::shelf::reconcile::{Receipt, Uploaded};
use super::{Markets, contract, lookups, registry};
use crate::model::live::LiveTemplate;
use crate::model::marketplace::Recognition;
use crate::model::reconciliation::Standing;
use crate::model::{Level, Lexicon, LiveGroup, Reading, VendorId};
use crate::text::host::names_this_machine;
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

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
        let mut line = registry::of(self.vendor).line(self, &transport)?;
        line.pace = Pace {
            requests_per_second: self.requests_per_second.or(line.pace.requests_per_second),
            concurrency: self.concurrency.unwrap_or(line.pace.concurrency),
        };
        line.lists_settle_after = self.lists_settle_after.unwrap_or(line.lists_settle_after);
        let unsaid = self.lists_settle_after.is_none();
        let base_url = self.base_url.as_deref();
        Ok(Arc::new(
            Session::new(self.vendor, base_url, line, transport, patience)
                .perhaps_emulated(unsaid && base_url.is_some_and(names_this_machine)),
        ))
    }
}

/// Looks, and can do nothing else: it owns no way to send a writing call. What every marketplace reads is asked of it as of
/// [`contract::Read`]; here is what not every one has.
#[derive(Clone)]
pub struct Reader {
    session: Arc<Session>,
    read: Arc<dyn contract::Read>,
}

impl Deref for Reader {
    type Target = dyn contract::Read;

    fn deref(&self) -> &Self::Target {
        &*self.read
    }
}

impl Reader {
    /// A reader over a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self::by(registry::of(session.vendor()), session)
    }

    /// A reader over a session, with what an environment says about the vendors.
    pub fn of(session: Arc<Session>, markets: &Markets) -> Self {
        Self::by(markets.vendor(session.vendor()), session)
    }

    fn by(vendor: &dyn Vendor, session: Arc<Session>) -> Self {
        Self {
            read: vendor.reader(Arc::clone(&session)),
            session,
        }
    }

    /// The vendor it reads.
    pub fn vendor(&self) -> VendorId {
        self.session.vendor()
    }

    /// That the vendor does not have something.
    fn lacks<T>(&self, what: &str) -> Reading<T> {
        Reading::Absent {
            proof: format!("{} has no {what}", self.vendor().name()),
        }
    }

    /// Reads the templates the account may use. `Absent` when the account has no templates at all by the vendor's rule.
    pub async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        match self.read.templates() {
            Some(templates) => templates.templates().await,
            None => self.lacks("templates of surveys"),
        }
    }

    /// Makes one read unless one of this account was answered before.
    ///
    /// # Errors
    /// When the vendor cannot be reached, or does not accept the credentials.
    pub async fn prove(&self) -> Result<(), VendorError> {
        if self.session.has_accepted() {
            return Ok(());
        }
        match self.read.probe().await {
            // It was understood, and so were the credentials: a path may be one that is only assumed.
            Err(VendorError::Refused { status, .. }) if !matches!(status, 401 | 403) => Ok(()),
            proved => proved,
        }
    }

    /// How long something new may be missing from lists.
    pub fn lists_settle_after(&self) -> Duration {
        self.session.lists_settle_after()
    }

    /// The vendor's time, where it has told it.
    pub fn vendor_now(&self) -> Option<Timestamp> {
        self.session.vendor_now()
    }

    /// How a lost create of something at this level is found.
    pub fn recognition(&self, level: Level) -> Recognition {
        self.vendor().recognition(level)
    }

    /// Whether the vendor checks targeting before anything is written.
    pub fn checks_targeting(&self) -> bool {
        self.vendor().facts().checks_targeting
    }

    /// Reads the questions and answers the vendor has in a locale.
    pub async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        match self.read.library() {
            Some(library) => library.lexicon(locale).await,
            None => self.lacks("questions that differ by locale"),
        }
    }

    /// Whether an estimate needs the library of the locale, where a survey asks questions.
    pub fn estimates_by_library(&self) -> bool {
        self.read.estimates().is_some_and(contract::Estimates::by_library)
    }

    /// Whether an estimate goes by the price that is asked with.
    pub fn estimates_by_price(&self) -> bool {
        self.read.estimates().is_some_and(contract::Estimates::by_price)
    }

    /// Asks for an estimate. `Absent` where the vendor cannot be asked.
    pub async fn estimate(&self, asked: Asked<'_>) -> Reading<Estimate> {
        match self.read.estimates() {
            Some(estimates) => estimates.estimate(asked).await,
            None => self.lacks("estimates"),
        }
    }

    /// Reads a list.
    pub async fn list(&self, topic: Topic, locale: Option<&str>) -> Reading<List> {
        match lookups::without_asking(self.vendor(), topic, locale) {
            Some(known) => known,
            None => self.own_list(topic, locale).await,
        }
    }

    /// A list as the vendor has it, also where infield has one itself.
    pub async fn own_list(&self, topic: Topic, locale: Option<&str>) -> Reading<List> {
        match self.read.lists() {
            Some(lists) => lists.list(topic, locale.unwrap_or_default()).await,
            None => self.lacks("lists to look something up in"),
        }
    }

    fn outcomes(&self) -> &dyn ReadOutcomes {
        self.read.outcomes().unwrap_or(&Untold)
    }

    /// Reads transactions of one survey: one reading for each id, in the order of the ids. `on_read` is told how many more
    /// were read.
    pub async fn transactions(
        &self,
        survey: &str,
        ids: &[&str],
        on_read: &(dyn Fn(usize) + Send + Sync),
    ) -> Vec<Reading<Standing>> {
        let unseen = |_: &&str| Reading::Unknown {
            why: format!("{} does not show transactions", self.vendor().name()),
        };
        let read = self.outcomes().transactions(survey, ids, on_read).await;
        read.unwrap_or_else(|| ids.iter().map(unseen).collect())
    }

    /// How far the vendor got with a list that it works through in its own time.
    ///
    /// # Errors
    /// As the vendor has it.
    pub async fn uploaded(&self, request: &str) -> Result<Uploaded, VendorError> {
        let seen = self.outcomes().uploaded(request).await?;
        Ok(seen.unwrap_or_else(|| Uploaded::Failed("the vendor takes no uploads".to_owned())))
    }

    /// The completes that a survey has, all of its groups together.
    ///
    /// # Errors
    /// As the vendor has it; also when it does not tell the number.
    pub async fn completes(&self, survey: &str) -> Result<u64, VendorError> {
        let found = self.outcomes().completes(survey).await?;
        found.ok_or_else(|| {
            let why = "the vendor does not tell how many completes the survey has".to_owned();
            VendorError::Unreachable(self.vendor().name(), why)
        })
    }

    /// Whether completes of a survey have to name the quotas they count for; `None` where the vendor does not say.
    pub async fn allocates_by_quota(&self, survey: &str) -> Option<bool> {
        self.outcomes().allocates_by_quota(survey).await
    }

    /// Reads an exclusion group by the id kept in state.
    pub async fn group(&self, id: &str) -> Reading<LiveGroup> {
        match self.read.exclusion_groups() {
            Some(groups) => groups.group(id).await,
            None => self.lacks("exclusion groups"),
        }
    }
}

/// A vendor that tells nothing of transactions.
struct Untold;

impl ReadOutcomes for Untold {}

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

    /// Sends the list, once, while the permit holds. Whether an answer that was lost means that it was carried out shows in the completes of the
    /// survey.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(&self, list: &AcceptList, permit: &dyn Permit) -> Result<Receipt, VendorError> {
        let vendor = self.session.vendor();
        match self.markets.vendor(vendor).accept_lists() {
            Some(lists) => lists.send(&self.session, list, permit).await,
            None => Err(VendorError::Unreachable(
                vendor.name(),
                "it has no accept list".to_owned(),
            )),
        }
    }
}
