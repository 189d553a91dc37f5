//! Simulated respondents and what the vendor reports about them.

use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{ages, codes, plain, plain_with, quota, world};

#[tokio::test]
async fn completes_are_counted_paid_and_stopped_at_the_goal() {
    let world = world();
    let id = world.launch(&plain_with(&json!({"offer_price": 3.75}))).await;
    let path = format!("/surveys/{id}/performance");
    let before = world.get(&path).await.with(200);
    assert_eq!(before["current_cost"], "0.00");
    assert_eq!(before["total_cost_forecast_at_launch"], "75.00");
    assert_eq!(before["current_overall_incidence"], 40);
    assert_eq!(before["last_block_incidence"], Value::Null);
    let crowd = json!({"survey": id, "completes": 5, "terminations": 10, "over_quotas": 2,
        "drops": 3, "quality_terminations": 1});
    let counted = world.respondents(&crowd).await.with(200);
    assert_eq!(counted["counts"]["completes"], 5);
    assert_eq!(counted["status"], 22);
    let after = world.get(&path).await.with(200);
    assert_eq!(after["current_cost"], "18.75");
    assert_eq!(after["current_overall_incidence"], 25);
    assert_eq!(after["termination_count"], 10);
    assert_eq!(after["drop_off_count"], 3);
    assert_eq!(after["quality_termination_count"], 1);
    let price = json!([{"op": "replace", "path": "/offer_price", "value": 4}]);
    world.patch(&format!("/surveys/{id}"), &price).await.with(200);
    let rest = world
        .respondents(&json!({"survey_id": id, "completes": 20}))
        .await
        .with(200);
    assert_eq!(rest["status"], 33);
    assert_eq!(rest["stopped_because"], "goal reached");
    assert_eq!(rest["counts"]["completes"], 20);
    assert_eq!(rest["counts"]["over_quotas"], 7);
    let done = world.get(&path).await.with(200);
    assert_eq!(done["current_cost"], "78.75");
    assert_eq!(done["cpi_forecast_at_launch"], "3.75");
    assert_eq!(done["projected_acpi"], "3.94");
    assert_eq!(done["ps_survey_status"], 33);
    let more = world.respondents(&json!({"survey": id, "completes": 1})).await;
    assert_eq!(more.status, 409);
    assert!(more.json()["error"].as_str().unwrap().contains("33"));
}

#[tokio::test]
async fn layered_quotas_fill_together_and_pause_the_survey() {
    let world = world();
    let id = world
        .launch(&plain_with(&json!({"quotas": [
            quota("m", 5, &[codes(211, &["111"])]), quota("f", 5, &[codes(211, &["112"])]),
            quota("young", 4, &[ages(18, 34)]), quota("old", 6, &[ages(35, 99)]),
        ]})))
        .await;
    let full = world
        .respondents(&json!({"survey": id, "completes": 12}))
        .await
        .with(200);
    assert_eq!(full["accepted"], json!({"completes": 10, "over_quotas": 2}));
    assert_eq!(full["status"], 33);
    assert_eq!(full["stopped_because"], "every quota reached");
    let quotas = world
        .get(&format!("/surveys/{id}/quotas/performance"))
        .await
        .with(200);
    for quota in quotas.as_array().unwrap() {
        assert_eq!(quota["completes_fielded"], quota["completes_goal"]);
    }
}

#[tokio::test]
async fn cutting_a_live_quota_to_what_it_has_closes_it() {
    let world = world();
    let men = || quota("m", 10, &[codes(211, &["111"])]);
    let id = world.launch(&plain_with(&json!({"quotas": [men()]}))).await;
    world
        .respondents(&json!({"survey": id, "completes": 4, "quota": "m"}))
        .await
        .with(200);
    let mut cut = men();
    cut["required_count"] = json!(4);
    world
        .put(&format!("/surveys/{id}/quotas/m"), &cut)
        .await
        .with(200);
    assert_eq!(world.survey(id).await["ps_survey_status"], 33);
}

#[tokio::test]
async fn what_cannot_be_simulated_is_said() {
    let world = world();
    let id = world.create(&plain()).await;
    for (body, status) in [
        (json!({"survey": id, "completes": 1}), 409),
        (json!({"survey": 5, "completes": 1}), 404),
        (
            json!({"survey": id, "force": true, "completes": 1, "quota": "no"}),
            404,
        ),
        (json!({"survey": id, "completed": 1}), 400),
        (json!({"completes": 1}), 400),
        (json!({"survey": id, "completes": -1}), 400),
        (json!({"vendor": "nobody", "survey": id}), 400),
    ] {
        let reply = world.respondents(&body).await;
        assert_eq!(reply.status.as_u16(), status, "{body}");
        assert!(reply.json()["error"].is_string());
    }
    let forced = json!({"survey": id, "completes": 1, "force": true});
    let counted = world.respondents(&forced).await.with(200);
    assert_eq!(counted["counts"]["completes"], 1);
    assert_eq!(counted["status"], 11);
}
