//! Which suppliers send respondents, and how many: as a manifest writes it, and as the vendor does.

use super::encode::attribute;
use super::wire::{Allocations, Exchange, Supplier, SupplierGroup, items, word};
use crate::marketplace::http::wire::{Code, Count, Object};
use crate::model::suppliers::{Allotment, Share as Percent};
use crate::model::{Field, Suppliers, SurveySpec};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The vendor's supplier for tests without respondents (portal page How to use the test supplier).
pub(super) const TEST_SUPPLIER: u64 = 980;

/// Allocations as a manifest writes them, percent. What restricts nothing is left out.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Shares {
    exchange: Share,
    #[serde(flatten)]
    open: Part,
    #[serde(skip_serializing_if = "Part::is_empty")]
    private: Part,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(default)]
struct Share {
    min: u64,
    max: u64,
}

impl Default for Share {
    fn default() -> Self {
        Self { min: 0, max: 100 }
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Part {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    blocked_suppliers: BTreeSet<u64>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    groups: BTreeSet<Group>,
}

impl Part {
    fn is_empty(&self) -> bool {
        self.blocked_suppliers.is_empty() && self.groups.is_empty()
    }
}

/// Several suppliers of the open exchange, or one of the private one; the name comes first, because groups have its order.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(default)]
struct Group {
    name: String,
    min: u64,
    max: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppliers: Option<BTreeSet<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<u64>,
}

/// What a manifest says in its canonical form; what its schema refused stays as it is.
pub(super) fn canonical(value: &Value) -> Value {
    if value == "test_supplier" {
        return json!({
            "exchange": {"min": 0, "max": 0},
            "groups": [{"name": "Test", "min": 100, "max": 100, "suppliers": [TEST_SUPPLIER]}],
        });
    }
    Shares::deserialize(value).map_or_else(|_| value.clone(), |shares| json!(shares))
}

/// What the vendor shows in our words; nothing where it does not show the open exchange. Suppliers are ids as texts in
/// requests and some answers, objects in others (OpenAPI, and its published example).
pub(super) fn decode(shown: &Allocations) -> Field<Value> {
    let open = shown.open_exchange_allocations.as_ref();
    let share = |of: fn(&Exchange) -> &Field<Count>, or: u64| {
        let share = open.value().and_then(|open| of(open).value());
        share.map_or(or, |share| share.0)
    };
    let private = shown.private_exchange_allocations.value();
    let shares = Shares {
        exchange: Share {
            min: share(|open| &open.exchange_min_percentage, 0),
            max: share(|open| &open.exchange_max_percentage, 100),
        },
        open: open.value().map(|shown| part(shown, false)).unwrap_or_default(),
        private: private.map(|shown| part(shown, true)).unwrap_or_default(),
    };
    Field::mentioned((!open.is_absent()).then(|| json!(shares)))
}

fn part(shown: &Exchange, private: bool) -> Part {
    let ids = |suppliers: &Field<Vec<Supplier>>, or: &Field<Vec<Supplier>>| -> BTreeSet<u64> {
        let list = suppliers.value().or(or.value()).into_iter().flatten();
        list.map(|supplier| supplier.0).collect()
    };
    let share = |share: &Field<Count>| share.value().map_or(0, |share| share.0);
    let group = |group: &Object<SupplierGroup>| {
        let one = group.supplier.value().or(group.supplier_id.value());
        Group {
            name: word(&group.group_name).to_owned(),
            min: share(&group.min_percentage),
            max: share(&group.max_percentage),
            suppliers: (!private).then(|| ids(&group.suppliers, &group.supplier_ids)),
            supplier: one.filter(|_| private).map(|one| one.0),
        }
    };
    Part {
        blocked_suppliers: ids(&shown.blocked_supplier_ids, &shown.blocked_suppliers),
        groups: items(&shown.groups).iter().map(group).collect(),
    }
}

/// The part of what is shown that every marketplace has a word for: shares of suppliers of the open exchange, and blocked ones. A
/// group that is named after its only supplier is that supplier.
pub(super) fn suppliers(shown: &Field<Value>) -> Field<Suppliers> {
    let shares = shown.value().and_then(|shown| Shares::deserialize(shown).ok());
    Field::mentioned(shares.map(|Shares { open, .. }| {
        let blocked = open.blocked_suppliers.into_iter().map(|supplier| Allotment {
            supplier: Some(supplier),
            blocked: true,
            ..Allotment::default()
        });
        let group = |group: Group| {
            let members = group.suppliers.unwrap_or_default();
            let alone = members
                .first()
                .copied()
                .filter(|one| members.len() == 1 && one.to_string() == group.name);
            let (min, max) = (group.min, group.max);
            let entry = Allotment {
                share: Some(Percent { min, max }),
                ..Allotment::default()
            };
            match alone {
                Some(supplier) => Allotment {
                    supplier: Some(supplier),
                    ..entry
                },
                None => Allotment {
                    name: Some(group.name),
                    suppliers: members,
                    ..entry
                },
            }
        };
        let groups = open.groups.into_iter().map(group);
        Suppliers::from(groups.chain(blocked).collect::<Vec<_>>())
    }))
}

/// The allocations of a target group: its setting, with `suppliers` laid over what that says of the open exchange.
pub(super) fn of(spec: &SurveySpec) -> Option<Value> {
    let setting = attribute(spec, "allocations");
    let Some(list) = spec.suppliers.value() else {
        return setting.cloned();
    };
    let mut shares = setting
        .and_then(|setting| Shares::deserialize(setting).ok())
        .unwrap_or_default();
    let group = |entry: &Allotment| {
        let Percent { min, max } = entry.share.unwrap_or(Percent { min: 0, max: 100 });
        let alone = || entry.supplier.map(|supplier| supplier.to_string());
        Group {
            name: entry.name.clone().or_else(alone).unwrap_or_default(),
            min,
            max,
            suppliers: Some(entry.members().collect()),
            supplier: None,
        }
    };
    shares.open = Part {
        blocked_suppliers: list.blocked(),
        groups: list.iter().filter(|entry| !entry.blocked).map(group).collect(),
    };
    Some(json!(shares))
}

/// Ids of the groups by their names, which an update wants.
pub(super) fn ids(shown: &Allocations) -> BTreeMap<String, Code> {
    let (open, private) = (
        &shown.open_exchange_allocations,
        &shown.private_exchange_allocations,
    );
    let parts = open.value().into_iter().chain(private.value());
    parts
        .flat_map(|part| items(&part.groups))
        .filter_map(|group| Some((group.group_name.value()?.clone(), group.group_id.value()?.clone())))
        .collect()
}

/// The body of allocations. Drafts and launched target groups name the list of suppliers differently (OpenAPI); `known` are
/// the groups that a launched one has.
pub(super) fn encode(ours: Option<&Value>, known: Option<&BTreeMap<String, Code>>) -> Value {
    let ours = ours.and_then(|ours| Shares::deserialize(ours).ok());
    let ours = ours.unwrap_or_default();
    let texts = |ids: &BTreeSet<u64>| -> Vec<String> { ids.iter().map(u64::to_string).collect() };
    let several = known.map_or("suppliers", |_| "supplier_ids");
    let group = |group: &Group| {
        let mut body = json!({
            "group_name": group.name, "min_percentage": group.min, "max_percentage": group.max,
        });
        if let Some(suppliers) = &group.suppliers {
            body[several] = json!(texts(suppliers));
        }
        if let Some(supplier) = group.supplier {
            body["supplier_id"] = json!(supplier.to_string());
        }
        if let Some(id) = known.and_then(|known| known.get(&group.name)) {
            body["group_id"] = json!(id);
        }
        body
    };
    let groups = |part: &Part| -> Vec<Value> { part.groups.iter().map(group).collect() };
    let mut body = json!({
        "open_exchange_allocations": {
            "blocked_supplier_ids": texts(&ours.open.blocked_suppliers),
            "exchange_min_percentage": ours.exchange.min,
            "exchange_max_percentage": ours.exchange.max,
            "groups": groups(&ours.open),
        },
    });
    // A launched target group wants both parts.
    if known.is_some() || !ours.private.is_empty() {
        body["private_exchange_allocations"] = json!({
            "blocked_supplier_ids": texts(&ours.private.blocked_suppliers),
            "groups": groups(&ours.private),
        });
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suppliers_are_the_shares_that_they_become() {
        let spec = |json: Value| serde_json::from_value::<SurveySpec>(json).unwrap();
        let list = json!([
            {"supplier": 420, "share": {"min": 10, "max": 40}},
            {"name": "Premium", "suppliers": [7, 8], "share": {"min": 0, "max": 60}},
            {"supplier": 9, "blocked": true},
        ]);
        let exchange = json!({"exchange": {"min": 0, "max": 60}, "private": {"blocked_suppliers": [5]}});
        let mut wanted = spec(json!({"suppliers": list, "attributes": {"allocations": exchange}}));
        let made = of(&wanted).unwrap();
        let expected = json!({
            "exchange": {"min": 0, "max": 60},
            "blocked_suppliers": [9],
            "groups": [
                {"name": "420", "min": 10, "max": 40, "suppliers": [420]},
                {"name": "Premium", "min": 0, "max": 60, "suppliers": [7, 8]},
            ],
            "private": {"blocked_suppliers": [5]},
        });
        assert_eq!(made, expected);
        assert_eq!(suppliers(&Field::Set(made.clone())), wanted.suppliers);
        wanted.suppliers = Field::Absent;
        assert_eq!(of(&wanted), Some(exchange));
        assert_eq!(of(&SurveySpec::default()), None);
        assert_eq!(suppliers(&Field::Absent), Field::Absent);
        // One that has another name is a group of its own.
        let named = json!({"groups": [{"name": "Test", "min": 100, "max": 100, "suppliers": [980]}]});
        let Field::Set(list) = suppliers(&Field::Set(named)) else {
            panic!("nothing is shown");
        };
        assert_eq!(list.iter().next().unwrap().name.as_deref(), Some("Test"));
    }
}
