//! A sandbox in this process, and a caller for it.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use infield::sandbox::{Clock, Config, Sandbox};
use infield::vendor::cint::sandbox::Cint;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use tower::ServiceExt as _;

/// Where everything of the account is.
pub(crate) const A: &str = "/demand/accounts/1";
/// The manager of the published examples.
pub(crate) const MANAGER: &str = "b551326b-ac9d-4d32-8823-4f025787dab9";

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The body of an answer that must have `status`; null for none.
    pub(crate) fn with(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
        }
    }

    /// Asserts a refusal in the usual envelope.
    pub(crate) fn refused(&self, status: u16, object: &str) {
        let body = self.with(status);
        assert_eq!(body["object"], object, "{body}");
        assert!(body["detail"].is_string() && body["id"].is_string(), "{body}");
    }

    /// Asserts that profiles are wrong for exactly these reasons, by their numbers.
    pub(crate) fn unprocessable(&self, numbers: &[&str]) {
        let body = self.with(422);
        assert_eq!(body["object"], "unprocessable_entity_error");
        assert!(body["id"].is_null(), "{body}");
        let found: Vec<&str> = body["invalid_params"]
            .as_array()
            .unwrap()
            .iter()
            .map(|param| {
                let (name, reason) = (param["name"].as_str().unwrap(), param["reason"].as_str().unwrap());
                let number = name.rsplit('_').next().unwrap();
                assert!(reason.ends_with(number), "{param}");
                number
            })
            .collect();
        assert_eq!(found, numbers, "{body}");
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last segment of `Location`.
    pub(crate) fn job(&self) -> String {
        self.with(201);
        self.header("location").rsplit('/').next().unwrap().to_owned()
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    router: Router,
    token: String,
    keys: AtomicU64,
}

/// A sandbox in memory whose clock stands still in the summer of 2024.
pub(crate) async fn world() -> World {
    let clock = Clock::manual("2024-07-01T08:00:00Z".parse().unwrap());
    let config = Config {
        clock,
        ..Config::default()
    };
    let sandbox = Sandbox::open(config, vec![Box::new(Cint)]).unwrap();
    let router = sandbox.router();
    let mut world = World {
        sandbox,
        router,
        token: String::new(),
        keys: AtomicU64::new(0),
    };
    world.token = world.login("sandbox").await;
    world
}

impl World {
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn token_for(&self, client: &str, secret: &str) -> Reply {
        let body = json!({
            "client_id": client, "client_secret": secret, "grant_type": "client_credentials",
            "audience": "https://api.luc.id", "auth_scopes": "app:api",
        });
        let request = Request::post("/cint/oauth/token");
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn login(&self, client: &str) -> String {
        let body = self.token_for(client, "sandbox").await.with(200);
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// Takes a new token.
    pub(crate) async fn log_in_again(&mut self) {
        self.token = self.login("sandbox").await;
    }

    /// Calls with these headers beside the usual ones; an empty value leaves a usual one out.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let mut all = vec![
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
            ("cint-api-version".to_owned(), "2025-12-18".to_owned()),
        ];
        if method != Method::GET {
            let key = self.keys.fetch_add(1, Ordering::Relaxed);
            all.push(("idempotency-key".to_owned(), format!("test-{key}")));
        }
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let mut request = Request::builder().method(method).uri(format!("/cint/v1{path}"));
        for (name, value) in all {
            request = request.header(name, value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    /// The bytes of an answer as they come, and how they are packed.
    pub(crate) async fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> (Vec<u8>, String) {
        let mut request = Request::get(format!("/cint/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("cint-api-version", "2025-12-18");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let packed = response.headers().get("content-encoding");
        let packed = packed.map_or("", |value| value.to_str().unwrap()).to_owned();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (bytes.to_vec(), packed)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], &Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, &[], body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path, &[], body).await
    }

    /// Calls the sandbox's own endpoints.
    pub(crate) async fn admin(&self, path: &str, body: &Value) -> Reply {
        let request = Request::post(format!("/_sandbox{path}"));
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn setting(&self, name: &str, value: Value) {
        self.admin("/settings", &json!({ name: value })).await.with(200);
    }

    pub(crate) async fn advance(&self, by: &str) -> Value {
        self.admin("/clock", &json!({"advance": by})).await.with(200)["changes"].clone()
    }

    pub(crate) async fn respondents(&self, group: &str, mut body: Value) -> Reply {
        body["vendor"] = json!("cint");
        body["group"] = json!(group);
        self.admin("/respondents", &body).await
    }

    /// Sends a file.
    pub(crate) async fn csv(&self, path: &str, text: &str) -> Reply {
        let request = Request::post(format!("/cint/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("cint-api-version", "2025-12-18")
            .header("content-type", "text/csv");
        self.send(request.body(Body::from(text.to_owned())).unwrap())
            .await
    }

    /// Makes a project and returns its path.
    pub(crate) async fn project(&self) -> String {
        let body = json!({"name": "Tea study", "project_manager_id": MANAGER});
        let made = self.post(&format!("{A}/projects"), &body).await.with(202);
        format!("{A}/projects/{}", made["id"].as_str().unwrap())
    }

    /// Makes a draft in a project and returns its path.
    pub(crate) async fn draft(&self, project: &str, body: &Value) -> String {
        let made = self
            .post(&format!("{project}/target-groups"), body)
            .await
            .with(201);
        format!("{project}/target-groups/{}", made["id"].as_str().unwrap())
    }

    /// Launches a draft and polls the job to its end.
    pub(crate) async fn launch(&self, group: &str) {
        let body = json!({"end_fielding_at": "2024-08-01T00:00:00Z"});
        let job = self.job(group, "launch-from-draft", &body).await;
        assert_eq!(job["status"], "Completed", "{job}");
    }

    /// Makes a job about a draft and polls it to its end.
    pub(crate) async fn job(&self, group: &str, word: &str, body: &Value) -> Value {
        let path = format!("{group}/fielding-run-jobs/{word}");
        let job = self.post(&path, body).await.job();
        loop {
            let shown = self.get(&format!("{path}/{job}")).await.with(200);
            if shown["status"] != "Processing" {
                return shown;
            }
        }
    }

    /// A live target group with `body`, in a project of its own.
    pub(crate) async fn live(&self, body: &Value) -> String {
        let project = self.project().await;
        let group = self.draft(&project, body).await;
        self.launch(&group).await;
        group
    }

    /// The status of a target group as its project's list shows it.
    pub(crate) async fn status(&self, group: &str) -> String {
        let (project, id) = group.split_once("/target-groups/").unwrap();
        let path = format!("{project}/target-groups?page_size=100");
        let list = self.get(&path).await.with(200);
        let found = list["target_groups"].as_array().unwrap().iter();
        let found = found.clone().find(|found| found["id"] == id).unwrap();
        found["status"].as_str().unwrap().to_owned()
    }

    /// Does something with the run of a target group, under its present ETag.
    pub(crate) async fn act(&self, group: &str, word: &str) -> Reply {
        let run = format!("{group}/fielding-runs/{}", id(group));
        let tag = self.get(&run).await.header("etag").to_owned();
        let headers = [("if-match", tag.as_str())];
        self.call(Method::POST, &format!("{run}/{word}"), &headers, &Value::Null)
            .await
    }

    /// What the changelog says of statuses, newest first: new status, reason, kind of user.
    pub(crate) async fn history(&self, group: &str) -> Vec<(String, String, String)> {
        let path = format!("{group}/changelog?change_types=status_change");
        let log = self.get(&path).await.with(200);
        log["changelog"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let change = &entry["changes"][0];
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (
                    text(&change["new_value"]),
                    text(&change["reason_code"]),
                    text(&entry["user"]["type"]),
                )
            })
            .collect()
    }
}

/// The id at the end of a path.
pub(crate) fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A complete draft without profiles.
pub(crate) fn plain() -> Value {
    json!({
        "name": "Drinkers of tea",
        "business_unit_id": 3337,
        "locale": "eng_us",
        "collects_pii": false,
        "cost_per_interview": {"value": "2.50", "currency_code": "USD"},
        "project_manager_id": MANAGER,
        "fielding_specification": {"start_at": "2024-07-02T00:00:00Z", "end_at": "2024-08-01T00:00:00Z"},
        "completes_goal": 100,
        "expected_length_of_interview_minutes": 10,
        "expected_incidence_rate": 0.5,
        "live_url": "https://survey.example.com/s?rid=[%RID%]",
        "test_url": "https://survey.example.com/s?test=1&rid=[%RID%]",
        "fielding_assistant_assignment": {},
        "allocations": {"open_exchange_allocations": {
            "blocked_supplier_ids": [], "exchange_min_percentage": 0, "exchange_max_percentage": 100, "groups": [],
        }},
    })
}

/// `plain` with some keys set.
pub(crate) fn plain_with(extra: &Value) -> Value {
    let mut body = plain();
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// `plain` with these profiles.
pub(crate) fn with_profiles(kind: &str, profiles: &[Value]) -> Value {
    plain_with(&json!({"profiling": {"profile_adjustment_type": kind, "profiles": profiles}}))
}

pub(crate) fn option(question: u64, option: &str) -> Value {
    json!({"object": "selection", "question_id": question, "option": option})
}

pub(crate) fn ages(min: u64, max: u64) -> Value {
    json!({"object": "range", "question_id": 42, "min": min, "max": max})
}

/// A cell of a profile: name, conditions, and its quota; null for none.
pub(crate) fn cell(name: &str, conditions: &[Value], quota: &Value) -> Value {
    let mut cell = json!({"name": name, "conditions": conditions});
    if !quota.is_null() {
        cell["quota"] = quota.clone();
    }
    cell
}

pub(crate) fn share(percent: f64) -> Value {
    json!({"completes_goal_percentage": percent})
}

pub(crate) fn count(count: u64) -> Value {
    json!({"completes_goal": count})
}

/// A regular profile with quotas.
pub(crate) fn regular(cells: &[Value]) -> Value {
    json!({"object": "regular", "quotas_enabled": true, "targets": cells})
}

/// Men and women with these quotas.
pub(crate) fn genders(men: &Value, women: &Value) -> Value {
    regular(&[
        cell("men", &[option(43, "1")], men),
        cell("women", &[option(43, "2")], women),
    ])
}
