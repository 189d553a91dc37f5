//! The world moves between a review and what it approves: a plan keeps its name, an approval covers each of its steps, and
//! nothing costs more than was reviewed.

use crate::support::{Project, Run, Sandbox, survey};
use serde_json::{Value, json};

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

/// The ways to apply what was reviewed: by its name, by a report of it, and by the saved plan.
const WAYS: [&str; 3] = ["--approve", "--approve-file", "--plan"];

/// Plans as for a review, and leaves `reviewed.json` and `saved.json`; answers with the name.
fn review(project: &Project) -> String {
    let args = [
        "plan",
        "--format",
        "json",
        "--out",
        "saved.json",
        "--write",
        "json=reviewed.json",
    ];
    let plan = project.ok(&args).json();
    plan["hash"].as_str().unwrap().to_owned()
}

/// Applies what was reviewed, in one of the ways.
fn apply(project: &Project, way: &str, name: &str) -> Run {
    match way {
        "--approve" => project.run(&["apply", way, name]),
        "--approve-file" => project.run(&["apply", way, "reviewed.json"]),
        _ => project.run(&["apply", way, "saved.json", "--yes", "--allow", "launch"]),
    }
}

/// The vendor's ids in the state of the embedded sandbox, by address.
fn id(project: &Project, address: &str) -> String {
    let state: Value = serde_json::from_str(&project.read(".infield/sandbox/state.json")).unwrap();
    state["resources"][address]["id"].as_str().unwrap().to_owned()
}

fn collect(sandbox: &Sandbox, survey: u64, completes: u64) {
    let respondents = json!({"vendor": "purespectrum", "survey": survey, "completes": completes});
    sandbox.admin("POST", "respondents", respondents);
}

#[test]
fn a_plan_is_the_same_after_completes_arrive_here_and_elsewhere_at_every_vendor() {
    // What changes and what does not, where both stand, and the prices that are reviewed one after the other.
    let cases = [
        (
            "purespectrum",
            "",
            ["draft", "other"],
            "draft.yaml",
            "cpi: ",
            ["2.50", "2.60", "2.70", "2.80"],
        ),
        (
            "purespectrum",
            "",
            ["other", "draft"],
            "other.yaml",
            "cpi: ",
            ["2.50", "2.60", "2.70", "2.80"],
        ),
        (
            "innovatemr",
            "innovatemr",
            ["brand-lift/in-adults", "brand-lift/us-adults"],
            "brand-lift.yaml",
            "max_cpi: ",
            ["1.80", "1.90", "2.00", "2.10"],
        ),
        (
            "cint",
            "cint",
            ["brand-tracker/us-adults", "brand-tracker/us-hispanic"],
            "brand-tracker.yaml",
            "cpi: ",
            ["2.75", "2.85", "2.95", "3.05"],
        ),
    ];
    for (vendor, example, addresses, file, key, prices) in cases {
        let project = match example {
            "" => {
                let project = Project::empty();
                project.write("other.yaml", &survey("other", ""));
                let draft = survey("draft", "").replace("status: live", "status: draft");
                project.write("draft.yaml", &draft);
                project
            }
            example => Project::example(example),
        };
        project.ok(&LAUNCH);
        for (way, price) in WAYS.iter().zip(prices.windows(2)) {
            project.edit(
                file,
                &format!("{key}{} USD", price[0]),
                &format!("{key}{} USD", price[1]),
            );
            let name = review(&project);
            for address in addresses.iter().filter(|address| **address != "draft") {
                let id = id(&project, address);
                let more = ["--completes", "3"];
                let arrive = ["sandbox", "respondents", &id, "--vendor", vendor];
                project.ok(&[&arrive[..], &more[..]].concat());
            }
            let now = project.plan();
            assert_eq!(now["hash"], json!(name), "{vendor} {way}: {now:#}");
            project.ok(&["plan", "--expect", &name]);
            apply(&project, way, &name)
                .code(0)
                .says(&format!("{}: updated", addresses[0]));
            project.ok(&["plan", "--detailed-exitcode"]);
        }
    }
}

#[test]
fn where_counters_decide_a_call_the_refusal_says_which_and_how() {
    let sandbox = Sandbox::start();
    let project = Project::example("studies/three-marketplaces").with_all(&sandbox);
    project.ok(&LAUNCH);
    project.edit("soda-brands.yaml", "share: 50%", "share: 20%");
    collect(&sandbox, 1_000_001, 200);
    let name = review(&project);
    collect(&sandbox, 1_000_001, 20);
    sandbox.forget();
    for way in ["--approve-file", "--plan"] {
        apply(&project, way, &name)
            .code(5)
            .says("soda-brands@purespectrum: PATCH /surveys/1000001 sends /0/value: 200 -> 220")
            .says("soda-brands@cint/main: /completes goes from 180 to 260 now, not from 180 to 280");
    }
    // Of a name alone nothing more is known than that it is another plan.
    apply(&project, "--approve", &name)
        .code(5)
        .says(&format!("not {name}: nothing was done"));
    let sent = sandbox.log();
    let writes = sent.iter().filter(|call| {
        let path = call["path"].as_str().unwrap();
        call["method"] != "GET" && !path.contains("oauth") && !path.ends_with("/validate")
    });
    assert_eq!(writes.count(), 0, "{sent:#?}");
}

#[test]
fn a_call_that_must_not_be_made_any_more_is_named_with_the_reason() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    project.edit("one.yaml", "completes: 100", "completes: 90");
    let name = review(&project);
    collect(&sandbox, 1_000_001, 95);
    sandbox.forget();
    for way in ["--approve-file", "--plan"] {
        apply(&project, way, &name)
            .code(5)
            .says("one:update is no longer planned (PATCH /surveys/1000001)")
            .says("95 completes are collected already");
    }
    assert!(sandbox.writes().is_empty());
}

/// Two surveys that are reviewed and then made, but for what the vendor refuses.
fn half_applied(sandbox: &Sandbox, way: &str) -> (Project, String) {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.write("two.yaml", &survey("two", ""));
    let name = review(&project);
    sandbox.fault(json!({"method": "PATCH", "path": "*/surveys/*", "status": 500, "times": 0, "nth": 2}));
    apply(&project, way, &name).code(4);
    sandbox.admin("DELETE", "faults", Value::Null);
    assert!(!sandbox.surveys(11).is_empty(), "something is left to launch");
    sandbox.forget();
    (project, name)
}

#[test]
fn an_approval_goes_on_after_a_run_that_did_only_some_of_its_steps() {
    for way in WAYS {
        let sandbox = Sandbox::start();
        let (project, name) = half_applied(&sandbox, way);
        for live in sandbox.surveys(22) {
            collect(&sandbox, live["ps_survey_id"].as_u64().unwrap(), 4);
        }
        // A pipeline that is run again from its start compares first.
        project.ok(&["plan", "--expect", &name, "--format", "json"]);
        apply(&project, way, &name)
            .code(0)
            .says("was begun before")
            .says("launched, in field");
        assert_eq!(sandbox.count(), [0, 2, 0, 0], "{way}: each is made once");
        sandbox.forget();
        project.ok(&["plan", "--expect", &name]).says("Nothing to do");
        let again = apply(&project, way, &name);
        match way {
            "--plan" => again.code(5).says("was carried out before"),
            _ => again.code(0).says("Nothing to do"),
        };
        assert!(sandbox.writes().is_empty(), "{way}: nothing is left");
    }
}

#[test]
fn an_approval_does_nothing_that_was_not_in_its_plan() {
    for way in WAYS {
        let sandbox = Sandbox::start();
        let (project, name) = half_applied(&sandbox, way);
        project.edit("one.yaml", "2.50 USD", "2.60 USD");
        apply(&project, way, &name)
            .code(5)
            .says("one:update is new (PATCH /surveys/");
        project.edit("one.yaml", "2.60 USD", "2.50 USD");
        project.write("three.yaml", &survey("three", ""));
        apply(&project, way, &name)
            .code(5)
            .says("three:create is new (POST /surveys)");
        project
            .run(&["plan", "--expect", &name])
            .code(5)
            .says("three:create is new");
        assert!(sandbox.writes().is_empty(), "{way}");
        // Another approval has nothing to do with it.
        project.remove("three.yaml");
        apply(&project, way, &name).code(0);
    }
}

/// A survey in field whose manifest leaves the price and the status alone, and wants more completes.
fn unpriced(name: &str) -> String {
    survey(name, "")
        .replace("cpi: 2.50 USD\n", "")
        .replace("status: live\n", "")
        .replace("completes: 100", "completes: 120")
}

/// Somebody changes the price at the vendor.
fn price(sandbox: &Sandbox, id: u64, price: &str) {
    let value: Value = price.parse().unwrap();
    let patch = json!([{"op": "replace", "path": "/offer_price", "value": value}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{id}"), patch);
    sandbox.forget();
}

#[test]
fn nothing_runs_above_the_most_that_was_reviewed() {
    for way in WAYS {
        let sandbox = Sandbox::start();
        let project = Project::empty().with(&sandbox);
        project.write("one.yaml", &survey("one", ""));
        project.apply();
        project.write("one.yaml", &unpriced("one"));
        let name = review(&project);
        price(&sandbox, 1_000_001, "2.60");
        let refused = apply(&project, way, &name).code(5);
        if way != "--approve" {
            refused.says("one can cost up to 312.00 USD in all now, and 300.00 USD was reviewed");
        }
        assert!(sandbox.writes().is_empty(), "{way}");
        price(&sandbox, 1_000_001, "2.50");
        apply(&project, way, &name).code(0).says("one: updated");
    }
}

#[test]
fn what_is_left_of_an_approval_costs_no_more_than_was_reviewed() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    for name in ["one", "two"] {
        project.write(&format!("{name}.yaml"), &survey(name, ""));
    }
    project.apply();
    for name in ["one", "two"] {
        project.write(&format!("{name}.yaml"), &unpriced(name));
    }
    let name = review(&project);
    sandbox.fault(json!({"method": "PATCH", "path": "*/surveys/1000002", "status": 500, "times": 0}));
    apply(&project, "--approve", &name).code(4);
    sandbox.admin("DELETE", "faults", Value::Null);
    price(&sandbox, 1_000_002, "2.75");
    apply(&project, "--approve", &name)
        .code(5)
        .says("can cost up to 330.00 USD in all now, and 300.00 USD was reviewed");
    assert!(sandbox.writes().is_empty());
    price(&sandbox, 1_000_002, "2.25");
    apply(&project, "--approve", &name).code(0).says("updated");
}

#[test]
fn what_a_guard_refuses_belongs_to_the_reviewed_plan_and_is_judged_when_it_is_applied() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{launch: allow}");
    project.write("one.yaml", &survey("one", ""));
    let name = review(&project);
    project.edit("infield.yaml", "launch: allow", "launch: deny");
    let denied = project.plan();
    assert_eq!(denied["hash"], json!(name));
    assert_eq!(denied["held_back"][0]["id"], "one:launch");
    for way in WAYS {
        apply(&project, way, &name)
            .code(3)
            .says("launch is denied by the guard `launch`");
    }
    assert_eq!(sandbox.count(), [1, 0, 0, 0]);
    project.edit("infield.yaml", "launch: deny", "launch: allow");
    apply(&project, "--plan", &name)
        .code(0)
        .says("one: launched, in field");
}

#[test]
fn a_saved_plan_of_an_earlier_format_is_refused_by_its_number() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", ""));
    review(&project);
    project.edit("saved.json", "infield.saved-plan/3", "infield.saved-plan/1");
    project
        .run(&["apply", "--plan", "saved.json", "--yes"])
        .code(1)
        .says("it has the format \"infield.saved-plan/1\", and this infield reads infield.saved-plan/3")
        .says("save a new one with `infield plan --out`");
}

/// Applies what was reviewed, one step after the other.
fn apply_in_order(project: &Project, name: &str) -> Run {
    project.run(&["apply", "--approve", name, "--parallelism", "1"])
}

/// Writing calls in the log, by method: those of an apply and no others.
fn writes_by(sandbox: &Sandbox, method: &str) -> usize {
    let log = sandbox.log();
    let ours = log.iter().filter(|call| {
        let path = call["path"].as_str().unwrap();
        call["method"] == method && !path.contains("oauth") && !path.ends_with("/validate")
    });
    ours.count()
}

/// Edits of an example in field, several calls each.
type Edits = &'static [(&'static str, &'static str)];

/// Lets a review of an example, edited in field or not made yet, be applied with the same approval again and again: each time
/// the vendors refuse everything from another call on, and then nothing.
fn refuse_each_call(example: &str, file: &str, edits: Edits) {
    let reviewed = |sandbox: &Sandbox| {
        let project = Project::example(example).with_all(sandbox);
        if !edits.is_empty() {
            project.ok(&LAUNCH);
        }
        for (from, to) in edits {
            project.edit(file, from, to);
        }
        let name = review(&project);
        sandbox.forget();
        (project, name)
    };
    let sandbox = Sandbox::start();
    let (project, name) = reviewed(&sandbox);
    apply_in_order(&project, &name).code(0);
    for method in ["POST", "PUT", "PATCH"] {
        for nth in 1..=writes_by(&sandbox, method) {
            let sandbox = Sandbox::start();
            let (project, name) = reviewed(&sandbox);
            for (vendor, path) in [
                ("purespectrum", "*"),
                ("innovatemr", "*"),
                ("cint", "*/demand/accounts/*"),
            ] {
                let from = json!({"nth": nth, "times": 0, "status": 400});
                let mut fault = json!({"vendor": vendor, "method": method, "path": path});
                fault
                    .as_object_mut()
                    .unwrap()
                    .extend(from.as_object().unwrap().clone());
                sandbox.fault(fault);
            }
            let stopped = apply_in_order(&project, &name).text();
            sandbox.admin("DELETE", "faults", Value::Null);
            let again = apply_in_order(&project, &name).text();
            assert!(
                again.contains("--- exit Some(0)"),
                "{example}: {method} {nth}\n{stopped}\n{again}"
            );
            project.ok(&["plan", "--detailed-exitcode"]);
        }
    }
}

#[test]
fn whichever_call_is_refused_the_same_approval_makes_the_rest_of_a_job() {
    refuse_each_call("innovatemr", "brand-lift.yaml", &[]);
}

#[test]
fn whichever_call_is_refused_the_same_approval_makes_the_rest_of_a_survey_at_three_vendors() {
    refuse_each_call("studies/three-marketplaces", "soda-brands.yaml", &[]);
}

#[test]
fn whichever_call_is_refused_the_same_approval_changes_the_rest_in_field() {
    let edits: Edits = &[
        ("cpi: 2.75", "cpi: 2.95"),
        ("length_of_interview: 8 ", "length_of_interview: 9 "),
        ("prevent_overfill: true", "prevent_overfill: false"),
    ];
    refuse_each_call("cint", "brand-tracker.yaml", edits);
}

#[test]
fn an_apply_that_is_killed_is_ended_by_the_same_approval() {
    for (method, path) in [("POST", "*/surveys"), ("PATCH", "*/surveys/1000002")] {
        let sandbox = Sandbox::start();
        let project = Project::empty().with(&sandbox);
        for name in ["one", "two", "three"] {
            project.write(&format!("{name}.yaml"), &survey(name, ""));
        }
        let name = review(&project);
        let nth = if method == "POST" { 3 } else { 1 };
        sandbox.fault(json!({"method": method, "path": path, "nth": nth, "delay_ms": 3_600_000}));
        let args = ["apply", "--approve", &name, "--parallelism", "1"];
        let quiet = std::process::Stdio::null;
        let mut child = project
            .command(&args)
            .stdout(quiet())
            .stderr(quiet())
            .spawn()
            .unwrap();
        sandbox.await_fault();
        child.kill().unwrap();
        child.wait().unwrap();
        for live in sandbox.surveys(22) {
            collect(&sandbox, live["ps_survey_id"].as_u64().unwrap(), 2);
        }
        apply(&project, "--approve", &name).code(0);
        project.expect_settled();
        assert_eq!(sandbox.count(), [0, 3, 0, 0], "killed during {method} {path}");
    }
}

#[test]
fn a_time_that_is_reckoned_when_a_call_is_sent_stands_as_a_placeholder_until_then() {
    let project = Project::empty();
    project.write(
        "brand.yaml",
        "kind: Survey\nname: brand\ntitle: Brand\nlocale: en-US\nincidence_rate: 50\nlength_of_interview: 5\n\
         field: {start: 2036-01-01T00:00:00Z, end: 2036-02-01T00:00:00Z}\ncompletes: 100\ncpi: 2.00 USD\n\
         live_url: https://survey.example.com/b?rid=[%RID%]\ntest_url: https://survey.example.com/t?rid=[%RID%]\n\
         status: live\ncint: {project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\n",
    );
    project.ok(&LAUNCH);
    project.edit("brand.yaml", "status: live", "status: paused");
    project.ok(&LAUNCH).says("brand/main: paused");
    project.edit("brand.yaml", "status: paused", "status: live");
    let name = review(&project);
    let back = project.plan();
    let start = &back["steps"][0]["calls"][0]["body"]["start_fielding_at"];
    assert_eq!(start["$soon"]["earliest"], "2036-01-01T00:00:00Z", "{back:#}");
    let saved = project.read("saved.json");
    assert!(
        saved.contains("{$version}") && !saved.contains("\"serial\""),
        "{saved}"
    );
    apply(&project, "--plan", &name)
        .code(0)
        .says("brand/main: scheduled to start 2036-01-01T00:00:00Z");
    project.ok(&["plan", "--detailed-exitcode"]);
    // Without a start of its own it starts soon after the call is sent, whenever that is.
    project.edit("brand.yaml", "status: live", "status: paused");
    project.ok(&LAUNCH).says("brand/main: paused");
    project.edit("brand.yaml", "start: 2036-01-01T00:00:00Z, ", "");
    project.edit("brand.yaml", "status: paused", "status: live");
    let name = review(&project);
    let again = project.plan();
    assert_eq!(again["hash"], json!(name), "{again:#}");
    apply(&project, "--approve", &name)
        .code(0)
        .says("brand/main: scheduled to start 20");
}
