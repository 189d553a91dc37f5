//! The fifth pass: what a survey means, checked while it is lowered.

pub(super) mod draft;
pub(super) mod survey;
pub(super) mod texts;
