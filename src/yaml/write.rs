//! A value as YAML, for people: blocks for what is long, flow for what is short.
//!
//! Promises: reading it gives the same value; a text that any YAML reader could take for something else is quoted; nothing
//! in it depends on the terminal or the locale.

use super::node::{Scalar, Style};
use super::scalar::{self, trap};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Widest line that flow is used for.
const WIDTH: usize = 100;
/// Words that older YAML readers take for true or false.
const OLD_WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// Whether older YAML readers take a text for a number: by sixties (`12:30`), with underscores (`1_000`), or by twos.
fn is_old_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let made_of = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_hexdigit() || more.contains(c));
    digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits.bytes().all(|b| b.is_ascii_digit() || b":_.".contains(&b)) && digits.contains([':', '_'])
            || ["0b", "0x"]
                .iter()
                .filter_map(|base| digits.strip_prefix(base))
                .any(|digits| made_of(digits, "_")))
}

/// The document of a value, ended by a line break.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        other => {
            out.push_str(&flow(other, false));
            out.push('\n');
        }
    }
    out
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn mapping(out: &mut String, map: &Map<String, Value>, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            pad(out, indent);
        }
        let key = text(key, true);
        out.push_str(&key);
        out.push(':');
        below(out, value, indent, indent + key.chars().count() + 2);
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(out, indent);
        }
        out.push('-');
        match item {
            Value::Object(map) if !is_short(item, indent + 2) => {
                out.push(' ');
                mapping(out, map, indent + 2);
            }
            item => below(out, item, indent, indent + 2),
        }
    }
}

/// A value behind its key or dash, on the same line where it fits.
fn below(out: &mut String, value: &Value, indent: usize, column: usize) {
    match value {
        Value::Object(map) if !is_short(value, column) => {
            out.push('\n');
            pad(out, indent + 2);
            mapping(out, map, indent + 2);
        }
        Value::Array(items) if !is_short(value, column) => {
            out.push('\n');
            pad(out, indent + 2);
            sequence(out, items, indent + 2);
        }
        value => {
            out.push(' ');
            out.push_str(&flow(value, false));
            out.push('\n');
        }
    }
}

/// Whether a collection is better on one line.
fn is_short(value: &Value, column: usize) -> bool {
    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }
    let flat = match value {
        // A list of mappings is a table, and reads better as one.
        Value::Array(items) => items.is_empty() || !items.iter().any(Value::is_object),
        _ => true,
    };
    flat && depth(value) <= 3 && column + flow(value, false).chars().count() <= WIDTH
}

/// A value on one line. Inside of flow a plain text may hold less.
pub fn flow(value: &Value, inside: bool) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(value) => text(value, inside).into_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{}: {}", text(key, true), flow(value, true));
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A text, in quotes where it needs them.
pub fn text(value: &str, inside: bool) -> Cow<'_, str> {
    if is_plain(value, inside) {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(quoted(value))
    }
}

/// A text in double quotes.
pub fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || is_unseen(c) => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a character shows nothing, breaks the line or turns the direction of what follows. Joiners are parts of words.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether every reader sees this text where it stands without quotes.
fn is_plain(value: &str, inside: bool) -> bool {
    let starts = value.starts_with(|c: char| c.is_alphanumeric() || c == '/' || c == '+');
    let ends = !value.ends_with(|c: char| c.is_whitespace() || c == ':');
    let harmless = |c: char| c.is_alphanumeric() || " _./-+%@=&?$()*;~^|<>!'\"#:".contains(c);
    let brackets = |c: char| !inside && "[]{},".contains(c);
    // Some readers end a text inside brackets at a colon before one of these.
    let stuck = |pair: &[u8]| pair[0] == b':' && b",?[]{}".contains(&pair[1]);
    let split = value.contains(": ") || value.contains(" #") || value.as_bytes().windows(2).any(stuck);
    let scalar = Scalar {
        text: Cow::Borrowed(value),
        style: Style::Plain,
        tag: None,
    };
    let is_text = matches!(scalar::resolve(&scalar), scalar::Value::Text(_)) && trap(value).is_none();
    let old = OLD_WORDS.iter().any(|word| word.eq_ignore_ascii_case(value));
    starts
        && ends
        && !split
        && !old
        && !is_old_number(value)
        && is_text
        && value.chars().all(|c| harmless(c) || brackets(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Budget, Options, parse, to_json};
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        let (tree, problems) = parse(text, Options::default());
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        let root = tree.documents().next().unwrap();
        let (value, problems) = to_json(root, &mut Budget::default());
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        value.unwrap()
    }

    #[test]
    fn it_reads_as_a_person_would_write_it() {
        let survey = json!({
            "kind": "Survey",
            "title": "Soda: the tracker",
            "cpi": "3.75 USD",
            "locale": "no",
            "live_url": "https://survey.example.com/s?tk=[%%token%%]",
            "qualifications": {"gender": ["male", "female"], "229": ["07030"]},
            "quotas": [{"name": "men", "completes": 49, "where": {"gender": "male"}}],
            "purespectrum": {},
        });
        let text = "kind: Survey\ntitle: \"Soda: the tracker\"\ncpi: 3.75 USD\nlocale: \"no\"\n\
                    live_url: https://survey.example.com/s?tk=[%%token%%]\n\
                    qualifications: {gender: [male, female], \"229\": [\"07030\"]}\n\
                    quotas:\n  - {name: men, completes: 49, where: {gender: male}}\npurespectrum: {}\n";
        assert_eq!(write(&survey), text);
        assert_eq!(read(text), survey);
    }

    #[test]
    fn what_older_readers_take_for_something_else_is_in_quotes() {
        for text in [
            "NO", "on", "y", "Off", "12:30:00", "12:30", "-1:30.5", "1_000", "0b11", "0x1_F", "012", "~",
            "null", "1e3", "=", "<<",
        ] {
            let value = json!({text: text, "country": [text]});
            let made = write(&value);
            assert_eq!(made.matches(&format!("\"{text}\"")).count(), 3, "{made}");
            assert_eq!(read(&made), value);
            assert_eq!(serde_yaml::from_str::<Value>(&made).unwrap(), value, "{made}");
        }
        for text in ["18-64", "US", "k", "a:b", "https://a:80/b", "2026-11-21"] {
            assert_eq!(write(&json!([text])), format!("- {text}\n"));
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[-+]?[0-9]{1,3}[:_.b]{1,2}[0-9]{0,3}|0[bx][0-9_]{1,4}".prop_map(Value::from),
            "[ -~]{0,60}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "(yes|0[0-9]{1,5}|[0-9]{1,3}:[0-9]{2}|[0-9.eE+-]{1,6}|~|null|[a-z]{1,3}: [a-z]|- a|%a|@b|: |#)"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{0,12}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().filter(|(key, _)| key != "<<").collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_read_back(value in any_value()) {
            let text = write(&value);
            prop_assert_eq!(&read(&text), &value);
            prop_assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value, "{}", text);
        }
    }
}
