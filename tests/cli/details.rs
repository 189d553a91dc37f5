//! What vendors tell of one survey alone, for whoever asks for it by name.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

fn row(project: &Project, address: &str) -> Value {
    let document = project.ok(&["status", address, "--format", "json"]).json();
    document["surveys"][0].clone()
}

#[test]
fn drop_off_and_quality_at_purespectrum_are_told_and_have_limits() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    let before = row(&project, "one");
    assert_eq!(
        (&before["drop_off"], &before["quality_terminations"]),
        (&Value::Null, &Value::Null)
    );
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_001, "completes": 20, "terminations": 5, "drops": 20, "quality_terminations": 5}),
    );
    let told = row(&project, "one");
    assert_eq!(
        (&told["drop_off"], &told["quality_terminations"]),
        (&json!("40"), &json!("10")),
        "{told:#}"
    );
    project
        .run(&["status", "--fail-on", "alarm"])
        .code(6)
        .says("drop-off: 40% of those who began")
        .says("sent away for quality: 10% of those who began")
        .says("alarm: 40% of those who began left in the middle")
        .never_says("alarm: 10%");
    let settings = project.read("infield.yaml");
    project.write(
        "infield.yaml",
        &format!(
            "{}    alarms: {{drop_off: 50%, quality_terminations: 9%}}\n",
            settings.trim_end().to_owned() + "\n"
        ),
    );
    project
        .run(&["status", "--fail-on", "alarm"])
        .code(6)
        .says("alarm: 10% of those who began were sent away for their quality")
        .never_says("alarm: 40%");
}

#[test]
fn what_cint_tells_of_one_target_group_stands_with_it_where_it_is_named() {
    let project = Project::example("cint");
    project.ok(&APPLY);
    for completes in ["12", "30"] {
        let came = [
            "sandbox",
            "respondents",
            "brand-tracker/us-adults",
            "--completes",
            completes,
            "--terminations",
            "6",
        ];
        project.ok(&came);
        project.ok(&["sandbox", "clock", "24h"]);
    }
    let told = row(&project, "brand-tracker/us-adults");
    let value = |name: &str| {
        let all = told["details"].as_array().unwrap();
        let found = all.iter().find(|told| told["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {told:#}"))["value"].clone()
    };
    assert_eq!(value("Returned as Complete"), "42");
    assert_eq!(value("Returned as Terminate"), "12");
    assert!(
        value("rate card")
            .as_str()
            .unwrap()
            .contains("incidence rate (75% to 1%)")
    );
    let completes: Vec<u64> = told["intervals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["completes"].as_u64().unwrap())
        .collect();
    assert_eq!(completes[..2], [12, 30], "{told:#}");
    project
        .ok(&["status", "brand-tracker/us-adults"])
        .says("Returned as Terminate: 12")
        .says("completes over time: 12 by ");
    project.ok(&["status"]).never_says("Returned as");
}

#[test]
fn what_innovatemr_counts_of_job_group_and_quotas_stands_with_a_group_where_it_is_named() {
    let project = Project::example("innovatemr");
    project.apply();
    project.ok(&[
        "sandbox",
        "respondents",
        "brand-lift/us-adults",
        "--completes",
        "20",
        "--quota",
        "men",
    ]);
    let run = project.ok(&["status", "brand-lift/us-adults"]);
    for what in [
        "job ",
        "group Completes: 20",
        "quotas 1 Completes: 20",
        "feasibility 1 Estimate: 300",
        "feasibility as money, assumed: 300.00 USD",
    ] {
        assert!(run.stdout.contains(what), "{what}\n{}", run.text());
    }
    project.ok(&["status"]).never_says("feasibility 1");
}

#[test]
fn prices_of_a_rate_card_are_looked_up_by_country() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project
        .run(&["lookup", "rate-card", "--vendor", "cint"])
        .code(64)
        .says("add one, such as --locale en-US");
    project
        .ok(&["lookup", "rate-card", "--vendor", "cint", "--locale", "en-US"])
        .says("US, 10 min")
        .says("75%: 434, 50%: 487");
    project
        .run(&["lookup", "rate-card", "--vendor", "purespectrum"])
        .code(1)
        .says("PureSpectrum has no rate cards");
}

#[test]
fn an_import_of_a_target_group_says_which_project_holds_it() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cint/brand-tracker.yaml");
    project.write("brand-tracker.yaml", &std::fs::read_to_string(example).unwrap());
    project.ok(&APPLY);
    let document = project.ok(&["status", "--format", "json"]).json();
    let group = document["surveys"][0]["id"].as_str().unwrap().to_owned();
    let elsewhere = Project::empty().with_all(&sandbox);
    elsewhere
        .run(&["import", "--vendor", "cint", "--id", &group])
        .says(&format!("Cint has no {group}: "))
        .says("it is a group of ");
}

#[test]
fn an_estimate_of_what_is_in_field_is_about_the_rest_of_each_quota() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n\
                  \x20 - {name: men, completes: 50, where: {gender: male}}\n\
                  \x20 - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.apply();
    let came = json!({"survey": 1_000_001, "completes": 50, "terminations": 75, "quota": "men"});
    sandbox.admin("POST", "respondents", came);
    let came = json!({"survey": 1_000_001, "completes": 10, "quota": "women"});
    sandbox.admin("POST", "respondents", came);
    sandbox.forget();
    let row = project.ok(&["feasibility", "--format", "json"]).json()["surveys"][0].clone();
    assert_eq!(row["completes"], 40, "{row:#}");
    assert_eq!(
        (&row["in_field"]["completes"], &row["in_field"]["goal"]),
        (&json!(60), &json!(100))
    );
    let log = sandbox.log();
    let asked: Vec<&Value> = log
        .iter()
        .filter(|call| call["path"].as_str().unwrap().contains("/feasibility"))
        .collect();
    assert_eq!(asked.len(), 1, "{log:#?}");
    project
        .ok(&["feasibility"])
        .says("40 completes at 2.50 USD wanted")
        .says("in field with 60 of 100: asked about the rest, at the measured incidence rate of 44%");
}

#[test]
fn a_price_far_below_the_one_that_the_vendor_suggests_is_an_alarm_where_it_is_asked_for() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let manifest = survey("one", "qualifications: {gender: [male, female]}\n");
    project.write("one.yaml", &manifest.replace("2.50 USD", "1.00 USD"));
    project.apply();
    let alarm = "alarm: the price is 1.00 USD, and the vendor suggests ";
    project.ok(&["feasibility"]).says(alarm);
    project
        .run(&["status", "one", "--fail-on", "alarm"])
        .code(6)
        .says(alarm);
    // Of all there is, nobody asks.
    sandbox.forget();
    project
        .ok(&["status", "--fail-on", "alarm"])
        .never_says("suggests");
    assert!(sandbox.writes().is_empty());
    let settings = project.read("infield.yaml").trim_end().to_owned();
    project.write(
        "infield.yaml",
        &format!("{settings}\n    alarms: {{price: 20%}}\n"),
    );
    project.ok(&["feasibility"]).never_says("alarm");
    project.ok(&["status", "one", "--fail-on", "alarm"]);
}
