//! The first pass: from paths to the texts of files.

pub(super) mod beside;
pub(super) mod kind;
pub(super) mod secrets;
pub(super) mod text;
mod tracked;
pub(super) mod unseen;
pub(super) mod walk;
