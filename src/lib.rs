//! infield: surveys as code.
//!
//! ```text
//! manifests ─► Desired ─┐
//! state ─────► Known  ──┼─► plan (pure) ─► Plan ─► apply ─► events ─► report
//! vendors ───► Live   ──┘
//! ```

pub mod apply;
pub mod cli;
pub mod diag;
pub mod freeze;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod recover;
pub mod refresh;
pub mod report;
pub mod sandbox;
pub mod saved;
pub mod state;
pub mod vendor;
pub mod workflow;
pub mod yaml;
