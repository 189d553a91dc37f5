//! What else than manifests an editor is told: what was seen last, and what was looked up. All of it is in files of this machine.

use crate::manifest::{Beyond, Project};
use crate::marketplace::shelf::lists::List;
use crate::model::{Address, VendorId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

/// What is kept beside the manifests of a project.
pub trait Remembered: Beyond {
    /// What was counted last of each survey and group.
    fn counted(&self, root: &Path, project: Option<&Project>) -> BTreeMap<Address, Counted>;
    /// The lists that were looked up, with the marketplaces they are of.
    fn lists(&self, root: &Path, project: Option<&Project>) -> Vec<(VendorId, List)>;
}

/// What was counted of a survey or group, at the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// When.
    pub at: Timestamp,
    /// Completes collected.
    pub completes: Option<u64>,
}
