//! Diagnostics as GitHub workflow commands, which show up as annotations on a pull request.
//!
//! Promises: one line per problem, and nothing in a message, title or path can end the line or start another command.

use super::{Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::text::plain::clean;
use std::fmt::Write as _;

/// The list as workflow commands.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| line(diagnostic, sources))
        .collect()
}

fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = diagnostic.message.clone();
    for line in diagnostic.advice() {
        let _ = write!(text, "\n{line}");
    }
    let place = diagnostic.file.as_deref().map(|file| (file, diagnostic.span()));
    annotation(diagnostic.severity, diagnostic.code.id(), place, &text, sources)
}

/// One workflow command: an annotation at a place, or on the whole run where there is none.
pub fn annotation(
    severity: Severity,
    title: &str,
    place: Option<(&str, Option<Span>)>,
    text: &str,
    sources: &Sources,
) -> String {
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut out = format!("::{command} ");
    if let Some((file, span)) = place {
        let _ = write!(out, "file={},", property(&sources.name_for_services(file)));
        if let Some((start, end)) = span.and_then(|span| sources.positions(file, span)) {
            let _ = write!(out, "line={},endLine={},", start.line, end.line);
            if start.line == end.line {
                // The end column belongs to the annotation, so the last character is meant, not the one behind.
                let last = end.column.saturating_sub(1).max(start.column);
                let _ = write!(out, "col={},endColumn={last},", start.column);
            }
        }
    }
    let _ = writeln!(out, "title={}::{}", property(title), data(text));
    out
}

fn data(text: &str) -> String {
    let one_line = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    clean(&one_line)
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceFile, Workspace, code};
    use std::path::Path;

    #[test]
    fn nothing_escapes_its_line() {
        let mut sources = Sources::default();
        sources.insert(SourceFile::new("a,b:c.yaml".into(), "x: 100%\n".into()));
        let mut list = Diagnostics::default();
        list.push(
            Diagnostic::error(code::SHAPE_TYPE, "100%\n::error::evil")
                .in_file(&"a,b:c.yaml".into())
                .at(Span::new(3, 7), "")
                .help("none"),
        );
        assert_eq!(
            render(&list, &sources),
            "::error file=a%2Cb%3Ac.yaml,line=1,endLine=1,col=4,endColumn=7,\
             title=infield%3A%3Ashape%3A%3Atype::100%25%0A::error::evil%0Ahelp: none\n"
        );
        // GitHub takes the name of a file from the root of the checkout, wherever the command ran.
        sources.set_workspace(Workspace::new(Path::new("/w"), Path::new("/w/brands")));
        let from_the_root = render(&list, &sources);
        assert!(
            from_the_root.starts_with("::error file=brands/a%2Cb%3Ac.yaml,line=1,"),
            "{from_the_root}"
        );
    }
}
