//! Reading InnovateMR, as [`Read`] asks for it.

use super::assumptions::Assumptions;
use super::{client, estimates, lists};
use crate::marketplace::contract::{Estimates, Read, ReadLibrary, ReadLists, Statistics};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Asked, Estimate};
use crate::marketplace::shelf::inventory::Listed;
use crate::marketplace::shelf::lists::{List, Topic};
use crate::marketplace::shelf::recognition::Sought;
use crate::model::{Lexicon, LiveKey, LiveSurvey, Reading};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A reader of one account.
pub(super) struct Reader {
    pub(super) session: Arc<Session>,
    pub(super) table: Assumptions,
}

impl Read for Reader {
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        client::surveys(&self.session, &self.table, keys).boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        client::survey(&self.session, &self.table, key).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Listed>, VendorError>> {
        client::inventory(&self.session, &self.table).boxed()
    }

    fn groups_of<'a>(&'a self, survey: &'a LiveSurvey) -> BoxFuture<'a, Result<Vec<Listed>, VendorError>> {
        ready(client::groups_of(&self.table, survey)).boxed()
    }

    fn twins<'a>(
        &'a self,
        sought: &'a [Sought<'a>],
    ) -> BoxFuture<'a, Result<Vec<Vec<LiveSurvey>>, VendorError>> {
        async move {
            let jobs = client::jobs(&self.session, &self.table).await?;
            let same = |sought: &Sought<'_>| {
                let jobs = jobs.iter().filter(|job| job.spec.title == sought.wanted.title);
                jobs.cloned().collect()
            };
            Ok(sought.iter().map(same).collect())
        }
        .boxed()
    }

    fn progress<'a>(
        &'a self,
        key: &'a LiveKey,
        survey: &'a mut LiveSurvey,
    ) -> BoxFuture<'a, Result<(), VendorError>> {
        client::progress(&self.session, &self.table, key, survey).boxed()
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
}

impl ReadLibrary for Reader {
    fn lexicon<'a>(&'a self, locale: &'a str) -> BoxFuture<'a, Reading<Lexicon>> {
        client::lexicon(&self.session, &self.table, locale).boxed()
    }
}

impl Statistics for Reader {
    fn stats<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Value, VendorError>> {
        client::stats(&self.session, &self.table, key).boxed()
    }
}

impl Estimates for Reader {
    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        estimates::ask(&self.session, &self.table, asked).boxed()
    }
}

impl ReadLists for Reader {
    fn list<'a>(&'a self, _topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        let library = client::lexicon(&self.session, &self.table, locale);
        library
            .map(|library| library.map(|lexicon| lists::questions(&lexicon)))
            .boxed()
    }
}
