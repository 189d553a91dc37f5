//! Which warnings count, as a project and its manifests say: `lints` in `infield.yaml`, and a comment
//! `# infield: allow quota::gap` behind a line or on the line above it.
//!
//! Promises: what keeps a plan from being made stays an error, whatever anybody allows; a comment counts before the project,
//! and for its line alone.

use crate::diag::{Code, Diagnostic, Severity};
use std::collections::BTreeMap;

/// What becomes of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lint {
    /// It is not told.
    Allow,
    /// It is a warning, also where it would be a note.
    Warn,
    /// It is an error.
    Deny,
}

impl Lint {
    /// The words of manifests.
    pub(crate) const WORDS: [&str; 3] = ["allow", "warn", "deny"];

    /// The one of a word of manifests.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "allow" => Self::Allow,
            "deny" => Self::Deny,
            _ => Self::Warn,
        }
    }
}

/// What a project says of warnings, by their codes.
pub type Lints = BTreeMap<Code, Lint>;

/// What becomes of a problem in a text; `None` where it is not to be told.
pub(super) fn judged(mut problem: Diagnostic, lints: &Lints, text: Option<&str>) -> Option<Diagnostic> {
    if problem.is_error() {
        return Some(problem);
    }
    let place = problem.span().map(|span| span.range().start);
    if let (Some(text), Some(place)) = (text, place)
        && allowed_here(text, place, problem.code)
    {
        return None;
    }
    match lints.get(&problem.code) {
        Some(Lint::Allow) => return None,
        Some(Lint::Warn) => problem.severity = Severity::Warning,
        Some(Lint::Deny) => problem.severity = Severity::Error,
        None => {}
    }
    Some(problem)
}

/// Whether a comment on the line of a place, or one that has the line above for itself, allows a problem.
fn allowed_here(text: &str, place: usize, code: Code) -> bool {
    let before = text.get(..place).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let here = text[start..].lines().next().unwrap_or_default();
    let above = text[..start].lines().next_back().unwrap_or_default();
    let alone = above.trim_start().starts_with('#');
    allows(here, code) || (alone && allows(above, code))
}

fn allows(line: &str, code: Code) -> bool {
    let comments = line.match_indices('#').map(|(at, _)| line[at + 1..].trim_start());
    let mut allowed = comments.filter_map(|comment| {
        comment
            .strip_prefix("infield:")?
            .trim_start()
            .strip_prefix("allow ")
    });
    allowed.any(|codes| {
        let mut names = codes.split([',', ' ']).map(|name| name.trim_end_matches(':'));
        names.any(|name| Code::find(name) == Some(code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Span, code};

    fn becomes(severity: Severity, lints: &Lints, text: &str) -> Option<Severity> {
        let at = text.find('x').unwrap();
        let problem = Diagnostic::new(severity, code::QUOTA_GAP, "a gap").at(Span::new(at, at + 1), "");
        judged(problem, lints, Some(text)).map(|problem| problem.severity)
    }

    #[test]
    fn a_project_decides_about_warnings_and_never_about_errors() {
        for (lint, becomes_of_warning) in [
            (Lint::Allow, None),
            (Lint::Warn, Some(Severity::Warning)),
            (Lint::Deny, Some(Severity::Error)),
        ] {
            let lints = Lints::from([(code::QUOTA_GAP, lint)]);
            assert_eq!(becomes(Severity::Warning, &lints, "x"), becomes_of_warning);
            assert_eq!(becomes(Severity::Note, &lints, "x"), becomes_of_warning);
            assert_eq!(becomes(Severity::Error, &lints, "x"), Some(Severity::Error));
        }
        let others = Lints::from([(code::QUOTA_OVERLAPPING_RANGES, Lint::Deny)]);
        assert_eq!(becomes(Severity::Note, &others, "x"), Some(Severity::Note));
    }

    #[test]
    fn a_comment_counts_for_its_line_and_before_the_project() {
        let denied = Lints::from([(code::QUOTA_GAP, Lint::Deny)]);
        for text in [
            "a: x # infield: allow quota::gap",
            "# infield: allow infield::quota::gap: meant so\na: x\n",
            "b: 1\n  #infield:allow quota::overlap, quota::gap\r\n  a: x",
        ] {
            assert_eq!(becomes(Severity::Warning, &denied, text), None, "{text}");
            assert_eq!(becomes(Severity::Error, &denied, text), Some(Severity::Error));
        }
        for text in [
            "a: x # infield: allow quota::overlap",
            "b: 1 # infield: allow quota::gap\na: x",
            "# infield: allow quota::gap\n\na: x",
            "a: x\n# infield: allow quota::gap",
            "a: x # allow quota::gap",
        ] {
            assert_eq!(
                becomes(Severity::Warning, &denied, text),
                Some(Severity::Error),
                "{text}"
            );
        }
    }
}
