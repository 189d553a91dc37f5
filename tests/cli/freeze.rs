//! Freezing: everything out of field at once, with nothing but the state and the accounts.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

/// Two surveys in field, the second with more money at stake.
fn in_field(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("brand-a.yaml", &survey("brand-a", ""));
    project.write(
        "brand-b.yaml",
        &survey("brand-b", "").replace("2.50 USD", "9.00 USD"),
    );
    project.write("soda.yaml", &survey("soda", ""));
    project.apply();
    sandbox.forget();
    project
}

#[test]
fn the_most_money_is_stopped_first_and_nothing_resumes_unasked() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let run = project.ok(&["freeze", "--yes", "brand-*"]);
    assert!(
        run.stdout
            .starts_with("pause brand-b, 900.00 USD at stake\npause brand-a, 250.00 USD"),
        "{}",
        run.text()
    );
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
    project
        .ok(&["freeze", "--yes", "brand-*"])
        .says("nothing in field matches");
    sandbox.forget();
    project.ok(&APPLY).says("not resumed unasked");
    assert!(sandbox.writes().is_empty());
    project.ok(&[
        "apply",
        "--yes",
        "--allow",
        "launch",
        "--resume",
        "brand-a,brand-b",
    ]);
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

#[test]
fn broken_manifests_do_not_matter() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.write("soda.yaml", "kind: [\n");
    project.remove("brand-a.yaml");
    project.run(&["plan"]).code(1);
    project.ok(&["freeze", "--yes"]);
    assert_eq!(sandbox.count(), [0, 0, 3, 0]);
}

#[test]
fn nobody_is_asked_where_there_is_no_terminal() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project
        .run(&["freeze"])
        .code(3)
        .says("there is no terminal to ask on");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn what_could_not_be_read_is_said_and_the_rest_is_stopped() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    sandbox.fault(json!({"method": "GET", "path": "*/surveys/1000002", "malformed": true, "times": 0}));
    project.run(&["freeze", "--yes"]).code(4).says("brand-b");
    sandbox.admin("DELETE", "faults", Value::Null);
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
}

/// Makes the vendor show something else than infield left there.
fn change_by_hand(sandbox: &Sandbox, id: u64) {
    let patch = json!([{"op": "replace", "path": "/offer_price", "value": 3.33}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{id}"), patch);
}

#[test]
fn what_somebody_else_has_changed_does_not_make_a_pause_a_failure() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for id in 1_000_001..=1_000_003 {
        change_by_hand(&sandbox, id);
    }
    project.ok(&["freeze", "--yes", "soda"]);
    project.remove("brand-a.yaml");
    project.ok(&["apply", "--yes", "--allow", "remove", "--target", "brand-a"]);
    project.edit("brand-b.yaml", "status: live", "status: closed");
    project.ok(&["apply", "--yes", "--allow", "close", "--target", "brand-b"]);
    assert_eq!(sandbox.count(), [0, 0, 2, 1]);
}

#[test]
fn a_freeze_that_forgets_to_say_where_does_not_end_well() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for args in [
        &["freeze", "--yes", "--env", "sandbox"][..],
        &["freeze", "--yes", "--env", "sandbox", "brand-*"],
    ] {
        project.run(args).code(1);
    }
    project
        .run(&["freeze", "--yes", "--env", "sandbox"])
        .says("nothing was paused")
        .says("say where: --env bench");
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}
