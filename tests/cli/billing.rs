//! Who pays for a survey: told to marketplaces that have a field for it, and a tag everywhere.

use crate::support::{Project, Sandbox, survey};
use serde_json::{Value, json};

const BILLING: &str = "billing:\n  client: Acme Corp\n  purchase_order: PO-1 # as ordered\n  project: P-7\n";

fn fielded(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_all(sandbox);
    project.write("soda.yaml", &survey("soda", BILLING));
    project.apply();
    project
}

/// The survey as the vendor keeps it.
fn kept(sandbox: &Sandbox, key: &str) -> Value {
    sandbox.survey(1_000_001)[key].clone()
}

fn rebill(sandbox: &Sandbox, value: &str) {
    let mut body = sandbox.survey(1_000_001);
    body["billing_id"] = json!(value);
    sandbox.by_hand("PUT", "/surveys/1000001", body);
}

#[test]
fn a_purchase_order_is_told_compared_changed_and_accepted() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox);
    assert_eq!(kept(&sandbox, "billing_id"), "PO-1");
    project.expect_settled();
    project.edit("soda.yaml", "PO-1", "PO-2");
    project.ok(&["plan"]).says("purespectrum.billing_id  PO-1 → PO-2");
    project.apply();
    assert_eq!(kept(&sandbox, "billing_id"), "PO-2");
    project.expect_settled();
    // Somebody else's word is drift, and is written where the manifest says it.
    rebill(&sandbox, "PO-3");
    let drift = project.run(&["plan", "--refresh-only", "--detailed-exitcode"]);
    drift.code(2).says("PO-2 → PO-3");
    project.ok(&["plan", "--refresh-only", "--accept", "--yes"]);
    assert!(
        project
            .read("soda.yaml")
            .contains("purchase_order: PO-3 # as ordered\n")
    );
    project.expect_settled();
    // A state that is lost is no reason to bill otherwise.
    project.forget("bench");
    project.remove("soda.yaml");
    project.ok(&["import", "--vendor", "purespectrum", "--id", "1000001"]);
    let manifests = std::fs::read_dir(project.folder()).unwrap();
    let texts: Vec<String> = manifests
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    let text = texts.iter().find(|text| text.contains("kind: Survey")).unwrap();
    assert!(text.contains("purchase_order: PO-3"), "{text}");
    assert!(!text.contains("billing_id"), "{text}");
    project.expect_settled();
}

#[test]
fn a_client_is_a_tag_at_every_marketplace_and_defaults_say_it_once() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write(
        "defaults.yaml",
        "kind: Defaults\nbilling: {client: Acme Corp, purchase_order: PO-9}\n",
    );
    project.write("one.yaml", &survey("one", "billing: {project: P-1}\n"));
    let plain = survey("two", "").replace("purespectrum: {category: 232}\n", "");
    project.write(
        "two.yaml",
        &(plain
            .replace("status: live", "status: draft")
            .replace("field_days: 7\n", "")
            + "innovatemr: {}\n"),
    );
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    project.expect_settled();
    assert_eq!(kept(&sandbox, "billing_id"), "PO-9");
    for name in ["tag:client=Acme Corp", "tag:purchase_order=PO-9"] {
        project
            .ok(&["status", name])
            .says("one (PureSpectrum")
            .says("two/main (InnovateMR");
    }
    let by = project
        .ok(&["status", "--by", "client", "--format", "json"])
        .json();
    assert_eq!(by["by"]["groups"][0]["values"], json!(["Acme Corp"]));
    assert_eq!(by["by"]["groups"].as_array().unwrap().len(), 1);
    assert_eq!(by["by"]["groups"][0]["surveys"], 2);
}

#[test]
fn a_client_keeps_to_its_budget() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{budgets: {client: {Acme Corp: 400 USD}}}");
    project.write("one.yaml", &survey("one", BILLING));
    project.write("two.yaml", &survey("two", BILLING));
    project.write("three.yaml", &survey("three", "billing: {budget: 249.99 USD}\n"));
    let plan = project.ok(&["plan"]);
    plan.says("launch is refused by the guard `exposure`: client Acme Corp could still cost 500.00 USD")
        .says("raise `guards.budgets.client` in infield.yaml")
        .says("three could still cost 250.00 USD, above its budget of 249.99 USD");
    // One of both is within it, and nothing of the other is counted for it.
    project.ok(&["apply", "--yes", "--allow", "launch", "--target", "one"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    project
        .run(&["apply", "--yes", "--allow", "launch", "--target", "two"])
        .code(3)
        .says("above its budget of 400.00 USD");
    assert_eq!(sandbox.count()[1], 1);
}
