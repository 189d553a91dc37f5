//! PureSpectrum Buy API v2.

pub mod sandbox;
