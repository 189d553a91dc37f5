//! How a plan is shown to people.

use super::mark::PictureMark;
use crate::apply::Takes;
use crate::plan::Guard;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How a plan is shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Whether colour may be used; it never carries a meaning that words do not.
    pub colour: bool,
    /// Columns to wrap at. Addresses, URLs and calls that have no place to break may be longer.
    pub width: usize,
    /// Whether every call is shown with method, path and body.
    pub show_calls: bool,
    /// Whether long lists and repeated notes are shown in full.
    pub verbose: bool,
    /// Guards that the environment allows without asking, so that they are not announced as needing approval.
    pub allowed: BTreeSet<Guard>,
    /// The name of the project, where it has one.
    pub project: Option<String>,
    /// The picture the plan was made from, where no vendor was asked.
    pub picture: Option<PictureMark>,
    /// What was given on the command line besides `plan`, quoted for a shell: the command that applies the plan repeats
    /// it, or it would make another plan.
    pub given: Vec<String>,
    /// How long carrying the plan out takes, where that is worth a word.
    pub takes: Option<Takes>,
    /// When and from what it was made, where that is to be told.
    pub made: Option<Made>,
}

/// When and from what something was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The time, UTC.
    pub at: Timestamp,
    /// The commit that was checked out.
    pub commit: Option<String>,
}

impl Default for Style {
    /// No colour, 100 columns, no calls, long lists shortened, every guard needs approval.
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
            show_calls: false,
            verbose: false,
            allowed: BTreeSet::new(),
            project: None,
            picture: None,
            given: Vec::new(),
            takes: None,
            made: None,
        }
    }
}
