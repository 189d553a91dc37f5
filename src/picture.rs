//! A picture of what a plan reads: the state, and what every vendor showed. Taken where there are credentials, it lets a
//! plan be made where there are none.
//!
//! Promises: from the same manifests and the same world, a plan made from a picture has the name of one made from the
//! vendors, so that whoever has credentials can plan again and compare. A picture holds no credentials, no bodies of lost
//! calls, nothing of other people's surveys, and neither URLs nor mail addresses that the manifests do not have; a plan
//! that would need one of those says so ([`redact`]). What it does not show is unknown, never absent; only about what the
//! manifests newly ask for, such as whether its name is free, the best is presumed, and the plan says so ([`Replay`]). Any
//! bytes as a picture give an error.
//!
//! It is nobody's permission: nothing here can send a call, and `apply` does not read pictures. Asking vendors is left to
//! `marketplace`, deciding what a plan needs to `refresh`.

mod recorder;
pub mod redact;
mod replay;

pub use recorder::Recorder;
pub use replay::Replay;

use crate::marketplace::Sought;
use crate::model::figures::{Figure, Figures};
use crate::model::live::{Hint, LiveTemplate, Stop};
use crate::model::{
    Known, Level, Lexicon, LiveGroup, LiveKey, LiveSurvey, Money, Reading, SurveySpec, VendorId,
};
use crate::recover::Recovery;
use crate::text::hex;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format this version writes and reads.
pub const FORMAT: &str = "infield.picture/1";
/// What every version of the format starts with.
const FORMAT_FAMILY: &str = "infield.picture/";

/// What a plan reads, kept in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield picture")]
pub struct Picture {
    /// `infield.picture/1`.
    pub format: String,
    /// When it was taken, UTC, RFC 3339.
    pub taken: String,
    /// The environment it shows.
    pub environment: String,
    /// Lineage of the state; empty where there was none yet.
    pub lineage: String,
    /// Serial of the state.
    pub serial: u64,
    /// What the state remembers.
    pub known: Known,
    /// What was found out about calls whose answer was lost.
    pub recoveries: Vec<Recovery>,
    /// What each configured vendor showed.
    pub vendors: BTreeMap<VendorId, Seen>,
}

/// What one vendor showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// Surveys and groups, sorted by level, id and parent.
    pub surveys: Vec<SeenSurvey>,
    /// Exclusion groups by id.
    pub groups: BTreeMap<String, Reading<LiveGroup>>,
    /// Questions and answers by locale.
    pub lexicons: BTreeMap<String, Reading<Lexicon>>,
    /// Templates of the account; missing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Reading<Vec<LiveTemplate>>>,
    /// Ids of what may be something that was not made yet, by a digest of what was looked for.
    pub twins: BTreeMap<String, Reading<Vec<String>>>,
    /// What the vendor had against targeting that was new, by a digest of it.
    pub objections: BTreeMap<String, Reading<Vec<String>>>,
}

/// The digest under which an answer about something that does not exist yet is kept.
fn digest(asked: &impl Serialize) -> String {
    let text = serde_json::to_vec(asked).expect("what is asked consists of plain data");
    hex::sha256(text, 16)
}

/// What tells something by its name.
fn twin_digest(sought: &Sought<'_>) -> String {
    let Sought {
        level,
        parent,
        wanted,
    } = sought;
    let title = (wanted.title.value(), wanted.locale.value());
    digest(&(level, parent, title, &wanted.attributes))
}

/// What a marketplace is asked about before it is sent: targeting, price and settings.
fn targeting_digest(wanted: &SurveySpec) -> String {
    let who = (wanted.qualifications.value(), wanted.quotas.value());
    let price = (wanted.cpi.value(), wanted.max_cpi.value(), &wanted.attributes);
    digest(&(wanted.locale.value(), wanted.completes.value(), who, price))
}

/// One survey or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenSurvey {
    /// What it is.
    pub level: Level,
    /// The vendor's id.
    pub id: String,
    /// The vendor's id of the survey that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The vendor's work that made it, where that is part of how it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// What was seen.
    pub reading: Reading<LiveSurvey>,
    /// Who or what stopped it, where somebody asked and the vendor said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
    /// Why, where the vendor said it in words that infield knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_why: Option<Stop>,
    /// Completes collected by what is out of field and does not show them; missing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
    /// Figures of how fielding goes; missing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<Figure, String>>")]
    pub figures: Option<Figures>,
    /// Completes collected per quota; missing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Reading<Progress>>,
}

impl SeenSurvey {
    fn key(&self) -> LiveKey {
        LiveKey {
            level: self.level,
            id: self.id.clone(),
            parent: self.parent.clone(),
            job: self.job.clone(),
            hint: Hint::default(),
        }
    }
}

/// Completes collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// By the whole survey.
    pub fielded: Option<u64>,
    /// By each of its quotas, in their order.
    pub quotas: Vec<Option<u64>>,
    /// The highest price that the vendor says one complete is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Money>,
}

/// Why bytes are not a picture this version can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Not JSON, cut off, or of another shape.
    #[error("it is not a picture of infield, or a damaged one: {0}")]
    Damaged(String),
    /// Another format.
    #[error("it has the format {0:?}, and a picture has {FORMAT}")]
    Foreign(String),
    /// Written by a newer infield.
    #[error("it has the format {0}, and this infield reads {FORMAT}: use the newer infield that took it")]
    Newer(String),
    /// No time.
    #[error("it does not say when it was taken: {0:?} is no time")]
    Taken(String),
}

impl Picture {
    /// Reads a picture.
    ///
    /// # Errors
    /// When the bytes are something else, of another format, or damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, PictureError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let damaged = |error: serde_json::Error| PictureError::Damaged(error.to_string());
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format != FORMAT {
            let version = head.format.strip_prefix(FORMAT_FAMILY);
            return Err(match version.and_then(|version| version.parse::<u32>().ok()) {
                Some(version) if version > 1 => PictureError::Newer(head.format),
                _ => PictureError::Foreign(head.format),
            });
        }
        let picture: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        match picture.taken.parse::<jiff::Timestamp>() {
            Ok(_) => Ok(picture),
            Err(_) => Err(PictureError::Taken(picture.taken)),
        }
    }

    /// The file's bytes: one line, because ten thousand surveys are many.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a picture consists of plain data");
        bytes.push(b'\n');
        bytes
    }

    /// Seconds since it was taken; none where it seems to lie ahead.
    pub fn age_seconds(&self, now: jiff::Timestamp) -> u64 {
        let taken = self.taken.parse().unwrap_or(now);
        u64::try_from(now.duration_since(taken).as_secs()).unwrap_or(0)
    }

    /// Ways to look at it.
    pub fn replay(&self) -> BTreeMap<VendorId, Replay<'_>> {
        let vendors = self.vendors.iter();
        vendors
            .map(|(vendor, seen)| (*vendor, Replay::new(seen, &self.known)))
            .collect()
    }
}

/// The JSON Schema of [`Picture`], draft 2020-12.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Picture>()
        .to_value()
}
