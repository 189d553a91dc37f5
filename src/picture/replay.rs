//! Looking at a picture as at a vendor. What it does not show is unknown.

use super::{Seen, SeenSurvey};
use crate::model::live::LiveTemplate;
use crate::model::{Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading};
use crate::refresh::{Look, Titled};
use std::collections::BTreeMap;

/// Answers with what one vendor showed when the picture was taken.
pub struct Replay<'a> {
    seen: &'a Seen,
    surveys: BTreeMap<LiveKey, &'a SeenSurvey>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(seen: &'a Seen) -> Self {
        let surveys = seen.surveys.iter().map(|survey| (survey.key(), survey)).collect();
        Self { seen, surveys }
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
        let look = |key: &LiveKey| match self.surveys.get(key) {
            Some(survey) => survey.reading.clone(),
            None => not_shown(&format!("survey {}", key.id)),
        };
        keys.iter().map(|key| (key.clone(), look(key))).collect()
    }

    async fn quota_progress(&self, key: &LiveKey, survey: &mut LiveSurvey) -> Result<(), String> {
        let seen = self.surveys.get(key).and_then(|seen| seen.progress.as_ref());
        match seen {
            Some(Reading::Present(progress)) => {
                survey.fielded = progress.fielded;
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
        let seen = self.seen.groups.get(id).cloned();
        seen.unwrap_or_else(|| not_shown(&format!("whether there is an exclusion group `{id}`")))
    }

    async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        let seen = self.seen.lexicons.get(locale).cloned();
        seen.unwrap_or_else(|| not_shown(&format!("the vendor's questions for the locale `{locale}`")))
    }

    async fn titled(&self) -> Result<Vec<Titled>, String> {
        match &self.seen.titled {
            Some(Reading::Present(all)) => Ok(all.clone()),
            Some(Reading::Unknown { why }) => Err(why.clone()),
            Some(Reading::Absent { .. }) | None => Err("the picture does not show the titles".to_owned()),
        }
    }

    async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        let seen = self.seen.templates.clone();
        seen.unwrap_or_else(|| not_shown("the templates of the account"))
    }
}
