//! What is offered to type, and what hovers say of keys.

use super::desk::{Desk, Memory};
use super::{PROJECT, survey};
use crate::marketplace::shelf::lists::{Choice, Entry, List, Source};
use serde_json::{Value, json};
use std::borrow::Cow;

fn desk() -> Desk {
    let tagged = survey("soda", "tags: [drinks]\n");
    Desk::new(
        &[
            PROJECT,
            ("soda.yaml", &tagged),
            ("rejects.csv", "transaction_id\n"),
        ],
        Memory::default(),
    )
}

#[test]
fn keys_are_offered_at_every_depth_of_every_kind_and_none_that_is_there() {
    let mut desk = desk();
    for (name, marked, offered, not) in [
        ("a.yaml", "kind: Survey\nname: a\n‸\n", "completes", "name"),
        (
            "a.yaml",
            "kind: Survey\nname: a\nquotas:\n  - name: men\n    ‸\n",
            "where",
            "name",
        ),
        (
            "a.yaml",
            "kind: Survey\nquotas:\n  - {name: men, ‸}\n",
            "completes",
            "name",
        ),
        ("a.yaml", "kind: Survey\nwindows:\n  ‸\n", "timezone", "completes"),
        (
            "a.yaml",
            "kind: Survey\npurespectrum:\n  cat‸\n",
            "category",
            "kind",
        ),
        (
            "a.yaml",
            "kind: Survey\nquotas:\n  - name: a\n    where:\n      zip: {‸\n",
            "file",
            "name",
        ),
        (
            "g.yaml",
            "kind: SurveyGroup\nname: g\nexcl‸\n",
            "exclusion_days",
            "completes",
        ),
        (
            "r.yaml",
            "kind: Reconciliation\ntransactions:\n  - ‸\n",
            "transaction_id",
            "survey",
        ),
        (
            "infield.yaml",
            "kind: Project\nname: a\nenvironments:\n  p:\n    ‸\n",
            "guards",
            "name",
        ),
        (
            "infield.yaml",
            "kind: Project\nname: a\nenvironments:\n  p:\n    guards: {launch: ask, ‸}\n",
            "close",
            "launch",
        ),
        (
            "infield.yaml",
            "kind: Project\nname: a\ndefaults:\n  quotas:\n    - ‸\n",
            "completes",
            "kind",
        ),
        ("x/defaults.yaml", "kind: Defaults\n‸\n", "locale", "name"),
        (
            "infield.yaml",
            "kind: Project\nname: a\nenvironments:\n  p:\n    guards:\n      max_cpi:\n        ‸\n",
            "EUR",
            "name",
        ),
    ] {
        let labels = desk.labels(name, marked);
        let has = |label: &str| labels.iter().any(|own| own == label);
        assert!(has(offered) && !has(not), "{marked}: {labels:?}");
    }
    // What has to be there comes first, and each says what it is.
    let at = desk.show("a.yaml", "kind: Survey\nquotas:\n  - ‸\n");
    let items = desk.ask("textDocument/completion", at);
    let labels: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["name", "completes", "where", "id", "moved_from"]);
    assert_eq!(items[1]["sortText"], "0001");
    assert!(
        items[1]["detail"]
            .as_str()
            .unwrap()
            .starts_with("required, a whole number")
    );
    let about = items[1]["documentation"]["value"].as_str().unwrap();
    assert!(
        about.contains("Completes wanted, or a share of the survey's completes"),
        "{about}"
    );
}

#[test]
fn keys_of_lists_and_mappings_are_opened_where_the_editor_can_and_left_alone_where_it_cannot() {
    let put = |desk: &mut Desk, marked: &str, label: &str| {
        let offers = desk.offers("a.yaml", marked).into_iter();
        offers
            .filter(|(own, _)| own == label)
            .map(|(_, put)| put)
            .next()
            .unwrap()
    };
    let mut able = desk();
    let text = "kind: Survey\nname: a\n‸";
    assert_eq!(put(&mut able, text, "quotas"), "quotas:\n  - $0");
    assert_eq!(put(&mut able, text, "windows"), "windows:\n  $0");
    assert_eq!(put(&mut able, text, "completes"), "completes: ");
    assert_eq!(
        put(&mut able, "kind: Survey\ngroups:\n  - name: a\n    ‸", "quotas"),
        "quotas:\n      - $0"
    );
    assert_eq!(
        put(&mut able, "kind: Survey\ngroups: [{name: a, ‸", "quotas"),
        "quotas: [$0]"
    );
    // A key that is being changed keeps what follows it.
    let at = able.show("a.yaml", "kind: Survey\nstat‸us: live\n");
    let items = able.ask("textDocument/completion", at);
    let item = items
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["label"] == "status")
        .unwrap();
    assert_eq!(item["textEdit"]["newText"], "status");
    assert_eq!(
        item["textEdit"]["range"]["end"],
        json!({"line": 1, "character": 6})
    );
    let mut plain = Desk::with(&[PROJECT], Memory::default(), &json!({}));
    assert_eq!(put(&mut plain, text, "quotas"), "quotas:");
}

#[test]
fn values_are_words_examples_currencies_and_names_of_the_project() {
    let mut desk = desk();
    for (name, marked, offered) in [
        ("a.yaml", "kind: ‸", "SurveyGroup"),
        ("a.yaml", "kind: Survey\nstatus: ‸", "paused"),
        ("a.yaml", "kind: Survey\nprotect: ‸", "true"),
        ("a.yaml", "kind: Survey\nlocale: ‸", "en-GB"),
        ("a.yaml", "kind: Survey\ncpi: 3.75 ‸", "3.75 EUR"),
        ("a.yaml", "kind: Survey\ncpi: ‸", "market"),
        ("a.yaml", "kind: Survey\nwindows: {timezone: ‸", "Europe/Berlin"),
        ("a.yaml", "kind: Survey\ntags: [‸", "drinks"),
        ("a.yaml", "kind: Survey\ntags:\n  - ‸", "drinks"),
        ("a.yaml", "kind: Survey\nmoved_from: ‸", "none"),
        (
            "a.yaml",
            "kind: Survey\nfield: ‸",
            "{start: 2026-12-01T09:00:00Z, end: 2026-12-15T18:00:00Z}",
        ),
        ("a.yaml", "kind: Survey\npurespectrum: {category: ‸", "232"),
        ("r.yaml", "kind: Reconciliation\nsurvey: ‸", "soda"),
        ("r.yaml", "kind: Reconciliation\noutcome: ‸", "reject"),
        ("r.yaml", "kind: Reconciliation\nfile: ‸", "rejects.csv"),
        ("g.yaml", "kind: SurveyGroup\nsurveys:\n  - ‸", "soda"),
        (
            "infield.yaml",
            "kind: Project\nenvironments: {p: {guards: {launch: ‸",
            "deny",
        ),
        (
            "infield.yaml",
            "kind: Project\nenvironments: {p: {notify: [{on: [‸",
            "verdicts",
        ),
    ] {
        let labels = desk.labels(name, marked);
        assert!(labels.iter().any(|own| own == offered), "{marked}: {labels:?}");
    }
    // What YAML would take for something else is put between quotes, but not twice.
    let check = |desk: &mut Desk, marked: &str| {
        let offers = desk.offers("a.yaml", marked).into_iter();
        offers.map(|(_, put)| put).next().unwrap()
    };
    let text = "kind: Survey\nstages:\n  - when: {incidence_rate: ‸";
    assert_eq!(check(&mut desk, text), "\">= 30\"");
    assert_eq!(check(&mut desk, &text.replace('‸', "\"‸\"}")), ">= 30");
}

#[test]
fn what_was_looked_up_is_offered_where_it_is_written() {
    let vendor = crate::marketplace::PURESPECTRUM;
    let list = |under: &'static str, entries: Vec<Entry>| {
        let (source, under) = (Source::Vendor, Cow::Borrowed(under));
        (
            vendor,
            List {
                source,
                under,
                entries,
            },
        )
    };
    let template = Entry {
        id: "15".to_owned(),
        text: "Census".to_owned(),
        write: Some("template_id: 15".to_owned()),
        ..Entry::default()
    };
    let question = Entry {
        text: "Your job".to_owned(),
        write: Some("\"644\": [\"4\"]".to_owned()),
        answers: vec![Choice {
            id: "4".to_owned(),
            text: "Manager".to_owned(),
            write: "\"4\"".to_owned(),
        }],
        ..Entry::default()
    };
    let lists = vec![
        list("`purespectrum`", vec![template]),
        list("`qualifications`", vec![question]),
    ];
    let memory = Memory {
        lists,
        ..Memory::default()
    };
    let mut desk = Desk::new(&[PROJECT], memory);
    let has = |offers: Vec<(String, String)>, label: &str, put: &str| {
        let wanted = (label.to_owned(), put.to_owned());
        assert!(offers.contains(&wanted), "{offers:?}");
    };
    let head = "kind: Survey\nname: a\npurespectrum: {template_id: ‸}\n";
    has(desk.offers("a.yaml", head), "15", "15");
    let who = "kind: Survey\npurespectrum: {}\nqualifications:\n  ‸";
    has(desk.offers("a.yaml", who), "644", "\"644\": ");
    let answer = "kind: Survey\npurespectrum: {}\nqualifications:\n  \"644\": [‸";
    has(desk.offers("a.yaml", answer), "4", "\"4\"");
}

#[test]
fn an_empty_file_is_offered_whole_surveys() {
    let mut desk = desk();
    for name in ["new.yaml", "untitled:Untitled-1"] {
        let offers = desk.offers(name, "# Mine.\n‸");
        let (_, put) = offers
            .iter()
            .find(|(label, _)| label == "Survey at Cint in stages")
            .unwrap();
        assert!(put.starts_with("kind: Survey\nname: ${1:my-survey}\n"), "{put}");
        assert!(offers.iter().any(|(label, _)| label == "kind: Survey"));
    }
    assert!(desk.labels("infield.yaml", "‸").contains(&"Project".to_owned()));
    let begun = desk.labels("new.yaml", "kind: Survey\n‸");
    assert!(
        !begun.iter().any(|label| label.starts_with("Survey at")),
        "{begun:?}"
    );
    let mut plain = Desk::with(&[PROJECT], Memory::default(), &json!({}));
    let offers = plain.offers("new.yaml", "‸");
    assert!(offers.iter().all(|(_, put)| !put.contains("${")), "{offers:?}");
}

#[test]
fn every_key_is_told_where_one_points_at_it() {
    let mut desk = desk();
    let text = survey("soda", "windows: {timezone: UTC, open: [daily 08:00-20:00]}\n");
    for (what, says) in [
        ("length_of", "Expected length of the interview, minutes."),
        ("timezone", "its name in the time zone database"),
        ("category", "**category**: a whole number"),
        ("field_days", "a whole number, 1 to 3650"),
        ("live_url", "Where respondents enter"),
        ("completes", "Completed interviews wanted."),
    ] {
        let at = text.find(what).unwrap() + 1;
        let marked = format!("{}‸{}", &text[..at], &text[at..]);
        let at = desk.show("soda.yaml", &marked);
        let answer = desk.ask("textDocument/hover", at);
        let told = answer["contents"]["value"].as_str().unwrap_or_default();
        assert!(told.contains(says), "{what}: {told}");
    }
    let at = desk.show("a.yaml", "kind: Survey\nnons‸ense: 1\n");
    assert_eq!(desk.ask("textDocument/hover", at), Value::Null);
}
