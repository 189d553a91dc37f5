//! Whether a request may leave: whoever changes something works under a lock, and a lock can be lost while a call waits.

use futures_util::future::{BoxFuture, pending, ready};
use std::future::Future;

/// Asked right before each request of a call leaves, and listened to while the call waits for its turn.
pub trait Permit: Send + Sync {
    /// Whether a request may leave now.
    ///
    /// # Errors
    /// With the reason why not; then none may leave any more.
    fn may_send(&self) -> Result<(), String>;

    /// The same, asked last of all before a request leaves; for what can only be told by looking.
    ///
    /// # Errors
    /// With the reason why not.
    fn may_send_now(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(ready(self.may_send()))
    }

    /// Ends with the reason when no request may leave any more.
    fn withdrawn(&self) -> BoxFuture<'_, String>;
}

/// For what changes nothing: reads need no lock.
#[derive(Debug, Clone, Copy)]
pub struct Always;

impl Permit for Always {
    fn may_send(&self) -> Result<(), String> {
        Ok(())
    }

    fn withdrawn(&self) -> BoxFuture<'_, String> {
        Box::pin(pending())
    }
}

/// Waits, unless the permit is withdrawn meanwhile.
///
/// # Errors
/// With the reason why nothing may be sent any more.
pub async fn unless_withdrawn<T>(permit: &dyn Permit, wait: impl Future<Output = T>) -> Result<T, String> {
    tokio::select! {
        biased;
        waited = wait => Ok(waited),
        why = permit.withdrawn() => Err(why),
    }
}
