//! The question library: the questions of the vendor's published examples, and their texts, in `library.json`.
//!
//! Ids, names and options are from the example of `account_questions_translation` and from the profiles of the create
//! and profile examples (OpenAPI 2025-12-18). States are inferred: 1, 10 and 11 are Alabama, Florida and Georgia, which
//! is the alphabet with the District of Columbia. German texts and the name of 12413 are assumed. The real library has
//! thousands of questions, and not the same ones in every locale.

use super::prelude::*;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Selection,
    Range,
    /// With the length of every value, where the option mask fixes one.
    OpenEnded(Option<usize>),
}

/// A text by language.
#[derive(Debug, Deserialize)]
struct Text(BTreeMap<String, String>);

/// A question of the library.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) kind: Kind,
    text: Text,
    /// The countries that have it; empty for all.
    countries: Vec<String>,
    /// Ids and texts of the options.
    choices: Vec<(String, Text)>,
}

static QUESTIONS: LazyLock<Vec<Question>> =
    LazyLock::new(|| serde_json::from_str(include_str!("library.json")).expect("compiled in"));

impl Text {
    /// In the language of a locale, and in English.
    fn of(&self, locale: &str) -> (&str, &str) {
        let english = &self.0["eng"];
        let language = locale.split('_').next().unwrap_or_default();
        (self.0.get(language).unwrap_or(english), english)
    }

    fn has(&self, words: &str) -> bool {
        self.0.values().any(|text| text.to_lowercase().contains(words))
    }
}

impl Question {
    fn is_in(&self, locale: &str) -> bool {
        let country = locale.split('_').nth(1).unwrap_or_default();
        self.countries.is_empty() || self.countries.iter().any(|own| own == country)
    }

    /// Its text in the language of a locale, and in English.
    pub(super) fn text(&self, locale: &str) -> (&str, &str) {
        self.text.of(locale)
    }

    /// The text of an option, likewise; `None` if there is no such option.
    pub(super) fn choice(&self, option: &str, locale: &str) -> Option<(&str, &str)> {
        let (_, text) = self.choices.iter().find(|(id, _)| id == option)?;
        Some(text.of(locale))
    }

    /// A library item: shaped like a profile, but in the published example a range has no ends and an open-ended
    /// question no values; the schema wants both.
    fn shown(&self, locale: &str, strict: bool) -> Value {
        let target = |(text, english): (&str, &str), condition: Value| json!({"text": text, "text_translated": english, "conditions": [condition]});
        let id = self.id;
        let (mask, answer, of_all) = match (self.kind, strict) {
            (Kind::Selection, _) => (0, "Single Punch", Value::Null),
            (Kind::Range, true) => (
                2,
                "Numeric - Open-end",
                json!({"object": "range", "min": 1, "max": 99}),
            ),
            (Kind::Range, false) => (
                2,
                "Numeric - Open-end",
                json!({"object": "range", "option": null}),
            ),
            (Kind::OpenEnded(length), strict) => {
                let mut condition = json!({"object": "open_ended", "allow_all_values": true});
                match strict {
                    true => condition.put("open_ended_values", json!([])),
                    false => condition.put("option", Value::Null),
                }
                (length.unwrap_or(0), "Numeric - Open-end", condition)
            }
        };
        let of_choice = |(option, text): &(String, Text)| {
            target(
                text.of(locale),
                json!({"object": "selection", "question_id": id, "option": option}),
            )
        };
        let mut targets: Vec<Value> = self.choices.iter().map(of_choice).collect();
        if let Value::Object(mut condition) = of_all {
            condition.put("question_id", id);
            targets.push(target(("", ""), Value::Object(condition)));
        }
        let (text, english) = self.text(locale);
        json!({
            "object": "regular", "name": self.name, "description": text, "description_translated": english,
            "quotas_enabled": false, "targets": targets, "option_mask": "X".repeat(mask), "standard": true,
            "profile_condition_type": answer, "classification_id": 32, "classification_code": "DEM",
        })
    }

    fn matches(&self, words: &str) -> bool {
        let name = self.name.to_lowercase();
        name.contains(words) || self.text.has(words) || self.choices.iter().any(|(_, text)| text.has(words))
    }
}

/// A question that a locale has.
pub(super) fn question(id: u64, locale: &str) -> Option<&'static Question> {
    let mut questions = QUESTIONS.iter();
    questions.find(|question| question.id == id && question.is_in(locale))
}

/// `account_questions_translation`.
pub(super) fn read(world: &World, call: &Call) -> Outcome {
    let locale = call.parameter("locale").unwrap_or_default();
    if !super::definitions::is_locale(locale) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let wanted = call.parameter("id").filter(|list| !list.is_empty());
    let is_wanted = |id: u64, list: &str| list.split(',').any(|own| own.trim().parse() == Ok(id));
    let words = call.parameter("query").unwrap_or_default().to_lowercase();
    let strict = world.is_on(switches::LIBRARY_AS_IN_SCHEMA);
    let custom_only = call.parameter("only_custom_quals") == Some("true");
    let found: Vec<(String, Value)> = QUESTIONS
        .iter()
        .filter(|question| !custom_only && question.is_in(locale))
        .filter(|question| wanted.is_none_or(|list| is_wanted(question.id, list)))
        .filter(|question| words.is_empty() || question.matches(&words))
        .map(|question| (format!("{:032x}", question.id), question.shown(locale, strict)))
        .collect();
    let total = found.len();
    let page = page::cut(call, found, 10, 100)?;
    let mut body = json!({"total": total, "profiles": page.items});
    page.mark(&mut body);
    ok(&super::future(world, body))
}

/// `list_all_question_categories`.
pub(super) fn categories() -> Value {
    json!({"categories": [
        {"id": 32, "code": "DEM", "name": "Demographic"},
        {"id": 36, "code": "OTH", "name": "Other"},
    ]})
}
