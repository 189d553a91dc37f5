//! Cint Exchange, Demand API 2025-12-18.

pub mod sandbox;
