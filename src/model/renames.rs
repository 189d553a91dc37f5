//! Names that things had before, as manifests say them.

use super::Address;
use std::collections::{BTreeMap, BTreeSet};

/// One address and the one it is replaced by.
pub type Move = (Address, Address);

/// What a manifest says of the name that something had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MovedFrom {
    /// None: it is new.
    Nothing,
    /// This one.
    Name(Address),
}

impl MovedFrom {
    /// The word for what is new.
    pub const NONE: &str = "none";

    /// The old address, where there is one.
    pub fn old(&self) -> Option<&Address> {
        match self {
            Self::Nothing => None,
            Self::Name(address) => Some(address),
        }
    }
}

/// What all manifests say of old names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// By the name of a manifest, or by `name/group`; marketplaces are left out on this side.
    pub written: BTreeMap<Address, MovedFrom>,
    /// Other names that a survey of a matrix has when the keys of the matrix stand in another order.
    pub orders: BTreeMap<Address, Vec<Address>>,
    /// Exclusion groups whose reference is made of their names: one that exists keeps the reference it has.
    pub derived: BTreeSet<Address>,
}
