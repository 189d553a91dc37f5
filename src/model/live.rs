//! What exists: the vendor's answer, in our vocabulary.

use super::desired::MemberId;
use super::figures::Figures;
use super::stops::Times;
use super::{
    Address, Criteria, Field, Level, Lexicon, Links, Money, Performance, Status, SurveySpec, VendorId,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// What a reader saw of one thing. *Not read is not absent*: nothing is created, closed or removed on `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reading<T> {
    /// It is there.
    Present(T),
    /// The vendor said that it is not there.
    Absent {
        /// How we know, for people: `404 (1006) Survey not found`.
        proof: String,
    },
    /// The read failed, was partial or was filtered.
    Unknown {
        /// Why, for people.
        why: String,
    },
}

impl<T> Reading<T> {
    /// The thing, where it was seen.
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The same of something made from the thing.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Present(value) => Reading::Present(make(value)),
            Self::Absent { proof } => Reading::Absent { proof },
            Self::Unknown { why } => Reading::Unknown { why },
        }
    }
}

/// What a reader needs to find something: ids are only unique within a level, and some vendors want the one above.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveKey {
    /// What it is.
    pub level: Level,
    /// The vendor's id.
    pub id: String,
    /// The vendor's id of the survey that holds it; groups only.
    pub parent: Option<String>,
    /// Where to look for work of the vendor that may still be under way.
    pub job: Option<String>,
    /// What spares reads.
    pub hint: Hint,
}

/// The key among managed settings of the ceiling of a price that the vendor makes.
pub const MAX_CPI: &str = "max_cpi";
/// The name of who sends respondents, among the parts of a survey that somebody manages.
pub const SUPPLIERS: &str = "suppliers";

/// What is known of something before it is read. It is no part of what is looked for: keys that differ in it alone are the
/// same, and a wrong hint costs reads.
#[derive(Debug, Clone, Default)]
pub struct Hint {
    /// Whether it had left the drafts.
    pub launched: bool,
    /// Keys of the settings that somebody manages, where others do not matter; `None` where they do.
    pub managed: Option<BTreeSet<String>>,
    /// Whether it matters who sends respondents, where that is a read of its own.
    pub suppliers: bool,
}

impl PartialEq for Hint {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Hint {}

impl PartialOrd for Hint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Hint {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Hint {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl LiveKey {
    /// The key of a survey that is fielded itself.
    pub fn survey(id: impl Into<String>) -> Self {
        Self {
            level: Level::Survey,
            id: id.into(),
            parent: None,
            job: None,
            hint: Hint::default(),
        }
    }
}

/// Everything the readers saw, by address. An address that is missing was not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// Surveys known to state.
    pub surveys: BTreeMap<Address, Reading<LiveSurvey>>,
    /// Surveys that a replacement left behind, by the vendor's id.
    pub former: BTreeMap<String, Reading<LiveSurvey>>,
    /// Exclusion groups.
    pub groups: BTreeMap<Address, Reading<LiveGroup>>,
    /// Questions and answers, by vendor and locale; only where a survey's targeting needs them.
    pub lexicons: BTreeMap<(VendorId, String), Reading<Lexicon>>,
    /// What may be there already and is nobody's here, by the address that would get a new one; only where somebody looked.
    pub name_collisions: BTreeMap<Address, Reading<Vec<String>>>,
    /// Marketplaces at which surveys are wanted and the environment has no account: nothing can be made there.
    pub without_account: BTreeSet<VendorId>,
    /// When reading this began, by the clock of this machine; `None` where nothing depends on it.
    pub as_of: Option<Timestamp>,
    /// When it had been read by the clocks of vendors that tell the time, see [`Live::now_at`].
    pub clocks: BTreeMap<VendorId, Timestamp>,
    /// What a vendor says to the targeting of surveys that would be made or changed, where it checks that beforehand: a
    /// line for each error.
    pub preflight_errors: BTreeMap<Address, Reading<Vec<String>>>,
    /// Why a vendor that says beforehand would not let a status change, by address.
    pub blocked_transitions: BTreeMap<Address, String>,
    /// Completes of what is out of field and does not show them, by address; only where somebody asked whether it is done.
    pub counted: BTreeMap<Address, u64>,
    /// Figures of how fielding goes, by address; only where a stage that may be left asks about them.
    pub figures: BTreeMap<Address, Figures>,
    /// Templates each vendor offers to this account; only vendors for which a plan needs them.
    pub templates: BTreeMap<VendorId, Reading<Vec<LiveTemplate>>>,
}

/// How far a vendor's clock may be from ours and still be believed. A clock that runs wrong, or in another zone, is nearer; an answer
/// that says anything is further away.
pub const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// What time it is at a vendor that has told one, by our clock where it has not, or tells one that nobody can believe.
pub fn time_at_vendor(told: Option<Timestamp>, ours: Timestamp) -> Timestamp {
    let believed = told.filter(|told| told.duration_since(ours).abs() <= BELIEVED);
    believed.unwrap_or(ours)
}

impl Live {
    /// What time it was at a vendor when this was read. What begins or ends there does so by its clock, whatever the one of
    /// this machine shows; ours counts where it has told none.
    pub fn now_at(&self, vendor: VendorId) -> Option<Timestamp> {
        self.clocks.get(&vendor).copied().or(self.as_of)
    }
}

/// A survey at the vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveSurvey {
    /// The vendor's id as text.
    pub id: String,
    /// Status, where it is one we know; a new code of the vendor is `None` and kept in `status_text`.
    pub status: Option<Status>,
    /// The vendor's own word for the status.
    pub status_text: String,
    /// Why the vendor stopped it, when the vendor says.
    pub status_reason: Option<String>,
    /// The same in our words, where the vendor's say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    /// When it goes in field by itself and until when, where that start lies ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Times>,
    /// Fields the vendor shows. `quotas` in here is never set; see `quotas` beside it.
    pub spec: SurveySpec,
    /// Quotas of every origin.
    pub quotas: Vec<LiveQuota>,
    /// Qualifications of every origin, canonical order; absent where the vendor does not show them.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub qualifications: Field<Criteria>,
    /// Completes collected so far; `None` when not read.
    pub fielded: Option<u64>,
    /// Whether the settings of the account say how its completes are counted, where no document does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts: bool,
    /// The highest price that the vendor says one complete is charged, whatever was asked for: with what suppliers get, or
    /// what it has set itself. `None` where it was not read, or is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Money>,
    /// Why nothing may be written now: work of the vendor is still under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
    /// Who changed a field last and when, by the field's path, where the vendor keeps that and it was asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changed_by: BTreeMap<String, String>,
    /// Where somebody tries it out. No plan depends on it, and pictures, which hold no addresses, have none.
    #[serde(skip)]
    pub links: Links,
    /// How fielding goes, where the vendor tells it with what was read. No plan depends on it, so no file keeps it.
    #[serde(skip)]
    pub performance: Option<Performance>,
    /// How much of it was read.
    #[serde(skip)]
    pub seen: Seen,
    /// What the marketplace's folder keeps of the answer, for writes that must send back what they do not change.
    #[serde(default, rename = "document")]
    pub kept: VendorState,
}

impl LiveSurvey {
    /// Whether it may have completes, and nobody asked for them yet.
    pub fn is_uncounted(&self) -> bool {
        let fielded = matches!(self.status, Some(Status::Live | Status::Paused));
        fielded && self.fielded.is_none() && (self.performance.is_none() || self.counts)
    }
}

/// How much of something was read. Before it is written, all of it is read by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seen {
    /// All of it, by itself.
    #[default]
    Whole,
    /// All of it in a list of many, which is enough for a change of the status.
    Listed,
    /// Only what somebody manages, without what writes of any kind need.
    InPart,
}

/// Why a vendor takes something out of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// What it counts against the goal has reached it.
    GoalReached,
    /// A soft launch is over.
    SoftLaunch,
    /// Its time in field is over.
    TimeOver,
}

/// Who or what took something out of field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// For people: by whom, when, and why.
    pub text: String,
    /// Why, where the vendor says it in words that infield knows.
    pub why: Option<Stop>,
}

/// What one marketplace's folder wrote down of an answer, and only that folder reads again, as a type of its own:
/// versions, run ids, parts that an update must repeat word for word. To everybody else it is opaque.
///
/// It is kept as JSON text, a tenth of what values take: of ten thousand surveys next to none are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct VendorState(
    #[serde(with = "json_text")]
    #[schemars(with = "Value")]
    Box<str>,
);

impl VendorState {
    /// Keeps this. What JSON cannot hold is kept as nothing.
    pub fn of(kept: &impl Serialize) -> Self {
        Self(serde_json::to_string(kept).unwrap_or_default().into())
    }

    /// What was kept; `None` where it is of another shape, such as a snapshot's of an older version.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(json_text::of(&self.0)).ok()
    }
}

/// JSON text that is the value itself in a document; no text is `null`.
mod json_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub(super) fn of(text: &str) -> &str {
        if text.is_empty() { "null" } else { text }
    }

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        let value: Value = serde_json::from_str(of(text)).map_err(serde::ser::Error::custom)?;
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Box::default(),
            value => value.to_string().into(),
        })
    }
}

/// A quota at the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveQuota {
    /// The key we (or a template) gave it; `None` for one made by hand without a usable key.
    pub name: Option<String>,
    /// The vendor's own id.
    pub id: String,
    /// Completes wanted.
    pub completes: u64,
    /// Completes collected so far; `None` when not read.
    pub fielded: Option<u64>,
    /// All must hold; canonical order.
    pub criteria: Criteria,
    /// Whether the vendor keeps no names of quotas, so that only the criteria tell which one it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nameless: bool,
    /// Whether the vendor shows only that the quota exists: completes and criteria then mean nothing here, and what was
    /// applied last has to do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// An exclusion group at the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveGroup {
    /// What the path of later calls takes.
    pub id: String,
    /// The key chosen by us.
    pub reference: Field<String>,
    /// Name for people.
    pub title: Field<String>,
    /// Members by the vendor's ids, sorted.
    pub members: Field<Vec<MemberId>>,
    /// Days of exclusion.
    pub exclusion_days: Field<u64>,
}

/// A template the account may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveTemplate {
    /// The vendor's id.
    pub id: u64,
    /// Name in the vendor's UI.
    pub name: String,
    /// What the vendor says about it beside its name, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}
