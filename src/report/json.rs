//! JSON documents: their text and their schema.

/// The JSON Schema of a format, draft 2020-12, as it is written.
pub(super) fn schema_of<T: schemars::JsonSchema>() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// A document of plain data as text: two-space indentation, keys always in the same order, a line feed at the end.
pub(super) fn pretty(document: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(document).expect("a report consists of plain data") + "\n"
}
