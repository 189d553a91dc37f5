//! Outcomes of transactions as written: in a manifest, or in a list.

mod list;
pub(super) mod manifest;
mod rows;

pub use list::{parse, read, source};
pub(super) use rows::contradictions;
pub use rows::{Defaults, Listed, is_id, span, survey_ref};
