//! Whether a call may be tried again. Its class alone decides.

use super::transport::{Incoming, NoAnswer};
use crate::model::CallClass;
use http::HeaderMap;
use std::time::Duration;

/// Whether an outcome may be tried again for this class: what happened, and how long the vendor wants us to wait.
///
/// The class alone decides. A create is repeated only when it certainly was not carried out: no connection, or the
/// vendor's word that it did not accept it (429).
pub(super) fn retry_advice(
    outcome: &Result<Incoming, NoAnswer>,
    class: CallClass,
) -> Option<(String, Duration)> {
    let repeatable = match class {
        CallClass::Read | CallClass::IdempotentWrite | CallClass::KeyedWrite => true,
        CallClass::Create => false,
    };
    match outcome {
        Err(NoAnswer::NotSent(why)) => Some((why.clone(), Duration::ZERO)),
        Err(NoAnswer::Lost(why)) if repeatable => Some((why.clone(), Duration::ZERO)),
        Ok(answer) if answer.status == 429 => Some((
            "429, the request rate is limited".to_owned(),
            retry_after(&answer.headers),
        )),
        Ok(answer) if answer.status >= 500 && repeatable => Some((
            format!("{} from the vendor", answer.status),
            retry_after(&answer.headers),
        )),
        Ok(_) | Err(NoAnswer::Lost(_)) => None,
    }
}

/// `Retry-After` in seconds; the date form counts as absent, because trusting a foreign clock is worse than waiting.
fn retry_after(headers: &HeaderMap) -> Duration {
    headers
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse::<u64>().ok())
        .map_or(Duration::ZERO, Duration::from_secs)
}
