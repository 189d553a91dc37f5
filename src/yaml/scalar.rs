//! The one resolver from a scalar's text to its meaning: YAML 1.2's core schema.
//!
//! Numbers stay exact: a whole number of any notation becomes an integer, everything else keeps its text. The traps
//! of YAML 1.1 (`012`, `1_000`, `12:30`, `yes`) are found here and reported by whoever knows what was expected.

use super::node::{Scalar, Style};

/// What a scalar means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number with a fraction or beyond any integer, as it was written.
    Decimal(String),
    /// A text.
    Text(String),
}

/// The meaning of a scalar. A tag decides where there is one; a value that does not fit its tag stays a text, which
/// the parser has reported before.
pub fn resolve(scalar: &Scalar<'_>) -> Value {
    let text = scalar.text.as_ref();
    match scalar.tag.as_deref() {
        Some("str") => Value::Text(text.to_owned()),
        Some(_) => plain(text),
        None if scalar.style == Style::Plain => plain(text),
        None => Value::Text(text.to_owned()),
    }
}

/// Whether a text fits a tag of the core schema.
pub(super) fn fits(tag: &str, text: &str) -> bool {
    matches!(
        (tag, plain(text)),
        ("str", _)
            | ("null", Value::Null)
            | ("bool", Value::Bool(_))
            | ("int", Value::Int(_))
            | ("float", Value::Int(_) | Value::Decimal(_))
    )
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Decimal(text.to_owned()),
        _ => {}
    }
    let first = text.as_bytes().first().copied().unwrap_or(b' ');
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return Value::Text(text.to_owned());
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16).unwrap_or_else(|| Value::Text(text.to_owned()));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8).unwrap_or_else(|| Value::Text(text.to_owned()));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Value::Decimal(text.to_owned());
    }
    number(text, unsigned).unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn radix(digits: &str, radix: u32) -> Option<Value> {
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    valid.then(|| {
        i128::from_str_radix(digits, radix).map_or_else(|_| Value::Decimal(digits.to_owned()), Value::Int)
    })
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn number(text: &str, unsigned: &str) -> Option<Value> {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let negative = text.starts_with('-');
    let integral = exponent.is_none() && fraction.bytes().all(|b| b == b'0');
    let value = if whole.is_empty() {
        Some(0)
    } else {
        whole.parse::<i128>().ok()
    };
    Some(match value {
        Some(value) if integral => Value::Int(if negative { -value } else { value }),
        _ => Value::Decimal(text.to_owned()),
    })
}

/// What an unquoted scalar means to YAML 1.1 readers, if that differs: for people, with the plain way to write it.
pub(super) fn trap(text: &str) -> Option<(&'static str, String)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = &text[..text.len() - unsigned.len()];
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if unsigned.len() > 1 && unsigned.starts_with('0') && digits(unsigned) {
        let decimal = unsigned.trim_start_matches('0');
        let decimal = if decimal.is_empty() { "0" } else { decimal };
        return Some((
            "a number in base 8",
            format!("write `{sign}{decimal}`, or quote it if it is a code"),
        ));
    }
    if (unsigned.starts_with("0x") || unsigned.starts_with("0o"))
        && let Value::Int(value) = plain(text)
    {
        return Some(("a number in another base", format!("write `{value}`")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(value: i128) -> Value {
        Value::Int(value)
    }

    #[test]
    fn the_core_schema_and_nothing_else() {
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("true", Value::Bool(true)),
            ("400", int(400)),
            ("-1", int(-1)),
            ("+7", int(7)),
            ("012", int(12)),
            ("400.0", int(400)),
            ("0x1F", int(31)),
            ("0o17", int(15)),
            ("18446744073709551615", int(18_446_744_073_709_551_615)),
            ("3.75", Value::Decimal("3.75".into())),
            ("1e3", Value::Decimal("1e3".into())),
            (".5", Value::Decimal(".5".into())),
            (".inf", Value::Decimal(".inf".into())),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
        for text in [
            "NO",
            "on",
            "yes",
            "1_000",
            "12:30",
            "18-64",
            "2026-11-21",
            "1e",
            ".",
            "-",
            "0x",
            "3.75 USD",
        ] {
            assert_eq!(plain(text), Value::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn traps_are_named_with_the_way_out() {
        assert_eq!(
            trap("03070").unwrap().1,
            "write `3070`, or quote it if it is a code"
        );
        assert_eq!(trap("0x1F").unwrap().1, "write `31`");
        for text in ["0", "400", "18-64", "0.5", "x"] {
            assert_eq!(trap(text), None, "{text}");
        }
    }
}
