//! What answers say, and what answers that cannot be read do not.

use super::*;
use crate::marketplace::http::wire::tests::{leaves, refuses_what_is_wrong, wrongs};
use crate::marketplace::purespectrum::suppliers;
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
    let (one, two) = (survey(&one, "").unwrap(), survey(&two, "").unwrap());
    assert_eq!(one.quotas, two.quotas);
    assert_eq!((one.id, one.status), (two.id, two.status));
}

#[test]
fn states_lose_their_zero_and_zip_codes_keep_it() {
    let read = |question: u64| {
        let document = json!({"qualification_code": question, "condition_codes": ["06"]});
        criterion(&typed(&document, "").unwrap()).unwrap().answers
    };
    assert_eq!(read(225), Answers::codes(["6"]));
    assert_eq!(read(229), Answers::codes(["06"]));
}

#[test]
fn what_nobody_was_asked_yet_is_not_known() {
    let kept = |launched: Value| serde_json::from_value::<Kept>(json!({"launch_date": launched})).unwrap();
    let launched = kept(json!(1_700_000_000_000_i64));
    let shown = |completes: u64| {
        json!({"completes_fielded": completes, "current_overall_incidence": 50, "current_overall_loi": 5,
               "current_cost": "0.00", "projected_total_cost": "1500.00", "current_cpi": "3.75"})
    };
    let (_, before) = performance(&shown(0), &launched).unwrap();
    assert_eq!((before.incidence_rate, before.length_of_interview), (None, None));
    assert_eq!(before.cost.unwrap().to_string(), "0.00 USD");
    assert_eq!(before.projected_cost.unwrap().to_string(), "1500.00 USD");
    assert_eq!(before.started.unwrap().as_second(), 1_700_000_000);
    let (_, after) = performance(&shown(1), &kept(Value::Null)).unwrap();
    assert_eq!(after.incidence_rate, Some(Decimal::from(50)));
    assert_eq!(after.started, None);
    let nothing_else = performance(&json!({"completes_fielded": 0}), &Kept::default()).unwrap();
    assert_eq!(nothing_else, (0, Performance::default()));
    let path = |wrong: Value| performance(&wrong, &Kept::default()).unwrap_err().path;
    assert_eq!(path(json!({})), "/completes_fielded");
    assert_eq!(
        path(json!({"completes_fielded": 0, "current_cpi": "free"})),
        "/current_cpi"
    );
}

#[test]
fn who_left_and_who_was_sent_away_are_shares_of_all_who_began() {
    let counts = |completes: u64, dropped: u64, poor: u64| {
        json!({"completes_fielded": completes, "over_quota_count": 0, "drop_off_count": dropped,
               "quality_termination_count": poor, "termination_count": 5})
    };
    let shares = |shown: &Value| {
        let (_, told) = performance(shown, &Kept::default()).unwrap();
        [told.drop_off, told.quality_terminations]
            .map(|share| share.map(|share| share.normalize().to_string()))
    };
    let some = |share: &str| Some(share.to_owned());
    assert_eq!(shares(&counts(20, 20, 5)), [some("40"), some("10")]);
    assert_eq!(shares(&counts(20, 0, 0)), [some("0"), some("0")]);
    // Nobody began, or nobody says how many did.
    let mut nobody = counts(0, 0, 0);
    nobody["termination_count"] = json!(0);
    assert_eq!(shares(&nobody), [None, None]);
    nobody = counts(20, 20, 5);
    nobody["termination_count"] = Value::Null;
    assert_eq!(shares(&nobody), [None, None]);
}

#[test]
fn a_missing_key_is_not_an_empty_value() {
    let live = survey(
        &json!({"ps_survey_id": 1, "ps_survey_status": 11, "offer_price": null}),
        "",
    )
    .unwrap();
    assert_eq!(live.spec.cpi, Field::Null);
    assert_eq!(live.spec.title, Field::Absent);
    assert_eq!(live.fielded, Some(0), "a draft has asked nobody");
}

#[test]
fn what_decides_about_money_is_never_guessed() {
    let error = survey(&json!({"ps_survey_id": 1}), "").unwrap_err();
    assert_eq!(error.path, "/ps_survey_status");
    let error = survey(
        &json!({"ps_survey_id": 1, "ps_survey_status": 22, "completes_required": "many"}),
        "",
    )
    .unwrap_err();
    assert_eq!(error.path, "/completes_required");
    let live = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 55}), "").unwrap();
    assert_eq!((live.status, live.status_text.as_str()), (None, "code 55"));
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
    let good = survey(&whole, "").unwrap();
    let all = leaves(&whole, "");
    assert!(all.len() > 28, "{all:?}");
    for leaf in all {
        let is_code = ["_code", "_id", "units", "_codes/0", "_codes/1"]
            .iter()
            .any(|end| leaf.ends_with(end))
            && leaf != "/template_id";
        for wrong in wrongs() {
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
            match survey(&changed, "") {
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
        assert_eq!(survey(&changed, "").unwrap_err().path, count);
    }
}

fn fixture(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/purespectrum");
    let text = std::fs::read_to_string(format!("{folder}/{name}.response.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn no_answer_besides_surveys_is_read_where_a_leaf_has_the_wrong_type() {
    let ids = ["ps_quota_id", "buyer_quota_id"];
    let progress = fixture("get_quotas_performance");
    refuses_what_is_wrong(&progress, &ids, &["completes_goal"], |body| {
        Ok(format!("{:?}", quota_progress(body)?))
    });
    let fielding = json!({"completes_fielded": 3, "current_overall_incidence": 50, "current_overall_loi": 5,
        "current_cost": 11.25, "projected_total_cost": 1500, "current_cpi": 3.75});
    refuses_what_is_wrong(&fielding, &[], &[], |body| {
        Ok(format!("{:?}", performance(body, &Kept::default())?))
    });
    let exclusion = json!({"buyer_surveygroup_ref": "soda", "name": "Soda", "surveys_in_group": [7, "5"],
        "exclusion_period": 30, "later": 1});
    refuses_what_is_wrong(&exclusion, &[], &["later", "surveys_in_group/1"], |body| {
        Ok(format!("{:?}", group("g", body)?))
    });
    let folders = fixture("list_templates_ui0");
    refuses_what_is_wrong(&folders, &[], &["/folder", "/title"], |body| {
        Ok(format!("{:?}", templates(body)?))
    });
    refuses_what_is_wrong(&fixture("get_available_suppliers"), &[], &[], |body| {
        Ok(format!("{:?}", suppliers::of_locale(body)?))
    });
    let estimate = json!({"total_feasibility": 506_804, "recommended_cpi": 1.06, "difficult_quotas": ["men"],
        "max_feasibility": 0});
    refuses_what_is_wrong(&estimate, &[], &["max_"], |body| {
        Ok(format!("{:?}", feasibility(body)?))
    });
    for shown in [
        json!({"qlc": {"enable": true}}),
        json!({"survey": {"qlc": {"enable": true}}}),
    ] {
        assert_eq!(allocates_by_quota(&shown), Ok(Some(true)));
        refuses_what_is_wrong(&shown, &[], &[], |body| match allocates_by_quota(body)? {
            // A number is on or off as well.
            Some(true) if body.to_string().contains("-7.5") => Err(Mismatch::new("", "a number")),
            on => Ok(format!("{on:?}")),
        });
    }
}

#[test]
fn what_must_be_there_is_missed_and_what_need_not_be_is_not() {
    let path = |error: Mismatch| error.path;
    assert_eq!(
        quota_progress(&json!([{}])).map_err(path).unwrap_err(),
        "/0/completes_fielded"
    );
    assert_eq!(
        suppliers::of_locale(&json!([{"id": 1}, {}]))
            .map_err(path)
            .unwrap_err(),
        "/1/id"
    );
    assert_eq!(
        templates(&json!([{}, {"templates": [{"name": "a"}]}]))
            .map_err(path)
            .unwrap_err(),
        "/1/templates/0/id"
    );
    assert_eq!(
        feasibility(&json!({"recommended_cpi": 1.06}))
            .map_err(path)
            .unwrap_err(),
        "/total_feasibility"
    );
    assert_eq!(allocates_by_quota(&json!({})), Ok(None));
    let named = json!({"name": "Pair"});
    assert_eq!(group("g", &named).unwrap().members, Field::Absent);
    assert_eq!(group("g", &json!({})).unwrap_err().path, "/buyer_surveygroup_ref");
}

#[test]
fn an_entry_of_a_page_that_cannot_be_read_is_told_with_its_id_its_name_and_its_time() {
    let page = page(&json!([
        {"ps_survey_id": 7, "ps_survey_status": 11, "crtd_on": 1_700_000_000_000_i64},
        {"ps_survey_id": 8, "ps_survey_status": {"code": 11}, "survey_title": "Soda", "crtd_on": 1_700_000_000_000_i64},
        "nothing",
    ]))
    .unwrap();
    let made: Timestamp = "2023-11-14T22:13:20Z".parse().unwrap();
    assert_eq!(page[0].as_ref().unwrap().1, Some(made));
    let unread = page[1].as_ref().unwrap_err();
    assert_eq!(
        (unread.id.as_deref(), unread.name.as_deref(), unread.made),
        (Some("8"), Some("Soda"), Some(made))
    );
    assert!(unread.why.contains("/1/ps_survey_status"), "{}", unread.why);
    assert_eq!(page[2].as_ref().unwrap_err().id, None);
}

#[test]
fn what_a_put_hands_back_is_kept_word_for_word_and_nothing_else_is() {
    let whole = json!({"ps_survey_id": 1, "ps_survey_status": 22, "survey_title": "Lift", "offer_price": "2.50",
        "buyer_message": null, "incl_excl": 1, "launch_date": 5, "qlc": {"enable": true, "more": [1]}});
    let kept = survey(&whole, "").unwrap().kept;
    let body = kept.read::<Kept>().unwrap().into_body();
    let handed_back =
        json!({"survey_title": "Lift", "offer_price": "2.50", "qlc": {"enable": true, "more": [1]}});
    assert_eq!(Value::Object(body), handed_back);
    // A snapshot of an older version holds the whole document.
    let older = VendorState::of(&whole).read::<Kept>().unwrap();
    assert_eq!(older.launch_date, 5);
    assert_eq!(Value::Object(older.into_body()), handed_back);
}

#[test]
fn a_price_below_zero_is_no_price() {
    for below in [json!(-1), json!(-0.01), json!("-3.75")] {
        let body = json!({"ps_survey_id": 1, "ps_survey_status": 22, "offer_price": below});
        assert_eq!(survey(&body, "").unwrap_err().path, "/offer_price", "{below}");
    }
}
