//! The threads that commands run on.

use super::ui::Stop;
use crate::flow::OrFail as _;

/// What a command runs on that waits for something.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .or_fail("no threads can be started")
}
