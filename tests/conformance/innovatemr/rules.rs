//! The vendor's rules, and what infield says about them.

use super::subject::{LIFT, open};
use crate::world::{World, desired};
use infield::marketplace::shelf::estimates::Asked;
use infield::model::{Address, Level, LiveKey};
use infield::plan::{Action, Note, NoteKind, Plan};
use jiff::Timestamp;
use serde_json::{Value, json};

fn note<'a>(plan: &'a Plan, kind: NoteKind, says: &str) -> &'a Note {
    plan.notes
        .iter()
        .find(|note| note.kind == kind && note.message.contains(says))
        .unwrap_or_else(|| panic!("nothing says {says:?}: {:#?}", plan.notes))
}

#[tokio::test(start_paused = true)]
async fn the_vendors_refusal_to_go_live_is_shown_if_it_comes_anyway() {
    for http_errors in [false, true] {
        let world = open(&json!({"innovatemr_http_errors": http_errors})).await;
        let plan = world.plan(&desired(LIFT)).await;
        let mut plan = World::without(&plan, Action::Launch);
        world.apply(&plan).await;
        // The ceiling disappears between the plan and the call.
        plan = world.plan(&desired(LIFT)).await;
        let (_, mut group) = world.pega("GET", "groups/19428", &Value::Null).await;
        let mut group = group["group"].take();
        group["Target"]["Languages"] = json!("ENGLISH");
        group.as_object_mut().unwrap().remove("MaximumCostPerInterview");
        world.pega("PUT", "group/19428", &group).await;
        let tally = world.apply(&plan).await;
        assert_eq!(tally.failed, 1);
        let problem = world.problems().join("\n");
        assert!(
            problem.contains("MaximumCostPerInterview must be set"),
            "{problem}"
        );
        assert_eq!(world.stored("group").await[1]["status"], 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_changed_nothing_is_no_success() {
    let settings = json!({"innovatemr_capital_status_only": true, "innovatemr_lower_status_only": true});
    let world = open(&settings).await;
    let tally = world.apply(&world.plan(&desired(LIFT)).await).await;
    assert_eq!((tally.done, tally.failed, tally.skipped), (3, 1, 2));
    let problem = world.problems().join("\n");
    assert!(
        problem.contains("the vendor answered success, but /job/Status is 0 instead of 1"),
        "{problem}"
    );
}

#[tokio::test(start_paused = true)]
async fn quotas_cannot_be_removed_and_countries_not_changed() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    let without = LIFT.replacen(
        "      - {name: men, completes: 150, where: {gender: male}}\n",
        "",
        1,
    );
    let plan = world.plan(&desired(&without)).await;
    assert!(plan.is_empty());
    let refusal = note(&plan, NoteKind::Blocked, "the quota men cannot be removed");
    let help = refusal.help.as_deref().unwrap();
    assert!(
        help.contains("put it back") && help.contains("another name"),
        "{help}"
    );
    let plan = world
        .plan(&desired(&LIFT.replace("locale: en-US", "locale: es-US")))
        .await;
    assert!(plan.is_empty());
    note(
        &plan,
        NoteKind::Blocked,
        "/locale cannot change from \"en-US\" to \"es-US\"",
    );
}

#[tokio::test(start_paused = true)]
async fn names_that_the_library_does_not_have_block_their_group_alone() {
    let world = open(&Value::Null).await;
    let manifest = LIFT
        .replace("game console, Smart TV", "game consoles")
        .replace("zip: ['01234', '99999'], ", "");
    let plan = world.plan(&desired(&manifest)).await;
    let blocked = note(&plan, NoteKind::Blocked, "has no answer `game consoles`");
    assert_eq!(blocked.address, Address::group("lift", "in"));
    assert_eq!(blocked.help.as_deref(), Some("did you mean `Game console`?"));
    assert_eq!(
        blocked.path.as_deref(),
        Some("/qualifications/CORE_ENTERTAINMENT_0015")
    );
    assert!(
        plan.steps
            .iter()
            .any(|step| step.address == Address::group("lift", "us"))
    );
    let plan = world
        .plan(&desired(
            &LIFT.replace("CORE_ENTERTAINMENT_0015", "CORE_ENTERTAINMENT_0016"),
        ))
        .await;
    let blocked = note(
        &plan,
        NoteKind::Blocked,
        "has no question `CORE_ENTERTAINMENT_0016`",
    );
    assert_eq!(
        blocked.help.as_deref(),
        Some("did you mean `CORE_ENTERTAINMENT_0015`?")
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_can_be_paused_while_its_names_are_wrong() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    let manifest = LIFT
        .replace("game console", "game consoles")
        .replace("  - name: in\n", "  - name: in\n    status: paused\n");
    let plan = world.plan(&desired(&manifest)).await;
    let actions: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.address.as_str(), step.action))
        .collect();
    assert_eq!(actions, [("lift/in", Action::Pause)]);
}

#[tokio::test(start_paused = true)]
async fn a_title_that_exists_already_is_not_made_again() {
    let world = open(&Value::Null).await;
    world
        .pega(
            "POST",
            "job",
            &json!({"Name": "Brand lift", "Status": 0, "Category": 7}),
        )
        .await;
    let plan = world.plan(&desired(LIFT)).await;
    assert!(plan.is_empty(), "nor its groups: {plan:#?}");
    let blocked = note(
        &plan,
        NoteKind::Blocked,
        "a job with this title exists already and is not in the state: 8575",
    );
    assert!(blocked.help.as_deref().unwrap().contains("--adopt ID"));
    let unsupported = open(&json!({"innovatemr_job_list": false})).await;
    let plan = unsupported.plan(&desired(LIFT)).await;
    note(
        &plan,
        NoteKind::Advice,
        "whether a job with this title exists already could not be seen",
    );
    assert!(!plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_price_in_another_currency_is_never_sent() {
    let world = open(&Value::Null).await;
    let plan = world.plan(&desired(&LIFT.replace("1.80 USD", "1.80 EUR"))).await;
    let blocked = note(&plan, NoteKind::Blocked, "1.80 EUR cannot be sent");
    assert_eq!(blocked.address, Address::group("lift", "in"));
}

#[tokio::test(start_paused = true)]
async fn the_job_alone_being_paused_keeps_its_groups_out_of_field() {
    let world = open(&Value::Null).await;
    let draft = LIFT.replacen("status: live", "status: draft", 1);
    world.converge(&draft).await;
    assert!(
        world
            .stored("group")
            .await
            .iter()
            .all(|group| group["status"] == 0)
    );
    let plan = world.plan(&desired(LIFT)).await;
    let plan = World::without(&plan, Action::Launch);
    assert!(plan.is_empty());
    // Somebody pauses the job; its groups cannot be resumed under it.
    world.converge(LIFT).await;
    for path in ["group/19427/status", "group/19428/status", "job/8575/status"] {
        world.pega("PUT", path, &json!({"status": 2, "Status": 2})).await;
    }
    let choices = infield::plan::Choices {
        resume: [Address::group("lift", "us")].into(),
        ..Default::default()
    };
    let plan = world.plan_with(&desired(LIFT), &choices).await;
    assert!(plan.is_empty(), "{plan:#?}");
    note(&plan, NoteKind::Blocked, "its job lift is not in field");
}

#[tokio::test(start_paused = true)]
async fn statistics_and_estimates_are_read_as_they_are() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    world
        .admin("POST", "respondents", &json!({"vendor": "innovatemr", "group": 19428, "completes": 12, "terminations": 3, "quota": "men"}))
        .await;
    let reader = &world.readers[&infield::marketplace::INNOVATEMR];
    let key = |level, id: &str| LiveKey {
        level,
        id: id.to_owned(),
        parent: None,
        hint: Default::default(),
        job: None,
    };
    let group = LiveKey {
        parent: Some("8575".to_owned()),
        ..key(Level::Group, "19428")
    };
    let details = reader.statistics().unwrap().details(&group).await.unwrap();
    let figure = |name: &str| {
        let mut figures = details.figures.iter();
        figures
            .find(|(own, _)| own == name)
            .map(|(_, said)| said.as_str())
    };
    assert_eq!(figure("group Completes"), Some("12"), "{details:#?}");
    assert_eq!(figure("group Terminations"), Some("3"), "{details:#?}");
    assert_eq!(figure("job 2 GroupId"), Some("19428"), "{details:#?}");
    assert_eq!(figure("quotas 1 Title"), Some("men"), "{details:#?}");
    let wanted = desired(LIFT);
    let spec = &wanted.surveys[&Address::group("lift", "us")].spec;
    // The vendor answers with a row a day (100, 200, 300): that of the days asked for is told.
    let asked = Asked {
        spec,
        lexicon: None,
        now: Timestamp::UNIX_EPOCH,
        days: 3,
    };
    let estimate = reader.estimate(asked).await;
    let opaque = estimate.present().and_then(|estimate| estimate.opaque.clone());
    assert_eq!(opaque.map(|told| (told.days, told.figure)), Some((3, json!(300))));
    // Counters that move are no drift, and lowering below them is the vendor's to judge.
    assert!(world.plan(&wanted).await.is_empty());
    let plan = world
        .plan(&desired(&LIFT.replace("completes: 300", "completes: 5")))
        .await;
    note(
        &plan,
        NoteKind::Advice,
        "does not say how many completes are collected",
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_accepted_is_explained() {
    let world = open(&Value::Null).await;
    world
        .admin(
            "POST",
            "faults",
            &json!([{"vendor": "innovatemr", "path": "*", "status": 401, "times": 0}]),
        )
        .await;
    let plan = world.plan(&desired(LIFT)).await;
    assert!(
        plan.notes
            .iter()
            .any(|note| note.message.contains("does not accept the credentials")),
        "{:#?}",
        plan.notes
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_in_field_after_its_job_is_back_from_a_change() {
    let world = open(&Value::Null).await;
    let waiting = LIFT.replace("  - name: in\n", "  - name: in\n    status: draft\n");
    world.converge(&waiting).await;
    // The job is taken out of field to be renamed, and a group of it is to go there.
    world
        .converge(&LIFT.replace("title: Brand lift", "title: Brand lift 2"))
        .await;
    assert_eq!(world.problems(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_group_is_not_paused_for_a_change_when_it_could_not_come_back() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    let (status, _) = world.pega("PUT", "job/8575/status", &json!({"Status": 2})).await;
    assert_eq!(status, 200);
    let before = world.writes().await;
    let plan = world
        .plan(&desired(
            &LIFT.replace("length_of_interview: 8", "length_of_interview: 9"),
        ))
        .await;
    assert!(plan.steps.is_empty(), "{:#?}", plan.steps);
    let said = |note: &&infield::plan::Note| note.message.contains("could not go back in field");
    assert_eq!(plan.notes.iter().filter(said).count(), 2, "{:#?}", plan.notes);
    world.apply(&plan).await;
    assert_eq!(world.writes().await, before);
}
