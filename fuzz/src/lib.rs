//! What each target does with its bytes, and what must hold whatever they are. Shared with `tests/it/corpus.rs`, which
//! replays the committed corpus without a fuzzer.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use infield::diag::{code, text};
use infield::manifest::{self, Options};
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Client, Reader, Sought, registry};
use infield::model::{Level, LiveKey, Reading, SurveySpec, VendorId};
use infield::saved::SavedPlan;
use infield::state::{Document, LocalStore, Store};
use std::sync::Arc;

/// A manifest: every problem has a place in the text, and none of them is ours.
pub fn manifest(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("infield.yaml"), bytes).expect("written");
    let base = folder.path().to_owned();
    let loaded = manifest::load(&[], &Options { base });
    let shown = text::render(&loaded.diagnostics, &loaded.sources, text::Style::default());
    for diagnostic in &loaded.diagnostics {
        assert_ne!(diagnostic.code, code::INTERNAL, "{shown}");
        if let (Some(file), Some(span)) = (&diagnostic.file, diagnostic.span()) {
            let text = loaded.sources.get(file).expect("a file that was read").text();
            assert!(text.get(span.range()).is_some(), "{diagnostic:?}");
        }
    }
}

/// A state: what is read is written and read again as the same; as a folder, the first line is the document and the
/// rest the journal.
pub fn state(bytes: &[u8]) {
    registry::install();
    if let Ok(document) = Document::parse(bytes) {
        assert_eq!(Document::parse(&document.to_bytes()), Ok(document));
    }
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("state.json"), &bytes[..end]).expect("written");
    let journal = bytes.get(end + 1..).unwrap_or_default();
    std::fs::write(folder.path().join("journal.jsonl"), journal).expect("written");
    let path = folder.path().to_str().expect("a folder with a plain name");
    if let Err(error) = run(LocalStore::new(path).load()) {
        assert!(!error.to_string().is_empty());
    }
}

/// A saved plan: nobody can make one up.
pub fn saved_plan(bytes: &[u8]) {
    registry::install();
    match SavedPlan::parse(bytes) {
        Ok(saved) => assert!(!saved.hash.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Any answer of PureSpectrum; the first byte picks the HTTP status.
pub fn purespectrum(bytes: &[u8]) {
    answers(infield::marketplace::PURESPECTRUM, Level::Survey, bytes);
}

/// Any answer of InnovateMR; the first byte picks the HTTP status.
pub fn innovatemr(bytes: &[u8]) {
    answers(infield::marketplace::INNOVATEMR, Level::Container, bytes);
    answers(infield::marketplace::INNOVATEMR, Level::Group, bytes);
}

/// Any answer of Cint; the first byte picks the HTTP status.
pub fn cint(bytes: &[u8]) {
    answers(infield::marketplace::CINT, Level::Container, bytes);
    answers(infield::marketplace::CINT, Level::Group, bytes);
}

/// Whatever is answered, a survey that is present is the one that was asked for, and nothing is left unanswered.
fn answers(vendor: VendorId, level: Level, bytes: &[u8]) {
    let (first, body) = bytes.split_first().unwrap_or((&0, &[]));
    let statuses = [200, 200, 200, 201, 400, 401, 404, 409, 429, 500, 503];
    let status = statuses[usize::from(*first) % statuses.len()];
    let parrot = Parrot(status, Bytes::copy_from_slice(body));
    let reader = reader(vendor, parrot);
    let key = |id: u64| LiveKey {
        hint: Default::default(),
        level,
        id: id.to_string(),
        parent: (level == Level::Group).then(|| "1".to_owned()),
        job: (level == Level::Group).then(|| "/jobs/1".to_owned()),
    };
    run(async {
        if let Reading::Present(live) = reader.survey(&key(7)).await {
            assert_eq!(live.id, "7");
        }
        let keys: Vec<LiveKey> = (0..30).map(key).collect();
        assert_eq!(reader.surveys(&keys).await.len(), keys.len());
        let _ = reader.templates().await;
        let _ = reader.group("g").await;
        let wanted = SurveySpec::default();
        let sought = Sought {
            level,
            parent: Some("1"),
            wanted: &wanted,
        };
        let _ = reader.twins(&[sought]).await;
        let _ = reader.stopped_by(&key(7)).await;
        let _ = reader.surveys_since(jiff::Timestamp::UNIX_EPOCH).await;
        let _ = reader.lexicon("en-US").await;
    });
}

fn run<T>(work: impl Future<Output = T>) -> T {
    // Nothing is repeated (`reader`), so nothing waits.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(work)
}

fn reader(vendor: VendorId, parrot: Parrot) -> Reader {
    let account = Account {
        vendor,
        base_url: Some("http://vendor.example".to_owned()),
        token: "t".to_owned().into(),
        client: Some(Client {
            id: "c".to_owned().into(),
            auth_url: Some(AUTH_URL.to_owned()),
        }),
        requests_per_second: Some(1_000_000),
        concurrency: None,
        lists_settle_after: None,
    };
    let patience = Patience {
        retries: 0,
        ..Patience::default()
    };
    Reader::new(
        account
            .open(Arc::new(parrot), patience)
            .expect("the token is plain"),
    )
}

/// Where tokens are asked for; what is answered there is not what is tested.
const AUTH_URL: &str = "http://vendor.example/token";

/// Answers everything with the same bytes.
struct Parrot(u16, Bytes);

impl Transport for Parrot {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let asks_token = request.url == AUTH_URL;
            let token = Bytes::from_static(b"{\"access_token\":\"t\",\"expires_in\":86400}");
            Ok(Incoming {
                status: if asks_token { 200 } else { self.0 },
                headers: http::HeaderMap::new(),
                body: if asks_token { token } else { self.1.clone() },
            })
        })
    }
}
