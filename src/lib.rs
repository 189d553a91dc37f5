//! infield: surveys as code.
//!
//! ```text
//! manifests ─► Desired ─┐
//! state ─────► Known  ──┼─► plan (pure) ─► Plan ─► apply ─► events ─► report
//! vendors ───► Live   ──┘
//! ```

pub mod model;
pub mod plan;
pub mod report;
pub mod vendor;
