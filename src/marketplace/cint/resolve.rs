//! Questions and answers as manifests name them, looked up in the vendor's library of the group's locale.
//!
//! A question is named by its neutral name, by the library's name in capitals, or by its number; an answer by its neutral
//! name, its text, or its number. Promises: pure; what the library does not have is refused with the nearest thing it has,
//! and never guessed.

use super::codebook::{CODEBOOK, MOST};
use super::fit::{OPEN, completed};
use crate::diag::suggest;
use crate::marketplace::shelf::naming;
use crate::model::lexicon::LexiconQuestion;
use crate::model::{Answers, Criterion, Lexicon, SurveySpec};
use crate::plan::Refusal;
use std::collections::BTreeSet;

/// The group in the codes of a library, with the questions that its quotas ask, or everything that the library does not
/// have.
pub(super) fn resolve(wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
    let resolved = naming::resolved(wanted, |criterion, base| one(criterion, lexicon, base))?;
    Ok(completed(&resolved))
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// One criterion in the codes of a library, with its place below `base`; or what the library does not have of it.
pub(super) fn one(criterion: &Criterion, lexicon: &Lexicon, base: &str) -> Result<Criterion, Vec<Refusal>> {
    let name = CODEBOOK.question_name(&criterion.question);
    let path = format!("{base}/{name}");
    let by_name = || {
        lexicon
            .questions
            .iter()
            .find(|question| same(&question.text, &criterion.question))
    };
    let Some(question) = lexicon.question(&criterion.question).or_else(by_name) else {
        let names = lexicon.questions.iter().map(|question| question.text.as_str());
        let refusal = Refusal::new(format!("Cint's library of this locale has no question `{name}`"));
        let help = suggest::help(&criterion.question, names, || {
            "write the name of a question of the library in capitals, or its number".to_owned()
        });
        return Err(vec![refusal.help(help).at(path)]);
    };
    let (unit, answers) = if question.numeric {
        (
            None,
            Answers::ranges(naming::ranges(criterion, Some(MOST), &path)?),
        )
    } else if question.options.is_empty() {
        (Some(OPEN.to_owned()), criterion.answers.clone())
    } else {
        (None, Answers::Codes(options(criterion, question, &path)?))
    };
    Ok(Criterion {
        question: question.key.clone(),
        unit,
        answers,
    })
}

fn options(
    criterion: &Criterion,
    question: &LexiconQuestion,
    path: &str,
) -> Result<BTreeSet<String>, Vec<Refusal>> {
    let known = CODEBOOK.question(&question.key);
    let find = |text: &str| {
        // A neutral name is a number by now, and means that number whatever texts the library has.
        let neutral = known.is_some_and(|known| known.answers.iter().any(|answer| answer.code == text));
        let by_id = || question.options.iter().find(|option| option.id == text);
        if neutral { by_id() } else { question.option(text) }
    };
    let otherwise =
        |texts: &[&str]| format!("the library has {}", suggest::list(texts.iter().copied().take(8)));
    naming::options(criterion, question, (&question.text, path), find, otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::model::lexicon::LexiconOption;

    #[test]
    fn questions_are_found_by_name_number_and_neutral_name() {
        let option = |id: &str, text: &str| LexiconOption {
            id: id.to_owned(),
            text: text.to_owned(),
        };
        let lexicon = Lexicon {
            questions: vec![
                LexiconQuestion {
                    id: "43".to_owned(),
                    key: "43".to_owned(),
                    text: "GENDER".to_owned(),
                    numeric: false,
                    options: vec![
                        option("1", "Male"),
                        option("2", "Female"),
                        option("-3105", "None of the above"),
                    ],
                },
                LexiconQuestion {
                    id: "45".to_owned(),
                    key: "45".to_owned(),
                    text: "ZIP".to_owned(),
                    numeric: false,
                    options: Vec::new(),
                },
            ],
        };
        let ask = |question: &str, answers: &[&str]| {
            let wanted = SurveySpec {
                qualifications: Field::Set(
                    vec![Criterion {
                        question: question.to_owned(),
                        unit: None,
                        answers: Answers::codes(answers.iter().copied()),
                    }]
                    .into(),
                ),
                ..SurveySpec::default()
            };
            resolve(&wanted, &lexicon)
        };
        for (question, answers) in [
            ("43", ["1", "2"]),
            ("GENDER", ["male", "Female"]),
            ("gender", ["Male", "2"]),
        ] {
            let found = ask(question, &answers).unwrap();
            let criterion = &found.qualifications.value().unwrap()[0];
            assert_eq!(
                (criterion.question.as_str(), &criterion.answers),
                ("43", &Answers::codes(["1", "2"]))
            );
            assert_eq!(
                resolve(&found, &lexicon).unwrap(),
                found,
                "what is resolved stays as it is"
            );
        }
        assert_eq!(
            ask("45", &["98001"]).unwrap().qualifications.value().unwrap()[0]
                .unit
                .as_deref(),
            Some(OPEN)
        );
        let refused = ask("GENDR", &["1"]).unwrap_err();
        assert_eq!(refused[0].help.as_deref(), Some("did you mean `GENDER`?"));
        let refused = ask("43", &["femal"]).unwrap_err();
        assert_eq!(refused[0].help.as_deref(), Some("did you mean `Female`?"));
    }
}
