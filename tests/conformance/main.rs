//! What every marketplace of the registry promises, in one suite over all of them: a survey goes in field and stays as it is,
//! an edit is exactly that edit, an interruption makes nothing twice, and what follows it converges.
//!
//! [`subject`] is what the suite has to know about a marketplace; each has a folder with its own, and with tests of what only
//! it has. The fourth one, Panelworks, lives here alone: `src` does not know it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod again;
mod cint;
mod finished;
mod frozen;
mod innovatemr;
mod interrupted;
mod line;
mod listing;
mod money;
mod pace;
mod panelworks;
mod purespectrum;
mod stages;
mod stays;
mod subject;
mod unreadable;
mod world;
