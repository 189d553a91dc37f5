//! Questions and answers that a vendor keeps in a library of its own, as they were read for one locale.

use super::codebook::{Answer, Codebook, Question};
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
        match self.own(code) {
            Some(own) => own.name,
            None => self.codebook.question_name(code),
        }
    }

    /// The question that the project names, whether it names the key or the text that the library has for it.
    fn own(&self, code: &str) -> Option<&'static Question> {
        // They come first, and most projects name none: then nobody looks for what the library says.
        let all = || self.codebook.questions.iter().take_while(|question| question.own);
        all().next()?;
        let own = |key: &str| all().find(|question| same(question.code, key));
        own(code).or_else(|| own(self.lexicon?.question(code)?.text.as_str()))
    }

    /// A criterion as a manifest would write it: the question's name and its answers as texts.
    pub fn describe<'b>(&self, criterion: &'b Criterion) -> (&'b str, Vec<String>) {
        let Some(question) = self
            .lexicon
            .and_then(|lexicon| lexicon.question(&criterion.question))
        else {
            return self.codebook.describe(criterion);
        };
        let own = self.own(&criterion.question);
        let name = match own {
            Some(own) => own.name,
            None => self.codebook.question_name(&criterion.question),
        };
        let Answers::Codes(codes) = &criterion.answers else {
            return (name, self.codebook.describe(criterion).1);
        };
        let known = self.codebook.question(&criterion.question);
        let answers = codes
            .iter()
            .map(|code| {
                // What the project names is the answer that its code leads to.
                let leads_here = |answer: &&Answer| {
                    let found = question.option(answer.code);
                    found.map_or(answer.code == code, |found| found.id == *code)
                };
                if let Some(answer) = own.and_then(|own| own.own_answers().find(leads_here)) {
                    return answer.name.to_owned();
                }
                let Some(option) = question.options.iter().find(|option| option.id == *code) else {
                    return code.clone();
                };
                let text = option.text.trim();
                let by_code = own.is_some_and(Question::names_all_answers);
                if by_code && question.option(code).is_some_and(|found| found.id == *code) {
                    return code.clone();
                }
                known
                    .and_then(|known| known.answers.iter().find(|answer| same(answer.code, text)))
                    .filter(|answer| !answer.name.is_empty())
                    .map_or_else(|| text.to_owned(), |answer| answer.name.to_owned())
            })
            .collect();
        (name, answers)
    }

    /// What is sent for a criterion that the project names: `job_title is 644: ceo 4, cto 5`. Nothing for every other one.
    pub fn sent(&self, criterion: &Criterion) -> Option<String> {
        self.own(&criterion.question)?;
        let (name, answers) = self.describe(criterion);
        let code = &criterion.question;
        let Answers::Codes(codes) = &criterion.answers else {
            return Some(format!("{name} is {code}"));
        };
        let each = answers.iter().zip(codes).filter(|(answer, code)| answer != code);
        let each: Vec<String> = each.map(|(answer, code)| format!("{answer} {code}")).collect();
        Some(match each.is_empty() {
            true => format!("{name} is {code}"),
            false => format!("{name} is {code}: {}", each.join(", ")),
        })
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
