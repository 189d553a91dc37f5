//! Countries, languages and the questions library, in `library.json`. Of countries `United States` and `India`, of
//! languages `ENGLISH` with the id 1 and `HINDI` are seen; the other rows are assumed. Odd rows are on purpose: clients of
//! the platform are known to meet blank categories, options without a text, and stray blanks.

use super::prelude::*;

#[derive(Deserialize)]
struct Library {
    /// Names by codes.
    countries: BTreeMap<String, String>,
    /// Names in the order of their ids, which begin with 1.
    languages: Vec<String>,
    /// As they are answered.
    questions: Vec<Value>,
}

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| serde_json::from_str(include_str!("library.json")).expect("compiled in"));

pub(super) fn country_code(name: &str) -> Option<&'static str> {
    let mut countries = LIBRARY.countries.iter();
    Some(countries.find(|(_, known)| *known == name)?.0)
}

pub(super) fn is_country(name: &str) -> bool {
    country_code(name).is_some()
}

pub(super) fn language_id(name: &str) -> Option<u64> {
    let mut languages = (1..).zip(&LIBRARY.languages);
    Some(languages.find(|(_, known)| *known == name)?.0)
}

pub(super) fn language_name(id: u64) -> Option<&'static str> {
    let mut languages = (1..).zip(&LIBRARY.languages);
    Some(languages.find(|(known, _)| *known == id)?.1)
}

pub(super) fn by_id(id: u64) -> Option<&'static Value> {
    LIBRARY.questions.iter().find(|question| question["Id"] == id)
}

pub(super) fn by_key(key: &str) -> Option<&'static Value> {
    let mut questions = LIBRARY.questions.iter();
    questions.find(|question| question["QuestionKey"] == key)
}

/// Options as targets and quotas take them: texts such as `18-34` for numbers, texts for postal codes, ids otherwise.
pub(super) fn check_options(question: &Value, options: &Value) -> Result<(), String> {
    let key = question.word("QuestionKey");
    let list = options.as_array().filter(|list| !list.is_empty());
    for option in list.ok_or_else(|| format!("{key} needs a list of options"))? {
        let known = question.list("Options").unwrap_or_default();
        let fits = if question.word("QuestionType").contains("Numeric") {
            option.as_str().is_some_and(is_range)
        } else if known.is_empty() {
            option.as_str().is_some_and(|text| !text.is_empty())
        } else {
            option.is_u64()
                && known
                    .iter()
                    .any(|known| known["Id"] == *option && known["OptionText"].is_string())
        };
        if !fits {
            return Err(format!("{option} is no option of {key}"));
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
    if !LIBRARY.countries.contains_key(country) || language_id(language).is_none() {
        let message = format!("there is no library for {country} and {language}");
        return Err(fail(world, StatusCode::NOT_FOUND, message));
    }
    Ok(Answer::ok(&json!({"Questions": LIBRARY.questions})))
}
