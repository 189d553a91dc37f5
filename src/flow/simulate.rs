//! Which survey or group something happens to in a sandbox.

use super::Stop;
use crate::model::{Address, Known, Level, Pattern, Resource, VendorId};

/// Where what is remembered under a name is, and its id there; nothing where the name means nothing.
///
/// # Errors
/// When it means several.
pub fn named(
    name: &str,
    vendor: Option<VendorId>,
    known: &Known,
) -> Result<Option<(VendorId, String)>, Stop> {
    let pattern = Pattern::new(name);
    let here = |address: &Address, resource: &Resource| {
        let fielded = resource.survey().is_some() && Level::of(resource.vendor, address) != Level::Container;
        fielded
            && vendor.is_none_or(|vendor| vendor == resource.vendor)
            && pattern.means(&resource.named(address))
    };
    let mut found = known
        .resources
        .iter()
        .filter(|(address, resource)| here(address, resource));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some((_, resource)), None) => Ok(Some((resource.vendor, resource.id.clone()))),
        (Some((one, _)), Some((other, _))) => {
            Err(Stop::usage(format!("`{name}` means several: {one}, {other}, ...")).help("name one of them"))
        }
    }
}
