//! Settings that only one vendor has.

use super::Field;
use super::shared::{Pool, Pooled, Shared};
use serde_json::Value;
use std::collections::BTreeMap;

/// A vendor's own settings, keyed by the name its manifest block gives them. They are diffed as values, without
/// being understood; only the vendor's folder knows what they mean. Surveys have most of them alike.
pub type Attributes = Shared<Settings>;

/// Settings by name.
pub type Settings = BTreeMap<String, Field<Value>>;

impl Pooled for Settings {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<Settings> = Pool::new();
        &POOL
    }
}
