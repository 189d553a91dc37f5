//! `rules` in infield.yaml: a project's own rules over plans.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};

const SURVEY: &str = "kind: Survey\nname: soda\ntitle: Soda\nlocale: en-US\ncompletes: 100\nincidence_rate: 50\n\
    length_of_interview: 5\nfield_days: 10\ncpi: 2.00 USD\nlive_url: https://survey.example.com/soda\nstatus: live\n\
    qualifications: {gender: [male, female]}\ntags: [wave-3]\npurespectrum: {category: 232}\n";

/// A project at a sandbox that can be asked, with these rules.
fn project(sandbox: &Sandbox, rules: &str) -> Project {
    let project = Project::empty().with(sandbox);
    let text = project.read("infield.yaml");
    project.write("infield.yaml", &format!("{text}rules:\n{rules}"));
    project.write("soda.yaml", SURVEY);
    project
}

fn notes(plan: &Value) -> Vec<String> {
    let notes = plan["notes"].as_array().unwrap().iter();
    let line = |note: &Value| {
        let text = |key: &str| note[key].as_str().unwrap_or("-").to_owned();
        format!("{} {}: {}", text("kind"), text("rule"), text("message"))
    };
    notes.map(line).collect()
}

#[test]
fn what_a_rule_denies_is_not_done_whatever_is_approved() {
    let sandbox = Sandbox::start();
    let project = project(
        &sandbox,
        "  - {name: max-cpi, deny: 'has(step.survey.cpi) && step.survey.cpi > 1.5', help: ask the panel team}\n",
    );
    let plan = project.plan();
    assert_eq!(plan["steps"], json!([]));
    assert_eq!(plan["held_back"].as_array().unwrap().len(), 2);
    assert_eq!(
        notes(&plan),
        [
            "refused max-cpi: create is denied by the rule `max-cpi`: has(step.survey.cpi) && step.survey.cpi > 1.5",
            "blocked -: launch has to wait for soda:create, which is refused"
        ]
    );
    project.ok(&["plan"]).says("help: ask the panel team");
    let hash = plan["hash"].as_str().unwrap();
    sandbox.forget();
    project.run(&["apply", "--yes", "--allow", "launch"]).code(3);
    project.run(&["apply", "--approve", hash]).code(3);
    let writes = sandbox.log();
    let wrote = |call: &&Value| {
        call["method"] != "GET" && !call["path"].as_str().unwrap_or_default().contains("token")
    };
    assert_eq!(writes.iter().filter(wrote).count(), 0, "{writes:#?}");
    project.edit("soda.yaml", "cpi: 2.00 USD", "cpi: 1.50 USD");
    project.apply();
    project.expect_settled();
}

#[test]
fn a_rule_that_cannot_tell_holds_back_and_a_warning_is_only_said() {
    let sandbox = Sandbox::start();
    let project = project(
        &sandbox,
        "  - {name: days, deny: step.survey.fieldays > 20}\n  - {name: many, warn: size(plan.steps) > 1}\n  \
         - {name: tagged, warn: \"!('wave-4' in step.survey.tags)\"}\n",
    );
    let plan = project.plan();
    assert_eq!(plan["steps"], json!([]));
    let said = notes(&plan);
    for note in [
        "refused days: the rule `days` cannot tell of this create: no such key: fieldays",
        "advice many: create is warned of by the rule `many`: size(plan.steps) > 1",
        "advice tagged: launch is warned of by the rule `tagged`: !('wave-4' in step.survey.tags)",
    ] {
        assert!(said.contains(&note.to_owned()), "{note} in {said:#?}");
    }
    project.edit(
        "infield.yaml",
        "step.survey.fieldays > 20",
        "step.survey.field_days > 20",
    );
    project.apply();
}

#[test]
fn rules_over_the_whole_plan_and_of_an_environment_are_tested_like_others() {
    let project = Project::empty();
    project.write(
        "infield.yaml",
        "kind: Project\nname: acme\nenvironments: {production: {purespectrum: {token: \"${PURESPECTRUM_TOKEN}\"}}}\nrules:\n  \
         - name: budget\n    deny: plan.environment == 'production' && plan.exposure.exists(e, double(e.after) > 150.0)\n",
    );
    project.write("soda.yaml", SURVEY);
    project.write(
        "tests/budget.yaml",
        "kind: Test\nname: budget-holds\nenvironment: production\nexpect:\n  plan:\n    surveys: {soda: []}\n    rules: {soda: [budget]}\n\
         ---\nkind: Test\nname: elsewhere-it-does-not\nexpect: {plan: {surveys: {soda: [create, launch]}, rules: {soda: []}}}\n",
    );
    project.ok(&["test"]).says("2 passed; 0 failed");
    project.edit(
        "tests/budget.yaml",
        "rules: {soda: [budget]}",
        "rules: {soda: [other]}",
    );
    project
        .run(&["test"])
        .code(1)
        .says("own rules about `soda` expected other found budget");
}

#[test]
fn a_plan_from_a_picture_is_judged_too() {
    let sandbox = Sandbox::start();
    let project = project(&sandbox, "  - {name: never, deny: step.action == 'launch'}\n");
    let seen = project
        .ok(&["plan", "--record", "picture.json", "--format", "json"])
        .json();
    let again = project
        .ok(&["plan", "--from", "picture.json", "--format", "json"])
        .json();
    assert_eq!(seen["hash"], again["hash"]);
    assert_eq!(again["held_back"][0]["action"], "launch");
}
