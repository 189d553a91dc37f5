//! The tree as a whole: spans, merge keys, numbers, hostile inputs, broken documents.

use super::{Budget, Node, Options, Tree, parse, second_reader, to_json};
use crate::diag::{Diagnostic, code};
use proptest::prelude::*;
use serde_json::json;

fn read(text: &str) -> (Tree<'_>, Vec<Diagnostic>) {
    second_reader::agrees(text);
    parse(text, Options { comments: true })
}

fn at<'a>(text: &'a str, root: Node<'_, '_>, pointer: &str) -> &'a str {
    let (located, exact) = root.locate(pointer);
    assert!(exact, "{pointer}");
    &text[located.value.range()]
}

#[test]
fn spans_are_exact_in_every_style() {
    let text = "\u{feff}# ü\r\na:\r\n  - é: \"x\\ty\" # c\r\n    b: 'it''s'\r\n  - [1, {k: v}]\r\nz: |\r\n  block\r\nn:\r\n";
    let (tree, problems) = read(text);
    assert_eq!(problems, []);
    let root = tree.documents().next().unwrap();
    assert_eq!(at(text, root, "/a/0/é"), "\"x\\ty\"");
    assert_eq!(at(text, root, "/a/0/b"), "'it''s'");
    assert_eq!(at(text, root, "/a/0"), "é: \"x\\ty\" # c\r\n    b: 'it''s'");
    assert_eq!(at(text, root, "/a/1"), "[1, {k: v}]");
    assert_eq!(at(text, root, "/a/1/1"), "{k: v}");
    assert_eq!(&text[root.locate("/a/0/é").0.key.unwrap().range()], "é");
    assert_eq!(&text[root.locate("/n").0.visible().range()], "n");
    assert_eq!(&text[root.locate("/a/1/7/x").0.value.range()], "[1, {k: v}]");
    let comments: Vec<_> = tree
        .comments()
        .iter()
        .map(|c| (&text[c.span.range()], c.trailing))
        .collect();
    assert_eq!(comments, [("# ü", false), ("# c", true)]);
    let (value, _) = to_json(root, &mut Budget::default());
    assert_eq!(value.unwrap()["a"][0]["é"], "x\ty");
}

#[test]
fn merged_entries_come_from_their_anchors_and_written_ones_win() {
    let text =
        "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nall: {<<: [*b, *m], x: 9}\nalias: *b\n\"<<\": text\n";
    let (tree, problems) = read(text);
    assert_eq!(problems, []);
    let root = tree.documents().next().unwrap();
    let (value, problems) = to_json(root, &mut Budget::default());
    assert_eq!(problems, []);
    let value = value.unwrap();
    assert_eq!(value["all"], json!({"x": 9, "y": 2, "z": 4}));
    assert_eq!(value["<<"], "text");
    assert_eq!(
        root.locate("/all/z").0.value.start as usize,
        text.find('4').unwrap()
    );
    assert_eq!(at(text, root, "/alias"), "*b");
    assert_eq!(at(text, root, "/alias/x"), "1");
}

#[test]
fn numbers_keep_what_was_written() {
    let text = "[18446744073709551615, 18446744073709551616, 0.1, 400.0, -3, 0x10, NO, 012]";
    let (tree, _) = read(text);
    let (value, problems) = to_json(tree.documents().next().unwrap(), &mut Budget::default());
    let value = value.unwrap();
    assert_eq!(value[0], json!(18_446_744_073_709_551_615_u64));
    assert!(value[1].is_f64() && value[2].is_f64());
    let rest: Vec<_> = (3..8).map(|i| value[i].clone()).collect();
    assert_eq!(rest, [json!(400), json!(-3), json!(16), json!("NO"), json!(12)]);
    assert_eq!(problems.len(), 2, "two traps");
}

#[test]
fn hostile_inputs_end_early() {
    for text in [
        "[".repeat(100_000),
        "- ".repeat(50_000),
        "{a: ".repeat(100_000),
        "? ".repeat(50_000),
    ] {
        let (_, problems) = read(&text);
        assert!(!problems.is_empty());
    }
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(10_000), "*a,".repeat(20_000));
    let (tree, problems) = read(&wide);
    assert_eq!(problems, []);
    let (value, problems) = to_json(tree.documents().next().unwrap(), &mut Budget::default());
    assert!(value.is_none());
    assert_eq!(problems[0].code, code::YAML_BUDGET);
    let merges: String = (1..40)
        .map(|i| format!("a{i}: &a{i} {{<<: [*a{0}, *a{0}, *a{0}]}}\n", i - 1))
        .collect();
    let merges = format!("a0: &a0 {{x: 1}}\n{merges}");
    let (tree, _) = read(&merges);
    let root = tree.documents().next().unwrap();
    assert!(to_json(root, &mut Budget::default()).0.is_none());
    assert!(!root.locate("/a39/nothing").1);
    let comments = "# c\n".repeat(50_000) + "a: 1\n";
    assert_eq!(read(&comments).1, []);
}

#[test]
fn a_second_reader_reads_the_same() {
    for text in [
        "",
        "# nothing\n",
        "---\n---\na: 1\n...\n",
        "a: [1, -1, 0x1F, 0o17, 400.0, 3.75, 1e3, .5, 5., -.inf, .nan, 18446744073709551615]\n",
        "a: [012, -007, 0b11, +0x1F, 1e400]\n",
        "a: [yes, NO, on, k, 12:30:00, 1_000, 2026-11-21, ~, Null, TRUE, '1', \"2\"]\n",
        "1: a\ntrue: b\nnull: c\n012: d\n'x': e\n",
        "b: &b {x: 1, y: 2}\nm: &m {y: 3, z: '4'}\nall: {<<: [*b, *m], x: 9}\nalias: *b\n",
        "n: &n {<<: {a: 1}, b: 2}\nall: {<<: *n, c: 3}\n",
        "\"<<\": {a: 1}\n",
        "a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\nc: \"a\\tb\\u00e9\\\n   c\"\nd: 'it''s'\n",
        "a: !!str 5\nb: !!int \"7\"\nc: !!float 1\nd: ! x\n",
        "\u{feff}a: ü\r\nb:\r\n  - c\r\n",
        "a:\n- b\n-\n- - c\n  - d: e\n    f:\n",
        "{a: [b, {c: d}, e: f], \"g\": , h}\n",
        "a: |\n  x\n# c",
        "a: |\n  # c\n# c",
        "a: |\n  x\n  ",
        "a: >\n  x\n  y\n\n  z",
    ] {
        assert!(second_reader::agrees(text), "one of them refuses\n{text}");
    }
}

/// YAML 1.2.2, 8.1.1.2.
#[test]
fn a_block_text_at_the_end_of_a_file_without_a_line_break_has_none_either() {
    for (text, value) in [
        ("a: |\n  x", "x"),
        ("a: |\n  x\n    y ", "x\n  y "),
        ("a: |\r\n  x\r\n  y", "x\ny"),
        ("a: >\n  x\n  y", "x y"),
        ("a: |+\n  x", "x"),
        ("a: |-\n  x", "x"),
        ("a: |\n  x\n   ", "x\n "),
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\n  x\n# c", "x\n"),
        ("a: |\n  # c\n# c", "# c\n"),
        ("- a: |\n    x\n- b", "x\n"),
    ] {
        let (tree, problems) = read(text);
        assert_eq!(problems, []);
        let (value_of, _) = to_json(tree.documents().next().unwrap(), &mut Budget::default());
        let value_of = value_of.unwrap();
        let found = value_of
            .get("a")
            .or(value_of.get(0).and_then(|item| item.get("a")));
        assert_eq!(found.unwrap(), value, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_reader_reads_any_scalar_alike(text in "[-+.]{0,2}(0x|0o|0b)?[0-9a-fA-F_.:eE+-]{0,8}|[~a-zA-Z]{1,5}|[ -~]{0,12}|\\PC{0,8}") {
        read(&text);
        read(&format!("a: {text}\n"));
        read(&format!("{text}: a\n"));
        read(&format!("[{text}, '{text}', \"{text}\"]\n"));
        read(&format!("a: |\n  {text}\n  {text}\nb: >\n {text}\n\n {text}\n"));
    }

    #[test]
    fn a_second_reader_reads_any_text_alike(text in "(a|b|: |- |\\? |\n|\n  |\n    |\\[|\\]|\\{|\\}|, |'|\"|# c|&x |\\*x|<<: |!!str |\\||>|-|\\+|1|---\n|\\.\\.\\.\n|\t|é|~|%){0,24}") {
        read(&text);
    }
}

#[test]
fn a_broken_document_does_not_take_others_with_it() {
    let (tree, problems) = read("a: 1\n---\nb: *none\n---\nc: {d: [}\n---\ne: 5\n");
    assert_eq!(problems.len(), 2);
    let values: Vec<_> = tree
        .documents()
        .map(|root| to_json(root, &mut Budget::default()).0.unwrap())
        .collect();
    assert_eq!(values, [json!({"a": 1}), json!({"e": 5})]);
}
