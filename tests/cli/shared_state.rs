//! A state that several machines share, at `gs://`: two clones of a project and a small store of the tests' own, whose writes
//! can be made to go wrong.

#[path = "../servers/gcs.rs"]
mod gcs;

use crate::support::{APPLY, Project, Run, Sandbox, eventually, survey};
use gcs::{Gcs, Trouble};
use serde_json::json;
use std::process::{Child, Stdio};

/// Where the state is.
const STATE: &str = "teams/bench/state.json";

/// Longer than any test runs.
const FOREVER: u64 = 3_600_000;

/// One machine's copy of the project.
struct Clone<'a> {
    project: Project,
    gcs: &'a Gcs,
}

impl<'a> Clone<'a> {
    /// A copy with these surveys.
    fn of(gcs: &'a Gcs, sandbox: &Sandbox, surveys: &[&str]) -> Self {
        let project = Project::empty().with(sandbox);
        let state = format!("  bench:\n    state: {}\n", Gcs::state("teams/bench"));
        project.edit("infield.yaml", "  bench:\n", &state);
        for name in surveys {
            project.write(&format!("{name}.yaml"), &survey(name, ""));
        }
        Self { project, gcs }
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = self.project.command(args);
        command.envs(self.gcs.variables());
        self.project.finish(args, &command.output().unwrap())
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = self.project.command(args);
        command.envs(self.gcs.variables());
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn end(&self, args: &[&str], child: Child) -> Run {
        self.project.finish(args, &child.wait_with_output().unwrap())
    }

    fn expect_settled(&self) {
        let run = self.run(&["plan", "--detailed-exitcode"]).code(0);
        assert!(run.stdout.contains("Nothing to do"), "{}", run.text());
    }

    /// Starts an apply whose second create hangs at the vendor until [`Sandbox::release`].
    fn hangs(&self, sandbox: &Sandbox) -> Child {
        sandbox.fault(json!({"method": "POST", "path": "*/surveys", "nth": 2, "delay_ms": FOREVER}));
        let child = self.start(&APPLY);
        eventually("the second create", || (creates(sandbox) == 2).then_some(()));
        child
    }
}

fn creates(sandbox: &Sandbox) -> usize {
    let log = sandbox.log();
    log.iter().filter(|call| call["method"] == "POST").count()
}

const ALL: [&str; 3] = ["one", "two", "three"];

#[test]
fn one_apply_at_a_time_wherever_it_runs_and_nobody_settles_what_is_under_way() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let first = Clone::of(&gcs, &sandbox, &ALL);
    let second = Clone::of(&gcs, &sandbox, &ALL);
    let child = first.hangs(&sandbox);
    let held = gcs.read(STATE);
    for args in [
        &APPLY[..],
        &["state", "resolve", "two", "--discard"],
        &["state", "resolve", "two", "--new"],
        &["state", "resolve", "two", "--adopt", "1000001"],
    ] {
        let run = second.run(args).code(5);
        run.says("gs://acme-infield/teams/bench is locked by tester@testhost");
    }
    assert_eq!(gcs.read(STATE), held, "nothing was settled");
    assert_eq!(creates(&sandbox), 2);
    second.run(&["plan"]).code(0);
    sandbox.release();
    first.end(&APPLY, child).code(0);
    second.expect_settled();
    second.run(&APPLY).code(0);
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
    let lease = "teams/bench/lease.json";
    assert!(!gcs.names().iter().any(|name| name == lease), "it is given back");
}

#[test]
fn two_that_race_make_everything_once() {
    for _ in 0..4 {
        let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
        let clones = [(); 2].map(|()| Clone::of(&gcs, &sandbox, &ALL));
        let children = clones.each_ref().map(|clone| clone.start(&APPLY));
        let [one, two] = children.map(|child| child.wait_with_output().unwrap().status.code());
        // The later one finds the lock taken, or everything done.
        assert!(
            matches!((one, two), (Some(0), Some(0 | 5)) | (Some(5), Some(0))),
            "{one:?} {two:?}"
        );
        assert_eq!(sandbox.count(), [0, 3, 0, 0]);
        assert_eq!(creates(&sandbox), 3);
        clones.iter().for_each(Clone::expect_settled);
    }
}

#[test]
fn what_somebody_wrote_past_the_lock_is_kept_and_nothing_more_is_sent() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let first = Clone::of(&gcs, &sandbox, &ALL);
    let second = Clone::of(&gcs, &sandbox, &ALL);
    let child = first.hangs(&sandbox);
    // Somebody takes the lock away, and writes: what is there, as it is.
    second
        .run(&["state", "unlock"])
        .code(0)
        .says("the lock of tester@testhost");
    let pulled = second.run(&["state", "pull"]).code(0);
    second.project.write("pulled.json", &pulled.stdout);
    second.run(&["state", "push", "pulled.json"]).code(0);
    let elsewhere = gcs.read(STATE);
    sandbox.release();
    let ended = first.end(&APPLY, child).says("was changed by somebody else");
    assert!(!ended.text().contains("panicked"), "{}", ended.text());
    assert_eq!(gcs.read(STATE), elsewhere, "it is not overwritten");
    assert_eq!(creates(&sandbox), 2, "nothing more was sent");
    // The create that was under way is found, and made no second time.
    second.run(&APPLY).code(0);
    second.expect_settled();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
    assert_eq!(creates(&sandbox), 3);
}

#[test]
fn a_shared_state_that_is_removed_while_an_apply_runs_stops_it_and_makes_nothing_again() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let first = Clone::of(&gcs, &sandbox, &ALL);
    let child = first.hangs(&sandbox);
    gcs.names().iter().for_each(|name| gcs.remove(name));
    sandbox.release();
    first.end(&APPLY, child).says("was changed by somebody else");
    assert_eq!(creates(&sandbox), 2, "nothing more was sent");
    // What the apply had still written down shows that there was a state.
    let second = Clone::of(&gcs, &sandbox, &ALL);
    second
        .run(&APPLY)
        .code(1)
        .says("it is missing although there was one");
    assert_eq!(creates(&sandbox), 2);
    gcs.names().iter().for_each(|name| gcs.remove(name));
    // Nothing shows it any more; the vendor shows what was made.
    second
        .run(&APPLY)
        .code(3)
        .says("a survey with this title exists already and is not in the state: 1000001")
        .says("a survey with this title exists already and is not in the state: 1000002");
    assert_eq!(creates(&sandbox), 3, "only the one that is not there");
}

#[test]
fn a_write_of_the_state_that_meets_trouble_makes_nothing_twice() {
    // Each write of an apply meets two of the troubles; `tests/servers` tries them all, without the program.
    let mut met = 0;
    for shift in 0..2 {
        for number in 0.. {
            let trouble = Trouble::ALL[(number + 2 * shift) % Trouble::ALL.len()];
            let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
            let clone = Clone::of(&gcs, &sandbox, &["one"]);
            gcs.disturb(number, trouble);
            let run = clone.run(&APPLY);
            if !gcs.is_done() {
                // No apply writes that often.
                run.code(0);
                break;
            }
            met += 1;
            let context = format!("write {number} meets {trouble:?}: {}", run.text());
            match trouble {
                // The client repeats it, or recognises what it wrote.
                Trouble::LosesAnswer | Trouble::Gateway | Trouble::Busy => {
                    run.code(0);
                }
                Trouble::Refuses => assert!(!run.text().contains("panicked"), "{context}"),
                // What is in the way is no state and no lease: somebody has to look.
                Trouble::Overtaken => {
                    assert!(!run.text().contains("panicked"), "{context}");
                    let in_the_way = |name: &String| {
                        (name == STATE || name.contains("/log/")) && gcs.read(name).as_deref() == Some("{}")
                    };
                    if gcs.names().iter().any(in_the_way) {
                        clone.run(&APPLY).code(1).says("is damaged");
                        continue;
                    }
                }
            }
            let again = clone.run(&APPLY);
            assert_eq!(sandbox.count(), [0, 1, 0, 0], "{context}\n{}", again.text());
            again.code(0);
            assert_eq!(creates(&sandbox), 1, "{context}");
            clone.expect_settled();
        }
    }
    assert!(met > 10, "{met}");
}

#[test]
fn a_shared_state_that_is_gone_damaged_or_forbidden_is_no_fresh_start() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let clone = Clone::of(&gcs, &sandbox, &["one"]);
    clone.run(&APPLY).code(0);
    clone.project.edit("one.yaml", "2.50 USD", "2.60 USD");
    clone.run(&APPLY).code(0);
    let good = gcs.read(STATE).unwrap();
    sandbox.forget();
    let copy = "gs://acme-infield/teams/bench/state.previous.json";
    gcs.remove(STATE);
    clone
        .run(&APPLY)
        .code(1)
        .says("it is missing although there was one")
        .says(copy);
    gcs.write(STATE, &good[..good.len() / 2]);
    clone.run(&APPLY).code(1).says("is damaged").says(copy);
    gcs.write(STATE, &good);
    let mut stranger = clone.project.command(&APPLY);
    stranger
        .envs(gcs.variables())
        .env("GOOGLE_BEARER_TOKEN", "ya29.other");
    let run = clone.project.finish(&APPLY, &stranger.output().unwrap());
    run.code(1).says("gs://acme-infield/teams/bench");
    assert!(sandbox.writes().is_empty());
    clone.expect_settled();
}

#[test]
fn a_freeze_elsewhere_holds_in_the_apply_that_is_running() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let first = Clone::of(&gcs, &sandbox, &ALL);
    let child = first.hangs(&sandbox);
    let second = Clone::of(&gcs, &sandbox, &ALL);
    second.run(&["freeze", "--yes"]);
    sandbox.release();
    first.end(&APPLY, child);
    assert_eq!(
        sandbox.count()[1],
        0,
        "nothing is in field: {:?}",
        sandbox.count()
    );
    second.run(&["thaw", "--yes", "--allow", "launch"]).code(0);
    second.run(&APPLY).code(0);
    second.expect_settled();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

#[test]
fn machines_share_a_history_and_write_over_nothing_of_it() {
    let (gcs, sandbox) = (Gcs::start(), Sandbox::start());
    let first = Clone::of(&gcs, &sandbox, &["one"]);
    let second = Clone::of(&gcs, &sandbox, &["one"]);
    first.run(&APPLY).code(0);
    let of_runs = |name: &String| name.contains("/history/runs/");
    let before: Vec<String> = gcs.names().into_iter().filter(of_runs).collect();
    assert_eq!(before.len(), 2, "its beginning and its end");
    let texts: Vec<Option<String>> = before.iter().map(|name| gcs.read(name)).collect();
    second.project.edit("one.yaml", "2.50 USD", "3.00 USD");
    second.run(&APPLY).code(0);
    assert_eq!(gcs.names().iter().filter(|name| of_runs(name)).count(), 4);
    let now: Vec<Option<String>> = before.iter().map(|name| gcs.read(name)).collect();
    assert_eq!(now, texts);
    for clone in [&first, &second] {
        let log = clone.run(&["log", "--format", "json"]).code(0).json();
        assert_eq!(log["runs"].as_array().unwrap().len(), 2, "{log}");
        assert_eq!(log["runs"][0]["steps"][0]["changes"][0]["after"], "3.00 USD");
        clone
            .run(&["blame", "one", "cpi"])
            .code(0)
            .says("cpi 3.00 USD")
            .says("apply by tester@testhost");
    }
    // Who may write the state and not the history says so, and applies.
    gcs.forbid("/history/");
    second.project.edit("one.yaml", "3.00 USD", "4.00 USD");
    let run = second.run(&APPLY).code(0);
    assert_eq!(
        run.stderr.matches("is not in the history").count(),
        1,
        "{}",
        run.text()
    );
    let silent = second.run(&["status"]).code(0);
    assert!(!silent.text().contains("history"), "{}", silent.text());
    let price = first.run(&["blame", "one", "cpi"]).code(0);
    price.says("changed by nobody in this history");
}
