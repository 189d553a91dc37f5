//! How a marketplace is reached: transport, session, retries, and what an answer means before anybody decodes it.
//!
//! Knows no marketplace. The class of a call alone decides about repetition.

mod circuit;
pub mod error;
pub mod guarded;
pub mod in_process;
pub mod json;
pub mod permit;
mod retry;
pub mod secrets;
pub mod session;
pub mod transport;
pub(crate) mod wire;
pub(crate) mod writer;

#[cfg(test)]
pub(crate) mod scripted;
