//! The texts of a survey that go out: composed letters, nothing that nobody sees, no blanks at an end. A vendor that drops
//! such characters would show another text than was sent, and what differs is not launched.

use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::model::VendorId;
use crate::text::normal::{composed, is_invisible};
use crate::text::plain;
use crate::text::pointer::below;
use serde_json::Value;
use std::borrow::Cow;

/// Composes the letters of all texts of a document, and reports those that go out and are not as they look.
pub(crate) fn settle(scope: &mut Scope<'_>, document: &mut Value) {
    walk(scope, document, "", false);
}

fn walk(scope: &mut Scope<'_>, value: &mut Value, pointer: &str, goes_out: bool) {
    match value {
        Value::String(text) => {
            if goes_out {
                check(scope, text, pointer);
            }
            if let Cow::Owned(other) = composed(text) {
                *text = other;
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(scope, item, &format!("{pointer}/{index}"), goes_out);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                if key == "id" && is_quota(pointer) {
                    key_of_others(scope, value, &below(pointer, key));
                    continue;
                }
                let named = key == "title" || (key == "name" && pointer.contains("/quotas/"));
                let own = VendorId::from_key(key).is_some();
                walk(scope, value, &below(pointer, key), goes_out || named || own);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a quota stands at this place.
fn is_quota(pointer: &str) -> bool {
    let list = pointer.rsplit_once('/').map(|(list, _)| list);
    list.is_some_and(|list| list.ends_with("/quotas"))
}

/// A key that the vendor has already is named as it is, letter by letter. Who chooses one is told what nobody sees in it.
fn key_of_others(scope: &mut Scope<'_>, value: &Value, pointer: &str) {
    let Some(message) = value.as_str().and_then(|key| unfit(key, "/name")) else {
        return;
    };
    scope
        .warning(code::TEXT_UNSEEN)
        .says(message)
        .value(pointer, "is the vendor's key like this")
        .help("leave it where the vendor has it so; otherwise take what nobody sees out");
}

fn unseen(c: char) -> bool {
    is_invisible(c) || (plain::commands(c) && c != '\n')
}

/// Messages to a vendor's staff may have several lines; a title has one.
fn is_one_line(pointer: &str) -> bool {
    pointer.ends_with("/title") || pointer.ends_with("/name")
}

/// Why the text at this place of a survey cannot go out as it is, if it cannot.
pub fn unfit(text: &str, pointer: &str) -> Option<String> {
    let at_an_end = text.trim() != text;
    let broken = is_one_line(pointer) && text.trim().contains('\n');
    match text.chars().find(|c| unseen(*c)) {
        Some(c) if !at_an_end || is_invisible(c) => Some(format!(
            "this text has a character that nobody sees: `{}`",
            c.escape_unicode()
        )),
        _ if broken => Some("this text has more than one line".to_owned()),
        _ if at_an_end => Some("this text begins or ends with a blank or a line break".to_owned()),
        _ => None,
    }
}

fn check(scope: &mut Scope<'_>, text: &str, pointer: &str) {
    let Some(message) = unfit(text, pointer) else {
        return;
    };
    let one_line = is_one_line(pointer);
    let clean: String = text
        .chars()
        .map(|c| if c == '\n' && one_line { ' ' } else { c })
        .filter(|c| !unseen(*c))
        .collect();
    let place = scope.value(pointer);
    let said = |problem: &crate::diag::Diagnostic| {
        problem.code == code::TEXT_UNSEEN && problem.span() == Some(place)
    };
    if scope.problems.iter().any(said) {
        return;
    }
    scope
        .error(code::TEXT_UNSEEN)
        .says(message)
        .at(place, "would go out like this")
        .help(format!(
            "write `{}`; a block after `|` ends without a line break as `|-`",
            short(clean.trim())
        ));
}
