//! The second pass: from a document to the surveys it stands for, each value with the place where it is written.

pub(super) mod apart;
pub(super) mod defaults;
pub(super) mod marketplaces;
pub(super) mod matrix;
pub(super) mod origin;
mod placeholder;
pub(super) mod scope;
pub(super) mod shares;
pub(super) mod sight;
