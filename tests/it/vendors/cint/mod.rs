//! Cint: what is applied stays as it is, in every phase, and interruptions make nothing twice.

mod contract;
mod converge;
mod found;
mod interrupted;
mod support;
