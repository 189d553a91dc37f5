//! What infield reads of the vendor's documents, as types. A key that is missing here is let through; numbers may come as
//! texts, and codes as either (vendor wiki 34117092, 33499632).

use crate::marketplace::http::wire::{Code, CountOrText, ExactOrText, Object, WholeOrText};
use crate::model::Field;
use serde::Deserialize;

/// A survey of any endpoint. Its settings are read with the table of settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Survey {
    pub(super) ps_survey_id: Field<Code>,
    pub(super) ps_survey_status: Field<WholeOrText>,
    pub(super) survey_title: Field<String>,
    pub(super) survey_localization: Field<String>,
    pub(super) completes_required: Field<CountOrText>,
    pub(super) expected_ir: Field<ExactOrText>,
    pub(super) expected_loi: Field<ExactOrText>,
    pub(super) field_time: Field<CountOrText>,
    pub(super) offer_price: Field<ExactOrText>,
    pub(super) live_url: Field<String>,
    pub(super) test_url: Field<String>,
    pub(super) template_id: Field<CountOrText>,
    pub(super) quotas: Field<Vec<Object<Quota>>>,
    pub(super) qualifications: Field<Vec<Object<Criterion>>>,
}

/// A quota of a survey.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quota {
    pub(super) buyer_quota_id: Field<Code>,
    pub(super) ps_quota_id: Field<Code>,
    pub(super) required_count: Field<CountOrText>,
    pub(super) criteria: Field<Vec<Object<Criterion>>>,
}

/// A qualification, or a criterion of a quota.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Criterion {
    pub(super) qualification_code: Field<Code>,
    pub(super) range_sets: Field<Vec<Object<RangeSet>>>,
    pub(super) condition_codes: Field<Vec<Code>>,
}

/// A range.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RangeSet {
    pub(super) from: Field<WholeOrText>,
    pub(super) to: Field<WholeOrText>,
    pub(super) units: Field<Code>,
}

/// How fielding goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Performance {
    pub(super) completes_fielded: Field<CountOrText>,
    pub(super) current_overall_incidence: Field<ExactOrText>,
    pub(super) current_overall_loi: Field<ExactOrText>,
    pub(super) current_cost: Field<ExactOrText>,
    pub(super) projected_total_cost: Field<ExactOrText>,
    pub(super) current_cpi: Field<ExactOrText>,
}

/// How one quota goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QuotaProgress {
    pub(super) ps_quota_id: Field<Code>,
    pub(super) buyer_quota_id: Field<Code>,
    pub(super) completes_fielded: Field<CountOrText>,
}

/// An exclusion group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) buyer_surveygroup_ref: Field<String>,
    pub(super) name: Field<String>,
    pub(super) surveys_in_group: Field<Vec<CountOrText>>,
    pub(super) exclusion_period: Field<CountOrText>,
}
