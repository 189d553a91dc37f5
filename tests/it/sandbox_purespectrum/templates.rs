//! Templates: the order of refusals and the rules of the merge.

use serde_json::json;

use crate::sandbox_purespectrum::support::{codes, plain, plain_with, quota, targets, world};

#[tokio::test]
async fn a_template_alone_makes_a_survey() {
    let world = world();
    let created = world.post("/surveys", &json!({"template_id": 5})).await.with(201);
    assert_eq!(created["template_id"], 5);
    assert_eq!(created["survey_title"], "Zip panel");
    assert_eq!(created["completes_required"], 100);
    assert_eq!(created["expected_ir"], 34);
    assert_eq!(created["expected_loi"], 23);
    assert_eq!(created["field_time"], 5);
    assert_eq!(created["survey_localization"], "en_US");
    assert_eq!(created["live_url"], json!(null));
    assert_eq!(
        targets(&created),
        [("v11eMeGAyRyYday".into(), 50), ("SJFDq4ZrU1F8ml8".into(), 50)]
    );
}

#[tokio::test]
async fn a_payload_wins_over_its_template_and_quotas_are_scaled() {
    let world = world();
    let body = plain_with(&json!({
        "template_id": 15, "completes_required": 7,
        "qualifications": [{"qualification_code": 212,
            "range_sets": [{"from": 21, "to": 60, "units": 311}]}],
        "quotas": [quota("own", 3, &[codes(211, &["111"])])],
    }));
    let created = world.post("/surveys", &body).await.with(201);
    assert_eq!(created["survey_title"], "Tea habits");
    assert_eq!(created["completes_required"], 7);
    let own = &created["qualifications"][0];
    assert_eq!(own["range_sets"][0]["to"], 60, "the payload's own range wins");
    let all = targets(&created);
    assert_eq!(all[0], ("own".into(), 3));
    let sum = |span: std::ops::Range<usize>| all[span].iter().map(|(_, n)| n).sum::<u64>();
    assert_eq!((sum(1..7), sum(7..10), sum(10..12)), (7, 7, 7));
}

#[tokio::test]
async fn refusals_come_in_the_vendors_order() {
    let world = world();
    let with_template = world.create(&json!({"template_id": 5})).await;
    let without = world.create(&plain()).await;
    let wanted = |id: u64| json!({"template_id": id});
    let with_path = format!("/surveys/{with_template}");
    let without_path = format!("/surveys/{without}");
    for id in [100, 77] {
        world.post("/surveys", &wanted(id)).await.refused(404, 1006);
        world.put(&without_path, &wanted(id)).await.refused(404, 1006);
    }
    let other = world.put(&with_path, &wanted(15)).await;
    other.refused(400, 1014);
    assert!(other.text.contains("only apply one template"), "{}", other.text);
    let late = world.put(&without_path, &wanted(5)).await;
    late.refused(400, 1014);
    assert!(late.text.contains("cannot be applied"), "{}", late.text);
    world.setting("template_feature", json!(false)).await;
    for id in [100, 5, 15] {
        world.post("/surveys", &wanted(id)).await.refused(403, 1018);
        world.put(&with_path, &wanted(id)).await.refused(403, 1018);
    }
    world.get("/templates?UI=0").await.refused(403, 1018);
}

#[tokio::test]
async fn the_own_template_again_resets_the_quotas_unscaled() {
    let world = world();
    let body = json!({"template_id": 5, "completes_required": 400,
        "survey_localization": "es_US", "live_url": "https://tea.example.com"});
    let id = world.launch(&body).await;
    let path = format!("/surveys/{id}");
    let before = world.survey(id).await;
    assert_eq!(targets(&before)[0].1, 200);
    let after = world.put(&path, &json!({"template_id": 5})).await.with(200);
    assert_eq!(after["completes_required"], 400);
    assert_eq!(after["survey_localization"], "es_US");
    assert_eq!(after["ps_survey_status"], 22);
    assert_eq!(targets(&after)[0].1, 50);
    assert_eq!(
        after["quotas"][0]["ps_quota_id"],
        before["quotas"][0]["ps_quota_id"]
    );
}

#[tokio::test]
async fn the_list_has_two_forms() {
    let world = world();
    let short = world.get("/templates?UI=0").await.with(200);
    let folders: Vec<&str> = short
        .as_array()
        .unwrap()
        .iter()
        .map(|folder| folder["folder"].as_str().unwrap())
        .collect();
    assert_eq!(folders, ["Panels", "CA-en", "Austria-German"]);
    assert_eq!(short[0]["templates"][0].as_object().unwrap().len(), 3);
    let long = world.get("/templates?UI=1").await.with(200);
    let template = &long[1]["templates"][0];
    assert_eq!(template["id"], 26);
    assert_eq!(template["shared_with"], json!([1]));
    assert_eq!(template["isOwner"], false);
    assert!(template["owner"].is_u64() && template["is_service_buyer"].is_boolean());
}
