//! Idempotency keys: the same request with the same key is done once and answered alike.
//!
//! Required on the operations that the document marks (`IdempotencyKeyRequired`). A replay gets the first answer again
//! (said of batch jobs, assumed of the rest); the same key on another request is refused (assumed, a switch); keys are
//! kept for ever (assumed); only successes are remembered (assumed).

use super::prelude::*;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use std::collections::HashMap;

#[derive(Serialize, Deserialize)]
struct Kept {
    digest: String,
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

fn digest(call: &Call) -> String {
    let path = call.path.join("/");
    let parts = [call.method.as_str().as_bytes(), path.as_bytes(), &call.body];
    hex(parts.concat(), 32)
}

/// Whether a key must come with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// Does `work` once per key.
pub(super) fn once(at: At<'_>, need: Need, work: impl FnOnce(&mut Batch<'_>) -> Outcome) -> Outcome {
    let At { world, call, .. } = at;
    let Some(key) = call.header("idempotency-key").filter(|key| !key.is_empty()) else {
        return match need {
            Need::Required => Err(bad_request("the idempotency-key header is required")),
            Need::Optional => world.store.write(work),
        };
    };
    if key.len() > 255 {
        return Err(bad_request("idempotency-key must have at most 255 characters"));
    }
    let place = format!("cint/key/{key}");
    world.store.write(|batch| {
        let digest = digest(call);
        if let Some(kept) = batch.get_json::<Kept>(&place)? {
            if kept.digest != digest && world.is_on(switches::KEY_REUSE_REFUSED) {
                return Err(bad_request("the idempotency key was used for another request"));
            }
            return Ok(again(kept));
        }
        let answer = work(batch)?;
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let headers = answer.headers.iter();
        let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
        let kept = Kept {
            digest,
            status: answer.status.as_u16(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        };
        batch.put_json(&place, &kept)?;
        Ok(answer)
    })
}

fn again(kept: Kept) -> Answer {
    Answer {
        status: StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK),
        headers: HeaderMap::try_from(&kept.headers).unwrap_or_default(),
        content_type: (!kept.body.is_empty()).then_some("application/json; charset=utf-8"),
        body: Bytes::from(kept.body),
    }
}
