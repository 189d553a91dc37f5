//! Text inside Markdown, so that it stays text.

use super::words;
use std::fmt::Write as _;

/// Text on one line of Markdown, also inside a table. Marks of Markdown are escaped, HTML is shown as written, and a
/// mention or a reference to an issue reaches nobody: an invisible blank stands behind its mark.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for c in words::clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' => {
                let _ = write!(out, "{c}&#8203;");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A sentence of ours on one line of Markdown: what it sets in back-ticks becomes code, all else is text.
pub(super) fn prose(sentence: &str) -> String {
    let parts = words::ticked(sentence).into_iter();
    parts
        .map(|(ticked, part)| if ticked { code(part) } else { text(part) })
        .collect()
}

/// Text as code on one line, also inside a table, whatever back-ticks and bars it has.
pub(super) fn code(text: &str) -> String {
    let plain = words::clean(text);
    if plain.contains(['`', '|', '\\']) || plain.trim() != plain || plain.is_empty() {
        return format!("<code>{}</code>", self::text(text));
    }
    format!("`{plain}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_obeyed() {
        for (given, shown) in [
            ("a|b", r"a\|b"),
            ("`code` *bold* _it_", r"\`code\` \*bold\* \_it\_"),
            ("<img src=x>&amp;", "&lt;img src=x&gt;&amp;amp;"),
            ("ask @acme/all about #12", "ask @&#8203;acme/all about #&#8203;12"),
            ("line\nbreak\r", r"line\\nbreak\\r"),
            ("![x](https://e.example)", r"\!\[x\](https://e.example)"),
        ] {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn only_paired_ticks_make_code() {
        assert_eq!(prose("set `a_b`, not a_b"), r"set `a_b`, not a\_b");
        assert_eq!(prose("a `b"), r"a \`b");
        assert_eq!(prose("`<b>` and <b>"), "`<b>` and &lt;b&gt;");
    }

    #[test]
    fn code_holds_every_text() {
        assert_eq!(code("soda"), "`soda`");
        assert_eq!(code("a`b"), r"<code>a\`b</code>");
        assert_eq!(code("a|b"), r"<code>a\|b</code>");
        assert_eq!(code(""), "<code></code>");
    }
}
