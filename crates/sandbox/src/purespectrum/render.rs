//! A survey as the vendor shows it: every key of the current documents' sample (docs
//! first-survey), with the defaults of what nobody set.

use super::prelude::*;
use super::targeting::quota_shown;

/// Every key, with what a survey shows of which nobody said anything.
static SAMPLE: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("survey.json")).expect("compiled in"));

/// The survey as shown, as the sandbox's switches say; without qualifications and quotas unless `targeting` wants them
/// (vendor wiki 702185614).
pub(super) fn survey(world: &World, survey: &Survey, targeting: bool) -> Value {
    let shuffled = world.is_on(switches::SHUFFLE);
    let quota = |quota: &Quota| {
        let mut shown = quota_shown(quota, shuffled);
        if world.is_on(switches::STRING_RANGES) {
            write_ranges_as_digits(&mut shown);
        }
        shown
    };
    let id = survey.id;
    let mut shown = SAMPLE.clone();
    for (name, value) in &mut shown {
        if let Some(own) = survey.fields.field(name) {
            value.clone_from(own);
        }
    }
    let mut shown = Value::Object(shown);
    shown["qlc"] = SAMPLE["qlc"].clone();
    shown["qlc"]["enable"] = json!(survey.has_qlc());
    let multiple = survey.fields.copy("qlc")["multiple_quotas"]["enable"] == true;
    shown["qlc"]["multiple_quotas"]["enable"] = json!(multiple);
    shown["ps_survey_id"] = json!(id);
    shown["ps_survey_status"] = json!(survey.status);
    if shown["billing_id"].is_null() {
        shown["billing_id"] = json!(format!("PS{id}"));
    }
    shown["test_ps_survey_entry_link"] = json!(format!(
        "https://sandbox.invalid/#/start-survey?survey_id={id}&ps_redirect_test=1&bsec=a70mx8&supplier_id=23"
    ));
    if targeting {
        shown["quotas"] = survey.quotas.iter().map(quota).collect();
        shown["qualifications"] = qualifications(survey, shuffled);
    } else if let Some(shown) = shown.as_object_mut() {
        shown.retain(|key, _| key != "quotas" && key != "qualifications");
    }
    if survey.status != DRAFT || survey.launched_ms.is_some() {
        shown["survey_grouping"] = json!([id]);
    }
    shown["project_creation_date"] = json!(time(survey.created_ms));
    shown["project_last_complete_date"] = json!(survey.last_complete_ms.map(time));
    // Vendor wiki 2739568674; that a draft has none and a resume moves it is assumed.
    shown.put_some("launch_date", survey.launched_ms);
    shown.put_some("template_id", survey.template_id);
    let external_id = world.is_on(switches::ECHO_EXTERNAL_PROJECT_ID);
    for (name, is_shown) in [("external_project_id", external_id), ("is_dq_enable", true)] {
        if is_shown && let Some(value) = survey.fields.get(name) {
            shown[name] = value.clone();
        }
    }
    shown
}

/// The order of qualifications is not kept either (vendor wiki 33499632).
fn qualifications(survey: &Survey, shuffled: bool) -> Value {
    let mut ordered = survey.qualifications.clone();
    if shuffled {
        ordered.sort_by_key(|qualification| qualification.code);
    }
    ordered.iter().map(|item| item.shown(shuffled)).collect()
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
