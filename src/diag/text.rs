//! Diagnostics for people: source excerpts with labels, drawn by miette.
//!
//! Promises: the same list with the same options gives the same bytes; nothing of the terminal or the environment is
//! looked at here. The cost of a diagnostic is that of its excerpt, not of its file.

use super::{Diagnostic, Diagnostics, Severity, SourceFile, Sources};
use crate::text::plain::clean;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use std::fmt;

/// Longest line that is shown as an excerpt.
const MAX_LINE_BYTES: usize = 2000;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns to fill at most.
    pub width: usize,
    /// Whether to use ANSI colours. Colour never carries meaning alone.
    pub color: bool,
    /// Whether box-drawing characters may be used.
    pub unicode: bool,
    /// Whether the code is a link to the place in the book that explains it.
    pub links: bool,
}

impl Default for Style {
    /// Plain text in 100 columns, as tests and logs want it.
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            unicode: true,
            links: false,
        }
    }
}

/// The whole list, one blank line between two, with a summary line at the end.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render_one(diagnostic, sources, style));
        out.push('\n');
    }
    out.push_str(&diagnostics.summary());
    out.push('\n');
    out
}

/// One diagnostic, ended by a line break.
pub fn render_one(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let mut theme = if style.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    if !style.unicode {
        theme.characters = miette::ThemeCharacters::ascii();
    }
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_urls(style.links)
        .with_link_display_text("")
        .with_context_lines(1);
    let view = View::new(diagnostic, sources);
    let mut out = String::new();
    if handler.render_report(&mut out, &view).is_err() {
        // Only a span that does not fit its text could bring us here, and spans are clamped.
        out = format!("{}: {}\n", diagnostic.severity.word(), diagnostic.message);
    }
    let mut out: String = out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    while out.starts_with('\n') {
        out.remove(0);
    }
    out
}

/// A user's text as part of a message: on one line, and cut where it is long.
pub fn short(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}

/// Whether every line that an excerpt would show is of a length that people read. A generated manifest may be one line
/// of megabytes, and no excerpt of it would help.
fn has_short_lines(file: &SourceFile, diagnostic: &Diagnostic) -> bool {
    let labels = diagnostic.primary.iter().chain(&diagnostic.secondary);
    labels.filter(|label| label.file.is_none()).all(|label| {
        let range = file.clamp(label.span).range();
        let first = file.line_of(range.start).saturating_sub(1);
        let last = file.line_of(range.end) + 1;
        (first..=last).all(|line| file.line_start(line + 1) - file.line_start(line) <= MAX_LINE_BYTES)
    })
}

/// A diagnostic as miette sees it.
#[derive(Debug)]
struct View<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<Excerpt<'a>>,
    message: String,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl<'a> View<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        let file = diagnostic.file.as_deref().and_then(|name| sources.get(name));
        let source = file
            .filter(|file| diagnostic.primary.is_some() && has_short_lines(file, diagnostic))
            .map(Excerpt);
        let file = if source.is_some() { file } else { None };
        let mut labels = Vec::new();
        let mut help: Vec<String> = diagnostic.help.iter().cloned().collect();
        for (index, label) in diagnostic.primary.iter().chain(&diagnostic.secondary).enumerate() {
            match (&label.file, file) {
                (None, Some(file)) => {
                    let span = SourceSpan::from(file.clamp(label.span).range());
                    let text = (!label.text.is_empty()).then(|| label.text.clone());
                    labels.push(if index == 0 {
                        LabeledSpan::new_primary_with_span(text, span)
                    } else {
                        LabeledSpan::new_with_span(text, span)
                    });
                }
                (Some(other), _) => {
                    help.push(format!(
                        "{}: {}",
                        label.text,
                        sources.place(other, Some(label.span))
                    ));
                }
                (None, None) => {}
            }
        }
        help.extend(diagnostic.rule.iter().map(ToString::to_string));
        let message = match (&diagnostic.file, source.is_some()) {
            (Some(name), false) => {
                format!(
                    "{}: {}",
                    sources.place(name, diagnostic.span()),
                    diagnostic.message
                )
            }
            _ => diagnostic.message.clone(),
        };
        Self {
            diagnostic,
            source,
            message,
            labels,
            help: (!help.is_empty()).then(|| help.join("\n")),
        }
    }
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for View<'_> {}

impl miette::Diagnostic for View<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!(
            "{} [{}]",
            self.diagnostic.severity.word(),
            self.diagnostic.code.id()
        )))
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code.page()))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// A file that hands out a few lines without scanning the rest.
#[derive(Debug)]
struct Excerpt<'a>(&'a SourceFile);

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let file = self.0;
        let text = file.text();
        let end = span.offset() + span.len();
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // miette asks once without context, only to learn line and column of the place itself.
        if before == 0 && after == 0 {
            let position = file.position(span.offset());
            return Ok(Box::new(MietteSpanContents::new_named(
                clean(file.name()),
                &text.as_bytes()[span.offset()..end],
                *span,
                position.line - 1,
                position.column - 1,
                1,
            )));
        }
        let first = file.line_of(span.offset()).saturating_sub(before);
        let last = file.line_of(if span.is_empty() { end } else { end - 1 }) + after;
        let from = file.line_start(first);
        let to = file.line_start(last + 1);
        Ok(Box::new(MietteSpanContents::new_named(
            clean(file.name()),
            &text.as_bytes()[from..to],
            (from, to - from).into(),
            first,
            0,
            last + 1 - first,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Rule, Span, code};

    #[test]
    fn a_code_leads_to_its_place_in_the_book_where_links_are_shown() {
        let diagnostic = Diagnostic::error(code::SHAPE_TYPE, "`completes` must be a whole number");
        let with = |links| {
            let style = Style {
                links,
                ..Style::default()
            };
            render_one(&diagnostic, &Sources::default(), style)
        };
        let page = code::SHAPE_TYPE.page();
        assert!(
            page.ends_with("/docs/reference/codes.md#infieldshapetype"),
            "{page}"
        );
        let open = format!("\u{1b}]8;;{page}\u{1b}\\error [infield::shape::type]");
        assert!(with(true).starts_with(&open), "{:?}", with(true));
        assert!(!with(false).contains(&page), "{:?}", with(false));
        assert_eq!(crate::text::plain::tame(&with(true)), with(true));
    }

    #[test]
    fn labels_help_and_rule_are_drawn() {
        let mut sources = Sources::default();
        let text = "kind: Survey\nname: Zürich\ncompletes: lots\n";
        sources.insert(SourceFile::new("a.yaml".into(), text.into()));
        sources.insert(SourceFile::new("b.yaml".into(), "x: 1\n".into()));
        let at = text.find("lots").unwrap();
        let file = "a.yaml".into();
        let diagnostic = Diagnostic::error(code::SHAPE_TYPE, "`completes` must be a whole number")
            .in_file(&file)
            .at(Span::new(at, at + 4), "not a number")
            .also_in(&"b.yaml".into(), Span::new(3, 4), "also here")
            .help("write `completes: 400`")
            .rule(Rule {
                vendor: "PureSpectrum",
                text: "counts are whole",
                source: "vendor wiki 1",
            });
        insta::assert_snapshot!(render_one(&diagnostic, &sources, Style::default()), @r"
        error [infield::shape::type]

          × `completes` must be a whole number
           ╭─[a.yaml:3:12]
         2 │ name: Zürich
         3 │ completes: lots
           ·            ──┬─
           ·              ╰── not a number
           ╰────
          help: write `completes: 400`
                also here: b.yaml:1:4
                PureSpectrum's rule: counts are whole (vendor wiki 1)
        ");
        let plain = Diagnostic::error(code::FILE_UNREADABLE, "cannot be read").in_file(&"gone.yaml".into());
        let shown = render_one(&plain, &sources, Style::default());
        assert_eq!(
            shown,
            "error [infield::file::unreadable]\n\n  × gone.yaml: cannot be read\n"
        );
    }

    #[test]
    fn endless_lines_are_named_and_not_shown() {
        let mut sources = Sources::default();
        let text = format!("a: 1\nb: {}\n", "x".repeat(100_000));
        sources.insert(SourceFile::new("a.yaml".into(), text.into()));
        let diagnostic = Diagnostic::error(code::SHAPE_TYPE, "wrong")
            .in_file(&"a.yaml".into())
            .at(Span::new(8, 9), "here");
        let shown = render_one(&diagnostic, &sources, Style::default());
        assert_eq!(shown, "error [infield::shape::type]\n\n  × a.yaml:2:4: wrong\n");
    }
}
