//! Texts free of everything a terminal would obey. Titles, names of files and messages come from manifests and vendors;
//! none of them may move a cursor, ring a bell, set a title or show a price backwards.

use std::borrow::Cow;

/// Whether a terminal obeys it, or it reorders what stands beside it.
pub(crate) fn commands(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with control characters and the marks that reorder text written out as `\u{...}`.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match commands(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// The same for several lines, with tabulators left in them.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    without(text, |_| 0)
}

/// What is said on a terminal: the same, but with lines, tabulators and the colours of our own drawing left in it.
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    without(text, colour)
}

/// The text without commands but for those of which `ours` says how many bytes they have.
fn without(text: &str, ours: fn(&str) -> usize) -> Cow<'_, str> {
    if !text.contains(|c: char| commands(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let ours = ours(rest);
        let length = match ours {
            0 => c.len_utf8(),
            length => length,
        };
        if ours == 0 && commands(c) && !matches!(c, '\n' | '\t') {
            out.extend(c.escape_default());
        } else {
            out.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// How many bytes of a colour stand at the beginning: `ESC [ 1 ; 31 m`.
fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let digits = rest
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b';')
        .count();
    match rest.as_bytes().get(digits) {
        Some(b'm') => 2 + digits + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        let evil = "a\u{1b}]0;title\u{7}\rb\u{202e}c\u{61c}\u{9b}2J\n";
        assert_eq!(
            clean(evil),
            "a\\u{1b}]0;title\\u{7}\\rb\\u{202e}c\\u{61c}\\u{9b}2J\\n"
        );
        assert_eq!(
            tame(evil),
            "a\\u{1b}]0;title\\u{7}\\rb\\u{202e}c\\u{61c}\\u{9b}2J\n"
        );
        assert_eq!(plain("\u{1b}[31ma\tb\n"), "\\u{1b}[31ma\tb\n");
        assert_eq!(clean("Zürich, 東京"), "Zürich, 東京");
    }

    #[test]
    fn colours_lines_and_tabulators_are_left() {
        for text in [
            "\u{1b}[31merror\u{1b}[0m: x\n\ty",
            "\u{1b}[1;38;5;9mx\u{1b}[m",
            "plain\nlines",
        ] {
            assert_eq!(tame(text), text);
        }
        assert_eq!(tame("\u{1b}[2J\u{1b}[31"), "\\u{1b}[2J\\u{1b}[31");
    }
}
