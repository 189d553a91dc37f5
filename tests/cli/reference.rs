//! The reference in `docs/reference`: what the program says of its commands, of the fields of manifests and of its codes, on
//! pages of the book. `UPDATE_README=1 cargo test --test cli readme` and the same with `reference` write it anew.

use crate::readme::{pages, settle};
use crate::support::{INFIELD, isolated};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const DO_NOT_EDIT: &str =
    "<!-- Written by the program: UPDATE_README=1 cargo test --test cli reference -->\n";

fn says(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = isolated(&INFIELD, home.path(), home.path());
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names below a heading of a help page, each at the start of its line.
fn subcommands(help: &str) -> Vec<&str> {
    let after = help.split_once("\nCommands:\n").map_or("", |(_, after)| after);
    let lines = after.lines().take_while(|line| !line.is_empty());
    let own = lines.filter_map(|line| line.strip_prefix("  "));
    let names = own
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// The help of a command, and of all that are below it.
fn helps(page: &mut String, path: &[&str]) {
    let mut arguments = path.to_vec();
    arguments.push("--help");
    let help = says(&arguments);
    let depth = "#".repeat(path.len() + 1);
    if !path.is_empty() {
        let _ = write!(
            page,
            "\n{depth} infield {}\n\n```text\n{}\n```\n",
            path.join(" "),
            help.trim_end()
        );
    }
    for name in subcommands(&help) {
        let mut below = path.to_vec();
        below.push(name);
        helps(page, &below);
    }
}

fn commands() -> String {
    let mut page = format!(
        "# Every command\n\n{DO_NOT_EDIT}\nWhat each command says with `--help`. What is worth knowing beyond it is in \
         [Commands](../commands.md).\n"
    );
    helps(&mut page, &[]);
    page
}

/// A value as a manifest would write it on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// What a schema takes, in words.
fn takes(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(shown).collect::<Vec<_>>().join(", ");
    }
    if let Some(word) = schema.get("const") {
        return shown(word);
    }
    // Before it stands what a document with a matrix may write instead, `${...}`.
    if schema.get("else").is_some_and(|own| own.get("type").is_some()) {
        return takes(&schema["else"]);
    }
    if let Some(ways) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let mut all: Vec<String> = Vec::new();
        for way in ways.iter().map(takes).filter(|way| !way.is_empty()) {
            if !all.contains(&way) {
                all.push(way);
            }
        }
        return all.join(" or ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => Vec::new(),
    };
    // A text in place of a mapping or a list is `${...}` again.
    let whole = kinds.iter().any(|kind| ["object", "array"].contains(kind));
    let words = kinds.iter().filter(|kind| !(whole && **kind == "string"));
    let words = words.map(|kind| match *kind {
        "object" => "mapping",
        "array" => "list",
        "string" => "text",
        "integer" => "whole number",
        "boolean" => "`true`, `false`",
        "null" => "`null`",
        other => other,
    });
    let words = words.collect::<Vec<_>>().join(" or ");
    let number = kinds.iter().any(|kind| ["integer", "number"].contains(kind));
    match (number, &schema["minimum"], &schema["maximum"]) {
        (true, Value::Number(least), Value::Number(most)) => format!("{words}, {least} to {most}"),
        _ => words,
    }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    let lines: Vec<&str> = text.split_whitespace().collect();
    lines.join(" ").replace('|', "\\|")
}

/// Questions have a place of their own; there are too many of them for a row each.
const QUESTIONS: [&str; 2] = ["qualifications", "where"];

/// A row for every field, and for those inside of it.
fn rows(table: &mut String, schema: &Value, inside: &str) {
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let empty = Map::new();
    for (name, field) in schema["properties"].as_object().unwrap_or(&empty) {
        // Said where it points to; a project's defaults are what surveys say.
        if field.get("$ref").is_some() || (inside.is_empty() && name == "defaults") {
            continue;
        }
        let path = format!("{inside}{name}");
        let needed = if required.contains(name.as_str()) {
            ", required"
        } else {
            ""
        };
        let example = field["examples"]
            .as_array()
            .and_then(|all| all.first())
            .map(shown)
            .unwrap_or_default();
        let about = field["description"]
            .as_str()
            .or(field["title"].as_str())
            .unwrap_or_default();
        assert!(
            !about.is_empty() || name == "kind",
            "{path} says nothing about itself"
        );
        let _ = writeln!(
            table,
            "| `{path}` | {}{needed} | {} | {} |",
            cell(&takes(field)),
            cell(about),
            cell(&example)
        );
        if !QUESTIONS.contains(&name.as_str()) {
            rows(table, field, &format!("{path}."));
            rows(table, &field["items"], &format!("{path}[]."));
            rows(table, &field["additionalProperties"], &format!("{path}.NAME."));
        }
    }
}

fn fields() -> String {
    let kinds = [
        ("A survey", "survey"),
        ("An exclusion group", "surveygroup"),
        ("A reconciliation", "reconciliation"),
        ("A test", "test"),
        ("A project, `infield.yaml`", "project"),
    ];
    let mut page = format!(
        "# Every field\n\n{DO_NOT_EDIT}\nWhat manifests may say, from the schemas that editors use. `${{...}}` may stand in place of a \
         value in a document with a `matrix`. What a survey says, its groups, its block of a marketplace, `defaults.yaml` and the \
         `defaults` of a project may say as well. Questions and answers, below `qualifications` and `where`, are in [Look things \
         up](../lookup.md); an example of each is in [Manifests](../manifests.md).\n"
    );
    for (title, schema) in kinds {
        let schema: Value = serde_json::from_str(&says(&["schema", schema])).unwrap();
        let _ = write!(
            page,
            "\n## {title}\n\n| field | takes | what it is | example |\n|---|---|---|---|\n"
        );
        rows(&mut page, &schema, "");
    }
    page
}

fn codes() -> String {
    let mut page = format!(
        "# Every code\n\n{DO_NOT_EDIT}\nProblems of manifests by their codes, and the notes of plans. `infield explain CODE` says the \
         same.\n"
    );
    let list = says(&["explain"]);
    let names = list
        .lines()
        .filter(|line| !line.starts_with(' ') && !line.is_empty() && !line.contains(' '));
    for name in names {
        // Nobody can run these sessions here, as the rest of the book's are.
        let text = says(&["explain", name, "--format", "markdown"]).replace("```console", "```text");
        let _ = write!(page, "\n{}\n", text.trim_end());
    }
    page
}

#[test]
fn the_reference_is_what_the_program_says() {
    let found = pages();
    let written = [("commands", commands()), ("fields", fields()), ("codes", codes())];
    for (name, wanted) in written {
        let page = format!("docs/reference/{name}.md");
        settle(&page, found.get(&page).map_or("", String::as_str), &wanted);
        assert!(
            wanted.lines().count() > 100,
            "{page} has lost what it is made from"
        );
    }
}

/// Those of manifests and those of what the program prints and keeps: a field of a survey stands in several.
#[test]
fn every_committed_schema_is_what_the_program_writes() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    says(&["schema", "--check", committed]);
}
