//! What an apply works with: accounts, state, clock, and who is told.

use super::event::Event;
use crate::marketplace::Writer;
use crate::model::VendorId;
use crate::plan::Marketplaces;
use crate::refresh::Readers;
use crate::state::Keeper;
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

/// Everything an apply works with.
pub struct Context<'a> {
    /// Ways to write, by vendor.
    pub writers: &'a BTreeMap<VendorId, Writer>,
    /// Ways to read back, by vendor.
    pub readers: &'a Readers,
    /// The state.
    pub keeper: &'a Keeper,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
    /// Freezes that this work undoes; every other one holds.
    pub undoes: &'a BTreeSet<String>,
    /// Told everything that happens, in order.
    pub events: &'a (dyn Fn(Event) + Send + Sync),
    /// Steps under way at once, at least 1.
    pub parallelism: usize,
    /// Cancelled when the user wants to stop: calls under way are finished, no step is started.
    pub stop: CancellationToken,
    /// The time, UTC, RFC 3339.
    pub now: &'a (dyn Fn() -> String + Send + Sync),
    /// A new, unique intent id.
    pub new_intent_id: &'a (dyn Fn() -> String + Send + Sync),
}
