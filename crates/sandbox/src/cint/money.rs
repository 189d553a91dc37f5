//! Amounts, percentages and times as the vendor writes them.

use super::prelude::*;
use jiff::Timestamp;

/// An amount, with the text it was written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Money {
    pub(super) value: Decimal,
    pub(super) currency: String,
}

impl Money {
    pub(super) fn new(value: Decimal, currency: &str) -> Self {
        Self {
            value,
            currency: currency.to_owned(),
        }
    }

    /// Reads `{value, currency_code}`; the value is a string and never a number.
    pub(super) fn read(value: &Value) -> Result<Self, &'static str> {
        let no_number = "value must be a decimal number in a string";
        let text = value.text("value").ok_or(no_number)?;
        let currency = value.text("currency_code");
        let currency = currency.ok_or("currency_code must be an ISO 4217 code")?;
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err("currency_code must be three upper-case letters");
        }
        let value: Decimal = text.parse().map_err(|_| no_number)?;
        if value.is_sign_negative() {
            return Err("value must not be negative");
        }
        Ok(Self::new(value, currency))
    }

    /// The amount, if it is in this currency, or what is wrong with it.
    pub(super) fn in_currency(self, currency: &str) -> Result<Self, String> {
        if self.currency == currency {
            Ok(self)
        } else {
            Err(format!("the business unit's currency is {currency}"))
        }
    }

    /// The response form, with as many decimals as were given (OpenAPI `MonetaryAmount`).
    pub(super) fn shown(&self) -> Value {
        let scale = if self.currency == "JPY" { 0 } else { 2 };
        json!({"value": self.value.to_string(), "currency_code": self.currency, "currency_scale": scale})
    }

    /// The response form with nine decimals, as statistics have been seen (portal guide 2025-02).
    pub(super) fn shown_long(&self) -> Value {
        let mut shown = self.shown();
        let mut value = self.value;
        value.rescale(9);
        shown["value"] = json!(value.to_string());
        shown
    }
}

/// `part` of `whole` as a fraction from 0 to 1 with four decimals; 0 of nothing.
pub(super) fn fraction(part: u64, whole: u64) -> Value {
    if whole == 0 {
        return json!(0);
    }
    let part = Decimal::from(part.min(whole));
    number((part / Decimal::from(whole)).round_dp(4))
}

/// A whole number, also when it is written with a point: `1500.0`.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let value = decimal(value)?.normalize();
    value.to_string().parse().ok().filter(|_| value.scale() == 0)
}

/// A number of completes that is wanted: whole, and at least 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Goal(pub(super) u64);

impl TryFrom<Value> for Goal {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let goal = whole(&value).filter(|goal| *goal >= 1);
        goal.map(Self).ok_or("must be a whole number from 1")
    }
}

/// A time in milliseconds since 1970.
pub(super) fn read_time(value: &Value) -> Option<i64> {
    let at: Timestamp = value.as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}
