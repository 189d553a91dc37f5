//! The marketplaces: one folder each, and nothing outside a folder names its vendor's fields.

pub mod purespectrum;
