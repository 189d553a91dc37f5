//! Surveys made elsewhere, as manifests: what a vendor shows → what somebody would have written.
//!
//! Promises: pure, and the same picture gives the same manifest; a secret or a mail address is never written down; what
//! is left out is said in the manifest, with the reason. That the next plan shows nothing to do is not hoped for: every
//! draft is planned against what was read, and gives up the fields that would change something ([`trial`]).

pub mod draft;
mod fields;
mod names;
pub mod private;
pub mod trial;

/// Whether a setting of something with this id is as the vendor has it when nobody says anything.
pub type IsDefault<'a> = &'a dyn Fn(&str, &serde_json::Value, &str) -> bool;

pub use draft::{Draft, Found, References, draft};
pub use names::Taken;
pub use trial::{Problem, Verdict, settle};
