//! The marketplaces, one folder each. Nothing outside a vendor's folder knows the vendor's field names.

pub mod purespectrum;
