//! What documented answers say, and what answers that cannot be read do not.

use super::*;
use crate::marketplace::http::wire::tests::{leaves, refuses_what_is_wrong, wrongs};
use serde_json::json;

#[test]
fn what_nobody_documents_is_shown_by_the_way_to_it() {
    let body = json!({"apiStatus": "success", "msg": "ok", "stats": [
        {"QuotaId": 7, "Completes": 3},
        {"QuotaId": 8, "Name": "men", "Completes": null},
    ]});
    let mut told = Vec::new();
    figures("quotas", &body, &mut told);
    let told: Vec<String> = told
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(
        told,
        [
            "quotas 1 QuotaId: 7",
            "quotas 1 Completes: 3",
            "quotas 2 QuotaId: 8",
            "quotas 2 Name: men",
            "quotas 2 Completes: null",
        ]
    );
    let mut many = Vec::new();
    figures("job", &Value::from((0..99).collect::<Vec<u64>>()), &mut many);
    assert_eq!((many.len(), many[0].0.as_str()), (MOST_FIGURES, "job 1"));
}

#[test]
fn estimates_are_rows_of_days_in_the_vendors_order() {
    let rows = json!([{"days": 1, "estimate": 100}, {"days": 2, "estimate": "many"}, {"estimate": 3}]);
    let body = json!({"feasibility": {"commonFeas": rows}});
    assert_eq!(estimates(&body).unwrap(), [(1, json!(100)), (2, json!("many"))]);
    assert!(estimates(&json!({"feasibility": {}})).is_err());
}

#[test]
fn an_answer_that_does_not_speak_of_quotas_is_not_one_without_quotas() {
    assert!(quotas(&json!({"apiStatus": "success"})).is_err());
    assert!(quotas(&json!({})).is_err());
    assert_eq!(quotas(&json!({"Quotas": []})).unwrap(), Vec::new());
    assert_eq!(quotas(&json!({"quotas": null})).unwrap(), Vec::new());
}

#[test]
fn counters_are_read_where_they_are_and_are_never_zero_where_they_are_not() {
    let keys = Counters::default();
    let read = counted(&json!({"Stats": {"completes": "30", "Terminations": 10}}), &keys);
    assert_eq!((read.completes, read.incidence_rate), (Some(30), Some(75.into())));
    assert_eq!(
        counted(&json!({"stats": {"Completes": 0, "Terminations": 0}}), &keys).incidence_rate,
        None,
        "nobody was asked"
    );
    for strange in [
        json!({"stats": {"Done": 3}}),
        json!({"stats": []}),
        json!({"stats": {"Completes": -1}}),
    ] {
        let read = counted(&strange, &keys);
        assert_eq!((read.completes, read.incidence_rate), (None, None));
        // What is there and no count is said; what is not there is only not known.
        let written = strange["stats"].get("Completes");
        assert_eq!(read.unread.is_some(), written.is_some(), "{strange}");
        assert_eq!(counted_quotas(&strange, &keys), BTreeMap::new());
    }
    let rows = json!({"stats": [{"QuotaId": 7, "Completes": 3}, {"QuotaId": 8}, {"Completes": 4}]});
    assert_eq!(
        counted_quotas(&rows, &keys),
        BTreeMap::from([("7".to_owned(), 3)])
    );
}

#[test]
fn fielding_is_read_as_the_vendors_sample_has_it() {
    let sample = include_str!("../../../../tests/fixtures/innovatemr/get_group_details.response.json");
    let live = group(&serde_json::from_str(sample).unwrap(), &Assumptions::default()).unwrap();
    let told = live.performance.unwrap();
    assert_eq!(told.price.unwrap().to_string(), "3.75 USD");
    assert_eq!(told.started, Some("2021-05-03T07:00:00Z".parse().unwrap()));
    assert_eq!(told.ends, Some("2021-05-14T06:59:59.999Z".parse().unwrap()));
    assert_eq!(live.spec.end, Field::Absent, "no manifest can write it");
}

/// Every leaf of a documented answer made wrong in turn: an error with its place, or the same as before.
#[test]
fn a_leaf_of_a_wrong_type_is_never_taken_for_one_that_is_not_shown() {
    let table = Assumptions::default();
    let sample = include_str!("../../../../tests/fixtures/innovatemr/get_group_details.response.json");
    let mut detailed: Value = serde_json::from_str(sample).unwrap();
    let more = json!({"EstCostPerInterview": 2.5, "MaximumCostPerInterview": "4", "Priority": 1, "Color": 2});
    detailed["group"]
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let listed = json!({"Quotas": [{"Id": 780300, "Title": "a", "N": 5, "Conditions": {"GENDER": [1], "AGE": ["18-34"]}}]});
    let one = json!({"job": {"Id": 8600, "Name": "Lift", "Status": 2, "Category": 3}});
    type Read<'a> = &'a dyn Fn(&Value) -> Decoded<String>;
    let of_group: Read<'_> = &|body| {
        let live = LiveSurvey {
            kept: VendorState::default(),
            ..group(body, &table)?
        };
        Ok(format!("{live:?}"))
    };
    let of_job: Read<'_> = &|body| {
        let live = LiveSurvey {
            kept: VendorState::default(),
            ..job(body, &table)?
        };
        Ok(format!("{live:?}"))
    };
    let of_quotas: Read<'_> = &|body| Ok(format!("{:?}", quotas(body)?));
    // What tells only how fielding goes may be missing.
    let may_be_other = [
        "/group/Fielding/FieldingStartDate",
        "/group/Fielding/FieldingEndDate",
    ];
    for (document, prefix, read, strict) in [
        (
            &detailed,
            "/group",
            of_group,
            &[
                "Id",
                "Status",
                "N",
                "IncidenceRate",
                "LengthOfInterview",
                "CostPerInterview",
                "EstCostPerInterview",
                "MaximumCostPerInterview",
                "Name",
                "LiveSurveyUrl",
                "DeviceType",
                "GeoIPCheck",
                "Priority",
            ][..],
        ),
        (&one, "/job", of_job, &["Id", "Status", "Name", "Category"][..]),
        (&listed, "/Quotas", of_quotas, &["Id", "Title", "N"][..]),
    ] {
        let good = read(document).unwrap();
        let mut refused = BTreeMap::new();
        for leaf in leaves(&document[&prefix[1..]], prefix) {
            let key = leaf.rsplit('/').next().unwrap().to_owned();
            for wrong in wrongs() {
                let before = document.pointer(&leaf).unwrap();
                // A text for a text is right, and so is a number for a number; ids and answers may be either.
                let same = (before.is_string() && wrong.is_string())
                    || (before.is_number()
                        && wrong.is_number()
                        && !["Id", "Status", "N"].contains(&key.as_str()))
                    || (key == "GeoIPCheck" && wrong.is_boolean())
                    || (["MaximumCostPerInterview", "Id", "0"].contains(&key.as_str())
                        && (wrong.is_number() || wrong == "sixty"));
                if same {
                    continue;
                }
                let mut changed = document.clone();
                *changed.pointer_mut(&leaf).unwrap() = wrong.clone();
                match read(&changed) {
                    Err(error) => {
                        assert!(
                            leaf.starts_with(&error.path) || error.path.starts_with(&leaf),
                            "{leaf}: {}",
                            error.path
                        );
                        *refused.entry(key.clone()).or_insert(0) += 1;
                    }
                    Ok(read) => {
                        assert!(!strict.contains(&key.as_str()), "{leaf} as {wrong} was taken");
                        assert!(
                            read == good || may_be_other.contains(&leaf.as_str()),
                            "{leaf} as {wrong}: {read}"
                        );
                    }
                }
            }
        }
        assert!(strict.iter().all(|key| refused.contains_key(*key)), "{refused:?}");
    }
}

#[test]
fn no_list_is_read_where_a_leaf_has_the_wrong_type() {
    let library = json!({"Questions": [
        {"Id": 1, "QuestionKey": "GENDER", "QuestionType": "Single", "QuestionText": "?",
         "Options": [{"Id": 1, "OptionText": "Male"}, null]},
        null,
        {"QuestionId": 2, "QuestionKey": "CARS", "QuestionOptions": [{"id": 1, "OptionText": "Other"}], "More": 1},
    ]});
    let texts = ["Id", "/id"];
    let free = ["More", "Options/1", "/Questions/1"];
    refuses_what_is_wrong(&library, &texts, &free, |body| {
        let lexicon = lexicon(body)?;
        assert_eq!(lexicon.questions.len(), 2, "no row is left out for what it says");
        Ok(format!("{lexicon:?}"))
    });
    let rows = json!({"feasibility": {"commonFeas": [{"days": 1, "estimate": 100}]}});
    refuses_what_is_wrong(&rows, &[], &["estimate"], |body| {
        Ok(format!("{:?}", estimates(body)?))
    });
    // Entries of lists of jobs and groups are guarded one by one.
    let table = Assumptions::default();
    let entry = json!([{"Id": 7, "Name": "Lift", "Status": 1, "Category": 3}]);
    refuses_what_is_wrong(&entry, &["Id"], &[], |body| {
        let jobs = jobs(&json!({"Jobs": body}), &table)?;
        let at = |unread: &Unread| Mismatch::new(pointer(&unread.why, "/jobs"), unread.why.clone());
        jobs[0].as_ref().map(|job| format!("{job:?}")).map_err(at)
    });
    let entry = json!([{"Id": 7, "Name": "Men", "Status": 1}]);
    refuses_what_is_wrong(&entry, &["Id"], &[], |body| {
        let groups = groups(body, "5", &table)?;
        let at = |unread: &Unread| Mismatch::new(pointer(&unread.why, "/job/Groups"), unread.why.clone());
        groups[0].as_ref().map(|group| format!("{group:?}")).map_err(at)
    });
}

/// The place that a text names, below another.
fn pointer(why: &str, below: &str) -> String {
    let (_, path) = why.split_once(below).unwrap();
    path.split_once(':').unwrap().0.to_owned()
}

#[test]
fn the_groups_of_a_job_are_kept_and_one_that_cannot_be_read_is_told_by_its_id() {
    let table = Assumptions::default();
    let details =
        json!({"job": {"Id": 5, "Status": 1, "Groups": [{"Id": 7, "Name": "Men"}, {"Id": 8, "Name": 5}]}});
    let job = job(&details, &table).unwrap();
    let groups_of = |kept: &VendorState| match kept.read::<Kept>().unwrap().groups {
        Field::Set(kept) => groups(&kept, "5", &table).unwrap(),
        other => panic!("{other:?}"),
    };
    let found = groups_of(&job.kept);
    assert_eq!(found[0].as_ref().unwrap().title.as_deref(), Some("Men"));
    let unread = found[1].as_ref().unwrap_err();
    assert_eq!(unread.id.as_deref(), Some("8"));
    assert!(unread.why.contains("/job/Groups/1/Name"), "{}", unread.why);
    // A snapshot of an older version holds the whole document.
    assert_eq!(groups_of(&VendorState::of(&details["job"])), found);
}

#[test]
fn options_are_known_by_whichever_key_their_id_has() {
    for key in ["Id", "id", "OptionId"] {
        let library = json!({"Questions": [{"Id": 1, "QuestionKey": "GENDER", "Options": [
            {key: 2, "OptionText": "Female"},
        ]}]});
        let read = lexicon(&library).unwrap();
        let option = &read.questions[0].options[0];
        assert_eq!(
            (option.id.as_str(), option.text.as_str()),
            ("2", "Female"),
            "{key}"
        );
    }
}

#[test]
fn an_estimate_is_shown_as_money_of_the_accounts_currency_where_it_is_a_number() {
    let table = Assumptions::of(Some(&json!({"currency": "EUR"}))).unwrap();
    let of_group = |estimate: Value| {
        let body = json!({"Feasibility": {"Common": [{"Estimate": estimate}]}});
        estimated_money(&body, &table).map(|(_, money)| money)
    };
    assert_eq!(of_group(json!(3.75)).as_deref(), Some("3.75 EUR"));
    assert_eq!(of_group(json!("3.5")).as_deref(), Some("3.50 EUR"));
    assert_eq!(of_group(json!("many")), None);
    assert_eq!(of_group(json!(null)), None);
    assert_eq!(estimated_money(&json!({"apiStatus": "success"}), &table), None);
}

#[test]
fn a_price_below_zero_is_no_price() {
    let sample = include_str!("../../../../tests/fixtures/innovatemr/get_group_details.response.json");
    let sample: Value = serde_json::from_str(sample).unwrap();
    for key in [
        "CostPerInterview",
        "EstCostPerInterview",
        "MaximumCostPerInterview",
    ] {
        for below in [json!(-1), json!(-0.01), json!("-3.75")] {
            let mut changed = sample.clone();
            changed["group"][key] = below.clone();
            let error = group(&changed, &Assumptions::default()).unwrap_err();
            assert_eq!(error.path, format!("/group/{key}"), "{below}");
        }
    }
}
