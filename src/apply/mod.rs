//! Doing it: carries out a finished plan and has nothing left to choose.
//!
//! Promises: before a call that makes something is sent, the intent is durable; its id is durable before anything that
//! depends on it runs; a survey goes in field only after everything written before was read back as wanted; a failure
//! stops only what depends on it; what is not known is said to be not known. Deciding is left to `plan`, telling to
//! `report`.

mod context;
pub mod event;
mod failure;
mod follow;
mod frozen;
mod ids;
mod look_back;
mod permit;
mod record;
mod run;
mod send;
mod step;
mod takes;
#[cfg(test)]
mod tests;
mod together;

pub use context::Context;
pub use event::{EVENTS_FORMAT, Event, Tally};
pub use run::run;
pub use takes::{Limit, Takes, takes};
