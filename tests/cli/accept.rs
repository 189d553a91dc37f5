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
        .says("--- soda.yaml\n+++ soda.yaml\n@@ ")
        .says("-completes: 100\n+completes: 120\n incidence_rate: 50\n")
        .says("there is no terminal to ask on");
    assert_eq!(project.read("soda.yaml"), SURVEY);
    sandbox.forget();
    project
        .ok(&ACCEPT)
        .says("-cpi: '2.50 USD'   # agreed in May")
        .says("+cpi: '2.75 USD'   # agreed in May")
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

/// One `status` of a survey counts for its groups, all of which are paused.
#[test]
fn a_pause_is_accepted_at_every_vendor() {
    for (example, file, said) in [
        ("quickstart", "minimal.yaml", "wrote 3 values into 3 files"),
        ("innovatemr", "brand-lift.yaml", "wrote 3 values into 1 file"),
        ("cint", "brand-tracker.yaml", "wrote 2 values into 1 file"),
    ] {
        let project = Project::example(example);
        project.apply();
        // Paused by somebody whose memory and stop mark are not here.
        let state = ".infield/sandbox/state.json";
        let remembered = project.read(state);
        project.ok(&["freeze", "--yes"]);
        project.write(state, &remembered);
        project.remove(".infield/sandbox/stop.json");
        project.run(&DRIFT).code(2).says("status live → paused");
        let before = project.read(file);
        project.run(&ACCEPT).code(0).says(said);
        let expected = before.replace("status: live", "status: paused");
        assert_eq!(project.read(file), expected);
        project.expect_settled();
        project.ok(&DRIFT).says("No drift");
    }
}

/// Changes what is at the vendor behind the back of a project: by a copy of it whose memory is thrown away.
fn behind_its_back(project: &Project, file: &str, edits: &[(&str, &str)]) {
    let kept = project.read(file);
    let state = ".infield/sandbox/state.json";
    let remembered = project.read(state);
    for (from, to) in edits {
        let text = project.read(file);
        assert!(text.contains(from), "{from}");
        project.write(file, &text.replace(from, to));
    }
    project
        .run(&[
            "apply",
            "--yes",
            "--allow",
            "launch,edit-live-targeting",
            "--parallelism",
            "1",
        ])
        .code(0);
    project.write(file, &kept);
    project.write(state, &remembered);
    // What was noted down since belongs to the copy.
    project.remove(".infield/sandbox/journal.jsonl");
}

#[test]
fn values_of_surveys_and_their_groups_are_accepted_at_vendors_that_have_them() {
    for (example, file, edits) in [
        (
            "innovatemr",
            "brand-lift.yaml",
            &[
                ("title: Brand lift, autumn", "title: 'Brand lift: winter'"),
                ("category: 7 ", "category: 8 "),
                ("completes: 200", "completes: 220"),
            ] as &[(&str, &str)],
        ),
        (
            "cint",
            "brand-tracker.yaml",
            &[
                ("title: Brand tracker, winter", "title: Brand tracker, spring"),
                ("2036-12-15T18:00:00Z", "2036-12-16T18:00:00Z"),
                ("cpi: 2.75 USD", "cpi: 2.95 USD"),
                ("balance_fill: false", "balance_fill: true"),
                (
                    "completes: 150\n        where: {gender: male}",
                    "completes: 160\n        where: {gender: male}",
                ),
                (
                    "completes: 150\n        where: {gender: female}",
                    "completes: 140\n        where: {gender: female}",
                ),
                ("age: 18-64", "age: 18-60"),
            ],
        ),
    ] {
        let project = Project::example(example);
        project.apply();
        let before = project.read(file);
        behind_its_back(&project, file, edits);
        project.run(&DRIFT).code(2);
        project.run(&ACCEPT).code(0);
        let after = project.read(file);
        let lines = |text: &str| -> Vec<String> {
            let comments = text
                .lines()
                .map(|line| line.split_once('#').map_or("", |(_, note)| note));
            comments.map(str::to_owned).collect()
        };
        assert_eq!(lines(&after), lines(&before), "comments stay:\n{after}");
        for (_, to) in edits {
            let value = to
                .split_once(": ")
                .map_or(*to, |(_, value)| value.trim_matches([' ', '\'']));
            assert!(after.contains(value), "{value}:\n{after}");
        }
        project.expect_settled();
        project.ok(&DRIFT).says("No drift");
    }
}

/// Of targeting only what differs is written, in lists over several lines too.
#[test]
fn targeting_is_accepted_and_money_out_of_sight_is_said() {
    let project = Project::empty();
    let survey = SURVEY.replace(
        "qualifications: {gender: [male, female]}",
        "qualifications:\n  gender: [male, female]\n  age:\n    - 18-34   # young\n    - 35-64   # others",
    );
    project.write("soda.yaml", &survey);
    project.apply();
    behind_its_back(
        &project,
        "soda.yaml",
        &[
            ("    - 35-64   # others", "    - 35-54"),
            ("{gender: female}", "{gender: female, age: 18-34}"),
            ("cpi: '2.50 USD'", "cpi: market"),
        ],
    );
    project
        .run(&DRIFT)
        .code(2)
        .says("cpi 2.50 USD → market price")
        .says("what it can cost is not known any more")
        .never_says("could not be compared");
    project.ok(&ACCEPT);
    let expected = survey
        .replace("    - 35-64   # others", "    - 35-54")
        .replace("{gender: female}", "{gender: female, age: [18-34]}")
        .replace("'2.50 USD'", "'market'");
    assert_eq!(project.read("soda.yaml"), expected);
    project.expect_settled();
    project.ok(&DRIFT).says("No drift");
}

/// What cannot be written keeps nothing else back.
#[test]
fn a_value_of_one_group_is_written_although_another_cannot_be() {
    let project = Project::example("cint");
    project.apply();
    let file = "brand-tracker.yaml";
    let before = project.read(file);
    behind_its_back(
        &project,
        file,
        &[
            (
                "  - name: us-adults",
                "  - name: us-adults\n    incidence_rate: 55",
            ),
            ("cpi: 2.75 USD", "cpi: 2.95 USD"),
        ],
    );
    project
        .run(&ACCEPT)
        .code(4)
        .says("not written: brand-tracker/us-adults: incidence_rate: other groups have it from their survey")
        .says("help: `incidence_rate: 55` in the entry of `us-adults` in brand-tracker.yaml keeps it")
        .says("wrote 1 value into 1 file");
    assert_eq!(project.read(file), before.replace("2.75 USD", "2.95 USD"));
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
        .says("no line keeps it for this one alone; `infield apply --target soda-1` puts it back")
        .never_says("`cpi:");
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

#[test]
fn what_no_manifest_should_hold_is_neither_written_nor_advised() {
    let text = SURVEY.replace("{category: 232}", "{category: 232, buyer_message: hello}");
    let project = Project::empty();
    project.write("soda.yaml", &text);
    project.apply();
    behind_its_back(
        &project,
        "soda.yaml",
        &[
            (
                "live_url: https://survey.example.com/soda",
                "live_url: https://survey.example.com/soda?api_key=s3cr3t",
            ),
            ("buyer_message: hello", "buyer_message: ask jane@corp.example"),
            ("2.50 USD", "2.75 USD"),
        ],
    );
    project
        .run(&ACCEPT)
        .code(4)
        .says("not written: soda: live_url: it may hold a secret or somebody's address")
        .says("not written: soda: purespectrum.buyer_message: it may hold a secret or somebody's address")
        .says("wrote 1 value into 1 file")
        .never_says("`live_url:")
        .never_says("`buyer_message:");
    assert_eq!(project.read("soda.yaml"), text.replace("2.50 USD", "2.75 USD"));
    let state = project.read(".infield/sandbox/state.json");
    assert!(!state.contains("s3cr3t") && !state.contains("jane"), "{state}");
}

#[test]
fn a_line_to_type_is_one_line() {
    let text = SURVEY.replace(
        "{category: 232}",
        "\n  category: 232\n  buyer_message: |-\n    hello\n    there\n",
    );
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, &text);
    sandbox.by_hand("PUT", "/surveys/1000001", json!({"buyer_message": "hi\nthere"}));
    project
        .run(&ACCEPT)
        .code(3)
        .says("help: `buyer_message: \"hi\\nthere\"` in soda.yaml keeps it");
}

/// What `validate` would refuse is no advice.
#[test]
fn a_text_that_no_manifest_can_say_is_neither_written_nor_advised() {
    let sandbox = Sandbox::start();
    let project = fielded(
        &sandbox,
        &SURVEY.replace("{category: 232}", "{category: 232, buyer_message: hello}"),
    );
    let said = json!({"buyer_message": "hi\u{202e}\nthere", "survey_title": "Soda\nII"});
    sandbox.by_hand("PUT", "/surveys/1000001", said);
    project
        .run(&ACCEPT)
        .code(3)
        .says("not written: soda: title: no manifest can say it: this text has more than one line")
        .says("purespectrum.buyer_message: no manifest can say it: this text has a character that nobody sees: `\\u{202e}`")
        .says("help: `infield apply --target soda` puts it back")
        .never_says("keeps it");
}
