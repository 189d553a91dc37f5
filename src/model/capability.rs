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
    /// Freely, but not before what has ended is back in field; the text is the vendor's rule.
    OnceBack(&'static str),
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

impl Capability {
    const fn of(what: &'static str, ability: Ability) -> Self {
        Self {
            what,
            ability,
            documented: false,
            comment: "",
        }
    }

    /// Something that infield does.
    pub const fn can(what: &'static str) -> Self {
        Self::of(what, Ability::Can)
    }

    /// Something that the vendor cannot do.
    pub const fn cannot(what: &'static str) -> Self {
        Self::of(what, Ability::Cannot)
    }

    /// Something that infield does not do yet.
    pub const fn not_yet(what: &'static str) -> Self {
        Self::of(what, Ability::NotYet)
    }

    /// The same, documented by the vendor, with one sentence.
    pub const fn documented(self, comment: &'static str) -> Self {
        Self {
            documented: true,
            comment,
            ..self
        }
    }

    /// The same, assumed, with one sentence.
    pub const fn assumed(self, comment: &'static str) -> Self {
        Self { comment, ..self }
    }
}

/// What a vendor's groups of surveys can be that keep respondents out.
#[derive(Debug, Clone, Copy)]
pub struct ExclusionGroups {
    /// The most that one can hold, and the rule that says so.
    pub most: Option<(usize, &'static str)>,
    /// The rule by which the days of exclusion cannot be chosen; `None` where they can.
    pub fixed_days: Option<&'static str>,
    /// Whether a text is an id of what it holds; `None` where ids are numbers.
    pub text_ids: Option<fn(&str) -> bool>,
}
