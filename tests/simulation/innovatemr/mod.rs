//! InnovateMR in the simulation: jobs, their groups, and the targets and quotas of these.
//!
//! The picture is taken from what the emulator stores, because the API shows neither targets nor, as a rule, prices.

mod project;
mod wanted;

use super::market::{Does, Keeps, Market, Named, Phase, Seen, SeenQuota, body_of, decimal, list, token};
use super::random::Random;
use super::sim::Sim;
use http::{HeaderMap, Method};
use infield::marketplace::http::transport::Outgoing;
use infield::model::{Address, Desired, DesiredSurvey, VendorId};
use infield_sandbox::Emulator;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct InnovateMr;

const LIVE: u64 = 1;
const PAUSED: u64 = 2;
const CLOSED: u64 = 3;

fn is_job(document: &Value) -> bool {
    document["parent"] == 0
}

impl Market for InnovateMr {
    fn id(&self) -> VendorId {
        infield::marketplace::INNOVATEMR
    }

    fn base(&self) -> &'static str {
        "http://vendor/innovatemr/api/v2"
    }

    fn emulator(&self) -> Box<dyn Emulator> {
        Box::new(infield_sandbox::innovatemr::InnovateMr)
    }

    fn settings(&self, random: &mut Random) -> Value {
        json!({
            "innovatemr_http_errors": random.percent(50),
            "innovatemr_echo_max_cpi": random.percent(50),
            "innovatemr_put_target_upserts": random.percent(50),
        })
    }

    fn sign(&self, _sim: &Sim, headers: &mut HeaderMap) {
        token(headers, "x-access-token");
    }

    fn does(&self, method: &Method, path: &str, body: Option<&Value>) -> Does {
        let parts: Vec<&str> = path.trim_start_matches("/pega/").split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", _) | ("POST", ["jobs" | "feasibility"]) => Does::Reads,
            ("POST", ["job"]) => Does::Makes { parent: None },
            ("POST", ["jobs", job, "group"]) => Does::Makes {
                parent: Some((*job).to_owned()),
            },
            (_, ["quota", ..]) => {
                Does::Changes(body.map_or(Value::Null, |b| b["GroupId"].clone()).to_string())
            }
            (_, [_, id, ..]) => Does::Changes((*id).to_owned()),
            _ => Does::Changes(String::new()),
        }
    }

    fn accepted(&self, status: u16, answer: &Value) -> bool {
        (200..300).contains(&status) && answer["apiStatus"] == "success"
    }

    fn made_id(&self, answer: &Value) -> Option<String> {
        let made = answer.get("job").or_else(|| answer.get("group"))?;
        made.get("Id").map(Value::to_string)
    }

    fn id_in<'a>(&self, answer: &'a mut Value) -> Option<&'a mut Value> {
        let key = if answer.get("job").is_some() {
            "job"
        } else {
            "group"
        };
        answer.get_mut(key)?.get_mut("Id")
    }

    /// No list shows groups.
    fn named(&self, it: &Value) -> Option<Named> {
        let fields = it.get("fields").unwrap_or(it);
        let is_group = fields.get("N").is_some();
        Some(Named {
            title: fields["Name"].as_str().filter(|_| !is_group)?.to_owned(),
            locale: None,
            inside: None,
        })
    }

    fn known_by<'a>(&self, made: &'a Value) -> Option<&'a str> {
        let is_group = made.get("N").is_some();
        made["Name"].as_str().filter(|_| !is_group)
    }

    /// Who is asked, and as a rule the price.
    fn hides(&self) -> bool {
        true
    }

    fn failure(&self) -> &'static str {
        r#"{"apiStatus":"failure","msg":"oops"}"#
    }

    fn listed<'a>(
        &self,
        method: &Method,
        path: &str,
        answer: &'a mut Value,
    ) -> Option<(&'a mut Vec<Value>, &'static str)> {
        if *method != Method::POST || path != "/pega/jobs" {
            return None;
        }
        Some((answer["jobs"].as_array_mut()?, "Id"))
    }

    fn lie(&self, sim: &Sim, request: &Outgoing) -> Option<Keeps> {
        let path = request.url.strip_prefix(self.base())?;
        let mut body = body_of(request)?;
        match self.does(&request.method, path, Some(&body)) {
            // Of a group what its page shows: another test URL than the one that was sent.
            Does::Makes { parent: Some(_) } => {
                let sent = body.get_mut("TestSurveyUrl").filter(|url| **url != "")?;
                *sent = json!("");
                Some(Keeps::Body(body))
            }
            // What nobody is shown can be kept from nobody, so something that is shown has to be among it.
            Does::Changes(id) if request.method == Method::PUT && path == format!("/pega/group/{id}") => {
                let checker = sim.checker();
                let now = &checker.mirror.get(&id)?.document["fields"];
                let shown = ["Name", "N", "LengthOfInterview", "LiveSurveyUrl", "DeviceType"];
                shown
                    .iter()
                    .any(|key| body.get(*key).is_some_and(|sent| *sent != now[*key]))
                    .then(|| Keeps::Nothing {
                        ask: Some(format!("/pega/groups/{id}")),
                    })
            }
            _ => None,
        }
    }

    fn documents(&self, sim: &Sim) -> BTreeMap<String, Value> {
        stored(sim, None)
    }

    fn document(&self, sim: &Sim, id: &str) -> Option<Value> {
        stored(sim, Some(id)).remove(id)
    }

    fn seen(&self, document: Value) -> Seen {
        let quotas = list(&document["quotas"]).iter().map(|quota| SeenQuota {
            id: quota["id"].to_string(),
            name: quota["fields"]["Title"].as_str().unwrap_or_default().to_owned(),
            wanted: quota["fields"]["N"].as_u64().unwrap_or(0),
            layer: None,
        });
        let fields = &document["fields"];
        Seen {
            phase: match document["status"].as_u64() {
                Some(LIVE) => Phase::Live,
                Some(PAUSED) => Phase::Paused,
                Some(CLOSED) => Phase::Closed,
                _ => Phase::Draft,
            },
            goal: fields["N"].as_u64(),
            price: decimal(&fields["MaximumCostPerInterview"])
                .or_else(|| decimal(&fields["EstCostPerInterview"])),
            quotas: quotas.collect(),
            document,
            ..Seen::default()
        }
    }

    fn collect(
        &self,
        sim: &Sim,
        id: &str,
        (what, people): (&str, u64),
    ) -> Option<(u64, BTreeMap<String, u64>)> {
        // Nobody takes anything back here.
        let body = json!({"vendor": "innovatemr", "group": id, (what): people});
        sim.direct(Method::POST, "/_sandbox/respondents", Some(&body));
        // What is counted has no documented shape, and infield plans nothing on it.
        None
    }

    fn counted(&self, seen: &Seen) -> u64 {
        seen.document["counts"]["completes"].as_u64().unwrap_or(0)
    }

    fn tells_counts(&self) -> bool {
        false
    }

    fn differences(&self, address: &Address, wanted: &DesiredSurvey, document: &Value) -> Vec<String> {
        if address.is_group() {
            wanted::of_group(&wanted.spec, document)
        } else {
            wanted::of_job(&wanted.spec, document)
        }
    }

    /// No list shows groups.
    fn settled_by_hand(&self, address: &Address) -> bool {
        address.is_group()
    }

    fn meddle(&self, sim: &Sim, id: &str) -> (&'static str, u16) {
        let document = sim.checker().mirror[id].document.clone();
        let kind = if is_job(&document) { "job" } else { "group" };
        let status = |to: u64| {
            let path = format!("/pega/{kind}/{id}/status");
            sim.direct(Method::PUT, &path, Some(&json!({"Status": to}))).0
        };
        let choice = sim.random().between(0, 8);
        let number = sim.random().between(1, 80);
        match choice {
            0 | 1 => ("pauses", status(PAUSED)),
            2 => ("closes", status(CLOSED)),
            3 => ("launches", status(LIVE)),
            4 | 5 if kind == "job" => {
                // A lost job that is renamed is found by nobody: the known limit of knowing it by its title.
                if sim.checker().is_lost(id) {
                    return ("leaves alone", 0);
                }
                let mut fields = document["fields"].clone();
                fields["Name"] = json!(format!("by hand {number}"));
                (
                    "renames",
                    sim.direct(Method::PUT, &format!("/pega/job/{id}"), Some(&fields))
                        .0,
                )
            }
            // A lost group that is renamed beside a copy of it is found by nobody: the copy is taken for it.
            4 if !sim.checker().may_rewrite(id) => ("leaves alone", 0),
            4 => (
                "renames",
                put(sim, id, &document, "Name", json!(format!("by hand {number}"))),
            ),
            5 => ("changes the size of", put(sim, id, &document, "N", json!(number))),
            6 => {
                let Some(mut quota) = list(&document["quotas"]).first().cloned() else {
                    return ("finds no quota in", 0);
                };
                let path = format!("/pega/quota/{}", quota["id"]);
                let mut fields = quota["fields"].take();
                fields["N"] = json!(number);
                (
                    "changes a quota of",
                    sim.direct(Method::PUT, &path, Some(&fields)).0,
                )
            }
            7 if kind == "group" => {
                let group: u64 = id.parse().expect("a number");
                let title = format!("by hand {}", list(&document["quotas"]).len());
                let body = json!({"vendor": "innovatemr", "group": group, "Title": title, "N": number});
                (
                    "adds a quota to",
                    sim.direct(Method::POST, "/_sandbox/ui/quotas", Some(&body)).0,
                )
            }
            _ => ("copies", copy(sim, id, &document)),
        }
    }

    fn project(&self, random: &mut Random, large: bool) -> Desired {
        project::project(random, large)
    }

    fn edit(&self, random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
        project::edit(random, desired, told);
    }
}

/// The body that writes a group as it is: complete, with the names that go in where ids come out.
fn as_it_is(document: &Value) -> Value {
    let mut fields = document["fields"].clone();
    let language = match fields["Target"]["Languages"][0].as_u64() {
        Some(3) => "GERMAN",
        _ => "ENGLISH",
    };
    fields["Target"]["Languages"] = json!(language);
    fields
}

fn put(sim: &Sim, id: &str, document: &Value, key: &str, value: Value) -> u16 {
    let mut body = as_it_is(document);
    body[key] = value;
    sim.direct(Method::PUT, &format!("/pega/group/{id}"), Some(&body))
        .0
}

/// Makes by hand what looks exactly like one of infield's.
fn copy(sim: &Sim, id: &str, document: &Value) -> u16 {
    let Some(body) = sim.checker().body_to_copy(id) else {
        return 0;
    };
    let path = if is_job(document) {
        "/pega/job".to_owned()
    } else {
        format!("/pega/jobs/{}/group", document["parent"])
    };
    let (status, answer) = sim.direct(Method::POST, &path, Some(&body));
    if let Some(made) = InnovateMr.made_id(&answer) {
        sim.made_by_hand(made);
    }
    status
}

/// Jobs and groups by their ids, with their quotas; all of them, or one.
fn stored(sim: &Sim, one: Option<&str>) -> BTreeMap<String, Value> {
    let of = |kind: &str, field: &str| {
        let id: Option<u64> = one.and_then(|one| one.parse().ok());
        let wanted = |document: &Value| one.is_none() || document[field].as_u64() == id;
        sim.stored(&format!("innovatemr/{kind}/"), &wanted)
    };
    let mut all = BTreeMap::new();
    for document in of("job", "id").into_iter().chain(of("group", "id")) {
        all.insert(document["id"].to_string(), document);
    }
    for quota in of("quota", "parent") {
        if let Some(Value::Object(group)) = all.get_mut(&quota["parent"].to_string()) {
            let quotas = group.entry("quotas").or_insert(json!([]));
            quotas.as_array_mut().expect("just made").push(quota);
        }
    }
    all
}
