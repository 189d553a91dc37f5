//! The planner from outside, with PureSpectrum's pure half: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `vendors` the same at every vendor · `create` what does not exist yet · `edit` changes in place ·
//! `status` launch, pause, close and who did it · `going` what goes in field and with which values · `withheld` unknown,
//! absent and refused · `beforehand` what vendors say to a plan · `strict` one that forbids every change of status ·
//! `groups` exclusion groups · `money` exposure and its limits · `stake` what surveys can cost · `ceilings` limits of
//! prices · `limits` every guard and limit on everything · `selection` what a plan is about · `parts` what it consists
//! of · `audit` the look at it afterwards · `formats` the ways of saying it · `properties` what holds for any two sides ·
//! `fake` a vendor for the latter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod beforehand;
mod ceilings;
mod create;
mod edit;
mod fake;
mod formats;
mod going;
mod groups;
mod limits;
mod money;
mod parts;
mod properties;
mod selection;
mod stake;
mod status;
mod strict;
mod support;
mod vendors;
mod withheld;
