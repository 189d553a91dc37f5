//! The Cint emulator, called as a client would call it.

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
