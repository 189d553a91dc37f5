//! The vendor as a bystander sees it: straight to the sandbox's own HTTP routes, past every fault, never through
//! infield's reading code. Also the hands of people who work in the vendor's web interface.

use super::sim::Sim;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method};
use infield::vendor::transport::{Outgoing, Transport};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const BASE: &str = "http://vendor/purespectrum/buyers/v2";

/// A survey at the vendor, with what it has collected.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) document: Value,
    /// Completes.
    pub(crate) fielded: u64,
    /// Completes by the vendor's quota id.
    pub(crate) quotas_fielded: BTreeMap<String, u64>,
}

impl Seen {
    pub(crate) fn status(&self) -> u64 {
        self.document["ps_survey_status"].as_u64().unwrap_or(0)
    }

    pub(crate) fn quotas(&self) -> &[Value] {
        self.document["quotas"].as_array().map_or(&[], Vec::as_slice)
    }
}

pub(crate) const DRAFT: u64 = 11;
pub(crate) const LIVE: u64 = 22;
pub(crate) const PAUSED: u64 = 33;
pub(crate) const CLOSED: u64 = 44;

impl Sim {
    /// Hands a request to the vendor now. The sandbox waits for nothing, so the answer is there at once.
    pub(crate) fn deliver(&self, request: Outgoing) -> (u16, HeaderMap, Bytes) {
        self.tick();
        let answer = self
            .vendor
            .send(request)
            .now_or_never()
            .expect("the sandbox answers at once")
            .expect("no fault is scripted in the sandbox itself");
        (answer.status, answer.headers, answer.body)
    }

    /// A call of a bystander.
    pub(crate) fn direct(&self, method: Method, url: &str, body: Option<&Value>) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("access-token", HeaderValue::from_static("sandbox"));
        let request = Outgoing {
            method,
            url: url.to_owned(),
            headers,
            body: body.map(|body| Bytes::from(body.to_string())),
        };
        let (status, _, bytes) = self.deliver(request);
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Looks at one survey again.
    pub(crate) fn look(&self, id: &str) {
        let (status, document) = self.direct(Method::GET, &format!("{BASE}/surveys/{id}"), None);
        let mut checker = self.checker();
        if status == 200 {
            checker.mirror.entry(id.to_owned()).or_default().document = document;
        } else {
            checker.mirror.remove(id);
        }
    }

    /// Looks at every survey known so far.
    pub(crate) fn look_at_all(&self) {
        let ids: Vec<String> = self.checker().mirror.keys().cloned().collect();
        for id in ids {
            self.look(&id);
        }
    }

    /// Looks at every survey there is, and says when the bystander has missed one.
    pub(crate) fn take_inventory(&self) {
        let mut all = BTreeMap::new();
        for status in [DRAFT, LIVE, PAUSED, CLOSED] {
            let url = format!("{BASE}/surveys?status={status}&limit=100&page=1");
            let (_, list) = self.direct(Method::GET, &url, None);
            for survey in list.as_array().into_iter().flatten() {
                all.insert(survey["ps_survey_id"].to_string(), survey.clone());
            }
        }
        let mirror: BTreeMap<String, Value> = self
            .checker()
            .mirror
            .iter()
            .map(|(id, seen)| (id.clone(), seen.document.clone()))
            .collect();
        if all != mirror {
            self.fail("the bystander's picture differs from the vendor's lists: a bug of the simulation");
        }
    }

    /// Counts what a survey has collected.
    fn count(&self, id: &str) {
        let (_, survey) = self.direct(Method::GET, &format!("{BASE}/surveys/{id}/performance"), None);
        let (_, quotas) = self.direct(
            Method::GET,
            &format!("{BASE}/surveys/{id}/quotas/performance"),
            None,
        );
        let mut checker = self.checker();
        let Some(seen) = checker.mirror.get_mut(id) else {
            return;
        };
        seen.fielded = survey["completes_fielded"].as_u64().unwrap_or(0);
        seen.quotas_fielded = quotas
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|quota| {
                let id = quota["ps_quota_id"].as_str()?.to_owned();
                Some((id, quota["completes_fielded"].as_u64()?))
            })
            .collect();
    }

    /// Respondents complete a survey that is in field.
    pub(crate) fn collect(&self, id: &str, completes: u64) {
        let body = json!({"survey": id, "completes": completes});
        let (status, _) = self.direct(Method::POST, "http://vendor/_sandbox/respondents", Some(&body));
        self.tell(format!("respondents: {completes} for {id} ({status})"));
        self.look(id);
        self.count(id);
    }

    /// Lets the vendor do what it does with time.
    pub(crate) fn let_time_work(&self) {
        self.tick();
        let changes = self.sandbox.clock_moved().expect("a store in memory");
        for change in changes {
            self.tell(format!("vendor: {change}"));
        }
        self.look_at_all();
    }

    /// Somebody works in the web interface.
    pub(crate) fn meddle(&self) {
        let ids: Vec<String> = self.checker().mirror.keys().cloned().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.random().pick(&ids).clone();
        // A lost draft that people change in more places is recognised by nobody: the known limit of matching by
        // content, and of this simulation.
        if !self.checker().may_edit(&id) {
            return;
        }
        let survey = format!("{BASE}/surveys/{id}");
        let patch = |path: &str, value: Value| {
            let body = json!([{"op": "replace", "path": path, "value": value}]);
            self.direct(Method::PATCH, &survey, Some(&body)).0
        };
        let choice = self.random().between(0, 8);
        let number = self.random().between(1, 80);
        let what;
        let status = match choice {
            0 | 1 => {
                what = "pauses";
                patch("/ps_survey_status", json!(PAUSED))
            }
            2 => {
                what = "closes";
                patch("/ps_survey_status", json!(CLOSED))
            }
            3 => {
                what = "launches";
                patch("/ps_survey_status", json!(LIVE))
            }
            4 => {
                what = "changes the price of";
                patch("/offer_price", json!(number))
            }
            5 => {
                what = "renames";
                let body = json!({"survey_title": format!("by hand {number}")});
                self.direct(Method::PUT, &survey, Some(&body)).0
            }
            6 => {
                what = "changes a quota of";
                self.change_a_quota(&id, number)
            }
            7 => {
                what = "adds a quota to";
                let body = json!({"survey": id, "title": "by hand", "required_count": number,
                    "criteria": [{"qualification_code": 229, "condition_codes": [format!("9{number:04}")]}]});
                self.direct(Method::POST, "http://vendor/_sandbox/ui/quotas", Some(&body))
                    .0
            }
            _ => {
                what = "copies";
                self.copy(&id)
            }
        };
        self.tell(format!("by hand: somebody {what} {id} ({status})"));
        self.look(&id);
    }

    fn change_a_quota(&self, id: &str, number: u64) -> u16 {
        let quotas: Vec<Value> = self.checker().mirror[id].quotas().to_vec();
        if quotas.is_empty() {
            return 0;
        }
        let mut quota = self.random().pick(&quotas).clone();
        quota["required_count"] = json!(number);
        let url = format!(
            "{BASE}/surveys/{id}/quotas/{}",
            quota["ps_quota_id"].as_str().unwrap_or_default()
        );
        self.direct(Method::PUT, &url, Some(&quota)).0
    }

    /// Makes a draft by hand that looks exactly like one of infield's.
    fn copy(&self, id: &str) -> u16 {
        let body = self.checker().body_of(id);
        let Some(body) = body else { return 0 };
        let (status, made) = self.direct(Method::POST, &format!("{BASE}/surveys"), Some(&body));
        if status == 201 {
            let id = made["ps_survey_id"].to_string();
            let mut checker = self.checker();
            checker.by_hand.insert(id.clone());
            checker.mirror.entry(id).or_default().document = made;
        }
        status
    }
}
