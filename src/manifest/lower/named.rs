//! Names of other surveys in settings of a marketplace, such as those whose respondents are kept out: where they stand, whether
//! there are such surveys, and which addresses they have.

use super::file::Document;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::diag::{Diagnostic, Span, code};
use crate::manifest::expand::scope::Scope;
use crate::manifest::lower::exclusion_group::Names;
use crate::marketplace::registry;
use crate::model::call::body_placeholder;
use crate::model::{Address, Desired, DesiredSurvey, Pattern, VendorId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The surveys that the settings of something name, and where. `group` is the place of a group in its document.
pub(crate) fn of(
    scope: &Scope<'_>,
    document: &Value,
    group: Option<&str>,
    survey: &DesiredSurvey,
) -> Vec<(Address, Span)> {
    let found = registry::of(survey.vendor).named(&survey.spec.attributes);
    let place = |address: &Address| {
        let blocks = group.into_iter().chain([""]);
        let blocks = blocks.map(|base| format!("{base}/{}", survey.vendor));
        let mut places = blocks.filter_map(|block| {
            let inside = text_in(document.pointer(&block)?, address.as_str())?;
            Some(format!("{block}{inside}"))
        });
        places
            .next()
            .filter(|pointer| scope.origins.of(pointer).layer.is_none())
            .map_or_else(|| scope.head(), |pointer| scope.value(&pointer))
    };
    let found = found.into_iter().map(|address| {
        let place = place(&address);
        (address, place)
    });
    found.collect()
}

/// Where a text stands in a value, as a JSON pointer.
fn text_in(value: &Value, text: &str) -> Option<String> {
    match value {
        Value::String(own) => (own == text).then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| Some(format!("/{index}{}", text_in(item, text)?))),
        Value::Object(map) => map
            .iter()
            .find_map(|(key, item)| Some(format!("/{key}{}", text_in(item, text)?))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// What is wrong with names of other surveys, over all documents of a project.
pub(crate) fn check(documents: &[(&Arc<str>, &Document)], names: &dyn Names, problems: &mut Vec<Diagnostic>) {
    let mut edges: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    let mut places: Vec<(&Arc<str>, Address, &Address, Span)> = Vec::new();
    for (file, document) in documents {
        for (own, vendor, named) in document.naming() {
            for (address, span) in named {
                let problem = unfit(&own, vendor, address, names);
                problems.extend(problem.map(|problem| problem.in_file(file).at(*span, "not this one")));
                // What holds groups is made without them, and waits for nobody.
                if own.is_group() == address.is_group() {
                    edges.entry(own.alone()).or_default().insert(address.alone());
                    places.push((file, own.alone(), address, *span));
                }
            }
        }
    }
    let mut told: BTreeSet<Address> = BTreeSet::new();
    for (file, own, address, span) in places {
        let circle = leads(&edges, &address.alone(), &own);
        if own != address.alone() && circle && !told.contains(&address.alone()) {
            told.insert(own.clone());
            let message = format!("`{own}` and `{address}` would each have to be made before the other");
            let problem = Diagnostic::error(code::VENDOR_LIMIT, message);
            let help = "name the whole survey without its group, or write a `kind: SurveyGroup` with both";
            problems.push(problem.in_file(file).at(span, "waits for this one").help(help));
        }
    }
}

/// Whether names lead from one to another.
fn leads(edges: &BTreeMap<Address, BTreeSet<Address>>, from: &Address, to: &Address) -> bool {
    let mut seen: BTreeSet<&Address> = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(address) = ahead.pop() {
        if address == to {
            return true;
        }
        if seen.insert(address) {
            ahead.extend(edges.get(address).into_iter().flatten());
        }
    }
    false
}

/// Why a name cannot be meant.
fn unfit(own: &Address, vendor: VendorId, named: &Address, names: &dyn Names) -> Option<Diagnostic> {
    let name = named.as_str();
    let meant = names.meant(&Pattern::new(name));
    let itself = own.alone() == named.alone() || own.manifest() == named.manifest() && !named.is_group();
    if itself && !meant.is_empty() {
        let message = format!("`{}` would keep out its own respondents", own.alone());
        let problem = Diagnostic::error(code::VENDOR_LIMIT, message);
        return Some(problem.help("name another survey, or remove it"));
    }
    if meant.iter().any(|(_, fielded)| *fielded == vendor) {
        return None;
    }
    if let Some((_, other)) = meant.first() {
        let message = format!(
            "`{name}` is fielded at {}, and {} knows nothing of it",
            other.name(),
            vendor.name()
        );
        let problem = Diagnostic::error(code::GROUP_OTHER_VENDOR, message);
        return Some(problem.help(format!("name surveys of {} only", vendor.name())));
    }
    // Of a survey with mistakes it is not known what it fields.
    let whole = Pattern::new(named.manifest());
    if names.is_survey(named.manifest()) && names.meant(&whole).is_empty() {
        return None;
    }
    let message = format!("there is no survey `{}`", short(name));
    let problem = Diagnostic::error(code::GROUP_UNKNOWN_SURVEY, message);
    Some(problem.help(suggest::help(name, names.surveys(), || {
        "write the `name` of a survey of this project, or the vendor's `type` and `id`".to_owned()
    })))
}

/// Gives names the addresses that they have: a survey that several marketplaces field is named without one.
pub(crate) fn settle(desired: &mut Desired) {
    let shared = desired
        .surveys
        .keys()
        .filter(|address| address.vendor().is_some());
    let shared: BTreeSet<Address> = shared.cloned().collect();
    if shared.is_empty() {
        return;
    }
    for survey in desired.surveys.values_mut() {
        let at = |named: &Address| {
            let whole = Address::at(named.manifest(), survey.vendor);
            let address = named.within(whole.as_str());
            shared.contains(&address).then(|| body_placeholder(&address))
        };
        registry::of(survey.vendor).refer(&mut survey.spec.attributes, &mut { at });
    }
}
