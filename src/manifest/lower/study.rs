//! A survey with everything that counts for it: defaults under it, and divided between the marketplaces it names.
//!
//! Promises: what all marketplaces together want is what the manifest says, to the complete.

use super::fielding;
use super::file::{Fielded, File};
use super::named;
use super::stages;
use super::target_groups::ONLY;
use super::windows;
use crate::diag::{Code, Diagnostic, code};
use crate::manifest::check::texts;
use crate::manifest::expand::defaults;
use crate::manifest::expand::marketplaces::{self, Part, SHARE, Split};
use crate::manifest::expand::matrix::Combination;
use crate::manifest::expand::scope::Scope;
use crate::model::study::{Collected, Lot};
use crate::model::{DesiredSurvey, Study, VendorId};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Lowers a survey at every marketplace that fields it.
pub(crate) fn lower(
    scope: &mut Scope<'_>,
    combination: Combination,
    file: &File,
) -> (Vec<Fielded<DesiredSurvey>>, Option<Study>) {
    let Split { parts, shares } = parts(scope, combination, file);
    let several = parts.len() > 1;
    let mut study = Study {
        own_quotas: parts
            .iter()
            .filter(|part| part.own_quotas)
            .filter_map(|part| part.vendor)
            .collect(),
        shares,
        lots: BTreeMap::new(),
        ladders: BTreeMap::new(),
    };
    if several {
        scope.together = parts.iter().filter_map(|part| part.vendor).collect();
    }
    let mut fielded = Vec::new();
    let count = parts.len();
    let before = scope.problems.len();
    for Part {
        vendor,
        survey,
        origins,
        ..
    } in parts
    {
        scope.origins = origins;
        let lowered = fielding::survey(scope, &survey);
        let origins = Arc::new(scope.origins.clone());
        fielded.extend(lowered.into_iter().map(|(group, lowered)| Fielded {
            at: vendor.filter(|_| several),
            named: named::of(
                scope,
                &survey,
                group.as_ref().map(|(_, place)| place.as_str()),
                &lowered,
            ),
            group,
            survey: lowered,
            origins: Arc::clone(&origins),
        }));
    }
    if several {
        windows::at_one_marketplace(scope, fielded.iter().map(|one| &one.survey));
    }
    quiet(scope, before, count);
    if !several || study.shares.is_empty() || scope.problems.iter().any(Diagnostic::is_error) {
        return (fielded, None);
    }
    for one in &fielded {
        let Some(lot) = lot(one) else { continue };
        let own = study.own_quotas.contains(&one.survey.vendor);
        let whole = Lot::of(&one.survey.spec);
        let entry = study.lots.entry(lot.to_owned()).or_default();
        entry.completes = entry.completes.or(whole.completes);
        if entry.quotas.is_empty() && !own {
            entry.quotas = whole.quotas;
        }
        // Of all marketplaces it is that of one whose quotas are divided.
        if let Some(ladder) = one
            .survey
            .ladder
            .clone()
            .filter(|_| !own || !study.ladders.contains_key(lot))
        {
            study.ladders.insert(lot.to_owned(), ladder);
        }
    }
    divide(scope, &study, &mut fielded);
    for one in fielded.iter_mut().filter(|one| one.survey.ladder.is_some()) {
        let Some(lot) = lot(one).map(str::to_owned) else {
            continue;
        };
        scope.origins = (*one.origins).clone();
        stages::divide(scope, &study, &lot, &mut one.survey);
    }
    (fielded, Some(study))
}

/// What a marketplace does not take is no news where it was written for others: in defaults, or for all marketplaces of a
/// survey of which one takes it. What is wrong with the shape of defaults is told of them, and not of every survey.
fn quiet(scope: &mut Scope<'_>, before: usize, parts: usize) {
    let unsupported = |problem: &Diagnostic| problem.code == code::VENDOR_UNSUPPORTED;
    let found = scope.problems.split_off(before);
    let sight = scope.sight;
    let meant = |problem: &Diagnostic| {
        let Some(span) = problem.span() else { return true };
        let same = found
            .iter()
            .filter(|other| unsupported(other) && other.span() == Some(span));
        sight.home(span).0.is_none() && same.count() == parts
    };
    const SHAPES: [Code; 4] = [
        code::SHAPE_TYPE,
        code::SHAPE_UNKNOWN_KEY,
        code::SHAPE_MISSING_KEY,
        code::SHAPE_VALUE,
    ];
    let told = |problem: &Diagnostic| {
        let elsewhere = problem.span().is_some_and(|span| sight.home(span).0.is_some());
        elsewhere && SHAPES.contains(&problem.code)
    };
    let kept = found
        .iter()
        .filter(|problem| !told(problem) && (!unsupported(problem) || meant(problem)))
        .cloned();
    let kept: Vec<Diagnostic> = kept.collect();
    scope.problems.extend(kept);
}

/// The survey over the defaults of its folder, divided.
pub(crate) fn parts(scope: &mut Scope<'_>, combination: Combination, file: &File) -> Split {
    let Combination {
        mut survey,
        mut origins,
        ..
    } = combination;
    if let Value::Object(map) = &mut survey {
        let folder = file.found.real.parent().unwrap_or(Path::new(""));
        defaults::lay_under(map, &mut origins, &file.layers, folder);
    }
    scope.origins = origins.clone();
    texts::settle(scope, &mut survey);
    marketplaces::split(scope, survey, origins)
}

/// The lot that something belongs to; none for a survey that only holds groups.
fn lot(one: &Fielded<DesiredSurvey>) -> Option<&str> {
    match &one.group {
        Some((group, _)) => Some(group),
        None if one.survey.vendor.has_groups() => None,
        None => Some(ONLY),
    }
}

/// Gives every marketplace its part of the completes and quotas.
fn divide(scope: &mut Scope<'_>, study: &Study, fielded: &mut [Fielded<DesiredSurvey>]) {
    let nothing = BTreeMap::new();
    let portions: BTreeMap<&str, _> = study
        .lots
        .iter()
        .map(|(name, lot)| {
            (
                name.as_str(),
                lot.divide(&study.shares, &nothing, &Collected::default()),
            )
        })
        .collect();
    for one in fielded {
        let vendor = one.survey.vendor;
        let Some(portion) = lot(one)
            .and_then(|lot| portions.get(lot))
            .and_then(|parts| parts.get(&vendor))
        else {
            continue;
        };
        portion.write(&mut one.survey.spec, study.own_quotas.contains(&vendor));
        scope.origins = (*one.origins).clone();
        report(scope, vendor, &one.survey);
    }
}

/// Says where a part of the whole cannot be fielded, because nothing is left of it.
fn report(scope: &mut Scope<'_>, vendor: VendorId, survey: &DesiredSurvey) {
    let spec = &survey.spec;
    let (code, message, help) = match spec.completes.value() {
        None => (
            code::STUDY_SHARE,
            "there are no completes to share".to_owned(),
            "add `completes: ...` to the survey",
        ),
        Some(0) => (
            code::STUDY_EMPTY,
            format!("{}'s share of the completes comes to none", vendor.name()),
            "raise its share, or remove its block",
        ),
        Some(_) => return,
    };
    let share = format!("/{vendor}/{SHARE}");
    scope
        .error(code)
        .says(message)
        .value(&share, "of this share")
        .help(help);
}
