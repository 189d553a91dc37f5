//! What a survey will be once edits are done: one statement laid over another, field by field.

use super::diff::{self, Memory, QuotaEdit, SurveyDiff};
use crate::model::shared::{Pooled, Shared};
use crate::model::{Criterion, Field, LiveQuota, LiveSurvey, Quota, SurveySpec, VendorId};
use std::collections::BTreeSet;

/// The fields that are or were managed, as the vendor shows them now. A field that it does not show is as it was applied
/// last.
///
/// This is where the edits of a plan begin. What was applied last is not: an interrupted apply may have written more
/// than it could note down, and what is no longer managed may have been changed since.
pub(super) fn as_found(
    vendor: VendorId,
    applied: &SurveySpec,
    wanted: &SurveySpec,
    live: &LiveSurvey,
) -> SurveySpec {
    let managed = wanted.over(applied);
    let mut found = live
        .spec
        .over(applied)
        .only(&managed.mentioned().collect::<Vec<_>>());
    found.status = applied.status.clone();
    found.qualifications = listed(
        &managed.qualifications,
        qualifications_found(applied, wanted, live),
    );
    found.quotas = listed(&managed.quotas, quotas_found(vendor, applied, wanted, live));
    found
}

/// A list as found, where it is managed; none at all is what a manifest writes as `null`.
fn listed<T>(managed: &Field<Shared<Vec<T>>>, found: Vec<T>) -> Field<Shared<Vec<T>>>
where
    Vec<T>: Pooled,
{
    match managed {
        Field::Absent => Field::Absent,
        Field::Null if found.is_empty() => Field::Null,
        Field::Null | Field::Set(_) => Field::Set(found.into()),
    }
}

fn qualifications_found(applied: &SurveySpec, wanted: &SurveySpec, live: &LiveSurvey) -> Vec<Criterion> {
    let managed: BTreeSet<&str> = [wanted, applied]
        .iter()
        .filter_map(|spec| spec.qualifications.value())
        .flatten()
        .map(|criterion| criterion.question.as_str())
        .collect();
    let mine = |criterion: &&Criterion| managed.contains(criterion.question.as_str());
    let seen = if live.qualifications.is_absent() {
        &applied.qualifications
    } else {
        &live.qualifications
    };
    seen.value().into_iter().flatten().filter(mine).cloned().collect()
}

/// In the order of the manifest; a quota that is stopped and no longer wanted is none of ours any more.
fn quotas_found(
    vendor: VendorId,
    applied: &SurveySpec,
    wanted: &SurveySpec,
    live: &LiveSurvey,
) -> Vec<Quota> {
    let names = |spec: &SurveySpec| -> Vec<String> {
        let quotas = spec.quotas.value().into_iter().flatten();
        quotas.map(|quota| quota.name.clone()).collect()
    };
    let quotas = diff::filled(&live.quotas, &wanted.quotas, Memory::of(vendor, applied));
    let wanted = names(wanted);
    let former: Vec<String> = names(applied)
        .into_iter()
        .filter(|name| !wanted.contains(name))
        .collect();
    let found = |name: &String| quotas.iter().find(|quota| quota.name.as_ref() == Some(name));
    let still_wanted = wanted.iter().filter_map(found);
    let not_stopped = former
        .iter()
        .filter_map(found)
        .filter(|quota| quota.completes > 0);
    let as_quota = |quota: &LiveQuota| Quota {
        name: quota.name.clone().unwrap_or_default(),
        completes: quota.completes,
        criteria: quota.criteria.clone(),
    };
    still_wanted.chain(not_stopped).map(as_quota).collect()
}

/// `base` with only those wanted values that a stage of edits writes.
pub(super) fn advanced(base: &SurveySpec, wanted: &SurveySpec, stage: &SurveyDiff) -> SurveySpec {
    let mut after = base.clone();
    for edit in &stage.fields {
        after.take(&edit.field, wanted);
    }
    if !stage.qualifications.is_empty() {
        after.qualifications = wanted.qualifications.clone();
    }
    if !stage.quotas.is_empty() {
        // Names may change places, so each is looked for under the name it had before the stage.
        let base: &[Quota] = base.quotas.value().map_or(&[], |quotas| quotas);
        let mut quotas = base.to_vec();
        let mut gone = Vec::new();
        for edit in &stage.quotas {
            match edit {
                QuotaEdit::Add(quota) | QuotaEdit::Change { after: quota, .. } => {
                    match base
                        .iter()
                        .position(|q| q.name == edit.renames().unwrap_or(&quota.name))
                    {
                        Some(at) => quotas[at] = quota.clone(),
                        None => quotas.push(quota.clone()),
                    }
                }
                QuotaEdit::Stop { before } => {
                    let stopped = base
                        .iter()
                        .position(|q| Some(q.name.as_str()) == before.name.as_deref());
                    gone.extend(stopped);
                }
            }
        }
        let mut at = 0..;
        quotas.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
        after.quotas = Field::Set(quotas.into());
    }
    after
}
