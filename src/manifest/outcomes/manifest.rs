//! `kind: Reconciliation`: transactions and the outcomes they should have, listed here or in a file beside.

use super::list;
use super::rows::{self, Defaults, Listed, Rows, Written};
use crate::diag::text::short;
use crate::diag::{Diagnostic, SourceFile, code, suggest};
use crate::manifest::expand::scope::Scope;
use crate::manifest::read::beside;
use crate::manifest::read::walk::{self, Found};
use crate::manifest::shape::types::ReconciliationManifest;
use crate::marketplace::outcomes::unsupported;
use crate::model::reconciliation::{Named, Row, SurveyRef};
use crate::model::{Outcome, Reconciliation, VendorId};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a document gave besides problems of its own file.
#[derive(Debug, Clone)]
pub(crate) struct Lowered {
    pub(crate) reconciliation: Reconciliation,
    /// Problems of the list it names, which is another file.
    pub(crate) problems: Vec<Diagnostic>,
    pub(crate) source: Option<SourceFile>,
}

impl Lowered {
    /// Whether the list it names has errors.
    pub(crate) fn is_broken(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }
}

/// Reads what a document means. `None` where it names no transactions at all.
pub(crate) fn lower(
    scope: &mut Scope<'_>,
    manifest: ReconciliationManifest,
    found: &Found,
) -> Option<Lowered> {
    let vendor = manifest.vendor.as_deref().and_then(VendorId::from_key);
    if let Some(why) = vendor.and_then(unsupported) {
        scope
            .error(code::OUTCOME_VENDOR)
            .says(why)
            .value("/vendor", "not possible")
            .help("correct these interviews in the vendor's own interface");
    }
    let survey = manifest
        .survey
        .as_ref()
        .and_then(|value| named(scope, value, vendor, found));
    let defaults = Defaults {
        outcome: manifest.outcome.as_deref().and_then(Outcome::from_word),
        reason: manifest.reason.as_deref().map(Into::into),
        quotas: manifest.quota_ids.map(Into::into),
        survey,
    };
    let mut listed;
    let (mut file, mut path) = (Arc::clone(&found.name), found.path.to_path_buf());
    match (manifest.file, manifest.transactions) {
        (Some(_), Some(_)) | (None, None) => {
            scope
                .error(code::OUTCOME_LIST)
                .says("transactions are either listed here or in a file")
                .head("which?")
                .help("write `file: rejects.csv`, or `transactions:` with a list; one of the two");
            return None;
        }
        (Some(list), None) => {
            (listed, file, path) = from_file(scope, &list, defaults, found)?;
            let mut sum = Sha256::new();
            for row in &listed.rows {
                let Row {
                    id,
                    outcome,
                    reason,
                    quotas,
                    ..
                } = row;
                sum.update(format!("{id}\0{outcome}\0{reason:?}\0{quotas:?}\n"));
            }
            scope.lists.push(sum.finalize().into());
        }
        (None, Some(entries)) => {
            let mut rows = Rows::new(&found.name, &found.path, defaults);
            for (index, entry) in entries.iter().enumerate() {
                let place = |key: &str| scope.value(&format!("/transactions/{index}/{key}"));
                rows.add(Written {
                    id: (&entry.transaction_id, place("transaction_id")),
                    outcome: entry.outcome.as_deref().map(|word| (word, place("outcome"))),
                    reason: entry.reason.as_deref().map(|text| (text, place("reason"))),
                    survey: None,
                    quotas: entry.quota_ids.clone().map(|names| (names, place("quota_ids"))),
                });
            }
            listed = rows.finish(scope.value("/transactions"));
            let problems = std::mem::take(&mut listed.problems);
            if !problems.is_empty() {
                scope.problems.extend(problems);
                return None;
            }
        }
    }
    Some(Lowered {
        reconciliation: Reconciliation {
            name: manifest.name,
            vendor,
            surveys: listed.surveys,
            rows: listed.rows,
            file,
            path,
        },
        problems: listed.problems,
        source: listed.source,
    })
}

/// The list of a file beside the manifest, with the file's name.
fn from_file(
    scope: &mut Scope<'_>,
    file: &str,
    defaults: Defaults,
    found: &Found,
) -> Option<(Listed, Arc<str>, PathBuf)> {
    const BESIDE: &str = "the path is relative to this manifest";
    let shown = shown(&found.name, file);
    let fault = match scope.file(file) {
        None => (
            "lies outside of the project".to_owned(),
            format!("move it into the project's folder; {BESIDE}"),
        ),
        Some(path) => match list::read(&path, &shown, defaults) {
            Ok(listed) => return Some((listed, shown, path)),
            Err(error) => (error.to_string(), beside::help(scope.folder, file, &error)),
        },
    };
    scope
        .error(code::OUTCOME_LIST)
        .says(format!("the list `{}` {}", short(file), fault.0))
        .value("/file", "cannot be used")
        .help(fault.1);
    None
}

/// How a file beside a manifest is shown.
fn shown(manifest: &str, file: &str) -> Arc<str> {
    match Path::new(manifest).parent() {
        Some(folder) => walk::display(&folder.join(file), Path::new("")),
        None => file.into(),
    }
}

fn named(scope: &mut Scope<'_>, value: &Value, vendor: Option<VendorId>, found: &Found) -> Option<Named> {
    let place = scope.value("/survey");
    let text = value.as_str().unwrap_or_default();
    let survey = match value {
        Value::Number(number) => Some(SurveyRef::Id(number.to_string())),
        _ => rows::survey_ref(text),
    };
    let Some(survey) = survey else {
        scope
            .error(code::OUTCOME_SURVEY)
            .says(format!("`{}` is no survey", short(text)))
            .at(place, "unknown")
            .help("write the `name` of a survey, or the vendor's id as a number");
        return None;
    };
    if matches!(survey, SurveyRef::Id(_)) && vendor.is_none() {
        let able = VendorId::all().iter();
        let able = able.filter(|vendor| unsupported(**vendor).is_none());
        scope
            .error(code::OUTCOME_SURVEY)
            .says("an id of a vendor needs to say of which vendor")
            .at(place, "at which vendor?")
            .help(format!(
                "add `vendor:` with {}",
                suggest::list(able.map(|vendor| vendor.key()))
            ));
    }
    Some(Named {
        survey,
        file: Arc::clone(&found.name),
        path: found.path.to_path_buf(),
        place: rows::bytes(place),
    })
}
