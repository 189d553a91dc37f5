//! A world of one executor: a vendor that follows a script, a state in memory, and one log of what reached either of
//! them, in order.
//!
//! The log has a line for each request (`PATCH /surveys/7`) and one for each commit (`state: put soda 7 (in field)`), so
//! that a test reads as the promise it is about: what was written down before what was sent.

mod memory;

use crate::apply::{self, Context, Event, Tally};
use crate::marketplace::http::scripted::{Answer, Asked, BASE, Scripted};
use crate::marketplace::http::session::{Decoder, Line, Own, Pace, Patience, Session};
use crate::marketplace::{Markets, Reader, Writer, cint, purespectrum};
use crate::model::desired::Policy;
use crate::model::stops::{Freeze, Stops};
use crate::model::{
    Address, Call, CallClass, Field, Intent, KnownSurvey, Method, Pattern, Resource, ResourceKind, Status,
    SurveySpec, VendorId,
};
use crate::plan::{Action, Plan, Record, Step};
use crate::refresh::Readers;
use crate::state::{Document, Keeper, StateError};
use http::HeaderMap;
use memory::{Lease, Log, Memory};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// When everything in these tests happens.
pub(super) const NOW: &str = "2026-11-21T00:00:00Z";

/// A request in a line of the log, with the headers that these tests are about.
fn line(asked: &Asked) -> String {
    let named = ["idempotency-key", "if-match"].map(|name| {
        let value = asked.header(name)?;
        Some(format!(" ({name}: {value})"))
    });
    format!(
        "{}{}",
        asked.line,
        named.into_iter().flatten().collect::<String>()
    )
}

/// The world.
pub(super) struct World {
    /// Steps at once; one, unless a test is about several.
    pub(super) parallelism: usize,
    /// Cancelled by a test to interrupt.
    pub(super) stop: CancellationToken,
    /// How to look back; emptied by a test that has nothing to look with.
    pub(super) readers: Readers,
    /// How to send.
    pub(super) writers: BTreeMap<VendorId, Writer>,
    /// Set by a test to lose the lock.
    pub(super) lock_is_lost: Arc<AtomicBool>,
    pub(super) keeper: Keeper,
    store: Arc<Memory>,
    vendor: Arc<Scripted>,
    asked: Arc<Mutex<Vec<Asked>>>,
    log: Log,
    events: Mutex<Vec<Event>>,
    intents: AtomicUsize,
}

impl World {
    /// A world that remembers nothing.
    pub(super) async fn new() -> Self {
        Self::knowing([]).await
    }

    /// A world that remembers these resources.
    pub(super) async fn knowing<const N: usize>(resources: [(&str, Resource); N]) -> Self {
        Self::with(resources, []).await
    }

    /// A world that remembers these resources, and creates whose outcome is not recorded.
    pub(super) async fn with<const N: usize, const M: usize>(
        resources: [(&str, Resource); N],
        intents: [(&str, Intent); M],
    ) -> Self {
        let mut document = Document::new("sandbox", "lineage".to_owned());
        document.resources = resources
            .into_iter()
            .map(|(address, resource)| (Address::survey(address), resource))
            .collect();
        document.intents = intents
            .into_iter()
            .map(|(id, intent)| (id.to_owned(), intent))
            .collect();
        let log = Log::default();
        let store = Arc::new(Memory {
            document: Mutex::new(document),
            log: log.clone(),
            fails_in: AtomicUsize::new(0),
            takes: Mutex::default(),
            stops: Mutex::default(),
        });
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let vendor = Arc::new(Scripted::new({
            let (log, asked) = (log.clone(), asked.clone());
            move |request| {
                log.push(line(request));
                asked.lock().unwrap().push(request.clone());
            }
        }));
        let lock_is_lost: Arc<AtomicBool> = Arc::default();
        let keeper = Keeper::open(store.clone(), "sandbox", "lineage".to_owned())
            .await
            .unwrap()
            .holding(Box::new(Lease(lock_is_lost.clone())));
        let decoders: [(VendorId, Decoder, Own); 2] = [
            (
                crate::marketplace::PURESPECTRUM,
                purespectrum::envelope::decode,
                purespectrum::envelope::own,
            ),
            (
                crate::marketplace::CINT,
                cint::envelope::decode,
                cint::envelope::own,
            ),
        ];
        let sessions = decoders.map(|(vendor_id, decoder, own)| {
            let pace = Pace {
                requests_per_second: None,
                concurrency: 8,
            };
            // Whatever may be repeated is repeated once.
            let patience = Patience {
                retries: 1,
                jitter_seed: Some(1),
                ..Patience::default()
            };
            let line = Line {
                production: BASE,
                headers: HeaderMap::new(),
                decoder,
                own,
                tokens: None,
                pace,
                lists_settle_after: Duration::ZERO,
                never_planned: |_| false,
            };
            let session = Session::new(vendor_id, None, line, vendor.clone(), patience);
            (vendor_id, Arc::new(session))
        });
        Self {
            parallelism: 1,
            stop: CancellationToken::new(),
            readers: sessions.clone().map(|(id, s)| (id, Reader::new(s))).into(),
            writers: sessions.map(|(id, s)| (id, Writer::new(s))).into(),
            lock_is_lost,
            keeper,
            store,
            vendor,
            asked,
            log,
            events: Mutex::default(),
            intents: AtomicUsize::new(0),
        }
    }

    /// What the vendor will be asked, and what it answers.
    pub(super) fn vendor<const N: usize>(&self, lines: [(&str, Answer); N]) {
        self.vendor.expect(lines);
    }

    /// The other vendor will be asked for what holds groups, and shows it.
    pub(super) fn project(&self, id: &str) {
        let line = format!("GET /demand/accounts/1/projects/{id}");
        let body = serde_json::json!({"id": id});
        self.vendor.expect([(line, Answer::new(200, &body))]);
    }

    /// Somebody freezes everything, when this is called.
    pub(super) fn freezing(&self) -> impl FnOnce() + Send + 'static {
        self.freezing_only(Pattern::everything())
    }

    /// Freezes what this means.
    pub(super) fn freezing_only(&self, pattern: Pattern) -> impl FnOnce() + Send + 'static {
        let store = self.store.clone();
        let freeze = Freeze {
            id: "f".to_owned(),
            at: NOW.to_owned(),
            by: "ada@one".to_owned(),
            patterns: vec![pattern],
            thawed: Vec::new(),
            paused: Vec::new(),
        };
        move || store.stops.lock().unwrap().freezes.push(freeze)
    }

    /// What is frozen.
    pub(super) fn stops(&self) -> Stops {
        self.store.stops.lock().unwrap().clone()
    }

    /// The commit with this number, counted from 1, fails.
    pub(super) fn commit_fails(&self, number: usize) {
        self.store.fails_in.store(number, Ordering::SeqCst);
    }

    /// Every commit takes this long.
    pub(super) fn commits_take(&self, takes: Duration) {
        *self.store.takes.lock().unwrap() = takes;
    }

    /// Carries out steps.
    pub(super) async fn apply<const N: usize>(&self, steps: [Step; N]) -> Tally {
        self.run(&plan(steps)).await.unwrap()
    }

    /// Carries out a plan. Everything in the vendor's script has to be asked for.
    pub(super) async fn run(&self, plan: &Plan) -> Result<Tally, StateError> {
        let context = Context {
            writers: &self.writers,
            readers: &self.readers,
            keeper: &self.keeper,
            markets: &Markets::default(),
            undoes: &std::collections::BTreeSet::new(),
            events: &|event| self.events.lock().unwrap().push(event),
            parallelism: self.parallelism,
            stop: self.stop.clone(),
            now: &|| NOW.to_owned(),
            new_intent_id: &|| format!("key-{}", self.intents.fetch_add(1, Ordering::SeqCst) + 1),
        };
        let result = apply::run(plan, 0, &context).await;
        assert_eq!(
            self.vendor.left(),
            [""; 0],
            "nobody asked; the log is {:#?}",
            self.log()
        );
        result
    }

    /// Requests and commits, in order.
    pub(super) fn log(&self) -> Vec<String> {
        self.log.0.lock().unwrap().clone()
    }

    /// The requests alone, with everything in them.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Everything that was told.
    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// The one failure that was told: the problem, the help, and whether the outcome is unknown.
    pub(super) fn failure(&self) -> (String, String, bool) {
        let failures = self.events().into_iter().filter_map(|event| match event {
            Event::StepFailed {
                problem,
                help,
                outcome_unknown,
                ..
            } => Some((problem, help.unwrap_or_default(), outcome_unknown)),
            _ => None,
        });
        let failures: Vec<_> = failures.collect();
        let [failure] = &failures[..] else {
            panic!("{failures:#?} instead of one failure")
        };
        failure.clone()
    }

    /// The steps that were not started, with the reason.
    pub(super) fn skipped(&self) -> Vec<(String, String)> {
        let events = self.events().into_iter();
        let skipped = events.filter_map(|event| match event {
            Event::StepSkipped { step, because, .. } => Some((step, because)),
            _ => None,
        });
        skipped.collect()
    }

    /// What is stored of a resource.
    pub(super) fn stored(&self, address: &str) -> Option<Resource> {
        let document = self.store.document.lock().unwrap();
        document.resources.get(&Address::survey(address)).cloned()
    }

    /// What is stored of a survey.
    pub(super) fn survey(&self, address: &str) -> KnownSurvey {
        self.stored(address).unwrap().survey().unwrap().clone()
    }

    /// The creates whose outcome is not recorded.
    pub(super) fn open(&self) -> BTreeMap<String, Intent> {
        self.store.document.lock().unwrap().intents.clone()
    }
}

/// A survey that is remembered.
pub(super) fn known(id: &str, survey: KnownSurvey) -> Resource {
    Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        id: id.to_owned(),
        kind: ResourceKind::Survey(Box::new(survey)),
    }
}

/// A survey of the other vendor that is remembered, with this id.
pub(super) fn known_at_cint(id: &str, survey: KnownSurvey) -> Resource {
    Resource {
        vendor: crate::marketplace::CINT,
        ..known(id, survey)
    }
}

/// A step `address:action` without calls, for everything else to be said by the test.
pub(super) fn step(address: &str, action: Action) -> Step {
    let (address, vendor) = (Address::survey(address), crate::marketplace::PURESPECTRUM);
    Step::new(&address, vendor, action, "", applied(SurveySpec::default()))
}

/// A plan of these steps.
pub(super) fn plan(steps: impl Into<Vec<Step>>) -> Plan {
    Plan {
        environment: "sandbox".to_owned(),
        steps: steps.into(),
        ..Plan::default()
    }
}

/// What is remembered of a survey out of field.
pub(super) fn applied(spec: SurveySpec) -> Record {
    Record::survey(spec, false, Policy::default(), false)
}

/// What is remembered of a survey in field.
pub(super) fn in_field(spec: SurveySpec) -> Record {
    Record::survey(spec, true, Policy::default(), false)
}

/// A title, to tell values apart.
pub(super) fn titled(title: &str) -> SurveySpec {
    SurveySpec {
        title: Field::Set(title.to_owned()),
        ..SurveySpec::default()
    }
}

/// A call that may be repeated.
pub(super) fn write(method: Method, path: &str) -> Call {
    Call::new(method, path, CallClass::IdempotentWrite, "write it")
}

/// A call that makes a survey.
pub(super) fn create() -> Call {
    Call {
        returns_id: Some("/id".to_owned()),
        ..Call::new(Method::Post, "/surveys", CallClass::Create, "make it")
    }
}

/// The vendor says yes.
pub(super) fn ok() -> Answer {
    Answer::new(200, "{}")
}

/// The vendor says no.
pub(super) fn refused(status: u16) -> Answer {
    Answer::new(
        status,
        &serde_json::json!({"ps_error_code": 7, "ps_error_message": "no"}),
    )
}

/// The vendor shows a survey.
pub(super) fn shown(id: &str, status: Status, spec: &SurveySpec) -> Answer {
    Answer::new(200, &purespectrum::shown::survey(id, status, spec))
}

/// The vendor shows a draft without values.
pub(super) fn draft(id: &str) -> Answer {
    shown(id, Status::Draft, &SurveySpec::default())
}
