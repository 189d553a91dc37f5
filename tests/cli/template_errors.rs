//! The vendor's four answers about templates, each predicted before anything is sent, and each handled when it comes
//! all the same.

use crate::support::{APPLY, Project, Run, Sandbox};
use serde_json::{Value, json};

const FEATURE: &str = "You do not have the template feature activated";
const MISSING: &str = "Template Id does not exist";
const OTHER: &str = "You can only apply one template to a survey";
const LATE: &str = "Template Id cannot be applied";

fn answer(code: u16, message: &str) -> Value {
    json!({"ps_api_response_code": code, "ps_api_response_message": message})
}

#[test]
fn an_account_without_the_feature_is_predicted() {
    let sandbox = Sandbox::start();
    sandbox.admin("POST", "settings", json!({"template_feature": false}));
    let project = Project::example("template-rule").with(&sandbox);
    project
        .ok(&["plan"])
        .says("template 5 cannot be used")
        .says("1018");
    project.run(&APPLY).code(3);
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

#[test]
fn a_template_that_is_not_shared_is_predicted() {
    let sandbox = Sandbox::start();
    let project = Project::example("template-rule").with(&sandbox);
    project.edit("tracker.yaml", "template_id: 5", "template_id: 100");
    project
        .ok(&["plan"])
        .says("template 100 does not exist or is not shared")
        .says("1006")
        .says("5 (Zip panel)");
    project.run(&APPLY).code(3);
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

/// Applies while the vendor answers the create of a survey from a template with this refusal.
fn refused_at_creation(status: u16, code: u16, message: &str) -> (Sandbox, Project, Run) {
    let sandbox = Sandbox::start();
    let project = Project::example("template-rule").with(&sandbox);
    sandbox.fault(
        json!({"method": "POST", "path": "*/surveys", "status": status, "body": answer(code, message)}),
    );
    let run = project.run(&APPLY).code(1).says(message).says("not started");
    (sandbox, project, run)
}

#[test]
fn a_refused_create_leaves_nothing_open_and_works_later() {
    for (status, code, message) in [
        (403, 1018, FEATURE),
        (404, 1006, MISSING),
        (400, 1014, LATE),
        (400, 1014, OTHER),
    ] {
        let (sandbox, project, run) = refused_at_creation(status, code, message);
        run.says("template rule").never_says("unknown");
        assert_eq!(sandbox.count(), [0, 0, 0, 0]);
        assert_eq!(
            project.ok(&["state", "list"]).stdout,
            "",
            "no survey and no open create"
        );
        project.apply();
        assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    }
}

#[test]
fn the_feature_can_be_switched_off_between_plan_and_apply() {
    let sandbox = Sandbox::start();
    let project = Project::example("template-rule").with(&sandbox);
    // The list of templates is read as if nothing had happened, and then the vendor's real refusal comes.
    let templates = sandbox.by_hand("GET", "/templates?UI=0", Value::Null);
    sandbox.admin("POST", "settings", json!({"template_feature": false}));
    sandbox.fault(json!({"method": "GET", "path": "*/templates", "status": 200, "body": templates}));
    project.run(&APPLY).code(1).says("1018").says(FEATURE);
    assert_eq!(sandbox.count(), [0, 0, 0, 0]);
}

#[test]
fn the_template_list_that_cannot_be_read_blocks_only_who_needs_it() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    sandbox.fault(json!({"method": "GET", "path": "*/templates", "malformed": true, "times": 0}));
    project
        .run(&APPLY)
        .code(4)
        .says("from-template")
        .says("could not be read");
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
}
