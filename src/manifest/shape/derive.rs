//! From types to schemas: what the generator says of a type, without what it adds for Rust's sake.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of a type. A field without a title is titled by its key.
pub(crate) fn generate<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    name(&mut schema);
    tidy(&mut schema);
    schema
}

/// A key as a title.
pub(crate) fn title(key: &str) -> String {
    let words = key.replace('_', " ");
    let first = words.chars().next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(words.chars().skip(1)).collect()
}

/// The types that a schema takes.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    }
}

/// Does something to every schema within a value, from the inside out.
pub(crate) fn walk(value: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|inner| walk(inner, change));
            change(map);
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Gives fields titles, and writes the words of an enum as one list, so that a wrong one gives one error.
fn name(schema: &mut Value) {
    let words = schema.get("oneOf").and_then(Value::as_array).map(|branches| {
        let words = branches.iter().filter_map(|branch| branch.get("const").cloned());
        words.collect::<Vec<Value>>()
    });
    let Value::Object(map) = schema else { return };
    if let Some(words) = words {
        map.shift_remove("oneOf");
        map.extend([
            ("type".to_owned(), json!("string")),
            ("enum".to_owned(), json!(words)),
        ]);
    }
    if let Some(items) = map.get_mut("items") {
        name(items);
    }
    for (key, field) in map
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        name(field);
        if let Value::Object(field) = field {
            field.entry("title").or_insert_with(|| title(key).into());
        }
    }
}

/// Removes what the generator adds for Rust's sake: defaults that say nothing, and names of Rust's numbers.
pub(crate) fn tidy(value: &mut Value) {
    let says_nothing = |default: &Value| [json!(null), json!(""), json!([]), json!({})].contains(default);
    walk(value, &|map| {
        if map.get("default").is_some_and(says_nothing) {
            map.shift_remove("default");
        }
        let format = map.get("format").and_then(Value::as_str);
        if format.is_some_and(|format| format.starts_with("uint")) {
            map.shift_remove("format");
        }
    });
}
