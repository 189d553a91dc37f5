//! Diagnostics for programs: the format `infield.diagnostics/1`.
//!
//! Promises: keys are never renamed or removed within version 1; places are one-based lines and columns in
//! characters, `null` where a problem has no place.

use super::{Diagnostic, Diagnostics, Position, Rule, Severity, Sources};
use schemars::JsonSchema;
use serde::Serialize;

/// The name and version of the format.
pub const FORMAT: &str = "infield.diagnostics/1";

/// The whole document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document<'a> {
    /// Always [`FORMAT`].
    pub format: &'static str,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of notes.
    pub notes: usize,
    /// The problems in display order.
    pub diagnostics: Vec<Entry<'a>>,
}

/// One problem.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry<'a> {
    /// Display name of the file.
    pub file: Option<&'a str>,
    /// Line of the first character, from 1.
    pub line: Option<usize>,
    /// Column of the first character, from 1.
    pub column: Option<usize>,
    /// Behind the last character.
    pub end: Option<Position>,
    /// Stable code.
    pub code: &'static str,
    /// Severity.
    pub severity: Severity,
    /// What is wrong.
    pub message: &'a str,
    /// What is said at the exact place.
    pub label: Option<&'a str>,
    /// What to type instead.
    pub help: Option<&'a str>,
    /// The vendor's rule.
    pub rule: Option<&'a Rule>,
    /// Other places.
    pub related: Vec<Related<'a>>,
}

/// Another place that matters.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related<'a> {
    /// Display name of the file.
    pub file: Option<&'a str>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column, from 1.
    pub column: Option<usize>,
    /// What is there.
    pub message: &'a str,
}

/// The list as data.
pub fn document<'a>(diagnostics: &'a Diagnostics, sources: &Sources) -> Document<'a> {
    Document {
        format: FORMAT,
        errors: diagnostics.count(Severity::Error),
        warnings: diagnostics.count(Severity::Warning),
        notes: diagnostics.count(Severity::Note),
        diagnostics: diagnostics.iter().map(|d| entry(d, sources)).collect(),
    }
}

fn entry<'a>(diagnostic: &'a Diagnostic, sources: &Sources) -> Entry<'a> {
    let file = diagnostic.file.as_deref();
    let place = |offset: Option<u32>| sources.position(file?, offset?);
    let start = place(diagnostic.span().map(|span| span.start));
    Entry {
        file,
        line: start.map(|p| p.line),
        column: start.map(|p| p.column),
        end: place(diagnostic.span().map(|span| span.end)),
        code: diagnostic.code.id(),
        severity: diagnostic.severity,
        message: &diagnostic.message,
        label: diagnostic
            .primary
            .as_ref()
            .map(|l| l.text.as_str())
            .filter(|text| !text.is_empty()),
        help: diagnostic.help.as_deref(),
        rule: diagnostic.rule.as_ref(),
        related: diagnostic
            .secondary
            .iter()
            .map(|label| {
                let file = label.file.as_deref().or(file);
                let position = file.and_then(|file| sources.position(file, label.span.start));
                Related {
                    file,
                    line: position.map(|p| p.line),
                    column: position.map(|p| p.column),
                    message: &label.text,
                }
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceFile, Span, code};

    #[test]
    fn places_are_lines_and_columns() {
        let mut sources = Sources::default();
        sources.insert(SourceFile::new("a.yaml".into(), "ä: 1\nb: 2\n".into()));
        let mut list = Diagnostics::default();
        list.push(
            Diagnostic::error(code::SHAPE_TYPE, "wrong")
                .in_file(&"a.yaml".into())
                .at(Span::new(9, 10), "here"),
        );
        let value: serde_json::Value = serde_json::to_value(document(&list, &sources)).unwrap();
        assert_eq!(value["format"], FORMAT);
        assert_eq!(value["errors"], 1);
        let first = &value["diagnostics"][0];
        assert_eq!((&first["line"], &first["column"]), (&2.into(), &4.into()));
        assert_eq!(first["end"]["column"], 5);
        assert_eq!(first["code"], code::SHAPE_TYPE.id());
        assert_eq!(first["help"], serde_json::Value::Null);
    }
}
