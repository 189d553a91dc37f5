//! Values that stand alone: shares, durations, suppliers.

use crate::marketplace::cint::canonical::days;
use crate::marketplace::http::json;
use crate::marketplace::http::wire::Exact;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A share of one, in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Percent(pub(crate) Decimal);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = Exact::deserialize(deserializer)?
            .0
            .checked_mul(Decimal::ONE_HUNDRED);
        percent
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a share of one"))
    }
}

/// A duration in days. One in months is none that we can state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Days(pub(crate) u64);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || D::Error::custom(format!("expected a duration in days or weeks, found {text:?}"));
        days(&text).map(Self).ok_or_else(unknown)
    }
}

/// A supplier: its number, the number as a text, or an object that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Supplier(pub(crate) u64);

impl<'de> Deserialize<'de> for Supplier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.get("id").unwrap_or(&value);
        let number = json::count(id).map(Self);
        number.ok_or_else(|| D::Error::custom("expected the number of a supplier, found something else"))
    }
}
