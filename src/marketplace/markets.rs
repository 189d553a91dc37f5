//! The marketplaces as an environment describes them.

use super::contract::Vendor;
use super::registry;
use crate::model::VendorId;
use crate::plan::{Marketplace, Marketplaces};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All marketplaces, with what an environment says about them.
#[derive(Debug, Clone)]
pub struct Markets(BTreeMap<VendorId, Arc<dyn Vendor>>);

impl Default for Markets {
    /// As they are where no environment says anything.
    fn default() -> Self {
        registry::install();
        Self(BTreeMap::new())
    }
}

impl Markets {
    /// The same with one marketplace as an environment describes it.
    pub fn with(mut self, vendor: Arc<dyn Vendor>) -> Self {
        self.0.insert(vendor.id(), vendor);
        self
    }

    /// A marketplace.
    pub fn vendor(&self, id: VendorId) -> &dyn Vendor {
        match self.0.get(&id) {
            Some(described) => &**described,
            None => registry::of(id),
        }
    }
}

impl Marketplaces for Markets {
    fn of(&self, vendor: VendorId) -> &dyn Marketplace {
        self.vendor(vendor)
    }
}
