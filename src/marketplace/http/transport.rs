//! How a request gets to a vendor and back: a real connection here, the sandbox in process in simulations.

mod proxy;

use crate::text::host::names_this_machine;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// A request with everything in it, ready to go out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// HTTP method.
    pub method: http::Method,
    /// Absolute URL.
    pub url: String,
    /// Headers; secret values are marked sensitive and print as such.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Option<Bytes>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nothing was sent.
    NotSent(String),
    /// It was sent, perhaps in part; whether it was carried out is not known.
    Lost(String),
    /// The answer is larger than any of these APIs gives; asking again brings the same.
    TooLarge(String),
    /// It was kept back on purpose, and must not be tried again.
    Withheld(String),
}

impl NoAnswer {
    /// The reason, in words.
    pub fn text(&self) -> &str {
        let (Self::NotSent(why) | Self::Lost(why) | Self::TooLarge(why) | Self::Withheld(why)) = self;
        why
    }

    /// The same with another reason.
    #[must_use]
    pub fn map(self, change: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::NotSent(why) => Self::NotSent(change(why)),
            Self::Lost(why) => Self::Lost(change(why)),
            Self::TooLarge(why) => Self::TooLarge(change(why)),
            Self::Withheld(why) => Self::Withheld(change(why)),
        }
    }
}

/// Sends one request once. Retries, limits and meaning are the session's.
pub trait Transport: Send + Sync {
    /// Sends the request and reads the answer to its end.
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>>;
}

/// Connections over TCP and TLS, kept open between requests.
#[derive(Debug)]
pub struct Network {
    /// For what is on this machine.
    here: LazyClient,
    /// For everything else, through the proxies of the system.
    outside: LazyClient,
    /// The variables that name these, so that a failure can tell of them.
    proxies: BTreeMap<String, String>,
}

/// A client that is made when something is sent: each takes the time to read all certificates, and most commands need one.
type LazyClient = LazyLock<Result<reqwest::Client, String>>;

/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a whole request. A create at a vendor under load takes seconds; giving up early leaves it unknown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// An answer larger than this is not one of these APIs.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A body without the mark of its byte order, which some machines put in front of texts.
pub(in crate::marketplace) fn without_mark(body: &Bytes) -> Bytes {
    let mark: &[u8] = b"\xef\xbb\xbf";
    body.slice(if body.starts_with(mark) { mark.len() } else { 0 }..)
}

impl Network {
    /// The beginnings of the names of variables that say which proxies there are.
    pub const PROXIES: [&str; 8] = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ];

    /// A network. `proxies` are the variables of the process that name proxies; failures tell of them.
    pub fn new(proxies: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            proxies: proxies.into_iter().collect(),
            outside: LazyLock::new(|| client(|builder| builder)),
            here: LazyLock::new(|| client(reqwest::ClientBuilder::no_proxy)),
        }
    }

    /// The client for an address. What is on this machine is never asked through a proxy: no token of it is to be read
    /// there, and a proxy elsewhere would not find it.
    fn client(&self, url: &str) -> Result<&reqwest::Client, NoAnswer> {
        let client = if names_this_machine(url) {
            &self.here
        } else {
            &self.outside
        };
        let failed = |why: &String| NoAnswer::NotSent(format!("no HTTP client can be made: {why}"));
        client.as_ref().map_err(failed)
    }
}

/// A client with our limits and something else about it.
fn client(change: fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    // Another part of the process may have installed the provider before us; either is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let build = |builder: reqwest::ClientBuilder| {
        change(builder)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // Whether a request is repeated is the session's to decide, by its class.
            .retry(reqwest::retry::never())
            .user_agent(concat!("infield/", env!("CARGO_PKG_VERSION")))
            .build()
    };
    // A host without CA certificates cannot build the default client, even for plain http (reqwest issue 2988).
    build(reqwest::Client::builder())
        .or_else(|_| {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| reqwest::Certificate::from_der(der).ok());
            build(reqwest::Client::builder().tls_certs_only(roots))
        })
        .map_err(|error| full_text(&error))
}

impl Transport for Network {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let mut builder = self
                .client(&request.url)?
                .request(request.method, &request.url)
                .headers(request.headers);
            if let Some(body) = request.body {
                builder = builder.body(body);
            }
            let mut answer = builder.send().await.map_err(|error| {
                // A builder error never reached the network; a connect error had no connection to send over.
                let not_sent = error.is_connect() || error.is_builder();
                let mut text = full_text(&error.without_url());
                if let Some(proxy) = proxy::named(&request.url, &|name| self.proxies.get(name).cloned()) {
                    text.push_str(&format!(" ({proxy})"));
                }
                if not_sent {
                    NoAnswer::NotSent(text)
                } else {
                    NoAnswer::Lost(text)
                }
            })?;
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            let mut body = Vec::new();
            loop {
                match answer.chunk().await {
                    Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                        return Err(NoAnswer::TooLarge(format!(
                            "the answer is larger than {} MB",
                            MAX_BODY / 1024 / 1024
                        )));
                    }
                    Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                    Ok(None) => break,
                    Err(error) => return Err(NoAnswer::Lost(full_text(&error.without_url()))),
                }
            }
            Ok(Incoming {
                status,
                headers,
                body: body.into(),
            })
        })
    }
}

/// An error with its causes, each said once.
fn full_text(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        source = cause.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests;
