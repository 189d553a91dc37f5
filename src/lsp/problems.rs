//! Diagnostics as editors show them, and the fixes they offer.

use super::project::Projects;
use super::text::{Text, on_disk};
use crate::diag::{Diagnostic, Label, Severity};
use crate::manifest::Loaded;
use crate::yaml;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, NumberOrString, Range, TextEdit, Uri, WorkspaceEdit,
};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What every file has, by its real path.
pub(super) fn by_file(
    loaded: &Loaded,
    base: &Path,
    uri: impl Fn(&Path) -> Option<Uri>,
) -> BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> {
    let mut texts: BTreeMap<&str, (PathBuf, Option<Text>)> = BTreeMap::new();
    let mut files: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
    for name in loaded.diagnostics.iter().flat_map(Diagnostic::files) {
        texts.entry(name).or_insert_with(|| {
            let path = base.join(&**name);
            let path = path.canonicalize().unwrap_or(path);
            let text = loaded.sources.get(name).map(Text::of).or_else(|| on_disk(&path));
            (path, text)
        });
    }
    for diagnostic in &loaded.diagnostics {
        let Some((path, text)) = diagnostic.file.as_deref().and_then(|name| texts.get(name)) else {
            continue;
        };
        let place = |label: &Label| {
            let (path, text) = match label.file.as_deref() {
                Some(name) => texts.get(name)?,
                None => texts.get(diagnostic.file.as_deref()?)?,
            };
            Some(Location::new(uri(path)?, text.as_ref()?.range(label.span)))
        };
        let related: Vec<DiagnosticRelatedInformation> = diagnostic
            .secondary
            .iter()
            .filter_map(|label| {
                let message = if label.text.is_empty() {
                    "see also".to_owned()
                } else {
                    label.text.clone()
                };
                Some(DiagnosticRelatedInformation {
                    location: place(label)?,
                    message,
                })
            })
            .collect();
        let span = diagnostic.span().zip(text.as_ref());
        let range = span.map_or_else(Range::default, |(span, text)| text.range(span));
        files
            .entry(path.clone())
            .or_default()
            .push(lsp_types::Diagnostic {
                related_information: (!related.is_empty()).then_some(related),
                ..shown(diagnostic, range)
            });
    }
    files
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.advice());
    lines.join("\n")
}

/// A problem at a range of its text.
fn shown(diagnostic: &Diagnostic, range: Range) -> lsp_types::Diagnostic {
    lsp_types::Diagnostic {
        range,
        severity: Some(severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.code.id().to_owned())),
        source: Some("infield".to_owned()),
        message: message(diagnostic),
        ..lsp_types::Diagnostic::default()
    }
}

/// What could be typed instead of what stands in a range.
pub(super) fn fixes(projects: &Projects, uri: &Uri, range: Range) -> Option<Vec<CodeActionOrCommand>> {
    let view = projects.view(uri)?;
    let mut actions = Vec::new();
    for diagnostic in view.problems() {
        let (Some(put), Some(span)) = (diagnostic.replacement(), diagnostic.span()) else {
            continue;
        };
        let place = view.text.range(span);
        if place.end < range.start || range.end < place.start {
            continue;
        }
        if !keeps_yaml(view.text.as_str(), span.range(), put) {
            continue;
        }
        let edit = TextEdit::new(place, put.to_owned());
        #[expect(
            clippy::mutable_key_type,
            reason = "the protocol wants this map, and nobody changes the key"
        )]
        let changes: HashMap<Uri, Vec<TextEdit>> = std::iter::once((uri.clone(), vec![edit])).collect();
        actions.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: format!("Replace with `{put}`"),
            kind: Some(CodeActionKind::QUICKFIX),
            is_preferred: Some(true),
            edit: Some(WorkspaceEdit::new(changes)),
            diagnostics: Some(vec![shown(diagnostic, place)]),
            ..CodeAction::default()
        }));
    }
    Some(actions)
}

/// Whether a text has no more faults as YAML with a replacement than without: a key that is there already would be
/// there twice.
fn keeps_yaml(text: &str, range: std::ops::Range<usize>, put: &str) -> bool {
    if text.get(range.clone()).is_none() {
        return false;
    }
    let faults = |text: &str| yaml::parse(text, yaml::Options::default()).1.len();
    let mut fixed = text.to_owned();
    fixed.replace_range(range, put);
    faults(&fixed) <= faults(text)
}
