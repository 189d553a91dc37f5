//! What every part of the emulator of Cint speaks of.

pub(super) use crate::prelude::*;

pub(super) use super::auth::{ACCOUNT, Caller};
pub(super) use super::envelope::{NOT_FOUND, Problems, bad_request, no_content, object};
pub(super) use super::life::{At, changed};
pub(super) use super::money::{Money, read_time, whole};
pub(super) use super::profiling::{Blend, Profile, Profiling, Target};
pub(super) use super::record::{COMPLETED, DRAFT, Group, LIVE, PAUSED, SCHEDULED, save_group, ulid};
pub(super) use super::rules::Frame;
pub(super) use super::{definitions, life, page, record, rules, switches};
