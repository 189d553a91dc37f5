//! How problems are described: severity, stable code, place, message, help, and the vendor's rule where there is one.
//!
//! Promises: a [`Diagnostic`] is plain data with byte spans and knows nothing of surveys; a list of them is put into
//! one order, so equal inputs print equal bytes; rendering never fails. `miette` is used in [`text`] and nowhere
//! else. Finding problems is left to `yaml`, `manifest`, `vendor` and `plan`; choosing colour and width to the caller.

pub mod code;
pub mod explain;
mod fix;
pub mod github;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod source;
pub mod text;

pub(crate) use crate::text::suggest;
pub use code::Code;
pub use fix::Fix;
pub use source::{Position, SourceFile, Sources, Span, Workspace};

use serde::Serialize;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is planned or applied until it is gone.
    Error,
    /// Allowed, and probably not meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word shown to people and machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A vendor's rule behind a problem, with where it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Rule {
    /// The vendor's name as the vendor writes it.
    pub vendor: &'static str,
    /// What the vendor wants, in one sentence.
    pub text: &'static str,
    /// Where that is documented: `vendor wiki 34700934`; or that it is assumed.
    pub source: &'static str,
}

impl Rule {
    /// What a vendor wants.
    pub const fn of(vendor: &'static str, text: &'static str) -> Self {
        Self {
            vendor,
            text,
            source: "",
        }
    }

    /// The same with where it is written down.
    pub const fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}'s rule: {} ({})", self.vendor, self.text, self.source)
    }
}

/// A place with a remark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The file, where it is another one than the diagnostic's.
    pub file: Option<Arc<str>>,
    /// Bytes in that file.
    pub span: Span,
    /// What there is to say about it; may be empty.
    pub text: String,
}

impl Label {
    fn new(file: Option<Arc<str>>, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { file, span, text }
    }
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Which problem it is; stable between releases.
    pub code: Code,
    /// What is wrong: a fragment that starts in lower case and has no full stop.
    pub message: String,
    /// The file's display name, as in [`Sources`]; `None` for problems of no file.
    pub file: Option<Arc<str>>,
    /// Where exactly; `None` for the file as a whole.
    pub primary: Option<Label>,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What to type instead.
    pub help: Option<String>,
    /// The vendor's rule, where the limit is the vendor's.
    pub rule: Option<Rule>,
}

impl Diagnostic {
    /// A problem of a severity, without a place yet.
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            file: None,
            primary: None,
            secondary: Vec::new(),
            help: None,
            rule: None,
        }
    }

    /// An error without a place yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning without a place yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note without a place yet.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// The same problem at a place in its file.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label::new(None, span, text));
        self
    }

    /// The same problem with another place in the same file.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label::new(None, span, text));
        self
    }

    /// The same problem with another place in another file.
    #[must_use]
    pub fn also_in(mut self, file: &Arc<str>, span: Span, text: impl Into<String>) -> Self {
        let other = Some(file).filter(|file| self.file.as_ref() != Some(file));
        self.secondary.push(Label::new(other.cloned(), span, text));
        self
    }

    /// The same problem with advice on what to type.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, with optional advice.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into).or(self.help);
        self
    }

    /// The same problem with the vendor's rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The same problem in a file.
    #[must_use]
    pub fn in_file(mut self, file: &Arc<str>) -> Self {
        self.file = Some(Arc::clone(file));
        self
    }

    /// Whether nothing may be planned until it is gone.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The files that it shows, its own first.
    pub fn files(&self) -> impl Iterator<Item = &Arc<str>> {
        let others = self.secondary.iter().filter_map(|label| label.file.as_ref());
        self.file.iter().chain(others)
    }

    /// What stands below the message where one text says all: the help, and the vendor's rule.
    pub fn advice(&self) -> impl Iterator<Item = String> {
        let help = self.help.iter().map(|help| format!("help: {help}"));
        help.chain(self.rule.iter().map(ToString::to_string))
    }

    /// The label's span, where there is a label.
    pub fn span(&self) -> Option<Span> {
        self.primary.as_ref().map(|label| label.span)
    }

    /// What to put in the label's place, where the help says exactly that: `did you mean ...?`, `write ...` and `quote it:
    /// ...` with one text between backticks. Editors offer it as a fix, so such help has to be true to the letter.
    pub fn replacement(&self) -> Option<&str> {
        let help = self.help.as_deref()?;
        self.span()?;
        let rest = ["did you mean `", "write `", "quote it: `"]
            .into_iter()
            .find_map(|lead| help.strip_prefix(lead))?;
        let (text, after) = rest.split_once('`')?;
        let whole = after.is_empty() || after.starts_with(['?', ',', ';', ' ']);
        // A second text is another way, or a field to add; neither is the editor's to choose.
        let is_value = text.starts_with(['"', '\'']) || !text.contains(": ");
        (whole && !after.contains('`') && is_value && !text.contains("...")).then_some(text)
    }

    fn sort_key(&self) -> (Option<&str>, Option<Span>, Severity, &'static str, &str) {
        (
            self.file.as_deref(),
            self.span(),
            self.severity,
            self.code.id(),
            &self.message,
        )
    }
}

/// A list of problems.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Deref for Diagnostics {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds many.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(diagnostics);
    }

    /// Puts them into the one order in which they are shown: by file, place, severity and code; drops repetitions.
    pub fn sort(&mut self) {
        self.0.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.0.dedup();
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity == severity).count()
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// `2 errors, 1 warning`; `no problems` when empty.
    pub fn summary(&self) -> String {
        let all = [Severity::Error, Severity::Warning, Severity::Note];
        let parts = all.map(|severity| (self.count(severity), severity.word()));
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        match parts.as_slice() {
            [] => "no problems".to_owned(),
            parts => parts.join(", "),
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_that_says_what_to_type_is_a_replacement() {
        let at = |help: &str| {
            Diagnostic::error(code::SHAPE_VALUE, "")
                .at(Span::new(0, 1), "")
                .help(help)
        };
        for (help, text) in [
            ("did you mean `gender`?", "gender"),
            ("write `en-US`", "en-US"),
            ("write `3070`, or quote it if it is a code", "3070"),
            (
                "quote it: `\"07030\"`; numbers lose their leading zeros",
                "\"07030\"",
            ),
        ] {
            assert_eq!(at(help).replacement(), Some(text));
        }
        for help in [
            "write `Survey` or `Project`",
            "write `survey: {...}`",
            "write `token: \"${X}\"`",
            "remove it",
            "write both ends, such as `18-99`",
        ] {
            assert_eq!(at(help).replacement(), None, "{help}");
        }
        let nowhere = Diagnostic::error(code::SHAPE_VALUE, "").help("write `a`");
        assert_eq!(nowhere.replacement(), None);
    }

    #[test]
    fn order_does_not_depend_on_arrival() {
        let file: Arc<str> = "a.yaml".into();
        let one = Diagnostic::error(code::YAML_SYNTAX, "one")
            .in_file(&file)
            .at(Span::new(5, 6), "");
        let two = Diagnostic::warning(code::YAML_SYNTAX, "two")
            .in_file(&file)
            .at(Span::new(1, 2), "");
        let three = Diagnostic::note(code::YAML_SYNTAX, "three");
        let mut forward = Diagnostics::default();
        forward.extend([one.clone(), two.clone(), three.clone(), one.clone()]);
        let mut backward = Diagnostics::default();
        backward.extend([three, two, one]);
        forward.sort();
        backward.sort();
        assert_eq!(forward, backward);
        assert_eq!(forward.summary(), "1 error, 1 warning, 1 note");
        assert!(forward.has_errors());
        assert_eq!(Diagnostics::default().summary(), "no problems");
    }
}
