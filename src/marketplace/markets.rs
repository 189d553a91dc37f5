//! The marketplaces as an environment describes them.

use super::contract::Vendor;
use super::registry;
use crate::model::VendorId;
use crate::model::codebook::Codebook;
use crate::model::own::Books;
use crate::plan::{Marketplace, Marketplaces};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All marketplaces, with what an environment says about them.
#[derive(Debug, Clone)]
pub struct Markets {
    described: BTreeMap<VendorId, Arc<dyn Vendor>>,
    books: Books,
}

impl Default for Markets {
    /// As they are where no environment says anything.
    fn default() -> Self {
        registry::install();
        Self {
            described: BTreeMap::new(),
            books: Books::default(),
        }
    }
}

impl Markets {
    /// The same with one marketplace as an environment describes it.
    pub fn with(mut self, vendor: Arc<dyn Vendor>) -> Self {
        self.described.insert(vendor.id(), vendor);
        self
    }

    /// The same with the names that a project gives questions.
    pub fn naming(self, books: Books) -> Self {
        Self { books, ..self }
    }

    /// A marketplace.
    pub fn vendor(&self, id: VendorId) -> &dyn Vendor {
        match self.described.get(&id) {
            Some(described) => &**described,
            None => registry::of(id),
        }
    }
}

impl Marketplaces for Markets {
    fn of(&self, vendor: VendorId) -> &dyn Marketplace {
        self.vendor(vendor)
    }

    fn codebook(&self, vendor: VendorId) -> &'static Codebook {
        let own = self.books.of(vendor);
        own.unwrap_or_else(|| self.vendor(vendor).codebook())
    }
}
