//! Names: symbols, where they are said, and other names.

use super::desk::{Desk, Memory};
use super::{PROJECT, survey};
use serde_json::{Value, json};

const WAVES: &str = "kind: SurveyGroup\nname: waves\nsurveys: [soda, \"milk\", 17]\n";
const REJECTS: &str = "kind: Reconciliation\nname: rejects\nsurvey: soda\ntransactions: [{transaction_id: one, outcome: reject}]\n";
const GROUPS: &str = "kind: Survey\nname: lift\ninnovatemr: {category: 7}\ngroups:\n  - name: us # first\n    quotas:\n      - {name: men, completes: 5, where: {gender: male}}\n  - {name: in, completes: 10}\n";

fn desk() -> Desk {
    let (soda, milk) = (survey("soda", ""), survey("milk", ""));
    let matrix = survey("wave", "matrix: {market: [us, de]}\n");
    let markets = "kind: SurveyGroup\nname: markets\nsurveys: [wave-us, wave-de, milk]\n";
    Desk::new(
        &[
            PROJECT,
            ("a/soda.yaml", &soda),
            ("milk.yaml", &milk),
            ("waves.yaml", WAVES),
            ("rejects.yaml", REJECTS),
            ("wave.yaml", &matrix),
            ("markets.yaml", markets),
            ("lift.yaml", GROUPS),
        ],
        Memory::default(),
    )
}

/// Shows a file with the cursor in the first place of a text.
fn point(desk: &mut Desk, name: &str, what: &str) -> Value {
    let text = std::fs::read_to_string(desk.root().join(name)).unwrap();
    let at = text.find(what).unwrap() + 1;
    desk.show(name, &format!("{}‸{}", &text[..at], &text[at..]))
}

fn rename(desk: &mut Desk, name: &str, what: &str, new: &str) -> Result<Value, String> {
    let mut params = point(desk, name, what);
    params["newName"] = json!(new);
    desk.ask_in_vain("textDocument/rename", params)
}

#[test]
fn a_text_has_its_surveys_groups_and_quotas_and_a_project_its_names() {
    let mut desk = desk();
    desk.show("lift.yaml", GROUPS);
    let uri = desk.uri("lift.yaml");
    let answer = desk.ask(
        "textDocument/documentSymbol",
        json!({"textDocument": {"uri": uri}}),
    );
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer), ["lift"]);
    let groups = &answer[0]["children"];
    assert_eq!(names(groups), ["us", "in"]);
    assert_eq!(names(&groups[0]["children"]), ["men"]);
    assert_eq!(groups[1]["detail"], "10");
    assert_eq!(
        groups[0]["selectionRange"]["start"],
        json!({"line": 4, "character": 10})
    );
    let mut found = |query: &str| {
        let answer = desk.ask("workspace/symbol", json!({"query": query}));
        let list = answer.as_array().unwrap().iter();
        let one = |one: &Value| {
            let file = one["location"]["uri"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            format!(
                "{} {file}:{}",
                one["name"].as_str().unwrap(),
                one["location"]["range"]["start"]["line"]
            )
        };
        list.map(one).collect::<Vec<_>>()
    };
    assert_eq!(found("sod"), ["soda soda.yaml:1"]);
    assert_eq!(found("wave-"), ["wave-us wave.yaml:1", "wave-de wave.yaml:1"]);
    assert_eq!(found("lift/us"), [""; 0]);
    let text = GROUPS.replace(
        "  - name: us # first",
        "  - name: us\n    locale: en-US\n    completes: 10\n    max_cpi: 2 USD",
    );
    let whole = text.replace("category: 7}", "category: 7}\ntitle: About it\nincidence_rate: 50\nlength_of_interview: 5\nlocale: en-US\nmax_cpi: 2 USD\nlive_url: https://survey.example.com/s?tk=[%%token%%]&pid=[%%pid%%]");
    desk.show("lift.yaml", &whole);
    let answer = desk.ask("workspace/symbol", json!({"query": "lift/i"}));
    assert_eq!(answer[0]["name"], "lift/in", "{answer}");
}

#[test]
fn a_name_is_found_wherever_it_is_said() {
    let mut desk = desk();
    let mut places = |name: &str, what: &str, declared: bool| {
        let mut params = point(&mut desk, name, what);
        params["context"] = json!({"includeDeclaration": declared});
        let answer = desk.ask("textDocument/references", params);
        let list = answer.as_array().cloned().unwrap_or_default();
        let one = |one: &Value| {
            let file = one["uri"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            let start = &one["range"]["start"];
            format!("{file}:{}:{}", start["line"], start["character"])
        };
        list.iter().map(one).collect::<Vec<_>>()
    };
    let both = ["rejects.yaml:2:8", "waves.yaml:2:10"];
    assert_eq!(places("a/soda.yaml", "soda", false), both);
    assert_eq!(places("waves.yaml", "soda", false), both);
    assert_eq!(
        places("rejects.yaml", "soda", true),
        ["soda.yaml:1:6", both[0], both[1]]
    );
    assert_eq!(
        places("wave.yaml", "wave\n", false),
        ["markets.yaml:2:10", "markets.yaml:2:19"]
    );
    assert_eq!(places("markets.yaml", "wave-de", false), ["markets.yaml:2:19"]);
    assert_eq!(places("a/soda.yaml", "About", false), [""; 0]);
}

#[test]
fn a_survey_gets_another_name_everywhere_and_says_the_one_before() {
    let mut desk = desk();
    let answer = rename(&mut desk, "rejects.yaml", "soda", "cola").unwrap();
    let own = desk.edited(&answer, "a/soda.yaml");
    assert!(
        own.starts_with("kind: Survey\nname: cola\nmoved_from: soda\ntitle: About soda\n"),
        "{own}"
    );
    assert_eq!(desk.edited(&answer, "waves.yaml"), WAVES.replace("soda", "cola"));
    assert_eq!(
        desk.edited(&answer, "rejects.yaml"),
        REJECTS.replace("soda", "cola")
    );
    assert_eq!(answer["changes"].as_object().unwrap().len(), 3);
    let quoted = rename(&mut desk, "milk.yaml", "milk", "oats").unwrap();
    assert_eq!(desk.edited(&quoted, "waves.yaml"), WAVES.replace("milk", "oats"));
    // The surveys of a matrix follow.
    let waves = rename(&mut desk, "wave.yaml", "wave\n", "round").unwrap();
    assert_eq!(
        desk.edited(&waves, "markets.yaml"),
        "kind: SurveyGroup\nname: markets\nsurveys: [round-us, round-de, milk]\n"
    );
    let group = rename(&mut desk, "waves.yaml", "waves", "rounds").unwrap();
    assert_eq!(
        desk.edited(&group, "waves.yaml"),
        WAVES.replace("name: waves", "name: rounds\nmoved_from: waves")
    );
    // What is renamed so is what infield takes for a rename.
    for name in ["a/soda.yaml", "waves.yaml", "rejects.yaml"] {
        let text = desk.edited(&answer, name);
        std::fs::write(desk.root().join(name), text).unwrap();
        desk.close(name);
    }
    let loaded = crate::manifest::load(&[], &crate::manifest::Options { base: desk.root() });
    let moved = loaded.desired.renames.written;
    let moved: Vec<String> = moved
        .iter()
        .map(|(new, from)| format!("{new} from {}", from.old().unwrap()))
        .collect();
    assert_eq!(moved, ["cola from soda"], "{:?}", loaded.diagnostics);
}

#[test]
fn a_group_of_a_survey_gets_another_name() {
    let mut desk = desk();
    let answer = rename(&mut desk, "lift.yaml", "us #", "usa").unwrap();
    let after = desk.edited(&answer, "lift.yaml");
    assert_eq!(
        after,
        GROUPS.replace(
            "- name: us # first\n",
            "- name: usa # first\n    moved_from: us\n"
        )
    );
    let flow = rename(&mut desk, "lift.yaml", "in, comp", "india").unwrap();
    assert!(
        desk.edited(&flow, "lift.yaml")
            .contains("{name: india, moved_from: in, completes: 10}")
    );
    let refused = rename(&mut desk, "lift.yaml", "us #", "in").unwrap_err();
    assert_eq!(refused, "the survey has a group `in` already");
}

#[test]
fn a_name_that_is_taken_or_none_is_refused_with_the_reason() {
    let mut desk = desk();
    for (file, what, new, reason) in [
        ("a/soda.yaml", "soda", "milk", "`milk` is taken by milk.yaml"),
        (
            "a/soda.yaml",
            "soda",
            "wave-us",
            "`wave-us` is taken by wave.yaml",
        ),
        ("wave.yaml", "wave\n", "So Da", "`So Da-us` is no name"),
        ("a/soda.yaml", "soda", "Soda", "`Soda` is no name"),
        (
            "a/soda.yaml",
            "About",
            "x",
            "there is no name of a survey or group here",
        ),
        (
            "rejects.yaml",
            "rejects",
            "others",
            "there is no name of a survey or group here",
        ),
    ] {
        let refused = rename(&mut desk, file, what, new).unwrap_err();
        assert!(refused.starts_with(reason), "{refused}");
    }
    let at = point(&mut desk, "waves.yaml", "milk");
    let ready = desk.ask("textDocument/prepareRename", at);
    assert_eq!(ready["placeholder"], "milk");
    assert_eq!(ready["range"]["start"], json!({"line": 2, "character": 17}));
    let at = point(&mut desk, "milk.yaml", "completes");
    assert_eq!(desk.ask("textDocument/prepareRename", at), Value::Null);
}
