//! What a use case needs of the process that it runs in.

use super::{Stop, Terminal};
use crate::marketplace::http::secrets::Secrets;
use crate::state::LockInfo;
use camino::Utf8Path;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;

/// A clock, variables, names, and the sandbox.
pub trait Process: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// The value of a variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// All variables whose name begins with one of these.
    fn variables(&self, prefixes: &[&str]) -> Vec<(String, String)>;

    /// A name that nothing else has, later ones behind earlier ones.
    fn new_id(&self) -> String;

    /// The secrets of the run, to be hidden in whatever leaves it.
    fn secrets(&self) -> Arc<Secrets>;

    /// Who takes a lock, for people who have to wait.
    fn holder(&self, purpose: &str) -> LockInfo;

    /// Starts the emulated vendors over the store in this folder.
    fn emulate<'a>(
        &'a self,
        folder: &'a Utf8Path,
        terminal: &'a dyn Terminal,
    ) -> BoxFuture<'a, Result<Emulators, Stop>>;
}

impl dyn Process {
    /// The time in whole seconds: cut, not rounded, as what is written down must not lie ahead.
    pub fn second(&self) -> Timestamp {
        whole_seconds(self.now())
    }

    /// The same as text, UTC, RFC 3339.
    pub fn time(&self) -> String {
        self.second().to_string()
    }
}

/// A time without the part of a second that is over.
pub fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// Emulated vendors that answer.
pub struct Emulators {
    /// Where all of them are.
    pub url: String,
    /// The token that each of them takes.
    pub token: &'static str,
    /// Requests to make at once, where nothing else is said.
    pub concurrency: usize,
    /// What time it is in there.
    pub now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Ends them, when their last call is done.
    pub stop: BoxFuture<'static, ()>,
}
