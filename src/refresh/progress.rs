//! How far fielding got: the reads behind `status`, which needs no comparison with manifests and looks at nothing else.

use super::{Readers, key, not_answered, not_configured};
use crate::marketplace::Reader;
use crate::model::{Address, Known, LiveKey, LiveSurvey, Reading, Status, VendorId};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// Reads these surveys and groups with every counter their vendors show, and with what is told of one alone where `closer` says
/// so. One that state does not know is left out. Settings that nobody looks at here are not asked for.
pub async fn progress(
    known: &Known,
    readers: &Readers,
    wanted: &BTreeSet<Address>,
    closer: bool,
) -> BTreeMap<Address, Reading<LiveSurvey>> {
    let mut by_vendor: BTreeMap<VendorId, Vec<(&Address, LiveKey)>> = BTreeMap::new();
    for address in wanted {
        let resource = known.resources.get(address);
        if let Some(resource) = resource.filter(|resource| resource.survey().is_some()) {
            let keys = by_vendor.entry(resource.vendor).or_default();
            let mut key = key(known, address, &resource.id);
            key.hint.managed = Some(BTreeSet::new());
            key.hint.suppliers = false;
            keys.push((address, key));
        }
    }
    let reads = by_vendor.into_iter().map(|(vendor, keys)| async move {
        let Some(reader) = readers.get(&vendor) else {
            let unknown = |(address, _): (&Address, LiveKey)| (address.clone(), not_configured(vendor));
            return keys.into_iter().map(unknown).collect();
        };
        let asked: Vec<LiveKey> = keys.iter().map(|(_, key)| key.clone()).collect();
        let mut seen = reader.surveys(&asked).await;
        let seen = keys.into_iter().map(|(address, key)| {
            let reading = seen.remove(&key).unwrap_or_else(not_answered);
            (address.clone(), key, reading)
        });
        let counted = seen.map(|(address, key, mut reading)| async move {
            if let Reading::Present(live) = &mut reading {
                // What cannot be read stays unknown, and is shown as that.
                if let Err(error) = reader.progress(&key, live).await {
                    let told = live.performance.get_or_insert_default();
                    told.unread
                        .get_or_insert_with(|| format!("the counters could not be read: {error}"));
                }
                if closer && live.status != Some(Status::Draft) {
                    look_closer(reader, &key, live).await;
                }
            }
            (address, reading)
        });
        join_all(counted).await
    });
    let read: Vec<Vec<(Address, Reading<LiveSurvey>)>> = join_all(reads).await;
    read.into_iter().flatten().collect()
}

/// Adds what the vendor tells of one survey alone.
async fn look_closer(reader: &Reader, key: &LiveKey, live: &mut LiveSurvey) {
    let Some(statistics) = reader.statistics() else {
        return;
    };
    let details = statistics.details(key).await;
    let told = live.performance.get_or_insert_default();
    match details {
        Ok(details) => told.details = Some(details),
        Err(error) => {
            told.unread
                .get_or_insert_with(|| format!("its details could not be read: {error}"));
        }
    }
}
