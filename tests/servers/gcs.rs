//! A small Google Cloud Storage: its XML API as far as a shared state needs it, in memory, with writes that can be made to
//! go wrong.
//!
//! As there, an ETag is one of the content, so that only the generation tells two writes of the same bytes apart; what is
//! written on condition of another generation is refused with 412; lists come in pages.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, header};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::runtime::Runtime;

/// The bucket, the only one there is.
const BUCKET: &str = "acme-infield";
/// What requests have to show.
const TOKEN: &str = "ya29.test";
/// How many objects a page of a list holds.
const PAGE: usize = 2;

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is stored, and the connection ends without an answer.
    LosesAnswer,
    /// It is stored, and a gateway says that something went wrong.
    Gateway,
    /// It is not stored: an object takes about one write a second. The next try is another write.
    Busy,
    /// It is not stored, and never will be.
    Refuses,
    /// Somebody else writes the same object just before.
    Overtaken,
}

impl Trouble {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::LosesAnswer,
        Self::Gateway,
        Self::Busy,
        Self::Refuses,
        Self::Overtaken,
    ];
}

/// Something that is stored.
struct Object {
    bytes: Vec<u8>,
    generation: u64,
    written: Timestamp,
}

impl Object {
    fn e_tag(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.bytes.hash(&mut hasher);
        format!("\"{:016x}\"", hasher.finish())
    }
}

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Object>,
    generation: u64,
    writes: usize,
    /// What happens to a write, by how many there were before it.
    troubles: BTreeMap<usize, Trouble>,
    /// Nothing with this in its name is stored.
    forbidden: Option<&'static str>,
}

impl Bucket {
    fn store(&mut self, name: &str, bytes: &[u8]) {
        self.generation += 1;
        let object = Object {
            bytes: bytes.to_vec(),
            generation: self.generation,
            written: Timestamp::now(),
        };
        self.objects.insert(name.to_owned(), object);
    }
}

/// The server; it ends with its test.
pub(crate) struct Gcs {
    bucket: Arc<Mutex<Bucket>>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Drop for Gcs {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Gcs {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let bucket = Arc::new(Mutex::new(Bucket::default()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&bucket));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listener).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async { axum::serve(listener, router).await });
        Self {
            bucket,
            address,
            runtime: Some(runtime),
        }
    }

    /// The variables that lead here.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [
            ("GOOGLE_BASE_URL", format!("http://{}", self.address)),
            ("GOOGLE_BEARER_TOKEN", TOKEN.to_owned()),
        ]
    }

    /// The address of a state in it.
    pub(crate) fn state(folder: &str) -> String {
        format!("gs://{BUCKET}/{folder}")
    }

    /// Lets a write meet trouble, counted from the next one, which is number 0.
    pub(crate) fn disturb(&self, number: usize, trouble: Trouble) {
        let mut bucket = lock(&self.bucket);
        let number = bucket.writes + number;
        bucket.troubles.insert(number, trouble);
    }

    /// Refuses to store what has this in its name.
    pub(crate) fn forbid(&self, part: &'static str) {
        lock(&self.bucket).forbidden = Some(part);
    }

    /// Whether every trouble was met.
    pub(crate) fn is_done(&self) -> bool {
        lock(&self.bucket).troubles.is_empty()
    }

    /// What is stored under a name; with signs for what is no text, as in packed segments.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        let bucket = lock(&self.bucket);
        let object = bucket.objects.get(name)?;
        Some(String::from_utf8_lossy(&object.bytes).into_owned())
    }

    /// Stores something past every condition, as somebody else would.
    pub(crate) fn write(&self, name: &str, text: &str) {
        lock(&self.bucket).store(name, text.as_bytes());
    }

    /// Removes something.
    pub(crate) fn remove(&self, name: &str) {
        lock(&self.bucket).objects.remove(name).expect(name);
    }

    /// The names of what is stored.
    pub(crate) fn names(&self) -> Vec<String> {
        lock(&self.bucket).objects.keys().cloned().collect()
    }
}

fn lock(bucket: &Mutex<Bucket>) -> MutexGuard<'_, Bucket> {
    bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn answer(State(bucket): State<Arc<Mutex<Bucket>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let shown = head.headers.get(header::AUTHORIZATION);
    if shown.is_none_or(|shown| shown != &format!("Bearer {TOKEN}")) {
        return error(StatusCode::UNAUTHORIZED, "AuthenticationRequired");
    }
    let path = percent_encoding::percent_decode_str(head.uri.path()).decode_utf8_lossy();
    let Some((BUCKET, name)) = path[1..].split_once('/').or(Some((&path[1..], ""))) else {
        return error(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let mut bucket = lock(&bucket);
    match head.method {
        Method::PUT => put(&mut bucket, name, &body, &head.headers),
        Method::GET if name.is_empty() => list(&bucket, head.uri.query().unwrap_or_default()),
        Method::GET | Method::HEAD => match bucket.objects.get(name) {
            Some(object) => shown_as(object),
            None => error(StatusCode::NOT_FOUND, "NoSuchKey"),
        },
        Method::DELETE => match bucket.objects.remove(name) {
            Some(_) => empty(StatusCode::NO_CONTENT),
            None => error(StatusCode::NOT_FOUND, "NoSuchKey"),
        },
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    }
}

fn put(bucket: &mut Bucket, name: &str, bytes: &[u8], headers: &HeaderMap) -> Response {
    if bucket.forbidden.is_some_and(|part| name.contains(part)) {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let number = bucket.writes;
    bucket.writes += 1;
    let trouble = bucket.troubles.remove(&number);
    match trouble {
        Some(Trouble::Busy) => return error(StatusCode::TOO_MANY_REQUESTS, "SlowDown"),
        Some(Trouble::Refuses) => return error(StatusCode::FORBIDDEN, "AccessDenied"),
        Some(Trouble::Overtaken) => bucket.store(name, b"{}"),
        Some(Trouble::LosesAnswer | Trouble::Gateway) | None => {}
    }
    let wanted = headers.get("x-goog-if-generation-match");
    let wanted: Option<u64> = wanted.map(|wanted| wanted.to_str().unwrap().parse().unwrap());
    let there = bucket.objects.get(name).map_or(0, |object| object.generation);
    if wanted.is_some_and(|wanted| wanted != there) {
        return error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    bucket.store(name, bytes);
    match trouble {
        // Ends the connection without an answer, and prints nothing.
        Some(Trouble::LosesAnswer) => std::panic::resume_unwind(Box::new("the answer is lost")),
        Some(Trouble::Gateway) => error(StatusCode::BAD_GATEWAY, "BadGateway"),
        _ => {
            let mut response = shown_as(&bucket.objects[name]);
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response
        }
    }
}

fn shown_as(object: &Object) -> Response {
    let written = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&object.written)
        .unwrap();
    Response::builder()
        .header(header::ETAG, object.e_tag())
        .header(header::LAST_MODIFIED, written)
        .header(header::CONTENT_LENGTH, object.bytes.len())
        .header("x-goog-generation", object.generation)
        .body(Body::from(object.bytes.clone()))
        .unwrap()
}

fn list(bucket: &Bucket, query: &str) -> Response {
    let query: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let prefix = query.get("prefix").map_or("", AsRef::as_ref);
    let after = query.get("continuation-token").map_or("", AsRef::as_ref);
    let below = bucket
        .objects
        .iter()
        .filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after);
    let mut found: Vec<_> = below.take(PAGE + 1).collect();
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let mut xml = format!("<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>{more}</IsTruncated>");
    for (name, object) in &found {
        let (e_tag, size, written) = (object.e_tag(), object.bytes.len(), object.written);
        write!(
            xml,
            "<Contents><Key>{name}</Key><LastModified>{written}</LastModified><ETag>{e_tag}</ETag><Size>{size}</Size>\
             </Contents>"
        )
        .unwrap();
    }
    if let (true, Some((last, _))) = (more, found.last()) {
        write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>").unwrap();
    }
    xml.push_str("</ListBucketResult>");
    Response::new(Body::from(xml))
}

fn error(status: StatusCode, code: &str) -> Response {
    let mut response = empty(status);
    *response.body_mut() = Body::from(format!("<Error><Code>{code}</Code></Error>"));
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
