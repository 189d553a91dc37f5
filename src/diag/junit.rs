//! Test reports in JUnit's XML, which forges and build servers show: cases that passed, and cases that failed with what is
//! the matter.
//!
//! Promises: well-formed whatever is in a text; one case for each file without errors, and one for each error.

use super::{Diagnostic, Diagnostics, Severity, Sources};
use crate::text::xml::escaped;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// A case of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it belongs to: a file, or a survey.
    pub class: String,
    /// Its name.
    pub name: String,
    /// The file it is about.
    pub file: Option<String>,
    /// Why it failed: what kind of failure, one sentence, and all of it. `None` where it passed.
    pub failure: Option<(String, String, String)>,
    /// What else is said.
    pub says: String,
}

/// A report of one suite.
pub fn suite(name: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", cases.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites {counts}>");
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" {counts} skipped=\"0\">",
        escaped(name)
    );
    for case in cases {
        let file = case.file.as_ref();
        let file = file.map_or_else(String::new, |file| format!(" file=\"{}\"", escaped(file)));
        let (class, name) = (escaped(&case.class), escaped(&case.name));
        let _ = write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"{file}");
        if case.failure.is_none() && case.says.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        if let Some((kind, message, text)) = &case.failure {
            let (kind, message, text) = (escaped(kind), escaped(message), escaped(text));
            let _ = writeln!(
                out,
                "      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>"
            );
        }
        if !case.says.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", escaped(&case.says));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// The problems of these files as a report. Warnings fail nothing; they stand with their file.
pub fn render(files: &[Arc<str>], diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut cases = Vec::new();
    let broken: BTreeSet<&str> = diagnostics
        .iter()
        .filter(|problem| problem.is_error())
        .filter_map(|problem| problem.file.as_deref())
        .collect();
    for file in files.iter().filter(|file| !broken.contains(&***file)) {
        let own = diagnostics
            .iter()
            .filter(|problem| problem.file.as_ref() == Some(file));
        let says: Vec<String> = own.map(|problem| told(problem, sources)).collect();
        cases.push(Case {
            class: file.to_string(),
            name: "valid".to_owned(),
            file: Some(file.to_string()),
            failure: None,
            says: says.join("\n"),
        });
    }
    for problem in diagnostics
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
    {
        let file = problem.file.as_deref();
        let place = file.map(|file| sources.place(file, problem.span()));
        cases.push(Case {
            class: file.unwrap_or("project").to_owned(),
            name: place.map_or_else(
                || problem.code.id().to_owned(),
                |place| format!("{place}: {}", problem.code.id()),
            ),
            file: file.map(str::to_owned),
            failure: Some((
                problem.code.id().to_owned(),
                problem.message.clone(),
                told(problem, sources),
            )),
            says: String::new(),
        });
    }
    suite("infield validate", &cases)
}

/// All of a problem as text.
fn told(problem: &Diagnostic, sources: &Sources) -> String {
    let place = problem.file.as_deref();
    let place = place.map_or_else(String::new, |file| {
        format!("{}: ", sources.place(file, problem.span()))
    });
    let word = problem.severity.word();
    let mut text = format!("{place}{word} [{}] {}", problem.code.id(), problem.message);
    for line in problem.advice() {
        let _ = write!(text, "\n{line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceFile, Span, code};

    #[test]
    fn files_pass_and_errors_fail() {
        let mut sources = Sources::default();
        sources.insert(SourceFile::new("a.yaml".into(), "x: <1>\n".into()));
        let mut list = Diagnostics::default();
        let at = |problem: Diagnostic, file: &str| problem.in_file(&file.into()).at(Span::new(3, 6), "");
        list.push(at(
            Diagnostic::error(code::SHAPE_TYPE, "not <1>").help("write `1`"),
            "a.yaml",
        ));
        list.push(Diagnostic::warning(code::SHAPE_TYPE, "hm").in_file(&"b.yaml".into()));
        let text = render(&["a.yaml".into(), "b.yaml".into()], &list, &sources);
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites tests=\"2\" failures=\"1\" errors=\"0\">\n\
             \x20 <testsuite name=\"infield validate\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n\
             \x20   <testcase classname=\"b.yaml\" name=\"valid\" file=\"b.yaml\">\n\
             \x20     <system-out>b.yaml: warning [infield::shape::type] hm</system-out>\n\
             \x20   </testcase>\n\
             \x20   <testcase classname=\"a.yaml\" name=\"a.yaml:1:4: infield::shape::type\" file=\"a.yaml\">\n\
             \x20     <failure type=\"infield::shape::type\" message=\"not &lt;1&gt;\">a.yaml:1:4: error [infield::shape::type] not &lt;1&gt;&#10;help: write `1`</failure>\n\
             \x20   </testcase>\n  </testsuite>\n</testsuites>\n"
        );
    }
}
