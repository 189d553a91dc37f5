//! `infield test`: what tests of manifests see, and that they see nothing else.

use crate::support::Project;
use serde_json::{Value, json};

const SURVEY: &str = "kind: Survey\nname: soda\ntitle: Soda\nlocale: en-US\ncompletes: 100\nincidence_rate: 50\n\
    length_of_interview: 5\nfield_days: 10\ncpi: 2.00 USD\nlive_url: https://survey.example.com/soda\nstatus: live\n\
    qualifications: {gender: [male, female]}\nquotas:\n  - {name: men, completes: 50, where: {gender: male}}\n  \
    - {name: women, completes: 50, where: {gender: female}}\npurespectrum: {category: 232}\n";

fn project(tests: &str) -> Project {
    let project = Project::empty();
    project.write(
        "infield.yaml",
        "kind: Project\nname: acme\nenvironments:\n  production:\n    purespectrum: {token: \"${PURESPECTRUM_TOKEN}\"}\n    \
         guards: {launch: allow, exposure: {max_total: 150 USD}}\n",
    );
    project.write("soda.yaml", SURVEY);
    project.write("tests/soda.yaml", tests);
    project
}

/// The only failure of the only test: place, what, expected, found.
fn failure(project: &Project) -> [Value; 4] {
    let report = project.run(&["test", "--format", "json"]).code(1).json();
    let failures = report["tests"][0]["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{report:#}");
    ["place", "what", "expected", "found"].map(|key| failures[0][key].clone())
}

#[test]
fn the_tests_of_the_example_pass_twice_alike_and_leave_nothing_behind() {
    let project = Project::example("tested");
    let first = project.ok(&["test"]);
    assert!(
        first.stdout.ends_with("test result: ok. 3 passed; 0 failed\n"),
        "{}",
        first.text()
    );
    assert_eq!(project.ok(&["test"]).stdout, first.stdout);
    assert!(!project.exists(".infield"), "a test has no state in the project");
    let plan = project.plan();
    assert_eq!(plan["summary"]["create"], 1, "tests are no surveys");
}

#[test]
fn everything_that_can_be_expected_is_compared() {
    let project = project(
        "kind: Test\nname: all\nsteps:\n  - expect:\n      plan:\n        surveys: {soda: [create, launch], 's*': [create, launch]}\n        \
         notes: {soda: []}\n        guards: [launch]\n        calls: 2\n        exposure: {before: 0.00 USD, after: 200.00 USD, change: 200.00 USD}\n  \
         - apply: {allow: [launch]}\n  - respondents: {survey: soda, completes: 20, quota: men}\n  - clock: 2d\nexpect:\n  plan: {calls: 0, guards: [], exposure: {change: 0.00 USD}}\n  \
         status:\n    soda: {completes: 20, goal: 100, cost: 40.00 USD, verdict: stalled}\n",
    );
    project.ok(&["test"]);
    let differing = |report: &Value| -> Vec<String> {
        let failures = report["tests"][0]["failures"].as_array().unwrap();
        failures
            .iter()
            .map(|one| format!("{}: {} / {}", one["what"], one["expected"], one["found"]))
            .collect()
    };
    project.edit(
        "tests/soda.yaml",
        "completes: 20, goal: 100, cost: 40.00 USD, verdict: stalled",
        "completes: 21, goal: 99, cost: 1 USD, stage: soft, verdict: slow, status: gone",
    );
    let now = differing(&project.run(&["test", "--format", "json"]).code(1).json());
    for what in [
        "completes of `soda`",
        "goal of",
        "cost of",
        "stage of",
        "verdict of",
        "status of",
    ] {
        assert!(now.iter().any(|one| one.contains(what)), "{what} in {now:#?}");
    }
}

#[test]
fn what_differs_is_shown_where_it_is_expected() {
    let project = project("kind: Test\nname: free\nexpect:\n  plan:\n    exposure: {after: 0.00 USD}\n");
    let expected = json!("0.00 USD");
    assert_eq!(
        failure(&project),
        [
            json!("tests/soda.yaml:5:23"),
            json!("exposure after the plan"),
            expected,
            json!("200.00 USD")
        ]
    );
    project
        .run(&["test"])
        .code(1)
        .says("running 1 test test free ... FAILED free tests/soda.yaml:5:23: exposure after the plan")
        .says("expected 0.00 USD found 200.00 USD test result: FAILED. 0 passed; 1 failed");
    project.run(&["test", "--write", "junit=tests.xml"]).code(1);
    let junit = project.read("tests.xml");
    assert!(
        junit.contains("<testcase classname=\"tests/soda.yaml\" name=\"free\" file=\"tests/soda.yaml\">"),
        "{junit}"
    );
    assert!(junit.contains("expected  0.00 USD"), "{junit}");
}

#[test]
fn the_rules_of_an_environment_count_and_its_accounts_do_not() {
    let project = project(
        "kind: Test\nname: limit\nenvironment: production\nexpect:\n  plan:\n    surveys: {soda: [create]}\n    \
         notes: {soda: [refused]}\n    guards: []\n",
    );
    // No token is set, and none is asked for.
    project.ok(&["test"]);
    project.edit(
        "tests/soda.yaml",
        "environment: production",
        "environment: prodution",
    );
    project.run(&["test"]).code(1).says("did you mean `production`?");
}

#[test]
fn an_apply_that_is_refused_something_fails_unless_that_is_meant() {
    let project = project(
        "kind: Test\nname: drafts\nsteps: [{apply: {}}]\nexpect: {plan: {surveys: {soda: [launch]}}}\n",
    );
    project
        .run(&["test"])
        .code(1)
        .says("tests/soda.yaml:3:9: not all of it was applied:")
        .says("`in_part: true` says that something may be held back");
    project.edit("tests/soda.yaml", "apply: {}", "apply: {in_part: true}");
    project.ok(&["test"]);
}

#[test]
fn edits_count_for_the_rest_of_the_test_and_change_no_file() {
    let project = project(
        "kind: Test\nname: dearer\nsteps:\n  - apply: {allow: [launch]}\n  - edit: {manifest: soda, set: {/cpi: 3.00 USD, /quotas: null}}\n  \
         - expect: {plan: {surveys: {soda: [update]}, exposure: {change: 100.00 USD}}}\n  - edit: {manifest: soda, remove: true}\n\
         expect: {plan: {surveys: {soda: [pause]}, exposure: {after: 0.00 USD}}}\n---\nkind: Test\nname: as-it-is\nexpect: {plan: {exposure: {after: 200.00 USD}}}\n",
    );
    project.ok(&["test"]);
    assert_eq!(project.read("soda.yaml"), SURVEY);
    project.edit("tests/soda.yaml", "/quotas: null", "/completes: many");
    project
        .run(&["test", "dearer"])
        .code(1)
        .says("the manifests have mistakes")
        .says("`completes` must be a whole number");
    project.edit(
        "tests/soda.yaml",
        "{manifest: soda, remove",
        "{manifest: sody, remove",
    );
    project.edit("tests/soda.yaml", "/completes: many", "/cpi/amount: 3");
    project
        .run(&["test", "dearer"])
        .code(1)
        .says("`soda` cannot be changed so");
}

#[test]
fn names_choose_tests_and_what_is_not_there_is_said() {
    let project = project(
        "kind: Test\nname: soda\nexpect: {plan: {surveys: {sody: []}}}\n---\nkind: Test\nname: other\nexpect: {plan: {guards: [launch]}}\n",
    );
    // A test may be called as the survey is.
    project.ok(&["validate"]);
    project.ok(&["test", "oth*"]).says("1 passed; 0 failed");
    project
        .run(&["test", "soda"])
        .code(1)
        .says("there is no survey or group `sody`")
        .says("did you mean `soda`?");
    project
        .run(&["test", "othr"])
        .code(64)
        .says("did you mean `other`?");
    project.remove("tests/soda.yaml");
    project
        .run(&["test"])
        .code(1)
        .says("there are no tests in 2 files");
}

#[test]
fn every_marketplace_is_tested_alike() {
    for example in ["cint", "innovatemr"] {
        let project = Project::example(example);
        let plan = project.plan();
        let name = plan["steps"].as_array().unwrap().last().unwrap()["address"]
            .as_str()
            .unwrap()
            .to_owned();
        project.write(
            "tests/all.yaml",
            &format!(
                "kind: Test\nname: launches\nsteps:\n  - apply: {{allow: [launch]}}\n  - respondents: {{survey: {name}, completes: 5}}\n\
                 expect:\n  plan: {{calls: 0}}\n  status: {{{name}: {{completes: 5}}}}\n"
            ),
        );
        project.ok(&["test"]);
    }
}
