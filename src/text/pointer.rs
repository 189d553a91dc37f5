//! JSON pointers (RFC 6901): paths into documents, such as `/quotas/0/name`.

use std::borrow::Cow;
use std::fmt::Display;

/// A key as one token of a pointer.
pub(crate) fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key that a token stands for.
pub(crate) fn key_of(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The place of a key, or of an index, below another place.
pub(crate) fn below(pointer: &str, key: impl Display) -> String {
    let mut place = format!("{pointer}/{key}");
    let start = pointer.len() + 1;
    if place[start..].contains(['~', '/']) {
        place.replace_range(start.., &token(&place[start..]));
    }
    place
}

/// The keys on the way to a place, the outermost first.
pub(crate) fn keys(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(key_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_key_comes_back_from_its_token() {
        for name in ["a", "a/b", "~", "~1", "~01", "/", "", "m~/n"] {
            let pointer = below(&below("", name), 3);
            assert_eq!(keys(&pointer).collect::<Vec<_>>(), [name, "3"], "{pointer}");
            let document = serde_json::json!({name: [0, 1, 2, "here"]});
            assert_eq!(document.pointer(&pointer).unwrap(), "here");
        }
        assert_eq!(keys("").count(), 0);
    }
}
