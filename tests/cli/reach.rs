//! Limits: how many surveys one plan reaches, and money in several currencies.

use crate::support::{APPLY, Project, Sandbox, survey};

/// Many surveys in one file, the first of them in another status.
fn surveys(count: usize, first: usize, status: &str) -> String {
    let one = |number: usize| {
        let text = survey(&format!("s-{number:03}"), "on_remove: pause\n");
        match number < first {
            true => text.replace("status: live", &format!("status: {status}")),
            false => text,
        }
    };
    (0..count).map(one).collect::<Vec<_>>().join("---\n")
}

#[test]
fn a_plan_that_pauses_nearly_every_survey_needs_an_approval_of_its_own() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("all.yaml", &surveys(40, 0, "live"));
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    assert_eq!(sandbox.count(), [0, 40, 0, 0], "what is made is not counted");
    project.write("all.yaml", &surveys(40, 12, "paused"));
    project.ok(&["plan"]).never_says("changes");
    project.write("all.yaml", &surveys(40, 38, "paused"));
    let figures = "38 of 40 surveys (95%) leave the field, above max_paused 30%";
    project
        .ok(&["plan"])
        .says(&format!("needs approval: changes: {figures}"));
    project.ok(&["plan", "--format", "markdown"]).says(figures);
    project
        .run(&APPLY)
        .code(3)
        .says("it needs the approval `changes` (--allow changes)");
    assert_eq!(sandbox.count(), [0, 40, 0, 0]);
    // Removed, they need both.
    let kept = surveys(40, 38, "paused");
    let kept = kept.split("---\n").skip(35).collect::<Vec<_>>().join("---\n");
    project.write("all.yaml", &kept);
    project
        .ok(&["plan"])
        .says("35 of 40 surveys (87.5%) are removed from the manifests, above max_removed 10%");
    project
        .run(&["apply", "--yes", "--allow", "remove"])
        .code(3)
        .says("it needs the approval `changes`");
    assert_eq!(sandbox.count(), [0, 40, 0, 0]);
    let hash = project.plan()["hash"].as_str().unwrap().to_owned();
    project.ok(&["apply", "--approve", &hash]);
    assert_eq!(sandbox.count(), [0, 2, 38, 0]);
}

#[test]
fn the_limits_are_an_environments_own() {
    let sandbox = Sandbox::start();
    let limits = "{changes: {max_paused: 0%, max_touched: 50%}}";
    let project = Project::empty().with_guards(&sandbox, limits);
    project.write("all.yaml", &surveys(3, 0, "live"));
    project.apply();
    project.write("all.yaml", &surveys(3, 1, "paused"));
    project
        .run(&APPLY)
        .code(3)
        .says("1 of 3 surveys (33.3%) leave the field, above max_paused 0%");
    project.edit("infield.yaml", "max_paused: 0%", "max_paused: 100%");
    project.ok(&APPLY);
    let dearer = project.read("all.yaml").replace("2.50 USD", "2.60 USD");
    project.write("all.yaml", &dearer);
    project
        .run(&APPLY)
        .code(3)
        .says("3 of 3 surveys (100%) are changed, above max_touched 50%");
}

#[test]
fn limits_of_money_name_each_currency_and_refuse_those_they_do_not_name() {
    for (limits, code, says) in [
        ("{max_cpi: {USD: 2.50, EUR: 3.80}}", 0, ""),
        (
            "{max_cpi: {USD: 2.49, EUR: 3.80}}",
            3,
            "above the environment's max_cpi of 2.49 USD",
        ),
        (
            "{max_cpi: 3.80 EUR}",
            3,
            "write `max_cpi: {EUR: 3.80, USD: AMOUNT}` under `guards`",
        ),
        ("{exposure: {max_increase: {USD: 250, EUR: 1}}}", 0, ""),
        (
            "{exposure: {max_increase: {USD: 249.99, EUR: 1000}}}",
            3,
            "above max_increase 249.99 USD",
        ),
        (
            "{exposure: {max_increase: {EUR: 1000}}}",
            3,
            "the environment's max_increase names no limit for USD",
        ),
        (
            "{exposure: {max_total: 1000 EUR}}",
            3,
            "write `max_total: {EUR: 1000.00, USD: AMOUNT}` under `guards.exposure`",
        ),
    ] {
        let sandbox = Sandbox::start();
        let project = Project::empty().with_guards(&sandbox, limits);
        project.write("one.yaml", &survey("one", ""));
        project.run(&APPLY).code(code).says(says);
        assert_eq!(sandbox.count()[1], usize::from(code == 0), "{limits}");
    }
}
