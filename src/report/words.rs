//! Values, fields and counts in words, free of everything a terminal would obey.

use crate::apply::{Limit, Takes};
use crate::plan::{Action, Change, Exposure, NoteKind, Plan, Summary};
use crate::text::pointer;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(super) use crate::text::plain::clean;

/// How many entries of a long list are shown unless everything is asked for.
pub(super) const SHOWN: usize = 8;

/// Columns a text takes on a terminal: wide scripts count twice, combining marks and colours not at all.
pub(super) fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// A text with blanks behind it up to a number of columns; one that is longer stays as it is.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The parts of a sentence of ours, each with whether it stands between back-ticks. A sentence may quote a user's text,
/// so back-ticks that do not come in pairs are taken for text.
pub(super) fn ticked(sentence: &str) -> Vec<(bool, &str)> {
    if sentence.matches('`').count() % 2 == 1 {
        return vec![(false, sentence)];
    }
    let parts = sentence.split('`').enumerate();
    parts.map(|(index, part)| (index % 2 == 1, part)).collect()
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
        NoteKind::Refused
        | NoteKind::Blocked
        | NoteKind::Drift
        | NoteKind::EndedShort
        | NoteKind::SoftLaunchWaiting => "!",
        NoteKind::Held | NoteKind::Unsupported | NoteKind::Unmanaged | NoteKind::Advice => "·",
        NoteKind::Done => "✓",
        NoteKind::Moved => "→",
    }
}

/// What many surveys that are done are, in one line.
pub(super) fn done(number: usize) -> String {
    count(number, "survey is done", "surveys are done")
}

/// A field as people name it: `/purespectrum/template_id` is `purespectrum.template_id`.
pub(super) fn field(path: &str) -> String {
    let keys: Vec<_> = pointer::keys(path).collect();
    clean(&keys.join("."))
}

/// The quota and the part of it that a change is about; `None` for every other field.
pub(super) fn quota_part(path: &str) -> Option<(Cow<'_, str>, QuotaPart)> {
    let (name, part) = path.strip_prefix("/quotas/")?.rsplit_once('/')?;
    let part = match part {
        "completes" => QuotaPart::Completes,
        "where" => QuotaPart::Where,
        _ => return None,
    };
    Some((pointer::key_of(name), part))
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
        Value::Array(items) if items.iter().any(Value::is_object) => entries(items, all),
        Value::Array(items) => list(items.iter(), all),
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(key, inner)| format!("{}: {}", clean(key), alternatives(inner, all)))
                .collect();
            parts.join(", ")
        }
    }
}

/// Entries of several parts each, apart from one another.
fn entries(items: &[Value], all: bool) -> String {
    let shown = if all || items.len() <= SHOWN {
        items.len()
    } else {
        SHOWN - 1
    };
    let parts: Vec<String> = items.iter().take(shown).map(|item| entry(item, all)).collect();
    let more = match items.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", parts.join("; "))
}

/// The parts of an entry; what of one are many belongs to it together.
fn entry(item: &Value, all: bool) -> String {
    let Value::Object(map) = item else {
        return value(item, all);
    };
    let part = |(key, inner): (&String, &Value)| {
        let words = match inner {
            Value::Array(items) => {
                let words: Vec<String> = items.iter().map(|item| value(item, all)).collect();
                words.join(" and ")
            }
            inner => value(inner, all),
        };
        format!("{}: {words}", clean(key))
    };
    let parts: Vec<String> = map.iter().map(part).collect();
    parts.join(", ")
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
        _ => list(items.iter(), all),
    }
}

/// Entries one behind the other, the first ones unless all are wanted.
pub(super) fn list<'a>(items: impl ExactSizeIterator<Item = &'a Value>, all: bool) -> String {
    let shown = match items.len() {
        0 => return "none".to_owned(),
        len if all || len <= SHOWN => len,
        _ => SHOWN - 1,
    };
    some(items.map(|item| value(item, all)), shown)
}

/// The first so many texts, and how many more there are.
pub(super) fn some(texts: impl ExactSizeIterator<Item = String>, shown: usize) -> String {
    let more = texts.len().saturating_sub(shown);
    let shown: Vec<String> = texts.take(shown).collect();
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{}{more}", shown.join(", "))
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

/// Which amounts may be less in truth.
pub(super) fn at_most(exposure: &[Exposure]) -> Option<String> {
    let at_most = exposure.iter().filter(|one| one.at_most);
    let at_most: Vec<&str> = at_most.map(|one| one.after.currency.code()).collect();
    (!at_most.is_empty()).then(|| {
        format!(
            "{}: at most; completes that were not counted, and quotas that go, take nothing off",
            at_most.join(" and ")
        )
    })
}

/// What stands beside the exposure: what is not counted, what may come on top, and what nothing bounds.
pub(super) fn beside(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = at_most(&plan.exposure).into_iter().collect();
    if plan.in_part && !plan.exposure.is_empty() {
        lines.push("only of what was asked for; the rest was not looked at".to_owned());
    }
    // Where nothing is done, nobody has to decide about it.
    let more = plan.exposure.iter().filter(|_| !plan.is_empty());
    let more = more.filter_map(|one| one.under_way);
    let more: Vec<String> = more.map(|more| more.to_string()).collect();
    if !more.is_empty() {
        lines.push(format!(
            "people still answering when a survey fills, stops or is edited may add up to {}",
            more.join(" and ")
        ));
    }
    let open: Vec<&str> = plan
        .unbounded
        .iter()
        .take(5)
        .map(crate::model::Address::as_str)
        .collect();
    if !open.is_empty() {
        let more = match plan.unbounded.len() - open.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!("market price: no bound for {}{more}", open.join(", ")));
    }
    lines
}

/// An amount with commas between thousands: `1234567.50 USD` as `1,234,567.50 USD`.
pub(super) fn grouped(amount: &str) -> String {
    let digits = amount.trim_start_matches(['-', '+', '−']);
    let sign = &amount[..amount.len() - digits.len()];
    let whole = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let mut text = sign.to_owned();
    for (index, digit) in digits[..whole].chars().enumerate() {
        if index > 0 && (whole - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &digits[whole..]
}

/// An amount in plain decimals with its sign, `+1500.00`; nothing is `0.00`.
pub(super) fn signed(plain: &str) -> String {
    let unsigned = plain.starts_with('-') || plain.chars().all(|c| matches!(c, '0' | '.'));
    format!("{}{plain}", if unsigned { "" } else { "+" })
}

/// The numbers that are not zero, each with its words.
pub(super) fn counts(numbers: &[(usize, &str)]) -> String {
    let some = numbers.iter().filter(|(number, _)| *number > 0);
    let some: Vec<String> = some.map(|(number, words)| format!("{number} {words}")).collect();
    some.join(", ")
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
        rename,
        remember,
        unchanged: _,
        calls: _,
    } = *summary;
    counts(&[
        (create, "to create"),
        (update, "to change"),
        (replace, "to replace"),
        (launch, "to launch"),
        (pause, "to pause"),
        (close, "to close"),
        (forget, "to forget"),
        (rename, "to rename"),
        (remember, "to remember"),
    ])
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
        let change = exposure.change();
        if !change.amount.is_zero() {
            parts.push(format!(
                "exposure {} {}",
                signed(&change.plain()),
                change.currency.code()
            ));
        }
    }
    parts.join(", ")
}

/// How long carrying a plan out takes, in a sentence with a blank behind it.
pub(super) fn takes(takes: &Takes) -> String {
    let pace = match takes.limit {
        Limit::ASecond(rate) => format!("at {rate} a second"),
        Limit::AtOnce(places) => format!("{places} at once"),
    };
    let (time, calls) = (about(takes.seconds), count(takes.calls, "call", "calls"));
    let vendor = takes.vendor.name();
    format!("Applying it takes about {time}: {calls} at {vendor}, read-backs included, {pace}. ")
}

/// A time that is only roughly known.
fn about(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{} s", seconds.next_multiple_of(5)),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

/// The command that applies exactly this plan: with everything that was given to make it.
pub(super) fn apply_command(given: &[String], hash: &str) -> String {
    format!("infield apply{} --approve {hash}", behind(given))
}

/// What was given on the command line, to stand behind a command.
pub(super) fn behind(given: &[String]) -> String {
    given.iter().map(|word| format!(" {}", clean(word))).collect()
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
                json!([{"supplier": 6, "completes": 25}, {"name": "b", "suppliers": [1, 2]}]),
                "supplier: 6, completes: 25; name: b, suppliers: 1 and 2",
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
    fn quotas_are_found_whatever_their_name() {
        assert_eq!(
            quota_part("/quotas/men/completes"),
            Some(("men".into(), QuotaPart::Completes))
        );
        assert_eq!(
            quota_part("/quotas/18~124/where"),
            Some(("18/24".into(), QuotaPart::Where))
        );
        assert_eq!(quota_part("/completes"), None);
    }

    #[test]
    fn controls_and_reordering_marks_are_written_out() {
        assert_eq!(clean("a\u{1b}[31m\u{202e}b"), r"a\u{1b}[31m\u{202e}b");
        assert_eq!(clean("Zürich 東京"), "Zürich 東京");
        assert_eq!(columns("Zürich 東京"), 11);
        assert_eq!(columns("e\u{301}"), 1);
        assert_eq!(columns("\u{1b}[1mbold\u{1b}[0m"), 4);
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
