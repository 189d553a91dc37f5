//! What a first survey says at a marketplace, for starter projects: the fields that each marketplace takes in its own way,
//! and an account to fill in. Examples only; nothing decides by them.

/// A line of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The key.
    pub key: &'a str,
    /// The value, with [`NAME`] and [`END`] where these belong.
    pub value: &'a str,
    /// What a comment behind it says; empty for none.
    pub about: &'a str,
}

/// Stands for the name of the survey.
pub const NAME: &str = "<name>";

/// Stands for the time at which the survey ends.
pub const END: &str = "<end>";

/// What a first survey says at a marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Time in field, price and addresses: fields of every survey, in the order of a manifest.
    pub fields: &'static [Line<'static>],
    /// What its block has to say.
    pub settings: &'static [Line<'static>],
    /// Whether quotas have to be over questions that are qualifications as well.
    pub quotas_are_targets: bool,
    /// Parts of a country to balance a sample by: a question, and answers with shares that sum to all.
    pub regions: Option<(&'static str, &'static [(&'static str, &'static str)])>,
    /// An account of an environment.
    pub account: &'static [Line<'static>],
}

/// A line without a comment.
pub const fn line<'a>(key: &'a str, value: &'a str) -> Line<'a> {
    Line {
        key,
        value,
        about: "",
    }
}

impl<'a> Line<'a> {
    /// The same with a comment.
    pub const fn about(self, about: &'a str) -> Self {
        Self { about, ..self }
    }
}
