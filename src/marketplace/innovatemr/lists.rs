//! What can be looked up here: the questions library of a locale, and nothing else.

use super::InnovateMr;
use super::codebook::{CODEBOOK, ZIPCODES};
use super::encode::is_range;
use crate::marketplace::contract::Lists;
use crate::marketplace::shelf::lists::{self, Entry, How, List, Topic};
use crate::model::codebook::Kind;
use crate::model::lexicon::LexiconQuestion;
use crate::model::{Lexicon, Reading};

impl Lists for InnovateMr {
    fn needs_locale(&self, topic: Topic) -> bool {
        topic.about_questions()
    }

    fn without_asking(&self, topic: Topic, _locale: Option<&str>) -> Option<Reading<List>> {
        let proof = match topic {
            Topic::Questions | Topic::Answers => return None,
            Topic::Categories => {
                "InnovateMR's table of job categories is not public; `category` takes 1 to 43, and your account manager \
                 knows what they mean"
                    .to_owned()
            }
            Topic::Templates => "InnovateMR has no templates of surveys".to_owned(),
            other => format!("no public document shows a list of {} at InnovateMR", other.noun()),
        };
        Some(Reading::Absent { proof })
    }
}

/// The library as entries.
pub(crate) fn questions(lexicon: &Lexicon) -> List {
    lists::library(lexicon, entry)
}

fn entry(question: &LexiconQuestion) -> Entry {
    let known = CODEBOOK.question(&question.key);
    let how = if is_range(&question.key, question.numeric) {
        How::Numbers(match known.map(|known| known.kind) {
            Some(Kind::Number { unit_name, .. }) => unit_name,
            _ => "",
        })
    } else if question.key == ZIPCODES {
        How::Open("codes as quoted texts", "10001")
    } else if question.options.is_empty() {
        How::Open("open: the library lists no answers", "...")
    } else {
        How::Choice(lists::choices(question, &CODEBOOK), true)
    };
    // Manifests take neutral names, and keys in capitals.
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let key = match known {
        Some(known) => Some(known.name),
        None => Some(question.key.as_str()).filter(|key| {
            key.starts_with(|c: char| c.is_ascii_uppercase()) && key.len() <= 100 && key.chars().all(capital)
        }),
    };
    let name = key.unwrap_or(&question.key);
    let mut entry = lists::question(&question.id, name, &question.text, key, how);
    if key.is_none() {
        entry.note = "manifests cannot name it: its key is not in capitals".to_owned();
    }
    entry
}
