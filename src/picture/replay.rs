//! Answers from a picture instead of a vendor. Something that exists and is not in the picture is unknown. A question
//! about something that a manifest newly names was never asked: the best answer is presumed, and [`Replay`] remembers that
//! it presumed one.

use super::{Seen, SeenSurvey, targeting_digest, twin_digest};
use crate::marketplace::Sought;
use crate::model::figures::Figures;
use crate::model::live::{LiveTemplate, Stopped};
use crate::model::{
    Field, Known, Level, Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading, ResourceKind, Status, SurveySpec,
};
use crate::refresh::Look;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// Answers with what one vendor showed when the picture was taken.
pub struct Replay<'a> {
    seen: &'a Seen,
    surveys: BTreeMap<LiveKey, &'a SeenSurvey>,
    /// Ids of exclusion groups that exist.
    groups: BTreeSet<&'a str>,
    presumed: AtomicBool,
}

impl<'a> Replay<'a> {
    pub(super) fn new(seen: &'a Seen, known: &'a Known) -> Self {
        let groups = known
            .resources
            .values()
            .filter(|resource| matches!(resource.kind, ResourceKind::Group(_)));
        Self {
            seen,
            surveys: seen.surveys.iter().map(|survey| (survey.key(), survey)).collect(),
            groups: groups.map(|resource| resource.id.as_str()).collect(),
            presumed: AtomicBool::new(false),
        }
    }

    /// Whether anything had to be presumed so far.
    pub fn presumed(&self) -> bool {
        self.presumed.load(Ordering::Relaxed)
    }

    fn presume<T>(&self, best: T) -> T {
        self.presumed.store(true, Ordering::Relaxed);
        best
    }
}

/// Said of everything a picture does not show.
fn not_shown<T>(what: &str) -> Reading<T> {
    Reading::Unknown {
        why: format!("the picture does not show {what}"),
    }
}

impl Look for Replay<'_> {
    async fn surveys(&self, keys: &[LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
        let reads = keys
            .iter()
            .map(|key| async move { (key.clone(), self.survey(key).await) });
        join_all(reads).await.into_iter().collect()
    }

    async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        let Some(seen) = self.surveys.get(key) else {
            return not_shown(&format!("survey {}", key.id));
        };
        let mut reading = seen.reading.clone();
        if key.level == Level::Survey
            && let Reading::Present(live) = &mut reading
        {
            let asked = key.hint.suppliers && live.status != Some(Status::Closed);
            if asked && live.spec.suppliers.is_absent() {
                return not_shown(&format!("who sends respondents to survey {}", key.id));
            }
            // What a plan does not ask for, it does not see.
            if !asked {
                live.spec.suppliers = Field::Absent;
            }
        }
        reading
    }

    /// It is in what was shown, where anybody asked.
    async fn count(&self, _key: &LiveKey, _survey: &mut LiveSurvey) {}

    async fn stopped_by(&self, key: &LiveKey) -> Option<Stopped> {
        let seen = self.surveys.get(key)?;
        let (text, why) = (seen.stopped_by.clone()?, seen.stopped_why);
        Some(Stopped { text, why })
    }

    async fn counted(&self, key: &LiveKey, _survey: &LiveSurvey) -> Option<u64> {
        self.surveys.get(key)?.counted
    }

    async fn figures(&self, key: &LiveKey, _survey: &LiveSurvey) -> Figures {
        let seen = self.surveys.get(key);
        seen.and_then(|seen| seen.figures.clone()).unwrap_or_default()
    }

    async fn changed_by(&self, _key: &LiveKey) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Nobody can have asked about every change of a manifest: the best is presumed.
    async fn blocked_transition(&self, _key: &LiveKey, _from: Status, _to: Status) -> Option<String> {
        None
    }

    async fn quota_progress(&self, key: &LiveKey, survey: &mut LiveSurvey) -> Result<(), String> {
        let seen = self.surveys.get(key).and_then(|seen| seen.progress.as_ref());
        match seen {
            Some(Reading::Present(progress)) => {
                survey.fielded = progress.fielded;
                survey.charged = progress.charged;
                for (quota, fielded) in survey.quotas.iter_mut().zip(&progress.quotas) {
                    quota.fielded = *fielded;
                }
                Ok(())
            }
            Some(Reading::Unknown { why }) => Err(why.clone()),
            Some(Reading::Absent { .. }) | None => Err("the picture does not show it".to_owned()),
        }
    }

    async fn group(&self, id: &str) -> Reading<LiveGroup> {
        match self.seen.groups.get(id) {
            Some(reading) => reading.clone(),
            None if self.groups.contains(id) => not_shown(&format!("the exclusion group `{id}`")),
            None => self.presume(Reading::Absent {
                proof: "presumed: it was not asked for when the picture was taken".to_owned(),
            }),
        }
    }

    async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        let seen = self.seen.lexicons.get(locale).cloned();
        seen.unwrap_or_else(|| not_shown(&format!("the vendor's questions for the locale `{locale}`")))
    }

    async fn name_collisions(
        &self,
        _holder: Option<&LiveSurvey>,
        _known: &Known,
        sought: &[Sought<'_>],
    ) -> Vec<Reading<Vec<String>>> {
        let look = |sought: &Sought<'_>| match self.seen.twins.get(&twin_digest(sought)) {
            Some(Reading::Absent { .. }) | None => self.presume(Reading::Present(Vec::new())),
            Some(seen) => seen.clone(),
        };
        sought.iter().map(look).collect()
    }

    async fn preflight_errors(&self, wanted: &SurveySpec) -> Reading<Vec<String>> {
        let seen = self.seen.objections.get(&targeting_digest(wanted)).cloned();
        seen.unwrap_or_else(|| self.presume(Reading::Present(Vec::new())))
    }

    async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        let seen = self.seen.templates.clone();
        seen.unwrap_or_else(|| not_shown("the templates of the account"))
    }
}
