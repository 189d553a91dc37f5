//! The documented examples: each request is accepted, or refused where the documents say so, and
//! each answer has the documented keys with values of the documented types.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::sandbox_purespectrum::documented::{Keys, conforms, fixture, request};
use crate::sandbox_purespectrum::support::{World, codes, plain, plain_with, quota, world};

/// Makes a survey of the documented example, launches it, and returns its path.
async fn launched(world: &World) -> String {
    let id = world
        .launch(&request("create_survey_age_income_gender.request"))
        .await;
    format!("/surveys/{id}")
}

#[test]
fn the_index_names_every_file() {
    let index = fixture("INDEX.json");
    let listed: BTreeSet<String> = index["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| {
            assert!(example["source"].is_string(), "{example}");
            example["file"].as_str().unwrap().to_owned()
        })
        .collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/purespectrum");
    let mut found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.remove("INDEX.json");
    assert_eq!(listed, found);
}

#[tokio::test]
async fn creates() {
    let world = world();
    for (sent, documented) in [
        ("create_survey_first", "create_survey_first"),
        ("create_survey_minimal", "create_survey_first"),
        ("create_survey_age_income_gender", "create_survey_first"),
        (
            "create_survey_us_zip_qualification",
            "create_survey_us_zip_qualification",
        ),
    ] {
        let body = request(&format!("{sent}.request"));
        let created = world.post("/surveys", &body).await.with(201);
        conforms(documented, &created, Keys::MoreIsFine);
        let path = format!("/surveys/{}", created["ps_survey_id"]);
        let read = world.get(&path).await.with(200);
        assert_eq!(read, created);
    }
    let documented = request("get_survey.response");
    let body = plain_with(&json!({
        "qualifications": documented["qualifications"], "quotas": documented["quotas"],
    }));
    let id = world.create(&body).await;
    conforms("get_survey", &world.survey(id).await, Keys::MoreIsFine);
    let overlapping = request("create_survey_overlapping_income_quotas.request");
    world.post("/surveys", &overlapping).await.refused(400, 9999);
}

#[tokio::test]
async fn the_first_create_answers_as_documented_to_the_value() {
    let world = world();
    let body = request("create_survey_first.request");
    let created = world.post("/surveys", &body).await.with(201);
    let mut documented = request("create_survey_first.response");
    let id = created["ps_survey_id"].clone();
    documented["billing_id"] = json!(format!("PS{id}"));
    documented["ps_survey_id"] = id;
    for (key, value) in documented.as_object().unwrap() {
        assert_eq!(created.get(key), Some(value), "{key}");
    }
}

#[tokio::test]
async fn fragments() {
    let world = world();
    let feot = request("create_survey_with_feot.request_fragment");
    let refusal = world.post("/surveys", &plain_with(&feot)).await.with(400);
    assert_eq!(refusal, request("feature_not_enabled_feot.response"));
    world.setting("feot_feature", json!(true)).await;
    world.post("/surveys", &plain_with(&feot)).await.with(201);
    let mut qlc = plain_with(&request("enable_qlc.request_fragment"));
    qlc["quotas"] = json!([quota("q", 5, &[codes(211, &["111"])])]);
    world.post("/surveys", &qlc).await.with(201);
    let id = world.create(&plain()).await;
    let external = request("put_survey_external_project_id.request_fragment");
    let edited = world.put(&format!("/surveys/{id}"), &external).await;
    assert_eq!(
        edited.with(200)["external_project_id"],
        external["external_project_id"]
    );
}

#[tokio::test]
async fn a_create_from_a_template_with_overrides() {
    let world = world();
    let body = request("create_from_template_with_overrides.request");
    let created = world.post("/surveys", &body).await.with(201);
    let documented = request("create_from_template_with_overrides.response");
    conforms("create_from_template_with_overrides", &created, Keys::MoreIsFine);
    let more: Vec<&String> = created
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| documented.get(key).is_none())
        .collect();
    assert_eq!(more, ["aida", "is_modular_survey"], "keys of later documents");
    // Which quotas, in which order, of which size.
    let essence = |survey: &Value| -> Vec<Value> {
        let quotas = survey["quotas"].as_array().unwrap().iter();
        quotas
            .map(|quota| {
                let criterion = &quota["criteria"][0];
                let mut codes = criterion["condition_codes"].clone();
                if let Some(codes) = codes.as_array_mut() {
                    codes.sort_by_key(ToString::to_string);
                }
                json!([
                    quota["buyer_quota_id"],
                    quota["required_count"],
                    criterion["qualification_code"],
                    criterion["range_sets"],
                    codes,
                ])
            })
            .collect()
    };
    assert_eq!(essence(&created), essence(&documented));
    let codes = |survey: &Value| -> Vec<Value> {
        let items = survey["qualifications"].as_array().unwrap().iter();
        items.map(|item| item["qualification_code"].clone()).collect()
    };
    assert_eq!(codes(&created), codes(&documented));
    for key in [
        "survey_title",
        "live_url",
        "test_url",
        "offer_price",
        "template_id",
    ] {
        assert_eq!(created[key], documented[key], "{key}");
    }
}

#[tokio::test]
async fn templates_are_refused_in_the_documented_words() {
    let world = world();
    let not_found = world
        .post(
            "/surveys",
            &request("create_from_template_not_accessible.request"),
        )
        .await;
    assert_eq!(not_found.with(404), request("template_not_found_1006.response"));
    let own = world.create(&json!({"template_id": 15})).await;
    let only_id = request("put_template_only_id.request");
    let other = world.put(&format!("/surveys/{own}"), &only_id).await;
    assert_eq!(other.with(400), request("put_other_template_1014.response"));
    world.setting("template_feature", json!(false)).await;
    let disabled = request("create_from_template_feature_disabled.request");
    let refusal = world.post("/surveys", &disabled).await;
    assert_eq!(refusal.with(403), request("template_not_enabled_1018.response"));
}

#[tokio::test]
async fn a_put_with_the_own_template() {
    let world = world();
    let mut body = json!({"live_url": "https://ask.example.com/live", "offer_price": 10,
        "completes_required": 400, "survey_localization": "es_US",
        "subscriber_emails": ["field@example.com"]});
    body["template_id"] = json!(5);
    let id = world.launch(&body).await;
    let only_id = request("put_template_only_id.request");
    let edited = world.put(&format!("/surveys/{id}"), &only_id).await.with(200);
    conforms("put_template_only_id", &edited, Keys::MoreIsFine);
    let documented = request("put_template_only_id.response");
    for key in [
        "ps_survey_status",
        "offer_price",
        "survey_title",
        "completes_required",
        "field_time",
        "expected_loi",
        "expected_ir",
        "survey_localization",
        "template_id",
        "survey_category_code",
    ] {
        assert_eq!(edited[key], documented[key], "{key}");
    }
    for (quota, example) in [(0, 0), (1, 1)] {
        for key in ["buyer_quota_id", "required_count"] {
            assert_eq!(edited["quotas"][quota][key], documented["quotas"][example][key]);
        }
    }
    let listed = world.get("/templates?UI=0").await.with(200);
    conforms("list_templates_ui0", &listed, Keys::Exact);
    for folder in request("list_templates_ui0.response").as_array().unwrap() {
        assert!(listed.as_array().unwrap().contains(folder), "{folder}");
    }
}

#[tokio::test]
async fn edits_of_surveys() {
    let world = world();
    let path = launched(&world).await;
    let whole = request("put_survey_edit_quotas.request");
    world.put(&path, &whole).await.with(200);
    for name in [
        "patch_completes_required",
        "patch_offer_price",
        "patch_is_dq_enable",
    ] {
        let body = request(&format!("{name}.request"));
        let edited = world.patch(&path, &body).await.with(200);
        conforms(name, &edited, Keys::MoreIsFine);
        let field = body[0]["path"].as_str().unwrap().trim_start_matches('/');
        assert_eq!(edited[field], body[0]["value"]);
    }
}

#[tokio::test]
async fn quotas_and_qualifications() {
    let world = world();
    let path = launched(&world).await;
    let quotas = format!("{path}/quotas");
    let added = world.post(&quotas, &request("post_quota.request")).await;
    assert_eq!(added.with(201), Value::Null);
    let one = format!("{quotas}/qb30");
    let body = request("put_quota.request");
    assert_eq!(world.put(&one, &body).await.with(200), body);
    let target = request("patch_quota_current_target.request");
    let internal = world.patch(&one, &target).await.with(200);
    conforms("patch_quota_current_target", &internal, Keys::Exact);
    let counters = world.get(&format!("{quotas}/performance")).await.with(200);
    conforms("get_quotas_performance", &counters, Keys::Exact);
    let qualification = request("put_qualification.request");
    let put = world
        .put(&format!("{path}/qualifications/213"), &qualification)
        .await;
    conforms("put_qualification", &put.with(201), Keys::Exact);
    world.delete(&one).await.with(200);
    let suppliers = request("put_suppliers.request");
    let put = world
        .put(&format!("{path}/suppliers"), &suppliers)
        .await
        .with(200);
    conforms("put_suppliers", &put, Keys::Exact);
    let mut with_group = suppliers;
    with_group.as_array_mut().unwrap().push(json!({
        "cpi": 6, "completes_goal": 100, "suppliers": [6, 23], "group_name": "Two",
        "group_ref": "abc",
    }));
    world
        .put(&format!("{path}/suppliers"), &with_group)
        .await
        .with(200);
    let of_survey = world.get(&format!("{path}/suppliers")).await.with(200);
    conforms("get_survey_suppliers", &of_survey, Keys::MoreIsFine);
    let by_supplier = request("post_quota_by_supplier.request");
    let echo = world.post(&format!("{quotas}?QBS=1"), &by_supplier).await;
    assert_eq!(echo.with(200), request("post_quota_by_supplier_qbs1.response"));
}

#[tokio::test]
async fn groups_feasibility_suppliers_and_channels() {
    let world = world();
    let group = request("create_survey_group.request");
    let made = world.post("/surveygroups", &group).await.with(201);
    for (key, value) in group.as_object().unwrap() {
        assert_eq!(made.get(key), Some(value), "{key}");
    }
    let question = request("feasibility_simple.request");
    let estimate = world.post("/feasibility?summary=1", &question).await.with(200);
    conforms("feasibility_simple", &estimate, Keys::Exact);
    let again = world.post("/feasibility", &question).await.with(200);
    assert_eq!(again, estimate);
    let full = world.post("/feasibility?summary=2", &question).await.with(200);
    assert!(full["quotas"][0]["suppliers"][0]["supplier_id"].is_u64());
    let suppliers = world.get("/suppliers?locale=en_US").await.with(200);
    conforms("get_available_suppliers", &suppliers, Keys::Exact);
    let draft = world.create(&plain()).await;
    let replica = request("launch_traffic_channel_replica.request");
    let early = world.post(&format!("/surveys/{draft}/channels"), &replica).await;
    assert_eq!(
        early.with(400),
        request("launch_traffic_channel_parent_not_live_9999.response")
    );
    let path = launched(&world).await;
    for body in [
        replica,
        request("launch_traffic_channel_specific_audience.request"),
    ] {
        let accepted = world.post(&format!("{path}/channels"), &body).await;
        assert_eq!(accepted.with(201), request("launch_traffic_channel.response"));
    }
}

#[tokio::test]
async fn performance() {
    let world = world();
    let id = world
        .launch(&plain_with(
            &json!({"offer_price": 123.65, "completes_required": 5,
            "expected_loi": 20, "expected_ir": 20}),
        ))
        .await;
    let metrics = world.get(&format!("/surveys/{id}/performance")).await.with(200);
    assert_eq!(metrics, request("get_survey_performance.response"));
    let missing = world.get("/surveys/1/performance").await;
    assert_eq!(
        missing.with(404),
        request("get_survey_performance_not_found_1006.response")
    );
}

#[tokio::test]
async fn transactions() {
    let world = world();
    let path = launched(&world).await;
    let id: u64 = path.trim_start_matches("/surveys/").parse().unwrap();
    let make = json!({"survey": id, "transaction_id": "t", "status": 16});
    world.admin(Method::POST, "/transactions", &make).await.with(200);
    for (call, status, name) in [
        ("t/status", 400, "transaction_status_missing_params_1002"),
        ("t/status?st=99", 400, "transaction_status_bad_code_1001"),
        ("u/status?st=21", 400, "transaction_status_not_found_1004"),
        ("t/status?st=21&quota_id=1,2,3", 200, "transaction_status_ok"),
    ] {
        let call = format!("{path}/transactions/{call}");
        let reply = world.post(&call, &Value::Null).await;
        assert_eq!(reply.with(status), request(&format!("{name}.response")));
    }
    let request = Request::builder()
        .uri(format!("/purespectrum/buyers/v3{path}/transactions/t"))
        .header("access-token", "sandbox")
        .body(Body::empty())
        .unwrap();
    let shown = world.send(request).await.with(200);
    conforms("get_transaction_v3", &shown, Keys::Exact);
}
