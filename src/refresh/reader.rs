//! Questions that a plan has, asked of a vendor itself.

use super::Look;
use crate::marketplace::{Reader, Sought};
use crate::model::figures::{Figure, Figures};
use crate::model::live::{LiveTemplate, Stopped};
use crate::model::{Known, Lexicon, LiveGroup, LiveKey, LiveSurvey, Reading, Status, SurveySpec};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl Look for Reader {
    async fn proven(&self) -> Result<(), String> {
        self.prove().await.map_err(|error| error.to_string())
    }

    fn vendor_now(&self) -> Option<Timestamp> {
        Self::vendor_now(self)
    }

    async fn surveys(&self, keys: &[LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
        (**self).surveys(keys).await
    }

    async fn survey(&self, key: &LiveKey) -> Reading<LiveSurvey> {
        (**self).survey(key).await
    }

    async fn count(&self, key: &LiveKey, survey: &mut LiveSurvey) {
        (**self).count(survey).await;
        // What is counted as the settings say is planned on; what cannot be read stays unknown.
        if survey.counts && survey.fielded.is_none() {
            survey.fielded = self.counted(key, survey).await;
        }
    }

    async fn stopped_by(&self, key: &LiveKey) -> Option<Stopped> {
        (**self).stopped_by(key).await
    }

    async fn counted(&self, key: &LiveKey, survey: &LiveSurvey) -> Option<u64> {
        let mut survey = survey.clone();
        (**self).progress(key, &mut survey).await.ok()?;
        survey.fielded
    }

    async fn figures(&self, key: &LiveKey, survey: &LiveSurvey) -> Figures {
        let mut survey = survey.clone();
        // What cannot be read is not told.
        let read = (**self).progress(key, &mut survey).await;
        let told = survey.performance.filter(|_| read.is_ok());
        told.as_ref().map(Figure::told).unwrap_or_default()
    }

    async fn changed_by(&self, key: &LiveKey) -> BTreeMap<String, String> {
        (**self).changed_by(key).await
    }

    async fn blocked_transition(&self, key: &LiveKey, from: Status, to: Status) -> Option<String> {
        (**self).refuses_move(key, from, to).await
    }

    async fn quota_progress(&self, _key: &LiveKey, survey: &mut LiveSurvey) -> Result<(), String> {
        let read = (**self).quota_progress(survey).await;
        read.map_err(|error| error.to_string())
    }

    async fn group(&self, id: &str) -> Reading<LiveGroup> {
        Self::group(self, id).await
    }

    async fn lexicon(&self, locale: &str) -> Reading<Lexicon> {
        Self::lexicon(self, locale).await
    }

    async fn name_collisions(
        &self,
        holder: Option<&LiveSurvey>,
        known: &Known,
        sought: &[Sought<'_>],
    ) -> Vec<Reading<Vec<String>>> {
        let there = match holder {
            Some(holder) => (**self).groups_of(holder).await,
            None => (**self).inventory().await,
        };
        let there = match there {
            Ok(there) => there,
            Err(error) => return sought.iter().map(|_| error.unknown()).collect(),
        };
        let vendor = self.vendor();
        let look = |sought: &Sought<'_>| {
            let mut ids = BTreeSet::new();
            for entry in &there {
                match entry {
                    Ok(listed) if sought.may_be(vendor, listed) => drop(ids.insert(listed.key.id.clone())),
                    Err(unread) if sought.could_be(vendor, unread, known) => {
                        let why = unread.why.clone();
                        return Reading::Unknown { why };
                    }
                    Ok(_) | Err(_) => {}
                }
            }
            Reading::Present(ids.into_iter().collect())
        };
        sought.iter().map(look).collect()
    }

    async fn preflight_errors(&self, wanted: &SurveySpec) -> Reading<Vec<String>> {
        (**self).objections(wanted).await
    }

    async fn templates(&self) -> Reading<Vec<LiveTemplate>> {
        Self::templates(self).await
    }
}
