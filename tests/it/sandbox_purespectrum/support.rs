//! A sandbox in this process, and a caller for it.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use infield::sandbox::{Clock, Config, Dropped, Sandbox};
use infield::vendor::purespectrum::sandbox::PureSpectrum;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Where the vendor's paths begin.
pub(crate) const BASE: &str = "/purespectrum/buyers/v2";

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) dropped: Option<Dropped>,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The body as JSON, of an answer that must have `status`.
    pub(crate) fn with(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Asserts a refusal in the usual envelope.
    pub(crate) fn refused(&self, status: u16, code: u16) {
        let body = self.with(status);
        assert_eq!(body["ps_api_response_code"], code, "{body}");
        assert!(body["ps_api_response_message"].is_string(), "{body}");
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) router: Router,
}

/// A sandbox in memory whose clock stands still.
pub(crate) fn world() -> World {
    with(Config {
        clock: Clock::manual("2026-03-02T18:00:00Z".parse().unwrap()),
        ..Config::default()
    })
}

pub(crate) fn with(config: Config) -> World {
    let sandbox = Sandbox::open(config, vec![Box::new(PureSpectrum::new())]).unwrap();
    let router = sandbox.router();
    World { sandbox, router }
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
            dropped: parts.extensions.get::<Dropped>().copied(),
        }
    }

    /// Calls the vendor at a path below its base.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header("access-token", "sandbox")
            .header("content-type", "application/json")
            .body(body)
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &Value::Null).await
    }

    /// Calls the sandbox's own endpoints.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/_sandbox{path}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Makes a survey and returns its id.
    pub(crate) async fn create(&self, body: &Value) -> u64 {
        let created = self.post("/surveys", body).await.with(201);
        created["ps_survey_id"].as_u64().unwrap()
    }

    /// Makes a survey, sets it live, and returns its id.
    pub(crate) async fn launch(&self, body: &Value) -> u64 {
        let id = self.create(body).await;
        self.set_status(id, 22).await.with(200);
        id
    }

    pub(crate) async fn set_status(&self, id: u64, status: u16) -> Reply {
        let body = json!([{"op": "replace", "path": "/ps_survey_status", "value": status}]);
        self.patch(&format!("/surveys/{id}"), &body).await
    }

    pub(crate) async fn survey(&self, id: u64) -> Value {
        self.get(&format!("/surveys/{id}")).await.with(200)
    }

    pub(crate) async fn respondents(&self, body: &Value) -> Reply {
        self.admin(Method::POST, "/respondents", body).await
    }

    pub(crate) async fn setting(&self, name: &str, value: Value) {
        let body = json!({ name: value });
        self.admin(Method::POST, "/settings", &body).await.with(200);
    }

    /// The log of vendor calls.
    pub(crate) async fn log(&self) -> Value {
        self.admin(Method::GET, "/requests", &Value::Null).await.with(200)
    }
}

/// A complete survey without targeting.
pub(crate) fn plain() -> Value {
    json!({
        "survey_title": "Tea habits",
        "survey_category_code": 211,
        "survey_localization": "en_US",
        "completes_required": 20,
        "expected_ir": 40,
        "expected_loi": 8,
        "field_time": 7,
        "live_url": "https://tea.example.com/s?id=[%%token%%]",
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

/// A discrete criterion.
pub(crate) fn codes(code: u64, conditions: &[&str]) -> Value {
    json!({"qualification_code": code, "condition_codes": conditions})
}

/// A range of ages in years.
pub(crate) fn ages(from: u64, to: u64) -> Value {
    json!({"qualification_code": 212, "range_sets": [{"from": from, "to": to, "units": 311}]})
}

/// A quota.
pub(crate) fn quota(id: &str, count: u64, criteria: &[Value]) -> Value {
    json!({"buyer_quota_id": id, "required_count": count, "criteria": criteria})
}

/// The quotas of a survey as `(buyer_quota_id, required_count)`.
pub(crate) fn targets(survey: &Value) -> Vec<(String, u64)> {
    let quotas = survey["quotas"].as_array().unwrap().iter();
    quotas
        .map(|quota| {
            (
                quota["buyer_quota_id"].as_str().unwrap().to_owned(),
                quota["required_count"].as_u64().unwrap(),
            )
        })
        .collect()
}
