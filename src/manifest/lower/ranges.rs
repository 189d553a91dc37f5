//! Ranges as people write them: `18-34`, `40`, and `65+` where the highest number is known.
//!
//! Promises: what is no range is refused with something that can be written; nothing is guessed for an end that nobody knows.

use crate::diag::text::short;
use crate::model::codebook::{Kind, Question, example_open_range, example_range};
use crate::model::targeting::Range;
use serde_json::Value;

/// Largest number in a range; beyond lies a typing error.
const MAX_NUMBER: i64 = 999_999_999;

/// What is wrong, and what to write.
type Wrong = (String, String);

/// Reads one range of a question.
///
/// # Errors
/// With what is wrong, and what to write.
pub(crate) fn range(question: Option<&Question>, item: &Value) -> Result<Range, Wrong> {
    let written = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    let what = short(&written);
    let text = written.trim();
    let number = |text: &str| -> Result<i64, Wrong> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(number) if plain && number <= MAX_NUMBER => Ok(number),
            Ok(number) if plain => Err((
                format!("{number} is too big"),
                format!("numbers go up to {MAX_NUMBER}"),
            )),
            Ok(number) if number < 0 => Err((format!("`{what}` is below zero"), example(question))),
            _ => Err((
                format!("`{what}` is not a range of whole numbers"),
                example(question),
            )),
        }
    };
    if let Some(from) = text.strip_suffix('+') {
        return open(question, &what, number(from.trim())?);
    }
    if text.starts_with('-') || !text.contains('-') {
        if text.contains(['–', '—', '−']) || text.contains("..") {
            let fixed = text
                .replace(['–', '—', '−'], "-")
                .replace("...", "-")
                .replace("..", "-");
            return Err((
                format!("`{what}` is not a range of whole numbers"),
                format!("write `{}` with a plain dash", short(&fixed)),
            ));
        }
        let number = number(text)?;
        return Ok(Range {
            from: number,
            to: number,
        });
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (number(from.trim())?, number(to.trim())?);
    if from > to {
        return Err((
            format!("the range {from}-{to} ends before it starts"),
            format!("write `{to}-{from}`"),
        ));
    }
    Ok(Range { from, to })
}

/// A range that goes on to the highest number there is.
fn open(question: Option<&Question>, what: &str, from: i64) -> Result<Range, Wrong> {
    match most(question) {
        Some(to) if from <= to => Ok(Range { from, to }),
        Some(to) => Err((
            format!("`{what}` begins above {to}, the highest number here"),
            format!("write one that begins at {to} or below"),
        )),
        None => Err((
            format!(
                "`{what}` does not say where the range ends, and infield does not know the highest number here"
            ),
            format!("write both ends: `{from}-`, then the highest number that the vendor takes"),
        )),
    }
}

fn most(question: Option<&Question>) -> Option<i64> {
    question.and_then(|question| question.most)
}

/// What can be written, for people.
fn example(question: Option<&Question>) -> String {
    let Some(Kind::Number { unit_name, .. }) = question.map(|question| question.kind) else {
        return "write a range such as `18-34`".to_owned();
    };
    let range = example_range(unit_name);
    match most(question) {
        Some(_) => {
            let open = example_open_range(unit_name);
            format!("write whole {unit_name} such as `{range}` or `{open}`, or one number")
        }
        None => format!("write whole {unit_name} such as `{range}`, or one number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEARS: Question = Question::new("212", "age", "Age", "somewhere").numbers("311", "years");
    const INCOME: Question = Question::new("213", "income", "Income", "somewhere")
        .numbers("321", "USD a year")
        .up_to(999_999);

    fn read(question: &Question, text: &str) -> Result<(i64, i64), Wrong> {
        range(Some(question), &Value::from(text)).map(|range| (range.from, range.to))
    }

    #[test]
    fn a_range_without_an_upper_end_ends_at_the_highest_number() {
        let age = YEARS.up_to(99);
        assert_eq!(read(&age, "65+"), Ok((65, 99)));
        assert_eq!(read(&age, " 65 + "), Ok((65, 99)));
        assert_eq!(read(&age, "99+"), Ok((99, 99)));
        assert_eq!(read(&INCOME, "100000+"), Ok((100_000, 999_999)));
        assert_eq!(read(&age, "65-99"), Ok((65, 99)));
    }

    #[test]
    fn what_is_no_range_is_answered_with_something_that_can_be_written() {
        let help = |question: &Question, text: &str| read(question, text).unwrap_err().1;
        assert_eq!(
            help(&YEARS.up_to(99), "120+"),
            "write one that begins at 99 or below"
        );
        assert_eq!(
            help(&YEARS, "65+"),
            "write both ends: `65-`, then the highest number that the vendor takes"
        );
        assert_eq!(
            help(&INCOME, "rich+"),
            "write whole USD a year such as `50000-74999` or `100000+`, or one number"
        );
        assert_eq!(help(&INCOME, "100k+"), help(&INCOME, "rich"));
        assert_eq!(help(&INCOME, "9999999999"), "numbers go up to 999999999");
        assert_eq!(help(&YEARS, "34-18"), "write `18-34`");
        assert_eq!(help(&YEARS, "18–34"), "write `18-34` with a plain dash");
    }
}
