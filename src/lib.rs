//! infield: surveys as code.
//!
//! ```text
//! manifests ─► Desired ─┐
//! state ─────► Known  ──┼─► plan (pure) ─► Plan ─► apply ─► events ─► report
//! vendors ───► Live   ──┘
//! ```

pub mod diag;
pub mod manifest;
pub mod model;
pub mod vendor;
pub mod yaml;
