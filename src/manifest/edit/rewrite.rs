//! Documents with other values in them, for texts that are tried and never kept: the rest of a document is written anew, so its
//! comments go.

use super::wish::{Edited, Reason};
use crate::manifest::index::Index;
use crate::model::Address;
use crate::text::pointer::keys;
use crate::yaml::{self, Budget};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// The file of an address in which its document has other values, by their pointers; null takes one out. Without `set` the
/// whole document goes.
///
/// # Errors
/// When the document cannot be read, or has no place for a value.
pub fn rewritten(
    index: &Index,
    address: &Address,
    set: Option<&Map<String, Value>>,
) -> Result<Edited, Reason> {
    let source = index.source_of(address).ok_or(Reason::Stale)?;
    let before = Arc::clone(&source.text);
    let (tree, _) = yaml::parse(&before, yaml::Options::default());
    let root = tree.documents().nth(source.document()).ok_or(Reason::Stale)?;
    let written = match set {
        None => String::new(),
        Some(set) => {
            let mut document = yaml::to_json(root, &mut Budget::default())
                .0
                .ok_or(Reason::Layout)?;
            for (pointer, value) in set {
                put(&mut document, pointer, value.clone()).ok_or(Reason::NotHere)?;
            }
            yaml::write(&document)
        }
    };
    let part = root.span().range();
    let after = format!("{}{written}\n{}", &before[..part.start], &before[part.end..]);
    Ok(Edited {
        name: Arc::clone(&source.found().name),
        path: source.found().real.to_path_buf(),
        before,
        after,
    })
}

/// Puts a value at a place, and makes the mappings on the way there.
fn put(document: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let path: Vec<String> = keys(pointer).map(Cow::into_owned).collect();
    let (last, way) = path.split_last()?;
    let mut at = document;
    for key in way {
        at = match at {
            Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?,
            Value::Object(map) => map
                .entry(key.clone())
                .or_insert_with(|| Value::Object(Map::new())),
            _ => return None,
        };
    }
    match at {
        Value::Array(items) => {
            let index: usize = last.parse().ok()?;
            match (index < items.len(), value) {
                (true, Value::Null) => drop(items.remove(index)),
                (true, value) => items[index] = value,
                (false, Value::Null) => return None,
                (false, value) if index == items.len() => items.push(value),
                (false, _) => return None,
            }
        }
        Value::Object(map) => match value {
            Value::Null => map.shift_remove(last).map(drop)?,
            value => drop(map.insert(last.clone(), value)),
        },
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_put_where_a_pointer_leads_and_null_takes_them_out() {
        let mut document = json!({"cpi": "2.00 USD", "quotas": [{"name": "men"}, {"name": "women"}]});
        let mut set = |pointer: &str, value: Value| put(&mut document, pointer, value);
        assert_eq!(set("/cpi", json!("3.00 USD")), Some(()));
        assert_eq!(set("/quotas/0/completes", json!(20)), Some(()));
        assert_eq!(set("/quotas/2", json!({"name": "others"})), Some(()));
        assert_eq!(set("/quotas/1", Value::Null), Some(()));
        assert_eq!(set("/field/start", json!("2026-12-01T09:00:00Z")), Some(()));
        for (pointer, value) in [
            ("/quotas/5", json!(1)),
            ("/quotas/men", json!(1)),
            ("/cpi/amount", json!(1)),
            ("/nothing", Value::Null),
        ] {
            assert_eq!(set(pointer, value), None, "{pointer}");
        }
        assert_eq!(
            document,
            json!({
                "cpi": "3.00 USD",
                "quotas": [{"name": "men", "completes": 20}, {"name": "others"}],
                "field": {"start": "2026-12-01T09:00:00Z"},
            })
        );
    }
}
