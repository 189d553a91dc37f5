//! Ids, versions and links from the answers so far. Later calls of the same apply need them.

use super::context::Context;
use super::failure::Failure;
use crate::model::call::Followup;
use crate::model::{Address, Call, Level, Links, LiveKey, Method, VendorId};
use crate::plan::{Record, Step};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// Ids, versions and links from the answers so far.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Vendor ids by address, growing as resources are made.
    by_address: Mutex<BTreeMap<Address, String>>,
    /// Whose every vendor id is: what state remembers, and what was made since.
    owners: Mutex<BTreeMap<(VendorId, Level, String), Address>>,
    /// The latest version of what was written, by its path.
    versions: Mutex<BTreeMap<String, String>>,
    /// Where what was read back is tried out, by address.
    links: Mutex<BTreeMap<Address, Links>>,
    /// Whose turn it is to change what is remembered, by address.
    turns: Mutex<BTreeMap<Address, Arc<tokio::sync::Mutex<()>>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ids {
    pub(super) fn get(&self, address: &Address) -> Option<String> {
        locked(&self.by_address).get(address).cloned()
    }

    /// Waits for the turn to change what is remembered under an address. Steps of one survey may run side by side: the
    /// close of one that it has replaced, and an update. What one of them reads must not change before it is written back.
    pub(super) async fn turn(&self, address: &Address) -> OwnedMutexGuard<()> {
        let turn = Arc::clone(locked(&self.turns).entry(address.clone()).or_default());
        turn.lock_owned().await
    }

    pub(super) fn followup(&self, then: &Followup, answered: Option<&str>) -> Result<Followup, Failure> {
        then.resolved(&locked(&self.by_address), answered)
            .map_err(|error| Failure::new(error.to_string()))
    }

    /// Keeps where something is tried out, for when it is written down next.
    pub(super) fn show(&self, address: &Address, links: &Links) {
        if !links.is_none() {
            locked(&self.links).insert(address.clone(), links.clone());
        }
    }

    /// Where something is tried out, where that was seen.
    pub(super) fn links(&self, address: &Address) -> Option<Links> {
        locked(&self.links).get(address).cloned()
    }

    pub(super) fn made(&self, address: &Address, id: &str) {
        locked(&self.by_address).insert(address.clone(), id.to_owned());
    }

    /// Takes a vendor's id for what a step makes.
    ///
    /// # Errors
    /// With the address that has it already: then it is not what the step has made.
    pub(super) fn claim(&self, step: &Step, id: &str) -> Result<(), Address> {
        if matches!(step.record, Record::Group(_)) {
            return Ok(());
        }
        let key = (step.vendor, Level::of(step.vendor, &step.address), id.to_owned());
        let mut owners = self
            .owners
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match owners.entry(key) {
            Entry::Occupied(taken) => Err(taken.get().clone()),
            Entry::Vacant(free) => {
                free.insert(step.address.clone());
                Ok(())
            }
        }
    }

    /// The step with the ids of what its settings name and earlier steps have made, in what is remembered of it.
    pub(super) fn filled_in<'a>(&self, step: &'a Step, context: &Context<'_>) -> Cow<'a, Step> {
        let Record::Survey { applied, .. } = &step.record else {
            return Cow::Borrowed(step);
        };
        if applied.attributes.is_empty() {
            return Cow::Borrowed(step);
        }
        let mut settings = applied.attributes.clone();
        let mut id = |named: &Address| self.get(named).map(serde_json::Value::from);
        context.markets.of(step.vendor).refer(&mut settings, &mut id);
        if settings == applied.attributes {
            return Cow::Borrowed(step);
        }
        let mut step = step.clone();
        if let Record::Survey { applied, .. } = &mut step.record {
            applied.attributes = settings;
        }
        Cow::Owned(step)
    }

    pub(super) fn resolve(&self, call: &Call) -> Result<Call, Failure> {
        call.resolved(&locked(&self.by_address))
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
        locked(&self.versions).insert(path.to_owned(), tag.to_owned());
    }

    /// The version of a path after the writes of this apply. It replaces the version that was read.
    pub(super) fn version(&self, path: &str) -> Option<String> {
        let versions = locked(&self.versions);
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
        owners: Mutex::new(context.keeper.owners().await),
        ..Ids::default()
    }
}

/// What a reader needs to find something.
pub(super) fn key(address: &Address, id: String, vendor: VendorId, ids: &Ids) -> LiveKey {
    LiveKey {
        level: Level::of(vendor, address),
        id,
        parent: address.parent().and_then(|parent| ids.get(&parent)),
        job: None,
        hint: Default::default(),
    }
}
