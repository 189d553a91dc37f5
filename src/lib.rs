//! infield: surveys as code.

pub mod sandbox;
pub mod vendor;
