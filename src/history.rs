//! What was done and what was seen, beside the state: `infield.history/1`.
//!
//! `looks` counters of surveys as they were seen, and how they came on · `thin` which looks are kept for how long.
//!
//! Promises: a memory and no authority. No plan reads it; what is damaged or missing is passed over and said once; what
//! cannot be written fails nothing.

mod looks;
mod thin;

pub use looks::{Counted, Look, Looks, Point};
pub use thin::{DAILY_FOR, EVERYTHING_FOR, HOURLY_FOR, thin};
