//! Reading back what many steps wrote by one look, where a vendor shows many surveys at once.
//!
//! Promises: a list may confirm a write and never refutes one: whoever gets nothing that fits looks by itself. A step that
//! waits for the look is not counted as under way; the look is made as soon as nothing else of its vendor can go on.

use super::ids::{Ids, key};
use super::run::Shape;
use crate::model::{LiveKey, LiveSurvey, Reading, VendorId};
use crate::plan::{Plan, Record, Step};
use crate::refresh::Readers;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// So many steps wait at most before there is a look in any case.
const MOST: usize = 2_000;

struct Waiting {
    key: LiveKey,
    tell: oneshot::Sender<Reading<LiveSurvey>>,
}

/// The steps of one plan that wait for a look.
pub(super) struct Together {
    /// Vendors of which so much is read back that lists are cheaper.
    vendors: BTreeSet<VendorId>,
    waiting: Mutex<BTreeMap<VendorId, Vec<Waiting>>>,
    /// Hears of every step that begins to wait.
    pub(super) changed: Notify,
}

impl Together {
    pub(super) fn of(plan: &Plan, shape: &Shape, readers: &Readers) -> Self {
        let mut back: BTreeMap<VendorId, usize> = BTreeMap::new();
        for (step, verify) in plan.steps.iter().zip(&shape.must_verify) {
            *back.entry(step.vendor).or_default() += usize::from(*verify && is_shown(step));
        }
        let many = |(vendor, count): &(VendorId, usize)| {
            let lists = vendor.facts().traffic.lists;
            readers.contains_key(vendor) && lists.is_some_and(|lists| *count >= lists.from)
        };
        Self {
            vendors: back.into_iter().filter(many).map(|(vendor, _)| vendor).collect(),
            waiting: Mutex::default(),
            changed: Notify::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<VendorId, Vec<Waiting>>> {
        // Whoever panicked left whole entries behind.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many steps wait for a look.
    pub(super) fn waits(&self) -> usize {
        self.waiting().values().map(Vec::len).sum()
    }

    /// Vendors at which there is to be a look now. `goes_on` says whether more than so many steps of one are under way, or
    /// another can be started.
    pub(super) fn due(&self, goes_on: impl Fn(VendorId, usize) -> bool) -> Vec<VendorId> {
        let waiting = self.waiting();
        let due = waiting.iter().filter(|(vendor, waiting)| {
            !waiting.is_empty() && (waiting.len() >= MOST || !goes_on(**vendor, waiting.len()))
        });
        due.map(|(vendor, _)| *vendor).collect()
    }

    /// The survey of a step as the next look shows it; `None` where it is looked at by itself.
    pub(super) async fn shown(&self, step: &Step, ids: &Ids) -> Option<LiveSurvey> {
        if !self.vendors.contains(&step.vendor) || !is_shown(step) {
            return None;
        }
        let id = ids.get(&step.address)?;
        let mut key = key(&step.address, id, step.vendor, ids);
        if let Record::Survey { applied, .. } = &step.record {
            key.hint.suppliers = !applied.suppliers.is_absent();
        }
        let (tell, told) = oneshot::channel();
        self.waiting()
            .entry(step.vendor)
            .or_default()
            .push(Waiting { key, tell });
        self.changed.notify_one();
        match told.await {
            Ok(Reading::Present(live)) => Some(live),
            Ok(Reading::Absent { .. } | Reading::Unknown { .. }) | Err(_) => None,
        }
    }

    /// Looks at everything that waits at a vendor, and lets it go on.
    pub(super) fn look(&self, vendor: VendorId, readers: &Readers) -> impl Future<Output = ()> {
        let waiting = self.waiting().remove(&vendor).unwrap_or_default();
        let reader = readers.get(&vendor).cloned();
        async move {
            let keys: Vec<LiveKey> = waiting.iter().map(|one| one.key.clone()).collect();
            let mut shown = match reader {
                Some(reader) => reader.surveys(&keys).await,
                None => BTreeMap::new(),
            };
            for one in waiting {
                if let Some(reading) = shown.remove(&one.key) {
                    // A step that is not there any more needs no answer.
                    let _ = one.tell.send(reading);
                }
            }
        }
    }
}

/// Whether a step ends with a survey as the vendor shows it.
pub(super) fn is_shown(step: &Step) -> bool {
    matches!(step.record, Record::Survey { .. }) && step.resumes.is_empty()
}
