//! Panelworks, a marketplace that nobody in `src` has heard of: what `contract::Vendor` asks for, and nothing else.
//!
//! Facts, rules and calls are here, its words in `wire`, reading in `read`. This is the smallest whole vendor there is, and the one to start from.

use super::{read, wire};
use http::{HeaderMap, HeaderValue};
use infield::diag::{Code, Rule, Severity, code};
use infield::marketplace::contract::{Line, Lists, Read, Vendor};
use infield::marketplace::http::session::Session;
use infield::marketplace::http::transport::Transport;
use infield::marketplace::shelf::blocks::Block;
use infield::marketplace::shelf::lists::{self, List, Topic};
use infield::marketplace::shelf::rules::{Breach, Place, QuotaRules};
use infield::marketplace::{Account, AccountError};
use infield::model::call::{CallClass, Method, encode_segment};
use infield::model::capability::Mutability;
use infield::model::codebook::{Answer, Codebook, Kind, Question, RawCode};
use infield::model::marketplace::{Facts, Nouns};
use infield::model::{Call, Field, Level, Pace, Quota, Reading, Status, SurveySpec, Traffic, VendorId};
use infield::plan::diff::{FieldName, QuotaEdit};
use infield::plan::market::{Edits, Marketplace, Refusal, StatusChange, Subject};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

static FACTS: Facts = Facts {
    api: "Panelworks, Studies API 1",
    rank: 40,
    nouns: Nouns {
        survey: "study",
        group: "group",
    },
    looks_for_twins: true,
    hosts: &["api.panelworks.example"],
    variables: &["PANELWORKS_"],
    traffic: Traffic {
        pace: Pace {
            requests_per_second: None,
            concurrency: 4,
        },
        why: "its documentation says that there is no limit",
        ..Traffic::UNKNOWN
    },
    ..Facts::plain("panelworks", "Panelworks")
};

/// Panelworks.
pub(crate) const ID: VendorId = VendorId::new(&FACTS);

const BASE: Question = Question {
    code: "",
    name: "",
    label: "",
    kind: Kind::Choice,
    answers: &[],
    complete: true,
    raw: RawCode::PLAIN,
    most: None,
    quota_only: false,
    own: false,
    note: "",
    source: "panelworks handbook, audiences",
};

const fn answer(code: &'static str, name: &'static str) -> Answer {
    Answer::new(code, name, name)
}

static CODEBOOK: Codebook = Codebook {
    questions: &[
        Question {
            code: "age",
            name: "age",
            label: "Age",
            kind: Kind::Number {
                unit: wire::YEARS,
                unit_name: "years",
            },
            ..BASE
        },
        Question {
            code: "sex",
            name: "gender",
            label: "Sex",
            answers: &[answer("m", "male"), answer("f", "female")],
            ..BASE
        },
    ],
    groupings: &[],
    units: &[],
};

const fn rule(text: &'static str) -> Rule {
    Rule {
        vendor: "Panelworks",
        text,
        source: "panelworks handbook, studies",
    }
}

const STUDY: Rule = rule("a study has a label, a market, a goal, a length, a reward, an entry and a topic");
const FIELD: Rule = rule("a study in field has an entry and a reward");
const NO_TIMES: Rule = rule("a study is in field until somebody halts it");

/// The vendor.
#[derive(Debug)]
pub(crate) struct Panelworks;

impl Marketplace for Panelworks {
    fn id(&self) -> VendorId {
        ID
    }

    fn codebook(&self) -> &'static Codebook {
        &CODEBOOK
    }

    fn mutability(&self, field: &FieldName, _status: Status) -> Mutability {
        match field {
            FieldName::Locale => Mutability::CreateOnly("a study stays in the market that it was made for"),
            FieldName::Qualifications | FieldName::QuotaCriteria => Mutability::TargetingWhenLive,
            _ => Mutability::Free,
        }
    }

    fn may_hide(&self, _field: &FieldName) -> bool {
        false
    }

    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        match (from, to) {
            (Status::Closed, to) if to != Status::Closed => {
                Err(Refusal::new("an archived study stays archived").help("field it again under a new name"))
            }
            (Status::Draft, Status::Paused) | (Status::Live | Status::Paused, Status::Draft) => {
                Err(Refusal::new(format!("Panelworks has no way from {from} to {to}")))
            }
            _ => Ok(()),
        }
    }

    fn missing_for_launch(&self, _level: Level, after: &SurveySpec) -> Vec<Refusal> {
        let missing =
            |what: &str| Refusal::new(format!("a study in field has `{what}`")).at(format!("/{what}"));
        let url = after.live_url.value().is_none().then(|| missing("live_url"));
        let price = after.cpi.value().is_none().then(|| missing("cpi"));
        url.into_iter().chain(price).collect()
    }

    fn create(&self, _subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        let fields = wire::fields().filter_map(|field| wire::field(&field, wanted));
        let mut body: Map<String, Value> = fields
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        if let Field::Set(criteria) = &wanted.qualifications {
            body.insert("audience".to_owned(), wire::who(criteria).into());
        }
        if let Field::Set(quotas) = &wanted.quotas {
            body.insert("segments".to_owned(), quotas.iter().map(wire::segment).collect());
        }
        Ok(vec![Call {
            body: Some(Value::Object(body).into()),
            returns_id: Some("/ref".to_owned()),
            ..Call::new(Method::Post, "/studies", CallClass::Create, "make the study")
        }])
    }

    /// One call for everything: a revision changes the keys that it has. Segments are replaced together.
    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        let fields = edits
            .fields
            .iter()
            .filter_map(|field| wire::field(field, edits.wanted));
        let mut body: Map<String, Value> = fields.map(|(key, value)| (key.to_owned(), value)).collect();
        if !edits.qualifications.is_empty() {
            let mut criteria = edits.live.qualifications.value().cloned().unwrap_or_default();
            for edit in edits.written.qualifications.iter().chain(edits.qualifications) {
                criteria.retain(|criterion| criterion.question != edit.question);
                criteria.extend(edit.after.clone());
            }
            body.insert("audience".to_owned(), wire::who(&criteria).into());
        }
        if !edits.quotas.is_empty() {
            body.insert("segments".to_owned(), segments(edits));
        }
        let keys: Vec<&str> = body.keys().map(String::as_str).collect();
        let purpose = format!("revise {}", keys.join(", "));
        let path = format!("/studies/{}/revise", encode_segment(&edits.live.id));
        Ok(vec![Call {
            body: Some(Value::Object(body).into()),
            ..Call::new(Method::Post, path, CallClass::IdempotentWrite, purpose)
        }])
    }

    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        let path = format!("/studies/{}/state/{}", change.id, wire::state(change.to));
        let purpose = format!("set the status to {}", change.to);
        vec![Call {
            reaches: Some(change.to),
            ..Call::new(Method::Post, path, CallClass::IdempotentWrite, purpose)
        }]
    }
}

/// All segments as they will be, those of others included.
fn segments(edits: &Edits<'_>) -> Value {
    let live = edits.live.quotas.iter().map(|quota| Quota {
        name: quota.id.clone(),
        completes: quota.completes,
        criteria: quota.criteria.clone(),
    });
    let mut quotas: Vec<Quota> = live.collect();
    for edit in edits.written.quotas.iter().chain(edits.quotas) {
        match edit {
            QuotaEdit::Add(after) | QuotaEdit::Change { after, .. } => {
                match quotas.iter_mut().find(|quota| quota.name == after.name) {
                    Some(quota) => *quota = after.clone(),
                    None => quotas.push(after.clone()),
                }
            }
            QuotaEdit::Stop { before } => quotas.retain(|quota| quota.name != before.id),
        }
    }
    quotas.iter().map(wire::segment).collect()
}

impl Vendor for Panelworks {
    fn block_schema(&self, level: Level) -> Option<Value> {
        (level == Level::Survey).then(|| {
            json!({
                "title": "Panelworks",
                "description": "Fields the survey on Panelworks, where it is a study; settings that only this vendor has.",
                "type": ["object", "null"],
                "additionalProperties": false,
                "properties": {
                    "topic": {
                        "title": "Topic", "description": "What the study is about.",
                        "type": "string", "enum": ["food", "health", "travel"], "examples": ["food"],
                    },
                    "note": {
                        "title": "Note", "description": "A note to oneself.",
                        "type": ["string", "null"], "minLength": 1, "examples": ["second wave"],
                    },
                },
                "examples": [{"topic": "food"}],
            })
        })
    }

    fn block(&self, block: &Value, _level: Level) -> Block {
        let settings = block.as_object().into_iter().flatten();
        let settings = settings.map(|(key, value)| {
            let value = Some(value.clone()).filter(|value| !value.is_null());
            (key.clone(), Field::shown(value))
        });
        Block::of(settings.collect())
    }

    fn line(&self, account: &Account, _transport: &Arc<dyn Transport>) -> Result<Line, AccountError> {
        let key = format!("Key {}", account.token.expose_secret());
        let mut key = HeaderValue::try_from(key).map_err(|_| AccountError::Token("Panelworks"))?;
        key.set_sensitive(true);
        Ok(Line {
            production: "https://api.panelworks.example/1",
            headers: HeaderMap::from_iter([(http::header::AUTHORIZATION, key)]),
            decoder: read::decode,
            tokens: None,
            pace: FACTS.traffic.pace,
            own: |_, body| body.get("ok").is_some_and(Value::is_boolean),
            lists_settle_after: Duration::from_secs(60),
            never_planned: |_| false,
        })
    }

    fn reader(&self, session: Arc<Session>) -> Arc<dyn Read> {
        Arc::new(read::Reader(session))
    }

    fn breaches(&self, _level: Level, spec: &SurveySpec) -> Vec<Breach> {
        let mut out = Vec::new();
        let topic = spec.attributes.contains_key("topic");
        let lacks = [
            ("title", spec.title.is_absent()),
            ("locale", spec.locale.is_absent()),
            ("completes", spec.completes.is_absent()),
            ("topic", !topic),
        ];
        for (what, _) in lacks.into_iter().filter(|(_, lacks)| *lacks) {
            let message = format!("a study cannot be made without `{what}`");
            out.push(breach(
                code::SURVEY_INCOMPLETE,
                Place::Whole,
                message,
                what,
                STUDY,
            ));
        }
        let live = spec.status == Field::Set(Status::Live);
        let lacks = [
            ("live_url", spec.live_url.value().is_none()),
            ("cpi", spec.cpi.value().is_none()),
        ];
        for (what, _) in lacks.into_iter().filter(|(_, lacks)| live && *lacks) {
            let message = format!("a live study needs `{what}`");
            out.push(breach(
                code::SURVEY_LAUNCH_INCOMPLETE,
                Place::Field("status"),
                message,
                what,
                FIELD,
            ));
        }
        let unknown = [
            ("incidence_rate", !spec.incidence_rate.is_absent()),
            ("field_days", !spec.field_days.is_absent()),
            ("max_cpi", !spec.max_cpi.is_absent()),
            ("test_url", !spec.test_url.is_absent()),
        ];
        for (what, _) in unknown.into_iter().filter(|(_, given)| *given) {
            let message = format!("a study has no `{what}`");
            out.push(breach(
                code::VENDOR_UNSUPPORTED,
                Place::Field(what),
                message,
                "",
                STUDY,
            ));
        }
        out
    }

    fn quota_rules(&self) -> QuotaRules {
        QuotaRules {
            below: rule("a study ends when its segments are full"),
            above: rule("a study ends at its goal"),
            any_full_ends: rule("who fits a full segment is not let in"),
        }
    }

    fn takes_no_times(&self) -> Option<Rule> {
        Some(NO_TIMES)
    }

    fn lists(&self) -> Option<&dyn Lists> {
        Some(self)
    }
}

impl Lists for Panelworks {
    /// Its questions are in the codebook; everything else it does not list.
    fn without_asking(&self, topic: Topic, locale: Option<&str>) -> Option<Reading<List>> {
        Some(if topic.about_questions() {
            Reading::Present(lists::codebook(&CODEBOOK, locale))
        } else {
            Reading::Absent {
                proof: format!("Panelworks has no list of {}", topic.noun()),
            }
        })
    }
}

fn breach(code: Code, place: Place, message: String, missing: &'static str, rule: Rule) -> Breach {
    let help = match missing {
        "" => "leave it out".to_owned(),
        "topic" => "add `panelworks: {topic: food}`".to_owned(),
        missing => format!("add `{missing}`"),
    };
    Breach {
        severity: Severity::Error,
        code,
        message,
        place,
        label: "here".to_owned(),
        also: None,
        missing: Some(missing)
            .filter(|missing| !missing.is_empty())
            .into_iter()
            .collect(),
        help,
        rule,
    }
}
