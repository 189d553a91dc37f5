//! Reads for a plan: decides which ones are needed, makes them side by side, and returns what the vendors show.
//!
//! Promises: only readers are used; every resource that state knows is read or said to be unknown; a failed read is
//! `Unknown`, never an absence.

mod closer;
mod collisions;
mod ended;
mod progress;
mod reader;

use crate::marketplace::{Reader, Sought};
use crate::model::desired::OnRemove;
use crate::model::figures::Figures;
use crate::model::{
    Address, Desired, DesiredSurvey, Field, Known, KnownSurvey, Level, Lexicon, Live, LiveGroup, LiveKey,
    LiveSurvey, Reading, ResourceKind, Status, SurveySpec, VendorId,
    live::{Hint, LiveTemplate, MAX_CPI, SUPPLIERS, Stopped, time_at_vendor},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

use closer::{count_former, counted_beforehand};
use ended::{read_counted, read_figures};

pub use closer::{Closer, look_closer, moved, touched};
pub use collisions::read_name_collisions;
pub use progress::progress;

/// Which parts of something matter, where a vendor shows them one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// What somebody manages.
    Managed,
    /// All of them.
    All,
}

/// Readers by vendor.
pub type Readers = BTreeMap<VendorId, Reader>;

/// Questions that a plan has about one vendor. A [`Reader`] asks the vendor itself; a picture answers with what a reader
/// saw before. Every question stands here and nowhere else, so that both can answer it.
pub trait Look: Send + Sync {
    /// Surveys and groups by key; every key asked for is in the answer.
    fn surveys(
        &self,
        keys: &[LiveKey],
    ) -> impl Future<Output = BTreeMap<LiveKey, Reading<LiveSurvey>>> + Send;

    /// One survey or group by itself.
    fn survey(&self, key: &LiveKey) -> impl Future<Output = Reading<LiveSurvey>> + Send;

    /// Adds the completes collected, where they were not read with it.
    fn count(&self, key: &LiveKey, survey: &mut LiveSurvey) -> impl Future<Output = ()> + Send;

    /// Whether the account can be used, which one read shows where none was made yet; or why not, for people.
    fn proven(&self) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }

    /// What time it is there, where its answers have told it.
    fn vendor_now(&self) -> Option<Timestamp> {
        None
    }

    /// Who or what stopped a survey, where the vendor keeps a record of it.
    fn stopped_by(&self, key: &LiveKey) -> impl Future<Output = Option<Stopped>> + Send;

    /// The completes of something that is out of field and was read without them; `None` where nobody tells.
    fn counted(&self, key: &LiveKey, survey: &LiveSurvey) -> impl Future<Output = Option<u64>> + Send;

    /// Figures of how fielding goes; none where they cannot be read.
    fn figures(&self, key: &LiveKey, survey: &LiveSurvey) -> impl Future<Output = Figures> + Send;

    /// Who changed which field last, by the field's path, where the vendor keeps a record of it.
    fn changed_by(&self, key: &LiveKey) -> impl Future<Output = BTreeMap<String, String>> + Send;

    /// Why the vendor would not let a status change, where it says that beforehand.
    fn blocked_transition(
        &self,
        key: &LiveKey,
        from: Status,
        to: Status,
    ) -> impl Future<Output = Option<String>> + Send;

    /// Adds the completes collected per quota; leaves the survey as it was where they cannot be told.
    ///
    /// # Errors
    /// Why they cannot be told, for people.
    fn quota_progress(
        &self,
        key: &LiveKey,
        survey: &mut LiveSurvey,
    ) -> impl Future<Output = Result<(), String>> + Send;

    /// An exclusion group by its id.
    fn group(&self, id: &str) -> impl Future<Output = Reading<LiveGroup>> + Send;

    /// Questions and answers in a locale.
    fn lexicon(&self, locale: &str) -> impl Future<Output = Reading<Lexicon>> + Send;

    /// The ids of what may be each thing sought already, in their order. They are looked for in what holds them, or else
    /// among all surveys of the account; what cannot be read there and is not known to be ours may be any of them.
    fn name_collisions(
        &self,
        holder: Option<&LiveSurvey>,
        known: &Known,
        sought: &[Sought<'_>],
    ) -> impl Future<Output = Vec<Reading<Vec<String>>>> + Send;

    /// Errors that the vendor finds beforehand in the targeting of a group whose questions are resolved.
    fn preflight_errors(&self, wanted: &SurveySpec) -> impl Future<Output = Reading<Vec<String>>> + Send;

    /// Templates the account may use.
    fn templates(&self) -> impl Future<Output = Reading<Vec<LiveTemplate>>> + Send;
}

/// Reads everything a plan for these surveys needs before there is one. What it turns out to be about is then looked at
/// more closely, with [`look_closer`].
///
/// A vendor without a reader is one the environment does not configure; its resources are unknown.
///
/// `as_of` is the time, for what depends on whether a date lies ahead.
pub async fn refresh<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    as_of: Option<Timestamp>,
    parts: Parts,
) -> Live {
    let mut live = glance(desired, known, readers, as_of, parts).await;
    let at = counted_beforehand(desired, known, &live.surveys);
    look_closer(desired, known, readers, &mut live, &at).await;
    count_former(known, readers, &mut live.former).await;
    live.counted = read_counted(desired, known, readers, &live.surveys).await;
    live.figures = read_figures(desired, known, readers, &live.surveys).await;
    live
}

/// The same without counters, and without who stopped what is out of field.
pub async fn glance<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    as_of: Option<Timestamp>,
    parts: Parts,
) -> Live {
    let ((surveys, former), groups, lexicons, templates) = futures_util::join!(
        read_surveys(desired, known, readers, parts),
        read_groups(desired, known, readers),
        read_lexicons(desired, readers),
        read_templates(desired, known, readers),
    );
    let vendors = desired.surveys.values().map(|survey| survey.vendor);
    // Answers tell whole seconds: what began within one has begun.
    let told = readers.iter().filter_map(|(vendor, reader)| {
        let now = reader.vendor_now()?.checked_add(SignedDuration::from_secs(1));
        Some((*vendor, time_at_vendor(now.ok(), as_of?)))
    });
    Live {
        clocks: told.collect(),
        without_account: vendors.filter(|vendor| !readers.contains_key(vendor)).collect(),
        surveys,
        former,
        groups,
        lexicons,
        as_of,
        templates,
        ..Live::default()
    }
}

async fn read_surveys<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    parts: Parts,
) -> (
    BTreeMap<Address, Reading<LiveSurvey>>,
    BTreeMap<String, Reading<LiveSurvey>>,
) {
    let mut wanted: BTreeMap<VendorId, Vec<LiveKey>> = BTreeMap::new();
    for (address, resource) in &known.resources {
        if resource.survey().is_some() {
            let keys = wanted.entry(resource.vendor).or_default();
            // What was replaced and is not closed yet is about to be, with the version of it that only a whole read shows.
            keys.extend(resource.ids().map(|id| match *id == resource.id {
                true => key_to_parts(desired, known, address, id, parts),
                false => key(known, address, id),
            }));
        }
    }
    let reads = wanted.iter().map(|(vendor, keys)| async move {
        let readings = match readers.get(vendor) {
            Some(reader) => reader.surveys(keys).await,
            None => keys
                .iter()
                .map(|key| (key.clone(), not_configured(*vendor)))
                .collect(),
        };
        (*vendor, readings)
    });
    let mut readings: BTreeMap<VendorId, BTreeMap<LiveKey, Reading<LiveSurvey>>> =
        join_all(reads).await.into_iter().collect();
    let mut take = |vendor: VendorId, key: &LiveKey| {
        let readings = readings.get_mut(&vendor);
        let reading = readings.and_then(|readings| readings.remove(key));
        reading.unwrap_or_else(not_answered)
    };
    let mut surveys = BTreeMap::new();
    let mut former = BTreeMap::new();
    for (address, resource) in &known.resources {
        if let ResourceKind::Survey(survey) = &resource.kind {
            let own = key(known, address, &resource.id);
            surveys.insert(address.clone(), take(resource.vendor, &own));
            for id in &survey.former {
                former.insert(id.clone(), take(resource.vendor, &key(known, address, id)));
            }
        }
    }
    (surveys, former)
}

/// Changes of status that a vendor would not allow, with its reasons; only vendors that say so beforehand are asked.
pub async fn read_blocked_transitions<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    surveys: &BTreeMap<Address, Reading<LiveSurvey>>,
) -> BTreeMap<Address, String> {
    let moves = known.resources.iter().filter_map(|(address, resource)| {
        let live = surveys.get(address)?.present()?;
        let from = live.status?;
        let to = match desired.surveys.get(address) {
            Some(survey) => survey.status()?,
            // Without a manifest it may only leave the field.
            None => match resource.survey()?.policy.on_remove {
                OnRemove::Pause if from == Status::Live => Status::Paused,
                OnRemove::Close => Status::Closed,
                OnRemove::Pause | OnRemove::Forget => return None,
            },
        };
        let reader = readers.get(&resource.vendor)?;
        (from != to).then(|| (address, reader, key(known, address, &resource.id), from, to))
    });
    let reads = moves.map(|(address, reader, key, from, to)| async move {
        let refused = reader.blocked_transition(&key, from, to).await;
        refused.map(|why| (address.clone(), why))
    });
    join_all(reads).await.into_iter().flatten().collect()
}

/// What a reader needs to find a survey or a group.
fn key(known: &Known, address: &Address, id: &str) -> LiveKey {
    let vendor = known.resources.get(address).map(|resource| resource.vendor);
    let parent = address.parent().and_then(|parent| known.resources.get(&parent));
    LiveKey {
        level: vendor.map_or(Level::Survey, |vendor| Level::of(vendor, address)),
        id: id.to_owned(),
        parent: parent.map(|parent| parent.id.clone()),
        job: known
            .survey(address)
            .and_then(|survey| survey.job.as_ref()?.path.clone()),
        hint: Hint {
            launched: known.survey(address).is_some_and(has_left_drafts),
            managed: None,
            suppliers: known
                .survey(address)
                .is_some_and(|survey| !survey.applied.suppliers.is_absent()),
        },
    }
}

/// What was seen of what is named.
fn seen_at<'a>(
    surveys: &'a mut BTreeMap<Address, Reading<LiveSurvey>>,
    at: &'a Closer,
) -> impl Iterator<Item = (&'a Address, &'a mut LiveSurvey)> {
    surveys.iter_mut().filter_map(|(address, reading)| match reading {
        Reading::Present(live) if at.contains_key(address) => Some((address, live)),
        _ => None,
    })
}

fn has_left_drafts(survey: &KnownSurvey) -> bool {
    survey.in_field || !matches!(survey.applied.status, Field::Set(Status::Draft) | Field::Absent)
}

/// The same with the parts that matter: those that the manifest manages, or what was applied last.
fn key_to_parts(desired: &Desired, known: &Known, address: &Address, id: &str, parts: Parts) -> LiveKey {
    let mut key = key(known, address, id);
    let wanted = desired.surveys.get(address).map(|survey| &survey.spec);
    let specs = [wanted, known.survey(address).map(|survey| &survey.applied)];
    key.hint.suppliers |= wanted.is_some_and(|spec| !spec.suppliers.is_absent());
    // Without a manifest nothing says what matters.
    if key.level == Level::Group && wanted.is_some() && parts == Parts::Managed {
        let keys = specs.into_iter().flatten().flat_map(|spec| {
            let ceiling = Some(MAX_CPI).filter(|_| !spec.max_cpi.is_absent());
            let suppliers = Some(SUPPLIERS).filter(|_| !spec.suppliers.is_absent());
            let named = ceiling.into_iter().chain(suppliers).map(str::to_owned);
            spec.attributes.keys().cloned().chain(named)
        });
        key.hint.managed = Some(keys.collect());
    }
    key
}

async fn read_groups<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
) -> BTreeMap<Address, Reading<LiveGroup>> {
    let mut wanted: BTreeMap<&Address, (VendorId, &str)> = BTreeMap::new();
    for (address, group) in &desired.groups {
        // A group is looked up by its reference before it is made: the reference is its key at the vendor.
        wanted.insert(address, (group.vendor, &group.reference));
    }
    for (address, resource) in &known.resources {
        if let ResourceKind::Group(_) = &resource.kind {
            wanted.insert(address, (resource.vendor, &resource.id));
        }
    }
    let reads = wanted.into_iter().map(|(address, (vendor, id))| async move {
        let reading = match readers.get(&vendor) {
            Some(reader) => reader.group(id).await,
            None => not_configured(vendor),
        };
        (address.clone(), reading)
    });
    join_all(reads).await.into_iter().collect()
}

/// Libraries are only needed where a survey asks questions, and only at vendors that have one.
async fn read_lexicons<L: Look>(
    desired: &Desired,
    readers: &BTreeMap<VendorId, L>,
) -> BTreeMap<(VendorId, String), Reading<Lexicon>> {
    let wanted: BTreeSet<(VendorId, &str)> = desired
        .surveys
        .values()
        .filter(|survey| survey.vendor.has_library())
        .filter(|survey| survey.spec.asks())
        .map(|survey| {
            let locale = survey.spec.locale.value().map_or("", String::as_str);
            (survey.vendor, locale)
        })
        .collect();
    let reads = wanted.into_iter().map(|(vendor, locale)| async move {
        let reading = match readers.get(&vendor) {
            Some(reader) => reader.lexicon(locale).await,
            None => not_configured(vendor),
        };
        ((vendor, locale.to_owned()), reading)
    });
    join_all(reads).await.into_iter().collect()
}

/// Errors that vendors find beforehand in new or changed targeting. `resolve` gives the questions in the vendor's codes;
/// targeting that cannot be resolved is not asked about.
pub async fn read_preflight_errors<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
    resolve: impl Fn(&Address, &DesiredSurvey) -> Option<SurveySpec>,
) -> BTreeMap<Address, Reading<Vec<String>>> {
    let new = desired.surveys.iter().filter_map(|(address, survey)| {
        let reader = readers
            .get(&survey.vendor)
            .filter(|_| survey.vendor.facts().checks_targeting)?;
        let wanted = resolve(address, survey)?;
        let same = known.survey(address).is_some_and(|known| {
            let applied = &known.applied;
            applied.qualifications == wanted.qualifications
                && applied.quotas == wanted.quotas
                && applied.completes == wanted.completes
                && applied.cpi == wanted.cpi
                && applied.max_cpi == wanted.max_cpi
        });
        (!same).then_some((address, reader, wanted))
    });
    let reads = new.map(|(address, reader, wanted)| async move {
        (address.clone(), reader.preflight_errors(&wanted).await)
    });
    join_all(reads).await.into_iter().collect()
}

/// Templates are only needed where a survey that is new, or may be replaced, names one.
async fn read_templates<L: Look>(
    desired: &Desired,
    known: &Known,
    readers: &BTreeMap<VendorId, L>,
) -> BTreeMap<VendorId, Reading<Vec<LiveTemplate>>> {
    let vendors: BTreeSet<VendorId> = desired
        .surveys
        .iter()
        .filter(|(address, survey)| {
            let Some(template) = survey.spec.template.value() else {
                return false;
            };
            let known = known.survey(address);
            known.is_none_or(|known| known.applied.template.value() != Some(template))
        })
        .map(|(_, survey)| survey.vendor)
        .collect();
    let reads = vendors.into_iter().map(|vendor| async move {
        let reading = match readers.get(&vendor) {
            Some(reader) => reader.templates().await,
            None => not_configured(vendor),
        };
        (vendor, reading)
    });
    join_all(reads).await.into_iter().collect()
}

fn not_answered<T>() -> Reading<T> {
    Reading::Unknown {
        why: "the reader did not answer for it".to_owned(),
    }
}

fn not_configured<T>(vendor: VendorId) -> Reading<T> {
    Reading::Unknown {
        why: format!(
            "this environment configures no {} account in infield.yaml",
            vendor.name()
        ),
    }
}
