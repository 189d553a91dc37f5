//! The files of a new project for `infield init`, and new manifests of one that is there for `infield new`.
//!
//! `project` the files of a project · `study` kinds of studies as manifests · `copy` a manifest once more under another name ·
//! `lines` what they share.
//!
//! Promises: what is written here validates without a warning, applies in the sandbox, and reaches no vendor until an
//! environment is configured and named. Nothing is written to disk here.

mod copy;
mod lines;
mod project;
mod study;

pub use copy::{Copied, copy};
pub use lines::{SURVEYS, StarterFile, vendors};
pub use project::{GITIGNORE, files, project, variables};
pub use study::{Study, Wanted, chooses_days, group, manifests};
