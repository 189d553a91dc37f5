//! PureSpectrum's questions and answers as data.
//!
//! Only codes that a source shows are listed, with their source; names are ours. Where sources disagree there is no
//! name, and a note says why. The vendor's own list is longer: codes that are not here may be used as they are.

use super::assumptions;
use super::states;
use crate::model::codebook::{Answer, Codebook, Question, RawCode};

/// The table.
pub const CODEBOOK: Codebook = Codebook {
    questions: QUESTIONS,
    groupings: states::GROUPINGS,
    units: &assumptions::UNITS,
};

const fn answer(code: &'static str, name: &'static str, label: &'static str) -> Answer {
    Answer::new(code, name, label)
}

const fn question(code: &'static str, name: &'static str, label: &'static str) -> Question {
    Question::new(code, name, label, "vendor wiki 33493049")
}

/// The oldest respondents: a survey without targeting is one for 18 to 99 (vendor wiki for suppliers 33515296).
const OLDEST: i64 = 99;

/// Locales that lack an answer.
const US: &[&str] = &["en-US"];
const CANADA: &[&str] = &["en-CA"];

const QUESTIONS: &[Question] = &[
    question("211", "gender", "Gender").complete().answers(&[
        answer("111", "male", "Male"),
        answer("112", "female", "Female"),
        answer("113", "prefer-not-to-say", "Prefer not to say"),
    ]),
    question("212", "age", "Age")
        .complete()
        .numbers("311", "years")
        .up_to(OLDEST),
    question("213", "household_income", "Household income")
        .complete()
        .numbers("321", "USD a year")
        .up_to(assumptions::HIGHEST_INCOME),
    question("214", "race_ethnicity", "Race and ethnicity, combined").answers(&[
        answer("111", "white", "White"),
        answer("112", "hispanic", "Hispanic"),
        answer("113", "african-american", "African American"),
        answer("114", "asian", "Asian"),
        answer("115", "american-indian", "American Indian"),
        answer("116", "middle-eastern", "Middle Eastern"),
        answer("117", "other", "Other ethnicity"),
        answer(
            "118",
            "native-american-inuit-aleut",
            "Native American, Inuit or Aleut",
        )
        .not_in(US),
        answer(
            "119",
            "native-hawaiian-pacific-islander",
            "Native Hawaiian / Pacific Islander",
        )
        .not_in(US),
        answer("120", "prefer-not-to-say", "Prefer not to answer").not_in(US),
    ]),
    question("215", "employment", "Employment").answers(&[
        answer("111", "unemployed", "Unemployed"),
        answer("112", "student", "a Student"),
        answer("113", "part-time", "Part-Time"),
        answer("114", "full-time", "Full Time"),
        answer("115", "retired", "Retired"),
        answer("116", "contract", "Contract, Freelance or Temporary Employee").not_in(US),
        answer("117", "none", "None of the above").not_in(US),
    ]),
    question("216", "education", "Education").answers(&[
        answer("111", "some-high-school", "Some high school"),
        answer("112", "high-school", "High School Graduate"),
        answer("113", "some-college", "Some College"),
        answer("114", "bachelor", "Bachelor's Degree"),
        answer("115", "master", "Master's Degree").not_in(CANADA),
        answer("116", "doctorate", "Doctorate Degree").not_in(CANADA),
        answer("117", "some-postgraduate", "Some Postgraduate").not_in(US),
        answer("118", "postgraduate", "Graduate/Post Graduate Degree").not_in(US),
        answer("119", "prefer-not-to-say", "Prefer not to answer").not_in(US),
    ]),
    question("217", "relationship", "Relationship")
        .note("113 to 116 exist in en_US, but no source that could be read shows their labels")
        .answers(&[
            answer("111", "single", "Single"),
            answer("112", "engaged", "Engaged"),
            answer("113", "", "label not known"),
            answer("114", "", "label not known"),
            answer("115", "", "label not known"),
            answer("116", "", "label not known"),
            answer("117", "", "label not known").not_in(US),
        ]),
    question("218", "", "Children (parent or not)")
        .note("one page of the vendor says that 112 means parent, another sentence of it says 111"),
    question("219", "device", "Device, detected automatically")
        .source("vendor wiki 96927974")
        .complete()
        .answers(&[
            answer("111", "desktop", "Desktop"),
            answer("112", "mobile", "Mobile"),
            answer("113", "tablet", "Tablet"),
        ]),
    question("220", "child_gender", "Gender of a child")
        .source("vendor wiki 54526015")
        .quota_only()
        .note("only the code of boys is documented")
        .answers(&[answer("111", "boy", "Boy")]),
    Question {
        raw: RawCode {
            max_digits: 2,
            strip_zeros: true,
        },
        ..question(states::QUESTION, "us_state", "US state")
            .source("vendor wiki 34552054")
            .note("FIPS state number without leading zeros")
            .answers(states::STATES)
    },
    question("228", "us_county", "US county")
        .source("a public client of the vendor's API")
        .open("5 digits (FIPS)", 5),
    question("229", "zip", "Zip code")
        .source("vendor wiki 33499813")
        .open("5 digits in the US", 5),
    question("230", "child_age", "Age of a child")
        .source("vendor wiki 54526015")
        .complete()
        .quota_only()
        .note("in years; months are not supported")
        .numbers("311", "years")
        .up_to(assumptions::OLDEST_CHILD),
    question("244", "race", "Race").answers(&[
        answer("111", "white", "White"),
        answer("112", "black", "Black or African American"),
        answer("113", "asian", "Asian"),
        answer(
            "114",
            "native-hawaiian-pacific-islander",
            "Native Hawaiian or Other Pacific Islander",
        ),
        answer(
            "115",
            "american-indian-alaska-native",
            "American Indian or Alaska Native",
        ),
        answer("116", "other", "Other Race"),
    ]),
    question("245", "hispanic_origin", "Hispanic origin")
        .complete()
        .answers(&[
            answer("111", "hispanic", "Yes"),
            answer("112", "not-hispanic", "No"),
        ]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_codes_are_unique_and_answer_names_cannot_be_mistaken_for_codes() {
        let mut seen = BTreeSet::new();
        for question in CODEBOOK.questions {
            assert!(seen.insert(question.code), "{}", question.code);
            assert!(
                question.name.is_empty() || seen.insert(question.name),
                "{}",
                question.name
            );
            assert!(question.code.parse::<u32>().is_ok());
            assert!(!question.source.is_empty());
            let mut answers = BTreeSet::new();
            for answer in question.answers {
                assert!(answers.insert(answer.code), "{} {}", question.code, answer.code);
                assert!(
                    answer.name.is_empty() || answers.insert(answer.name),
                    "{}",
                    answer.name
                );
                assert!(!answer.name.starts_with(|c: char| c.is_ascii_digit()));
                // A plain YAML scalar must stay a text.
                assert!(!["yes", "no", "on", "off", "true", "false", "null"].contains(&answer.name));
            }
            assert!(question.complete || question.raw.max_digits > 0);
        }
    }

    #[test]
    fn names_and_codes_lead_to_the_same_question() {
        assert_eq!(CODEBOOK.question("zip"), CODEBOOK.question("229"));
        assert_eq!(CODEBOOK.question_name("211"), "gender");
        assert_eq!(CODEBOOK.question_name("218"), "218");
        assert!(CODEBOOK.question("").is_none());
    }

    #[test]
    fn a_unit_that_no_manifest_asks_in_is_shown() {
        let months = |unit: &str| crate::model::Criterion {
            question: "230".to_owned(),
            unit: Some(unit.to_owned()),
            answers: crate::model::Answers::ranges([crate::model::Range { from: 24, to: 60 }]),
        };
        let shown = |unit| CODEBOOK.describe(&months(unit)).1;
        assert_eq!(shown("311"), ["24-60"]);
        assert_eq!(shown("310"), ["24-60 (in the vendor's unit 310)"]);
    }
}
