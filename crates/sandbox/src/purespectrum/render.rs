//! A survey as the vendor shows it: every key of the current documents' sample (docs
//! first-survey), with the defaults of what nobody set.

use serde_json::{Value, json};

use super::record::{DRAFT, Quota, Survey};
use super::switches;
use super::targeting::{code_of, quota_shown, shown};
use crate::World;
use crate::json::{Fields as _, time};

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
        let field = |name: &str| survey.fields.copy(name);
        let or = |name: &str, default: Value| survey.fields.field(name).cloned().unwrap_or(default);
        let id = survey.id;
        let is_new = survey.status == DRAFT && survey.launched_ms.is_none();
        let link = format!(
            "https://sandbox.invalid/#/start-survey?survey_id={id}&ps_redirect_test=1&bsec=a70mx8&supplier_id=23"
        );
        let mut shown = json!({
            "aida": {"enabled": false, "selected_quota_ids": []},
            "qbp": or("qbp", json!({"enable": false})),
            "qlc": qlc(&field("qlc")),
            "soft_launch": {"enable": false},
            "unique_links": {"enable": false},
            "click_balancing": or("click_balancing", json!(0)),
            "estimated_clicks": or("estimated_clicks", json!(0)),
            "survey_external_id": "",
            "ps_survey_status": survey.status,
            "offer_price": field("offer_price"),
            "incl_excl": or("incl_excl", json!(0)),
            "quota_throttling": or("quota_throttling", json!(false)),
            "url_transform": false,
            "subscriber_emails": or("subscriber_emails", json!([])),
            "survey_title": field("survey_title"),
            "survey_category_code": field("survey_category_code"),
            "completes_required": field("completes_required"),
            "field_time": field("field_time"),
            "buyer_message": field("buyer_message"),
            "is_modular_survey": false,
            "live_url": field("live_url"),
            "billing_id": or("billing_id", json!(format!("PS{id}"))),
            "test_url": field("test_url"),
            "expected_loi": field("expected_loi"),
            "expected_ir": field("expected_ir"),
            "ps_survey_id": id,
            "buyer_surveygroup_ref": field("buyer_surveygroup_ref"),
            "buyer_surveygroup_refs": or("buyer_surveygroup_refs", json!([])),
            "test_ps_survey_entry_link": link,
            "survey_localization": field("survey_localization"),
            "uniqueLinks": false,
            "quotas": self.quotas(survey),
            "qualifications": self.qualifications(survey),
            "is_feot_enabled": or("is_feot_enabled", json!(false)),
            "survey_grouping": if is_new { json!([]) } else { json!([id]) },
            "blend_id": field("blend_id"),
            "schedule_launch": {"enable": false, "info": {
                "date": null, "hours": null, "minutes": null, "timezone": null, "dateTimeInISO": null,
            }},
            "price_reco": false,
            "project_creation_date": time(survey.created_ms),
            "project_last_complete_date": survey.last_complete_ms.map(time),
        });
        if !self.targeting
            && let Some(shown) = shown.as_object_mut()
        {
            shown.retain(|key, _| key != "quotas" && key != "qualifications");
        }
        // Vendor wiki 2739568674; that a draft has none and a resume moves it is assumed.
        if let Some(launched) = survey.launched_ms {
            shown["launch_date"] = json!(launched);
        }
        if let Some(template) = survey.template_id {
            shown["template_id"] = json!(template);
        }
        for (name, is_shown) in [("external_project_id", self.external_id), ("is_dq_enable", true)] {
            if is_shown && let Some(value) = survey.fields.get(name) {
                shown[name] = value.clone();
            }
        }
        shown
    }

    fn quotas(self, survey: &Survey) -> Value {
        let shown = |quota: &Quota| {
            let mut shown = quota_shown(quota, self.shuffled);
            if self.string_ranges {
                write_ranges_as_digits(&mut shown);
            }
            shown
        };
        survey.quotas.iter().map(shown).collect()
    }

    /// The order of qualifications is not kept either (vendor wiki 33499632).
    fn qualifications(self, survey: &Survey) -> Value {
        let mut ordered: Vec<&Value> = survey.qualifications.iter().collect();
        if self.shuffled {
            ordered.sort_by_key(|qualification| code_of(qualification));
        }
        ordered
            .into_iter()
            .map(|item| shown(item, self.shuffled))
            .collect()
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

fn qlc(given: &Value) -> Value {
    json!({
        "enable": given["enable"] == true,
        "multiple_quotas": {
            "enable": given["multiple_quotas"]["enable"] == true,
            "count_by_quota": false, "compensate_by_quota": false,
        },
    })
}
