//! What all emulators speak of.

pub(crate) use crate::emulator::{Outcome, ok};
pub(crate) use crate::json::{Fields as _, Put as _, decimal, hex, number, texts, time, typed};
pub(crate) use crate::shape::{self, ANY, Shape};
pub(crate) use crate::{
    Answer, Batch, Call, Documents, Emulator, Failure, Position, Simulation, StoreError, Switch, World,
};
pub(crate) use http::StatusCode;
pub(crate) use rust_decimal::Decimal;
pub(crate) use serde::de::DeserializeOwned;
pub(crate) use serde::{Deserialize, Serialize};
pub(crate) use serde_json::{Map, Value, json};
pub(crate) use std::collections::{BTreeMap, BTreeSet};
pub(crate) use std::sync::LazyLock;
