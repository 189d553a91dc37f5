//! The planner from outside, with PureSpectrum's pure half: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `vendors` the same at every vendor · `create` what does not exist yet · `edit` changes in place ·
//! `status` launch, pause, close and who did it · `withheld` unknown, absent and refused · `groups` exclusion groups ·
//! `money` exposure and its limits · `stake` what surveys can cost · `ceilings` limits of prices · `formats` the ways of
//! saying a plan · `properties` what holds for any two sides · `fake` a vendor for the latter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ceilings;
mod create;
mod edit;
mod fake;
mod formats;
mod groups;
mod money;
mod properties;
mod stake;
mod status;
mod support;
mod vendors;
mod withheld;
