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
