//! Diagnostics as editors show them, and the fixes they offer.

use super::fix;
use super::project::Projects;
use super::text::{self, Text, on_disk};
use crate::diag::{Diagnostic, Label, Severity, Span};
use crate::manifest::Editing;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, NumberOrString, Range, TextEdit, Uri, WorkspaceEdit,
};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The texts that problems stand in, by the names of their files; each is read once.
pub(super) struct Texts<'a> {
    editing: &'a Editing,
    base: &'a Path,
    open: &'a dyn Fn(&Path) -> Option<(Uri, Text)>,
    known: BTreeMap<Arc<str>, (PathBuf, Option<Uri>, Option<Text>)>,
}

impl<'a> Texts<'a> {
    /// Those of a project in a folder; `open` knows what the editor has of a file.
    pub(super) fn new(
        editing: &'a Editing,
        base: &'a Path,
        open: &'a dyn Fn(&Path) -> Option<(Uri, Text)>,
    ) -> Self {
        Self {
            editing,
            base,
            open,
            known: BTreeMap::new(),
        }
    }

    fn of(&mut self, name: &Arc<str>) -> &(PathBuf, Option<Uri>, Option<Text>) {
        let Self {
            editing,
            base,
            open,
            known,
            ..
        } = self;
        known.entry(Arc::clone(name)).or_insert_with(|| {
            let path = real(editing, base, name);
            match open(&path) {
                Some((uri, text)) => (path, Some(uri), Some(text)),
                None => {
                    let text = editing.list(name).map(Text::of).or_else(|| on_disk(&path));
                    let uri = text::uri(&path);
                    (path, uri, text)
                }
            }
        })
    }

    fn place(&mut self, file: &Arc<str>, span: Span) -> Option<Location> {
        let (_, uri, text) = self.of(file);
        Some(Location::new(uri.clone()?, text.as_ref()?.range(span)))
    }

    /// The problems of a file, as an editor shows them.
    pub(super) fn shown(&mut self, name: &Arc<str>) -> Vec<lsp_types::Diagnostic> {
        let problems = self.editing.problems(name);
        problems.iter().map(|problem| self.one(name, problem)).collect()
    }

    fn one(&mut self, name: &Arc<str>, problem: &Diagnostic) -> lsp_types::Diagnostic {
        let related = |label: &Label| {
            let message = if label.text.is_empty() {
                "see also".to_owned()
            } else {
                label.text.clone()
            };
            let location = self.place(label.file.as_ref().unwrap_or(name), label.span)?;
            Some(DiagnosticRelatedInformation { location, message })
        };
        let related: Vec<_> = problem.secondary.iter().filter_map(related).collect();
        let text = self.of(name).2.as_ref();
        let range = problem.span().zip(text);
        let range = range.map_or_else(Range::default, |(span, text)| text.range(span));
        lsp_types::Diagnostic {
            related_information: (!related.is_empty()).then_some(related),
            ..shown(problem, range)
        }
    }
}

/// The real path of a file that is shown under a name.
pub(super) fn real(editing: &Editing, base: &Path, name: &str) -> PathBuf {
    match editing.path(name) {
        Some(path) => path.to_owned(),
        None => {
            let path = base.join(name);
            path.canonicalize().unwrap_or(path)
        }
    }
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

/// What could be done about the problems in a range.
pub(super) fn fixes(projects: &Projects, uri: &Uri, range: Range) -> Option<Vec<CodeActionOrCommand>> {
    let view = projects.view(uri)?;
    let mut actions = Vec::new();
    for diagnostic in &view.problems() {
        let Some(span) = diagnostic.span() else { continue };
        let place = view.text.range(span);
        if place.end < range.start || range.end < place.start {
            continue;
        }
        let changes = fix::changes(view.text.as_str(), diagnostic);
        let only = changes.len() == 1;
        for change in changes {
            let part = Span::new(change.part.start, change.part.end);
            let edit = TextEdit::new(view.text.range(part), change.put);
            #[expect(
                clippy::mutable_key_type,
                reason = "the protocol wants this map, and nobody changes the key"
            )]
            let edits: HashMap<Uri, Vec<TextEdit>> = std::iter::once((uri.clone(), vec![edit])).collect();
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: change.title,
                kind: Some(CodeActionKind::QUICKFIX),
                is_preferred: Some(only),
                edit: Some(WorkspaceEdit::new(edits)),
                diagnostics: Some(vec![shown(diagnostic, place)]),
                ..CodeAction::default()
            }));
        }
    }
    Some(actions)
}
