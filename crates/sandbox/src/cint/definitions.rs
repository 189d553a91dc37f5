//! What the account and the marketplace consist of: people, business units, clients, locales, codes, suppliers.
//!
//! Rows are those of the published examples (OpenAPI "Definitions"), with a few more countries and languages, codes and
//! a business unit of every pricing model (assumed); they are in `definitions.json`, as they are answered. Test supplier
//! 980: portal guide "How to use test supplier".

use super::auth;
use super::auth::ACCOUNT_NAME;
use super::prelude::*;

/// A business unit: what it sells in, and how prices come about.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BusinessUnit {
    pub(super) id: u64,
    name: String,
    #[serde(rename = "currency_code")]
    pub(super) currency: String,
    pricing_models: Vec<String>,
}

#[derive(Deserialize)]
struct Definitions {
    /// The answers that are alike for everybody, by their paths.
    lists: BTreeMap<String, Value>,
    business_units: Vec<BusinessUnit>,
    clients: Vec<Value>,
    users: Vec<Value>,
}

static DEFINITIONS: LazyLock<Definitions> =
    LazyLock::new(|| serde_json::from_str(include_str!("definitions.json")).expect("compiled in"));

impl BusinessUnit {
    /// The pricing model; dynamic where both are possible (assumed from the default of OpenAPI `PricingModel`).
    pub(super) fn model(&self) -> &'static str {
        let dynamic = self.pricing_models.iter().any(|model| model == "dynamic");
        if dynamic { "dynamic" } else { "rate_card" }
    }
}

/// The business unit with this id, which may come as a number or as a string.
pub(super) fn business_unit(id: &Value) -> Option<&'static BusinessUnit> {
    let id = match id {
        Value::String(text) => text.parse().ok()?,
        other => other.as_u64()?,
    };
    DEFINITIONS.business_units.iter().find(|unit| unit.id == id)
}

/// The rows of one of the shared lists.
fn rows(path: &str) -> impl Iterator<Item = &'static Value> {
    let body = DEFINITIONS.lists[path].as_object().into_iter();
    body.flat_map(|body| body.values())
        .filter_map(Value::as_array)
        .flatten()
}

/// Whether one of the shared lists has a code.
pub(super) fn has(path: &str, code: &str) -> bool {
    rows(path).any(|row| row["code"] == code)
}

/// Whether a code is a locale: language, underscore, country, all lower case.
pub(super) fn is_locale(code: &str) -> bool {
    let (language, country) = code.split_once('_').unwrap_or_default();
    let of_country = rows("locales").filter(|row| row["country"]["code"] == country);
    let mut languages = of_country.flat_map(|row| row.list("languages").unwrap_or_default());
    languages.any(|row| row["code"] == language)
}

pub(super) fn is_client(id: u64) -> bool {
    DEFINITIONS.clients.iter().any(|client| client["id"] == id)
}

/// A supplier by its id.
pub(super) fn supplier(id: &str) -> Option<&'static Value> {
    let id: u64 = id.parse().ok()?;
    rows("suppliers").find(|row| row["id"] == id)
}

/// The suppliers of the open exchange: all but the private ones and the one for tests.
pub(super) fn exchange_suppliers() -> impl Iterator<Item = String> {
    let ids = rows("suppliers").map(|row| row["id"].to_string());
    ids.filter(|id| !matches!(id.as_str(), "980" | "1966" | "1967"))
}

/// Whether somebody with this id can manage projects; the published examples' manager is one, too.
pub(super) fn is_user(id: &str) -> bool {
    DEFINITIONS.users.iter().any(|user| user["id"] == id)
}

/// The shared lists.
pub(super) fn list(name: &str) -> Outcome {
    ok(DEFINITIONS.lists.get(name).ok_or(NOT_FOUND)?)
}

/// `GET /accounts`.
pub(super) fn accounts() -> Outcome {
    ok(&json!({"accounts": [{"id": ACCOUNT, "name": ACCOUNT_NAME}]}))
}

/// What is below `/accounts/{account_id}`.
pub(super) fn of_account(call: &Call, account: &str, path: &[&str]) -> Outcome {
    auth::account(account)?;
    match path {
        ["users"] => ok(&json!({"users": DEFINITIONS.users})),
        ["service-clients"] => ok(&json!({"users": []})),
        ["users", user, "business-units"] if is_user(user) => {
            ok(&json!({"business_unit_id": DEFINITIONS.business_units[0].id}))
        }
        ["business-units"] => ok(&json!({"business_units": DEFINITIONS.business_units})),
        ["clients"] => {
            let size = page::size(call, 10, 1000)?;
            let number = call.parameter("page_number").and_then(|text| text.parse().ok());
            let skip = number.unwrap_or(0_usize).saturating_mul(size);
            let clients: Vec<&Value> = DEFINITIONS.clients.iter().skip(skip).take(size).collect();
            ok(&json!({"clients": clients}))
        }
        _ => Err(NOT_FOUND.into()),
    }
}
