//! A vendor that does what it is told, in a few lines: calls of a plan against documents. It knows nothing of the code
//! under test and shares no conversion with it.

use infield::model::{Call, Json, Method};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Surveys by what stands for them in a path: an id, or `{name}` for one that the plan creates.
#[derive(Debug, Default)]
pub(crate) struct Vendor {
    pub(crate) surveys: BTreeMap<String, Value>,
}

impl Vendor {
    /// Carries out one call; `creates` names the survey that a create makes.
    pub(crate) fn send(&mut self, call: &Call, creates: &str) {
        let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
        let body = call.body.as_ref().map(Json::value).unwrap_or_default();
        match (call.method, parts.as_slice()) {
            (Method::Post, ["surveys"]) => {
                let mut made = body;
                made["ps_survey_status"] = json!(11);
                let before = self.surveys.insert(format!("{{{creates}}}"), made);
                assert_eq!(before, None, "created twice");
            }
            (Method::Patch, ["surveys", id]) => {
                let survey = self.survey(id);
                for operation in body.as_array().unwrap() {
                    let key = operation["path"].as_str().unwrap().trim_start_matches('/');
                    survey[key] = operation["value"].clone();
                }
            }
            (Method::Put, ["surveys", id]) => {
                let survey = self.survey(id);
                for (key, value) in body.as_object().unwrap() {
                    survey[key] = value.clone();
                }
            }
            (Method::Post, ["surveys", id, "quotas"]) => {
                let quotas = quotas(self.survey(id));
                assert!(
                    quotas
                        .iter()
                        .all(|q| q["buyer_quota_id"] != body["buyer_quota_id"]),
                    "a quota is added twice"
                );
                quotas.push(body);
            }
            (Method::Put, ["surveys", id, "quotas", key]) => {
                let quotas = quotas(self.survey(id));
                let quota = quotas.iter_mut().find(|q| is(q, key)).expect("it is there");
                for (name, value) in body.as_object().unwrap() {
                    quota[name] = value.clone();
                }
            }
            (Method::Delete, ["surveys", id, "quotas", key]) => {
                quotas(self.survey(id)).retain(|q| !is(q, key));
            }
            other => panic!("nobody answers {other:?}"),
        }
    }

    fn survey(&mut self, id: &str) -> &mut Value {
        self.surveys.get_mut(id).expect("the survey exists")
    }
}

fn quotas(survey: &mut Value) -> &mut Vec<Value> {
    if survey["quotas"].is_null() {
        survey["quotas"] = json!([]);
    }
    survey["quotas"].as_array_mut().unwrap()
}

fn is(quota: &Value, key: &str) -> bool {
    quota["buyer_quota_id"] == json!(key) || quota["ps_quota_id"] == json!(key)
}
