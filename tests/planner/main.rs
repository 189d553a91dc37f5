//! The planner from outside, with PureSpectrum's pure half: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `create` what does not exist yet · `edit` changes in place · `status` launch, pause, close and
//! who did it · `withheld` unknown, absent and refused · `groups` exclusion groups · `money` exposure and its limits ·
//! `formats` the ways of saying a plan · `properties` what holds for any two sides · `fake` a vendor for the latter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod create;
mod edit;
mod fake;
mod formats;
mod groups;
mod money;
mod properties;
mod status;
mod support;
mod withheld;
