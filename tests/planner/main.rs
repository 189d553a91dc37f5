//! The planner from outside, with PureSpectrum's pure half: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `create` what does not exist yet · `edit` changes in place · `status` launch, pause, close and
//! who did it · `withheld` unknown, absent and refused · `groups` exclusion groups · `money` exposure and its limits.

mod create;
mod edit;
mod groups;
mod money;
mod status;
mod support;
mod withheld;
