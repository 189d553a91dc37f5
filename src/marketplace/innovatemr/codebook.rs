//! Neutral names for the few questions of InnovateMR's library that every locale has.
//!
//! Ids differ between environments, so none stands here: a code in this table is the key of a question, or the text of
//! an answer, and is looked up in the library when a plan is made. Every other key and text of the library may be
//! written as it is.

use super::assumptions::OLDEST;
use crate::model::codebook::{Answer, Codebook, Question};

/// The key of the age question.
pub(super) const AGE: &str = "AGE";

/// The key of the postal-code question.
pub(super) const ZIPCODES: &str = "ZIPCODES";

const fn question(code: &'static str, name: &'static str, label: &'static str) -> Question {
    Question::new(code, name, label, "a public client of the vendor's API")
        .note("answers are the texts of the vendor's library")
}

/// The table.
pub const CODEBOOK: Codebook = Codebook {
    questions: &[
        question(AGE, "age", "Age").numbers("", "years").up_to(OLDEST),
        question("GENDER", "gender", "Gender").answers(&[
            Answer::new("Male", "male", "Male"),
            Answer::new("Female", "female", "Female"),
        ]),
        question(ZIPCODES, "zip", "Postal code").open("5 digits", 5),
    ],
    groupings: &[],
    units: &[],
};
