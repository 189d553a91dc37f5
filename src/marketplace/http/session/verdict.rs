//! What the outcome of a call means: who answers, and whether that settles the call.
//!
//! Between us and a vendor there are machines that answer in its place, also after it did the work. So a refusal counts
//! only in a shape of the vendor's own; and a call that makes something is settled as refused only by a status with
//! which nobody says anything else.

use super::Session;
use crate::marketplace::http::error::{VendorError, excerpt};
use crate::marketplace::http::transport::{Incoming, NoAnswer};
use crate::model::{Call, CallClass};
use serde_json::Value;

/// By these a call that makes something is settled: it was not made. 429 is settled before it comes here.
const SETTLING: [u16; 5] = [400, 401, 403, 404, 422];

/// Where a repetition would be another one.
fn makes_something(call: &Call) -> bool {
    call.class == CallClass::Create || call.returns_id.is_some()
}

impl Session {
    /// What became of a call.
    pub(super) fn conclude(
        &self,
        call: &Call,
        outcome: Result<Incoming, NoAnswer>,
    ) -> Result<Value, VendorError> {
        let name = self.vendor.name();
        match outcome {
            Ok(answer) if answer.status == 429 => Err(VendorError::RateLimited(name)),
            Ok(answer) if answer.status >= 500 => Err(VendorError::Server {
                vendor: name,
                status: answer.status,
                message: excerpt(&answer.body),
            }),
            Ok(answer) if (300..400).contains(&answer.status) => Err(self.elsewhere(call, &answer)),
            Ok(answer) => match (self.line.decoder)(&answer) {
                Err(error @ (VendorError::Refused { .. } | VendorError::Credentials { .. })) => {
                    Err(self.weighed(call, &answer, error))
                }
                decoded => decoded,
            },
            Err(NoAnswer::NotSent(why)) => Err(VendorError::Unreachable(name, why)),
            Err(NoAnswer::Withheld(why)) => Err(VendorError::Withheld(name, why)),
            Err(NoAnswer::Lost(why) | NoAnswer::TooLarge(why)) => Err(VendorError::OutcomeUnknown(name, why)),
        }
    }

    /// A redirect is not followed: no vendor documents one for a write, and headers with a token stay here. A gateway
    /// also says `303` when the work is done, so only a read is known to have come to nothing.
    fn elsewhere(&self, call: &Call, answer: &Incoming) -> VendorError {
        let status = answer.status;
        let to = answer.headers.get(http::header::LOCATION);
        let to = to.map_or_else(
            || "somewhere else, without a place".to_owned(),
            |place| excerpt(place.as_bytes()),
        );
        if call.class == CallClass::Read {
            return VendorError::Refused {
                vendor: self.vendor.name(),
                status,
                code: None,
                message: format!("it leads to {to}"),
            };
        }
        self.not_settled(answer, format!("status {status}, which leads to {to}"))
    }

    /// A refusal, or the doubt about one.
    fn weighed(&self, call: &Call, answer: &Incoming, error: VendorError) -> VendorError {
        let status = answer.status;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let own = body.as_object().is_some_and(|body| (self.line.own)(status, body));
        let settles = SETTLING.contains(&status) || (200..300).contains(&status);
        match (own, makes_something(call)) {
            (true, true) if settles => error,
            (true, true) => {
                let problem = format!("status {status}, which does not say whether anything was made");
                self.not_settled(answer, problem)
            }
            (true, false) => error,
            // That the credentials are wrong is true whoever says it, and a call that makes nothing may be repeated.
            (false, false) if status == 401 => error,
            (false, _) => {
                let problem = format!(
                    "status {status} in a shape that is not one of {}'s errors (a gateway in between?)",
                    self.vendor.name()
                );
                self.not_settled(answer, problem)
            }
        }
    }

    fn not_settled(&self, answer: &Incoming, problem: String) -> VendorError {
        VendorError::Undecodable {
            vendor: self.vendor.name(),
            path: "/".to_owned(),
            problem,
            excerpt: excerpt(&answer.body),
        }
    }
}
