//! Wherever somebody types a name that does not exist, the nearest one is suggested, and nothing happens.

use crate::support::{Project, Sandbox, survey};

#[test]
fn every_name_that_does_not_exist_gets_the_nearest_one_that_does() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("minimal.yaml", &survey("minimal", ""));
    project.write("list.csv", "transaction_id,outcome\nt-1,reject\n");
    project.apply();
    sandbox.forget();
    let meant = |args: &[&str], code: i32, name: &str| {
        project
            .run(args)
            .code(code)
            .says(&format!("did you mean `{name}`?"));
    };
    for flag in ["--target", "--exclude", "--resume"] {
        meant(&["plan", flag, "imnimal"], 64, "minimal");
        meant(&["plan", flag, "mini"], 64, "minimal");
        meant(&["apply", "--yes", flag, "minimul"], 64, "minimal");
    }
    meant(&["freeze", "imnimal", "--yes"], 64, "minimal");
    // A pattern, too, is corrected where it begins.
    meant(&["freeze", "imn*", "--yes"], 64, "min*");
    meant(&["status", "mimi*l"], 64, "mini*l");
    meant(&["plan", "--exclude", "minumal@pure*"], 64, "minimal@pure*");
    meant(&["thaw", "imnimal", "--yes"], 64, "minimal");
    meant(&["status", "imnimal"], 64, "minimal");
    meant(&["feasibility", "imnimal"], 64, "minimal");
    meant(&["state", "list", "imnimal"], 64, "minimal");
    meant(&["state", "show", "imnimal"], 64, "minimal");
    meant(&["state", "rm", "imnimal"], 64, "minimal");
    meant(&["state", "resolve", "imnimal", "--adopt", "7"], 1, "minimal");
    meant(&["reconcile", "list.csv", "--survey", "imnimal"], 1, "minimal");
    project.write("accepted.csv", "transaction_id\nt-1\n");
    meant(
        &["accept-list", "accepted.csv", "--survey", "imnimal"],
        1,
        "minimal",
    );
    for command in ["status", "validate", "plan", "fmt"] {
        meant(&[command, "imnimal.yaml"], 1, "minimal.yaml");
    }
    for command in ["validate", "plan", "fmt"] {
        meant(&[command, "minimal"], 1, "minimal.yaml");
    }
    meant(&["plan", "--env", "bnech"], 1, "bench");
    meant(
        &["import", "--all", "--vendor", "purespectrm"],
        64,
        "purespectrum",
    );
    meant(
        &["lookup", "questions", "--vendor", "inovatemr"],
        64,
        "innovatemr",
    );
    meant(&["sandbox", "respondents", "1", "--vendor", "cnit"], 64, "cint");
    meant(&["reconcile", "list.csv", "--outcome", "rejcet"], 64, "reject");
    meant(&["apply", "--allow", "lanuch"], 64, "launch");
    meant(&["schema", "manifset"], 64, "manifest");
    meant(&["explain", "quota::gpa"], 64, "infield explain quota::gap");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_freeze_pauses_what_it_finds_and_says_what_it_does_not_know() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("minimal.yaml", &survey("minimal", ""));
    project.apply();
    project
        .run(&["freeze", "other", "minimal", "--yes"])
        .code(4)
        .says("there is no survey or group `other`")
        .says("minimal: paused");
}

#[test]
fn names_patterns_vendors_and_tags_mean_the_same_to_every_command() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("soda.yaml", &survey("soda-w1", "tags: [soda]\n"));
    project.write("cola.yaml", &survey("cola-w1", ""));
    let only = |args: &[&str]| {
        let run = project.run(args);
        let text = run.text();
        let inside = text.split_once('\n').map_or("", |(_, rest)| rest);
        assert!(
            inside.contains("soda-w1") && !inside.contains("cola-w1"),
            "{text}"
        );
    };
    let nothing = |args: &[&str]| drop(project.run(args).code(64).says("-w2"));
    let ways = [
        "soda-w1",
        "soda-*",
        "s*w1",
        "soda-w?",
        "[r-t]oda-w1",
        "[!c]*",
        "soda-w1@purespectrum",
        "s*@purespectrum",
        "tag:soda",
        "tag:s*",
    ];
    for way in ways {
        only(&["plan", "--target", way]);
        only(&["status", way]);
        only(&["feasibility", way]);
    }
    only(&["plan", "--exclude", "cola-?1"]);
    project.apply();
    for way in ways {
        only(&["state", "list", way]);
        only(&["state", "show", way, "--format", "yaml"]);
        only(&["status", way]);
    }
    for none in [
        "soda-w2",
        "*-w2",
        "soda-w2@purespectrum",
        "tag:soda-w2",
        "soda-w1/*-w2",
    ] {
        for option in ["--target", "--exclude", "--resume"] {
            nothing(&["plan", option, none]);
            nothing(&["apply", "--yes", option, none]);
        }
        for command in ["status", "feasibility"] {
            nothing(&[command, none]);
        }
        nothing(&["freeze", "--yes", none]);
        nothing(&["thaw", "--yes", none]);
        for command in ["list", "show", "rm"] {
            nothing(&["state", command, none]);
        }
    }
    // Paused by hand, both come back by one pattern.
    for id in [1_000_001, 1_000_002] {
        let pause = serde_json::json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
        sandbox.by_hand("PATCH", &format!("/surveys/{id}"), pause);
    }
    project.ok(&["apply", "--yes", "--allow", "launch", "--resume", "*"]);
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
    project
        .ok(&["state", "rm", "tag:soda"])
        .says("soda-w1 is forgotten");
    project
        .ok(&["state", "list"])
        .says("cola-w1")
        .never_says("soda-w1");
}

#[test]
fn an_apply_says_where_it_goes_before_it_asks() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let labelled = project
        .read("infield.yaml")
        .replace("purespectrum: {", "purespectrum: {account: acme-prod, ")
        .replace("cint: {", "cint: {account: acme-cint, ");
    project.write("infield.yaml", &labelled);
    project.write("minimal.yaml", &survey("minimal", ""));
    project
        .run(&["apply"])
        .code(3)
        .says("this is for `bench`: PureSpectrum at [SANDBOX] (account acme-prod)")
        .never_says("acme-cint");
    project.write("brand.yaml", &project_at_cint());
    project
        .run(&["apply"])
        .code(3)
        .says("Cint at [SANDBOX] (account acme-cint, 1)");
    let log = sandbox.log();
    let wrote = |call: &&serde_json::Value| call["method"] != "GET" && call["path"] != "/cint/oauth/token";
    assert_eq!(log.iter().find(wrote), None);
}

#[test]
fn respondents_of_the_sandbox_come_to_what_is_named_as_everywhere() {
    let project = Project::empty();
    project.write("soda.yaml", &survey("soda-w1", ""));
    project.write(
        "brand.yaml",
        &project_at_cint().replace("completes: 100", "completes: 50"),
    );
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let respondents = |name: &str| project.run(&["sandbox", "respondents", name, "--completes", "5"]);
    respondents("soda-w1").code(0);
    respondents("s*@purespectrum").code(0);
    let report = project.ok(&["status", "--format", "json"]).json();
    let mut rows = report["surveys"].as_array().unwrap().iter();
    let soda = rows.find(|row| row["address"] == "soda-w1").unwrap();
    assert_eq!(soda["completes"], 10, "{report:#}");
    respondents("*")
        .code(64)
        .says("`*` means several: brand/main, soda-w1, ...");
    respondents("sado-w1").code(1).says("did you mean `soda-w1`?");
}

fn project_at_cint() -> String {
    "kind: Survey\nname: brand\ntitle: Brand\nlocale: en-US\nincidence_rate: 50\nlength_of_interview: 5\n\
     field: {end: 2036-02-01T00:00:00Z}\ncompletes: 100\ncpi: 2.00 USD\n\
     cint: {project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\n"
        .to_owned()
}
