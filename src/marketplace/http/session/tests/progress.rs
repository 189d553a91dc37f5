//! Garbage, silence and answers without end: what is asked again, and when that ends.

use super::*;
use futures_util::FutureExt as _;

fn page() -> Result<Incoming, NoAnswer> {
    Ok(Incoming {
        status: 200,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"<html>We are back soon.</html>"),
    })
}

/// As vendors' decoders do: anything but JSON is not understood.
fn json_only(answer: &Incoming) -> Result<serde_json::Value, VendorError> {
    crate::marketplace::http::error::json(VENDOR, answer)
}

#[tokio::test(start_paused = true)]
async fn a_web_page_among_the_reads_is_asked_again_and_nothing_else_is_repeated_for_it() {
    let script = Script::new(vec![page(), page(), answer(200, None)]);
    let session = session_with(&script, |line| line.decoder = json_only);
    assert_eq!(session.get("/x").await.unwrap(), serde_json::json!({}));
    for class in [
        CallClass::IdempotentWrite,
        CallClass::KeyedWrite,
        CallClass::Create,
    ] {
        let script = Script::new(vec![page()]);
        let session = session_with(&script, |line| line.decoder = json_only);
        let error = session.call(&call(class), &|_, _| {}).await.unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        assert_eq!(script.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn pages_for_ever_end_with_what_came() {
    let script = Script::new(vec![page(), page(), page()]);
    let session = session_with(&script, |line| line.decoder = json_only);
    let error = session.get("/x").await.unwrap_err();
    assert!(error.to_string().contains("a web page"), "{error}");
    assert_eq!(script.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_not_fetched_again() {
    for class in [CallClass::Read, CallClass::KeyedWrite, CallClass::Create] {
        let large = Err(NoAnswer::TooLarge("the answer is larger than 64 MB".to_owned()));
        let error = ends(class, vec![large]).await.unwrap_err();
        assert!(error.to_string().contains("larger than 64 MB"), "{error}");
        assert!(error.may_have_happened(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn json_behind_a_byte_order_mark_is_json() {
    let mut marked = answer(200, None);
    marked.as_mut().unwrap().body = Bytes::from_static(b"\xef\xbb\xbf{\"a\":1}");
    let script = Script::new(vec![marked]);
    let session = session_with(&script, |line| line.decoder = json_only);
    assert_eq!(session.get("/x").await.unwrap(), serde_json::json!({"a": 1}));
}

/// Answers some paths after a while, and the others never.
struct Silent;

impl Transport for Silent {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        async move {
            if request.url.ends_with("/slow") {
                tokio::time::sleep(Duration::from_secs(30)).await;
                return answer(200, None);
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
            Err(NoAnswer::Lost("operation timed out".to_owned()))
        }
        .boxed()
    }
}

fn silent() -> Session {
    let pace = Pace {
        requests_per_second: None,
        concurrency: 4,
    };
    over(Arc::new(Silent), pace, Patience::default())
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_never_answers_is_given_up_after_about_two_minutes() {
    let session = silent();
    let began = Instant::now();
    let error = session.get("/x").await.unwrap_err();
    assert!(error.to_string().contains("timed out"), "{error}");
    let error = session.get("/y").await.unwrap_err();
    assert!(error.to_string().contains("does not answer"), "{error}");
    assert!(!error.may_have_happened(), "{error}");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(130), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn work_that_progresses_has_all_the_time_it_needs() {
    let session = silent();
    let began = Instant::now();
    let others = async {
        for _ in 0..20 {
            session.get("/slow").await.unwrap();
        }
    };
    let (error, ()) = tokio::join!(session.get("/x"), others);
    error.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(600));
}
