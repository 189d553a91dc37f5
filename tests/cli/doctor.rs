//! `infield doctor`: what of the configuration works, without changing anything.

use crate::support::{Project, Sandbox, survey};
use serde_json::json;

#[test]
fn everything_that_is_configured_is_tried_with_one_read_each() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("broken.yaml", "kind: Survey\nname: UPPER\n");
    let report = project.ok(&["doctor", "--format", "json"]).json();
    assert_eq!(
        (&report["format"], &report["works"]),
        (&json!("infield.doctor/1"), &json!(true))
    );
    let bench = &report["environments"][0];
    let vendors = bench["vendors"].as_array().unwrap();
    let tried: Vec<_> = vendors.iter().map(|one| (&one["what"], &one["works"])).collect();
    let works = json!(true);
    let keys = [json!("purespectrum"), json!("innovatemr"), json!("cint")];
    assert_eq!(tried, keys.iter().map(|key| (key, &works)).collect::<Vec<_>>());
    assert_eq!(
        (&bench["name"], &bench["state"]["works"]),
        (&json!("bench"), &works)
    );
    let log = sandbox.log();
    let reads = log
        .iter()
        .filter(|call| !call["path"].as_str().unwrap().contains("oauth"));
    assert_eq!(reads.count(), 3, "{log:#?}");
}

#[test]
fn what_does_not_work_is_said_and_the_rest_is_tried_all_the_same() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.edit(
        "infield.yaml",
        "client_secret: sandbox",
        "client_secret: wrong-secret",
    );
    project.edit(
        "infield.yaml",
        "purespectrum/buyers/v2\", token: sandbox",
        "purespectrum/buyers/v2\", token: \"${HOME}\"",
    );
    let run = project.run(&["doctor"]).code(1);
    let run = run
        .says("works state")
        .says("works InnovateMR")
        .says("FAILS PureSpectrum")
        .says("INFIELD_ALLOW_VARIABLES=HOME")
        .says("FAILS Cint")
        .says("401");
    assert_eq!(run.stdout.matches("FAILS").count(), 2, "{}", run.text());
    let report = project.run(&["doctor", "--format", "json"]).code(1).json();
    assert_eq!(report["works"], false);
}

#[test]
fn each_environment_is_tried_unless_one_is_named() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let text = project.read("infield.yaml") + "  empty: {state: local}\n";
    project.write("infield.yaml", &text);
    project.write("one.yaml", &survey("one", ""));
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let environments = |args: &[&str]| {
        let mut command = project.command(args);
        let output = command.env_remove("INFIELD_ENV").output().unwrap();
        let report = project.finish(args, &output).code(0).json();
        let all = report["environments"].as_array().unwrap();
        all.iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(environments(&["doctor", "--format", "json"]), ["bench", "empty"]);
    assert_eq!(
        environments(&["doctor", "--format", "json", "--env", "empty"]),
        ["empty"]
    );
    project.ok(&["doctor"]).says("readable and lockable, 1 resource");
    project.run(&["doctor", "--env", "bunch"]).code(1).says("bench");
    project.expect_settled();
}

#[test]
fn a_plan_proves_the_credentials_of_each_vendor_it_is_going_to_write_to() {
    let sandbox = Sandbox::start();
    let job = "kind: Survey\nname: lift\ntitle: Lift\nlocale: en-US\ncompletes: 100\nincidence_rate: 50\n\
               length_of_interview: 5\ncpi: 2.50 USD\nlive_url: https://survey.example.com/x?tk=[%%token%%]\n\
               status: draft\ninnovatemr: {category: 7}\ngroups: [{name: all}]\n";
    // Of a job whose groups ask nothing, nothing else has to be read.
    let innovatemr = Project::empty();
    innovatemr.write("lift.yaml", job);
    let purespectrum = Project::empty();
    purespectrum.write("one.yaml", &survey("one", ""));
    for (project, from, to) in [
        (
            innovatemr,
            "api/v2\", token: sandbox",
            "api/v2\", token: wrong-token",
        ),
        (
            Project::example("cint"),
            "client_secret: sandbox",
            "client_secret: wrong-secret",
        ),
        (
            purespectrum,
            "buyers/v2\", token: sandbox",
            "buyers/v2\", token: wrong-token",
        ),
    ] {
        let project = project.with_all(&sandbox);
        project.edit("infield.yaml", from, to);
        project
            .run(&["plan"])
            .code(1)
            .says("does not accept the credentials");
    }
}
