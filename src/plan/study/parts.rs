//! Where the parts of a study are, and were.

use crate::model::study::Lot;
use crate::model::{Address, DesiredSurvey, Resource, Study, VendorId};
use crate::plan::inputs::Inputs;
use std::collections::{BTreeMap, BTreeSet};

/// The address at one of several marketplaces.
pub(super) fn place(manifest: &str, vendor: VendorId, group: Option<&str>) -> Address {
    let survey = Address::at(manifest, vendor);
    match group {
        Some(group) => Address::group(survey.as_str(), group),
        None => survey,
    }
}

/// The studies of the manifests, and surveys that share their completes with what went before: those that are fielded at
/// one marketplace now and were at others, and those that go on with what had ended.
pub(in crate::plan) fn studies(inputs: &Inputs<'_>) -> BTreeMap<Address, Study> {
    let mut studies = inputs.desired.studies.clone();
    let continues = |resource: &Resource| resource.survey().is_some_and(|survey| survey.continues);
    let shared: BTreeSet<Address> = inputs
        .known
        .resources
        .iter()
        .filter(|(address, resource)| address.vendor().is_some() || continues(resource))
        .map(|(address, _)| Address::survey(address.manifest()))
        .collect();
    for name in shared {
        let Some(survey) = inputs.desired.surveys.get(&name) else {
            continue;
        };
        let vendor = survey.vendor;
        let lots = if vendor.has_groups() {
            let surveys = inputs.desired.surveys.iter();
            let lot = |(other, group): (&Address, &DesiredSurvey)| {
                let inside = other.parent().as_ref() == Some(&name);
                inside.then(|| {
                    (
                        other.group_name().unwrap_or_default().to_owned(),
                        Lot::of(&group.spec),
                    )
                })
            };
            surveys.filter_map(lot).collect()
        } else {
            [(Study::ONLY.to_owned(), Lot::of(&survey.spec))].into()
        };
        let study = Study {
            shares: [(vendor, rust_decimal::Decimal::ONE_HUNDRED)].into(),
            own_quotas: BTreeSet::new(),
            lots,
            ladders: BTreeMap::new(),
        };
        studies.insert(name, study);
    }
    studies
}

/// Where each marketplace of a study fields a lot of it.
pub(in crate::plan) fn parts_of(
    inputs: &Inputs<'_>,
    name: &Address,
    study: &Study,
    lot_name: &str,
) -> BTreeMap<VendorId, Address> {
    let alone = inputs.desired.surveys.contains_key(name);
    let at = |vendor: VendorId| {
        let group = vendor.has_groups().then_some(lot_name);
        let address = place(name.as_str(), vendor, group);
        if alone { address.alone() } else { address }
    };
    study.shares.keys().map(|vendor| (*vendor, at(*vendor))).collect()
}

/// Addresses of a lot in the state, each with its marketplace: both among several marketplaces and at a single one.
pub(in crate::plan) fn remembered_at(
    inputs: &Inputs<'_>,
    name: &Address,
    lot_name: &str,
) -> Vec<(VendorId, Address)> {
    let mut places = Vec::new();
    for vendor in VendorId::all().iter().copied() {
        let address = place(name.as_str(), vendor, vendor.has_groups().then_some(lot_name));
        places.extend([address.alone(), address].map(|address| (vendor, address)));
    }
    places.retain(|(vendor, address)| {
        let known = inputs.known.resources.get(address);
        known.is_some_and(|resource| resource.vendor == *vendor)
    });
    places
}
