//! A world in one process: the sandbox, a state in memory, and the real planner and executor between them.

use futures_util::future::BoxFuture;
use infield::apply::{self, Context, Event, Tally};
use infield::marketplace::http::in_process::InProcess;
use infield::marketplace::http::session::Patience;
use infield::marketplace::{Account, Reader, Writer};
use infield::model::desired::Policy;
use infield::model::{
    Address, Answers, Criterion, Desired, DesiredSurvey, Field, Quota, Range, Status, SurveySpec, VendorId,
};
use infield::plan::{self, Choices, GuardRules, Inputs, Plan};
use infield::refresh::{Readers, refresh};
use infield::state::store::{Entry, Lock, LockInfo, StateError, Store};
use infield::state::{Document, Keeper};
use infield_sandbox::{Config, Sandbox};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

pub(crate) type Edit = fn(&mut SurveySpec);

pub(crate) struct World {
    readers: Readers,
    writers: BTreeMap<VendorId, Writer>,
    keeper: Keeper,
    events: Mutex<Vec<Event>>,
}

/// A store that only remembers.
#[derive(Default)]
struct Memory(Mutex<Option<Document>>);

impl Store for Memory {
    fn place(&self) -> String {
        "memory".to_owned()
    }
    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        let document = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(document) })
    }
    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        _before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        let mut document = self.0.lock().unwrap();
        for entry in entries {
            document.as_mut().unwrap().apply(&entry.op);
        }
        Box::pin(async { Ok(()) })
    }
    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        *self.0.lock().unwrap() = Some(document.clone());
        Box::pin(async { Ok(()) })
    }
    fn lock<'a>(&'a self, _info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        panic!("these tests run alone and take no lock")
    }
    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(async { Ok(None) })
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::open(
            Config::default(),
            vec![Box::new(infield_sandbox::purespectrum::PureSpectrum::new())],
        )
        .unwrap();
        let account = Account {
            vendor: infield::marketplace::PURESPECTRUM,
            base_url: Some("http://sandbox/purespectrum/buyers/v2".to_owned()),
            token: "sandbox".to_owned().into(),
            client: None,
            requests_per_second: None,
            concurrency: None,
            lists_settle_after: None,
        };
        let session = account
            .open(Arc::new(InProcess::new(sandbox.router())), Patience::default())
            .unwrap();
        let keeper = Keeper::open(Arc::new(Memory::default()), "sandbox", "lineage".to_owned())
            .await
            .unwrap();
        Self {
            readers: BTreeMap::from([(infield::marketplace::PURESPECTRUM, Reader::new(session.clone()))]),
            writers: BTreeMap::from([(infield::marketplace::PURESPECTRUM, Writer::new(session))]),
            keeper,
            events: Mutex::default(),
        }
    }

    pub(crate) fn desired<const N: usize>(&self, surveys: [(&str, DesiredSurvey); N]) -> Desired {
        Desired {
            surveys: surveys
                .into_iter()
                .map(|(name, survey)| (Address::survey(name), survey))
                .collect(),
            groups: BTreeMap::new(),
            studies: BTreeMap::new(),
        }
    }

    pub(crate) async fn plan(&self, desired: &Desired) -> Plan {
        let known = self.keeper.known().await;
        let live = refresh(desired, &known, &self.readers, None).await;
        let plan = plan::plan(&Inputs {
            environment: "sandbox",
            desired,
            known: &known,
            live: &live,
            guards: &GuardRules::default(),
            choices: &Choices {
                whole_project: true,
                ..Choices::default()
            },
            markets: &infield::marketplace::Markets::default(),
        });
        assert_eq!(plan::audit::audit(&plan), Vec::<String>::new());
        plan
    }

    pub(crate) async fn apply(&self, plan: &Plan) -> Tally {
        self.events.lock().unwrap().clear();
        let count = Mutex::new(0);
        let context = Context {
            writers: &self.writers,
            readers: &self.readers,
            keeper: &self.keeper,
            markets: &infield::marketplace::Markets::default(),
            events: &|event| self.events.lock().unwrap().push(event),
            parallelism: 4,
            stop: CancellationToken::new(),
            now: &|| "2026-11-21T00:00:00Z".to_owned(),
            new_intent_id: &|| {
                let mut count = count.lock().unwrap();
                *count += 1;
                format!("intent-{count}")
            },
        };
        apply::run(plan, 0, &context).await.unwrap()
    }

    pub(crate) async fn converge(&self, desired: &Desired) {
        let plan = self.plan(desired).await;
        let tally = self.apply(&plan).await;
        assert_eq!(tally.failed + tally.skipped, 0, "{:#?}", self.events());
        let again = self.plan(desired).await;
        assert!(again.is_empty(), "{again:#?}");
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }
}

fn gender(code: &str) -> Criterion {
    Criterion {
        question: "211".to_owned(),
        unit: None,
        answers: Answers::codes([code]),
    }
}

fn age(from: i64, to: i64) -> Criterion {
    Criterion {
        question: "212".to_owned(),
        unit: Some("311".to_owned()),
        answers: Answers::ranges([Range { from, to }]),
    }
}

/// The survey of the manual's first page.
pub(crate) fn soda() -> DesiredSurvey {
    DesiredSurvey {
        vendor: infield::marketplace::PURESPECTRUM,
        policy: Policy::default(),
        spec: SurveySpec {
            title: Field::Set("Soda tracker, wave 3".to_owned()),
            locale: Field::Set("en-US".to_owned()),
            completes: Field::Set(400),
            incidence_rate: Field::Set(50.into()),
            length_of_interview: Field::Set(5.into()),
            field_days: Field::Set(10),
            start: Field::Absent,
            end: Field::Absent,
            cpi: Field::Set("3.75 USD".parse().unwrap()),
            max_cpi: Field::Absent,
            live_url: Field::Set("https://survey.example.com/s/soda?tk=[%%token%%]".to_owned()),
            test_url: Field::Set("https://survey.example.com/s/soda?test=1".to_owned()),
            status: Field::Set(Status::Live),
            template: Field::Absent,
            qualifications: Field::Set(vec![
                Criterion {
                    question: "211".to_owned(),
                    unit: None,
                    answers: Answers::codes(["111", "112"]),
                },
                age(18, 64),
            ]),
            quotas: Field::Set(vec![
                Quota {
                    name: "men".to_owned(),
                    completes: 200,
                    criteria: vec![gender("111")],
                },
                Quota {
                    name: "women-18-34".to_owned(),
                    completes: 200,
                    criteria: vec![gender("112"), age(18, 34)],
                },
            ]),
            attributes: BTreeMap::from([("category".to_owned(), Field::Set(232.into()))]),
        },
    }
}

pub(crate) fn quotas(spec: &mut SurveySpec) -> &mut Vec<Quota> {
    match &mut spec.quotas {
        Field::Set(quotas) => quotas,
        _ => panic!("the survey manages no quotas"),
    }
}

pub(crate) fn quota<'a>(spec: &'a mut SurveySpec, name: &str) -> &'a mut Quota {
    quotas(spec).iter_mut().find(|quota| quota.name == name).unwrap()
}

pub(crate) fn widen_age(spec: &mut SurveySpec) {
    spec.qualifications = Field::Set(vec![age(18, 70)]);
}
