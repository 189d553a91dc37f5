//! What an answer is before anybody reads it: good, or a refusal in either style.

use crate::marketplace::http::error::{VendorError, json, not_json, said};
use crate::marketplace::http::transport::Incoming;
use serde_json::{Map, Value};

/// What a gateway in between says of itself; an answer with nothing else in it and no `apiStatus` is not the vendor's.
const OF_ANYBODY: [&str; 7] = ["message", "msg", "error", "errors", "status", "code", "requestId"];

/// Reads an answer's envelope. Success is HTTP 2xx with `apiStatus: success`, or without the key and with a payload (assumed,
/// as a public client has it); a failure may come as
/// an HTTP error or as 200 with another `apiStatus` (the vendor's page shows success only; both are assumed).
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    let (vendor, status) = ("InnovateMR", answer.status);
    let Value::Object(body) = json(vendor, answer)? else {
        return Err(not_json(vendor, answer, "not a JSON object"));
    };
    let says = |key: &str, word: &str| {
        let value = body.get(key).and_then(Value::as_str);
        value.map(|value| value.eq_ignore_ascii_case(word))
    };
    // The supplier side of the platform has another spelling of failures.
    let failed = says("apiStatus", "success") == Some(false) || says("status", "failure") == Some(true);
    if (200..300).contains(&status) && !failed {
        let payload = body.keys().any(|key| !OF_ANYBODY.contains(&key.as_str()));
        if !payload {
            return Err(not_json(
                vendor,
                answer,
                "without `apiStatus` and without a payload",
            ));
        }
        return Ok(canonical(body));
    }
    let message = said(answer, &body, &["msg", "message"]);
    Err(match status {
        401 | 403 => VendorError::Credentials {
            vendor,
            status,
            message,
        },
        _ => VendorError::Refused {
            vendor,
            status,
            code: None,
            message,
        },
    })
}

/// Whether a refusal is the vendor's own: `apiStatus` is in every answer to a write that is known.
pub(crate) fn own(_status: u16, body: &Map<String, Value>) -> bool {
    body.get("apiStatus").is_some_and(Value::is_string)
}

/// The payloads that calls look into, under one spelling: their case differs from call to call.
fn canonical(body: Map<String, Value>) -> Value {
    let spelled = |(key, value): (String, Value)| {
        let lower = key.to_ascii_lowercase();
        let known = ["job", "group", "quota"].contains(&lower.as_str());
        (if known { lower } else { key }, value)
    };
    body.into_iter().map(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::http::scripted::incoming as answer;
    use serde_json::json;

    #[test]
    fn a_failure_is_one_in_either_style() {
        let in_envelope = answer(200, r#"{"apiStatus":"failure","msg":"Name is needed"}"#);
        let in_http = answer(400, r#"{"apiStatus":"failure","msg":"Name is needed"}"#);
        let of_suppliers = answer(200, r#"{"status":"Failure","msg":"Name is needed"}"#);
        for failed in [in_envelope, in_http, of_suppliers] {
            let error = decode(&failed).unwrap_err();
            assert!(error.to_string().contains("Name is needed"), "{error}");
            assert!(!error.may_have_happened());
        }
        assert!(decode(&answer(401, "no")).unwrap_err().is_credentials());
        assert!(
            decode(&answer(404, r#"{"msg":"no such group"}"#))
                .unwrap_err()
                .is_not_found()
        );
    }

    #[test]
    fn what_says_nothing_of_the_vendors_is_no_success() {
        for body in [r#"{"message":"OK"}"#, "{}", r#"{"status":"ok","code":0}"#] {
            let error = decode(&answer(200, body)).unwrap_err();
            assert!(error.may_have_happened(), "{body}: {error}");
        }
        for body in [
            r#"{"apiStatus":"success"}"#,
            r#"{"Groups":[]}"#,
            r#"{"apiStatus":"Success","msg":"done"}"#,
        ] {
            assert!(decode(&answer(200, body)).is_ok(), "{body}");
        }
    }

    #[test]
    fn only_a_refusal_with_an_api_status_is_its_own() {
        let is_own = |body: Value| own(403, body.as_object().unwrap());
        assert!(is_own(json!({"apiStatus": "failure", "msg": "Name is needed"})));
        for foreign in [
            json!({"message": "Forbidden"}),
            json!({"msg": "no"}),
            json!({"apiStatus": null}),
        ] {
            assert!(!is_own(foreign.clone()), "{foreign}");
        }
    }

    #[test]
    fn success_needs_no_api_status_and_payloads_have_one_spelling() {
        let body = decode(&answer(
            200,
            r#"{"apiStatus":"SUCCESS","Quota":{"Id":7},"Quotas":[]}"#,
        ))
        .unwrap();
        assert_eq!(
            body,
            json!({"apiStatus": "SUCCESS", "quota": {"Id": 7}, "Quotas": []})
        );
        assert_eq!(
            decode(&answer(200, r#"{"job":{"Id":1}}"#)).unwrap()["job"]["Id"],
            1
        );
        let page = decode(&answer(503, "<html>maintenance</html>")).unwrap_err();
        assert!(page.may_have_happened() && !page.is_not_found());
    }
}
