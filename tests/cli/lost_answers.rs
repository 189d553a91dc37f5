//! Creating exactly once: whatever becomes of an answer, the next apply ends with one survey.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

const CREATE: &str = "*/surveys";

fn one(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project
}

/// Applies while this goes wrong with the create, and once more afterwards.
fn create_with(fault: Value) -> Sandbox {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    let mut fault = fault;
    fault["method"] = "POST".into();
    fault["path"] = CREATE.into();
    sandbox.fault(fault);
    project.run(&APPLY).code(4).says("it will not be sent again");
    project.ok(&["state", "list"]).says("create with unknown outcome");
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 1, 0, 0], "one survey, in field");
    sandbox
}

fn creates(sandbox: &Sandbox) -> usize {
    let writes = sandbox.writes();
    writes
        .iter()
        .filter(|call| call["method"] == "POST" && call["path"] == "/surveys")
        .count()
}

#[test]
fn a_create_whose_answer_was_lost_is_found_again() {
    let sandbox = create_with(json!({"drop_after_commit": true}));
    assert_eq!(creates(&sandbox), 1, "it was never sent again");
}

#[test]
fn a_create_that_answered_500_but_happened_is_found_again() {
    let sandbox = create_with(json!({"status": 500, "after_commit": true}));
    assert_eq!(creates(&sandbox), 1, "it was never sent again");
}

#[test]
fn a_create_that_a_gateway_answered_in_the_vendors_place_is_found_again() {
    for status in [303, 308, 408, 409, 425, 499] {
        let sandbox = create_with(json!({"status": status, "after_commit": true}));
        assert_eq!(creates(&sandbox), 1, "{status}: it was never sent again");
    }
}

#[test]
fn a_create_with_an_answer_that_is_no_json_is_found_again() {
    let sandbox = create_with(json!({"malformed": true}));
    assert_eq!(creates(&sandbox), 1, "it was never sent again");
}

#[test]
fn a_create_that_never_arrived_is_sent_again_when_that_is_certain() {
    let sandbox = create_with(json!({"drop_before": true}));
    assert_eq!(creates(&sandbox), 2);
    let sandbox = create_with(json!({"status": 503}));
    assert_eq!(creates(&sandbox), 2);
}

#[test]
fn the_plan_shows_what_was_found_and_writes_nothing() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    sandbox.fault(json!({"method": "POST", "path": CREATE, "drop_after_commit": true}));
    project.run(&APPLY).code(4);
    let list = project.ok(&["state", "list"]).stdout;
    project
        .ok(&["plan"])
        .says("survey 1000001 is the one whose create lost its answer");
    assert_eq!(list, project.ok(&["state", "list"]).stdout);
}

/// A create that lost its answer, and a second draft of the same content by somebody else.
fn undecidable(sandbox: &Sandbox) -> Project {
    let project = one(sandbox);
    sandbox.fault(json!({"method": "POST", "path": CREATE, "drop_after_commit": true}));
    project.run(&APPLY).code(4);
    let sent = sandbox.writes()[0]["body"].clone();
    sandbox.by_hand("POST", "/surveys", sent);
    sandbox.forget();
    project
}

#[test]
fn two_equal_drafts_block_the_survey_and_nothing_else() {
    let sandbox = Sandbox::start();
    let project = undecidable(&sandbox);
    project.write("two.yaml", &survey("two", ""));
    project
        .run(&APPLY)
        .code(3)
        .says("surveys 1000001, 1000002 all have the content that was sent")
        .says("infield state resolve one --adopt");
    assert_eq!(sandbox.count(), [2, 1, 0, 0], "the other survey is in field");
    project
        .run(&["state", "resolve", "one", "--adopt", "900001"])
        .code(1);
    project
        .run(&["state", "resolve", "one", "--adopt", "1000003"])
        .code(1)
        .says("belongs to `two` already");
    project
        .ok(&["state", "resolve", "one", "--adopt", "1000001"])
        .says("About one");
    project.apply();
    assert_eq!(sandbox.count(), [1, 2, 0, 0]);
    assert_eq!(sandbox.survey(1_000_001)["ps_survey_status"], 22);
}

#[test]
fn a_discarded_create_is_sent_again() {
    let sandbox = Sandbox::start();
    let project = undecidable(&sandbox);
    project.ok(&["state", "resolve", "one", "--discard"]);
    project
        .run(&["state", "resolve", "one", "--discard"])
        .code(1)
        .says("no create with unknown outcome");
    project.apply();
    assert_eq!(creates(&sandbox), 1);
    assert_eq!(sandbox.count(), [2, 1, 0, 0]);
}

#[test]
fn nobody_settles_a_create_while_somebody_else_has_the_state() {
    let sandbox = Sandbox::start();
    let project = undecidable(&sandbox);
    let before = project.ok(&["state", "pull"]).stdout;
    let lock = std::fs::File::options()
        .write(true)
        .open(project.folder().join(".infield/bench/lock"))
        .unwrap();
    lock.try_lock().unwrap();
    for decision in [&["--adopt", "1000001"][..], &["--discard"], &["--new"]] {
        let args = [&["state", "resolve", "one"], decision].concat();
        project.run(&args).code(5).says("is locked by");
    }
    assert_eq!(project.ok(&["state", "pull"]).stdout, before);
    drop(lock);
    project.ok(&["state", "resolve", "one", "--adopt", "1000001"]);
}

#[test]
fn the_vendors_lists_that_cannot_be_read_prove_nothing() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    sandbox.fault(json!({"method": "POST", "path": CREATE, "drop_before": true}));
    project.run(&APPLY).code(4);
    sandbox.fault(json!({"method": "GET", "path": "*/surveys", "malformed": true, "times": 0}));
    project.run(&APPLY).code(3).says("cannot be told");
    assert_eq!(creates(&sandbox), 1);
    sandbox.admin("DELETE", "faults", Value::Null);
    project.apply();
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn idempotent_writes_are_repeated_at_once() {
    for fault in [
        json!({"drop_after_commit": true}),
        json!({"status": 502}),
        json!({"drop_before": true}),
    ] {
        let sandbox = Sandbox::start();
        let project = one(&sandbox);
        let mut fault = fault;
        fault["method"] = "PATCH".into();
        sandbox.fault(fault);
        project.apply().says("trying again");
        assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    }
}
