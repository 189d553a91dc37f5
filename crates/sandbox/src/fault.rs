//! Scripted faults: what goes wrong, at which call, and how often.
//!
//! Promises that a fault counts only calls that match it and came after it was registered, and that
//! nothing here is left to chance. Carrying the effect out is left to `service`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::json::{Put as _, typed};
use super::log::DropPoint;
use super::simulation::Id;

/// What goes wrong with one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    /// An answer made up by the fault.
    pub(super) answer: Option<MadeUp>,
    /// Waits this long before answering or closing.
    pub(super) delay: Duration,
    /// Closes the connection, where nothing or where everything is done.
    pub(super) dropped: Option<DropPoint>,
    /// Does everything, then answers with a body that is not JSON.
    pub(super) malformed: bool,
}

/// An answer that no vendor gave.
#[derive(Debug, Clone)]
pub(super) struct MadeUp {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Value>,
    pub(super) after_commit: bool,
}

/// What a fault says; `body` is taken from it as it stands there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Spec {
    vendor: Option<String>,
    #[serde(alias = "verb")]
    method: Option<String>,
    #[serde(alias = "path_pattern", alias = "pattern", alias = "url")]
    path: Option<String>,
    nth: Option<u64>,
    #[serde(alias = "count")]
    times: Option<u64>,
    status: Option<u16>,
    headers: BTreeMap<String, Id>,
    after_commit: bool,
    #[serde(alias = "delay")]
    delay_ms: u64,
    drop_before: bool,
    #[serde(alias = "drop_after")]
    drop_after_commit: bool,
    drop: Option<DropPoint>,
    malformed: bool,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    vendor: Option<String>,
    method: Option<Method>,
    pattern: Option<String>,
    nth: u64,
    times: u64,
    effect: Effect,
    spec: Map<String, Value>,
    seen: u64,
    fired: u64,
}

/// The registered faults, in the order of registration.
#[derive(Debug, Default)]
pub(super) struct Faults {
    state: Mutex<State>,
    cleared: Notify,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    faults: Vec<Fault>,
}

impl Faults {
    /// Registers one fault, an array of them, or an object `{"faults": [...]}`; all or none.
    /// Returns the numbers given, or what is wrong.
    pub(super) fn register(&self, body: &Value) -> Result<Vec<u64>, String> {
        let specs = match body {
            Value::Array(items) => items.as_slice(),
            Value::Object(map) if map.contains_key("faults") && map.len() == 1 => map["faults"]
                .as_array()
                .ok_or("faults must be an array")?
                .as_slice(),
            one => std::slice::from_ref(one),
        };
        let faults = specs.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let mut state = self.lock();
        let first = state.next + 1;
        for mut fault in faults {
            state.next += 1;
            fault.id = state.next;
            state.faults.push(fault);
        }
        Ok((first..=state.next).collect())
    }

    /// Removes every fault, and ends the delays that are under way.
    pub(super) fn clear(&self) {
        self.lock().faults.clear();
        self.cleared.notify_waiters();
    }

    /// Ends when all faults are removed the next time.
    pub(super) fn cleared(&self) -> Notified<'_> {
        self.cleared.notified()
    }

    /// Returns the faults with how often they matched (`seen`) and struck (`fired`).
    pub(super) fn to_json(&self) -> Value {
        let state = self.lock();
        let shown = state.faults.iter().map(|fault| {
            let mut shown = fault.spec.clone();
            shown.put("id", fault.id);
            shown.put("seen", fault.seen);
            shown.put("fired", fault.fired);
            Value::Object(shown)
        });
        shown.collect()
    }

    /// Counts a call and returns what goes wrong with it.
    ///
    /// When several faults strike the same call their delays add up, and the rest of the effect is
    /// that of the first one that has any.
    pub(super) fn strike(&self, vendor: &str, method: &Method, target: &str) -> Option<Effect> {
        let mut struck: Option<Effect> = None;
        for fault in &mut self.lock().faults {
            if !fault.matches(vendor, method, target) {
                continue;
            }
            fault.seen += 1;
            let last = fault.nth.saturating_add(fault.times.saturating_sub(1));
            if fault.seen < fault.nth || (fault.times != 0 && fault.seen > last) {
                continue;
            }
            fault.fired += 1;
            let effect = fault.effect.clone();
            struck = Some(match struck {
                None => effect,
                Some(first) => {
                    let delay = first.delay.saturating_add(effect.delay);
                    let base = if first.is_only_delay() { effect } else { first };
                    Effect { delay, ..base }
                }
            });
        }
        struck
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Effect {
    fn is_only_delay(&self) -> bool {
        self.answer.is_none() && self.dropped.is_none() && !self.malformed
    }
}

impl Fault {
    fn matches(&self, vendor: &str, method: &Method, target: &str) -> bool {
        let pattern = self.pattern.as_deref();
        self.vendor.as_deref().is_none_or(|wanted| wanted == vendor)
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && pattern.is_none_or(|pattern| path_matches(pattern, vendor, target))
    }
}

/// Matches a path as received.
///
/// With a `*` the pattern must cover the path to its end, and from its beginning when it begins with
/// the vendor's key. Without one, a pattern that begins with the vendor's key is the whole path, and
/// any other is looked for anywhere. The query takes part only when the
/// pattern has a `?`. A slash at the end makes no difference.
fn path_matches(pattern: &str, vendor: &str, target: &str) -> bool {
    let without_query = target.split_once('?').map_or(target, |(path, _)| path);
    let path = if pattern.contains('?') {
        target
    } else {
        without_query
    };
    let path = path.trim_end_matches('/');
    let wanted = pattern.trim_end_matches('/');
    let is_whole = wanted
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(vendor))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if wanted.contains('*') {
        let anchored = glob(wanted, path);
        return anchored || (!is_whole && glob(&format!("*{wanted}"), path));
    }
    if is_whole {
        path == wanted
    } else {
        path.contains(wanted)
    }
}

/// Whether a pattern covers a text; `*` is any text, also none.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let begun = text.strip_prefix(first);
    let after = |text: &str, part: &str| text.split_once(part).map(|(_, after)| after.to_owned());
    let left = begun.and_then(|begun| {
        middle
            .split('*')
            .try_fold(begun.to_owned(), |text, part| after(&text, part))
    });
    left.is_some_and(|left| left.ends_with(last))
}

fn parse(spec: &Value) -> Result<Fault, String> {
    let mut spec = spec.as_object().ok_or("a fault must be a JSON object")?.clone();
    // What a listed fault says of itself.
    spec.retain(|key, _| !matches!(key.as_str(), "id" | "seen" | "fired"));
    let mut said = spec.clone();
    let body = said.shift_remove("body");
    let said: Spec = typed(&said).map_err(|error| format!("a fault is not understood: {error}"))?;
    let method = said.method.map(|method| method.to_ascii_uppercase());
    let method = method.filter(|method| method != "*" && method != "ANY");
    let method = method.map(|name| name.parse()).transpose();
    let status = said.status.map(status).transpose()?;
    if status.is_none() && (!said.headers.is_empty() || body.is_some() || said.after_commit) {
        return Err("headers, body and after_commit need a status".into());
    }
    let headers = said.headers.into_iter();
    let headers: HashMap<String, String> = headers.map(|(name, value)| (name, value.to_string())).collect();
    let headers = HeaderMap::try_from(&headers).map_err(|error: http::Error| error.to_string())?;
    let made_up = |status| MadeUp {
        status,
        headers,
        body,
        after_commit: said.after_commit,
    };
    let mut dropped = said.drop;
    for (is_dropped, at) in [
        (said.drop_before, DropPoint::Before),
        (said.drop_after_commit, DropPoint::AfterCommit),
    ] {
        if is_dropped && *dropped.get_or_insert(at) != at {
            return Err("drop_before and drop_after_commit exclude each other".into());
        }
    }
    let effect = Effect {
        answer: status.map(made_up),
        delay: Duration::from_millis(said.delay_ms),
        dropped,
        malformed: said.malformed,
    };
    if effect.is_only_delay() && effect.delay.is_zero() {
        return Err(
            "a fault needs an effect: status, delay_ms, drop_before, drop_after_commit or malformed".into(),
        );
    }
    Ok(Fault {
        id: 0,
        vendor: said.vendor,
        method: method.map_err(|_| "method is not an HTTP method")?,
        pattern: said.path,
        nth: said.nth.unwrap_or(1).max(1),
        times: said.times.unwrap_or(1),
        effect,
        spec,
        seen: 0,
        fired: 0,
    })
}

fn status(number: u16) -> Result<StatusCode, String> {
    let status = StatusCode::from_u16(number).ok();
    let status = status.filter(|_| (200..600).contains(&number));
    status.ok_or_else(|| "status must be an HTTP status from 200 to 599".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_match_as_documented() {
        let create = "/acme/v2/surveys";
        for (pattern, target, wanted) in [
            ("/acme/v2/surveys", create, true),
            ("/acme/v2/surveys", "/acme/v2/surveys/", true),
            ("/acme/v2/surveys", "/acme/v2/surveys?status=11", true),
            ("/acme/v2/surveys", "/acme/v2/surveys/12", false),
            ("*/surveys/*", "/acme/v2/surveys/12", true),
            ("*/surveys/*", create, false),
            ("/surveys/*", "/acme/v2/surveys/12", true),
            ("/acme/*/surveys", "/acme/v2/surveys/12", false),
            ("*/surveys", create, true),
            ("surveys", "/acme/v2/surveys/12/quotas", true),
            ("*/quotas/*/x", "/acme/surveys/1/quotas/q/x", true),
            ("*?status=11*", "/acme/v2/surveys?status=11&page=1", true),
        ] {
            assert_eq!(
                path_matches(pattern, "acme", target),
                wanted,
                "{pattern} {target}"
            );
        }
    }

    #[test]
    fn nth_and_times_count_matching_calls_only() {
        let faults = Faults::default();
        faults
            .register(&json!({"method": "post", "path": "*/surveys", "nth": 2, "times": 2, "status": 503}))
            .unwrap();
        let mut strike = |method| faults.strike("acme", &method, "/acme/surveys").is_some();
        let pattern: Vec<bool> = [
            Method::POST,
            Method::GET,
            Method::POST,
            Method::POST,
            Method::POST,
        ]
        .map(&mut strike)
        .to_vec();
        assert_eq!(pattern, [false, false, true, true, false]);
        assert_eq!(faults.to_json()[0]["seen"], 4);
        assert_eq!(faults.to_json()[0]["fired"], 2);
    }

    #[test]
    fn unclear_faults_are_refused_whole() {
        let faults = Faults::default();
        for bad in [
            json!({"status": 500, "colour": 1}),
            json!({"path": "*"}),
            json!({"status": 99}),
            json!({"body": {}}),
            json!([{"malformed": true}, {"times": "x", "malformed": true}]),
        ] {
            assert!(faults.register(&bad).is_err(), "{bad}");
        }
        assert_eq!(faults.to_json(), json!([]));
    }

    #[test]
    fn a_delay_joins_another_effect() {
        let faults = Faults::default();
        faults
            .register(&json!([{"delay_ms": 5, "times": 0}, {"status": 500, "delay_ms": 7}]))
            .unwrap();
        let effect = faults.strike("acme", &Method::GET, "/acme/x").unwrap();
        assert_eq!(effect.delay, Duration::from_millis(12));
        assert!(effect.answer.is_some());
    }
}
