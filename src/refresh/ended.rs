//! What is asked about surveys that are out of field: who stopped them, how many completes they have, and how fielding
//! went where a stage asks about that.

use super::{Closer, Look, key, seen_at};
use crate::model::desired::OnFixedChange;
use crate::model::figures::Figures;
use crate::model::live::Stopped;
use crate::model::{Address, Desired, DesiredSurvey, Known, LiveSurvey, Reading, Resource, Status, VendorId};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// Who stopped it is only worth a question where we left it in field. Says how many were asked about.
pub(super) async fn read_who_stopped<L: Look>(
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    surveys: &mut BTreeMap<Address, Reading<LiveSurvey>>,
    at: &Closer,
) -> usize {
    let reads = seen_at(surveys, at).filter_map(|(address, live)| {
        let resource = known.resources.get(address)?;
        let stopped =
            matches!(live.status, Some(Status::Paused | Status::Closed)) && live.status_reason.is_none();
        let ours = resource.survey().is_some_and(|survey| survey.in_field);
        let reader = readers.get(&resource.vendor).filter(|_| stopped && ours)?;
        let key = key(known, address, &resource.id);
        Some(async move {
            if let Some(Stopped { text, why }) = reader.stopped_by(&key).await {
                (live.status_reason, live.stopped) = (Some(text), why);
            }
        })
    });
    join_all(reads).await.len()
}

/// Whether what is missing of something that is closed may be made anew: then every counter of it decides.
pub(super) fn may_go_on(resource: &Resource, wanted: &DesiredSurvey, live: &LiveSurvey) -> bool {
    let lets =
        wanted.policy.on_fixed_change == OnFixedChange::Replace && wanted.status() == Some(Status::Live);
    let reached = resource.survey().and_then(|survey| survey.finished);
    let enough = reached.is_some_and(|reached| wanted.spec.completes.value() <= Some(&reached.goal));
    live.status == Some(Status::Closed) && lets && !enough
}

/// The completes of what has ended, where what was read does not show them: whether it is done is asked until it is
/// confirmed, and again when the goal has changed since.
pub(super) async fn read_counted<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    surveys: &BTreeMap<Address, Reading<LiveSurvey>>,
) -> BTreeMap<Address, u64> {
    let reads = surveys.iter().filter_map(|(address, reading)| {
        let live = reading.present()?;
        let resource = known.resources.get(address)?;
        let survey = resource.survey()?;
        let goal = live.spec.completes.value();
        let goal = goal.or_else(|| survey.applied.completes.value())?;
        let confirmed = survey.finished.is_some_and(|finished| finished.goal == *goal);
        let wanted = desired.surveys.get(address)?.status();
        let ended = match live.status? {
            Status::Closed => wanted != Some(Status::Closed),
            Status::Paused => survey.in_field,
            Status::Draft | Status::Live => false,
        };
        let asks = ended && live.fielded.is_none() && !confirmed;
        let reader = readers.get(&resource.vendor).filter(|_| asks)?;
        let key = key(known, address, &resource.id);
        Some(async move {
            let counted = reader.counted(&key, live).await;
            counted.map(|completes| (address.clone(), completes))
        })
    });
    join_all(reads).await.into_iter().flatten().collect()
}

/// The figures of what may have collected a stage with checks; of everything else nobody is asked.
pub(super) async fn read_figures<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    surveys: &BTreeMap<Address, Reading<LiveSurvey>>,
) -> BTreeMap<Address, Figures> {
    let reads = surveys.iter().filter_map(|(address, reading)| {
        let live = reading.present()?;
        let resource = known.resources.get(address)?;
        let ladder = desired.surveys.get(address)?.ladder.as_ref()?;
        let told = resource.survey()?.climb.as_ref()?;
        let rung = ladder.rungs.get(ladder.place(&told.rung)?)?;
        let stopped = matches!(live.status, Some(Status::Paused | Status::Closed));
        // Others may have collected it, or its time may be over.
        let shared = desired.studies.contains_key(&Address::survey(address.manifest()));
        let maybe = stopped || shared || rung.minutes.is_some() || live.fielded >= Some(rung.completes);
        let asks = !rung.when.is_empty() && maybe;
        let reader = readers.get(&resource.vendor).filter(|_| asks)?;
        let key = key(known, address, &resource.id);
        Some(async move { (address.clone(), reader.figures(&key, live).await) })
    });
    join_all(reads).await.into_iter().collect()
}
