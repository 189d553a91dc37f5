//! A project with two target groups, from the example to the end of its life, as its user types it.

use crate::support::{Project, Sandbox};

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

#[test]
fn the_example_goes_in_field_and_stays() {
    let project = Project::example("cint");
    project
        .ok(&LAUNCH)
        .says("Plan: 3 to create, 2 to launch; 5 calls.")
        .says("brand-tracker/us-adults: launched, in field")
        .says("Apply: 5 steps done, 5 calls made.");
    project
        .ok(&LAUNCH)
        .says("Nothing to do: everything is as wanted (3 unchanged).");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn an_edit_in_field_is_exactly_its_calls() {
    let project = Project::example("cint");
    project.ok(&LAUNCH);
    project.edit("brand-tracker.yaml", "cpi: 2.75 USD", "cpi: 2.95 USD");
    let plan = project
        .run(&["plan", "--detailed-exitcode", "--format", "json"])
        .code(2)
        .json();
    assert_eq!(plan["summary"]["calls"], 1, "{plan:#}");
    assert_eq!(plan["exposure"][0]["change"], "60.00");
    let call = &plan["steps"][0]["calls"][0];
    assert!(
        call["path"].as_str().unwrap().ends_with("/cost-per-interview"),
        "{call}"
    );
    assert_eq!(call["body"]["target_group_cpi"]["value"], "2.95");
    project
        .ok(&["apply", "--yes"])
        .says("Apply: 1 step done, 1 call made.");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn freezing_pauses_and_thawing_resumes() {
    let project = Project::example("cint");
    project.ok(&LAUNCH);
    project
        .ok(&["freeze", "brand*", "--yes"])
        .says("brand-tracker/us-adults: paused")
        .says("brand-tracker/us-hispanic: paused");
    let plan = project.run(&["plan"]).code(0);
    plan.says("frozen by").never_says("outside infield");
    project
        .ok(&["thaw", "--yes", "--allow", "launch", "brand-tracker"])
        .says("brand-tracker/us-hispanic: resumed, in field");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

/// An apply without anything to do wrote down that the target groups are closed, and the next plan fielded them again.
#[test]
fn what_has_ended_is_not_fielded_again_after_an_apply_that_only_looked() {
    let project = Project::example("cint");
    project.ok(&LAUNCH);
    project.ok(&["sandbox", "clock", "96000h", "--store", ".infield/sandbox"]);
    let plan = || {
        project
            .ok(&["plan", "--detailed-exitcode"])
            .says("ended-short")
            .never_says("resume:")
            .never_says("blocked")
    };
    plan();
    project
        .ok(&["apply", "--yes", "--allow", "launch"])
        .never_says("in field again");
    plan();
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    plan();
}

#[test]
fn calls_are_shown_with_their_versions_and_keys() {
    let project = Project::example("cint");
    project
        .run(&["plan", "--show-calls"])
        .code(0)
        .says("idempotency-key: {$key}");
    project.ok(&LAUNCH);
    project.edit("brand-tracker.yaml", "2036-12-15", "2036-12-16");
    project
        .run(&["plan", "--show-calls"])
        .code(0)
        .says("if-match: W/")
        .says("/field/end".trim_start_matches('/').replace('/', ".").as_str());
}

/// Nothing is made where it cannot be seen what is there already, and wrong credentials show in no output.
#[test]
fn without_a_token_nothing_is_made() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint");
    let base = format!("http://127.0.0.1:{}/cint", sandbox.port);
    let access = |account: u64, secret: &str| {
        format!(
            "kind: Project\nname: test\nenvironments:\n  bench:\n    cint: {{account_id: {account}, client_id: sandbox, \
             client_secret: {secret}, base_url: \"{base}/v1\", auth_url: \"{base}/oauth/token\", requests_per_second: 10000}}\n"
        )
    };
    project.write("infield.yaml", &access(1, "opensesame"));
    let run = project.run(&["apply", "--env", "bench", "--yes", "--allow", "launch"]);
    run.code(1)
        .says("Cint does not accept the credentials (401)")
        .says("the project is not made: all of its groups are held back")
        .never_says("opensesame");
    // An account that is not the client's is a right that is missing, and no token that has ended.
    project.write("infield.yaml", &access(77, "sandbox"));
    project
        .run(&["plan", "--env", "bench"])
        .code(1)
        .says("this client has no right to do that");
    project.write("infield.yaml", &access(1, "sandbox"));
    project
        .ok(&["apply", "--env", "bench", "--yes", "--allow", "launch"])
        .says("5 calls made");
    project
        .run(&["plan", "--env", "bench", "--detailed-exitcode"])
        .code(0);
}

/// The prices were planned, nine projects were made that nobody can delete, and nine target groups failed.
#[test]
fn a_price_in_another_currency_than_the_business_units_is_told_before_anything_is_made() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint").with_all(&sandbox);
    let priced = project.read("brand-tracker.yaml").replace(" USD", " GBP");
    project.write("brand-tracker.yaml", &priced);
    project
        .run(&["plan"])
        .code(0)
        .says("`cpi` is 2.75 GBP, and business unit 3337 trades in USD")
        .says("Nothing will be done: 3 are held back");
    project.run(&LAUNCH).says("Nothing will be done");
    let log = sandbox.log();
    let made = log
        .iter()
        .filter(|call| call["method"] == "POST" && call["path"].as_str().unwrap().ends_with("/projects"));
    assert_eq!(made.count(), 0);
}

#[test]
fn a_budget_in_another_currency_than_the_business_units_is_told_before_anything_is_made() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint").with_all(&sandbox);
    project.edit(
        "brand-tracker.yaml",
        "    quota_overlay:",
        "    pricing: {type: dynamic, total_budget: 900 GBP}\n    quota_overlay:",
    );
    project
        .run(&["plan"])
        .code(0)
        .says("`fielding_assistant/pricing/total_budget` is 900.00 GBP, and business unit 3337 trades in USD")
        .says("Nothing will be done: 3 are held back");
    assert!(sandbox.log().iter().all(|call| call["method"] != "PUT"));
}

#[test]
fn an_answer_is_found_in_the_words_of_the_locale_whichever_way_its_letters_are_written() {
    let project = Project::example("cint");
    let plain = "    completes: 200\n    cpi: 3.10 USD\n";
    let mut asked = plain.to_owned();
    // One letter, and a letter with a mark behind it.
    for word in ["Espa\u{f1}a", "Espan\u{303}a", "Spain"] {
        let with = format!("{plain}    qualifications:\n      hispanic: [{word}]\n");
        project.edit("brand-tracker.yaml", &asked, &with);
        project
            .run(&["plan"])
            .code(0)
            .says("qualifications.hispanic  Spain")
            .says("Plan: 3 to create, 2 to launch; 5 calls.");
        asked = with;
    }
    project.edit("brand-tracker.yaml", "[Spain]", "[Espana]");
    project
        .run(&["plan"])
        .says("has no answer `Espana` in this locale")
        .says("did you mean `Espa\u{f1}a`?");
}
