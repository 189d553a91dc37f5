//! The third pass: does a document have the shape of its kind? The types are the source of the schemas.

pub(super) mod check;
pub(super) mod derive;
pub(super) mod fields;
mod questions;
pub mod schema;
pub(super) mod test;
pub(super) mod types;
