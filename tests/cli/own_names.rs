//! A project's own names for questions and answers, and ranges without an upper end: written, applied, changed, imported.

use crate::support::{CINT, INNOVATEMR, Project, Sandbox, survey};
use serde_json::json;

const QUESTIONS: &str = "questions:
  job_title:
    purespectrum: {question: 644, answers: {ceo: 4, cto: 5}}
    innovatemr: {question: CORE_ENTERTAINMENT_0015, answers: {ceo: Game console, cto: Smart TV}}
    cint: {question: 63, answers: {ceo: 1, cto: Target}}
  hours_online: {purespectrum: {question: 702, unit: 311}}
";

/// A project with names, and an account at every vendor.
fn named(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    let text = project.read("infield.yaml");
    project.write("infield.yaml", &format!("{text}{QUESTIONS}"));
    project
}

/// Imports everything into a project that remembers nothing, and expects that there is nothing to do.
fn imported(project: &Project, manifest: &str) -> String {
    project.remove(manifest);
    project.forget("bench");
    project.ok(&["import", "--all"]);
    project.expect_settled();
    project.read(manifest)
}

#[test]
fn names_at_purespectrum_are_sent_as_codes_and_come_back_as_names() {
    let sandbox = Sandbox::start();
    let project = named(&sandbox);
    let asked = "qualifications: {job_title: [ceo, cto], hours_online: 10+, age: 18+, household_income: 100000+}\n\
        quotas:\n  - {name: chiefs, completes: 40, where: {job_title: ceo}}\n  - {name: seniors, completes: 30, where: {age: 65+}}\n";
    project.write(
        "about-jobs.yaml",
        &survey("jobs", &asked.replace("hours_online: 10+", "hours_online: 10-20")),
    );
    project
        .ok(&["plan"])
        .says("job_title is 644: ceo 4, cto 5")
        .says("hours_online is 702")
        .says("65-99");
    project.apply();
    project.expect_settled();
    let codes = json!({"qualification_code": 644, "condition_codes": ["5", "4"]});
    let hours = json!({"qualification_code": 702, "range_sets": [{"from": 10, "to": 20, "units": 311}]});
    let income =
        json!({"qualification_code": 213, "range_sets": [{"from": 100_000, "to": 999_999, "units": 321}]});
    let shown = sandbox.survey(1_000_001);
    for one in [codes, hours, income] {
        let all = shown["qualifications"].as_array().unwrap();
        assert!(all.contains(&one), "{one} in {shown}");
    }
    // Another name for the same code is no change, whatever is remembered.
    project.edit("infield.yaml", "  job_title:\n", "  position:\n");
    project.edit("infield.yaml", "ceo: 4", "chief: 4");
    let text = project
        .read("about-jobs.yaml")
        .replace("job_title", "position")
        .replace("ceo", "chief");
    project.write("about-jobs.yaml", &text);
    project.expect_settled();
    project.edit("about-jobs.yaml", "position: [chief, cto]", "position: [chief]");
    project
        .ok(&["plan"])
        .says("qualifications.position")
        .says("position is 644: chief 4");
    project.edit("about-jobs.yaml", "position: [chief]", "position: [chief, cto]");
    let text = imported(&project, "about-jobs.yaml");
    for line in [
        "position:",
        "chief",
        "cto",
        "hours_online: 10-20",
        "age: 18+",
        "household_income: 100000+",
        "age: 65+",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(sandbox.surveys(22).len(), 1);
}

#[test]
fn names_at_innovatemr_stand_for_a_key_and_texts_of_its_library() {
    let sandbox = Sandbox::start();
    let project = named(&sandbox);
    let asked = "  qualifications: {job_title: [ceo, cto], age: 65+}\n  quotas:\n  \
        - {name: chiefs, completes: 60, where: {job_title: ceo}}\n  - {name: heads, completes: 40, where: {job_title: cto}}\n";
    project.write("lift.yaml", &format!("{INNOVATEMR}{asked}"));
    project
        .ok(&["plan"])
        .says("job_title is CORE_ENTERTAINMENT_0015: ceo 1, cto 2")
        .says("65-99");
    project.apply();
    project.expect_settled();
    let manifest = project.read("lift.yaml");
    // Who is asked it does not show; whom quotas count it does.
    let text = imported(&project, "lift.yaml");
    assert!(
        text.contains("job_title: ceo") && text.contains("job_title: cto"),
        "{text}"
    );
    project.write("lift.yaml", &manifest);
    project.edit(
        "infield.yaml",
        "question: CORE_ENTERTAINMENT_0015",
        "question: CORE_ENTERTAINMENT_15",
    );
    project
        .run(&["plan"])
        .says("has no question `job_title` (CORE_ENTERTAINMENT_15)")
        .says("did you mean `CORE_ENTERTAINMENT_0015`?");
}

#[test]
fn names_at_cint_stand_for_numbers_and_texts_of_its_library() {
    let sandbox = Sandbox::start();
    let project = named(&sandbox);
    project.write(
        "tracker.yaml",
        &format!("{CINT}  qualifications: {{job_title: [ceo, cto], age: 65+}}\n"),
    );
    project
        .ok(&["plan"])
        .says("job_title is 63: ceo 1, cto 2")
        .says("65-99");
    project.apply();
    project.expect_settled();
    let text = imported(&project, "tracker.yaml");
    assert!(
        text.contains("qualifications: {age: 65+, job_title: [ceo, cto]}"),
        "{text}"
    );
}
