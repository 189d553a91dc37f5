//! Reading InnovateMR: which requests are made, and what their answers and errors mean.

use super::assumptions::{Assumptions, Endpoint};
use super::wire::Kept;
use super::{decode, encode, lists, locale};
use crate::marketplace::contract::{Estimates, Read, ReadLibrary, ReadLists, Statistics};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Asked, Estimate, Opaque, needed};
use crate::marketplace::shelf::inventory::{Entries, Listed, matching};
use crate::marketplace::shelf::lists::{List, Topic};
use crate::marketplace::shelf::recognition::Sought;
use crate::model::{
    Call, CallClass, Details, Field, Level, Lexicon, LiveKey, LiveSurvey, Method, Reading, Status, SurveySpec,
};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all, ready};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A reader of one account.
pub(super) struct Reader {
    pub(super) session: Arc<Session>,
    pub(super) table: Assumptions,
}

impl Reader {
    async fn job(&self, id: &str) -> Reading<LiveSurvey> {
        let path = self.table.path(Endpoint::Job, &[("JobId", id)]);
        match self
            .session
            .read(&path, |body| decode::job(body, &self.table))
            .await
        {
            Ok(live) => Reading::Present(live),
            // A path that nobody documents proves nothing by not being there.
            Err(error) if error.is_not_found() => Reading::Unknown {
                why: format!(
                    "{error}; the path {path} is assumed, and can be corrected under `innovatemr.assumptions.paths.job`"
                ),
            },
            Err(error) => error.unknown(),
        }
    }

    async fn group(&self, id: &str) -> Reading<LiveSurvey> {
        let path = |endpoint| self.table.path(endpoint, &[("GroupId", id)]);
        let (details, quotas) = (path(Endpoint::Group), path(Endpoint::Quotas));
        let details = self
            .session
            .read(&details, |body| decode::group(body, &self.table))
            .await;
        match VendorError::reading(details) {
            Reading::Present(live) => match self.session.read(&quotas, decode::quotas).await {
                Ok(quotas) => Reading::Present(LiveSurvey {
                    quotas,
                    counts: self.table.counters.settled,
                    ..live
                }),
                Err(error) => error.unknown(),
            },
            other => other,
        }
    }

    /// Every job of the account, by the list whose path and body are assumed.
    async fn jobs(&self) -> Result<Entries<LiveSurvey>, VendorError> {
        let path = self.table.path(Endpoint::Jobs, &[]);
        let list = Call::new(Method::Post, path, CallClass::Read, "list the jobs").body(json!({}));
        self.session
            .ask(&list, |body| decode::jobs(body, &self.table))
            .await
    }

    /// The groups of a job with this title, each as it is. What the details of a job carry is not documented: a group that
    /// they show is there, and one that they do not show may be there all the same.
    async fn group_twins(&self, job: Option<&str>, title: Option<&String>) -> Reading<Vec<LiveSurvey>> {
        let holder = match job {
            Some(job) => self.job(job).await,
            None => Reading::Unknown {
                why: "the job that holds it is not known".to_owned(),
            },
        };
        let holder = match holder {
            Reading::Present(holder) => holder,
            Reading::Absent { proof } => return Reading::Absent { proof },
            Reading::Unknown { why } => return Reading::Unknown { why },
        };
        let groups = match self.groups_of(&holder).await {
            Ok(groups) => groups,
            Err(error) => return error.unknown(),
        };
        let named = groups.iter().filter_map(|group| group.as_ref().ok());
        let named = named.filter(|group| title.is_some() && group.title.as_ref() == title);
        let mut found = Vec::new();
        for group in named {
            match self.group(&group.key.id).await {
                Reading::Present(live) => found.push(live),
                Reading::Absent { .. } => {}
                Reading::Unknown { why } => return Reading::Unknown { why },
            }
        }
        if found.is_empty() {
            return Reading::Unknown {
                why: format!(
                    "the details of job {} show no group with its title, which proves nothing; look for it there",
                    holder.id
                ),
            };
        }
        Reading::Present(found)
    }

    /// What the vendor estimates for a group that does not exist yet, by days in field. What the figure means is not
    /// documented (completes obtainable in that time, or money): it is shown and never used.
    async fn estimated(&self, spec: &SurveySpec, days: u64) -> Result<Vec<(u64, Value)>, VendorError> {
        let body = encode::estimate(&self.table, spec, days).map_err(|refusal| VendorError::Refused {
            vendor: self.session.vendor().name(),
            status: 0,
            code: None,
            message: refusal.message,
        })?;
        let path = self.table.path(Endpoint::Feasibility, &[]);
        let ask = Call::new(Method::Post, path, CallClass::Read, "ask for an estimate").body(body);
        self.session.ask(&ask, decode::estimates).await
    }
}

impl Read for Reader {
    /// Reads jobs and groups, side by side: one call for a job, two for a group. No list shows what is in them.
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        let one = |key: &'a LiveKey| async move { (key.clone(), self.survey(key).await) };
        let all = join_all(keys.iter().map(one));
        all.map(|readings| readings.into_iter().collect()).boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        async move {
            let found = match key.level {
                Level::Container | Level::Survey => self.job(&key.id).await,
                Level::Group => self.group(&key.id).await,
            };
            match found {
                Reading::Present(live) if live.id != key.id => Reading::Unknown {
                    why: format!("asked for {}, got {}", key.id, live.id),
                },
                other => other,
            }
        }
        .boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Entries<Listed>, VendorError>> {
        let listed = |job: LiveSurvey| {
            let key = LiveKey {
                level: Level::Container,
                ..LiveKey::survey(job.id.clone())
            };
            Listed::of(key, &job, None)
        };
        async move {
            Ok(self
                .jobs()
                .await?
                .into_iter()
                .map(|job| job.map(listed))
                .collect())
        }
        .boxed()
    }

    /// The groups of a job, where its details carry them: no call lists them, and whether the details do is assumed.
    fn groups_of<'a>(&'a self, job: &'a LiveSurvey) -> BoxFuture<'a, Result<Entries<Listed>, VendorError>> {
        let Kept { groups } = job.kept.read().unwrap_or_default();
        let listed = match groups {
            Field::Set(groups) => {
                let read = |groups: &Value| decode::groups(groups, &job.id, &self.table);
                self.session.decoded(&groups, read)
            }
            Field::Absent | Field::Null => Err(VendorError::Unreachable(
                self.session.vendor().name(),
                format!(
                    "InnovateMR does not list the groups of a job, and the details of job {} do not carry them",
                    job.id
                ),
            )),
        };
        ready(listed).boxed()
    }

    fn twins<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Reading<Vec<LiveSurvey>>>> {
        async move {
            let jobs = match sought.iter().any(|sought| sought.level != Level::Group) {
                true => self.jobs().await,
                false => Ok(Vec::new()),
            };
            let same = |sought: &'a Sought<'a>| {
                let jobs = &jobs;
                async move {
                    let title = sought.wanted.title.value();
                    match (jobs, sought.level) {
                        (_, Level::Group) => self.group_twins(sought.parent, title).await,
                        (Ok(jobs), _) => {
                            let is = |job: &LiveSurvey| job.spec.title.value() == title;
                            matching(jobs, is, |unread| unread.could_be(title))
                        }
                        (Err(error), _) => error.unknown(),
                    }
                }
            };
            join_all(sought.iter().map(same)).await
        }
        .boxed()
    }

    /// Adds what the vendor counts of a group and of its quotas, where its answers have the keys that are assumed, and what
    /// the completes cost at the price that the group shows. A draft has nothing to count.
    ///
    /// # Errors
    /// When the vendor fails; that an assumed path is not there is said with the survey.
    fn progress<'a>(
        &'a self,
        key: &'a LiveKey,
        live: &'a mut LiveSurvey,
    ) -> BoxFuture<'a, Result<(), VendorError>> {
        async move {
            if live.status == Some(Status::Draft) {
                live.fielded = Some(0);
                live.quotas.iter_mut().for_each(|quota| quota.fielded = Some(0));
                return Ok(());
            }
            let of_quotas = async {
                if live.quotas.is_empty() {
                    return Ok(None);
                }
                let path = self.table.path(Endpoint::QuotaStats, &[("GroupId", &key.id)]);
                self.session.get(&path).await.map(Some)
            };
            let (group, quotas) = futures_util::join!(self.stats(&key.id), of_quotas);
            let told = live.performance.get_or_insert_default();
            let keys = &self.table.counters;
            let (group, quotas) = match (group, quotas) {
                (Err(error), _) | (_, Err(error)) if error.is_not_found() => {
                    told.assumed = Some(format!(
                        "that there are counters: {error}; correct the paths under `innovatemr.assumptions.paths`"
                    ));
                    return Ok(());
                }
                (group, quotas) => (group?, quotas?),
            };
            let counted = decode::counted(&group, keys);
            let by_quota = quotas.map(|body| decode::counted_quotas(&body, keys)).unwrap_or_default();
            for quota in &mut live.quotas {
                quota.fielded = by_quota.get(&quota.id).copied();
            }
            live.fielded = counted.completes;
            told.incidence_rate = counted.incidence_rate;
            let cost = |completes| Some(told.price?.times(completes));
            told.cost = counted.completes.and_then(cost);
            told.cost_by_price = told.cost.is_some();
            let key = &keys.completes;
            told.unread = counted.unread;
            let read = match counted.completes {
                None if told.unread.is_some() => return Ok(()),
                Some(_) => format!("what `{key}` counts, and that each costs what `CostPerInterview` was when it was first seen"),
                None => format!("that completes are counted by `{key}`, which no answer has"),
            };
            told.assumed = Some(format!("{read}; see `innovatemr.assumptions.counters`"));
            Ok(())
        }
        .boxed()
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
        async move {
            let Some(place) = locale::place(locale) else {
                return Reading::Absent {
                    proof: format!("infield does not know InnovateMR's words for the locale {locale:?}"),
                };
            };
            let values = [("CountryCode", place.country_code), ("Language", place.language)];
            let path = self.table.path(Endpoint::Questions, &values);
            let read = self.session.read(&path, decode::lexicon).await;
            read.map_or_else(|error| error.unknown(), Reading::Present)
        }
        .boxed()
    }
}

impl Reader {
    /// What the vendor counts of a group, as it is: its shape is not documented, so nothing is planned on it. The path is
    /// assumed.
    async fn stats(&self, group: &str) -> Result<Value, VendorError> {
        let path = self.table.path(Endpoint::GroupStats, &[("GroupId", group)]);
        self.session.get(&path).await
    }
}

impl Statistics for Reader {
    /// Statistics of the job, of the group and of its quotas, and the group's own feasibility: each as it is, since no document
    /// shows what they mean. A path is assumed, and tells nothing where it is not there.
    fn details<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Details, VendorError>> {
        let group = [("GroupId", key.id.as_str())];
        let job = [("JobId", key.parent.as_deref().unwrap_or_default())];
        let asked = [
            ("job", self.table.path(Endpoint::JobStats, &job)),
            ("group", self.table.path(Endpoint::GroupStats, &group)),
            ("quotas", self.table.path(Endpoint::QuotaStats, &group)),
            ("feasibility", self.table.path(Endpoint::GroupFeasibility, &group)),
        ];
        async move {
            let reads = asked
                .iter()
                .map(|(what, path)| async move { (*what, self.session.get(path).await) });
            let mut figures = Vec::new();
            for (what, body) in join_all(reads).await {
                match body {
                    Ok(body) => {
                        decode::figures(what, &body, &mut figures);
                        figures.extend(decode::estimated_money(&body, &self.table));
                    }
                    Err(error) if error.is_not_found() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Details {
                figures,
                ..Details::default()
            })
        }
        .boxed()
    }
}

impl Estimates for Reader {
    /// A figure for a number of days in field, whose meaning no document gives; a public client shows it as money.
    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        async move {
            let spec = asked.spec;
            let wanted = needed(&spec.completes, "completes")
                .and(needed(&spec.incidence_rate, "incidence_rate"))
                .and(needed(&spec.length_of_interview, "length_of_interview"))
                .and(needed(&spec.locale, "locale").map(drop));
            if let Err(proof) = wanted {
                return Reading::Absent { proof };
            }
            let days = spec.field_days.value().copied().unwrap_or(asked.days);
            let rows = match self.estimated(spec, days).await {
                Ok(rows) => rows,
                Err(error) => return error.unknown(),
            };
            match rows.into_iter().find(|(row, _)| *row == days) {
                Some((days, figure)) => Reading::Present(Estimate {
                    opaque: Some(Opaque {
                        days,
                        money: decode::as_money(&figure, &self.table),
                        figure,
                    }),
                    ..Estimate::default()
                }),
                None => Reading::Unknown {
                    why: format!("the vendor's answer has no figure for {days} days"),
                },
            }
        }
        .boxed()
    }
}

impl ReadLists for Reader {
    fn list<'a>(&'a self, _topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        let library = self.lexicon(locale);
        library
            .map(|library| library.map(|lexicon| lists::questions(&lexicon)))
            .boxed()
    }
}
