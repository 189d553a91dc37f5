//! What exists: speaking to the marketplaces.
//!
//! `contract` says what a marketplace has to answer, `registry` lists them, a folder each answers. Its pure half (facts,
//! changes → calls) is what planning sees; its reader is only ever able to read; writing is sending the calls of a plan. A
//! vendor's field names stay in its folder. `http` is how they are reached, `shelf` what they share.

pub mod account;
pub mod cint;
pub mod connect;
pub mod contract;
pub mod http;
pub mod innovatemr;
pub mod lookups;
pub mod outcomes;
pub mod purespectrum;
pub mod registry;
pub mod shelf;

pub use account::{Account, AccountError, Client};
pub use cint::facts::ID as CINT;
pub use connect::Reader;
pub use http::error::VendorError;
pub use http::writer::Writer;
pub use innovatemr::facts::ID as INNOVATEMR;
pub use purespectrum::facts::ID as PURESPECTRUM;
pub use shelf::inventory::Listed;
pub use shelf::recognition::{Sought, Waited};

/// Where a decoded answer carries the version of what it is about, as the vendor's header gave it.
pub const ETAG: &str = "@etag";

/// Where a decoded answer carries the place that its header names: what was made, or the work that goes on.
pub const LOCATION: &str = "@location";

use crate::model::VendorId;
use crate::plan::{Marketplace, Marketplaces};
use contract::Vendor;
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
