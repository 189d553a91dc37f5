//! What every part of the emulator of InnovateMR speaks of.

pub(super) use crate::prelude::*;

pub(super) use super::body;
pub(super) use super::envelope::{bad, fail, ok};
pub(super) use super::record::{Kind, LIVE, Record, change, children, find, make, records};
pub(super) use super::{library, switches};
pub(super) use crate::simulation::{self, refuse};
