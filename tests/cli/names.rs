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
    meant(&["freeze", "imnimal", "--yes"], 1, "minimal");
    meant(&["state", "show", "imnimal"], 1, "minimal");
    meant(&["state", "rm", "imnimal"], 1, "minimal");
    meant(&["state", "mv", "imnimal", "other"], 1, "minimal");
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
        .says("nothing is remembered under `other`")
        .says("minimal: paused");
}
