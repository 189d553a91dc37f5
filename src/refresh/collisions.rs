//! What may be there already of what a plan would make.
//!
//! Promises: one list for each vendor at which something is made, and one for each survey that gets more groups; nothing is
//! asked where nothing is made.

use super::Look;
use crate::marketplace::Sought;
use crate::model::{Address, Known, Level, Live, Reading, VendorId};
use crate::plan::{Action, Plan, Record};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// What may be there already of what a plan would make: one list for each vendor, and one for each survey that gets more
/// groups.
pub async fn read_name_collisions<L: Look>(
    plan: &Plan,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    live: &Live,
) -> BTreeMap<Address, Reading<Vec<String>>> {
    // By the place where they would be made.
    type Unmade<'a> = Vec<(&'a Address, Sought<'a>)>;
    let mut unmade: BTreeMap<(VendorId, Option<Address>), Unmade<'_>> = BTreeMap::new();
    for step in &plan.steps {
        let makes = matches!(step.action, Action::Create | Action::Replace);
        let Record::Survey { applied, .. } = &step.record else {
            continue;
        };
        let level = Level::of(step.vendor, &step.address);
        let holder = step.address.parent().filter(|_| level == Level::Group);
        let parent = holder.as_ref().and_then(|holder| known.resources.get(holder));
        // In a survey that is not made yet there is nothing.
        if !makes || (holder.is_some() && parent.is_none()) {
            continue;
        }
        let sought = Sought {
            level,
            parent: parent.map(|parent| parent.id.as_str()),
            wanted: applied,
        };
        let place = unmade.entry((step.vendor, holder)).or_default();
        place.push((&step.address, sought));
    }
    let reads = unmade.into_iter().map(|((vendor, holder), wanted)| async move {
        let sought: Vec<Sought<'_>> = wanted.iter().map(|(_, sought)| *sought).collect();
        let holder = holder.map(|holder| live.surveys.get(&holder));
        let unseen = |why: &str| {
            let why = why.to_owned();
            vec![Reading::Unknown { why }; sought.len()]
        };
        let found = match (readers.get(&vendor), holder) {
            (Some(reader), None) => reader.name_collisions(None, known, &sought).await,
            (Some(reader), Some(Some(Reading::Present(holder)))) => {
                reader.name_collisions(Some(holder), known, &sought).await
            }
            (Some(_), Some(_)) => unseen("what holds it could not be read"),
            (None, _) => unseen("there is no account"),
        };
        let all = wanted.into_iter().zip(found).map(|((address, sought), found)| {
            let nobodys =
                |id: &String| !known.claims(vendor, sought.level, id) && !known.is_another(address, id);
            let found = found.map(|ids| ids.into_iter().filter(nobodys).collect());
            (address.clone(), found)
        });
        all.collect::<Vec<_>>()
    });
    join_all(reads).await.into_iter().flatten().collect()
}
