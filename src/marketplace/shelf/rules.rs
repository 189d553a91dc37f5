//! What a vendor's rules say about a manifest: which part breaks which rule. Whoever knows the file turns that into a
//! label.

use crate::diag::{Code, Rule, Severity};

/// The part of a survey that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The survey as a whole.
    Whole,
    /// A field of every survey, by its name in the manifest.
    Field(&'static str),
    /// A setting of this vendor, by its path inside the block.
    Attribute(&'static str),
    /// A qualification, by the vendor's code of the question.
    Qualification(String),
    /// A criterion of the quota at this index, by the vendor's code of the question.
    QuotaCriterion(usize, String),
}

/// A rule of the vendor that a survey breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// How bad it is.
    pub severity: Severity,
    /// The stable code.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to say there.
    pub label: String,
    /// Another place that matters.
    pub also: Option<(Place, String)>,
    /// Fields whose absence is the problem: whoever knows that one of them was given but could not be read says that
    /// instead.
    pub missing: Vec<&'static str>,
    /// What to type instead.
    pub help: String,
    /// The rule.
    pub rule: Rule,
}

/// What a vendor makes of quotas that do not sum to the completes, and of quotas inside each other.
#[derive(Debug, Clone, Copy)]
pub struct QuotaRules {
    /// Of quotas that sum to less.
    pub below: Rule,
    /// Of quotas that sum to more.
    pub above: Rule,
    /// Of a quota that is full while a wider one is not.
    pub any_full_ends: Rule,
}
