//! What exists: speaking to the marketplaces.
//!
//! A vendor is one folder. Its pure half (facts, changes → calls) implements [`Marketplace`]; its reader is only ever
//! able to read; writing is sending the calls of a plan. A vendor's field names stay in its folder.

mod circuit;
pub mod connect;
pub mod error;
pub mod in_process;
pub mod purespectrum;
pub mod session;
pub mod transport;

pub use connect::{Account, Reader, Writer};
pub use error::VendorError;

use crate::model::VendorId;
use crate::plan::Marketplace;

/// The pure half of a vendor.
pub fn market(vendor: VendorId) -> &'static dyn Marketplace {
    match vendor {
        VendorId::PureSpectrum => &purespectrum::PureSpectrum,
    }
}
