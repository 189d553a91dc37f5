//! No setting is dead: what a project may say, what is assumed of a vendor and which paths can be corrected is read somewhere.
//!
//! Reads the source as text, without its tests and remarks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder that is no test.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            files(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The code of a file, without remarks and what only tests have.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The source: each file with its code.
fn source() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join("src"), &mut found);
    found
        .into_iter()
        .map(|path| (path.clone(), code(&path)))
        .collect()
}

/// How often a word stands in a text.
fn count(text: &str, word: &str) -> usize {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let places = text.match_indices(word).filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    });
    places.count()
}

/// The names that follow a keyword at the start of a line.
fn declared<'a>(code: &'a str, keywords: &[&str]) -> BTreeSet<&'a str> {
    let after = |line: &'a str| {
        keywords
            .iter()
            .find_map(|word| line.trim_start().strip_prefix(word))
    };
    let name = |rest: &'a str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
    code.lines().filter_map(|line| name(after(line)?)).collect()
}

#[test]
fn every_assumption_about_a_vendor_is_read() {
    let source = source();
    let tables = source.iter().filter(|(path, _)| path.ends_with("assumptions.rs"));
    let mut dead = Vec::new();
    for (path, own) in tables {
        let elsewhere = |word: &str| {
            let others = source.iter().filter(|(other, _)| other != path);
            others.map(|(_, code)| count(code, word)).sum::<usize>()
        };
        for name in declared(own, &["pub const ", "pub(super) const "]) {
            if elsewhere(name) == 0 && count(own, name) == 1 {
                dead.push(format!("{}: {name}", path.display()));
            }
        }
        // A path that can be corrected is asked for by its variant.
        let variants = own
            .split_once("pub enum Endpoint {")
            .map(|(_, rest)| rest.split_once('}').unwrap().0);
        for name in variants.into_iter().flat_map(|body| body.split(',')) {
            let name = name.trim();
            if !name.is_empty() && elsewhere(&format!("Endpoint::{name}")) == 0 {
                dead.push(format!("{}: the path of {name}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "nothing reads {dead:#?}");
}

/// The keys of a schema, and of all that is inside of it, but for what surveys may say.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    if !schema.is_object() {
        return;
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (key, inner) in properties.iter().filter(|(key, _)| *key != "defaults") {
            found.insert(key.clone());
            keys(inner, found);
        }
    }
    for inner in [&schema["additionalProperties"], &schema["items"]] {
        keys(inner, found);
    }
    for inner in ["anyOf", "oneOf"]
        .iter()
        .filter_map(|key| schema[*key].as_array())
        .flatten()
    {
        keys(inner, found);
    }
}

#[test]
fn every_setting_of_a_project_is_read() {
    let schema = fs::read_to_string(root().join("schemas/project.schema.json")).unwrap();
    let mut settings = BTreeSet::new();
    keys(&serde_json::from_str(&schema).unwrap(), &mut settings);
    assert!(
        settings.len() > 40 && settings.contains("re_entry_path"),
        "{settings:?}"
    );
    // Where settings are described does not count.
    let described = |line: &&str| !line.contains("\"title\"") && !line.contains("schemars");
    let mut source = source();
    source.retain(|(path, _)| !path.components().any(|part| part.as_os_str() == "shape"));
    let code: Vec<String> = source
        .iter()
        .map(|(_, code)| code.lines().filter(described).collect::<Vec<_>>().join("\n"))
        .collect();
    // As a field, or as the text of a key.
    let read = |key: &String| {
        let names = [
            format!(".{key}"),
            format!("\"{key}\""),
            format!("\"/{key}\""),
            format!("/{key}\""),
        ];
        let field = |text: &String| names.iter().any(|name| text.contains(name.as_str()));
        code.iter().any(field)
    };
    let dead: Vec<&String> = settings.iter().filter(|key| !read(key)).collect();
    assert!(dead.is_empty(), "nothing reads {dead:#?}");
}
