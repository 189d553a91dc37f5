//! Guards: what is denied never happens, what asks needs a name, and a plan can be approved as a whole by its hash.

use crate::support::{APPLY, Project, Sandbox, survey};

fn one(sandbox: &Sandbox, guards: &str) -> Project {
    let project = Project::empty().with_guards(sandbox, guards);
    project.write("one.yaml", &survey("one", ""));
    project
}

#[test]
fn yes_alone_creates_and_does_not_launch() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{}");
    project
        .run(&["apply", "--yes"])
        .code(3)
        .says("launch is refused: it needs the approval `launch`");
    assert_eq!(sandbox.count(), [1, 0, 0, 0]);
    project.apply();
    assert_eq!(
        sandbox.count(),
        [0, 1, 0, 0],
        "the draft is launched, not made again"
    );
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_sent() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{launch: allow}");
    project
        .run(&["apply"])
        .code(3)
        .says("there is no terminal to ask on");
    assert!(sandbox.writes().is_empty());
    assert_eq!(project.ok(&["state", "list"]).stdout, "");
}

#[test]
fn allow_needs_no_name_and_deny_takes_none() {
    let sandbox = Sandbox::start();
    one(&sandbox, "{launch: allow}").ok(&["apply", "--yes"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{launch: deny}");
    project.run(&APPLY).code(3).says("launch");
    assert_eq!(sandbox.count(), [1, 0, 0, 0]);
}

#[test]
fn a_hash_approves_that_plan_and_no_other() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{}");
    let hash = project.plan()["hash"].as_str().unwrap().to_owned();
    project.edit("one.yaml", "2.50 USD", "2.51 USD");
    project
        .run(&["apply", "--approve", &hash])
        .code(5)
        .says("nothing was done");
    assert!(sandbox.writes().is_empty());
    project.edit("one.yaml", "2.51 USD", "2.50 USD");
    project.ok(&["apply", "--approve", &hash]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn a_hash_does_not_approve_what_is_denied() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{launch: deny}");
    let hash = project.plan()["hash"].as_str().unwrap().to_owned();
    project.run(&["apply", "--approve", &hash]).code(3);
    assert_eq!(sandbox.count(), [1, 0, 0, 0]);
}

#[test]
fn money_has_limits() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{launch: allow, exposure: {max_increase: 249.99 USD}}");
    project.run(&APPLY).code(3).says("249.99 USD");
    assert_eq!(sandbox.count()[1], 0, "250.00 USD are not put at stake");
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{launch: allow, max_cpi: 2.49 USD}");
    project.run(&APPLY).code(3).says("2.49 USD");
    assert_eq!(sandbox.count()[1], 0);
    let sandbox = Sandbox::start();
    let project = one(
        &sandbox,
        "{launch: allow, max_cpi: 2.50 USD, exposure: {max_increase: 250 USD, max_total: 250 USD}}",
    );
    project.ok(&APPLY);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn what_is_not_approved_makes_no_room_under_a_limit() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{exposure: {max_total: 250 USD}}");
    project.ok(&APPLY);
    project.edit("one.yaml", "status: live", "status: closed");
    project.write("two.yaml", &survey("two", ""));
    let launch = ["apply", "--yes", "--allow", "launch"];
    project
        .run(&launch)
        .code(3)
        .says("it needs the approval `close`")
        .says("launch is refused by the guard `exposure`: the exposure would be 500.00 USD");
    assert_eq!(sandbox.count(), [1, 1, 0, 0], "the new one stays a draft");
    project.ok(&["apply", "--yes", "--allow", "launch,close"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 1]);
}

#[test]
fn who_is_asked_does_not_change_in_field_without_approval() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    project.apply();
    sandbox.forget();
    project.edit("layered-quotas.yaml", "  age: 18-64\n", "  age: 18-65\n");
    project.run(&APPLY).code(3).says("edit-live-targeting");
    assert!(sandbox.writes().is_empty());
    project.ok(&["apply", "--yes", "--allow", "edit-live-targeting,launch"]);
    project.expect_settled();
}
