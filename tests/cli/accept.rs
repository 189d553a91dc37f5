//! Drift: what moved at the vendors is shown, and written into the manifests in place where it is accepted.

use crate::support::{Project, Sandbox};
use serde_json::{Value, json};

const DRIFT: [&str; 3] = ["plan", "--refresh-only", "--detailed-exitcode"];
const ACCEPT: [&str; 4] = ["plan", "--refresh-only", "--accept", "--yes"];

const SURVEY: &str = "kind: Survey\nname: soda\ntitle: Soda   # as the client calls it\nlocale: en-US\ncompletes: 100\n\
                      incidence_rate: 50\nlength_of_interview: 5\nfield_days: 7\ncpi: '2.50 USD'   # agreed in May\n\
                      live_url: https://survey.example.com/soda\nstatus: live\nqualifications: {gender: [male, female]}\n\
                      quotas:\n  - {name: men, completes: 60, where: {gender: male}}\n  # fewer of these\n  \
                      - {name: women, completes: 40, where: {gender: female}}\npurespectrum: {category: 232}\n";

fn patch(sandbox: &Sandbox, key: &str, value: &Value) {
    sandbox.by_hand(
        "PATCH",
        "/surveys/1000001",
        json!([{"op": "replace", "path": format!("/{key}"), "value": value}]),
    );
}

fn fielded(sandbox: &Sandbox, text: &str) -> Project {
    let project = Project::empty().with_all(sandbox);
    project.write("soda.yaml", text);
    project.apply();
    project
}

#[test]
fn what_moved_is_shown_and_nothing_is_proposed() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, SURVEY);
    project.ok(&DRIFT).says("No drift, 1 is as it was left.");
    patch(&sandbox, "offer_price", &json!(2.75));
    sandbox.forget();
    project
        .run(&DRIFT)
        .code(2)
        .says("soda (PureSpectrum)")
        .says("cpi 2.50 USD → 2.75 USD")
        .says("Drift: 1 is not as it was left")
        .says("as left as found change")
        .says("+25.00");
    assert!(sandbox.writes().is_empty());
    let seen = project.ok(&["plan", "--refresh-only", "--format", "json"]).json();
    assert_eq!(seen["steps"], json!([]));
    assert_eq!(seen["drift"][0]["changes"][0]["path"], "/cpi");
    assert_eq!(seen["drift"][0]["changes"][0]["after"], "2.75 USD");
    project
        .ok(&["plan", "--refresh-only", "--format", "markdown"])
        .says("### infield drift")
        .says("2.50 USD → 2.75 USD");
    // What a manifest changes is no drift.
    project.edit("soda.yaml", "completes: 100", "completes: 110");
    let seen = project.ok(&["plan", "--refresh-only", "--format", "json"]).json();
    assert_eq!(seen["drift"].as_array().unwrap().len(), 1);
    assert_eq!(seen["drift"][0]["changes"].as_array().unwrap().len(), 1);
    project
        .run(&["plan", "--refresh-only", "--out", "plan.json"])
        .code(64);
    project.run(&["plan", "--accept"]).code(64);
}

#[test]
fn what_is_accepted_is_written_in_place_and_the_rest_stays_to_the_byte() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, SURVEY);
    patch(&sandbox, "offer_price", &json!(2.75));
    patch(&sandbox, "completes_required", &json!(120));
    sandbox.by_hand(
        "PUT",
        "/surveys/1000001/quotas/men",
        json!({
            "buyer_quota_id": "men", "required_count": 80,
            "criteria": [{"qualification_code": 211, "condition_codes": ["111"]}],
        }),
    );
    project
        .run(&["plan", "--refresh-only", "--accept"])
        .code(3)
        .says("there is no terminal to ask on");
    assert_eq!(project.read("soda.yaml"), SURVEY);
    sandbox.forget();
    project
        .ok(&ACCEPT)
        .says("- cpi: '2.50 USD'   # agreed in May")
        .says("+ cpi: '2.75 USD'   # agreed in May")
        .says("wrote 3 values into 1 file");
    let expected = SURVEY
        .replace("'2.50 USD'", "'2.75 USD'")
        .replace("completes: 100", "completes: 120")
        .replace("completes: 60", "completes: 80");
    assert_eq!(project.read("soda.yaml"), expected);
    assert!(sandbox.writes().is_empty());
    project.expect_settled();
    project.ok(&DRIFT).says("No drift");
}

#[test]
fn a_pause_is_accepted_at_every_vendor() {
    for example in ["quickstart", "innovatemr", "cint"] {
        let project = Project::example(example);
        project.apply();
        project.ok(&["freeze", "--yes"]);
        project.run(&DRIFT).code(2).says("status live → paused");
        let accepted = project.run(&ACCEPT);
        match example {
            // One value of the survey counts for both of its groups there.
            "innovatemr" | "cint" => drop(
                accepted
                    .code(3)
                    .says("other groups have it from their survey")
                    .says("infield apply --resume"),
            ),
            _ => {
                accepted.code(0).says("wrote 3 values into 3 files");
                assert!(project.read("minimal.yaml").contains("status: paused"));
                project.expect_settled();
            }
        }
    }
}

#[test]
fn what_counts_for_others_too_is_not_written() {
    let sandbox = Sandbox::start();
    let matrix = "kind: Survey\nname: soda\nmatrix: {wave: [1]}\ntitle: Soda ${wave}\nlocale: en-US\ncompletes: 100\n\
                  incidence_rate: 50\nlength_of_interview: 5\nfield_days: 7\ncpi: 2.50 USD\n\
                  live_url: https://survey.example.com/soda\nstatus: live\npurespectrum: {category: 232}\n";
    let project = fielded(&sandbox, matrix);
    patch(&sandbox, "offer_price", &json!(2.75));
    project
        .run(&ACCEPT)
        .code(3)
        .says("its document stands for several surveys")
        .says("`cpi: 2.75 USD`");
    assert_eq!(project.read("soda.yaml"), matrix);
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("defaults.yaml", "kind: Defaults\ncpi: 2.50 USD\n");
    project.write(
        "soda.yaml",
        &SURVEY.replace("cpi: '2.50 USD'   # agreed in May\n", ""),
    );
    project.apply();
    patch(&sandbox, "offer_price", &json!(2.75));
    project.run(&ACCEPT).code(3).says("it is a default of the folder");
    assert_eq!(project.read("defaults.yaml"), "kind: Defaults\ncpi: 2.50 USD\n");
}
