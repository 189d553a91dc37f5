//! What manifests say of names that things had before, and what is wrong with it.

use super::expand::scope::Scope;
use super::shape::types::QuotaManifest;
use crate::diag::text::short;
use crate::diag::{Diagnostic, Span, code};
use crate::model::desired::MovedQuotas;
use crate::model::{Address, MovedFrom};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one document says of an old name.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// Whose it was: the name of the manifest, or `name/group`.
    pub(crate) address: Address,
    pub(crate) from: MovedFrom,
    /// Where that stands.
    pub(crate) span: Span,
}

/// The field.
const KEY: &str = "moved_from";

/// What a document says of old names, of itself and of its groups. In a document that stands for `several` surveys some
/// keep their names.
pub(crate) fn read(scope: &mut Scope<'_>, document: &Value, several: bool) -> Vec<Written> {
    let Some(name) = document.get("name").and_then(Value::as_str) else {
        return Vec::new();
    };
    let own = Address::survey(name);
    let mut all = Vec::new();
    let old = document.get(KEY).and_then(Value::as_str);
    if let Some(old) = old {
        let pointer = format!("/{KEY}");
        let from = parse(old, |old| Address::survey(old));
        if from.old().is_some_and(Address::is_group) {
            other_kind(scope, &pointer, old, "a group", "a survey");
        } else if from.old() == Some(&own) {
            if !several {
                itself(scope, &pointer, old);
            }
        } else {
            let span = scope.value(&pointer);
            all.push(Written {
                address: own.clone(),
                from,
                span,
            });
        }
    }
    let before = old.and_then(|old| old.split('@').next()).unwrap_or(name);
    let groups = document.get("groups").and_then(Value::as_array);
    for (index, group) in groups.into_iter().flatten().enumerate() {
        let text = |key: &str| group.get(key).and_then(Value::as_str);
        let (Some(name), Some(old)) = (text("name"), text(KEY)) else {
            continue;
        };
        let pointer = format!("/groups/{index}/{KEY}");
        let address = Address::group(own.as_str(), name);
        let (survey, group) = old.rsplit_once('/').unwrap_or((own.as_str(), old));
        let survey = survey.split('@').next().unwrap_or(survey);
        if ![own.as_str(), before].contains(&survey) {
            other_kind(
                scope,
                &pointer,
                old,
                "a group of another survey",
                "a group of this one",
            );
        } else if group == name {
            if !several {
                itself(scope, &pointer, old);
            }
        } else {
            let from = parse(group, |group| Address::group(own.as_str(), group));
            let span = scope.value(&pointer);
            all.push(Written { address, from, span });
        }
    }
    all
}

fn parse(text: &str, address: impl FnOnce(&str) -> Address) -> MovedFrom {
    match text {
        MovedFrom::NONE => MovedFrom::Nothing,
        text => MovedFrom::Name(address(text)),
    }
}

fn itself(scope: &mut Scope<'_>, pointer: &str, name: &str) {
    scope
        .error(code::MOVED_ITSELF)
        .says(format!("`{}` cannot have been moved from itself", short(name)))
        .value(pointer, "its own name")
        .help("write the name it had before, or remove `moved_from`");
}

fn other_kind(scope: &mut Scope<'_>, pointer: &str, name: &str, is: &str, wanted: &str) {
    scope
        .error(code::MOVED_OTHER_KIND)
        .says(format!("`{}` is {is}, and cannot become {wanted}", short(name)))
        .value(pointer, format!("not {wanted}"))
        .help("write the name it had before, of the same kind and in the same survey");
}

/// The old key of a quota in what a manifest says of it: a key, or an address that ends with one.
fn old_key(text: &str) -> &str {
    let is_address = |owner: &str| {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"@/-".contains(&b);
        !owner.is_empty() && owner.bytes().all(legal)
    };
    match text.split_once("/quotas/") {
        Some((owner, key)) if is_address(owner) && !key.is_empty() => key,
        _ => text,
    }
}

/// What quotas say of their old keys. What is wrong is reported.
pub(crate) fn quotas(scope: &mut Scope<'_>, list: &[QuotaManifest]) -> MovedQuotas {
    let mut moved = MovedQuotas::new();
    let mut olds: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, quota) in list.iter().enumerate() {
        let Some(text) = quota.moved_from.as_deref() else {
            continue;
        };
        let pointer = format!("/quotas/{index}/{KEY}");
        if text == MovedFrom::NONE {
            moved.insert(quota.key().to_owned(), None);
            continue;
        }
        let old = old_key(text);
        let stays = list
            .iter()
            .position(|other| other.key() == old && other.moved_from.is_none());
        if old == quota.key() {
            itself(scope, &pointer, old);
        } else if let Some(other) = stays {
            scope
                .error(code::MOVED_STILL_THERE)
                .says(format!("the quota `{}` still has its name", short(old)))
                .value(&pointer, "moved from this")
                .also_value(&format!("/quotas/{other}/name"), "which is still here")
                .help("rename that one too, or write `moved_from: none`");
        } else if let Some(first) = olds.insert(old, index) {
            scope
                .error(code::MOVED_TWICE)
                .says(format!("two quotas were moved from `{}`", short(old)))
                .value(&pointer, "again")
                .also_value(&format!("/quotas/{first}/{KEY}"), "first")
                .help("only one can be what it was; write `moved_from: none` for the other one");
        }
        moved.insert(quota.key().to_owned(), Some(old.to_owned()));
    }
    moved
}

/// Where the document stands that has a name, or fields something under it.
pub(crate) type Named<'a> = dyn Fn(&Address) -> Option<(Arc<str>, Span)> + 'a;

/// What all documents say of old names, and what only all of them together show to be wrong. `named` knows where the document
/// stands that has a name, or fields something under it.
pub(crate) fn checked(
    written: &[(&Arc<str>, &Written)],
    named: &Named<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<Address, MovedFrom> {
    let mut renames = BTreeMap::new();
    let own: BTreeMap<Address, MovedFrom> = written
        .iter()
        .map(|(_, one)| (one.address.clone(), one.from.clone()))
        .collect();
    let mut olds: BTreeMap<Address, (Arc<str>, Span)> = BTreeMap::new();
    for (file, one) in written {
        if let Some(old) = one.from.old() {
            let found = |code, message: String| {
                Diagnostic::error(code, message)
                    .in_file(file)
                    .at(one.span, "moved from this")
            };
            let there = named(old).filter(|_| !own.contains_key(&old.alone()));
            if let Some((other, span)) = &there {
                let message = format!("`{}` still has its name", short(old.own_name()));
                let problem = found(code::MOVED_STILL_THERE, message)
                    .also_in(other, *span, "which is still here")
                    .help("rename that one too, or write `moved_from: none` here or there");
                diagnostics.push(problem);
            }
            if let Some((other, span)) = olds.get(old) {
                let message = format!("two were moved from `{}`", short(old.own_name()));
                let problem = found(code::MOVED_TWICE, message)
                    .also_in(other, *span, "and this one")
                    .help("only one can be what it was; write `moved_from: none` for the other one");
                diagnostics.push(problem);
            }
            olds.insert(old.clone(), (Arc::clone(file), one.span));
        }
        renames.insert(one.address.clone(), one.from.clone());
    }
    renames
}
