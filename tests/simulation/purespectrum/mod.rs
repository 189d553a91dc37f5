//! PureSpectrum in the simulation: surveys, their quotas, templates and exclusion groups.

mod project;
mod wanted;

use super::market::{
    Does, Keeps, Market, Named, Page, Phase, Seen, SeenQuota, body_of, decimal, list, patch, token,
};
use super::random::Random;
use super::sim::Sim;
use http::{HeaderMap, Method};
use infield::marketplace::http::transport::Outgoing;
use infield::model::{Address, Desired, DesiredSurvey, VendorId};
use infield_sandbox::Emulator;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct PureSpectrum;

const DRAFT: u64 = 11;
const LIVE: u64 = 22;
const PAUSED: u64 = 33;
const CLOSED: u64 = 44;

impl Market for PureSpectrum {
    fn id(&self) -> VendorId {
        infield::marketplace::PURESPECTRUM
    }

    fn base(&self) -> &'static str {
        "http://vendor/purespectrum/buyers/v2"
    }

    fn emulator(&self) -> Box<dyn Emulator> {
        Box::new(infield_sandbox::purespectrum::PureSpectrum::new())
    }

    fn settings(&self, _random: &mut Random) -> Value {
        Value::Null
    }

    fn sign(&self, _sim: &Sim, headers: &mut HeaderMap) {
        token(headers, "access-token");
    }

    fn does(&self, method: &Method, path: &str, _body: Option<&Value>) -> Does {
        if *method == Method::GET {
            return Does::Reads;
        }
        let below = path.strip_prefix("/surveys/");
        match below.and_then(|rest| rest.split(['/', '?']).next()) {
            Some(id) => Does::Changes(id.to_owned()),
            None if path == "/surveys" => Does::Makes { parent: None },
            // Exclusion groups cost nothing and hold nothing that could be lost.
            None => Does::Changes(String::new()),
        }
    }

    fn accepted(&self, status: u16, _answer: &Value) -> bool {
        (200..300).contains(&status)
    }

    fn made_id(&self, answer: &Value) -> Option<String> {
        answer.get("ps_survey_id").map(Value::to_string)
    }

    fn id_in<'a>(&self, answer: &'a mut Value) -> Option<&'a mut Value> {
        answer.get_mut("ps_survey_id")
    }

    fn named(&self, it: &Value) -> Option<Named> {
        Some(Named {
            title: it["survey_title"].as_str()?.to_owned(),
            locale: it["survey_localization"].as_str().map(str::to_owned),
            inside: None,
        })
    }

    fn counts_pages(&self) -> bool {
        true
    }

    fn page(&self, url: &str, _size: usize) -> Option<Page> {
        let (list, number) = url.rsplit_once("&page=")?;
        if !list.contains("/surveys?status=") || !list.contains("&limit=100") {
            return None;
        }
        Some(Page::Counted {
            whole: format!("{list}&page=1"),
            number: number.parse().ok()?,
        })
    }

    fn failure(&self) -> &'static str {
        r#"{"ps_api_response_code":9999,"ps_api_response_message":"oops"}"#
    }

    fn listed<'a>(
        &self,
        method: &Method,
        path: &str,
        answer: &'a mut Value,
    ) -> Option<(&'a mut Vec<Value>, &'static str)> {
        if *method != Method::GET || !path.starts_with("/surveys?") {
            return None;
        }
        Some((answer.as_array_mut()?, "ps_survey_id"))
    }

    fn lie(&self, _sim: &Sim, request: &Outgoing) -> Option<Keeps> {
        let path = request.url.strip_prefix(self.base())?;
        let body = body_of(request)?;
        let text = body.to_string();
        // A status is read back by itself, and the data-quality switch is not shown before it was set once.
        if text.contains("/ps_survey_status") || text.contains("/is_dq_enable") {
            return None;
        }
        match request.method {
            Method::POST if path == "/surveys" => {
                let Value::Object(mut map) = body else { return None };
                if map.remove("quotas").is_none() {
                    map.remove("offer_price");
                }
                Some(Keeps::Body(Value::Object(map)))
            }
            // What the survey looks like now is what an honest answer would look like, too.
            Method::PUT | Method::PATCH if path.starts_with("/surveys/") && !path.contains("/quotas") => {
                Some(Keeps::Nothing {
                    ask: Some(path.to_owned()),
                })
            }
            _ => None,
        }
    }

    fn documents(&self, sim: &Sim) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        for status in [DRAFT, LIVE, PAUSED, CLOSED] {
            let path = format!("/surveys?status={status}&limit=100&page=1");
            let (_, found) = sim.direct(Method::GET, &path, None);
            for survey in list(&found) {
                all.insert(survey["ps_survey_id"].to_string(), survey.clone());
            }
        }
        all
    }

    fn document(&self, sim: &Sim, id: &str) -> Option<Value> {
        let (status, document) = sim.direct(Method::GET, &format!("/surveys/{id}"), None);
        (status == 200).then_some(document)
    }

    fn seen(&self, document: Value) -> Seen {
        let quotas = list(&document["quotas"]).iter().map(|quota| SeenQuota {
            id: quota["ps_quota_id"].as_str().unwrap_or_default().to_owned(),
            name: quota["buyer_quota_id"].as_str().unwrap_or_default().to_owned(),
            wanted: quota["required_count"].as_u64().unwrap_or(0),
            layer: layer(&document, quota),
        });
        Seen {
            phase: match document["ps_survey_status"].as_u64() {
                Some(LIVE) => Phase::Live,
                Some(PAUSED) => Phase::Paused,
                Some(CLOSED) => Phase::Closed,
                _ => Phase::Draft,
            },
            goal: document["completes_required"].as_u64(),
            price: decimal(&document["offer_price"]),
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
        let body = json!({"survey": id, (what): people});
        sim.direct(Method::POST, "/_sandbox/respondents", Some(&body));
        let (_, survey) = sim.direct(Method::GET, &format!("/surveys/{id}/performance"), None);
        let (_, quotas) = sim.direct(Method::GET, &format!("/surveys/{id}/quotas/performance"), None);
        let quotas = list(&quotas).iter().filter_map(|quota| {
            let id = quota["ps_quota_id"].as_str()?.to_owned();
            Some((id, quota["completes_fielded"].as_u64()?))
        });
        Some((
            survey["completes_fielded"].as_u64().unwrap_or(0),
            quotas.collect(),
        ))
    }

    fn forgets_goals(&self) -> bool {
        true
    }

    fn differences(&self, _address: &Address, wanted: &DesiredSurvey, document: &Value) -> Vec<String> {
        wanted::differences(&wanted.spec, document)
    }

    fn settled_by_hand(&self, _address: &Address) -> bool {
        false
    }

    fn meddle(&self, sim: &Sim, id: &str) -> (&'static str, u16) {
        if !sim.checker().may_edit(id) {
            return ("leaves alone", 0);
        }
        let survey = format!("/surveys/{id}");
        let change = |path: &str, value: Value| {
            let body = patch(path, &value);
            sim.direct(Method::PATCH, &survey, Some(&body)).0
        };
        let choice = sim.random().between(0, 9);
        let number = sim.random().between(1, 80);
        match choice {
            0 | 1 => ("pauses", change("/ps_survey_status", json!(PAUSED))),
            2 => ("closes", change("/ps_survey_status", json!(CLOSED))),
            3 => ("launches", change("/ps_survey_status", json!(LIVE))),
            4 => ("changes the price of", change("/offer_price", json!(number))),
            5 => {
                let body = json!({"survey_title": format!("by hand {number}")});
                ("renames", sim.direct(Method::PUT, &survey, Some(&body)).0)
            }
            6 => ("changes a quota of", change_a_quota(sim, id, number)),
            7 => {
                let body = json!({"survey": id, "title": "by hand", "required_count": number,
                    "criteria": [{"qualification_code": 229, "condition_codes": [format!("9{number:04}")]}]});
                let (status, _) = sim.direct(Method::POST, "/_sandbox/ui/quotas", Some(&body));
                ("adds a quota to", status)
            }
            8 => ("changes everything about", change_everything(sim, id, number)),
            _ => ("copies", copy(sim, id)),
        }
    }

    fn project(&self, random: &mut Random, large: bool) -> Desired {
        project::project(random, large)
    }

    fn edit(&self, random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
        project::edit(random, desired, told);
    }
}

fn change_a_quota(sim: &Sim, id: &str, number: u64) -> u16 {
    let quotas: Vec<Value> = list(&sim.checker().mirror[id].document["quotas"]).to_vec();
    if quotas.is_empty() {
        return 0;
    }
    let mut quota = sim.random().pick(&quotas).clone();
    quota["required_count"] = json!(number);
    let quota_id = quota["ps_quota_id"].as_str().unwrap_or_default().to_owned();
    sim.direct(
        Method::PUT,
        &format!("/surveys/{id}/quotas/{quota_id}"),
        Some(&quota),
    )
    .0
}

/// So many places that nobody would take it for what it was.
fn change_everything(sim: &Sim, id: &str, number: u64) -> u16 {
    if !sim.checker().may_rewrite(id) {
        return 0;
    }
    let body = json!({
        "survey_title": format!("by hand {number}"),
        "live_url": format!("https://survey.example.com/by-hand/{number}"),
        "completes_required": number + 60,
        "expected_loi": 12,
        "field_time": 20,
    });
    sim.direct(Method::PUT, &format!("/surveys/{id}"), Some(&body)).0
}

/// Makes a draft by hand that looks exactly like one of infield's.
fn copy(sim: &Sim, id: &str) -> u16 {
    let Some(body) = sim.checker().body_to_copy(id) else {
        return 0;
    };
    let (status, made) = sim.direct(Method::POST, "/surveys", Some(&body));
    if status == 201 {
        sim.made_by_hand(made["ps_survey_id"].to_string());
    }
    status
}

/// The questions that a quota is over, where those over the same leave nobody out: a respondent is ended if any quota has
/// nothing open (vendor's supplier wiki 33515296), unless completes are re-allocated.
fn layer(document: &Value, quota: &Value) -> Option<String> {
    let over = |quota: &Value| -> BTreeSet<u64> {
        list(&quota["criteria"])
            .iter()
            .filter_map(|one| one["qualification_code"].as_u64())
            .collect()
    };
    let questions = over(quota);
    let members: Vec<&Value> = list(&document["quotas"])
        .iter()
        .filter(|other| over(other) == questions)
        .collect();
    let mut people: Vec<Vec<(u64, i64)>> = vec![Vec::new()];
    for question in &questions {
        let answers = allowed(document, *question);
        let with = |person: &Vec<(u64, i64)>, answer: i64| {
            let mut person = person.clone();
            person.push((*question, answer));
            person
        };
        people = people
            .iter()
            .flat_map(|person| answers.iter().map(|answer| with(person, *answer)))
            .collect();
    }
    let fits = |person: &[(u64, i64)], quota: &Value| {
        let met = |one: &Value| {
            let question = one["qualification_code"].as_u64();
            let answer = person.iter().find(|(asked, _)| Some(*asked) == question);
            answer.is_some_and(|(_, answer)| answers(one).contains(answer))
        };
        list(&quota["criteria"]).iter().all(met)
    };
    let caps = people
        .iter()
        .all(|person| members.iter().any(|quota| fits(person, quota)));
    (caps && document["qlc"]["enable"] != true).then(|| format!("{questions:?}"))
}

/// The answers to a question that are let in. Genders are three, ages without a bound are endless.
fn allowed(document: &Value, question: u64) -> Vec<i64> {
    let mut asked = list(&document["qualifications"]).iter();
    match asked.find(|one| one["qualification_code"].as_u64() == Some(question)) {
        Some(one) => answers(one),
        None if question == 211 => vec![111, 112, 113],
        None => vec![-1],
    }
}

fn answers(criterion: &Value) -> Vec<i64> {
    let codes = list(&criterion["condition_codes"])
        .iter()
        .filter_map(|code| code.as_str()?.parse().ok());
    let ranges = list(&criterion["range_sets"]).iter();
    let ranges = ranges.filter_map(|range| Some(range["from"].as_i64()?..=range["to"].as_i64()?));
    codes.chain(ranges.flatten()).collect()
}
