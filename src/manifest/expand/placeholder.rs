//! Placeholders in texts: `${market}` stands for a value of a matrix.

/// A part of a text.
pub(super) enum Piece<'t> {
    /// As it is written.
    Text(&'t str),
    /// What stands for a value.
    Placeholder(&'t str),
    /// `${` without its end.
    Open(&'t str),
}

/// A text in pieces. `$${` stands for `${`.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix("$${") {
            rest = after;
            return Some(Piece::Text("${"));
        }
        if let Some(begun) = rest.strip_prefix("${") {
            let (piece, after) = match begun.split_once('}') {
                Some((inside, after)) => (Piece::Placeholder(inside), after),
                None => (Piece::Open(begun), ""),
            };
            rest = after;
            return Some(piece);
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let next = rest[first..].find('$').map_or(rest.len(), |at| at + first);
        let (text, after) = rest.split_at(next);
        rest = after;
        Some(Piece::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Placeholder(inside) => format!("<{inside}>"),
            Piece::Open(begun) => format!("<{begun}"),
        };
        pieces(text).map(show).collect()
    }

    #[test]
    fn placeholders_are_told_from_text() {
        assert_eq!(shown("a ${b.c} d").concat(), "a <b.c> d");
        assert_eq!(shown("${a}${b}"), ["<a>", "<b>"]);
        assert_eq!(shown("$${a} $ ä${b").concat(), "${a} $ ä<b");
        assert_eq!(shown("ü$"), ["ü", "$"]);
        assert_eq!(shown(""), Vec::<String>::new());
    }
}
