//! What can go wrong between us and a vendor, with the questions the rest of the program asks about it.

use std::fmt;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// The vendor certainly did nothing: the connection could not be made.
    #[error("{0} could not be reached: {1}")]
    Unreachable(&'static str, String),
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

/// The error of an answer that is not the JSON it should be: a maintenance page, or a machine in between.
pub(crate) fn not_json(
    vendor: &'static str,
    answer: &super::transport::Incoming,
    problem: &str,
) -> VendorError {
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
