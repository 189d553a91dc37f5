//! Benchmarks of the parts that do no I/O beyond reading manifests: `cargo bench --bench pure`. Figures, and how whole
//! commands are measured, stand in `benches/README.md`.
//!
//! Every survey has twenty quotas (ten age bands, men and women). The numbers of surveys are a tenth and a hundredth of
//! the ten thousand that the program is made for: everything here grows in proportion.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use bytes::Bytes;
use divan::{Bencher, black_box};
use futures_util::future::BoxFuture;
use infield::manifest::{Options, load};
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Markets, Reader};
use infield::model::LiveKey;
use infield::plan::{Inputs, Plan};
use infield::report::{PlanReport, Style, plan_text};
use infield::state::Document;
use std::fmt::Write as _;
use std::sync::Arc;
use support::World;
use tempfile::TempDir;

#[path = "../tests/planner/support.rs"]
#[allow(dead_code, reason = "shared with the planner's tests")]
mod support;

const SURVEYS: [usize; 2] = [100, 1000];

fn main() {
    divan::main();
}

/// A manifest with twenty quotas.
fn manifest(index: usize) -> String {
    let mut text = format!(
        "kind: Survey\nname: wave-{index:05}\ntitle: Wave {index}\nlocale: en-US\ncompletes: 400\nincidence_rate: 50\n\
         length_of_interview: 5\nfield_days: 10\ncpi: 3.75 USD\nlive_url: https://survey.example.com/s?tk=[%%token%%]\n\
         status: live\nqualifications: {{gender: [male, female], age: 18-57}}\npurespectrum: {{category: 232}}\nquotas:\n"
    );
    for band in 0..10 {
        let (from, to) = (18 + band * 4, 21 + band * 4);
        for gender in ["male", "female"] {
            writeln!(
                text,
                "  - {{name: {gender}-{from}, completes: 20, where: {{gender: {gender}, age: {from}-{to}}}}}"
            )
            .unwrap();
        }
    }
    text
}

fn folder(surveys: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for index in 0..surveys {
        std::fs::write(folder.path().join(format!("{index:05}.yaml")), manifest(index)).unwrap();
    }
    folder
}

/// Surveys that nobody made yet, or with their twins at the vendor and in the state.
fn world(surveys: usize, exist: bool) -> World {
    let folder = folder(surveys);
    let base = folder.path().to_owned();
    let loaded = load(&[], &Options { base });
    assert!(!loaded.has_errors());
    let mut world = World::new();
    for (address, survey) in loaded.desired.surveys {
        if exist {
            world.fielded(address.as_str(), survey.spec);
        } else {
            world.want(address.as_str(), survey.spec);
        }
    }
    world
}

/// The plan, made once and without the audits of the tests.
fn plan(world: &World) -> Plan {
    infield::plan::plan(&Inputs {
        environment: "bench",
        desired: &world.desired,
        known: &world.known,
        live: &world.live,
        guards: &world.guards,
        choices: &world.choices,
        markets: &Markets::default(),
    })
}

#[divan::bench(args = SURVEYS)]
fn validate(bencher: Bencher<'_, '_>, surveys: usize) {
    let folder = folder(surveys);
    bencher.bench_local(|| {
        let base = folder.path().to_owned();
        let loaded = load(&[], &Options { base });
        assert_eq!(loaded.desired.surveys.len(), surveys);
    });
}

#[divan::bench(args = SURVEYS)]
fn plan_new(bencher: Bencher<'_, '_>, surveys: usize) {
    let world = world(surveys, false);
    bencher.bench_local(|| assert!(plan(&world).steps.len() >= surveys));
}

#[divan::bench(args = SURVEYS)]
fn plan_nothing_to_do(bencher: Bencher<'_, '_>, surveys: usize) {
    let world = world(surveys, true);
    bencher.bench_local(|| assert!(plan(&world).is_empty()));
}

#[divan::bench(args = SURVEYS)]
fn plan_hash(bencher: Bencher<'_, '_>, surveys: usize) {
    let plan = plan(&world(surveys, false));
    bencher.bench_local(|| infield::plan::hash::hash(black_box(&plan)));
}

#[divan::bench(args = SURVEYS)]
fn plan_as_text(bencher: Bencher<'_, '_>, surveys: usize) {
    let plan = plan(&world(surveys, false));
    bencher.bench_local(|| plan_text::render(black_box(&plan), &Style::default()));
}

#[divan::bench(args = SURVEYS)]
fn plan_as_json(bencher: Bencher<'_, '_>, surveys: usize) {
    let plan = plan(&world(surveys, false));
    bencher.bench_local(|| serde_json::to_string(&PlanReport::from(black_box(&plan))));
}

fn document(surveys: usize) -> Document {
    let mut document = Document::new("bench", "lineage".to_owned());
    document.resources = world(surveys, true).known.resources;
    document
}

#[divan::bench(args = SURVEYS)]
fn state_write(bencher: Bencher<'_, '_>, surveys: usize) {
    let document = document(surveys);
    bencher.bench_local(|| black_box(&document).to_bytes());
}

#[divan::bench(args = SURVEYS)]
fn state_read(bencher: Bencher<'_, '_>, surveys: usize) {
    let bytes = document(surveys).to_bytes();
    bencher.bench_local(|| Document::parse(black_box(&bytes)).unwrap());
}

/// Answers lists of drafts from memory, and has nothing else.
struct Pages(Vec<Bytes>);

impl Transport for Pages {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let page = request
            .url
            .split("page=")
            .nth(1)
            .and_then(|page| page.parse::<usize>().ok());
        let drafts = request.url.contains("status=11");
        let body = page
            .filter(|_| drafts)
            .and_then(|page| self.0.get(page - 1))
            .cloned();
        Box::pin(async move {
            Ok(Incoming {
                status: 200,
                headers: http::HeaderMap::new(),
                body: body.unwrap_or(Bytes::from_static(b"[]")),
            })
        })
    }
}

/// A draft as the vendor lists it, with twenty quotas.
fn listed(id: usize) -> serde_json::Value {
    let quotas: Vec<serde_json::Value> = (0..20)
        .map(|quota| {
            serde_json::json!({
                "ps_quota_id": format!("{id}-{quota}"), "buyer_quota_id": format!("quota-{quota}"),
                "required_count": 20, "criteria": [
                    {"qualification_code": 211, "condition_codes": [if quota % 2 == 0 { "111" } else { "112" }]},
                    {"qualification_code": 212, "range_sets": [
                        {"units": "311", "from": 18 + quota / 2 * 4, "to": 21 + quota / 2 * 4}]},
                ],
            })
        })
        .collect();
    serde_json::json!({
        "ps_survey_id": id, "ps_survey_status": 11, "survey_title": format!("Wave {id}"),
        "survey_localization": "en_US", "completes_required": 400, "expected_ir": 50, "expected_loi": 5,
        "field_time": 10, "offer_price": 3.75, "live_url": "https://survey.example.com/s",
        "survey_category_code": 232, "quotas": quotas,
    })
}

#[divan::bench(args = SURVEYS)]
fn decode_lists(bencher: Bencher<'_, '_>, surveys: usize) {
    let all: Vec<serde_json::Value> = (1..=surveys).map(listed).collect();
    let pages = all
        .chunks(100)
        .map(|page| Bytes::from(serde_json::to_vec(page).unwrap()))
        .collect();
    let account = Account {
        vendor: infield::marketplace::PURESPECTRUM,
        base_url: Some("http://vendor.example".to_owned()),
        token: "t".to_owned().into(),
        client: None,
        requests_per_second: Some(1_000_000),
        concurrency: None,
        lists_settle_after: None,
    };
    let session = account.open(Arc::new(Pages(pages)), Patience::default()).unwrap();
    let reader = Reader::new(session);
    let keys: Vec<LiveKey> = (1..=surveys).map(|id| LiveKey::survey(id.to_string())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    bencher.bench_local(|| {
        let found = runtime.block_on(reader.surveys(&keys));
        assert!(found.values().all(|reading| reading.present().is_some()));
    });
}
