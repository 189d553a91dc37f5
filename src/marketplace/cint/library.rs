//! The questions library of a locale, as the vendor lists it (OpenAPI, `account_questions_translation`).

use super::client::{Reader, known, read};
use super::wire::{Profile, items, word};
use super::{locale, paths};
use crate::marketplace::VendorError;
use crate::marketplace::contract::ReadLibrary;
use crate::marketplace::http::wire::{Code, typed};
use crate::model::lexicon::{LexiconOption, LexiconQuestion};
use crate::model::{Lexicon, Reading};
use futures_util::future::BoxFuture;
use serde_json::Value;

impl ReadLibrary for Reader {
    fn lexicon<'a>(&'a self, tag: &'a str) -> BoxFuture<'a, Reading<Lexicon>> {
        Box::pin(async move {
            let Some(code) = locale::to_vendor(tag) else {
                return Reading::Absent {
                    proof: format!("infield does not know Cint's code for the locale {tag:?}"),
                };
            };
            let path = format!("{}/questions-translation", paths::account(self.cint.account));
            let items = self.all(&path, &[("locale", &code)], "profiles").await;
            known(items.and_then(|items| lexicon(&items)))
        })
    }
}

/// The library; one question that cannot be read makes it unreadable, because what asks it would be refused as unknown.
pub(super) fn lexicon(items: &[Value]) -> Result<Lexicon, VendorError> {
    let question = |(at, item): (usize, &Value)| {
        let shown: Profile = read(item, |item| typed(item, &format!("/profiles/{at}")))?;
        Ok(question(&shown))
    };
    let questions = items.iter().enumerate().map(question);
    let mut questions: Vec<LexiconQuestion> = questions.collect::<Result<_, VendorError>>()?;
    // What asks nothing is not one.
    questions.retain(|question| !question.id.is_empty());
    Ok(Lexicon { questions })
}

fn question(shown: &Profile) -> LexiconQuestion {
    let mut question = LexiconQuestion {
        id: String::new(),
        key: String::new(),
        text: word(&shown.name).to_owned(),
        numeric: false,
        options: Vec::new(),
    };
    for target in items(&shown.targets) {
        for condition in items(&target.conditions) {
            if let Some(number) = condition.question_id.value() {
                question.id = number.0.to_string();
                question.key.clone_from(&question.id);
            }
            question.numeric |= word(&condition.object) == "range";
            let Some(Code(id)) = condition.option.value() else {
                continue;
            };
            // The English text first; the one respondents read is as good.
            for text in [&target.text_translated, &target.text] {
                let option = text.value().map(|text| LexiconOption {
                    id: id.clone(),
                    text: text.clone(),
                });
                let known = |option: &LexiconOption| question.options.contains(option);
                let new = option.filter(|option| !known(option));
                question.options.extend(new);
            }
        }
    }
    question
}
