//! The sandbox: vendors imitated on this machine, so that nothing real has to be risked.
//!
//! An ordinary HTTP service whose clock, ids and store are handed in. [`Sandbox::router`] reaches it
//! in process, [`Sandbox::serve`] over a socket; both behave alike. This half knows no vendor: it is
//! handed [`Emulator`]s, one folder each ([`purespectrum`], [`innovatemr`], [`cint`]), which know nothing of each other.
//! Nothing here is shared with a client; that the program `infield` depends on this crate and never the other way round
//! keeps it so.
//!
//! Promises that what an answer reports was committed before the answer, that ids and effects
//! derive from the inputs alone, and that a fault happens exactly when it was scripted. It keeps no
//! secret, because it needs none: every vendor's token is `sandbox`. Where a vendor may do one thing or the other, its
//! emulator has a [`Switch`].
//!
//! | path | what |
//! |---|---|
//! | `/<vendor key>/...` | the vendor |
//! | `GET`, `DELETE /_sandbox/requests` | log of calls the vendors received |
//! | `POST`, `GET`, `DELETE /_sandbox/faults` | scripted faults |
//! | `POST /_sandbox/respondents` | simulated respondents |
//! | `POST /_sandbox/transactions` | simulated transactions |
//! | `POST`, `GET /_sandbox/clock` | the clock |
//! | `POST`, `GET /_sandbox/settings` | the vendors' switches |
//! | `GET /_sandbox/documents/<vendor key>` | everything the vendor has stored, also what it shows nobody |
//! | `POST /_sandbox/ui/quotas` | a quota made in a vendor's web interface |
//! | `POST /_sandbox/reset` | an empty store, as new |
//! | `GET /_sandbox/health` | is it up |

// What vendors answer is written as it looks, however long it is.
#![recursion_limit = "256"]

mod admin;
pub mod cint;
mod clock;
mod emulator;
mod fault;
pub mod innovatemr;
mod json;
mod log;
mod prelude;
pub mod purespectrum;
mod rate;
mod server;
mod service;
mod shape;
mod simulation;
mod store;
pub mod switch;

use std::future::Future;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

pub use clock::{Clock, parse_duration};
pub use emulator::{Answer, Call, Emulator, Failure, Simulation, World};
pub use log::DropPoint;
pub use service::Dropped;
pub use store::{Batch, Documents, Store, StoreError, StoreLocation, Table, View, decode};
use switch::Switches;
pub use switch::{Position, Switch, SwitchError};

/// The version of what is in a store; another version is refused.
const STORE_FORMAT: &str = "3";
const FORMAT_KEY: &str = "_sandbox/format";
const SETTINGS_KEY: &str = "_sandbox/settings";
const CLOCK_KEY: &str = "_sandbox/clock_offset_ms";
const STOPPED_KEY: &str = "_sandbox/clock_stands_at";

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it keeps its documents.
    pub store: StoreLocation,
    /// How long every vendor call takes at least.
    pub latency: Duration,
    /// How many vendor calls per second pass; the rest is answered 429 with `Retry-After`.
    pub rate_per_second: Option<u32>,
    /// The clock.
    pub clock: Clock,
    /// What made-up ids derive from; equal seeds and equal calls give equal ids.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            store: StoreLocation::Memory,
            latency: Duration::ZERO,
            rate_per_second: None,
            clock: Clock::real(),
            seed: 0,
        }
    }
}

/// Returns the emulators of all vendors.
pub fn emulators() -> Vec<Box<dyn Emulator>> {
    vec![
        Box::new(purespectrum::PureSpectrum::new()),
        Box::new(innovatemr::InnovateMr),
        Box::new(cint::Cint),
    ]
}

/// Why a sandbox could not be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The socket failed.
    #[error("the sandbox cannot accept connections")]
    Accept(#[from] io::Error),
    /// A switch cannot be moved like that.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// The store moves a switch in a way that this sandbox cannot.
    #[error("the sandbox store cannot be used: {0}; empty the directory to go on")]
    StoredSwitch(#[source] SwitchError),
}

impl SandboxError {
    /// Whether another process has the store's directory.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Store(StoreError::InUse { .. }))
    }
}

/// An open sandbox; copies share everything.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    world: World,
    vendors: Vec<Box<dyn Emulator>>,
    log: log::RequestLog,
    faults: fault::Faults,
    latency: Duration,
    rate: Option<rate::RateLimit>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let vendors: Vec<_> = self.inner.vendors.iter().map(|v| v.key()).collect();
        f.debug_struct("Sandbox").field("vendors", &vendors).finish()
    }
}

impl Sandbox {
    /// Opens a sandbox over its store, which is filled with what the vendors start with when new.
    pub fn open(config: Config, vendors: Vec<Box<dyn Emulator>>) -> Result<Self, SandboxError> {
        let store = Store::open(&config.store)?;
        let switches = switches_of(&vendors);
        let view = store.view()?;
        let format: Option<String> = view.get_json(FORMAT_KEY)?;
        let moved: Option<Map<String, Value>> = view.get_json(SETTINGS_KEY)?;
        let offset: Option<i64> = view.get_json(CLOCK_KEY)?;
        let stopped: Option<Timestamp> = view.get_json(STOPPED_KEY)?;
        drop(view);
        if let Some(found) = format.filter(|format| format != STORE_FORMAT) {
            return Err(SandboxError::Store(StoreError::Format {
                found,
                expected: STORE_FORMAT.to_owned(),
            }));
        }
        let switches = switches
            .with(&moved.unwrap_or_default())
            .map_err(SandboxError::StoredSwitch)?;
        if let Some(offset) = offset
            && config.clock.offset().is_zero()
        {
            config.clock.stop(stopped);
            config.clock.set_offset(SignedDuration::from_millis(offset));
        }
        let world = World::new(store, config.clock, config.seed, switches);
        let inner = Inner {
            world,
            vendors,
            log: log::RequestLog::default(),
            faults: fault::Faults::default(),
            latency: config.latency,
            rate: config.rate_per_second.map(rate::RateLimit::new),
        };
        inner.world.store.write(|batch| inner.seed(batch))?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Returns the sandbox as a tower service, to be called in process.
    ///
    /// It waits only through `tokio::time`. Where a socket would be closed without an answer, the
    /// response carries a [`Dropped`] among its extensions, and its status means nothing.
    pub fn router(&self) -> Router {
        service::router(Arc::clone(&self.inner))
    }

    /// Answers one request in process, as [`Sandbox::router`] does.
    ///
    /// # Errors
    /// When the connection would be closed without an answer.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        let response = service::handle(&self.inner, request.map(Body::from)).await;
        if let Some(dropped) = response.extensions().get::<Dropped>() {
            return Err(*dropped);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await;
        Ok(Response::from_parts(parts, body.expect("the body is in memory")))
    }

    /// Serves connections until `shutdown` completes, then finishes the calls in flight.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), SandboxError> {
        server::serve(self.router(), listener, shutdown).await
    }

    /// Returns the sandbox's clock. After moving it by hand call [`Sandbox::clock_moved`].
    pub fn clock(&self) -> Clock {
        self.inner.world.clock.clone()
    }

    /// Lets the vendors do what they do by themselves at the present time, and returns one entry
    /// per change.
    pub fn clock_moved(&self) -> Result<Vec<Value>, SandboxError> {
        Ok(self.inner.clock_moved()?)
    }

    /// How often something was written since the sandbox was opened: between two equal numbers nothing was.
    pub fn writes(&self) -> u64 {
        self.inner.world.store.writes()
    }

    /// Visits what is stored under keys that begin with `prefix`, as JSON, in the order of the keys: also what a vendor's API
    /// shows to nobody. Keys begin with the vendor's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stored(&self, prefix: &str, visit: &mut dyn FnMut(&str, &[u8])) -> Result<(), SandboxError> {
        let view = self.inner.world.store.view()?;
        Ok(view.scan(prefix, &mut |key, bytes| {
            visit(key, bytes);
            ControlFlow::Continue(())
        })?)
    }

    /// Moves a switch, as its endpoint does.
    ///
    /// # Errors
    /// When none of the sandbox's vendors has it, the position is none of its positions, or the store fails.
    pub fn set<T: Into<Position> + Copy>(&self, switch: Switch<T>, to: T) -> Result<(), SandboxError> {
        let to: Position = to.into();
        let wanted = Map::from_iter([(switch.name.to_owned(), json!(to))]);
        Ok(self.inner.move_switches(&wanted)??)
    }

    /// Empties the store and fills it as new; switches, clock, faults and the log start over.
    pub fn reset(&self) -> Result<(), SandboxError> {
        Ok(self.inner.reset()?)
    }
}

impl Inner {
    fn vendor(&self, key: &str) -> Option<&dyn Emulator> {
        let mut vendors = self.vendors.iter().map(|vendor| &**vendor);
        vendors.find(|vendor| vendor.key() == key)
    }

    /// Fills in what is missing: everything in a new store, and a vendor that an older one lacks.
    fn seed(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        for vendor in &self.vendors {
            let key = format!("_sandbox/seeded/{}", vendor.key());
            if batch.get(&key)?.is_none() {
                vendor.seed(&self.world, batch)?;
                batch.put(&key, b"true")?;
            }
        }
        batch.put_json(FORMAT_KEY, &STORE_FORMAT)
    }

    fn reset(&self) -> Result<(), StoreError> {
        self.world.clock.stop(None);
        self.world.replace_switches(switches_of(&self.vendors));
        self.world.store.write(|batch| {
            batch.clear()?;
            self.seed(batch)
        })?;
        self.faults.clear();
        self.log.clear();
        Ok(())
    }

    /// Moves all of these switches, in the store first, or none where one cannot be moved.
    fn move_switches(&self, wanted: &Map<String, Value>) -> Result<Result<(), SwitchError>, StoreError> {
        let switches = match self.world.switches().with(wanted) {
            Ok(switches) => switches,
            Err(error) => return Ok(Err(error)),
        };
        let moved = switches.all_moved();
        self.world
            .store
            .write(|batch| batch.put_json(SETTINGS_KEY, moved))?;
        self.world.replace_switches(switches);
        Ok(Ok(()))
    }

    fn clock_moved(&self) -> Result<Vec<Value>, StoreError> {
        let offset = i64::try_from(self.world.clock.offset().as_millis()).unwrap_or(i64::MAX);
        let stopped = self.world.clock.stopped();
        self.world.store.write(|batch| {
            batch.put_json(CLOCK_KEY, &offset)?;
            stopped.map_or(Ok(()), |at| batch.put_json(STOPPED_KEY, &at))
        })?;
        let mut changes = Vec::new();
        for vendor in &self.vendors {
            changes.extend(vendor.clock_moved(&self.world)?);
        }
        Ok(changes)
    }
}

fn switches_of(vendors: &[Box<dyn Emulator>]) -> Switches {
    Switches::new(vendors.iter().flat_map(|vendor| vendor.switches()))
}
