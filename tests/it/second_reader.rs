//! A second reader of YAML, which shares no code with ours, as an oracle: whatever both read without an objection, they
//! read alike. Unit tests of the reader, the writer and the editor include this file, too.
//!
//! It is a reader of YAML 1.2 with habits of its own. Differences that are allowed, and no others:
//!
//! - a number with leading zeros (`012`) is a text to it, and a number to us, with a warning;
//! - `0b11`, `-0x1F` and `+0o7` are numbers to it, and texts in YAML 1.2's core schema;
//! - a number that no 64-bit float holds (`1e400`) is a text to it;
//! - a key keeps its text with us (`1: a`), where it may be a number, true or null to it;
//! - a quoted `"<<"` merges there, and a merge inside of a merged mapping does not: such texts are compared unmerged;
//! - the tag `!` is kept there, and means a text to us;
//! - names of anchors are letters, digits, `-` and `_` there, and inside of brackets a `?` makes the text behind it a key
//!   (YAML 1.1): texts with other names or such a `?` are not compared;
//! - a byte order mark at the beginning is taken away for it.
//!
//! A text that one of them refuses (keys twice, other tags, keys that are collections, byte order marks in the middle)
//! is not compared. Deep nesting is not either: the second reader takes a minute for ten thousand brackets.

use super::yaml::{self, Budget, Node, Options, Value as Meaning};
use serde::Deserialize as _;
use serde_yaml::Value;

/// Longest text that is compared.
const LONGEST: usize = 64 * 1024;
/// Most signs that open something.
const MOST_OPENED: usize = 2_000;

/// All documents as the second reader has them, merge keys unfollowed; `None` where it refuses one, or is not asked.
pub(crate) fn read(text: &str) -> Option<Vec<Value>> {
    let opened = text.matches(['[', '{']).count() + text.matches("- ").count() + text.matches("? ").count();
    if text.len() > LONGEST || opened > MOST_OPENED {
        return None;
    }
    serde_yaml::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
        .map(|document| Value::deserialize(document).ok())
        .collect()
}

/// Whether both readers accept a text. Panics where they do and read different things.
pub(crate) fn agrees(text: &str) -> bool {
    compared(text).unwrap_or_else(|why| panic!("{why}, in\n{text}"))
}

/// Whether both readers accept a text, or what they read differently.
fn compared(text: &str) -> Result<bool, String> {
    let (tree, problems) = yaml::parse(text, Options::default());
    let Some(theirs) = read(text).filter(|_| problems.is_empty() && !is_not_yaml_1_1(text)) else {
        return Ok(false);
    };
    let ours: Vec<Node<'_, '_>> = tree.documents().collect();
    // A text without a document is one that is nothing.
    if ours.is_empty() && theirs.iter().all(Value::is_null) {
        return Ok(true);
    }
    if ours.len() != theirs.len() {
        return Err(format!("{} documents are {}", ours.len(), theirs.len()));
    }
    for (ours, mut theirs) in ours.into_iter().zip(theirs) {
        let mut quoted_merge = false;
        compare(ours, &theirs, &mut quoted_merge, "")?;
        let (merged, problems) = yaml::to_json(ours, &mut Budget::default());
        let follows = theirs.apply_merge().is_ok() && !quoted_merge && !still_merges(&theirs);
        if let Some(merged) = merged.filter(|_| follows && problems.is_empty()) {
            compare_merged(&merged, &theirs, "")?;
        }
    }
    Ok(true)
}

/// Whether the two may differ rightly: there is a mark that only YAML 1.1 takes for the end of a line, an anchor has a name that
/// it does not allow, a `?` inside of brackets stands before a text, or a block scalar may have its text at the very left,
/// where a `#` is text and no comment.
fn is_not_yaml_1_1(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|line| line.trim_start_matches("---").trim_start());
    let block = |line: &str| line.starts_with(['|', '>']);
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) || lines.any(block) && text.contains("\n#") {
        return true;
    }
    let flow = text.contains(['[', '{']);
    text.match_indices(['&', '*', '?']).any(|(at, sign)| {
        let before = text[..at].chars().next_back();
        let starts = before.is_none_or(|c| c.is_whitespace() || "[{,:-?".contains(c));
        let ends = |c: char| c.is_whitespace() || ",[]{}".contains(c);
        let name = text[at + 1..].split(ends).next().unwrap_or_default();
        let plain = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        starts
            && if sign == "?" {
                flow && !name.is_empty()
            } else {
                !plain(name)
            }
    })
}

/// A document of ours beside one of theirs, as written.
fn compare(ours: Node<'_, '_>, theirs: &Value, quoted_merge: &mut bool, at: &str) -> Result<(), String> {
    let differ = || {
        let ours = (ours.value(), ours.items().len(), ours.entries().len());
        Err(format!("at `{at}` one reads {ours:?} and the other {theirs:?}"))
    };
    match theirs {
        Value::Tagged(tagged) if tagged.tag == "!" => Ok(()),
        Value::Sequence(items) if ours.is_sequence() && ours.items().len() == items.len() => ours
            .items()
            .zip(items)
            .enumerate()
            .try_for_each(|(index, (ours, theirs))| {
                compare(ours, theirs, quoted_merge, &format!("{at}/{index}"))
            }),
        Value::Mapping(map) if ours.is_mapping() && ours.entries().len() == map.len() => {
            for (entry, (key, value)) in ours.entries().iter().zip(map) {
                if !same_key(&entry.key, key) {
                    return Err(format!(
                        "below `{at}` the keys {:?} and {key:?} differ",
                        entry.key
                    ));
                }
                *quoted_merge |= entry.key == "<<" && !entry.merge;
                compare(
                    ours.of(entry),
                    value,
                    quoted_merge,
                    &format!("{at}/{}", entry.key),
                )?;
            }
            Ok(())
        }
        scalar => match (ours.scalar(), ours.value()) {
            (Some(written), Some(meaning)) if same_scalar(&written.text, &meaning, scalar) => Ok(()),
            _ => differ(),
        },
    }
}

/// Whether a key of ours, which is always a text, is a key of theirs, which may be any scalar.
fn same_key(ours: &str, theirs: &Value) -> bool {
    let plain = yaml::Scalar {
        text: ours.into(),
        style: yaml::Style::Plain,
        tag: None,
    };
    match theirs {
        Value::String(text) => text == ours,
        other => same_scalar(ours, &yaml::resolve(&plain), other),
    }
}

fn same_scalar(written: &str, ours: &Meaning, theirs: &Value) -> bool {
    let unsigned = written.strip_prefix(['-', '+']).unwrap_or(written);
    match (ours, theirs) {
        (Meaning::Null, Value::Null) => true,
        (Meaning::Bool(a), Value::Bool(b)) => a == b,
        (Meaning::Text(a), Value::String(b)) => a == b,
        (Meaning::Int(a), Value::Number(b)) => {
            let whole = b.as_u64().map(i128::from).or(b.as_i64().map(i128::from));
            #[allow(clippy::cast_precision_loss, reason = "that is what the other reader has")]
            let float = *a as f64;
            whole.map_or(b.as_f64() == Some(float), |whole| whole == *a)
        }
        (Meaning::Decimal(_), Value::Number(b)) => {
            let float = match unsigned.to_ascii_lowercase().as_str() {
                ".nan" => return b.is_nan(),
                ".inf" => f64::INFINITY,
                digits => digits.parse().unwrap_or(f64::NAN),
            };
            b.as_f64().map(f64::abs) == Some(float)
        }
        // Leading zeros.
        (Meaning::Int(_) | Meaning::Decimal(_), Value::String(text)) => {
            text == written
                && (unsigned.starts_with('0') && unsigned.bytes().all(|b| b.is_ascii_digit())
                    || unsigned.parse().is_ok_and(f64::is_infinite))
        }
        (Meaning::Text(_), Value::Number(_)) => ["0b", "0x", "0o"]
            .iter()
            .any(|base| unsigned.starts_with(base) && (*base == "0b" || unsigned != written)),
        _ => false,
    }
}

/// Whether a merge key is left.
fn still_merges(value: &Value) -> bool {
    match value {
        Value::Sequence(items) => items.iter().any(still_merges),
        Value::Mapping(map) => map
            .iter()
            .any(|(key, value)| key.as_str() == Some("<<") || still_merges(value)),
        _ => false,
    }
}

/// What is left after merging: the same keys everywhere, and the same texts. Numbers were compared before.
fn compare_merged(ours: &serde_json::Value, theirs: &Value, at: &str) -> Result<(), String> {
    use serde_json::Value as Json;
    let same = match (ours, theirs) {
        (Json::Array(a), Value::Sequence(b)) if a.len() == b.len() => {
            return a
                .iter()
                .zip(b)
                .try_for_each(|(a, b)| compare_merged(a, b, &format!("{at}/_")));
        }
        (Json::Object(a), Value::Mapping(b)) if a.len() == b.len() => {
            return a.iter().try_for_each(|(key, value)| {
                let found = b.iter().find(|(other, _)| same_key(key, other));
                let (_, other) = found.ok_or_else(|| format!("`{at}/{key}` is only in {ours}"))?;
                compare_merged(value, other, &format!("{at}/{key}"))
            });
        }
        (Json::String(a), Value::String(b)) => a == b,
        (_, Value::Tagged(_)) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Null, Value::Null) => true,
        (Json::Number(_), Value::Number(_) | Value::String(_)) | (Json::String(_), Value::Number(_)) => true,
        _ => false,
    };
    same.then_some(())
        .ok_or_else(|| format!("at `{at}` one has {ours} and the other {theirs:?}"))
}
