//! The PureSpectrum emulator, called as a client would call it.

mod attributes;
mod clock;
mod contract;
mod documented;
mod edits;
mod faults;
mod fielding;
mod quotas;
mod reconciliation;
mod store;
mod support;
mod surveys;
mod templates;
mod transactions;
