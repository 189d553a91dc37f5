//! How far surveys got, as whoever watches them sees it.

use crate::support::{Project, Sandbox, survey};
use serde_json::{Value, json};

const LAUNCH: [&str; 6] = ["apply", "--yes", "--allow", "launch", "--parallelism", "1"];

fn status(project: &Project) -> Value {
    let document = project.ok(&["status", "--format", "json"]).json();
    let schema = project.ok(&["schema", "status"]).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&document), "{document:#}");
    assert_eq!(document["format"], "infield.status/1");
    document
}

fn of<'a>(document: &'a Value, address: &str) -> &'a Value {
    let rows = document["surveys"].as_array().unwrap();
    rows.iter()
        .find(|row| row["address"] == address)
        .unwrap_or_else(|| panic!("no {address} in {document:#}"))
}

fn respond(project: &Project, id: &str, vendor: &str, more: &[&str]) {
    let mut args = vec!["sandbox", "respondents", id, "--vendor", vendor];
    args.extend(more);
    // The embedded sandbox of the environment `sandbox`.
    project.ok(&args);
}

#[test]
fn a_survey_at_purespectrum_goes_from_nothing_to_done() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    project
        .ok(&["status"])
        .says("one (PureSpectrum): not made yet, `infield apply` makes it")
        .says("1 survey: 1 not made yet.");
    project.ok(&LAUNCH);
    let fresh = status(&project);
    let one = of(&fresh, "one");
    assert_eq!(one["verdict"], "in-field", "{one:#}");
    assert_eq!(one["why"], "too early to tell its pace");
    assert_eq!(one["completes"], 0);
    assert_eq!(
        one["incidence_rate"]["actual"],
        Value::Null,
        "nobody was asked yet"
    );
    let goal = one["goal"].as_u64().unwrap();
    let id = one["id"].as_str().unwrap().to_owned();

    respond(
        &project,
        &id,
        "purespectrum",
        &["--completes", "10", "--terminations", "10"],
    );
    project.ok(&["sandbox", "clock", "24h"]);
    let later = status(&project);
    let one = of(&later, "one");
    assert_eq!(one["completes"], 10);
    assert_eq!(one["incidence_rate"]["actual"], "50", "{one:#}");
    assert!(one["cost"].as_str().unwrap().ends_with(" USD"));
    assert!(one["pace"].as_u64().is_some(), "{one:#}");
    project.ok(&["sandbox", "clock", "25h"]);
    let silent = status(&project);
    assert_eq!(of(&silent, "one")["verdict"], "stalled", "{silent:#}");

    let rest = (goal - 10).to_string();
    respond(&project, &id, "purespectrum", &["--completes", &rest]);
    let done = status(&project);
    let one = of(&done, "one");
    assert_eq!(one["verdict"], "done", "{one:#}");
    assert_eq!(one["cost"], one["projected_cost"]);
    project
        .ok(&["status"])
        .says(&format!("all  ████████████████████  {goal} of {goal}"));
    let page = project.ok(&["status", "--format", "html"]);
    page.says("<!DOCTYPE html>").never_says("<script");
}

#[test]
fn quotas_at_purespectrum_are_counted() {
    let project = Project::example("quickstart");
    project.ok(&LAUNCH);
    let id = of(&status(&project), "layered-quotas")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let quotas = of(&status(&project), "layered-quotas")["quotas"].clone();
    let quota = quotas[0]["name"].as_str().unwrap().to_owned();
    respond(
        &project,
        &id,
        "purespectrum",
        &["--completes", "7", "--quota", &quota],
    );
    let seen = status(&project);
    let counted = seen_quota(of(&seen, "layered-quotas"), &quota);
    assert_eq!(counted["completes"], 7, "{counted}");
    assert_eq!(of(&seen, "layered-quotas")["completes"], 7);
}

fn seen_quota<'a>(row: &'a Value, name: &str) -> &'a Value {
    let quotas = row["quotas"].as_array().unwrap();
    quotas.iter().find(|quota| quota["name"] == name).unwrap()
}

#[test]
fn the_worst_open_quota_decides_and_the_money_is_that_of_what_will_come() {
    let project = Project::empty();
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n\
                  \x20 - {name: men, completes: 50, where: {gender: male}}\n\
                  \x20 - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.ok(&LAUNCH);
    let id = of(&status(&project), "one")["id"].as_str().unwrap().to_owned();
    let came = |completes: &str, quota: &str| {
        let more = ["--completes", completes, "--quota", quota];
        respond(&project, &id, "purespectrum", &more);
    };
    came("45", "men");
    project.ok(&["sandbox", "clock", "99h"]);
    came("5", "women");
    let seen = status(&project);
    let row = of(&seen, "one");
    assert_eq!(
        (&row["verdict"], &row["pace"]),
        (&json!("slow"), &json!(84)),
        "{row:#}"
    );
    assert_eq!(
        row["why"],
        "quota women is at 16% of the pace that it needs, about 42 of 50 would be missing at the end"
    );
    // At the pace of all it would be 84; men are full soon, and few women come.
    assert_eq!(row["forecast"]["completes"], 58, "{row:#}");
    assert_eq!(
        (&row["cost"], &row["projected_cost"]),
        (&json!("125.00 USD"), &json!("145.00 USD"))
    );
    assert!(seen_quota(row, "men")["forecast"]["full"].is_string(), "{row:#}");
    assert_eq!(seen_quota(row, "women")["forecast"]["completes"], 8);
}

#[test]
fn a_survey_is_on_track_only_where_it_will_reach_its_goal() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    project.ok(&LAUNCH);
    let fresh = status(&project);
    let one = of(&fresh, "one");
    let (id, goal) = (
        one["id"].as_str().unwrap().to_owned(),
        one["goal"].as_u64().unwrap(),
    );
    let days = one["days_left"].as_u64().unwrap();
    let half = (days * 12).to_string() + "h";
    // What has no complete is closed meanwhile.
    respond(&project, &id, "purespectrum", &["--completes", "1"]);
    project.ok(&["sandbox", "clock", &half]);
    // Four fifths of the pace.
    let came = (goal * 2 / 5 - 1).to_string();
    respond(&project, &id, "purespectrum", &["--completes", &came]);
    let slow = status(&project);
    assert_eq!(of(&slow, "one")["verdict"], "slow", "{slow:#}");
    let why = of(&slow, "one")["why"].as_str().unwrap();
    assert!(why.contains("of the pace that its goal needs, about "), "{why}");
    let rest = (goal / 2 - goal * 2 / 5 + 1).to_string();
    respond(&project, &id, "purespectrum", &["--completes", &rest]);
    let good = status(&project);
    assert_eq!(of(&good, "one")["verdict"], "on-track", "{good:#}");
    let full = of(&good, "one")["forecast"]["full"].as_str().unwrap();
    assert!(full.parse::<jiff::Timestamp>().is_ok(), "{full}");
}

#[test]
fn what_to_look_for_is_said_on_the_command_line() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    project.write("two.yaml", &survey("two", ""));
    project.ok(&LAUNCH);
    let id = of(&status(&project), "two")["id"].as_str().unwrap().to_owned();
    project.ok(&["sandbox", "clock", "30h"]);
    let came = ["--completes", "40", "--terminations", "400"];
    respond(&project, &id, "purespectrum", &came);
    // The most pressing comes first.
    let seen = status(&project);
    let order: Vec<&str> = seen["surveys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["address"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["one", "two"], "{seen:#}");
    assert_eq!(of(&seen, "one")["verdict"], "stalled");
    let alarm = of(&seen, "two")["alarms"][0].as_str().unwrap();
    assert!(alarm.starts_with("the incidence rate is 9%, and "), "{alarm}");
    for (look, code) in [
        ("stalled", 6),
        ("slow,stalled", 6),
        ("alarm", 6),
        ("gone", 0),
        ("slow,gone", 0),
    ] {
        project
            .run(&["status", "--fail-on", look])
            .code(code)
            .says("2 surveys: ");
    }
    project
        .ok(&["status", "--only", "stalled"])
        .says("1 survey: 1 stalled.")
        .never_says("two (");
    project
        .ok(&["status", "--only", "alarm"])
        .says("two (")
        .never_says("one (");
    project.ok(&["status", "--only", "gone"]).says("No surveys.");
    // What is not shown counts all the same.
    project
        .run(&["status", "--only", "gone", "--fail-on", "stalled"])
        .code(6);
    project.ok(&["status", "--sort", "name"]).says("one (");
    project.run(&["status", "--only", "slwo"]).code(64).says("slow");
    // The limits are the environment's own.
    project.write(
        "infield.yaml",
        "kind: Project\nname: p\nenvironments:\n  sandbox:\n    alarms: {incidence_rate: 5%}\n",
    );
    project.ok(&["status", "--fail-on", "alarm"]).never_says("alarm:");
}

#[test]
fn many_surveys_that_are_well_are_a_line_each() {
    let project = Project::empty();
    for n in 0..8 {
        project.write(&format!("s{n}.yaml"), &survey(&format!("s{n}"), ""));
    }
    project.ok(&LAUNCH);
    let lines = |args: &[&str]| project.ok(args).stdout.lines().count();
    let few = lines(&["status"]);
    assert!(few <= 10, "{few} lines");
    assert!(lines(&["status", "-v"]) > 40);
    assert!(lines(&["status", "s*"]) > 40, "what is named is shown in full");
}

#[test]
fn openmetrics_say_what_json_says() {
    let project = Project::example("quickstart");
    project.ok(&LAUNCH);
    let seen = status(&project);
    let text = project.ok(&["status", "--format", "openmetrics"]).stdout;
    assert!(text.ends_with("# EOF\n"), "{text}");
    for row in seen["surveys"].as_array().unwrap() {
        let labels = format!(
            "environment=\"sandbox\",survey=\"{}\",vendor=\"purespectrum\"",
            row["address"].as_str().unwrap()
        );
        for (name, key) in [("completes", "completes"), ("goal", "goal")] {
            let line = format!("infield_survey_{name}{{{labels}}} {}\n", row[key]);
            assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
        }
    }
    // Each family once, its samples together.
    let families: Vec<&str> = text.lines().filter(|line| line.starts_with("# TYPE ")).collect();
    let once: std::collections::BTreeSet<&&str> = families.iter().collect();
    assert_eq!(once.len(), families.len());
}

#[test]
fn groups_at_cint_are_watched_one_by_one() {
    let project = Project::example("cint");
    project.ok(&LAUNCH);
    let fresh = status(&project);
    assert_eq!(
        fresh["surveys"].as_array().unwrap().len(),
        2,
        "a project is not fielded itself"
    );
    let id = of(&fresh, "brand-tracker/us-adults")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    respond(
        &project,
        &id,
        "cint",
        &["--completes", "30", "--terminations", "10"],
    );
    let seen = status(&project);
    let row = of(&seen, "brand-tracker/us-adults");
    assert_eq!((&row["completes"], &row["goal"]), (&json!(30), &json!(300)));
    assert_eq!(
        row["incidence_rate"],
        json!({"promised": "60", "actual": "75"}),
        "{row:#}"
    );
    assert_eq!(
        row["length_of_interview"],
        json!({"promised": "8", "actual": "8"})
    );
    assert_eq!(row["cost"], "82.50 USD");
    assert_eq!(row["projected_cost"], "825.00 USD");
    assert!(row["started"].is_string() && row["ends"].is_string(), "{row:#}");
    assert!(row["days_left"].as_u64().unwrap() > 100);
    assert_eq!(seen_quota(row, "men")["goal"], 150);
    let counted: u64 = row["quotas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| q["completes"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 30, "{row:#}");
    let untouched = of(&seen, "brand-tracker/us-hispanic");
    assert_eq!(untouched["incidence_rate"]["actual"], Value::Null);
}

#[test]
fn what_innovatemr_counts_is_shown_as_assumed() {
    let project = Project::example("innovatemr");
    project.apply();
    respond(
        &project,
        "19428",
        "innovatemr",
        &["--completes", "20", "--terminations", "20"],
    );
    let seen = status(&project);
    let row = of(&seen, "brand-lift/us-adults");
    assert_eq!(row["verdict"], "in-field");
    assert_eq!((&row["completes"], &row["goal"]), (&json!(20), &json!(300)));
    assert_eq!(row["incidence_rate"]["actual"], "50");
    assert!(row["days_left"].is_u64(), "{row:#}");
    let assumed = row["assumed"].as_str().unwrap();
    assert!(assumed.contains("what `Completes` counts"), "{assumed}");
    project
        .ok(&["status"])
        .says("20 of 300")
        .says("assumed: what `Completes` counts");
    // Nothing is planned on it: a goal below is only said to be possible.
    project.edit("brand-lift.yaml", "completes: 300", "completes: 299");
    project
        .ok(&["plan"])
        .says("InnovateMR does not say how many completes are collected");
}

#[test]
fn pace_cost_and_quotas_at_innovatemr_come_from_what_its_group_shows() {
    let project = Project::example("innovatemr");
    project.apply();
    let came = ["--completes", "20", "--quota", "men"];
    respond(&project, "19428", "innovatemr", &came);
    project.ok(&["sandbox", "clock", "132h"]);
    let seen = status(&project);
    let row = of(&seen, "brand-lift/us-adults");
    // 20 of 300 after half of the eleven days.
    assert_eq!(
        (&row["verdict"], &row["pace"]),
        (&json!("slow"), &json!(13)),
        "{row:#}"
    );
    assert_eq!(row["days_left"], 6, "{row:#}");
    assert_eq!(
        (&row["cost"], &row["projected_cost"]),
        (&json!("75.00 USD"), &json!("150.00 USD")),
        "as many again will come, whatever the goal is"
    );
    assert_eq!(seen_quota(row, "men")["completes"], 20);
    assert_eq!(seen_quota(row, "women")["completes"], 0);
    assert_eq!(row["length_of_interview"]["actual"], Value::Null);
}

#[test]
fn without_the_assumed_path_the_counters_of_innovatemr_are_unknown_and_that_is_no_error() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_innovatemr(&sandbox);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/innovatemr/brand-lift.yaml");
    project.write("brand-lift.yaml", &std::fs::read_to_string(example).unwrap());
    project.apply();
    sandbox.fault(json!({"method": "GET", "path": "*/stats", "status": 404, "times": 0}));
    let seen = status(&project);
    let row = of(&seen, "brand-lift/us-adults");
    assert_eq!(row["verdict"], "in-field");
    assert_eq!(row["why"], "InnovateMR does not tell how many completes");
    for key in ["completes", "cost", "projected_cost", "pace", "unread"] {
        assert_eq!(row[key], Value::Null, "{key}: {row:#}");
    }
    let assumed = row["assumed"].as_str().unwrap();
    assert!(assumed.contains("`innovatemr.assumptions.paths`"), "{assumed}");
}

#[test]
fn counters_that_fail_are_not_taken_for_counters_that_nobody_shows() {
    let mut sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.write("two.yaml", &survey("two", ""));
    project.ok(&LAUNCH);
    let id = of(&status(&project), "one")["id"].as_str().unwrap().to_owned();
    let path = format!("*/surveys/{id}/performance");
    sandbox.fault(json!({"method": "GET", "path": path, "status": 403, "times": 0}));
    let run = project.run(&["status"]).code(1);
    run.says("in field, the completes could not be read: ")
        .says("one: the completes could not be read: ")
        .says("too early to tell its pace")
        .never_says("does not tell how many completes");
    sandbox.stop();
}

#[test]
fn it_only_reads_and_little() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    sandbox.forget();
    project.ok(&["status"]);
    assert!(sandbox.writes().is_empty());
    assert!(sandbox.log().len() <= 3, "{:#?}", sandbox.log());
}

#[test]
fn what_cannot_be_read_is_said_and_is_an_error() {
    let mut sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    let id = of(&status(&project), "one")["id"].as_str().unwrap().to_owned();
    sandbox.fault(json!({"method": "GET", "path": format!("/surveys/{id}"), "status": 403, "times": 9}));
    let run = project.run(&["status"]).code(1);
    run.says("one (PureSpectrum")
        .says("not read")
        .says("not everything could be read");
    sandbox.stop();
}

#[test]
fn only_text_can_be_watched() {
    let project = Project::empty();
    project
        .run(&["status", "--watch", "--format", "json"])
        .code(64)
        .says("only text can be watched");
    project.run(&["status", "--interval", "9"]).code(64);
    project.ok(&["status"]).says("No surveys.");
}

#[test]
fn warnings_of_manifests_are_counted_and_not_told_again_with_every_look() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let group = "kind: Survey\nname: lift\ntitle: Lift\nlocale: en-US\ncompletes: 10\nincidence_rate: 60\n\
                 length_of_interview: 8\nlive_url: https://survey.example.com/s\nqualifications: {age: 18-64}\n\
                 quotas: [{name: men, completes: 10, where: {gender: male}}]\ninnovatemr: {}\n";
    project.write(
        "lift.yaml",
        &group.replace("completes: 10\nin", "completes: few\nin"),
    );
    project
        .run(&["status"])
        .code(1)
        .says("[infield::")
        .never_says("warning about");
    project.write("lift.yaml", group);
    project
        .ok(&["validate"])
        .says("warning [infield::quota::untargeted]");
    project
        .ok(&["status"])
        .says("2 warnings about manifests; `infield validate` shows them")
        .never_says("[infield::");
}
