//! Settings that only one vendor has.

use super::Field;
use serde_json::Value;
use std::collections::BTreeMap;

/// A vendor's own settings, keyed by the name its manifest block gives them. They are diffed as values, without
/// being understood; only the vendor's folder knows what they mean.
pub type Attributes = BTreeMap<String, Field<Value>>;
