//! Money that may be less than nothing, in files. A price never is, so [`Money`] itself does not read a minus.

use crate::model::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub(super) fn serialize<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    money.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let (plain, less) = match text.strip_prefix('-') {
        Some(plain) => (plain, true),
        None => (text.as_str(), false),
    };
    let money: Money = plain.parse().map_err(D::Error::custom)?;
    let amount = if less { -money.amount } else { money.amount };
    Ok(Some(Money::new(amount, money.currency)))
}
