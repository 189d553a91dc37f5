//! Sums by the value of a tag: what is in field, and what was spent in a month.

use crate::support::{Project, survey};
use serde_json::{Value, json};

const LAUNCH: [&str; 6] = ["apply", "--yes", "--allow", "launch", "--parallelism", "1"];

fn respond(project: &Project, name: &str, completes: &str) {
    let state = project.ok(&["state", "list", "--format", "json"]).json();
    let all = state["resources"].as_array().unwrap();
    let one = all.iter().find(|one| one["address"] == name).unwrap();
    let id = one["id"].as_str().unwrap();
    project.ok(&["sandbox", "respondents", id, "--completes", completes]);
}

/// A document of the program that is as its schema says.
fn document(project: &Project, schema: &str, args: &[&str]) -> Value {
    let document = project.ok(&[args, &["--format", "json"]].concat()).json();
    let schema = project.ok(&["schema", schema]).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&document), "{document:#}");
    document
}

#[test]
fn surveys_of_a_client_are_summed_now_and_by_the_month() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", "tags: [client-acme, wave-1]\n"));
    project.write("two.yaml", &survey("two", "tags: [client-acme]\n"));
    project.write("three.yaml", &survey("three", "tags: [client-globex]\n"));
    project.write("four.yaml", &survey("four", ""));
    // The first command makes the sandbox.
    project.ok(&["plan"]);
    project.ok(&["sandbox", "clock", "--stop-at", "2026-11-29T08:00:00Z"]);
    project.ok(&LAUNCH);
    respond(&project, "one", "10");
    respond(&project, "three", "4");
    let by = document(&project, "status", &["status", "--by", "client"]);
    let groups = by["by"]["groups"].as_array().unwrap();
    let figures: Vec<_> = groups
        .iter()
        .map(|group| {
            (
                group["values"].clone(),
                group["surveys"].clone(),
                group["completes"].clone(),
            )
        })
        .collect();
    let wanted = [
        (json!(["acme"]), json!(2), json!(10)),
        (json!(["globex"]), json!(1), json!(4)),
        (json!([]), json!(1), json!(0)),
    ];
    assert_eq!(figures, wanted);
    assert_eq!(groups[0]["money"][0]["cost"], "25.00 USD");
    assert_eq!(by["surveys"].as_array().unwrap().len(), 4);
    let text = project.ok(&["status", "--by", "client"]);
    text.says("client          surveys  completes  cost so far")
        .says("acme                  2")
        .says("25.00 USD")
        .says("without client        1")
        .says("4 surveys: ");
    // Whoever asks for some gets the sums of these.
    let some = document(&project, "status", &["status", "one", "--by", "wave"]);
    let groups = &some["by"]["groups"];
    assert_eq!(groups[0]["values"], json!(["1"]));
    assert_eq!(groups.as_array().unwrap().len(), 1);
    project
        .run(&["status", "--by", "client", "--format", "html"])
        .code(64)
        .says("sums by a tag are text or JSON");

    project.ok(&["sandbox", "clock", "72h"]);
    respond(&project, "one", "6");
    project.ok(&["status"]);
    // The survey is forgotten, and what it collected is still its client's.
    project.remove("three.yaml");
    project.ok(&["state", "rm", "three"]);
    let spent = |month: &str| {
        let report = document(&project, "spend", &["log", "--by", "client", "--month", month]);
        assert_eq!(report["format"], "infield.spend/1");
        let groups = report["groups"].as_array().unwrap().clone();
        let figures = groups
            .iter()
            .map(|group| {
                (
                    group["values"][0].clone(),
                    group["completes"].clone(),
                    group["spent"][0].clone(),
                )
            })
            .collect::<Vec<_>>();
        (figures, groups)
    };
    let (november, groups) = spent("2026-11");
    let wanted = [
        (json!("acme"), json!(10), json!("25.00 USD")),
        (json!("globex"), json!(4), json!("10.00 USD")),
        (Value::Null, json!(0), json!("0.00 USD")),
    ];
    assert_eq!(november, wanted, "{groups:#?}");
    assert_eq!(groups[0]["not_known"], json!([]));
    let (december, groups) = spent("2026-12");
    assert_eq!(
        december[0],
        (json!("acme"), json!(6), json!("15.00 USD")),
        "{groups:#?}"
    );
    assert_eq!(groups[0]["may_be_earlier"], json!(["15.00 USD"]));
    project
        .ok(&["log", "--by", "client", "--month", "2026-12"])
        .says("client          surveys  completes      spent")
        .says("acme                  2          6  15.00 USD")
        .says("acme: 15.00 USD of it came between two looks, and may have come before that time")
        .says("A complete counts when a look saw it first");
    project
        .ok(&["log", "--by", "client", "--month", "2026-10"])
        .says("No look at a survey is in the history of that time.");
    let all = document(&project, "spend", &["log", "one", "--by", "client"]);
    assert_eq!(all["groups"][0]["spent"], json!(["40.00 USD"]));
    project.run(&["log", "--month", "2026-11"]).code(64);
    project
        .run(&["log", "--by", "client", "--month", "november"])
        .code(64)
        .says("write a month, such as 2026-11");
}
