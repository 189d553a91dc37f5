//! One survey at several marketplaces, from the example to the end of its life: nothing is bought twice, whatever moves.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

/// The example in field at a sandbox that can be asked.
fn fielded(sandbox: &Sandbox) -> Project {
    let project = Project::example("studies/three-marketplaces").with_all(sandbox);
    project
        .ok(&LAUNCH)
        .says("Plan: 5 to create, 4 to launch; 13 calls.");
    sandbox.forget();
    project
}

/// What a plan makes of a number: the change at a path of an address.
fn change<'p>(plan: &'p Value, address: &str, path: &str) -> &'p Value {
    let steps = plan["steps"].as_array().unwrap();
    let of = steps.iter().filter(|step| step["address"] == address);
    let mut changes = of.flat_map(|step| step["changes"].as_array().unwrap());
    changes
        .find(|change| change["path"] == path)
        .unwrap_or_else(|| panic!("{address}{path}: {plan:#}"))
}

fn step<'p>(plan: &'p Value, address: &str, action: &str) -> Option<&'p Value> {
    let steps = plan["steps"].as_array().unwrap();
    steps
        .iter()
        .find(|step| step["address"] == address && step["action"] == action)
}

fn notes(plan: &Value, address: &str) -> String {
    let notes = plan["notes"].as_array().unwrap().iter();
    let of = notes.filter(|note| note["address"] == address);
    of.map(|note| {
        format!(
            "{}: {}\n",
            note["kind"].as_str().unwrap(),
            note["message"].as_str().unwrap()
        )
    })
    .collect()
}

fn collect(sandbox: &Sandbox, survey: &str, completes: u64) {
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": survey, "completes": completes}),
    );
}

fn paths(sandbox: &Sandbox) -> Vec<String> {
    let log = sandbox.log();
    let writes = log.iter().filter(|call| call["method"] != "GET");
    let path = |call: &Value| {
        format!(
            "{} {}",
            call["method"].as_str().unwrap(),
            call["path"].as_str().unwrap()
        )
    };
    writes
        .map(path)
        .filter(|path| !path.contains("oauth") && !path.ends_with("/validate"))
        .collect()
}

#[test]
fn the_shares_of_every_number_sum_to_what_is_written() {
    let project = Project::example("studies/three-marketplaces");
    let plan = project.plan();
    let parts = [
        "soda-brands@purespectrum",
        "soda-brands@innovatemr/main",
        "soda-brands@cint/main",
    ];
    let of = |path: &str| parts.map(|address| change(&plan, address, path)["after"].as_u64().unwrap());
    assert_eq!(of("/completes"), [300, 120, 180]);
    assert_eq!(of("/quotas/men/completes").iter().sum::<u64>(), 294);
    assert_eq!(of("/quotas/women/completes").iter().sum::<u64>(), 306);
    for part in parts {
        let quotas = ["men", "women"].map(|quota| {
            let path = format!("/quotas/{quota}/completes");
            change(&plan, part, &path)["after"].as_u64().unwrap()
        });
        assert_eq!(
            quotas.iter().sum::<u64>(),
            change(&plan, part, "/completes")["after"],
            "{part}"
        );
    }
    project.ok(&LAUNCH);
    project.ok(&["plan", "--detailed-exitcode"]).says("Nothing to do");
    project
        .ok(&["status"])
        .says("soda-brands@purespectrum")
        .says("soda-brands@cint/main");
}

#[test]
fn a_share_moves_in_field_and_what_is_collected_stays() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox);
    collect(&sandbox, "1000001", 200);
    project.edit("soda-brands.yaml", "share: 50%", "share: 20%");
    let plan = project.ok(&["plan", "--format", "json"]).json();
    // 20% would be 120: the 200 that are collected stay, and Cint gets what is left.
    assert_eq!(
        change(&plan, "soda-brands@purespectrum", "/completes")["after"],
        200
    );
    assert_eq!(change(&plan, "soda-brands@cint/main", "/completes")["after"], 280);
    assert!(
        notes(&plan, "soda-brands@purespectrum").contains("200 are collected; it keeps those"),
        "{plan:#}"
    );
    let raise = step(&plan, "soda-brands@cint/main", "update").unwrap();
    assert_eq!(raise["depends_on"], json!(["soda-brands@purespectrum:update"]));
    project.ok(&LAUNCH);
    let sent = paths(&sandbox);
    let at = |part: &str| sent.iter().position(|path| path.contains(part));
    assert!(
        at("/purespectrum/") < at("/cint/") && at("/cint/").is_some(),
        "{sent:?}"
    );
    assert_eq!(at("/innovatemr/"), None, "its share is the same: {sent:?}");
    project.ok(&["plan", "--detailed-exitcode"]);
}

#[test]
fn nobody_gets_more_while_the_other_keeps_what_it_had() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox);
    project.edit("soda-brands.yaml", "share: 50%", "share: 20%");
    // One of them alone would make 480 + 300 of 600.
    let alone = project
        .run(&["plan", "--target", "soda-brands@cint/main", "--format", "json"])
        .code(0)
        .json();
    assert_eq!(alone["summary"]["calls"], 0, "{alone:#}");
    assert!(
        notes(&alone, "soda-brands@cint/main").contains("would make 780 of 600 completes"),
        "{alone:#}"
    );
    // The vendor refuses to lower it.
    sandbox.fault(json!({"method": "PATCH", "path": "*/surveys/1000001", "status": 400, "times": 0}));
    project.run(&LAUNCH).code(4).says("soda-brands@cint/main");
    let sent = paths(&sandbox);
    assert!(!sent.iter().any(|path| path.contains("/cint/")), "{sent:?}");
    // What cannot be read may still be collecting.
    sandbox.fault(json!({"method": "GET", "path": "*/surveys/1000001", "status": 500, "times": 0}));
    sandbox.fault(
        json!({"method": "GET", "path": "*/purespectrum/buyers/v2/surveys", "status": 500, "times": 0}),
    );
    let unread = project.run(&["plan", "--format", "json"]).code(1).json();
    assert_eq!(unread["summary"]["calls"], 0, "{unread:#}");
    sandbox.admin("DELETE", "faults", Value::Null);
    project.ok(&LAUNCH);
    project.expect_settled();
}

#[test]
fn a_survey_in_field_is_fielded_elsewhere_too_and_not_made_again() {
    let sandbox = Sandbox::start();
    let project = Project::example("studies/three-marketplaces").with_all(&sandbox);
    let whole = project.read("soda-brands.yaml");
    let (shared, _) = whole.split_once("innovatemr:").unwrap();
    project.write("soda-brands.yaml", &shared.replace("  share: 50%\n", ""));
    project.ok(&LAUNCH).says("Plan: 1 to create, 1 to launch");
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    sandbox.forget();
    project.write("soda-brands.yaml", &whole);
    let plan = project.ok(&["plan", "--format", "json"]).json();
    assert!(
        step(&plan, "soda-brands@purespectrum", "create").is_none(),
        "{plan:#}"
    );
    assert_eq!(
        change(&plan, "soda-brands@purespectrum", "/completes")["before"],
        600
    );
    assert_eq!(
        change(&plan, "soda-brands@purespectrum", "/completes")["after"],
        300
    );
    let made = step(&plan, "soda-brands@cint/main", "create").unwrap();
    let first = json!("soda-brands@purespectrum:update");
    assert!(
        made["depends_on"].as_array().unwrap().contains(&first),
        "{made:#}"
    );
    project.ok(&LAUNCH);
    assert_eq!(sandbox.count(), [0, 1, 0, 0], "still the same survey");
    project.expect_settled();
    let names = project.ok(&["state", "list"]);
    names.says("soda-brands@purespectrum").never_says("soda-brands\t");
    // And back: one marketplace alone, with what the others have collected.
    sandbox.forget();
    project.write("soda-brands.yaml", &shared.replace("  share: 50%\n", ""));
    let back = project.ok(&["plan", "--format", "json"]).json();
    assert!(step(&back, "soda-brands", "create").is_none(), "{back:#}");
    assert!(
        step(&back, "soda-brands@cint/main", "pause").is_some(),
        "{back:#}"
    );
    let raised = step(&back, "soda-brands", "update").unwrap();
    let waits = raised["depends_on"].to_string();
    assert!(waits.contains("soda-brands@cint/main:pause"), "{waits}");
    // Who agrees to the launch has not agreed to take the others out of field, and the raise waits for that.
    sandbox.forget();
    project
        .run(&LAUNCH)
        .code(3)
        .says("soda-brands@cint/main: pause is refused: it needs the approval `remove`")
        .says("soda-brands: update is refused: update has to wait for soda-brands@cint/main:pause");
    project.ok(&["apply", "--yes", "--allow", "launch,remove"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    project.ok(&["plan", "--detailed-exitcode"]);
}

#[test]
fn a_name_means_the_survey_at_all_of_its_marketplaces() {
    let project = Project::example("studies/three-marketplaces");
    project.ok(&["apply", "--yes", "--allow", "launch", "--target", "soda-brands"]);
    let frozen = project.ok(&["freeze", "soda-brands", "--yes"]);
    frozen
        .says("soda-brands@purespectrum: paused")
        .says("soda-brands@cint/main: paused");
    project
        .ok(&["plan", "--exclude", "soda-brands"])
        .never_says("soda-brands@");
    project
        .ok(&["thaw", "--yes", "--allow", "launch", "soda-brands"])
        .says("soda-brands@purespectrum: resumed");
    project
        .run(&["plan", "--target", "soda-brand"])
        .code(64)
        .says("did you mean `soda-brands");
}

#[test]
fn one_document_stands_for_every_market_and_wave() {
    let project = Project::example("markets");
    project
        .ok(&LAUNCH)
        .says("Plan: 6 to create, 6 to launch; 12 calls.");
    project.edit("snacks.yaml", "cpi: 3.10 USD", "cpi: 3.20 USD");
    project.edit("anz/defaults.yaml", "incidence_rate: 45", "incidence_rate: 40");
    let plan = project.ok(&["plan", "--format", "json"]).json();
    let changed: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["address"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["snacks-au", "snacks-ca-w1", "snacks-ca-w2"]);
    project.edit("snacks.yaml", "wave: [1, 2]", "wave: [1]");
    project.edit("snacks.yaml", "  exclude:\n    - {market: uk, wave: 2}\n", "");
    project
        .ok(&["plan"])
        .says("snacks-ca-w2")
        .says("its manifest was removed (on_remove: pause)");
}

#[test]
fn what_is_written_out_plans_like_what_it_stands_for() {
    let project = Project::example("markets");
    let written = project.ok(&["validate", "--expand"]);
    written.says("# snacks-us-w2: snacks.yaml (market: us, wave: 2), over defaults.yaml, infield.yaml");
    let text = project.ok(&["validate", "--expand"]).stdout;
    assert_eq!(text.matches("kind: Survey").count(), 6);
    let plan = project.plan();
    for file in [
        "snacks.yaml",
        "defaults.yaml",
        "anz/defaults.yaml",
        "anz/snacks-au.yaml",
    ] {
        project.remove(file);
    }
    project.write("all.yaml", &text);
    project.edit("infield.yaml", "defaults:                        # of every survey of the project that does not say otherwise\n  length_of_interview: 8         # minutes\n  field_days: 7\n", "");
    assert_eq!(project.plan()["hash"], plan["hash"]);
    project
        .run(&["validate", "--expand", "--format", "json"])
        .code(64);
}

#[test]
fn outcomes_are_for_one_of_the_marketplaces() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox);
    let id = "7lNK5AGrSL3bk5tV4gw0Tr";
    sandbox.admin(
        "POST",
        "transactions",
        json!({"survey": "1000001", "transactions": [{"transaction_id": id, "status": 21}]}),
    );
    project.write("rejects.csv", &format!("transaction_id,outcome\n{id},reject\n"));
    for survey in ["soda-brands", "soda-brands@purespectrum"] {
        project
            .ok(&[
                "reconcile",
                "rejects.csv",
                "--survey",
                survey,
                "--vendor",
                "purespectrum",
                "--plan",
            ])
            .says("PureSpectrum survey 1000001")
            .says("Complete (21) → reject");
    }
}
