//! Freezing many target groups of one project: one call for those that are in field, each by itself where that fails, and
//! never a word of what was not read.

use crate::support::{APPLY, Project, Run, Sandbox, id};
use serde_json::{Value, json};

/// A project with target groups that are in field, the dearest first by name, and one that waits for its start.
fn in_field(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    let groups: String = [("a", 400), ("b", 300), ("c", 200), ("d", 100)]
        .iter()
        .map(|(name, completes)| format!("  - {{name: {name}, completes: {completes}}}\n"))
        .collect();
    project.write(
        "brand.yaml",
        &format!(
            "kind: Survey\nname: brand\ntitle: About brands\nlocale: en-US\nincidence_rate: 60\nlength_of_interview: 8\n\
             cpi: 2.00 USD\nfield: {{end: 2036-12-15T18:00:00Z}}\nlive_url: https://survey.example.com/s?rid=[%RID%]\n\
             test_url: https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {{project_manager: \
             b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}}\ngroups:\n{groups}  - {{name: late, completes: 50, \
             field: {{start: 2036-01-01T00:00:00Z, end: 2036-12-15T18:00:00Z}}}}\n"
        ),
    );
    project.ok(&APPLY);
    sandbox.forget();
    project
}

/// The writes since the log was emptied, by the last words of their paths.
fn writes(sandbox: &Sandbox) -> Vec<String> {
    let log = sandbox.log();
    let writes = log.iter().filter(|call| call["method"] != "GET");
    let paths = writes.map(|call| call["path"].as_str().unwrap().to_owned());
    let own = paths.filter(|path| !path.contains("oauth"));
    own.map(|path| path.rsplit('/').next().unwrap().to_owned())
        .collect()
}

fn status(sandbox: &Sandbox, project: &Project, group: &str) -> String {
    let (around, own) = (id(project, "brand"), id(project, &format!("brand/{group}")));
    let (_, shown) = sandbox.cint(
        "GET",
        &format!("/projects/{around}/target-groups/{own}/overview"),
        Value::Null,
    );
    shown["status"].as_str().unwrap().to_owned()
}

const BATCH: &str = "pause-fielding-runs-by-target-group-id";

/// All of them are out of field, said so, and put back by a thaw.
fn frozen(run: &Run, sandbox: &Sandbox, project: &Project) {
    for group in ["a", "b", "c", "d", "late"] {
        assert!(run.stdout.contains(&format!("brand/{group}")), "{run:?}");
    }
    for group in ["a", "b", "c", "d"] {
        assert_eq!(status(sandbox, project, group), "paused", "{group}");
    }
    project
        .ok(&["plan"])
        .says("frozen by")
        .never_says("outside infield");
    let thawed = project.ok(&["thaw", "--yes", "--allow", "launch,changes"]);
    for group in ["a", "b", "c", "d"] {
        assert_eq!(status(sandbox, project, group), "live", "{group}: {thawed:?}");
    }
    project.ok(&["plan", "--detailed-exitcode"]);
}

#[test]
fn the_first_is_paused_by_itself_and_the_others_by_one_call() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let run = project.ok(&["freeze", "--yes"]).says("brand/d: paused");
    let sent = writes(&sandbox);
    assert_eq!(sent[0], "pause", "{sent:?}");
    let count = |word: &str| sent.iter().filter(|path| *path == word).count();
    assert_eq!((count("pause"), count(BATCH)), (1, 1), "{sent:?}");
    let log = sandbox.log();
    let batch = log
        .iter()
        .find(|call| call["path"].as_str().unwrap().ends_with(BATCH));
    let named = batch.unwrap()["body"]["target_group_ids"].as_array().unwrap();
    // What waits for its start is put off, which no such call does.
    assert_eq!(named.len(), 3, "{named:?}");
    assert_eq!(sent.len(), 3, "{sent:?}");
    frozen(&run, &sandbox, &project);
}

#[test]
fn where_the_call_for_many_is_refused_or_lost_each_is_paused_by_itself() {
    for fault in [
        json!({"method": "POST", "path": format!("*/{BATCH}"), "status": 400, "body": {"object": "bad_request_error"}}),
        json!({"method": "POST", "path": format!("*/{BATCH}"), "status": 500, "times": 0}),
    ] {
        let sandbox = Sandbox::start();
        let project = in_field(&sandbox);
        sandbox.fault(fault);
        let run = project
            .ok(&["freeze", "--yes"])
            .says("did not pause all of them")
            .says("brand/d: paused");
        let sent = writes(&sandbox);
        assert_eq!(sent.iter().filter(|path| *path == "pause").count(), 4, "{sent:?}");
        sandbox.release();
        frozen(&run, &sandbox, &project);
    }
}

#[test]
fn what_a_finished_job_left_in_field_is_paused_by_itself_and_not_said_to_be_before() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let left = id(&project, "brand/c");
    // The vendor takes it and does nothing; the job is done, and names one of those that it left.
    sandbox.fault(json!({
        "method": "POST", "path": format!("*/{BATCH}"), "status": 201, "headers": {"location": "/batch-jobs/pause/J1"},
    }));
    sandbox.fault(json!({
        "method": "GET", "path": format!("*/{BATCH}/J1"), "status": 200, "times": 0,
        "body": {"job_id": "J1", "status": "Completed", "failed_target_groups": {"has_more": false, "data": [
            {"target_group_id": left, "failure_reason": {"code": "StatusTransitionNotAllowed", "description": "No."}},
        ]}},
    }));
    let run = project
        .ok(&["freeze", "--yes"])
        .says(&format!("{left}: No. (StatusTransitionNotAllowed)"))
        .says("what is in field still is paused by itself");
    let sent = writes(&sandbox);
    assert_eq!(sent.iter().filter(|path| *path == "pause").count(), 4, "{sent:?}");
    sandbox.release();
    frozen(&run, &sandbox, &project);
}

#[test]
fn what_cannot_be_read_or_paused_after_a_call_for_many_is_no_pause() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let left = id(&project, "brand/c");
    sandbox.fault(json!({"method": "POST", "path": format!("*/{BATCH}"), "status": 400, "body": {}}));
    let refusal = json!({"object": "bad_request_error", "detail": "not today"});
    sandbox.fault(json!({
        "method": "POST", "path": format!("*/target-groups/{left}/fielding-runs/*/pause"), "status": 400, "times": 0,
        "body": refusal,
    }));
    // Done in part: the others are paused, and this one is said not to be.
    let run = project.run(&["freeze", "--yes"]).code(4);
    run.says("brand/b: paused")
        .says("brand/c: pause failed")
        .never_says("brand/c: paused");
    sandbox.release();
    assert_eq!(status(&sandbox, &project, "c"), "live");
    assert_eq!(status(&sandbox, &project, "b"), "paused");
}
