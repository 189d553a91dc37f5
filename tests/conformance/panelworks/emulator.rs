//! An emulator of Panelworks, written as if from the documents of a vendor: it knows nothing of the client.
//!
//! Its dialect is none of the three that infield has: a study, prices in minor units, targeting as a text, one envelope for
//! everything, no PATCH and no PUT.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// The path that everything is below.
pub(crate) const BASE: &str = "/pw/1";

/// The key that is let in.
pub(crate) const KEY: &str = "open-sesame";

/// Studies on a page of the list.
const PAGE: usize = 2;

/// A refusal: status and reason.
type Refused = (u16, String);

/// The studio; a copy is the same one.
#[derive(Clone, Default)]
pub(crate) struct Emulator(Arc<Mutex<Studio>>);

#[derive(Default)]
struct Studio {
    studies: Vec<Value>,
    writes: Vec<String>,
    garbled: Option<(String, Value)>,
}

impl Emulator {
    /// The server.
    pub(crate) fn router(&self) -> Router {
        let studio = self.clone();
        Router::new().fallback(move |request: Request| {
            let studio = studio.clone();
            async move { studio.answer(request).await }
        })
    }

    /// Serves at a port of this machine for as long as the process lives; the base URL.
    pub(crate) fn serve(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}{BASE}", listener.local_addr().unwrap());
        let router = self.router();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        url
    }

    fn studio(&self) -> MutexGuard<'_, Studio> {
        self.0.lock().unwrap()
    }

    /// Every study.
    pub(crate) fn studies(&self) -> Vec<Value> {
        self.studio().studies.clone()
    }

    /// Every request that wrote something, since the last time somebody asked.
    pub(crate) fn take_writes(&self) -> Vec<String> {
        std::mem::take(&mut self.studio().writes)
    }

    /// A study made by somebody else, put in field, and then into a state.
    pub(crate) fn by_hand(&self, body: &Value, state: &str) {
        let mut studio = self.studio();
        let id = studio.create(body).unwrap()["ref"].as_str().unwrap().to_owned();
        for word in ["fielding", state] {
            studio.go(&id, word).unwrap();
        }
    }

    /// The first study goes into another state by itself.
    pub(crate) fn becomes(&self, state: &str) {
        let mut studio = self.studio();
        let id = studio.studies[0]["ref"].as_str().unwrap().to_owned();
        studio.go(&id, state).unwrap();
    }

    /// Respondents of the first study: completes of a segment, and others who did not qualify.
    pub(crate) fn respond(&self, segment: usize, completes: u64, screened: u64) {
        let mut studio = self.studio();
        let study = &mut studio.studies[0];
        let add = |value: &mut Value, more: u64| *value = json!(value.as_u64().unwrap() + more);
        add(&mut study["counts"]["got"], completes);
        add(&mut study["counts"]["screened"], screened);
        add(&mut study["segments"][segment]["got"], completes);
    }

    /// From now on the first study is shown with another value at a pointer; `None` takes that back.
    pub(crate) fn garble(&self, garbled: Option<(&str, Value)>) {
        self.studio().garbled = garbled.map(|(pointer, value)| (pointer.to_owned(), value));
    }

    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let key = parts.headers.get("authorization");
        let known = key.is_some_and(|key| key.as_bytes() == format!("Key {KEY}").as_bytes());
        let path = parts.uri.path().strip_prefix(BASE).unwrap_or_default();
        let outcome = if known {
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let query = parts.uri.query().unwrap_or_default();
            self.studio().serve(parts.method.as_str(), path, query, &body)
        } else {
            Err((401, "this key opens nothing".to_owned()))
        };
        let (status, body) = match outcome {
            Ok(data) => (200, json!({"ok": true, "data": data})),
            Err((status, reason)) => (status, json!({"ok": false, "reason": reason})),
        };
        Response::builder()
            .status(status)
            .body(Body::from(body.to_string()))
            .unwrap()
    }
}

impl Studio {
    fn serve(&mut self, method: &str, path: &str, query: &str, body: &Value) -> Result<Value, Refused> {
        if method == "POST" {
            self.writes.push(match body {
                Value::Null => format!("POST {path}"),
                body => format!("POST {path} {body}"),
            });
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            ("GET", ["studies"]) => Ok(self.page(query.strip_prefix("after=").unwrap_or_default())),
            ("GET", ["studies", id]) => self.place(id).map(|at| self.shown(at)),
            ("POST", ["studies"]) => self.create(body),
            ("POST", ["studies", id, "revise"]) => self.revise(id, body),
            ("POST", ["studies", id, "state", word]) => self.go(id, word),
            _ => Err((405, format!("{method} {path} is not served"))),
        }
    }

    fn place(&self, id: &str) -> Result<usize, Refused> {
        let found = self.studies.iter().position(|study| study["ref"] == id);
        found.ok_or_else(|| (404, format!("there is no study {id}")))
    }

    fn shown(&self, at: usize) -> Value {
        let mut study = self.studies[at].clone();
        if let Some((pointer, value)) = self.garbled.as_ref().filter(|_| at == 0) {
            *study.pointer_mut(pointer).unwrap() = value.clone();
        }
        study
    }

    /// The list starts after a study, in the order in which they were made.
    fn page(&self, after: &str) -> Value {
        let start = self.place(after).map_or(0, |at| at + 1);
        let end = (start + PAGE).min(self.studies.len());
        let next = (end < self.studies.len()).then(|| self.studies[end - 1]["ref"].clone());
        let studies: Vec<Value> = (start..end).map(|at| self.shown(at)).collect();
        json!({"studies": studies, "next": next})
    }

    fn create(&mut self, body: &Value) -> Result<Value, Refused> {
        check(body)?;
        for needed in ["label", "market", "goal", "topic"] {
            if body[needed].is_null() {
                return Err(wrong(needed, "is needed"));
            }
        }
        let id = format!("st-{}", self.studies.len() + 1);
        let mut study = json!({
            "ref": id, "state": "sketch", "label": null, "market": null, "goal": null, "reward": null, "minutes": null,
            "entry": null, "topic": null, "memo": null, "audience": "", "segments": [],
            "counts": {"got": 0, "screened": 0}, "fielded_at": null,
        });
        put(&mut study, body);
        self.studies.push(study);
        Ok(json!({"ref": id}))
    }

    /// Changes the keys that are sent, and no other; segments are replaced together.
    fn revise(&mut self, id: &str, body: &Value) -> Result<Value, Refused> {
        check(body)?;
        let at = self.place(id)?;
        if self.studies[at]["state"] == "archived" {
            return Err((409, "an archived study is not revised".to_owned()));
        }
        if body.get("market").is_some() {
            return Err(wrong("market", "stays as it was made"));
        }
        put(&mut self.studies[at], body);
        Ok(Value::Null)
    }

    fn go(&mut self, id: &str, word: &str) -> Result<Value, Refused> {
        let at = self.place(id)?;
        let study = &mut self.studies[at];
        let now = study["state"].as_str().unwrap().to_owned();
        let allowed = now == word
            || matches!(
                (now.as_str(), word),
                ("sketch" | "halted", "fielding")
                    | ("fielding", "halted")
                    | ("sketch" | "fielding" | "halted", "archived")
            );
        if !allowed {
            return Err((409, format!("a study goes not from {now} to {word}")));
        }
        if word == "fielding" {
            for needed in ["entry", "reward"] {
                if study[needed].is_null() {
                    return Err(wrong(needed, "is needed in field"));
                }
            }
            if study["fielded_at"].is_null() {
                study["fielded_at"] = json!("2026-03-02T18:00:00Z");
            }
        }
        study["state"] = json!(word);
        Ok(Value::Null)
    }
}

fn wrong(key: &str, why: &str) -> Refused {
    (422, format!("`{key}` {why}"))
}

/// What a body may say.
fn check(body: &Value) -> Result<(), Refused> {
    let keys = body.as_object().ok_or_else(|| wrong("body", "is no object"))?;
    for (key, value) in keys {
        let text = value.as_str().is_some_and(|text| !text.is_empty());
        let good = match key.as_str() {
            "label" | "topic" => text,
            "market" => value
                .as_str()
                .is_some_and(|text| text.len() == 5 && &text[2..3] == ":"),
            "goal" => value.as_u64().is_some_and(|goal| goal > 0),
            "entry" | "memo" => text || value.is_null(),
            "minutes" => value.is_number() || value.is_null(),
            "reward" => value.is_null() || value["minor"].is_u64() && value["currency"].is_string(),
            "audience" => value.as_str().is_some_and(who),
            "segments" => value.as_array().is_some_and(|all| all.iter().all(segment)),
            _ => return Err(wrong(key, "is no key of a study")),
        };
        if !good {
            return Err(wrong(key, "has a value that no study has"));
        }
    }
    Ok(())
}

/// `sex=m|f&age=18..34`.
fn who(text: &str) -> bool {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.into_iter().all(|part| match part.split_once('=') {
        Some(("sex", answers)) => answers.split('|').all(|answer| ["m", "f"].contains(&answer)),
        Some(("age", answers)) => answers.split('|').all(|range| range.contains("..")),
        _ => false,
    })
}

fn segment(value: &Value) -> bool {
    value["key"].is_string() && value["goal"].is_u64() && value["who"].as_str().is_some_and(who)
}

fn put(study: &mut Value, body: &Value) {
    let had: Vec<Value> = study["segments"].as_array().unwrap().clone();
    let body: &Map<String, Value> = body.as_object().unwrap();
    for (key, value) in body {
        study[key] = value.clone();
    }
    // A segment that stays keeps its count.
    for segment in study["segments"].as_array_mut().unwrap() {
        let old = had.iter().find(|old| old["key"] == segment["key"]);
        segment["got"] = old.map_or(json!(0), |old| old["got"].clone());
    }
}
