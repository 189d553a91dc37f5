//! What people meant who wrote what is not YAML, as far as the line tells where reading stopped. A reader says "mapping values
//! are not allowed in this context" where somebody wrote a title with a colon in it.
//!
//! Promises: pure; a text to write instead is the user's own, corrected, and reads as that one value.

use crate::diag::Span;

/// A slip that is known.
pub(super) struct Slip {
    /// Where it is.
    pub(super) span: Span,
    /// What is wrong, behind `this is not YAML: `.
    pub(super) message: String,
    /// What stands at the place.
    pub(super) label: &'static str,
    /// What to do about it.
    pub(super) help: String,
}

/// A line of a text.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    /// What stands behind the first `: ` or the first `- ` of the line, with where it begins, without a comment.
    fn value(self) -> Option<(usize, &'t str)> {
        let dash = self
            .text
            .find("- ")
            .filter(|at| self.text[..*at].trim().is_empty());
        let at = self.text.find(": ").or(dash)? + 2;
        let value = self.text[at..].split(" #").next().unwrap_or_default();
        let at = at + value.len() - value.trim_start().len();
        let value = value.trim();
        (!value.is_empty()).then_some((self.start + at, value))
    }

    fn span(self, from: usize, length: usize) -> Span {
        Span::new(self.start + from, self.start + from + length)
    }
}

/// The slip that explains why reading stopped at a byte of a text; `None` where nothing explains it.
pub(super) fn slip(text: &str, stopped: usize, error: &str) -> Option<Slip> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        lines.push(Line { start, text: bare });
        start += line.len();
    }
    let at = lines
        .partition_point(|line| line.start <= stopped)
        .saturating_sub(1);
    let here = *lines.get(at)?;
    let near = &lines[at.saturating_sub(1)..=at];
    merge_marks(&lines)
        .or_else(|| near.iter().find_map(odd_blank))
        .or_else(|| tab(&lines[at..], error))
        .or_else(|| open_quote(&lines[..=at], error))
        .or_else(|| colon(&here, error))
        .or_else(|| sign(&here))
}

/// What git leaves where two sides changed the same lines.
fn merge_marks(lines: &[Line<'_>]) -> Option<Slip> {
    let is_mark = |line: &&Line<'_>| line.text.starts_with("<<<<<<< ") || line.text.starts_with(">>>>>>> ");
    let line = lines.iter().find(is_mark)?;
    Some(Slip {
        span: line.span(0, line.text.len()),
        message: "git left the marks of a merge here".to_owned(),
        label: "two sides changed these lines",
        help: "keep one side, and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
            .to_owned(),
    })
}

/// A blank that looks like one and is none to YAML, as word processors and web pages have them.
fn odd_blank(line: &Line<'_>) -> Option<Slip> {
    let odd = |letter: char| {
        matches!(
            letter,
            '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
        )
    };
    let at = line.text.find(odd)?;
    let letter = line.text[at..].chars().next()?;
    Some(Slip {
        span: line.span(at, letter.len_utf8()),
        message: format!("a blank that is none (U+{:04X})", u32::from(letter)),
        label: "looks like a blank",
        help: "write ` `, an ordinary blank".to_owned(),
    })
}

/// A tab where a line is indented.
fn tab(lines: &[Line<'_>], error: &str) -> Option<Slip> {
    let indented = |line: &Line<'_>| {
        let bare = line.text.trim_start();
        line.text[..line.text.len() - bare.len()].find('\t')
    };
    let few = if error.contains("tab") { 3 } else { 1 };
    let (line, at) = lines
        .iter()
        .take(few)
        .find_map(|line| Some((line, indented(line)?)))?;
    Some(Slip {
        span: line.span(at, 1),
        message: "a tab indents this line".to_owned(),
        label: "a tab",
        help: "indent with blanks; YAML does not allow tabs".to_owned(),
    })
}

/// A quote that is never closed: what follows belongs to the text, or so it is read.
fn open_quote<'t>(lines: &[Line<'t>], error: &str) -> Option<Slip> {
    let far = if error.contains("quoted scalar") { 200 } else { 2 };
    let open = |line: &Line<'t>| -> Option<(usize, &'t str, char)> {
        let (at, value) = line.value()?;
        let quote = value
            .chars()
            .next()
            .filter(|letter| matches!(letter, '"' | '\''))?;
        let rest = value[1..].replace("\\\"", "").replace("''", "");
        (!rest.contains(quote)).then_some((at, value, quote))
    };
    let (at, value, quote) = lines.iter().rev().take(far).find_map(open)?;
    Some(Slip {
        span: Span::new(at, at + value.len()),
        message: "a quote is not closed".to_owned(),
        label: "it begins here",
        help: format!("write `{value}{quote}`"),
    })
}

/// A text with a colon and a blank in it, which reads as a key.
fn colon(line: &Line<'_>, error: &str) -> Option<Slip> {
    let (at, value) = line.value().filter(|_| error.contains("mapping values"))?;
    let plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!']);
    (plain && (value.contains(": ") || value.ends_with(':'))).then(|| Slip {
        span: Span::new(at, at + value.len()),
        message: "a text with a colon and a blank in it needs quotes".to_owned(),
        label: "reads as a key",
        help: format!("write `{}`", quoted(value)),
    })
}

/// A text that begins with a sign that YAML keeps for itself.
fn sign(line: &Line<'_>) -> Option<Slip> {
    let (at, value) = line.value()?;
    let sign = value
        .chars()
        .next()
        .filter(|letter| matches!(letter, '%' | '@' | '`'))?;
    Some(Slip {
        span: Span::new(at, at + value.len()),
        message: format!("a text that begins with {sign} needs quotes"),
        label: "begins with a sign of YAML's own",
        help: format!("write `{}`", quoted(value)),
    })
}

/// A text in the quotes that leave it as it is.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::{Options, parse};

    fn told(text: &str) -> (String, String, String) {
        let (_, problems) = parse(text, Options::default());
        let problem = problems.first().unwrap_or_else(|| panic!("{text:?} is YAML"));
        let place = problem.span().map(|span| text[span.range()].to_owned());
        let message = problem
            .message
            .trim_start_matches("this is not YAML: ")
            .to_owned();
        (
            message,
            place.unwrap_or_default(),
            problem.help.clone().unwrap_or_default(),
        )
    }

    #[test]
    fn a_text_with_a_colon_is_put_in_quotes() {
        let (message, place, help) = told("name: a\ntitle: Soda: wave 3 # why\nlocale: en-US\n");
        assert_eq!(message, "a text with a colon and a blank in it needs quotes");
        assert_eq!(
            (place.as_str(), help.as_str()),
            ("Soda: wave 3", "write `\"Soda: wave 3\"`")
        );
        let (_, _, help) = told("title: The \"new\": it's\n");
        assert_eq!(help, "write `'The \"new\": it''s'`");
    }

    #[test]
    fn an_open_quote_is_found_where_it_begins() {
        for (text, place) in [
            ("title: \"Soda\nlocale: en-US\ncompletes: 5\n", "\"Soda"),
            ("title: 'Soda\nlocale: en-US\n", "'Soda"),
        ] {
            let (message, found, help) = told(text);
            assert_eq!(
                (message.as_str(), found.as_str()),
                ("a quote is not closed", place)
            );
            assert_eq!(help, format!("write `{place}{}`", &place[..1]));
        }
    }

    #[test]
    fn signs_marks_tabs_and_odd_blanks_are_named() {
        assert_eq!(told("title: %off\n").2, "write `\"%off\"`");
        assert_eq!(told("title: @home\n").2, "write `\"@home\"`");
        let (message, place, _) = told("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n");
        assert_eq!(
            (message.as_str(), place.as_str()),
            ("git left the marks of a merge here", "<<<<<<< HEAD")
        );
        assert_eq!(told("a: 1\n\tb: 2\n").1, "\t");
        assert_eq!(
            told("a:\n\tb: 2\n").2,
            "indent with blanks; YAML does not allow tabs"
        );
        let (message, place, _) = told("a: 1\ntitle:\u{a0}A\nb: 2\n");
        assert_eq!(
            (message.as_str(), place.as_str()),
            ("a blank that is none (U+00A0)", "\u{a0}")
        );
    }

    #[test]
    fn what_nothing_explains_is_told_in_the_readers_words() {
        let (message, _, help) = told("a: [1, 2\nb: 3\n");
        assert!(!message.is_empty() && help.is_empty(), "{message} {help}");
    }
}
