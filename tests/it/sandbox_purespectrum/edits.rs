//! PUT and PATCH on surveys, and the table of status changes.

use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{ages, codes, plain, plain_with, quota, targets, world};

#[tokio::test]
async fn a_put_changes_what_it_names_and_nothing_else() {
    let world = world();
    let id = world
        .create(&plain_with(&json!({
            "qualifications": [codes(211, &["111"])],
            "quotas": [quota("m", 20, &[codes(211, &["111"])])],
            "offer_price": 2.5,
        })))
        .await;
    let before = world.survey(id).await;
    let edit = json!({"survey_title": "Tea, wave 2", "offer_price": null, "ps_survey_id": 4,
        "ps_survey_status": 44});
    let mut after = world.put(&format!("/surveys/{id}/"), &edit).await.with(200);
    assert_eq!(after["survey_title"], "Tea, wave 2");
    assert_eq!(after["offer_price"], Value::Null);
    after["survey_title"] = before["survey_title"].clone();
    after["offer_price"] = before["offer_price"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn quotas_are_replaced_whole_and_keep_their_identity() {
    let world = world();
    let men = || codes(211, &["111"]);
    let women = || codes(211, &["112"]);
    let id = world
        .launch(&plain_with(&json!({"quotas": [
            quota("m", 10, &[men()]), quota("f", 10, &[women()]), quota("x", 5, &[ages(18, 30)]),
        ]})))
        .await;
    let before = world.survey(id).await;
    let send = json!({"survey": id, "completes": 2, "quota": ["m"]});
    world.respondents(&send).await.with(200);
    let edit = json!({"quotas": [quota("f", 12, &[women()]), quota("new", 3, &[ages(31, 40)])]});
    let after = world.put(&format!("/surveys/{id}"), &edit).await.with(200);
    assert_eq!(
        targets(&after),
        [("f".into(), 12), ("new".into(), 3), ("m".into(), 0)],
        "m has completes and stays with target 0, x has none and goes"
    );
    assert_eq!(
        after["quotas"][0]["ps_quota_id"],
        before["quotas"][1]["ps_quota_id"]
    );
    assert_eq!(
        after["quotas"][2]["ps_quota_id"],
        before["quotas"][0]["ps_quota_id"]
    );
    let counters = world.get(&format!("/surveys/{id}/quotas/performance")).await;
    assert_eq!(counters.with(200)[2]["completes_fielded"], 2);
    let back = json!({"quotas": [quota("m", 10, &[men()])]});
    let again = world.put(&format!("/surveys/{id}"), &back).await.with(200);
    assert_eq!(targets(&again), [("m".into(), 10)]);
    let counters = world.get(&format!("/surveys/{id}/quotas/performance")).await;
    assert_eq!(counters.with(200)[0]["completes_fielded"], 2);
}

#[tokio::test]
async fn a_patch_is_all_or_nothing() {
    let world = world();
    let id = world.create(&plain()).await;
    let path = format!("/surveys/{id}");
    let replace =
        |field: &str, value: Value| json!({"op": "replace", "path": format!("/{field}"), "value": value});
    let good = json!([
        replace("completes_required", json!(50)),
        replace("offer_price", json!(3.25)),
        replace("is_dq_enable", json!(true)),
        replace("status", json!(22)),
    ]);
    let after = world.patch(&path, &good).await.with(200);
    assert_eq!(after["completes_required"], 50);
    assert_eq!(after["offer_price"], 3.25);
    assert_eq!(after["is_dq_enable"], true);
    assert_eq!(after["ps_survey_status"], 22);
    for bad in [
        json!([
            replace("offer_price", json!(9)),
            replace("survey_title", json!("x"))
        ]),
        json!([replace("offer_price", json!(9)), {"op": "add", "path": "/offer_price", "value": 1}]),
        json!([
            replace("offer_price", json!(9)),
            replace("ps_survey_status", json!(11))
        ]),
        json!({"op": "replace", "path": "/offer_price", "value": 9}),
        json!([{"op": "replace", "path": "/offer_price"}]),
        json!([replace("completes_required", json!(0))]),
    ] {
        world.patch(&path, &bad).await.refused(400, 9999);
        assert_eq!(world.survey(id).await, after, "{bad}");
    }
}

#[tokio::test]
async fn the_status_changes_as_documented() {
    const CODES: [u16; 4] = [11, 22, 33, 44];
    let world = world();
    for from in CODES {
        for to in CODES {
            let id = world.create(&plain()).await;
            let way: &[u16] = match from {
                22 => &[22],
                33 => &[22, 33],
                44 => &[44],
                _ => &[],
            };
            for step in way {
                world.set_status(id, *step).await.with(200);
            }
            let allowed = from == to || matches!((from, to), (11 | 33, 22) | (22, 33) | (11 | 22 | 33, 44));
            let reply = world.set_status(id, to).await;
            if allowed {
                assert_eq!(reply.with(200)["ps_survey_status"], to, "{from} to {to}");
            } else {
                reply.refused(400, 9999);
            }
            let path = format!("/surveys/{id}/status");
            let now = world.get(&path).await.with(200);
            assert_eq!(now["ps_survey_status"], if allowed { to } else { from });
        }
    }
}

#[tokio::test]
async fn a_closed_survey_is_not_edited() {
    let world = world();
    let id = world.create(&plain()).await;
    world.set_status(id, 44).await.with(200);
    let path = format!("/surveys/{id}");
    world
        .put(&path, &json!({"survey_title": "x"}))
        .await
        .refused(400, 9999);
    let price = json!([{"op": "replace", "path": "/offer_price", "value": 1}]);
    world.patch(&path, &price).await.refused(400, 9999);
    let added = quota("q", 1, &[codes(211, &["111"])]);
    world
        .post(&format!("{path}/quotas"), &added)
        .await
        .refused(400, 9999);
}

#[tokio::test]
async fn qlc_has_its_conditions() {
    let world = world();
    let bad = plain_with(&json!({"qlc": {"enable": true}}));
    world.post("/surveys", &bad).await.refused(400, 9999);
    let qlc = json!({"enable": true, "multiple_quotas": {"enable": true}});
    let without_quota = plain_with(&json!({"qlc": qlc}));
    world.post("/surveys", &without_quota).await.refused(400, 9999);
    let good = plain_with(&json!({"qlc": qlc, "quotas": [quota("m", 5, &[codes(211, &["111"])])]}));
    let created = world.post("/surveys", &good).await.with(201);
    assert_eq!(created["qlc"]["multiple_quotas"]["enable"], true);
    assert_eq!(created["qlc"]["multiple_quotas"]["count_by_quota"], false);
}
