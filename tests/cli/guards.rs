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
fn a_short_name_approves_nothing_by_itself() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{}");
    let whole = project.plan()["hash"].as_str().unwrap().to_owned();
    let short = &whole[..9];
    for args in [
        &["apply", "--approve", short][..],
        &["apply", "--approve", &whole[..29]],
        &["apply", "--approve", &format!("{whole},{short}")],
        &["plan", "--expect", short],
    ] {
        project.run(args).code(64).says(args[1]);
    }
    project.run(&["apply", "--approve", short]).says(&format!(
        "infield apply --env bench --approve {short} --approve-file plan.json"
    ));
    assert!(sandbox.writes().is_empty());
    // Somebody else's plan says another whole name: the short one is not meant.
    let other = format!(
        "<!-- infield:plan bench {} -->\n",
        "k7m2-".repeat(7).trim_end_matches('-')
    );
    project.write("other.md", &other);
    project
        .run(&["apply", "--approve", short, "--approve-file", "other.md"])
        .code(64);
    project
        .run(&["apply", "--approve-file", "other.md"])
        .code(5)
        .says("nothing was done");
    assert!(sandbox.writes().is_empty());
    project.ok(&["plan", "--expect", &whole]);
}

#[test]
fn a_file_says_the_whole_name() {
    for (write, short) in [
        (["--write", "json=plan.txt"], true),
        (["--write", "markdown=plan.txt"], true),
        (["--out", "plan.txt"], true),
        (["--write", "markdown=plan.txt"], false),
    ] {
        let sandbox = Sandbox::start();
        let project = one(&sandbox, "{}");
        project.ok(&[&["plan"][..], &write].concat());
        let whole = project.plan()["hash"].as_str().unwrap().to_owned();
        let by_name = ["--approve", &whole[..9]];
        let approve = [
            &["apply", "--approve-file", "plan.txt"][..],
            if short { &by_name } else { &[] },
        ];
        project.ok(&approve.concat());
        assert_eq!(sandbox.count(), [0, 1, 0, 0], "{write:?}");
    }
}

#[test]
fn a_file_that_says_no_whole_name_approves_nothing() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox, "{}");
    project.ok(&["plan", "--out", "saved.json", "--write", "text=plan.txt"]);
    project.write("saved.json", &project.read("saved.json").replace("250", "999"));
    project.write("old.md", "<!-- infield:plan bench -->\n### infield plan\n");
    project.write(
        "short.json",
        r#"{"format": "infield.plan/1", "hash": "k7m2-9qfd"}"#,
    );
    for file in ["saved.json", "plan.txt", "old.md", "short.json", "missing.json"] {
        project.run(&["apply", "--approve-file", file]).code(1).says(file);
    }
    assert!(sandbox.writes().is_empty());
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
