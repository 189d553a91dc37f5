//! InnovateMR: documented examples, rules, and what only it has: groups that are paused to be changed, two failure styles.

mod contract;
mod converge;
mod rules;
pub(crate) mod subject;
