//! Profiles: numbers, rules, and what a launched target group can change.

use crate::sandbox_cint::support::{
    A, World, ages, cell, count, genders, id, option, plain_with, regular, share, with_profiles, world,
};
use serde_json::{Value, json};

fn profiling(kind: &str, profiles: &[Value]) -> Value {
    json!({"profile_adjustment_type": kind, "profiles": profiles})
}

fn blend(kind: &str, cells: &[Value]) -> Value {
    json!({"object": "blended", "blended_type": kind, "name": "blend", "quotas_enabled": true, "targets": cells})
}

/// The counts of every profile of a launched target group.
async fn counts(world: &World, group: &str) -> Vec<Vec<u64>> {
    let list = world.get(&format!("{group}/profiles")).await.with(200);
    list["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|profile| {
            let targets = profile["targets"].as_array().unwrap().iter();
            targets
                .map(|target| target["quota"]["completes_goal"].as_u64().unwrap())
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn shares_become_the_nearest_counts() {
    let world = world().await;
    let four = [
        ("a", 15, 19, 28.21),
        ("b", 20, 29, 30.79),
        ("c", 30, 39, 21.4),
        ("d", 40, 99, 19.6),
    ];
    let four = four.map(|(name, from, to, percent)| cell(name, &[ages(from, to)], &share(percent)));
    let mut body = with_profiles(
        "percentage",
        &[genders(&share(49.21), &share(50.79)), regular(&four)],
    );
    body["completes_goal"] = json!(1000);
    let group = world.live(&body).await;
    // The vendor's published numbers.
    assert_eq!(
        counts(&world, &group).await,
        [vec![492, 508], vec![282, 308, 214, 196]]
    );
    body["completes_goal"] = json!(3);
    let thirds = [("a", 18, 20), ("b", 21, 30), ("c", 31, 40)];
    let thirds = thirds.map(|(name, from, to)| cell(name, &[ages(from, to)], &share(33.33)));
    body["profiling"] = profiling("percentage", &[regular(&thirds)]);
    let group = world.live(&body).await;
    assert_eq!(counts(&world, &group).await, [vec![1, 1, 1]]);
}

#[tokio::test]
async fn counts_have_shares() {
    let world = world().await;
    let group = world
        .live(&with_profiles("nominal", &[genders(&count(33), &count(67))]))
        .await;
    let list = world.get(&format!("{group}/profiles")).await.with(200);
    let quota = &list["profiles"][0]["targets"][0]["quota"];
    let expected = json!({
        "completes_goal_percentage": 33, "quota_nominal": 33, "completes_goal": 33, "completes": 0, "prescreens": 0,
    });
    assert_eq!(quota, &expected);
}

#[tokio::test]
async fn every_rule_has_its_number() {
    let world = world().await;
    let half = share(50.0);
    let gender = genders(&half, &half);
    let (male, female) = (option(43, "1"), option(43, "2"));
    let whole = share(100.0);
    let zip = |values: Value| {
        json!({
            "object": "open_ended", "question_id": 45, "allow_all_values": false, "open_ended_values": values,
        })
    };
    let one = |conditions: &[Value]| regular(&[cell("one", conditions, &whole)]);
    let crossed =
        |kind: &str, a: &Value, b: &Value| blend(kind, &[cell("x", &[a.clone(), b.clone()], &half)]);
    let off = |quota: Value| {
        json!({
            "object": "regular", "quotas_enabled": false, "targets": [cell("x", &[option(43, "1")], &quota)],
        })
    };
    let states = crossed("interlock", &option(96, "1"), &option(63, "1"));
    let cases: Vec<(&str, &str, Vec<Value>)> = vec![
        ("001", "percentage", vec![one(&[ages(40, 30)])]),
        (
            "003",
            "percentage",
            vec![regular(&[
                cell("a", std::slice::from_ref(&male), &half),
                cell("b", std::slice::from_ref(&male), &half),
            ])],
        ),
        ("006", "percentage", vec![gender.clone(), gender.clone()]),
        ("009", "percentage", vec![genders(&share(60.0), &half)]),
        ("010", "nominal", vec![genders(&count(60), &count(30))]),
        (
            "012",
            "percentage",
            vec![one(&[
                json!({"object": "range", "question_id": 43, "min": 1, "max": 2}),
            ])],
        ),
        (
            "014",
            "percentage",
            vec![regular(&[
                cell("a", &[ages(18, 30)], &half),
                cell("b", &[ages(30, 40)], &half),
            ])],
        ),
        ("015", "percentage", vec![one(&[option(9999, "1")])]),
        ("018", "percentage", vec![one(&[zip(json!(["9800x"]))])]),
        ("020", "percentage", vec![one(&[option(43, "7")])]),
        (
            "021",
            "percentage",
            vec![crossed("interlock", &male, &zip(json!(["98001"])))],
        ),
        ("032", "percentage", vec![one(&[zip(json!([]))])]),
        (
            "034",
            "percentage",
            vec![crossed("interlock", &male, &option(47, "1")), states.clone()],
        ),
        ("039", "percentage", vec![one(&[male.clone(), male.clone()])]),
        (
            "042",
            "nominal",
            vec![genders(
                &json!({"completes_goal": 50, "completes_goal_percentage": 50}),
                &count(50),
            )],
        ),
        (
            "043",
            "percentage",
            vec![genders(
                &json!({"completes_goal": 50, "completes_goal_percentage": 50}),
                &half,
            )],
        ),
        ("047", "nominal", vec![genders(&count(101), &count(1))]),
        (
            "048",
            "percentage",
            vec![regular(&[
                cell("a", std::slice::from_ref(&male), &half),
                cell("b", &[ages(18, 30)], &half),
            ])],
        ),
        ("049", "percentage", vec![crossed("interlock", &male, &female)]),
        ("052", "percentage", vec![genders(&Value::Null, &whole)]),
        ("053", "nominal", vec![genders(&Value::Null, &count(100))]),
        ("055", "percentage", vec![one(&[zip(json!(["9800"]))])]),
        (
            "056",
            "percentage",
            vec![regular(&[
                cell("a", std::slice::from_ref(&male), &half),
                cell("a", std::slice::from_ref(&female), &half),
            ])],
        ),
        ("059", "nominal", vec![genders(&half, &count(50))]),
        ("061", "percentage", vec![off(half.clone())]),
        ("063", "nominal", vec![genders(&count(0), &count(0))]),
        ("064", "percentage", vec![genders(&share(0.0), &share(0.0))]),
        (
            "067",
            "percentage",
            vec![crossed("control", &male, &ages(18, 30))],
        ),
        (
            "068",
            "percentage",
            vec![
                crossed("interlock", &male, &option(63, "1")),
                one(&[ages(18, 30)]),
                crossed("control", &male, &ages(18, 30)),
            ],
        ),
    ];
    for (number, kind, profiles) in cases {
        let body =
            json!({"locale": "eng_us", "completes_goal": 100, "profiling": profiling(kind, &profiles)});
        let reply = world.post(&format!("{A}/profiles/validate"), &body).await;
        assert_eq!(reply.status, 422, "{number}: {}", reply.text);
        reply.unprocessable(&[number]);
    }
    // A draft with the same mistake is 400, in the other envelope.
    let body = with_profiles("percentage", &[gender.clone(), gender]);
    let project = world.project().await;
    let reply = world.post(&format!("{project}/target-groups"), &body).await;
    reply.refused(400, "bad_request_error");
    assert_eq!(
        reply.with(400)["invalid_params"][0]["reason"],
        "profile_not_unique_006"
    );
}

#[tokio::test]
async fn a_condition_without_a_name_may_stand_alone_only() {
    let world = world().await;
    let stores = json!({"conditions": [option(63, "1"), option(63, "2")], "quota": share(100.0)});
    let body = json!({
        "locale": "eng_us", "completes_goal": 100, "profiling": profiling("percentage", &[regular(&[stores])]),
    });
    let path = format!("{A}/profiles/validate");
    world.post(&path, &body).await.unprocessable(&["057"]);
}

/// The ids of the gender profile and of its two cells.
async fn ids(world: &World, group: &str) -> (Value, Value, Value) {
    let list = world.get(&format!("{group}/profiles")).await.with(200);
    let profile = &list["profiles"][0];
    (
        profile["id"].clone(),
        profile["targets"][0]["id"].clone(),
        profile["targets"][1]["id"].clone(),
    )
}

#[tokio::test]
async fn a_new_goal_alone_shares_the_quotas_out_anew() {
    let world = world().await;
    let body = with_profiles("nominal", &[genders(&count(80), &count(20))]);
    let group = world.live(&body).await;
    let path = format!("{group}/profiles/completes-goal");
    world.put(&path, &json!({"completes_goal": 200})).await.with(200);
    assert_eq!(counts(&world, &group).await, [[100, 100]], "not 160 and 40");
    let (profile, men, women) = ids(&world, &group).await;
    let quotas = |a: u64, b: u64| {
        json!([{"profile_id": profile, "targets": [
            {"id": men, "quota": {"completes_goal": a}}, {"id": women, "quota": {"completes_goal": b}},
        ]}])
    };
    world
        .put(
            &path,
            &json!({"completes_goal": 300, "profiles": quotas(240, 60)}),
        )
        .await
        .with(200);
    assert_eq!(counts(&world, &group).await, [[240, 60]]);
    world.setting("cint_goal_keeps_shares", json!(true)).await;
    world.put(&path, &json!({"completes_goal": 100})).await.with(200);
    assert_eq!(counts(&world, &group).await, [[80, 20]]);
}

#[tokio::test]
async fn nothing_falls_below_what_is_collected() {
    let world = world().await;
    let group = world
        .live(&with_profiles("nominal", &[genders(&count(50), &count(50))]))
        .await;
    world
        .respondents(id(&group), json!({"completes": 30, "quota": "women"}))
        .await
        .with(200);
    let path = format!("{group}/profiles/completes-goal");
    let (profile, men, women) = ids(&world, &group).await;
    let quotas = |a: u64, b: u64| {
        json!([{"profile_id": profile, "targets": [
            {"id": men, "quota": {"completes_goal": a}}, {"id": women, "quota": {"completes_goal": b}},
        ]}])
    };
    let put = async |body: &Value| world.put(&path, body).await;
    put(&json!({"completes_goal": 29})).await.unprocessable(&["076"]);
    put(&json!({"profiles": quotas(71, 29)}))
        .await
        .unprocessable(&["046"]);
    put(&json!({"profiles": quotas(51, 50)}))
        .await
        .unprocessable(&["010"]);
    put(&json!({})).await.unprocessable(&["060"]);
    let other = json!([{"profile_id": profile, "targets": [{"id": "x", "quota": {"completes_goal": 1}}]}]);
    put(&json!({"profiles": other})).await.unprocessable(&["045"]);
    let other = json!([{"profile_id": "x", "targets": [{"id": "x", "quota": {"completes_goal": 1}}]}]);
    put(&json!({"profiles": other})).await.unprocessable(&["044"]);
    put(&json!({"completes_goal": 0}))
        .await
        .refused(400, "bad_request_error");
    // The schema's least count is 1.
    put(&json!({"profiles": quotas(100, 0)}))
        .await
        .refused(400, "bad_request_error");
    let path = format!("{group}/profiles/manage-profiles");
    let body =
        json!({"completes_goal": 100, "profiling": profiling("nominal", &[genders(&count(80), &count(20))])});
    world.post(&path, &body).await.unprocessable(&["046"]);
    assert_eq!(counts(&world, &group).await, [[50, 50]], "all or nothing");
}

#[tokio::test]
async fn managing_profiles_replaces_them_and_their_ids_but_not_what_was_counted() {
    let world = world().await;
    let group = world
        .live(&with_profiles("nominal", &[genders(&count(50), &count(50))]))
        .await;
    world
        .respondents(id(&group), json!({"completes": 10, "quota": "women"}))
        .await
        .with(200);
    let before = ids(&world, &group).await;
    let path = format!("{group}/profiles/manage-profiles");
    let adults = regular(&[cell("adults", &[ages(18, 64)], &count(100))]);
    let both = profiling("nominal", &[genders(&count(60), &count(40)), adults.clone()]);
    let list = world
        .post(&path, &json!({"completes_goal": 100, "profiling": both}))
        .await
        .with(201);
    let women = &list["profiles"][0]["targets"][1];
    assert_eq!(women["quota"]["completes"], 10);
    assert_ne!(before, ids(&world, &group).await);
    let one = profiling("nominal", &[adults]);
    let list = world
        .post(&path, &json!({"completes_goal": 100, "profiling": one}))
        .await
        .with(201);
    assert_eq!(
        list["profiles"].as_array().unwrap().len(),
        1,
        "what is not named is gone"
    );
    let delete = json!({"profile_ids": [list["profiles"][0]["id"]]});
    world
        .post(&format!("{group}/profiles/delete-profiles"), &delete)
        .await
        .with(204);
    let list = world.get(&format!("{group}/profiles")).await.with(200);
    assert_eq!(list["profiles"], Value::Null);
    // This operation's errors have no id, and there is no 404 among them.
    let draft = world.draft(&world.project().await, &plain_with(&json!({}))).await;
    let path = format!("{draft}/profiles/manage-profiles");
    let body =
        json!({"completes_goal": 100, "profiling": profiling("nominal", &[genders(&count(50), &count(50))])});
    let refused = world.post(&path, &body).await.with(400);
    assert!(
        refused.get("id").is_none() && refused["title"].is_string(),
        "{refused}"
    );
}

#[tokio::test]
async fn a_control_blend_may_be_missing_from_the_list() {
    let world = world().await;
    let control = blend(
        "control",
        &[cell("c", &[option(43, "1"), ages(18, 30)], &share(10.0))],
    );
    let body = with_profiles("percentage", &[genders(&share(50.0), &share(50.0)), control]);
    let group = world.live(&body).await;
    let path = format!("{group}/profiles");
    let shown = async || {
        world.get(&path).await.with(200)["profiles"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(shown().await, 1);
    world.setting("cint_list_shows_control", json!(true)).await;
    assert_eq!(shown().await, 2);
}

#[tokio::test]
async fn texts_come_in_the_locales_language_with_english_beside() {
    let world = world().await;
    let path = format!("{A}/questions-translation?locale=spa_us&id=43");
    let library = world.get(&path).await.with(200);
    let male = &library["profiles"][0]["targets"][0];
    assert_eq!(
        (&male["text"], &male["text_translated"]),
        (&json!("Hombre"), &json!("Male"))
    );
    let path = format!("{A}/questions-translation?locale=deu_de&page_size=100");
    let names: Vec<Value> = world.get(&path).await.with(200)["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["name"].clone())
        .collect();
    assert_eq!(names, ["AGE", "GENDER", "ZIP"], "states are American");
}
