//! What infield remembers, and how it is kept safe.
//!
//! Promises: what [`Keeper::commit`] has confirmed survives a crash; the document never goes backwards (its serial only
//! grows); a damaged or truncated file is an error that names the last good copy, never a fresh start; a newer format is
//! refused. Deciding what to remember is left to `plan` and `apply`.

pub mod aside;
pub mod document;
pub mod keeper;
pub mod ledger;
pub mod local;
pub mod parts;
#[cfg(feature = "remote-state")]
pub mod remote;
pub mod store;

pub use aside::Aside;
pub use document::{Document, Op};
pub use keeper::Keeper;
pub use ledger::Ledgers;
pub use local::LocalStore;
pub use parts::{Part, Parts, PartsError};
#[cfg(feature = "remote-state")]
pub use remote::RemoteStore;
pub use store::{ChangeStops, Entry, LockInfo, StateError, Store};
