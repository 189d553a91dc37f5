//! What can go wrong between us and a vendor, with the questions the rest of the program asks about it.

use super::json::Mismatch;
use super::transport::Incoming;
use crate::model::Reading;
use serde_json::{Map, Value};
use std::fmt;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// The vendor certainly did nothing: the connection could not be made.
    #[error("{0} could not be reached: {1}")]
    Unreachable(&'static str, String),
    /// The call was kept back, because nothing may be sent any more: the lock is lost, for example.
    #[error("nothing was sent to {0}: {1}")]
    Withheld(&'static str, String),
    /// The call was sent and no usable answer came back: it may or may not have been carried out.
    #[error("no answer from {0}: {1}")]
    OutcomeUnknown(&'static str, String),
    /// 429 until patience ran out.
    #[error("{0} limits the request rate and kept refusing")]
    RateLimited(&'static str),
    /// The token is missing, wrong, expired or revoked.
    #[error("{vendor} does not accept the credentials ({status}): {message}")]
    Credentials {
        /// The vendor's name.
        vendor: &'static str,
        /// HTTP status.
        status: u16,
        /// The vendor's text.
        message: String,
    },
    /// The vendor understood and said no.
    #[error(fmt = fmt_refused)]
    Refused {
        /// The vendor's name.
        vendor: &'static str,
        /// HTTP status.
        status: u16,
        /// The vendor's own code, where it gave one.
        code: Option<i64>,
        /// The vendor's text.
        message: String,
    },
    /// A server error after the last permitted try.
    #[error("{vendor} has a problem of its own ({status}): {message}")]
    Server {
        /// The vendor's name.
        vendor: &'static str,
        /// HTTP status.
        status: u16,
        /// The vendor's text, trimmed.
        message: String,
    },
    /// An answer that is not what the vendor documents; a maintenance page, for example.
    #[error(
        "{vendor} answered something else than documented at {path}: {problem}; the answer begins {excerpt:?}"
    )]
    Undecodable {
        /// The vendor's name.
        vendor: &'static str,
        /// JSON pointer into the answer.
        path: String,
        /// What is wrong there.
        problem: String,
        /// The first characters of the body.
        excerpt: String,
    },
}

fn fmt_refused(
    vendor: &&'static str,
    status: &u16,
    code: &Option<i64>,
    message: &String,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match code {
        Some(code) => write!(f, "{vendor} refuses ({status}, code {code}): {message}"),
        None => write!(f, "{vendor} refuses ({status}): {message}"),
    }
}

impl VendorError {
    /// The thing asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// The call may have been carried out although it failed.
    pub fn may_have_happened(&self) -> bool {
        matches!(
            self,
            Self::OutcomeUnknown(..) | Self::Server { .. } | Self::Undecodable { .. }
        )
    }

    /// The same error where an earlier try of the call had no answer that counts: unless the vendor itself has looked at
    /// the call and refused it, nobody knows what became of the earlier one.
    pub(crate) fn doubted(self, doubt: bool) -> Self {
        match self {
            Self::RateLimited(vendor)
            | Self::Unreachable(vendor, _)
            | Self::Withheld(vendor, _)
            | Self::Credentials { vendor, .. }
            | Self::Refused {
                vendor,
                status: 401 | 403,
                ..
            } if doubt => {
                Self::OutcomeUnknown(vendor, format!("an earlier try had no answer, and then: {self}"))
            }
            error => error,
        }
    }

    /// The error of an answer that does not say what it should.
    pub fn undecodable(vendor: &'static str, mismatch: Mismatch, body: &Value) -> Self {
        Self::Undecodable {
            vendor,
            path: mismatch.path,
            problem: mismatch.problem,
            excerpt: excerpt(body.to_string().as_bytes()),
        }
    }

    /// What the failure says about the thing that was asked for: nothing.
    pub fn unknown<T>(&self) -> Reading<T> {
        Reading::Unknown {
            why: self.to_string(),
        }
    }

    /// What a read says about the thing: the vendor's "not found" is the only proof of absence.
    pub fn reading<T>(read: Result<T, Self>) -> Reading<T> {
        match read {
            Ok(thing) => Reading::Present(thing),
            Err(error) if error.is_not_found() => Reading::Absent {
                proof: error.to_string(),
            },
            Err(error) => error.unknown(),
        }
    }

    /// The credentials are the problem, so no other call of this run will succeed either.
    pub fn is_credentials(&self) -> bool {
        matches!(self, Self::Credentials { .. })
    }

    /// The vendor's own code.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => *code,
            _ => None,
        }
    }
}

/// The JSON of an answer. Where every refusal of a vendor is JSON, anything else comes from some machine in between, which
/// knows neither whether a thing exists nor whether the call was carried out; but for 401, which is about the credentials
/// whoever says it.
///
/// # Errors
/// When it is not JSON.
pub fn json(vendor: &'static str, answer: &Incoming) -> Result<Value, VendorError> {
    serde_json::from_slice(&answer.body).map_err(|error| match answer.status {
        status @ 401 => VendorError::Credentials {
            vendor,
            status,
            message: excerpt(&answer.body),
        },
        _ => not_json(vendor, answer, &format!("not JSON: {error}")),
    })
}

/// What a refusal says under the first of these keys that has a text; otherwise how it begins.
pub fn said(answer: &Incoming, body: &Map<String, Value>, keys: &[&str]) -> String {
    let text = keys.iter().find_map(|key| body.get(*key)?.as_str());
    text.map_or_else(|| excerpt(&answer.body), str::to_owned)
}

/// The error of an answer that is not the JSON it should be: a maintenance page, or a machine in between.
pub fn not_json(vendor: &'static str, answer: &Incoming, problem: &str) -> VendorError {
    let text = excerpt(&answer.body);
    let ok = (200..300).contains(&answer.status);
    let problem = match (ok, text.starts_with('<')) {
        (false, _) => format!("status {} with something that is not JSON", answer.status),
        (true, true) => "a web page instead of JSON (maintenance, or a proxy in between?)".to_owned(),
        (true, false) => problem.to_owned(),
    };
    VendorError::Undecodable {
        vendor,
        path: "/".to_owned(),
        problem,
        excerpt: text,
    }
}

/// The first characters of a body, on one line, for messages. Bodies are answers of vendors and hold no secrets of ours.
pub fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(600)]);
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn refused(status: u16, code: Option<i64>) -> VendorError {
        VendorError::Refused {
            vendor: "Vendor",
            status,
            code,
            message: "no".to_owned(),
        }
    }

    fn credentials() -> VendorError {
        VendorError::Credentials {
            vendor: "Vendor",
            status: 401,
            message: "expired".to_owned(),
        }
    }

    fn server() -> VendorError {
        VendorError::Server {
            vendor: "Vendor",
            status: 503,
            message: "busy".to_owned(),
        }
    }

    fn undecodable() -> VendorError {
        VendorError::Undecodable {
            vendor: "Vendor",
            path: "/".to_owned(),
            problem: "a web page".to_owned(),
            excerpt: "<html>".to_owned(),
        }
    }

    fn unreachable() -> VendorError {
        VendorError::Unreachable("Vendor", "connection refused".to_owned())
    }

    fn withheld() -> VendorError {
        VendorError::Withheld("Vendor", "the lock is lost".to_owned())
    }

    fn lost() -> VendorError {
        VendorError::OutcomeUnknown("Vendor", "reset".to_owned())
    }

    #[test]
    fn each_error_says_what_it_means_for_the_call() {
        // May have happened; not found; credentials.
        for (error, expected) in [
            (unreachable(), (false, false, false)),
            (withheld(), (false, false, false)),
            (lost(), (true, false, false)),
            (VendorError::RateLimited("Vendor"), (false, false, false)),
            (credentials(), (false, false, true)),
            (refused(400, None), (false, false, false)),
            (refused(404, None), (false, true, false)),
            (server(), (true, false, false)),
            (undecodable(), (true, false, false)),
        ] {
            let found = (
                error.may_have_happened(),
                error.is_not_found(),
                error.is_credentials(),
            );
            assert_eq!(found, expected, "{error}");
        }
        assert_eq!(refused(400, Some(1003)).code(), Some(1003));
        assert_eq!(refused(400, None).code(), None);
        assert_eq!(server().code(), None);
    }

    #[test]
    fn doubt_about_an_earlier_try_stays_unless_the_vendor_has_looked_at_the_call() {
        for error in [
            unreachable(),
            withheld(),
            VendorError::RateLimited("Vendor"),
            credentials(),
            refused(401, None),
            refused(403, None),
        ] {
            let text = error.to_string();
            assert_eq!(error.clone().doubted(false), error);
            let VendorError::OutcomeUnknown("Vendor", why) = error.doubted(true) else {
                panic!("{text} says nothing about an earlier try");
            };
            assert_eq!(why, format!("an earlier try had no answer, and then: {text}"));
        }
        for error in [
            lost(),
            server(),
            undecodable(),
            refused(400, None),
            refused(404, None),
            refused(409, Some(1)),
        ] {
            assert_eq!(error.clone().doubted(true), error);
        }
    }

    #[test]
    fn a_refusal_names_the_vendors_own_code_where_there_is_one() {
        assert_eq!(
            refused(400, Some(1003)).to_string(),
            "Vendor refuses (400, code 1003): no"
        );
        assert_eq!(refused(400, None).to_string(), "Vendor refuses (400): no");
    }

    #[test]
    fn what_is_not_json_is_told_by_its_status_and_by_how_it_begins() {
        let problem = |status: u16, body: &'static str| {
            let answer = Incoming {
                status,
                headers: HeaderMap::new(),
                body: Bytes::from_static(body.as_bytes()),
            };
            match not_json("Vendor", &answer, "not JSON: eof") {
                VendorError::Undecodable {
                    vendor: "Vendor",
                    path,
                    problem,
                    excerpt,
                } if path == "/" && excerpt == body => problem,
                other => panic!("{other}"),
            }
        };
        let page = "a web page instead of JSON (maintenance, or a proxy in between?)";
        for status in [200, 299] {
            assert_eq!(problem(status, "<html>"), page);
            assert_eq!(problem(status, "{"), "not JSON: eof");
        }
        for status in [199, 300, 502] {
            let expected = format!("status {status} with something that is not JSON");
            assert_eq!(problem(status, "<html>"), expected);
            assert_eq!(problem(status, "{"), expected);
        }
    }

    #[test]
    fn an_excerpt_is_the_beginning_on_one_line() {
        assert_eq!(excerpt(b" a\n\t b  c\r\n"), "a b c");
        assert_eq!(excerpt(b""), "");
        assert_eq!(excerpt("\u{e4}".repeat(1000).as_bytes()), "\u{e4}".repeat(160));
        let spaced = [b" ".repeat(600), b"x".to_vec()].concat();
        assert_eq!(excerpt(&spaced), "", "what comes late is not looked at");
    }
}
