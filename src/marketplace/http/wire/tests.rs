//! What is there and cannot be read is never taken for what is not shown; and how a vendor's folder tests that of its own
//! answers.

use super::*;
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    count: Field<Count>,
    rate: Field<Exact>,
    inner: Field<Vec<Object<Row>>>,
}

#[test]
fn what_is_there_and_cannot_be_read_is_told_with_its_place() {
    for (wrong, path, problem) in [
        (
            json!({"count": "sixty"}),
            "/there/count",
            "expected a whole number of zero or more, found the text \"sixty\"",
        ),
        (
            json!({"inner": [{}, {"count": -5}]}),
            "/there/inner/1/count",
            "expected a whole number of zero or more, found the number -5",
        ),
        (
            json!({"rate": {"total": 1}}),
            "/there/rate",
            "expected a number, found an object",
        ),
        (
            json!({"inner": [[]]}),
            "/there/inner/0",
            "invalid type: sequence, expected an object",
        ),
        (json!([]), "/there", "invalid type: sequence, expected an object"),
    ] {
        let error = typed::<Row>(&wrong, "/there").unwrap_err();
        assert_eq!((error.path.as_str(), error.problem.as_str()), (path, problem));
    }
}

#[test]
fn what_is_not_mentioned_is_absent_and_unknown_keys_are_let_through() {
    let row: Row = typed(&json!({"rate": null, "later": [1]}), "").unwrap();
    assert_eq!((row.count, row.rate), (Field::Absent, Field::Null));
    assert!(row.inner.is_absent());
}

/// The places of the values of a document that hold no others.
pub(crate) fn leaves(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| leaves(value, &format!("{at}/{key}")))
            .collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(index, value)| leaves(value, &format!("{at}/{index}")))
                .collect()
        }
        _ => vec![at.to_owned()],
    }
}

/// A value of each type, none of which says anything.
pub(crate) fn wrongs() -> [Value; 5] {
    [
        json!({"total": 9000}),
        json!([9000]),
        json!("sixty"),
        json!(-7.5),
        json!(true),
    ]
}

/// Makes every leaf of a whole answer wrong in turn. What is read then has to be refused at its place. `free` are parts of
/// the places of leaves that nobody reads, or whose value may be anything; `codes` of those that may be texts as well as
/// numbers.
pub(crate) fn refuses_what_is_wrong(
    whole: &Value,
    codes: &[&str],
    free: &[&str],
    read: impl Fn(&Value) -> Decoded<String>,
) {
    read(whole).unwrap();
    let mut refused = BTreeSet::new();
    for leaf in &leaves(whole, "") {
        let is = |parts: &[&str]| parts.iter().any(|part| leaf.contains(part));
        let before = whole.pointer(leaf).unwrap();
        for wrong in wrongs() {
            let same =
                (before.is_string() && wrong.is_string()) || (before.is_boolean() && wrong.is_boolean());
            if same || (is(codes) && wrong == "sixty") {
                continue;
            }
            let mut changed = whole.clone();
            *changed.pointer_mut(leaf).unwrap() = wrong.clone();
            match read(&changed) {
                Err(error) => {
                    let there = leaf.starts_with(&error.path) || error.path.starts_with(leaf.as_str());
                    assert!(there, "{leaf}: {}", error.path);
                    refused.insert(leaf.clone());
                }
                // A number is no wrong type where any number may stand.
                Ok(_) => assert!(
                    is(free) || (wrong.is_number() && before.is_number()),
                    "{leaf} as {wrong} was taken"
                ),
            }
        }
        assert!(is(free) || refused.contains(leaf), "{leaf} is never refused");
    }
}
