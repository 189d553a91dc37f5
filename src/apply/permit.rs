//! Who works on a state may send while the state is locked.

use crate::marketplace::http::permit::Permit;
use crate::state::Keeper;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

impl Permit for Keeper {
    fn may_send(&self) -> Result<(), String> {
        Self::may_send(self).map_err(|error| error.to_string())
    }

    fn withdrawn(&self) -> BoxFuture<'_, String> {
        self.lock_lost().map(|error| error.to_string()).boxed()
    }
}
