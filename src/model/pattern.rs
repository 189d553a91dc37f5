//! Names of surveys and groups as people write them on a command line: exact, as patterns, or by a tag.
//!
//! Promises: one meaning for every command. A survey is meant with all of its groups and at all of its marketplaces,
//! unless one of them is named.

use super::{Address, VendorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What a name begins with that is a tag.
const TAG: &str = "tag:";

/// One such name. In it `*` stands for anything, `?` for one character and `[a-c]` or `[!a-c]` for one of some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pattern(String);

/// Something that may be meant.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its address.
    pub address: &'a Address,
    /// Where it is, where that is known.
    pub vendor: Option<VendorId>,
    /// Its tags.
    pub tags: &'a BTreeSet<String>,
}

impl Named<'_> {
    /// Everything it is called by, the shortest form last.
    pub fn names(&self) -> Vec<String> {
        let (address, manifest) = (self.address, self.address.manifest());
        let mut names = vec![address.to_string(), address.survey_name().to_owned()];
        if let Some(vendor) = address.vendor().or(self.vendor) {
            let at = Address::at(manifest, vendor);
            let inside = address.group_name();
            names.extend(inside.map(|group| Address::group(at.as_str(), group).to_string()));
            names.push(at.to_string());
        }
        names.push(address.alone().to_string());
        names.push(manifest.to_owned());
        names
    }
}

impl Pattern {
    /// A name as it was typed.
    pub fn new(typed: &str) -> Self {
        Self(typed.trim().to_owned())
    }

    /// Whatever there is.
    pub fn everything() -> Self {
        Self("*".to_owned())
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may stand for several names.
    pub fn is_open(&self) -> bool {
        self.0.starts_with(TAG) || self.0.contains(['*', '?', '['])
    }

    /// Whether it means this.
    pub fn means(&self, named: &Named<'_>) -> bool {
        match self.0.strip_prefix(TAG) {
            Some(tag) => named.tags.iter().any(|word| fits(tag, word)),
            None => named.names().iter().any(|name| fits(&self.0, name)),
        }
    }

    /// Whether it means exactly this word.
    pub fn fits(&self, word: &str) -> bool {
        fits(&self.0, word)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every way to name these, for suggestions: their names, and their tags.
pub fn ways<'a>(all: impl IntoIterator<Item = Named<'a>>) -> BTreeSet<String> {
    let mut ways = BTreeSet::new();
    for named in all {
        ways.extend(named.names());
        ways.extend(named.tags.iter().map(|tag| format!("{TAG}{tag}")));
    }
    ways
}

/// Whether a whole word fits a pattern.
fn fits(pattern: &str, word: &str) -> bool {
    let (pattern, word): (Vec<char>, Vec<char>) = (pattern.chars().collect(), word.chars().collect());
    let (mut at, mut of) = (0, 0);
    // Where the last `*` stood, and up to where it stands for something.
    let mut star: Option<(usize, usize)> = None;
    while of < word.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
                continue;
            }
            Some(_) => {
                if let Some(width) = one(&pattern[at..], word[of]) {
                    at += width;
                    of += 1;
                    continue;
                }
            }
            None => {}
        }
        let Some((before, upto)) = star else { return false };
        star = Some((before, upto + 1));
        (at, of) = (before + 1, upto + 1);
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// How long the part of the pattern is that stands for this one character; `None` where it does not.
fn one(pattern: &[char], c: char) -> Option<usize> {
    let class = || {
        // A bracket that stands first inside is one of the characters.
        let close = pattern.iter().skip(2).position(|c| *c == ']')? + 2;
        let inside = &pattern[1..close];
        let (not, inside) = match inside.split_first() {
            Some(('!', rest)) if !rest.is_empty() => (true, rest),
            _ => (false, inside),
        };
        Some((close + 1, within(inside, c) != not))
    };
    match pattern[0] {
        '?' => Some(1),
        '[' => match class() {
            Some((width, fits)) => fits.then_some(width),
            None => (c == '[').then_some(1),
        },
        plain => (plain == c).then_some(1),
    }
}

/// Whether a character is one of these, among which `a-c` is three.
fn within(mut class: &[char], c: char) -> bool {
    loop {
        class = match class {
            [] => return false,
            [first, '-', last, rest @ ..] => {
                if (*first..=*last).contains(&c) {
                    return true;
                }
                rest
            }
            [one, rest @ ..] => {
                if *one == c {
                    return true;
                }
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::CINT;

    #[test]
    fn patterns_fit_whole_words() {
        for (pattern, word, wanted) in [
            ("soda", "soda", true),
            ("soda", "soda-2", false),
            ("soda*", "soda-2", true),
            ("*-w3", "soda-w3", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*b*c", "abcbc", true),
            ("*", "x", true),
            ("*", "", true),
            ("ab*b", "ab", false),
            ("wave-?", "wave-3", true),
            ("wave-?", "wave-13", false),
            ("wave-[1-3]", "wave-3", true),
            ("wave-[1-3]", "wave-4", false),
            ("wave-[!1-3]", "wave-4", true),
            ("wave-[!1-3]", "wave-3", false),
            ("wave-[ab]*", "wave-bc", true),
            ("wave-[", "wave-[", true),
            ("[]x]y", "]y", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, word), wanted, "{pattern} {word}");
        }
    }

    #[test]
    fn a_survey_is_meant_with_all_it_has_unless_less_is_named() {
        let tags = BTreeSet::from(["wave-3".to_owned()]);
        let group = Address::group("soda", "us");
        let part = Address::group("soda@cint", "us");
        let means = |pattern: &str, address| {
            let named = Named {
                address,
                vendor: Some(CINT),
                tags: &tags,
            };
            Pattern::new(pattern).means(&named)
        };
        for (pattern, wanted) in [
            ("soda", true),
            ("s*", true),
            ("soda/us", true),
            ("soda/*", true),
            ("*/us", true),
            ("soda@cint", true),
            ("*@cint", true),
            ("soda@cint/us", true),
            ("tag:wave-3", true),
            ("tag:wave-*", true),
            (" soda ", true),
            ("soda/de", false),
            ("cola", false),
            ("us", false),
            ("tag:wave-4", false),
            ("tag:", false),
            ("wave-3", false),
        ] {
            assert_eq!(means(pattern, &group), wanted, "{pattern} as {group}");
            assert_eq!(means(pattern, &part), wanted, "{pattern} as {part}");
        }
        assert!(!means("soda@purespectrum", &group) && !means("soda@purespectrum", &part));
    }
}
