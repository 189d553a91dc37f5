//! `kind: Reconciliation`: transactions and the outcomes they should have, listed here or in a file beside.

use super::outcomes::{self, Defaults, Rows, Written};
use super::scope::Scope;
use super::shapes;
use super::walk::{self, Found};
use crate::diag::text::short;
use crate::diag::{Diagnostic, SourceFile, Span, code, suggest};
use crate::marketplace::outcomes::unsupported;
use crate::model::reconciliation::{Bytes, Named, SurveyRef};
use crate::model::{Outcome, Reconciliation, VendorId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;

/// Outcomes of transactions of one or several surveys.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Reconciliation")]
pub(super) struct ReconciliationManifest {
    /// Says that this document lists outcomes of transactions.
    #[schemars(title = "Kind", schema_with = "shapes::kind_reconciliation")]
    #[expect(dead_code, reason = "documents are told apart before they are typed")]
    pub(super) kind: String,
    /// Its identity in git: lower-case letters, digits and dashes, unique in the project.
    #[schemars(title = "Name", schema_with = "shapes::name")]
    pub(super) name: String,
    /// Where the surveys are; needed only where they are named by the vendor's ids.
    #[serde(default)]
    #[schemars(title = "Vendor", schema_with = "shapes::vendor")]
    pub(super) vendor: Option<String>,
    /// The survey the transactions belong to: its name in the project, or the vendor's id as a number. A list may say it
    /// for each row instead.
    #[serde(default)]
    #[schemars(title = "Survey", schema_with = "shapes::survey_ref")]
    pub(super) survey: Option<Value>,
    /// A CSV file with the columns `transaction_id` and `outcome`, and perhaps `reason`, `survey` and `quota_ids`; the
    /// path is relative to this manifest.
    #[serde(default)]
    #[schemars(title = "File", schema_with = "shapes::outcome_file")]
    pub(super) file: Option<String>,
    /// The outcome of transactions that do not say their own.
    #[serde(default)]
    #[schemars(title = "Outcome", schema_with = "shapes::outcome")]
    pub(super) outcome: Option<String>,
    /// The reason of transactions that do not say their own; it is passed on to the vendor.
    #[serde(default)]
    #[schemars(title = "Reason", schema_with = "shapes::reason")]
    pub(super) reason: Option<String>,
    /// The quotas that completes count for, where the survey allocates completes to quotas and a row does not say it.
    #[serde(default)]
    #[schemars(title = "Quota ids", schema_with = "shapes::quota_ids")]
    pub(super) quota_ids: Option<Vec<String>>,
    /// The transactions, where they are not in a file.
    #[serde(default)]
    #[schemars(title = "Transactions", schema_with = "shapes::transactions")]
    pub(super) transactions: Option<Vec<Entry>>,
}

/// One transaction as written in a manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) transaction_id: String,
    pub(super) outcome: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) quota_ids: Option<Vec<String>>,
}

/// What a document gave besides problems of its own file.
#[derive(Debug, Clone)]
pub(super) struct Lowered {
    pub(super) reconciliation: Reconciliation,
    /// Problems of the list it names, which is another file.
    pub(super) problems: Vec<Diagnostic>,
    pub(super) source: Option<SourceFile>,
}

/// Reads what a document means. `None` where it names no transactions at all.
pub(super) fn lower(
    scope: &mut Scope<'_>,
    manifest: ReconciliationManifest,
    found: &Found,
) -> Option<Lowered> {
    let vendor = manifest.vendor.as_deref().and_then(VendorId::from_key);
    if let Some(why) = vendor.and_then(unsupported) {
        let problem = Diagnostic::error(code::OUTCOME_VENDOR, why).at(scope.value("/vendor"), "not possible");
        scope.push(problem.help("correct these interviews in the vendor's own interface"));
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
    let listed = match (manifest.file, manifest.transactions) {
        (Some(_), Some(_)) | (None, None) => {
            let problem = Diagnostic::error(
                code::OUTCOME_LIST,
                "transactions are either listed here or in a file",
            );
            scope.push(
                problem
                    .at(scope.head(), "which?")
                    .help("write `file: rejects.csv`, or `transactions:` with a list; one of the two"),
            );
            return None;
        }
        (Some(file), None) => return from_file(scope, manifest.name, vendor, &file, defaults, found),
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
            rows.finish(scope.value("/transactions"))
        }
    };
    let broken = !listed.problems.is_empty();
    listed
        .problems
        .into_iter()
        .for_each(|problem| scope.push(problem));
    (!broken).then(|| Lowered {
        reconciliation: Reconciliation {
            name: manifest.name,
            vendor,
            surveys: listed.surveys,
            rows: listed.rows,
            file: Arc::clone(&found.name),
            path: found.path.clone(),
        },
        problems: Vec::new(),
        source: None,
    })
}

fn from_file(
    scope: &mut Scope<'_>,
    name: String,
    vendor: Option<VendorId>,
    file: &str,
    defaults: Defaults,
    found: &Found,
) -> Option<Lowered> {
    let place = scope.value("/file");
    let path = scope.folder.join(file);
    let refuse = |message: String, help: &str| {
        Diagnostic::error(code::OUTCOME_LIST, message)
            .at(place, "cannot be used")
            .help(help)
    };
    // What is in the file may end up in a log, so a manifest cannot name just any file of the machine.
    let outside = path.canonicalize().is_ok_and(|real| {
        let folder = scope.folder.canonicalize();
        !folder.is_ok_and(|folder| real.starts_with(folder))
            && !scope.fence.iter().any(|folder| real.starts_with(folder))
    });
    if outside {
        let message = format!("the list `{}` lies outside of the project", short(file));
        scope.push(refuse(
            message,
            "move it into the project's folder; the path is relative to this manifest",
        ));
        return None;
    }
    let shown = shown(&found.name, file);
    let listed = match outcomes::read(&path, &shown, defaults) {
        Ok(listed) => listed,
        Err(error) => {
            let message = format!("the list `{}` {error}", short(file));
            scope.push(refuse(message, "the path is relative to this manifest"));
            return None;
        }
    };
    let mut sum = Sha256::new();
    for row in &listed.rows {
        sum.update(format!(
            "{}\0{}\0{:?}\0{:?}\n",
            row.id, row.outcome, row.reason, row.quotas
        ));
    }
    scope.lists.push(sum.finalize().into());
    Some(Lowered {
        reconciliation: Reconciliation {
            name,
            vendor,
            surveys: listed.surveys,
            rows: listed.rows,
            file: shown,
            path,
        },
        problems: listed.problems,
        source: listed.source,
    })
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
    let survey = match value {
        Value::Number(number) => SurveyRef::Id(number.to_string()),
        value => {
            let text = value.as_str().unwrap_or_default();
            match outcomes::survey_ref(text) {
                Some(survey) => survey,
                None => {
                    let message = format!("`{}` is no survey", short(text));
                    let problem = Diagnostic::error(code::OUTCOME_SURVEY, message).at(place, "unknown");
                    scope.push(problem.help("write the `name` of a survey, or the vendor's id as a number"));
                    return None;
                }
            }
        }
    };
    if matches!(survey, SurveyRef::Id(_)) && vendor.is_none() {
        let problem = Diagnostic::error(
            code::OUTCOME_SURVEY,
            "an id of a vendor needs to say of which vendor",
        );
        let able = VendorId::all()
            .iter()
            .filter(|vendor| unsupported(**vendor).is_none());
        let able = suggest::list(able.map(|vendor| vendor.key()));
        scope.push(
            problem
                .at(place, "at which vendor?")
                .help(format!("add `vendor:` with {able}")),
        );
    }
    Some(Named {
        survey,
        file: Arc::clone(&found.name),
        path: found.path.clone(),
        place: bytes(place),
    })
}

fn bytes(span: Span) -> Bytes {
    Bytes {
        start: span.start,
        end: span.end,
    }
}
