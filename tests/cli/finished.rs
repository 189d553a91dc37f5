//! Surveys that have ended: nothing to do, whatever the vendor makes of them later; more completes field them on.

use crate::support::{APPLY, CINT, INNOVATEMR, Project, Run, Sandbox, id, survey};
use serde_json::{Value, json};

fn night(project: &Project) -> Run {
    project.run(&["plan", "--detailed-exitcode"])
}

fn kinds(project: &Project) -> Vec<String> {
    let plan = project.plan();
    let notes = plan["notes"].as_array().unwrap().iter();
    notes
        .map(|note| {
            format!(
                "{}: {}",
                note["address"].as_str().unwrap(),
                note["kind"].as_str().unwrap()
            )
        })
        .collect()
}

/// The writing calls that the vendors received; at two of them some reads are a POST.
fn written(sandbox: &Sandbox) -> Vec<String> {
    let log = sandbox.log();
    let path = |call: &Value| call["path"].as_str().unwrap().to_owned();
    let writes = |call: &&Value| {
        let acts = [
            "/relaunch",
            "/resume",
            "/pause",
            "/complete",
            "/launch-from-draft",
        ];
        call["method"] == "PUT"
            || call["method"] == "PATCH"
            || acts.iter().any(|act| path(call).ends_with(act))
    };
    log.iter().filter(writes).map(path).collect()
}

/// A survey at each vendor, in field.
fn everywhere(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.write("cint.yaml", CINT);
    project.write("innovatemr.yaml", INNOVATEMR);
    project.apply();
    project.expect_settled();
    project
}

/// Everybody who is wanted takes part, at every vendor; where the vendor stops nothing by itself, a person at its website
/// does.
fn finish(project: &Project, sandbox: &Sandbox) {
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": id(project, "one"), "completes": 100}),
    );
    let group = id(project, "tracker/us");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "cint", "group": group, "completes": 100}),
    );
    let group = id(project, "lift/us");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "innovatemr", "group": group, "completes": 100}),
    );
    let (status, answer) = sandbox.http(
        "PUT",
        &format!("/innovatemr/api/v2/pega/group/{group}/status"),
        &json!({"status": 2}),
    );
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn what_is_finished_at_every_vendor_is_nothing_to_do_also_after_the_vendor_closed_it() {
    let sandbox = Sandbox::start();
    let project = everywhere(&sandbox);
    finish(&project, &sandbox);
    let done = ["lift/us: done", "one: done", "tracker/us: done"];
    for advance in ["0h", "11d"] {
        sandbox.admin("POST", "clock", json!({"advance": advance}));
        sandbox.forget();
        night(&project)
            .code(0)
            .says("3 surveys are done")
            .never_says("drift");
        assert_eq!(kinds(&project), done);
        project
            .ok(&["plan", "--refresh-only", "--detailed-exitcode"])
            .says("No drift")
            .says("3 surveys are done");
        project.ok(&APPLY);
        assert_eq!(written(&sandbox), [""; 0], "nothing is fielded on");
    }
    // By then the vendor shows the survey as closed, and what was confirmed is not asked again.
    assert_eq!(sandbox.survey(1_000_001)["ps_survey_status"], 44);
    sandbox.forget();
    night(&project).code(0);
    let asked = sandbox.log();
    let asked = |path: &str| {
        asked
            .iter()
            .filter(|call| call["path"].as_str().unwrap().ends_with(path))
            .count()
    };
    assert_eq!(asked("/performance"), 0);
    project.ok(&["status"]).says("3 done");
}

#[test]
fn a_closed_survey_whose_end_nobody_saw_is_done_all_the_same() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_001, "completes": 100}),
    );
    sandbox.admin("POST", "clock", json!({"advance": "11d"}));
    night(&project).code(0).says("done: 100 of 100 completes");
}

#[test]
fn many_that_are_done_are_one_line_and_named_in_json() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    for n in 0..37 {
        project.write(&format!("done-{n}.yaml"), &survey(&format!("done-{n}"), ""));
    }
    project.write("other.yaml", &survey("other", ""));
    project.apply();
    for n in 0..37 {
        let id = id(&project, &format!("done-{n}"));
        sandbox.admin("POST", "respondents", json!({"survey": id, "completes": 100}));
    }
    project.edit("other.yaml", "cpi: 2.50 USD", "cpi: 2.40 USD");
    let text = project.ok(&["plan"]).says("37 surveys are done");
    assert_eq!(text.stdout.matches("done").count(), 1, "{}", text.stdout);
    let other = text.stdout.find("other (PureSpectrum)").unwrap();
    assert!(other < text.stdout.find("37 surveys").unwrap(), "{}", text.stdout);
    let markdown = project.ok(&["plan", "--format", "markdown"]).stdout;
    assert!(markdown.contains("- 37 surveys are done\n"), "{markdown}");
    assert!(!markdown.contains("done-3"), "{markdown}");
    let page = project.ok(&["plan", "--format", "html"]).stdout;
    assert!(
        page.contains("37 surveys are done") && page.contains("done-36"),
        "{page}"
    );
    project.ok(&["plan", "--format", "github"]).never_says("done-3");
    let plan = project.plan();
    let done = |note: &&Value| note["kind"] == "done";
    assert_eq!(plan["notes"].as_array().unwrap().iter().filter(done).count(), 37);
    project
        .ok(&["plan", "--verbose"])
        .says("done: 100 of 100 completes")
        .never_says("37 surveys are done");
}

#[test]
fn more_completes_raise_and_relaunch_what_is_done_behind_the_guard_launch() {
    let sandbox = Sandbox::start();
    let project = everywhere(&sandbox);
    finish(&project, &sandbox);
    for file in ["one.yaml", "cint.yaml", "innovatemr.yaml"] {
        project.edit(file, "completes: 100", "completes: 150");
    }
    night(&project)
        .code(2)
        .says("its goal of 100 is reached, and the manifest raises it to 150")
        .never_says("drift")
        .never_says("`status: paused` accepts it");
    sandbox.forget();
    project
        .run(&["apply", "--yes"])
        .code(3)
        .says("needs the approval `launch`");
    // The raise alone fields nothing, and the rest of it is not forgotten.
    let plan = project.plan();
    assert_eq!(plan["summary"]["launch"], 3, "{plan:#}");
    project.apply();
    let wrote = written(&sandbox);
    assert!(wrote.iter().any(|path| path.ends_with("/relaunch")), "{wrote:#?}");
    project.expect_settled();
    assert_eq!(sandbox.survey(1_000_001)["ps_survey_status"], 22);
}

#[test]
fn after_the_vendor_closed_it_a_raise_is_blocked_with_the_rule_and_what_is_missing() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.write("cint.yaml", CINT);
    project.apply();
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": id(&project, "one"), "completes": 100}),
    );
    let group = id(&project, "tracker/us");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "cint", "group": group, "completes": 100}),
    );
    project.ok(&APPLY);
    sandbox.admin("POST", "clock", json!({"advance": "11d"}));
    project.edit("one.yaml", "completes: 100", "completes: 150");
    sandbox.forget();
    project
        .run(&["apply", "--yes", "--allow", "launch"])
        .code(3)
        .says("PureSpectrum cannot put a closed survey back in field")
        .says("field the 50 that are missing in a new one");
    assert_eq!(written(&sandbox), [""; 0]);
}

#[test]
fn what_ended_short_and_what_waits_after_a_soft_launch_is_told_and_fails_no_night() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n- {name: men, completes: 10, where: {gender: male}}\n\
        - {name: women, completes: 10, where: {gender: female}}\n";
    project.write("soft.yaml", &survey("soft", quotas));
    project.write("short.yaml", &survey("short", ""));
    project.apply();
    let soft = id(&project, "soft");
    for quota in ["men", "women"] {
        let some = json!({"survey": soft, "completes": 10, "quota": quota});
        sandbox.admin("POST", "respondents", some);
    }
    let short = id(&project, "short");
    sandbox.admin("POST", "respondents", json!({"survey": short, "completes": 60}));
    let close = json!([{"op": "replace", "path": "/ps_survey_status", "value": 44}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{short}"), close);
    night(&project)
        .code(0)
        .says("ended-short: survey 1000001 has ended (closed): 60 of 100 completes, 40 missing")
        .says("soft-launch-waiting: survey 1000002 has collected its soft launch and waits: 20 of 100 completes, 80 missing")
        .never_says("drift");
    project
        .ok(&["plan", "--refresh-only", "--detailed-exitcode"])
        .says("No drift")
        .says("40 missing");
    project
        .ok(&["status"])
        .says("ended short, 60 of 100 completes, 40 missing")
        .says("soft launch waiting, 20 of 100 completes, 80 missing");
    let report = project.ok(&["status", "--format", "json"]).json();
    let verdicts: Vec<&Value> = report["surveys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["verdict"])
        .collect();
    assert_eq!(verdicts, ["ended-short", "soft-launch-waiting"]);
    // The ramp is in the manifest.
    project.edit(
        "soft.yaml",
        "name: men, completes: 10",
        "name: men, completes: 50",
    );
    night(&project).code(2).says("raises its quotas from 20 to 60");
    project.apply();
    assert_eq!(sandbox.survey(soft.parse().unwrap())["ps_survey_status"], 22);
}

#[test]
fn what_was_frozen_is_paused_by_infield_and_its_last_day_is_told_before_it_comes() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", "on_external_pause: resume\n"));
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let emulated = |args: &[&str]| project.ok(&[args, &["--store", ".infield/sandbox"]].concat());
    emulated(&[
        "sandbox",
        "respondents",
        &id(&project, "one"),
        "--completes",
        "10",
    ]);
    project.ok(&["freeze", "one", "--yes"]);
    night(&project)
        .code(0)
        .says("frozen by tester@testhost since 20")
        .says("it can be put back until")
        .never_says("outside infield")
        .never_says("drift");
    project
        .ok(&["plan", "--refresh-only", "--detailed-exitcode"])
        .says("No drift");
    let row = |project: &Project| project.ok(&["status", "--format", "json"]).json()["surveys"][0].clone();
    let before = row(&project);
    assert!(
        before["resume_by"].is_string() && before["warning"].is_null(),
        "{before:#}"
    );
    project
        .ok(&["status"])
        .says("paused, 10 of 100 completes, by infield freeze on 20");
    emulated(&["sandbox", "clock", "8d"]);
    let after = row(&project);
    assert_eq!(after["resume_by"], before["resume_by"]);
    let warning = after["warning"].as_str().unwrap();
    assert!(
        warning.contains("hours are left") && warning.contains("more than 10 days"),
        "{warning}"
    );
    project.ok(&["status"]).says("warning:");
}

#[test]
fn only_a_person_is_called_a_person() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("cint.yaml", CINT);
    project.apply();
    let group = id(&project, "tracker/us");
    let pause = json!({"vendor": "cint", "group": group, "pause": "high_drop_rates"});
    sandbox.admin("POST", "respondents", pause);
    night(&project)
        .code(0)
        .says("was paused outside infield: by the vendor at")
        .says("high drop rates")
        .never_says("user");
}

#[test]
fn what_ended_short_for_good_gets_a_new_one_for_what_is_missing_only_when_asked() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{replace: ask}");
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n- {name: men, completes: 50, where: {gender: male}}\n\
        - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.apply();
    let first = id(&project, "one");
    for (quota, completes) in [("men", 45), ("women", 15)] {
        let some = json!({"survey": first, "completes": completes, "quota": quota});
        sandbox.admin("POST", "respondents", some);
    }
    let close = json!([{"op": "replace", "path": "/ps_survey_status", "value": 44}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{first}"), close);
    sandbox.forget();
    let resume = ["apply", "--yes", "--resume", "one", "--allow", "launch,replace"];
    project
        .ok(&resume)
        .says("set `on_fixed_change: replace` and use `infield apply --resume one`");
    project.edit(
        "one.yaml",
        "status: live",
        "status: live\non_fixed_change: replace",
    );
    project.apply();
    night(&project).code(0).says("40 missing");
    assert!(sandbox.writes().is_empty(), "nobody asked for it");
    project
        .run(&["apply", "--yes", "--resume", "one", "--allow", "launch"])
        .code(3)
        .says("it has ended and cannot go back in field; a new one is made for what is missing")
        .says("needs the approval `replace`");
    assert!(sandbox.writes().is_empty(), "not without its guard");
    project.ok(&resume);
    project.expect_settled();
    let second = id(&project, "one");
    assert_ne!(first, second);
    // Each quota gets what it lacks.
    let made = sandbox.survey(second.parse().unwrap());
    let counts = made["quotas"].as_array().unwrap().iter();
    let counts: Vec<&Value> = counts.map(|quota| &quota["required_count"]).collect();
    assert_eq!(counts, [5, 35], "{made:#}");
    assert_eq!(sandbox.count(), [0, 1, 0, 1]);
    // Asked again, with nothing missing, nothing more is made.
    project.ok(&resume);
    project.edit("one.yaml", "completes: 100", "completes: 130");
    project.edit(
        "one.yaml",
        "name: women, completes: 50",
        "name: women, completes: 80",
    );
    let plan = project.plan();
    let changes = plan["steps"][0]["changes"].as_array().unwrap();
    let goal = changes
        .iter()
        .find(|change| change["path"] == "/completes")
        .unwrap();
    assert_eq!(
        (&goal["before"], &goal["after"]),
        (&json!(40), &json!(70)),
        "{plan:#}"
    );
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 1, 0, 1]);
}
