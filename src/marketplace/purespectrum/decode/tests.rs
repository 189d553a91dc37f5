//! What answers say, and what answers that cannot be read do not.

use super::*;
use rust_decimal::Decimal;
use serde_json::json;

#[test]
fn numbers_written_as_texts_and_reordered_codes_read_the_same() {
    let one = json!({"ps_survey_id": 1, "ps_survey_status": 22, "quotas": [
        {"buyer_quota_id": "a", "ps_quota_id": "x", "required_count": 5,
         "criteria": [{"qualification_code": 212, "range_sets": [{"from": "21", "to": "25", "units": 311}]},
                      {"qualification_code": 211, "condition_codes": ["112", "111"]}]}]});
    let two = json!({"ps_survey_id": "1", "ps_survey_status": "22", "quotas": [
        {"buyer_quota_id": "a", "ps_quota_id": "x", "required_count": "5",
         "criteria": [{"qualification_code": "211", "condition_codes": ["111", "112"]},
                      {"qualification_code": 212, "range_sets": [{"to": 25, "from": 21, "units": 311}]}]}]});
    let (one, two) = (survey(&one).unwrap(), survey(&two).unwrap());
    assert_eq!(one.quotas, two.quotas);
    assert_eq!((one.id, one.status), (two.id, two.status));
}

#[test]
fn states_lose_their_zero_and_zip_codes_keep_it() {
    let read = |question: u64| {
        let document = json!({"qualification_code": question, "condition_codes": ["06"]});
        criterion(&typed(&document, "").unwrap(), "").unwrap().answers
    };
    assert_eq!(read(225), Answers::codes(["6"]));
    assert_eq!(read(229), Answers::codes(["06"]));
}

#[test]
fn what_nobody_was_asked_yet_is_not_known() {
    let survey = json!({"launch_date": 1_700_000_000_000_i64});
    let shown = |completes: u64| {
        json!({"completes_fielded": completes, "current_overall_incidence": 50, "current_overall_loi": 5,
               "current_cost": "0.00", "projected_total_cost": "1500.00", "current_cpi": "3.75"})
    };
    let (_, before) = performance(&shown(0), &survey).unwrap();
    assert_eq!((before.incidence_rate, before.length_of_interview), (None, None));
    assert_eq!(before.cost.unwrap().to_string(), "0.00 USD");
    assert_eq!(before.projected_cost.unwrap().to_string(), "1500.00 USD");
    assert_eq!(before.started.unwrap().as_second(), 1_700_000_000);
    let (_, after) = performance(&shown(1), &json!({"launch_date": null})).unwrap();
    assert_eq!(after.incidence_rate, Some(Decimal::from(50)));
    assert_eq!(after.started, None);
    let nothing_else = performance(&json!({"completes_fielded": 0}), &json!({})).unwrap();
    assert_eq!(nothing_else, (0, Performance::default()));
    let path = |wrong: Value| performance(&wrong, &json!({})).unwrap_err().path;
    assert_eq!(path(json!({})), "/completes_fielded");
    assert_eq!(
        path(json!({"completes_fielded": 0, "current_cpi": "free"})),
        "/current_cpi"
    );
}

#[test]
fn a_missing_key_is_not_an_empty_value() {
    let live = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 11, "offer_price": null})).unwrap();
    assert_eq!(live.spec.cpi, Field::Null);
    assert_eq!(live.spec.title, Field::Absent);
    assert_eq!(live.fielded, Some(0), "a draft has asked nobody");
}

#[test]
fn what_decides_about_money_is_never_guessed() {
    let error = survey(&json!({"ps_survey_id": 1})).unwrap_err();
    assert_eq!(error.path, "/ps_survey_status");
    let error = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 22, "completes_required": "many"}))
        .unwrap_err();
    assert_eq!(error.path, "/completes_required");
    let live = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 55})).unwrap();
    assert_eq!((live.status, live.status_text.as_str()), (None, "code 55"));
}

fn leaves(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| leaves(value, &format!("{at}/{key}")))
            .collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(index, value)| leaves(value, &format!("{at}/{index}")))
                .collect()
        }
        _ => vec![at.to_owned()],
    }
}

/// Every leaf of a whole answer made wrong in turn: an error with its place, or read as it is shown.
#[test]
fn a_leaf_of_a_wrong_type_is_never_taken_for_one_that_is_not_shown() {
    let whole = json!({
        "ps_survey_id": 1, "ps_survey_status": 22, "survey_title": "Lift", "survey_localization": "en_US",
        "completes_required": 100, "expected_ir": 50, "expected_loi": 5, "field_time": 7, "offer_price": 2.5,
        "live_url": "https://a.example", "test_url": "https://b.example", "template_id": 4,
        "click_balancing": 1, "incl_excl": 0, "is_feot_enabled": false, "qlc": {"enable": true},
        "quotas": [{"buyer_quota_id": "a", "ps_quota_id": "x", "required_count": 5,
            "criteria": [{"qualification_code": 212, "range_sets": [{"from": 21, "to": 25, "units": 311}]},
                         {"qualification_code": 211, "condition_codes": ["112", "111"]}]}],
        "qualifications": [{"qualification_code": 211, "condition_codes": ["112", "111"]}],
        "later": {"than": "this"},
    });
    let good = survey(&whole).unwrap();
    let all = leaves(&whole, "");
    assert!(all.len() > 28, "{all:?}");
    for leaf in all {
        let is_code = ["_code", "_id", "units", "_codes/0", "_codes/1"]
            .iter()
            .any(|end| leaf.ends_with(end))
            && leaf != "/template_id";
        for wrong in [
            json!({"total": 9000}),
            json!([9000]),
            json!("sixty"),
            json!(-7.5),
            json!(true),
        ] {
            let before = whole.pointer(&leaf).unwrap();
            let same = (before.is_string() && wrong.is_string())
                || (before.is_number() && wrong.is_number())
                || (before.is_boolean() && wrong.is_boolean())
                // A code may be either, and a flag too.
                || (is_code && wrong == "sixty")
                || (["/click_balancing", "/incl_excl"].contains(&leaf.as_str()) && wrong == true);
            if same {
                continue;
            }
            let mut changed = whole.clone();
            *changed.pointer_mut(&leaf).unwrap() = wrong.clone();
            match survey(&changed) {
                Err(error) => assert!(
                    leaf.starts_with(&error.path) || error.path.starts_with(&leaf),
                    "{leaf}: {}",
                    error.path
                ),
                Ok(live) => {
                    assert_eq!(leaf, "/later/than", "{wrong} was taken");
                    let kept = good.kept.clone();
                    assert_eq!(LiveSurvey { kept, ..live }, good);
                }
            }
        }
    }
    for count in [
        "/completes_required",
        "/quotas/0/required_count",
        "/ps_survey_status",
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(count).unwrap() = json!(-7.5);
        assert_eq!(survey(&changed).unwrap_err().path, count);
    }
}
