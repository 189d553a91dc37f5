//! Who is told of what happens in an environment.

use std::collections::BTreeSet;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The variable that holds its whole address, which is a secret.
    pub variable: String,
    /// How it wants its messages.
    pub shape: Shape,
    /// What it is told.
    pub topics: BTreeSet<Topic>,
}

/// What a message may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The verdict on a survey in field has changed.
    Verdicts,
    /// An apply did something, or failed at it.
    Applies,
    /// A guard held something back.
    Guards,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Verdicts, Self::Applies, Self::Guards];

    /// Its word in `infield.yaml` and in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verdicts => "verdicts",
            Self::Applies => "applies",
            Self::Guards => "guards",
        }
    }
}

/// The form of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// `infield.notification/1`.
    #[default]
    Json,
    /// What an incoming webhook of Slack takes.
    Slack,
}

impl Shape {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Json, Self::Slack];

    /// Its word in `infield.yaml`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
        }
    }
}
