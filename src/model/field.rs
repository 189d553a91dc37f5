//! One field as somebody states it: not mentioned, explicitly empty, or a value.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that knows the difference between "not mentioned" and "empty".
///
/// The same type serves three speakers. In a manifest `Absent` means *not managed*: never diffed, never reset; `Null`
/// clears. In what a vendor shows, `Absent` means *the vendor does not show it*, which is not the same as empty. In
/// the state file it means *never applied by us*.
///
/// Serialised with `#[serde(default, skip_serializing_if = "Field::is_absent")]`, so that all three survive a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Field<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Mentioned as empty.
    Null,
    /// Mentioned with a value.
    Set(T),
}

impl<T> Field<T> {
    /// Whether the field was not mentioned at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value to be changed, where there is one.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// A field from an optional value that was mentioned: `None` is `Null`.
    pub fn shown(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Set)
    }

    /// A field from an optional value where `None` means that nothing was said.
    pub fn mentioned(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Set)
    }

    /// The same field holding a reference.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Set(value) => Field::Set(value),
        }
    }

    /// Applies a function to the value, keeping `Absent` and `Null`.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Set(value) => Field::Set(f(value)),
        }
    }

    /// This field where it was mentioned, otherwise the other one.
    pub fn or(self, other: Self) -> Self {
        if self.is_absent() { other } else { self }
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::shown(Option::<T>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug, Default)]
    struct Holder {
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        a: Field<u32>,
    }

    #[test]
    fn all_three_meanings_survive_json() {
        for (holder, text) in [
            (Holder { a: Field::Absent }, "{}"),
            (Holder { a: Field::Null }, r#"{"a":null}"#),
            (Holder { a: Field::Set(3) }, r#"{"a":3}"#),
        ] {
            assert_eq!(serde_json::to_string(&holder).unwrap(), text);
            assert_eq!(serde_json::from_str::<Holder>(text).unwrap(), holder);
        }
    }
}
