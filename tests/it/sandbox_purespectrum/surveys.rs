//! Making, reading, listing and deleting surveys.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{BASE, ages, codes, plain, plain_with, quota, world};

#[tokio::test]
async fn a_new_survey_is_a_draft_with_defaults() {
    let world = world();
    let created = world.post("/surveys", &plain()).await.with(201);
    assert_eq!(created["ps_survey_id"], 1_000_001);
    assert_eq!(created["ps_survey_status"], 11);
    assert_eq!(created["billing_id"], "PS1000001");
    assert_eq!(created["quotas"], json!([]));
    assert_eq!(created["qualifications"], json!([]));
    for null in ["offer_price", "test_url", "buyer_message", "blend_id"] {
        assert_eq!(created.get(null), Some(&Value::Null), "{null}");
    }
    assert_eq!(created["project_creation_date"], "2026-03-02T18:00:00.000Z");
    assert_eq!(world.survey(1_000_001).await, created);
}

#[tokio::test]
async fn equal_creates_make_two_surveys() {
    let world = world();
    assert_ne!(world.create(&plain()).await, world.create(&plain()).await);
}

#[tokio::test]
async fn the_token_comes_first() {
    let world = world();
    for (name, value) in [("access-token", "other"), ("access_token", "sandbox"), ("x", "y")] {
        let request = Request::builder()
            .uri(format!("{BASE}/nowhere"))
            .header(name, value)
            .body(Body::empty())
            .unwrap();
        let refusal = world.send(request).await.with(401);
        assert!(refusal["msg"].is_string());
        assert_eq!(refusal.as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let world = world();
    world.get("/surveys/5").await.refused(404, 1006);
    world.get("/surveys/abc").await.refused(404, 1006);
    for path in ["", "/performance", "/quotas", "/status"] {
        let path = format!("/surveys/900001{path}");
        world.get(&path).await.refused(403, 1020);
    }
    world.put("/surveys/900001", &json!({})).await.refused(403, 1020);
    world.get("/nowhere").await.refused(404, 9999);
    let request = Request::builder()
        .method("POST")
        .uri(format!("{BASE}/surveys"))
        .header("access-token", "sandbox")
        .body(Body::from("{\"survey_title\": "))
        .unwrap();
    world.send(request).await.refused(400, 1001);
}

#[tokio::test]
async fn what_is_required_or_out_of_range_is_named() {
    let world = world();
    for name in [
        "survey_title",
        "survey_category_code",
        "survey_localization",
        "completes_required",
        "expected_ir",
        "expected_loi",
        "field_time",
    ] {
        let mut body = plain();
        body.as_object_mut().unwrap().remove(name);
        let reply = world.post("/surveys", &body).await;
        reply.refused(400, 9999);
        assert!(reply.text.contains(name), "{}", reply.text);
    }
    for (name, bad) in [
        ("completes_required", json!(0)),
        ("completes_required", json!("20")),
        ("expected_ir", json!(0)),
        ("expected_ir", json!(101)),
        ("expected_loi", json!(0)),
        ("field_time", json!(0)),
        ("survey_localization", json!("english")),
        ("offer_price", json!("3.50")),
        ("offer_price", json!(-1)),
        ("incl_excl", json!(2)),
        ("quota_throttling", json!(1)),
        ("qualifications", json!({})),
    ] {
        let reply = world.post("/surveys", &plain_with(&json!({ name: bad }))).await;
        reply.refused(400, 9999);
        assert!(reply.text.contains(name), "{name}: {}", reply.text);
    }
    assert_eq!(world.get("/surveys?status=11").await.with(200), json!([]));
}

#[tokio::test]
async fn a_draft_needs_no_live_url_but_a_launch_does() {
    let world = world();
    let mut body = plain();
    body.as_object_mut().unwrap().remove("live_url");
    let id = world.create(&body).await;
    world.set_status(id, 22).await.refused(400, 9999);
    let url = json!({"live_url": "https://tea.example.com"});
    world.put(&format!("/surveys/{id}"), &url).await.with(200);
    world.set_status(id, 22).await.with(200);
}

#[tokio::test]
async fn the_vendor_normalises_what_it_keeps() {
    let world = world();
    let id = world
        .create(&plain_with(&json!({
            "source": "platform", "buyer_user_id": 7, "global_flexibility": 66,
            "survey_title": "Tea habits ", "external_project_id": "TEA-1",
            "qualifications": [
                {"qualification_code": 229, "qualification_name": "Zip",
                 "condition_codes": ["03070", "90025", "90210"],
                 "condition_names": [{"03070": "x"}]},
                {"qualification_code": 225, "condition_codes": ["06", "48"]},
                ages(18, 65),
            ],
            "quotas": [{
                "buyer_quota_id": "ca", "required_count": 20,
                "criteria": [codes(225, &["06"])],
                "flexible": {"enable": true, "value": 0}, "percentage": 100, "maximum": 20,
                "minimum": 20, "quota_category": "layered", "current_target": 20,
            }],
        })))
        .await;
    let survey = world.survey(id).await;
    for dropped in ["source", "buyer_user_id", "global_flexibility"] {
        assert_eq!(survey.get(dropped), None, "{dropped}");
    }
    assert_eq!(survey["survey_title"], "Tea habits ");
    assert_eq!(survey["external_project_id"], "TEA-1");
    let zip = &survey["qualifications"][2];
    assert_eq!(zip["qualification_code"], 229);
    assert_eq!(zip.as_object().unwrap().len(), 2);
    let mut back: Vec<&str> = zip["condition_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    assert_ne!(back, ["03070", "90025", "90210"]);
    back.sort_unstable();
    assert_eq!(back, ["03070", "90025", "90210"]);
    let quota = survey["quotas"][0].as_object().unwrap();
    let keys: Vec<&str> = quota.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "buyer_quota_id",
            "quota_title",
            "ps_quota_id",
            "required_count",
            "criteria"
        ]
    );
    assert_eq!(quota["criteria"][0]["condition_codes"], json!(["6"]));
    world.setting("echo_external_project_id", json!(false)).await;
    world.setting("shuffle", json!(false)).await;
    let survey = world.survey(id).await;
    assert_eq!(survey.get("external_project_id"), None);
    assert_eq!(
        survey["qualifications"][0]["condition_codes"],
        json!(["03070", "90025", "90210"])
    );
}

#[tokio::test]
async fn condition_codes_must_be_strings() {
    let world = world();
    let body = plain_with(&json!({
        "qualifications": [{"qualification_code": 211, "condition_codes": [111]}],
    }));
    world.post("/surveys", &body).await.refused(400, 9999);
}

#[tokio::test]
async fn ranges_that_share_an_end_overlap() {
    let world = world();
    let quotas = |first_end| {
        plain_with(&json!({"quotas": [
            quota("a", 10, &[ages(18, first_end)]), quota("b", 10, &[ages(35, 99)]),
        ]}))
    };
    world.post("/surveys", &quotas(35)).await.refused(400, 9999);
    world.post("/surveys", &quotas(34)).await.with(201);
}

#[tokio::test]
async fn the_list_shows_live_surveys_in_pages() {
    let world = world();
    let mut live = Vec::new();
    for _ in 0..5 {
        live.push(world.launch(&plain()).await);
    }
    let draft = world.create(&plain()).await;
    let ids = |value: Value| -> Vec<u64> {
        let surveys = value.as_array().unwrap().iter();
        surveys
            .map(|survey| survey["ps_survey_id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ids(world.get("/surveys").await.with(200)), live);
    assert_eq!(ids(world.get("/surveys/?status=11").await.with(200)), [draft]);
    assert_eq!(ids(world.get("/surveys?limit=2").await.with(200)), live[..2]);
    let last = world.get("/surveys?limit=2&page=3").await.with(200);
    assert_eq!(ids(last), live[4..]);
    assert_eq!(world.get("/surveys?limit=2&page=4").await.with(200), json!([]));
    world.setting("list_page_max", json!(3)).await;
    assert_eq!(ids(world.get("/surveys?limit=50").await.with(200)), live[..3]);
    let lean = world.get("/surveys?targeting=0").await.with(200);
    assert_eq!(lean[0].get("quotas"), None);
    assert_eq!(lean[0].get("qualifications"), None);
    for bad in ["status=12", "limit=0", "page=0", "fromDate=2026", "targeting=2"] {
        let path = format!("/surveys?{bad}");
        world.get(&path).await.refused(400, 9999);
    }
}

#[tokio::test]
async fn the_list_counts_days_in_pacific_time() {
    let world = world();
    // 18:00 UTC on 2 March is 10:00 in Los Angeles; nine hours later it is still that day there.
    let first = world.create(&plain()).await;
    let advance = json!({"advance": "9h"});
    world.admin(Method::POST, "/clock", &advance).await.with(200);
    let second = world.create(&plain()).await;
    world.admin(Method::POST, "/clock", &advance).await.with(200);
    let third = world.create(&plain()).await;
    for (span, wanted) in [
        ("fromDate=20260302&toDate=20260302", vec![first, second]),
        ("fromDate=20260303", vec![third]),
        ("toDate=20260301", vec![]),
    ] {
        let path = format!("/surveys?status=11&{span}");
        let found = world.get(&path).await.with(200);
        let ids: Vec<u64> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|survey| survey["ps_survey_id"].as_u64().unwrap())
            .collect();
        assert_eq!(ids, wanted, "{span}");
    }
}

#[tokio::test]
async fn only_drafts_are_deleted() {
    let world = world();
    let draft = world.create(&plain()).await;
    world.delete(&format!("/surveys/{draft}")).await.with(200);
    world.get(&format!("/surveys/{draft}")).await.refused(404, 1006);
    assert_eq!(world.get("/surveys?status=11").await.with(200), json!([]));
    let live = world.launch(&plain()).await;
    world.delete(&format!("/surveys/{live}")).await.refused(400, 9999);
}

#[tokio::test]
async fn features_the_account_lacks_are_refused_in_their_own_envelope() {
    let world = world();
    let body = plain_with(&json!({
        "is_feot_enabled": true, "feot": {"pacing": "hours", "interval": 12, "is_custom": true},
    }));
    let refusal = world.post("/surveys", &body).await.with(400);
    assert_eq!(refusal["status"], "Failure");
    assert!(refusal["msg"].is_string());
    world.setting("feot_feature", json!(true)).await;
    let created = world.post("/surveys", &body).await.with(201);
    assert_eq!(created["is_feot_enabled"], true);
    assert_eq!(created.get("feot"), None);
}

#[tokio::test]
async fn a_recontact_needs_its_list_to_launch() {
    let world = world();
    let id = world.create(&plain_with(&json!({"incl_excl": 1}))).await;
    world.set_status(id, 22).await.refused(400, 9999);
    let path = format!("/surveys/{id}/PSIDRef");
    let list = json!({"PSIDRef": ["p1", "p2"]});
    world.post(&path, &list).await.with(201);
    world.patch(&path, &json!({"PSIDRef": ["p3"]})).await.with(200);
    let back = world.get(&path).await.with(200);
    assert_eq!(back["PSIDRef"], json!(["p1", "p2", "p3"]));
    assert_eq!(back["incl_excl"], 1);
    world.set_status(id, 22).await.with(200);
    let change = json!({"incl_excl": 0});
    world
        .put(&format!("/surveys/{id}"), &change)
        .await
        .refused(400, 9999);
}

#[tokio::test]
async fn ranges_are_taken_as_numbers_or_digits_and_may_come_back_as_either() {
    let world = world();
    let digits = json!({"qualification_code": 212,
        "range_sets": [{"from": "18", "to": "34", "units": 311}]});
    let body = plain_with(&json!({"quotas": [quota("young", 20, &[digits])]}));
    let id = world.create(&body).await;
    let range = |survey: &Value| survey["quotas"][0]["criteria"][0]["range_sets"][0].clone();
    let numbers = json!({"units": 311, "to": 34, "from": 18});
    assert_eq!(range(&world.survey(id).await), numbers);
    world.setting("string_ranges", json!(true)).await;
    let digits = json!({"units": 311, "to": "34", "from": "18"});
    assert_eq!(range(&world.survey(id).await), digits);
}
