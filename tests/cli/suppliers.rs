//! Who sends respondents, from a manifest to the vendor and back.

use crate::support::{APPLY, Project, Sandbox};
use serde_json::{Value, json};

const SURVEY: &str = "\
kind: Survey
name: soda
title: Soda tracker
locale: en-US
completes: 400
incidence_rate: 50
length_of_interview: 5
field_days: 10
cpi: 3.75 USD
suppliers:
  - supplier: 1
  - {name: partners, suppliers: [3, 6], completes: 100, cpi: 5.00 USD}
live_url: https://survey.example.com/s/soda?tk=[%%token%%]
status: live
purespectrum: {category: 232}
";

/// What the vendor has, without what has no completes to bring.
fn stored(sandbox: &Sandbox) -> Vec<Value> {
    let id = sandbox.surveys(22)[0]["ps_survey_id"].clone();
    let all = sandbox.by_hand("GET", &format!("/surveys/{id}/suppliers"), Value::Null);
    let rows = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["completes_goal"] != 0);
    let ids = |row: &Value| {
        row["suppliers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Value>()
    };
    rows.map(|row| json!([row["completes_goal"], row["cpi"], ids(row), row["group_name"]]))
        .collect()
}

#[test]
fn suppliers_are_given_completes_and_prices_and_stay_so() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{launch: allow}");
    project.write("soda.yaml", SURVEY);
    project
        .ok(&["plan"])
        .says("all other suppliers send nobody")
        .says("2000.00");
    project.ok(&APPLY);
    let partners = json!([100, 5, [3, 6], "partners"]);
    assert_eq!(
        stored(&sandbox),
        [json!([400, 3.75, [1], null]), partners.clone()]
    );
    project.ok(&["plan"]).says("Nothing to do");

    // In field, and by hand at the vendor.
    project.edit("soda.yaml", "  - supplier: 1\n", "  - supplier: 8\n");
    project.ok(&["plan"]).says("supplier 1 sends nobody any more");
    project.ok(&APPLY);
    assert_eq!(stored(&sandbox), [json!([400, 3.75, [8], null]), partners]);
    project.ok(&["plan"]).says("Nothing to do");
    let id = sandbox.surveys(22)[0]["ps_survey_id"].clone();
    let by_hand = json!([{"cpi": 9, "completes_goal": 10, "suppliers": [10]}]);
    sandbox.by_hand("PUT", &format!("/surveys/{id}/suppliers"), by_hand);
    project
        .ok(&["plan"])
        .says("changed outside infield")
        .says("supplier 10 sends nobody any more");

    // What is not managed any more is left alone.
    let without = project.read("soda.yaml");
    let (head, tail) = without.split_once("suppliers:\n").unwrap();
    let rest = tail.split_once("live_url").unwrap().1;
    project.write("soda.yaml", &format!("{head}live_url{rest}"));
    project.ok(&["plan"]).says("Nothing to do");
}

#[test]
fn an_import_writes_suppliers_that_are_not_as_a_survey_is_made_with() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{launch: allow}");
    project.write(
        "soda.yaml",
        &SURVEY.replace("  - supplier: 1\n", "").replace("Soda", "Tea"),
    );
    project.write("plain.yaml", &{
        let (head, tail) = SURVEY.split_once("suppliers:\n").unwrap();
        let rest = tail.split_once("live_url").unwrap().1;
        format!("{head}live_url{rest}").replace("name: soda", "name: plain")
    });
    project.ok(&APPLY);
    let other = Project::empty().with_guards(&sandbox, "{launch: allow}");
    other.ok(&["import", "--all", "--vendor", "purespectrum"]);
    let tea = other.read("tea-tracker.yaml");
    assert!(
        tea.contains("name: partners") && tea.contains("cpi: 5.00 USD"),
        "{tea}"
    );
    assert!(!other.read("soda-tracker.yaml").contains("suppliers"));
    other.ok(&["plan"]).says("Nothing to do");
}
