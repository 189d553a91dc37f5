//! What documented answers say, and what answers that say nothing do not.

use super::super::wire::{Changelog, Definition, Feasibility, Job, Locale, Profile, Transitions, Upload};
use super::*;
use std::fmt::Debug;

fn documented(name: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cint");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["response"].clone()
}

#[test]
fn the_documented_project_and_draft_say_what_they_say() {
    let read = project(&documented("project-get-200")).unwrap();
    assert_eq!(read.id, "01FXTRCNT00000000000000003");
    assert_eq!(read.spec.title, Field::Set("Drinks project".to_owned()));
    let read = draft("G1", &documented("target-group-draft-get-200")).unwrap();
    assert_eq!(read.spec.title, Field::Set("Drinkers of tea".to_owned()));
    assert_eq!(read.spec.locale, Field::Set("es-US".to_owned()));
    assert_eq!(read.spec.completes, Field::Set(1500));
    assert_eq!(
        read.spec.live_url,
        Field::Set("https://example.com/live".to_owned())
    );
    let cpi = read.spec.cpi.value().unwrap();
    assert_eq!(cpi.amount.to_string(), "2.7352", "all its decimals are kept");
}

/// Found by the simulation: a URL that the vendor had not kept went unnoticed until after the launch.
#[test]
fn a_url_that_is_not_shown_is_not_there() {
    let mut body = documented("target-group-draft-get-200");
    body.as_object_mut().unwrap().shift_remove("test_url");
    assert_eq!(draft("G1", &body).unwrap().spec.test_url, Field::Null);
}

/// Found by the simulation: a run that was answered as `{}` made a plan whose steps had no calls.
#[test]
fn a_launched_target_group_has_a_run() {
    let read = Launched::from([
        ("details", documented("target-group-details-get-200")),
        ("overview", json!({"status": "live"})),
        ("fielding-runs", json!({})),
    ]);
    assert_eq!(launched("G1", &read).unwrap_err().path, "/fielding-runs");
}

/// Found by the simulation: an answer that says nothing was taken for a target group without ceiling, targeting or
/// reference, which the next write would have made true.
#[test]
fn an_answer_that_says_nothing_is_not_a_target_group_without_anything() {
    let mut read = Launched::from([
        ("details", documented("target-group-details-get-200")),
        ("overview", json!({"status": "live"})),
        ("fielding-runs", json!({"id": "R1"})),
        ("profiles", json!({"profiles": null})),
    ]);
    launched("G1", &read).unwrap();
    for resource in [
        "fielding-assistant-assignment",
        "allocation-specification",
        "respondent-activity-exclusions",
    ] {
        read.insert(resource, json!({}));
    }
    let spec = launched("G1", &read).unwrap().spec;
    assert_eq!(spec.max_cpi, Field::Absent);
    for key in ["fielding_assistant", "allocations", "activity_exclusions"] {
        assert!(!spec.attributes.contains_key(key), "{key}");
    }
    read.insert("profiles", json!({}));
    assert_eq!(launched("G1", &read).unwrap_err().path, "/profiles");
    read.insert("details", json!({}));
    assert_eq!(launched("G1", &read).unwrap_err().path, "/details/name");
    assert_eq!(draft("G1", &json!({})).unwrap_err().path, "/name");
}

/// What was kept of a draft and of a launched target group can be read again, under the keys that files have.
#[test]
fn what_is_kept_for_writes_is_read_again() {
    let kept = |live: &LiveSurvey| json!(live.kept);
    let drafted = draft("G1", &documented("target-group-draft-get-200")).unwrap();
    assert_eq!(kept(&drafted)["phase"], "draft");
    assert_eq!(kept(&drafted)["profiles"][0]["name"], "birth gender");
    let read = launched("G1", &launched_as_documented()).unwrap();
    let start: jiff::Timestamp = kept(&read)["run_start"].as_str().unwrap().parse().unwrap();
    assert_eq!(start, "2023-01-02T09:00:00Z".parse().unwrap());
    assert_eq!(kept(&read)["allocation_groups"], json!({"Premium Tier": "1"}));
    for live in [drafted, read] {
        let again = Kept::of(&live).unwrap();
        assert_eq!(VendorState::of(&again), live.kept);
    }
    // Nothing was kept of what nobody read; what an older version kept word for word is read all the same.
    assert_eq!(Kept::of(&LiveSurvey::default()), Some(Kept::default()));
    let older =
        json!({"phase": "draft", "profiles": documented("profiles-list-200")["profiles"], "template": null});
    let older = LiveSurvey {
        kept: VendorState::of(&older),
        ..LiveSurvey::default()
    };
    let profiles = Kept::of(&older).unwrap().profiles;
    assert!(profiles.value().unwrap().len() > 7);
    let odd = LiveSurvey {
        kept: VendorState::of(&json!({"profiles": "all of them"})),
        ..LiveSurvey::default()
    };
    assert_eq!(Kept::of(&odd), None);
}

fn launched_as_documented() -> Launched {
    Launched::from([
        ("details", documented("target-group-details-get-200")),
        ("overview", documented("target-group-overview-200")),
        ("fielding-runs", documented("fielding-run-get-200")),
        ("profiles", documented("profiles-list-200")),
        (
            "fielding-assistant-assignment",
            documented("fielding-assistant-get-200"),
        ),
        (
            "allocation-specification",
            documented("allocation-specification-get-200"),
        ),
        (
            "respondent-activity-exclusions",
            documented("respondent-activity-exclusions-get-200"),
        ),
        ("exclusion-policy", documented("exclusion-policy-get-200")),
    ])
}

/// What has to be read, by its last key: ids, statuses, counts and prices.
const STRICT: [&str; 36] = [
    "id",
    "status",
    "locale",
    "name",
    "target_group_customer_reference_number",
    "project_customer_reference_number",
    "project_manager_id",
    "business_unit_id",
    "client_id",
    "completes_goal",
    "expected_incidence_rate",
    "expected_length_of_interview_minutes",
    "quotas_enabled",
    "completes",
    "current_completes",
    "current_prescreens",
    "question_id",
    "min",
    "max",
    "value",
    "currency_code",
    "pricing_model",
    "incidence_rate",
    "median_length_of_interview_seconds",
    "live_url",
    "test_url",
    "start_at",
    "end_at",
    "start_fielding_at",
    "end_fielding_at",
    "duration",
    "enabled",
    "project_exclusion_enabled",
    "exchange_min_percentage",
    "exchange_max_percentage",
    "filling_goal_percentage",
];

/// Places that have such a key and are not read.
const UNREAD: [&str; 10] = [
    "/overview/project_manager_id",
    "/overview/target_group_customer_reference_number",
    "/overview/average_cost_per_interview",
    "/fielding-runs/status",
    "/allocation-specification/open_exchange_allocations/blocked_suppliers/0/completes",
    "/allocation-specification/open_exchange_allocations/blocked_suppliers/0/name",
    "/allocation-specification/open_exchange_allocations/groups/0/completes",
    "/allocation-specification/open_exchange_allocations/groups/0/suppliers/0/name",
    "/allocation-specification/open_exchange_allocations/groups/0/suppliers/0/completes",
    "/statistics",
];

fn leaves(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), out)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), out)),
        _ => out.push(at.to_owned()),
    }
}

/// Values of other types than a leaf has, and numbers that are no counts.
fn wrong(leaf: &Value) -> Vec<Value> {
    let all = [
        json!("sixty"),
        json!(-7.5),
        json!({"total": 9000}),
        json!([9000]),
        json!(true),
    ];
    let same = |value: &Value| {
        (value.is_string() && leaf.is_string())
            || (value.is_number() && leaf.is_number())
            || (value.is_boolean() && leaf.is_boolean())
            // What is null where an object may be.
            || (value.is_object() && leaf.is_null())
    };
    all.into_iter().filter(|value| !same(value)).collect()
}

/// Reads one document with every leaf made wrong in turn. `place` is where its mismatches are said to be, and `strict` says
/// which places have to be read.
fn every_leaf_made_wrong<T: PartialEq + Debug>(
    place: &str,
    document: &Value,
    strict: &dyn Fn(&str) -> bool,
    read: &dyn Fn(&Value) -> Decoded<T>,
) -> usize {
    let good = read(document).unwrap();
    let mut all = Vec::new();
    leaves(document, "", &mut all);
    let mut refused = 0;
    for leaf in &all {
        let told = format!("{place}{leaf}");
        for value in wrong(document.pointer(leaf).unwrap()) {
            let mut changed = document.clone();
            *changed.pointer_mut(leaf).unwrap() = value.clone();
            match read(&changed) {
                Err(error) => {
                    // The leaf, or what it is a part of.
                    assert!(
                        told.starts_with(&error.path) || error.path.starts_with(&told),
                        "{told} as {value}: said to be at {}",
                        error.path
                    );
                    refused += 1;
                }
                Ok(read) => {
                    assert!(!strict(&told), "{told} as {value} was taken: {read:#?}");
                    assert_eq!(read, good, "{told} as {value} became something else");
                }
            }
        }
    }
    refused
}

/// The same of what plans see, without what is passed on in the vendor's own words and without links, which no plan depends
/// on.
fn every_leaf_of_a_picture_made_wrong(
    place: &str,
    document: &Value,
    read: &dyn Fn(&Value) -> Decoded<LiveSurvey>,
) -> usize {
    let strict = |told: &str| {
        STRICT.contains(&told.rsplit('/').next().unwrap())
            && !UNREAD.iter().any(|unread| told.starts_with(unread))
    };
    every_leaf_made_wrong(place, document, &strict, &|body| {
        read(body).map(|mut live| {
            live.kept = VendorState::default();
            live.spec.attributes.remove("re_entry");
            live.links = Links::default();
            live
        })
    })
}

/// A target group whose goal was an object and whose rate was a word planned as "everything is as wanted".
#[test]
fn a_leaf_of_a_wrong_type_is_never_taken_for_one_that_is_not_shown() {
    let project_read = documented("project-get-200");
    assert!(every_leaf_of_a_picture_made_wrong("", &project_read, &project) > 10);
    let listed = documented("target-group-list-200")["target_groups"][0].clone();
    assert!(every_leaf_of_a_picture_made_wrong("", &listed, &entry) > 20);
    let drafted = documented("target-group-draft-get-200");
    assert!(every_leaf_of_a_picture_made_wrong("", &drafted, &|body| draft("G1", body)) > 200);
    let parts = launched_as_documented();
    for (resource, document) in &parts {
        let (place, mut document) = match *resource {
            "profiles" => (String::new(), document.clone()),
            resource => (format!("/{resource}"), document.clone()),
        };
        if place.is_empty() {
            // What stands beside profiles is read from the details.
            document
                .as_object_mut()
                .unwrap()
                .retain(|key, _| key == "profiles");
        }
        let refused = every_leaf_of_a_picture_made_wrong(&place, &document, &|changed| {
            let mut parts = parts.clone();
            parts.insert(resource, changed.clone());
            launched("G1", &parts)
        });
        assert!(refused > 2, "{resource}: {refused}");
    }
}

#[test]
fn what_is_no_link_is_left_out_and_hides_nothing() {
    let mut body = documented("target-group-draft-get-200");
    let read = |body: &Value| draft("G1", body).unwrap().links;
    let link = body["links"]["test_client_survey"].as_str().map(str::to_owned);
    let shown = Links {
        entry: None,
        questionnaire: link,
    };
    assert!(!shown.is_none());
    assert_eq!(read(&body), shown);
    for odd in [json!("javascript:alert(1)"), json!(7), Value::Null] {
        body["links"]["test_client_survey"] = odd;
        assert_eq!(read(&body), Links::default());
    }
    body["links"] = json!("none");
    assert_eq!(read(&body), Links::default());
}

/// What the vendor keeps in its own words has its place, too.
#[test]
fn the_vendors_own_words_are_passed_on_as_they_are() {
    let body = documented("target-group-draft-get-200");
    let shown = draft("G1", &body).unwrap().spec.attributes["re_entry"].clone();
    assert_eq!(shown, Field::Set(body["re_entry_configuration"].clone()));
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// The same of what is looked up besides: whatever is there and cannot be read is told, but for these places.
fn every_leaf_looked_up_made_wrong<T: DeserializeOwned + PartialEq + Debug>(
    document: &Value,
    unread: &[&str],
) {
    let mut document = document.clone();
    without_nulls(&mut document);
    let strict = |told: &str| !unread.iter().any(|unread| told.starts_with(unread));
    let read = |body: &Value| typed::<T>(body, "");
    assert!(every_leaf_made_wrong("", &document, &strict, &read) > 5);
}

#[test]
fn a_leaf_of_a_wrong_type_is_told_wherever_something_is_looked_up() {
    let log = json!({"changelog": [{
        "occurred_at": "2026-03-02T18:00:00Z", "user": {"type": "las_user", "las_user_id": "u"},
        "changes": [{"object": "status_change", "reason_code": "quota_full"}],
    }]});
    every_leaf_looked_up_made_wrong::<Changelog>(&log, &[]);
    let transitions = documented("target-group-transitions-200");
    every_leaf_looked_up_made_wrong::<Transitions>(&transitions, &["/target_groups", "/is_launch_allowed"]);
    let failed = json!({"status": "Failed", "failure_reason": {
        "code": "Rejected", "description": "no", "reasons": [{"detail": "no", "reason": "no"}],
    }});
    every_leaf_looked_up_made_wrong::<Job>(&failed, &[]);
    let around = [
        "/object",
        "/description",
        "/quotas_enabled",
        "/option_mask",
        "/standard",
        "/profile_condition_type",
        "/classification",
    ];
    let library = documented("questions-translation-200");
    for question in library["profiles"].as_array().unwrap() {
        every_leaf_looked_up_made_wrong::<Profile>(question, &around);
    }
    let estimate = documented("feasibility-draft-200");
    let unread = ["/profiles", "/allocations", "/suggested_price/currency_scale"];
    every_leaf_looked_up_made_wrong::<Feasibility>(&estimate, &unread);
    let upload = json!({"request_id": "R", "status": "complete", "expired_count": 6, "invalid_count": 4});
    every_leaf_looked_up_made_wrong::<Upload>(&upload, &[]);
    for (name, key) in [
        ("business-units-200", "business_units"),
        ("account-users-200", "users"),
        ("clients-200", "clients"),
        ("industries-200", "industries"),
    ] {
        let mut row = documented(name)[key][0].clone();
        // Any text is an id, also where the example has a number.
        row["id"] = json!("1");
        every_leaf_looked_up_made_wrong::<Definition>(&row, &[]);
    }
    let locales = documented("locales-200");
    let preferred = ["/languages/0/is_preferred", "/languages/1/is_preferred"];
    every_leaf_looked_up_made_wrong::<Locale>(&locales["locales"][0], &preferred);
}

#[test]
fn a_list_is_no_object_without_keys() {
    let mut body = documented("target-group-draft-get-200");
    for key in [
        "fielding_specification",
        "exclusion",
        "fielding_assistant_assignment",
        "cost_per_interview",
    ] {
        let before = body[key].clone();
        body[key] = json!([]);
        assert_eq!(draft("G1", &body).unwrap_err().path, format!("/{key}"));
        body[key] = before;
    }
    draft("G1", &body).unwrap();
}

#[test]
fn a_duration_that_is_no_number_of_days_is_not_made_one() {
    let mut body = documented("target-group-draft-get-200");
    body["respondent_activity_exclusions"][0]["duration"] = json!("P3M");
    let error = draft("G1", &body).unwrap_err();
    assert_eq!(error.path, "/respondent_activity_exclusions/0/duration");
    assert_eq!(
        error.problem,
        "expected a duration in days or weeks, found \"P3M\""
    );
}

#[test]
fn a_list_whose_end_cannot_be_read_does_not_end() {
    assert_eq!(
        next_page(&json!({"has_more": true, "next_cursor": "n"})),
        Ok(Some("n".to_owned()))
    );
    assert_eq!(
        next_page(&json!({"has_more": false, "next_cursor": "n"})),
        Ok(None)
    );
    assert_eq!(next_page(&json!({})), Ok(None));
    assert_eq!(
        next_page(&json!({"has_more": "no"})).unwrap_err().path,
        "/has_more"
    );
    assert_eq!(
        next_page(&json!({"next_cursor": 2})).unwrap_err().path,
        "/next_cursor"
    );
}

/// Reads a document with each of its amounts made negative in turn; how many those were.
fn every_amount_below_zero(
    place: &str,
    document: &Value,
    read: &dyn Fn(&Value) -> Decoded<LiveSurvey>,
) -> usize {
    let mut all = Vec::new();
    leaves(document, "", &mut all);
    all.retain(|leaf| {
        let amount = leaf.strip_suffix("/value");
        let currency = amount.and_then(|amount| document.pointer(&format!("{amount}/currency_code")));
        let told = format!("{place}{leaf}");
        currency.is_some() && !UNREAD.iter().any(|unread| told.starts_with(unread))
    });
    for leaf in &all {
        let mut changed = document.clone();
        *changed.pointer_mut(leaf).unwrap() = json!("-0.01");
        let error = read(&changed).unwrap_err();
        let amount = leaf.trim_end_matches("/value");
        assert!(
            error.path.starts_with(&format!("{place}{amount}")),
            "{leaf}: {error:?}"
        );
        assert!(error.problem.contains("-0.01"), "{error:?}");
    }
    all.len()
}

#[test]
fn a_price_below_zero_is_no_price() {
    let drafted = documented("target-group-draft-get-200");
    assert!(every_amount_below_zero("", &drafted, &|body| draft("G1", body)) > 1);
    let parts = launched_as_documented();
    let mut amounts = 0;
    for (resource, document) in parts.iter().filter(|(resource, _)| **resource != "profiles") {
        amounts += every_amount_below_zero(&format!("/{resource}"), document, &|changed| {
            let mut parts = parts.clone();
            parts.insert(resource, changed.clone());
            launched("G1", &parts)
        });
    }
    assert!(amounts > 2, "{amounts}");
}
