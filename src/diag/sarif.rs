//! Diagnostics as SARIF 2.1.0, for code-scanning services.
//!
//! Promises: columns are in characters and say so (`columnKind`), paths are relative URIs with escapes, and every
//! code that occurs is described once in the list of rules.

use super::{Code, Diagnostic, Diagnostics, Sources, Span, explain};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The list as an indented SARIF log with one run, ended by a line break. The run is named after the project, because a service
/// that gets two of the same name for a commit keeps one.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, project: Option<&str>) -> String {
    let rules: BTreeMap<&str, Code> = diagnostics.iter().map(|d| (d.code.id(), d.code)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "infield",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|d| result(d, sources, &index)).collect::<Vec<_>>(),
        }],
    });
    if let Some(project) = project {
        // What stands before the last slash is the category of the run.
        log["runs"][0]["automationDetails"] = json!({"id": format!("infield/{project}/")});
    }
    let mut text = serde_json::to_string_pretty(&log).expect("a JSON value always serialises");
    text.push('\n');
    text
}

/// What a service shows beside a problem: the sentence of its code, and what `infield explain` says.
fn rule(code: Code) -> Value {
    let mut rule = json!({"id": code.id(), "shortDescription": {"text": code.explanation()}});
    if let Some(topic) = explain::of(code) {
        rule["help"] = json!({"text": topic.plain(100), "markdown": topic.markdown()});
    }
    rule
}

fn result(diagnostic: &Diagnostic, sources: &Sources, index: &BTreeMap<&str, usize>) -> Value {
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message = format!("{message}. {help}");
    }
    let mut result = json!({
        "ruleId": diagnostic.code.id(),
        "ruleIndex": index.get(diagnostic.code.id()),
        // The words are SARIF's own.
        "level": diagnostic.severity.word(),
        "message": {"text": message},
    });
    if let Some(file) = &diagnostic.file {
        result["locations"] = json!([location(file, diagnostic.span(), None, sources)]);
    }
    if !diagnostic.secondary.is_empty() {
        let related: Vec<_> = diagnostic
            .secondary
            .iter()
            .filter_map(|label| {
                let file = label.file.as_ref().or(diagnostic.file.as_ref())?;
                Some(location(file, Some(label.span), Some(&label.text), sources))
            })
            .collect();
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

fn location(file: &str, span: Option<Span>, text: Option<&str>, sources: &Sources) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&sources.name_for_services(file))}});
    if let Some((start, end)) = span.and_then(|span| sources.positions(file, span)) {
        physical["region"] = json!({
            "startLine": start.line, "startColumn": start.column,
            "endLine": end.line, "endColumn": end.column,
        });
    }
    let mut location = json!({"physicalLocation": physical});
    if let Some(text) = text {
        location["message"] = json!({"text": text});
    }
    location
}

/// What a path keeps as it is in a URI reference besides letters and digits.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A path as a URI reference: everything but unreserved characters and slashes is percent-encoded.
fn uri(path: &str) -> String {
    utf8_percent_encode(&path.replace('\\', "/"), KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceFile, Workspace, code};
    use std::path::Path;

    #[test]
    fn a_log_names_rule_place_and_level() {
        let mut sources = Sources::default();
        sources.insert(SourceFile::new("a b.yaml".into(), "x: 1\ny: 2\n".into()));
        let mut list = Diagnostics::default();
        list.push(
            Diagnostic::warning(code::SHAPE_TYPE, "wrong")
                .in_file(&"a b.yaml".into())
                .at(Span::new(8, 9), "")
                .also(Span::new(3, 4), "first"),
        );
        let log: Value = serde_json::from_str(&render(&list, &sources, None)).unwrap();
        assert_eq!(log["runs"][0]["automationDetails"], Value::Null);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(result["level"], "warning");
        assert_eq!(
            log["runs"][0]["tool"]["driver"]["rules"][0]["id"],
            result["ruleId"]
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.yaml");
        assert_eq!(place["region"]["startLine"], 2);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "first");
        sources.set_workspace(Workspace::new(Path::new("/w"), Path::new("/w/brands")));
        let log: Value = serde_json::from_str(&render(&list, &sources, Some("acme"))).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["automationDetails"]["id"], "infield/acme/");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "brands/a%20b.yaml");
    }
}
