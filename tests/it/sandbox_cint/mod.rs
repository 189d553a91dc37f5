//! The Cint emulator, called as a client would call it.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, which clippy does not see"
)]

mod access;
mod by_itself;
mod contract;
mod documented;
mod drafts;
mod fielding;
mod jobs;
mod keys;
mod pages;
mod profiles;
mod reconciliation;
mod support;
mod switches;
