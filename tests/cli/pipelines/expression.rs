//! The expressions of workflows, as far as ours go: paths, texts, `==`, `!=`, `&&`, `||`, `!`.

use super::at;
use serde_json::Value;

/// A text with every `${{ }}` in it evaluated.
pub(super) fn interpolate(text: &str, context: &Value) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after.split_once("}}").expect("the expression ends");
        out.push_str(before);
        out.push_str(&shown(&evaluate(expression, context)));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Whether a condition holds; a missing one does.
pub(super) fn holds(condition: &Value, context: &Value) -> bool {
    match condition {
        Value::Null => true,
        Value::Bool(holds) => *holds,
        Value::String(text) => {
            let text = text.trim().trim_start_matches("${{").trim_end_matches("}}");
            truthy(&evaluate(text, context))
        }
        other => panic!("no condition: {other}"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn truthy(value: &Value) -> bool {
    !matches!(shown(value).as_str(), "" | "false" | "0")
}

fn evaluate(expression: &str, context: &Value) -> Value {
    let either = split(expression, "||");
    if either.len() > 1 {
        return either.iter().any(|part| truthy(&evaluate(part, context))).into();
    }
    let both = split(expression, "&&");
    if both.len() > 1 {
        return both.iter().all(|part| truthy(&evaluate(part, context))).into();
    }
    for (operator, equal) in [("==", true), ("!=", false)] {
        if let [left, right] = split(expression, operator).as_slice() {
            let (left, right) = (evaluate(left, context), evaluate(right, context));
            return (shown(&left) == shown(&right)).eq(&equal).into();
        }
    }
    let expression = expression.trim();
    if let Some(text) = expression.strip_prefix('\'') {
        return text.trim_end_matches('\'').into();
    }
    let (name, rest) = expression.split_once('.').unwrap_or((expression, ""));
    assert!(
        [
            "github", "inputs", "env", "secrets", "vars", "steps", "needs", "runner"
        ]
        .contains(&name),
        "what is {expression}?"
    );
    at(&context[name], rest).clone()
}

/// The parts between an operator, which stands in no text of ours.
fn split<'a>(expression: &'a str, operator: &str) -> Vec<&'a str> {
    expression.split(operator).collect()
}
