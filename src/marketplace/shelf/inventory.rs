//! What an account has at a vendor, whoever made it, and lists of it.
//!
//! Promises: an entry of a list that cannot be read hides no other, and is not taken for one that is not there. Whoever
//! looks for something in a list holds back what an unread entry could be, and nothing else.

use crate::marketplace::http::json::{Decoded, Mismatch, code, list};
use crate::model::{LiveKey, LiveSurvey, Reading, Status};
use jiff::Timestamp;
use serde_json::Value;

/// Something at a vendor, as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What a reader needs to find it.
    pub key: LiveKey,
    /// Its title, where the list shows it.
    pub title: Option<String>,
    /// Its locale, where the list shows it.
    pub locale: Option<String>,
    /// The reference that we gave it, where the vendor keeps one and the list shows it.
    pub reference: Option<String>,
    /// Its status; `None` where it has none of its own, or one that infield does not know.
    pub status: Option<Status>,
    /// When it was made, where the vendor says.
    pub made: Option<Timestamp>,
}

impl Listed {
    /// What a list shows of a survey with this key.
    pub fn of(key: LiveKey, live: &LiveSurvey, made: Option<Timestamp>) -> Self {
        Self {
            key,
            title: live.spec.title.value().cloned(),
            locale: live.spec.locale.value().cloned(),
            reference: None,
            status: live.status,
            made,
        }
    }
}

/// An entry of a list that could not be read, with what could.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// The vendor's id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// Where in the list it could not be read, and why, for people.
    pub why: String,
}

impl Unread {
    /// An entry with what is below the keys of its id and its name.
    pub fn of(entry: &Value, [id, name]: [&str; 2], mismatch: &Mismatch) -> Self {
        let Mismatch { path, problem } = mismatch;
        Self {
            id: entry.get(id).and_then(code),
            name: entry.get(name).and_then(Value::as_str).map(str::to_owned),
            made: None,
            why: format!("an entry of the list cannot be read at {path}: {problem}"),
        }
    }

    /// Whether it could be the one with this name.
    pub fn could_be(&self, name: Option<&String>) -> bool {
        self.name.is_none() || self.name.as_ref() == name
    }
}

/// The entries of a list, in its order.
pub type Entries<T> = Vec<Result<T, Unread>>;

/// Surveys, each with the time it was made where the vendor says.
pub type Made = Entries<(LiveSurvey, Option<Timestamp>)>;

/// Reads the entries of a list that stands at a place of an answer. `decode` gets an entry and its place.
///
/// # Errors
/// When there is no list.
pub fn each<T>(
    document: &Value,
    place: &str,
    decode: impl Fn(&Value, &str) -> Decoded<T>,
    unread: impl Fn(&Value, &Mismatch) -> Unread,
) -> Decoded<Entries<T>> {
    let read = |(index, entry): (usize, &Value)| {
        decode(entry, &format!("{place}/{index}")).map_err(|mismatch| unread(entry, &mismatch))
    };
    Ok(list(document, place)?.iter().enumerate().map(read).collect())
}

/// What of a list is sought; unknown where an entry that could not be read could be.
pub fn matching(
    entries: &Entries<LiveSurvey>,
    is: impl Fn(&LiveSurvey) -> bool,
    could_be: impl Fn(&Unread) -> bool,
) -> Reading<Vec<LiveSurvey>> {
    let mut found = Vec::new();
    for entry in entries {
        match entry {
            Ok(live) if is(live) => found.push(live.clone()),
            Err(unread) if could_be(unread) => {
                return Reading::Unknown {
                    why: unread.why.clone(),
                };
            }
            Ok(_) | Err(_) => {}
        }
    }
    Reading::Present(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, SurveySpec};
    use serde_json::json;

    #[test]
    fn an_entry_that_cannot_be_read_hides_no_other_and_could_be_whatever_it_does_not_rule_out() {
        let decode = |entry: &Value, place: &str| match entry["title"].as_str() {
            Some(title) if entry["fine"] == true => Ok(LiveSurvey {
                spec: SurveySpec {
                    title: Field::Set(title.to_owned()),
                    ..SurveySpec::default()
                },
                ..LiveSurvey::default()
            }),
            _ => Err(Mismatch::new(format!("{place}/fine"), "expected yes")),
        };
        let unread = |entry: &Value, mismatch: &Mismatch| Unread::of(entry, ["id", "title"], mismatch);
        let read = |document: Value| each(&document, "/all", decode, unread);
        let found = |entries: &Entries<LiveSurvey>, name: &str| {
            let name = name.to_owned();
            let is = |live: &LiveSurvey| live.spec.title.value() == Some(&name);
            match matching(entries, is, |unread| unread.could_be(Some(&name))) {
                Reading::Present(found) => Ok(found.len()),
                Reading::Unknown { why } => Err(why),
                Reading::Absent { proof } => panic!("{proof}"),
            }
        };
        let why = "an entry of the list cannot be read at /all/1/fine: expected yes".to_owned();
        let named = read(json!([{"title": "a", "fine": true}, {"id": 7, "title": "b"}])).unwrap();
        assert_eq!(named[1].as_ref().unwrap_err().id.as_deref(), Some("7"));
        assert_eq!(
            ["a", "b", "c"].map(|name| found(&named, name)),
            [Ok(1), Err(why.clone()), Ok(0)]
        );
        let nameless = read(json!([{"title": "a", "fine": true}, {"title": 5}])).unwrap();
        assert_eq!(
            ["a", "c"].map(|name| found(&nameless, name)),
            [Err(why.clone()), Err(why)]
        );
        assert_eq!(read(json!({})).unwrap_err().path, "/all");
    }
}
