//! Who sends respondents: the vendor's list of a survey's suppliers, as a manifest has it and back.
//!
//! Promises: who has no completes to bring is not in our list, whether the vendor shows it or not; a price that is the
//! survey's offer is none of the supplier's own; a group keeps its reference.

use super::assumptions::CURRENCY;
use super::{decode, wire};
use crate::diag::{Rule, code};
use crate::marketplace::http::json::{Decoded, number};
use crate::marketplace::http::wire::{CountOrText, Object, needed, read};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::suppliers::Allotment;
use crate::model::{Call, CallClass, Method, Money, Suppliers, SurveySpec};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const TERMS: Rule = Rule::of(
    "PureSpectrum",
    "a supplier has a number of completes and a price; who is left out of the list has 0",
)
.source("vendor wiki 855638135");

/// The suppliers of a locale (vendor wiki 855703610).
pub(super) fn of_locale(document: &Value) -> Decoded<Vec<(u64, String)>> {
    let rows = read::<Vec<Object<wire::Named>>>(document, "")?;
    let row = |(index, shown): (usize, &Object<wire::Named>)| {
        decode::named(shown, &format!("/{index}"), "a supplier's number")
    };
    rows.iter().enumerate().map(row).collect()
}

/// The highest price that suppliers have beside the offer, of those that may still bring somebody, from
/// `GET /surveys/{id}/suppliers`; `None` where all get what is offered.
pub(super) fn dearest(document: &Value, offer: Option<Decimal>) -> Decoded<Option<Money>> {
    let rows = read::<Vec<Object<wire::SupplierGroup>>>(document, "")?;
    let wanted = rows
        .iter()
        .filter(|row| row.completes_goal.value() != Some(&CountOrText(0)));
    let prices = wanted.filter_map(|row| row.cpi.value()).map(|price| price.0);
    let own = prices.filter(|price| Some(*price) != offer).max();
    Ok(own.map(|amount| Money::new(amount, CURRENCY)))
}

/// The suppliers of a survey, and the references of groups by their names, from `GET /surveys/{id}/suppliers`. `offer` is
/// the price of the survey.
pub(super) fn of_survey(
    document: &Value,
    offer: Option<Decimal>,
) -> Decoded<(Suppliers, BTreeMap<String, String>)> {
    let rows = read::<Vec<Object<wire::SupplierGroup>>>(document, "")?;
    let (mut list, mut references) = (Vec::new(), BTreeMap::new());
    for (index, Object(row)) in rows.iter().enumerate() {
        let place = format!("/{index}/completes_goal");
        let CountOrText(completes) = needed(row.completes_goal.as_ref(), &place, "a number of completes")?;
        let shown = decode::items(&row.suppliers).enumerate();
        let numbers = shown.map(|(at, shown)| {
            let place = format!("/{index}/suppliers/{at}");
            Ok(decode::named(shown, &place, "a supplier's number")?.0)
        });
        let numbers: BTreeSet<u64> = numbers.collect::<Decoded<_>>()?;
        let named = row.group_name.value().filter(|name| !name.is_empty()).cloned();
        let reference = row.group_ref.value().map(|code| code.0.clone());
        // A group that has no name is told apart by its reference.
        let name = match numbers.len() {
            1 => named,
            _ => named.or_else(|| reference.clone()),
        };
        references.extend(name.clone().zip(reference));
        if *completes == 0 || numbers.is_empty() {
            continue;
        }
        let own = row
            .cpi
            .value()
            .map(|price| price.0)
            .filter(|price| Some(*price) != offer);
        let entry = Allotment {
            completes: Some(*completes),
            cpi: own.map(|amount| Money::new(amount, CURRENCY)),
            ..Allotment::default()
        };
        list.push(match (name, numbers.first()) {
            (None, Some(supplier)) if numbers.len() == 1 => Allotment {
                supplier: Some(*supplier),
                ..entry
            },
            (name, _) => Allotment {
                name,
                suppliers: numbers,
                ..entry
            },
        });
    }
    Ok((Suppliers::from(list), references))
}

/// The call that writes them: the whole list, because who is left out has no completes (vendor wiki 855638135, 855670850).
pub(super) fn write(id: &str, list: &Suppliers, offer: Option<Money>, references: &Value) -> Call {
    let row = |entry: &Allotment| {
        let mut row = json!({
            "completes_goal": entry.completes.unwrap_or(0),
            "suppliers": entry.members().collect::<Vec<u64>>(),
        });
        if let Some(price) = entry.cpi.or(offer) {
            row["cpi"] = number(price.amount);
        }
        if let Some(name) = &entry.name {
            row["group_name"] = json!(name);
            // Without one the server makes another.
            if let Some(reference) = references.get(name) {
                row["group_ref"] = reference.clone();
            }
        }
        row
    };
    let path = format!("/surveys/{id}/suppliers");
    let purpose = "write who sends respondents";
    let body: Vec<Value> = list.iter().map(row).collect();
    Call::new(Method::Put, path, CallClass::IdempotentWrite, purpose).body(Value::from(body))
}

/// What a supplier lacks that the vendor wants, as a manifest states it.
pub(super) fn have_completes_and_a_price(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(list) = spec.suppliers.value() else {
        return;
    };
    let mut wrong = |code, message: String, label: &str, missing: Option<&'static str>, help: &str| {
        let breach = Breach::error(code, Place::Field("suppliers"), message, TERMS);
        out.push(breach.label(label).missing(Vec::from_iter(missing)).help(help));
    };
    if list.senders().is_empty() {
        let message = "nobody in the list sends respondents, and who is not listed does not either";
        let help = "name at least one supplier with completes; to stop all of them, write `status: paused`";
        wrong(
            code::VENDOR_LIMIT,
            message.to_owned(),
            "nobody is left",
            None,
            help,
        );
    }
    for entry in list.iter() {
        let whom = entry.name.clone().map_or_else(
            || format!("supplier {}", entry.supplier.unwrap_or_default()),
            |name| format!("`{name}`"),
        );
        if entry.share.is_some() {
            let message = format!("PureSpectrum takes completes and no share for {whom}");
            let help = "write `completes: ...` in place of `share`";
            wrong(
                code::VENDOR_UNSUPPORTED,
                message,
                "not at this vendor",
                None,
                help,
            );
        }
        if entry.completes.is_none() {
            let message = format!("nothing says how many completes {whom} may send");
            let help = "add `completes` to the entry, or to the survey";
            wrong(code::VENDOR_LIMIT, message, "how many?", Some("completes"), help);
        }
        match (&entry.cpi, spec.cpi.value()) {
            (None, None) => {
                let message = format!("nothing says what {whom} gets for a complete");
                let help = "add `cpi` to the entry, such as `cpi: 3.75 USD`, or to the survey";
                wrong(code::VENDOR_LIMIT, message, "which price?", Some("cpi"), help);
            }
            (Some(price), _) if price.currency != iso_currency::Currency::USD => {
                let message = format!("PureSpectrum does not take prices in {}", price.currency.code());
                let help = format!("give the price of {whom} in US dollars; {price} is not converted");
                wrong(code::MONEY_CURRENCY, message, "not in USD", None, &help);
            }
            _ => {}
        }
    }
}

/// What the vendor shows of one who sends respondents, for tests elsewhere.
#[cfg(test)]
pub(crate) fn shown(supplier: u64, completes: u64) -> Value {
    json!([{"completes_goal": completes, "suppliers": [{"id": supplier}]}])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: Value) -> Suppliers {
        serde_json::from_value(json).unwrap()
    }

    const SHOWN: &str =
        include_str!("../../../tests/fixtures/purespectrum/get_survey_suppliers.response.json");
    const SENT: &str = include_str!("../../../tests/fixtures/purespectrum/put_suppliers.request.json");

    #[test]
    fn the_vendors_own_example_is_read() {
        let shown: Value = serde_json::from_str(SHOWN).unwrap();
        let (suppliers, references) = of_survey(&shown, Some(4.into())).unwrap();
        let ours = json!([{"name": "PS suppliers", "suppliers": [1, 23], "completes": 100, "cpi": "6 USD"},
            {"supplier": 16, "completes": 100}]);
        assert_eq!(suppliers, list(ours));
        assert_eq!(references, [("PS suppliers".to_owned(), "abc".to_owned())].into());
        let (suppliers, _) = of_survey(&shown, None).unwrap();
        assert_eq!(suppliers.highest_price(), Some("6 USD".parse().unwrap()));
    }

    #[test]
    fn who_has_nothing_to_bring_is_not_in_the_list() {
        let row =
            |goal: Value, id: Value| json!([{"completes_goal": goal, "cpi": "4", "suppliers": [{"id": id}]}]);
        let read = |document: &Value| of_survey(document, Some(4.into()));
        let expected = list(json!([{"supplier": 3, "completes": 5}]));
        assert_eq!(read(&row(json!("5"), json!("3"))).unwrap().0, expected);
        assert_eq!(read(&row(json!(0), json!(3))).unwrap().0, Suppliers::default());
        let nameless =
            json!([{"completes_goal": 5, "group_ref": "abc", "suppliers": [{"id": 1}, {"id": 2}]}]);
        let named = json!([{"name": "abc", "suppliers": [1, 2], "completes": 5}]);
        assert_eq!(read(&nameless).unwrap().0, list(named));
        for wrong in [
            row(json!(null), json!(3)),
            row(json!(5), json!(null)),
            json!({}),
            json!([5]),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_vendors_own_example_is_sent() {
        let ours = list(
            json!([{"supplier": 3, "completes": 25, "cpi": "33.42 USD"}, {"supplier": 1, "completes": 25}]),
        );
        let call = write("7", &ours, Some("12 USD".parse().unwrap()), &Value::Null);
        assert_eq!(
            (call.method, call.path.as_str()),
            (Method::Put, "/surveys/7/suppliers")
        );
        let mut sent: Vec<Value> = serde_json::from_str(SENT).unwrap();
        sent.reverse();
        assert_eq!(call.body.unwrap().value(), json!(sent));
    }

    #[test]
    fn a_group_keeps_its_reference() {
        let ours = list(
            json!([{"name": "two", "suppliers": [1, 3], "completes": 5}, {"name": "one", "suppliers": [6], "completes": 5}]),
        );
        let call = write("7", &ours, None, &json!({"two": "abc"}));
        let body = json!([
            {"completes_goal": 5, "suppliers": [6], "group_name": "one"},
            {"completes_goal": 5, "suppliers": [1, 3], "group_name": "two", "group_ref": "abc"},
        ]);
        assert_eq!(call.body.unwrap().value(), body);
    }
}
