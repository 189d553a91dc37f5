//! What every emulator needs of JSON: fields of objects, exact numbers, times and made-up ids.

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Fields of an object; anything else has none, and a field that is null is not there.
pub(crate) trait Fields {
    /// The field, if it is there and not null.
    fn field(&self, key: &str) -> Option<&Value>;

    /// A field that is a text.
    fn text(&self, key: &str) -> Option<&str> {
        self.field(key)?.as_str()
    }

    /// A field that is a text; empty where there is none.
    fn word(&self, key: &str) -> &str {
        self.text(key).unwrap_or_default()
    }

    /// A field that is a whole number, 0 or more.
    fn count(&self, key: &str) -> Option<u64> {
        self.field(key)?.as_u64()
    }

    /// A field that is true or false.
    fn flag(&self, key: &str) -> Option<bool> {
        self.field(key)?.as_bool()
    }

    /// A field that is a list.
    fn list(&self, key: &str) -> Option<&[Value]> {
        self.field(key)?.as_array().map(Vec::as_slice)
    }

    /// A field as it is; null where there is none.
    fn copy(&self, key: &str) -> Value {
        self.field(key).cloned().unwrap_or_default()
    }
}

impl Fields for Map<String, Value> {
    fn field(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| !value.is_null())
    }
}

impl Fields for Value {
    fn field(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| !value.is_null())
    }
}

/// Writing of fields.
pub(crate) trait Put {
    /// Gives a field its value.
    fn put(&mut self, key: &str, value: impl Serialize);

    /// Gives all fields of an object, in their order, the values they have there.
    fn put_all(&mut self, fields: impl Serialize) {
        if let Value::Object(fields) = json!(fields) {
            for (key, value) in fields {
                self.put(&key, value);
            }
        }
    }

    /// Gives a field its value, where there is one.
    fn put_some(&mut self, key: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }
}

impl Put for Value {
    fn put(&mut self, key: &str, value: impl Serialize) {
        self[key] = json!(value);
    }
}

impl Put for Map<String, Value> {
    fn put(&mut self, key: &str, value: impl Serialize) {
        self.insert(key.to_owned(), json!(value));
    }
}

/// Reads a value into what is wanted, or says where it is something else.
pub(crate) fn typed<'de, T: Deserialize<'de>>(
    from: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<T, String> {
    serde_path_to_error::deserialize(from).map_err(|error| error.to_string())
}

/// A list of texts; `None` where an item is none, or there is no list.
pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A decimal from a JSON number.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let text = value.as_number()?.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// A JSON number from a decimal.
pub(crate) fn number(value: Decimal) -> Value {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or_default()
}

/// Whole numbers for `shares` of `total`, of which `whole` is all: the nearest ones whose sum is that of the shares.
pub(crate) fn apportion(total: u64, shares: &[Decimal], whole: Decimal) -> Vec<u64> {
    let part = |share: &Decimal| Decimal::from(total) * share / whole;
    let exact: Vec<Decimal> = shares.iter().map(part).collect();
    let count = |value: Decimal| value.to_u64().unwrap_or(0);
    let mut counts: Vec<u64> = exact.iter().map(|value| count(value.floor())).collect();
    let wanted = count(exact.iter().sum::<Decimal>().round());
    let missing = wanted.saturating_sub(counts.iter().sum());
    let mut order: Vec<usize> = (0..exact.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact[*at].fract()));
    for at in order
        .into_iter()
        .take(usize::try_from(missing).unwrap_or(usize::MAX))
    {
        counts[at] += 1;
    }
    counts
}

/// RFC 3339 in UTC with three decimals, from milliseconds since 1970.
pub(crate) fn time(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// The first `bytes` bytes of a digest in hexadecimal digits.
pub(crate) fn hex(source: impl AsRef<[u8]>, bytes: usize) -> String {
    let digest = Sha256::digest(source);
    digest
        .iter()
        .take(bytes)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
