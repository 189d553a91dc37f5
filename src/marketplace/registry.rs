//! The one list of marketplaces. Another one is a folder beside this file and a line in `built_in`.

use super::contract::Vendor;
use super::{cint, innovatemr, purespectrum};
use crate::model::VendorId;
use std::sync::{Once, PoisonError, RwLock};

/// The marketplaces that this version knows.
fn built_in() -> [&'static dyn Vendor; 3] {
    [purespectrum::standard(), innovatemr::standard(), cint::standard()]
}

/// Everything on the list of this process.
static LIST: RwLock<Vec<&'static dyn Vendor>> = RwLock::new(Vec::new());

/// Puts the marketplaces of this version on the list; every way into the program does so first. Once is enough.
///
/// # Panics
/// When two marketplaces of this version have the same key.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for vendor in built_in() {
            enlist(vendor).expect("every marketplace of this version has a key of its own");
        }
    });
}

/// Adds a marketplace of somebody else, before anything is read.
///
/// # Errors
/// When there is one with its key already: the one that was there stays.
pub fn add(vendor: &'static dyn Vendor) -> Result<(), AlreadyThere> {
    install();
    enlist(vendor)
}

/// Why a marketplace cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is a marketplace with the key `{0}` already")]
pub struct AlreadyThere(pub &'static str);

fn enlist(vendor: &'static dyn Vendor) -> Result<(), AlreadyThere> {
    let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
    if list.iter().any(|other| other.id() == vendor.id()) {
        return Err(AlreadyThere(vendor.id().key()));
    }
    list.push(vendor);
    vendor.id().enlist();
    Ok(())
}

/// A marketplace as it is without the settings of an environment.
///
/// # Panics
/// When it was never added: an id comes from the list or belongs to a marketplace that was added.
pub fn of(id: VendorId) -> &'static dyn Vendor {
    install();
    let list = LIST.read().unwrap_or_else(PoisonError::into_inner);
    let found = list.iter().find(|vendor| vendor.id() == id);
    *found.unwrap_or_else(|| panic!("the marketplace {id} was not added to the registry"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::marketplace::SignIn;
    use crate::model::{Address, Level};
    use std::collections::BTreeSet;

    #[test]
    fn a_key_that_is_taken_is_refused() {
        install();
        for vendor in built_in() {
            let error = add(vendor).unwrap_err();
            assert_eq!(error, AlreadyThere(vendor.id().key()));
            assert!(error.to_string().contains(vendor.id().key()), "{error}");
        }
        let keys = LIST
            .read()
            .unwrap()
            .iter()
            .map(|vendor| vendor.id().key())
            .collect::<BTreeSet<_>>();
        assert_eq!(keys.len(), LIST.read().unwrap().len());
    }

    #[test]
    fn what_a_marketplace_answers_fits_its_facts() {
        let mut ranks = BTreeSet::new();
        for id in VendorId::all() {
            let (vendor, facts) = (of(*id), id.facts());
            assert_eq!(vendor.id(), *id);
            assert!(Address::is_valid_name(facts.key), "{id}");
            assert!(ranks.insert(facts.rank), "{id} has the rank of another");
            assert!(
                vendor.block_schema(Level::of_surveys(*id)).is_some(),
                "{id} has no block in a survey"
            );
            assert_eq!(
                vendor.block_schema(Level::Group).is_some(),
                facts.has_groups,
                "{id}: blocks in groups"
            );
            assert_eq!(
                vendor.exclusion_groups().is_some(),
                facts.exclusion_groups.is_some(),
                "{id}: exclusion groups"
            );
            assert!(!facts.hosts.is_empty(), "{id} has no host of its own");
            let begins = |prefix: &&str| prefix.ends_with('_') && prefix.to_ascii_uppercase() == **prefix;
            assert!(
                !facts.variables.is_empty() && facts.variables.iter().all(begins),
                "{id}: names of variables"
            );
            let issues = facts.emulator.is_some_and(|emulator| !emulator.auth.is_empty());
            assert_eq!(issues, facts.sign_in == SignIn::Client, "{id}: tokens");
        }
    }
}
