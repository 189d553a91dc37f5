//! What a field manager was told wrongly once, each line by itself, with whatever the program had then.

use crate::support::{APPLY, Project, survey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn row(project: &Project, address: &str) -> Value {
    let document = project.ok(&["status", "--format", "json"]).json();
    let rows = document["surveys"].as_array().unwrap();
    let found = rows.iter().find(|row| row["address"] == address);
    found
        .unwrap_or_else(|| panic!("no {address} in {document:#}"))
        .clone()
}

fn respond(project: &Project, address: &str, vendor: &str, more: &[&str]) {
    let id = row(project, address)["id"].as_str().unwrap().to_owned();
    project.ok(&[&["sandbox", "respondents", &id, "--vendor", vendor][..], more].concat());
}

fn pass(project: &Project, hours: &str) {
    project.ok(&["sandbox", "clock", hours]);
}

/// Men and women in a target group at Cint, in field for ten days from now.
fn cint(men: u64, women: u64) -> Project {
    let project = Project::empty();
    let end = Timestamp::now() + SignedDuration::from_hours(240);
    let all = men + women;
    project.write(
        "lift.yaml",
        &format!(
            "kind: Survey\nname: lift\ntitle: About lift\nincidence_rate: 50\nlength_of_interview: 5\n\
             field: {{end: {end:.0}}}\nlive_url: https://survey.example.com/s?rid=[%RID%]\n\
             test_url: https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {{project_manager: \
             b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}}\ngroups:\n- name: us\n  locale: en-US\n  \
             completes: {all}\n  cpi: 2.50 USD\n  qualifications: {{gender: [male, female]}}\n  quotas:\n  \
             - {{name: men, completes: {men}, where: {{gender: male}}}}\n  \
             - {{name: women, completes: {women}, where: {{gender: female}}}}\n"
        ),
    );
    project.ok(&APPLY);
    project
}

#[test]
fn men_who_are_full_do_not_hide_women_who_do_not_come() {
    let project = cint(200, 200);
    pass(&project, "144h");
    for (quota, completes) in [("men", "200"), ("women", "10")] {
        respond(
            &project,
            "lift/us",
            "cint",
            &["--completes", completes, "--quota", quota],
        );
    }
    let seen = row(&project, "lift/us");
    assert_eq!(
        (&seen["completes"], &seen["verdict"]),
        (&json!(210), &json!("slow")),
        "{seen:#}"
    );
    let why = seen["why"].as_str().unwrap();
    assert!(
        why.starts_with("quota women ") && why.contains(" of 200 would be missing"),
        "{why}"
    );
    let end = seen["forecast"]["completes"].as_u64().unwrap();
    assert!(end < 230, "{seen:#}");
}

#[test]
fn a_pace_above_what_is_needed_is_not_on_track_where_a_quota_has_nobody() {
    let project = cint(196, 204);
    pass(&project, "97h");
    respond(
        &project,
        "lift/us",
        "cint",
        &["--completes", "174", "--quota", "men"],
    );
    let seen = row(&project, "lift/us");
    assert_eq!(seen["pace"], 107, "{seen:#}");
    assert_eq!(seen["verdict"], "slow", "{seen:#}");
    let why = seen["why"].as_str().unwrap();
    assert!(why.starts_with("quota women "), "{why}");
}

#[test]
fn an_incidence_rate_below_the_promised_one_is_an_alarm() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    project.ok(&APPLY);
    let came = ["--completes", "43", "--terminations", "57"];
    respond(&project, "one", "purespectrum", &came);
    let seen = row(&project, "one");
    assert_eq!(
        seen["alarms"],
        json!(["the incidence rate is 43%, and 50% was promised"]),
        "{seen:#}"
    );
}

#[test]
fn what_is_over_is_projected_to_cost_what_it_cost() {
    let project = Project::empty();
    let manifest = survey("one", "").replace("completes: 100", "completes: 400");
    project.write("one.yaml", &manifest);
    project.ok(&APPLY);
    respond(&project, "one", "purespectrum", &["--completes", "365"]);
    pass(&project, "8d");
    let seen = row(&project, "one");
    assert_eq!(seen["why"], "its time is over at 365 of 400 completes");
    assert_eq!(
        (&seen["cost"], &seen["projected_cost"]),
        (&json!("912.50 USD"), &json!("912.50 USD")),
        "{seen:#}"
    );
}

#[test]
fn a_day_without_a_complete_is_no_stall_where_few_come_a_day() {
    let project = Project::empty();
    let slow = survey("one", "").replace("field_days: 7", "field_days: 40");
    project.write("one.yaml", &slow);
    project.ok(&APPLY);
    // What has no complete for three days is closed.
    respond(&project, "one", "purespectrum", &["--completes", "1"]);
    pass(&project, "90h");
    respond(&project, "one", "purespectrum", &["--completes", "11"]);
    pass(&project, "25h");
    let seen = row(&project, "one");
    let pace = seen["pace"].as_u64().unwrap();
    assert!(pace >= 99, "{seen:#}");
    assert_ne!(seen["verdict"], "stalled", "{seen:#}");
}

#[test]
fn a_quota_that_was_taken_out_is_no_risk_for_ever() {
    let project = Project::empty();
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n\
                  - {name: men, completes: 50, where: {gender: male}}\n\
                  - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.ok(&APPLY);
    let came = ["--completes", "30", "--quota", "men"];
    respond(&project, "one", "purespectrum", &came);
    project.edit(
        "one.yaml",
        "- {name: men, completes: 50, where: {gender: male}}\n",
        "",
    );
    let hash = project.plan()["hash"].as_str().unwrap().to_owned();
    project.ok(&["apply", "--approve", &hash]);
    let seen = row(&project, "one");
    assert_ne!(seen["verdict"], "overquota-risk", "{seen:#}");
}

#[test]
fn a_study_has_a_total() {
    let project = Project::example("studies/three-marketplaces");
    project.ok(&APPLY);
    respond(
        &project,
        "soda-brands@purespectrum",
        "purespectrum",
        &["--completes", "40"],
    );
    let text = project.ok(&["status"]);
    text.says("study soda-brands in 3 parts: 40 of 600 completes");
    let document = project.ok(&["status", "--format", "json"]).json();
    let total = &document["studies"][0];
    assert_eq!(
        (&total["completes"], &total["goal"], &total["parts"]),
        (&json!(40), &json!(600), &json!(3)),
        "{total:#}"
    );
}

#[test]
fn one_survey_is_shown_by_its_name() {
    let project = Project::empty();
    for name in ["one", "two"] {
        project.write(&format!("{name}.yaml"), &survey(name, ""));
    }
    project.ok(&APPLY);
    project
        .ok(&["status", "two"])
        .says("two (PureSpectrum ")
        .never_says("one (PureSpectrum ");
    project
        .ok(&["status", "*"])
        .says("one (PureSpectrum ")
        .says("two (PureSpectrum ");
}
