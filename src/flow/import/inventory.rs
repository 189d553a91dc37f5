//! What there is to import: which surveys are asked for, and everything about them. Reads only.

use super::Options;
use crate::import::Found;
use crate::marketplace::shelf::inventory::{Entries, Unread};
use crate::marketplace::{Listed, Reader, VendorError};
use crate::model::live::Hint;
use crate::model::suppliers::Terms;
use crate::model::{Known, Level, Lexicon, LiveKey, LiveSurvey, Reading, Status, VendorId};
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen at one vendor.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) found: Vec<Found>,
    /// Questions and answers by locale.
    pub(super) lexicons: BTreeMap<String, Lexicon>,
    /// What is not imported, and need not be.
    pub(super) left_out: Vec<String>,
    /// What could not be read.
    pub(super) failed: Vec<String>,
}

impl Options {
    /// Whether a status is asked for: in lists, what is closed only when it is named.
    fn takes(&self, status: Option<Status>) -> bool {
        match (status, self.statuses.as_slice()) {
            (None, _) => true,
            (Some(status), []) => !self.ids.is_empty() || status != Status::Closed,
            (Some(status), wanted) => wanted.contains(&status),
        }
    }

    fn made_since(&self, listed: &Listed) -> bool {
        let Some(day) = self.since else { return true };
        let made = listed.made.map(|made| made.to_zoned(TimeZone::UTC).date());
        made.is_some_and(|made| made >= day)
    }
}

/// Looks at everything that is asked for and not remembered yet.
///
/// # Errors
/// When the list of surveys cannot be read.
pub(super) async fn look(reader: &Reader, wanted: &Options, known: &Known) -> Result<Seen, VendorError> {
    let vendor = reader.vendor();
    let level = Level::of_surveys(vendor);
    let mut seen = Seen::default();
    let mut keys: Vec<LiveKey> = Vec::new();
    if wanted.ids.is_empty() {
        let listed = readable(reader.inventory().await?, |unread| {
            if !unread
                .id
                .as_ref()
                .is_some_and(|id| known.claims(vendor, level, id))
            {
                seen.failed.push(format!("{}: {}", vendor.name(), unread.why));
            }
        });
        if wanted.since.is_some() && !listed.is_empty() && listed.iter().all(|one| one.made.is_none()) {
            seen.left_out.push(format!(
                "{} does not say when surveys were made, so none of its are taken by --since",
                vendor.name()
            ));
        }
        let asked = listed.into_iter().filter(|one| wanted.made_since(one));
        let taken = asked.filter(|one| !vendor.containers_have_status() || wanted.takes(one.status));
        keys.extend(taken.map(|one| one.key));
    } else {
        keys.extend(wanted.ids.iter().map(|id| LiveKey {
            level,
            id: id.clone(),
            parent: None,
            hint: Default::default(),
            job: None,
        }));
    }
    keys.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
    // Pages of a list may overlap, and an id may be asked for twice.
    keys.dedup_by(|a, b| a.id == b.id);
    let claimed = |key: &LiveKey| known.claims(vendor, level, &key.id);
    let (remembered, mut keys): (Vec<LiveKey>, Vec<LiveKey>) = keys.into_iter().partition(claimed);
    match (remembered.len(), wanted.ids.as_slice()) {
        (0, _) => {}
        (1, []) => seen.left_out.push("1 of what was asked for is remembered already".to_owned()),
        (count, []) => seen.left_out.push(format!("{count} of what was asked for are remembered already")),
        _ => seen.left_out.extend(remembered.iter().map(|key| {
            let owner = known.resources.iter().find(|(_, resource)| resource.vendor == vendor && resource.id == key.id);
            let name = owner.map_or("another survey", |(address, _)| address.as_str());
            format!(
                "{} {} is remembered as `{name}` already; where its manifest is gone, `infield state rm {name}` lets it be \
                 imported again",
                vendor.name(),
                key.id
            )
        })),
    }
    let read = with_suppliers(reader, &mut keys).await;
    let mut there = Vec::new();
    let own_status = vendor.containers_have_status();
    for key in &keys {
        let (name, id) = (vendor.name(), &key.id);
        match read.get(key) {
            Some(Reading::Present(live)) if !own_status || wanted.takes(live.status) => {
                there.push(live.clone());
            }
            Some(Reading::Present(_)) | None => {}
            Some(Reading::Absent { proof }) => {
                let holder = reader.holder_of(id).await;
                let way_out = holder
                    .map(|survey| format!("; it is a group of {survey}, which `--id {survey}` imports"));
                let way_out = way_out.unwrap_or_default();
                seen.failed.push(format!("{name} has no {id}: {proof}{way_out}"));
            }
            Some(Reading::Unknown { why }) => {
                seen.failed.push(format!("{name} {id} could not be read: {why}"));
            }
        }
    }
    // The session bounds how many of these are under way.
    let all = join_all(there.iter().map(|survey| groups(reader, wanted, known, survey))).await;
    let mut without_groups = 0;
    for (survey, groups) in there.into_iter().zip(all) {
        match groups {
            Ok((groups, left_out)) => {
                if vendor.has_groups() && groups.is_empty() && wanted.ids.is_empty() {
                    without_groups += 1;
                    continue;
                }
                seen.left_out.extend(left_out);
                seen.found.push(Found {
                    vendor,
                    survey,
                    groups,
                });
            }
            Err(why) => seen
                .failed
                .push(format!("{} {} is not imported: {why}", vendor.name(), survey.id)),
        }
    }
    if without_groups > 0 {
        seen.left_out.push(format!(
            "{}: {without_groups} without groups in a status that is asked for {} left out",
            vendor.name(),
            if without_groups == 1 { "is" } else { "are" }
        ));
    }
    lexicons(reader, &mut seen).await;
    Ok(seen)
}

/// Reads them with who sends their respondents, where that is a read of its own; without it where it cannot be read.
async fn with_suppliers(reader: &Reader, keys: &mut [LiveKey]) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
    if reader.vendor().facts().suppliers != Some(Terms::Counted) {
        return reader.surveys(keys).await;
    }
    keys.iter_mut().for_each(|key| key.hint.suppliers = true);
    let mut read = reader.surveys(keys).await;
    let unknown = read
        .iter()
        .filter(|(_, reading)| matches!(reading, Reading::Unknown { .. }));
    let unknown: Vec<LiveKey> = unknown
        .map(|(key, _)| LiveKey {
            hint: Hint::default(),
            ..key.clone()
        })
        .collect();
    if !unknown.is_empty() {
        read.extend(reader.surveys(&unknown).await);
    }
    read
}

/// The entries of a list that could be read; `unread` is told about every other one.
fn readable(entries: Entries<Listed>, mut unread: impl FnMut(Unread)) -> Vec<Listed> {
    let read = entries.into_iter().map(|entry| entry.map_err(&mut unread));
    read.filter_map(Result::ok).collect()
}

/// The groups of a survey that are asked for.
async fn groups(
    reader: &Reader,
    wanted: &Options,
    known: &Known,
    survey: &LiveSurvey,
) -> Result<(Vec<LiveSurvey>, Vec<String>), String> {
    let vendor: VendorId = reader.vendor();
    if !vendor.has_groups() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut by_status = 0;
    let keys: Vec<LiveKey> = if wanted.groups.is_empty() {
        let listed = reader
            .groups_of(survey)
            .await
            .map_err(|error| format!("{error}; name them with --id {} --group ID", survey.id))?;
        let mut unread = None;
        let listed = readable(listed, |entry| {
            let remembered = entry
                .id
                .as_ref()
                .is_some_and(|id| known.claims(vendor, Level::Group, id));
            unread = unread.take().or((!remembered).then_some(entry.why));
        });
        if let Some(why) = unread {
            return Err(why);
        }
        let (taken, left): (Vec<Listed>, Vec<Listed>) =
            listed.into_iter().partition(|one| wanted.takes(one.status));
        by_status = left.len();
        taken.into_iter().map(|one| one.key).collect()
    } else {
        let key = |id: &String| LiveKey {
            level: Level::Group,
            id: id.clone(),
            parent: Some(survey.id.clone()),
            hint: Default::default(),
            job: None,
        };
        wanted.groups.iter().map(key).collect()
    };
    let mut left_out = Vec::new();
    let mut seen = BTreeSet::new();
    let free: Vec<LiveKey> = keys
        .into_iter()
        .filter(|key| !known.claims(vendor, Level::Group, &key.id) && seen.insert(key.id.clone()))
        .collect();
    let read = reader.surveys(&free).await;
    let mut groups = Vec::new();
    for key in &free {
        match read.get(key) {
            Some(Reading::Present(live)) if wanted.takes(live.status) => groups.push(live.clone()),
            Some(Reading::Present(_)) | None => {}
            Some(Reading::Absent { proof: why } | Reading::Unknown { why }) => {
                return Err(format!("its group {} could not be read: {why}", key.id));
            }
        }
    }
    by_status += free.len() - groups.len();
    // What has no group left is told as a whole.
    if by_status > 0 && !groups.is_empty() {
        let (vendor, id) = (vendor.name(), &survey.id);
        left_out.push(match by_status {
            1 => format!("{vendor} {id}: 1 of its groups is left out by its status"),
            many => format!("{vendor} {id}: {many} of its groups are left out by their status"),
        });
    }
    Ok((groups, left_out))
}

/// The libraries of the locales in which questions are asked.
async fn lexicons(reader: &Reader, seen: &mut Seen) {
    if !reader.vendor().has_library() {
        return;
    }
    let all = seen
        .found
        .iter()
        .flat_map(|found| std::iter::once(&found.survey).chain(&found.groups));
    let asks = |live: &&LiveSurvey| !live.quotas.is_empty() || live.qualifications.value().is_some();
    let locales: BTreeSet<String> = all
        .filter(asks)
        .filter_map(|live| live.spec.locale.value().cloned())
        .collect();
    for locale in locales {
        match reader.lexicon(&locale).await {
            Reading::Present(lexicon) => drop(seen.lexicons.insert(locale, lexicon)),
            Reading::Absent { proof: why } | Reading::Unknown { why } => {
                seen.left_out
                    .push(format!("questions in {locale} could not be read: {why}"));
            }
        }
    }
}
