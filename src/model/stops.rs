//! What is frozen: the stop mark of `infield freeze`, which every apply reads before it puts something in field or raises
//! it.
//!
//! Promises: what a mark means is decided here, for plans and for applies alike. What cannot be understood stops
//! everything. Keeping it is left to `state`.

use super::pattern::{Named, Pattern};
use super::{Address, Move, Resource, VendorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The format this version writes and reads.
const FORMAT: &str = "infield.stop/1";

/// All freezes that were not undone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stops {
    /// `infield.stop/1`.
    format: String,
    /// The oldest first.
    pub freezes: Vec<Freeze>,
}

/// One freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Freeze {
    /// Unique.
    pub id: String,
    /// Since when, UTC, RFC 3339.
    pub at: String,
    /// User and host.
    pub by: String,
    /// What it is about.
    pub patterns: Vec<Pattern>,
    /// What was taken out of it since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thawed: Vec<Pattern>,
    /// What it took out of field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paused: Vec<Paused>,
}

/// Something that a freeze took out of field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paused {
    /// Its address at that time.
    pub address: Address,
    /// Where.
    pub vendor: VendorId,
    /// The vendor's id.
    pub id: String,
    /// Its times before, where it was stopped by moving them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
}

/// When something is in field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// The start.
    #[schemars(with = "String")]
    pub start: jiff::Timestamp,
    /// The end.
    #[schemars(with = "String")]
    pub end: jiff::Timestamp,
}

impl Freeze {
    /// Whether it keeps this out of field; `id` is its vendor id, where it has one.
    pub fn holds(&self, named: &Named<'_>, id: Option<&str>) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.means(named));
        any(&self.patterns) && !any(&self.thawed) || id.is_some_and(|id| self.has_paused(named, id))
    }

    /// Whether it took this out of field, under whatever name.
    pub fn has_paused(&self, named: &Named<'_>, id: &str) -> bool {
        let same = |paused: &Paused| Some(paused.vendor) == named.vendor && paused.id == id;
        self.paused
            .iter()
            .any(|paused| same(paused) && paused.address.is_group() == named.address.is_group())
    }
}

impl fmt::Display for Freeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frozen by {} since {}", self.by, self.at)
    }
}

impl Stops {
    /// Whether nothing is frozen.
    pub fn is_empty(&self) -> bool {
        self.freezes.is_empty()
    }

    /// The freeze that keeps this out of field. It has the tags that are remembered of it, and those of its manifest.
    pub fn on(
        &self,
        (address, vendor): (&Address, VendorId),
        resource: Option<&Resource>,
        tags: &BTreeSet<String>,
    ) -> Option<&Freeze> {
        if self.is_empty() {
            return None;
        }
        let remembered = resource.map(Resource::tags).into_iter().flatten();
        let named = Named {
            address,
            vendor: Some(vendor),
            tags: &tags.iter().chain(remembered).cloned().collect(),
        };
        let id = resource.map(|resource| resource.id.as_str());
        self.freezes.iter().find(|freeze| freeze.holds(&named, id))
    }

    /// Goes on to mean, under its new name, what was meant by its old one. All move at once.
    pub fn follow(&mut self, moves: &[Move], resources: &BTreeMap<Address, Resource>) {
        let none = BTreeSet::new();
        for freeze in &mut self.freezes {
            for patterns in [&mut freeze.patterns, &mut freeze.thawed] {
                let meant = |(from, to): &&Move| {
                    let vendor = resources.get(from).map(|resource| resource.vendor);
                    let means = |address: &Address| {
                        let named = Named {
                            address,
                            vendor,
                            tags: &none,
                        };
                        patterns.iter().any(|pattern| pattern.means(&named))
                    };
                    means(from) && !means(to)
                };
                let new = moves.iter().filter(meant);
                let new: Vec<Pattern> = new.map(|(_, to)| Pattern::new(to.as_str())).collect();
                patterns.extend(new);
            }
        }
    }

    /// Reads a mark. One that cannot be understood keeps everything out of field.
    pub fn parse(bytes: &[u8]) -> Self {
        let problem = match serde_json::from_slice::<Self>(bytes) {
            Ok(stops) if stops.format == FORMAT => return stops,
            Ok(stops) => format!("format {}", stops.format),
            Err(error) => error.to_string(),
        };
        let everything = Freeze {
            id: "unread".to_owned(),
            at: "an unknown time".to_owned(),
            by: format!("a stop mark that cannot be read ({problem})"),
            patterns: vec![Pattern::everything()],
            thawed: Vec::new(),
            paused: Vec::new(),
        };
        Self {
            format: FORMAT.to_owned(),
            freezes: vec![everything],
        }
    }

    /// The mark as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = Self {
            format: FORMAT.to_owned(),
            freezes: self.freezes.clone(),
        };
        let mut bytes = serde_json::to_vec_pretty(&written).expect("a mark consists of plain data");
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::CINT;
    use crate::model::ResourceKind;

    fn freeze(patterns: &[&str], thawed: &[&str]) -> Freeze {
        let all = |names: &[&str]| names.iter().map(|name| Pattern::new(name)).collect();
        Freeze {
            id: "f".to_owned(),
            at: "2026-11-29T07:00:00Z".to_owned(),
            by: "ada@one".to_owned(),
            patterns: all(patterns),
            thawed: all(thawed),
            paused: Vec::new(),
        }
    }

    #[test]
    fn a_freeze_holds_what_it_names_and_what_it_paused_until_that_is_thawed() {
        let none = BTreeSet::new();
        let holds = |freeze: &Freeze, name: &str, id: Option<&str>| {
            let address = Address::survey(name);
            let named = Named {
                address: &address,
                vendor: Some(CINT),
                tags: &none,
            };
            freeze.holds(&named, id)
        };
        let mut all = freeze(&["*"], &["soda"]);
        assert!(holds(&all, "cola", None) && !holds(&all, "soda", Some("7")));
        all.paused.push(Paused {
            address: Address::survey("soda-w1"),
            vendor: CINT,
            id: "7".to_owned(),
            times: None,
        });
        assert!(holds(&all, "soda", Some("7")), "it has another name by now");
        assert!(!holds(&all, "soda", Some("8")));
    }

    #[test]
    fn what_was_frozen_by_its_name_stays_frozen_under_another_one() {
        let none = BTreeSet::new();
        let mut stops = Stops {
            freezes: vec![freeze(&["soda", "water@cint"], &["soda/b"])],
            ..Stops::default()
        };
        let resource = |address: &Address| {
            let resource = Resource {
                vendor: CINT,
                id: "7".to_owned(),
                kind: ResourceKind::Survey(Box::default()),
            };
            (address.clone(), resource)
        };
        let at = |name: &str| Address::survey(name);
        let moves = [
            (at("soda"), at("cola")),
            (at("soda/a"), at("cola/a")),
            (at("soda/b"), at("cola/b")),
            (at("water"), at("mate")),
            (at("cola"), at("tea")),
            (at("tea"), at("milk")),
        ];
        let before = moves.iter().map(|(from, _)| resource(from)).collect();
        stops.follow(&moves, &before);
        let holds = |name: &str| stops.on((&at(name), CINT), None, &none).is_some();
        for name in ["cola", "cola/a", "mate", "soda"] {
            assert!(holds(name), "{name}");
        }
        for name in ["cola/b", "milk", "tea"] {
            assert!(!holds(name), "{name}");
        }
    }

    #[test]
    fn a_mark_is_read_back_and_one_that_means_nothing_holds_everything() {
        let stops = Stops {
            freezes: vec![freeze(&["soda"], &[])],
            ..Stops::default()
        };
        let back = Stops::parse(&stops.to_bytes());
        assert_eq!(back.freezes, stops.freezes);
        let newer = String::from_utf8(stops.to_bytes()).unwrap();
        for bytes in [&b"{"[..], b"", newer.replace("stop/1", "stop/2").as_bytes()] {
            let address = Address::survey("cola");
            let stops = Stops::parse(bytes);
            assert!(stops.on((&address, CINT), None, &BTreeSet::new()).is_some());
        }
    }
}
