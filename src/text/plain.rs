//! Texts free of everything a terminal would obey. Titles, names of files and messages come from manifests and vendors;
//! none of them may move a cursor, ring a bell, set a title or show a price backwards.

use std::borrow::Cow;

/// The folder of the book; what the program's own links begin with.
pub(crate) const BOOK: &str = concat!(env!("CARGO_PKG_HOMEPAGE"), "/blob/main/docs");

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

/// What is said on a terminal: the same, but with lines, tabulators, the colours of our own drawing and links to our own book
/// left in it.
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    without(text, |text| colour(text).max(link(text)))
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

/// How many bytes stand at the beginning of what opens a link to our own book, or ends one: `ESC ] 8 ; ; address ESC \`. Where
/// another link led, its text need not say.
fn link(text: &str) -> usize {
    const OPEN: &str = "\u{1b}]8;;";
    const CLOSE: &str = "\u{1b}\\";
    let address = text.strip_prefix(OPEN).and_then(|rest| rest.split_once(CLOSE));
    let Some((address, _)) = address else { return 0 };
    let below = address.strip_prefix(BOOK);
    let ours = below.is_some_and(|below| below.starts_with('/') && !below.contains(commands));
    match ours || address.is_empty() {
        true => OPEN.len() + address.len() + CLOSE.len(),
        false => 0,
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

    #[test]
    fn links_lead_to_our_own_book_only() {
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("documentation = \"{BOOK}/SUMMARY.md\"")));
        let link = |to: &str| format!("\u{1b}]8;;{to}\u{1b}\\error\u{1b}]8;;\u{1b}\\");
        let own = link(&format!("{BOOK}/reference/codes.md#infieldcpi"));
        assert_eq!(tame(&own), own);
        for other in [
            "https://evil.example/".to_owned(),
            format!("{BOOK}.evil.example/"),
            format!("{BOOK}/\u{7}"),
            "file:///etc/passwd".to_owned(),
        ] {
            let said = tame(&link(&other)).into_owned();
            assert!(said.starts_with("\\u{1b}]8;;"), "{said:?}");
        }
        assert_eq!(tame("\u{1b}]8;;https://"), "\\u{1b}]8;;https://");
    }
}
