//! Reading Cint, as [`Read`] asks for it. What not every marketplace has is read beside what it is about.

use super::client::{self, Reader};
use super::wire::Overview;
use super::{exclusion_groups, history, inventory, lookup, paths};
use crate::marketplace::contract::{
    Estimates, Read, ReadExclusionGroups, ReadLibrary, ReadLists, ReadOutcomes, Statistics,
};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::wire::typed;
use crate::marketplace::shelf::inventory::{Entries, Listed};
use crate::marketplace::shelf::recognition::{Sought, Waited};
use crate::model::call::{Followup, encode_segment};
use crate::model::live::Stopped;
use crate::model::{LiveGroup, LiveKey, LiveSurvey, Reading, Status, SurveySpec};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use std::collections::BTreeMap;

impl Read for Reader {
    fn probe(&self) -> BoxFuture<'_, Result<(), VendorError>> {
        async {
            let path = paths::projects(self.cint.account);
            self.session.get(&format!("{path}?page_size=1")).await.map(drop)
        }
        .boxed()
    }

    /// Projects and target groups, side by side.
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        let read = |key: &'a LiveKey| async move { (key.clone(), client::survey(self, key).await) };
        let all = join_all(keys.iter().map(read));
        all.map(|all| all.into_iter().collect()).boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        client::survey(self, key).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Entries<Listed>, VendorError>> {
        inventory::list(self, None).boxed()
    }

    fn groups_of<'a>(
        &'a self,
        survey: &'a LiveSurvey,
    ) -> BoxFuture<'a, Result<Entries<Listed>, VendorError>> {
        inventory::list(self, Some(&survey.id)).boxed()
    }

    fn twins<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Reading<Vec<LiveSurvey>>>> {
        lookup::twins(self, sought).boxed()
    }

    /// The overview by the target group's id names its project (OpenAPI).
    fn holder_of<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<String>> {
        async move {
            let path = format!("/demand/target-groups/{}/overview", encode_segment(group));
            let read: Overview = self.session.read(&path, |body| typed(body, "")).await.ok()?;
            read.project_id.value().cloned()
        }
        .boxed()
    }

    fn stopped_by<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Option<Stopped>> {
        history::stopped_by(self, key).boxed()
    }

    fn changed_by<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, BTreeMap<String, String>> {
        history::changed_by(self, key).boxed()
    }

    fn refuses_move<'a>(
        &'a self,
        key: &'a LiveKey,
        from: Status,
        to: Status,
    ) -> BoxFuture<'a, Option<String>> {
        lookup::refuses_move(self, key, from, to).boxed()
    }

    fn wait<'a>(&'a self, then: &'a Followup) -> BoxFuture<'a, Result<Waited, VendorError>> {
        lookup::wait(self, then).boxed()
    }

    fn objections<'a>(&'a self, wanted: &'a SurveySpec) -> BoxFuture<'a, Reading<Vec<String>>> {
        lookup::objections(self, wanted).boxed()
    }

    fn exclusion_groups(&self) -> Option<&dyn ReadExclusionGroups> {
        Some(self)
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

impl ReadExclusionGroups for Reader {
    fn group<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Reading<LiveGroup>> {
        exclusion_groups::read(self, id).boxed()
    }
}
