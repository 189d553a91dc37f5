//! What leaves for a call: method, headers, token, body.

use super::*;

/// Gives a new token each time, and remembers which one was said to be refused.
#[derive(Default)]
struct Mint {
    refused: Arc<StdMutex<Vec<Option<String>>>>,
    empty: bool,
}

impl Tokens for Mint {
    fn token<'a>(&'a self, refused: Option<&'a HeaderMap>) -> BoxFuture<'a, Result<HeaderMap, VendorError>> {
        let mut all = self.refused.lock().unwrap();
        all.push(refused.map(|headers| headers["authorization"].to_str().unwrap().to_owned()));
        let token = format!("token {}", all.len());
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&token).unwrap());
        let given = match self.empty {
            true => Err(credentials(400)),
            false => Ok(headers),
        };
        Box::pin(async move { given })
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once() {
    let one = || vec![None];
    let two = || vec![None, Some("token 1".to_owned())];
    for (answers, end, tokens) in [
        (vec![200], Ok(200), one()),
        (vec![404], Err(refused(404)), one()),
        (vec![401, 200], Ok(200), two()),
        (vec![403, 200], Ok(200), two()),
        (vec![401, 404], Err(refused(404)), two()),
        (vec![401, 401], Err(credentials(401)), two()),
    ] {
        let mint = Mint::default();
        let refused = mint.refused.clone();
        let script = Script::new(answers.iter().map(|status| answer(*status, None)).collect());
        let session = session_with(&script, |line| line.tokens = Some(Box::new(mint)));
        let found = session.get("/x").await;
        assert_eq!(found, end.map(|status: u64| status.into()), "{answers:?}");
        assert_eq!(*refused.lock().unwrap(), tokens, "{answers:?}");
        assert_eq!(script.count(), answers.len());
        for (index, (_, request)) in script.asked.lock().unwrap().iter().enumerate() {
            let token = format!("token {}", index + 1);
            assert_eq!(request.headers["authorization"], token.as_str());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_new_token_may_not_do_either_is_a_missing_right() {
    let script = Script::new(vec![answer(401, None), answer(403, None), answer(200, None)]);
    let session = session_with(&script, |line| line.tokens = Some(Box::new(Mint::default())));
    let error = session.get("/x").await.unwrap_err();
    let VendorError::Refused {
        vendor: VENDOR,
        status: 403,
        code: None,
        message,
    } = &error
    else {
        panic!("{error}");
    };
    assert!(
        message.starts_with("expired (with a new token too"),
        "the vendor's word comes first: {message}"
    );
    assert_eq!(session.get("/y").await.unwrap(), 200, "other calls may be right");
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    let script = Script::new(Vec::new());
    let mint = Mint {
        empty: true,
        ..Mint::default()
    };
    let session = session_with(&script, |line| line.tokens = Some(Box::new(mint)));
    assert_eq!(session.get("/x").await, Err(credentials(400)));
    assert_eq!(script.count(), 0);
}

/// What leaves for a call.
async fn sent(call: &Call) -> Outgoing {
    let script = Script::new(vec![answer(200, None)]);
    session(&script, None).call(call, &|_, _| {}).await.unwrap();
    let (_, request) = script.asked.lock().unwrap().remove(0);
    request
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_out_as_it_was_planned() {
    for (method, expected) in [
        (Method::Get, http::Method::GET),
        (Method::Post, http::Method::POST),
        (Method::Put, http::Method::PUT),
        (Method::Patch, http::Method::PATCH),
        (Method::Delete, http::Method::DELETE),
    ] {
        let request = sent(&Call::new(method, "/surveys/7", CallClass::Read, "")).await;
        assert_eq!(request.method, expected);
        assert_eq!(request.url, "http://vendor.example/v2/surveys/7");
        assert_eq!(request.body, None);
        // What could have a body says that it has none.
        let could = matches!(method, Method::Post | Method::Put | Method::Patch);
        let length = request.headers.get("content-length").map(HeaderValue::as_bytes);
        assert_eq!(length, could.then_some(&b"0"[..]), "{method}");
        assert_eq!(
            request.headers.len(),
            1 + usize::from(could),
            "{:?}",
            request.headers
        );
        assert_eq!(request.headers["accept"], "application/json");
    }
    let mut own = call(CallClass::Read);
    own.headers.insert("accept".to_owned(), "text/csv".to_owned());
    own.headers.insert("if-match".to_owned(), "3".to_owned());
    let request = sent(&own).await;
    assert_eq!(request.headers["accept"], "text/csv");
    assert_eq!(request.headers["if-match"], "3");
}

#[tokio::test(start_paused = true)]
async fn a_body_is_json_unless_it_says_otherwise() {
    let with = |body: serde_json::Value, content_type: Option<&str>| {
        let mut call = call(CallClass::Read);
        call.body = Some(body.into());
        let named = content_type.map(|name| ("content-type".to_owned(), name.to_owned()));
        call.headers.extend(named);
        call
    };
    for (body, content_type, bytes, shown) in [
        (
            serde_json::json!({"a": 1}),
            None,
            r#"{"a":1}"#,
            "application/json",
        ),
        (serde_json::json!("a"), None, r#""a""#, "application/json"),
        (serde_json::json!("a,b"), Some("text/csv"), "a,b", "text/csv"),
        (
            serde_json::json!([1]),
            Some("application/x-patch"),
            "[1]",
            "application/x-patch",
        ),
    ] {
        let request = sent(&with(body, content_type)).await;
        assert_eq!(request.body.as_deref(), Some(bytes.as_bytes()));
        assert_eq!(request.headers["content-type"], shown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_that_cannot_be_sent_keeps_the_call_at_home() {
    for (name, value) in [("if-match", "3\n"), ("if match", "3")] {
        let script = Script::new(Vec::new());
        let mut call = call(CallClass::Create);
        call.headers.insert(name.to_owned(), value.to_owned());
        let error = session(&script, None).call(&call, &|_, _| {}).await.unwrap_err();
        assert!(!error.may_have_happened(), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_of_another_version_is_beside_ours() {
    let script = Script::new(vec![answer(200, None)]);
    let session = session(&script, None);
    let found = session.get_of_version("/v2", "/v1", "/x").await;
    assert_eq!(found.unwrap(), 200);
    assert_eq!(
        script.asked.lock().unwrap()[0].1.url,
        "http://vendor.example/v1/x"
    );
    let error = session.get_of_version("/v3", "/v1", "/x").await.unwrap_err();
    assert!(error.to_string().contains("does not end in `/v3`"), "{error}");
    assert_eq!(script.count(), 1);
}

#[test]
fn a_session_says_where_it_leads_and_how_long_lists_take() {
    let session = session(&Script::new(Vec::new()), None);
    assert_eq!(session.vendor(), crate::marketplace::PURESPECTRUM);
    assert_eq!(session.lists_settle_after(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_path_that_rejects_what_it_does_not_name_is_not_sent_from_a_plan() {
    let script = Script::new(vec![answer(200, None)]);
    let session = session_with(&script, |line| line.never_planned = |path| path == "/surveys");
    let writer = crate::marketplace::Writer::new(Arc::new(session));
    let mut call = call(CallClass::IdempotentWrite);
    let error = writer.send(&call, &Always, &|_, _| {}).await.unwrap_err();
    assert!(
        error.to_string().contains("does not send /surveys from a plan"),
        "{error}"
    );
    assert_eq!(script.count(), 0);
    call.path = "/others".to_owned();
    assert_eq!(writer.send(&call, &Always, &|_, _| {}).await.unwrap(), 200);
}
