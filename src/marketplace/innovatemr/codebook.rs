//! Neutral names for the few questions of InnovateMR's library that every locale has.
//!
//! Ids differ between environments, so none stands here: a code in this table is the key of a question, or the text of
//! an answer, and is looked up in the library when a plan is made. Every other key and text of the library may be
//! written as it is.

use crate::model::codebook::{Answer, Codebook, Kind, Question, RawCode};

/// The key of the age question.
pub(super) const AGE: &str = "AGE";

/// The key of the postal-code question.
pub(super) const ZIPCODES: &str = "ZIPCODES";

const fn answer(text: &'static str, name: &'static str) -> Answer {
    Answer {
        code: text,
        name,
        label: text,
        not_in: &[],
    }
}

const BASE: Question = Question {
    code: "",
    name: "",
    label: "",
    kind: Kind::Choice,
    answers: &[],
    complete: false,
    raw: RawCode::PLAIN,
    quota_only: false,
    note: "answers are the texts of the vendor's library",
    source: "a public client of the vendor's API",
};

/// The table.
pub const CODEBOOK: Codebook = Codebook {
    questions: &[
        Question {
            code: AGE,
            name: "age",
            label: "Age",
            kind: Kind::Number {
                unit: "",
                unit_name: "years",
            },
            ..BASE
        },
        Question {
            code: "GENDER",
            name: "gender",
            label: "Gender",
            answers: &[answer("Male", "male"), answer("Female", "female")],
            ..BASE
        },
        Question {
            code: ZIPCODES,
            name: "zip",
            label: "Postal code",
            kind: Kind::Open {
                shape: "5 digits",
                digits: Some(5),
            },
            ..BASE
        },
    ],
};
