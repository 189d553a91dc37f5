//! Shared state against real servers, started here: an S3 emulator (moto) and Azure Blob (Azurite).

use crate::{Server, folder, test};
use infield::model::{Address, Resource, ResourceKind};
use infield::state::{Keeper, LockInfo, Op, RemoteStore, StateError, Store};
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
