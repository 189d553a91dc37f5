//! History: what was done and by whom, from every command that does something, and that nothing depends on it.

use crate::support::{APPLY, Project, Run, Sandbox, survey};
use serde_json::{Value, json};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longer than any test runs.
const FOREVER: u64 = 3_600_000;

fn project(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project
}

/// The folder of the history.
fn history(project: &Project) -> PathBuf {
    project.folder().join(".infield/bench/history")
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push(path),
        }
    }
    all.sort();
    all
}

/// The runs, as JSON, the last one first.
fn runs(project: &Project, more: &[&str]) -> Vec<Value> {
    let args = [&["log", "--format", "json"], more].concat();
    let log = project.ok(&args).json();
    assert_eq!(log["format"], "infield.log/1");
    log["runs"].as_array().unwrap().clone()
}

/// Runs the program with these variables.
fn with(project: &Project, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = project.command(args);
    command.envs(variables.iter().copied());
    project.finish(args, &command.output().unwrap())
}

#[test]
fn every_apply_and_freeze_is_told_with_who_what_and_for_how_much() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.ok(&["log"]).says("Nothing is in the history.");
    let ci = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_ACTOR", "grace"),
        ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/surveys"),
        ("GITHUB_RUN_ID", "42"),
    ];
    let plan = project.plan();
    with(&project, &APPLY, &ci).code(0);
    project.edit("one.yaml", "2.50 USD", "3.00 USD");
    project.apply();
    // Nothing is done, and nothing is told.
    project.apply();
    project.ok(&["freeze", "--yes"]);
    project.ok(&["thaw", "--yes", "--allow", "launch"]);
    let runs = runs(&project, &[]);
    let commands: Vec<&str> = runs.iter().map(|run| run["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["thaw", "freeze", "apply", "apply"]);
    let first = &runs[3];
    assert_eq!(first["plan"], plan["hash"]);
    assert_eq!(first["environment"], "bench");
    assert_eq!(
        first["by"],
        json!({
            "actor": "grace",
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "ci": "GitHub Actions",
            "pipeline": "https://github.com/acme/surveys/actions/runs/42",
        })
    );
    assert_eq!(first["approved"], json!({"how": "yes", "allow": ["launch"]}));
    assert_eq!(first["money"][0]["after"], "250.00");
    assert_eq!(first["end"]["made"], json!({"one": "1000001"}));
    for run in &runs {
        for step in run["steps"].as_array().unwrap() {
            let id = step["step"].as_str().unwrap();
            assert_eq!(run["end"]["steps"][id], json!({"outcome": "done"}), "{run}");
        }
    }
    let raise = &runs[2];
    assert_eq!(raise["by"]["actor"], "tester@testhost");
    assert_eq!(
        raise["steps"][0]["changes"][0],
        json!({"path": "/cpi", "before": "2.50 USD", "after": "3.00 USD"})
    );
    project
        .ok(&["log"])
        .says("apply by grace, commit 01234567, plan")
        .says("https://github.com/acme/surveys/actions/runs/42")
        .says("~ update one: cpi 2.50 USD → 3.00 USD: done")
        .says("+50.00 USD")
        .says("‖ pause one: status live → paused: done");
    assert_eq!(self::runs(&project, &["--limit", "1"]).len(), 1);
    assert_eq!(self::runs(&project, &["one", "--since", "1h"]).len(), 4);
    assert_eq!(self::runs(&project, &["--since", "2999-01-01"]).len(), 0);
    project.ok(&["log", "--limit", "1"]).says("There are older runs");
    project.run(&["log", "oen"]).code(64).says("did you mean `one`?");
}

#[test]
fn the_run_behind_every_value_is_told() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.apply();
    project.edit("one.yaml", "2.50 USD", "3.00 USD");
    project.apply();
    let runs = runs(&project, &[]);
    let (raise, made) = (runs[0]["id"].clone(), runs[1]["id"].clone());
    let blame = project.ok(&["blame", "one", "--format", "json"]).json();
    assert_eq!(blame["format"], "infield.blame/1");
    let values = blame["values"].as_array().unwrap();
    assert!(values.len() > 5, "{blame}");
    for value in values {
        let expected = if value["field"] == "/cpi" { &raise } else { &made };
        assert_eq!(value["whence"], "applied", "{value}");
        assert_eq!(&value["since"]["run"], expected, "{value}");
    }
    let price = project.ok(&["blame", "one", "cpi"]);
    price
        .says("cpi 3.00 USD")
        .says("apply by tester@testhost, plan")
        .never_says("title");
    project
        .run(&["blame", "one", "cip"])
        .code(64)
        .says("did you mean `cpi`?");
    project.run(&["blame", "two"]).code(64);
    // Without a history every value is from before it.
    fs::remove_dir_all(history(&project)).unwrap();
    project
        .ok(&["blame", "one"])
        .says("it was there before this history begins");
}

#[test]
fn what_was_taken_over_moved_or_forgotten_is_told() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.apply();
    project.ok(&["state", "mv", "one", "two"]);
    project
        .ok(&["blame", "two", "cpi"])
        .says("apply by tester@testhost");
    project.ok(&["state", "mv", "two", "one"]);
    let price = json!([{"op": "replace", "path": "/offer_price", "value": 4}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", price);
    project.ok(&["plan", "--refresh-only", "--accept", "--yes"]);
    project
        .ok(&["blame", "one", "cpi"])
        .says("cpi 4.00 USD")
        .says("as it was found and taken over:");
    project.ok(&["state", "rm", "one"]);
    project.remove("one.yaml");
    project.ok(&[
        "import",
        "--vendor",
        "purespectrum",
        "--id",
        "1000001",
        "--name",
        "one",
    ]);
    let blame = project.ok(&["blame", "one", "--format", "json"]).json();
    for value in blame["values"].as_array().unwrap() {
        assert_eq!(value["whence"], "taken", "{value}");
        assert_eq!(value["since"]["command"], "import", "{value}");
    }
    let commands: Vec<Value> = runs(&project, &[])
        .iter()
        .map(|run| run["command"].clone())
        .collect();
    assert_eq!(
        commands,
        ["import", "state rm", "accept", "state mv", "state mv", "apply"]
    );
    project
        .ok(&["log"])
        .says("one (1000001) is forgotten")
        .says("→ two is one")
        .says("one is remembered otherwise: cpi 2.50 USD → 4.00 USD");
}

#[test]
fn a_plan_is_shown_again_as_it_was() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.apply();
    project.edit("one.yaml", "2.50 USD", "3.00 USD");
    project.write("two.yaml", &survey("two", ""));
    let shown = project.ok(&["plan"]).stdout;
    let hash = project.plan()["hash"].as_str().unwrap().to_owned();
    project.ok(&["apply", "--approve", &hash]);
    project.edit("one.yaml", "3.00 USD", "4.00 USD");
    project.remove("two.yaml");
    sandbox.forget();
    let id = runs(&project, &[])[0]["id"].as_str().unwrap().to_owned();
    for named in [&id, &id[id.len() - 8..], &hash, &hash[..9]] {
        let again = project.ok(&["log", "--replay", named]);
        assert_eq!(again.stdout, shown, "{named}");
    }
    let json = project.ok(&["log", "--replay", &id, "--format", "json"]).json();
    assert_eq!(
        (&json["format"], &json["hash"]),
        (&json!("infield.plan/1"), &json!(hash))
    );
    assert!(sandbox.log().is_empty(), "no vendor is asked");
    project.run(&["log", "--replay", "nothing"]).code(64);
    fs::remove_dir_all(history(&project).join("plans")).unwrap();
    project
        .run(&["log", "--replay", &id])
        .code(1)
        .says("is not kept any more");
}

#[test]
fn history_is_never_needed_and_what_is_damaged_is_passed_over() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.apply();
    project.edit("one.yaml", "2.50 USD", "3.00 USD");
    let plan = project.ok(&["plan"]).stdout;
    for file in files(&history(&project)) {
        fs::write(file, "{\"format\":\"infield.his").unwrap();
    }
    assert_eq!(project.ok(&["plan"]).stdout, plan);
    let log = project.ok(&["log"]).says("Nothing is in the history.");
    assert_eq!(log.stderr.matches("is passed over").count(), 1, "{}", log.text());
    project.ok(&["blame", "one"]).says("is passed over");
    project.ok(&["status"]);
    project.apply().never_says("history");
    fs::remove_dir_all(history(&project)).unwrap();
    project.expect_settled();
    project.ok(&["log"]).never_says("passed over");
}

#[test]
fn what_cannot_be_written_down_fails_no_apply_and_is_said_once() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    fs::create_dir_all(project.folder().join(".infield/bench")).unwrap();
    // Whoever runs the tests may write into every folder, but not into a file as if it were one.
    fs::write(history(&project), "no folder").unwrap();
    let run = project.apply();
    assert_eq!(
        run.stderr.matches("is not in the history").count(),
        1,
        "{}",
        run.text()
    );
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    // Who only looks has no use for that.
    project.ok(&["status"]).never_says("history");
    project.ok(&["plan"]).never_says("history");
    project.ok(&["log"]).says("is passed over");
}

#[test]
fn a_run_that_was_killed_is_in_the_history_without_its_end() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.write("two.yaml", &survey("two", ""));
    sandbox.fault(json!({"method": "POST", "path": "*/surveys", "nth": 2, "delay_ms": FOREVER}));
    let quiet = std::process::Stdio::null;
    let mut command = project.command(&APPLY);
    let mut child = command.stdout(quiet()).stderr(quiet()).spawn().unwrap();
    sandbox.await_fault();
    crate::support::eventually("the beginning of the run", || {
        (files(&history(&project).join("runs")).len() == 1).then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    sandbox.release();
    project.ok(&["log"]).says("how it ended was not seen");
    let killed = runs(&project, &[])[0].clone();
    assert_eq!(killed["end"], Value::Null);
    assert_eq!(killed["steps"][0]["address"], "one");
    project.ok(&["blame", "one", "cpi"]).says("perhaps by this run");
    project.apply();
    assert_eq!(runs(&project, &[]).len(), 2);
}

#[test]
fn history_holds_no_secret_and_is_for_its_owner() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    let second =
        "    innovatemr: {base_url: \"http://127.0.0.1:1\", token: \"${INNOVATEMR_CANARY}\"}\n    guards:";
    project.edit("infield.yaml", "    guards:", second);
    let variables = [
        ("INNOVATEMR_CANARY", "canary-4711-token"),
        ("JENKINS_URL", "https://ci.example"),
        (
            "BUILD_URL",
            "https://bot:hunter2@ci.example/job/canary-4711-token/",
        ),
    ];
    with(&project, &APPLY, &variables).code(0);
    let written = files(&history(&project));
    assert!(written.len() >= 3, "{written:?}");
    for file in &written {
        let bytes = fs::read(file).unwrap();
        let mut text = String::new();
        match file.extension().is_some_and(|ending| ending == "gz") {
            true => flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text),
            false => (&*bytes).read_to_string(&mut text),
        }
        .unwrap();
        assert!(!text.contains("canary") && !text.contains("hunter2"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }
}

#[test]
fn looks_at_counters_are_kept_once() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox);
    project.apply();
    let looks = || files(&history(&project).join("looks"));
    let before = looks().len();
    project.ok(&["status"]);
    let first = looks().len();
    assert_eq!(first, before + 1);
    project.ok(&["status"]);
    assert_eq!(looks().len(), first, "nothing was new");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": "1000001", "completes": 7}),
    );
    project.ok(&["status"]);
    assert_eq!(looks().len(), first + 1);
    let text = fs::read_to_string(looks().last().unwrap()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["format"], "infield.history/1");
    let counted = &line["look"]["surveys"]["one"];
    assert_eq!(counted["completes"], 7, "{line}");
}

/// Paths of what a manifest says, as `blame` names them.
fn paths(manifest: &Value, vendor: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (key, value) in manifest.as_object().unwrap() {
        match key.as_str() {
            "kind" | "name" => {}
            "qualifications" => {
                let questions = value.as_object().unwrap().keys();
                paths.extend(questions.map(|question| format!("/qualifications/{question}")));
            }
            "quotas" => {
                for quota in value.as_array().unwrap() {
                    let name = quota["name"].as_str().unwrap();
                    paths.extend(["completes", "where"].map(|part| format!("/quotas/{name}/{part}")));
                }
            }
            key if key == vendor => {
                let own = value.as_object().unwrap().keys();
                // A template is applied once, and not remembered as a value.
                let own = own.filter(|key| *key != "template_id");
                paths.extend(own.map(|own| format!("/{vendor}/{own}")));
            }
            key => paths.push(format!("/{key}")),
        }
    }
    paths
}

#[test]
fn no_vendor_is_asked_for_the_sake_of_history() {
    let calls = |kept: bool| {
        let sandbox = Sandbox::start();
        let project = project(&sandbox);
        if !kept {
            fs::create_dir_all(project.folder().join(".infield/bench")).unwrap();
            fs::write(history(&project), "no folder").unwrap();
        }
        project.apply();
        project.edit("one.yaml", "2.50 USD", "3.00 USD");
        project.ok(&["plan"]);
        project.apply();
        project.ok(&["status"]);
        assert_eq!(history(&project).is_dir(), kept);
        let log = sandbox.log();
        log.iter()
            .map(|call| format!("{} {}", call["method"], call["path"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(calls(true), calls(false));
}

#[test]
fn blame_answers_for_every_field_that_the_manifests_of_the_tour_say() {
    let project = Project::example("quickstart");
    project.apply();
    let run = runs(&project, &[])[0]["id"].clone();
    for name in ["minimal", "layered-quotas", "from-template"] {
        let text = project.read(&format!("{name}.yaml"));
        let manifest: Value = serde_yaml::from_str(&text).unwrap();
        let all = paths(&manifest, "purespectrum");
        assert!(all.len() > 5, "{name}: {all:?}");
        let blame = project.ok(&["blame", name, "--format", "json"]).json();
        for path in all {
            let values = blame["values"].as_array().unwrap().iter();
            let found: Vec<&Value> = values.filter(|value| value["field"] == path.as_str()).collect();
            assert_eq!(found.len(), 1, "{name} {path}: {blame:#}");
            assert_eq!(found[0]["since"]["run"], run, "{name} {path}");
        }
    }
}

#[test]
fn blame_knows_quotas_qualifications_and_tags_after_they_changed_and_under_a_new_name() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let more = "qualifications: {gender: [male, female]}\nquotas:\n\
                \x20 - {name: men, completes: 50, where: {gender: male}}\n\
                \x20 - {name: women, completes: 50, where: {gender: female}}\ntags: [spring]\n";
    project.write("one.yaml", &survey("one", more));
    project.apply();
    project.edit(
        "one.yaml",
        "tags: [spring]",
        "tags: [spring, soda]\nprotect: true",
    );
    project.apply();
    project.edit("one.yaml", "name: men, completes: 50", "name: men, completes: 45");
    project.apply();
    project.edit("one.yaml", "name: one\n", "name: two\nmoved_from: one\n");
    project.apply();
    let ids: Vec<Value> = runs(&project, &[]).iter().map(|run| run["id"].clone()).collect();
    let (quota, decided, made) = (&ids[ids.len() - 3], &ids[ids.len() - 2], &ids[ids.len() - 1]);
    let blame = project.ok(&["blame", "two", "--format", "json"]).json();
    for value in blame["values"].as_array().unwrap() {
        let expected = match value["field"].as_str().unwrap() {
            "/tags" | "/protect" => decided,
            "/quotas/men/completes" => quota,
            _ => made,
        };
        assert_eq!(
            (&value["whence"], &value["since"]["run"]),
            (&json!("applied"), expected),
            "{value}"
        );
    }
    for field in [
        "tags",
        "protect",
        "qualifications.gender",
        "quotas.men.completes",
        "quotas.women.where",
    ] {
        project
            .ok(&["blame", "two", field])
            .says("apply by tester@testhost");
    }
}

#[test]
fn every_value_of_the_examples_has_a_run_behind_it() {
    for example in ["quickstart", "cint", "innovatemr"] {
        let project = Project::example(example);
        project.apply();
        let run = runs(&project, &[])[0]["id"].clone();
        let blame = project.ok(&["blame", "*", "--format", "json"]).json();
        let values = blame["values"].as_array().unwrap();
        assert!(values.len() > 5, "{example}: {}", values.len());
        for value in values {
            assert_eq!(value["whence"], "applied", "{example}: {value}");
            assert_eq!(value["since"]["run"], run, "{example}: {value}");
        }
    }
}
