//! What exists: speaking to the marketplaces.
//!
//! `contract` says what a marketplace has to answer, `registry` lists them, a folder each answers, and `markets` gives one
//! as an environment has it. Its pure half (facts,
//! changes → calls) is what planning sees; its reader is only ever able to read; writing is sending the calls of a plan. A
//! vendor's field names stay in its folder. `http` is how they are reached, `shelf` what they share.

pub mod account;
pub mod cint;
pub mod connect;
pub mod contract;
pub mod http;
pub mod innovatemr;
pub mod lookups;
mod markets;
pub mod outcomes;
pub mod purespectrum;
pub mod registry;
pub mod shelf;

pub use account::{Account, AccountError, Client};
pub use cint::facts::ID as CINT;
pub use connect::Reader;
pub use contract::{ETAG, LOCATION};
pub use http::error::VendorError;
pub use http::writer::Writer;
pub use innovatemr::facts::ID as INNOVATEMR;
pub use markets::Markets;
pub use purespectrum::facts::ID as PURESPECTRUM;
pub use shelf::inventory::Listed;
pub use shelf::recognition::{Sought, Waited};
