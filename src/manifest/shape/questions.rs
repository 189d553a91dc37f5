//! The schema of a project's own names for questions and answers.

use super::fields::HELP;
use crate::model::VendorId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Names for questions, by marketplaces.
pub(crate) struct Questions;

impl JsonSchema for Questions {
    fn schema_name() -> Cow<'static, str> {
        "Questions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::try_from(questions()).expect("an object is a schema")
    }
}

fn questions() -> Value {
    let vendors = VendorId::all().iter().enumerate();
    let vendors: Map<String, Value> = vendors
        .map(|(at, vendor)| (vendor.key().to_owned(), at_vendor(*vendor, at == 0)))
        .collect();
    json!({
        "type": "object",
        "propertyNames": {
            "pattern": "^[a-z][a-z0-9_-]{0,63}$",
            HELP: "use lower-case letters, digits, underscores and dashes, beginning with a letter, at most 64 characters",
        },
        "additionalProperties": {
            "type": "object", "minProperties": 1, "additionalProperties": false, "properties": vendors,
        },
        "examples": [{"job_title": {VendorId::all()[0].key(): {"question": 644, "answers": {"ceo": 4, "cto": 5}}}}],
    })
}

fn at_vendor(vendor: VendorId, example: bool) -> Value {
    let code = |title: &str, description: &str| {
        json!({
            "title": title, "description": description, "type": ["integer", "string"], "minLength": 1,
        })
    };
    let mut schema = json!({
        "title": vendor.name(),
        "description": format!("The question at {}.", vendor.name()),
        "type": "object", "required": ["question"], "additionalProperties": false,
        "properties": {
            "question": code(
                "Question",
                "The vendor's code of the question, or its key in the vendor's library.",
            ),
            "answers": {
                "title": "Answers",
                "description": "Names of answers, and the vendor's codes of them. Left out where it is answered by numbers.",
                "type": "object", "minProperties": 1,
                "propertyNames": {
                    "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$",
                    HELP: "use letters, digits, underscores and dashes, beginning with a letter, at most 64 characters",
                },
                "additionalProperties": {"type": ["integer", "string"], "minLength": 1},
                "examples": [{"ceo": 4, "cto": 5}],
            },
        },
    });
    if !vendor.has_library() {
        schema["properties"]["unit"] = code(
            "Unit",
            "The vendor's code of the unit, where it is answered by numbers and infield does not know it.",
        );
    }
    if example {
        schema["examples"] = json!([{"question": 644, "answers": {"ceo": 4, "cto": 5}}]);
    }
    schema
}
