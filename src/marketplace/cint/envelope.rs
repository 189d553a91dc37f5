//! What an answer of Cint means before anybody looks for a field in it: documents, lists, and the shapes of its errors.

use super::client::NAME;
use crate::marketplace::VendorError;
use crate::marketplace::contract::{ETAG, LOCATION};
use crate::marketplace::http::error::{excerpt, not_json};
use crate::marketplace::http::transport::Incoming;
use serde_json::{Map, Value};

/// The key under which an answer that is a list stands.
const LIST: &str = "@list";

/// The key under which an answer that is a file of text stands.
pub(super) const TEXT: &str = "@text";

/// Reads an answer. Its version and the place it names go into the document, beside the vendor's own keys.
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    if !(200..300).contains(&answer.status) {
        return Err(refused(answer));
    }
    let empty = answer.body.iter().all(u8::is_ascii_whitespace);
    let is_file = answer
        .headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.contains("csv"));
    let mut map = if is_file {
        let text = String::from_utf8_lossy(&answer.body);
        Map::from_iter([(TEXT.to_owned(), Value::from(text))])
    } else if empty {
        Map::new()
    } else {
        match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(map)) => map,
            Ok(list @ Value::Array(_)) => Map::from_iter([(LIST.to_owned(), list)]),
            Ok(_) => return Err(not_json(NAME, answer, "neither an object nor a list")),
            Err(error) => return Err(not_json(NAME, answer, &format!("not JSON: {error}"))),
        }
    };
    for (key, header) in [(ETAG, "etag"), (LOCATION, "location")] {
        if let Some(text) = answer.headers.get(header).and_then(|value| value.to_str().ok()) {
            map.insert(key.to_owned(), Value::from(text));
        }
    }
    // Jobs about lists are named in the answer, the others by its header (OpenAPI `CreateRecontactsJobResponse`).
    if answer.status == 201
        && !map.contains_key(LOCATION)
        && let Some(job @ Value::String(_)) = map.get("job_id").cloned()
    {
        map.insert(LOCATION.to_owned(), job);
    }
    Ok(Value::Object(map))
}

/// Whether a refusal is the vendor's own: every error of its OpenAPI names its kind and says what is wrong.
pub(crate) fn own(_status: u16, body: &Map<String, Value>) -> bool {
    let text = |key: &str| body.get(key).is_some_and(Value::is_string);
    text("object") && ["detail", "details", "title"].into_iter().any(text)
}

/// What a refusal says: the envelope of the contract, its variants, or nothing known.
fn refused(answer: &Incoming) -> VendorError {
    let status = answer.status;
    let body: Value = match serde_json::from_slice(&answer.body) {
        Ok(body @ Value::Object(_)) => body,
        // A redirect has no body worth reading.
        _ if (300..400).contains(&status) => Value::Null,
        _ if status == 401 => Value::Null,
        _ => return not_json(NAME, answer, "no error of the API"),
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    // 429 spells the text differently; the token endpoint is OAuth's.
    let detail = ["detail", "details", "error_description", "title"]
        .iter()
        .find_map(|key| text(key));
    let object = text("object");
    let mut message = detail
        .or(object)
        .map_or_else(|| excerpt(&answer.body), str::to_owned);
    let params = ["invalid_params", "errors"]
        .iter()
        .find_map(|key| body.get(*key)?.as_array());
    for param in params.into_iter().flatten() {
        let said = |key: &str| param.get(key).and_then(Value::as_str).unwrap_or_default();
        let what = if said("detail").is_empty() {
            said("reason")
        } else {
            said("detail")
        };
        message.push_str(&format!("; {}: {what}", said("name")));
    }
    // An expired token answers as a missing right does; only a new token tells them apart.
    if status == 401 || (status == 403 && object == Some("authorization_error")) {
        return VendorError::Credentials {
            vendor: NAME,
            status,
            message,
        };
    }
    VendorError::Refused {
        vendor: NAME,
        status,
        code: None,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::http::scripted::incoming as answer;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    #[test]
    fn four_kinds_of_403_are_told_apart_as_far_as_they_can_be() {
        let version = answer(
            403,
            r#"{"object":"required_header_missing","detail":"no version"}"#,
        );
        assert!(!decode(&version).unwrap_err().is_credentials());
        let right = answer(403, r#"{"object":"authorization_error","detail":"no"}"#);
        assert!(decode(&right).unwrap_err().is_credentials());
        assert!(decode(&answer(401, "")).unwrap_err().is_credentials());
    }

    #[test]
    fn errors_name_every_invalid_parameter() {
        let refused = answer(
            422,
            r#"{"object":"unprocessable_entity_error","detail":"Validation error","invalid_params":[
                {"name":"profile_validation_error_010","reason":"incorrect_sum_of_nominal_010","detail":"sum"}]}"#,
        );
        let text = decode(&refused).unwrap_err().to_string();
        assert!(
            text.contains("Validation error; profile_validation_error_010: sum"),
            "{text}"
        );
        assert!(
            decode(&answer(404, r#"{"object":"not_found_error","detail":"x"}"#))
                .unwrap_err()
                .is_not_found()
        );
        assert!(
            !decode(&answer(404, "<html>")).unwrap_err().is_not_found(),
            "a page of a proxy proves nothing"
        );
    }

    #[test]
    fn empty_answers_lists_and_headers_are_documents() {
        let mut made = answer(201, "");
        made.headers
            .insert("location", HeaderValue::from_static("/demand/jobs/J1"));
        made.headers.insert("etag", HeaderValue::from_static("W/\"3\""));
        let body = decode(&made).unwrap();
        assert_eq!(body, json!({ETAG: "W/\"3\"", LOCATION: "/demand/jobs/J1"}));
        assert_eq!(decode(&answer(200, "[1]")).unwrap(), json!({LIST: [1]}));
    }

    /// Every documented answer: a document as it was sent, or a refusal that says all the vendor said.
    #[test]
    fn every_documented_answer_is_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cint");
        let (mut documents, mut refusals) = (0, 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let example: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let Some(status) = example["status"].as_u64() else {
                assert_eq!(name, "INDEX.json");
                continue;
            };
            let said = &example["response"];
            let body = if said.is_null() {
                String::new()
            } else {
                said.to_string()
            };
            let read = decode(&Incoming {
                status: u16::try_from(status).unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::from(body),
            });
            if (200..300).contains(&status) {
                let expected = match said {
                    Value::Null => json!({}),
                    list @ Value::Array(_) => json!({LIST: list}),
                    document => document.clone(),
                };
                assert_eq!(read.unwrap(), expected, "{name}");
                documents += 1;
                continue;
            }
            let error = read.unwrap_err();
            assert_eq!(error.is_credentials(), status == 401, "{name}: {error}");
            assert_eq!(error.is_not_found(), status == 404, "{name}: {error}");
            let text = error.to_string();
            if let Some(detail) = said["detail"].as_str() {
                assert!(text.contains(detail), "{name}: {text}");
            }
            for param in said["invalid_params"].as_array().into_iter().flatten() {
                let why = param["detail"].as_str().or(param["reason"].as_str()).unwrap();
                let line = format!("{}: {why}", param["name"].as_str().unwrap());
                assert!(text.contains(&line), "{name}: {text} lacks {line}");
            }
            // A redirect has no body, and the token endpoint is another machine with errors of its own.
            if let Some(said) = said.as_object() {
                let known = own(u16::try_from(status).unwrap(), said);
                assert_eq!(known, !name.starts_with("auth-token"), "{name}");
            }
            refusals += 1;
        }
        assert!(documents > 50 && refusals > 10, "{documents} and {refusals}");
    }
}
