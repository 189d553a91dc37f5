//! What the work needs, and what it tells meanwhile.

use crate::marketplace::http::permit::Permit;
use crate::marketplace::shelf::reconcile::Receipt;
use crate::marketplace::{Reader, Writer};
use crate::model::Mechanism;
use crate::state::{Ledgers, StateError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Told while the work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many more rows were sent.
    Sent(usize),
    /// So many more rows were looked at afterwards.
    Verified(usize),
    /// The vendor took a list.
    Accepted(&'a Receipt),
    /// A call is about to be repeated.
    Retrying(&'a str, Duration),
}

/// Everything the work needs.
pub struct Context<'a> {
    /// To send.
    pub writer: &'a Writer,
    /// To look.
    pub reader: &'a Reader,
    /// Where confirmations go.
    pub ledgers: &'a dyn Ledgers,
    /// The state's lineage.
    pub lineage: &'a str,
    /// Whether requests may leave: asked right before each of those that change something.
    pub permit: &'a dyn Permit,
    /// Whether the lock is still held.
    pub may_write: &'a (dyn Fn() -> Result<(), StateError> + Send + Sync),
    /// Told while the work goes on.
    pub on_progress: &'a (dyn Fn(Progress<'_>) + Send + Sync),
    /// Stops the sending.
    pub stop: CancellationToken,
    /// The time, UTC, RFC 3339.
    pub now: &'a (dyn Fn() -> String + Send + Sync),
    /// How long to wait before each further look at what the vendor took in this way and does not show yet.
    pub waits: &'a (dyn Fn(Mechanism) -> Vec<Duration> + Send + Sync),
}
