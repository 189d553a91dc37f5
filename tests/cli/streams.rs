//! Streams and disks: data on stdout, talk on stderr, and readers, disks and folders that give way.

use crate::support::{APPLY, INFIELD, Project, Sandbox, survey};
use std::fs::{self, File};
use std::process::{Command, Stdio};

fn one(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project
}

#[test]
fn a_reader_that_goes_away_ends_a_plan_quietly() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    let mut child = project
        .command(&["plan"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = project.finish(&["plan"], &child.wait_with_output().unwrap());
    assert_eq!(run.stderr, "", "{}", run.text());
    run.code(0);
}

#[test]
fn a_full_disk_behind_stdout_is_an_error_before_anything_is_sent() {
    if !std::path::Path::new("/dev/full").exists() {
        return; // only Linux has it
    }
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    for args in [&["plan"][..], &APPLY] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = project.command(args).stdout(full).output().unwrap();
        project
            .finish(args, &output)
            .code(1)
            .says("stdout cannot be written");
    }
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_stops_an_apply_before_the_first_call() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    // A file where the folder should be stops everybody, even a user whom permissions do not stop.
    fs::write(project.folder().join(".infield"), "in the way").unwrap();
    project.run(&APPLY).code(1).says("the state at");
    assert!(sandbox.writes().is_empty());
    project.remove(".infield");
    project.apply();
}

#[test]
fn quiet_says_only_what_was_asked_for() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    let plan = project.ok(&["plan", "--quiet", "--format", "json"]);
    assert_eq!(plan.stderr, "");
    assert_eq!(plan.json()["format"], "infield.plan/1");
    let apply = project.ok(&["apply", "-q", "--yes", "--allow", "launch"]);
    assert_eq!(apply.stderr, "");
}

#[test]
fn events_are_one_object_a_line_and_end_with_a_summary() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    let run = project.ok(&["apply", "--yes", "--allow", "launch", "--format", "json"]);
    let events = run.events();
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "started",
            "step_started",
            "call_done",
            "created",
            "step_done",
            "step_started",
            "call_done",
            "step_done",
            "finished"
        ]
    );
    assert_eq!(events[0]["format"], "infield.events/1");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["done"], &last["failed"], &last["calls"]),
        (&2.into(), &0.into(), &2.into())
    );
}

#[test]
fn a_stream_of_events_tells_what_was_refused_too() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    let run = project.run(&["apply", "--yes", "--format", "json"]).code(3);
    let events = run.events();
    let refused: Vec<_> = events
        .iter()
        .filter(|event| event["event"] == "step_refused")
        .collect();
    assert_eq!(refused.len(), 1, "{}", run.text());
    assert_eq!(
        (&refused[0]["address"], &refused[0]["action"]),
        (&"one".into(), &"launch".into())
    );
    assert_eq!(events.last().unwrap()["refused"], 1);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.ok(&["plan"]).never_says("\u{1b}[");
    let always = project.ok(&["plan", "--color", "always"]);
    assert!(always.stdout.contains("\u{1b}["), "{}", always.text());
}

#[test]
fn completions_and_manual_come_from_the_program() {
    let project = Project::empty();
    assert!(project.ok(&["completions", "bash"]).stdout.contains("infield"));
    assert!(project.ok(&["man"]).stdout.contains(".TH infield"));
    project.ok(&["man", "--write", "pages"]);
    assert!(project.exists("pages/infield-apply.1"));
    assert!(
        Command::new(&*INFIELD)
            .arg("--help")
            .output()
            .unwrap()
            .status
            .success()
    );
}

/// What the state could not be folded for is no failure of what was done, and is not hidden behind it either.
#[test]
fn a_disk_that_fills_up_after_the_last_step_is_done_in_part() {
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    // The copy of the document before cannot take this place; the journal can still be written.
    let previous = project.folder().join(".infield/bench/state.previous.json");
    let _ = fs::remove_file(&previous);
    fs::create_dir(&previous).unwrap();
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project
        .run(&APPLY)
        .code(4)
        .says("1 step done")
        .says("all was done, and this was not");
    fs::remove_dir(&previous).unwrap();
    project.expect_settled();
}

/// Texts of vendors, manifests and names of files, on stdout as on stderr.
#[cfg(unix)]
#[test]
fn nothing_that_is_printed_for_people_steers_a_terminal() {
    let evil = "\u{1b}]0;title\u{7}\u{1b}[2J\r\u{202e}";
    let sandbox = Sandbox::start();
    let project = one(&sandbox);
    project.apply();
    let name = format!("evil{}.yaml", "\u{1b}]0;title\u{7}\u{202e}");
    let titled = |title: &str| {
        let title = format!("title:   {}", serde_json::json!(title));
        project.write(&name, &survey("two", "").replace("title: About two", &title));
    };
    sandbox.by_hand(
        "PUT",
        "/surveys/1000001",
        serde_json::json!({"survey_title": format!("x{evil}")}),
    );
    let harmless = |args: &[&str]| {
        let run = project.run(args);
        let steers = |c: &char| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}';
        let ours = run.text().replace("\u{1b}[", "");
        let left = if args.contains(&"always") {
            ours
        } else {
            run.text()
        };
        assert_eq!(left.chars().find(steers), None, "{left:?}");
        run
    };
    // A text of a manifest goes no further than the problem that is told of it.
    titled(evil);
    for args in [
        &["validate"][..],
        &["validate", "--color", "always"],
        &["validate", "--format", "github"],
        &["plan"],
        &["fmt"],
        &["apply", "--yes", "--allow", "launch"],
    ] {
        let run = harmless(args);
        assert!(
            args.contains(&"fmt") || run.text().contains("text"),
            "{}",
            run.text()
        );
    }
    titled("About two");
    for args in [
        &["plan"][..],
        &["plan", "--color", "always"],
        &["plan", "--refresh-only"],
        &["status"],
        &["state", "list"],
        &["fmt"],
        &["validate"],
        &["validate", "--format", "github"],
        &["plan", "--format", "github"],
        &["plan", "--format", "markdown"],
    ] {
        harmless(args);
    }
    // What programs read is what the vendor said.
    let seen = project.ok(&["plan", "--refresh-only", "--format", "json"]).json();
    assert_eq!(
        seen["drift"][0]["changes"][0]["after"],
        format!("x{evil}"),
        "{seen:#}"
    );
    harmless(&["apply", "--yes", "--allow", "launch"]).says("two: created");
}
