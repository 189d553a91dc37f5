//! What a survey will be once edits are done: one statement laid over another, field by field.

use super::diff::{self, FieldName, Memory, QuotaEdit, SurveyDiff};
use crate::model::{Criterion, Field, LiveQuota, LiveSurvey, Quota, SurveySpec, VendorId};
use std::collections::BTreeSet;

/// `base` with everything that `wanted` mentions.
pub(super) fn merged(base: &SurveySpec, wanted: &SurveySpec) -> SurveySpec {
    let wanted = wanted.clone();
    let base = base.clone();
    let mut attributes = base.attributes;
    attributes.extend(wanted.attributes);
    SurveySpec {
        title: wanted.title.or(base.title),
        locale: wanted.locale.or(base.locale),
        completes: wanted.completes.or(base.completes),
        incidence_rate: wanted.incidence_rate.or(base.incidence_rate),
        length_of_interview: wanted.length_of_interview.or(base.length_of_interview),
        field_days: wanted.field_days.or(base.field_days),
        start: wanted.start.or(base.start),
        end: wanted.end.or(base.end),
        cpi: wanted.cpi.or(base.cpi),
        max_cpi: wanted.max_cpi.or(base.max_cpi),
        live_url: wanted.live_url.or(base.live_url),
        test_url: wanted.test_url.or(base.test_url),
        status: wanted.status.or(base.status),
        template: wanted.template.or(base.template),
        qualifications: wanted.qualifications.or(base.qualifications),
        quotas: wanted.quotas.or(base.quotas),
        attributes,
    }
}

/// Everything that is or was managed, as it is at the vendor now; what the vendor does not show, as it was applied last.
///
/// This is where the edits of a plan begin. What was applied last is not: an interrupted apply may have written more
/// than it could note down, and what is no longer managed may have been changed since.
pub(super) fn as_found(
    vendor: VendorId,
    applied: &SurveySpec,
    wanted: &SurveySpec,
    live: &LiveSurvey,
) -> SurveySpec {
    let managed = merged(applied, wanted);
    let seen = merged(applied, &live.spec);
    SurveySpec {
        title: kept(&managed.title, seen.title),
        locale: kept(&managed.locale, seen.locale),
        completes: kept(&managed.completes, seen.completes),
        incidence_rate: kept(&managed.incidence_rate, seen.incidence_rate),
        length_of_interview: kept(&managed.length_of_interview, seen.length_of_interview),
        field_days: kept(&managed.field_days, seen.field_days),
        start: kept(&managed.start, seen.start),
        end: kept(&managed.end, seen.end),
        cpi: kept(&managed.cpi, seen.cpi),
        max_cpi: kept(&managed.max_cpi, seen.max_cpi),
        live_url: kept(&managed.live_url, seen.live_url),
        test_url: kept(&managed.test_url, seen.test_url),
        status: applied.status.clone(),
        template: kept(&managed.template, seen.template),
        qualifications: kept(
            &managed.qualifications,
            listed(
                &managed.qualifications,
                qualifications_found(applied, wanted, live),
            ),
        ),
        quotas: kept(
            &managed.quotas,
            listed(&managed.quotas, quotas_found(vendor, applied, wanted, live)),
        ),
        attributes: seen
            .attributes
            .into_iter()
            .filter(|(name, _)| managed.attributes.contains_key(name))
            .collect(),
    }
}

/// What was seen of a field that is managed.
pub(super) fn kept<T>(managed: &Field<T>, seen: Field<T>) -> Field<T> {
    if managed.is_absent() { Field::Absent } else { seen }
}

/// A list as found; none at all is what a manifest writes as `null`.
fn listed<T>(managed: &Field<Vec<T>>, found: Vec<T>) -> Field<Vec<T>> {
    match managed {
        Field::Null if found.is_empty() => Field::Null,
        _ => Field::Set(found),
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
        match &edit.field {
            FieldName::Title => after.title = wanted.title.clone(),
            FieldName::Locale => after.locale = wanted.locale.clone(),
            FieldName::Completes => after.completes = wanted.completes.clone(),
            FieldName::IncidenceRate => after.incidence_rate = wanted.incidence_rate.clone(),
            FieldName::LengthOfInterview => after.length_of_interview = wanted.length_of_interview.clone(),
            FieldName::FieldDays => after.field_days = wanted.field_days.clone(),
            FieldName::Start => after.start = wanted.start.clone(),
            FieldName::End => after.end = wanted.end.clone(),
            FieldName::Cpi => after.cpi = wanted.cpi.clone(),
            FieldName::MaxCpi => after.max_cpi = wanted.max_cpi.clone(),
            FieldName::LiveUrl => after.live_url = wanted.live_url.clone(),
            FieldName::TestUrl => after.test_url = wanted.test_url.clone(),
            FieldName::Qualifications | FieldName::QuotaCriteria => {}
            FieldName::Attribute(name) => {
                if let Some(value) = wanted.attributes.get(name) {
                    after.attributes.insert(name.clone(), value.clone());
                }
            }
        }
    }
    if !stage.qualifications.is_empty() {
        after.qualifications = wanted.qualifications.clone();
    }
    if !stage.quotas.is_empty() {
        let mut quotas: Vec<Quota> = match after.quotas {
            Field::Set(quotas) => quotas,
            Field::Absent | Field::Null => Vec::new(),
        };
        for edit in &stage.quotas {
            match edit {
                QuotaEdit::Add(quota) | QuotaEdit::Change { after: quota, .. } => {
                    match quotas.iter_mut().find(|q| q.name == quota.name) {
                        Some(existing) => *existing = quota.clone(),
                        None => quotas.push(quota.clone()),
                    }
                }
                QuotaEdit::Stop { before } => {
                    quotas.retain(|q| Some(q.name.as_str()) != before.name.as_deref());
                }
            }
        }
        after.quotas = Field::Set(quotas);
    }
    after
}
