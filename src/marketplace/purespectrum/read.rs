//! Reading PureSpectrum: which requests are made, and what their answers and errors mean.

use super::assumptions::{FIRST_PAGE, PAGE_LIMIT, READ_SINGLY_UP_TO, TEMPLATES_REFUSED_WITHOUT_FEATURE};
use super::wire::Kept;
use super::{assumptions, decode, estimates, lists, suppliers, transactions};
use crate::marketplace::contract::{
    Estimates, Read, ReadExclusionGroups, ReadLists, ReadOutcomes, ReadTemplates,
};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::json::Mismatch;
use crate::marketplace::http::session::{MOST_PAGES, Session};
use crate::marketplace::shelf::estimates::{Asked, Estimate};
use crate::marketplace::shelf::inventory::{Entries, Listed, Made, Unread};
use crate::marketplace::shelf::lists::{List, Topic};
use crate::model::call::encode_segment;
use crate::model::live::{LiveTemplate, Seen};
use crate::model::reconciliation::Standing;
use crate::model::{
    Field, LiveGroup, LiveKey, LiveQuota, LiveSurvey, Performance, Reading, Status, VendorState,
};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// A reader of one account.
pub(super) struct Reader(pub(super) Arc<Session>);

/// How often lists are read until two passes agree.
const MOST_PASSES: usize = 6;

/// What one pass through the lists of all statuses shows, by id.
type Pass = BTreeMap<String, Result<(LiveSurvey, Option<Timestamp>), Unread>>;

/// Whether two passes show the same surveys in the same status.
fn same(one: &Pass, other: &Pass) -> bool {
    let status = |entry: &'_ Result<(LiveSurvey, Option<Timestamp>), Unread>| {
        entry.as_ref().ok().map(|(live, _)| live.status_text.clone())
    };
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|((id, a), (same, b))| id == same && status(a) == status(b))
}

impl Reader {
    /// Reads the lists of all statuses once.
    async fn one_pass(&self, from: &str) -> Result<Pass, VendorError> {
        let mut found = Pass::new();
        for status in [Status::Draft, Status::Live, Status::Paused, Status::Closed] {
            let code = decode::status_code(status);
            let (mut last, mut stale) = (Vec::new(), 0);
            let mut ends = false;
            for page in FIRST_PAGE..FIRST_PAGE + MOST_PAGES {
                let path = format!("/surveys?status={code}&fromDate={from}&limit={PAGE_LIMIT}&page={page}");
                let (mut ids, before) = (Vec::new(), found.len());
                for entry in self.0.read(&path, decode::page).await? {
                    // What has no id that can be read is told apart by what is wrong with it.
                    let key = match &entry {
                        Ok((live, _)) => live.id.clone(),
                        Err(unread) => unread
                            .id
                            .clone()
                            .unwrap_or_else(|| format!("{status} {}", unread.why)),
                    };
                    ids.push(key.clone());
                    found.insert(key, entry);
                }
                // A page of surveys that were seen before is not the end: they moved there from the page before it. An empty
                // page is, and so is a server that ignores `page` and sends the same ones again.
                stale = if found.len() == before { stale + 1 } else { 0 };
                if ids.is_empty() || ids == last || stale > 1 {
                    ends = true;
                    break;
                }
                last = ids;
            }
            if !ends {
                let endless = Mismatch::new("/", format!("the list of status {code} has no end"));
                return self.0.decoded(&Value::Null, |_| Err(endless));
            }
        }
        Ok(found)
    }

    /// Reads one survey.
    async fn one(&self, id: &str) -> Reading<LiveSurvey> {
        let path = format!("/surveys/{}", encode_segment(id));
        match VendorError::reading(self.0.read(&path, |body| decode::survey(body, "")).await) {
            Reading::Present(live) if live.id != id => Reading::Unknown {
                why: format!("asked for survey {id}, got {}", live.id),
            },
            other => other,
        }
    }

    /// Adds the completes collected, of the whole where they were not asked for yet and per quota; with what suppliers get
    /// where something is planned on it.
    async fn counted(&self, live: &mut LiveSurvey, suppliers: bool) -> Result<(), VendorError> {
        if live.status == Some(Status::Draft) {
            live.quotas.iter_mut().for_each(|quota| quota.fielded = Some(0));
            return Ok(());
        }
        if live.performance.is_none() {
            self.count(live).await;
        }
        if suppliers && live.status != Some(Status::Closed) {
            self.with_suppliers(live).await;
        }
        if live.quotas.is_empty() {
            return Ok(());
        }
        let path = format!("/surveys/{}/quotas/performance", encode_segment(&live.id));
        for ([ps, buyer], fielded) in self.0.read(&path, decode::quota_progress).await? {
            let is_it = |quota: &&mut LiveQuota| {
                ps.as_ref() == Some(&quota.id) || (buyer.is_some() && buyer == quota.name)
            };
            if let Some(quota) = live.quotas.iter_mut().find(is_it) {
                quota.fielded = Some(fielded);
            }
        }
        Ok(())
    }

    /// Adds the highest price that a supplier has. What cannot be read is the offer, as it is for every supplier that nobody
    /// has given another price.
    async fn with_suppliers(&self, live: &mut LiveSurvey) {
        if !assumptions::SUPPLIERS_KEEP_THEIR_PRICES {
            return;
        }
        let path = format!("/surveys/{}/suppliers?stats=0", encode_segment(&live.id));
        let offer = live.spec.cpi.value().map(|offer| offer.amount);
        let read = |body: &Value| suppliers::dearest(body, offer);
        if let Ok(Some(own)) = self.0.read(&path, read).await {
            // What is charged as offered says nothing beside a price of a supplier's own.
            let beyond = live.charged.filter(|charged| Some(charged.amount) > offer);
            let dearer = beyond.filter(|charged| charged.amount > own.amount);
            live.charged = dearer.or(Some(own));
        }
    }

    /// Adds who sends respondents, where somebody manages that. A closed survey gets nobody any more. What cannot be read
    /// leaves the survey unknown: nobody could say who is about to send respondents.
    async fn with_list(&self, key: &LiveKey, reading: Reading<LiveSurvey>) -> Reading<LiveSurvey> {
        let Reading::Present(mut live) = reading else {
            return reading;
        };
        if !key.hint.suppliers || live.status == Some(Status::Closed) {
            return Reading::Present(live);
        }
        let path = format!("/surveys/{}/suppliers?stats=0", encode_segment(&live.id));
        let offer = live.spec.cpi.value().map(|offer| offer.amount);
        match self.0.read(&path, |body| suppliers::of_survey(body, offer)).await {
            Err(error) => Reading::Unknown {
                why: format!("who sends its respondents could not be read: {error}"),
            },
            Ok((list, references)) => {
                live.spec.suppliers = Field::Set(list);
                let mut kept: Kept = live.kept.read().unwrap_or_default();
                kept.supplier_groups = json!(references);
                live.kept = VendorState::of(&kept);
                Reading::Present(live)
            }
        }
    }

    /// Takes wanted surveys out of the lists of all statuses, pages side by side. A list without a status shows live surveys
    /// only (vendor wiki 702185580). What two statuses show moved meanwhile and is left out, and so is what a page that fails
    /// would have shown.
    async fn listed(&self, wanted: &BTreeSet<&str>) -> BTreeMap<String, LiveSurvey> {
        let mut lists = [Status::Live, Status::Paused, Status::Draft, Status::Closed].map(Pages::of);
        let (mut found, mut moved) = (BTreeMap::new(), BTreeSet::new());
        loop {
            let missing = wanted.len() - found.len() - moved.len();
            let open = lists.iter().filter(|list| list.goes_on()).count();
            // Asking singly is not dearer than another page of every list.
            if open == 0 || missing <= open {
                break;
            }
            let before = found.len();
            let pages = lists.iter().filter(|list| list.goes_on()).flat_map(|list| {
                let numbers = list.next..list.next + list.ahead(missing.div_ceil(open));
                numbers.map(move |page| (list.status, page))
            });
            let reads =
                pages.map(|(status, page)| async move { (status, self.page(status, page, wanted).await) });
            for (status, page) in join_all(reads).await {
                let list = lists.iter_mut().find(|list| list.status == status);
                for live in list.map_or_else(Vec::new, |list| list.take(page)) {
                    if found
                        .get(&live.id)
                        .is_some_and(|other: &LiveSurvey| other.status != live.status)
                    {
                        found.remove(&live.id);
                        moved.insert(live.id);
                    } else if !moved.contains(&live.id) {
                        found.entry(live.id.clone()).or_insert(live);
                    }
                }
            }
            if found.len() == before && wanted.len() - found.len() <= READ_SINGLY_UP_TO {
                break;
            }
        }
        found
    }

    /// One page of a list: the ids on it, and what is wanted of it. `None` where it could not be read.
    async fn page(&self, status: Status, page: usize, wanted: &BTreeSet<&str>) -> Option<Page> {
        let code = decode::status_code(status);
        let path = format!("/surveys?status={code}&limit={PAGE_LIMIT}&page={page}");
        let mut shown = Page::default();
        for entry in self.0.read(&path, decode::page).await.ok()? {
            match entry {
                Ok((live, _)) => {
                    shown.ids.push(live.id.clone());
                    if wanted.contains(live.id.as_str()) {
                        shown.wanted.push(LiveSurvey {
                            seen: Seen::Listed,
                            ..live
                        });
                    }
                }
                Err(unread) => shown.ids.extend(unread.id),
            }
        }
        Some(shown)
    }
}

/// A page of a list.
#[derive(Default)]
struct Page {
    ids: Vec<String>,
    wanted: Vec<LiveSurvey>,
}

/// How far the list of one status was read.
struct Pages {
    status: Status,
    next: usize,
    /// Surveys on its fullest page.
    fullest: usize,
    seen: BTreeSet<String>,
    ended: bool,
}

impl Pages {
    fn of(status: Status) -> Self {
        Self {
            status,
            next: FIRST_PAGE,
            fullest: 0,
            seen: BTreeSet::new(),
            ended: false,
        }
    }

    fn goes_on(&self) -> bool {
        !self.ended && self.next < FIRST_PAGE + MOST_PAGES
    }

    /// How many pages are asked for next, where so many surveys may be on them. Of the first one it is not known yet whether
    /// there is anything on it.
    fn ahead(&self, missing: usize) -> usize {
        match self.fullest {
            0 => 1,
            fullest => missing.div_ceil(fullest).min(FIRST_PAGE + MOST_PAGES - self.next),
        }
    }

    /// Takes note of the next page, and gives what is wanted of it. The largest page that the vendor gives is not
    /// documented, so the list ends with an empty page; also where a server ignores `page` and sends the same one again, and
    /// where a page fails.
    fn take(&mut self, page: Option<Page>) -> Vec<LiveSurvey> {
        let (page, before) = (page.unwrap_or_default(), self.seen.len());
        self.next += 1;
        self.fullest = self.fullest.max(page.ids.len());
        self.seen.extend(page.ids);
        self.ended |= self.seen.len() == before;
        page.wanted
    }
}

/// Before the vendor had an API.
const FIRST_SURVEYS: Timestamp = Timestamp::constant(1_262_304_000, 0);

/// The vendor's days are Pacific days. Without a time zone database UTC-8 is close enough for a day's margin.
static PACIFIC: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(-8)))
});

impl Read for Reader {
    fn probe(&self) -> BoxFuture<'_, Result<(), VendorError>> {
        async {
            let code = decode::status_code(Status::Draft);
            let path = format!("/surveys?status={code}&limit=1&page={FIRST_PAGE}");
            self.0.read(&path, decode::page).await.map(drop)
        }
        .boxed()
    }

    /// Reads many surveys: one by one where they are few, otherwise by lists. What the lists do not show is asked for singly:
    /// a list that does not name a survey is no proof that it is gone.
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        async move {
            let mut missing: BTreeSet<&str> = keys.iter().map(|key| key.id.as_str()).collect();
            let listed = match missing.len() {
                0..=READ_SINGLY_UP_TO => BTreeMap::new(),
                _ => self.listed(&missing).await,
            };
            missing.retain(|id| !listed.contains_key(*id));
            let singly = missing
                .into_iter()
                .map(|id| async move { (LiveKey::survey(id), self.one(id).await) });
            let mut readings: BTreeMap<_, _> = join_all(singly).await.into_iter().collect();
            let listed = listed.into_iter();
            readings.extend(listed.map(|(id, live)| (LiveKey::survey(id), Reading::Present(live))));
            let lists = keys.iter().filter(|key| key.hint.suppliers).filter_map(|key| {
                let reading = readings.get(key)?.clone();
                Some(async move { (key.clone(), self.with_list(key, reading).await) })
            });
            let lists: Vec<_> = join_all(lists).await;
            readings.extend(lists);
            readings
        }
        .boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        async move { self.with_list(key, self.one(&key.id).await).await }.boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Entries<Listed>, VendorError>> {
        let listed = |(live, made): (LiveSurvey, Option<Timestamp>)| {
            Listed::of(LiveKey::survey(live.id.clone()), &live, made)
        };
        async move {
            let all = self.surveys_since(FIRST_SURVEYS).await?;
            Ok(all.into_iter().map(|entry| entry.map(listed)).collect())
        }
        .boxed()
    }

    /// Every survey made since the day before `since`, in any status. `fromDate` counts in Pacific days (vendor wiki
    /// 702185580), so one day earlier is asked for.
    ///
    /// Pages are counted off, and surveys move between statuses: what is missing in one pass may have moved while it was
    /// read. Two passes that show the same surveys are a proof.
    fn surveys_since(&self, since: Timestamp) -> BoxFuture<'_, Result<Made, VendorError>> {
        async move {
            let day = since.to_zoned(PACIFIC.clone()).date();
            let from = day
                .yesterday()
                .unwrap_or(Date::MIN)
                .strftime("%Y%m%d")
                .to_string();
            let mut before = self.one_pass(&from).await?;
            for _ in 1..MOST_PASSES {
                let again = self.one_pass(&from).await?;
                if same(&before, &again) {
                    return Ok(again.into_values().collect());
                }
                before = again;
            }
            let why =
                format!("its lists did not stand still while they were read {MOST_PASSES} times; run again");
            Err(VendorError::Unreachable(super::facts::ID.name(), why))
        }
        .boxed()
    }

    fn count<'a>(&'a self, live: &'a mut LiveSurvey) -> BoxFuture<'a, ()> {
        async move {
            let path = format!("/surveys/{}/performance", encode_segment(&live.id));
            let kept = live.kept.read().unwrap_or_default();
            let read = self.0.read(&path, |body| decode::performance(body, &kept)).await;
            live.performance = Some(match read {
                Ok((fielded, performance)) => {
                    live.fielded = Some(fielded);
                    live.charged = performance.price;
                    performance
                }
                Err(error) => Performance {
                    unread: Some(format!("the completes could not be read: {error}")),
                    ..Performance::default()
                },
            });
        }
        .boxed()
    }

    fn quota_progress<'a>(&'a self, live: &'a mut LiveSurvey) -> BoxFuture<'a, Result<(), VendorError>> {
        self.counted(live, true).boxed()
    }

    fn progress<'a>(
        &'a self,
        _key: &'a LiveKey,
        live: &'a mut LiveSurvey,
    ) -> BoxFuture<'a, Result<(), VendorError>> {
        self.counted(live, false).boxed()
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
        async move {
            match self.0.read("/templates?UI=0", decode::templates).await {
                Err(error) if error.code() == Some(TEMPLATES_REFUSED_WITHOUT_FEATURE) => Reading::Absent {
                    proof: error.to_string(),
                },
                Err(error) => error.unknown(),
                Ok(templates) => Reading::Present(templates),
            }
        }
        .boxed()
    }
}

impl ReadExclusionGroups for Reader {
    fn group<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Reading<LiveGroup>> {
        async move {
            let path = format!("/surveygroups/{}", encode_segment(id));
            VendorError::reading(self.0.read(&path, |body| decode::group(id, body)).await)
        }
        .boxed()
    }
}

impl Estimates for Reader {
    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        estimates::ask(&self.0, asked.spec).boxed()
    }
}

impl ReadLists for Reader {
    fn list<'a>(&'a self, topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        lists::list(&self.0, self, topic, locale).boxed()
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

#[cfg(test)]
mod tests;
