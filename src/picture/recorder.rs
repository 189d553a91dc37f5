//! Taking a picture: answers are handed on to the plan and kept, and what other manifests may need is asked as well.

use super::{Progress, Seen, SeenSurvey, targeting_digest, twin_digest};
use crate::marketplace::{Reader, Sought};
use crate::model::figures::Figures;
use crate::model::live::{LiveTemplate, Stopped};
use crate::model::suppliers::Terms;
use crate::model::{
    Desired, Known, Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading, Status, SurveySpec, VendorId,
};
use crate::refresh::Look;
use futures_util::future::join_all;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Looks through another one, and keeps what it saw.
pub struct Recorder<L = Reader> {
    look: L,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    surveys: BTreeMap<LiveKey, Reading<LiveSurvey>>,
    progress: BTreeMap<LiveKey, Reading<Progress>>,
    stopped: BTreeMap<LiveKey, Stopped>,
    counted: BTreeMap<LiveKey, u64>,
    figures: BTreeMap<LiveKey, Figures>,
    /// Everything else, in the form in which it is handed out.
    seen: Seen,
}

impl<L: Look> Recorder<L> {
    /// A recorder that has seen nothing yet.
    pub fn new(look: L) -> Self {
        Self {
            look,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked left whole answers behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what the plan at hand did not need and one with other manifests may: templates, the questions of all locales
    /// in use, and the counters of every survey and every quota that may still be changed.
    pub async fn complete(&self, vendor: VendorId, desired: &Desired, known: &Known) {
        if self.kept().seen.templates.is_none() {
            self.templates().await;
        }
        if vendor.has_library() {
            let missing = self.locales(vendor, desired, known);
            join_all(missing.iter().map(|locale| self.lexicon(locale))).await;
        }
        self.suppliers(vendor).await;
        let uncounted: Vec<(LiveKey, LiveSurvey, bool)> = {
            let kept = self.kept();
            let all = kept.surveys.iter().filter_map(|(key, reading)| {
                let live = reading.present()?;
                let quotas = !live.quotas.is_empty() && live.status != Some(Status::Closed);
                let quotas = quotas && !kept.progress.contains_key(key);
                (quotas || live.is_uncounted()).then(|| (key.clone(), live.clone(), quotas))
            });
            all.collect()
        };
        join_all(uncounted.into_iter().map(|(key, mut live, quotas)| async move {
            if live.is_uncounted() {
                self.count(&key, &mut live).await;
            }
            // An error is kept as well.
            if quotas {
                let _ = self.quota_progress(&key, &mut live).await;
            }
        }))
        .await;
    }

    /// Asks who sends respondents, where that is a read of its own: other manifests may say it. What cannot be read is not
    /// shown.
    async fn suppliers(&self, vendor: VendorId) {
        if vendor.facts().suppliers != Some(Terms::Counted) {
            return;
        }
        let unseen: Vec<LiveKey> = {
            let kept = self.kept();
            let all = kept.surveys.iter().filter(|(_, reading)| {
                reading.present().is_some_and(|live| {
                    live.spec.suppliers.is_absent() && live.status != Some(Status::Closed)
                })
            });
            all.map(|(key, _)| key.clone()).collect()
        };
        join_all(unseen.into_iter().map(|mut key| async move {
            key.hint.suppliers = true;
            let mut read = self.look.surveys(std::slice::from_ref(&key)).await;
            if let Some(Reading::Present(read)) = read.remove(&key)
                && let Some(Reading::Present(kept)) = self.kept().surveys.get_mut(&key)
            {
                kept.spec.suppliers = read.spec.suppliers;
                kept.kept = read.kept;
            }
        }))
        .await;
    }

    fn locales(&self, vendor: VendorId, desired: &Desired, known: &Known) -> BTreeSet<String> {
        let wanted = desired.surveys.values().filter(|survey| survey.vendor == vendor);
        let applied = known
            .resources
            .values()
            .filter(|resource| resource.vendor == vendor);
        let specs = wanted
            .map(|survey| &survey.spec)
            .chain(applied.filter_map(|resource| Some(&resource.survey()?.applied)));
        let locales = specs.filter_map(|spec| spec.locale.value().cloned());
        let kept = self.kept();
        locales
            .filter(|locale| !kept.seen.lexicons.contains_key(locale))
            .collect()
    }

    /// What was seen.
    pub fn into_seen(self) -> Seen {
        let Kept {
            surveys,
            mut progress,
            mut stopped,
            mut counted,
            mut figures,
            seen,
        } = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let surveys = surveys.into_iter().map(|(key, reading)| {
            let (stopped_by, stopped_why) = stopped
                .remove(&key)
                .map_or((None, None), |Stopped { text, why }| (Some(text), why));
            SeenSurvey {
                progress: progress.remove(&key),
                stopped_by,
                stopped_why,
                counted: counted.remove(&key),
                figures: figures.remove(&key),
                job: key.job,
                level: key.level,
                id: key.id,
                parent: key.parent,
                reading,
            }
        });
        Seen {
            surveys: surveys.collect(),
            ..seen
        }
    }
}

impl<L: Look> Look for Recorder<L> {
    fn vendor_now(&self) -> Option<Timestamp> {
        self.look.vendor_now()
    }

    async fn surveys(&self, keys: &[LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
        // Other manifests may manage other things.
        let mut keys = keys.to_vec();
        keys.iter_mut().for_each(|key| key.hint.managed = None);
        let seen = self.look.surveys(&keys).await;
        let mut kept = self.kept();
        for (key, reading) in &seen {
            kept.surveys.insert(key.clone(), reading.clone());
        }
        seen
    }

    async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        let reading = self.look.survey(key).await;
        self.kept().surveys.insert(key.clone(), reading.clone());
        reading
    }

    async fn count(&self, key: &LiveKey, survey: &mut LiveSurvey) {
        self.look.count(key, survey).await;
        if let Some(Reading::Present(kept)) = self.kept().surveys.get_mut(key) {
            kept.fielded = survey.fielded;
            kept.performance.clone_from(&survey.performance);
        }
    }

    async fn proven(&self) -> Result<(), String> {
        self.look.proven().await
    }

    async fn stopped_by(&self, key: &LiveKey) -> Option<Stopped> {
        let by = self.look.stopped_by(key).await;
        if let Some(by) = &by {
            self.kept().stopped.insert(key.clone(), by.clone());
        }
        by
    }

    async fn counted(&self, key: &LiveKey, survey: &LiveSurvey) -> Option<u64> {
        let counted = self.look.counted(key, survey).await;
        if let Some(completes) = counted {
            self.kept().counted.insert(key.clone(), completes);
        }
        counted
    }

    async fn figures(&self, key: &LiveKey, survey: &LiveSurvey) -> Figures {
        let figures = self.look.figures(key, survey).await;
        self.kept().figures.insert(key.clone(), figures.clone());
        figures
    }

    /// Not kept: it only shows in notes, which are no part of the name of a plan.
    async fn changed_by(&self, key: &LiveKey) -> BTreeMap<String, String> {
        self.look.changed_by(key).await
    }

    async fn blocked_transition(&self, key: &LiveKey, from: Status, to: Status) -> Option<String> {
        self.look.blocked_transition(key, from, to).await
    }

    async fn quota_progress(&self, key: &LiveKey, survey: &mut LiveSurvey) -> Result<(), String> {
        let result = self.look.quota_progress(key, survey).await;
        let progress = match &result {
            Ok(()) => Reading::Present(Progress {
                fielded: survey.fielded,
                charged: survey.charged,
                quotas: survey.quotas.iter().map(|quota| quota.fielded).collect(),
            }),
            Err(why) => Reading::Unknown { why: why.clone() },
        };
        self.kept().progress.insert(key.clone(), progress);
        result
    }

    async fn group(&self, id: &str) -> Reading<LiveGroup> {
        let reading = self.look.group(id).await;
        self.kept().seen.groups.insert(id.to_owned(), reading.clone());
        reading
    }

    async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        let reading = self.look.lexicon(locale).await;
        self.kept()
            .seen
            .lexicons
            .insert(locale.to_owned(), reading.clone());
        reading
    }

    async fn name_collisions(
        &self,
        holder: Option<&LiveSurvey>,
        known: &Known,
        sought: &[Sought<'_>],
    ) -> Vec<Reading<Vec<String>>> {
        let found = self.look.name_collisions(holder, known, sought).await;
        let digests = sought.iter().map(twin_digest);
        self.kept().seen.twins.extend(digests.zip(found.iter().cloned()));
        found
    }

    async fn preflight_errors(&self, wanted: &SurveySpec) -> Reading<Vec<String>> {
        let reading = self.look.preflight_errors(wanted).await;
        let digest = targeting_digest(wanted);
        self.kept().seen.objections.insert(digest, reading.clone());
        reading
    }

    async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        let reading = self.look.templates().await;
        self.kept().seen.templates = Some(reading.clone());
        reading
    }
}
