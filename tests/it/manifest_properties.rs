//! Any bytes give diagnostics, never a panic; and what a schema accepts is always understood.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::second_reader;
use infield::diag::{Severity, code, text};
use infield::manifest::{Loaded, Options, load};
use infield::yaml::{self, Budget};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn load_bytes(bytes: &[u8]) -> Loaded {
    if let Ok(text) = std::str::from_utf8(bytes) {
        second_reader::agrees(text);
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("infield.yaml"), bytes).unwrap();
    load(
        &[],
        &Options {
            base: dir.path().to_owned(),
        },
    )
}

/// Everything that must hold whatever was read.
fn judge(loaded: &Loaded) {
    let shown = text::render(&loaded.diagnostics, &loaded.sources, text::Style::default());
    assert!(shown.ends_with('\n'));
    infield::diag::json::document(&loaded.diagnostics, &loaded.sources);
    infield::diag::sarif::render(&loaded.diagnostics, &loaded.sources, None);
    for line in infield::diag::github::render(&loaded.diagnostics, &loaded.sources).lines() {
        assert!(line.starts_with("::"), "{line}");
    }
    for diagnostic in &loaded.diagnostics {
        assert_ne!(diagnostic.code, code::INTERNAL, "{shown}");
        if let (Some(file), Some(span)) = (&diagnostic.file, diagnostic.span()) {
            let text = loaded.sources.get(file).unwrap().text();
            assert!(text.get(span.range()).is_some(), "{diagnostic:?}");
        }
    }
    if loaded.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        assert!(loaded.desired.surveys.is_empty(), "{shown}");
    }
}

#[test]
fn both_readers_of_yaml_read_most_manifests_of_the_tests() {
    let read = SEEDS.iter().filter(|text| second_reader::agrees(text)).count();
    assert!(read * 5 > SEEDS.len() * 4, "{read} of {}", SEEDS.len());
}

static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = ["examples", "tests/manifests/valid", "tests/manifests/invalid"]
        .into_iter()
        .flat_map(|folder| ignore::Walk::new(root.join(folder)).map(|entry| entry.unwrap().into_path()))
        .filter(|path| {
            path.extension().is_some_and(|e| e == "yaml") && !path.to_string_lossy().contains("laughs")
        })
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect()
});

/// A value of any shape, as YAML in flow style.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("live".to_owned()),
        Just("49%".to_owned()),
        Just("18-64".to_owned()),
        Just("0".to_owned()),
        Just("-1".to_owned()),
        Just("400".to_owned()),
        Just("1.5".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("99999999999999999999999999999999999999999999999".to_owned()),
        Just("3.75 USD".to_owned()),
        Just("\"94105\"".to_owned()),
        Just("gender".to_owned()),
        Just("http://[::1]/".to_owned()),
        Just("${X}".to_owned()),
        "[a-z]{1,8}",
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key(), inner, 0..4).prop_map(|map| {
                let entries: Vec<_> = map
                    .into_iter()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "name",
        "title",
        "locale",
        "completes",
        "incidence_rate",
        "length_of_interview",
        "field_days",
        "cpi",
        "live_url",
        "test_url",
        "status",
        "qualifications",
        "quotas",
        "where",
        "gender",
        "age",
        "zip",
        "us_state",
        "child_age",
        "\"211\"",
        "\"218\"",
        "\"999\"",
        "file",
        "purespectrum",
        "template_id",
        "category",
        "feot",
        "pacing",
        "interval",
        "qlc",
        "environments",
        "production",
        "sandbox",
        "cint",
        "token",
        "base_url",
        "guards",
        "exposure",
        "max_cpi",
        "state",
        "surveys",
        "ref",
        "exclusion_days",
        "on_remove",
        "innovatemr",
        "xyz",
    ])
    .prop_map(str::to_owned)
}

/// Values that fields of a survey take, and some that they do not.
fn survey() -> impl Strategy<Value = String> {
    let criteria = prop::collection::btree_map(
        prop::sample::select(vec![
            "gender",
            "age",
            "zip",
            "us_state",
            "\"211\"",
            "\"300\"",
            "household_income",
        ]),
        prop::sample::select(vec![
            "male",
            "[male, female]",
            "18-64",
            "[18-24, 25-34]",
            "[18-24, 20-34]",
            "5",
            "\"06\"",
            "[\"94105\"]",
            "[]",
            "{file: x.txt}",
            "9-1",
            "99999999999999999999",
        ]),
        0..3,
    )
    .prop_map(|map| {
        map.into_iter()
            .map(|(k, v)| format!("{k}: {v}"))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let quota = (
        prop::sample::select(vec!["a", "b", "c", "d e"]),
        prop::sample::select(vec![
            "0",
            "1",
            "200",
            "10000000",
            "49%",
            "33.333333%",
            "100%",
            "0.000001%",
            "0%",
        ]),
        criteria.clone(),
    )
        .prop_map(|(name, completes, criteria)| {
            format!("{{name: {name}, completes: {completes}, where: {{{criteria}}}}}")
        });
    (
        prop::collection::vec(quota, 0..6),
        criteria,
        prop::sample::select(vec!["1", "7", "400", "10000000", "null"]),
        prop::sample::select(vec![
            "3.75 USD",
            "market",
            "null",
            "0 USD",
            "1 XXX",
            "99999999999999999999999999999 USD",
        ]),
        prop::sample::select(vec!["draft", "live", "closed"]),
        prop::sample::select(vec![
            "{category: 1}",
            "{template_id: 15}",
            "{category: 1, qlc: true}",
            "{feot: {pacing: weeks, interval: 100000}, category: 3}",
        ]),
    )
        .prop_map(|(quotas, criteria, completes, cpi, status, block)| {
            format!(
                "kind: Survey\nname: s\ntitle: t\nlocale: en-US\ncompletes: {completes}\nincidence_rate: 5\n\
                 length_of_interview: 5\nfield_days: 3650\ncpi: {cpi}\nstatus: {status}\n\
                 qualifications: {{{criteria}}}\nquotas: [{}]\npurespectrum: {block}\n",
                quotas.join(", ")
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        judge(&load_bytes(&bytes));
    }

    #[test]
    fn any_yaml_like_text(text in "([a-z*&!|>'\"{}\\[\\],:#%@<~ \\-\n\té0-9]|: |- |\n  |<<: |&a |\\*a ){0,120}") {
        let (tree, problems) = yaml::parse(&text, yaml::Options { comments: true });
        for problem in &problems {
            prop_assert!(text.get(problem.span().unwrap().range()).is_some());
        }
        for document in tree.documents() {
            prop_assert!(text.get(document.span().range()).is_some());
            yaml::to_json(document, &mut Budget::default());
        }
        judge(&load_bytes(text.as_bytes()));
    }

    #[test]
    fn mutated_manifests(seed in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_usize), 1..6)) {
        let mut bytes = seed.get(&SEEDS).clone().into_bytes();
        for (place, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        judge(&load_bytes(&bytes));
    }

    #[test]
    fn any_values_under_known_keys(kind in prop::sample::select(vec!["Survey", "SurveyGroup", "Project"]), fields in prop::collection::btree_map(key(), value(), 0..8)) {
        let body: String = fields.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
        judge(&load_bytes(format!("kind: {kind}\n{body}").as_bytes()));
    }

    #[test]
    fn surveys_of_every_kind(text in survey()) {
        judge(&load_bytes(text.as_bytes()));
    }
}
