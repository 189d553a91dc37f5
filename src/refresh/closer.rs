//! What is looked at more closely than a list shows it: what a plan touches, and what it may turn out to be about.
//!
//! Promises: what a plan changes was read by itself in the same run, with its completes; of what it leaves as it is nothing
//! is asked that lists do not show, where there is much of it.

use super::ended::{may_go_on, read_who_stopped};
use super::{Look, key, seen_at};
use crate::model::live::Seen;
use crate::model::{
    Address, Desired, DesiredSurvey, Known, KnownSurvey, Ladder, Live, LiveSurvey, Reading, Resource, Status,
    VendorId,
};
use crate::plan::diff::{Memory, diff};
use crate::plan::{Action, Drift, NoteKind, Plan};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// Up to so many surveys are counted whatever is planned: what they can still cost is then exact.
const FEW: usize = 20;

/// What to look at, and whether its fields are to be written.
pub type Closer = BTreeMap<Address, bool>;

/// What has to be counted before there is a plan: what is not in the status in which it was left or is wanted, what shares
/// completes with others, what is fielded in stages, and what was finished; and everything in field, where that is little.
pub(super) fn counted_beforehand(
    desired: &Desired,
    known: &Known,
    surveys: &BTreeMap<Address, Reading<LiveSurvey>>,
) -> Closer {
    let apart = known
        .resources
        .keys()
        .filter(|address| address.vendor().is_some());
    let shared: BTreeSet<&str> = apart
        .chain(desired.studies.keys())
        .map(Address::manifest)
        .collect();
    let all = surveys
        .iter()
        .filter_map(|(address, reading)| Some((address, reading.present()?)));
    let few = all.clone().filter(|(_, live)| live.is_uncounted()).count() <= FEW;
    let matters = |address: &Address, live: &LiveSurvey| {
        let survey = known.survey(address)?;
        let wanted = desired.surveys.get(address);
        let staged = wanted.is_some_and(|wanted| wanted.ladder.as_ref().is_some_and(Ladder::is_partial));
        let wanted = wanted.and_then(DesiredSurvey::status);
        let stays = is_as_left(survey, live) && wanted.is_none_or(|wanted| live.status == Some(wanted));
        Some(!stays || staged || survey.finished.is_some() || shared.contains(address.manifest()))
    };
    all.filter(|(address, live)| (few && live.is_uncounted()) || matters(address, live).unwrap_or(false))
        .map(|(address, _)| (address.clone(), false))
        .collect()
}

fn is_as_left(survey: &KnownSurvey, live: &LiveSurvey) -> bool {
    survey.in_field == (live.status == Some(Status::Live))
}

/// What a plan touches.
pub fn touched(plan: &Plan) -> Closer {
    let writes = |action| matches!(action, Action::Update | Action::Replace);
    let steps = plan
        .intended()
        .map(|step| (step.address.clone(), writes(step.action)));
    let quiet = |kind| matches!(kind, NoteKind::Advice | NoteKind::Unmanaged | NoteKind::Moved);
    let notes = plan.notes.iter().filter(|note| !quiet(note.kind));
    let mut all: Closer = notes.map(|note| (note.address.clone(), false)).collect();
    for (address, writes) in steps {
        *all.entry(address).or_default() |= writes;
    }
    all
}

/// What moved, and what could not be compared.
pub fn moved(drift: &Drift) -> Closer {
    let moved = drift.drifted.iter().map(|drifted| &drifted.address);
    let told = drift.notes.iter().map(|note| &note.address);
    moved
        .chain(told)
        .map(|address| (address.clone(), false))
        .collect()
}

/// Reads what is named again where only a list showed it and all of it matters, counts it, and asks what only matters where
/// something differs. Says whether there was anything to ask.
pub async fn look_closer<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    live: &mut Live,
    at: &Closer,
) -> bool {
    let reads = live.surveys.iter_mut().filter_map(|(address, reading)| {
        let whole = *at.get(address)?;
        let resource = known.resources.get(address)?;
        let reader = readers.get(&resource.vendor)?;
        let seen = reading.present()?;
        let whole = match seen.seen {
            Seen::Whole => false,
            Seen::Listed => whole,
            Seen::InPart => true,
        };
        let counts = seen.is_uncounted();
        let suppliers = !seen.spec.suppliers.is_absent();
        (whole || counts).then_some(async move {
            let mut key = key(known, address, &resource.id);
            key.hint.suppliers |= suppliers;
            if whole {
                *reading = reader.survey(&key).await;
            }
            if let Reading::Present(live) = reading
                && live.is_uncounted()
            {
                reader.count(&key, live).await;
            }
        })
    });
    let read = join_all(reads).await.len();
    let asked = read_about_differences(desired, known, readers, &mut live.surveys, at).await;
    let who = read_who_stopped(known, readers, &mut live.surveys, at).await;
    read + asked + who > 0
}

/// Counts what replacements left behind, where it is or was in field: it is closed, or counts for what took its place. What
/// is closed already is asked where its completes count for what stands in for it.
pub(super) async fn count_former<L: Look>(
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    former: &mut BTreeMap<String, Reading<LiveSurvey>>,
) {
    let owner = |id: &String| {
        let was = |resource: &Resource| resource.survey().is_some_and(|survey| survey.former.contains(id));
        known.resources.iter().find(|(_, resource)| was(resource))
    };
    let reads = former.iter_mut().filter_map(|(id, reading)| {
        let Reading::Present(live) = reading else {
            return None;
        };
        let (address, resource) = owner(id)?;
        let counts = resource.survey().is_some_and(|survey| survey.continues) || address.vendor().is_some();
        let ended = counts && live.status == Some(Status::Closed) && live.fielded.is_none();
        let reader = readers
            .get(&resource.vendor)
            .filter(|_| ended || live.is_uncounted())?;
        Some(async move {
            let key = key(known, address, id);
            if !ended {
                reader.count(&key, live).await;
                return;
            }
            // What cannot be read counts as if it had all that it wanted.
            let _ = reader.quota_progress(&key, live).await;
            if live.fielded.is_none() {
                live.fielded = reader.counted(&key, live).await;
            }
        })
    });
    join_all(reads).await;
}

/// Counters per quota are only needed where a quota is about to change, and who changed something only where a field is
/// not as we left it. Both show in the same comparison.
async fn read_about_differences<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    surveys: &mut BTreeMap<Address, Reading<LiveSurvey>>,
    at: &Closer,
) -> usize {
    let reads = seen_at(surveys, at).filter_map(|(address, live)| {
        let wanted = desired.surveys.get(address)?;
        let resource = known.resources.get(address)?;
        let reader = readers.get(&resource.vendor)?;
        let memory = Memory::of(resource.vendor, &resource.survey()?.applied).moving(&wanted.moved_quotas);
        let found = diff(&wanted.spec, memory, live);
        // Whether a soft launch is what stopped it shows in the quotas.
        let short = || live.fielded < live.spec.completes.value().copied();
        let soft = live.status == Some(Status::Paused)
            && resource.vendor.facts().full_quotas_pause
            && resource.survey().is_some_and(|survey| survey.in_field)
            && short();
        let uncounted = live.quotas.iter().any(|quota| quota.fielded.is_none());
        let counts = (uncounted && (!found.quotas.is_empty() || soft)) || may_go_on(resource, wanted, live);
        let drifted = live.changed_by.is_empty() && found.fields.iter().any(|edit| edit.drift);
        (counts || drifted).then_some(async move {
            let key = key(known, address, &resource.id);
            // What cannot be read stays unknown in the survey, and the plan refuses to lower an unknown.
            if counts && let Err(error) = reader.quota_progress(&key, live).await {
                tracing::debug!(%address, %error, "quota counters could not be read");
            }
            if drifted {
                live.changed_by = reader.changed_by(&key).await;
            }
        })
    });
    join_all(reads).await.len()
}
