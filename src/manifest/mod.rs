//! What the user wrote: from YAML files to [`Desired`](crate::model::Desired).
//!
//! The passes, one way through: `read` paths to texts, `expand` a document to the surveys it stands for, `shape` a tree to
//! its types, `lower` types to the model, with `check` for what it means; `document` leads one file through them, and
//! `load` adds what only all files together show. `outcomes` are lists of transactions, `edit` changes values in place.
//!
//! Promises: all problems of all files at once, in one order; the same files give the same result; nothing but the
//! files is looked at: no environment, no clock, no network. Where lists of respondents may lie besides, whoever runs it says.

mod check;
mod document;
pub mod edit;
mod editing;
mod expand;
mod index;
mod lints;
mod load;
mod lower;
mod names;
pub mod outcomes;
mod read;
mod renames;
mod session;
mod shape;
pub mod starter;
mod together;
mod vendors;
mod written_out;

pub use check::texts::unfit;
pub use editing::{Beside, Beyond, Editing, Meant, Named, Part, Refreshed};
pub use index::{Index, Location, Shared};
pub use lints::{Lint, Lints};
pub use load::{Checked, Loaded, Options, check, find, load, masked, preview, reference_key};
pub use lower::file::Template;
pub use lower::project::{self, Environment, Project, Secret};
pub use lower::respondents::{allow as allow_lists, key as key_lists};
pub use lower::test;
pub use names::{Names, Scan};
pub use read::walk::{DEFAULTS_FILES, PROJECT_FILE};
pub use session::Session;
pub use shape::schema;
pub use written_out::{Expanded, expand};
