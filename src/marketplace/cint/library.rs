//! The questions library of a locale, as the vendor lists it.

use crate::marketplace::http::json::code;
use crate::model::Lexicon;
use crate::model::lexicon::{LexiconOption, LexiconQuestion};
use serde_json::Value;

/// A page of the questions library (OpenAPI, `account_questions_translation`).
pub(super) fn lexicon(items: &[Value]) -> Lexicon {
    let mut questions: Vec<LexiconQuestion> = Vec::new();
    for item in items {
        let targets = item
            .get("targets")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let mut question = LexiconQuestion {
            id: String::new(),
            key: String::new(),
            text: item
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            numeric: false,
            options: Vec::new(),
        };
        for target in targets {
            let texts = ["text_translated", "text"].map(|key| target.get(key).and_then(Value::as_str));
            let conditions = target
                .get("conditions")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            for condition in conditions {
                if let Some(number) = condition.get("question_id").and_then(code) {
                    question.key.clone_from(&number);
                    question.id = number;
                }
                question.numeric |= condition.get("object").and_then(Value::as_str) == Some("range");
                let Some(option) = condition.get("option").and_then(code) else {
                    continue;
                };
                // The English text first; the one respondents read is as good.
                for text in texts.iter().flatten() {
                    if !question
                        .options
                        .iter()
                        .any(|known| known.id == option && known.text == *text)
                    {
                        question.options.push(LexiconOption {
                            id: option.clone(),
                            text: (*text).to_owned(),
                        });
                    }
                }
            }
        }
        if !question.id.is_empty() {
            questions.push(question);
        }
    }
    Lexicon { questions }
}
