//! What the emulated vendor remembers, and under which keys: one document per project, target group and job.

use super::allocation::Allocations;
use super::exclusion::Exclusion;
use super::form::{LENGTH, RATE};
use super::listed::Lists;
use super::money::fraction;
use super::prelude::*;
use sha2::{Digest, Sha256};

/// What a target group can be (OpenAPI `TargetGroupStatus`); `archived` is reached by no operation that is published.
pub(super) const DRAFT: &str = "draft";
pub(super) const SCHEDULED: &str = "scheduled";
pub(super) const LIVE: &str = "live";
pub(super) const PAUSED: &str = "paused";
pub(super) const COMPLETED: &str = "completed";

/// A project as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) human_id: String,
    pub(super) name: String,
    pub(super) manager: String,
    pub(super) reference: Option<String>,
    pub(super) created_ms: i64,
    pub(super) activity_ms: i64,
    pub(super) version: u64,
    /// Reads that will not find it yet.
    pub(super) hidden_reads: u64,
}

/// The one fielding run of a launched or scheduled target group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Run {
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) status: String,
    pub(super) version: u64,
    pub(super) changed_ms: i64,
    pub(super) changed_by: String,
}

/// What is counted in a target group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub(super) entrants: u64,
    pub(super) prescreens: u64,
    pub(super) completes: u64,
    pub(super) terminations: u64,
    pub(super) overquotas: u64,
    pub(super) cost: Decimal,
    /// Times of completes and how many.
    pub(super) log: Vec<(i64, u64)>,
}

impl Counts {
    /// Completes among those who came in.
    pub(super) fn conversion(&self) -> Value {
        fraction(self.completes, self.entrants)
    }

    /// Completes among those who were let in.
    pub(super) fn incidence(&self) -> Value {
        fraction(self.completes, self.completes + self.terminations)
    }
}

/// Whether nobody is counted.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_nobody(people: &u64) -> bool {
    *people == 0
}

/// An entry of the changelog.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) at_ms: i64,
    /// Who; `None` for the marketplace itself.
    pub(super) user: Option<String>,
    pub(super) changes: Vec<Value>,
}

/// A target group as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) human_id: String,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
    /// Plain fields by the vendor's names: what is stored as sent, defaults filled in.
    pub(super) fields: Map<String, Value>,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) goal: u64,
    pub(super) currency: String,
    pub(super) pricing_model: String,
    /// The price that was asked for; dynamic pricing only.
    pub(super) cpi: Option<Money>,
    /// The price in effect, when something moved it.
    pub(super) effective_cpi: Option<Money>,
    pub(super) strategy: String,
    pub(super) exclusion: bool,
    pub(super) exclusion_changed: Option<(i64, String)>,
    pub(super) activity_exclusions: Vec<Exclusion>,
    pub(super) assistant: Map<String, Value>,
    pub(super) assistant_version: u64,
    pub(super) soft_launch_over: bool,
    pub(super) profiling: Option<Profiling>,
    pub(super) allocations: Allocations,
    pub(super) run: Option<Run>,
    /// The job that will launch or schedule it, and when that is done if nobody asks.
    pub(super) job: Option<(String, i64)>,
    pub(super) counts: Counts,
    /// People who take part.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub(super) inside: u64,
    /// Who alone may come, and who is kept out.
    #[serde(default, skip_serializing_if = "Lists::is_nothing")]
    pub(super) lists: Lists,
    pub(super) changelog: Vec<Entry>,
    /// Lists that will not show it yet.
    pub(super) hidden_lists: u64,
}

impl Group {
    pub(super) fn status(&self) -> &str {
        self.run.as_ref().map_or(DRAFT, |run| run.status.as_str())
    }

    pub(super) fn text(&self, key: &str) -> &str {
        self.fields.word(key)
    }

    /// The status as it is answered.
    pub(super) fn status_word(&self, world: &World) -> &str {
        match self.status() {
            PAUSED if world.is_on(switches::NEW_WORDS) => "hibernating",
            status => status,
        }
    }

    /// Language and country of its locale.
    pub(super) fn language_and_country(&self) -> (&str, &str) {
        let locale = self.text("locale");
        locale.split_once('_').unwrap_or((locale, ""))
    }

    /// Its profiles.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &Profile> {
        let profiling = self.profiling.iter();
        profiling.flat_map(|profiling| &profiling.profiles)
    }

    /// Minutes and incidence rate.
    pub(super) fn length_and_rate(&self) -> (u64, Decimal) {
        let rate = self.fields.get(RATE).and_then(decimal);
        (
            self.fields.count(LENGTH).unwrap_or(10),
            rate.unwrap_or(Decimal::ONE),
        )
    }

    /// Refuses a draft, as if it did not exist.
    pub(super) fn launched(&self) -> Result<(), Failure> {
        if self.is_draft() {
            Err(NOT_FOUND.into())
        } else {
            Ok(())
        }
    }

    pub(super) fn is_draft(&self) -> bool {
        self.run.is_none()
    }
}

fn project_key(id: &str) -> String {
    format!("cint/project/{id}")
}

fn group_key(project: &str, id: &str) -> String {
    format!("cint/group/{project}/{id}")
}

/// The next number of this store; all made-up ids derive from it.
fn next(batch: &mut Batch<'_>) -> Result<u64, StoreError> {
    batch.take_number("cint/next", 1)
}

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The lowest `digits * 5` bits of a number in the letters of ULIDs.
fn base32(number: u64, digits: u32) -> String {
    (0..digits)
        .rev()
        .map(|digit| {
            let shift = (digit * 5).min(63);
            let index = usize::try_from((number >> shift) & 31).unwrap_or(0);
            char::from(LETTERS[index])
        })
        .collect()
}

/// A ULID: time, then a number that only grows, then letters that follow from the seed.
pub(super) fn ulid(batch: &mut Batch<'_>, world: &World) -> Result<String, StoreError> {
    let number = next(batch)?;
    let digest = Sha256::digest(format!("cint ulid {} {number}", world.seed));
    let tail = u64::from_be_bytes(std::array::from_fn(|index| digest[index]));
    let ms = u64::try_from(world.now_ms()).unwrap_or(0);
    Ok(base32(ms, 10) + &base32(number, 6) + &base32(tail, 10))
}

/// A short id for people, different from every other of the same length.
pub(super) fn human_id(batch: &mut Batch<'_>, digits: u32) -> Result<String, StoreError> {
    let number = next(batch)?;
    // An odd factor makes a permutation of the numbers of that many bits.
    Ok(base32(number.wrapping_mul(0x9E37_79B9), digits))
}

pub(super) fn save_project(batch: &mut Batch<'_>, project: &Project) -> Result<(), StoreError> {
    batch.put_json(&project_key(&project.id), project)
}

/// A project, whether or not it can be seen already.
pub(super) fn raw_project(store: &impl Documents, id: &str) -> Result<Option<Project>, StoreError> {
    store.get_json(&project_key(id))
}

/// A project that can be seen.
pub(super) fn project(store: &impl Documents, id: &str) -> Result<Project, Failure> {
    let project = raw_project(store, id)?.filter(|project| project.hidden_reads == 0);
    Ok(project.ok_or(NOT_FOUND)?)
}

pub(super) fn save_group(batch: &mut Batch<'_>, group: &Group) -> Result<(), StoreError> {
    batch.put_json(&group_key(&group.project, &group.id), group)
}

/// Also notes which project it is in.
pub(super) fn add_group(batch: &mut Batch<'_>, group: &Group) -> Result<(), StoreError> {
    batch.put_json(&format!("cint/of/{}", group.id), &group.project)?;
    save_group(batch, group)
}

/// The project of a target group.
pub(super) fn project_of(store: &impl Documents, group: &str) -> Result<Option<String>, StoreError> {
    store.get_json(&format!("cint/of/{group}"))
}

pub(super) fn raw_group(
    store: &impl Documents,
    project: &str,
    id: &str,
) -> Result<Option<Group>, StoreError> {
    store.get_json(&group_key(project, id))
}

/// Every target group of a project, oldest first.
pub(super) fn groups(store: &impl Documents, project: &str) -> Result<Vec<Group>, StoreError> {
    store.all(&format!("cint/group/{project}/"))
}
