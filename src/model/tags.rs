//! Tags as groups: what stands behind a word of theirs.
//!
//! Promises: of `client-acme` and `client=acme` the value of `client` is `acme`; the word alone is a value of itself. What
//! has several values is a group of its own, so that whoever adds up groups counts nothing twice.

use std::collections::BTreeSet;

/// What stands between a word and its value: a dash in the tags that manifests write, which have no other sign, and an
/// equals sign in those that infield makes of what a manifest says elsewhere.
const BETWEEN: [char; 2] = ['=', '-'];

/// The values that tags have of a word, in order; none where no tag begins with it.
pub fn values<'a>(tags: &'a BTreeSet<String>, word: &str) -> BTreeSet<&'a str> {
    let value = |tag: &'a String| match tag.strip_prefix(word)? {
        "" => Some(tag.as_str()),
        rest => rest.strip_prefix(BETWEEN).filter(|value| !value.is_empty()),
    };
    tags.iter().filter_map(value).collect()
}

/// The same, to be kept.
pub fn group(tags: &BTreeSet<String>, word: &str) -> Vec<String> {
    values(tags, word).into_iter().map(str::to_owned).collect()
}

/// The tag that says this value of a word.
pub fn tag(word: &str, value: &str) -> String {
    format!("{word}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_word_stands_behind_it() {
        let tags = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let group = |words: &[&str], word| group(&tags(words), word);
        assert_eq!(group(&["client-acme", "wave-3"], "client"), ["acme"]);
        assert_eq!(group(&["client=Acme Corp.", "wave-3"], "client"), ["Acme Corp."]);
        assert_eq!(group(&["client=acme", "client-acme"], "client"), ["acme"]);
        assert_eq!(group(&["client-b", "client-a"], "client"), ["a", "b"]);
        assert_eq!(group(&["wave-two-b"], "wave-two"), ["b"]);
        assert_eq!(group(&["drinks"], "drinks"), ["drinks"]);
        assert!(group(&["clients-acme", "client-", "client="], "client").is_empty());
        assert_eq!(group(&[&tag("client", "x")], "client"), ["x"]);
    }
}
