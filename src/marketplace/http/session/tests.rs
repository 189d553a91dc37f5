//! Retries by class, and what is never lied about when they end.

use super::*;
use bytes::Bytes;
use std::sync::Mutex as StdMutex;

mod pace;
mod permitted;
mod progress;
mod requests;
mod settled;

/// Answers from a list, in order, and remembers what it was asked and when.
struct Script {
    answers: StdMutex<Vec<Result<Incoming, NoAnswer>>>,
    asked: StdMutex<Vec<(Instant, Outgoing)>>,
}

impl Script {
    fn new(mut answers: Vec<Result<Incoming, NoAnswer>>) -> Arc<Self> {
        answers.reverse();
        Arc::new(Self {
            answers: StdMutex::new(answers),
            asked: StdMutex::new(Vec::new()),
        })
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// When each request left, counted from the first.
    fn times(&self) -> Vec<Duration> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|(at, _)| *at - asked[0].0).collect()
    }
}

impl Transport for Script {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        self.asked.lock().unwrap().push((Instant::now(), request));
        let answer = self
            .answers
            .lock()
            .unwrap()
            .pop()
            .expect("asked more often than the script has answers");
        Box::pin(async move {
            // Others may send before this one has its answer.
            tokio::task::yield_now().await;
            answer
        })
    }
}

fn answer(status: u16, retry_after: Option<&str>) -> Result<Incoming, NoAnswer> {
    let mut headers = HeaderMap::new();
    if let Some(text) = retry_after {
        headers.insert(http::header::RETRY_AFTER, HeaderValue::from_str(text).unwrap());
    }
    Ok(Incoming {
        status,
        headers,
        body: Bytes::from_static(b"{}"),
    })
}

fn lost() -> Result<Incoming, NoAnswer> {
    Err(NoAnswer::Lost("reset".to_owned()))
}

fn not_sent() -> Result<Incoming, NoAnswer> {
    Err(NoAnswer::NotSent("connection refused".to_owned()))
}

/// Reads the status alone.
fn decode(answer: &Incoming) -> Result<serde_json::Value, VendorError> {
    match answer.status {
        200..300 => Ok(serde_json::json!(answer.status)),
        status @ (401 | 403) => Err(credentials(status)),
        status => Err(refused(status)),
    }
}

const VENDOR: &str = "PureSpectrum";

fn credentials(status: u16) -> VendorError {
    VendorError::Credentials {
        vendor: VENDOR,
        status,
        message: "expired".to_owned(),
    }
}

fn refused(status: u16) -> VendorError {
    VendorError::Refused {
        vendor: VENDOR,
        status,
        code: None,
        message: "no".to_owned(),
    }
}

fn over(transport: Arc<dyn Transport>, pace: Pace, patience: Patience) -> Session {
    with(transport, pace, patience, |_| {})
}

fn with(
    transport: Arc<dyn Transport>,
    pace: Pace,
    patience: Patience,
    change: impl FnOnce(&mut Line),
) -> Session {
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("application/json"));
    let mut line = Line {
        production: "http://vendor.example/v2/",
        headers,
        decoder: decode,
        own: |_, _| true,
        tokens: None,
        pace,
        lists_settle_after: Duration::from_secs(7),
        never_planned: |_| false,
    };
    change(&mut line);
    Session::new(crate::marketplace::PURESPECTRUM, None, line, transport, patience)
}

fn patience() -> Patience {
    Patience {
        retries: 2,
        jitter_seed: Some(1),
        ..Patience::default()
    }
}

fn session(script: &Arc<Script>, rate: Option<u32>) -> Session {
    let pace = Pace {
        requests_per_second: rate,
        concurrency: 4,
    };
    over(script.clone(), pace, patience())
}

/// A session with something else about its line.
fn session_with(script: &Arc<Script>, change: impl FnOnce(&mut Line)) -> Session {
    let pace = Pace {
        requests_per_second: None,
        concurrency: 4,
    };
    with(script.clone(), pace, patience(), change)
}

/// How a call of this class ends where these are the answers, all of which are used up.
async fn ends(class: CallClass, answers: Vec<Result<Incoming, NoAnswer>>) -> Result<u64, VendorError> {
    let script = Script::new(answers);
    let result = session(&script, None).call(&call(class), &|_, _| {}).await;
    assert!(
        script.answers.lock().unwrap().is_empty(),
        "it was not asked as often"
    );
    result.map(|status| status.as_u64().unwrap())
}

fn call(class: CallClass) -> Call {
    Call::new(Method::Post, "/surveys", class, "")
}

#[tokio::test(start_paused = true)]
async fn reads_and_idempotent_writes_are_repeated() {
    for class in [CallClass::Read, CallClass::IdempotentWrite, CallClass::KeyedWrite] {
        let script = Script::new(vec![lost(), answer(503, None), answer(200, None)]);
        let result = session(&script, None).call(&call(class), &|_, _| {}).await;
        assert_eq!(result.unwrap(), 200);
        assert_eq!(script.count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_never_repeated_once_the_vendor_may_have_seen_it() {
    for unknown in [lost(), answer(500, None), answer(503, Some("1"))] {
        let script = Script::new(vec![unknown]);
        let error = session(&script, None)
            .call(&call(CallClass::Create), &|_, _| {})
            .await
            .unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(script.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_when_it_certainly_did_not_happen() {
    let script = Script::new(vec![not_sent(), answer(429, Some("3")), answer(201, None)]);
    let result = session(&script, None)
        .call(&call(CallClass::Create), &|_, _| {})
        .await;
    assert_eq!(result.unwrap(), 201);
    let asked = script.times();
    assert!(
        asked[2] - asked[1] >= Duration::from_secs(3),
        "Retry-After is obeyed"
    );
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let script = Script::new(vec![answer(429, None), answer(429, None), answer(429, None)]);
    let error = session(&script, None).get("/x").await.unwrap_err();
    assert_eq!(error, VendorError::RateLimited(VENDOR));
    let script = Script::new(vec![answer(429, Some("121"))]);
    let error = session(&script, None).get("/x").await.unwrap_err();
    assert_eq!(
        error,
        VendorError::RateLimited(VENDOR),
        "more than two minutes are not waited for"
    );
    let script = Script::new(vec![answer(429, Some("120")), answer(200, None)]);
    assert_eq!(session(&script, None).get("/x").await.unwrap(), 200);
    assert_eq!(script.times()[1], Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn what_went_out_without_an_answer_is_never_said_not_to_have_been_sent() {
    let unknown = VendorError::OutcomeUnknown(VENDOR, "reset".to_owned());
    assert_eq!(ends(CallClass::Create, vec![lost()]).await, Err(unknown.clone()));
    for class in [CallClass::Read, CallClass::IdempotentWrite, CallClass::KeyedWrite] {
        let three = vec![lost(), lost(), lost()];
        assert_eq!(ends(class, three).await, Err(unknown.clone()));
    }
    let nothing = VendorError::Unreachable(VENDOR, "connection refused".to_owned());
    for class in [CallClass::Read, CallClass::Create, CallClass::KeyedWrite] {
        let three = vec![not_sent(), not_sent(), not_sent()];
        assert_eq!(ends(class, three).await, Err(nothing.clone()));
    }
    let down = VendorError::Server {
        vendor: VENDOR,
        status: 500,
        message: "{}".to_owned(),
    };
    assert_eq!(ends(CallClass::Create, vec![answer(500, None)]).await, Err(down));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_carried_out_stays_in_doubt_when_its_repetition_is_turned_away() {
    for class in [CallClass::IdempotentWrite, CallClass::KeyedWrite] {
        for first in [lost(), answer(500, None), answer(599, None)] {
            for last in [
                vec![answer(429, None), answer(429, None)],
                vec![not_sent(), not_sent()],
                vec![answer(401, None)],
                vec![answer(403, None)],
            ] {
                let mut answers = vec![first.clone()];
                answers.extend(last);
                let error = ends(class, answers.clone()).await.unwrap_err();
                assert!(
                    matches!(error, VendorError::OutcomeUnknown(..)),
                    "{answers:?}: {error}"
                );
            }
        }
    }
    let turned_away = vec![answer(429, None), not_sent(), answer(429, None)];
    assert_eq!(
        ends(CallClass::KeyedWrite, turned_away).await,
        Err(VendorError::RateLimited(VENDOR)),
        "none of these was carried out"
    );
    let looked_at = vec![lost(), answer(404, None)];
    assert_eq!(
        ends(CallClass::KeyedWrite, looked_at).await,
        Err(refused(404)),
        "the vendor has looked at the call"
    );
}

#[tokio::test(start_paused = true)]
async fn a_read_leaves_nothing_in_doubt() {
    for first in [lost(), answer(503, None)] {
        let limited = vec![first.clone(), answer(429, None), answer(429, None)];
        assert_eq!(
            ends(CallClass::Read, limited).await,
            Err(VendorError::RateLimited(VENDOR))
        );
        let expired = vec![first, answer(401, None)];
        assert_eq!(
            ends(CallClass::Read, expired).await,
            Err(credentials(401)),
            "that the token is wrong must not be hidden"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_down_is_left_alone_for_a_while() {
    let mut answers: Vec<_> = (0..5).map(|_| lost()).collect();
    answers.push(answer(200, None));
    let script = Script::new(answers);
    let session = session(&script, None);
    let create = call(CallClass::Create);
    for _ in 0..5 {
        session.call(&create, &|_, _| {}).await.unwrap_err();
    }
    let error = session.call(&create, &|_, _| {}).await.unwrap_err();
    assert!(!error.may_have_happened(), "{error}");
    assert!(error.to_string().contains("its last 5 calls failed"), "{error}");
    assert_eq!(script.count(), 5, "it was not asked again");
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(session.call(&create, &|_, _| {}).await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_were_refused_are_not_tried_again() {
    let script = Script::new(vec![answer(401, None)]);
    let session = session(&script, None);
    for _ in 0..2 {
        assert_eq!(session.get("/x").await, Err(credentials(401)));
    }
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_address_on_this_machine_is_the_vendor_until_it_says_that_it_is_the_sandbox() {
    let says_so = || {
        let mut answer = answer(200, None).unwrap();
        let headers = &mut answer.headers;
        headers.insert("infield-sandbox", HeaderValue::from_static("1"));
        Ok(answer)
    };
    let vendor_settles = Duration::from_secs(7);
    for (perhaps, settled) in [(true, Duration::ZERO), (false, vendor_settles)] {
        let script = Script::new(vec![answer(200, None), says_so(), answer(200, None)]);
        let session = session(&script, None).perhaps_emulated(perhaps);
        for after in [vendor_settles, settled, settled] {
            session.get("/surveys").await.unwrap();
            assert_eq!(session.lists_settle_after(), after, "{perhaps}");
        }
    }
}
