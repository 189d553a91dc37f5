//! The JSON Schemas: generated from the types, used for checking, written for editors.
//!
//! Promises: 2020-12, self-contained, each with an `$id`; what editors get accepts nothing that checking refuses
//! except where a message would suffer (names of questions and answers, which are checked later and better). Writing
//! is idempotent.

use super::marketplaces::{SHARE, overrides};
use super::reconciliation::ReconciliationManifest;
use super::shapes;
use super::types::{GroupManifest, ProjectManifest, SurveyManifest};
use super::vendors;
use crate::model::{Level, VendorId};
use jsonschema::Validator;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::OnceLock;

/// The dialect of all schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The kinds of manifests this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A survey.
    Survey,
    /// A group of surveys.
    SurveyGroup,
    /// The project.
    Project,
    /// Outcomes of transactions.
    Reconciliation,
    /// What the surveys of a folder have in common.
    Defaults,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Survey,
        Self::SurveyGroup,
        Self::Project,
        Self::Reconciliation,
        Self::Defaults,
    ];

    /// The word after `kind:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Survey => "Survey",
            Self::SurveyGroup => "SurveyGroup",
            Self::Project => "Project",
            Self::Reconciliation => "Reconciliation",
            Self::Defaults => "Defaults",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    fn file(self) -> &'static str {
        match self {
            Self::Survey => "survey.schema.json",
            Self::SurveyGroup => "surveygroup.schema.json",
            Self::Project => "project.schema.json",
            Self::Reconciliation => "reconciliation.schema.json",
            Self::Defaults => "defaults.schema.json",
        }
    }

    fn schema(self) -> Value {
        match self {
            Self::Survey => survey(),
            Self::SurveyGroup => group(),
            Self::Project => project(),
            Self::Reconciliation => generate::<ReconciliationManifest>(),
            Self::Defaults => defaults(),
        }
    }
}

/// A compiled schema with its text.
pub(super) struct Checker {
    schema: Value,
    validator: Validator,
}

static CHECKERS: [OnceLock<Checker>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];

impl Checker {
    /// The checker of a kind; compiled once, and only when something of that kind is read.
    pub(super) fn of(kind: Kind) -> &'static Self {
        crate::marketplace::registry::install();
        let index = Kind::ALL
            .iter()
            .position(|other| *other == kind)
            .expect("the list has all kinds");
        CHECKERS[index].get_or_init(|| {
            let schema = kind.schema();
            let validator = jsonschema::draft202012::new(&schema)
                .expect("our own schemas compile; a test builds them all");
            Self { schema, validator }
        })
    }

    pub(super) fn schema(&self) -> &Value {
        &self.schema
    }

    pub(super) fn validator(&self) -> &Validator {
        &self.validator
    }
}

fn generate<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// The schema of surveys. What a marketplace's block may say otherwise is added to the block.
fn survey() -> Value {
    let mut schema = generate::<SurveyManifest>();
    vendors::add_blocks(&mut schema, "/properties", Level::of_surveys);
    vendors::add_blocks(&mut schema, "/properties/groups/items/properties", |_| {
        Level::Group
    });
    tidy(&mut schema);
    let fields = schema["properties"].clone();
    for pointer in ["/properties", "/properties/groups/items/properties"] {
        for vendor in VendorId::all() {
            let block = schema.pointer_mut(&format!("{pointer}/{vendor}/properties"));
            let Some(Value::Object(block)) = block else {
                continue;
            };
            if pointer == "/properties" {
                block.shift_insert(0, SHARE.to_owned(), shapes::share_of_marketplace());
            }
            for key in overrides() {
                if let Some(field) = fields.get(key).filter(|_| !block.contains_key(key)) {
                    block.insert(key.to_owned(), field.clone());
                }
            }
        }
    }
    schema
}

/// The schema of groups of surveys.
fn group() -> Value {
    let mut schema = generate::<GroupManifest>();
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        fields.extend(vendors::blocks_of_exclusion_groups());
    }
    schema
}

/// The schema of defaults: that of surveys, without what only a single survey can say.
fn defaults() -> Value {
    let mut schema = survey();
    if let Value::Object(map) = &mut schema {
        map.insert("required".to_owned(), json!(["kind"]));
        let about = [
            ("title", "Defaults"),
            (
                "description",
                "What the surveys of this folder and of those below it have in common. What a survey says itself counts \
                 before it.",
            ),
        ];
        for (key, text) in about {
            map.insert(key.to_owned(), Value::from(text));
        }
    }
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        for key in ["name", "groups", "matrix"] {
            fields.shift_remove(key);
        }
        let mark = json!({
            "title": "Kind", "description": "Says that this document holds defaults.",
            "type": "string", "const": "Defaults",
        });
        fields.insert("kind".to_owned(), mark);
        for vendor in VendorId::all() {
            if let Some(Value::Object(block)) = fields
                .get_mut(vendor.key())
                .and_then(|block| block.get_mut("properties"))
            {
                block.shift_remove(SHARE);
            }
        }
    }
    schema
}

/// The schema of projects, with the defaults they may hold.
fn project() -> Value {
    let mut schema = generate::<ProjectManifest>();
    let mut inner = defaults();
    if let Value::Object(map) = &mut inner {
        for key in ["$schema", "required"] {
            map.shift_remove(key);
        }
    }
    if let Some(Value::Object(fields)) = inner.get_mut("properties") {
        fields.shift_remove("kind");
    }
    schema["properties"]["defaults"] = inner;
    schema
}

/// The schema of a kind as editors get it; `root` is where it will stand.
fn for_editors(kind: Kind, root: &str) -> Value {
    let mut schema = kind.schema();
    let place = match kind {
        Kind::Survey | Kind::Defaults => Some(""),
        Kind::Project => Some("/properties/defaults"),
        Kind::SurveyGroup | Kind::Reconciliation => None,
    };
    if let Some(place) = place {
        refer(&mut schema, root, &format!("{place}/properties"), "");
        refer(
            &mut schema,
            root,
            &format!("{place}/properties"),
            "/groups/items/properties",
        );
    }
    enrich(&mut schema);
    if kind == Kind::Survey {
        for (key, field) in schema["properties"].as_object_mut().into_iter().flatten() {
            if !["kind", "matrix"].contains(&key.as_str()) {
                allow_placeholders(field);
            }
        }
    }
    schema
}

/// Lets what the blocks of marketplaces say of a survey refer to the survey's own fields, instead of repeating them.
fn refer(schema: &mut Value, root: &str, fields: &str, below: &str) {
    let own = schema.pointer(fields).cloned().unwrap_or_default();
    for vendor in VendorId::all() {
        let block = schema.pointer_mut(&format!("{fields}{below}/{vendor}/properties"));
        let Some(Value::Object(block)) = block else {
            continue;
        };
        for key in overrides() {
            if block.contains_key(key) && block.get(key) == own.get(key) {
                block.insert(key.to_owned(), json!({"$ref": format!("{root}{fields}/{key}")}));
            }
        }
    }
}

/// Lets values be placeholders of a matrix, for editors: what they become is checked once they are filled in.
fn allow_placeholders(value: &mut Value) {
    const PLACEHOLDER: &str = "\\$\\{";
    let Value::Object(map) = value else { return };
    for key in ["properties", "patternProperties"] {
        for inner in map
            .get_mut(key)
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
            .map(|(_, inner)| inner)
        {
            allow_placeholders(inner);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            allow_placeholders(inner);
        }
    }
    let types: Vec<String> = match map.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return,
    };
    let has = |name: &str| types.iter().any(|other| other == name);
    if has("object") || has("array") {
        if !has("string") {
            let mut types = types;
            types.push("string".to_owned());
            map.insert("type".to_owned(), json!(types));
            map.insert("pattern".to_owned(), Value::from(PLACEHOLDER));
        }
        return;
    }
    // Editors offer the words of a list only where it stands by itself.
    if map.contains_key("enum") {
        return;
    }
    // Another value is still refused for what it is, and not as a branch that does not fit.
    let words = ["title", "description", "examples", "default"];
    let rules: Vec<String> = map
        .keys()
        .filter(|key| !words.contains(&key.as_str()))
        .cloned()
        .collect();
    let rules: Map<String, Value> = rules
        .into_iter()
        .filter_map(|key| Some((key.clone(), map.shift_remove(&key)?)))
        .collect();
    map.insert("if".to_owned(), json!({"type": "string", "pattern": PLACEHOLDER}));
    map.insert("else".to_owned(), Value::Object(rules));
}

/// Removes what the generator adds for Rust's sake.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("default").is_some_and(Value::is_null) {
                map.shift_remove("default");
            }
            if map
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|format| format.starts_with("uint"))
            {
                map.shift_remove("format");
            }
            map.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces the loose mappings of criteria by ones that list questions and answers.
fn enrich(value: &mut Value) {
    match value {
        Value::Object(map) if map.contains_key(shapes::CRITERIA_MARK) => {
            let min = map.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
            let described: Map<String, Value> = ["title", "description"]
                .into_iter()
                .filter_map(|key| Some((key.to_owned(), map.get(key)?.clone())))
                .collect();
            let Some(codebook) = vendors::codebook_for_editors() else {
                return;
            };
            *value = shapes::rich_criteria(codebook, min);
            if let Value::Object(rich) = value {
                rich.extend(described);
            }
        }
        Value::Object(map) => map.values_mut().for_each(enrich),
        Value::Array(items) => items.iter_mut().for_each(enrich),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn id(file: &str) -> String {
    format!("urn:infield:schema:{}", file.trim_end_matches(".schema.json"))
}

/// The schema that documents of a kind are checked with. Its order of fields is the order in which they are written.
pub fn of(kind: Kind) -> &'static Value {
    Checker::of(kind).schema()
}

/// Every schema for editors, by file name, in the order of the names.
pub fn all() -> Vec<(&'static str, Value)> {
    crate::marketplace::registry::install();
    let mut schemas = Vec::new();
    let mut definitions = Map::new();
    let mut branches = Vec::new();
    for kind in Kind::ALL {
        let mut schema = for_editors(kind, "#");
        if let Value::Object(map) = &mut schema {
            map.shift_remove("$schema");
            // What says what a schema is comes first, where people look for it.
            for key in ["description", "title"] {
                if let Some(text) = map.shift_remove(key) {
                    map.shift_insert(0, key.to_owned(), text);
                }
            }
            map.shift_insert(0, "$schema".to_owned(), DIALECT.into());
            map.shift_insert(1, "$id".to_owned(), id(kind.file()).into());
        }
        let mut within = for_editors(kind, &format!("#/$defs/{}", kind.word()));
        if let Value::Object(map) = &mut within {
            map.shift_remove("$schema");
        }
        definitions.insert(kind.word().to_owned(), within);
        branches.push(json!({
            "if": {"properties": {"kind": {"const": kind.word()}}, "required": ["kind"]},
            "then": {"$ref": format!("#/$defs/{}", kind.word())},
        }));
        schemas.push((kind.file(), schema));
    }
    let words: Vec<_> = Kind::ALL.into_iter().map(Kind::word).collect();
    let manifest = json!({
        "$schema": DIALECT,
        "$id": id("manifest.schema.json"),
        "title": "infield manifest",
        "description": "One document of an infield manifest; `kind` says what it is.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {
            "title": "Kind", "description": "What this document is.", "type": "string", "enum": words,
            "examples": ["Survey"],
        }},
        "allOf": branches,
        "$defs": definitions,
    });
    schemas.push(("manifest.schema.json", manifest));
    schemas.sort_by_key(|(file, _)| *file);
    schemas
}

/// A schema as it stands in its file.
pub fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a JSON value always serialises");
    text.push('\n');
    text
}

/// Names of the schemas in a folder that are missing or differ from what would be written.
pub fn check(dir: &Path) -> Vec<&'static str> {
    all()
        .into_iter()
        .filter(|(file, schema)| {
            std::fs::read_to_string(dir.join(file)).ok().as_deref() != Some(&text(schema))
        })
        .map(|(file, _)| file)
        .collect()
}

/// Writes all schemas into a folder, which is made if need be.
pub fn write(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for (file, schema) in all() {
        std::fs::write(dir.join(file), text(&schema))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_compile_and_agree_on_the_simplest_survey() {
        let survey = json!({"kind": "Survey", "name": "a", "purespectrum": {}, "qualifications": {"gender": ["male"]}});
        assert!(Checker::of(Kind::Survey).validator().is_valid(&survey));
        for (file, schema) in all() {
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            let fits = ["survey.schema.json", "manifest.schema.json"].contains(&file);
            assert_eq!(validator.is_valid(&survey), fits, "{file}");
            assert!(!text(&schema).contains(shapes::CRITERIA_MARK));
            assert!(!text(&schema).contains("uint"), "{file}");
        }
    }
}
