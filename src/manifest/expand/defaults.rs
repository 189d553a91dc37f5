//! Defaults: fields that the surveys of a folder have in common, written once.
//!
//! Promises: what a survey says itself counts before any default, and what stands nearer before what stands further up; a
//! default never fields a survey at a marketplace it does not name, unless it names none at all and exactly one is in
//! the defaults; paths of lists stay relative to the file they are written in.

use super::origin::Origins;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::text;
use crate::manifest::read::walk::{DEFAULTS_FILES, Found, PROJECT_FILE};
use crate::model::{VendorId, billing};
use crate::text::hex;
use crate::yaml::{self, Budget};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The defaults of one document.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The file.
    pub(crate) found: Found,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// What the text is told apart by.
    pub(crate) digest: Arc<str>,
    /// The document's place in it.
    pub(crate) document: usize,
    /// Where the fields stand in the document.
    pub(crate) base: &'static str,
    /// The fields.
    fields: Map<String, Value>,
}

/// All defaults of a project, by the folders they count for.
#[derive(Debug, Default)]
pub(crate) struct Defaults(BTreeMap<PathBuf, Vec<Arc<Layer>>>);

/// Keys of a document that are no fields of surveys.
const OWN_KEYS: [&str; 5] = ["kind", "name", "groups", "matrix", "share"];

impl Defaults {
    /// The defaults among the files.
    pub(crate) fn read(files: &[Found]) -> Self {
        let mut all = Self::default();
        for found in files {
            let name = found
                .real
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let Some(folder) = found
                .real
                .parent()
                .filter(|_| name == PROJECT_FILE || DEFAULTS_FILES.contains(&name))
            else {
                continue;
            };
            let layers = all.0.entry(folder.to_owned()).or_default();
            // `defaults.yaml` comes before `infield.yaml` by its name, and is the nearer one.
            layers.extend(read_file(found).into_iter().map(Arc::new));
        }
        all.0.retain(|_, layers| !layers.is_empty());
        all
    }

    /// What counts for the files of a folder, the nearest first.
    pub(crate) fn of(&self, folder: &Path) -> Arc<[Arc<Layer>]> {
        let above = folder.ancestors().filter_map(|folder| self.0.get(folder));
        above.flatten().cloned().collect()
    }
}

/// Files that cannot be read, or are not what they seem, are reported when they are read as manifests.
fn read_file(found: &Found) -> Vec<Layer> {
    let Ok(text) = text::read(found) else {
        return Vec::new();
    };
    let (tree, _) = yaml::parse(&text, yaml::Options::default());
    let digest: Arc<str> = hex::sha256(&*text, 8).into();
    let mut layers = Vec::new();
    let mut budget = Budget::default();
    for (document, root) in tree.documents().enumerate() {
        let Some(value) = yaml::to_json(root, &mut budget).0 else {
            continue;
        };
        let kind = value
            .get("kind")
            .and_then(Value::as_str)
            .and_then(Kind::from_word);
        let (fields, base) = match kind {
            Some(Kind::Defaults) => (Some(&value), ""),
            Some(Kind::Project) => (value.get("defaults"), "/defaults"),
            _ => (None, ""),
        };
        if let Some(fields) = fields.and_then(Value::as_object) {
            let mut fields = fields.clone();
            fields.retain(|key, _| !OWN_KEYS.contains(&key.as_str()));
            layers.push(Layer {
                found: found.clone(),
                text: Arc::clone(&text),
                digest: Arc::clone(&digest),
                document,
                base,
                fields,
            });
        }
    }
    layers
}

/// Lays a survey over the defaults of its folder.
pub(crate) fn lay_under(
    survey: &mut Map<String, Value>,
    origins: &mut Origins,
    layers: &[Arc<Layer>],
    folder: &Path,
) {
    adopt_vendor(survey, origins, layers);
    for (index, layer) in layers.iter().enumerate() {
        let up = levels(layer, folder);
        for (key, value) in &layer.fields {
            let mut value = value.clone();
            relocate(&mut value, &up, false);
            let block = VendorId::from_key(key).is_some();
            match survey.get_mut(key) {
                Some(Value::Object(own)) => {
                    for (inner, value) in value.as_object().into_iter().flatten() {
                        if adds(key, inner, block) && !own.contains_key(inner) {
                            own.insert(inner.clone(), value.clone());
                            let pointer = format!("/{key}/{inner}");
                            origins.put(pointer.clone(), Some(index), pointer);
                        }
                    }
                }
                None if !block => {
                    survey.insert(key.clone(), value);
                    let pointer = format!("/{key}");
                    origins.put(pointer.clone(), Some(index), pointer);
                }
                _ => {}
            }
        }
    }
}

/// Whether a default adds a part of a field to a survey that says other parts of it.
fn adds(key: &str, inner: &str, block: bool) -> bool {
    match key {
        // Times belong together, and only their clock is the same everywhere.
        "field" => inner == "timezone",
        _ => (block || key == billing::KEY) && inner != "share",
    }
}

/// Chooses the marketplace of a survey that names none: the one in the nearest defaults that name any, where they name
/// exactly one.
fn adopt_vendor(survey: &mut Map<String, Value>, origins: &mut Origins, layers: &[Arc<Layer>]) {
    let named = |fields: &Map<String, Value>| -> Vec<VendorId> {
        let all = VendorId::all().iter().copied();
        all.filter(|vendor| fields.contains_key(vendor.key())).collect()
    };
    if !named(survey).is_empty() {
        return;
    }
    let nearest = layers
        .iter()
        .enumerate()
        .find(|(_, layer)| !named(&layer.fields).is_empty());
    if let Some((index, layer)) = nearest
        && let [only] = named(&layer.fields).as_slice()
    {
        let pointer = format!("/{only}");
        origins.put(pointer.clone(), Some(index), pointer);
        survey.insert(only.key().to_owned(), Value::Object(Map::new()));
    }
}

/// The way up from a survey's folder to that of its defaults.
fn levels(layer: &Layer, folder: &Path) -> String {
    let above = layer.found.real.parent().unwrap_or(Path::new(""));
    let depth = folder
        .strip_prefix(above)
        .map_or(0, |below| below.components().count());
    "../".repeat(depth)
}

/// Lets `{file: ...}` of criteria mean the same from another folder.
fn relocate(value: &mut Value, up: &str, in_criteria: bool) {
    match value {
        Value::Object(map) => {
            if let (true, 1, Some(Value::String(path))) = (in_criteria, map.len(), map.get("file"))
                && !Path::new(path).is_absolute()
            {
                let path = format!("{up}{path}");
                map.insert("file".to_owned(), Value::from(path));
                return;
            }
            for (key, value) in map {
                let criteria = in_criteria || ["qualifications", "where"].contains(&key.as_str());
                relocate(value, up, criteria);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relocate(item, up, in_criteria)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
