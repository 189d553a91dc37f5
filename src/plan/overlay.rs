//! What a survey will be once edits are done: one statement laid over another, field by field.

use super::diff::{FieldName, QuotaEdit, SurveyDiff};
use crate::model::{Field, Quota, SurveySpec};

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
        cpi: wanted.cpi.or(base.cpi),
        live_url: wanted.live_url.or(base.live_url),
        test_url: wanted.test_url.or(base.test_url),
        status: wanted.status.or(base.status),
        template: wanted.template.or(base.template),
        qualifications: wanted.qualifications.or(base.qualifications),
        quotas: wanted.quotas.or(base.quotas),
        attributes,
    }
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
            FieldName::Cpi => after.cpi = wanted.cpi.clone(),
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
