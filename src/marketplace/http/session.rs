//! One vendor, one account: limits, retries by call class, and what an HTTP answer means before anybody decodes it.

mod body;
mod clock;
mod pace;
mod stall;
mod verdict;
mod version;

use super::circuit::Circuit;
use super::error::VendorError;
use super::json::Decoded;
use super::permit::{Always, Permit, unless_withdrawn};
use super::retry::retry_advice;
use super::transport::{Incoming, NoAnswer, Outgoing, Transport, without_mark};
pub use crate::model::Pace;
use crate::model::{Call, CallClass, Method, VendorId};
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use pace::Gate;
use serde_json::{Map, Value};
use stall::Stall;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How patiently a call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Tries after the first.
    pub retries: usize,
    /// First wait; doubled each time, with jitter.
    pub first_wait: Duration,
    /// Longest wait of our own choosing.
    pub longest_wait: Duration,
    /// Longest `Retry-After` that is obeyed; a longer one is an error for the user.
    pub longest_retry_after: Duration,
    /// Seed of the jitter; `None` for a different one each time.
    pub jitter_seed: Option<u64>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            retries: 5,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(15),
            longest_retry_after: Duration::from_secs(120),
            jitter_seed: None,
        }
    }
}

/// Most pages of one list that say no end; more is a server that goes round in circles.
pub const MOST_PAGES: usize = 2_000;

/// Turns an answer into JSON or an error; each vendor has its own envelopes.
pub type Decoder = fn(&Incoming) -> Result<Value, VendorError>;

/// Whether a refusal with this status and body is in a shape of the vendor's own. What is not comes from a machine in
/// between, which knows neither whether a thing exists nor whether a call was carried out.
pub type Own = fn(u16, &Map<String, Value>) -> bool;

/// Told when a call is about to be repeated: what happened, and how long we wait.
pub type OnRetry<'a> = &'a (dyn Fn(&str, Duration) + Send + Sync);

/// Where the headers come from that say who asks, at vendors whose tokens end.
pub trait Tokens: Send + Sync {
    /// A token that is believed to be valid, and is not the refused one.
    fn token<'a>(&'a self, refused: Option<&'a HeaderMap>) -> BoxFuture<'a, Result<HeaderMap, VendorError>>;
}

/// How an account is reached.
pub struct Line {
    /// Base URL of the vendor's production host.
    pub production: &'static str,
    /// Headers of every request; secret values should be marked sensitive.
    pub headers: HeaderMap,
    /// Turns answers into JSON or errors.
    pub decoder: Decoder,
    /// Tells the vendor's refusals from those of others.
    pub own: Own,
    /// Tokens, where they end.
    pub tokens: Option<Box<dyn Tokens>>,
    /// How fast it is asked by default.
    pub pace: Pace,
    /// How long something new may be missing from lists.
    pub lists_settle_after: Duration,
    /// Whether a path must never be sent from a plan, because it rejects what it does not name.
    pub never_planned: fn(&str) -> bool,
}

/// A way to one account at one vendor. Cheap to share; all limits are per session.
pub struct Session {
    vendor: VendorId,
    base_url: String,
    line: Line,
    transport: Arc<dyn Transport>,
    patience: Patience,
    may_be_emulator: bool,
    heard: clock::Heard,
    circuit: Circuit,
    stall: Stall,
    /// Whether a call was answered well, and so the credentials accepted.
    accepted: AtomicBool,
    places: Semaphore,
    gate: Mutex<Gate>,
}

/// What goes along with a call on its way.
#[derive(Clone, Copy)]
struct Sending<'a> {
    permit: &'a dyn Permit,
    on_retry: OnRetry<'a>,
}

impl Session {
    /// A session with what is below a base URL, or below that of production.
    pub fn new(
        vendor: VendorId,
        base_url: Option<&str>,
        line: Line,
        transport: Arc<dyn Transport>,
        patience: Patience,
    ) -> Self {
        let places = line.pace.concurrency.max(1);
        let base_url = base_url.unwrap_or(line.production).trim_end_matches('/');
        Self {
            vendor,
            base_url: base_url.to_owned(),
            transport,
            patience,
            may_be_emulator: false,
            heard: clock::Heard::default(),
            circuit: Circuit::default(),
            stall: Stall::default(),
            accepted: AtomicBool::new(false),
            places: Semaphore::new(places),
            gate: Mutex::new(Gate::new(line.pace.requests_per_second, places)),
            line,
        }
    }

    /// The same session; what answers may turn out to be an emulator, whose lists are never behind.
    pub fn perhaps_emulated(mut self, perhaps: bool) -> Self {
        self.may_be_emulator = perhaps;
        self
    }

    /// Whether a path must not be sent from a plan.
    pub(crate) fn is_never_planned(&self, path: &str) -> bool {
        (self.line.never_planned)(path)
    }

    /// How long something new may be missing from lists. An address on this machine may be a tunnel, and counts as the vendor
    /// until its answers say that they come from the sandbox.
    pub fn lists_settle_after(&self) -> Duration {
        if self.may_be_emulator && self.heard.sandbox() {
            return Duration::ZERO;
        }
        self.line.lists_settle_after
    }

    /// The vendor's time: the `Date` it sent last, and what has passed since; `None` where it never told it.
    pub fn vendor_now(&self) -> Option<Timestamp> {
        self.heard.now()
    }

    /// The host at the other end, with its port where it is not the usual one.
    pub fn host(&self) -> &str {
        let rest = self
            .base_url
            .split_once("://")
            .map_or(self.base_url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// Whether the vendor has accepted the credentials so far.
    pub fn has_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The vendor at the other end.
    pub fn vendor(&self) -> VendorId {
        self.vendor
    }

    /// Reads a path below the base URL.
    ///
    /// # Errors
    /// As the vendor or the network has it; reads are repeated first.
    pub async fn get(&self, path: &str) -> Result<Value, VendorError> {
        let call = Call::new(Method::Get, path, CallClass::Read, "");
        self.call(&call, &|_, _| {}).await
    }

    /// Reads a path below the base URL, and what its answer says.
    ///
    /// # Errors
    /// As [`Session::get`]; also when the answer does not say it.
    pub async fn read<T>(
        &self,
        path: &str,
        decode: impl FnOnce(&Value) -> Decoded<T>,
    ) -> Result<T, VendorError> {
        self.ask(&Call::new(Method::Get, path, CallClass::Read, ""), decode)
            .await
    }

    /// Sends a call that changes nothing, and reads what its answer says.
    ///
    /// # Errors
    /// As [`Session::get`]; also when the answer does not say it.
    pub async fn ask<T>(
        &self,
        call: &Call,
        decode: impl FnOnce(&Value) -> Decoded<T>,
    ) -> Result<T, VendorError> {
        let body = self.call(call, &|_, _| {}).await?;
        self.decoded(&body, decode)
    }

    /// What an answer says.
    ///
    /// # Errors
    /// When it does not say it.
    pub fn decoded<T>(
        &self,
        body: &Value,
        decode: impl FnOnce(&Value) -> Decoded<T>,
    ) -> Result<T, VendorError> {
        decode(body).map_err(|mismatch| VendorError::undecodable(self.vendor.name(), mismatch, body))
    }

    /// Sends a call that needs no permit, because it changes nothing.
    ///
    /// # Errors
    /// As [`Session::get`].
    pub async fn call(&self, call: &Call, on_retry: OnRetry<'_>) -> Result<Value, VendorError> {
        self.send(call, &Always, on_retry).await
    }

    /// Sends a planned call, whose placeholders must be resolved. The permit is asked right before each request leaves;
    /// one that is under way is finished.
    ///
    /// # Errors
    /// [`VendorError::may_have_happened`] tells whether it may have been carried out all the same.
    pub async fn send(
        &self,
        call: &Call,
        permit: &dyn Permit,
        on_retry: OnRetry<'_>,
    ) -> Result<Value, VendorError> {
        let sending = Sending { permit, on_retry };
        self.send_below(&self.base_url, call, sending).await
    }

    async fn send_below(&self, base: &str, call: &Call, sending: Sending<'_>) -> Result<Value, VendorError> {
        self.circuit.enter(self.vendor.name())?;
        let outcome = self.authorized(base, call, sending).await;
        self.circuit.leave(&outcome);
        outcome
    }

    /// Sends a call with a valid token; one that is refused is replaced once. A refused call was not carried out.
    async fn authorized(&self, base: &str, call: &Call, sending: Sending<'_>) -> Result<Value, VendorError> {
        let mut doubt = false;
        let outcome = self.send_with_token(base, call, sending, &mut doubt).await;
        outcome.map_err(|error| error.doubted(doubt && call.class != CallClass::Read))
    }

    /// The same; `doubt` says whether one of several tries may have been carried out unseen.
    async fn send_with_token(
        &self,
        base: &str,
        call: &Call,
        sending: Sending<'_>,
        doubt: &mut bool,
    ) -> Result<Value, VendorError> {
        let Some(tokens) = &self.line.tokens else {
            let nothing = HeaderMap::new();
            return self.send_patiently(base, call, &nothing, sending, doubt).await;
        };
        let token = tokens.token(None).await?;
        match self.send_patiently(base, call, &token, sending, doubt).await {
            Err(VendorError::Credentials { .. }) => {}
            other => return other,
        }
        let token = tokens.token(Some(&token)).await?;
        match self.send_patiently(base, call, &token, sending, doubt).await {
            // A new token is not expired: what is missing is a right.
            Err(VendorError::Credentials {
                vendor,
                status: 403,
                message,
            }) => Err(VendorError::Refused {
                vendor,
                status: 403,
                code: None,
                message: format!("{message} (with a new token too: this client has no right to do that)"),
            }),
            other => other,
        }
    }

    async fn send_patiently(
        &self,
        base: &str,
        call: &Call,
        token: &HeaderMap,
        sending: Sending<'_>,
        doubt: &mut bool,
    ) -> Result<Value, VendorError> {
        let (method, path, class) = (call.method, call.path.as_str(), call.class);
        let mut headers = self.line.headers.clone();
        headers.extend(token.clone());
        for (name, value) in &call.headers {
            let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
            let (Ok(name), Ok(value)) = pair else {
                return Err(VendorError::Unreachable(
                    self.vendor.name(),
                    format!("the header {name} cannot carry {value:?}"),
                ));
            };
            headers.insert(name, value);
        }
        let body = body::of(call, &mut headers);
        let body = body.map_err(|why| VendorError::Withheld(self.vendor.name(), why.to_string()))?;
        let request = Outgoing {
            method: http_method(method),
            url: format!("{base}{path}"),
            headers,
            body,
        };
        let mut waits = self.waits();
        loop {
            let (left, mut outcome) = self.once(request.clone(), sending.permit).await;
            if let Ok(answer) = &mut outcome {
                body::without_lists(call, answer);
            }
            *doubt |= match &outcome {
                Err(NoAnswer::Lost(_) | NoAnswer::TooLarge(_)) => true,
                Err(NoAnswer::NotSent(_) | NoAnswer::Withheld(_)) => false,
                Ok(answer) => answer.status >= 500,
            };
            let advice = retry_advice(&outcome, class);
            let too_fast = matches!(&outcome, Ok(answer) if answer.status == 429);
            let good = matches!(&outcome, Ok(answer) if (200..300).contains(&answer.status));
            let ended = self.conclude(call, outcome);
            self.accepted.fetch_or(ended.is_ok(), Ordering::Relaxed);
            // A web page with a good status is some machine's trouble, as a 5xx is.
            let garbage = match &ended {
                Err(VendorError::Undecodable { problem, .. }) if good && class == CallClass::Read => {
                    Some((problem.clone(), Duration::ZERO))
                }
                _ => None,
            };
            let Some((problem, at_least)) = advice.or(garbage) else {
                return ended;
            };
            if self.stall.is_over() {
                self.circuit.silent();
                return ended;
            }
            if at_least > self.patience.longest_retry_after {
                return ended;
            }
            if too_fast || !at_least.is_zero() {
                self.gate().refused(left, at_least, Instant::now());
            }
            let Some(wait) = waits.next() else {
                return ended;
            };
            let wait = wait.max(at_least);
            tracing::debug!(vendor = %self.vendor, %method, path, problem, ?wait, "repeating");
            (sending.on_retry)(&problem, wait);
            let waited = unless_withdrawn(sending.permit, tokio::time::sleep(wait)).await;
            if let Err(why) = waited {
                return self.conclude(call, Err(NoAnswer::Withheld(why)));
            }
        }
    }

    fn waits(&self) -> impl Iterator<Item = Duration> + use<> {
        let mut builder = ExponentialBuilder::default()
            .with_min_delay(self.patience.first_wait)
            .with_max_delay(self.patience.longest_wait)
            .with_max_times(self.patience.retries)
            .with_jitter();
        if let Some(seed) = self.patience.jitter_seed {
            builder = builder.with_jitter_seed(seed);
        }
        builder.build()
    }

    /// Sends a request once its turn has come, and says when it left.
    async fn once(&self, request: Outgoing, permit: &dyn Permit) -> (Instant, Result<Incoming, NoAnswer>) {
        let place_and_turn = async {
            let place = self
                .places
                .acquire()
                .await
                .expect("the semaphore is never closed");
            self.wait_turn().await;
            place
        };
        let waited = unless_withdrawn(permit, place_and_turn).await;
        let left = Instant::now();
        let _place = match waited {
            Ok(place) => place,
            Err(why) => return (left, Err(NoAnswer::Withheld(why))),
        };
        // Nothing is waited for between this and the request.
        if let Err(why) = permit.may_send_now().await {
            return (left, Err(NoAnswer::Withheld(why)));
        }
        let (method, url) = (request.method.clone(), request.url.clone());
        self.stall.leaves();
        let mut outcome = self.transport.send(request).await;
        self.stall.ends(outcome.is_ok());
        match &mut outcome {
            Ok(answer) => {
                self.heard.note(&answer.headers);
                tracing::debug!(%method, url, status = answer.status, "answered");
                answer.body = without_mark(&answer.body);
            }
            Err(error) => tracing::debug!(%method, url, ?error, "no answer"),
        }
        (left, outcome)
    }

    /// Waits until the pace allows one more.
    async fn wait_turn(&self) {
        loop {
            let turn = self.gate().turn(Instant::now());
            tokio::time::sleep_until(turn.at).await;
            if self.gate().leaves(turn, Instant::now()) {
                return;
            }
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn http_method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests;
