//! Reading Cint, as [`Read`] asks for it.

use super::{Cint, client, estimates, history, inventory, keep_list, lists, lookup, reconcile};
use crate::marketplace::contract::{Estimates, Read, ReadLibrary, ReadLists, ReadOutcomes, Statistics};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Asked, Estimate};
use crate::marketplace::shelf::inventory::Listed;
use crate::marketplace::shelf::lists::{List, Topic};
use crate::marketplace::shelf::recognition::{Sought, Waited};
use crate::marketplace::shelf::reconcile::Uploaded;
use crate::model::call::Followup;
use crate::model::{Lexicon, LiveKey, LiveSurvey, Reading, Status, SurveySpec};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A reader of one account.
pub(super) struct Reader {
    pub(super) session: Arc<Session>,
    pub(super) cint: Cint,
}

impl Read for Reader {
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        client::surveys(&self.session, &self.cint, keys).boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        client::survey(&self.session, &self.cint, key).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Listed>, VendorError>> {
        inventory::projects(&self.session, &self.cint).boxed()
    }

    fn groups_of<'a>(&'a self, survey: &'a LiveSurvey) -> BoxFuture<'a, Result<Vec<Listed>, VendorError>> {
        inventory::groups(&self.session, &self.cint, &survey.id).boxed()
    }

    fn twins<'a>(
        &'a self,
        sought: &'a [Sought<'a>],
    ) -> BoxFuture<'a, Result<Vec<Vec<LiveSurvey>>, VendorError>> {
        lookup::twins(&self.session, &self.cint, sought).boxed()
    }

    fn stopped_by<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Option<String>> {
        history::stopped_by(&self.session, &self.cint, key).boxed()
    }

    fn changed_by<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, BTreeMap<String, String>> {
        history::changed_by(&self.session, &self.cint, key).boxed()
    }

    fn refuses_move<'a>(
        &'a self,
        key: &'a LiveKey,
        from: Status,
        to: Status,
    ) -> BoxFuture<'a, Option<String>> {
        lookup::refuses_move(&self.session, &self.cint, key, from, to).boxed()
    }

    fn wait<'a>(&'a self, then: &'a Followup) -> BoxFuture<'a, Result<Waited, VendorError>> {
        lookup::wait(&self.session, &self.cint.assumptions, then).boxed()
    }

    fn objections<'a>(&'a self, wanted: &'a SurveySpec) -> BoxFuture<'a, Reading<Vec<String>>> {
        lookup::objections(&self.session, &self.cint, wanted).boxed()
    }

    fn library(&self) -> Option<&dyn ReadLibrary> {
        Some(self)
    }

    fn statistics(&self) -> Option<&dyn Statistics> {
        Some(self)
    }

    fn estimates(&self) -> Option<&dyn Estimates> {
        Some(self)
    }

    fn lists(&self) -> Option<&dyn ReadLists> {
        Some(self)
    }

    fn outcomes(&self) -> Option<&dyn ReadOutcomes> {
        Some(self)
    }
}

impl ReadLibrary for Reader {
    fn lexicon<'a>(&'a self, locale: &'a str) -> BoxFuture<'a, Reading<Lexicon>> {
        lookup::lexicon(&self.session, &self.cint, locale).boxed()
    }
}

impl Statistics for Reader {
    fn stats<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Value, VendorError>> {
        history::stats(&self.session, &self.cint, key).boxed()
    }
}

impl Estimates for Reader {
    /// Qualifications and quotas are sent as profiles, by the library's numbers (OpenAPI).
    fn by_library(&self) -> bool {
        true
    }

    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        estimates::ask(&self.session, &self.cint, asked.spec, asked.lexicon, asked.now).boxed()
    }
}

impl ReadLists for Reader {
    fn list<'a>(&'a self, topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        match topic {
            Topic::Questions | Topic::Answers => lookup::lexicon(&self.session, &self.cint, locale)
                .map(|library| library.map(|lexicon| lists::questions(&lexicon)))
                .boxed(),
            topic => lists::list(&self.session, &self.cint, topic).boxed(),
        }
    }
}

impl ReadOutcomes for Reader {
    fn uploaded<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<Uploaded>, VendorError>> {
        let looked = reconcile::look(&self.session, &self.cint, request);
        looked.map(|found| found.map(Some)).boxed()
    }

    fn completes<'a>(&'a self, survey: &'a str) -> BoxFuture<'a, Result<Option<u64>, VendorError>> {
        keep_list::completes(&self.session, &self.cint, survey).boxed()
    }
}
