//! PureSpectrum's questions and answers as data.
//!
//! Only codes that a source shows are listed, with their source; names are ours. Where sources disagree there is no
//! name, and a note says why. The vendor's own list is longer: codes that are not here may be used as they are.

use crate::model::codebook::{Answer, Codebook, Kind, Question, RawCode};

/// The table.
pub const CODEBOOK: Codebook = Codebook { questions: QUESTIONS };

const fn answer(code: &'static str, name: &'static str, label: &'static str) -> Answer {
    Answer {
        code,
        name,
        label,
        not_in: &[],
    }
}

const fn not_us(code: &'static str, name: &'static str, label: &'static str) -> Answer {
    Answer {
        code,
        name,
        label,
        not_in: &["en-US"],
    }
}

const fn not_ca(code: &'static str, name: &'static str, label: &'static str) -> Answer {
    Answer {
        code,
        name,
        label,
        not_in: &["en-CA"],
    }
}

const fn choice(
    code: &'static str,
    name: &'static str,
    label: &'static str,
    answers: &'static [Answer],
) -> Question {
    Question {
        code,
        name,
        label,
        kind: Kind::Choice,
        answers,
        complete: false,
        raw: RawCode::PLAIN,
        quota_only: false,
        note: "",
        source: "vendor wiki 33493049",
    }
}

const fn number(
    code: &'static str,
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    unit_name: &'static str,
) -> Question {
    Question {
        kind: Kind::Number { unit, unit_name },
        complete: true,
        ..choice(code, name, label, &[])
    }
}

const QUESTIONS: &[Question] = &[
    Question {
        complete: true,
        ..choice(
            "211",
            "gender",
            "Gender",
            &[
                answer("111", "male", "Male"),
                answer("112", "female", "Female"),
                answer("113", "prefer-not-to-say", "Prefer not to say"),
            ],
        )
    },
    number("212", "age", "Age", "311", "years"),
    number("213", "household_income", "Household income", "321", "USD a year"),
    choice(
        "214",
        "race_ethnicity",
        "Race and ethnicity, combined",
        &[
            answer("111", "white", "White"),
            answer("112", "hispanic", "Hispanic"),
            answer("113", "african-american", "African American"),
            answer("114", "asian", "Asian"),
            answer("115", "american-indian", "American Indian"),
            answer("116", "middle-eastern", "Middle Eastern"),
            answer("117", "other", "Other ethnicity"),
            not_us(
                "118",
                "native-american-inuit-aleut",
                "Native American, Inuit or Aleut",
            ),
            not_us(
                "119",
                "native-hawaiian-pacific-islander",
                "Native Hawaiian / Pacific Islander",
            ),
            not_us("120", "prefer-not-to-say", "Prefer not to answer"),
        ],
    ),
    choice(
        "215",
        "employment",
        "Employment",
        &[
            answer("111", "unemployed", "Unemployed"),
            answer("112", "student", "a Student"),
            answer("113", "part-time", "Part-Time"),
            answer("114", "full-time", "Full Time"),
            answer("115", "retired", "Retired"),
            not_us("116", "contract", "Contract, Freelance or Temporary Employee"),
            not_us("117", "none", "None of the above"),
        ],
    ),
    choice(
        "216",
        "education",
        "Education",
        &[
            answer("111", "some-high-school", "Some high school"),
            answer("112", "high-school", "High School Graduate"),
            answer("113", "some-college", "Some College"),
            answer("114", "bachelor", "Bachelor's Degree"),
            not_ca("115", "master", "Master's Degree"),
            not_ca("116", "doctorate", "Doctorate Degree"),
            not_us("117", "some-postgraduate", "Some Postgraduate"),
            not_us("118", "postgraduate", "Graduate/Post Graduate Degree"),
            not_us("119", "prefer-not-to-say", "Prefer not to answer"),
        ],
    ),
    Question {
        note: "113 to 116 exist in en_US, but no source that could be read shows their labels",
        ..choice(
            "217",
            "relationship",
            "Relationship",
            &[
                answer("111", "single", "Single"),
                answer("112", "engaged", "Engaged"),
                answer("113", "", "label not known"),
                answer("114", "", "label not known"),
                answer("115", "", "label not known"),
                answer("116", "", "label not known"),
                not_us("117", "", "label not known"),
            ],
        )
    },
    Question {
        note: "one page of the vendor says that 112 means parent, another sentence of it says 111",
        ..choice("218", "", "Children (parent or not)", &[])
    },
    Question {
        complete: true,
        source: "vendor wiki 96927974",
        ..choice(
            "219",
            "device",
            "Device, detected automatically",
            &[
                answer("111", "desktop", "Desktop"),
                answer("112", "mobile", "Mobile"),
                answer("113", "tablet", "Tablet"),
            ],
        )
    },
    Question {
        quota_only: true,
        note: "only the code of boys is documented",
        source: "vendor wiki 54526015",
        ..choice(
            "220",
            "child_gender",
            "Gender of a child",
            &[answer("111", "boy", "Boy")],
        )
    },
    Question {
        raw: RawCode {
            max_digits: 2,
            strip_zeros: true,
        },
        note: "FIPS state number without leading zeros",
        source: "vendor wiki 34552054",
        ..choice(
            "225",
            "us_state",
            "US state",
            &[
                answer("1", "alabama", "Alabama"),
                answer("6", "california", "California"),
                answer("12", "florida", "Florida"),
                answer("25", "massachusetts", "Massachusetts"),
                answer("34", "new-jersey", "New Jersey"),
                answer("36", "new-york", "New York"),
                answer("41", "oregon", "Oregon"),
            ],
        )
    },
    Question {
        kind: Kind::Open {
            shape: "5 digits (FIPS)",
            digits: Some(5),
        },
        source: "a public client of the vendor's API",
        ..choice("228", "us_county", "US county", &[])
    },
    Question {
        kind: Kind::Open {
            shape: "5 digits in the US",
            digits: Some(5),
        },
        source: "vendor wiki 33499813",
        ..choice("229", "zip", "Zip code", &[])
    },
    Question {
        quota_only: true,
        source: "vendor wiki 54526015",
        note: "in years; months are not supported",
        ..number("230", "child_age", "Age of a child", "311", "years")
    },
    choice(
        "244",
        "race",
        "Race",
        &[
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
        ],
    ),
    Question {
        complete: true,
        ..choice(
            "245",
            "hispanic_origin",
            "Hispanic origin",
            &[
                answer("111", "hispanic", "Yes"),
                answer("112", "not-hispanic", "No"),
            ],
        )
    },
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
