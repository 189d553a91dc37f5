//! Which suppliers may bring respondents: the open exchange, groups of suppliers, private suppliers, blocked ones.
//!
//! Ids are strings in requests and whole numbers in answers; a draft's group names its suppliers `suppliers`, a launched
//! one's `supplier_ids` (OpenAPI `CreateDraftAllocationSpecificationGroupRequest`, `SupplyAllocationUpdateRequest`).

use super::definitions::{exchange_suppliers, supplier};
use super::envelope::{Outcome, bad_fields, no_content, not_found, object, ok};
use super::life;
use super::money::{fraction, whole};
use super::record::{Group, save_group};
use super::switches;
use crate::{Call, Failure, World};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The allocations of a target group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Allocations {
    blocked: Vec<u64>,
    least: u64,
    most: u64,
    groups: Vec<SupplierGroup>,
    private_blocked: Vec<u64>,
    private_groups: Vec<SupplierGroup>,
    /// Numbers the groups ever made.
    made: u64,
}

impl Default for Allocations {
    fn default() -> Self {
        Self {
            blocked: Vec::new(),
            least: 0,
            most: 100,
            groups: Vec::new(),
            private_blocked: Vec::new(),
            private_groups: Vec::new(),
            made: 0,
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct SupplierGroup {
    id: String,
    name: String,
    least: u64,
    most: u64,
    suppliers: Vec<u64>,
}

type Problems = Vec<(String, String)>;

/// Reads a request; `launched` decides how a group names its suppliers. `old` keeps the numbers of groups.
pub(super) fn read(raw: &Value, launched: bool, old: &Allocations, problems: &mut Problems) -> Allocations {
    let mut reader = Reader {
        launched,
        made: old.made,
        old,
        problems,
    };
    let mut found = Allocations::default();
    let open = &raw["open_exchange_allocations"];
    if open.is_object() {
        found.blocked = reader.suppliers(open, "open_exchange_allocations.blocked_supplier_ids");
        found.least = reader.percent(open, "exchange_min_percentage");
        found.most = reader.percent(open, "exchange_max_percentage");
        if found.least > found.most {
            reader.wrong(
                "exchange_min_percentage",
                "must not be above exchange_max_percentage",
            );
        }
        found.groups = reader.groups(open, false);
    } else {
        reader.wrong("open_exchange_allocations", "is required");
    }
    match &raw["private_exchange_allocations"] {
        private if private.is_object() => {
            found.private_blocked =
                reader.suppliers(private, "private_exchange_allocations.blocked_supplier_ids");
            found.private_groups = reader.groups(private, true);
        }
        Value::Null if !launched => {}
        _ => reader.wrong("private_exchange_allocations", "is required"),
    }
    let names = found.groups.iter().chain(&found.private_groups);
    let mut seen = BTreeSet::new();
    if names.clone().any(|group| !seen.insert(group.name.as_str())) {
        reader.wrong("group_name", "must be unique across open and private groups");
    }
    found.made = reader.made;
    found
}

struct Reader<'a, 'p> {
    launched: bool,
    made: u64,
    old: &'a Allocations,
    problems: &'p mut Problems,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, name: &str, reason: &str) {
        self.problems.push((name.to_owned(), reason.to_owned()));
    }

    /// A supplier by its id in a string.
    fn supplier(&mut self, raw: &Value, name: &str) -> Option<u64> {
        let id = raw.as_str().and_then(|text| text.parse().ok());
        let known = id.filter(|id| supplier(*id).is_some());
        if known.is_none() {
            self.wrong(name, &format!("{raw} is no supplier id in a string"));
        }
        known
    }

    fn suppliers(&mut self, raw: &Value, path: &str) -> Vec<u64> {
        let key = path.rsplit('.').next().unwrap_or(path);
        match raw[key].as_array() {
            Some(list) => list.iter().filter_map(|raw| self.supplier(raw, path)).collect(),
            None => {
                self.wrong(path, "must be a list");
                Vec::new()
            }
        }
    }

    fn percent(&mut self, raw: &Value, key: &str) -> u64 {
        match whole(&raw[key]).filter(|percent| *percent <= 100) {
            Some(percent) => percent,
            None => {
                self.wrong(key, "must be a whole number from 0 to 100");
                0
            }
        }
    }

    fn groups(&mut self, raw: &Value, private: bool) -> Vec<SupplierGroup> {
        let Some(list) = raw["groups"].as_array() else {
            self.wrong("groups", "must be a list");
            return Vec::new();
        };
        list.iter().map(|raw| self.group(raw, private)).collect()
    }

    fn group(&mut self, raw: &Value, private: bool) -> SupplierGroup {
        let name = raw["group_name"].as_str().unwrap_or_default().to_owned();
        if name.is_empty() {
            self.wrong("group_name", "is required");
        }
        let suppliers = match (private, self.launched) {
            (true, _) => self
                .supplier(&raw["supplier_id"], "supplier_id")
                .into_iter()
                .collect(),
            (false, true) => self.suppliers(raw, "supplier_ids"),
            (false, false) => self.suppliers(raw, "suppliers"),
        };
        let least = self.percent(raw, "min_percentage");
        let most = self.percent(raw, "max_percentage");
        if least > most {
            self.wrong("min_percentage", "must not be above max_percentage");
        }
        let id = match raw["group_id"].as_str() {
            Some(id) => {
                let known = if private {
                    &self.old.private_groups
                } else {
                    &self.old.groups
                };
                if !known.iter().any(|group| group.id == id) {
                    self.wrong("group_id", &format!("{id} is no group of the target group"));
                }
                id.to_owned()
            }
            None => {
                self.made += 1;
                self.made.to_string()
            }
        };
        SupplierGroup {
            id,
            name,
            least,
            most,
            suppliers,
        }
    }
}

fn named(id: u64, counted: bool) -> Value {
    let mut shown = json!({"id": id, "name": supplier(id).unwrap_or("unknown")});
    if counted {
        shown["completes"] = json!(0);
        shown["pre_screens"] = json!(0);
    }
    shown
}

impl Allocations {
    /// Whether nobody can bring anybody: all suppliers of the exchange blocked and no group.
    pub(super) fn is_dry(&self) -> bool {
        let blocked = exchange_suppliers().all(|id| self.blocked.contains(&id));
        blocked && self.groups.is_empty() && self.private_groups.is_empty()
    }

    /// The request form with ids as strings, which the published example of a draft's GET shows.
    fn as_requested(&self) -> Value {
        let ids = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>();
        let group = |group: &SupplierGroup| {
            json!({
                "group_id": group.id, "group_name": group.name,
                "min_percentage": group.least, "max_percentage": group.most,
            })
        };
        let open: Vec<Value> = self
            .groups
            .iter()
            .map(|one| {
                let mut shown = group(one);
                shown["suppliers"] = json!(ids(&one.suppliers));
                shown
            })
            .collect();
        let private: Vec<Value> = self
            .private_groups
            .iter()
            .map(|one| {
                let mut shown = group(one);
                shown["supplier_id"] = json!(ids(&one.suppliers).first());
                shown
            })
            .collect();
        json!({
            "open_exchange_allocations": {
                "blocked_supplier_ids": ids(&self.blocked),
                "exchange_min_percentage": self.least,
                "exchange_max_percentage": self.most,
                "groups": open,
            },
            "private_exchange_allocations": {
                "blocked_supplier_ids": ids(&self.private_blocked),
                "groups": private,
            },
        })
    }

    /// The response form; `of` is the launched target group, whose numbers are added.
    fn as_answered(&self, of: Option<&Group>) -> Value {
        let counted = of.is_some();
        let list = |ids: &[u64]| ids.iter().map(|id| named(*id, counted)).collect::<Vec<_>>();
        let exchange: Vec<Value> = exchange_suppliers()
            .filter(|id| !self.blocked.contains(id))
            .filter(|id| !self.groups.iter().any(|group| group.suppliers.contains(id)))
            .map(|id| named(id, counted))
            .collect();
        let group = |group: &SupplierGroup| {
            let mut shown = json!({
                "group_id": group.id, "group_name": group.name,
                "min_percentage": group.least, "max_percentage": group.most,
            });
            if let Some(of) = of {
                // All completes are shown as the first group's; who brought them is not simulated.
                let first = self.groups.first().is_some_and(|first| first.id == group.id);
                let completes = if first { of.counts.completes } else { 0 };
                let prescreens = if first { of.counts.prescreens } else { 0 };
                shown["conversion_rate"] = fraction(completes, prescreens);
                shown["completes"] = json!(completes);
                shown["prescreens"] = json!(prescreens);
                shown["total_remaining"] = json!(of.goal.saturating_sub(of.counts.completes));
            }
            shown
        };
        let open: Vec<Value> = self
            .groups
            .iter()
            .map(|one| {
                let mut shown = group(one);
                shown["suppliers"] = Value::Array(list(&one.suppliers));
                shown
            })
            .collect();
        let private: Vec<Value> = self
            .private_groups
            .iter()
            .map(|one| {
                let mut shown = group(one);
                shown["supplier"] = list(&one.suppliers).into_iter().next().unwrap_or(Value::Null);
                shown
            })
            .collect();
        json!({
            "open_exchange_allocations": {
                "blocked_suppliers": list(&self.blocked),
                "exchange_suppliers": exchange,
                "exchange_min_percentage": self.least,
                "exchange_max_percentage": self.most,
                "groups": open,
            },
            "private_exchange_allocations": {
                "blocked_suppliers": list(&self.private_blocked),
                "groups": private,
            },
        })
    }

    /// What a draft shows; which of the two forms is an open question of the document.
    pub(super) fn in_draft(&self, world: &World) -> Value {
        if world.is_on(switches::ALLOCATIONS_AS_REQUESTED) {
            self.as_requested()
        } else {
            self.as_answered(None)
        }
    }

    /// Completes by the groups of an estimate, which has names and bounds only.
    pub(super) fn estimate(&self, least: u64, most: u64) -> Value {
        let groups = |groups: &[SupplierGroup]| {
            groups
                .iter()
                .map(|group| {
                    json!({
                        "group_name": group.name,
                        "min_completes": least * group.least / 100,
                        "max_completes": most * group.most / 100,
                    })
                })
                .collect::<Vec<_>>()
        };
        json!({
            "open_exchange_allocations": {
                "min_completes": least * self.most / 100,
                "max_completes": most * self.most / 100,
                "groups": groups(&self.groups),
            },
            "private_exchange_allocations": {"groups": groups(&self.private_groups)},
        })
    }
}

/// `get_target_group_allocation_specification`; launched ones only, like the rest of the launched half.
pub(super) fn get(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    Ok(ok(&group.allocations.as_answered(Some(&group))))
}

/// `update_target_group_allocation_specification`; no change type of the changelog is about it.
pub(super) fn put(world: &World, call: &Call, project: &str, id: &str) -> Outcome {
    let body: Map<String, Value> = object(&call.body)?;
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        let mut problems = Vec::new();
        let new = read(&Value::Object(body), true, &group.allocations, &mut problems);
        if !problems.is_empty() {
            return Err(bad_fields(&problems));
        }
        group.allocations = new;
        group.updated_ms = world.now_ms();
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(no_content())
}
