//! The quota, qualification, supplier and group endpoints.

use http::Method;
use serde_json::{Value, json};

use super::support::{ages, codes, plain, plain_with, quota, targets, world};

#[tokio::test]
async fn a_quota_is_added_changed_and_removed() {
    let world = world();
    let id = world.create(&plain()).await;
    let path = format!("/surveys/{id}/quotas");
    let added = world.post(&path, &quota("q1", 8, &[codes(214, &["112"])])).await;
    assert_eq!(added.with(201), Value::Null, "no body");
    world
        .post(&path, &quota("q1", 8, &[codes(214, &["113"])]))
        .await
        .refused(400, 9999);
    let one = world.get(&format!("{path}/q1")).await.with(200);
    let by_server_id = format!("{path}/{}", one["ps_quota_id"].as_str().unwrap());
    let echo = world
        .put(&by_server_id, &quota("q1", 9, &[codes(214, &["112"])]))
        .await
        .with(200);
    assert_eq!(echo, quota("q1", 9, &[codes(214, &["112"])]));
    let target = |value: u64| json!([{"op": "replace", "path": "/current_target", "value": value}]);
    let internal = world.patch(&format!("{path}/q1"), &target(4)).await.with(200);
    assert_eq!(internal["quantities"]["current_target"], 4);
    world
        .patch(&format!("{path}/q1"), &target(10))
        .await
        .refused(400, 9999);
    let all = world.get(&format!("{path}?UI=1&QBS=1&page=1&limit=5")).await;
    assert_eq!(all.with(200)[0]["suppliers"], json!([]));
    world.delete(&format!("{path}/q1")).await.with(200);
    world.get(&format!("{path}/q1")).await.refused(404, 1006);
    assert_eq!(world.survey(id).await["quotas"], json!([]));
}

#[tokio::test]
async fn a_quota_made_in_the_interface_has_only_the_servers_id() {
    let world = world();
    let id = world.create(&plain()).await;
    let made = world
        .admin(
            Method::POST,
            "/ui/quotas",
            &json!({"survey": id, "title": "By hand", "required_count": 4,
                "criteria": [ages(18, 24)]}),
        )
        .await
        .with(200);
    assert_eq!(made["buyer_quota_id"], "");
    let survey = world.survey(id).await;
    let server_id = survey["quotas"][0]["ps_quota_id"].clone();
    assert_eq!(made["ps_quota_id"], server_id);
    // Sent back whole, as a client does that lists every quota it saw.
    let edit = json!({"quotas": survey["quotas"]});
    let after = world.put(&format!("/surveys/{id}"), &edit).await.with(200);
    assert_eq!(after["quotas"][0]["ps_quota_id"], server_id);
    let path = format!("/surveys/{id}/quotas/{}", server_id.as_str().unwrap());
    world.delete(&path).await.with(200);
}

#[tokio::test]
async fn a_quota_without_an_id_gets_one() {
    let world = world();
    let body = plain_with(&json!({"quotas": [
        {"required_count": 5, "criteria": [codes(211, &["111"])]},
    ]}));
    let created = world.post("/surveys", &body).await.with(201);
    let (id, _) = &targets(&created)[0];
    assert_eq!(id.len(), 15);
    assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
}

#[tokio::test]
async fn qualifications_are_reached_by_code() {
    let world = world();
    let id = world.create(&plain()).await;
    let path = format!("/surveys/{id}/qualifications");
    world.post(&path, &codes(211, &["111"])).await.with(201);
    world.post(&path, &codes(211, &["112"])).await.refused(400, 9999);
    world
        .put(&format!("{path}/211"), &codes(211, &["112"]))
        .await
        .with(201);
    let one = world.get(&format!("{path}/211")).await.with(200);
    assert_eq!(one["condition_codes"], json!(["112"]));
    world.delete(&format!("{path}/211")).await.with(200);
    world.get(&format!("{path}/211")).await.refused(404, 1006);
}

#[tokio::test]
async fn a_quota_by_supplier_needs_suppliers_of_the_survey() {
    let world = world();
    let id = world.create(&plain()).await;
    let suppliers = json!([
        {"cpi": 2.5, "completes_goal": 10, "suppliers": [1]},
        {"cpi": 2, "completes_goal": 10, "suppliers": [3, 6], "group_name": "Two",
         "group_ref": "two"},
    ]);
    let path = format!("/surveys/{id}/suppliers");
    let put = world.put(&path, &suppliers).await.with(200);
    assert_eq!(put[1]["intent"]["intent_not_set"], json!([3, 6]));
    let all = world.get(&path).await.with(200);
    assert_eq!(all.as_array().unwrap()[..2], put.as_array().unwrap()[..]);
    // None can be taken off a survey: who is left out has nothing to bring.
    let rest: Vec<_> = all.as_array().unwrap()[2..]
        .iter()
        .map(|row| row["completes_goal"].clone())
        .collect();
    assert_eq!(rest, [0, 0, 0, 0]);
    let with_stats = world.get(&format!("{path}?stats=1")).await.with(200);
    assert!(with_stats[0]["performance"].is_array());
    let by = |reference: &str| {
        let mut quota = quota(&format!("q-{reference}"), 5, &[codes(211, &["111"])]);
        quota["suppliers"] = json!([{"supplier_ref_id": reference, "current_target": 5}]);
        quota
    };
    let quotas = format!("/surveys/{id}/quotas");
    let echo = world.post(&format!("{quotas}?QBS=1"), &by("two")).await;
    assert_eq!(echo.with(200)["suppliers"], by("two")["suppliers"]);
    let plain_echo = world.post(&format!("{quotas}?QBS=0"), &by("1")).await.with(200);
    assert_eq!(plain_echo.get("suppliers"), None);
    world
        .post(&format!("{quotas}?QBS=1"), &by("99"))
        .await
        .refused(400, 9999);
    world
        .put(&path, &json!([{"completes_goal": 1, "suppliers": [4]}]))
        .await
        .refused(400, 9999);
    world.get("/suppliers?locale=xx_XX").await.refused(400, 9999);
}

#[tokio::test]
async fn a_groups_reference_is_taken_once_for_everybody() {
    let world = world();
    let first = world.create(&plain()).await;
    let second = world.create(&plain()).await;
    let group = json!({"buyer_surveygroup_ref": "acme_tea", "name": "Tea",
        "surveys_in_group": [first, second], "exclusion_period": 90});
    let made = world.post("/surveygroups", &group).await.with(201);
    world.post("/surveygroups", &group).await.refused(400, 9999);
    let by_number = world
        .get(&format!("/surveygroups/{}", made["id"]))
        .await
        .with(200);
    assert_eq!(by_number, world.get("/surveygroups/acme_tea").await.with(200));
    assert_eq!(world.survey(second).await["buyer_surveygroup_ref"], "acme_tea");
    let fewer = json!({"surveys_in_group": [first]});
    let after = world.put("/surveygroups/acme_tea", &fewer).await.with(200);
    assert_eq!(after["surveys_in_group"], json!([first]));
    assert_eq!(after["exclusion_period"], 90);
    assert_eq!(world.survey(second).await["buyer_surveygroup_refs"], json!([]));
    let mut taken = group.clone();
    taken["buyer_surveygroup_ref"] = json!("othercompany_group_1");
    world.post("/surveygroups", &taken).await.refused(400, 9999);
    world
        .get("/surveygroups/othercompany_group_1")
        .await
        .refused(403, 1020);
    world.delete("/surveygroups/acme_tea").await.with(200);
    world.get("/surveygroups/acme_tea").await.refused(404, 1006);
}
