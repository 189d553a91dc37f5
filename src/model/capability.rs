//! What a vendor can do, as data: one table per vendor, used by planning, checks and documentation.

use serde::Serialize;

/// How a field may be changed once the survey exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutability {
    /// In draft and in field.
    Free,
    /// In draft freely; in field only behind the guard `edit-live-targeting`, because respondents are already asked.
    TargetingWhenLive,
    /// Only when the survey is created; the text is the vendor's rule.
    CreateOnly(&'static str),
}

/// Whether a vendor can do something. "No" and "not yet" are different answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// It can, and infield does.
    Can,
    /// The vendor cannot.
    Cannot,
    /// The vendor can, infield does not yet.
    NotYet,
}

/// One row of a vendor's capability table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capability {
    /// What it is about, as shown in the book: `templates`, `close a survey`.
    pub what: &'static str,
    /// Whether.
    pub ability: Ability,
    /// Whether the vendor documents it (`true`) or infield assumes it.
    pub documented: bool,
    /// One sentence.
    pub comment: &'static str,
}
