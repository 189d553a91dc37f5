//! What an answer is before anybody reads it: good, or one of four shapes of refusals.

use crate::marketplace::http::error::{VendorError, json, not_json, said};
use crate::marketplace::http::transport::Incoming;
use serde_json::{Map, Value};

/// Reads an answer's envelope. Four shapes of errors are in use (vendor sources: template and transaction pages, wiki
/// 2749038627, and a public client for 401); an empty body is a good answer to some writes (wiki 33509003).
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    let (vendor, status) = ("PureSpectrum", answer.status);
    let ok = (200..300).contains(&status);
    if ok && answer.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let body = json(vendor, answer)?;
    // The feature refusal is an error by its body; its HTTP status is not documented (wiki 2749038627).
    let said_status = body.get("status").and_then(Value::as_str);
    if ok && !said_status.is_some_and(|status| status.eq_ignore_ascii_case("failure")) {
        return match says_nothing(&body) {
            true => Err(not_json(vendor, answer, "with nothing of the vendor's in it")),
            false => Ok(with_pages(body, answer)),
        };
    }
    let codes = ["ps_api_response_code", "ps_error_code"];
    let code = codes.iter().find_map(|key| body.get(key)?.as_i64());
    let keys = ["ps_api_response_message", "ps_error_message", "msg", "message"];
    let message = said(answer, body.as_object().unwrap_or(&Map::new()), &keys);
    Err(match (status, code) {
        (401, _) | (403, None) => VendorError::Credentials {
            vendor,
            status,
            message,
        },
        _ => VendorError::Refused {
            vendor,
            status,
            code,
            message,
        },
    })
}

/// Where a decoded answer that is an object carries the number of pages that a header tells.
pub(super) const TOTAL_PAGES: &str = "@total_pages";

/// The body with the number of pages (`total_pages`, vendor wiki 33493049), where it is an object and there is one.
fn with_pages(mut body: Value, answer: &Incoming) -> Value {
    let header = answer.headers.get("total_pages");
    let pages = header.and_then(|pages| pages.to_str().ok()?.trim().parse::<u64>().ok());
    if let (Value::Object(map), Some(pages)) = (&mut body, pages) {
        map.insert(TOTAL_PAGES.to_owned(), Value::from(pages));
    }
    body
}

/// Whether an answer could be anybody's: a machine in between says as much, and no call that is made here is answered so.
fn says_nothing(body: &Value) -> bool {
    let anybodys = [
        "message",
        "error",
        "errors",
        "status",
        "code",
        "path",
        "timestamp",
    ];
    body.as_object()
        .is_some_and(|body| !body.is_empty() && body.keys().all(|key| anybodys.contains(&key.as_str())))
}

/// Whether a refusal is the vendor's own. A lone `msg` is what it says of tokens only; the refusal of a feature names its
/// status. None is known with a good status.
pub(crate) fn own(status: u16, body: &Map<String, Value>) -> bool {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let failure = |key: &str| text(key).is_some_and(|said| said.eq_ignore_ascii_case("failure"));
    let code = ["ps_api_response_code", "ps_error_code"]
        .iter()
        .any(|key| body.contains_key(*key));
    let feature = text("msg").is_some() && (failure("status") || failure("apiStatus"));
    status >= 400 && (code || feature || status == 401 && text("msg").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::http::scripted::incoming as answer;

    #[test]
    fn what_says_nothing_of_the_vendors_is_no_success() {
        for body in [
            r#"{"message":"the gateway has nothing for you"}"#,
            r#"{"status":200,"message":"OK"}"#,
        ] {
            let error = decode(&answer(200, body)).unwrap_err();
            assert!(
                error.may_have_happened() && !error.is_not_found(),
                "{body}: {error}"
            );
        }
        let own = [
            r#"{"apiStatus":"success","msg":"done"}"#,
            r#"{"ps_api_response_message":"done"}"#,
            "[]",
            // As little as an empty body.
            "{}",
            "",
        ];
        for body in own {
            assert!(decode(&answer(200, body)).is_ok(), "{body}");
        }
    }

    #[test]
    fn all_four_error_envelopes_are_read() {
        let error = decode(&answer(
            404,
            r#"{"ps_api_response_code":1006,"ps_api_response_message":"gone"}"#,
        ))
        .unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.code(), Some(1006));
        let error = decode(&answer(
            400,
            r#"{"ps_error_code":1003,"ps_error_message":"final"}"#,
        ))
        .unwrap_err();
        assert_eq!(error.code(), Some(1003));
        let error = decode(&answer(401, r#"{"msg":"bad token"}"#)).unwrap_err();
        assert!(error.is_credentials());
        let error = decode(&answer(200, r#"{"status":"Failure","msg":"no access"}"#)).unwrap_err();
        assert!(error.to_string().contains("no access"), "{error}");
    }

    #[test]
    fn a_page_of_a_machine_in_between_is_no_word_of_the_vendor() {
        for status in [403, 404, 408] {
            let error = decode(&answer(status, "<html><title>Gateway</title></html>")).unwrap_err();
            assert!(!error.is_not_found(), "{error}");
            assert!(error.may_have_happened(), "{error}");
        }
        assert!(decode(&answer(401, "no")).unwrap_err().is_credentials());
    }

    #[test]
    fn its_own_refusals_are_told_from_those_of_gateways() {
        let is_own = |status, body: &str| {
            let body: Value = serde_json::from_str(body).unwrap();
            own(status, body.as_object().unwrap())
        };
        for (status, body) in [
            (
                404,
                r#"{"ps_api_response_code":1006,"ps_api_response_message":"gone"}"#,
            ),
            (400, r#"{"ps_error_code":1003,"ps_error_message":"final"}"#),
            (401, r#"{"msg":"bad token"}"#),
            (400, r#"{"status":"Failure","msg":"no access"}"#),
            (400, r#"{"apiStatus":"Failure","msg":"no"}"#),
        ] {
            assert!(is_own(status, body), "{status} {body}");
        }
        for (status, body) in [
            (403, r#"{"message":"Forbidden"}"#),
            (403, r#"{"msg":"no route"}"#),
            (404, r#"{"status":"Failure"}"#),
            (400, "{}"),
            (200, r#"{"status":"Failure","msg":"no access"}"#),
        ] {
            assert!(!is_own(status, body), "{status} {body}");
        }
    }

    #[test]
    fn an_empty_body_is_a_good_answer_and_a_web_page_is_not() {
        assert_eq!(decode(&answer(201, "")).unwrap(), Value::Null);
        let error = decode(&answer(200, "<html>We are down for maintenance</html>")).unwrap_err();
        assert!(error.may_have_happened());
        assert!(error.to_string().contains("web page"), "{error}");
    }
}
