//! `infield feasibility`: estimates of all three vendors, and nothing that is stored.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A project with the examples of all vendors in it.
fn all_vendors() -> Project {
    let project = Project::empty();
    for file in [
        "quickstart/layered-quotas.yaml",
        "quickstart/minimal.yaml",
        "quickstart/from-template.yaml",
        "cint/brand-tracker.yaml",
        "innovatemr/brand-lift.yaml",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file);
        project.write(
            file.rsplit('/').next().unwrap(),
            &fs::read_to_string(path).unwrap(),
        );
    }
    project
}

#[test]
fn all_vendors_stand_side_by_side() {
    let project = all_vendors();
    let run = project.ok(&["feasibility", "--format", "json"]);
    let report = run.json();
    let schema: Value = serde_json::from_str(&project.ok(&["schema", "feasibility"]).stdout).unwrap();
    jsonschema::draft202012::new(&schema)
        .unwrap()
        .validate(&report)
        .unwrap();
    assert_eq!(report["format"], "infield.feasibility/1");
    let row = |address: &str| {
        let rows = report["surveys"].as_array().unwrap();
        rows.iter()
            .find(|row| row["address"] == address)
            .unwrap_or_else(|| panic!("{address}: {report:#}"))
    };
    assert_eq!(
        report["surveys"].as_array().unwrap().len(),
        7,
        "a project or job has no respondents"
    );
    assert_eq!(
        row("brand-tracker/us-adults")["estimate"],
        json!({
            "completes": {"min": 270, "max": 315}, "price": "4.87 USD",
            "prices": {"min": "3.90 USD", "max": "5.84 USD"},
        })
    );
    assert_eq!(
        row("brand-lift/us-adults")["estimate"],
        json!({"opaque": {"days": 7, "figure": 300, "money": "300.00 USD"}})
    );
    let layered = row("layered-quotas");
    assert!(layered["estimate"]["total"].as_u64().unwrap() > 0, "{layered:#}");
    assert!(layered["estimate"]["price"].as_str().unwrap().ends_with(" USD"));
    for (address, why) in [("from-template", "`locale`"), ("minimal", "has neither")] {
        assert!(
            row(address)["not_asked"].as_str().unwrap().contains(why),
            "{:#}",
            row(address)
        );
        assert!(row(address).get("estimate").is_none());
    }
    project
        .ok(&["feasibility", "--vendor", "innovatemr", "--days", "14"])
        .says("the vendor's figure for 14 days: 300, taken as money 300.00 USD (assumed; no document says what it counts)")
        .never_says("brand-tracker");
    project.ok(&["plan"]).says("9 to create");
}

#[test]
fn at_cint_the_same_is_asked_at_the_prices_of_its_range() {
    let project = all_vendors();
    let run = project.ok(&[
        "feasibility",
        "brand-tracker/us-adults",
        "--grid",
        "--format",
        "json",
    ]);
    assert_eq!(
        run.json()["surveys"][0]["at_prices"],
        json!([
            {"price": "3.90 USD", "completes": {"min": 270, "max": 315}},
            {"price": "4.87 USD", "completes": {"min": 270, "max": 315}},
            {"price": "5.84 USD", "completes": {"min": 270, "max": 315}},
        ])
    );
    project
        .ok(&["feasibility", "brand-tracker/us-adults", "--grid"])
        .says("at 3.90 USD: 270 to 315 completes");
    project
        .ok(&["feasibility", "brand-tracker/us-adults"])
        .never_says("at 3.90 USD");
}

#[test]
fn layers_are_asked_one_by_one_and_nothing_is_stored() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    project.remove("minimal.yaml");
    project.remove("from-template.yaml");
    sandbox.forget();
    project
        .ok(&["feasibility"])
        .says("they promise nothing")
        .says("completes over all quotas");
    let log = sandbox.log();
    assert_eq!(log.len(), 2, "{log:?}");
    for call in &log {
        assert!(call["path"].as_str().unwrap().contains("/feasibility"), "{call}");
        for quota in call["body"]["quotas"].as_array().unwrap() {
            assert_eq!(quota["criteria"].as_array().unwrap().len(), 2, "{quota}");
        }
    }
    assert_eq!(sandbox.count(), [0, 0, 0, 0]);
}

#[test]
fn what_cannot_be_had_is_said_and_the_rest_is_shown() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    drop(sandbox);
    project
        .run(&["feasibility"])
        .code(1)
        .says("from-template (PureSpectrum)")
        .says("no estimate:")
        .says("one estimate could not be had");
    project
        .run(&["feasibility", "--vendor", "cint"])
        .code(1)
        .says("there is no survey to ask about");
    project.run(&["feasibility", "--days", "0"]).code(64);
    let cint = Project::example("cint");
    cint.edit(
        "brand-tracker.yaml",
        "  business_unit: 3337            # decides the currency and how prices are made\n",
        "",
    );
    let run = cint.run(&["feasibility"]);
    assert!(run.text().contains("business_unit"), "{}", run.text());
}

#[test]
fn estimates_stand_beside_a_plan_and_change_nothing_of_it() {
    let project = Project::example("quickstart");
    let plain = project.plan();
    let plan = project.ok(&["plan", "--feasibility", "--format", "json"]).json();
    assert_eq!((&plan["hash"], &plan["steps"]), (&plain["hash"], &plain["steps"]));
    assert!(plain.get("estimates").is_none());
    let asked: Vec<&str> = plan["estimates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["address"].as_str().unwrap())
        .collect();
    assert_eq!(asked, ["from-template", "layered-quotas", "minimal"]);
    project
        .ok(&["plan", "--feasibility"])
        .says("estimates of the vendors; they promise nothing, and the plan does not depend on them")
        .says("estimate: 672800 completes over all quotas");
    project
        .ok(&["plan", "--feasibility", "--format", "markdown"])
        .says("3 surveys and groups asked about, promising nothing");
    project
        .ok(&["plan", "--feasibility", "--format", "html"])
        .says("<h2>Estimates of the vendors</h2>");
    project.apply();
    // What does not change is not asked about.
    let after = project.ok(&["plan", "--feasibility", "--format", "json"]).json();
    assert!(after.get("estimates").is_none(), "{after:#}");
}

#[test]
fn an_estimate_that_fails_is_a_word_and_no_error() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    sandbox.fault(json!({"path": "*feasibility*", "status": 500, "times": 0}));
    project
        .ok(&["plan", "--feasibility"])
        .says("no estimate:")
        .says("Plan: 3 to create");
}
