//! The program as its users meet it: a process with arguments, files, and a vendor that answers over HTTP.
//!
//! One file per story; `support` is the hermetic runner. What is pure is tested beside the code, and the planner in
//! `tests/planner`: here is what only the whole program can show.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accept;
mod again;
mod bad_input;
mod beginnings;
mod billing;
mod border;
mod by_tag;
mod calls;
mod cells;
mod cint;
mod details;
mod doctor;
mod edits;
mod explain;
mod feasibility;
mod finished;
mod fmt;
mod freeze;
mod freeze_many;
mod gone;
mod groups;
mod guards;
mod help;
mod history;
mod import;
mod import_again;
mod in_field;
mod innovatemr;
mod interrupted;
mod kill;
mod links;
mod lists;
mod lookup;
mod lost_answers;
mod lsp;
mod manners;
mod mirror;
mod money;
mod names;
mod notify;
mod operations;
mod own_names;
mod own_rules;
mod pictures;
#[cfg(unix)]
mod pipelines;
mod quickstart;
mod quota_keys;
mod reach;
mod readme;
mod reconcile;
mod reference;
mod removed;
mod renames;
mod reviews;
mod run;
mod saved_plans;
mod secrets;
mod seen;
mod shared_state;
mod stages;
mod state;
mod status;
mod streams;
mod studies;
mod study;
mod suppliers;
mod support;
mod template_errors;
mod template_rule;
mod ten_days;
mod testing;
mod vendor_trouble;
#[cfg(target_os = "linux")]
mod watching;
mod windows;
