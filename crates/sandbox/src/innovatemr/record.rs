//! What the emulated vendor remembers, and under which keys: one document per job, group and quota.

use super::envelope::fail;
use super::switches;
use crate::{Batch, Documents, Failure, StoreError, World, decode};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

pub(super) const DRAFT: i64 = 0;
pub(super) const LIVE: i64 = 1;
pub(super) const PAUSED: i64 = 2;
pub(super) const CLOSED: i64 = 3;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub(super) completes: u64,
    pub(super) terminations: u64,
    pub(super) over_quotas: u64,
}

/// A job, a group or a quota as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub(super) id: u64,
    /// The job of a group, the group of a quota.
    pub(super) parent: u64,
    pub(super) status: i64,
    pub(super) created_ms: i64,
    /// Fields as written, by the vendor's names.
    pub(super) fields: Map<String, Value>,
    /// Options by question id; groups only.
    pub(super) targets: BTreeMap<u64, Value>,
    pub(super) counts: Counts,
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Job,
    Group,
    Quota,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Group => "group",
            Self::Quota => "quota",
        }
    }

    /// The first id; those of the vendor's samples.
    fn first(self) -> u64 {
        match self {
            Self::Job => 8575,
            Self::Group => 19427,
            Self::Quota => 780_275,
        }
    }
}

fn key(kind: Kind, id: u64) -> String {
    format!("innovatemr/{}/{id:012}", kind.word())
}

/// A new record with the next id of its kind.
pub(super) fn make(
    batch: &mut Batch<'_>,
    world: &World,
    kind: Kind,
    parent: u64,
) -> Result<Record, StoreError> {
    let counter = format!("innovatemr/next/{}", kind.word());
    let id: u64 = batch.get_json(&counter)?.unwrap_or_else(|| kind.first());
    batch.put_json(&counter, &(id + 1))?;
    Ok(Record {
        id,
        parent,
        status: DRAFT,
        created_ms: world.now_ms(),
        ..Record::default()
    })
}

pub(super) fn save(batch: &mut Batch<'_>, kind: Kind, record: &Record) -> Result<(), StoreError> {
    batch.put_json(&key(kind, record.id), record)
}

/// The record of an id as it stands in a path.
pub(super) fn find(store: &impl Documents, world: &World, kind: Kind, id: &str) -> Result<Record, Failure> {
    let found: Option<Record> = match id.parse() {
        Ok(id) => store.get_json(&key(kind, id))?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        let word = match kind {
            Kind::Job => "Job",
            Kind::Group => "Group",
            Kind::Quota => "Quota",
        };
        fail(world, StatusCode::NOT_FOUND, format!("{word} not found"))
    })
}

/// Every record of a kind, by id.
pub(super) fn all(store: &impl Documents, kind: Kind) -> Result<Vec<Record>, StoreError> {
    let mut records = Vec::new();
    let mut problem = None;
    store.scan(
        &format!("innovatemr/{}/", kind.word()),
        &mut |key, bytes| match decode::<Record>(key, bytes) {
            Ok(record) => {
                records.push(record);
                ControlFlow::Continue(())
            }
            Err(error) => {
                problem = Some(error);
                ControlFlow::Break(())
            }
        },
    )?;
    match problem {
        Some(error) => Err(error),
        None => Ok(records),
    }
}

/// The wanted status in a body, under either spelling unless a switch allows one only; `None` where the body says
/// nothing that is honoured.
pub(super) fn wanted_status(world: &World, body: &Map<String, Value>) -> Option<i64> {
    let capital = !world.is_on(switches::LOWER_STATUS_ONLY);
    let lower = !world.is_on(switches::CAPITAL_STATUS_ONLY);
    let of = |key: &str, honoured: bool| body.get(key).filter(|_| honoured).and_then(Value::as_i64);
    of("Status", capital).or_else(|| of("status", lower))
}

/// Whether a status may become another (assumed, but that live and paused exist); staying is always allowed.
pub(super) fn may_become(from: i64, to: i64) -> bool {
    from == to
        || matches!(
            (from, to),
            (DRAFT, LIVE) | (LIVE, PAUSED) | (PAUSED, LIVE) | (DRAFT | LIVE | PAUSED, CLOSED)
        )
}

pub(super) fn status_word(status: i64) -> &'static str {
    match status {
        DRAFT => "Draft",
        LIVE => "Live",
        PAUSED => "Paused",
        _ => "Closed",
    }
}
