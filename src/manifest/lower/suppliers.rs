//! Who sends respondents: from a list in a manifest to the model's.

use super::money::money;
use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::model::Suppliers;
use crate::model::suppliers::{Allotment, Share};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads a list. What means nothing is reported, and the list with it is none.
pub(crate) fn read(scope: &mut Scope<'_>, written: &Value) -> Option<Value> {
    let before = scope.errors();
    let mut taken = Taken::default();
    let entries = written.as_array().into_iter().flatten().enumerate();
    let entries = entries.filter_map(|(index, entry)| {
        let place = format!("/suppliers/{index}");
        let entry = one(scope, entry, &place)?;
        taken.take(scope, &entry, &place);
        Some(entry)
    });
    let list: Vec<Allotment> = entries.collect();
    let whole = scope.errors() == before;
    whole
        .then(|| serde_json::to_value(Suppliers::from(list)).ok())
        .flatten()
}

/// What the entries before have named.
#[derive(Default)]
struct Taken {
    suppliers: BTreeMap<u64, String>,
    names: BTreeMap<String, String>,
}

impl Taken {
    fn take(&mut self, scope: &mut Scope<'_>, entry: &Allotment, place: &str) {
        for supplier in entry.members() {
            let first = self.suppliers.entry(supplier).or_insert_with(|| place.to_owned());
            if first != place {
                scope
                    .error(code::SUPPLIERS_LIST)
                    .says(format!("supplier {supplier} is listed twice"))
                    .value(place, "again")
                    .also_value(first, "first")
                    .help("name each supplier once");
            }
        }
        let Some(name) = &entry.name else { return };
        let first = self.names.entry(name.clone()).or_insert_with(|| place.to_owned());
        if first != place {
            scope
                .error(code::SUPPLIERS_LIST)
                .says(format!("there are two groups of suppliers `{}`", short(name)))
                .value(&format!("{place}/name"), "again")
                .also_value(&format!("{first}/name"), "first")
                .help("give each group its own name");
        }
    }
}

fn one(scope: &mut Scope<'_>, entry: &Value, place: &str) -> Option<Allotment> {
    let number = |key: &str| entry.get(key).and_then(Value::as_u64);
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let members = entry.get("suppliers").and_then(Value::as_array);
    let blocked = entry.get("blocked").and_then(Value::as_bool) == Some(true);
    let mut wrong = |message: &str, at: &str, label: &str, help: &str| {
        scope
            .error(code::SUPPLIERS_LIST)
            .says(message)
            .value(&format!("{place}{at}"), label)
            .help(help);
    };
    match (number("supplier"), members) {
        (Some(_), Some(_)) => {
            wrong(
                "an entry names one supplier, or several, and not both",
                "/suppliers",
                "several as well",
                "write `supplier: 6`, or `name` with `suppliers: [1, 23]`",
            );
            return None;
        }
        (None, None) => {
            wrong(
                "an entry names no supplier",
                "",
                "whose is this?",
                "add `supplier: 6`, or `name` with `suppliers: [1, 23]`; `infield lookup suppliers` lists the numbers",
            );
            return None;
        }
        (None, Some(_)) if text("name").is_none() && !blocked => wrong(
            "several suppliers need a name",
            "/suppliers",
            "whose are they?",
            "add a name, such as `name: partners`",
        ),
        (Some(_), None) if text("name").is_some() => wrong(
            "one supplier needs no name of its own",
            "/name",
            "not sent",
            "remove `name`, or write `suppliers: [...]` in place of `supplier`",
        ),
        _ => {}
    }
    for key in ["completes", "cpi", "share"] {
        if blocked && entry.get(key).is_some() {
            wrong(
                &format!("who is blocked sends nobody, so `{key}` says nothing"),
                &format!("/{key}"),
                "beside `blocked`",
                &format!("remove `{key}`, or `blocked`"),
            );
        }
    }
    let share = entry.get("share").map(|share| {
        let percent = |key: &str, or: u64| share.get(key).and_then(Value::as_u64).unwrap_or(or);
        let (min, max) = (percent("min", 0), percent("max", 100));
        Share { min, max }
    });
    if let Some(share) = share.filter(|share| share.min > share.max) {
        wrong(
            &format!(
                "the least share is {} %, above the greatest of {} %",
                share.min, share.max
            ),
            "/share",
            "the wrong way round",
            &format!("write `share: {{min: {}, max: {}}}`", share.max, share.min),
        );
    }
    Some(Allotment {
        supplier: number("supplier"),
        name: text("name").filter(|_| !blocked).map(str::to_owned),
        suppliers: members.into_iter().flatten().filter_map(Value::as_u64).collect(),
        completes: number("completes"),
        cpi: money(scope, text("cpi"), &format!("{place}/cpi")),
        share,
        blocked,
    })
}
