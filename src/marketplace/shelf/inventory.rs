//! What an account has at a vendor, whoever made it.

use crate::model::{LiveKey, LiveSurvey, Status};
use jiff::Timestamp;

/// Something at a vendor, as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What a reader needs to find it.
    pub key: LiveKey,
    /// Its title, where the list shows it.
    pub title: Option<String>,
    /// Its status; `None` where it has none of its own, or one that infield does not know.
    pub status: Option<Status>,
    /// When it was made, where the vendor says.
    pub made: Option<Timestamp>,
}

/// Surveys, each with the time it was made where the vendor says.
pub type Made = Vec<(LiveSurvey, Option<Timestamp>)>;
