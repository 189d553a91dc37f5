//! PureSpectrum, Buy API v2.

pub mod codebook;
pub mod limits;
pub mod options;
