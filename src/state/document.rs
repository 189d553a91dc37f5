//! The versioned document, and the operations that change it.

use crate::model::{Address, Approved, Intent, Known, Move, Resource, Stops};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The format this version writes.
pub const FORMAT: &str = "infield.state/1";
/// The format of a document in an object store, of which the newest part stands in a log beside it. Versions that know no
/// log refuse it.
const BESIDE_LOG: &str = "infield.state/2";
/// What every version of the format starts with.
const FORMAT_FAMILY: &str = "infield.state/";

/// Everything remembered about one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// `infield.state/1`.
    pub format: String,
    /// Made once, when the state was; two states with different lineages have nothing to do with each other.
    pub lineage: String,
    /// Number of operations ever applied; only grows.
    pub serial: u64,
    /// The environment it belongs to.
    pub environment: String,
    /// Resources by address.
    #[serde(default)]
    pub resources: BTreeMap<Address, Resource>,
    /// Calls whose outcome is not recorded, by intent id.
    #[serde(default)]
    pub intents: BTreeMap<String, Intent>,
    /// Vendor ids of what resembles an address and is something else, as a person has said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Address, BTreeSet<String>>,
    /// Ids of the saved plans carried out last, newest last; a saved plan is carried out once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saved_plans: Vec<String>,
    /// Plans that were approved by their names and begun last, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approved>,
    /// What is frozen: it stands beside the document, where it can be changed without the lock.
    #[serde(skip)]
    pub stops: Stops,
}

/// How many saved plans and approvals are remembered. Of older ones nothing is left to do, or the plan has moved on since.
const REMEMBERED: usize = 100;

/// Adds something as the newest, and forgets the oldest of too many.
fn remember<T>(list: &mut Vec<T>, new: T) {
    list.push(new);
    let surplus = list.len().saturating_sub(REMEMBERED);
    list.drain(..surplus);
}

/// One change of the document. Applying it twice is the same as once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Remembers a resource, in place of what was remembered under the address.
    Put {
        /// Its name.
        address: Address,
        /// What is remembered.
        resource: Box<Resource>,
    },
    /// Forgets a resource.
    Remove {
        /// Its name.
        address: Address,
    },
    /// Gives resources, and what is open of them, other addresses, all at once: names may change places, and whatever cuts a
    /// write off, nothing is lost between two of them.
    Move {
        /// Old and new addresses.
        moves: Vec<Move>,
    },
    /// Writes down a call that must not be sent twice.
    OpenIntent {
        /// Intent id.
        id: String,
        /// The call.
        intent: Box<Intent>,
    },
    /// The outcome of that call is recorded or known to be nothing.
    CloseIntent {
        /// Intent id.
        id: String,
    },
    /// What resembles an address is something else.
    NoneOf {
        /// The address.
        address: Address,
        /// The vendor's ids.
        ids: BTreeSet<String>,
    },
    /// A plan that was approved by its name is about to be carried out.
    Approve {
        /// What that covers.
        approved: Box<Approved>,
    },
    /// All of a plan that was approved by its name is done.
    Finish {
        /// The plan's whole name.
        name: String,
    },
    /// A saved plan was carried out to its end.
    UseSavedPlan {
        /// Its id.
        id: String,
    },
}

/// Why bytes are not a state document of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, cut off, or of another shape.
    #[error("{0}")]
    Damaged(String),
    /// A document of which the newest part stands elsewhere.
    #[error(
        "it has the format {BESIDE_LOG}: the newest part of it stands in the log beside it, and `infield state pull` gives \
         the whole"
    )]
    BesideLog,
    /// Written by a newer infield.
    #[error("it has the format {0}, and this infield reads {FORMAT}: use the newer infield that wrote it")]
    Newer(String),
    /// Not a state file at all.
    #[error("it is not a state file of infield (format {0:?})")]
    Foreign(String),
}

impl Document {
    /// An empty document of a new lineage.
    pub fn new(environment: &str, lineage: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            lineage,
            serial: 0,
            environment: environment.to_owned(),
            resources: BTreeMap::new(),
            intents: BTreeMap::new(),
            others: BTreeMap::new(),
            saved_plans: Vec::new(),
            approvals: Vec::new(),
            stops: Stops::default(),
        }
    }

    /// Reads a document that stands alone.
    ///
    /// # Errors
    /// When the bytes are damaged, foreign, or of a newer format; also when the newest part stands in a log beside it.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::read(bytes, false).map(|(document, _)| document)
    }

    /// Reads a document, and which log holds what came after it, if there is one.
    ///
    /// # Errors
    /// When the bytes are damaged, foreign, or of a newer format.
    pub(super) fn parse_beside_log(bytes: &[u8]) -> Result<(Self, Option<String>), DocumentError> {
        Self::read(bytes, true)
    }

    fn read(bytes: &[u8], has_log: bool) -> Result<(Self, Option<String>), DocumentError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            log: Option<String>,
        }
        let damaged = |error: serde_json::Error| DocumentError::Damaged(error.to_string());
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if ![FORMAT, BESIDE_LOG].contains(&&*head.format) {
            let version = head
                .format
                .strip_prefix(FORMAT_FAMILY)
                .and_then(|v| v.parse::<u32>().ok());
            return Err(match version {
                Some(version) if version > 2 => DocumentError::Newer(head.format),
                _ => DocumentError::Foreign(head.format),
            });
        }
        if head.format == BESIDE_LOG && !has_log {
            return Err(DocumentError::BesideLog);
        }
        let mut document: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        let log = match (&*head.format, head.log) {
            (FORMAT, _) => None,
            (_, Some(log)) => Some(log),
            (_, None) => {
                return Err(DocumentError::Damaged(
                    "it does not say which log is its own".to_owned(),
                ));
            }
        };
        FORMAT.clone_into(&mut document.format);
        Ok((document, log))
    }

    /// The document as a file: one resource or intent a line, so that two versions can be compared by eye and by `diff`,
    /// and a large state stays small.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write(FORMAT, None)
    }

    /// The same with the name of the log that holds what comes after it.
    pub(super) fn to_bytes_beside_log(&self, log: &str) -> Vec<u8> {
        self.write(BESIDE_LOG, Some(log))
    }

    fn write(&self, format: &str, log: Option<&str>) -> Vec<u8> {
        // Unpacked by name, so that a new field stops the build until somebody writes it.
        let Self {
            format: _,
            lineage,
            serial,
            environment,
            resources,
            intents,
            others,
            saved_plans,
            approvals,
            stops: _,
        } = self;
        let mut out = Vec::new();
        out.extend_from_slice(b"{");
        entry(&mut out, "\n", "format", &format);
        if let Some(log) = log {
            entry(&mut out, ",\n", "log", &log);
        }
        entry(&mut out, ",\n", "lineage", lineage);
        entry(&mut out, ",\n", "serial", serial);
        entry(&mut out, ",\n", "environment", environment);
        lines(&mut out, "resources", resources);
        lines(&mut out, "intents", intents);
        if !others.is_empty() {
            lines(&mut out, "others", others);
        }
        if !saved_plans.is_empty() {
            entry(&mut out, ",\n", "saved_plans", saved_plans);
        }
        if !approvals.is_empty() {
            entry(&mut out, ",\n", "approvals", approvals);
        }
        out.extend_from_slice(b"\n}\n");
        out
    }

    /// Applies an operation and counts it.
    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Put { address, resource } => {
                self.resources.insert(address.clone(), (**resource).clone());
            }
            Op::Remove { address } => {
                // What was one survey's is not the one that another's create has made, whose answer was lost.
                if let Some(gone) = self.resources.remove(address) {
                    let open = self.intents.values();
                    for intent in open.filter(|intent| intent.vendor == gone.vendor) {
                        let others = self.others.entry(intent.address.clone()).or_default();
                        others.extend(gone.ids().map(str::to_owned));
                    }
                }
            }
            Op::Move { moves } => {
                let mut known = Known {
                    resources: std::mem::take(&mut self.resources),
                    intents: std::mem::take(&mut self.intents),
                    others: std::mem::take(&mut self.others),
                    stops: Stops::default(),
                };
                known.rename(moves);
                (self.resources, self.intents, self.others) = (known.resources, known.intents, known.others);
            }
            Op::OpenIntent { id, intent } => {
                self.intents.insert(id.clone(), (**intent).clone());
            }
            Op::CloseIntent { id } => {
                self.intents.remove(id);
            }
            Op::NoneOf { address, ids } => {
                let known = self.others.entry(address.clone()).or_default();
                known.extend(ids.iter().cloned());
            }
            Op::UseSavedPlan { id } => {
                self.saved_plans.retain(|known| known != id);
                remember(&mut self.saved_plans, id.clone());
            }
            Op::Approve { approved } => {
                self.approvals.retain(|known| known.name != approved.name);
                remember(&mut self.approvals, (**approved).clone());
            }
            Op::Finish { name } => {
                for approved in self.approvals.iter_mut().filter(|known| known.name == *name) {
                    *approved = Approved {
                        name: name.clone(),
                        ..Approved::default()
                    };
                }
            }
        }
        self.serial += 1;
    }

    /// What an approval of the plan with this name covers, where the plan was begun.
    pub fn approved(&self, name: &str) -> Option<&Approved> {
        self.approvals.iter().find(|approved| approved.name == name)
    }

    /// The vendors' ids by address.
    pub fn ids(&self) -> BTreeMap<Address, String> {
        let resources = self.resources.iter();
        resources
            .map(|(address, resource)| (address.clone(), resource.id.clone()))
            .collect()
    }

    /// What planning looks at.
    pub fn known(&self) -> Known {
        Known {
            resources: self.resources.clone(),
            intents: self.intents.clone(),
            others: self.others.clone(),
            stops: self.stops.clone(),
        }
    }
}

fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("a document consists of plain data");
}

fn entry(out: &mut Vec<u8>, before: &str, key: &str, value: &impl Serialize) {
    out.extend_from_slice(before.as_bytes());
    json(out, &key);
    out.extend_from_slice(b": ");
    json(out, value);
}

/// A map with one entry a line.
fn lines<K: Serialize, V: Serialize>(out: &mut Vec<u8>, key: &str, map: &BTreeMap<K, V>) {
    out.extend_from_slice(b",\n");
    json(out, &key);
    out.extend_from_slice(b": {");
    for (index, (key, value)) in map.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        json(out, key);
        out.extend_from_slice(b": ");
        json(out, value);
    }
    out.extend_from_slice(if map.is_empty() { b"}" } else { b"\n}" });
}

#[cfg(test)]
mod tests;
