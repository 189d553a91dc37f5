//! The vendor's own list of questions of a locale (`buyers/v3`, vendor wiki 33493049).
//!
//! Promises: reads only. What its rows look like no source shows, so they are read by every name that the vendor uses elsewhere;
//! a row without a code is left out, and a page on which there is nothing else makes the list unreadable.

use super::assumptions::{ATTRIBUTE_CODES, ATTRIBUTE_LISTS, ATTRIBUTE_PAGES, ATTRIBUTE_TEXTS};
use super::codebook::CODEBOOK;
use super::encode::localization;
use super::envelope::TOTAL_PAGES;
use super::transactions::{OTHER, OURS};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::json::{Decoded, code, count, list, mismatch};
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::lists::{self, Choice, Entry, How, List, Source, scalar};
use crate::model::Reading;
use crate::model::call::encode_segment;
use crate::model::codebook::Kind;
use serde_json::Value;
use std::collections::BTreeSet;

/// A type of questions that are answered by a number (attribute pages of the supplier wiki).
const RANGE: &str = "4";

/// A question as the vendor lists it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    code: String,
    text: String,
    numeric: bool,
    /// Codes and texts.
    answers: Vec<(String, String)>,
}

/// Reads the list of a locale, page by page.
pub(super) async fn live(session: &Session, locale: &str) -> Reading<List> {
    match pages(session, locale).await {
        Ok(shown) => Reading::Present(List {
            source: Source::Vendor,
            under: lists::QUESTIONS_UNDER.into(),
            entries: shown.iter().map(entry).collect(),
        }),
        Err(error) => error.unknown(),
    }
}

async fn pages(session: &Session, locale: &str) -> Result<Vec<Shown>, VendorError> {
    let locale = encode_segment(&localization(locale));
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1..=ATTRIBUTE_PAGES {
        let path = format!("/Attributes?localization={locale}&page={page}&format=true");
        let body = session.get_of_version(OURS, OTHER, &path).await?;
        let rows = session.decoded(&body, rows)?;
        let before = seen.len();
        all.extend(rows.into_iter().filter(|row| seen.insert(row.code.clone())));
        let last = body.get(TOTAL_PAGES).and_then(count);
        // Without a number of pages, one that has nothing new was the last.
        if seen.len() == before || last.is_some_and(|last| page >= last) {
            break;
        }
    }
    Ok(all)
}

/// The rows of a page: a list, or the list in an object.
fn rows(body: &Value) -> Decoded<Vec<Shown>> {
    let place = ATTRIBUTE_LISTS.iter().find(|key| body.get(**key).is_some());
    let (found, path) = match place {
        Some(key) => (&body[*key], format!("/{key}")),
        None => (body, String::new()),
    };
    let found = list(found, &path)?;
    let rows: Vec<Shown> = found.iter().filter_map(row).collect();
    match rows.is_empty() && !found.is_empty() {
        true => mismatch(&format!("{path}/0"), "a question with its code", &found[0]),
        false => Ok(rows),
    }
}

fn text(row: &Value) -> String {
    let texts = ATTRIBUTE_TEXTS.iter();
    let text = texts
        .filter_map(|key| row.get(*key)?.as_str())
        .find(|text| !text.trim().is_empty());
    text.unwrap_or_default().trim().to_owned()
}

fn row(row: &Value) -> Option<Shown> {
    let own = |row: &Value| {
        ATTRIBUTE_CODES
            .iter()
            .find_map(|key| row.get(*key).and_then(code))
    };
    let answers = row.get("condition_codes").and_then(Value::as_array);
    let answer = |answer: &Value| match own(answer).or_else(|| answer.get("id").and_then(code)) {
        Some(code) => Some((code, text(answer))),
        None => Some((code(answer)?, String::new())),
    };
    Some(Shown {
        code: own(row)?,
        text: text(row),
        numeric: row.get("type").and_then(code).is_some_and(|kind| kind == RANGE),
        answers: answers.into_iter().flatten().filter_map(answer).collect(),
    })
}

fn entry(shown: &Shown) -> Entry {
    let known = CODEBOOK.question(&shown.code);
    let name = CODEBOOK.question_name(&shown.code);
    let choice = |(code, text): &(String, String)| {
        let named = known.and_then(|known| known.answers.iter().find(|answer| answer.code == code));
        let write = named.map(|answer| answer.name).filter(|name| !name.is_empty());
        Choice {
            id: code.clone(),
            text: text.clone(),
            write: scalar(write.unwrap_or(code)),
        }
    };
    let how = match known.map(|known| known.kind) {
        Some(Kind::Number { unit_name, .. }) => How::Numbers(unit_name),
        Some(Kind::Open { shape, .. }) => How::Open(shape, "10001"),
        _ => How::Choice(
            shown.answers.iter().map(choice).collect(),
            !shown.answers.is_empty(),
        ),
    };
    let mut entry = lists::question(&shown.code, name, &shown.text, Some(name), how);
    if known.is_none() && shown.numeric {
        entry.write = None;
        "numbers; `questions:` in infield.yaml says their unit".clone_into(&mut entry.note);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_read_in_every_shape_that_the_vendor_uses_elsewhere() {
        let job = json!({
            "qualification_code": 644, "text": "What is your job title?", "desc": "Job title", "type": 1, "class": 2,
            "condition_codes": [{"id": "4", "text": "CEO"}, {"condition_code": 5, "name": "CTO"}, "6"],
        });
        let answers = [("4", "CEO"), ("5", "CTO"), ("6", "")];
        let shown = Shown {
            code: "644".to_owned(),
            text: "Job title".to_owned(),
            numeric: false,
            answers: answers
                .map(|(code, text)| (code.to_owned(), text.to_owned()))
                .to_vec(),
        };
        assert_eq!(rows(&json!([job.clone()])).unwrap(), [shown]);
        assert_eq!(
            rows(&json!({"attributes": [job.clone()], "@total_pages": "1"}))
                .unwrap()
                .len(),
            1
        );
        assert_eq!(rows(&json!([{"note": "no code"}, job])).unwrap().len(), 1);
        assert_eq!(rows(&json!([])).unwrap(), []);
        assert!(rows(&json!([{"note": "no code"}])).is_err());
        assert!(rows(&json!({"ok": true})).is_err());
    }

    #[test]
    fn entries_are_written_by_names_and_by_codes_where_there_are_none() {
        let row = |value: Value| entry(&row(&value).unwrap());
        let job = row(
            json!({"qualification_code": 644, "desc": "Job title", "condition_codes": [{"id": 4, "text": "CEO"}]}),
        );
        assert_eq!(job.write.as_deref(), Some("\"644\": [\"4\"]"));
        let gender =
            row(json!({"qualification_code": 211, "condition_codes": [{"id": "111", "text": "Male"}]}));
        assert_eq!(gender.write.as_deref(), Some("gender: [male]"));
        let age = row(json!({"qualification_code": 212, "type": 4}));
        assert_eq!(age.write.as_deref(), Some("age: [18-34]"));
        let hours = row(json!({"qualification_code": 702, "type": 4}));
        assert_eq!(hours.write, None);
        assert!(hours.note.contains("their unit"), "{}", hours.note);
    }
}
