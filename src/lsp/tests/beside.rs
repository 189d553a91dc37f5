//! What is shown beside a text: what is remembered, what shares come to, links, folds and colours.

use super::super::Counted;
use super::desk::{Desk, Memory};
use super::{PROJECT, survey};
use crate::model::known::ResourceKind;
use crate::model::{Address, Known, KnownSurvey, Resource};
use serde_json::{Value, json};
use std::sync::Arc;

fn memory(in_field: &str, completes: u64) -> Memory {
    let mut known = Known::default();
    let survey = KnownSurvey {
        in_field: true,
        ..KnownSurvey::default()
    };
    let resource = Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        kind: ResourceKind::Survey(Box::new(survey)),
        id: "1".to_owned(),
    };
    known.resources.insert(Address::survey(in_field), resource);
    let counted = Counted {
        at: "2026-11-29T10:05:00Z".parse().unwrap(),
        completes: Some(completes),
    };
    Memory {
        known: Some(Arc::new(known)),
        counted: [(Address::survey(in_field), counted)].into(),
        ..Memory::default()
    }
}

fn lenses(desk: &mut Desk, text: &str) -> Vec<String> {
    let at = desk.show("soda.yaml", text);
    let answer = desk.ask(
        "textDocument/codeLens",
        json!({"textDocument": at["textDocument"]}),
    );
    let list = answer.as_array().unwrap().iter();
    let one = |one: &Value| {
        let line = &one["range"]["start"]["line"];
        format!("{line}: {}", one["command"]["title"].as_str().unwrap())
    };
    list.map(one).collect()
}

#[test]
fn over_a_survey_stands_what_is_remembered_of_it() {
    crate::marketplace::registry::install();
    let mut desk = Desk::new(&[PROJECT, ("soda.yaml", "")], memory("soda", 137));
    assert_eq!(
        lenses(&mut desk, &survey("soda", "")),
        ["1: in field · 137 of 400 collected, 2026-11-29 10:05 UTC · up to 1000.00 USD"]
    );
    assert_eq!(
        lenses(&mut desk, &survey("milk", "")),
        ["1: not made · up to 1000.00 USD"]
    );
    assert_eq!(lenses(&mut desk, "kind: Survey\nname: [\n"), [""; 0]);
    let matrix = survey("soda", "matrix: {market: [us, de]}\n");
    assert_eq!(lenses(&mut desk, &matrix), ["1: 2 not made · up to 2000.00 USD"]);
    let groups = "kind: Survey\nname: lift\ntitle: About it\nlocale: en-US\nincidence_rate: 50\nlength_of_interview: 5\n\
                  live_url: https://survey.example.com/s?tk=[%%token%%]&pid=[%%pid%%]\ninnovatemr: {category: 7}\ngroups:\n  - {name: us, completes: 10, max_cpi: 2 USD}\n  - {name: ca, completes: 5, locale: en-CA, max_cpi: 2 USD}\n";
    assert_eq!(
        lenses(&mut desk, groups),
        [
            "1: 2 not made · up to 30.00 USD",
            "9: not made · up to 20.00 USD",
            "10: not made · up to 10.00 USD"
        ]
    );
}

fn hints(desk: &mut Desk, text: &str) -> Vec<String> {
    let at = desk.show("soda.yaml", text);
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let answer = desk.ask(
        "textDocument/inlayHint",
        json!({"textDocument": at["textDocument"], "range": range}),
    );
    let list = answer.as_array().unwrap().iter();
    let one = |one: &Value| {
        let place = &one["position"];
        format!(
            "{}:{} {}",
            place["line"],
            place["character"],
            one["label"].as_str().unwrap()
        )
    };
    list.map(one).collect()
}

#[test]
fn behind_a_share_stands_what_it_comes_to() {
    let mut desk = Desk::new(&[PROJECT, ("soda.yaml", "")], Memory::default());
    let quotas = "quotas:\n  - {name: men, completes: 49%, where: {gender: male}}\n  - {name: women, completes: 51%, where: {gender: female}}\n";
    assert_eq!(
        hints(&mut desk, &survey("soda", quotas)),
        ["13:30 = 196", "14:32 = 204"]
    );
    let stages = "stages:\n  - {name: soft, completes: 10%, then: hold}\n  - {name: full}\n";
    assert_eq!(hints(&mut desk, &survey("soda", stages)), ["13:31 = 40"]);
    let fixed = quotas.replace("49%", "200").replace("51%", "200");
    assert_eq!(hints(&mut desk, &survey("soda", &fixed)), [""; 0]);
    // Where the surveys of a matrix differ, there is no one number.
    let same = format!("matrix: {{market: [us, de]}}\n{quotas}");
    assert_eq!(hints(&mut desk, &survey("soda", &same)).len(), 2);
    let other = survey(
        "soda",
        &format!("matrix: {{market: [{{name: us, n: 400}}, {{name: de, n: 300}}]}}\n{quotas}"),
    );
    assert_eq!(
        hints(
            &mut desk,
            &other.replace("completes: 400", "completes: ${market.n}")
        ),
        [""; 0]
    );
    let shared = survey("soda", quotas).replace(
        "purespectrum: {category: 232}",
        "purespectrum: {share: 60%, category: 232}\ninnovatemr: {category: 7, max_cpi: 2 USD}",
    );
    let shared = shared
        .replace("field_days: 7\ncpi: 2.50 USD\n", "")
        .replace("{share: 60%,", "{share: 60%, field_days: 7, cpi: 2.50 USD,");
    let found = hints(&mut desk, &shared);
    assert!(found.contains(&"9:25 = 240".to_owned()), "{found:?}\n{shared}");
    assert!(found.iter().any(|hint| hint.ends_with("= 196")), "{found:?}");
}

#[test]
fn files_and_addresses_are_links_and_blocks_can_be_folded() {
    let mut desk = Desk::new(
        &[PROJECT, ("soda.yaml", ""), ("lists/bay.txt", "94105\n")],
        Memory::default(),
    );
    let text = survey(
        "soda",
        "# One.\n# Two.\nqualifications:\n  zip: {file: lists/bay.txt}\n  us_county: {file: none.txt}\n",
    );
    let at = desk.show("soda.yaml", &text);
    let document = json!({"textDocument": at["textDocument"]});
    let answer = desk.ask("textDocument/documentLink", document.clone());
    let targets: Vec<&str> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["target"].as_str().unwrap())
        .collect();
    assert_eq!(
        targets,
        ["https://survey.example.com/soda", &desk.uri("lists/bay.txt")]
    );
    let answer = desk.ask("textDocument/foldingRange", document);
    let lines: Vec<String> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{}-{}", one["startLine"], one["endLine"]))
        .collect();
    assert_eq!(lines, ["12-13", "14-16"]);
}

#[test]
fn names_questions_answers_and_money_have_colours_of_their_own() {
    let mut desk = Desk::new(&[PROJECT, ("a.yaml", "")], Memory::default());
    let at = desk.show(
        "a.yaml",
        "kind: Survey\nname: soda\ncpi: 2.50 USD\nqualifications: {gender: [male, é]}\n",
    );
    let answer = desk.ask(
        "textDocument/semanticTokens/full",
        json!({"textDocument": at["textDocument"]}),
    );
    let data: Vec<u64> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_u64().unwrap())
        .collect();
    let tokens: Vec<&[u64]> = data.chunks(5).collect();
    let wanted: [&[u64]; 5] = [
        &[1, 6, 4, 0, 0],
        &[1, 5, 8, 3, 0],
        &[1, 17, 6, 1, 0],
        &[0, 9, 4, 2, 0],
        &[0, 6, 1, 2, 0],
    ];
    assert_eq!(tokens, wanted);
}
