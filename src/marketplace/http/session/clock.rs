//! What time it is at the vendor, and whether the vendor is an emulator: heard from the heads of its answers.
//!
//! Promises that the clocks of two machines are never compared: the vendor's time is the `Date` it sent last and what a steady
//! clock has counted since.

use http::HeaderMap;
use http::header::{AGE, DATE};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// The header by which infield's own sandbox says what it is.
const SANDBOX: &str = "infield-sandbox";

/// What answers have told so far.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Told>);

#[derive(Debug, Clone, Copy, Default)]
struct Told {
    date: Option<(Timestamp, Instant)>,
    sandbox: bool,
}

impl Heard {
    /// Takes note of the head of an answer. One that was kept somewhere on the way tells an old time and is not listened to.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE));
        let date = date
            .and_then(|date| date.to_str().ok())
            .and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(date) = date {
            told.date = Some((date.timestamp(), Instant::now()));
        }
        told.sandbox |= headers.contains_key(SANDBOX);
    }

    /// The vendor's time; `None` where it never told it.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let (date, heard) = self.told().date?;
        let since = SignedDuration::try_from(heard.elapsed()).ok()?;
        date.checked_add(since).ok()
    }

    /// Whether what answers has said that it is the sandbox.
    pub(super) fn sandbox(&self) -> bool {
        self.told().sandbox
    }

    fn told(&self) -> Told {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn head(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_vendors_time_goes_on_from_the_date_it_sent_last() {
        let heard = Heard::default();
        heard.note(&head(&[("date", "soon")]));
        assert_eq!(heard.now(), None);
        heard.note(&head(&[("date", "Sat, 21 Nov 2026 08:00:00 GMT")]));
        tokio::time::advance(Duration::from_secs(90)).await;
        let after = "2026-11-21T08:01:30Z".parse().unwrap();
        assert_eq!(heard.now(), Some(after));
        let kept = [("date", "Sat, 21 Nov 2026 02:00:00 GMT"), ("age", "21600")];
        heard.note(&head(&kept));
        heard.note(&head(&[]));
        assert_eq!(heard.now(), Some(after), "an answer from a cache tells nothing");
    }

    #[test]
    fn only_what_says_so_is_the_sandbox() {
        let heard = Heard::default();
        heard.note(&head(&[("server", "infield")]));
        assert!(!heard.sandbox());
        heard.note(&head(&[("infield-sandbox", "1")]));
        heard.note(&head(&[]));
        assert!(heard.sandbox());
    }
}
