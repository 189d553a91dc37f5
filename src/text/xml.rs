//! Texts in XML documents.

/// A text as the content of an element or an attribute. What XML cannot hold at all is written out as `\u{...}`.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_element_and_nothing_is_forbidden() {
        assert_eq!(
            escaped("<a b=\"1\">&\u{1}\u{ffff}]]>\n"),
            "&lt;a b=&quot;1&quot;&gt;&amp;\\u{1}\\u{ffff}]]&gt;&#10;"
        );
        assert_eq!(escaped("Zürich"), "Zürich");
    }
}
