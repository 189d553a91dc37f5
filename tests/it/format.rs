//! The formatter keeps its promises: the same meaning, every comment, the same text when run again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::second_reader;
use infield::format::format;
use infield::yaml::{self, Budget, Options};
use proptest::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The values of all documents, and the comments.
fn meaning(text: &str) -> (Vec<Option<Value>>, Vec<String>) {
    let (tree, _) = yaml::parse(text, Options { comments: true });
    let values = tree
        .documents()
        .map(|root| yaml::to_json(root, &mut Budget::default()).0)
        .collect();
    let mut comments: Vec<String> = tree
        .comments()
        .iter()
        .map(|c| text[c.span.range()].trim_end().to_owned())
        .collect();
    comments.sort();
    (values, comments)
}

/// Formats, and checks every promise on the way.
fn formatted(text: &str) -> Option<String> {
    let made = format(text).ok()?;
    if let Some(before) = second_reader::read(text).filter(|_| second_reader::agrees(text)) {
        assert_eq!(second_reader::read(&made.text), Some(before), "from\n{text}");
        assert!(second_reader::agrees(&made.text));
    }
    assert_eq!(
        meaning(&made.text),
        meaning(text),
        "{text}\n---- became\n{}",
        made.text
    );
    let again = format(&made.text).unwrap();
    assert_eq!(again.text, made.text, "not the same when run again, from\n{text}");
    Some(made.text)
}

#[track_caller]
fn becomes(text: &str, wanted: &str) {
    assert_eq!(format(text).unwrap().kept, [], "{text}");
    let found = formatted(text).unwrap();
    assert_eq!(found, wanted, "found:\n{found}");
}

#[track_caller]
fn stays(text: &str, why: &str) {
    let made = format(text).unwrap();
    assert_eq!(made.text, text);
    let reasons: Vec<_> = made.kept.iter().map(|kept| kept.why).collect();
    assert_eq!(reasons, [why], "{text}");
}

#[test]
fn keys_are_ordered_and_comments_move_with_them() {
    becomes(
        "# yaml-language-server: $schema=x\n# The tracker.\nname:   soda # identity\nkind: Survey\n\n\n# price\n\
         # agreed in May\ncpi: 3.75 USD\npurespectrum:\n    category: 232   # beverages\n    template_id: 15\n\
         completes: 400\n# the end\n",
        "# yaml-language-server: $schema=x\n# The tracker.\nkind: Survey\nname: soda   # identity\ncompletes: 400\n\n\
         # price\n# agreed in May\ncpi: 3.75 USD\npurespectrum:\n  template_id: 15\n  category: 232     # beverages\n\
         # the end\n",
    );
}

#[test]
fn names_that_people_chose_keep_their_order() {
    becomes(
        "kind: Survey\nname: a\nqualifications: {us_state: [ oregon ],gender : male}\npurespectrum: {}\n",
        "kind: Survey\nname: a\nqualifications: {us_state: [oregon], gender: male}\npurespectrum: {}\n",
    );
}

#[test]
fn lists_are_indented_and_what_was_commented_out_stays_in_its_list() {
    becomes(
        "kind: Survey\nname: a\npurespectrum: {}\nquotas: # two\n- where: {gender: male}\n  name: men\n\n  completes: 2\n  \
         # where: {age: 18-34}\n  # - name: others\n-   {where: {gender: female},name: women, completes: 3 } # all\n",
        "kind: Survey\nname: a\nquotas: # two\n  - name: men\n\n    completes: 2\n    where: {gender: male}\n    \
         # where: {age: 18-34}\n    # - name: others\n  - {name: women, completes: 3, where: {gender: female}} # all\npurespectrum: {}\n",
    );
}

#[test]
fn long_texts_move_as_they_are() {
    becomes(
        "kind: Survey\nname: a\npurespectrum:\n     buyer_message: |\n            Two\n              lines.\n\n            More.\n     billing_id: >-\n       folded\n       text\n\n     subscriber_emails:\n       - \"a\n          b\"\n       - [x@example.com,\n          y@example.com]\ntitle: one\n  and two\n",
        "kind: Survey\nname: a\ntitle: one\n  and two\npurespectrum:\n  billing_id: >-\n    folded\n    text\n  buyer_message: |\n         Two\n           lines.\n\n         More.\n\n  subscriber_emails:\n    - \"a\n       b\"\n    - [x@example.com,\n       y@example.com]\n",
    );
}

#[test]
fn documents_markers_ends_of_lines_and_byte_order_marks_are_kept() {
    becomes(
        "\u{feff}---   # first\r\n\r\nname: a\r\nkind: Survey\r\npurespectrum: {}\r\n\r\n\r\n---\r\n# only a comment\r\n---\r\nname: b\r\nkind: Survey\r\npurespectrum:\r\n",
        "\u{feff}---   # first\r\nkind: Survey\r\nname: a\r\npurespectrum: {}\r\n---\r\n# only a comment\r\n---\r\nkind: Survey\r\nname: b\r\npurespectrum:\r\n",
    );
}

#[test]
fn anchors_stay_before_their_aliases() {
    becomes(
        "kind: Survey\nname: a\npurespectrum: {}\nquotas:\n- {name: x, completes: 1, where: &w {gender:   male}}\n\
         qualifications: *w\n",
        "kind: Survey\nname: a\npurespectrum: {}\nquotas:\n  - {name: x, completes: 1, where: &w {gender:   male}}\n\
         qualifications: *w\n",
    );
    becomes(
        "kind: Survey\nname: a\nquotas: []\nqualifications: &q\n     age: 18-64\npurespectrum: {}\n",
        "kind: Survey\nname: a\nqualifications: &q\n  age: 18-64\nquotas: []\npurespectrum: {}\n",
    );
}

#[test]
fn what_cannot_be_laid_out_stays_and_is_named() {
    stays(
        "{kind: Survey,   name: a}\n",
        "it is written in braces as a whole",
    );
    stays(
        "%YAML 1.2\n---\nkind: Survey\nname:   a\n",
        "it has directives or `...`",
    );
    stays("kind: Survey\n? name\n: a\n", "it has keys behind `?`");
    stays(
        "kind: Survey\nname: a\ntitle:   # why\n  Soda\n",
        "a comment stands between a key and its value",
    );
    stays(
        "kind: Survey\nname: a\ntitle: |1\n  x\n",
        "a text says its own indent",
    );
}

#[test]
fn what_is_no_manifest_is_not_touched() {
    for text in [
        "",
        "\n\n",
        "# nothing\n",
        "on:   push\njobs: {a:   1}\n",
        "- a\n-   b\n",
        "kind: Other\nb:   1\n",
    ] {
        assert_eq!(formatted(text).unwrap(), text);
    }
    assert!(format("kind: [\n").is_err());
    assert!(format("a: 1\na: 2\n").is_err());
}

#[test]
fn what_ships_is_in_canonical_form() {
    for folder in ["examples", "tests/manifests/valid"] {
        for path in manifests(folder) {
            let text = std::fs::read_to_string(&path).unwrap();
            let made = format(&text).unwrap();
            assert_eq!(made.kept, [], "{}", path.display());
            if folder == "examples" {
                assert_eq!(made.text, text, "{}: run `infield fmt examples`", path.display());
            }
        }
    }
    for (name, text) in infield::manifest::starter::files("acme") {
        if name.ends_with(".yaml") {
            assert_eq!(format(&text).unwrap().text, text, "{name}");
        }
    }
}

fn manifests(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = ignore::Walk::new(root).map(|entry| entry.unwrap().into_path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_manifest_of_the_tests_keeps_its_meaning() {
    let mut laid_out = 0;
    for path in manifests("tests/manifests")
        .into_iter()
        .chain(manifests("examples"))
    {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if path.to_string_lossy().contains("laughs") {
            continue;
        }
        if let Some(made) = formatted(&text) {
            laid_out += usize::from(made != text);
        }
    }
    assert!(laid_out > 3, "{laid_out} were changed at all");
}

/// A text of manifests as people might write them, good and bad.
fn document() -> impl Strategy<Value = String> {
    let comment = prop_oneof![3 => Just(String::new()), 1 => Just("# a comment\n".to_owned()), 1 => Just("\n".to_owned()), 1 => Just("    # deep\n".to_owned())];
    let beside = prop_oneof![3 => Just(String::new()), 1 => Just("  # beside".to_owned()), 1 => Just(" # b".to_owned())];
    let value = prop_oneof![
        Just(" soda".to_owned()),
        Just("   18-64".to_owned()),
        Just(" \"a # b\"".to_owned()),
        Just(" 'it''s'".to_owned()),
        Just(" { gender : male,age: [18-24,25-34] }".to_owned()),
        Just(" [ ]".to_owned()),
        Just("".to_owned()),
        Just(" &x y".to_owned()),
        Just(" *x".to_owned()),
        Just(" !!str 5".to_owned()),
        Just(" |\n      text\n        more".to_owned()),
        Just(" >+\n      folded\n\n".to_owned()),
        Just(" two\n      lines".to_owned()),
        Just("\n      below".to_owned()),
        Just("\n      # about\n      category: 5\n      template_id: 7".to_owned()),
        Just("\n    - {where: {age: 18-34}, name: a}\n    # - b\n    - name: c\n      where:\n        gender: male\n      completes: 7".to_owned()),
        Just(" {a: 1,\n      b: 2}".to_owned()),
    ];
    // Each key once: a text with a key twice is refused before anything is laid out.
    let keys = prop::sample::subsequence(
        vec![
            "title",
            "completes",
            "cpi",
            "status",
            "quotas",
            "qualifications",
            "purespectrum",
            "live_url",
            "groups",
            "\"locale\"",
            "what",
            "<<",
        ],
        0..7,
    )
    .prop_shuffle();
    let rest = proptest::collection::vec((comment.clone(), value, beside), 7);
    (comment.clone(), keys, rest, comment, any::<bool>(), 0..3_usize).prop_map(
        |(head, keys, rest, tail, swapped, newlines)| {
            let lead = if swapped {
                "name: a\nkind: Survey\n"
            } else {
                "kind: Survey\nname: a\n"
            };
            let entries: String = keys
                .iter()
                .zip(rest)
                .map(|(key, (above, value, beside))| format!("{above}{key}:{value}{beside}\n"))
                .collect();
            format!("{head}{lead}{entries}{tail}{}", "\n".repeat(newlines))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_manifest_keeps_its_meaning_and_its_comments(documents in proptest::collection::vec(document(), 1..3), crlf in any::<bool>()) {
        let mut text = documents.join("---\n");
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        formatted(&text);
    }

    #[test]
    fn any_text_at_all_is_formatted_faithfully_or_refused(text in "(kind: Survey\n)?[-a-c:#&*!|>'\"{}\\[\\], \n%?.~0]{0,60}") {
        formatted(&text);
    }
}
