//! One survey at several marketplaces: what each of them gets to see, and its share.
//!
//! Promises: a field in a marketplace's block counts there and nowhere else; shares sum to 100 %, or nothing is divided.

use super::origin::Origins;
use super::scope::Scope;
use super::shares::{self, NoShare};
use crate::diag::code;
use crate::diag::text::short;
use crate::model::{VendorId, billing, fields};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a block may say otherwise for its marketplace: every field of a survey, and what to do in some situations.
pub(crate) fn overrides() -> Vec<&'static str> {
    let mut keys = fields::keys(fields::ROWS);
    keys.extend(["on_fixed_change", "on_external_pause", "on_remove", "protect"]);
    keys
}

/// The share of a marketplace, in its block.
pub(crate) const SHARE: &str = "share";

/// The survey as one marketplace gets it: with its own block alone, and what that says laid over the rest.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Where; `None` for a survey that names no marketplace.
    pub(crate) vendor: Option<VendorId>,
    /// The survey.
    pub(crate) survey: Value,
    /// Where its values stand.
    pub(crate) origins: Origins,
    /// Whether it has quotas that the others have not.
    pub(crate) own_quotas: bool,
}

/// The parts of a survey, and their shares where there are several.
pub(crate) struct Split {
    pub(crate) parts: Vec<Part>,
    pub(crate) shares: BTreeMap<VendorId, Decimal>,
}

/// Divides a survey between the marketplaces it names.
pub(crate) fn split(scope: &mut Scope<'_>, survey: Value, origins: Origins) -> Split {
    let vendors: Vec<VendorId> = VendorId::all()
        .iter()
        .copied()
        .filter(|vendor| survey.get(vendor.key()).is_some())
        .collect();
    let shares = shares(scope, &survey, &vendors);
    let parts = match vendors.as_slice() {
        [] => vec![Part {
            vendor: None,
            survey,
            origins,
            own_quotas: false,
        }],
        [only] => vec![part(scope, survey, origins, *only, false)],
        several => several
            .iter()
            .map(|vendor| part(scope, survey.clone(), origins.clone(), *vendor, true))
            .collect(),
    };
    Split { parts, shares }
}

fn part(scope: &mut Scope<'_>, survey: Value, origins: Origins, vendor: VendorId, several: bool) -> Part {
    let mut part = Part {
        vendor: Some(vendor),
        survey,
        origins,
        own_quotas: false,
    };
    let Value::Object(map) = &mut part.survey else {
        return part;
    };
    let own = |block: &Value, key: &str| block.get(key).is_some();
    if several && map.get(vendor.key()).is_some_and(|block| own(block, "completes")) {
        scope
            .error(code::STUDY_SHARE)
            .says("where several marketplaces share a survey, none has `completes` of its own")
            .key(&format!("/{vendor}/completes"), "not in a block")
            .help(format!(
                "write `completes` once, for all of them, and `{SHARE}` here"
            ));
    }
    part.own_quotas = map.get(vendor.key()).is_some_and(|block| own(block, "quotas"));
    unfold(map, &mut part.origins, vendor, "");
    for (index, group) in map
        .get_mut("groups")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .enumerate()
    {
        if let Value::Object(group) = group {
            unfold(group, &mut part.origins, vendor, &format!("/groups/{index}"));
        }
    }
    part
}

/// Lays what the block of a marketplace says of the survey over it, and drops the blocks of the others.
fn unfold(map: &mut Map<String, Value>, origins: &mut Origins, vendor: VendorId, base: &str) {
    map.retain(|key, _| VendorId::from_key(key).is_none_or(|other| other == vendor));
    let Some(Value::Object(block)) = map.get_mut(vendor.key()) else {
        return;
    };
    block.shift_remove(SHARE);
    let mut take = |key| {
        let own = block.get(key).is_some_and(|value| is_switch(key, value));
        let said = if own { None } else { block.shift_remove(key) };
        Some((key, said?))
    };
    let said: Vec<(&str, Value)> = overrides().into_iter().filter_map(&mut take).collect();
    for (key, value) in said {
        origins.carry(&format!("{base}/{vendor}/{key}"), &format!("{base}/{key}"));
        map.insert(key.to_owned(), value);
    }
    bill(map, origins, vendor, base);
}

/// Gives the block of a marketplace what `billing` says, as far as it has settings for it and does not say them itself.
fn bill(map: &mut Map<String, Value>, origins: &mut Origins, vendor: VendorId, base: &str) {
    for (word, setting) in vendor.facts().billing.settings() {
        let said = map.get(billing::KEY).and_then(|billing| billing.get(word));
        let Some(said) = said.filter(|said| said.is_string()).cloned() else {
            continue;
        };
        let block = map.get_mut(vendor.key()).and_then(Value::as_object_mut);
        let Some(block) = block.filter(|block| !block.contains_key(setting)) else {
            continue;
        };
        block.insert(setting.to_owned(), said);
        let from = format!("{base}/{}/{word}", billing::KEY);
        origins.carry(&from, &format!("{base}/{vendor}/{setting}"));
    }
}

/// Whether a block says yes or no under a key that is a list of respondents elsewhere: a setting of the marketplace's own, for a
/// list that is kept there by hand.
fn is_switch(key: &str, value: &Value) -> bool {
    let lists = fields::ROWS
        .iter()
        .filter(|row| row.form == fields::Form::Respondents);
    value.is_boolean() && lists.into_iter().any(|row| row.key() == key)
}

/// The shares of several marketplaces. One may leave its own out and gets the rest.
fn shares(scope: &mut Scope<'_>, survey: &Value, vendors: &[VendorId]) -> BTreeMap<VendorId, Decimal> {
    let place = |vendor: VendorId| format!("/{vendor}/{SHARE}");
    let mut given: BTreeMap<VendorId, Decimal> = BTreeMap::new();
    let mut silent = Vec::new();
    let before = scope.problems.len();
    for vendor in vendors {
        let Some(value) = survey.pointer(&place(*vendor)) else {
            silent.push(*vendor);
            continue;
        };
        match shares::read(value) {
            Ok(share) => drop(given.insert(*vendor, share)),
            Err(NoShare { why, help }) => {
                let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                scope
                    .error(code::STUDY_SHARE)
                    .says(format!("`{}` {why}", short(&written)))
                    .value(&place(*vendor), "not a share")
                    .help(help);
            }
        }
    }
    if scope.problems.len() > before || vendors.len() < 2 && given.is_empty() {
        return BTreeMap::new();
    }
    if silent.is_empty() && given.len() > 1 {
        let shares: Vec<Decimal> = given.values().copied().collect();
        if let Some(whole) = shares::whole(&shares) {
            return given.into_keys().zip(whole).collect();
        }
    }
    let sum: Decimal = given.values().sum();
    let rest = Decimal::ONE_HUNDRED - sum;
    if let [first, second, ..] = silent.as_slice() {
        scope
            .error(code::SURVEY_SEVERAL_VENDORS)
            .says("the survey names several marketplaces and does not say how they share its completes")
            .key(&format!("/{second}"), "which share?")
            .also_key(&format!("/{first}"), "and here?")
            .help(format!(
                "add `{SHARE}: 50%` to each block, or another split; one block may leave it out and gets the rest"
            ));
        return BTreeMap::new();
    }
    let fits = match silent.as_slice() {
        [] => rest.is_zero(),
        _ => rest > Decimal::ZERO,
    };
    if !fits {
        let Some(last) = given.keys().next_back().copied() else {
            return BTreeMap::new();
        };
        let sum = sum.normalize();
        let (message, help) = match (vendors.len(), silent.as_slice()) {
            (1, _) => (
                format!("the only marketplace has a share of {sum}%"),
                format!("remove `{SHARE}`, or add the block of another marketplace"),
            ),
            (_, [one, ..]) => (
                format!(
                    "these shares sum to {sum}%, and nothing is left for {}",
                    one.name()
                ),
                "lower one of them".to_owned(),
            ),
            (_, []) => (
                format!("these shares sum to {sum}%"),
                "let them sum to 100%, or leave one of them out: it gets the rest".to_owned(),
            ),
        };
        let told = scope.error(code::STUDY_SHARE).says(message);
        told.value(&place(last), "with this share").help(help);
        return BTreeMap::new();
    }
    given.extend(silent.into_iter().map(|vendor| (vendor, rest)));
    if vendors.len() > 1 { given } else { BTreeMap::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_further_field_may_stand_in_a_block_by_its_line_in_the_table_alone() {
        let mut survey =
            json!({"wave": "1", "purespectrum": {"wave": "2", "category": 5}, "cint": {"wave": "3"}});
        let map = survey.as_object_mut().unwrap();
        unfold(map, &mut Origins::default(), crate::marketplace::PURESPECTRUM, "");
        assert_eq!(survey, json!({"wave": "2", "purespectrum": {"category": 5}}));
    }

    #[test]
    fn a_switch_of_the_marketplace_stays_in_its_block_where_a_list_would_not() {
        let list = json!({"file": "a.csv"});
        let mut survey = json!({"purespectrum": {"recontact": true}});
        let vendor = crate::marketplace::PURESPECTRUM;
        unfold(
            survey.as_object_mut().unwrap(),
            &mut Origins::default(),
            vendor,
            "",
        );
        assert_eq!(survey, json!({"purespectrum": {"recontact": true}}));
        survey["purespectrum"]["recontact"] = list.clone();
        unfold(
            survey.as_object_mut().unwrap(),
            &mut Origins::default(),
            vendor,
            "",
        );
        assert_eq!(survey, json!({"purespectrum": {}, "recontact": list}));
    }

    #[test]
    fn what_billing_says_stands_in_the_settings_that_hold_it() {
        let bill = |mut survey: Value, vendor| {
            let mut origins = Origins::default();
            unfold(survey.as_object_mut().unwrap(), &mut origins, vendor, "");
            (survey, origins)
        };
        let billing = json!({"client": "acme", "purchase_order": "PO-1", "project": 7});
        let survey = json!({"billing": billing, "purespectrum": {"category": 5}, "cint": {}});
        let (at, origins) = bill(survey.clone(), crate::marketplace::PURESPECTRUM);
        // A project that is no text is a mistake, and is said where it stands.
        let wanted = json!({"billing": billing, "purespectrum": {"category": 5, "billing_id": "PO-1"}});
        assert_eq!(at, wanted);
        assert_eq!(
            origins.of("/purespectrum/billing_id").pointer,
            "/billing/purchase_order"
        );
        let (at, _) = bill(survey, crate::marketplace::CINT);
        assert_eq!(at, json!({"billing": billing, "cint": {}}));
        let (own, origins) = bill(
            json!({"billing": billing, "purespectrum": {"billing_id": null}}),
            crate::marketplace::PURESPECTRUM,
        );
        assert_eq!(own["purespectrum"]["billing_id"], Value::Null);
        assert_eq!(
            origins.of("/purespectrum/billing_id").pointer,
            "/purespectrum/billing_id"
        );
    }

    #[test]
    fn every_field_may_be_said_otherwise_in_a_block_but_the_template_which_stands_there() {
        let keys = overrides();
        for row in fields::ROWS {
            assert_eq!(
                keys.contains(&row.key()),
                row.name != crate::model::FieldName::Template,
                "{}",
                row.path
            );
        }
        assert!(!keys.contains(&"on_template_change") && keys.contains(&"on_remove"));
    }
}
