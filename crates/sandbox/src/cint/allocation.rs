//! Which suppliers may bring respondents: the open exchange, groups of suppliers, private suppliers, blocked ones.
//!
//! Ids are strings in requests and whole numbers in answers; a draft's group names its suppliers `suppliers`, a launched
//! one's `supplier_ids` (OpenAPI `CreateDraftAllocationSpecificationGroupRequest`, `SupplyAllocationUpdateRequest`).

use super::definitions::{exchange_suppliers, supplier};
use super::money::fraction;
use super::prelude::*;

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

/// Reads a request; `launched` decides how a group names its suppliers. `old` keeps the numbers of groups.
pub(super) fn read(raw: &Value, launched: bool, old: &Allocations, problems: &mut Problems) -> Allocations {
    let made = old.made;
    let mut reader = Reader {
        launched,
        made,
        old,
        problems,
    };
    let mut found = Allocations::default();
    let open = &raw["open_exchange_allocations"];
    if open.is_object() {
        found.blocked = reader.suppliers(open, "open_exchange_allocations.blocked_supplier_ids");
        (found.least, found.most) = reader.bounds(open, "exchange_min_percentage", "exchange_max_percentage");
        found.groups = reader.groups(open, false);
    } else {
        reader.problems.add("open_exchange_allocations", "is required");
    }
    match &raw["private_exchange_allocations"] {
        private if private.is_object() => {
            let path = "private_exchange_allocations.blocked_supplier_ids";
            found.private_blocked = reader.suppliers(private, path);
            found.private_groups = reader.groups(private, true);
        }
        Value::Null if !launched => {}
        _ => reader.problems.add("private_exchange_allocations", "is required"),
    }
    found.made = reader.made;
    let mut names = found.groups.iter().chain(&found.private_groups);
    let mut seen = BTreeSet::new();
    if names.any(|group| !seen.insert(group.name.as_str())) {
        problems.add("group_name", "must be unique across open and private groups");
    }
    found
}

struct Reader<'a, 'p> {
    launched: bool,
    made: u64,
    old: &'a Allocations,
    problems: &'p mut Problems,
}

impl Reader<'_, '_> {
    /// A supplier by its id in a string.
    fn supplier(&mut self, raw: &Value, name: &str) -> Option<u64> {
        let id = raw.as_str().and_then(|text| text.parse().ok());
        let known = id.filter(|id| supplier(*id).is_some());
        if known.is_none() {
            self.problems
                .add(name, format!("{raw} is no supplier id in a string"));
        }
        known
    }

    fn suppliers(&mut self, raw: &Value, path: &str) -> Vec<u64> {
        let key = path.rsplit('.').next().unwrap_or(path);
        let list = raw[key].as_array().ok_or("must be a list");
        let list = self.problems.take(path, list).into_iter().flatten();
        list.filter_map(|raw| self.supplier(raw, path)).collect()
    }

    fn percent(&mut self, raw: &Value, key: &str) -> u64 {
        let percent = whole(&raw[key]).filter(|percent| *percent <= 100);
        let percent = percent.ok_or("must be a whole number from 0 to 100");
        self.problems.take(key, percent).unwrap_or(0)
    }

    fn bounds(&mut self, raw: &Value, min: &str, max: &str) -> (u64, u64) {
        let (least, most) = (self.percent(raw, min), self.percent(raw, max));
        if least > most {
            self.problems.add(min, format!("must not be above {max}"));
        }
        (least, most)
    }

    fn groups(&mut self, raw: &Value, private: bool) -> Vec<SupplierGroup> {
        let list = raw["groups"].as_array().ok_or("must be a list");
        let list = self.problems.take("groups", list).into_iter().flatten();
        list.map(|raw| self.group(raw, private)).collect()
    }

    fn group(&mut self, raw: &Value, private: bool) -> SupplierGroup {
        let name = raw.word("group_name").to_owned();
        if name.is_empty() {
            self.problems.add("group_name", "is required");
        }
        let suppliers = match (private, self.launched) {
            (true, _) => Vec::from_iter(self.supplier(&raw["supplier_id"], "supplier_id")),
            (false, true) => self.suppliers(raw, "supplier_ids"),
            (false, false) => self.suppliers(raw, "suppliers"),
        };
        let (least, most) = self.bounds(raw, "min_percentage", "max_percentage");
        let id = if let Some(id) = raw.text("group_id") {
            let old = self.old;
            let known = if private { &old.private_groups } else { &old.groups };
            if !known.iter().any(|group| group.id == id) {
                self.problems
                    .add("group_id", format!("{id} is no group of the target group"));
            }
            id.to_owned()
        } else {
            self.made += 1;
            self.made.to_string()
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

impl SupplierGroup {
    /// What both forms have, and the suppliers, or the one supplier of a private group, under `key`.
    fn shown(&self, key: &str, suppliers: &Value) -> Value {
        json!({
            "group_id": self.id, "group_name": self.name,
            "min_percentage": self.least, "max_percentage": self.most, key: suppliers,
        })
    }
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
        let open = self.groups.iter();
        let open: Value = open
            .map(|one| one.shown("suppliers", &json!(ids(&one.suppliers))))
            .collect();
        let private = self.private_groups.iter();
        let first = |one: &SupplierGroup| json!(ids(&one.suppliers).first());
        let private: Value = private.map(|one| one.shown("supplier_id", &first(one))).collect();
        json!({
            "open_exchange_allocations": {
                "blocked_supplier_ids": ids(&self.blocked), "exchange_min_percentage": self.least,
                "exchange_max_percentage": self.most, "groups": open,
            },
            "private_exchange_allocations": {"blocked_supplier_ids": ids(&self.private_blocked), "groups": private},
        })
    }

    /// The response form; `of` is the launched target group, whose numbers are added.
    fn as_answered(&self, of: Option<&Group>) -> Value {
        let counted = of.is_some();
        let list = |ids: &[u64]| ids.iter().map(|id| named(*id, counted)).collect::<Vec<_>>();
        let in_group = |id: &u64| self.groups.iter().any(|group| group.suppliers.contains(id));
        let exchange = exchange_suppliers().filter(|id| !self.blocked.contains(id) && !in_group(id));
        let numbers = |group: &SupplierGroup, mut shown: Value| {
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
        let open = |one: &SupplierGroup| numbers(one, one.shown("suppliers", &json!(list(&one.suppliers))));
        let private =
            |one: &SupplierGroup| numbers(one, one.shown("supplier", &json!(list(&one.suppliers).first())));
        json!({
            "open_exchange_allocations": {
                "blocked_suppliers": list(&self.blocked),
                "exchange_suppliers": exchange.map(|id| named(id, counted)).collect::<Value>(),
                "exchange_min_percentage": self.least, "exchange_max_percentage": self.most,
                "groups": self.groups.iter().map(open).collect::<Value>(),
            },
            "private_exchange_allocations": {
                "blocked_suppliers": list(&self.private_blocked),
                "groups": self.private_groups.iter().map(private).collect::<Value>(),
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
        let group = |group: &SupplierGroup| {
            json!({
                "group_name": group.name, "min_completes": least * group.least / 100,
                "max_completes": most * group.most / 100,
            })
        };
        let groups = |groups: &[SupplierGroup]| groups.iter().map(group).collect::<Value>();
        json!({
            "open_exchange_allocations": {
                "min_completes": least * self.most / 100, "max_completes": most * self.most / 100,
                "groups": groups(&self.groups),
            },
            "private_exchange_allocations": {"groups": groups(&self.private_groups)},
        })
    }
}

/// `get_target_group_allocation_specification`; launched ones only, like the rest of the launched half.
pub(super) fn get(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    ok(&group.allocations.as_answered(Some(&group)))
}

/// `update_target_group_allocation_specification`; no change type of the changelog is about it.
pub(super) fn put(world: &World, call: &Call, project: &str, id: &str) -> Outcome {
    let body = Value::Object(object(call)?);
    life::write_launched(world, project, id, |_, group| {
        let mut problems = Problems::default();
        group.allocations = read(&body, true, &group.allocations, &mut problems);
        group.updated_ms = world.now_ms();
        problems.check()
    })?;
    no_content()
}
