//! The planner from outside, with the vendors' pure halves: what is wanted against a live twin, one side moved.
//!
//! `support` the world · `vendors` the same at every vendor · `create` what does not exist yet · `edit` changes in place ·
//! `status` launch, pause, close and who did it · `going` what goes in field and with which values ·
//! `finished` what has ended, or was paused by infield · `withheld` unknown,
//! absent and refused · `beforehand` what vendors say to a plan · `strict` one that forbids every change of status ·
//! `groups` exclusion groups · `money` exposure and its limits · `stake` what surveys can cost · `layers` what quotas cap of it · `spend`, `spend_case`, `spend_model` that
//! nobody can spend more · `ceilings` limits of
//! prices · `suppliers` who sends respondents · `limits` every guard and limit on everything · `selection` what a plan is about · `parts` what it consists
//! of · `named` what its name covers, and what an approval of it · `audit` the look at it afterwards · `formats` the ways of saying it · `properties` what holds for any two sides ·
//! `fake` a vendor for the latter.
//!
//! `vendors_world` the same with all vendors · `study_world`, `study`, `study_left`, `study_order` one survey at several
//! of them · `removed`, `gone`, `former` what no manifest wants any more · `protect` what may not end ·
//! `reach` how many surveys a plan reaches · `survey` what is made anew or taken over · `remembered`
//! of them · `removed`, `former` what no manifest wants any more · `renames` other names · `survey` what is made anew or taken over · `remembered`
//! `vendors_world` the same with all vendors · `study_world`, `study`, `study_left`, `study_order`, `study_short` one survey at several
//! of them · `removed`, `former` what no manifest wants any more · `survey` what is made anew or taken over · `remembered`
//! what a change leaves behind · `told` how it is made and told · `container` surveys that hold groups · `diff` what
//! differs · `drift`, `accepted` what moved.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accepted;
mod audit;
mod beforehand;
mod ceilings;
mod container;
mod create;
mod diff;
mod drift;
mod edit;
mod fake;
mod finished;
mod formats;
mod former;
mod going;
mod gone;
mod groups;
mod layers;
mod limits;
mod money;
mod named;
mod own_names;
mod own_rules;
mod pace;
mod parts;
mod properties;
mod protect;
mod reach;
mod remembered;
mod removed;
mod renames;
mod respondents;
mod selection;
mod spend;
mod spend_case;
mod spend_model;
mod stages;
mod stages_study;
mod stake;
mod status;
mod strict;
mod study;
mod study_left;
mod study_order;
mod study_short;
mod study_world;
mod suppliers;
mod support;
mod survey;
mod told;
mod vendors;
mod vendors_world;
mod windows;
mod withheld;
