//! Apply, then plan shows nothing: as a draft, scheduled, live, paused and completed, however the vendor may turn out to be.

use super::subject::{Cint, TRACKER, open};
use crate::subject::Subject;
use crate::world::{World, desired};
use infield::marketplace::http::permit::Always;
use infield::model::{Address, Call, CallClass, Level, LiveKey, Method, ResourceKind};
use infield::plan::{Action, NoteKind, Plan};
use infield::state::Op;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn projects_and_groups_go_in_field_and_stay_as_they_are() {
    for style in Cint.styles() {
        let world = open(&style).await;
        world.converge(TRACKER).await;
        assert_eq!(world.stored("project").await.len(), 1, "{style}");
        let groups = world.target_groups().await;
        assert_eq!(groups.len(), 2, "{style}");
        assert!(
            groups.iter().all(|group| group["run"]["status"] == "live"),
            "{style}: {groups:#?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_phase_stays_as_it_is() {
    for (from, to, wanted) in [
        ("status: live", "status: draft", "draft"),
        (
            "field: {end",
            "field: {start: 2026-03-20T08:00:00Z, end",
            "scheduled",
        ),
        ("status: live", "status: live", "live"),
    ] {
        let world = open(&Value::Null).await;
        world.converge(&TRACKER.replacen(from, to, 1)).await;
        assert_eq!(world.status("us").await, wanted);
    }
    let world = open(&Value::Null).await;
    for (status, wanted) in [
        ("live", "live"),
        ("paused", "paused"),
        ("live", "live"),
        ("closed", "completed"),
        ("live", "live"),
    ] {
        world
            .converge(&TRACKER.replace("status: live", &format!("status: {status}")))
            .await;
        assert_eq!(world.status("us").await, wanted, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_draft_is_edited_and_then_launched() {
    let world = open(&Value::Null).await;
    let draft = TRACKER.replace("status: live", "status: draft");
    world.converge(&draft).await;
    let edited = draft
        .replace("completes: 300", "completes: 320")
        .replace("completes: 160", "completes: 180")
        .replace("en-US", "es-US")
        .replace("age: [18-34, 35-64]", "age: 18-44");
    world.converge(&edited).await;
    let group = world.target_group("us").await;
    assert_eq!(
        (&group["goal"], &group["fields"]["locale"]),
        (&json!(320), &json!("spa_us"))
    );
    world
        .converge(&edited.replace("status: draft", "status: live"))
        .await;
    assert_eq!(world.status("us").await, "live");
    // Nobody asked for a start, so nothing waits for the one that a draft has to have.
    let calls = world.writes().await;
    assert!(
        !calls.iter().any(|call| call.contains("schedule-from-draft")),
        "{calls:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn goals_and_counts_move_together_and_nothing_is_shared_out_anew() {
    for style in Cint.styles() {
        let world = open(&style).await;
        world.converge(TRACKER).await;
        let more = TRACKER
            .replace("completes: 300", "completes: 400")
            .replace("completes: 140", "completes: 240");
        let before = world.writes().await.len();
        world.converge(&more).await;
        let calls = world.writes().await.split_off(before);
        assert_eq!(calls.len(), 1, "{style}: {calls:#?}");
        assert!(calls[0].contains("/profiles/completes-goal"), "{calls:#?}");
        // The other quota is sent too, or the vendor would work it out anew.
        assert!(calls[0].contains("240") && calls[0].contains("160"), "{calls:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_structure_in_field_is_one_guarded_call() {
    let world = open(&Value::Null).await;
    world.converge(TRACKER).await;
    let split = TRACKER.replace(
        "      - {name: women, completes: 160, where: {gender: female}}\n",
        "      - {name: women, completes: 150, where: {gender: female}}\n      - {name: others, completes: 10, where: {gender: None of the above}}\n",
    );
    let plan = world.plan(&desired(&split)).await;
    assert_eq!(plan.steps.len(), 1, "{plan:#?}");
    assert_eq!(plan.steps[0].guards, [infield::plan::Guard::EditLiveTargeting]);
    assert_eq!(plan.steps[0].calls.len(), 1);
    world.converge(&split).await;
    let fewer = split
        .replace(
            "      - {name: others, completes: 10, where: {gender: None of the above}}\n",
            "",
        )
        .replace(
            "completes: 150, where: {gender: female}",
            "completes: 160, where: {gender: female}",
        );
    world.converge(&fewer).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_fixed_at_launch_is_refused_with_the_rule() {
    let world = open(&Value::Null).await;
    world.converge(TRACKER).await;
    for (from, to, path) in [
        ("locale: en-US", "locale: es-US", "/locale"),
        (
            "business_unit: 3337",
            "business_unit: 1234",
            "/cint/business_unit",
        ),
    ] {
        let plan = world.plan(&desired(&TRACKER.replacen(from, to, 1))).await;
        let blocked = plan
            .notes
            .iter()
            .find(|note| note.kind == NoteKind::Blocked && note.path.as_deref() == Some(path));
        let blocked = blocked.unwrap_or_else(|| panic!("{path}: {:#?}", plan.notes));
        assert!(
            blocked.message.contains("when a target group is launched"),
            "{blocked:?}"
        );
        assert!(
            plan.steps
                .iter()
                .all(|step| step.address.as_str() != "tracker/us")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_would_refuse_is_known_before_anything_is_written() {
    let world = open(&Value::Null).await;
    let wrong = TRACKER.replace("completes: 140", "completes: 100");
    let plan = world.plan(&desired(&wrong)).await;
    let note = plan
        .notes
        .iter()
        .find(|note| note.kind == NoteKind::Blocked && note.address.as_str() == "tracker/us")
        .unwrap();
    assert!(note.message.contains("010"), "{note:?}");
    assert!(
        plan.steps
            .iter()
            .all(|step| step.address.as_str() != "tracker/us")
    );
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_fails_says_why_and_the_next_one_is_a_new_one() {
    let world = open(&json!({"cint_launch_failure": "InvalidFieldingDates"})).await;
    let wanted = desired(TRACKER);
    let plan = world.plan(&wanted).await;
    let tally = world.apply(&plan).await;
    assert_eq!(tally.failed, 2);
    assert!(
        world.problems()[0].contains("InvalidFieldingDates"),
        "{:?}",
        world.problems()
    );
    world
        .admin("POST", "settings", &json!({"cint_launch_failure": ""}))
        .await;
    world.converge(TRACKER).await;
    assert_eq!(world.status("us").await, "live");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_is_replaced_and_nobody_notices() {
    let world = open(&json!({"cint_token_seconds": 600})).await;
    world.converge(TRACKER).await;
    world.admin("POST", "clock", &json!({"advance": "1d"})).await;
    world
        .converge(&TRACKER.replace("length_of_interview: 8", "length_of_interview: 9"))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_group_that_somebody_stopped_is_drift_with_who_and_why() {
    let world = open(&Value::Null).await;
    world.converge(TRACKER).await;
    let group = world.target_group("us").await;
    let id = group["id"].as_str().unwrap();
    let run = format!(
        "/demand/accounts/1/projects/{}/target-groups/{id}/fielding-runs/{id}",
        group["project"].as_str().unwrap(),
    );
    let writer = &world.writers[&infield::marketplace::CINT];
    // Somebody else, at the vendor.
    let pause = infield::model::Call {
        headers: [("if-match".to_owned(), "*".to_owned())].into(),
        ..infield::model::Call::new(
            infield::model::Method::Post,
            format!("{run}/pause"),
            infield::model::CallClass::IdempotentWrite,
            "",
        )
    };
    let other = writer
        .send(&pause, &infield::marketplace::http::permit::Always, &|_, _| {})
        .await;
    assert!(other.is_ok(), "{other:?}");
    let us = infield::model::Address::group("tracker", "us");
    for _ in 0..2 {
        let plan = world.plan(&desired(TRACKER)).await;
        assert!(plan.is_empty(), "{plan:#?}");
        let drift = plan.notes.iter().find(|note| note.kind == NoteKind::Drift);
        let drift = drift.unwrap_or_else(|| panic!("{:#?}", plan.notes));
        assert_eq!(drift.address, us);
        assert!(drift.message.contains("outside infield: by user "), "{drift:?}");
        assert!(drift.message.ends_with("it is not resumed unasked"), "{drift:?}");
        world.apply(&plan).await;
    }
    assert_eq!(world.status("us").await, "paused");
    // Asked for, it goes on.
    let asked = infield::plan::Choices {
        resume: [us].into(),
        ..infield::plan::Choices::default()
    };
    let plan = world.plan_with(&desired(TRACKER), &asked).await;
    assert_eq!(world.apply(&plan).await.failed, 0, "{:?}", world.problems());
    assert_eq!(world.status("us").await, "live");
}

#[tokio::test(start_paused = true)]
async fn a_target_group_that_reached_its_goal_is_done_and_goes_on_with_a_higher_one() {
    let world = open(&Value::Null).await;
    world.converge(TRACKER).await;
    let group = world.target_group("us").await;
    world
        .admin(
            "POST",
            "respondents",
            &json!({"vendor": "cint", "survey": group["id"], "completes": 300}),
        )
        .await;
    assert_eq!(world.status("us").await, "completed");
    let us = infield::model::Address::group("tracker", "us");
    let asked = infield::plan::Choices {
        resume: [us.clone()].into(),
        ..infield::plan::Choices::default()
    };
    // Of a goal that is reached nothing is left to collect, whoever asks.
    for choices in [&infield::plan::Choices::default(), &asked] {
        let plan = world.plan_with(&desired(TRACKER), choices).await;
        assert!(plan.is_empty(), "{plan:#?}");
        let told = plan.notes.iter().filter(|note| note.address == us);
        let told: Vec<_> = told.map(|note| (note.kind, note.message.as_str())).collect();
        let [(NoteKind::Done, message)] = told.as_slice() else {
            panic!("{told:#?}");
        };
        assert!(message.starts_with("300 of 300 completes"), "{message}");
        world.apply(&plan).await;
    }
    let more = TRACKER
        .replace("completes: 300", "completes: 320")
        .replace("completes: 140", "completes: 160");
    world.converge(&more).await;
    assert_eq!(world.status("us").await, "live");
}

/// How a target group is read.
async fn key(world: &World, group: &str) -> LiveKey {
    let group = world.target_group(group).await;
    LiveKey {
        level: Level::Group,
        id: group["id"].as_str().unwrap().to_owned(),
        parent: Some(group["project"].as_str().unwrap().to_owned()),
        hint: Default::default(),
        job: None,
    }
}

/// Somebody else writes a resource of a target group, at the vendor.
async fn somebody_writes(world: &World, key: &LiveKey, resource: &str, body: Value) {
    let (project, id) = (key.parent.as_deref().unwrap(), &key.id);
    let path = format!("/demand/accounts/1/projects/{project}/target-groups/{id}/{resource}");
    let call = Call {
        body: Some(body.into()),
        ..Call::new(Method::Put, path, CallClass::IdempotentWrite, "")
    };
    let sent = world.writers[&infield::marketplace::CINT].send(&call, &Always, &|_, _| {});
    sent.await.unwrap();
}

/// The reads of what bounds a price since the log was emptied.
async fn ceilings_read(world: &World) -> usize {
    let log = world.admin("GET", "requests", &Value::Null).await;
    let log = log
        .as_array()
        .or_else(|| log["requests"].as_array())
        .unwrap()
        .clone();
    let read = |call: &&Value| {
        call["method"] == "GET"
            && call["path"]
                .as_str()
                .unwrap()
                .ends_with("fielding-assistant-assignment")
    };
    log.iter().filter(read).count()
}

#[tokio::test(start_paused = true)]
async fn a_ceiling_that_no_manifest_mentions_is_read_where_there_is_one_and_counts() {
    let unmanaged = TRACKER.replace("    max_cpi: 4.00 USD\n", "");
    let at = unmanaged.find("      fielding_assistant:").unwrap();
    let unmanaged = &unmanaged[..at];
    let world = open(&Value::Null).await;
    world.converge(unmanaged).await;
    let before = ceilings_read(&world).await;
    let plan = world.plan(&desired(unmanaged)).await;
    let at_stake = |plan: &Plan| plan.exposure[0].after.amount.normalize();
    // 300 at 2.75 and 200 at 3.10.
    assert_eq!(at_stake(&plan).to_string(), "1445");
    assert_eq!(
        ceilings_read(&world).await,
        before,
        "nothing bounds a price, and the overview says so"
    );
    let ceiling =
        json!({"pricing": {"type": "dynamic", "maximum_cpi": {"value": "9.75", "currency_code": "USD"}}});
    somebody_writes(
        &world,
        &key(&world, "us").await,
        "fielding-assistant-assignment",
        ceiling,
    )
    .await;
    let plan = world.plan(&desired(unmanaged)).await;
    assert!(plan.steps.is_empty(), "{:#?}", plan.steps);
    assert_eq!(at_stake(&plan).to_string(), "3545", "300 at 9.75 and 200 at 3.10");
    assert_eq!(ceilings_read(&world).await, before + 1, "of the one that has one");
}

#[tokio::test(start_paused = true)]
async fn drift_says_who_changed_it() {
    let world = open(&Value::Null).await;
    world.converge(TRACKER).await;
    let key = key(&world, "us").await;
    let price = json!({"target_group_cpi": {"value": "2.10", "currency_code": "USD"}});
    somebody_writes(&world, &key, "cost-per-interview", price).await;
    let plan = world.plan(&desired(TRACKER)).await;
    let change = plan
        .steps
        .iter()
        .flat_map(|step| &step.changes)
        .find(|change| change.path == "/cpi");
    let change = change.unwrap_or_else(|| panic!("{plan:#?}"));
    assert!(change.drift);
    let who = plan
        .notes
        .iter()
        .find(|note| note.path.as_deref() == Some("/cpi"));
    let who = who.unwrap_or_else(|| panic!("{:#?}", plan.notes));
    assert_eq!(who.kind, NoteKind::Drift);
    assert!(who.message.starts_with("cpi was changed by user "), "{who:?}");
    let details = world.readers[&infield::marketplace::CINT]
        .statistics()
        .unwrap()
        .details(&key)
        .await;
    let details = details.unwrap();
    assert!(
        details.figures.iter().any(|(name, _)| name == "entrants"),
        "{details:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_fixed_is_replaced_where_the_manifest_asks_for_it() {
    let mut world = open(&Value::Null).await;
    world
        .guards
        .set(infield::plan::Guard::Replace, infield::plan::Rule::Ask);
    world.converge(TRACKER).await;
    let before = world.target_group("us").await["id"].clone();
    let moved = TRACKER.replacen(
        "    cint:\n",
        "    on_fixed_change: replace\n    cint:\n      study_type: diary\n",
        1,
    );
    let plan = world.plan(&desired(&moved)).await;
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.action, step.guards.clone()))
        .collect();
    use infield::plan::Guard;
    assert_eq!(
        steps,
        [
            (Action::Replace, vec![Guard::Replace]),
            (Action::Close, vec![Guard::Replace]),
            (Action::Launch, vec![Guard::Launch]),
        ]
    );
    // Somebody stops it before the old one is closed: what is left of it is closed by the next apply.
    world.apply(&World::without(&plan, Action::Close)).await;
    let left = world.plan(&desired(&moved)).await;
    assert_eq!(left.steps[0].action, Action::Close, "{left:#?}");
    // The new one being in field by then, only what the manifest manages is read of it; of the old one all that closing needs.
    let address = Address::group("tracker", "us");
    let mut resource = Box::new(world.keeper.known().await.resources[&address].clone());
    if let ResourceKind::Survey(survey) = &mut resource.kind {
        survey.in_field = true;
    }
    world
        .keeper
        .commit(vec![Op::Put { address, resource }])
        .await
        .unwrap();
    let left = world.plan(&desired(&moved)).await;
    let close = left
        .steps
        .iter()
        .find(|step| step.action == Action::Close)
        .unwrap();
    assert!(close.calls[0].headers.contains_key("if-match"), "{close:#?}");
    world.apply(&left).await;
    assert_eq!(world.problems(), Vec::<String>::new());
    world.converge(&moved).await;
    let groups = world.target_groups().await;
    assert_eq!(groups.len(), 3);
    let old = groups.iter().find(|group| group["id"] == before).unwrap();
    assert_eq!(old["run"]["status"], "completed");
}
