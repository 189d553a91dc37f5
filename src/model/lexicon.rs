//! Questions and answers that a vendor keeps in a library of its own, as they were read for one locale.

use super::codebook::Codebook;
use super::{Answers, Criterion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The library of one locale. Which questions a vendor has is only known once it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lexicon {
    /// In the order of the vendor.
    pub questions: Vec<LexiconQuestion>,
}

/// A question of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LexiconQuestion {
    /// The vendor's id.
    pub id: String,
    /// The vendor's key, which targeting names.
    pub key: String,
    /// The question as respondents read it.
    pub text: String,
    /// Whether it is answered by a number, so that ranges may be asked for.
    pub numeric: bool,
    /// Possible answers; none for open questions.
    pub options: Vec<LexiconOption>,
}

/// A possible answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LexiconOption {
    /// The vendor's id, local to the question.
    pub id: String,
    /// The answer as respondents read it.
    pub text: String,
}

/// Texts of libraries are compared without surrounding blanks and without case.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

impl Lexicon {
    /// The question with this key.
    pub fn question(&self, key: &str) -> Option<&LexiconQuestion> {
        self.questions.iter().find(|question| same(&question.key, key))
    }
}

impl LexiconQuestion {
    /// The answer with this text, or with this id where no text fits.
    pub fn option(&self, written: &str) -> Option<&LexiconOption> {
        let by_text = self.options.iter().find(|option| same(&option.text, written));
        by_text.or_else(|| self.options.iter().find(|option| option.id == written.trim()))
    }
}

/// How questions and answers are named to people: by the codebook where it has a name, by the vendor's library
/// otherwise, by the code as the last resort.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// What is known of the vendor beforehand.
    pub codebook: &'static Codebook,
    /// What its library says, where it has one.
    pub lexicon: Option<&'a Lexicon>,
}

impl Words<'_> {
    /// The name under which a question is shown.
    pub fn question<'b>(&self, code: &'b str) -> &'b str {
        self.codebook.question_name(code)
    }

    /// A criterion as a manifest would write it: the question's name and its answers as texts.
    pub fn describe<'b>(&self, criterion: &'b Criterion) -> (&'b str, Vec<String>) {
        let Some(question) = self
            .lexicon
            .and_then(|lexicon| lexicon.question(&criterion.question))
        else {
            return self.codebook.describe(criterion);
        };
        let Answers::Codes(codes) = &criterion.answers else {
            return self.codebook.describe(criterion);
        };
        let known = self.codebook.question(&criterion.question);
        let answers = codes
            .iter()
            .map(|code| {
                let Some(option) = question.options.iter().find(|option| option.id == *code) else {
                    return code.clone();
                };
                let text = option.text.trim();
                known
                    .and_then(|known| known.answers.iter().find(|answer| same(answer.code, text)))
                    .filter(|answer| !answer.name.is_empty())
                    .map_or_else(|| text.to_owned(), |answer| answer.name.to_owned())
            })
            .collect();
        (self.question(&criterion.question), answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_before_ids_and_neither_blanks_nor_case_matter() {
        let question = LexiconQuestion {
            id: "7".to_owned(),
            key: "KIDS".to_owned(),
            text: "How many?".to_owned(),
            numeric: false,
            options: [("1", "2"), ("2", " Many ")]
                .map(|(id, text)| LexiconOption {
                    id: id.to_owned(),
                    text: text.to_owned(),
                })
                .to_vec(),
        };
        assert_eq!(question.option("2").unwrap().id, "1", "the text `2` has the id 1");
        assert_eq!(question.option("many").unwrap().id, "2");
        assert_eq!(question.option("1").unwrap().id, "1");
        assert_eq!(question.option("none"), None);
    }
}
