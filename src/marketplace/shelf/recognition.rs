//! What is looked for by its name, and how long a vendor works on something.

use crate::model::{Level, SurveySpec};

/// Something that is looked for by its name.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// What it is.
    pub level: Level,
    /// The vendor's id of the survey that holds it; groups only.
    pub parent: Option<&'a str>,
    /// As the manifest wants it.
    pub wanted: &'a SurveySpec,
}

/// How work of a vendor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// It is done.
    Done,
    /// The vendor gave up.
    Failed {
        /// Its reason.
        why: String,
    },
    /// Patience ended first.
    StillGoing,
}
