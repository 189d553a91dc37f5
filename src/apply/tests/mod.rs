//! What carrying out a plan promises, one step at a time: the order of requests and commits, what is remembered, and what
//! is told. Each test is a world of its own with one or two steps and a vendor that follows a script.

mod beforehand;
mod calls;
mod create;
mod events;
mod frozen;
mod groups;
mod ids;
mod jobs;
mod lists;
mod look_back;
mod order;
mod record;
mod side_by_side;
mod suppliers;
mod support;
mod takes;
mod trouble;
