//! A vendor that takes requests and never answers: how long that has been going on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After so long without any answer nothing is tried again. With the time of one request this is about two minutes.
const LONGEST: Duration = Duration::from_secs(100);
/// What came to nothing so long ago has nothing to do with a new request; longer than any request or wait of ours.
const FORGOTTEN: Duration = Duration::from_secs(90);

/// Since when requests leave and nothing comes back.
#[derive(Debug, Default)]
pub(super) struct Stall(Mutex<Option<Silence>>);

#[derive(Debug)]
struct Silence {
    since: Instant,
    last: Instant,
}

impl Stall {
    fn silence(&self) -> std::sync::MutexGuard<'_, Option<Silence>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request leaves.
    pub(super) fn leaves(&self) {
        let now = Instant::now();
        let mut silence = self.silence();
        match &mut *silence {
            Some(known) if now.duration_since(known.last) < FORGOTTEN => known.last = now,
            _ => {
                *silence = Some(Silence {
                    since: now,
                    last: now,
                });
            }
        }
    }

    /// A request has ended. Any answer is progress, also one that says no.
    pub(super) fn ends(&self, answered: bool) {
        let mut silence = self.silence();
        if answered {
            *silence = None;
        } else if let Some(known) = &mut *silence {
            known.last = Instant::now();
        }
    }

    /// Whether it has been going on for so long that nothing is tried again.
    pub(super) fn is_over(&self) -> bool {
        self.silence()
            .as_ref()
            .is_some_and(|known| known.since.elapsed() >= LONGEST)
    }
}
