//! Lists of respondents: who is asked again, and that nobody of them shows anywhere.

use crate::support::{APPLY, CINT, Project, Run, Sandbox, id};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SURVEY: &str = "\
kind: Survey
name: again
title: Soda, asked again
locale: en-US
completes: 2
incidence_rate: 80
length_of_interview: 5
field_days: 10
cpi: 3.75 USD
recontact: {file: ids.csv}
live_url: https://survey.example.com/s/soda?tk=[%%token%%]
status: live
purespectrum: {category: 232}
";

/// What no output and no file but the list may hold.
const MARK: &str = "psid-4711";

fn ids(numbers: &[u32]) -> String {
    numbers
        .iter()
        .map(|number| format!("{MARK}-{number}\n"))
        .collect()
}

fn project(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_guards(sandbox, "{launch: allow}");
    project.write("again.yaml", SURVEY);
    project.write("ids.csv", &ids(&[1, 2, 3]));
    project
}

/// Whom the vendor has on its list.
fn listed(sandbox: &Sandbox, id: &str) -> Value {
    let shown = sandbox.by_hand("GET", &format!("/surveys/{id}/PSIDRef"), Value::Null);
    shown["PSIDRef"].clone()
}

/// Every file below a folder that names somebody.
fn naming(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            naming(&path, into);
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(MARK) {
            into.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

#[test]
fn listed_respondents_are_asked_again_and_nobody_else_comes() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project
        .ok(&["plan"])
        .says("3 respondents #")
        .says("fixed once it is in field");
    project.ok(&APPLY);
    project.expect_settled();
    let survey = id(&project, "again");
    assert_eq!(
        listed(&sandbox, &survey),
        json!(["psid-4711-1", "psid-4711-2", "psid-4711-3"])
    );
    // One of them completes and leaves the list: nothing has moved.
    let number: u64 = survey.parse().unwrap();
    sandbox.admin("POST", "respondents", json!({"survey": number, "completes": 1}));
    assert_eq!(listed(&sandbox, &survey).as_array().unwrap().len(), 2);
    project.expect_settled();
    project
        .run(&["plan", "--refresh-only", "--detailed-exitcode"])
        .code(0);
    // In field it stays as it is.
    project.write("ids.csv", &ids(&[1, 2]));
    project
        .run(&["plan"])
        .says("PureSpectrum fixes whom a recontact asks when it is launched");
    project.write("ids.csv", &ids(&[3, 1, 2]));
    project.expect_settled();
}

#[test]
fn nobody_who_is_listed_shows_in_any_output_or_file() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    let shows_nobody = |args: &[&str]| -> Run { project.run(args).never_says(MARK).never_says("panicked") };
    let all: &[&[&str]] = &[
        &["validate", "-vv", "--format", "json"],
        &["plan", "-vvv", "--show-calls"],
        &["plan", "-vvv", "--format", "json"],
        &["plan", "--format", "markdown", "--show-calls"],
        &["plan", "--format", "html"],
        &["plan", "--out", "plan.json"],
        &["plan", "--record", "picture.json"],
        &["plan", "--from", "picture.json", "--show-calls"],
        &["apply", "-vvv", "--yes", "--format", "json"],
        &["plan", "-vvv", "--show-calls"],
        &["status", "-vv", "--format", "json"],
        &["state", "pull", "-vv"],
        &["state", "list", "--format", "json"],
        &["log", "--format", "json"],
        &["blame", "again"],
        &["import", "--all", "--vendor", "purespectrum"],
    ];
    for args in all {
        shows_nobody(args);
    }
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    // What the vendor refuses, and what it says about that.
    let second = SURVEY
        .replace("name: again", "name: second")
        .replace("asked again", "the second");
    project.write("second.yaml", &second);
    for fault in [
        json!({"status": 400, "body": {"apiStatus": "error", "msg": format!("respondent {MARK}-2 is unknown")}}),
        json!({"status": 500, "body": {"msg": format!("{MARK}-2")}}),
        json!({"malformed": true}),
        json!({"drop_after_commit": true}),
    ] {
        let mut fault = fault;
        fault["method"] = "POST".into();
        fault["path"] = "*/PSIDRef".into();
        fault["times"] = 0.into();
        sandbox.fault(fault);
        shows_nobody(&["apply", "-vvv", "--yes"]).says("failed");
        shows_nobody(&["plan", "-vvv"]);
        sandbox.release();
    }
    let mut naming_somebody = Vec::new();
    naming(&project.folder(), &mut naming_somebody);
    assert_eq!(naming_somebody, ["ids.csv"]);
}

#[test]
fn what_was_interrupted_goes_on_and_nothing_is_launched_without_its_list() {
    for fault in [
        json!({"drop_before": true}),
        json!({"drop_after_commit": true}),
        json!({"status": 503}),
        json!({"status": 400}),
    ] {
        let sandbox = Sandbox::start();
        let project = project(&sandbox);
        let mut fault = fault;
        fault["method"] = "POST".into();
        fault["path"] = "*/PSIDRef".into();
        fault["times"] = 0.into();
        sandbox.fault(fault.clone());
        project.run(&APPLY).code(4).says("PSIDRef");
        assert_eq!(sandbox.count(), [1, 0, 0, 0], "{fault}: it stays a draft");
        sandbox.release();
        // Meanwhile somebody was taken off the list.
        project.write("ids.csv", &ids(&[1, 2]));
        project.ok(&["plan"]).says("not known to be there");
        project.ok(&APPLY);
        assert_eq!(sandbox.count(), [0, 1, 0, 0], "{fault}");
        let survey = id(&project, "again");
        assert_eq!(listed(&sandbox, &survey).as_array().unwrap().len(), 2, "{fault}");
        project.expect_settled();
    }
}

#[test]
fn a_saved_plan_reads_the_list_again_and_refuses_another_one() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.ok(&["plan", "--out", "plan.json"]);
    project.write("ids.csv", &ids(&[1, 2, 4]));
    project
        .run(&["apply", "--plan", "plan.json", "--yes"])
        .code(5)
        .says("the manifests were changed")
        .says("/recontact");
    assert!(sandbox.writes().is_empty());
    project.write("ids.csv", &ids(&[1, 2, 3]));
    project.ok(&["apply", "--plan", "plan.json", "--yes"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    let survey = id(&project, "again");
    assert_eq!(listed(&sandbox, &survey).as_array().unwrap().len(), 3);
}

#[test]
fn a_list_without_its_file_is_no_plan_and_slips_are_named_by_their_lines() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    let slips = format!(
        "PSID\n{MARK}-1\n\n{MARK}-2,x\n{MARK}-1\n{MARK}-ü\n{}\n\"{MARK}-3\"\r\n",
        "x".repeat(200)
    );
    project.write("ids.csv", &slips);
    project
        .run(&["validate"])
        .code(1)
        .says("line 1 of `ids.csv` is a header")
        .says("line 3 of `ids.csv` is empty")
        .says("line 4 of `ids.csv` holds more than one id")
        .says("line 5 (as line 2) of `ids.csv` repeats another one")
        .says("lines 6, 7 of `ids.csv` are no ids")
        .never_says(MARK);
    for (text, says) in [("", "names nobody"), ("# nobody yet\n", "names nobody")] {
        project.write("ids.csv", text);
        project.run(&["validate"]).code(1).says(says);
    }
    fs::write(project.folder().join("ids.csv"), b"psid-4711-1\npsid-4711-\xFC\n").unwrap();
    project
        .run(&["validate"])
        .code(1)
        .says("line 2")
        .says("UTF-8")
        .never_says(MARK);
    project.remove("ids.csv");
    project.run(&["plan"]).code(1).says("ids.csv");
    project.write("ids.csv", &ids(&[1]));
    project
        .ok(&["validate"])
        .says("2 completes are wanted of 1 listed respondents");
}

#[test]
fn a_list_outside_of_the_project_is_read_where_whoever_runs_it_allows_that() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    let elsewhere = tempfile::tempdir().unwrap();
    let list = elsewhere.path().join("ids.csv");
    fs::write(&list, ids(&[1, 2, 3])).unwrap();
    project.edit("again.yaml", "ids.csv", &list.display().to_string());
    project.run(&["validate"]).code(1).says("INFIELD_ALLOW_LISTS");
    let args = ["validate"];
    for (folder, code) in [
        (elsewhere.path(), 0),
        (Path::new("/nowhere"), 1),
        (Path::new("."), 1),
    ] {
        let output = project
            .command(&args)
            .env("INFIELD_ALLOW_LISTS", folder)
            .output()
            .unwrap();
        project.finish(&args, &output).code(code);
    }
}

/// A respondent's id at Cint.
fn rsid(number: u32) -> String {
    format!("4711aaaa-0000-4000-8000-{number:012}")
}

fn rsids(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|number| rsid(number) + "\n").collect()
}

/// A target group with both lists.
fn at_cint(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    let lists = "  completes: 2\n  recontact: {file: again.csv}\n  exclude_respondents: {file: out.csv}\n";
    project.write("tracker.yaml", &CINT.replace("  completes: 100\n", lists));
    project.write("again.csv", &rsids(1..=3));
    project.write("out.csv", &rsids(11..=15));
    project
}

/// How many the vendor has on both lists of the target group.
fn counted(sandbox: &Sandbox, project: &Project) -> [u64; 2] {
    let (parent, group) = (id(project, "tracker"), id(project, "tracker/us"));
    ["recontacts", "exclusions"].map(|list| {
        let path = format!("/projects/{parent}/target-groups/{group}/{list}/overview");
        let (_, shown) = sandbox.cint("GET", &path, Value::Null);
        shown["saved_respondent_ids_count"].as_u64().unwrap()
    })
}

#[test]
fn at_cint_lists_are_uploads_that_are_followed_to_their_end() {
    let sandbox = Sandbox::start();
    let project = at_cint(&sandbox);
    let plan = project.ok(&["plan", "--show-calls"]);
    plan.says("3 respondents #")
        .says("5 respondents #")
        .never_says("4711aaaa");
    project.ok(&APPLY).never_says("4711aaaa");
    project.expect_settled();
    assert_eq!(counted(&sandbox, &project), [3, 5]);
    let group = id(&project, "tracker/us");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "cint", "group": group, "completes": 1}),
    );
    project.expect_settled();
    // In field nobody is taken off a list.
    project.write("out.csv", &rsids(11..=13));
    project
        .run(&["plan"])
        .says("in field there would be none meanwhile");
    // Nor is that of any use once everybody has come who is listed: of nine no more than three.
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "cint", "group": group, "completes": 9}),
    );
    project
        .ok(&["plan"])
        .says("3 of 2 completes")
        .says("only once it is back in field");
    let mut naming_somebody = Vec::new();
    naming(&project.folder(), &mut naming_somebody);
    assert_eq!(naming_somebody, Vec::<String>::new());
}

#[test]
fn at_cint_a_list_changes_while_nobody_is_asked() {
    let sandbox = Sandbox::start();
    let project = at_cint(&sandbox);
    project.edit("tracker.yaml", "status: live", "status: draft");
    project.ok(&APPLY);
    project.expect_settled();
    assert_eq!(counted(&sandbox, &project), [3, 5]);
    project.write("again.csv", &rsids(2..=3));
    project.ok(&APPLY);
    project.expect_settled();
    assert_eq!(counted(&sandbox, &project), [2, 5]);
    project.edit("tracker.yaml", "status: draft", "status: live");
    project.ok(&APPLY);
    project.expect_settled();
    project.edit("tracker.yaml", "status: live", "status: paused");
    project.ok(&APPLY);
    project.write("out.csv", &rsids(11..=12));
    project
        .ok(&["apply", "--yes", "--allow", "edit-live-targeting"])
        .never_says("4711aaaa");
    project.expect_settled();
    assert_eq!(counted(&sandbox, &project), [2, 2]);
}

#[test]
fn at_cint_an_upload_that_was_interrupted_goes_on() {
    for (path, fault) in [
        (
            "*/recontacts/jobs/upload-respondents-by-file",
            json!({"drop_before": true}),
        ),
        (
            "*/recontacts/jobs/upload-respondents-by-file",
            json!({"drop_after_commit": true}),
        ),
        (
            "*/exclusions/jobs/upload-respondents-by-file",
            json!({"status": 400}),
        ),
        (
            "*/exclusions/jobs/upload-respondents-by-file",
            json!({"status": 503}),
        ),
    ] {
        let sandbox = Sandbox::start();
        let project = at_cint(&sandbox);
        let mut fault = fault;
        fault["method"] = "POST".into();
        fault["path"] = path.into();
        fault["times"] = 0.into();
        sandbox.fault(fault.clone());
        project.run(&APPLY).code(4).never_says("4711aaaa");
        sandbox.release();
        let launched = |call: &Value| call["path"].as_str().unwrap().contains("launch-from-draft");
        assert!(!sandbox.log().iter().any(launched), "{fault}");
        project.write("again.csv", &rsids(1..=2));
        // What the vendor is still working through has to end first, where nobody knows its name.
        if fault["drop_after_commit"] == true {
            project.run(&APPLY).code(1).says("at other work on it");
            sandbox.admin("POST", "clock", json!({"advance": "1m"}));
        }
        project.ok(&APPLY);
        project.expect_settled();
        assert_eq!(counted(&sandbox, &project), [2, 5], "{path} {fault}");
    }
}

#[test]
fn at_cint_whoever_is_refused_keeps_the_list_from_counting_as_sent() {
    let sandbox = Sandbox::start();
    let project = at_cint(&sandbox);
    project.write("again.csv", &format!("{}not-an-rsid-4711aaaa\n", rsids(1..=2)));
    project
        .run(&APPLY)
        .code(4)
        .says("Upload partially successful")
        .never_says("4711aaaa");
    project.write("again.csv", &rsids(1..=2));
    project.ok(&APPLY);
    project.expect_settled();
    assert_eq!(counted(&sandbox, &project), [2, 5]);
}

#[test]
fn a_digest_with_a_secret_is_another_one() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    let digest = |secret: Option<&str>| {
        let args = ["plan", "--format", "json"];
        let mut command = project.command(&args);
        secret.map(|secret| command.env("INFIELD_LISTS_KEY", secret));
        let plan = project.finish(&args, &command.output().unwrap()).code(0).json();
        let changes = plan["steps"][0]["changes"].as_array().unwrap().clone();
        let list = changes.into_iter().find(|change| change["path"] == "/recontact");
        list.unwrap()["after"].as_str().unwrap().to_owned()
    };
    let (plain, one, other) = (digest(None), digest(Some("one")), digest(Some("other")));
    assert!(
        plain != one && one != other && one == digest(Some("one")),
        "{plain} {one} {other}"
    );
}
