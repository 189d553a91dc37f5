//! Surveys that hold groups: each group is read laid over its survey, whose fields are its defaults.
//!
//! Promises: a problem in a field that several groups inherit is reported once, where it stands.

use super::survey::{Lowered, Part, lower_part, policy};
use crate::diag::code;
use crate::manifest::check::survey::report;
use crate::manifest::expand::scope::Scope;
use crate::manifest::shape::types::SurveyManifest;
use crate::manifest::vendors;
use crate::marketplace::registry;
use crate::model::{DesiredSurvey, Level, Status, SurveySpec, VendorId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of the group of a survey that lists none.
pub(crate) const ONLY: &str = crate::model::Study::ONLY;

/// The survey as what holds its groups, and each of them.
pub(crate) fn lower(
    scope: &mut Scope<'_>,
    vendor: VendorId,
    manifest: &SurveyManifest,
    document: &Value,
    refused: &[String],
) -> Vec<Lowered> {
    let before = scope.problems.len();
    let container = container(scope, vendor, manifest, document, refused);
    let status = container.status();
    let mut all = vec![(None, container)];
    let listed = document.get("groups").and_then(Value::as_array);
    // Groups whose shape is wrong are reported; without them there is nothing to compare.
    if listed.is_some() || !refused.iter().any(|field| field == "groups") {
        let none = Vec::new();
        let entries = listed.unwrap_or(&none);
        names_are_unique(scope, entries);
        for (index, entry) in entries.iter().enumerate() {
            scope.group = Some(index);
            let name = entry.get("name").and_then(Value::as_str).unwrap_or(ONLY);
            all.push(group(
                scope,
                vendor,
                &laid_over(document, entry, name),
                name,
                refused,
                status,
            ));
        }
        scope.group = None;
        if listed.is_none() {
            let empty = Value::Object(serde_json::Map::new());
            let only = laid_over(document, &empty, ONLY);
            all.push(group(scope, vendor, &only, ONLY, refused, status));
        }
    }
    report_once(scope, before);
    all
}

/// What of the survey belongs to the container itself.
fn container(
    scope: &mut Scope<'_>,
    vendor: VendorId,
    manifest: &SurveyManifest,
    document: &Value,
    refused: &[String],
) -> DesiredSurvey {
    let block = vendors::block(vendor, document, Level::Container);
    let policy = policy(scope, manifest, vendor, &block);
    let spec = SurveySpec {
        title: manifest.title.clone(),
        status: if vendor.containers_have_status() {
            manifest.status.clone()
        } else {
            crate::model::Field::Absent
        },
        attributes: block.attributes,
        ..SurveySpec::default()
    };
    for breach in registry::of(vendor).breaches(Level::Container, &spec) {
        if !breach
            .missing
            .iter()
            .any(|field| refused.iter().any(|refused| refused == field))
        {
            report(scope, vendor, breach);
        }
    }
    DesiredSurvey::new(vendor, spec, policy)
}

fn group(
    scope: &mut Scope<'_>,
    vendor: VendorId,
    document: &Value,
    name: &str,
    refused: &[String],
    container: Option<Status>,
) -> Lowered {
    let part = Part {
        vendor,
        level: Level::Group,
        block: vendors::block(vendor, document, Level::Group),
    };
    let manifest = match SurveyManifest::deserialize(document) {
        Ok(manifest) => manifest,
        Err(error) => {
            let message = format!("the group `{name}` laid over its survey fits no survey: {error}");
            scope.error(code::INTERNAL).says(message).head("this group");
            let spec = SurveySpec::default();
            let policy = crate::model::desired::Policy::default();
            return (Some(name.to_owned()), DesiredSurvey::new(vendor, spec, policy));
        }
    };
    let desired = lower_part(scope, &manifest, document, part, refused.to_vec());
    let waits = vendor.containers_have_status() && container != Some(Status::Live);
    if waits && desired.status() == Some(Status::Live) {
        report(scope, vendor, vendors::container_not_live(vendor, container));
    }
    (Some(name.to_owned()), desired)
}

/// A group with the survey's fields under it. Blocks of vendors are laid over each other key by key.
fn laid_over(survey: &Value, group: &Value, name: &str) -> Value {
    let mut laid = survey.clone();
    let Value::Object(map) = &mut laid else {
        return laid;
    };
    map.shift_remove("groups");
    // A title of its own, so that groups can be told apart at the vendor; the only group has the survey's.
    if group.get("title").is_none()
        && name != ONLY
        && let Some(title) = map.get("title").and_then(Value::as_str)
    {
        let title = format!("{title} - {name}");
        map.insert("title".to_owned(), Value::from(title));
    }
    for (key, value) in group.as_object().into_iter().flatten() {
        if key == "name" {
            continue;
        }
        let block = VendorId::from_key(key).is_some();
        match (map.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) if block => {
                under.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            _ => drop(map.insert(key.clone(), value.clone())),
        }
    }
    laid
}

fn names_are_unique(scope: &mut Scope<'_>, entries: &[Value]) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(name) = entry.get("name").and_then(Value::as_str) else {
            continue;
        };
        let first = *seen.entry(name).or_insert(index);
        if first != index {
            scope
                .error(code::MANIFEST_DUPLICATE_NAME)
                .says(format!("the survey has two groups `{name}`"))
                .value(&format!("/groups/{index}/name"), "again")
                .also_value(&format!("/groups/{first}/name"), "first")
                .help("give each group its own name");
        }
    }
}

/// Drops repetitions of a problem that several groups have in common, because they inherit the same field.
fn report_once(scope: &mut Scope<'_>, before: usize) {
    let found = scope.problems.split_off(before);
    for problem in found {
        let known = scope.problems[before..].iter().any(|other| {
            other.code == problem.code && other.span() == problem.span() && other.message == problem.message
        });
        if !known {
            scope.problems.push(problem);
        }
    }
}
