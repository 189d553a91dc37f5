//! A vendor that is busy, slow, down or talks nonsense: waited for, worked around, or said.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

fn one(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project
}

#[test]
fn a_limited_rate_is_obeyed_even_for_creates() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    sandbox.fault(
        json!({"method": "POST", "path": "*/surveys", "status": 429, "headers": {"Retry-After": "1"}}),
    );
    project.apply().says("429").says("trying again");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn a_sandbox_with_latency_and_a_rate_changes_only_the_time() {
    let sandbox = Sandbox::start_with(&["--latency", "5ms", "--rate", "20/s"]);
    let project = Project::example("quickstart").with(&sandbox);
    project.apply();
    project.expect_settled();
}

#[test]
fn a_slow_vendor_is_waited_for() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    sandbox.fault(json!({"delay_ms": 300, "times": 3}));
    project.apply();
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn a_vendor_that_is_down_costs_nothing_and_leaves_nothing() {
    let mut sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    let state = project.read(".infield/bench/state.json");
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    sandbox.stop();
    project.run(&APPLY).code(1).says("not everything could be read");
    assert_eq!(state, project.read(".infield/bench/state.json"));
}

#[test]
fn a_survey_that_cannot_be_read_is_not_a_survey_that_is_gone() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    sandbox.forget();
    sandbox.fault(json!({"method": "GET", "path": "*/surveys/1000001", "malformed": true, "times": 0}));
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project.run(&APPLY).code(1).says("one");
    assert!(sandbox.writes().is_empty());
    sandbox.admin("DELETE", "faults", Value::Null);
    project.apply();
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn a_wrong_token_is_said_and_not_shown() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    project.edit(
        "infield.yaml",
        "token: sandbox",
        "token: \"${PURESPECTRUM_WRONG}\"",
    );
    let output = project
        .command(&["plan", "-vv"])
        .env("PURESPECTRUM_WRONG", "canary-of-a-wrong-token")
        .output()
        .unwrap();
    let run = project.finish(&["plan", "-vv"], &output).code(1);
    run.says("Invalid or missing access-token").never_says("canary");
    project
        .run(&["plan"])
        .code(1)
        .says("PURESPECTRUM_WRONG is not set");
}

#[test]
fn what_the_vendor_does_not_keep_is_found_before_the_launch() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    // What is read back before the launch is the survey with another price.
    project.write(
        "one.yaml",
        &survey("one", "").replace("status: live", "status: draft"),
    );
    project.apply();
    let mut shown = sandbox.survey(1_000_001);
    shown["offer_price"] = json!(9.99);
    project.edit("one.yaml", "status: draft", "status: live");
    project.edit("one.yaml", "completes: 100", "completes: 110");
    // The first look is the plan's; all that follow are the ones before the launch, which allow for reads that lag.
    sandbox
        .fault(json!({"method": "GET", "path": "*/surveys/1000001", "nth": 2, "times": 0, "status": 200, "body": shown}));
    project
        .run(&APPLY)
        .code(4)
        .says("the vendor did not keep what was sent");
    assert_eq!(sandbox.count(), [1, 0, 0, 0], "not launched");
}

#[test]
fn a_price_below_zero_is_no_price() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    let mut shown = sandbox.survey(1_000_001);
    shown["offer_price"] = json!(-2.5);
    sandbox.fault(
        json!({"method": "GET", "path": "*/surveys/1000001", "status": 200, "body": shown, "times": 0}),
    );
    sandbox.forget();
    for args in [&["plan"][..], &APPLY] {
        project
            .run(args)
            .code(1)
            .says("/offer_price")
            .says("an amount of zero or more");
    }
    assert!(sandbox.writes().is_empty());
}

#[test]
fn completes_that_cannot_be_read_are_said_with_the_plan() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    sandbox.fault(
        json!({"method": "GET", "path": "*/surveys/1000001/performance", "status": 200,
        "body": {"completes_fielded": "many"}, "times": 0}),
    );
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project
        .ok(&["plan"])
        .says("the completes could not be read")
        .says("what is at stake is counted as if it had none");
}
