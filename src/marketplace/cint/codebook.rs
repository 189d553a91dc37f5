//! The questions of Cint's library whose numbers are the same in every locale, under neutral names.
//!
//! Their ids stand in the contract's own examples (OpenAPI, `account_questions_translation`). Everything else is looked up
//! in the library when a plan is made: by its name there, or by its number.

use crate::model::codebook::{Answer, Codebook, Kind, Question, RawCode};

/// Birth gender.
pub(super) const GENDER: &str = "43";

/// Postal code.
pub(super) const ZIP: &str = "45";

/// The highest number of a range condition (OpenAPI, `InterlockProfileConditionsV3`: `max` is 1 to 99).
pub(super) const MOST: i64 = 99;

const fn answer(code: &'static str, name: &'static str, label: &'static str) -> Answer {
    Answer::new(code, name, label)
}

const BASE: Question = Question {
    code: "",
    name: "",
    label: "",
    kind: Kind::Choice,
    answers: &[],
    complete: false,
    raw: RawCode::PLAIN,
    most: None,
    quota_only: false,
    own: false,
    note: "answers are the texts of the vendor's library",
    source: "OpenAPI, account_questions_translation",
};

/// The table.
pub const CODEBOOK: Codebook = Codebook {
    questions: &[
        Question {
            code: "42",
            name: "age",
            label: "Age",
            kind: Kind::Number {
                unit: "",
                unit_name: "years",
            },
            most: Some(MOST),
            ..BASE
        },
        Question {
            code: GENDER,
            name: "gender",
            label: "Gender",
            answers: &[answer("1", "male", "Male"), answer("2", "female", "Female")],
            ..BASE
        },
        Question {
            code: ZIP,
            name: "zip",
            label: "Postal code",
            kind: Kind::Open {
                shape: "letters and digits",
                digits: None,
            },
            ..BASE
        },
        Question {
            code: "47",
            name: "hispanic",
            label: "Hispanic, Latino or Spanish origin",
            ..BASE
        },
    ],
    groupings: &[],
    units: &[],
};
