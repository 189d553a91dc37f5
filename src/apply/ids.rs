//! What the vendors answered so far, on which later calls of the same apply build: ids, and versions of what was written.

use super::Context;
use super::failure::Failure;
use crate::model::call::Followup;
use crate::model::{Address, Call, Level, LiveKey, Method, VendorId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OwnedMutexGuard;

/// What the vendors answered so far, on which later calls of the same apply build.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Vendor ids by address, growing as resources are made.
    by_address: Mutex<BTreeMap<Address, String>>,
    /// The latest version of what was written, by its path.
    versions: Mutex<BTreeMap<String, String>>,
    /// Whose turn it is to change what is remembered, by address.
    turns: Mutex<BTreeMap<Address, Arc<tokio::sync::Mutex<()>>>>,
}

impl Ids {
    pub(super) fn get(&self, address: &Address) -> Option<String> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        ids.get(address).cloned()
    }

    /// Waits for the turn to change what is remembered under an address. Steps of one survey may run side by side: the
    /// close of one that it has replaced, and an update. What one of them reads must not change before it is written back.
    pub(super) async fn turn(&self, address: &Address) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self
                .turns
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            Arc::clone(turns.entry(address.clone()).or_default())
        };
        turn.lock_owned().await
    }

    pub(super) fn followup(&self, then: &Followup, answered: Option<&str>) -> Result<Followup, Failure> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        then.resolved(&ids, answered)
            .map_err(|error| Failure::new(error.to_string()))
    }

    pub(super) fn made(&self, address: &Address, id: &str) {
        let mut ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        ids.insert(address.clone(), id.to_owned());
    }

    pub(super) fn resolve(&self, call: &Call) -> Result<Call, Failure> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        call.resolved(&ids)
            .map_err(|error| Failure::new(error.to_string()))
    }

    /// Keeps the version that an answer gives what was written.
    pub(super) fn wrote(&self, call: &Call, answer: &serde_json::Value) {
        let Some(tag) = answer
            .get(crate::marketplace::ETAG)
            .and_then(serde_json::Value::as_str)
        else {
            return;
        };
        // What is made has a path of its own, which this is not.
        if call.returns_id.is_some() {
            return;
        }
        // A POST is an action on what its path stands under.
        let path = match call.method {
            Method::Post => call.path.rsplit_once('/').map_or("", |(parent, _)| parent),
            _ => &call.path,
        };
        let mut versions = self
            .versions
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        versions.insert(path.to_owned(), tag.to_owned());
    }

    /// The version that calls of this apply gave what a call is about; it stands in for the one that was read.
    pub(super) fn version(&self, path: &str) -> Option<String> {
        let versions = self
            .versions
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let about = |known: &str| {
            path.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = versions.iter().rev().find(|(known, _)| about(known));
        found.map(|(_, tag)| tag.clone())
    }
}

/// The ids the state knows.
pub(super) async fn known_ids(context: &Context<'_>) -> Ids {
    Ids {
        by_address: Mutex::new(context.keeper.ids().await),
        ..Ids::default()
    }
}

pub(super) fn known_id(address: &Address, ids: &Ids) -> Option<String> {
    ids.get(address)
}

/// What a reader needs to find something.
pub(super) fn key(address: &Address, id: String, vendor: VendorId, ids: &Ids) -> LiveKey {
    LiveKey {
        level: Level::of(vendor, address),
        id,
        parent: address.parent().and_then(|parent| known_id(&parent, ids)),
        job: None,
    }
}
