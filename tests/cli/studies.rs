//! The studies of `examples/studies`, each as its README tells it, from an empty account until everybody is there.

use crate::support::{Project, Run};
use serde_json::Value;
use std::collections::BTreeMap;

/// When the stories begin: the folders do not say, and some of them say when a field ends.
const START: &str = "2036-12-01T08:00:00Z";

/// A study of its own, with a sandbox that knows what time it is.
fn study(name: &str) -> Project {
    let project = Project::example(&format!("studies/{name}"));
    // The first command makes the sandbox.
    project.ok(&["plan"]);
    project.ok(&["sandbox", "clock", "--stop-at", START]);
    project
}

fn launch(project: &Project) -> Run {
    project.ok(&["apply", "--yes", "--allow", "launch"])
}

/// What is in field: address, id, vendor and goal of each.
fn in_field(project: &Project) -> Vec<(String, String, String, u64)> {
    let document = project.ok(&["status", "--format", "json"]).json();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = document["surveys"].as_array().unwrap().iter();
    rows.filter(|row| row["status"] == "live")
        .map(|row| {
            let goal = row["goal"].as_u64().unwrap();
            (text(row, "address"), text(row, "id"), text(row, "vendor"), goal)
        })
        .collect()
}

/// As many come to each survey in field as are wanted there.
fn everybody_comes(project: &Project) {
    for (_, id, vendor, goal) in in_field(project) {
        let goal = goal.to_string();
        project.ok(&[
            "sandbox",
            "respondents",
            &id,
            "--vendor",
            &vendor,
            "--completes",
            &goal,
        ]);
    }
}

/// Nothing is planned, and nothing has moved.
fn settled(project: &Project) {
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    project
        .run(&["plan", "--refresh-only", "--detailed-exitcode"])
        .code(0);
}

/// Completes of each manifest, as `status` tells them at the end, and whether they are what was wanted.
fn collected(project: &Project) -> BTreeMap<String, (u64, bool)> {
    let document = project.ok(&["status", "--format", "json"]).json();
    let rows = document["surveys"].as_array().unwrap().iter();
    rows.map(|row| {
        let count = row["completes"].as_u64().unwrap();
        assert_eq!(row["verdict"], "done", "{row:#}");
        (
            row["address"].as_str().unwrap().to_owned(),
            (count, row["goal"].as_u64() == Some(count)),
        )
    })
    .collect()
}

/// A study that is launched once and comes to its end.
fn comes_to_its_end(name: &str, wanted: u64) -> Project {
    let project = study(name);
    launch(&project);
    settled(&project);
    everybody_comes(&project);
    settled(&project);
    let all = collected(&project);
    assert!(all.values().all(|(_, full)| *full), "{all:?}");
    assert_eq!(
        all.values().map(|(count, _)| count).sum::<u64>(),
        wanted,
        "{all:?}"
    );
    project
}

#[test]
fn a_tracker_of_three_countries_gets_its_second_wave_when_the_first_is_done() {
    let project = comes_to_its_end("tracker", 1000);
    project.edit("tracker.yaml", "wave: [1]", "wave: [1, 2]");
    for country in ["us", "gb", "de"] {
        let (one, both) = (
            format!("[drinks-{country}-w1]"),
            format!("[drinks-{country}-w1, drinks-{country}-w2]"),
        );
        project.edit("group.yaml", &one, &both);
    }
    // Nobody can be invited twice before the group knows the new wave.
    let plan = launch(&project);
    plan.says("3 to create").says("3 to launch");
    settled(&project);
    assert_eq!(in_field(&project).len(), 3);
    everybody_comes(&project);
    settled(&project);
    let all = collected(&project);
    assert_eq!(all.len(), 6);
    assert_eq!(all.values().map(|(count, _)| count).sum::<u64>(), 2000);
}

#[test]
fn a_general_population_is_balanced_by_age_within_gender_and_by_region_and_income() {
    let project = comes_to_its_end("census", 1000);
    let shown = project
        .ok(&["status", "general-population", "--format", "json"])
        .json();
    let quotas = shown["surveys"][0]["quotas"].as_array().unwrap().clone();
    assert_eq!(quotas.len(), 19);
    let full = |quota: &Value| quota["completes"] == quota["goal"];
    assert!(quotas.iter().all(full), "{quotas:#?}");
    // A price that somebody mistypes is refused before anything is asked.
    project.edit("general-population.yaml", "cpi: 3.10 USD", "cpi: 31.0 USD");
    project.run(&["plan"]).says("max_cpi");
}

#[test]
fn people_near_two_stores_are_found_by_their_zip_codes() {
    let project = comes_to_its_end("zip-codes", 150);
    // A slip in a list is named by its line.
    let list = project.read("lists/oakland.txt");
    project.write("lists/oakland.txt", &list.replace("94603", "9460"));
    project.run(&["validate"]).code(1).says("lists/oakland.txt");
}

#[test]
fn business_people_are_found_by_the_names_of_the_house() {
    let project = study("b2b");
    project.ok(&["plan"]).says("job_title").says("644");
    launch(&project);
    settled(&project);
    // Another name for the same code is no change.
    for file in ["infield.yaml", "it-buyers.yaml"] {
        let text = project.read(file);
        project.write(file, &text.replace("job_title", "occupation"));
    }
    settled(&project);
    everybody_comes(&project);
    settled(&project);
    assert_eq!(collected(&project)["it-buyers"], (80, true));
}

#[test]
fn the_same_people_are_asked_again_by_a_list_of_their_ids() {
    let project = study("recontact");
    project.ok(&["plan"]).says("50 respondents #");
    launch(&project).says("1 to launch").never_says("psid-");
    settled(&project);
    assert_eq!(in_field(&project).len(), 1, "the second one waits as a draft");
    everybody_comes(&project);
    settled(&project);
    // Somebody is taken off the list, and the others are asked.
    let list = project.read("lists/completed.csv");
    let shorter: Vec<&str> = list.lines().take(46).collect();
    project.write("lists/completed.csv", &shorter.join("\n"));
    project.edit("again.yaml", "status: draft", "status: live");
    let plan = project.ok(&["plan", "--show-calls"]);
    plan.says("45 respondents #")
        .says("1 to launch")
        .never_says("psid-");
    launch(&project);
    settled(&project);
    everybody_comes(&project);
    settled(&project);
    let all = collected(&project);
    assert_eq!(
        (all["coffee-first"], all["coffee-again"]),
        ((60, true), (40, true))
    );
    // Whom it asks is fixed by now.
    project.write("lists/completed.csv", &list);
    project.ok(&["plan"]).never_says("psid-");
}

#[test]
fn three_marketplaces_share_the_completes_of_one_survey() {
    let project = comes_to_its_end("three-marketplaces", 600);
    project.ok(&["log"]).says("apply");
}
