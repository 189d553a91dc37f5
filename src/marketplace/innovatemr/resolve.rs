//! Questions and answers as manifests name them, looked up in the vendor's library of the group's locale.
//!
//! Promises: pure; what the library does not have is refused with the nearest thing it has, and never guessed.

use super::codebook::{CODEBOOK, ZIPCODES};
use super::encode::is_range;
use crate::diag::suggest;
use crate::marketplace::shelf::naming;
use crate::model::lexicon::LexiconQuestion;
use crate::model::{Answers, Criterion, Lexicon, SurveySpec};
use crate::plan::Refusal;
use std::collections::BTreeSet;

/// The survey in the codes of a library, or everything that the library does not have.
pub(super) fn resolve(wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
    naming::resolved(wanted, |criterion, base| one(criterion, lexicon, base))
}

fn one(criterion: &Criterion, lexicon: &Lexicon, base: &str) -> Result<Criterion, Vec<Refusal>> {
    let name = CODEBOOK.question_name(&criterion.question);
    let path = format!("{base}/{name}");
    let Some(question) = lexicon.question(&criterion.question) else {
        let keys = lexicon.questions.iter().map(|question| question.key.as_str());
        let refusal = Refusal::new(format!(
            "InnovateMR's library of this locale has no question `{name}`"
        ));
        let help = suggest::help(&criterion.question, keys, || {
            "write the key of a question of the library".to_owned()
        });
        return Err(vec![refusal.help(help).at(path)]);
    };
    let answers = if is_range(&question.key, question.numeric) {
        let most = CODEBOOK.question(&question.key).and_then(|known| known.most);
        Answers::ranges(naming::ranges(criterion, most, &path)?)
    } else if question.key == ZIPCODES || question.options.is_empty() {
        criterion.answers.clone()
    } else {
        Answers::Codes(options(criterion, question, &path)?)
    };
    Ok(Criterion {
        question: question.key.clone(),
        unit: None,
        answers,
    })
}

fn options(
    criterion: &Criterion,
    question: &LexiconQuestion,
    path: &str,
) -> Result<BTreeSet<String>, Vec<Refusal>> {
    let find = |text: &str| question.option(text);
    let otherwise = |texts: &[&str]| match texts.len() {
        ..=12 => format!("the library has {}", suggest::list(texts.iter().copied())),
        many => format!(
            "the library has {many} answers, among them {}",
            suggest::list(texts.iter().copied().take(8))
        ),
    };
    naming::options(criterion, question, (&question.key, path), find, otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lexicon::LexiconOption;
    use crate::model::{Field, Quota, Range};

    fn library() -> Lexicon {
        let question = |id: &str, key: &str, numeric, options: &[(&str, &str)]| LexiconQuestion {
            id: id.to_owned(),
            key: key.to_owned(),
            text: String::new(),
            numeric,
            options: options
                .iter()
                .map(|(id, text)| LexiconOption {
                    id: (*id).to_owned(),
                    text: (*text).to_owned(),
                })
                .collect(),
        };
        Lexicon {
            questions: vec![
                question("1", "AGE", true, &[]),
                question("2", "GENDER", false, &[("1", "Male "), ("2", "Female")]),
                question("3", "ZIPCODES", false, &[]),
            ],
        }
    }

    fn criterion(question: &str, answers: Answers) -> Criterion {
        Criterion {
            question: question.to_owned(),
            unit: Some(String::new()),
            answers,
        }
    }

    #[test]
    fn names_become_ids_and_ages_stay_ranges() {
        let wanted = SurveySpec {
            qualifications: Field::Set(
                vec![
                    criterion("gender", Answers::codes(["male", "2"])),
                    criterion("AGE", Answers::ranges([Range { from: 18, to: 34 }])),
                    criterion("ZIPCODES", Answers::codes(["01234"])),
                ]
                .into(),
            ),
            quotas: Field::Set(
                vec![Quota {
                    name: "men".to_owned(),
                    completes: 5,
                    criteria: vec![criterion("GENDER", Answers::codes(["MALE"]))].into(),
                }]
                .into(),
            ),
            ..SurveySpec::default()
        };
        let found = resolve(&wanted, &library()).unwrap();
        let Field::Set(criteria) = &found.qualifications else {
            panic!("no criteria");
        };
        let answers: Vec<(&str, &Answers)> = criteria
            .iter()
            .map(|c| (c.question.as_str(), &c.answers))
            .collect();
        assert_eq!(
            answers,
            [
                ("AGE", &Answers::ranges([Range { from: 18, to: 34 }])),
                ("GENDER", &Answers::codes(["1", "2"])),
                ("ZIPCODES", &Answers::codes(["01234"])),
            ]
        );
        assert_eq!(
            found.quotas.value().unwrap()[0].criteria[0].answers,
            Answers::codes(["1"])
        );
        assert_eq!(
            resolve(&found, &library()).unwrap(),
            found,
            "what is resolved stays as it is"
        );
    }

    #[test]
    fn what_the_library_does_not_have_is_refused_with_the_nearest() {
        let wanted = SurveySpec {
            qualifications: Field::Set(
                vec![
                    criterion("GENDR", Answers::codes(["male"])),
                    criterion("GENDER", Answers::codes(["femal", "other"])),
                ]
                .into(),
            ),
            ..SurveySpec::default()
        };
        let refusals = resolve(&wanted, &library()).unwrap_err();
        let help: Vec<&str> = refusals.iter().filter_map(|r| r.help.as_deref()).collect();
        assert_eq!(
            help,
            [
                "did you mean `GENDER`?",
                "did you mean `Female`?",
                "the library has `Male ` or `Female`"
            ]
        );
        assert_eq!(refusals[1].path, "/qualifications/gender");
    }
}
