//! What exists: speaking to the marketplaces.
//!
//! A vendor is one folder. Its pure half (facts, changes → calls) implements [`Marketplace`]; its reader is only ever
//! able to read; writing is sending the calls of a plan. A vendor's field names stay in its folder.

pub mod accept_list;
pub mod cint;
mod circuit;
pub mod connect;
pub mod error;
pub mod estimates;
pub mod in_process;
pub mod innovatemr;
pub mod inventory;
mod json;
pub mod lists;
mod naming;
pub mod purespectrum;
mod recognition;
pub mod reconcile;
mod retry;
pub mod rules;
pub mod session;
pub mod transport;
mod writer;

pub use connect::{Account, Client, Reader};
pub use error::VendorError;
pub use inventory::Listed;
pub use recognition::{Recognition, Sought, Waited, checks_targeting, recognition};
pub use writer::Writer;

/// Where a decoded answer carries the version of what it is about, as the vendor's header gave it.
pub const ETAG: &str = "@etag";

/// Where a decoded answer carries the place that its header names: what was made, or the work that goes on.
pub const LOCATION: &str = "@location";

use crate::model::VendorId;
use crate::plan::{Marketplace, Marketplaces};

/// The pure halves of all vendors, with what an environment says about them.
#[derive(Debug, Clone, Default)]
pub struct Markets {
    /// With what is assumed about it.
    pub innovatemr: innovatemr::InnovateMr,
    /// With the account that its paths name.
    pub cint: cint::Cint,
}

impl Marketplaces for Markets {
    fn of(&self, vendor: VendorId) -> &dyn Marketplace {
        match vendor {
            VendorId::PureSpectrum => &purespectrum::PureSpectrum,
            VendorId::InnovateMr => &self.innovatemr,
            VendorId::Cint => &self.cint,
        }
    }
}

#[cfg(test)]
pub(crate) mod scripted;
