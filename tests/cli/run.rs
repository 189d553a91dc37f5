//! `infield run`: rounds that nobody looks at do what was approved with a ladder, and say what waits for somebody.

use crate::support::{Project, Run, Sandbox, eventually, survey};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// Soft, then all, by itself.
const STAGES: &str = "stages:\n- {name: soft, completes: 10}\n- {name: full}\n";

const ONCE: [&str; 4] = ["run", "--once", "--metrics", "run.prom"];

/// A survey in field on its first stage.
fn launched(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", STAGES));
    project.apply();
    sandbox.forget();
    project
}

fn collect(sandbox: &Sandbox, completes: u64) {
    let some = json!({"survey": 1_000_001, "completes": completes});
    sandbox.admin("POST", "respondents", some);
}

fn goal(sandbox: &Sandbox) -> Value {
    sandbox.survey(1_000_001)["completes_required"].clone()
}

/// The value of a figure in the file of figures.
fn figure(project: &Project, name: &str) -> Option<u64> {
    let begins = format!("infield_run_{name}{{environment=\"bench\"}} ");
    let text = project.read("run.prom");
    assert!(text.ends_with("# EOF\n"), "{text}");
    text.lines()
        .find_map(|line| line.strip_prefix(&begins)?.parse().ok())
}

fn once(project: &Project, code: i32) -> Run {
    project.run(&ONCE).code(code)
}

#[test]
fn a_round_climbs_an_approved_ladder_and_leaves_and_names_everything_else() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", STAGES));
    // Nobody has approved that it is made.
    for _ in 0..2 {
        once(&project, 2)
            .says("one: blocked: create waits for somebody: it was not approved with a ladder")
            .says("help: `infield apply` shows it, and asks");
    }
    assert_eq!(sandbox.writes(), [json!(null); 0]);
    project.apply();
    sandbox.forget();
    once(&project, 0).says("nothing to do");
    // Below its goal it stays where it is.
    collect(&sandbox, 9);
    once(&project, 0);
    assert_eq!((goal(&sandbox), sandbox.writes().len()), (json!(10), 0));
    collect(&sandbox, 1);
    once(&project, 0)
        .says("the stage `soft` is collected, and `full` follows")
        .says("done");
    assert_eq!((goal(&sandbox), sandbox.count()), (json!(100), [0, 1, 0, 0]));
    assert_eq!(figure(&project, "steps_total"), Some(2));
    assert_eq!(figure(&project, "pending"), Some(0));
    let success = figure(&project, "last_success_timestamp_seconds").unwrap();
    sandbox.forget();
    once(&project, 0).says("nothing to do").never_says("plan");
    // An edit is for somebody, alone and beside a new survey.
    project.edit("one.yaml", "cpi: 2.50 USD", "cpi: 2.60 USD");
    project.write("two.yaml", &survey("two", ""));
    once(&project, 2)
        .says("one: blocked: update waits for somebody")
        .says("two: blocked: create waits for somebody");
    assert_eq!(sandbox.writes(), [json!(null); 0]);
    assert!(figure(&project, "pending") >= Some(2));
    // The history tells of it as of any apply.
    let log = project.ok(&["log", "--format", "json"]).json();
    let runs = log["runs"].as_array().unwrap();
    let commands: Vec<&Value> = runs.iter().map(|run| &run["command"]).collect();
    assert_eq!(commands, ["run", "apply"], "{log:#}");
    assert_eq!(runs[0]["approved"], json!({"how": "ladder"}), "{log:#}");
    project.ok(&["log"]).says("run").says("one");
    // A vendor that does not answer fails the round, and the last success stays known.
    let mut sandbox = sandbox;
    sandbox.stop();
    once(&project, 1).says("the round failed");
    assert_eq!(figure(&project, "failed_rounds_total"), Some(1));
    assert_eq!(figure(&project, "pending"), None);
    assert!(figure(&project, "last_success_timestamp_seconds") >= Some(success));
}

#[test]
fn what_comes_with_a_stage_waits_with_it_and_a_dearer_ladder_too() {
    let sandbox = Sandbox::start();
    let project = launched(&sandbox);
    collect(&sandbox, 10);
    project.edit("one.yaml", "cpi: 2.50 USD", "cpi: 2.60 USD");
    once(&project, 2).says("waits for somebody");
    assert_eq!((goal(&sandbox), sandbox.writes().len()), (json!(10), 0));
    project.edit("one.yaml", "cpi: 2.60 USD", "cpi: 2.50 USD");
    once(&project, 0);
    assert_eq!(goal(&sandbox), 100);
}

#[test]
fn somebody_elses_pause_and_a_freeze_are_left_alone() {
    let sandbox = Sandbox::start();
    let project = launched(&sandbox);
    let pause = json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", pause);
    sandbox.forget();
    project.run(&ONCE).says("paused");
    assert_eq!((sandbox.writes().len(), sandbox.count()), (0, [0, 0, 1, 0]));
    project.ok(&["apply", "--yes", "--allow", "launch", "--resume", "one"]);
    project.ok(&["freeze", "--yes"]);
    sandbox.forget();
    project.run(&ONCE);
    assert_eq!((sandbox.writes().len(), sandbox.count()), (0, [0, 0, 1, 0]));
}

#[test]
fn rounds_come_at_their_times_with_the_state_free_between_them_until_somebody_asks_for_the_end() {
    let sandbox = Sandbox::start();
    let project = launched(&sandbox);
    for (signal, every) in [("-TERM", "1h"), ("-INT", "1s")] {
        let mut command = project.command(&["run", "--every", every, "--metrics", "run.prom"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains(": nothing to do; next at 2"), "{line}");
        if every == "1s" {
            // What is collected meanwhile goes on with a later round.
            collect(&sandbox, 10);
            eventually("the next stage", || (goal(&sandbox) == 100).then_some(()));
            eventually("the end of the round", || {
                (figure(&project, "steps_total") == Some(2)).then_some(())
            });
        } else {
            project.ok(&["apply", "--yes"]);
            let [last, next] = ["last_round", "next_round"]
                .map(|name| figure(&project, &format!("{name}_timestamp_seconds")).unwrap());
            assert!((3_500..=3_600).contains(&(next - last)), "{last} {next}");
        }
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        project.ok(&["plan"]);
    }
}

#[test]
fn a_round_that_is_killed_anywhere_is_made_good_by_the_next() {
    for (method, path) in [
        ("PATCH", "*/surveys/*"),
        ("PUT", "*/surveys/*"),
        ("GET", "*/surveys/1000001"),
    ] {
        for nth in 1..=2 {
            let sandbox = Sandbox::start();
            let project = launched(&sandbox);
            collect(&sandbox, 10);
            sandbox.fault(json!({"method": method, "path": path, "nth": nth, "delay_ms": 3_600_000}));
            let mut command = project.command(&["run", "--once"]);
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let met = eventually("the call that hangs, or the end", || {
                let faults = sandbox.admin("GET", "faults", Value::Null);
                let over = child.try_wait().unwrap().map(|_| false);
                (faults[0]["fired"] == 1).then_some(true).or(over)
            });
            if met {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            sandbox.release();
            let run = project.run(&["run", "--once"]);
            let context = format!("{method} {path} {nth}: {}", run.text());
            assert_eq!(
                (goal(&sandbox), sandbox.count()),
                (json!(100), [0, 1, 0, 0]),
                "{context}"
            );
            run.code(0);
            project.expect_settled();
        }
    }
}

#[test]
fn times_that_cannot_be_meant_are_refused_and_so_are_manifests_with_mistakes() {
    let project = Project::empty();
    for (args, says) in [
        (
            ["--until", "2026-01-01T00:00:00Z"],
            "--until: 2026-01-01T00:00:00Z is over",
        ),
        (
            ["--every", "soon"],
            "`soon` is not a time such as 90s, 10m or 1h 30m",
        ),
        (["--every", "0s"], "rounds are between a second and a day apart"),
    ] {
        project.run(&[&["run"], &args[..]].concat()).code(64).says(says);
    }
    project.run(&["run", "--once", "--for", "1h"]).code(64);
    project.write("one.yaml", "kind: Survey\nname: one\n");
    project.run(&["run", "--for", "0s"]).code(1).says("one.yaml");
}
