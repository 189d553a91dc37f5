//! The committed schemas are the generated ones, and they refuse bad manifests for the right reason.
//!
//! When they differ: `INFIELD_WRITE_SCHEMAS=1 cargo test --test it schemas`, or `infield schema --write schemas`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use infield::manifest::schema;
use infield::yaml::{self, Budget};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn schema_of(file: &str) -> jsonschema::Validator {
    let (_, schema) = schema::all().into_iter().find(|(name, _)| *name == file).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let (tree, problems) = yaml::parse(&text, yaml::Options::default());
    assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    tree.documents()
        .filter_map(|root| yaml::to_json(root, &mut Budget::default()).0)
        .collect()
}

#[test]
fn committed_schemas_are_the_generated_ones() {
    let dir = root().join("schemas");
    if std::env::var_os("INFIELD_WRITE_SCHEMAS").is_some() {
        schema::write(&dir).unwrap();
    }
    let stale = schema::check(&dir);
    assert!(
        stale.is_empty(),
        "{stale:?} differ: run INFIELD_WRITE_SCHEMAS=1 cargo test --test it schemas"
    );
    let mut committed: Vec<_> = schema::all()
        .into_iter()
        .map(|(file, _)| dir.join(file))
        .filter(|file| file.is_file())
        .collect();
    committed.sort();
    assert_eq!(committed.len(), 7);
}

#[test]
fn every_field_has_a_title_and_a_description() {
    fn visit(value: &Value, path: &str, missing: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (key, field) in properties {
                // What a reference leads to is visited where it stands.
                if field.get("$ref").is_some() {
                    continue;
                }
                let path = format!("{path}/{key}");
                if field.get("description").is_none() && key != "file" {
                    missing.push(path.clone());
                }
            }
        }
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| visit(value, &format!("{path}/{key}"), missing)),
            Value::Array(items) => items.iter().for_each(|value| visit(value, path, missing)),
            _ => {}
        }
    }
    for (file, schema) in schema::all()
        .into_iter()
        .filter(|(file, _)| *file != "manifest.schema.json")
    {
        let mut missing = Vec::new();
        visit(&schema, file, &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn valid_manifests_fit_the_schemas_that_editors_get() {
    let manifest = schema_of("manifest.schema.json");
    for folder in ["examples", "tests/manifests/valid"] {
        for entry in ignore::Walk::new(root().join(folder)).map(Result::unwrap) {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                for document in documents(entry.path()) {
                    let errors: Vec<_> = manifest.iter_errors(&document).map(|e| e.to_string()).collect();
                    assert!(errors.is_empty(), "{}: {errors:?}", entry.path().display());
                }
            }
        }
    }
}

#[test]
fn bad_shapes_are_refused_at_the_right_place_by_the_right_keyword() {
    let manifest = schema_of("manifest.schema.json");
    for (case, pointer, keyword) in [
        ("shape-unknown-key.yaml", "", "additionalProperties"),
        (
            "shape-unknown-vendor-key.yaml",
            "/purespectrum",
            "additionalProperties",
        ),
        ("shape-missing-name.yaml", "", "required"),
        ("shape-missing-where.yaml", "/quotas/0", "required"),
        ("shape-text-for-number.yaml", "/completes", "type"),
        ("shape-separator.yaml", "/completes", "type"),
        ("shape-number-for-text.yaml", "/title", "type"),
        ("shape-yes-for-true.yaml", "/purespectrum/click_balancing", "type"),
        ("shape-price-without-currency.yaml", "/cpi", "type"),
        ("shape-fraction.yaml", "/completes", "type"),
        ("shape-null-completes.yaml", "/completes", "type"),
        ("shape-null-quotas.yaml", "/quotas", "type"),
        ("shape-status.yaml", "/status", "enum"),
        ("shape-incidence-rate.yaml", "/incidence_rate", "maximum"),
        ("shape-negative.yaml", "/field_days", "minimum"),
        ("shape-survey-name.yaml", "/name", "pattern"),
        ("shape-quota-name-comma.yaml", "/quotas/0/name", "pattern"),
        ("shape-pacing-unit.yaml", "/purespectrum/feot/pacing", "enum"),
        ("shape-empty-where.yaml", "/quotas/0/where", "minProperties"),
        ("shape-share-text.yaml", "/quotas/0/completes", "pattern"),
        ("manifest-unknown-kind.yaml", "/kind", "enum"),
        ("manifest-no-kind.yaml", "", "required"),
        ("targeting-unknown-answer.yaml", "/qualifications/gender", "anyOf"),
        (
            "project-literal-secret-shape/infield.yaml",
            "/environments/production/cint",
            "additionalProperties",
        ),
        (
            "project-secret-number/infield.yaml",
            "/environments/production/purespectrum/token",
            "type",
        ),
        (
            "project-guard/infield.yaml",
            "/environments/production/guards/launch",
            "enum",
        ),
        (
            "project-environment-name/infield.yaml",
            "/environments",
            "propertyNames",
        ),
    ] {
        let found: Vec<(String, String)> = documents(&root().join("tests/manifests/invalid").join(case))
            .iter()
            .flat_map(|document| {
                manifest
                    .iter_errors(document)
                    .map(|error| {
                        (
                            error.instance_path().as_str().to_owned(),
                            error.kind().keyword().to_owned(),
                        )
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(
            found.contains(&(pointer.to_owned(), keyword.to_owned())),
            "{case}: {found:?}"
        );
    }
}
