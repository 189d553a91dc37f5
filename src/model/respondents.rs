//! Lists of respondents, by the ids that a marketplace gives them.
//!
//! Promises: an id is personal data. What can be shown, compared or written down of a list is how many it holds and a digest;
//! the ids are in memory alone, and leave it in the body of the one call that uploads them.

use crate::text::hex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What every digest of a list begins with, so that it is not the digest of a file.
const KEY: &str = "infield.respondents/1";

/// How many bytes of a digest are kept: enough to tell lists apart.
const BYTES: usize = 8;

/// A list of respondents. Two are the same where the same ids stand in them, in whatever order.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Respondents {
    count: u64,
    digest: String,
    /// In their order; none where the list was read from what was written down of it.
    ids: Arc<[Box<str>]>,
}

impl Respondents {
    /// A list for a marketplace, which is named by its key.
    pub fn of(vendor: &str, ids: Vec<Box<str>>) -> Self {
        Self::keyed("", vendor, ids)
    }

    /// The same with a digest that only who has a secret can work out.
    pub fn keyed(secret: &str, vendor: &str, mut ids: Vec<Box<str>>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let mut hasher = Sha256::new();
        for part in [KEY, secret, vendor]
            .into_iter()
            .chain(ids.iter().map(|id| &**id))
        {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self {
            count: ids.len() as u64,
            digest: hex::digits(&hasher.finalize()[..BYTES]),
            ids: ids.into(),
        }
    }

    /// How many they are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The ids, where they are at hand.
    pub fn ids(&self) -> Option<&[Box<str>]> {
        (self.ids.len() as u64 == self.count).then_some(&self.ids)
    }

    /// A text without the ids that stand in it. Each is covered by as many of a digit, so that JSON stays JSON.
    pub fn hidden_in<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let listed = |id: &str| self.ids.binary_search_by(|listed| (**listed).cmp(id)).is_ok();
        let mut out = String::new();
        let mut done = 0;
        let mut from = 0;
        while let Some(start) = text[from..].find(is_of_id).map(|at| at + from) {
            let end = text[start..]
                .find(|c| !is_of_id(c))
                .map_or(text.len(), |at| at + start);
            // A sentence may end with one, or go on behind a colon.
            let word = &text[start..end];
            let bare = word.trim_end_matches(['.', ':']);
            if let Some(id) = [word, bare].into_iter().find(|id| listed(id)) {
                out.push_str(&text[done..start]);
                out.extend(std::iter::repeat_n(COVER, id.len()));
                done = start + id.len();
            }
            from = end;
        }
        match done {
            0 => Cow::Borrowed(text),
            _ => Cow::Owned(out + &text[done..]),
        }
    }
}

/// What an id is covered with.
const COVER: char = '9';

/// Whether a character may stand in an id.
pub fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.:@+/=|~".contains(c)
}

impl PartialEq for Respondents {
    fn eq(&self, other: &Self) -> bool {
        (self.count, &self.digest) == (other.count, &other.digest)
    }
}

impl Eq for Respondents {}

impl fmt::Display for Respondents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, digest, .. } = self;
        let noun = if *count == 1 { "respondent" } else { "respondents" };
        write!(f, "{count} {noun} #{digest}")
    }
}

impl fmt::Debug for Respondents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not what is written down of a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is not a count of respondents with a digest")]
pub struct NoRespondents;

impl FromStr for Respondents {
    type Err = NoRespondents;

    fn from_str(text: &str) -> Result<Self, NoRespondents> {
        let parts = text.split_once(" #");
        let (said, digest) = parts.ok_or(NoRespondents)?;
        let count = said
            .strip_suffix(" respondents")
            .or_else(|| said.strip_suffix(" respondent"));
        let list = Self {
            count: count.and_then(|count| count.parse().ok()).ok_or(NoRespondents)?,
            digest: digest.to_owned(),
            ids: Arc::default(),
        };
        match list.to_string() == text {
            true => Ok(list),
            false => Err(NoRespondents),
        }
    }
}

impl TryFrom<String> for Respondents {
    type Error = NoRespondents;

    fn try_from(text: String) -> Result<Self, NoRespondents> {
        text.parse()
    }
}

impl From<Respondents> for String {
    fn from(list: Respondents) -> Self {
        list.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[&str]) -> Respondents {
        Respondents::of("v", ids.iter().map(|id| Box::from(*id)).collect())
    }

    #[test]
    fn what_is_shown_of_a_list_is_a_count_and_a_digest() {
        let three = list(&["psid-3", "psid-1", "psid-2", "psid-1"]);
        let shown = three.to_string();
        assert!(shown.starts_with("3 respondents #"), "{shown}");
        assert_eq!(shown.len(), "3 respondents #".len() + 16);
        assert_eq!(format!("{three:?}"), shown);
        assert_eq!(serde_json::to_string(&three).unwrap(), format!("{shown:?}"));
        assert!(list(&["a"]).to_string().starts_with("1 respondent #"));
    }

    #[test]
    fn a_list_is_the_same_in_any_order_and_another_one_elsewhere() {
        assert_eq!(list(&["a", "b"]), list(&["b", "a"]));
        assert_ne!(list(&["a", "b"]), list(&["a", "c"]));
        assert_ne!(list(&["ab", "c"]), list(&["a", "bc"]));
        let ids = vec![Box::from("a"), Box::from("b")];
        assert_ne!(list(&["a", "b"]), Respondents::of("w", ids.clone()));
        assert_ne!(list(&["a", "b"]), Respondents::keyed("s", "v", ids));
    }

    #[test]
    fn what_was_written_down_is_read_again_without_its_ids() {
        let two = list(&["a", "b"]);
        let read: Respondents = two.to_string().parse().unwrap();
        assert_eq!(read, two);
        assert_eq!((read.ids(), read.count()), (None, 2));
        assert_eq!(two.ids().unwrap().len(), 2);
        for text in [
            "",
            "2 respondents",
            "1 respondents #aa",
            "02 respondents #aa",
            "x respondents #aa",
        ] {
            assert_eq!(text.parse::<Respondents>(), Err(NoRespondents), "{text}");
        }
    }

    #[test]
    fn ids_are_covered_wherever_they_stand_as_a_whole() {
        let list = list(&["71", "ab-7", "x"]);
        for (text, shown) in [
            (
                r#"{"PSIDRef": ["ab-7", 71, "ab-71"]}"#,
                r#"{"PSIDRef": ["9999", 99, "ab-71"]}"#,
            ),
            ("there is no ab-7.", "there is no 9999."),
            ("x: unknown, x", "9: unknown, 9"),
            ("ä71 ab-7", "ä99 9999"),
        ] {
            assert_eq!(list.hidden_in(text), shown, "{text}");
        }
        assert!(matches!(list.hidden_in("nobody of 72"), Cow::Borrowed(_)));
        assert!(matches!(list.hidden_in(""), Cow::Borrowed(_)));
    }
}
