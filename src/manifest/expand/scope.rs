//! What every check of one document shares: where things stand, and where problems go.

use super::origin::Origins;
use super::sight::Sight;
use crate::diag::{Code, Diagnostic, Rule, Severity, Span};
use crate::model::VendorId;
use crate::model::own::Books;
use crate::text::pointer::keys;
use crate::yaml::{Located, Node};
use std::path::{Path, PathBuf};

/// One document while it is read.
pub(crate) struct Scope<'a> {
    /// The document.
    pub(crate) root: Node<'a, 'a>,
    /// The text it stands in, with those of its defaults.
    pub(crate) sight: Sight<'a>,
    /// Where the values stand that are not at their place in the document.
    pub(crate) origins: Origins,
    /// The folder that relative paths start from.
    pub(crate) folder: &'a Path,
    /// Folders that list files have to lie in, besides the document's own.
    pub(crate) fence: &'a [PathBuf],
    /// Problems so far.
    pub(crate) problems: Vec<Diagnostic>,
    /// The group that is being read, laid over its survey: what it says itself stands with it, the rest with the survey.
    pub(crate) group: Option<usize>,
    /// Digests of list files that were read.
    pub(crate) lists: Vec<[u8; 32]>,
    /// The marketplaces that field the survey together; empty where one does.
    pub(crate) together: Vec<VendorId>,
    /// The project's own names for questions.
    pub(crate) books: Books,
}

impl<'a> Scope<'a> {
    /// A document without problems so far.
    pub(crate) fn new(root: Node<'a, 'a>, sight: Sight<'a>, folder: &'a Path, fence: &'a [PathBuf]) -> Self {
        Self {
            root,
            sight,
            origins: Origins::default(),
            folder,
            fence,
            problems: Vec::new(),
            group: None,
            lists: Vec::new(),
            together: Vec::new(),
            books: Books::default(),
        }
    }

    /// Where a pointer's value stands; the deepest part that exists; the key where nothing was written.
    pub(crate) fn value(&self, pointer: &str) -> Span {
        self.locate(&self.place(pointer)).0.visible()
    }

    /// Where the key of a pointer stands; the value where there is no key.
    pub(crate) fn key(&self, pointer: &str) -> Span {
        let (located, _) = self.locate(&self.place(pointer));
        located.key.unwrap_or(located.value)
    }

    /// Whether something is written at a pointer.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.locate(&self.place(pointer)).1
    }

    /// Where a pointer leads, and whether that is the whole way.
    fn locate(&self, pointer: &str) -> (Located, bool) {
        self.sight.locate(self.root, &self.origins.of(pointer))
    }

    /// Where a pointer leads while a group is read: into the group where it says anything about the field.
    fn place(&self, pointer: &str) -> String {
        let Some(index) = self.group else {
            return pointer.to_owned();
        };
        let own = format!("/groups/{index}{pointer}");
        let mut tokens = pointer.split('/').skip(1);
        let first = tokens.next().unwrap_or_default();
        let (_, said) = self.locate(&format!("/groups/{index}/{first}"));
        let (_, exact) = self.locate(&own);
        // Of a vendor's block the group may say only a part.
        let whole = VendorId::from_key(first).is_none();
        if exact || (said && whole) {
            own
        } else {
            pointer.to_owned()
        }
    }

    /// A short place for the whole document: the value of `name`, otherwise of `kind`, otherwise its first line.
    pub(crate) fn head(&self) -> Span {
        if let Some(index) = self.group {
            return self.locate(&format!("/groups/{index}/name")).0.visible();
        }
        for key in ["name", "kind"] {
            if let Some((_, node)) = self.root.get(key) {
                return node.span();
            }
        }
        let span = self.root.span();
        let line = self.sight.written(span).lines().next().unwrap_or_default();
        Span {
            start: span.start,
            end: span.start + u32::try_from(line.trim_end().len()).unwrap_or(0),
        }
    }

    /// The text as it was written at a place.
    pub(crate) fn written(&self, span: Span) -> &'a str {
        self.sight.written(span)
    }

    /// How many errors there are so far.
    pub(crate) fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.is_error()).count()
    }

    /// Adds an error, to be told.
    pub(crate) fn error(&mut self, code: Code) -> Told<'_, 'a> {
        self.tell(Severity::Error, code)
    }

    /// Adds a warning, to be told.
    pub(crate) fn warning(&mut self, code: Code) -> Told<'_, 'a> {
        self.tell(Severity::Warning, code)
    }

    /// Adds a note, to be told.
    pub(crate) fn note(&mut self, code: Code) -> Told<'_, 'a> {
        self.tell(Severity::Note, code)
    }

    /// Adds a problem, to be told: what is wrong, where it stands, what to do.
    pub(crate) fn tell(&mut self, severity: Severity, code: Code) -> Told<'_, 'a> {
        self.push(Diagnostic::new(severity, code, ""));
        Told(self)
    }

    /// A path as it is written in the document; `None` where it leads out of the project. What is in a file may end up in
    /// a log, so a manifest cannot name just any file of the machine.
    pub(crate) fn file(&self, path: &str) -> Option<PathBuf> {
        self.file_within(path, &[])
    }

    /// The same, where further folders are allowed.
    pub(crate) fn file_within(&self, path: &str, more: &[PathBuf]) -> Option<PathBuf> {
        let full = self.folder.join(path);
        let Ok(real) = full.canonicalize() else {
            return Some(full);
        };
        let own = self.folder.canonicalize().ok();
        let mut folders = self.fence.iter().chain(own.as_ref()).chain(more);
        folders.any(|folder| real.starts_with(folder)).then_some(full)
    }

    /// Adds a problem.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }
}

/// A problem that was added last, while it is told. Places are pointers, to values or to their keys.
pub(crate) struct Told<'s, 'a>(&'s mut Scope<'a>);

impl Told<'_, '_> {
    fn with(self, change: impl FnOnce(&Scope<'_>, Diagnostic) -> Diagnostic) -> Self {
        if let Some(problem) = self.0.problems.pop() {
            let problem = change(self.0, problem);
            self.0.problems.push(problem);
        }
        self
    }

    /// What is wrong.
    pub(crate) fn says(self, message: impl Into<String>) -> Self {
        let message = message.into();
        self.with(|_, problem| Diagnostic { message, ..problem })
    }

    /// At a place that is known.
    pub(crate) fn at(self, span: Span, label: impl Into<String>) -> Self {
        self.with(|_, problem| problem.at(span, label))
    }

    /// At the head of the document.
    pub(crate) fn head(self, label: impl Into<String>) -> Self {
        self.with(|scope, problem| problem.at(scope.head(), label))
    }

    /// At a value.
    pub(crate) fn value(self, pointer: &str, label: impl Into<String>) -> Self {
        self.with(|scope, problem| problem.at(scope.value(pointer), label))
    }

    /// At a key.
    pub(crate) fn key(self, pointer: &str, label: impl Into<String>) -> Self {
        self.with(|scope, problem| problem.at(scope.key(pointer), label))
    }

    /// With a second value that it is about.
    pub(crate) fn also_value(self, pointer: &str, label: impl Into<String>) -> Self {
        self.with(|scope, problem| problem.also(scope.value(pointer), label))
    }

    /// With a second key that it is about.
    pub(crate) fn also_key(self, pointer: &str, label: impl Into<String>) -> Self {
        self.with(|scope, problem| problem.also(scope.key(pointer), label))
    }

    /// What to do.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        self.with(|_, problem| problem.help(help))
    }

    /// What to do, where that is known.
    pub(crate) fn maybe_help(self, help: Option<String>) -> Self {
        self.with(|_, problem| problem.maybe_help(help))
    }

    /// The vendor's rule behind it.
    pub(crate) fn rule(self, rule: Rule) -> Self {
        self.with(|_, problem| problem.rule(rule))
    }
}

/// A pointer as people write it: `/quotas/0/where/age` is `quotas[0].where.age`.
pub(crate) fn path(pointer: &str) -> String {
    let mut out = String::new();
    for token in keys(pointer) {
        if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) && token.len() < 7 {
            out.push_str(&format!("[{token}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&crate::diag::text::short(&token));
        }
    }
    out
}
