//! Killed, interrupted, or run twice at once: state is never lost and no survey is made twice.

use crate::support::{APPLY, Project, Sandbox, eventually, survey};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

/// Longer than any test runs.
const FOREVER: u64 = 3_600_000;

fn three(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    for name in ["one", "two", "three"] {
        project.write(&format!("{name}.yaml"), &survey(name, ""));
    }
    project
}

fn kill_during(method: &str, path: &str, nth: u64, path_end: &str) {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    sandbox.fault(json!({"method": method, "path": path, "nth": nth, "delay_ms": FOREVER}));
    let mut child = project
        .command(&APPLY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sandbox.await_fault();
    sandbox.await_call(method, path_end);
    child.kill().unwrap();
    child.wait().unwrap();
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 3, 0, 0], "killed during {method} {path}");
    let list = project.ok(&["state", "list"]);
    assert_eq!(
        list.stdout.matches("survey, in field").count(),
        3,
        "{}",
        list.text()
    );
}

#[test]
fn killed_while_creating() {
    kill_during("POST", "*/surveys", 1, "/surveys");
    kill_during("POST", "*/surveys", 3, "/surveys");
}

#[test]
fn killed_while_reading_back() {
    kill_during("GET", "*/surveys/1000002", 1, "/surveys/1000002");
}

#[test]
fn killed_while_launching() {
    kill_during("PATCH", "*/surveys/*", 2, "/surveys/1000002");
}

#[test]
fn killed_while_replacing() {
    let all = ["apply", "--yes", "--parallelism", "1"];
    for (method, path) in [
        ("POST", "*/surveys"),
        ("PATCH", "*/surveys/1000002"),
        ("PATCH", "*/surveys/1000001"),
    ] {
        let sandbox = Sandbox::start();
        let project =
            Project::example("template-rule").with_guards(&sandbox, "{launch: allow, replace: allow}");
        project.ok(&all);
        project.edit("tracker.yaml", "template_id: 5", "template_id: 15");
        project.edit(
            "tracker.yaml",
            "on_template_change: refuse",
            "on_template_change: replace",
        );
        sandbox.fault(json!({"method": method, "path": path, "delay_ms": FOREVER}));
        let mut child = project.command(&all);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sandbox.await_fault();
        child.kill().unwrap();
        child.wait().unwrap();
        project.ok(&all);
        project.expect_settled();
        assert_eq!(
            sandbox.count(),
            [0, 1, 0, 1],
            "killed during {method} {path}: one new, one closed"
        );
        assert_eq!(sandbox.survey(1_000_001)["ps_survey_status"], 44);
    }
}

#[test]
fn ctrl_c_finishes_the_calls_under_way_and_says_what_is_left() {
    asked_to_end("-INT");
}

#[test]
fn what_runners_and_closed_terminals_send_is_like_ctrl_c() {
    for signal in ["-TERM", "-HUP", "-QUIT"] {
        asked_to_end(signal);
    }
}

/// A list of accepted completes is one call, and what it rejects stays rejected.
#[test]
fn whatever_writes_to_a_vendor_finishes_its_calls_when_it_is_asked_to_end() {
    let accept = "accept-list list.csv --survey soda --yes --allow accept-list --rejects 1";
    for (command, list, method, path) in [
        (accept, "transaction_id\ngood\n", "POST", "*/adjustments/*"),
        (
            "reconcile list.csv --survey soda --yes --allow reconcile",
            "transaction_id,outcome,reason\ngood,reject,Fraud\n",
            "POST",
            "*/adjustments/*",
        ),
        ("freeze --yes", "", "PATCH", "*/surveys/*"),
        ("thaw --yes --allow launch", "", "PATCH", "*/surveys/*"),
    ] {
        let sandbox = Sandbox::start();
        let project = super::reconcile::fielded(&sandbox, "{}");
        project.write("list.csv", list);
        if command.starts_with("thaw") {
            project.ok(&["freeze", "--yes"]);
            sandbox.forget();
        }
        sandbox.fault(json!({"method": method, "path": path, "delay_ms": FOREVER}));
        let args: Vec<&str> = command.split(' ').collect();
        let mut child = project
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        sandbox.await_fault();
        let sent = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let finishing = said.any(|line| line.unwrap().contains("finishing the calls under way"));
        assert!(finishing, "{command}");
        sandbox.release();
        let rest: Vec<String> = said.map(Result::unwrap).collect();
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 4)), "{command}: {code:?} {rest:?}");
        assert_eq!(sandbox.writes().len(), 1, "{command}");
    }
}

#[test]
fn a_second_signal_leaves_at_once() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    sandbox.fault(json!({"method": "POST", "path": "*/surveys", "nth": 2, "delay_ms": FOREVER}));
    let mut child = project
        .command(&APPLY)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    await_second_create(&sandbox);
    let send = |signal: &str, id: u32| {
        let sent = Command::new("kill").args([signal, &id.to_string()]).status();
        assert!(sent.unwrap().success());
    };
    send("-TERM", child.id());
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let finishing = said.any(|line| line.unwrap().contains("finishing the calls under way"));
    assert!(finishing);
    send("-HUP", child.id());
    assert!(said.any(|line| line.unwrap().contains("left at once")));
    assert_eq!(child.wait().unwrap().code(), Some(4));
    project.apply();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

fn await_second_create(sandbox: &Sandbox) {
    eventually("the second create", || {
        let log = sandbox.log();
        (log.iter().filter(|call| call["method"] == "POST").count() == 2).then_some(())
    });
}

fn asked_to_end(signal: &str) {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    // Long enough for the signal to arrive first, and the outcome is the same if it does not.
    sandbox.fault(json!({"method": "POST", "path": "*/surveys", "nth": 2, "delay_ms": 1_500}));
    let child = project
        .command(&APPLY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    await_second_create(&sandbox);
    let killed = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let run = project.finish(&APPLY, &child.wait_with_output().unwrap());
    let run = run
        .code(4)
        .says("finishing the calls under way")
        .says("interrupted")
        .says("Interrupted:");
    assert!(run.stdout.contains("not started"), "{}", run.text());
    assert_eq!(
        sandbox
            .writes()
            .iter()
            .filter(|call| call["method"] == "POST")
            .count(),
        2
    );
    let list = project.ok(&["state", "list"]);
    assert!(!list.stdout.contains("unknown outcome"), "{}", list.text());
    project.apply();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

/// Two applies side by side would make everything twice.
#[test]
fn a_state_folder_that_is_deleted_or_replaced_stops_the_apply_that_works_on_it() {
    for replaced in [false, true] {
        let sandbox = Sandbox::start();
        let project = three(&sandbox);
        sandbox.fault(json!({"method": "POST", "path": "*/surveys", "nth": 2, "delay_ms": FOREVER}));
        let child = project
            .command(&APPLY)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        await_second_create(&sandbox);
        std::fs::remove_dir_all(project.folder().join(".infield/bench")).unwrap();
        if replaced {
            // Another apply begins anew; it finds the one that is made by its title.
            project
                .run(&["apply", "--yes", "--target", "one"])
                .code(3)
                .says("exists already and is not in the state: 1000001");
        }
        sandbox.release();
        let run = project.finish(&APPLY, &child.wait_with_output().unwrap());
        run.says("deleted or replaced");
        let creates = sandbox
            .writes()
            .iter()
            .filter(|call| call["method"] == "POST")
            .count();
        assert_eq!(creates, 2, "nothing more was sent");
    }
}

#[test]
fn two_applies_at_once_exclude_each_other() {
    let sandbox = Sandbox::start();
    let project = three(&sandbox);
    project.ok(&["state", "list"]);
    let folder = project.folder().join(".infield/bench");
    std::fs::create_dir_all(&folder).unwrap();
    let lock = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))
        .unwrap();
    lock.try_lock().unwrap();
    project.run(&APPLY).code(5).says("is locked by");
    project.run(&["state", "rm", "one"]).code(5);
    project.run(&["state", "unlock"]).code(5);
    project.ok(&["plan"]);
    assert!(sandbox.writes().is_empty());
    drop(lock);
    project.apply();
}
