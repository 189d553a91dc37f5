//! The planner from outside, with the vendors' pure halves: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `create` what does not exist yet · `edit` changes in place · `status` launch, pause, close and
//! who did it · `withheld` unknown, absent and refused · `groups` exclusion groups · `money` exposure and its limits ·
//! `formats` the ways of saying a plan · `properties` what holds for any two sides · `fake` a vendor for the latter.
//!
//! `vendors_world` the same with all vendors · `study_world`, `study`, `study_left`, `study_order` one survey at several
//! of them · `removed`, `former` what no manifest wants any more · `survey` what is made anew or taken over · `remembered`
//! what a change leaves behind · `told` how it is made and told · `container` surveys that hold groups · `diff` what
//! differs · `drift`, `accepted` what moved.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accepted;
mod container;
mod create;
mod diff;
mod drift;
mod edit;
mod fake;
mod formats;
mod former;
mod groups;
mod money;
mod properties;
mod remembered;
mod removed;
mod status;
mod study;
mod study_left;
mod study_order;
mod study_world;
mod support;
mod survey;
mod told;
mod vendors_world;
mod withheld;
