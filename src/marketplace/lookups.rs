//! Lists that can be told without an account, by the marketplace's id.

use super::registry;
use super::shelf::lists::{List, Topic};
use crate::model::{Reading, VendorId};

/// Whether a list differs by locale and cannot be read without one.
pub fn needs_locale(vendor: VendorId, topic: Topic) -> bool {
    registry::of(vendor)
        .lists()
        .is_some_and(|lists| lists.needs_locale(topic))
}

/// What can be said without asking the vendor: lists that infield has itself, and lists that the vendor does not have.
pub fn without_asking(vendor: VendorId, topic: Topic, locale: Option<&str>) -> Option<Reading<List>> {
    match registry::of(vendor).lists() {
        Some(lists) => lists.without_asking(topic, locale),
        None => Some(Reading::Absent {
            proof: format!("infield knows no list of {} at {}", topic.noun(), vendor.name()),
        }),
    }
}

/// Whether the vendor can be asked for a list that infield has itself.
pub fn has_its_own(vendor: VendorId, topic: Topic) -> bool {
    registry::of(vendor)
        .lists()
        .is_some_and(|lists| lists.has_its_own(topic))
}

/// The kinds of lists there are at a vendor, or about it.
pub fn there_are(vendor: VendorId) -> Vec<&'static str> {
    let there = |topic: &Topic| !matches!(without_asking(vendor, *topic, None), Some(Reading::Absent { .. }));
    Topic::ALL.into_iter().filter(there).map(Topic::word).collect()
}
