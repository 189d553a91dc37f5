//! A survey as the vendor shows it: every key of the current documents' sample (docs
//! first-survey), with the defaults of what nobody set.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::record::{DRAFT, Survey};
use super::switches;
use super::targeting::{code_of, quota_shown, shown};
use crate::World;

/// How much to show, and in which manner.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    targeting: bool,
    shuffled: bool,
    external_id: bool,
    string_ranges: bool,
}

impl View {
    /// Shows everything, as the sandbox's switches say.
    pub(super) fn new(world: &World) -> Self {
        Self {
            targeting: true,
            shuffled: world.is_on(switches::SHUFFLE),
            external_id: world.is_on(switches::ECHO_EXTERNAL_PROJECT_ID),
            string_ranges: world.is_on(switches::STRING_RANGES),
        }
    }

    /// Leaves out qualifications and quotas when `targeting` is false (vendor wiki 702185614).
    pub(super) fn with_targeting(self, targeting: bool) -> Self {
        Self { targeting, ..self }
    }

    /// Returns whether codes come in another order than sent.
    pub(super) fn is_shuffled(self) -> bool {
        self.shuffled
    }

    /// Returns the survey as shown.
    pub(super) fn survey(self, survey: &Survey) -> Value {
        let field = |name: &str| survey.fields.get(name).cloned().unwrap_or(Value::Null);
        let or = |name: &str, default: Value| match survey.fields.get(name) {
            Some(value) if !value.is_null() => value.clone(),
            _ => default,
        };
        let id = survey.id;
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| {
            shown.insert(name.to_owned(), value);
        };
        put("aida", json!({"enabled": false, "selected_quota_ids": []}));
        put("qbp", or("qbp", json!({"enable": false})));
        put("qlc", qlc(survey.fields.get("qlc")));
        put("soft_launch", json!({"enable": false}));
        put("unique_links", json!({"enable": false}));
        put("click_balancing", or("click_balancing", json!(0)));
        put("estimated_clicks", or("estimated_clicks", json!(0)));
        put("survey_external_id", json!(""));
        put("ps_survey_status", json!(survey.status));
        put("offer_price", field("offer_price"));
        put("incl_excl", or("incl_excl", json!(0)));
        put("quota_throttling", or("quota_throttling", json!(false)));
        put("url_transform", json!(false));
        put("subscriber_emails", or("subscriber_emails", json!([])));
        for name in [
            "survey_title",
            "survey_category_code",
            "completes_required",
            "field_time",
            "buyer_message",
        ] {
            put(name, field(name));
        }
        put("is_modular_survey", json!(false));
        put("live_url", field("live_url"));
        put("billing_id", or("billing_id", json!(format!("PS{id}"))));
        for name in ["test_url", "expected_loi", "expected_ir"] {
            put(name, field(name));
        }
        put("ps_survey_id", json!(id));
        put("buyer_surveygroup_ref", field("buyer_surveygroup_ref"));
        put("buyer_surveygroup_refs", or("buyer_surveygroup_refs", json!([])));
        put("test_ps_survey_entry_link", json!(entry_link(id)));
        put("survey_localization", field("survey_localization"));
        put("uniqueLinks", json!(false));
        if self.targeting {
            put("quotas", self.quotas(survey));
            put("qualifications", self.qualifications(survey));
        }
        put("is_feot_enabled", or("is_feot_enabled", json!(false)));
        let grouping = if survey.status == DRAFT && survey.launched_ms.is_none() {
            json!([])
        } else {
            json!([id])
        };
        put("survey_grouping", grouping);
        put("blend_id", field("blend_id"));
        let info = json!({"date": null, "hours": null, "minutes": null, "timezone": null,
            "dateTimeInISO": null});
        put("schedule_launch", json!({"enable": false, "info": info}));
        put("price_reco", json!(false));
        put("project_creation_date", time(Some(survey.created_ms)));
        put("project_last_complete_date", time(survey.last_complete_ms));
        // Vendor wiki 2739568674; that a draft has none and a resume moves it is assumed.
        if let Some(launched) = survey.launched_ms {
            put("launch_date", json!(launched));
        }
        if let Some(template) = survey.template_id {
            put("template_id", json!(template));
        }
        if self.external_id && survey.fields.contains_key("external_project_id") {
            put("external_project_id", field("external_project_id"));
        }
        if survey.fields.contains_key("is_dq_enable") {
            put("is_dq_enable", field("is_dq_enable"));
        }
        Value::Object(shown)
    }

    fn quotas(self, survey: &Survey) -> Value {
        let quotas = survey.quotas.iter();
        quotas
            .map(|quota| {
                let mut shown = quota_shown(quota, self.shuffled);
                if self.string_ranges {
                    write_ranges_as_digits(&mut shown);
                }
                shown
            })
            .collect()
    }

    /// The order of qualifications is not kept either (vendor wiki 33499632).
    fn qualifications(self, survey: &Survey) -> Value {
        let mut ordered: Vec<&Value> = survey.qualifications.iter().collect();
        if self.shuffled {
            ordered.sort_by_key(|qualification| code_of(qualification));
        }
        let ordered = ordered.into_iter();
        ordered.map(|item| shown(item, self.shuffled)).collect()
    }
}

/// The vendor was seen to answer ends of quotas' ranges as strings (vendor wiki 34117092).
fn write_ranges_as_digits(quota: &mut Value) {
    let criteria = quota["criteria"].as_array_mut().into_iter().flatten();
    for criterion in criteria {
        let Some(Value::Array(sets)) = criterion.get_mut("range_sets") else {
            continue;
        };
        for set in sets {
            for end in ["from", "to"] {
                set[end] = json!(set[end].to_string());
            }
        }
    }
}

fn qlc(given: Option<&Value>) -> Value {
    let is_on = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(true);
    let multiple = given.and_then(|qlc| qlc.get("multiple_quotas"));
    json!({
        "enable": is_on(given.and_then(|qlc| qlc.get("enable"))),
        "multiple_quotas": {
            "enable": is_on(multiple.and_then(|multiple| multiple.get("enable"))),
            "count_by_quota": false,
            "compensate_by_quota": false,
        },
    })
}

fn entry_link(id: u64) -> String {
    format!(
        "https://sandbox.invalid/#/start-survey?survey_id={id}&ps_redirect_test=1&bsec=a70mx8&supplier_id=23"
    )
}

/// Shows a time as the vendor does, in UTC with milliseconds.
fn time(ms: Option<i64>) -> Value {
    let at = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or(Value::Null, |at| json!(format!("{at:.3}")))
}
