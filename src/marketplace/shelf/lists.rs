//! What can be looked up at a vendor before a manifest is written: questions, templates, locales, codes, suppliers.
//!
//! Promises: reads only; every entry carries the line to paste into a manifest, or says that there is none; a list that a
//! vendor does not have is `Absent` with the reason, never an empty list. Which calls are made is left to the vendors'
//! folders, searching is done here, showing is left to `report`.

use crate::diag::suggest;
use crate::model::Lexicon;
use crate::model::codebook::{Codebook, Kind, example_range};
use crate::model::lexicon::LexiconQuestion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Most answers in the line of a question; more are only told by their number.
pub const SHOWN_ANSWERS: usize = 8;

/// Kinds of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named by its word")]
pub enum Topic {
    Questions,
    Answers,
    Templates,
    Categories,
    Locales,
    BusinessUnits,
    StudyTypes,
    Industries,
    Lockouts,
    Suppliers,
    Clients,
    Users,
    RateCard,
}

impl Topic {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::Questions,
        Self::Answers,
        Self::Templates,
        Self::Categories,
        Self::Locales,
        Self::BusinessUnits,
        Self::StudyTypes,
        Self::Industries,
        Self::Lockouts,
        Self::Suppliers,
        Self::Clients,
        Self::Users,
        Self::RateCard,
    ];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Answers => "answers",
            Self::Templates => "templates",
            Self::Categories => "categories",
            Self::Locales => "locales",
            Self::BusinessUnits => "business-units",
            Self::StudyTypes => "study-types",
            Self::Industries => "industries",
            Self::Lockouts => "lockouts",
            Self::Suppliers => "suppliers",
            Self::Clients => "clients",
            Self::Users => "users",
            Self::RateCard => "rate-card",
        }
    }

    /// The plural for people.
    pub fn noun(self) -> String {
        self.word().replace('-', " ")
    }

    /// Whether it is about questions and their answers.
    pub fn about_questions(self) -> bool {
        matches!(self, Self::Questions | Self::Answers)
    }
}

/// Where a list is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The vendor was asked.
    Vendor,
    /// Infield's own table; nobody was asked.
    Codebook,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Where it is from.
    pub source: Source,
    /// Where in a manifest its lines belong.
    pub under: Cow<'static, str>,
    /// What is in it, in the vendor's order.
    pub entries: Vec<Entry>,
}

/// Something in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The vendor's id or code.
    pub id: String,
    /// Its name: the neutral one where there is one.
    pub name: String,
    /// What the vendor says about it, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A trap, or why it cannot be written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The line for a manifest; for questions with many answers, with the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<String>,
    /// Answers of a question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Choice>,
}

/// An answer of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The vendor's id or code.
    pub id: String,
    /// As respondents read it.
    pub text: String,
    /// As a manifest writes it.
    pub write: String,
}

/// How a question is answered.
pub enum How {
    /// By numbers; in this unit, where it is known.
    Numbers(&'static str),
    /// By codes that nobody lists; their shape, and an example.
    Open(&'static str, &'static str),
    /// By answers from a list, which may not be all there are.
    Choice(Vec<Choice>, bool),
}

/// A text as a YAML scalar, quoted where it could be taken for something else.
pub fn scalar(text: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || "-_' ".contains(c);
    let plain = text.starts_with(char::is_alphabetic)
        && text.chars().all(word)
        && text.trim() == text
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// A question as an entry. `key` is what a manifest may call it; without one it cannot be written.
pub fn question(id: &str, name: &str, text: &str, key: Option<&str>, how: How) -> Entry {
    let key = key.map(|key| {
        if key.starts_with(|c: char| c.is_ascii_digit()) {
            format!("\"{key}\"")
        } else {
            key.to_owned()
        }
    });
    let (values, note, answers) = match how {
        How::Numbers(unit) => {
            let note = match unit {
                "" => "numbers and ranges".to_owned(),
                unit => format!("numbers and ranges, {unit}"),
            };
            (example_range(unit).to_owned(), note, Vec::new())
        }
        How::Open(shape, example) => (scalar(example), shape.to_owned(), Vec::new()),
        How::Choice(answers, complete) => {
            let shown = answers.iter().take(SHOWN_ANSWERS);
            let values: Vec<&str> = shown.map(|answer| answer.write.as_str()).collect();
            let note = match (complete, answers.is_empty()) {
                (true, _) => "",
                (false, true) => "no answers known",
                (false, false) => "the vendor may have more answers",
            };
            (values.join(", "), note.to_owned(), answers)
        }
    };
    Entry {
        id: id.to_owned(),
        name: name.to_owned(),
        text: text.to_owned(),
        // A question without a known answer is written with the vendor's codes.
        write: key
            .filter(|_| !values.is_empty())
            .map(|key| format!("{key}: [{values}]")),
        note,
        answers,
    }
}

/// The answers of a library's question as a manifest writes them: by neutral name, by text, or by number where two answers
/// have the same text.
pub fn choices(question: &LexiconQuestion, codebook: &Codebook) -> Vec<Choice> {
    let known = codebook.question(&question.key);
    let mut choices: Vec<Choice> = Vec::new();
    for option in &question.options {
        // The second text of an answer is the same answer in another language.
        if choices.iter().any(|choice| choice.id == option.id) {
            continue;
        }
        let text = option.text.trim();
        let named = known.and_then(|known| {
            let named = known.answers.iter().filter(|answer| !answer.name.is_empty());
            named
                .into_iter()
                .find(|answer| answer.code == option.id || answer.label == text)
        });
        let write = match named {
            Some(answer) => answer.name.to_owned(),
            None if question.option(text).is_some_and(|first| first.id == option.id) => scalar(text),
            None => scalar(&option.id),
        };
        choices.push(Choice {
            id: option.id.clone(),
            text: text.to_owned(),
            write,
        });
    }
    choices
}

/// The questions of a library.
pub fn library(lexicon: &Lexicon, entry: impl Fn(&LexiconQuestion) -> Entry) -> List {
    List {
        source: Source::Vendor,
        under: Cow::Borrowed(QUESTIONS_UNDER),
        entries: lexicon.questions.iter().map(entry).collect(),
    }
}

/// Where questions stand in manifests.
pub const QUESTIONS_UNDER: &str = "`qualifications`, or `where` of a quota";

/// The questions of a codebook, without answers that a locale is known not to have.
pub fn codebook(codebook: &Codebook, locale: Option<&str>) -> List {
    let entry = |known: &crate::model::codebook::Question| {
        let how = match known.kind {
            Kind::Number { unit_name, .. } => How::Numbers(unit_name),
            Kind::Open { shape, .. } => How::Open(shape, "10001"),
            Kind::Choice => {
                let here = |answer: &&crate::model::codebook::Answer| {
                    locale.is_none_or(|locale| !answer.not_in.contains(&locale))
                };
                let choice = |answer: &crate::model::codebook::Answer| Choice {
                    id: answer.code.to_owned(),
                    text: answer.label.to_owned(),
                    write: scalar(if answer.name.is_empty() {
                        answer.code
                    } else {
                        answer.name
                    }),
                };
                How::Choice(
                    known.answers.iter().filter(here).map(choice).collect(),
                    known.complete,
                )
            }
        };
        let name = codebook.question_name(known.code);
        let mut entry = question(known.code, name, known.label, Some(name), how);
        let quotas = if known.quota_only { "in quotas only" } else { "" };
        let notes = [entry.note.as_str(), quotas, known.note];
        let notes: Vec<&str> = notes.into_iter().filter(|note| !note.is_empty()).collect();
        entry.note = notes.join("; ");
        entry
    };
    let sets = |grouping: &crate::model::codebook::Grouping| {
        let choice = |set: &crate::model::codebook::AnswerSet| Choice {
            id: set.codes.join(" "),
            text: set.label.to_owned(),
            write: set.name.to_owned(),
        };
        let how = How::Choice(grouping.sets.iter().map(choice).collect(), true);
        question(
            grouping.question,
            grouping.name,
            grouping.label,
            Some(grouping.name),
            how,
        )
    };
    let questions = codebook.questions.iter().map(entry);
    List {
        source: Source::Codebook,
        under: Cow::Borrowed(QUESTIONS_UNDER),
        entries: questions.chain(codebook.groupings.iter().map(sets)).collect(),
    }
}

/// The words of a text, without case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Whether every word that is sought begins a word of the texts.
fn has(texts: &[&str], sought: &[String]) -> bool {
    let there: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
    sought
        .iter()
        .all(|sought| there.iter().any(|word| word.starts_with(sought.as_str())))
}

impl List {
    /// Keeps what a text finds: what is called exactly so, otherwise everything with words that begin with those of the text.
    /// In a list of answers a question keeps all of them, or the answers that the text finds.
    pub fn search(&mut self, topic: Topic, text: &str) {
        let exact = |entry: &Entry| {
            [&entry.id, &entry.name]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(text))
        };
        if self.entries.iter().any(exact) {
            self.entries.retain(exact);
            return;
        }
        let sought: Vec<String> = words(text).collect();
        if sought.is_empty() {
            self.entries.clear();
            return;
        }
        self.entries.retain_mut(|entry| {
            let write = entry.write.as_deref().filter(|_| entry.answers.is_empty());
            if has(
                &[&entry.id, &entry.name, &entry.text, write.unwrap_or_default()],
                &sought,
            ) {
                return true;
            }
            let fits = |answer: &Choice| has(&[&answer.id, &answer.text, &answer.write], &sought);
            if topic == Topic::Answers {
                entry.answers.retain(fits);
                return !entry.answers.is_empty();
            }
            entry.answers.iter().any(fits)
        });
    }

    /// What a text that finds nothing may have meant.
    pub fn nearest(&self, text: &str) -> Option<String> {
        let texts = self.entries.iter().flat_map(|entry| {
            let answers = entry
                .answers
                .iter()
                .flat_map(|answer| [&answer.write, &answer.text]);
            [&entry.name, &entry.id, &entry.text].into_iter().chain(answers)
        });
        let texts: Vec<&String> = texts.collect();
        let whole = suggest::nearest(text, texts.iter().map(|text| text.as_str()));
        whole.map(str::to_owned).or_else(|| {
            let parts: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
            suggest::nearest(text, parts.iter().map(String::as_str)).map(str::to_owned)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{innovatemr, purespectrum};

    fn names(list: &List) -> Vec<&str> {
        list.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    fn found(topic: Topic, text: &str) -> List {
        let mut list = codebook(&purespectrum::codebook::CODEBOOK, Some("en-US"));
        list.search(topic, text);
        list
    }

    #[test]
    fn an_exact_name_is_meant_and_words_are_found_by_their_beginning() {
        assert_eq!(names(&found(Topic::Questions, "GENDER")), ["gender"]);
        assert_eq!(names(&found(Topic::Questions, "211")), ["gender"]);
        // `male` begins no word of `female`.
        let answers = found(Topic::Answers, "male");
        assert_eq!(answers.entries.len(), 1);
        assert_eq!(answers.entries[0].answers.len(), 1);
        assert_eq!(names(&found(Topic::Questions, "zip cod")), ["zip"]);
        assert!(found(Topic::Questions, "zzz").entries.is_empty());
        assert!(found(Topic::Questions, "  ").entries.is_empty());
    }

    #[test]
    fn what_finds_nothing_may_have_meant_something() {
        let list = codebook(&purespectrum::codebook::CODEBOOK, None);
        assert_eq!(list.nearest("emploiment").as_deref(), Some("employment"));
        assert_eq!(list.nearest("qqqqqqqqqqqq"), None);
    }

    #[test]
    fn answers_of_other_countries_are_left_out() {
        let us = found(Topic::Answers, "employment");
        assert!(
            us.entries[0]
                .answers
                .iter()
                .all(|answer| answer.write != "contract")
        );
        let all = codebook(&purespectrum::codebook::CODEBOOK, None);
        let all = all
            .entries
            .iter()
            .find(|entry| entry.name == "employment")
            .unwrap();
        assert!(all.answers.iter().any(|answer| answer.write == "contract"));
    }

    #[test]
    fn scalars_that_could_be_something_else_are_quoted() {
        for (text, written) in [
            ("male", "male"),
            ("Trader Joe's", "Trader Joe's"),
            ("Yes", "\"Yes\""),
            ("12", "\"12\""),
            ("Yes, Cuban", "\"Yes, Cuban\""),
            ("a: b", "\"a: b\""),
            ("x\ny", "\"x\\ny\""),
            ("", "\"\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn two_answers_with_one_text_are_told_apart_by_number() {
        let option = |id: &str, text: &str| crate::model::lexicon::LexiconOption {
            id: id.to_owned(),
            text: text.to_owned(),
        };
        let question = LexiconQuestion {
            id: "1".to_owned(),
            key: "CARS".to_owned(),
            text: String::new(),
            numeric: false,
            options: vec![option("1", "Other"), option("2", "Other"), option("1", "Otro")],
        };
        let choices = choices(&question, &innovatemr::codebook::CODEBOOK);
        let written: Vec<&str> = choices.iter().map(|choice| choice.write.as_str()).collect();
        assert_eq!(written, ["Other", "\"2\""]);
    }
}
