//! What an account has at a vendor, whoever made it.

use crate::marketplace::{cint, purespectrum};
use crate::model::{LiveKey, Status, VendorId};
use jiff::Timestamp;
use serde_json::Value;

/// Something at a vendor, as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What a reader needs to find it.
    pub key: LiveKey,
    /// Its title, where the list shows it.
    pub title: Option<String>,
    /// Its status; `None` where it has none of its own, or one that infield does not know.
    pub status: Option<Status>,
    /// When it was made, where the vendor says.
    pub made: Option<Timestamp>,
}

/// Whether a setting of something with this id is as the vendor has it when nobody says anything.
pub fn is_default(vendor: VendorId, key: &str, value: &Value, id: &str) -> bool {
    match vendor {
        VendorId::PureSpectrum => purespectrum::is_default(key, value, id),
        VendorId::InnovateMr => false,
        VendorId::Cint => cint::inventory::is_default(key, value),
    }
}
