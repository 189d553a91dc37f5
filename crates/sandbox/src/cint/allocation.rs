//! Which suppliers may bring respondents: the open exchange, groups of suppliers, private suppliers, blocked ones.
//!
//! Ids are strings in requests and whole numbers in answers; a draft's group names its suppliers `suppliers`, a launched
//! one's `supplier_ids` (OpenAPI `CreateDraftAllocationSpecificationGroupRequest`, `SupplyAllocationUpdateRequest`).

use super::definitions::{exchange_suppliers, supplier};
use super::envelope::bad_field;
use super::money::fraction;
use super::prelude::*;
use super::record::Counts;

/// The allocations of a target group, as they are sent and kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Allocations {
    open_exchange_allocations: Open,
    private_exchange_allocations: Private,
    /// Numbers the groups ever made.
    #[serde(default)]
    made: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Open {
    blocked_supplier_ids: Vec<Supplier>,
    exchange_min_percentage: Percent,
    exchange_max_percentage: Percent,
    groups: Vec<SupplierGroup>,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            blocked_supplier_ids: Vec::new(),
            exchange_min_percentage: Percent(0),
            exchange_max_percentage: Percent(100),
            groups: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Private {
    blocked_supplier_ids: Vec<Supplier>,
    groups: Vec<SupplierGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SupplierGroup {
    #[serde(default)]
    group_id: String,
    group_name: String,
    min_percentage: Percent,
    max_percentage: Percent,
    /// Of an open group.
    #[serde(alias = "supplier_ids", skip_serializing_if = "Option::is_none")]
    suppliers: Option<Vec<Supplier>>,
    /// Of a private group.
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier_id: Option<Supplier>,
}

/// A supplier by its id in a string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Supplier(String);

impl TryFrom<String> for Supplier {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        match supplier(&id) {
            Some(_) => Ok(Self(id)),
            None => Err(format!("{id:?} is no supplier")),
        }
    }
}

/// Percent in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
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
    let mut raw = raw.clone();
    if !launched && raw.field("private_exchange_allocations").is_none() {
        raw["private_exchange_allocations"] = json!(Private::default());
    }
    let mut groups = raw["open_exchange_allocations"]
        .list("groups")
        .unwrap_or_default()
        .iter();
    let named = if launched { "supplier_ids" } else { "suppliers" };
    if groups.any(|group| group.field(named).is_none()) {
        return Err(format!("groups need {named}"));
    }
    let mut found: Allocations = typed(&raw)?;
    found.made = old.made;
    let (open, private) = (
        &mut found.open_exchange_allocations,
        &mut found.private_exchange_allocations,
    );
    if open.exchange_min_percentage > open.exchange_max_percentage {
        return Err("exchange_min_percentage is above exchange_max_percentage".to_owned());
    }
    if private.groups.iter().any(|group| group.supplier_id.is_none()) {
        return Err("private groups need a supplier_id".to_owned());
    }
    let mut seen = BTreeSet::new();
    for group in open.groups.iter_mut().chain(&mut private.groups) {
        let (id, name) = (&mut group.group_id, &group.group_name);
        if name.is_empty() || !seen.insert(name) {
            return Err("every group needs a group_name of its own, open or private".to_owned());
        }
        if group.min_percentage > group.max_percentage {
            return Err(format!("min_percentage of {name} is above max_percentage"));
        }
        if id.is_empty() {
            found.made += 1;
            *id = found.made.to_string();
        } else if !old.groups().any(|known| known.group_id == *id) {
            return Err(format!("{id} is no group of the target group"));
        }
    }
    Ok(found)
}

fn named(id: &Supplier, counted: bool) -> Value {
    let row = supplier(&id.0).cloned().unwrap_or_default();
    let mut shown = json!({"id": row["id"], "name": row["name"]});
    if counted {
        shown.put_all(json!({"completes": 0, "pre_screens": 0}));
    }
    shown
}

impl Allocations {
    fn groups(&self) -> impl Iterator<Item = &SupplierGroup> {
        let open = self.open_exchange_allocations.groups.iter();
        open.chain(&self.private_exchange_allocations.groups)
    }

    /// Whether nobody can bring anybody: all suppliers of the exchange blocked and no group.
    pub(super) fn is_dry(&self) -> bool {
        let blocked = &self.open_exchange_allocations.blocked_supplier_ids;
        self.groups().next().is_none() && exchange_suppliers().all(|id| blocked.contains(&Supplier(id)))
    }

    /// The response form; `of` is the launched target group, whose numbers are added.
    fn as_answered(&self, of: Option<&Group>) -> Value {
        let (open, private) = (
            &self.open_exchange_allocations,
            &self.private_exchange_allocations,
        );
        let named = |id: &Supplier| named(id, of.is_some());
        let list = |ids: &[Supplier]| ids.iter().map(named).collect::<Value>();
        let taken = open
            .groups
            .iter()
            .flat_map(|group| group.suppliers.iter().flatten());
        let taken: Vec<&Supplier> = taken.chain(&open.blocked_supplier_ids).collect();
        let exchange = exchange_suppliers()
            .map(Supplier)
            .filter(|id| !taken.contains(&id));
        let shown = |group: &SupplierGroup| {
            let mut shown = json!({
                "group_id": group.group_id, "group_name": group.group_name,
                "min_percentage": group.min_percentage, "max_percentage": group.max_percentage,
            });
            shown.put_some("suppliers", group.suppliers.as_deref().map(list));
            shown.put_some("supplier", group.supplier_id.as_ref().map(named));
            if let Some(of) = of {
                // All completes are shown as the first group's; who brought them is not simulated.
                let first = open
                    .groups
                    .first()
                    .is_some_and(|first| first.group_id == group.group_id);
                let counts = if first {
                    of.counts.clone()
                } else {
                    Counts::default()
                };
                shown.put_all(json!({
                    "conversion_rate": fraction(counts.completes, counts.prescreens),
                    "completes": counts.completes, "prescreens": counts.prescreens,
                    "total_remaining": of.goal.saturating_sub(of.counts.completes),
                }));
            }
            shown
        };
        json!({
            "open_exchange_allocations": {
                "blocked_suppliers": list(&open.blocked_supplier_ids),
                "exchange_suppliers": exchange.map(|id| named(&id)).collect::<Value>(),
                "exchange_min_percentage": open.exchange_min_percentage,
                "exchange_max_percentage": open.exchange_max_percentage,
                "groups": open.groups.iter().map(shown).collect::<Value>(),
            },
            "private_exchange_allocations": {
                "blocked_suppliers": list(&private.blocked_supplier_ids),
                "groups": private.groups.iter().map(shown).collect::<Value>(),
            },
        })
    }

    /// What a draft shows; which of the two forms is an open question of the document. The request form has ids as strings,
    /// as the published example of a draft's GET shows.
    pub(super) fn in_draft(&self, world: &World) -> Value {
        if !world.is_on(switches::ALLOCATIONS_AS_REQUESTED) {
            return self.as_answered(None);
        }
        json!({
            "open_exchange_allocations": self.open_exchange_allocations,
            "private_exchange_allocations": self.private_exchange_allocations,
        })
    }

    /// Completes by the groups of an estimate, which has names and bounds only.
    pub(super) fn estimate(&self, least: u64, most: u64) -> Value {
        let part = |whole: u64, percent: Percent| whole * percent.0 / 100;
        let group = |group: &SupplierGroup| {
            json!({
                "group_name": group.group_name, "min_completes": part(least, group.min_percentage),
                "max_completes": part(most, group.max_percentage),
            })
        };
        let (open, private) = (
            &self.open_exchange_allocations,
            &self.private_exchange_allocations,
        );
        let all = open.exchange_max_percentage;
        json!({
            "open_exchange_allocations": {
                "min_completes": part(least, all), "max_completes": part(most, all),
                "groups": open.groups.iter().map(group).collect::<Value>(),
            },
            "private_exchange_allocations": {"groups": private.groups.iter().map(group).collect::<Value>()},
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
