//! A survey at one marketplace: from its document to what is fielded there.

use super::survey::{Lowered, Part, lower_part};
use super::target_groups;
use crate::diag::{code, suggest};
use crate::manifest::expand::scope::Scope;
use crate::manifest::read::kind::Kind;
use crate::manifest::shape::check::{self, typed};
use crate::manifest::shape::types::SurveyManifest;
use crate::manifest::vendors;
use crate::model::{DesiredSurvey, Level, VendorId};
use serde::Deserialize as _;
use serde_json::Value;

/// The survey, and each of its groups with its name and place. A survey whose shape is wrong in places is checked as far as
/// the rest goes, so that all its problems are seen at once.
pub(crate) fn survey(scope: &mut Scope<'_>, value: &Value) -> Vec<(Option<(String, String)>, DesiredSurvey)> {
    let refused = check::check(scope, Kind::Survey, value);
    if !refused.pointers.is_empty() {
        if let Some((rest, gone)) = check::prune(value, refused)
            && rest.get("name").is_some()
            && let Ok(manifest) = SurveyManifest::deserialize(&rest)
        {
            lower(scope, &manifest, &rest, gone);
        }
        return Vec::new();
    }
    let Some(manifest) = typed::<SurveyManifest>(scope, value) else {
        return Vec::new();
    };
    let listed = manifest.groups.is_some();
    let place = |index: usize| {
        if listed {
            format!("/groups/{}", index - 1)
        } else {
            String::new()
        }
    };
    let parts = lower(scope, &manifest, value, Vec::new()).into_iter().enumerate();
    parts
        .map(|(index, (group, survey))| (group.map(|group| (group, place(index))), survey))
        .collect()
}

/// Lowers a survey with its groups and runs every check on them. `refused` names fields that the manifest has but that
/// are not in it any more, because their shape was wrong.
pub(crate) fn lower(
    scope: &mut Scope<'_>,
    manifest: &SurveyManifest,
    document: &Value,
    refused: Vec<String>,
) -> Vec<Lowered> {
    let Some(vendor) = vendor(scope, document, &refused) else {
        return Vec::new();
    };
    if vendor.has_groups() {
        return target_groups::lower(scope, vendor, manifest, document, &refused);
    }
    if manifest.groups.is_some() {
        let message = format!("{} has no groups within a survey", vendor.name());
        scope
            .error(code::SURVEY_NO_GROUPS)
            .says(message)
            .key("/groups", "not at this vendor")
            .help("make each of them a survey of its own");
    }
    let part = Part {
        vendor,
        level: Level::Survey,
        block: vendors::block(vendor, document, Level::Survey),
    };
    vec![(None, lower_part(scope, manifest, document, part, refused))]
}

/// The one vendor that fields the survey.
fn vendor(scope: &mut Scope<'_>, document: &Value, refused: &[String]) -> Option<VendorId> {
    let given = |vendor: &VendorId| document.get(vendor.key()).is_some_and(|block| !block.is_null());
    let vendors: Vec<VendorId> = VendorId::all().iter().copied().filter(given).collect();
    match vendors.as_slice() {
        [one] => Some(*one),
        [] => {
            let said = |field: &String| VendorId::from_key(field).is_some();
            if !refused.iter().any(said) {
                let names = suggest::list(VendorId::all().iter().map(|vendor| vendor.key()));
                scope
                    .error(code::SURVEY_NO_VENDOR)
                    .says("the survey names no vendor")
                    .head("fielded where?")
                    .help(format!("add a block that names the vendor: {names}"));
            }
            None
        }
        [first, second, ..] => {
            scope.error(code::SURVEY_SEVERAL_VENDORS).says("the survey names two vendors").key(&format!("/{second}"), "and this one").also_key(&format!("/{first}"), "this one").help("write a survey for each of them; one manifest for several vendors is not in this version");
            None
        }
    }
}
