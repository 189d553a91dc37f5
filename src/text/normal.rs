//! One form for texts that look alike. Editors and vendors compose letters, fold blanks and drop marks that nobody sees;
//! none of that is a change of a text.

use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;

/// The text with composed letters (Unicode's NFC), which is how it goes out.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => ComposingNormalizerBorrowed::new_nfc().normalize(text),
    }
}

/// Whether a mark has no width of its own and says nothing: pasted from web pages and documents.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// What is compared of a text: composed, without invisible marks, every run of blanks one blank, none at its ends.
pub(crate) fn folded(text: &str) -> String {
    let seen: String = composed(text).chars().filter(|c| !is_invisible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A title as two of them are compared that may be of one survey: without what people do not see in it, and without capitals.
pub(crate) fn title(text: &str) -> String {
    folded(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_one() {
        assert_eq!(composed("Cafe\u{301}"), "Caf\u{e9}");
        for same in [" Cafe\u{301}  a", "Caf\u{e9}\u{a0}a", "Caf\u{e9}\u{200b} a\n"] {
            assert_eq!(folded(same), "Caf\u{e9} a", "{same:?}");
        }
        assert_ne!(folded("Cafe a"), folded("Caf\u{e9} a"));
        assert_ne!(folded("A"), folded("a"), "capitals are seen");
    }
}
