//! One HTTP call to a vendor, as data: decided by the plan, sent by apply, shown by `--show-calls`.

use super::{Address, Json, Respondents, Status};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "MethodReport")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or triggers.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a repetition of the call would do. Only this decides about retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallClass {
    /// Changes nothing.
    Read,
    /// Sending it twice leaves the same result as once.
    IdempotentWrite,
    /// Carries an idempotency key; the vendor recognises a repetition.
    KeyedWrite,
    /// Sending it twice makes two things. Never repeated once the vendor may have seen it.
    Create,
}

/// A call whose every part is decided, except ids that earlier calls of the same plan will return.
///
/// Such an id is written `{address}` in the path, and `{"$id": "address"}` in the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// Path below the vendor's base URL, percent-encoded, with its query.
    pub path: String,
    /// JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// What a repetition would do.
    pub class: CallClass,
    /// Headers that belong to this call alone, in lower case; never a secret. [`KEY_PLACEHOLDER`] stands for the
    /// idempotency key, which is made and written down before the call is sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Where the answer carries the id of the thing created, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_id: Option<String>,
    /// What the call is for, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// What a good answer says; an answer that says otherwise is no success, whatever its HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<Expectation>,
    /// What to send instead, once, when the vendor refuses this call or its answer is not as expected. For vendors of
    /// which it is not known which of two spellings they take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Box<Call>>,
    /// What the vendor goes on doing after it has answered, and what has to be waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Followup>,
    /// The status it leads to. A refusal because of the state (409, 412, 422) counts as done where that is the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaches: Option<Status>,
    /// The lists of respondents that its body names. They are in memory alone: whoever reads a call sees how many they are.
    #[serde(skip)]
    pub lists: Vec<Respondents>,
    /// A refusal counts as done: the call removes something that may be gone already, and nobody can look.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_gone: bool,
}

/// Work that goes on at the vendor after its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followup {
    /// Where to look: a path below the vendor's base URL. [`JOB_PLACEHOLDER`] stands for the job that the answer names.
    pub path: String,
    /// What to wait for.
    pub until: Until,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// That what was made can be read.
    Visible,
    /// That a job is finished; it may fail. The job is remembered, so that an interrupted apply goes on waiting.
    Finished,
}

/// Stands in a header for the idempotency key of the call.
pub const KEY_PLACEHOLDER: &str = "{$key}";

/// Stands in names and saved plans for the version of what is written (`if-match`), which is read again before it is sent.
pub const VERSION_PLACEHOLDER: &str = "{$version}";

/// Stands in the path of a follow-up for the job that the answer names.
pub const JOB_PLACEHOLDER: &str = "{$job}";

/// A value that an answer has to carry. An answer without the value says nothing against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What.
    pub value: Value,
}

impl Expectation {
    /// What the answer says instead; `None` where it is as expected or says nothing.
    pub fn broken_by<'a>(&self, answer: &'a Value) -> Option<&'a Value> {
        answer
            .pointer(&self.pointer)
            .filter(|found| **found != self.value)
    }
}

/// The key of a placeholder object in a body.
pub const ID_PLACEHOLDER: &str = "$id";

/// The key of a placeholder object for a time that is reckoned from the moment when the call is sent.
pub const SOON_PLACEHOLDER: &str = "$soon";

/// A body value for a time: the given one, or so many seconds after the call is sent, whichever is later. In names and plans
/// it stands as it is, so that they stay the same while time passes.
pub fn soon_placeholder(earliest: Option<Timestamp>, seconds: u64) -> Value {
    let earliest = earliest.map(|time| time.to_string());
    serde_json::json!({ SOON_PLACEHOLDER: {"earliest": earliest, "seconds": seconds} })
}

/// The key of a placeholder object for a list of respondents.
pub const LIST_PLACEHOLDER: &str = "$respondents";

/// A body value for a list of respondents, as an array of their ids.
pub fn list_placeholder(list: &Respondents) -> Value {
    serde_json::json!({ LIST_PLACEHOLDER: list.to_string() })
}

/// A body for a list of respondents as a text: one id a line, with these texts around.
pub fn lines_placeholder(list: &Respondents, before: &str, after: &str) -> Value {
    serde_json::json!({ LIST_PLACEHOLDER: list.to_string(), "before": before, "after": after })
}

/// A list that a body names and that is not at hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list of {0} is not at hand")]
pub struct NoList(pub String);

/// A path segment for an id that is not known yet.
pub fn path_placeholder(address: &Address) -> String {
    format!("{{{address}}}")
}

/// A body value for an id that is not known yet.
pub fn body_placeholder(address: &Address) -> Value {
    serde_json::json!({ ID_PLACEHOLDER: address.as_str() })
}

/// Everything but what RFC 3986 (section 2.3) calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a text for use as one path segment.
pub fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A placeholder whose id nobody has returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the id of {0} is not known yet")]
pub struct UnresolvedId(pub Address);

impl Call {
    /// A call without a body that repeats safely.
    pub fn new(
        method: Method,
        path: impl Into<String>,
        class: CallClass,
        purpose: impl Into<String>,
    ) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            class,
            headers: BTreeMap::new(),
            then: None,
            returns_id: None,
            purpose: purpose.into(),
            expects: None,
            otherwise: None,
            reaches: None,
            lists: Vec::new(),
            may_be_gone: false,
        }
    }

    /// The same with a body.
    pub fn body(self, body: impl Into<Value>) -> Self {
        Self {
            body: Some(Json::from(body.into())),
            ..self
        }
    }

    /// Writes the times that are reckoned from the moment when it is sent: UTC with milliseconds.
    pub fn reckon(&mut self, now: Timestamp) {
        let waits = |body: &&mut Json| body.text().contains(SOON_PLACEHOLDER);
        if let Some(body) = self.body.as_mut().filter(waits) {
            let mut value = body.value();
            reckon(&mut value, now);
            *body = value.into();
        }
        self.otherwise.iter_mut().for_each(|call| call.reckon(now));
    }

    /// What the work that it starts is remembered by: method, path and body, in which a list is a count and a digest.
    pub fn begins(&self) -> String {
        let body = self.body.clone().unwrap_or_default();
        format!("{} {} {body}", self.method, self.path)
    }

    /// The same with the lists of respondents that its body names.
    pub fn lists(self, lists: impl IntoIterator<Item = Respondents>) -> Self {
        Self {
            lists: lists.into_iter().collect(),
            ..self
        }
    }

    /// The body with the ids of its lists, as it is sent and never shown.
    ///
    /// # Errors
    /// When a list is not at hand.
    pub fn filled(&self) -> Result<Option<Cow<'_, Json>>, NoList> {
        let Some(body) = &self.body else { return Ok(None) };
        if !body.text().contains(LIST_PLACEHOLDER) {
            return Ok(Some(Cow::Borrowed(body)));
        }
        let mut value = body.value();
        fill(&mut value, &self.lists)?;
        Ok(Some(Cow::Owned(value.into())))
    }

    /// The call with every placeholder replaced by the vendor's id.
    ///
    /// # Errors
    /// When an address has no id in `ids`.
    pub fn resolved(&self, ids: &BTreeMap<Address, String>) -> Result<Self, UnresolvedId> {
        let mut call = self.clone();
        call.path = resolve_path(&self.path, ids)?;
        let names = |body: &&mut Json| body.text().contains(ID_PLACEHOLDER);
        if let Some(body) = call.body.as_mut().filter(names) {
            let mut value = body.value();
            resolve_body(&mut value, ids)?;
            *body = value.into();
        }
        if let Some(otherwise) = &self.otherwise {
            call.otherwise = Some(Box::new(otherwise.resolved(ids)?));
        }
        Ok(call)
    }
}

impl Followup {
    /// The same with the ids of what is made by now; where the work is stays open.
    ///
    /// # Errors
    /// When an address has no id in `ids`.
    pub fn placed(&self, ids: &BTreeMap<Address, String>) -> Result<Self, UnresolvedId> {
        Ok(Self {
            path: resolve_path(&self.path, ids)?,
            until: self.until,
        })
    }

    /// The follow-up of a call that was answered, with the ids of what is made by now. `answered` is where the answer says
    /// that its work is, as a path, an address or an id; its last part names the job.
    ///
    /// # Errors
    /// When an address has no id in `ids`.
    pub fn resolved(
        &self,
        ids: &BTreeMap<Address, String>,
        answered: Option<&str>,
    ) -> Result<Self, UnresolvedId> {
        let job = answered.and_then(|place| place.trim_end_matches('/').rsplit('/').next());
        let path = resolve_path(&self.path, ids)?;
        Ok(Self {
            path: path.replace(JOB_PLACEHOLDER, &encode_segment(job.unwrap_or_default())),
            until: self.until,
        })
    }
}

fn reckon(value: &mut Value, now: Timestamp) {
    #[derive(Deserialize)]
    struct Soon {
        earliest: Option<Timestamp>,
        seconds: i64,
    }
    let soon = value
        .get(SOON_PLACEHOLDER)
        .and_then(|soon| Soon::deserialize(soon).ok());
    match (soon, &mut *value) {
        (Some(soon), _) => {
            let after = SignedDuration::from_secs(soon.seconds);
            let time = now.checked_add(after).unwrap_or(Timestamp::MAX);
            let time = soon.earliest.map_or(time, |earliest| earliest.max(time));
            *value = Value::from(format!("{time:.3}"));
        }
        (None, Value::Object(map)) => map.values_mut().for_each(|inner| reckon(inner, now)),
        (None, Value::Array(items)) => items.iter_mut().for_each(|inner| reckon(inner, now)),
        (None, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
    }
}

fn fill(value: &mut Value, lists: &[Respondents]) -> Result<(), NoList> {
    let Some(named) = value.get(LIST_PLACEHOLDER).and_then(Value::as_str) else {
        return match value {
            Value::Object(map) => map.values_mut().try_for_each(|inner| fill(inner, lists)),
            Value::Array(items) => items.iter_mut().try_for_each(|inner| fill(inner, lists)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        };
    };
    let list = lists.iter().find(|list| list.to_string() == named);
    let Some(ids) = list.and_then(Respondents::ids) else {
        return Err(NoList(named.to_owned()));
    };
    let around = |key: &str| value.get(key).and_then(Value::as_str);
    *value = match (around("before"), around("after")) {
        (Some(before), Some(after)) => Value::from(format!("{before}{}\n{after}", ids.join("\n"))),
        _ => ids.iter().map(|id| Value::from(&**id)).collect(),
    };
    Ok(())
}

fn resolve_path(path: &str, ids: &BTreeMap<Address, String>) -> Result<String, UnresolvedId> {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        // Not an id: it is filled in when the answer is there.
        if name.starts_with('$') {
            out.push_str(&format!("{{{name}}}"));
        } else {
            let address = Address::survey(name);
            let id = ids.get(&address).ok_or(UnresolvedId(address))?;
            out.push_str(&encode_segment(id));
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

fn resolve_body(value: &mut Value, ids: &BTreeMap<Address, String>) -> Result<(), UnresolvedId> {
    match value {
        Value::Object(map) => {
            let placeholder = if map.len() == 1 {
                map.get(ID_PLACEHOLDER).and_then(Value::as_str)
            } else {
                None
            };
            if let Some(name) = placeholder {
                let address = Address::survey(name);
                let id = ids.get(&address).ok_or(UnresolvedId(address))?;
                *value = id
                    .parse::<u64>()
                    .map_or_else(|_| Value::from(id.as_str()), Value::from);
                return Ok(());
            }
            map.values_mut().try_for_each(|inner| resolve_body(inner, ids))
        }
        Value::Array(items) => items.iter_mut().try_for_each(|inner| resolve_body(inner, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_become_ids_in_path_and_body() {
        let soda = Address::survey("soda");
        let path = format!("/surveys/{}/quotas/men", path_placeholder(&soda));
        let call = Call {
            body: Some(
                json!({"surveys": [body_placeholder(&soda), 7], "note": "{soda} stays in texts"}).into(),
            ),
            ..Call::new(Method::Put, path, CallClass::IdempotentWrite, "")
        };
        assert_eq!(call.resolved(&BTreeMap::new()), Err(UnresolvedId(soda.clone())));
        let sent = call.resolved(&BTreeMap::from([(soda, "41".to_owned())])).unwrap();
        assert_eq!(sent.path, "/surveys/41/quotas/men");
        assert_eq!(
            sent.body,
            Some(json!({"surveys": [41, 7], "note": "{soda} stays in texts"}).into())
        );
    }

    #[test]
    fn a_time_reckoned_when_a_call_is_sent_is_never_before_the_wanted_one() {
        let now: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let sent = |earliest: Option<&str>| {
            let earliest = earliest.map(|time| time.parse().unwrap());
            let body = json!({"times": [soon_placeholder(earliest, 600)], "n": 1});
            let mut call = Call::new(Method::Put, "/run", CallClass::IdempotentWrite, "").body(body);
            call.otherwise = Some(Box::new(call.clone()));
            call.reckon(now);
            assert_eq!(call.otherwise.as_ref().unwrap().body, call.body);
            call.body.unwrap().value()
        };
        let at = |time: &str| json!({"times": [time], "n": 1});
        assert_eq!(sent(None), at("2026-12-01T09:10:00.000Z"));
        assert_eq!(sent(Some("2026-11-30T09:00:00Z")), at("2026-12-01T09:10:00.000Z"));
        assert_eq!(sent(Some("2036-12-05T00:00:00Z")), at("2036-12-05T00:00:00.000Z"));
    }

    #[test]
    fn lists_stand_in_what_is_sent_and_in_nothing_that_is_shown() {
        let list = Respondents::of("v", vec![Box::from("psid-1"), Box::from("psid-2")]);
        let plain = Call::new(Method::Post, "/x", CallClass::IdempotentWrite, "");
        let array = plain
            .clone()
            .body(json!({"all": [list_placeholder(&list)]}))
            .lists([list.clone()]);
        let text = plain.body(lines_placeholder(&list, "<", ">")).lists([list]);
        let sent = |call: &Call| call.filled().unwrap().unwrap().value();
        assert_eq!(sent(&array), json!({"all": [["psid-1", "psid-2"]]}));
        assert_eq!(sent(&text), json!("<psid-1\npsid-2\n>"));
        for call in [array, text] {
            let shown = format!("{call:?}{}", serde_json::to_string(&call).unwrap());
            assert!(
                !shown.contains("psid") && shown.contains("2 respondents"),
                "{shown}"
            );
            // What is read from a file has no ids, and is not sent.
            let read: Call = serde_json::from_str(&serde_json::to_string(&call).unwrap()).unwrap();
            assert!(read.filled().is_err());
        }
    }

    #[test]
    fn segments_cannot_escape_their_place() {
        assert_eq!(encode_segment("a/../b?c{d}"), "a%2F..%2Fb%3Fc%7Bd%7D");
    }
}
