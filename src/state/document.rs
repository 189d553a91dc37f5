//! The versioned document, and the operations that change it.

use crate::model::{Address, Approved, Intent, Known, Move, Resource, Stops};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The format this version writes.
pub const FORMAT: &str = "infield.state/1";
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

    /// Reads a document.
    ///
    /// # Errors
    /// When the bytes are damaged, foreign, or of a newer format.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| DocumentError::Damaged(error.to_string()))?;
        if head.format != FORMAT {
            let version = head
                .format
                .strip_prefix(FORMAT_FAMILY)
                .and_then(|v| v.parse::<u32>().ok());
            return Err(match version {
                Some(version) if version > 1 => DocumentError::Newer(head.format),
                _ => DocumentError::Foreign(head.format),
            });
        }
        serde_json::from_slice(bytes).map_err(|error| DocumentError::Damaged(error.to_string()))
    }

    /// The document as a file: one resource or intent a line, so that two versions can be compared by eye and by `diff`,
    /// and a large state stays small.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Unpacked by name, so that a new field stops the build until somebody writes it.
        let Self {
            format,
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
        entry(&mut out, "\n", "format", format);
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
                self.resources.remove(address);
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
mod tests {
    use super::*;
    use crate::model::{KnownSurvey, ResourceKind};

    #[test]
    fn a_document_has_one_resource_a_line_and_is_read_back_whatever_its_layout() {
        let mut document = Document::new("sandbox", "l".to_owned());
        for name in ["cola", "soda"] {
            let resource = Resource {
                vendor: crate::marketplace::PURESPECTRUM,
                id: "7".to_owned(),
                kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
            };
            document.resources.insert(Address::survey(name), resource);
        }
        document.saved_plans.push("p\n1".to_owned());
        let text = String::from_utf8(document.to_bytes()).unwrap();
        let of = |name: &str| text.lines().filter(|line| line.contains(name)).count();
        assert_eq!(
            (text.lines().count(), of("\"cola\""), of("\"soda\"")),
            (12, 1, 1),
            "{text}"
        );
        assert_eq!(Document::parse(text.as_bytes()).unwrap(), document);
        let pretty = serde_json::to_vec_pretty(&document).unwrap();
        assert_eq!(
            Document::parse(&pretty).unwrap(),
            document,
            "as earlier versions wrote it"
        );
    }

    #[test]
    fn names_change_places_in_one_operation() {
        let resource = |id: &str| Resource {
            vendor: crate::marketplace::PURESPECTRUM,
            id: id.to_owned(),
            kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
        };
        let (tea, soda) = (Address::survey("tea"), Address::survey("soda"));
        let mut document = Document::new("sandbox", "l".to_owned());
        for (address, id) in [(&tea, "1"), (&soda, "2")] {
            document.resources.insert(address.clone(), resource(id));
        }
        let moves = vec![(tea.clone(), soda.clone()), (soda.clone(), tea.clone())];
        let op = Op::Move { moves };
        let read: Op = serde_json::from_slice(&serde_json::to_vec(&op).unwrap()).unwrap();
        assert_eq!(read, op);
        document.apply(&op);
        let ids = document.ids();
        assert_eq!((ids[&tea].as_str(), ids[&soda].as_str()), ("2", "1"));
        assert_eq!(document.serial, 1);
    }

    #[test]
    fn a_newer_format_is_refused_and_a_cut_file_is_damaged() {
        let document = Document::new("sandbox", "l".to_owned());
        let bytes = document.to_bytes();
        assert_eq!(Document::parse(&bytes).unwrap(), document);
        let newer = String::from_utf8(bytes.clone())
            .unwrap()
            .replace(FORMAT, "infield.state/2");
        assert!(matches!(
            Document::parse(newer.as_bytes()),
            Err(DocumentError::Newer(_))
        ));
        assert!(matches!(
            Document::parse(&bytes[..bytes.len() / 2]),
            Err(DocumentError::Damaged(_))
        ));
        assert!(matches!(
            Document::parse(b"{\"format\":\"x\"}"),
            Err(DocumentError::Foreign(_))
        ));
        assert!(matches!(Document::parse(b""), Err(DocumentError::Damaged(_))));
    }
    fn intent() -> Intent {
        Intent {
            address: Address::survey("soda"),
            vendor: crate::marketplace::PURESPECTRUM,
            step: "soda:create".to_owned(),
            at: "2026-11-21T00:00:00Z".to_owned(),
            vendor_at: None,
            call: "POST /surveys".to_owned(),
            body: None,
            wanted: crate::model::SurveySpec::default(),
            hidden: Vec::new(),
            former: Vec::new(),
        }
    }

    #[test]
    fn every_operation_changes_what_it_names_and_is_counted() {
        let mut document = Document::new("sandbox", "l".to_owned());
        let soda = Address::survey("soda");
        let resource = Resource {
            vendor: crate::marketplace::PURESPECTRUM,
            id: "7".to_owned(),
            kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
        };
        let ops = [
            Op::Put {
                address: soda.clone(),
                resource: Box::new(resource.clone()),
            },
            Op::OpenIntent {
                id: "i".to_owned(),
                intent: Box::new(intent()),
            },
        ];
        for op in &ops {
            document.apply(op);
        }
        assert_eq!(document.serial, 2);
        let known = document.known();
        assert_eq!(known.resources, BTreeMap::from([(soda.clone(), resource)]));
        assert_eq!(known.intents, BTreeMap::from([("i".to_owned(), intent())]));
        let both = |ours: &str, theirs: &str| {
            [
                Op::CloseIntent { id: ours.to_owned() },
                Op::Remove {
                    address: Address::survey(theirs),
                },
            ]
        };
        // Others are left alone.
        for op in both("j", "cola") {
            document.apply(&op);
        }
        assert_eq!((document.serial, document.known()), (4, known));
        for op in both("i", "soda") {
            document.apply(&op);
        }
        assert_eq!((document.serial, document.known()), (6, Known::default()));
    }

    #[test]
    fn a_saved_plan_that_was_used_is_remembered_until_many_others_were() {
        let mut document = Document::new("sandbox", "l".to_owned());
        let mut used = |id: &str| {
            document.apply(&Op::UseSavedPlan { id: id.to_owned() });
            document.saved_plans.clone()
        };
        assert_eq!(used("a"), ["a"]);
        assert_eq!(used("b"), ["a", "b"]);
        assert_eq!(used("a"), ["b", "a"], "each once, the newest last");
        for n in 0..REMEMBERED - 2 {
            used(&format!("p{n}"));
        }
        let all = used("a");
        assert_eq!((all.len(), all[0].as_str()), (REMEMBERED, "b"));
        let all = used("c");
        assert_eq!(
            (all.len(), all[0].as_str(), all[REMEMBERED - 1].as_str()),
            (REMEMBERED, "p0", "c")
        );
    }

    #[test]
    fn an_approval_is_remembered_with_what_it_covers_until_all_of_it_is_done() {
        let mut document = Document::new("sandbox", "l".to_owned());
        let approved = Approved {
            name: "a".to_owned(),
            covers: BTreeSet::from(["step".to_owned()]),
            makes: BTreeSet::from([Address::survey("soda")]),
            ceilings: BTreeMap::from([(Address::survey("soda"), "400 USD".parse().ok())]),
        };
        let approve = Op::Approve {
            approved: Box::new(approved.clone()),
        };
        document.apply(&approve);
        document.apply(&approve);
        assert_eq!(document.approvals, [approved]);
        assert_eq!(Document::parse(&document.to_bytes()).unwrap(), document);
        document.apply(&Op::Finish { name: "b".to_owned() });
        assert!(
            !document.approved("a").unwrap().covers.is_empty(),
            "another plan's end"
        );
        document.apply(&Op::Finish { name: "a".to_owned() });
        let done = Approved {
            name: "a".to_owned(),
            ..Approved::default()
        };
        assert_eq!(document.approved("a"), Some(&done));
        assert_eq!(document.approved("b"), None);
        assert_eq!(Document::parse(&document.to_bytes()).unwrap(), document);
    }

    #[test]
    fn only_a_higher_number_of_our_own_format_is_newer() {
        let parse = |format: &str| Document::parse(format!("{{\"format\": {format:?}}}").as_bytes());
        for (format, newer) in [
            ("infield.state/2", true),
            ("infield.state/10", true),
            ("infield.state/0", false),
            ("infield.state/01", false),
            ("infield.state/x", false),
            ("infield.plan/2", false),
        ] {
            match parse(format).unwrap_err() {
                DocumentError::Newer(told) => assert!(newer && told == format, "{format}"),
                DocumentError::Foreign(told) => assert!(!newer && told == format, "{format}"),
                DocumentError::Damaged(problem) => panic!("{format}: {problem}"),
            }
        }
        assert!(
            matches!(parse(FORMAT), Err(DocumentError::Damaged(_))),
            "the rest is missing"
        );
    }
}
