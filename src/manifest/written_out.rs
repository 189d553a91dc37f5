//! What documents come to: every survey written out, over its defaults, with the values of its matrix, at each marketplace.
//!
//! Promises: what is shown is what is read; numbers that are shares stand as counts. Problems are left to loading.

use super::load::{Loaded, Options};
use crate::manifest::expand::defaults::Defaults;
use crate::manifest::expand::matrix;
use crate::manifest::expand::scope::Scope;
use crate::manifest::expand::sight::Sight;
use crate::manifest::lower::file::{Around, File};
use crate::manifest::lower::study;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::text;
use crate::manifest::read::walk;
use crate::manifest::shape::schema;
use crate::model::own::Books;
use crate::model::{Address, Level, Quota, Study, SurveySpec};
use crate::yaml::{self, Budget};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// A survey that a document stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Expanded {
    /// Its address.
    pub address: Address,
    /// The document's file.
    pub file: Arc<str>,
    /// The names of its values, by dimension, where it comes from a matrix.
    pub values: Vec<(String, String)>,
    /// Files with defaults that count for it, the nearest first.
    pub defaults: Vec<Arc<str>>,
    /// The survey, written out.
    pub survey: Value,
}

/// Every survey below the paths that were loaded without errors, in the order of files and documents.
pub fn expand(paths: &[PathBuf], options: &Options, loaded: &Loaded) -> Vec<Expanded> {
    let found = walk::find(paths, &options.base).files;
    let around = Around {
        fence: Vec::new(),
        defaults: Defaults::read(&found),
        // What questions mean is not looked at.
        books: Books::default(),
    };
    let mut all = Vec::new();
    for found in found {
        let Ok(text) = text::read(&found) else {
            continue;
        };
        let file = File::unread(found, &around);
        expand_file(&file, &text, loaded, &mut all);
    }
    all
}

fn expand_file(file: &File, text: &str, loaded: &Loaded, all: &mut Vec<Expanded>) {
    let (tree, _) = yaml::parse(text, yaml::Options::default());
    let sight = Sight::new(text, &file.layers);
    let mut budget = Budget::default();
    let mut defaults: Vec<Arc<str>> = file
        .layers
        .iter()
        .map(|layer| Arc::clone(&layer.found.name))
        .collect();
    defaults.dedup();
    for root in tree.documents() {
        let Some(value) = yaml::to_json(root, &mut budget).0 else {
            continue;
        };
        if value.get("kind").and_then(Value::as_str) != Some(Kind::Survey.word()) {
            continue;
        }
        let folder = file.found.path.parent().unwrap_or(std::path::Path::new(""));
        let mut scope = Scope::new(root, sight, folder, &[]);
        for combination in matrix::expand(&mut scope, value).unwrap_or_default() {
            let values = combination.values.clone();
            let parts = study::parts(&mut scope, combination, file).parts;
            let several = parts.len() > 1;
            for part in parts {
                let mut survey = part.survey;
                let name = survey
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                let address = match part.vendor.filter(|_| several) {
                    Some(vendor) => Address::at(&name, vendor),
                    None => Address::survey(name),
                };
                count(&mut survey, &address, loaded);
                let survey = in_order(survey);
                all.push(Expanded {
                    address,
                    file: Arc::clone(&file.found.name),
                    values: values.clone(),
                    defaults: defaults.clone(),
                    survey,
                });
            }
        }
    }
}

/// The fields in the order of the canonical form; defaults would otherwise stand at the end.
fn in_order(survey: Value) -> Value {
    let Value::Object(fields) = survey else {
        return survey;
    };
    let known = schema::of(Kind::Survey)
        .get("properties")
        .and_then(Value::as_object);
    let known: Vec<&String> = known.map(|known| known.keys().collect()).unwrap_or_default();
    let place = |key: &String| known.iter().position(|other| *other == key);
    let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
    fields.sort_by_key(|(key, _)| place(key));
    Value::Object(fields.into_iter().collect())
}

/// Writes the completes of a survey, its groups and quotas as the counts that they come to.
fn count(survey: &mut Value, address: &Address, loaded: &Loaded) {
    let wanted = |address: &Address| loaded.desired.surveys.get(address);
    let Some(own) = wanted(address) else { return };
    let holds_groups = Level::of(own.vendor, address) == Level::Container;
    let listed = survey.get_mut("groups").and_then(Value::as_array_mut);
    if let (true, Some(groups)) = (holds_groups, listed) {
        for group in groups {
            let name = group.get("name").and_then(Value::as_str).unwrap_or_default();
            if let Some(wanted) = wanted(&Address::group(address.as_str(), name)) {
                write_counts(group, &wanted.spec);
            }
        }
    }
    let main = Address::group(address.as_str(), Study::ONLY);
    let spec = if holds_groups { wanted(&main) } else { Some(own) };
    if let Some(spec) = spec {
        write_counts(survey, &spec.spec);
    }
}

fn write_counts(value: &mut Value, spec: &SurveySpec) {
    if let (Some(written), Some(count)) = (value.get_mut("completes"), spec.completes.value()) {
        *written = Value::from(*count);
    }
    let quotas = value.get_mut("quotas").and_then(Value::as_array_mut);
    let wanted = spec.quotas.value().map_or(&[] as &[_], |all| all.as_slice());
    for quota in quotas.into_iter().flatten() {
        let key = quota.get("id").unwrap_or(&quota["name"]);
        let same = |wanted: &&Quota| *key == wanted.name.as_str();
        if let Some(wanted) = wanted.iter().find(same) {
            quota["completes"] = Value::from(wanted.completes);
        }
    }
}
