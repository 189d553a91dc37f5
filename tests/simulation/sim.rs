//! What everything in one simulated world shares: chance, time, the trace, and the one crash that may be due.
//!
//! An *effect* is anything that outlives the process: a request that arrives, a state that is written. Between any two
//! effects lies a boundary; a crash happens at one of them. After it nothing of the crashed process has an effect any
//! more: its futures stay pending until the driver drops them.

use super::check::Checker;
use super::market::{Market, read};
use super::random::Random;
use super::world::Count;
use http::{HeaderMap, HeaderValue};
use infield_sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How unkind a world is. Drawn once per seed; switched off to see whether everything calms down.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Requests in a hundred that meet a fault.
    pub(crate) requests: u64,
    /// State writes in a hundred that fail.
    pub(crate) writes: u64,
    /// Applies in a hundred that crash.
    pub(crate) crashes: u64,
    /// Writes in a hundred that the vendor confirms and does not keep.
    pub(crate) lies: u64,
    /// How long something new is missing from lists.
    pub(crate) list_lag: Duration,
    /// How long a request may be under way after its sender is gone.
    pub(crate) late: Duration,
    /// The first creates are held back by the vendor for minutes, and whoever sends one again is gone while it is under
    /// way.
    pub(crate) held_back: bool,
    /// Answers to creates in a hundred that carry an id which is somebody's already.
    pub(crate) repeats: u64,
    /// The most entries that a page of a list has; 0 is as many as the vendor gives.
    pub(crate) page: usize,
    /// Pages in a hundred that have moved since the one before was read.
    pub(crate) moves: u64,
}

/// A broken promise: what, and what happened before.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) seed: u64,
    pub(crate) round: usize,
    pub(crate) what: String,
    pub(crate) trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, round {}: {}", self.seed, self.round, self.what)?;
        writeln!(f, "the last effects before it:")?;
        for line in &self.trace {
            writeln!(f, "  {line}")?;
        }
        write!(
            f,
            "reproduce with: SIM_SEED={} cargo test --test simulation one_seed -- --nocapture",
            self.seed
        )
    }
}

/// Deliberately broken drivers, to prove that the checker sees what it is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Open intents are thrown away at the start instead of being looked into.
    ForgetIntents,
    /// Lists are believed at once although they lag.
    ImpatientRecovery,
    /// The store confirms what it has not kept.
    LossyStore,
    /// Nobody minds the lock.
    NoLock,
    /// The HTTP client below repeats whatever got no answer.
    BlindRetry,
    /// What was refused is carried out all the same.
    IgnoreApprovals,
    /// A launch does not wait for the edits that come before it.
    LaunchFirst,
    /// Lists count as settled some time after a create was announced, and not after nobody can send it any more.
    SettledSinceIntent,
    /// Every try of a call has an idempotency key of its own.
    FreshKeys,
    /// All calls have the same idempotency key.
    OneKey,
    /// What was counted belongs to the name of a plan.
    CountersInName,
    /// Whatever the plan is by now, it counts as the one that was approved by its name.
    AnyPlanByName,
    /// That a goal was reached is not remembered.
    ForgetFinished,
    /// What has another name is taken for something new.
    RenamesAreNew,
    /// Nobody reads the stop mark of a freeze.
    IgnoreStops,
    /// Who has lost the lease goes on.
    IgnoreLease,
    /// A manifest that was not read counts as removed.
    UnseenIsGone,
    /// What is in field and was removed is stopped without the approval for that.
    RemovesUnasked,
    /// Nobody looks before something is made.
    NoLook,
    /// Whatever id an answer has is taken for the id of what was made.
    TakesAnyId,
    /// One pass through lists that move is believed.
    OnePass,
    /// A state without its document counts as a new one.
    FreshStart,
}

impl Sabotage {
    pub(crate) const ALL: [Self; 22] = [
        Self::ForgetIntents,
        Self::ImpatientRecovery,
        Self::LossyStore,
        Self::NoLock,
        Self::BlindRetry,
        Self::IgnoreApprovals,
        Self::LaunchFirst,
        Self::SettledSinceIntent,
        Self::FreshKeys,
        Self::OneKey,
        Self::CountersInName,
        Self::AnyPlanByName,
        Self::ForgetFinished,
        Self::RenamesAreNew,
        Self::IgnoreStops,
        Self::IgnoreLease,
        Self::UnseenIsGone,
        Self::RemovesUnasked,
        Self::NoLook,
        Self::TakesAnyId,
        Self::OnePass,
        Self::FreshStart,
    ];

    /// Whether it breaks what the newer weather is about; the others need none of that to be caught.
    pub(crate) fn is_of_borders(self) -> bool {
        matches!(
            self,
            Self::UnseenIsGone
                | Self::RemovesUnasked
                | Self::NoLook
                | Self::TakesAnyId
                | Self::OnePass
                | Self::FreshStart
        )
    }

    /// Whether there is anything to break at a vendor.
    pub(crate) fn applies(self, market: &dyn Market) -> bool {
        match self {
            Self::FreshKeys | Self::OneKey => market.has_keys(),
            Self::CountersInName => market.tells_counts(),
            Self::ForgetFinished => market.forgets_goals(),
            Self::OnePass => market.counts_pages(),
            _ => true,
        }
    }

    /// Breaks a request on its way out.
    pub(crate) fn spoil(self, random: &mut Random, headers: &mut HeaderMap) {
        let key = match self {
            Self::FreshKeys => format!("key {}", random.next()),
            Self::OneKey => "key".to_owned(),
            _ => return,
        };
        if let Some(value) = headers.get_mut("idempotency-key") {
            *value = HeaderValue::from_str(&key).expect("plain");
        }
    }
}

pub(crate) struct Sim {
    pub(crate) seed: u64,
    pub(crate) market: &'static dyn Market,
    pub(crate) sabotage: Option<Sabotage>,
    random: Mutex<Random>,
    apart: Mutex<Random>,
    weather: Mutex<Weather>,
    round: Mutex<usize>,
    crash: Mutex<Crash>,
    pub(crate) stopped: Notify,
    /// Told when a promise is broken.
    pub(crate) broken: Notify,
    trace: Mutex<VecDeque<String>>,
    keep: usize,
    violation: Mutex<Option<Violation>>,
    checker: Mutex<Checker>,
    held_back: Mutex<HeldBack>,
    /// Bodies of creates whose answers had an id that is somebody's already, with that id.
    repeated: Mutex<Vec<(Value, String)>>,
    /// Leases taken so far, of all states.
    pub(crate) leases: AtomicU64,
    count: Mutex<Count>,
    /// What the vendor has stored, by key: as text, and read. Most of it stays the same from one look to the next.
    stored: Mutex<BTreeMap<String, (Vec<u8>, Value)>>,
    /// Our wall clock against the time that passes.
    jumped: Mutex<SignedDuration>,
    pub(crate) sandbox: Sandbox,
    began: Instant,
    base: Timestamp,
    /// The vendor's clock against ours.
    skew: SignedDuration,
}

/// Creates that were held back once, until one of them was sent again.
#[derive(Debug, Default)]
struct HeldBack {
    seen: BTreeSet<String>,
    over: bool,
}

/// What happens to a create where they are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// It is asked to come again in some minutes.
    Waits,
    /// Its sender is gone while it is under way.
    SenderIsGone,
    No,
}

#[derive(Debug, Default)]
struct Crash {
    /// Boundaries left until it happens.
    left: Option<u64>,
    happened: bool,
}

impl Sim {
    pub(crate) fn new(
        seed: u64,
        market: &'static dyn Market,
        random: Random,
        sabotage: Option<Sabotage>,
        sandbox: Sandbox,
        skew: SignedDuration,
        keep: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            seed,
            market,
            sabotage,
            random: Mutex::new(random),
            apart: Mutex::new(Random::apart(seed).split()),
            weather: Mutex::default(),
            round: Mutex::default(),
            crash: Mutex::default(),
            stopped: Notify::new(),
            broken: Notify::new(),
            trace: Mutex::default(),
            keep,
            violation: Mutex::default(),
            checker: Mutex::new(Checker::new(market)),
            held_back: Mutex::default(),
            repeated: Mutex::default(),
            leases: AtomicU64::default(),
            count: Mutex::default(),
            stored: Mutex::default(),
            jumped: Mutex::default(),
            base: START.parse().expect("a fixed time"),
            sandbox,
            began: Instant::now(),
            skew,
        })
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, Random> {
        lock(&self.random)
    }

    /// Chance for what was not in the worlds at first.
    pub(crate) fn apart(&self) -> MutexGuard<'_, Random> {
        lock(&self.apart)
    }

    pub(crate) fn repeated(&self) -> MutexGuard<'_, Vec<(Value, String)>> {
        lock(&self.repeated)
    }

    pub(crate) fn checker(&self) -> MutexGuard<'_, Checker> {
        lock(&self.checker)
    }

    pub(crate) fn weather(&self) -> Weather {
        *lock(&self.weather)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        *lock(&self.weather) = weather;
    }

    pub(crate) fn set_round(&self, round: usize) {
        *lock(&self.round) = round;
        self.tell(format!("--- round {round}"));
    }

    /// Counts what happened.
    pub(crate) fn count(&self, counting: impl FnOnce(&mut Count)) {
        counting(&mut lock(&self.count));
    }

    /// What was counted.
    pub(crate) fn counted(&self) -> Count {
        *lock(&self.count)
    }

    /// What the wall clock of our machine says, which may be anything.
    pub(crate) fn wall(&self) -> Timestamp {
        self.now()
            .saturating_add(*lock(&self.jumped))
            .expect("a small jump")
    }

    /// Somebody sets our wall clock, or another machine does the work.
    pub(crate) fn jump(&self, random: &mut Random) {
        let minutes = random.between(0, 240).cast_signed() - 120;
        *lock(&self.jumped) = SignedDuration::from_mins(minutes);
        self.count(|count| count.clock_jumps += 1);
        self.tell(format!("our clock is {minutes} minutes off"));
    }

    /// The time that passes: the virtual clock since the world began.
    pub(crate) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.began.elapsed()).expect("a simulation is short");
        self.base.saturating_add(passed).expect("a simulation is short")
    }

    /// Brings the vendor's clock to the present, before anybody speaks to it.
    pub(crate) fn tick(&self) {
        self.sandbox.clock().set(self.vendors_now());
    }

    /// What the vendor has stored under keys that begin with this, where it is wanted: also what its API shows to nobody.
    pub(crate) fn stored(&self, prefix: &str, wanted: &dyn Fn(&Value) -> bool) -> Vec<Value> {
        let mut known = lock(&self.stored);
        let mut found = Vec::new();
        let visited = self.sandbox.stored(prefix, &mut |key, text| {
            if known.get(key).is_none_or(|(before, _)| before != text) {
                let read = read(text).expect("documents are JSON");
                known.insert(key.to_owned(), (text.to_vec(), read));
            }
            let document = &known[key].1;
            if wanted(document) {
                found.push(document.clone());
            }
        });
        visited.expect("a store in memory");
        found
    }

    /// The vendor's time.
    pub(crate) fn vendors_now(&self) -> Timestamp {
        self.now().saturating_add(self.skew).expect("a small skew")
    }

    pub(crate) fn tell(&self, line: impl Into<String>) {
        let mut trace = lock(&self.trace);
        if trace.len() >= self.keep {
            trace.pop_front();
        }
        let at = self.began.elapsed().as_millis();
        trace.push_back(format!("{:>9}.{:03} {}", at / 1000, at % 1000, line.into()));
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        lock(&self.trace).iter().cloned().collect()
    }

    /// Notes a broken promise and stops the world. The first one counts.
    pub(crate) fn fail(&self, what: impl Into<String>) {
        let what = what.into();
        self.tell(format!("VIOLATION {what}"));
        let mut violation = lock(&self.violation);
        if violation.is_none() {
            *violation = Some(Violation {
                seed: self.seed,
                round: *lock(&self.round),
                what,
                trace: self.trace(),
            });
        }
        lock(&self.crash).happened = true;
        self.stopped.notify_one();
        self.broken.notify_one();
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        lock(&self.violation).clone()
    }

    /// What happens to a create in a world in which they are held back.
    pub(crate) fn hold_back(&self, content: String) -> Held {
        let mut held = lock(&self.held_back);
        if held.over {
            Held::No
        } else if held.seen.insert(content) {
            Held::Waits
        } else {
            held.over = true;
            Held::SenderIsGone
        }
    }

    /// A crash this many boundaries from now, or none.
    pub(crate) fn arm(&self, left: Option<u64>) {
        *lock(&self.crash) = Crash {
            left,
            happened: false,
        };
    }

    /// Whether the process that runs at present is gone.
    pub(crate) fn crashed(&self) -> bool {
        lock(&self.crash).happened
    }

    /// A boundary between two effects. Does not return in a process that has crashed.
    pub(crate) async fn boundary(&self, what: &str) {
        if self.crashes_here(what) {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the process ends at this boundary, or has ended before.
    pub(crate) fn crashes_here(&self, what: &str) -> bool {
        let mut crash = lock(&self.crash);
        if crash.happened {
            return true;
        }
        let Some(left) = &mut crash.left else {
            return false;
        };
        if *left > 0 {
            *left -= 1;
            return false;
        }
        crash.happened = true;
        drop(crash);
        self.tell(format!("CRASH {what}"));
        self.stopped.notify_one();
        true
    }
}

const START: &str = "2026-11-21T08:00:00Z";

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
