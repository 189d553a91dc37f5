//! `validate --cells`: the tables that a manifest's quotas make, for whoever reviews them.

use crate::support::Project;
use serde_json::{Value, json};

const MANIFEST: &str = "kind: Survey\nname: soda\ntitle: Soda\nlocale: en-US\ncompletes: 400\nincidence_rate: 50\n\
    length_of_interview: 5\nfield_days: 7\ncpi: 3.00 USD\nlive_url: https://survey.example.com/soda\nstatus: live\n\
    qualifications: {gender: [male, female], age: 18-64}\nquotas:\n  \
    - {name: men, completes: 20, where: {gender: male}}\n  \
    - {name: women, id: Women 18+, completes: 20, where: {gender: female}}\n  \
    - {name: young, completes: 100, where: {age: 18-24}}\n  \
    - {name: old, completes: 300, where: {age: 25-54}}\n";

fn project(block: &str) -> Project {
    let project = Project::empty();
    project.write("soda.yaml", &format!("{MANIFEST}{block}"));
    project
}

#[test]
fn a_reviewer_sees_what_each_cell_takes_what_caps_the_survey_and_who_falls_through() {
    let project = project("purespectrum: {category: 232}\n");
    project
        .ok(&["validate", "--cells"])
        .says("soda (PureSpectrum): 40 of 400 completes can come at most; men, Women 18+ cap it")
        .says("gender: 40 wanted, caps the survey")
        .says("men 20 gender: male")
        .says("young 40 of 100 age: 18-24")
        .says("no quota 40 age: 55-64")
        .says("crossed: 6 cells")
        .says("falls through: some who qualify are in no quota over age");
    let json = project.ok(&["validate", "--cells", "--format", "json"]).json();
    assert_eq!(json["format"], "infield.diagnostics/1");
    let soda = &json["cells"][0];
    assert_eq!((&soda["survey"], &soda["at_most"]), (&json!("soda"), &json!(40)));
    assert_eq!(soda["capped_by"], json!(["men", "Women 18+"]));
    let crossing = soda["crossing"]["cells"].as_array().unwrap();
    let cell = |quotas: Value| crossing.iter().find(|cell| cell["quotas"] == quotas).unwrap();
    assert_eq!(cell(json!(["men", "young"]))["at_most"], 20);
    assert_eq!(
        cell(json!(["Women 18+"]))["people"],
        json!([{"gender": ["female"], "age": ["55-64"]}]),
    );
    assert_eq!(crossing.len(), 6);
    let plain = project.ok(&["validate", "--format", "json"]).json();
    assert_eq!(plain.get("cells"), None, "only who asks gets them");
}

#[test]
fn what_is_not_known_to_stop_caps_nothing_and_says_why() {
    let project = project("purespectrum: {category: 232, qlc: true}\n");
    project
        .ok(&["validate", "--cells"])
        .says("soda (PureSpectrum): 400 completes can come at most")
        .says("a full quota is not known to turn anybody away, so none caps the survey: `qlc` is on")
        .never_says("caps the survey\n");
    let json = project.ok(&["validate", "--cells", "--format", "json"]).json();
    assert_eq!(json["cells"][0]["capped_by"], json!([]));
    assert_eq!(json["cells"][0]["layers"][0]["cells"][0]["at_most"], 400);
}

#[test]
fn cells_are_text_or_json_and_wait_for_a_manifest_that_is_right() {
    let project = project("purespectrum: {category: 232}\n");
    for format in ["sarif", "github"] {
        project
            .run(&["validate", "--cells", "--format", format])
            .code(64)
            .says("cells are printed as text or as JSON");
    }
    project.edit("soda.yaml", "gender: male", "gendr: male");
    let json = project.run(&["validate", "--cells", "--format", "json"]).json();
    assert_eq!(json["cells"], Value::Null);
    assert!(json["errors"].as_u64() > Some(0), "{json:#}");
}
