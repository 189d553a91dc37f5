//! What infield asks of a marketplace: the one thing to implement for another one.
//!
//! A marketplace's facts are data ([`Facts`](crate::model::marketplace::Facts)); what it makes of changes is pure
//! ([`Marketplace`], which planning sees). Here is the rest: how it is reached, how it is read, what its rules say of a
//! manifest. What not every marketplace can do is a trait of its own behind a method that returns `None` by default, so a
//! marketplace says only what it has.

use super::account::{Account, AccountError};
use super::http::error::VendorError;
use super::http::permit::Permit;
use super::http::session::Session;
use super::http::transport::Transport;
use super::shelf::accept_list::AcceptList;
use super::shelf::blocks::{Block, OwnSettings};
use super::shelf::estimates::{Asked, Estimate};
use super::shelf::inventory::{Entries, Listed, Made};
use super::shelf::lists::{List, Topic};
use super::shelf::recognition::{Sought, Waited};
use super::shelf::reconcile::{Answer, Order, Receipt, Uploaded};
use super::shelf::rules::{Breach, QuotaRules};
use super::shelf::sample::Sample;
use crate::diag::Rule;
use crate::model::call::Followup;
use crate::model::live::{LiveTemplate, Stopped};
use crate::model::reconciliation::{Course, Outcome, Standing};
use crate::model::{
    Call, Details, Level, Lexicon, LiveGroup, LiveKey, LiveSurvey, Mechanism, Reading, Status, SurveySpec,
};
use crate::plan::Marketplace;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

/// Where a decoded answer carries the version of what it is about, as the vendor's header gave it.
pub const ETAG: &str = "@etag";

/// Where a decoded answer carries the place that its header names: what was made, or the work that goes on.
pub const LOCATION: &str = "@location";

pub use super::http::session::Line;

/// A marketplace, as an environment describes it; the one on the list of the registry is as it is without a description.
pub trait Vendor: Marketplace + Send + fmt::Debug {
    /// Adds the settings that go without saying where a manifest says something else: what a list of respondents needs.
    fn imply(&self, _spec: &mut SurveySpec) {}

    /// The schema of its block in a survey, or in a group; `None` where there is none.
    fn block_schema(&self, level: Level) -> Option<Value>;

    /// What its block says for a survey, for what holds groups, or for a group.
    fn block(&self, block: &Value, level: Level) -> Block;

    /// Schemas of the settings of an account that only this marketplace has, by their keys.
    fn settings_schema(&self) -> OwnSettings {
        OwnSettings::new()
    }

    /// Whether those settings mean something.
    ///
    /// # Errors
    /// With the key of the first that does not, and why.
    fn check_settings(&self, _settings: &OwnSettings) -> Result<(), (&'static str, String)> {
        Ok(())
    }

    /// The account's number or name at the vendor, where calls name it.
    fn account(&self) -> Option<String> {
        None
    }

    /// This marketplace as an environment describes it; `None` where nothing can be described. `settings` is `None` where
    /// the environment has no account; `local` says that it is an emulator on this machine.
    ///
    /// # Errors
    /// With what the account lacks, and what to write.
    fn described(
        &self,
        _settings: Option<&OwnSettings>,
        _local: bool,
    ) -> Result<Option<Arc<dyn Vendor>>, (String, String)> {
        Ok(None)
    }

    /// How an account is reached.
    ///
    /// # Errors
    /// When the account's settings cannot be used.
    fn line(&self, account: &Account, transport: &Arc<dyn Transport>) -> Result<Line, AccountError>;

    /// Reads over a session.
    fn reader(&self, session: Arc<Session>) -> Arc<dyn Read>;

    /// The rules that a survey breaks.
    fn breaches(&self, level: Level, spec: &SurveySpec) -> Vec<Breach>;

    /// The rule by which a group is in field only while the survey that holds it is; asked where containers have a status.
    fn containers_lead(&self) -> Rule {
        Rule {
            vendor: self.id().name(),
            text: "a group is fielded below a survey that is live",
            source: "what holds groups has a status of its own there",
        }
    }

    /// What it makes of quotas that do not sum to the completes, and of quotas inside each other.
    fn quota_rules(&self) -> QuotaRules;

    /// The rule of a vendor that takes days and no times; `None` where it takes times.
    fn takes_no_times(&self) -> Option<Rule> {
        None
    }

    /// Whether a setting of something with this id is as the vendor has it when nobody says anything.
    fn is_default(&self, _key: &str, _value: &Value, _id: &str) -> bool {
        false
    }

    /// What to do about an error whose meaning only this vendor's documents tell.
    fn explain(&self, _error: &VendorError) -> Option<&'static str> {
        None
    }

    /// What a first survey says here, for starter projects; `None` where none is offered.
    fn sample(&self) -> Option<Sample> {
        None
    }

    /// Lists to look something up in, before a manifest is written.
    fn lists(&self) -> Option<&dyn Lists> {
        None
    }

    /// How outcomes of transactions are changed; the reason where they cannot be.
    ///
    /// # Errors
    /// With the reason.
    fn reconciliation(&self) -> Result<&dyn Reconciliation, String> {
        Err(format!(
            "{} has no call that changes how an interview ended",
            self.id().name()
        ))
    }

    /// The call that rejects every complete it does not name.
    fn accept_lists(&self) -> Option<&dyn AcceptLists> {
        None
    }
}

/// A future that is there already.
fn now<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(ready(value))
}

/// Looking at an account. There is no way to a writing call from here.
pub trait Read: Send + Sync {
    /// Reads surveys and groups, with the completes collected where the same answer shows them. Every key asked for is in
    /// the answer. Many may be taken out of lists: those are marked as listed.
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>>;

    /// Reads one survey or group.
    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>>;

    /// Every survey of the account, whoever made it, in any status; of those that hold groups, without them.
    ///
    /// # Errors
    /// When a page of the list could not be read; an entry that cannot be read is in the list as such.
    fn inventory(&self) -> BoxFuture<'_, Result<Entries<Listed>, VendorError>>;

    /// One small read that only an account with good credentials can make.
    ///
    /// # Errors
    /// When the vendor cannot be reached, or does not accept them.
    fn probe(&self) -> BoxFuture<'_, Result<(), VendorError>> {
        async { self.inventory().await.map(drop) }.boxed()
    }

    /// The groups of a survey that was read, in the order of the vendor.
    ///
    /// # Errors
    /// When their list could not be read, or the vendor has none; an entry that cannot be read is in the list as such.
    fn groups_of<'a>(
        &'a self,
        _survey: &'a LiveSurvey,
    ) -> BoxFuture<'a, Result<Entries<Listed>, VendorError>> {
        now(Ok(Vec::new()))
    }

    /// Every survey of the account made since about then, in any status, with the time it was made where the vendor
    /// says; where lost creates are found by content. Complete, or an error: what is missing here was not made, once lists
    /// have settled.
    ///
    /// # Errors
    /// When a page of the list could not be read; an entry that cannot be read is in the list as such.
    fn surveys_since(&self, _since: Timestamp) -> BoxFuture<'_, Result<Made, VendorError>> {
        now(Ok(Vec::new()))
    }

    /// What has the same name as each thing sought, in the order of what is sought; where lost creates are found by name.
    /// Unknown where a list, or an entry of it that could be the one, could not be read.
    fn twins<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Reading<Vec<LiveSurvey>>>> {
        now(vec![Reading::Present(Vec::new()); sought.len()])
    }

    /// The survey that holds the group with this id, where the vendor tells that by the group's id alone.
    fn holder_of<'a>(&'a self, _group: &'a str) -> BoxFuture<'a, Option<String>> {
        now(None)
    }

    /// Says who or what stopped a survey, where the vendor keeps a record of it. Only a person is called a person: what the
    /// vendor's own systems did, the vendor did, and what is not told is unknown.
    fn stopped_by<'a>(&'a self, _key: &'a LiveKey) -> BoxFuture<'a, Option<Stopped>> {
        now(None)
    }

    /// Says who changed which field last, by the field's path, where the vendor keeps a record of it.
    fn changed_by<'a>(&'a self, _key: &'a LiveKey) -> BoxFuture<'a, BTreeMap<String, String>> {
        now(BTreeMap::new())
    }

    /// Why the vendor would not let a status change, where it says that beforehand.
    fn refuses_move<'a>(
        &'a self,
        _key: &'a LiveKey,
        _from: Status,
        _to: Status,
    ) -> BoxFuture<'a, Option<String>> {
        now(None)
    }

    /// Adds the completes collected to a survey that was read, where that is a call of its own. What cannot be read stays
    /// unknown, and is said with its performance.
    fn count<'a>(&'a self, _survey: &'a mut LiveSurvey) -> BoxFuture<'a, ()> {
        now(())
    }

    /// Adds the completes collected per quota to a survey that was read, where that is a call of its own.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    fn quota_progress<'a>(&'a self, _survey: &'a mut LiveSurvey) -> BoxFuture<'a, Result<(), VendorError>> {
        now(Ok(()))
    }

    /// Adds every counter of a survey that the vendor shows, to look at and not to plan on: some are only assumed to mean
    /// what they seem to.
    ///
    /// # Errors
    /// As the vendor has it; the survey is then left as it was.
    fn progress<'a>(
        &'a self,
        _key: &'a LiveKey,
        survey: &'a mut LiveSurvey,
    ) -> BoxFuture<'a, Result<(), VendorError>> {
        self.quota_progress(survey)
    }

    /// Waits for work of the vendor that goes on after its answer, for as long as is sensible.
    ///
    /// # Errors
    /// When it could not be seen how it goes on.
    fn wait<'a>(&'a self, _then: &'a Followup) -> BoxFuture<'a, Result<Waited, VendorError>> {
        now(Ok(Waited::Done))
    }

    /// What the vendor, asked beforehand, has against the targeting of a group whose questions are resolved.
    fn objections<'a>(&'a self, _wanted: &'a SurveySpec) -> BoxFuture<'a, Reading<Vec<String>>> {
        now(Reading::Present(Vec::new()))
    }

    /// The questions and answers of a locale, where the vendor has a library of them.
    fn library(&self) -> Option<&dyn ReadLibrary> {
        None
    }

    /// Templates of surveys.
    fn templates(&self) -> Option<&dyn ReadTemplates> {
        None
    }

    /// Exclusion groups.
    fn exclusion_groups(&self) -> Option<&dyn ReadExclusionGroups> {
        None
    }

    /// What it tells of one survey alone, in its own words.
    fn statistics(&self) -> Option<&dyn Statistics> {
        None
    }

    /// Estimates for what does not exist yet.
    fn estimates(&self) -> Option<&dyn Estimates> {
        None
    }

    /// Lists that have to be asked for.
    fn lists(&self) -> Option<&dyn ReadLists> {
        None
    }

    /// What became of transactions.
    fn outcomes(&self) -> Option<&dyn ReadOutcomes> {
        None
    }
}

/// The library of a marketplace's questions.
pub trait ReadLibrary: Send + Sync {
    /// The questions and answers of a locale.
    fn lexicon<'a>(&'a self, locale: &'a str) -> BoxFuture<'a, Reading<Lexicon>>;
}

/// Templates of surveys.
pub trait ReadTemplates: Send + Sync {
    /// The templates that the account may use.
    fn templates(&self) -> BoxFuture<'_, Reading<Vec<LiveTemplate>>>;
}

/// Exclusion groups.
pub trait ReadExclusionGroups: Send + Sync {
    /// An exclusion group by the id kept in state.
    fn group<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Reading<LiveGroup>>;
}

/// What a marketplace tells of one survey alone. Nothing is planned on it: words of the vendor's need not mean what they seem
/// to.
pub trait Statistics: Send + Sync {
    /// The vendor's figures in its own words, and completes over time.
    ///
    /// # Errors
    /// As the vendor has it.
    fn details<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Details, VendorError>>;
}

/// Estimates for what does not exist yet.
pub trait Estimates: Send + Sync {
    /// Whether criteria have to be resolved in the library of the locale before.
    fn by_library(&self) -> bool {
        false
    }

    /// Whether the completes that it estimates go by the price that is asked with.
    fn by_price(&self) -> bool {
        false
    }

    /// Asks; `Absent` where the vendor cannot be asked about this.
    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>>;
}

/// Lists to look something up in.
pub trait Lists: Sync {
    /// Whether a list differs by locale and cannot be read without one.
    fn needs_locale(&self, _topic: Topic) -> bool {
        false
    }

    /// Whether the vendor can be asked for a list that infield has itself.
    fn has_its_own(&self, _topic: Topic) -> bool {
        false
    }

    /// What can be said without asking the vendor: lists that infield has itself, and lists that the vendor does not have.
    fn without_asking(&self, topic: Topic, locale: Option<&str>) -> Option<Reading<List>>;
}

/// Lists that have to be asked for.
pub trait ReadLists: Send + Sync {
    /// Reads a list that [`Lists::without_asking`] says nothing about, or that [`Lists::has_its_own`] is about.
    fn list<'a>(&'a self, topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>>;
}

/// Changing how interviews ended: which outcomes the rules allow, the calls, and what their answers mean. Pure.
pub trait Reconciliation: Sync {
    /// Whether the vendor shows what a transaction is; where it does not, only its own lists tell what was changed.
    fn shows_transactions(&self) -> bool {
        false
    }

    /// What people should know before they approve, whatever is in the list.
    fn remark(&self) -> Option<&'static str> {
        None
    }

    /// What the rules allow for a transaction that is to have an outcome.
    fn course(&self, _wanted: Outcome, _was: &Standing) -> Course {
        Course::Cannot("infield cannot reconcile at this vendor".into())
    }

    /// The same for a transaction whose state the vendor does not show.
    fn course_unseen(&self, _wanted: Outcome, _reason: Option<&str>) -> Course {
        Course::Cannot("infield does not change what it has not read".into())
    }

    /// Most transactions in one order.
    fn most_at_once(&self, _mechanism: Mechanism) -> usize {
        1
    }

    /// The call for an order; `None` where there is none. `key` tells this order from every other one, and is the same when
    /// it is sent again.
    fn call(&self, order: &Order<'_>, key: &str) -> Option<Call>;

    /// What the vendor says about an order it took.
    fn receipt(&self, _body: &Value) -> Receipt {
        Receipt::default()
    }

    /// What it means that an order was refused.
    fn refusal(&self, _mechanism: Mechanism, error: &VendorError) -> Answer {
        Answer::Refused(error.to_string())
    }
}

/// What became of transactions.
pub trait ReadOutcomes: Send + Sync {
    /// Reads transactions of one survey: one reading for each id, in the order of the ids; `None` where the vendor does not
    /// show them. `on_read` is told how many more were read.
    fn transactions<'a>(
        &'a self,
        _survey: &'a str,
        _ids: &'a [&'a str],
        _on_read: &'a (dyn Fn(usize) + Send + Sync),
    ) -> BoxFuture<'a, Option<Vec<Reading<Standing>>>> {
        now(None)
    }

    /// How far the vendor got with a list that it works through in its own time; `None` where it takes none.
    ///
    /// # Errors
    /// As the vendor has it.
    fn uploaded<'a>(&'a self, _request: &'a str) -> BoxFuture<'a, Result<Option<Uploaded>, VendorError>> {
        now(Ok(None))
    }

    /// The completes that a survey has, all of its groups together; `None` where the vendor does not tell.
    ///
    /// # Errors
    /// As the vendor has it.
    fn completes<'a>(&'a self, _survey: &'a str) -> BoxFuture<'a, Result<Option<u64>, VendorError>> {
        now(Ok(None))
    }

    /// Whether completes of a survey have to name the quotas they count for; `None` where the vendor does not say.
    fn allocates_by_quota<'a>(&'a self, _survey: &'a str) -> BoxFuture<'a, Option<bool>> {
        now(None)
    }
}

/// The call that rejects every complete it does not name.
pub trait AcceptLists: Sync {
    /// Sends a list, once, while the permit holds.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    fn send<'a>(
        &'a self,
        session: &'a Session,
        list: &'a AcceptList,
        permit: &'a dyn Permit,
    ) -> BoxFuture<'a, Result<Receipt, VendorError>>;
}
