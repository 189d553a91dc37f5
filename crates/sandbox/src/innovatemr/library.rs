//! Countries, languages and the questions library. Of countries `United States` and `India`, of languages `ENGLISH`
//! with the id 1 and `HINDI` are seen; the other rows are assumed. Odd rows are on purpose: clients of the platform are
//! known to meet blank categories, options without a text, and stray blanks.

use super::envelope::{Outcome, fail};
use crate::{Answer, World};
use http::StatusCode;
use serde_json::{Value, json};

const COUNTRIES: [(&str, &str); 20] = [
    ("US", "United States"),
    ("IN", "India"),
    ("GB", "United Kingdom"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("ES", "Spain"),
    ("IT", "Italy"),
    ("NL", "Netherlands"),
    ("BE", "Belgium"),
    ("AT", "Austria"),
    ("CH", "Switzerland"),
    ("SE", "Sweden"),
    ("PL", "Poland"),
    ("CA", "Canada"),
    ("AU", "Australia"),
    ("NZ", "New Zealand"),
    ("BR", "Brazil"),
    ("MX", "Mexico"),
    ("JP", "Japan"),
    ("SG", "Singapore"),
];

const LANGUAGES: [(u64, &str); 12] = [
    (1, "ENGLISH"),
    (2, "HINDI"),
    (3, "GERMAN"),
    (4, "FRENCH"),
    (5, "SPANISH"),
    (6, "ITALIAN"),
    (7, "DUTCH"),
    (8, "SWEDISH"),
    (9, "POLISH"),
    (10, "PORTUGUESE"),
    (11, "JAPANESE"),
    (12, "ARABIC"),
];

/// A question of the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) id: u64,
    pub(super) key: &'static str,
    text: &'static str,
    /// As the vendor writes it, stray blanks included.
    kind: &'static str,
    options: &'static [(u64, &'static str)],
}

const QUESTIONS: [Question; 6] = [
    Question {
        id: 1,
        key: "AGE",
        text: "What is your age?",
        kind: "Numeric Open Ended ",
        options: &[],
    },
    Question {
        id: 2,
        key: "GENDER",
        text: "What is your gender?",
        kind: "Single Punch",
        options: &[(1, "Male"), (2, "Female")],
    },
    Question {
        id: 3,
        key: "ZIPCODES",
        text: "What is your postal code?",
        kind: "Open Ended",
        options: &[],
    },
    Question {
        id: 3537,
        key: "CORE_ENTERTAINMENT_0015",
        text: "Which of these do you own?",
        kind: "Multipunch",
        options: &[
            (1, " Game console "),
            (2, "Smart TV"),
            (3, "Tablet"),
            (4, "None of these"),
        ],
    },
    Question {
        id: 4101,
        key: "CHILDREN_COUNT",
        text: "How many children live with you?",
        kind: "Numeric Open Ended",
        options: &[],
    },
    Question {
        id: 6796,
        key: "DEMOGRAPHIC_6796",
        text: "What is your employment status?",
        kind: "Single Punch ",
        options: &[(1, "Full-time"), (2, "Part-time"), (3, "Not working")],
    },
];

pub(super) fn country_code(name: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(code, _)| *code)
}

pub(super) fn language_id(name: &str) -> Option<u64> {
    LANGUAGES
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(id, _)| *id)
}

pub(super) fn language_name(id: u64) -> Option<&'static str> {
    LANGUAGES
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, name)| *name)
}

pub(super) fn by_id(id: u64) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.id == id)
}

pub(super) fn by_key(key: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.key == key)
}

/// Options as targets and quotas take them: texts such as `18-34` for numbers, texts for postal codes, ids otherwise.
pub(super) fn check_options(question: &Question, options: &Value) -> Result<(), String> {
    let list = options.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| format!("{} needs a list of options", question.key))?;
    for option in list {
        let fits = if question.kind.contains("Numeric") {
            option.as_str().is_some_and(is_range)
        } else if question.options.is_empty() {
            option.as_str().is_some_and(|text| !text.is_empty())
        } else {
            let id = option.as_u64();
            question.options.iter().any(|(known, _)| Some(*known) == id)
        };
        if !fits {
            return Err(format!("{option} is no option of {}", question.key));
        }
    }
    Ok(())
}

fn is_range(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(from, to)| {
        digits(from) && digits(to) && from.parse::<u64>().ok() <= to.parse::<u64>().ok()
    })
}

/// The library of a country and language; the same questions everywhere. The known client reads no `apiStatus` here.
pub(super) fn read(world: &World, country: &str, language: &str) -> Outcome {
    let known = COUNTRIES.iter().any(|(code, _)| *code == country) && language_id(language).is_some();
    if !known {
        let message = format!("there is no library for {country} and {language}");
        return Err(fail(world, StatusCode::NOT_FOUND, message));
    }
    let questions: Vec<Value> = QUESTIONS
        .iter()
        .map(|question| {
            let mut options: Vec<Value> = question
                .options
                .iter()
                .map(|(id, text)| json!({"Id": id, "OptionText": text}))
                .collect();
            if question.id == 3537 {
                options.push(Value::Null);
                options.push(json!({"Id": 9, "OptionText": null}));
            }
            let category = if question.id == 4101 {
                json!([])
            } else {
                json!([{"Id": 1, "Name": "Demographic", "Primary": true}])
            };
            json!({
                "Id": question.id, "QuestionKey": question.key, "QuestionText": question.text,
                "QuestionType": question.kind, "StandardTarget": question.id <= 3, "Category": category,
                "Options": options,
            })
        })
        .collect();
    Ok(Answer::json(StatusCode::OK, &json!({"Questions": questions})))
}
