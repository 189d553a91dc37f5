//! Vendors' documents as types. What a document does not mention is absent and unknown keys are let through, but what is
//! there and cannot be read is an error with its place: never a default, and never "not mentioned".

use super::json::{self, Decoded, Mismatch};
use crate::model::Field;
use crate::model::money::is_amount;
use crate::text::pointer::below;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Reads an object that stands at a place of an answer.
pub(crate) fn typed<T: DeserializeOwned>(document: &Value, place: &str) -> Decoded<T> {
    read::<Object<T>>(document, place).map(|object| object.0)
}

/// Reads what stands at a place of an answer.
pub(crate) fn read<T: DeserializeOwned>(document: &Value, place: &str) -> Decoded<T> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let mut path = place.to_owned();
        for segment in error.path() {
            match segment {
                Segment::Seq { index } => path = below(&path, index),
                Segment::Map { key } => path = below(&path, key),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        Mismatch {
            path,
            problem: error.into_inner().to_string(),
        }
    })
}

/// The value of a field that has to be there.
pub(crate) fn needed<T>(shown: Field<T>, place: &str, expected: &str) -> Decoded<T> {
    match shown {
        Field::Set(value) => Ok(value),
        Field::Absent | Field::Null => json::mismatch(place, expected, &Value::Null),
    }
}

/// Reads a field that is the empty text where it has no value.
pub(crate) fn or_blank<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Field<T>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Field::Null),
        Value::String(text) if text.trim().is_empty() => Ok(Field::Null),
        value => T::deserialize(value).map(Field::Set).map_err(D::Error::custom),
    }
}

/// An object. A type that serde derives would take a list for one as well, its values for the fields in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Object<T>(pub(crate) T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMap(PhantomData))
    }
}

/// A leaf: what it holds, what is expected, and how a value is read as one.
macro_rules! leaf {
    ($(#[$doc:meta])* $name:ident($inner:ty), $expected:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub(crate) struct $name(pub(crate) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                let read: fn(&Value) -> Option<$inner> = $read;
                read(&value)
                    .map(Self)
                    .ok_or_else(|| D::Error::custom(format!("expected {}, found {}", $expected, found(&value))))
            }
        }
    };
}

fn found(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
        other => json::kind(other).to_owned(),
    }
}

/// A number that is no text.
fn bare(value: &Value) -> Option<&Value> {
    value.is_number().then_some(value)
}

leaf!(
    /// How many of something.
    Count(u64), "a whole number of zero or more", |value| json::count(bare(value)?)
);
leaf!(
    /// A whole number.
    Whole(i64), "a whole number", |value| json::whole(bare(value)?)
);
leaf!(
    /// An exact number.
    Exact(Decimal), "a number", |value| json::decimal(bare(value)?)
);
leaf!(
    /// How many of something, where the vendor may write numbers as texts.
    CountOrText(u64), "a whole number of zero or more", json::count
);
leaf!(
    /// A whole number, where the vendor may write numbers as texts.
    WholeOrText(i64), "a whole number", json::whole
);
leaf!(
    /// An exact number, where the vendor may write numbers as texts.
    ExactOrText(Decimal), "a number", json::decimal
);
leaf!(
    /// An exact amount of money, where the vendor may write numbers as texts. No price and no cost is below zero, and none is
    /// beyond what can be written down again.
    AmountOrText(Decimal), "an amount of zero or more",
    |value| json::decimal(value).filter(|amount| is_amount(*amount))
);
leaf!(
    /// A code that is shown as a text or as a number.
    Code(String), "a code",
    |value| json::code(value).filter(|_| value.is_string() || value.is_i64() || value.is_u64())
);
leaf!(
    /// Yes or no: a flag, or a number that is not zero, which may be written as a text.
    Flag(bool), "yes or no", |value| value.as_bool().or_else(|| json::whole(value).map(|number| number != 0))
);
leaf!(
    /// A moment in ISO 8601.
    Time(Timestamp), "a time", |value| value.as_str()?.parse().ok()
);

#[cfg(test)]
pub(crate) mod tests;
