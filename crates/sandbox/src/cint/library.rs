//! The question library: the questions of the vendor's published examples, and their texts.
//!
//! Ids, names and options are from the example of `account_questions_translation` and from the profiles of the create
//! and profile examples (OpenAPI 2025-12-18). States are inferred: 1, 10 and 11 are Alabama, Florida and Georgia, which
//! is the alphabet with the District of Columbia. German texts and the name of 12413 are assumed. The real library has
//! thousands of questions, and not the same ones in every locale.

use super::envelope::{Outcome, bad_request, ok};
use super::page;
use super::switches;
use crate::{Call, World};
use serde_json::{Value, json};

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Selection,
    Range,
    /// With the length of every value, where the option mask fixes one.
    OpenEnded(Option<usize>),
}

/// Id, English text, and texts in other languages.
type Choice = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// A question of the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    english: &'static str,
    other: &'static [(&'static str, &'static str)],
    /// The countries that have it; empty for all.
    countries: &'static [&'static str],
    choices: &'static [Choice],
}

const US: &[&str] = &["us"];

static QUESTIONS: [Question; 9] = [
    Question {
        id: 42,
        name: "AGE",
        kind: Kind::Range,
        english: "What is your age?",
        other: &[
            ("spa", "Por favor, indique su edad."),
            ("deu", "Wie alt sind Sie?"),
        ],
        countries: &[],
        choices: &[],
    },
    Question {
        id: 43,
        name: "GENDER",
        kind: Kind::Selection,
        english: "What is your gender?",
        other: &[("spa", "¿Es usted…?"), ("deu", "Welches Geschlecht haben Sie?")],
        countries: &[],
        choices: &[
            ("1", "Male", &[("spa", "Hombre"), ("deu", "Männlich")]),
            ("2", "Female", &[("spa", "Mujer"), ("deu", "Weiblich")]),
            (
                "-3105",
                "None of the above",
                &[("spa", "Ninguno de los anteriores")],
            ),
        ],
    },
    Question {
        id: 45,
        name: "ZIP",
        kind: Kind::OpenEnded(Some(5)),
        english: "What is your zip code?",
        other: &[("spa", "¿Cuál es su código postal?")],
        countries: &["us", "de"],
        choices: &[],
    },
    Question {
        id: 47,
        name: "HISPANIC",
        kind: Kind::Selection,
        english: "Are you of Hispanic, Latino, or Spanish origin?",
        other: &[("spa", "¿Es usted Hispano, Latino o del origen Español?")],
        countries: US,
        choices: &[
            ("4", "Argentina", &[]),
            ("5", "Colombia", &[]),
            ("6", "Ecuador", &[]),
            ("7", "El Salvador", &[]),
            ("12", "Spain", &[("spa", "España")]),
            ("8", "Guatemala", &[]),
            ("9", "Nicaragua", &[]),
            (
                "1",
                "No , not of Hispanic, Latino, or Spanish origin",
                &[("spa", "No, no soy ni Hispano ni Latino ni de Origen Español")],
            ),
            ("14", "Other", &[("spa", "Otro")]),
            ("10", "Panama", &[]),
            ("11", "Peru", &[]),
            ("15", "Prefer not to answer", &[("spa", "Prefiero no responder")]),
            ("16", "Yes, Puerto Rican", &[("spa", "Si, Puerto Rico")]),
            (
                "2",
                "Yes, Mexican, Mexican American, Chicano",
                &[("spa", "Si, soy Mexicano, México-Americano o Chicano")],
            ),
            ("3", "Yes, Cuban", &[("spa", "Sí, Cubano")]),
            ("13", "Venezuela", &[]),
        ],
    },
    Question {
        id: 63,
        name: "STORES 1",
        kind: Kind::Selection,
        english: "Thinking about grocery shopping for your household, about how often do you shop at each of the following stores for groceries?",
        other: &[],
        countries: US,
        choices: &[
            ("1", "Wal- Mart", &[]),
            ("2", "Target", &[]),
            ("3", "Whole Foods", &[]),
            ("4", "Trader Joe's", &[]),
            ("5", "7-11", &[]),
            ("6", "Walgreen's", &[]),
            ("7", "CVS", &[]),
            ("8", "Kroger", &[]),
            ("9", "Randalls", &[]),
            ("10", "CostCo", &[]),
            ("11", "Sam's Club", &[]),
            ("-3105", "None of the above", &[]),
        ],
    },
    Question {
        id: 96,
        name: "STATE",
        kind: Kind::Selection,
        english: "What is your state?",
        other: &[("spa", "¿Cuál es su estado?")],
        countries: US,
        choices: &[
            ("1", "ALABAMA", &[]),
            ("2", "ALASKA", &[]),
            ("3", "ARIZONA", &[]),
            ("4", "ARKANSAS", &[]),
            ("5", "CALIFORNIA", &[]),
            ("6", "COLORADO", &[]),
            ("7", "CONNECTICUT", &[]),
            ("8", "DELAWARE", &[]),
            ("9", "DISTRICT OF COLUMBIA", &[]),
            ("10", "FLORIDA", &[]),
            ("11", "GEORGIA", &[]),
        ],
    },
    Question {
        id: 113,
        name: "ETHNICITY",
        kind: Kind::Selection,
        english: "What is your race?",
        other: &[("spa", "¿Cuál es su raza?")],
        countries: US,
        choices: &[
            ("4", "Indian", &[("spa", "Asiático - Indio")]),
            ("5", "Chinese", &[("spa", "Asiático - Chino")]),
            ("6", "Filipino", &[("spa", "Asiático - Filipino")]),
            ("8", "Korean", &[("spa", "Asiático - Coreano")]),
        ],
    },
    Question {
        id: 157,
        name: "MOVIES",
        kind: Kind::Selection,
        english: "In the past 2 months, how many movies have you seen in a theater?",
        other: &[],
        countries: US,
        choices: &[
            ("1", "0 movies", &[]),
            ("2", "1 movies", &[]),
            ("3", "2 movies", &[]),
            ("4", "3 movies", &[]),
            ("5", "4 movies", &[]),
            ("6", "5 movies", &[]),
            ("7", "6 movies", &[]),
        ],
    },
    Question {
        id: 12413,
        name: "YEARS IN SCHOOL",
        kind: Kind::Range,
        english: "How many years did you go to school?",
        other: &[],
        countries: US,
        choices: &[],
    },
];

fn translated(
    english: &'static str,
    other: &'static [(&'static str, &'static str)],
    locale: &str,
) -> &'static str {
    let language = locale.split('_').next().unwrap_or_default();
    other
        .iter()
        .find(|(code, _)| *code == language)
        .map_or(english, |(_, text)| *text)
}

impl Question {
    fn is_in(&self, locale: &str) -> bool {
        let country = locale.split('_').nth(1).unwrap_or_default();
        self.countries.is_empty() || self.countries.contains(&country)
    }

    /// Its text in the language of a locale, and in English.
    pub(super) fn text(&self, locale: &str) -> (&'static str, &'static str) {
        (translated(self.english, self.other, locale), self.english)
    }

    /// The text of an option, likewise; `None` if there is no such option.
    pub(super) fn choice(&self, option: &str, locale: &str) -> Option<(&'static str, &'static str)> {
        let (_, english, other) = self.choices.iter().find(|(id, ..)| *id == option)?;
        Some((translated(english, other, locale), english))
    }

    /// A library item: shaped like a profile, but in the published example a range has no ends and an open-ended
    /// question no values; the schema wants both.
    fn shown(&self, locale: &str, strict: bool) -> Value {
        let targets: Vec<Value> = match self.kind {
            Kind::Selection => self
                .choices
                .iter()
                .map(|(id, english, other)| {
                    json!({
                        "text": translated(english, other, locale),
                        "text_translated": english,
                        "conditions": [{"object": "selection", "question_id": self.id, "option": id}],
                    })
                })
                .collect(),
            Kind::Range => vec![json!({
                "text": "", "text_translated": "",
                "conditions": [if strict {
                    json!({"object": "range", "question_id": self.id, "min": 1, "max": 99})
                } else {
                    json!({"object": "range", "question_id": self.id, "option": null})
                }],
            })],
            Kind::OpenEnded(_) => vec![json!({
                "text": "", "text_translated": "",
                "conditions": [if strict {
                    json!({
                        "object": "open_ended", "question_id": self.id, "allow_all_values": true,
                        "open_ended_values": [],
                    })
                } else {
                    json!({"object": "open_ended", "question_id": self.id, "option": null, "allow_all_values": true})
                }],
            })],
        };
        let (mask, condition) = match self.kind {
            Kind::Selection => (String::new(), "Single Punch"),
            Kind::Range => ("XX".to_owned(), "Numeric - Open-end"),
            Kind::OpenEnded(length) => ("X".repeat(length.unwrap_or(0)), "Numeric - Open-end"),
        };
        let (text, english) = self.text(locale);
        json!({
            "object": "regular",
            "name": self.name,
            "description": text,
            "description_translated": english,
            "quotas_enabled": false,
            "targets": targets,
            "option_mask": mask,
            "standard": true,
            "profile_condition_type": condition,
            "classification_id": 32,
            "classification_code": "DEM",
        })
    }

    fn matches(&self, words: &str, locale: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(words);
        let (text, english) = self.text(locale);
        has(self.name)
            || has(text)
            || has(english)
            || self
                .choices
                .iter()
                .any(|(_, english, other)| has(english) || other.iter().any(|(_, text)| has(text)))
    }
}

/// A question that a locale has.
pub(super) fn question(id: u64, locale: &str) -> Option<&'static Question> {
    QUESTIONS
        .iter()
        .find(|question| question.id == id && question.is_in(locale))
}

/// `account_questions_translation`.
pub(super) fn read(world: &World, call: &Call) -> Outcome {
    let locale = call.parameter("locale").unwrap_or_default();
    if !super::definitions::is_locale(locale) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let wanted: Option<Vec<u64>> = call
        .parameter("id")
        .filter(|list| !list.is_empty())
        .map(|list| list.split(',').filter_map(|id| id.trim().parse().ok()).collect());
    let words = call.parameter("query").unwrap_or_default().to_lowercase();
    let strict = world.is_on(switches::LIBRARY_AS_IN_SCHEMA);
    let custom_only = call.parameter("only_custom_quals") == Some("true");
    let found: Vec<(String, Value)> = QUESTIONS
        .iter()
        .filter(|question| !custom_only && question.is_in(locale))
        .filter(|question| wanted.as_ref().is_none_or(|ids| ids.contains(&question.id)))
        .filter(|question| words.is_empty() || question.matches(&words, locale))
        .map(|question| (format!("{:032x}", question.id), question.shown(locale, strict)))
        .collect();
    let total = found.len();
    let page = page::cut(call, found, 10, 100)?;
    let mut body = json!({"total": total, "profiles": page.items});
    page.mark(&mut body);
    super::future(world, &mut body);
    Ok(ok(&body))
}

/// `list_all_question_categories`.
pub(super) fn categories() -> Value {
    json!({"categories": [
        {"id": 32, "code": "DEM", "name": "Demographic"},
        {"id": 36, "code": "OTH", "name": "Other"},
    ]})
}
