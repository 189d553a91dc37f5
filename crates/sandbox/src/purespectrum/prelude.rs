//! What every part of the emulator of PureSpectrum speaks of.

pub(super) use crate::prelude::*;

pub(super) use super::envelope::{SURVEY_CLOSED, done, invalid};
pub(super) use super::feasibility::{charged, cpi};
pub(super) use super::field::{body, object};
pub(super) use super::lifecycle::pause_if_full;
pub(super) use super::record::{
    CLOSED, DRAFT, LIVE, OWN_ACCOUNT, PAUSED, Quota, Survey, find, letters, load, save,
};
pub(super) use super::targeting::QuotaInput;
pub(super) use super::{switches, targeting};
pub(super) use crate::simulation::{self, refuse, refuse_with};
