//! Which suppliers may bring respondents: the open exchange, groups of suppliers, private suppliers, blocked ones.
//!
//! Ids are strings in requests and whole numbers in answers; a draft's group names its suppliers `suppliers`, a launched
//! one's `supplier_ids` (OpenAPI `CreateDraftAllocationSpecificationGroupRequest`, `SupplyAllocationUpdateRequest`).

use super::definitions::{exchange_suppliers, supplier};
use super::envelope::bad_field;
use super::money::fraction;
use super::prelude::*;

/// The allocations of a target group.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// The allocations of a request.
#[derive(Deserialize)]
struct Sent {
    open_exchange_allocations: Open,
    private_exchange_allocations: Option<Private>,
}

#[derive(Deserialize)]
struct Open {
    blocked_supplier_ids: Vec<Supplier>,
    exchange_min_percentage: Percent,
    exchange_max_percentage: Percent,
    groups: Vec<SentGroup>,
}

#[derive(Deserialize)]
struct Private {
    blocked_supplier_ids: Vec<Supplier>,
    groups: Vec<SentGroup>,
}

#[derive(Deserialize)]
struct SentGroup {
    group_id: Option<String>,
    group_name: String,
    min_percentage: Percent,
    max_percentage: Percent,
    /// Of an open group in a draft.
    suppliers: Option<Vec<Supplier>>,
    /// Of an open group of a launched one.
    supplier_ids: Option<Vec<Supplier>>,
    /// Of a private group.
    supplier_id: Option<Supplier>,
}

/// A supplier by its id in a string.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Supplier(u64);

impl TryFrom<String> for Supplier {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        let known = id.parse().ok().filter(|id| supplier(*id).is_some());
        known.map(Self).ok_or_else(|| format!("{id:?} is no supplier"))
    }
}

/// Percent in whole numbers.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
struct Percent(u64);

impl TryFrom<Value> for Percent {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let percent = whole(&value).filter(|percent| *percent <= 100);
        percent.map(Self).ok_or("must be a whole number from 0 to 100")
    }
}

/// Reads a request; `launched` decides how a group names its suppliers. `old` keeps the numbers of groups.
pub(super) fn read(raw: &Value, launched: bool, old: &Allocations) -> Result<Allocations, String> {
    let sent: Sent = typed(raw)?;
    let (open, private) = (sent.open_exchange_allocations, sent.private_exchange_allocations);
    if launched && private.is_none() {
        return Err("private_exchange_allocations is required".to_owned());
    }
    let private = private.map_or_else(Default::default, |sent| (sent.blocked_supplier_ids, sent.groups));
    let mut found = Allocations {
        made: old.made,
        blocked: ids(&open.blocked_supplier_ids),
        private_blocked: ids(&private.0),
        ..Allocations::default()
    };
    (found.least, found.most) = bounds(open.exchange_min_percentage, open.exchange_max_percentage)?;
    for group in open.groups {
        let suppliers = if launched {
            &group.supplier_ids
        } else {
            &group.suppliers
        };
        let suppliers = suppliers.clone().ok_or("groups need suppliers")?;
        let group = found.group(group, &suppliers, &old.groups)?;
        found.groups.push(group);
    }
    for group in private.1 {
        let supplier = group.supplier_id.ok_or("private groups need a supplier_id")?;
        let group = found.group(group, &[supplier], &old.private_groups)?;
        found.private_groups.push(group);
    }
    let mut names = found.groups.iter().chain(&found.private_groups);
    let mut seen = BTreeSet::new();
    if names.any(|group| !seen.insert(group.name.as_str())) {
        return Err("group_name must be unique across open and private groups".to_owned());
    }
    Ok(found)
}

fn ids(suppliers: &[Supplier]) -> Vec<u64> {
    suppliers.iter().map(|supplier| supplier.0).collect()
}

fn bounds(least: Percent, most: Percent) -> Result<(u64, u64), String> {
    let in_order = least.0 <= most.0;
    in_order
        .then_some((least.0, most.0))
        .ok_or_else(|| format!("{} is above {} percent", least.0, most.0))
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
    /// A group as sent, with its number among `known` ones or a new one.
    fn group(
        &mut self,
        sent: SentGroup,
        suppliers: &[Supplier],
        known: &[SupplierGroup],
    ) -> Result<SupplierGroup, String> {
        if sent.group_name.is_empty() {
            return Err("group_name is required".to_owned());
        }
        let id = match sent.group_id {
            Some(id) if known.iter().any(|group| group.id == id) => id,
            Some(id) => return Err(format!("{id} is no group of the target group")),
            None => {
                self.made += 1;
                self.made.to_string()
            }
        };
        let (least, most) = bounds(sent.min_percentage, sent.max_percentage)?;
        Ok(SupplierGroup {
            id,
            name: sent.group_name,
            least,
            most,
            suppliers: ids(suppliers),
        })
    }

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
pub(super) fn shown(group: &Group) -> Value {
    group.allocations.as_answered(Some(group))
}

/// `update_target_group_allocation_specification`; no change type of the changelog is about it.
pub(super) fn put(at: At<'_>, group: &mut Group) -> Outcome {
    let body = Value::Object(object(at.call)?);
    let found = read(&body, true, &group.allocations);
    group.allocations = found.map_err(|reason| bad_field("allocation_specification", &reason))?;
    group.updated_ms = at.world.now_ms();
    no_content()
}
