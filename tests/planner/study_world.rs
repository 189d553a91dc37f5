//! The survey `soda`, fielded at one marketplace or shared by several.

use crate::vendors_world::{VendorsWorld, change, container, fieldable, gender_quota, said, step};
use infield::model::study::{Collected, Lot};
use infield::model::{Address, Field, Quota, Study, SurveySpec, VendorId};
use infield::plan::{Action, Plan};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Where a marketplace fields its part of `soda`, next to others.
pub(crate) fn part(vendor: VendorId) -> Address {
    inside(&Address::at("soda", vendor), vendor)
}

/// Where a marketplace fields `soda` when it is the only one.
pub(crate) fn alone(vendor: VendorId) -> Address {
    inside(&Address::survey("soda"), vendor)
}

fn inside(survey: &Address, vendor: VendorId) -> Address {
    if vendor.has_groups() {
        Address::group(survey.as_str(), Study::ONLY)
    } else {
        survey.clone()
    }
}

impl VendorsWorld {
    /// Writes the manifest: so many completes, at these marketplaces, each with its share in percent. One marketplace is
    /// no study.
    pub(crate) fn share(&mut self, completes: u64, shares: &[(VendorId, u32)]) {
        self.share_quotas(completes, &[], shares);
    }

    /// The same with quotas of men and women.
    pub(crate) fn share_quotas(
        &mut self,
        completes: u64,
        quotas: &[(&str, u64)],
        shares: &[(VendorId, u32)],
    ) {
        let name = Address::survey("soda");
        self.desired
            .surveys
            .retain(|address, _| address.manifest() != "soda");
        self.desired.studies.remove(&name);
        let several = shares.len() > 1;
        for (vendor, _) in shares {
            let survey = if several {
                Address::at("soda", *vendor)
            } else {
                name.clone()
            };
            if vendor.has_groups() {
                self.want(*vendor, &survey, container(*vendor));
            }
            self.want(
                *vendor,
                &inside(&survey, *vendor),
                whole(*vendor, completes, quotas),
            );
        }
        if !several {
            return;
        }
        let shares: BTreeMap<VendorId, Decimal> = shares
            .iter()
            .map(|(vendor, share)| (*vendor, Decimal::from(*share)))
            .collect();
        let first = *shares.keys().next().expect("a study has marketplaces");
        let lot = Lot::of(&whole(first, completes, quotas));
        for (vendor, portion) in lot.divide(&shares, &BTreeMap::new(), &Collected::default()) {
            portion.write(&mut self.wanted(&part(vendor)).spec, false);
        }
        let study = Study {
            shares,
            own_quotas: BTreeSet::new(),
            lots: [(Study::ONLY.to_owned(), lot)].into(),
            ladders: BTreeMap::new(),
        };
        self.desired.studies.insert(name, study);
    }

    /// Carries out what holds groups, and no group.
    pub(crate) fn field_holders(&mut self) {
        let holds =
            |address: &Address| !address.is_group() && self.desired.surveys[address].vendor.has_groups();
        let holders: Vec<Address> = self
            .desired
            .surveys
            .keys()
            .filter(|one| holds(one))
            .cloned()
            .collect();
        for address in holders {
            self.field(&address);
        }
    }

    /// The manifest and its twins at all of its marketplaces, in field.
    pub(crate) fn shared(completes: u64, shares: &[(VendorId, u32)]) -> Self {
        let mut world = Self::new();
        world.share(completes, shares);
        world.field_all();
        world
    }
}

/// What the manifest wants of all marketplaces together, in the words of one.
fn whole(vendor: VendorId, completes: u64, quotas: &[(&str, u64)]) -> SurveySpec {
    let quotas: Vec<Quota> = quotas
        .iter()
        .map(|(name, completes)| gender_quota(vendor, name, *completes))
        .collect();
    SurveySpec {
        quotas: if quotas.is_empty() {
            Field::Absent
        } else {
            Field::Set(quotas.into())
        },
        ..fieldable(vendor, completes)
    }
}

/// The goal before and after a step.
pub(crate) fn goal(plan: &Plan, id: &str) -> (Value, Value) {
    change(step(plan, id), "/completes")
}

/// Holds a plan against this: nothing lets an address collect more, and a note says why.
pub(crate) fn held_back(plan: &Plan, address: &Address, why: &str) {
    let raises = |action| {
        matches!(
            action,
            Action::Create | Action::Update | Action::Launch | Action::Resume
        )
    };
    let raised = plan
        .steps
        .iter()
        .find(|step| step.address == *address && raises(step.action));
    assert_eq!(raised.map(|step| &step.id), None);
    let notes = said(plan, address);
    assert!(notes.iter().any(|note| note.contains(why)), "{notes:#?}");
}
