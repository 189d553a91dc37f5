//! A vendor that is down is not hammered: after several failures in a row, calls fail at once for a while.

use super::error::VendorError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failed calls in a row, each already repeated as its class allows, after which the vendor counts as down.
const FAILURES: u32 = 5;
/// How long calls then fail at once before one is let through to see.
const PAUSE: Duration = Duration::from_secs(30);

/// Whether calls are let through.
#[derive(Debug, Default)]
pub(super) struct Circuit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
    credentials: Option<VendorError>,
}

impl Circuit {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call through, or says why not. A refused call was certainly not sent.
    pub(super) fn enter(&self, vendor: &'static str) -> Result<(), VendorError> {
        let mut state = self.state();
        if let Some(error) = &state.credentials {
            return Err(error.clone());
        }
        match state.open_until {
            Some(until) if Instant::now() < until => {
                let why = match state.failures {
                    failures @ FAILURES.. => format!("not tried, because its last {failures} calls failed"),
                    _ => "not tried, because it takes requests and does not answer".to_owned(),
                };
                Err(VendorError::Unreachable(vendor, why))
            }
            Some(_) => {
                // One is let through; the others wait for what it brings.
                state.open_until = Some(Instant::now() + PAUSE);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The vendor takes requests and answers none: whoever asks next need not find out again.
    pub(super) fn silent(&self) {
        self.state().open_until = Some(Instant::now() + PAUSE);
    }

    /// Learns how a call ended.
    pub(super) fn leave<T>(&self, outcome: &Result<T, VendorError>) {
        let mut state = self.state();
        match outcome {
            Err(
                VendorError::Unreachable(..) | VendorError::OutcomeUnknown(..) | VendorError::Server { .. },
            ) => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    state.open_until = Some(Instant::now() + PAUSE);
                }
            }
            // That it was kept back says nothing about the vendor.
            Err(VendorError::Withheld(..)) => {}
            Err(error) if error.is_credentials() => state.credentials = Some(error.clone()),
            Ok(_) | Err(_) => {
                state.failures = 0;
                state.open_until = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> Result<(), VendorError> {
        Err(VendorError::Unreachable(
            "Vendor",
            "connection refused".to_owned(),
        ))
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_a_success_closes_it() {
        let circuit = Circuit::default();
        for _ in 0..FAILURES - 1 {
            circuit.leave(&down());
        }
        circuit.leave(&Ok(()));
        for _ in 0..FAILURES {
            circuit.enter("Vendor").unwrap();
            circuit.leave(&down());
        }
        assert!(circuit.enter("Vendor").is_err());
        tokio::time::advance(PAUSE).await;
        circuit.enter("Vendor").unwrap();
        assert!(
            circuit.enter("Vendor").is_err(),
            "one call at a time looks whether it is back"
        );
        circuit.leave(&Ok(()));
        circuit.enter("Vendor").unwrap();
        circuit.enter("Vendor").unwrap();
    }

    #[tokio::test]
    async fn wrong_credentials_are_not_tried_again() {
        let circuit = Circuit::default();
        let error = VendorError::Credentials {
            vendor: "Vendor",
            status: 401,
            message: "expired".to_owned(),
        };
        circuit.leave::<()>(&Err(error.clone()));
        assert_eq!(circuit.enter("Vendor"), Err(error));
    }
    fn failing() -> Circuit {
        let circuit = Circuit::default();
        for _ in 0..FAILURES {
            circuit.leave(&down());
        }
        circuit
    }

    #[tokio::test(start_paused = true)]
    async fn every_failure_of_the_vendor_counts_and_every_word_of_it_ends_the_row() {
        let server = VendorError::Server {
            vendor: "Vendor",
            status: 503,
            message: String::new(),
        };
        let refused = VendorError::Refused {
            vendor: "Vendor",
            status: 400,
            code: None,
            message: String::new(),
        };
        let odd = VendorError::Undecodable {
            vendor: "Vendor",
            path: "/".to_owned(),
            problem: String::new(),
            excerpt: String::new(),
        };
        let lost = VendorError::OutcomeUnknown("Vendor", "reset".to_owned());
        for (error, fails) in [
            (server, true),
            (lost, true),
            (refused, false),
            (odd, false),
            (VendorError::RateLimited("Vendor"), false),
        ] {
            let circuit = Circuit::default();
            for _ in 0..FAILURES - 1 {
                circuit.leave(&down());
            }
            circuit.leave::<()>(&Err(error.clone()));
            assert_eq!(circuit.enter("Vendor").is_err(), fails, "{error}");
            circuit.leave(&down());
            assert_eq!(circuit.enter("Vendor").is_err(), fails, "{error}: one more");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_tried_was_not_sent_and_says_why() {
        let circuit = failing();
        let error = circuit.enter("Vendor").unwrap_err();
        assert!(!error.may_have_happened());
        assert!(error.to_string().contains("its last 5 calls failed"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_begins_anew_when_the_call_that_looks_fails_or_is_slow() {
        let circuit = failing();
        tokio::time::advance(PAUSE).await;
        circuit.enter("Vendor").unwrap();
        tokio::time::advance(PAUSE / 2).await;
        circuit.leave(&down());
        tokio::time::advance(PAUSE / 2).await;
        assert!(circuit.enter("Vendor").is_err(), "it failed half a pause ago");
        tokio::time::advance(PAUSE / 2).await;
        circuit.enter("Vendor").unwrap();
        tokio::time::advance(PAUSE).await;
        circuit.enter("Vendor").unwrap();
    }
}
