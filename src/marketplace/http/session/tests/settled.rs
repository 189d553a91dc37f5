//! Who may say that a call was not carried out.

use super::*;

/// The shape of the vendor's own errors in these tests.
const OWN: &str = r#"{"reason":"no"}"#;
/// What some gateway says.
const FOREIGN: &str = r#"{"message":"no"}"#;

fn says(status: u16, body: &'static str) -> Result<Incoming, NoAnswer> {
    Ok(Incoming {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(body.as_bytes()),
    })
}

/// How a call ends that is answered once, and must not be sent again.
async fn answered(call: &Call, answer: Result<Incoming, NoAnswer>) -> VendorError {
    let script = Script::new(vec![answer]);
    let session = session_with(&script, |line| line.own = |_, body| body.contains_key("reason"));
    let error = session.call(call, &|_, _| {}).await.unwrap_err();
    assert_eq!(script.count(), 1, "{error}");
    error
}

fn creates() -> [Call; 2] {
    let keyed = Call {
        returns_id: Some("/id".to_owned()),
        ..call(CallClass::KeyedWrite)
    };
    [call(CallClass::Create), keyed]
}

#[tokio::test(start_paused = true)]
async fn a_create_is_refused_only_by_a_few_statuses_in_the_vendors_own_shape() {
    for create in creates() {
        for status in 300..500 {
            if status == 429 {
                continue;
            }
            let error = answered(&create, says(status, OWN)).await;
            let settled = [400, 401, 403, 404, 422].contains(&status);
            assert_eq!(error.may_have_happened(), !settled, "{status}: {error}");
            for body in [FOREIGN, "{}", "[]", "null", "", "<html>"] {
                let error = answered(&create, says(status, body)).await;
                assert!(error.may_have_happened(), "{status} {body}: {error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_token_does_not_repeat_a_create_that_a_gateway_turned_away() {
    struct Always;
    impl Tokens for Always {
        fn token<'a>(
            &'a self,
            _refused: Option<&'a HeaderMap>,
        ) -> BoxFuture<'a, Result<HeaderMap, VendorError>> {
            Box::pin(async { Ok(HeaderMap::new()) })
        }
    }
    let script = Script::new(vec![says(401, FOREIGN)]);
    let session = session_with(&script, |line| {
        line.own = |_, body| body.contains_key("reason");
        line.tokens = Some(Box::new(Always));
    });
    let error = session.call(&call(CallClass::Create), &|_, _| {}).await;
    assert!(error.unwrap_err().may_have_happened());
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_gateways_word_proves_neither_absence_nor_that_a_write_was_refused() {
    for class in [CallClass::Read, CallClass::IdempotentWrite, CallClass::KeyedWrite] {
        let gone = answered(&call(class), says(404, OWN)).await;
        assert!(gone.is_not_found(), "{gone}");
        for status in [400, 403, 404, 409, 499] {
            let error = answered(&call(class), says(status, FOREIGN)).await;
            assert!(
                error.may_have_happened() && !error.is_not_found(),
                "{status}: {error}"
            );
            assert!(error.to_string().contains("a gateway in between?"), "{error}");
        }
        assert!(answered(&call(class), says(401, FOREIGN)).await.is_credentials());
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_says_where_it_leads_and_only_a_read_came_to_nothing() {
    for class in [
        CallClass::Read,
        CallClass::IdempotentWrite,
        CallClass::KeyedWrite,
        CallClass::Create,
    ] {
        let mut answer = says(308, FOREIGN);
        let to = HeaderValue::from_static("https://elsewhere.example/v2");
        answer.as_mut().unwrap().headers.insert("location", to);
        let error = answered(&call(class), answer).await;
        let text = error.to_string();
        assert!(text.contains("leads to https://elsewhere.example/v2"), "{text}");
        assert_eq!(error.may_have_happened(), class != CallClass::Read, "{text}");
    }
}
