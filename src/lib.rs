//! infield: surveys as code.
