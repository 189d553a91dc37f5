//! `infield explain` tells the truth: every code and every kind of note has a text, and what its examples are said to do
//! is what they do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use infield::diag::explain::{self, Piece, Topic};
use infield::diag::{code, text};
use infield::manifest::{Loaded, Options, load};
use infield::plan::NoteKind;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every kind of note. A new one does not compile here until it is listed.
fn kinds() -> Vec<NoteKind> {
    let next = |kind| match kind {
        NoteKind::Refused => Some(NoteKind::Blocked),
        NoteKind::Blocked => Some(NoteKind::Drift),
        NoteKind::Drift => Some(NoteKind::EndedShort),
        NoteKind::EndedShort => Some(NoteKind::SoftLaunchWaiting),
        NoteKind::SoftLaunchWaiting => Some(NoteKind::Held),
        NoteKind::Held => Some(NoteKind::Unsupported),
        NoteKind::Unsupported => Some(NoteKind::Unmanaged),
        NoteKind::Unmanaged => Some(NoteKind::Moved),
        NoteKind::Moved => Some(NoteKind::Advice),
        NoteKind::Advice => Some(NoteKind::Done),
        NoteKind::Done => None,
    };
    std::iter::successors(Some(NoteKind::Refused), |kind| next(*kind)).collect()
}

#[test]
fn every_code_and_every_kind_of_note_is_explained_and_nothing_else() {
    let explained: BTreeSet<String> = explain::all().iter().map(|topic| topic.name.to_owned()).collect();
    let codes = code::ALL
        .iter()
        .map(|code| code.id().replacen("infield::", "", 1));
    let wanted: BTreeSet<String> = codes.chain(kinds().iter().map(ToString::to_string)).collect();
    let missing: Vec<_> = wanted.difference(&explained).collect();
    let extra: Vec<_> = explained.difference(&wanted).collect();
    assert!(
        missing.is_empty(),
        "write about {missing:?} in src/diag/explain/*.md"
    );
    assert!(
        extra.is_empty(),
        "nothing gives {extra:?} any more: take it out of src/diag/explain/*.md"
    );
}

/// Codes whose reason is no manifest that could be shown.
const WITHOUT_EXAMPLE: [&str; 9] = [
    "file::missing",
    "file::unreadable",
    "file::too-big",
    "file::not-utf8",
    "yaml::budget",
    "manifest::nothing",
    // Needs a state, two folders, or a mistake of ours.
    "template::changed",
    // Only the vendor can tell.
    "outcome::other-survey",
    "internal::bug",
];

fn opened(words: &str, block: &str, lists: &[(String, String)]) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let mut name = "survey.yaml";
    let mut whole = block.contains("kind: ");
    for word in words.split(' ').skip(2) {
        match word {
            "as-is" => whole = true,
            other => name = other,
        }
    }
    let mut manifest = String::new();
    if !whole {
        manifest.push_str("kind: Survey\nname: soda\n");
        if !block.contains("purespectrum:") && !block.contains("innovatemr:") && !block.contains("cint:") {
            manifest.push_str("purespectrum: {template_id: 15}\n");
        }
    }
    manifest.push_str(block);
    fs::write(dir.path().join(name), manifest).unwrap();
    for (path, content) in lists {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    load(
        &[],
        &Options {
            base: dir.path().to_owned(),
        },
    )
}

fn shown(loaded: &Loaded) -> String {
    text::render(&loaded.diagnostics, &loaded.sources, text::Style::default())
}

fn check(topic: Topic, faults: &mut Vec<String>) -> usize {
    let mut lists = Vec::new();
    let mut wrong = 0;
    for piece in topic.pieces() {
        let Piece::Block(words, block) = piece else {
            continue;
        };
        let id = format!("infield::{}", topic.name);
        let parts: Vec<&str> = words.split(' ').collect();
        match parts.as_slice() {
            ["text", path] => lists.push(((*path).to_owned(), block.to_owned())),
            ["yaml", "wrong", ..] => {
                let loaded = opened(words, block, &lists);
                let found = loaded.diagnostics.iter().any(|d| d.code.id() == id);
                if !found {
                    faults.push(format!(
                        "{}: not wrong in that way\n{block}\n{}",
                        topic.name,
                        shown(&loaded)
                    ));
                }
                wrong += 1;
            }
            ["yaml", "right", ..] => {
                let loaded = opened(words, block, &lists);
                let found = loaded.diagnostics.iter().any(|d| d.code.id() == id);
                if found || loaded.has_errors() {
                    faults.push(format!("{}: not right\n{block}\n{}", topic.name, shown(&loaded)));
                }
            }
            _ => {}
        }
    }
    wrong
}

#[test]
fn examples_do_what_they_are_said_to_do() {
    let mut faults = Vec::new();
    for topic in explain::all().iter().filter(|topic| topic.is_code()) {
        let wrong = check(*topic, &mut faults);
        let without = WITHOUT_EXAMPLE.contains(&topic.name) || topic.name == "project::several";
        if (wrong == 0) != without {
            faults.push(format!("{} has {wrong} wrong examples", topic.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sarif_carries_the_text_with_every_rule_that_occurs() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/invalid/quota-gap.yaml");
    let base = case.parent().unwrap().to_owned();
    let loaded = load(&[case], &Options { base });
    let log: serde_json::Value = serde_json::from_str(&infield::diag::sarif::render(
        &loaded.diagnostics,
        &loaded.sources,
        None,
    ))
    .unwrap();
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "infield::quota::gap");
    let help = rule["help"]["markdown"].as_str().unwrap();
    assert!(
        help.contains("belong to no quota") && help.contains("```yaml\nquotas:"),
        "{help}"
    );
    assert!(
        rule["help"]["text"]
            .as_str()
            .unwrap()
            .contains("belong to no quota")
    );
}
