//! What the emulated vendor remembers, and under which keys: one document per job, group and quota, and one per group and
//! quota that says whose it is, so that a look at one job or group costs the same however many others there are.

use super::prelude::*;

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
    /// People who take part.
    #[serde(skip_serializing_if = "is_nobody")]
    pub(super) inside: u64,
    /// What the completes so far cost, where each costs as much as it may (assumed).
    pub(super) cost: Decimal,
}

/// Whether nobody is counted.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_nobody(people: &u64) -> bool {
    *people == 0
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Job,
    Group,
    Quota,
}

impl Kind {
    /// Its name in keys and in messages, and the first id, that of the vendor's samples.
    fn facts(self) -> (&'static str, &'static str, u64) {
        match self {
            Self::Job => ("job", "Job", 8575),
            Self::Group => ("group", "Group", 19427),
            Self::Quota => ("quota", "Quota", 780_275),
        }
    }
}

fn key(kind: Kind, id: u64) -> String {
    format!("innovatemr/{}/{id:012}", kind.facts().0)
}

/// Where the ids of everything stand that a job or a group has.
fn key_below(kind: Kind, parent: u64) -> String {
    format!("innovatemr/{}s-of/{parent:012}/", kind.facts().0)
}

/// A new record with the next id of its kind, stored.
pub(super) fn make(
    batch: &mut Batch<'_>,
    world: &World,
    kind: Kind,
    parent: u64,
    fields: Map<String, Value>,
) -> Result<Record, StoreError> {
    let (word, _, first) = kind.facts();
    let record = Record {
        id: batch.take_number(&format!("innovatemr/next/{word}"), first)?,
        parent,
        status: DRAFT,
        created_ms: world.now_ms(),
        fields,
        ..Record::default()
    };
    save(batch, kind, &record)?;
    if kind != Kind::Job {
        let place = format!("{}{:012}", key_below(kind, parent), record.id);
        batch.put_json(&place, &record.id)?;
    }
    Ok(record)
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
    let message = || format!("{} not found", kind.facts().1);
    found.ok_or_else(|| fail(world, StatusCode::NOT_FOUND, message()))
}

/// Changes the record of an id as it stands in a path, all or nothing, and returns it.
pub(super) fn change(
    world: &World,
    kind: Kind,
    id: &str,
    work: impl FnOnce(&mut Batch<'_>, &mut Record) -> Result<(), Failure>,
) -> Result<Record, Failure> {
    world.store.write(|batch| {
        let mut record = find(batch, world, kind, id)?;
        work(batch, &mut record)?;
        save(batch, kind, &record)?;
        Ok(record)
    })
}

/// Every record of a kind, by id.
pub(super) fn records(store: &impl Documents, kind: Kind) -> Result<Vec<Record>, StoreError> {
    store.all(&format!("innovatemr/{}/", kind.facts().0))
}

/// The groups of a job or the quotas of a group, by id.
pub(super) fn below(store: &impl Documents, kind: Kind, parent: u64) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<u64> = store.all(&key_below(kind, parent))?;
    let found = ids.into_iter().map(|id| store.get_json(&key(kind, id)));
    found.filter_map(Result::transpose).collect()
}

/// A job with its groups, or a group with its quotas.
pub(super) fn children(world: &World, kind: Kind, id: &str) -> Result<(Record, Vec<Record>), Failure> {
    let view = world.store.view()?;
    let parent = find(&view, world, kind, id)?;
    let lower = [Kind::Quota, Kind::Group][usize::from(kind == Kind::Job)];
    let own = below(&view, lower, parent.id)?;
    Ok((parent, own))
}

/// Gives a job or a group the status that a body wants, under either spelling unless a switch allows one only, where `check`
/// allows it, too; nothing changes where the body says nothing that is honoured. Returns what is said of it.
pub(super) fn set_status(
    world: &World,
    call: &Call,
    (kind, id): (Kind, &str),
    check: impl FnOnce(&mut Batch<'_>, &Record, i64) -> Result<(), Failure>,
) -> Result<(String, Record), Failure> {
    let body = body(world, call)?;
    let honoured = |key: &str, other: Switch<bool>| body.get(key).filter(|_| !world.is_on(other));
    let wanted = honoured("Status", switches::LOWER_STATUS_ONLY).and_then(Value::as_i64);
    let wanted = wanted.or_else(|| honoured("status", switches::CAPITAL_STATUS_ONLY)?.as_i64());
    let record = change(world, kind, id, |batch, record| {
        if let Some(to) = wanted {
            may_become(world, kind, record.status, to)?;
            check(batch, record, to)?;
            record.status = to;
        }
        Ok(())
    })?;
    let (name, word) = (kind.facts().1, status_word(record.status));
    Ok((format!("{name} status is set as {word}"), record))
}

/// Refuses a status that another may not become (assumed, but that live and paused exist); staying is always allowed.
fn may_become(world: &World, kind: Kind, from: i64, to: i64) -> Result<(), Failure> {
    let may = matches!(
        (from, to),
        (DRAFT, LIVE) | (LIVE, PAUSED) | (PAUSED, LIVE) | (DRAFT | LIVE | PAUSED, CLOSED)
    );
    if may || from == to {
        return Ok(());
    }
    let message = format!("{} cannot go from {} to {to}", kind.facts().1, status_word(from));
    Err(fail(world, StatusCode::CONFLICT, message))
}

fn status_word(status: i64) -> &'static str {
    match status {
        DRAFT => "Draft",
        LIVE => "Live",
        PAUSED => "Paused",
        _ => "Closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, StoreLocation};
    use crate::switch::Switches;
    use crate::{Clock, StoreError};

    #[test]
    fn a_look_at_one_group_reads_the_quotas_of_no_other() {
        let store = Store::open(&StoreLocation::Memory).unwrap();
        let world = World::new(store, Clock::real(), 0, Switches::new(switches::all()));
        let write = |kind, parent, name: &str| {
            let fields = Map::from_iter([("Name".to_owned(), json!(name))]);
            let made = world
                .store
                .write(|batch| make(batch, &world, kind, parent, fields));
            made.unwrap().id
        };
        let job = write(Kind::Job, 0, "job");
        let [ours, theirs] = ["ours", "theirs"].map(|name| write(Kind::Group, job, name));
        let quotas = ["one", "two"].map(|name| write(Kind::Quota, ours, name));
        let other = write(Kind::Quota, theirs, "other");
        // Whoever reads this one fails.
        let spoil = |batch: &mut Batch<'_>| batch.put(&key(Kind::Quota, other), b"no JSON");
        world.store.write(spoil).unwrap();
        let children = |kind, id: u64| {
            let (_, found) = children(&world, kind, &id.to_string()).map_err(|_| ())?;
            Ok::<_, ()>(found.iter().map(|record| record.id).collect::<Vec<_>>())
        };
        assert_eq!(children(Kind::Group, ours), Ok(quotas.to_vec()));
        assert_eq!(children(Kind::Job, job), Ok(vec![ours, theirs]));
        assert_eq!(children(Kind::Group, theirs), Err(()));
        let read: Result<Vec<Record>, StoreError> = records(&world.store.view().unwrap(), Kind::Quota);
        assert!(read.is_err());
    }
}
