//! What recovery asks a vendor.

use crate::marketplace::shelf::inventory::Made;
use crate::marketplace::{Reader, Sought, VendorError};
use crate::model::marketplace::Recognition;
use crate::model::{Level, LiveGroup, LiveSurvey, Reading};
use jiff::Timestamp;
use std::time::Duration;

/// What recovery asks one vendor. A [`Reader`] asks the vendor itself; tests answer from a list.
pub trait Search: Send + Sync {
    /// How a lost create of something at this level is found.
    fn recognition(&self, level: Level) -> Recognition;

    /// How long something new may be missing from lists.
    fn lists_settle_after(&self) -> Duration;

    /// The vendor's time, where it has told it.
    fn vendor_now(&self) -> Option<Timestamp>;

    /// Every survey of the account made since about then, in any status.
    ///
    /// # Errors
    /// When a page of the list could not be read.
    fn surveys_since(&self, since: Timestamp) -> impl Future<Output = Result<Made, VendorError>> + Send;

    /// What has the same name as each thing sought, in their order.
    fn name_collisions(
        &self,
        sought: &[Sought<'_>],
    ) -> impl Future<Output = Vec<Reading<Vec<LiveSurvey>>>> + Send;

    /// The exclusion group with a reference.
    fn group(&self, reference: &str) -> impl Future<Output = Reading<LiveGroup>> + Send;
}

impl Search for Reader {
    fn recognition(&self, level: Level) -> Recognition {
        Self::recognition(self, level)
    }

    fn lists_settle_after(&self) -> Duration {
        Self::lists_settle_after(self)
    }

    fn vendor_now(&self) -> Option<Timestamp> {
        Self::vendor_now(self)
    }

    async fn surveys_since(&self, since: Timestamp) -> Result<Made, VendorError> {
        (**self).surveys_since(since).await
    }

    async fn name_collisions(&self, sought: &[Sought<'_>]) -> Vec<Reading<Vec<LiveSurvey>>> {
        (**self).twins(sought).await
    }

    async fn group(&self, reference: &str) -> Reading<LiveGroup> {
        Self::group(self, reference).await
    }
}
