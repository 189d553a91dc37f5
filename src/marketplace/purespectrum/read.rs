//! Reading PureSpectrum, as [`Read`] asks for it.

use super::{client, estimates, lists, transactions};
use crate::marketplace::contract::{
    Estimates, Read, ReadExclusionGroups, ReadLists, ReadOutcomes, ReadTemplates,
};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Asked, Estimate};
use crate::marketplace::shelf::inventory::{Listed, Made};
use crate::marketplace::shelf::lists::{List, Topic};
use crate::model::live::LiveTemplate;
use crate::model::reconciliation::Standing;
use crate::model::{LiveGroup, LiveKey, LiveSurvey, Reading};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A reader of one account.
pub(super) struct Reader(pub(super) Arc<Session>);

impl Read for Reader {
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        async move {
            let ids: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
            let found = client::surveys(&self.0, &ids).await;
            found
                .into_iter()
                .map(|(id, reading)| (LiveKey::survey(id), reading))
                .collect()
        }
        .boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        client::survey(&self.0, &key.id).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Listed>, VendorError>> {
        client::inventory(&self.0).boxed()
    }

    fn surveys_since(&self, since: Timestamp) -> BoxFuture<'_, Result<Made, VendorError>> {
        client::surveys_since(&self.0, since).boxed()
    }

    fn quota_progress<'a>(&'a self, survey: &'a mut LiveSurvey) -> BoxFuture<'a, Result<(), VendorError>> {
        client::quota_progress(&self.0, survey).boxed()
    }

    fn templates(&self) -> Option<&dyn ReadTemplates> {
        Some(self)
    }

    fn exclusion_groups(&self) -> Option<&dyn ReadExclusionGroups> {
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

impl ReadTemplates for Reader {
    fn templates(&self) -> BoxFuture<'_, Reading<Vec<LiveTemplate>>> {
        client::templates(&self.0).boxed()
    }
}

impl ReadExclusionGroups for Reader {
    fn group<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Reading<LiveGroup>> {
        client::group(&self.0, id).boxed()
    }
}

impl Estimates for Reader {
    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        estimates::ask(&self.0, asked.spec).boxed()
    }
}

impl ReadLists for Reader {
    fn list<'a>(&'a self, topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        lists::list(&self.0, topic, locale).boxed()
    }
}

impl ReadOutcomes for Reader {
    fn transactions<'a>(
        &'a self,
        survey: &'a str,
        ids: &'a [&'a str],
        on_read: &'a (dyn Fn(usize) + Send + Sync),
    ) -> BoxFuture<'a, Option<Vec<Reading<Standing>>>> {
        transactions::read(&self.0, survey, ids, on_read)
            .map(Some)
            .boxed()
    }

    fn completes<'a>(&'a self, survey: &'a str) -> BoxFuture<'a, Result<Option<u64>, VendorError>> {
        transactions::completes(&self.0, survey).boxed()
    }

    fn allocates_by_quota<'a>(&'a self, survey: &'a str) -> BoxFuture<'a, Option<bool>> {
        transactions::allocates_by_quota(&self.0, survey).boxed()
    }
}
