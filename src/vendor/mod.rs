//! What exists: speaking to the marketplaces.
//!
//! A vendor is one folder. Its pure half (facts, changes → calls) implements [`Marketplace`]; its reader is only ever
//! able to read; writing is sending the calls of a plan. A vendor's field names stay in its folder.

mod circuit;
pub mod connect;
pub mod error;
pub mod in_process;
pub mod innovatemr;
mod json;
pub mod purespectrum;
pub mod rules;
pub mod session;
pub mod transport;

pub use connect::{Account, Reader, Recognition, Writer, recognition};
pub use error::VendorError;

use crate::model::VendorId;
use crate::plan::{Marketplace, Marketplaces};

/// The pure halves of all vendors, with what an environment says about them.
#[derive(Debug, Clone, Default)]
pub struct Markets {
    /// With what is assumed about it.
    pub innovatemr: innovatemr::InnovateMr,
}

impl Marketplaces for Markets {
    fn of(&self, vendor: VendorId) -> &dyn Marketplace {
        match vendor {
            VendorId::PureSpectrum => &purespectrum::PureSpectrum,
            VendorId::InnovateMr => &self.innovatemr,
        }
    }
}
