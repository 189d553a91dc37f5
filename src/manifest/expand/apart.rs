//! Names of the surveys of a matrix, where their document has only one for all of them.
//!
//! Promises: a name does not depend on the order in which the keys of the matrix stand.

use crate::model::MovedFrom;
use serde_json::{Map, Value};

/// Keys whose every order is looked at.
const ORDERED: usize = 4;

/// Whether a name differs from survey to survey already.
fn varies(name: &str) -> bool {
    name.replace("$${", "").contains("${")
}

/// Gives surveys whose name is the same for all of them the names of their values as well, by the alphabet of the keys; the
/// name they had before likewise. Gives the name that all of them begin with, where that is done.
pub(super) fn name(template: &mut Map<String, Value>, mut keys: Vec<&str>) -> Option<String> {
    keys.sort_unstable();
    let behind: String = keys.iter().map(|key| format!("-${{{key}}}")).collect();
    let base = template
        .get("name")?
        .as_str()
        .filter(|name| !varies(name))?
        .to_owned();
    let apart = |name: &str| match name.split_once('@') {
        Some((name, vendor)) => format!("{name}{behind}@{vendor}"),
        None => format!("{name}{behind}"),
    };
    template.insert("name".to_owned(), Value::from(apart(&base)));
    if let Some(Value::String(old)) = template.get_mut("moved_from")
        && !varies(old)
        && old != MovedFrom::NONE
    {
        *old = apart(old);
    }
    Some(base)
}

/// The names of one combination with its keys in every other order than that of [`name`]. Its values are given by key, as
/// they stand in names.
pub(super) fn orders(base: &str, mut values: Vec<(&str, String)>) -> Vec<String> {
    values.sort();
    if values.len() > ORDERED {
        return Vec::new();
    }
    let mut all = vec![Vec::new()];
    for _ in &values {
        let longer = |taken: Vec<usize>| {
            let free = (0..values.len())
                .filter(|at| !taken.contains(at))
                .collect::<Vec<_>>();
            free.into_iter().map(move |at| [&taken[..], &[at]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    let name = |order: Vec<usize>| {
        let parts = order.iter().map(|at| format!("-{}", values[*at].1));
        format!("{base}{}", parts.collect::<String>())
    };
    // The first order is the one they have.
    all.into_iter().skip(1).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(document: Value, keys: &[&str]) -> Value {
        let Value::Object(mut map) = document else {
            panic!("a document is a mapping")
        };
        name(&mut map, keys.to_vec());
        Value::Object(map)
    }

    #[test]
    fn the_order_of_the_keys_makes_no_other_name() {
        let apart = json!({"name": "a-${market}-${wave}", "moved_from": "b-${market}-${wave}"});
        for keys in [["market", "wave"], ["wave", "market"]] {
            assert_eq!(named(json!({"name": "a", "moved_from": "b"}), &keys), apart);
        }
        for kept in [
            json!({"name": "a-${wave}-${market}", "moved_from": "b"}),
            json!({"name": 1}),
            json!({}),
        ] {
            assert_eq!(named(kept.clone(), &["market", "wave"]), kept);
        }
        let none = named(json!({"name": "a", "moved_from": "none"}), &["wave"]);
        assert_eq!(none, json!({"name": "a-${wave}", "moved_from": "none"}));
    }

    #[test]
    fn every_other_order_is_told_and_the_own_one_is_not() {
        let values = || vec![("wave", "1".to_owned()), ("market", "us".to_owned())];
        assert_eq!(orders("a", values()), ["a-1-us"]);
        let mut three = values();
        three.push(("age", "x".to_owned()));
        assert_eq!(orders("a", three).len(), 5);
        assert_eq!(orders("a", vec![("wave", "1".to_owned())]), [""; 0]);
    }
}
