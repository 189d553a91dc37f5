//! A job with two groups, from the example to the end of its life, as its user types it.

use crate::support::{Project, Run, Sandbox};
use serde_json::json;

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

#[test]
fn the_example_goes_in_field_and_stays() {
    let project = Project::example("innovatemr");
    project
        .ok(&LAUNCH)
        .says("Plan: 3 to create, 3 to launch; 14 calls.")
        .says("brand-lift/us-adults: launched, in field")
        .says("Apply: 6 steps done, 14 calls made.");
    project
        .ok(&LAUNCH)
        .says("Nothing to do: everything is as wanted (3 unchanged).");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    project.edit("brand-lift.yaml", "completes: 300", "completes: 330");
    let plan = project
        .run(&["plan", "--detailed-exitcode", "--format", "json"])
        .code(2)
        .json();
    assert_eq!(plan["summary"]["update"], 1);
    assert_eq!(plan["summary"]["calls"], 1, "{plan:#}");
    assert_eq!(plan["exposure"][0]["change"], "112.50");
    assert_eq!(plan["steps"][0]["address"], "brand-lift/us-adults");
    project
        .ok(&["apply", "--yes"])
        .says("Apply: 1 step done, 1 call made.");
    project
        .ok(&[
            "sandbox",
            "respondents",
            "19428",
            "--vendor",
            "innovatemr",
            "--completes",
            "20",
        ])
        .says("Completes");
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(0)
        .never_says("drift");
    project
        .ok(&["freeze", "brand-lift*", "--yes"])
        .says("brand-lift/us-adults: paused");
    project
        .run(&["plan"])
        .code(0)
        .says("frozen by")
        .never_says("outside infield");
    project
        .ok(&["thaw", "--yes", "--allow", "launch"])
        .says("brand-lift/us-adults: resumed, in field");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn a_guard_holds_back_the_job_with_its_groups() {
    let project = Project::example("innovatemr");
    project
        .run(&["apply", "--yes"])
        .code(3)
        .says("brand-lift/us-adults")
        .says("launch");
    project.ok(&["state", "list"]).says("brand-lift/in-adults");
    project.ok(&LAUNCH).says("3 steps done");
}

#[test]
fn saved_plans_notice_that_a_group_has_moved() {
    let project = Project::example("innovatemr");
    project.ok(&LAUNCH);
    project.edit("brand-lift.yaml", "max_cpi: 1.80 USD", "max_cpi: 1.90 USD");
    project.ok(&["plan", "--out", "plan.json"]);
    project
        .ok(&["apply", "--plan", "plan.json", "--yes"])
        .says("brand-lift/in-adults: updated");
    project.run(&["apply", "--plan", "plan.json", "--yes"]).code(5);
}

/// A project whose job, and then a group of it, lost the answer to its create. Gives what the sandbox says to a further
/// apply.
fn with_a_lost_group(sandbox: &Sandbox) -> (Project, Run) {
    let project = Project::example("innovatemr").with_innovatemr(sandbox);
    sandbox.fault(
        json!({"vendor": "innovatemr", "method": "POST", "path": "*/pega/job", "drop_after_commit": true}),
    );
    project.run(&LAUNCH).code(4).says("it will not be sent again");
    sandbox.fault(json!({"vendor": "innovatemr", "method": "POST", "path": "*/group", "nth": 1, "drop_after_commit": true}));
    let run = project
        .run(&["apply", "--yes", "--allow", "launch", "--parallelism", "1"])
        .code(4);
    run.says("is the one whose create lost its answer; it is taken over")
        .says("state resolve brand-lift/in-adults --adopt ID");
    let run = project.run(&LAUNCH);
    (project, run)
}

fn groups(sandbox: &Sandbox) -> usize {
    let documents = sandbox.admin("GET", "documents/innovatemr", json!(null));
    let keys = documents.as_object().unwrap().keys();
    keys.filter(|key| key.contains("/group/")).count()
}

#[test]
fn a_lost_group_is_found_where_the_details_of_its_job_show_it() {
    let sandbox = Sandbox::start();
    let (project, run) = with_a_lost_group(&sandbox);
    run.code(0)
        .says("survey 19427 is the one whose create lost its answer; it is taken over");
    project.expect_settled();
    assert_eq!(groups(&sandbox), 2);
}

#[test]
fn a_lost_group_that_no_details_show_waits_for_a_person() {
    let sandbox = Sandbox::start();
    sandbox.admin("POST", "settings", json!({"innovatemr_job_groups": false}));
    let (project, run) = with_a_lost_group(&sandbox);
    run.code(3).says("do not carry them");
    project
        .run(&["state", "resolve", "brand-lift/in-adults", "--adopt", "99999"])
        .code(1)
        .says("Group not found");
    project
        .ok(&["state", "resolve", "brand-lift/in-adults", "--adopt", "19427"])
        .says("group 19427 is there: \"Brand lift, autumn - in-adults\", draft");
    project.ok(&LAUNCH);
    project.expect_settled();
    assert_eq!(groups(&sandbox), 2);
}

#[test]
fn a_job_that_exists_already_can_be_taken_over() {
    let sandbox = Sandbox::start();
    let project = Project::example("innovatemr").with_innovatemr(&sandbox);
    let body = json!({"Name": "Brand lift, autumn", "Status": 0, "Category": 7});
    let (status, _) = sandbox.http("POST", "/innovatemr/api/v2/pega/job", &body);
    assert_eq!(status, 200);
    project
        .run(&["plan"])
        .code(0)
        .says("a job with this title exists already and is not in the state: 8575")
        .says("`infield state resolve brand-lift --adopt ID` takes it over");
    project.ok(&["state", "resolve", "brand-lift", "--adopt", "8575"]);
    project.ok(&LAUNCH).says("Plan: 2 to create, 3 to launch");
    project.expect_settled();
}

#[test]
fn assumptions_are_corrected_without_a_new_build() {
    let sandbox = Sandbox::start();
    let project = Project::example("innovatemr").with_innovatemr(&sandbox);
    project.ok(&LAUNCH);
    let correct = |assumptions: &str| {
        let text = project.read("infield.yaml");
        let text = text.split("      # corrected").next().unwrap().to_owned();
        let at = "innovatemr: {base_url";
        assert!(text.contains(at), "{text}");
        text.replace(
            "/innovatemr/api/v2\", token: sandbox,",
            &format!("/innovatemr/api/v2\", token: sandbox, assumptions: {assumptions},"),
        )
    };
    let before = project.read("infield.yaml");
    project.write(
        "infield.yaml",
        &correct("{paths: {job: \"/pega/job-details/{JobId}\"}}"),
    );
    project
        .run(&["plan"])
        .code(1)
        .says("the path /pega/job-details/8575 is assumed, and can be corrected under `innovatemr.assumptions.paths.job`");
    project.write("infield.yaml", &before);
    project.write("infield.yaml", &correct("{status_codes: {live: 4}}"));
    project.run(&["plan"]).code(0).says("status 1");
}
