//! What is there already is not made again: a second clone, a lost state, an answer with somebody else's id, a wrong clock.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

const STATE: &str = ".infield/bench/state.json";

fn clone(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project
}

#[test]
fn a_second_clone_makes_nothing_again_and_names_both_ways_out() {
    let sandbox = Sandbox::start();
    clone(&sandbox).apply();
    let second = clone(&sandbox);
    second
        .run(&APPLY)
        .code(3)
        .says("a survey with this title exists already and is not in the state: 1000001")
        .says("`infield state resolve one --adopt ID` takes it over")
        .says("`infield state resolve one --new` says so");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    second.ok(&["state", "resolve", "one", "--adopt", "1000001"]);
    second.apply();
    second.expect_settled();
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn a_survey_that_is_new_on_purpose_is_made_once_beside_the_other() {
    let sandbox = Sandbox::start();
    clone(&sandbox).apply();
    let second = clone(&sandbox);
    second.edit("one.yaml", "title: About one", "title: about   ONE");
    second.run(&APPLY).code(3);
    second
        .ok(&["state", "resolve", "one", "--new"])
        .says("one is another survey than 1000001, and is made beside it");
    second.apply();
    second.expect_settled();
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
    // The third clone meets both, and an apply that was told so twice makes no second one.
    let third = clone(&sandbox);
    third.run(&APPLY).code(3).says("1000001, 1000002");
    second.ok(&["state", "resolve", "one", "--new"]);
    second.expect_settled();
}

#[test]
fn what_is_closed_or_in_another_language_is_not_in_the_way() {
    let sandbox = Sandbox::start();
    let first = clone(&sandbox);
    first.apply();
    let second = clone(&sandbox);
    second.edit("one.yaml", "locale: en-US", "locale: de-DE");
    second.apply();
    first.edit("one.yaml", "status: live", "status: closed");
    first.ok(&["apply", "--yes", "--allow", "close"]);
    clone(&sandbox).apply();
    assert_eq!(sandbox.count(), [0, 2, 0, 1]);
}

#[test]
fn lists_that_cannot_be_read_hold_back_what_would_be_made() {
    let sandbox = Sandbox::start();
    let project = clone(&sandbox);
    sandbox.fault(json!({"method": "GET", "path": "*/surveys", "malformed": true, "times": 0}));
    project.run(&APPLY).code(1).says("could not be seen");
    assert_eq!(sandbox.writes(), Vec::<Value>::new());
    sandbox.admin("DELETE", "faults", Value::Null);
    project.apply();
}

#[test]
fn an_id_that_is_somebodys_is_neither_taken_from_an_answer_nor_pushed() {
    let sandbox = Sandbox::start();
    let project = clone(&sandbox);
    project.apply();
    project.write("two.yaml", &survey("two", ""));
    sandbox.fault(json!({
        "method": "POST", "path": "*/surveys", "status": 200, "after_commit": true,
        "body": {"ps_api_response_code": 1000, "ps_survey_id": 1_000_001},
    }));
    project
        .run(&APPLY)
        .code(4)
        .says("the answer names survey 1000001, which is `one` in the state");
    assert_eq!(sandbox.survey(1_000_001)["survey_title"], "About one");
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 2, 0, 0], "the one that was made is found");
    let state = project.read(STATE);
    project.write("bad.json", &state.replace("1000002", "1000001"));
    project
        .run(&["state", "push", "bad.json"])
        .code(1)
        .says("1000001 is both `one` and `two`");
    assert_eq!(project.read(STATE), state);
    // One that holds it already is not worked from.
    project.write(STATE, &state.replace("1000002", "1000001"));
    sandbox.forget();
    for args in [&["plan"][..], &APPLY, &["plan", "--refresh-only"]] {
        let run = project.run(args).code(1);
        run.says("1000001 is both `one` and `two`")
            .says("`infield state rm NAME`");
    }
    assert!(sandbox.writes().is_empty());
}

#[test]
fn an_id_that_is_somebodys_is_taken_from_no_answer_of_the_other_vendors() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint").with_all(&sandbox);
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let lift = std::fs::read_to_string(examples.join("innovatemr/brand-lift.yaml")).unwrap();
    let tracker = project.read("brand-tracker.yaml");
    project.write("brand-lift.yaml", &lift);
    project.apply();
    let id = |name: &str| project.ok(&["state", "show", name]).json()["id"].clone();
    let lift = lift.replace("name: brand-lift", "name: lift-two");
    project.write("lift-two.yaml", &lift.replace("Brand lift, autumn", "Lift two"));
    let tracker = tracker.replace("name: brand-tracker", "name: second");
    project.write("second.yaml", &tracker.replace("Brand tracker, winter", "Second"));
    let ours = [id("brand-tracker/us-adults"), id("brand-lift/us-adults")];
    for (path, status, body) in [
        ("*/target-groups", 201, json!({"id": ours[0]})),
        (
            "*/group",
            200,
            json!({"apiStatus": "success", "groupId": ours[1], "group": {"Id": ours[1]}}),
        ),
    ] {
        sandbox.fault(json!({
            "method": "POST", "path": path, "status": status, "after_commit": true, "body": body,
        }));
    }
    project
        .run(&APPLY)
        .code(4)
        .says("which is `brand-tracker/us-adults` in the state: it is left to that one")
        .says("which is `brand-lift/us-adults` in the state: it is left to that one");
    project.apply();
    project.expect_settled();
    for vendor in ["cint", "innovatemr"] {
        let all = sandbox.admin("GET", &format!("documents/{vendor}"), Value::Null);
        let prefix = format!("{vendor}/group/");
        let all = all.as_object().unwrap().keys();
        let groups = all.filter(|key| key.starts_with(&prefix)).count();
        assert_eq!(groups, 4, "each is made once at {vendor}");
    }
}

#[test]
fn a_lost_create_is_found_whatever_time_it_is_at_the_vendor() {
    // This machine is twenty minutes ahead, ninety behind, or a day ahead.
    for minutes in [-20, 90, -1440] {
        let sandbox = Sandbox::start();
        let there = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes);
        sandbox.admin("POST", "clock", json!({"set": there.to_string()}));
        let project = clone(&sandbox);
        sandbox.fault(json!({"method": "POST", "path": "*/surveys", "drop_after_commit": true}));
        project.run(&APPLY).code(4);
        project.apply();
        project.expect_settled();
        assert_eq!(sandbox.count(), [0, 1, 0, 0], "{minutes}");
    }
}

/// An environment with a vendor elsewhere, whose token nobody has set: nothing is ever sent.
fn elsewhere(state: &str) -> Project {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    project.write(
        "infield.yaml",
        &format!(
            "kind: Project\nname: test\nenvironments:\n  production:\n    \
             purespectrum: {{token: \"${{PURESPECTRUM_TOKEN}}\"}}\n{state}"
        ),
    );
    project
}

const PRODUCTION: [&str; 4] = ["apply", "--env", "production", "--yes"];

#[test]
fn a_state_that_only_this_machine_has_is_declared_or_refused_while_it_is_empty() {
    let project = elsewhere("");
    project
        .run(&PRODUCTION)
        .code(3)
        .says("only this machine would remember what is made in `production`")
        .says("write `state: s3://BUCKET/PREFIX`")
        .says("`state: local` says that this machine alone is meant");
    assert!(!project.exists(".infield/production"));
    for declared in ["    state: local\n", "    state: .infield/production\n"] {
        let run = elsewhere(declared).run(&PRODUCTION).code(1);
        run.says("the variable PURESPECTRUM_TOKEN is not set")
            .never_says("only this machine");
    }
}

#[test]
fn a_state_that_only_this_machine_has_is_a_warning_once_it_holds_something() {
    let sandbox = Sandbox::start();
    let before = clone(&sandbox);
    before.apply();
    let state = before.read(STATE).replace("\"bench\"", "\"production\"");
    let project = elsewhere("");
    project.write(".infield/production/state.json", &state);
    project
        .run(&PRODUCTION)
        .code(1)
        .says("warning: only this machine has the state of `production`")
        .says("the variable PURESPECTRUM_TOKEN is not set");
}
