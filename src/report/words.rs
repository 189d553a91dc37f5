//! Values, fields and counts in words, free of everything a terminal would obey.

use crate::model::Money;
use crate::plan::{Action, Change, Exposure, Guard, NoteKind, Plan, Summary};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How many entries of a long list are shown unless everything is asked for.
const SHOWN: usize = 8;

/// The text with control characters and the marks that reorder text written out as `\u{...}`.
///
/// Titles and messages come from manifests and vendors; none of them may move a cursor, ring a bell or show a price
/// backwards.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let reorders =
            matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Columns a text takes on a terminal: wide scripts count twice, combining marks not at all. Near enough for wrapping.
pub(super) fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x300..=0x36f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

/// `1 call`, `2 calls`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The mark in front of an action. Words always stand beside it.
pub(super) fn symbol(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "±",
        Action::Launch | Action::Resume => "▶",
        Action::Pause => "‖",
        Action::Close => "×",
        Action::Forget => "-",
    }
}

/// The mark in front of a note: whether something is held back or only said.
pub(super) fn note_symbol(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Refused | NoteKind::Blocked | NoteKind::Drift => "!",
        NoteKind::Unsupported | NoteKind::Unmanaged | NoteKind::Advice => "·",
    }
}

/// A field as people name it: `/purespectrum/template_id` is `purespectrum.template_id`.
pub(super) fn field(path: &str) -> String {
    clean(&path.trim_start_matches('/').replace('/', "."))
}

/// The quota and the part of it that a change is about; `None` for every other field.
pub(super) fn quota_part(path: &str) -> Option<(&str, QuotaPart)> {
    let rest = path.strip_prefix("/quotas/")?;
    if let Some(name) = rest.strip_suffix("/completes") {
        return Some((name, QuotaPart::Completes));
    }
    rest.strip_suffix("/where").map(|name| (name, QuotaPart::Where))
}

/// What of a quota changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotaPart {
    /// How many.
    Completes,
    /// Who is counted.
    Where,
}

/// A value in words. `all` shows long lists to the end.
pub(super) fn value(value: &Value, all: bool) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        // Quotes only where a blank at an end would be lost, or nothing would be seen at all.
        Value::String(text) if text.trim() != text || text.is_empty() => format!("\"{}\"", clean(text)),
        Value::String(text) => clean(text),
        Value::Array(items) => list(items.iter(), items.len(), all),
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(key, inner)| format!("{}: {}", clean(key), alternatives(inner, all)))
                .collect();
            parts.join(", ")
        }
    }
}

/// The criteria of a quota in words: `gender: male, age: 18-34`.
pub(super) fn who(criteria: &Value, all: bool) -> String {
    match criteria {
        Value::Object(map) if map.is_empty() => "everybody".to_owned(),
        criteria => value(criteria, all),
    }
}

/// The answers to one question, any of which will do.
fn alternatives(answers: &Value, all: bool) -> String {
    let Value::Array(items) = answers else {
        return value(answers, all);
    };
    let words: Vec<String> = items.iter().map(|item| value(item, all)).collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() && (all || words.len() <= SHOWN) => {
            format!("{} or {last}", first.join(" or "))
        }
        _ => list(items.iter(), items.len(), all),
    }
}

fn list<'a>(items: impl Iterator<Item = &'a Value>, len: usize, all: bool) -> String {
    let shown = if all || len <= SHOWN { len } else { SHOWN - 1 };
    let mut out = items
        .take(shown)
        .map(|item| value(item, all))
        .collect::<Vec<_>>()
        .join(", ");
    if shown < len {
        let _ = write!(out, " and {} more", len - shown);
    }
    if len == 0 {
        out.push_str("none");
    }
    out
}

/// What a change turns into what: `400 → 500`, or only `400` where the whole resource is new.
pub(super) fn transition(change: &Change, new_resource: bool, all: bool) -> String {
    match (&change.before, &change.after) {
        (Value::Null, after) if new_resource => value(after, all),
        // No price of ours is a price all the same, and one without a ceiling.
        (before, Value::Null) if change.path == "/cpi" => format!("{} → market price", value(before, all)),
        (Value::Null, after) if change.path == "/cpi" => format!("market price → {}", value(after, all)),
        (Value::Null, after) => format!("not set → {}", value(after, all)),
        (before, Value::Null) => format!("{} → cleared", value(before, all)),
        (Value::Array(before), Value::Array(after)) if !all && before.len().max(after.len()) > SHOWN => {
            members(before, after)
        }
        (before, after) => format!("{} → {}", value(before, all), value(after, all)),
    }
}

/// A change of a long list: what comes and what goes, because two long lists side by side hide it.
fn members(before: &[Value], after: &[Value]) -> String {
    let keys = |items: &[Value]| -> BTreeSet<String> { items.iter().map(Value::to_string).collect() };
    let (had, wants) = (keys(before), keys(after));
    let new: Vec<&Value> = after.iter().filter(|v| !had.contains(&v.to_string())).collect();
    let gone: Vec<&Value> = before
        .iter()
        .filter(|v| !wants.contains(&v.to_string()))
        .collect();
    let mut parts = vec![format!("{} → {} entries", before.len(), after.len())];
    for (word, items) in [("adds", new), ("drops", gone)] {
        if !items.is_empty() {
            parts.push(format!(
                "{word} {}",
                list(items.iter().copied(), items.len(), false)
            ));
        }
    }
    parts.join("; ")
}

/// What follows a changed value: what it means for completes already paid, and whether somebody else moved it.
pub(super) fn aside(change: &Change) -> String {
    let mut out = String::new();
    if let Some(remark) = &change.remark {
        let _ = write!(out, " ({})", clean(remark));
    }
    if change.drift {
        out.push_str(" [drift: changed outside infield]");
    }
    out
}

/// What a plan does to the exposure in one currency.
pub(super) fn exposure_change(exposure: &Exposure) -> Money {
    let Exposure { before, after } = exposure;
    Money::new(after.amount - before.amount, after.currency)
}

/// An amount with its sign, `+1500.00`; nothing is `0.00`.
pub(super) fn signed(money: &Money) -> String {
    if money.amount.is_sign_positive() && !money.amount.is_zero() {
        format!("+{}", money.plain())
    } else {
        money.plain()
    }
}

/// The counts that are not zero, `1 to create, 1 to launch`; empty where nothing is done.
pub(super) fn verdict(summary: &Summary) -> String {
    let Summary {
        create,
        update,
        replace,
        launch,
        pause,
        close,
        forget,
        unchanged: _,
        calls: _,
    } = *summary;
    let parts: Vec<String> = [
        (create, "create"),
        (update, "change"),
        (replace, "replace"),
        (launch, "launch"),
        (pause, "pause"),
        (close, "close"),
        (forget, "forget"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, verb)| format!("{number} to {verb}"))
    .collect();
    parts.join(", ")
}

/// The whole plan in one line: what is done, what is held back, and what it does to the exposure.
pub(super) fn verdict_line(plan: &Plan) -> String {
    let verdict = verdict(&plan.summary());
    let held = held_back(plan);
    let mut parts = vec![match (verdict.is_empty(), held) {
        (false, _) => verdict,
        (true, 0) => "nothing to do".to_owned(),
        (true, _) => "nothing will be done".to_owned(),
    }];
    if held > 0 {
        parts.push(format!("{held} held back"));
    }
    for exposure in &plan.exposure {
        let change = exposure_change(exposure);
        if !change.amount.is_zero() {
            parts.push(format!("exposure {} {}", signed(&change), change.currency.code()));
        }
    }
    parts.join(", ")
}

/// Guards that need an approval, each with the surveys it stands before.
pub(super) fn asked<'a>(plan: &'a Plan, allowed: &BTreeSet<Guard>) -> BTreeMap<Guard, BTreeSet<&'a str>> {
    let mut asked: BTreeMap<Guard, BTreeSet<&str>> = BTreeMap::new();
    for step in &plan.steps {
        for guard in step.guards.iter().filter(|guard| !allowed.contains(guard)) {
            asked.entry(*guard).or_default().insert(step.address.as_str());
        }
    }
    asked
}

/// The command that applies exactly this plan: with everything that was given to make it.
pub(super) fn apply_command(given: &[String], hash: &str) -> String {
    let given: String = given.iter().map(|word| format!(" {}", clean(word))).collect();
    format!("infield apply{given} --approve {hash}")
}

/// How many surveys and groups something is refused for, or held back for until something happens.
pub(super) fn held_back(plan: &Plan) -> usize {
    plan.notes
        .iter()
        .filter(|note| matches!(note.kind, NoteKind::Refused | NoteKind::Blocked))
        .map(|note| &note.address)
        .collect::<BTreeSet<_>>()
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(path: &str, before: Value, after: Value) -> Change {
        Change {
            path: path.to_owned(),
            before,
            after,
            remark: None,
            drift: false,
        }
    }

    #[test]
    fn values_read_as_a_manifest_would_write_them() {
        for (value, words) in [
            (json!(null), "nothing"),
            (json!(true), "true"),
            (json!(4.1), "4.1"),
            (json!("Soda"), "Soda"),
            (json!("Soda "), "\"Soda \""),
            (json!(""), "\"\""),
            (json!([]), "none"),
            (json!(["18-24", "25-34"]), "18-24, 25-34"),
            (
                json!({"gender": ["male"], "age": ["18-24", "25-34"]}),
                "gender: male, age: 18-24 or 25-34",
            ),
            (
                json!({"pacing": "hours", "interval": 12}),
                "pacing: hours, interval: 12",
            ),
            (
                json!([1, 2, 3, 4, 5, 6, 7, 8, 9]),
                "1, 2, 3, 4, 5, 6, 7 and 2 more",
            ),
        ] {
            assert_eq!(super::value(&value, false), words);
        }
        assert_eq!(
            super::value(&json!([1, 2, 3, 4, 5, 6, 7, 8, 9]), true),
            "1, 2, 3, 4, 5, 6, 7, 8, 9"
        );
        assert_eq!(who(&json!({}), false), "everybody");
    }

    #[test]
    fn a_price_that_goes_is_the_market_price() {
        let cleared = |path| change(path, json!("3.75 USD"), Value::Null);
        assert_eq!(
            transition(&cleared("/cpi"), false, false),
            "3.75 USD → market price"
        );
        assert_eq!(
            transition(&cleared("/test_url"), false, false),
            "3.75 USD → cleared"
        );
        let set = change("/completes", Value::Null, json!(400));
        assert_eq!(transition(&set, true, false), "400");
        assert_eq!(transition(&set, false, false), "not set → 400");
    }

    #[test]
    fn quotas_are_found_whatever_their_name() {
        assert_eq!(
            quota_part("/quotas/men/completes"),
            Some(("men", QuotaPart::Completes))
        );
        assert_eq!(
            quota_part("/quotas/18/24/where"),
            Some(("18/24", QuotaPart::Where))
        );
        assert_eq!(quota_part("/completes"), None);
    }

    #[test]
    fn controls_and_reordering_marks_are_written_out() {
        assert_eq!(clean("a\u{1b}[31m\u{202e}b"), r"a\u{1b}[31m\u{202e}b");
        assert_eq!(clean("Zürich 東京"), "Zürich 東京");
        assert_eq!(columns("Zürich 東京"), 11);
        assert_eq!(columns("e\u{301}"), 1);
    }

    #[test]
    fn counts_leave_out_what_is_zero() {
        let summary = Summary {
            create: 1,
            update: 2,
            calls: 5,
            ..Summary::default()
        };
        assert_eq!(verdict(&summary), "1 to create, 2 to change");
        assert_eq!(verdict(&Summary::default()), "");
        assert_eq!(count(1, "call", "calls"), "1 call");
        assert_eq!(count(0, "call", "calls"), "0 calls");
    }

    #[test]
    fn the_command_repeats_what_was_given() {
        assert_eq!(
            apply_command(&[], "k7m2-9qfd"),
            "infield apply --approve k7m2-9qfd"
        );
        let given = ["surveys/", "--env", "production"].map(str::to_owned);
        assert_eq!(
            apply_command(&given, "k7m2-9qfd"),
            "infield apply surveys/ --env production --approve k7m2-9qfd"
        );
    }
}
