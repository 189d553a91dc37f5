//! What infield reads of the vendor's documents, as types. A key that is missing here is let through; numbers may come as
//! texts, and codes as either (vendor wiki 34117092, 33499632).

use crate::marketplace::http::wire::{
    AmountOrText, Code, CountOrText, ExactOrText, Flag, Object, WholeOrText, or_blank,
};
use crate::model::Field;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    pub(super) offer_price: Field<AmountOrText>,
    pub(super) live_url: Field<String>,
    pub(super) test_url: Field<String>,
    /// Two shapes are documented (vendor samples of a survey; vendor docs update-survey PATCH).
    pub(super) test_ps_survey_entry_link: Value,
    pub(super) template_id: Field<CountOrText>,
    pub(super) quotas: Field<Vec<Object<Quota>>>,
    pub(super) qualifications: Field<Vec<Object<Criterion>>>,
}

/// What is kept of a survey, word for word as it was shown: what a PUT hands back (vendor docs update-survey PUT), and when
/// it was launched and last completed. `template_id` is left out on purpose: a survey takes one only once. `incl_excl` is
/// in the vendor's schema and immutable by its own rule (wiki 107839551).
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    survey_title: Value,
    survey_category_code: Value,
    survey_localization: Value,
    completes_required: Value,
    offer_price: Value,
    quota_throttling: Value,
    click_balancing: Value,
    expected_ir: Value,
    expected_loi: Value,
    live_url: Value,
    test_url: Value,
    feasibility_exclusions: Value,
    subscriber_emails: Value,
    field_time: Value,
    global_flexibility: Value,
    buyer_message: Value,
    billing_id: Value,
    mc_unique_id: Value,
    external_project_id: Value,
    qbp: Value,
    qlc: Value,
    is_feot_enabled: Value,
    feot: Value,
    buyer_surveygroup_ref: Value,
    buyer_surveygroup_refs: Value,
    /// Epoch milliseconds (vendor wiki 2739568674).
    pub(super) launch_date: Value,
    /// ISO 8601, or null before the first (sample of a survey in vendor docs first-survey).
    pub(super) project_last_complete_date: Value,
    /// References of groups of suppliers by their names, from another document than the survey's.
    pub(super) supplier_groups: Value,
}

impl Kept {
    /// The body of a PUT that changes nothing.
    pub(super) fn into_body(mut self) -> Map<String, Value> {
        (self.launch_date, self.project_last_complete_date) = (Value::Null, Value::Null);
        self.supplier_groups = Value::Null;
        let shown = serde_json::to_value(self).unwrap_or_default();
        let shown = shown.as_object().cloned().unwrap_or_default();
        shown.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

/// When a survey was made: ISO 8601 in newer answers, epoch milliseconds in older ones (vendor samples of both).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Made {
    pub(super) project_creation_date: Value,
    pub(super) crtd_on: Value,
}

/// Whether completes have to name their quotas, as a survey shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Allocating {
    pub(super) survey: Field<Box<Object<Allocating>>>,
    pub(super) qlc: Field<Object<Switch>>,
}

/// Something that is on or off.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Switch {
    pub(super) enable: Field<Flag>,
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
    pub(super) qualification_code: Field<CountOrText>,
    pub(super) range_sets: Field<Vec<Object<RangeSet>>>,
    pub(super) condition_codes: Field<Vec<Code>>,
}

/// A range.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RangeSet {
    pub(super) from: Field<WholeOrText>,
    pub(super) to: Field<WholeOrText>,
    pub(super) units: Field<CountOrText>,
}

/// How fielding goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Performance {
    pub(super) completes_fielded: Field<CountOrText>,
    pub(super) over_quota_count: Field<CountOrText>,
    pub(super) drop_off_count: Field<CountOrText>,
    pub(super) quality_termination_count: Field<CountOrText>,
    pub(super) termination_count: Field<CountOrText>,
    pub(super) current_overall_incidence: Field<ExactOrText>,
    pub(super) current_overall_loi: Field<ExactOrText>,
    pub(super) current_cost: Field<AmountOrText>,
    pub(super) projected_total_cost: Field<AmountOrText>,
    pub(super) current_cpi: Field<AmountOrText>,
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

/// A folder of templates.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Folder {
    /// For people alone.
    pub(super) folder: Value,
    pub(super) templates: Field<Vec<Object<Named>>>,
}

/// What one supplier of a survey, or several together, get for a complete, and how many they may bring (vendor wiki
/// 855638135).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SupplierGroup {
    pub(super) completes_goal: Field<CountOrText>,
    pub(super) cpi: Field<AmountOrText>,
    pub(super) group_name: Field<String>,
    pub(super) group_ref: Field<Code>,
    pub(super) suppliers: Field<Vec<Object<Named>>>,
}

/// Something with a number and a name: a template, a supplier.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) id: Field<CountOrText>,
    pub(super) name: Field<String>,
    /// For people alone.
    pub(super) title: Value,
}

/// Estimates for a survey that does not exist yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Feasibility {
    pub(super) total_feasibility: Field<CountOrText>,
    pub(super) recommended_cpi: Field<AmountOrText>,
    pub(super) difficult_quotas: Field<Vec<Code>>,
}

/// A transaction (`buyers/v3`, vendor wiki 3199139844). Its keys have blanks in them, and what it does not know is the empty
/// text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction {
    #[serde(rename = "Transaction ID")]
    pub(super) id: Field<Code>,
    #[serde(rename = "Survey ID")]
    pub(super) survey: Field<Code>,
    #[serde(rename = "Parent ID")]
    pub(super) parent: Field<Code>,
    #[serde(rename = "Respondent Status Code")]
    pub(super) status: Field<WholeOrText>,
    #[serde(rename = "Respondent Status Description")]
    pub(super) description: Field<String>,
    #[serde(rename = "Respondent Buyer CPI", deserialize_with = "or_blank")]
    pub(super) paid: Field<AmountOrText>,
    #[serde(rename = "Expected Buyer CPI", deserialize_with = "or_blank")]
    pub(super) expected: Field<AmountOrText>,
}
