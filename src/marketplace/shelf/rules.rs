//! What a vendor's rules say about a manifest: which part breaks which rule. Whoever knows the file turns that into a
//! label.

use crate::diag::{Code, Rule, Severity, code};
use crate::model::{Field, Status};
use crate::plan::Refusal;
use rust_decimal::Decimal;

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

impl Breach {
    /// A rule that is broken so that nothing can be made of the manifest.
    pub fn error(code: Code, place: Place, message: impl Into<String>, rule: Rule) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place,
            label: String::new(),
            also: None,
            missing: Vec::new(),
            help: String::new(),
            rule,
        }
    }

    /// That a number has a fraction, where the vendor takes whole ones.
    pub fn not_whole(field: &'static str, number: &Field<Decimal>, rule: Rule) -> Option<Self> {
        let number = number.value().filter(|number| !number.is_integer())?;
        let message = format!("{} takes whole numbers here", rule.vendor);
        let breach = Self::error(code::VENDOR_LIMIT, Place::Field(field), message, rule);
        let help = format!("write `{}`", number.round());
        Some(breach.label("not a whole number").help(help))
    }

    /// That something cannot be made without some of these fields, which come with whether they have a value. A setting is
    /// named with its block, and told apart by the last part of its name.
    pub fn incomplete<const N: usize>(
        what: &str,
        fields: [(&'static str, bool); N],
        rule: Rule,
    ) -> Option<Self> {
        let missing = fields.into_iter().filter(|(_, given)| !given);
        let missing: Vec<&'static str> = missing.map(|(name, _)| name).collect();
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{what} cannot be created without {}", names.join(", "));
        let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
        (!missing.is_empty()).then(|| {
            let missing: Vec<&'static str> = missing.into_iter().map(last).collect();
            Self::error(code::SURVEY_INCOMPLETE, Place::Whole, message, rule).missing(missing)
        })
    }

    /// A rule that may be broken, or whose breach can be meant.
    pub fn warning(code: Code, place: Place, message: impl Into<String>, rule: Rule) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message, rule)
        }
    }

    /// The same with what to say at the place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with what to type instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same with another place that matters, and what to say there.
    pub fn also(mut self, place: Place, label: &str) -> Self {
        self.also = Some((place, label.to_owned()));
        self
    }

    /// The same with the fields whose absence is the problem.
    pub fn missing(mut self, fields: impl Into<Vec<&'static str>>) -> Self {
        self.missing = fields.into();
        self
    }
}

/// Whether a status can follow another where a survey is a draft first, is live and paused in turns, and closed for good;
/// `closed` says why nothing follows that.
///
/// # Errors
/// With what to do instead.
pub fn way_of_life(vendor: &str, from: Status, to: Status, closed: &str) -> Result<(), Refusal> {
    match (from, to) {
        (Status::Closed, Status::Closed) => Ok(()),
        (Status::Closed, _) => Err(Refusal::new(closed).help("field it again under a new name")),
        (Status::Draft, Status::Paused) | (Status::Live | Status::Paused, Status::Draft) => {
            Err(Refusal::new(format!("{vendor} has no way from {from} to {to}"))
                .help("use `draft`, `live`, `paused` or `closed` in the order of a survey's life"))
        }
        _ => Ok(()),
    }
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
