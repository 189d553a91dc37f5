//! What the account and the marketplace consist of: people, business units, clients, locales, codes, suppliers.
//!
//! Rows are those of the published examples (OpenAPI "Definitions"), with a few more countries and languages, codes and
//! a business unit of every pricing model (assumed). Test supplier 980: portal guide "How to use test supplier".

use super::auth::{self, ACCOUNT, ACCOUNT_NAME, PEOPLE};
use super::envelope::{Outcome, not_found, ok};
use super::page;
use crate::Call;
use serde_json::{Value, json};

/// A business unit: what it sells in, and how prices come about.
#[derive(Debug, Clone, Copy)]
pub(super) struct BusinessUnit {
    pub(super) id: u64,
    name: &'static str,
    pub(super) currency: &'static str,
    models: &'static [&'static str],
}

const BUSINESS_UNITS: [BusinessUnit; 4] = [
    BusinessUnit {
        id: 3337,
        name: "Example US",
        currency: "USD",
        models: &["dynamic"],
    },
    BusinessUnit {
        id: 1234,
        name: "Example EMEA",
        currency: "EUR",
        models: &["rate_card", "dynamic"],
    },
    BusinessUnit {
        id: 5678,
        name: "Example APAC",
        currency: "JPY",
        models: &["rate_card"],
    },
    BusinessUnit {
        id: 4321,
        name: "Example US, rate card",
        currency: "USD",
        models: &["rate_card"],
    },
];

impl BusinessUnit {
    /// The pricing model; dynamic where both are possible (assumed from the default of OpenAPI `PricingModel`).
    pub(super) fn model(&self) -> &'static str {
        if self.models.contains(&"dynamic") {
            "dynamic"
        } else {
            "rate_card"
        }
    }
}

/// The business unit with this id, which may come as a number or as a string.
pub(super) fn business_unit(id: &Value) -> Option<&'static BusinessUnit> {
    let id = match id {
        Value::String(text) => text.parse().ok()?,
        other => other.as_u64()?,
    };
    BUSINESS_UNITS.iter().find(|unit| unit.id == id)
}

/// Country code, name, vendor's id, and languages as code, name and whether preferred.
type Country = (
    &'static str,
    &'static str,
    u64,
    &'static [(&'static str, &'static str, bool)],
);

const ENGLISH: (&str, &str, bool) = ("eng", "English", true);

const COUNTRIES: [Country; 14] = [
    ("us", "United States", 244, &[ENGLISH, ("spa", "Spanish", false)]),
    ("gb", "United Kingdom", 243, &[ENGLISH]),
    ("jp", "Japan", 116, &[("jpn", "Japanese", true)]),
    ("in", "India", 106, &[ENGLISH, ("hin", "Hindi", true)]),
    (
        "de",
        "Germany",
        87,
        &[("deu", "German", true), ("eng", "English", false)],
    ),
    ("fr", "France", 79, &[("fra", "French", true)]),
    ("es", "Spain", 212, &[("spa", "Spanish", true)]),
    ("it", "Italy", 112, &[("ita", "Italian", true)]),
    ("nl", "Netherlands", 160, &[("nld", "Dutch", true)]),
    ("se", "Sweden", 220, &[("swe", "Swedish", true)]),
    ("pl", "Poland", 183, &[("pol", "Polish", true)]),
    ("ca", "Canada", 42, &[ENGLISH, ("fra", "French", true)]),
    ("au", "Australia", 15, &[ENGLISH]),
    ("br", "Brazil", 33, &[("por", "Portuguese", true)]),
];

/// Whether a code is a locale: language, underscore, country, all lower case.
pub(super) fn is_locale(code: &str) -> bool {
    let Some((language, country)) = code.split_once('_') else {
        return false;
    };
    COUNTRIES
        .iter()
        .any(|(id, _, _, languages)| *id == country && languages.iter().any(|(id, ..)| *id == language))
}

/// Whether a code is a country's, in upper case.
pub(super) fn is_country(code: &str) -> bool {
    COUNTRIES.iter().any(|(id, ..)| id.to_uppercase() == code)
}

/// Id, code, name.
type Row = (u64, &'static str, &'static str);

const STUDY_TYPES: [Row; 4] = [
    (1, "adhoc", "Adhoc"),
    (2, "diary", "Diary"),
    (3, "recruit_ihut", "Recruit - IHUT"),
    (4, "tracking", "Tracking"),
];
const INDUSTRIES: [Row; 4] = [
    (19, "politics", "Politics"),
    (20, "economy", "Economy"),
    (30, "other", "Other"),
    (5, "food_beverage", "Food/Snacks/Beverages"),
];
const LOCKOUTS: [Row; 5] = [
    (0, "no_lock_out", "No Lock Out"),
    (7, "past_7_days", "Past 7 Days"),
    (30, "past_30_days", "Past 30 Days / 1 Month"),
    (60, "past_60_days", "Past 60 Days / 2 Months"),
    (90, "past_90_days", "Past 90 Days / 3 Months"),
];
const SUPPLIERS: [Row; 10] = [
    (980, "TEST", "Test supplier"),
    (4351, "ACE", "Acme Inc"),
    (3334, "BCD", "BCD Inc"),
    (420, "CLX", "Clix Sense"),
    (421, "BLK", "Blocked Supplier A"),
    (422, "PRM", "Premium Panel"),
    (123, "ONE", "Supplier One"),
    (456, "TWO", "Supplier Two"),
    (1966, "PRV", "Private Supplier"),
    (1967, "PRW", "Private Supplier B"),
];
const CLIENTS: [(u64, &str); 2] = [(1234, "Acme Inc"), (5678, "Global Research Partners")];

fn has(rows: &[Row], code: &str) -> bool {
    rows.iter().any(|(_, known, _)| *known == code)
}

pub(super) fn is_study_type(code: &str) -> bool {
    has(&STUDY_TYPES, code)
}

pub(super) fn is_industry(code: &str) -> bool {
    has(&INDUSTRIES, code)
}

pub(super) fn is_lockout(code: &str) -> bool {
    has(&LOCKOUTS, code)
}

pub(super) fn is_client(id: u64) -> bool {
    CLIENTS.iter().any(|(known, _)| *known == id)
}

/// The name of a supplier.
pub(super) fn supplier(id: u64) -> Option<&'static str> {
    let (_, _, name) = SUPPLIERS.iter().find(|(known, ..)| *known == id)?;
    Some(name)
}

/// The suppliers of the open exchange: all but the private ones and the one for tests.
pub(super) fn exchange_suppliers() -> impl Iterator<Item = u64> {
    SUPPLIERS
        .iter()
        .map(|(id, ..)| *id)
        .filter(|id| !matches!(id, 980 | 1966 | 1967))
}

/// Whether somebody with this id can manage projects; the published examples' manager is one, too.
pub(super) fn is_user(id: &str) -> bool {
    PEOPLE.iter().any(|(known, ..)| *known == id) || id == EXAMPLE_MANAGER
}

const EXAMPLE_MANAGER: &str = "b551326b-ac9d-4d32-8823-4f025787dab9";

fn rows(key: &str, rows: &[Row]) -> Outcome {
    let list: Vec<Value> = rows
        .iter()
        .map(|(id, code, name)| json!({"id": id, "code": code, "name": name}))
        .collect();
    Ok(ok(&json!({ key: list })))
}

/// The shared lists.
pub(super) fn list(name: &str) -> Option<Outcome> {
    Some(match name {
        "study-types" => rows("study_types", &STUDY_TYPES),
        "industries" => rows("industries", &INDUSTRIES),
        "industry-lockouts" => rows("industry_lockouts", &LOCKOUTS),
        "suppliers" => rows("suppliers", &SUPPLIERS),
        "countries" => Ok(ok(
            &json!({"countries": COUNTRIES.iter().map(|(code, name, id, _)| {
            json!({"id": id, "code": code.to_uppercase(), "name": name})
        }).collect::<Vec<_>>()}),
        )),
        "locales" => Ok(ok(
            &json!({"locales": COUNTRIES.iter().map(|(code, name, _, languages)| {
            let languages: Vec<Value> = languages.iter().map(|(code, name, preferred)| {
                json!({"is_preferred": preferred, "name": name, "code": code})
            }).collect();
            json!({"country": {"code": code, "name": name}, "languages": languages})
        }).collect::<Vec<_>>()}),
        )),
        _ => return None,
    })
}

/// `GET /accounts`.
pub(super) fn accounts() -> Outcome {
    Ok(ok(&json!({"accounts": [{"id": ACCOUNT, "name": ACCOUNT_NAME}]})))
}

/// What is below `/accounts/{account_id}`.
pub(super) fn of_account(call: &Call, account: &str, path: &[&str]) -> Outcome {
    auth::account(account)?;
    match path {
        ["users"] => {
            let mut users: Vec<Value> = PEOPLE
                .iter()
                .map(|(id, _, email, name)| json!({"id": id, "email": email, "name": name}))
                .collect();
            users.push(json!({
                "id": EXAMPLE_MANAGER, "email": "jean.field@example.com", "name": "Jean Field",
            }));
            Ok(ok(&json!({"users": users})))
        }
        ["service-clients"] => Ok(ok(&json!({"users": []}))),
        ["users", user, "business-units"] => {
            if !is_user(user) {
                return Err(not_found());
            }
            Ok(ok(&json!({"business_unit_id": BUSINESS_UNITS[0].id})))
        }
        ["business-units"] => {
            let units: Vec<Value> = BUSINESS_UNITS
                .iter()
                .map(|unit| {
                    json!({
                        "id": unit.id, "name": unit.name, "currency_code": unit.currency,
                        "pricing_models": unit.models,
                    })
                })
                .collect();
            Ok(ok(&json!({"business_units": units})))
        }
        ["clients"] => {
            let size = page::size(call, 10, 1000)?;
            let number: usize = call
                .parameter("page_number")
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
            let clients: Vec<Value> = CLIENTS
                .iter()
                .skip(number.saturating_mul(size))
                .take(size)
                .map(|(id, name)| json!({"id": id, "name": name}))
                .collect();
            Ok(ok(&json!({"clients": clients})))
        }
        _ => Err(not_found()),
    }
}
