//! Cint: what is applied stays as it is, in every phase, and interruptions make nothing twice.

mod converge;
mod interrupted;
mod support;
