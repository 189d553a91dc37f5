//! Status is not ours alone: vendors and people stop surveys, and nothing that stopped is started again unasked.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::json;

const ID: u64 = 1_000_001;

fn in_field(sandbox: &Sandbox, more: &str) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", more));
    project.apply();
    sandbox.forget();
    project
}

fn status(sandbox: &Sandbox) -> u64 {
    sandbox.survey(ID)["ps_survey_status"].as_u64().unwrap()
}

fn pause_by_hand(sandbox: &Sandbox) {
    let patch = json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{ID}"), patch);
    sandbox.forget();
}

#[test]
fn a_survey_paused_by_hand_is_drift_and_resumed_only_when_asked() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "");
    pause_by_hand(&sandbox);
    let plan = project.ok(&["plan", "--detailed-exitcode"]);
    insta::assert_snapshot!("paused_by_hand", plan.text());
    project.ok(&APPLY);
    assert!(sandbox.writes().is_empty(), "not relaunched");
    assert_eq!(status(&sandbox), 33);
    project
        .run(&["apply", "--yes", "--resume", "one"])
        .code(3)
        .says("needs the approval `launch`");
    assert_eq!(status(&sandbox), 33);
    project.ok(&["apply", "--yes", "--allow", "launch", "--resume", "one"]);
    assert_eq!(status(&sandbox), 22);
    project.expect_settled();
}

#[test]
fn a_manifest_may_ask_to_be_resumed() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "on_external_pause: resume\n");
    pause_by_hand(&sandbox);
    project.run(&["plan", "--detailed-exitcode"]).code(2);
    project.apply();
    assert_eq!(status(&sandbox), 22);
    project.expect_settled();
}

#[test]
fn what_the_vendor_closed_stays_closed() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "");
    sandbox.admin("POST", "clock", json!({"advance": "4d"}));
    assert_eq!(status(&sandbox), 44);
    sandbox.forget();
    project.ok(&["plan"]).says("closed");
    project.run(&["apply", "--yes", "--allow", "launch", "--resume", "one"]);
    assert!(sandbox.writes().is_empty(), "closed is final");
    assert_eq!(sandbox.count(), [0, 0, 0, 1], "and no second survey is made");
}

#[test]
fn counters_moving_is_no_drift_and_nothing_goes_below_them() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "");
    sandbox.admin("POST", "respondents", json!({"survey": ID, "completes": 40}));
    project.expect_settled();
    project.edit("one.yaml", "completes: 100", "completes: 30");
    project.ok(&["plan"]).says("40");
    project.run(&APPLY).code(3);
    let now = sandbox.survey(ID)["completes_required"].as_u64().unwrap();
    assert!(now >= 40, "{now} wanted, 40 collected and paid");
}

#[test]
fn status_changes_in_the_manifest_are_carried_out_in_order() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "");
    project.edit("one.yaml", "status: live", "status: paused");
    project.apply();
    assert_eq!(status(&sandbox), 33);
    project.expect_settled();
    project.edit("one.yaml", "status: paused", "status: live");
    project.apply();
    assert_eq!(status(&sandbox), 22);
    project.edit("one.yaml", "status: live", "status: closed");
    project.run(&APPLY).code(3).says("needs the approval `close`");
    project.ok(&["apply", "--yes", "--allow", "close"]);
    assert_eq!(status(&sandbox), 44);
    project.expect_settled();
}
