//! What surveys have collected, by what their vendors tell.
//!
//! Promises: where a vendor does not tell, what it was told to collect counts, and that is said.

use super::inputs::Inputs;
use crate::model::study::Collected;
use crate::model::{Address, LiveSurvey, Status, SurveySpec};
use std::collections::BTreeMap;

/// What a marketplace has collected.
pub(super) struct SoFar {
    pub(super) collected: Collected,
    /// Whether it says so; otherwise what it may collect counts.
    pub(super) told: bool,
}

/// What surveys that were replaced at an address have collected, and whether all of them say so.
pub(super) fn earlier(inputs: &Inputs<'_>, address: &Address) -> (Collected, bool) {
    let Some(known) = inputs.known.survey(address) else {
        return (Collected::default(), true);
    };
    let former = known
        .former
        .iter()
        .filter_map(|id| inputs.live.former.get(id)?.present());
    former
        .map(collected_by)
        .fold((known.replaced.clone(), true), |(sum, told), one| {
            (sum.and(&one.collected), told && one.told)
        })
}

/// What a survey has collected.
pub(super) fn collected_by(live: &LiveSurvey) -> SoFar {
    collected_as(live, &BTreeMap::new())
}

/// The same, with new names of quotas by the vendor's ids.
pub(super) fn collected_as(live: &LiveSurvey, renamed: &BTreeMap<String, String>) -> SoFar {
    let was_in_field = !matches!(live.status, Some(Status::Draft));
    let told = live.fielded.is_some() || !was_in_field;
    let quotas = live.quotas.iter().filter_map(|quota| {
        let completes = if told { quota.fielded? } else { quota.completes };
        Some((renamed.get(&quota.id).cloned().or(quota.name.clone())?, completes))
    });
    let completes = live.fielded.unwrap_or(if told { 0 } else { goal(&live.spec) });
    let collected = Collected {
        completes,
        quotas: quotas.collect(),
    };
    SoFar { collected, told }
}

/// The goal that a survey is told.
pub(super) fn goal(spec: &SurveySpec) -> u64 {
    spec.completes.value().copied().unwrap_or(0)
}
