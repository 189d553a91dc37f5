//! The JSON Schemas: generated from the types, used for checking, written for editors.
//!
//! Promises: 2020-12, self-contained, each with an `$id`; what editors get accepts nothing that checking refuses
//! except where a message would suffer (names of questions and answers, which are checked later and better). Writing
//! is idempotent.

pub(crate) use super::derive::types;
use super::derive::{generate, tidy, walk};
pub(crate) use super::fields::SURVEY_MARK;
use super::fields::{self, HELP};
use super::test::TestManifest;
use super::types::{GroupManifest, ProjectManifest, ReconciliationManifest, SurveyManifest};
use crate::manifest::expand::marketplaces::{SHARE, overrides};
pub use crate::manifest::read::kind::Kind;
use crate::manifest::vendors;
use crate::model::{Level, VendorId};
use jsonschema::Validator;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::OnceLock;

/// The dialect of all schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

fn file(kind: Kind) -> &'static str {
    match kind {
        Kind::Survey => "survey.schema.json",
        Kind::SurveyGroup => "surveygroup.schema.json",
        Kind::Project => "project.schema.json",
        Kind::Reconciliation => "reconciliation.schema.json",
        Kind::Defaults => "defaults.schema.json",
        Kind::Test => "test.schema.json",
    }
}

fn schema(kind: Kind) -> Value {
    match kind {
        Kind::Survey => survey(),
        Kind::SurveyGroup => group(),
        Kind::Project => project(),
        Kind::Reconciliation => document::<ReconciliationManifest>(kind),
        Kind::Defaults => defaults(),
        Kind::Test => document::<TestManifest>(kind),
    }
}

/// A compiled schema with its text.
pub(crate) struct Checker {
    schema: Value,
    validator: Validator,
}

static CHECKERS: [OnceLock<Checker>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];

impl Checker {
    /// The checker of a kind; compiled once, and only when something of that kind is read.
    pub(crate) fn of(kind: Kind) -> &'static Self {
        crate::marketplace::registry::install();
        let index = Kind::ALL
            .iter()
            .position(|other| *other == kind)
            .expect("the list has all kinds");
        CHECKERS[index].get_or_init(|| {
            let schema = schema(kind);
            let validator = jsonschema::draft202012::new(&schema)
                .expect("our own schemas compile; a test builds them all");
            Self { schema, validator }
        })
    }

    pub(crate) fn schema(&self) -> &Value {
        &self.schema
    }

    pub(crate) fn validator(&self) -> &Validator {
        &self.validator
    }
}

/// Fields of a survey that no group of it has.
const NOT_IN_GROUPS: [&str; 4] = ["kind", "matrix", "on_template_change", "groups"];

/// What fields say in a group, where they mean the group and not the survey.
const IN_GROUPS: [(&str, &str); 13] = [
    (
        "name",
        "The group's identity within the survey: lower-case letters, digits and dashes.",
    ),
    (
        "moved_from",
        "The name the group had before, or `none` for what is new: what exists is renamed, and nothing is made.",
    ),
    (
        "title",
        "Title at the vendor; the survey's title and the group's name if left out.",
    ),
    (
        "locale",
        "Language and region of the respondents as a BCP 47 tag.",
    ),
    ("completes", "Completed interviews wanted of the group."),
    ("cpi", "Price per complete with its currency."),
    ("max_cpi", "Most that a complete may cost, with its currency."),
    ("status", "Where the group should be in its life."),
    ("qualifications", "Who may take part in the group."),
    ("quotas", "Counters of completes of the group."),
    (
        "on_external_pause",
        "What to do when somebody else has paused the group after infield launched it.",
    ),
    (
        "on_remove",
        "What to do with the group when it is removed from the manifest.",
    ),
    ("protect", "Refuses to close, replace or remove the group."),
];

/// The fields of an object's schema.
fn properties<'v>(schema: &'v mut Value, pointer: &str) -> Option<&'v mut Map<String, Value>> {
    schema
        .pointer_mut(&format!("{pointer}/properties"))?
        .as_object_mut()
}

/// The schema of a type as that of a kind of documents.
fn document<T: JsonSchema>(kind: Kind) -> Value {
    let mut schema = generate::<T>();
    mark(&mut schema, kind);
    if let Some(required) = schema["required"].as_array_mut() {
        required.insert(0, json!("kind"));
    }
    schema
}

/// Says that documents name their kind.
fn mark(schema: &mut Value, kind: Kind) {
    let mark = json!({"type": "string", "const": kind.word(), "title": "Kind", "description": kind.says()});
    if let Some(own) = properties(schema, "") {
        own.shift_insert(0, "kind".to_owned(), mark);
    }
}

/// The schema of surveys. What a marketplace's block may say otherwise is added to the block.
fn survey() -> Value {
    const GROUP: &str = "/properties/groups/items";
    let mut schema = document::<SurveyManifest>(Kind::Survey);
    let mut own = properties(&mut schema, "").cloned().unwrap_or_default();
    own.retain(|key, _| !NOT_IN_GROUPS.contains(&key.as_str()));
    for (key, text) in IN_GROUPS {
        own[key]["description"] = json!(text);
    }
    schema["properties"]["groups"]["items"] = json!({
        "title": "Group",
        "description": "A group of a survey: what is left out is as the survey has it.",
        "type": "object", "additionalProperties": false, "properties": own, "required": ["name"],
    });
    vendors::add_blocks(&mut schema, "/properties", Level::of_surveys);
    vendors::add_blocks(&mut schema, "/properties/groups/items/properties", |_| {
        Level::Group
    });
    tidy(&mut schema);
    let own = schema["properties"].clone();
    for (pointer, vendor) in ["", GROUP]
        .into_iter()
        .flat_map(|at| VendorId::all().iter().map(move |vendor| (at, vendor)))
    {
        let Some(block) = properties(&mut schema, &format!("{pointer}/properties/{vendor}")) else {
            continue;
        };
        if pointer.is_empty() {
            block.shift_insert(0, SHARE.to_owned(), fields::share_of_marketplace());
        }
        for key in overrides() {
            if let Some(field) = own.get(key).filter(|_| !block.contains_key(key)) {
                block.insert(key.to_owned(), field.clone());
            }
        }
    }
    schema
}

/// The schema of groups of surveys.
fn group() -> Value {
    let mut schema = document::<GroupManifest>(Kind::SurveyGroup);
    if let Some(own) = properties(&mut schema, "") {
        own.extend(vendors::blocks_of_exclusion_groups());
    }
    schema
}

/// The schema of defaults: that of surveys, without what only a single survey can say.
fn defaults() -> Value {
    let mut schema = survey();
    schema["required"] = json!(["kind"]);
    schema["title"] = json!("Defaults");
    schema["description"] = json!(
        "What the surveys of this folder and of those below it have in common. What a survey says itself counts before it."
    );
    for key in ["name", "moved_from", "groups", "matrix"] {
        properties(&mut schema, "").and_then(|own| own.shift_remove(key));
    }
    mark(&mut schema, Kind::Defaults);
    for vendor in VendorId::all() {
        let block = properties(&mut schema, &format!("/properties/{vendor}"));
        block.and_then(|block| block.shift_remove(SHARE));
    }
    schema
}

/// The schema of projects, with the defaults they may hold.
fn project() -> Value {
    let mut schema = document::<ProjectManifest>(Kind::Project);
    let mut inner = defaults();
    for key in ["$schema", "required"] {
        inner.as_object_mut().and_then(|map| map.shift_remove(key));
    }
    properties(&mut inner, "").and_then(|own| own.shift_remove("kind"));
    schema["properties"]["defaults"] = inner;
    schema
}

/// The schema of a kind as editors get it; `root` is where it will stand.
fn for_editors(kind: Kind, root: &str) -> Value {
    let mut schema = schema(kind);
    let place = match kind {
        Kind::Project => "/properties/defaults/properties",
        _ => "/properties",
    };
    for below in ["", "/groups/items/properties"] {
        refer(&mut schema, root, place, below);
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
    let mut types: Vec<String> = types(value).into_iter().map(str::to_owned).collect();
    let Value::Object(map) = value else { return };
    for key in ["properties", "patternProperties"] {
        let inner = map.get_mut(key).and_then(Value::as_object_mut);
        inner
            .into_iter()
            .flatten()
            .for_each(|(_, inner)| allow_placeholders(inner));
    }
    for key in ["items", "additionalProperties"] {
        map.get_mut(key).map(allow_placeholders);
    }
    let has = |name: &str| types.iter().any(|other| other == name);
    if types.is_empty() {
        return;
    }
    if has("object") || has("array") {
        if !has("string") {
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
    let mut rules = map.clone();
    rules.retain(|key, _| !words.contains(&key.as_str()));
    map.retain(|key, _| words.contains(&key.as_str()));
    map.insert("if".to_owned(), json!({"type": "string", "pattern": PLACEHOLDER}));
    map.insert("else".to_owned(), Value::Object(rules));
}

/// Replaces the loose mappings of criteria by ones that list questions and answers, and takes out what only checking needs.
fn enrich(value: &mut Value) {
    walk(value, &|map| {
        map.shift_remove(HELP);
        map.shift_remove(fields::SURVEY_MARK);
        let codebook = vendors::codebook_for_editors().filter(|_| map.contains_key(fields::CRITERIA_MARK));
        let Some(codebook) = codebook else { return };
        let min = map.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
        let mut rich = fields::rich_criteria(codebook, min);
        for key in ["title", "description"] {
            if let Some(text) = map.get(key) {
                rich[key] = text.clone();
            }
        }
        *map = rich.as_object().cloned().unwrap_or_default();
    });
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
            map.shift_insert(1, "$id".to_owned(), id(file(kind)).into());
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
        schemas.push((file(kind), schema));
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
            assert!(!text(&schema).contains(fields::CRITERIA_MARK));
            assert!(!text(&schema).contains("uint"), "{file}");
        }
    }
}
