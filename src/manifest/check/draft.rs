//! A survey on its way into the model, with the places of its parts.

use crate::model::codebook::Codebook;
use crate::model::targeting::Range;
use crate::model::{Criterion, Level, SurveySpec, VendorId};

/// A survey with what the checks need to find its parts in the file.
pub(crate) struct Draft {
    pub(crate) vendor: VendorId,
    /// The vendor's questions, with the names that the project gives them.
    pub(crate) codebook: &'static Codebook,
    pub(crate) level: Level,
    pub(crate) spec: SurveySpec,
    pub(crate) qualifications: Vec<Resolved>,
    /// One list per quota, in manifest order.
    pub(crate) quotas: Vec<Vec<Resolved>>,
    /// Whether every question and answer was resolved; otherwise quotas cannot be compared with each other.
    pub(crate) resolved: bool,
    /// Fields that were given but refused, so that they are not reported as missing too.
    pub(crate) refused: Vec<String>,
}

/// A criterion with the place it was written at.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// Pointer to the question's entry.
    pub(crate) pointer: String,
    /// The key as it was written.
    pub(crate) key: String,
    /// The meaning.
    pub(crate) criterion: Criterion,
}

/// A range as people write it.
pub(crate) fn show(range: &Range) -> String {
    if range.from == range.to {
        range.from.to_string()
    } else {
        format!("{}-{}", range.from, range.to)
    }
}
