//! Values that stand alone: prices, shares, durations, suppliers.

use super::Price;
use crate::marketplace::cint::canonical::{self, days};
use crate::marketplace::http::json;
use crate::marketplace::http::wire::{Exact, Object};
use crate::model::Money;
use crate::model::money::is_amount;
use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        canonical::money_text(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Amount {
            value: String,
            currency_code: String,
        }

        let Object(amount) = Object::<Amount>::deserialize(deserializer)?;
        let value: Option<Decimal> = amount.value.trim().parse().ok();
        let value = value.filter(|value| is_amount(*value));
        let value = value.ok_or_else(|| {
            D::Error::custom(format!("expected an amount of money, found {:?}", amount.value))
        })?;
        let currency = Currency::from_code(&amount.currency_code);
        let currency = currency.ok_or_else(|| {
            D::Error::custom(format!("expected a currency, found {:?}", amount.currency_code))
        })?;
        Ok(Self(Money::new(value, currency)))
    }
}
