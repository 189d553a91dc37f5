//! Cint: documented examples, and what only it has: phases, jobs, profiles that the vendor validates, who changed what.

mod contract;
mod converge;
mod excluded;
mod found;
mod jobs;
pub(crate) mod subject;
