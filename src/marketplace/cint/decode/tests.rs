//! What documented answers say, and what answers that say nothing do not.

use super::*;

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
    let read = Launched {
        details: documented("target-group-details-get-200"),
        overview: json!({"status": "live"}),
        run: json!({}),
        ..Launched::default()
    };
    assert_eq!(launched("G1", &read).unwrap_err().path, "/fielding-runs");
}

/// Found by the simulation: an answer that says nothing was taken for a target group without ceiling, targeting or
/// reference, which the next write would have made true.
#[test]
fn an_answer_that_says_nothing_is_not_a_target_group_without_anything() {
    let run = json!({"id": "R1"});
    let whole = Launched {
        details: documented("target-group-details-get-200"),
        overview: json!({"status": "live"}),
        run,
        profiles: json!({"profiles": null}),
        ..Launched::default()
    };
    launched("G1", &whole).unwrap();
    let says_nothing = Launched {
        assistant: json!({}),
        allocations: json!({}),
        activity: json!({}),
        ..whole
    };
    let read = launched("G1", &says_nothing).unwrap().spec;
    assert_eq!(read.max_cpi, Field::Absent);
    for key in ["fielding_assistant", "allocations", "activity_exclusions"] {
        assert!(!read.attributes.contains_key(key), "{key}");
    }
    let no_profiles = Launched {
        profiles: json!({}),
        ..says_nothing
    };
    assert_eq!(launched("G1", &no_profiles).unwrap_err().path, "/profiles");
    let no_details = Launched {
        details: json!({}),
        ..no_profiles
    };
    assert_eq!(launched("G1", &no_details).unwrap_err().path, "/details/name");
    assert_eq!(draft("G1", &json!({})).unwrap_err().path, "/name");
}

fn launched_as_documented() -> [(&'static str, Value); 8] {
    [
        ("/details", documented("target-group-details-get-200")),
        ("/overview", documented("target-group-overview-200")),
        ("/fielding-runs", documented("fielding-run-get-200")),
        ("", documented("profiles-list-200")),
        (
            "/fielding-assistant-assignment",
            documented("fielding-assistant-get-200"),
        ),
        (
            "/allocation-specification",
            documented("allocation-specification-get-200"),
        ),
        (
            "/respondent-activity-exclusions",
            documented("respondent-activity-exclusions-get-200"),
        ),
        ("/exclusion-policy", documented("exclusion-policy-get-200")),
    ]
}

fn launched_of(parts: &[Value]) -> Decoded<LiveSurvey> {
    let [
        details,
        overview,
        run,
        profiles,
        assistant,
        allocations,
        activity,
        exclusion,
    ] = parts
    else {
        panic!("{} parts", parts.len());
    };
    launched(
        "G1",
        &Launched {
            details: details.clone(),
            overview: overview.clone(),
            run: run.clone(),
            profiles: profiles.clone(),
            assistant: assistant.clone(),
            allocations: allocations.clone(),
            activity: activity.clone(),
            exclusion: exclusion.clone(),
        },
    )
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
const UNREAD: [&str; 12] = [
    "/overview/project_manager_id",
    "/overview/target_group_customer_reference_number",
    "/statistics",
    // The control blends.
    "/profiling/profiles/7",
    "/profiles/7",
    "/overview/average_cost_per_interview",
    "/fielding-runs/status",
    "/allocation-specification/open_exchange_allocations/blocked_suppliers/0/completes",
    "/allocation-specification/open_exchange_allocations/blocked_suppliers/0/name",
    "/allocation-specification/open_exchange_allocations/groups/0/completes",
    "/allocation-specification/open_exchange_allocations/groups/0/suppliers/0/name",
    "/allocation-specification/open_exchange_allocations/groups/0/suppliers/0/completes",
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

/// Reads one document with every leaf made wrong in turn. `place` is where its mismatches are said to be.
fn every_leaf_made_wrong(
    place: &str,
    document: &Value,
    read: &dyn Fn(&Value) -> Decoded<LiveSurvey>,
) -> usize {
    let good = read(document).unwrap();
    let mut all = Vec::new();
    leaves(document, "", &mut all);
    let mut refused = 0;
    for leaf in &all {
        let told = format!("{place}{leaf}");
        let key = leaf.rsplit('/').next().unwrap();
        // What stands beside profiles is read from the details.
        let beside_profiles = document.get("profiles").is_some() && !leaf.starts_with("/profiles");
        let unread = beside_profiles || UNREAD.iter().any(|unread| told.starts_with(unread));
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
                // What is passed on in the vendor's own words is shown as it is.
                Ok(live) if told.starts_with("/re_entry_configuration/") => {
                    let shown = Field::Set(changed["re_entry_configuration"].clone());
                    assert_eq!(live.spec.attributes["re_entry"], shown);
                }
                Ok(live) => {
                    assert!(
                        unread || !STRICT.contains(&key),
                        "{told} as {value} was taken: {live:#?}"
                    );
                    let same = LiveSurvey {
                        kept: good.kept.clone(),
                        ..live
                    };
                    assert_eq!(same, good, "{told} as {value} became something else");
                }
            }
        }
    }
    refused
}

/// A target group whose goal was an object and whose rate was a word planned as "everything is as wanted".
#[test]
fn a_leaf_of_a_wrong_type_is_never_taken_for_one_that_is_not_shown() {
    let project_read = documented("project-get-200");
    assert!(every_leaf_made_wrong("", &project_read, &project) > 10);
    let listed = documented("target-group-list-200")["target_groups"][0].clone();
    assert!(every_leaf_made_wrong("", &listed, &entry) > 20);
    let drafted = documented("target-group-draft-get-200");
    assert!(every_leaf_made_wrong("", &drafted, &|body| draft("G1", body)) > 200);
    let parts = launched_as_documented();
    let good: Vec<Value> = parts.iter().map(|(_, part)| part.clone()).collect();
    for (index, (place, document)) in parts.iter().enumerate() {
        let refused = every_leaf_made_wrong(place, document, &|changed| {
            let mut parts = good.clone();
            parts[index] = changed.clone();
            launched_of(&parts)
        });
        assert!(refused > 2, "{place}: {refused}");
    }
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
