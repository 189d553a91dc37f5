//! What was looked up: `infield.lookup/1` as JSON, and as lines of YAML with comments that can be pasted into a manifest.

use super::words::{clean, columns, padded};
use crate::marketplace::shelf::lists::{Entry, List, SHOWN_ANSWERS, Source, Topic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Column at which comments begin at the latest; a longer line has its comment right behind it.
const COMMENTS_AT: usize = 48;

/// What was looked up at a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield lookup")]
pub struct LookupReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment.
    pub environment: String,
    /// Where.
    pub vendor: String,
    /// The kind of list, as on the command line.
    pub what: String,
    /// The locale that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The text that was sought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Where the list is from.
    pub source: Source,
    /// Where in a manifest its lines belong; empty where manifests do not name such things.
    pub under: String,
    /// How many entries the list has without the search.
    pub total: usize,
    /// What was found, in the order of the list.
    pub entries: Vec<Entry>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.lookup/1")]
    V1,
}

/// The lines of a list, each with what to paste and a comment; answers below their question, one a line.
pub fn text(topic: Topic, list: &List) -> String {
    let mut lines = Vec::new();
    for entry in &list.entries {
        let key = entry.write.as_deref().and_then(|line| line.split_once(": "));
        let about = about(topic, entry);
        match (topic, key, &entry.write) {
            (Topic::Answers, Some((key, _)), _) if !entry.answers.is_empty() => {
                lines.push((format!("{}:", clean(key)), about));
                for answer in &entry.answers {
                    let comment = joined(&[&answer.id, &answer.text], " ");
                    lines.push((format!("  - {}", clean(&answer.write)), comment));
                }
            }
            (_, _, Some(line)) => lines.push((clean(line), about)),
            (_, _, None) => lines.push((String::new(), about)),
        }
    }
    let fitting = lines.iter().map(|(line, _)| columns(line) + 2);
    let column = fitting.filter(|at| *at <= COMMENTS_AT).max().unwrap_or_default();
    let mut out = String::new();
    for (line, comment) in &lines {
        let lead = match line.is_empty() {
            true => String::new(),
            false => format!("{}  ", padded(line, column.saturating_sub(2))),
        };
        let _ = match comment.is_empty() {
            true => writeln!(out, "{line}"),
            false => writeln!(out, "{lead}# {comment}"),
        };
    }
    out
}

/// What people want to know of an entry besides what they paste.
fn about(topic: Topic, entry: &Entry) -> String {
    // What stands in the line needs no second place.
    let mark = |c: char| c.is_whitespace() || "[]\",:".contains(c);
    let line = entry.write.as_deref().unwrap_or_default();
    let new = |text: &str| text != entry.text && !line.split(mark).any(|word| word == text);
    let only = |shown: bool, text: &str| if shown { text.to_owned() } else { String::new() };
    let id = only(new(&entry.id) || !entry.answers.is_empty(), &entry.id);
    let name = only(new(&entry.name) && entry.name != entry.id, &entry.name);
    let hidden = match entry.answers.len() {
        many if topic == Topic::Questions && many > SHOWN_ANSWERS => {
            format!("{SHOWN_ANSWERS} of {many} answers")
        }
        _ => String::new(),
    };
    let said = joined(&[&id, &name], " ");
    joined(&[&said, &entry.text, &hidden, &entry.note], "; ")
}

/// What there is of some texts, with something between them.
fn joined(texts: &[&str], between: &str) -> String {
    let some = texts.iter().filter(|text| !text.is_empty());
    some.map(|text| clean(text)).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_says_stays_in_its_comment() {
        let list = List {
            source: Source::Vendor,
            under: "`cint`".into(),
            entries: vec![Entry {
                id: "7".to_owned(),
                name: "Evil\nlive_url: http://x \u{1b}[31m".to_owned(),
                write: Some("client: 7".to_owned()),
                ..Entry::default()
            }],
        };
        let said = text(Topic::Clients, &list);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("client: 7  # Evil"), "{said}");
        assert!(!said.contains('\u{1b}'));
    }
}
