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
        Ok(_) | Err(NoAnswer::Lost(_) | NoAnswer::TooLarge(_) | NoAnswer::Withheld(_)) => None,
    }
}

/// `Retry-After` in seconds; a date is the difference to the answer's own `Date`, because no two clocks are alike.
fn retry_after(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let second = |text: &str| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second());
    let seconds = text(http::header::RETRY_AFTER).and_then(|wait| {
        let to_date = || {
            let left = second(wait)?.checked_sub(second(text(http::header::DATE)?)?)?;
            u64::try_from(left).ok()
        };
        wait.parse().ok().or_else(to_date)
    });
    seconds.map_or(Duration::ZERO, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderValue;

    const ALL: [CallClass; 4] = [
        CallClass::Read,
        CallClass::IdempotentWrite,
        CallClass::KeyedWrite,
        CallClass::Create,
    ];

    fn answer(status: u16, retry_after: Option<&'static str>) -> Result<Incoming, NoAnswer> {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static(text));
        }
        Ok(Incoming {
            status,
            headers,
            body: Bytes::new(),
        })
    }

    #[test]
    fn the_class_decides_about_everything_but_what_certainly_was_not_carried_out() {
        let why = "refused".to_owned();
        for class in ALL {
            let again = |outcome: &Result<Incoming, NoAnswer>| retry_advice(outcome, class);
            let repeatable = class != CallClass::Create;
            assert_eq!(
                again(&Err(NoAnswer::NotSent(why.clone()))),
                Some((why.clone(), Duration::ZERO))
            );
            assert_eq!(
                again(&Err(NoAnswer::Lost(why.clone()))),
                repeatable.then(|| (why.clone(), Duration::ZERO))
            );
            assert_eq!(
                again(&answer(429, Some("3"))),
                Some((
                    "429, the request rate is limited".to_owned(),
                    Duration::from_secs(3)
                ))
            );
            for status in [500, 599] {
                assert_eq!(
                    again(&answer(status, Some("4"))),
                    repeatable.then(|| (format!("{status} from the vendor"), Duration::from_secs(4)))
                );
            }
            for status in [200, 301, 400, 401, 404, 428, 430, 499] {
                assert_eq!(again(&answer(status, Some("3"))), None, "{status}");
            }
        }
    }

    #[test]
    fn retry_after_as_a_date_counts_from_the_answers_own_date() {
        let wait = |until: &'static str, date: Option<&'static str>| {
            let mut answer = answer(503, Some(until)).unwrap();
            if let Some(date) = date {
                let headers = &mut answer.headers;
                headers.insert(http::header::DATE, HeaderValue::from_static(date));
            }
            retry_advice(&Ok(answer), CallClass::Read).unwrap().1.as_secs()
        };
        let until = "Wed, 21 Oct 2026 07:28:00 GMT";
        assert_eq!(wait(until, Some("Wed, 21 Oct 2026 07:27:17 GMT")), 43);
        assert_eq!(
            wait(until, Some("Wed, 21 Oct 2026 07:28:01 GMT")),
            0,
            "it is over"
        );
        assert_eq!(wait(until, Some("yesterday")), 0);
        assert_eq!(wait(until, None), 0, "our clock is another one");
        let ages = wait(
            "Fri, 31 Dec 9999 23:59:59 GMT",
            Some("Mon, 01 Jan 0001 00:00:00 GMT"),
        );
        assert!(ages > 300_000_000_000 || ages == 0, "{ages}");
    }

    #[test]
    fn retry_after_counts_in_seconds() {
        for (text, seconds) in [
            (Some("0"), 0),
            (Some(" 17 "), 17),
            (Some("Wed, 21 Oct 2026 07:28:00 GMT"), 0),
            (Some("-1"), 0),
            (Some("1.5"), 0),
            (None, 0),
        ] {
            let advice = retry_advice(&answer(429, text), CallClass::Read).unwrap();
            assert_eq!(advice.1, Duration::from_secs(seconds), "{text:?}");
        }
    }
}
