//! Differences between two versions of a text: of a file as `diff -u` shows them, of a long value inside the value.

use super::words::{self, SHOWN, clean};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A text of more characters is long: two of them side by side hide what changes.
const LONG: usize = 60;

/// What changes in a file, as a unified difference with three lines around each change: for people and for `patch`.
/// Control characters of the texts do not reach a screen. Empty where nothing changes.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let difference = TextDiff::from_lines(before, after);
    let mut out = String::new();
    for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
        if out.is_empty() {
            let _ = writeln!(out, "--- {path}\n+++ {path}");
        }
        for line in hunk.to_string().lines() {
            out.push_str(&words::clean(line));
            out.push('\n');
        }
    }
    out
}

/// What changes inside a long value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inside {
    /// A text from its beginning to its end: what stays, what goes and what comes.
    Text(Vec<(ChangeTag, String)>),
    /// In words, the entries of a list that come and go.
    Entries(String),
}

/// What changes inside a value, where it is so long that two of them side by side would hide it: a text of more than 60
/// characters of which a third stays, and unless `all` entries are asked for a list of more than eight, also one that
/// belongs to a question.
pub(super) fn inside(before: &Value, after: &Value, all: bool) -> Option<Inside> {
    match (before, after) {
        (Value::String(before), Value::String(after)) => text(before, after).map(Inside::Text),
        _ if all => None,
        (Value::Array(before), Value::Array(after)) if before.len().max(after.len()) > SHOWN => {
            Some(Inside::Entries(entries(before, after)))
        }
        (Value::Object(had), Value::Object(wants)) => {
            let long = |value: &Value| value.as_array().is_some_and(|items| items.len() > SHOWN);
            if !had.values().chain(wants.values()).any(long) {
                return None;
            }
            let new = wants.keys().filter(|key| !had.contains_key(*key));
            let side =
                |value: Option<&Value>| value.map_or("not set".to_owned(), |value| words::value(value, all));
            let parts = had.keys().chain(new).filter_map(|key| {
                let (before, after) = (had.get(key), wants.get(key));
                let inner = match (before, after) {
                    (before, after) if before == after => return None,
                    (Some(Value::Array(before)), Some(Value::Array(after))) => entries(before, after),
                    (before, after) => format!("{} → {}", side(before), side(after)),
                };
                Some(format!("{}: {inner}", clean(key)))
            });
            Some(Inside::Entries(parts.collect::<Vec<_>>().join("; ")))
        }
        _ => None,
    }
}

/// What changes inside a text; `None` where it is short, is another text altogether, or has the marks itself.
fn text(before: &str, after: &str) -> Option<Vec<(ChangeTag, String)>> {
    let size = |text: &str| text.chars().count();
    let longer = size(before).max(size(after));
    let marked = |text: &str| ["[-", "-]", "{+", "+}"].iter().any(|mark| text.contains(mark));
    if longer <= LONG || marked(before) || marked(after) {
        return None;
    }
    let mut parts: Vec<(ChangeTag, String)> = Vec::new();
    let mut kept = 0;
    for change in TextDiff::from_unicode_words(before, after).iter_all_changes() {
        if change.tag() == ChangeTag::Equal {
            kept += size(change.value());
        }
        match parts.last_mut().filter(|(tag, _)| *tag == change.tag()) {
            Some((_, part)) => part.push_str(&clean(change.value())),
            None => parts.push((change.tag(), clean(change.value()))),
        }
    }
    (kept * 3 >= longer).then_some(parts)
}

/// What comes into a list and what goes.
fn entries(before: &[Value], after: &[Value]) -> String {
    let keys = |items: &[Value]| -> BTreeSet<String> { items.iter().map(Value::to_string).collect() };
    let mut parts = vec![format!("{} → {} entries", before.len(), after.len())];
    for (word, of, others) in [("adds", after, keys(before)), ("drops", before, keys(after))] {
        let items: Vec<&Value> = of.iter().filter(|v| !others.contains(&v.to_string())).collect();
        if !items.is_empty() {
            parts.push(format!("{word} {}", words::list(items.into_iter(), false)));
        }
    }
    parts.join("; ")
}

impl Inside {
    /// As plain text: `Soda tracker, wave [-3-]{+4+}`.
    pub(super) fn plain(&self) -> String {
        self.marked([("[-", "-]"), ("{+", "+}")], str::to_owned)
    }

    /// With the given marks around what goes and what comes, and every text written as a format wants it.
    pub(super) fn marked(&self, marks: [(&str, &str); 2], write: impl Fn(&str) -> String) -> String {
        let parts = match self {
            Self::Entries(said) => return write(said),
            Self::Text(parts) => parts.iter(),
        };
        let around = |tag| match tag {
            ChangeTag::Equal => ("", ""),
            ChangeTag::Delete => marks[0],
            ChangeTag::Insert => marks[1],
        };
        let shown = parts.map(|(tag, part)| (around(*tag), write(part)));
        shown
            .map(|((open, close), part)| format!("{open}{part}{close}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(before: &Value, after: &Value) -> Option<String> {
        inside(before, after, false).map(|inside| inside.plain())
    }

    #[test]
    fn a_long_text_is_told_once_with_what_changes_inside_it() {
        let url = "https://survey.example.com/soda?wave=3&tk=[%%token%%]&source=infield&country=us";
        let after = url.replace("wave=3", "wave=4");
        assert_eq!(
            said(&json!(url), &json!(after)).unwrap(),
            "https://survey.example.com/soda?wave=[-3-]{+4+}&tk=[%%token%%]&source=infield&country=us"
        );
        let title = "Soda tracker of the north, third wave of the year, for people who drink it daily";
        let after = "Soda tracker of the north, fourth wave of the year, for people who drink it";
        assert_eq!(
            said(&json!(title), &json!(after)).unwrap(),
            "Soda tracker of the north, [-third-]{+fourth+} wave of the year, for people who drink it[- daily-]"
        );
    }

    #[test]
    fn what_is_short_or_another_text_altogether_stands_side_by_side() {
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen";
        let other = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi";
        let marked = format!("{long} [-x-]");
        for (before, after) in [("Soda", "Tea"), (long, other), (long, marked.as_str())] {
            assert_eq!(said(&json!(before), &json!(after)), None, "{before} → {after}");
        }
        assert_eq!(said(&json!(["18-24"]), &json!(["25-34"])), None);
        assert_eq!(said(&json!({"age": ["18-24"]}), &json!({"age": ["25-34"]})), None);
        assert_eq!(said(&Value::Null, &json!(long)), None);
    }

    #[test]
    fn a_text_inside_a_text_moves_no_cursor() {
        let title = "Soda tracker of the north, third wave of the year, for people \u{1b}[31mred";
        let shown = said(&json!(title), &json!(title.replace("third", "\u{202e}fourth"))).unwrap();
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        assert!(
            shown.contains(r"\u{202e}") && shown.contains(r"\u{1b}[31mred"),
            "{shown}"
        );
    }

    #[test]
    fn a_long_list_is_told_by_what_comes_and_goes() {
        let zips = |range: std::ops::Range<u32>| -> Value { range.map(|zip| zip.to_string()).collect() };
        let (before, after) = (zips(100..110), zips(102..111));
        let told = "10 → 9 entries; adds 110; drops 100, 101";
        assert_eq!(said(&before, &after).unwrap(), told);
        assert_eq!(inside(&before, &after, true), None, "all of it was asked for");
        assert_eq!(
            said(
                &json!({"gender": ["male"], "zip": before, "age": ["18-24"]}),
                &json!({"gender": ["male"], "zip": after, "region": ["north"]}),
            )
            .unwrap(),
            format!("zip: {told}; age: 18-24 → not set; region: not set → north")
        );
    }
}
