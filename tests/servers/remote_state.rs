//! Shared state against real servers, started here: an S3 emulator (moto) and Azure Blob (Azurite); and against a small
//! Google Cloud Storage of our own, since nobody publishes one.

use crate::gcs::{Gcs, Trouble};
use crate::{Server, folder, test};
use infield::model::{Address, Resource, ResourceKind};
use infield::state::{Keeper, Ledgers, LockInfo, Op, RemoteStore, StateError, Store};
use libtest_mimic::Trial;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const MOTO: Server = Server {
    name: "moto",
    path: "moto/bin/moto_server",
};
const AZURITE: Server = Server {
    name: "azurite",
    path: "azure/node_modules/.bin/azurite-blob",
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        MOTO.test("remote_state::s3", s3),
        AZURITE.test("remote_state::azure", azure),
        test("remote_state::gcs", gcs),
        test(
            "remote_state::writes_that_meet_trouble_at_gcs_are_known_or_refused",
            writes_that_meet_trouble_at_gcs_are_known_or_refused,
        ),
        test(
            "remote_state::addresses_that_are_no_store_are_refused",
            addresses_that_are_no_store_are_refused,
        ),
    ]
}

/// A server that ends with its test.
struct Running {
    child: Child,
    url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server and waits until it prints where it listens.
fn start(mut command: Command) -> Running {
    let (reader, writer) = std::io::pipe().unwrap();
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer);
    let child = command.spawn().unwrap();
    drop(command);
    let mut lines = BufReader::new(reader).lines();
    let url = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let at = line.contains("on http://").then(|| line.find("http://"))??;
            Some(line[at..].split_whitespace().next()?.to_owned())
        })
        .expect("the server ended before it listened");
    // Whatever else it prints must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Running { child, url }
}

fn info(owner: &str) -> LockInfo {
    LockInfo {
        owner: owner.to_owned(),
        pid: 1,
        purpose: "apply".to_owned(),
        since: "2026-11-21T00:00:00Z".to_owned(),
    }
}

fn put(name: &str) -> Op {
    let resource = Resource {
        vendor: infield::marketplace::PURESPECTRUM,
        kind: ResourceKind::Survey(Box::default()),
        id: "7".to_owned(),
    };
    Op::Put {
        address: Address::survey(name),
        resource: Box::new(resource),
    }
}

fn finish<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// What a shared state has to do, in the order a team would meet it.
async fn conformance(open: impl Fn() -> RemoteStore) {
    infield::marketplace::registry::install();
    let store = || Arc::new(open()) as Arc<dyn Store>;
    let one = Keeper::open_locked(store(), "production", "lineage".to_owned(), &info("ada@one"))
        .await
        .unwrap();
    one.commit(vec![put("soda")]).await.unwrap();

    // A second apply leaves, and says who is in the way.
    let Err(error) = Keeper::open_locked(store(), "production", "x".to_owned(), &info("bob@two")).await
    else {
        panic!("two writers at once");
    };
    assert!(
        error.is_contention() && error.to_string().contains("ada@one"),
        "{error}"
    );

    // Somebody who writes past the lock is noticed, and not overwritten.
    let past = Keeper::open(store(), "production", "x".to_owned()).await.unwrap();
    past.commit(vec![put("cola")]).await.unwrap();
    let error = one.commit(vec![put("tea")]).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
    let error = one.commit(vec![put("tea")]).await.unwrap_err();
    assert!(
        error.is_contention(),
        "after a lost write nothing counts: {error}"
    );
    assert!(one.close().await.is_err());

    // The lock was given back all the same, and everything that was confirmed is there.
    let next = Keeper::open_locked(store(), "production", "x".to_owned(), &info("bob@two"))
        .await
        .unwrap();
    let document = next.document().await;
    assert_eq!(document.lineage, "lineage");
    assert_eq!(document.serial, 2);
    let names: Vec<&str> = document.resources.keys().map(Address::as_str).collect();
    assert_eq!(names, ["cola", "soda"]);

    // Many commits at once share writes, and none is lost.
    let all = (0..50).map(|n| {
        let next = &next;
        async move { next.commit(vec![put(&format!("s-{n}"))]).await }
    });
    for result in futures_util::future::join_all(all).await {
        result.unwrap();
    }
    next.close().await.unwrap();
    let document = open().load().await.unwrap().unwrap();
    assert_eq!(document.resources.len(), 52);

    // Another environment's state is refused, and an abandoned lock can be taken away.
    let wrong = Keeper::open(store(), "staging", "x".to_owned()).await;
    assert!(matches!(wrong, Err(StateError::Unusable { .. })));
    let abandoned = open().lock(&info("eve@three")).await.unwrap();
    std::mem::forget(abandoned);
    assert!(open().unlock().await.unwrap().unwrap().contains("eve@three"));
    assert_eq!(open().unlock().await.unwrap(), None);
}

fn s3(moto: &Server) {
    let mut command = Command::new(moto.program());
    command
        .args(["-H", "127.0.0.1", "-p", "0"])
        .env("PYTHONUNBUFFERED", "1");
    let server = start(command);
    let bucket = format!("{}/acme-infield", server.url);
    let created = finish(put_request(&bucket));
    assert!(
        (200..300).contains(&created),
        "the bucket could not be made: {created}"
    );
    let options = [
        ("AWS_ENDPOINT", server.url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()));
    finish(conformance(|| {
        RemoteStore::open("s3://acme-infield/production", options.clone()).unwrap()
    }));
}

/// Azurite's account and key are published with it and the same everywhere.
const AZURITE_ACCOUNT: &str = "devstoreaccount1";
const AZURITE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

fn azure(azurite: &Server) {
    let mut command = Command::new(azurite.program());
    command.args([
        "--blobPort",
        "0",
        "--inMemoryPersistence",
        "--disableTelemetry",
        "--silent",
        "--skipApiVersionCheck",
    ]);
    let server = start(command);
    let endpoint = format!("{}/{AZURITE_ACCOUNT}", server.url);
    // A container is made with the vendor's own library; infield never makes one.
    let script = format!(
        "const {{BlobServiceClient}} = require('@azure/storage-blob');\
         BlobServiceClient.fromConnectionString('DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};\
         AccountKey={AZURITE_KEY};BlobEndpoint={endpoint};').getContainerClient('acme').create()\
         .then(() => process.exit(0), error => {{ console.error(error); process.exit(1); }})"
    );
    let made = Command::new("node")
        .args(["-e", &script])
        .current_dir(folder().join("azure"))
        .status()
        .unwrap();
    assert!(made.success(), "the container could not be made");
    let options = [
        ("AZURE_STORAGE_ACCOUNT_NAME", AZURITE_ACCOUNT),
        ("AZURE_STORAGE_ACCOUNT_KEY", AZURITE_KEY),
        ("AZURE_STORAGE_ENDPOINT", endpoint.as_str()),
        ("AZURE_ALLOW_HTTP", "true"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()));
    finish(conformance(|| {
        RemoteStore::open("az://acme/production", options.clone()).unwrap()
    }));
}

fn at(gcs: &Gcs) -> RemoteStore {
    let options = gcs.variables().map(|(key, value)| (key.to_owned(), value));
    RemoteStore::open(&Gcs::state("production"), options).unwrap()
}

fn gcs() {
    let gcs = Gcs::start();
    finish(async {
        conformance(|| at(&gcs)).await;
        // The parts of a ledger come in several pages.
        let lines: Vec<String> = (0..5).map(|n| format!("line {n}\n")).collect();
        for line in &lines {
            Ledgers::append(&at(&gcs), "list/purespectrum-1", line.as_bytes())
                .await
                .unwrap();
        }
        let read = at(&gcs).read("list/purespectrum-1").await.unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), lines.concat());
        // A lease that nobody can read is in nobody's way.
        gcs.write("production/lease.json", "{");
        let info = info("bob@two");
        let keeper = Keeper::open_locked(Arc::new(at(&gcs)), "production", "x".to_owned(), &info);
        keeper.await.unwrap().close().await.unwrap();
    });
}

/// Whatever happens to any of the writes, what was confirmed is there, and nobody else's is overwritten.
fn writes_that_meet_trouble_at_gcs_are_known_or_refused() {
    infield::marketplace::registry::install();
    let mut met = 0;
    for trouble in Trouble::ALL {
        for number in 0.. {
            let gcs = Gcs::start();
            gcs.disturb(number, trouble);
            let confirmed = finish(three_commits(&gcs));
            if !gcs.is_done() {
                break;
            }
            met += 1;
            let context = format!("write {number} meets {trouble:?}, {confirmed:?} are confirmed");
            match trouble {
                Trouble::LosesAnswer | Trouble::Gateway | Trouble::Busy => {
                    assert_eq!(confirmed, ["one", "three", "two"], "{context}");
                }
                Trouble::Refuses | Trouble::Overtaken => {}
            }
            // What is in the way of the document or of its log is neither: somebody has to look.
            let in_the_way = |name: &String| {
                (name == "production/state.json" || name.contains("/log/"))
                    && gcs.read(name).as_deref() == Some("{}")
            };
            if gcs.names().iter().any(in_the_way) {
                assert_eq!(trouble, Trouble::Overtaken, "{context}");
                continue;
            }
            let kept = finish(async { at(&gcs).load().await }).unwrap();
            let kept: Vec<String> = kept.map_or_else(Vec::new, |document| {
                document.resources.keys().map(ToString::to_string).collect()
            });
            assert_eq!(kept, confirmed, "{context}");
        }
    }
    assert!(met > 20, "{met}");
}

/// Opens, commits three times and closes; the names that were confirmed.
async fn three_commits(gcs: &Gcs) -> Vec<String> {
    let store = Arc::new(at(gcs)) as Arc<dyn Store>;
    let info = info("ada@one");
    let opened = Keeper::open_locked(store, "production", "lineage".to_owned(), &info);
    let Ok(keeper) = opened.await else {
        return Vec::new();
    };
    let mut confirmed = Vec::new();
    for name in ["one", "two", "three"] {
        if keeper.commit(vec![put(name)]).await.is_ok() {
            confirmed.push(name.to_owned());
        }
    }
    // What could not be given back runs out.
    let _ = keeper.close().await;
    confirmed.sort();
    confirmed
}

/// One PUT without a body, over the program's own transport.
async fn put_request(url: &str) -> u16 {
    use infield::marketplace::http::transport::{Network, Outgoing, Transport};
    let request = Outgoing {
        method: http::Method::PUT,
        url: url.to_owned(),
        headers: http::HeaderMap::new(),
        body: None,
    };
    Network::new([]).send(request).await.unwrap().status
}

fn addresses_that_are_no_store_are_refused() {
    for url in ["ftp://x/y", "s3://", "nonsense", "https://example.com/state"] {
        assert!(RemoteStore::open(url, []).is_err(), "{url}");
    }
}
