//! The order of keys, taken from the schemas: fields in the order in which they are declared, names that people chose
//! in the order in which they were written.

use crate::manifest::schema::{self, Kind};
use serde_json::Value;

/// What the schemas say about a place in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order(Option<&'static Value>);

/// The order of a document; without `reorder` every mapping keeps the order it has.
pub(super) fn of(kind: Kind, reorder: bool) -> Order {
    Order(reorder.then(|| schema::of(kind)))
}

impl Order {
    fn facet(self, name: &str) -> Option<&'static Value> {
        let schema = self.0?;
        let direct = schema.get(name).filter(|value| value.is_object());
        direct.or_else(|| {
            let branches = schema.get("anyOf")?.as_array()?;
            branches
                .iter()
                .find_map(|branch| branch.get(name).filter(|value| value.is_object()))
        })
    }

    /// The place of a key of this mapping.
    pub(super) fn key(self, key: &str) -> Self {
        let known = self
            .facet("properties")
            .and_then(|properties| properties.get(key));
        Self(known.or_else(|| self.facet("additionalProperties")))
    }

    /// The place of an item of this sequence.
    pub(super) fn item(self) -> Self {
        Self(self.facet("items"))
    }

    /// Where a key belongs in this mapping: smaller ranks first, equal ones as they were written. Merge keys lead.
    pub(super) fn rank(self, key: &str, merge: bool) -> usize {
        let Some(properties) = self.facet("properties").and_then(Value::as_object) else {
            return 1;
        };
        if merge {
            return 0;
        }
        let place = properties.keys().position(|known| known == key);
        1 + place.unwrap_or(properties.len())
    }
}
