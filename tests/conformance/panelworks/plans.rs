//! Plans: exact, and nothing left to do after them; nothing at all for what could not be read; how far fielding got.

use super::market::ID;
use super::subject::{SODA, calls, open};
use crate::world::desired;
use infield::fieldwork::{Fieldwork, Lens, Verdict};
use infield::model::{Address, LiveKey};
use infield::plan::Action;
use serde_json::json;

#[tokio::test]
async fn a_survey_goes_in_field_and_the_next_plan_is_empty() {
    let world = open().await;
    let plan = world.plan(&desired(SODA)).await;
    let actions: Vec<Action> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [Action::Create, Action::Launch]);
    assert_eq!(plan.exposure[0].after.to_string(), "1500.00 USD");
    world.converge(SODA).await;
    assert_eq!(
        world.studio().studies(),
        [json!({
            "ref": "st-1", "state": "fielding", "label": "Soda tracker", "market": "US:en", "goal": 400,
            "reward": {"minor": 375, "currency": "USD"}, "minutes": 5, "entry": "https://survey.example.com/s/soda?tk=1",
            "topic": "food", "memo": null, "audience": "age=18..64",
            "segments": [
                {"key": "men", "goal": 200, "who": "age=18..34&sex=m", "got": 0},
                {"key": "women", "goal": 200, "who": "age=18..34&sex=f", "got": 0},
            ],
            "counts": {"got": 0, "screened": 0}, "fielded_at": "2026-03-02T18:00:00Z",
        })]
    );
}

#[tokio::test]
async fn every_kind_of_edit_is_planned_exactly_and_converges() {
    let men = |goal: u64| json!({"key": "men", "goal": goal, "who": "age=18..34&sex=m"});
    let women = json!({"key": "women", "goal": 200, "who": "age=18..34&sex=f"});
    let revise = |body: serde_json::Value| format!("POST /studies/st-1/revise {body}");
    let state = |word: &str| format!("POST /studies/st-1/state/{word}");
    let edits = [
        (
            "cpi: 3.75 USD",
            "cpi: 4.10 USD",
            revise(json!({"reward": {"minor": 410, "currency": "USD"}})),
        ),
        ("completes: 400", "completes: 420", revise(json!({"goal": 420}))),
        (
            "title: Soda tracker",
            "title: Soda, renamed",
            revise(json!({"label": "Soda, renamed"})),
        ),
        (
            "name: men, completes: 200",
            "name: men, completes: 220",
            revise(json!({"segments": [men(220), women]})),
        ),
        ("topic: food", "topic: health", revise(json!({"topic": "health"}))),
        (
            "  topic: health",
            "  topic: health\n  note: second wave",
            revise(json!({"memo": "second wave"})),
        ),
        ("note: second wave", "note: null", revise(json!({"memo": null}))),
        (
            "age: [18-64]",
            "age: [18-64, 70-75]",
            revise(json!({"audience": "age=18..64|70..75"})),
        ),
        ("status: live", "status: paused", state("halted")),
        ("status: paused", "status: live", state("fielding")),
        (
            "  - {name: women, completes: 200, where: {gender: [female], age: [18-34]}}\n",
            "",
            revise(json!({"segments": [men(220)]})),
        ),
        ("status: live", "status: closed", state("archived")),
    ];
    let world = open().await;
    world.converge(SODA).await;
    let mut manifest = SODA.to_owned();
    for (before, after, call) in edits {
        assert!(manifest.contains(before), "{before}");
        manifest = manifest.replace(before, after);
        world.studio().take_writes();
        let planned = calls(&world.plan(&desired(&manifest)).await);
        assert_eq!(planned, [call], "{after}");
        world.converge(&manifest).await;
        assert_eq!(world.studio().take_writes(), planned, "{after}");
    }
}

#[tokio::test]
async fn what_somebody_else_changed_there_is_seen_and_put_back() {
    let world = open().await;
    world.converge(SODA).await;
    world.studio().garble(Some(("/reward/minor", json!(900))));
    let plan = world.plan(&desired(SODA)).await;
    let back = r#"POST /studies/st-1/revise {"reward":{"minor":375,"currency":"USD"}}"#;
    assert_eq!(calls(&plan), [back]);
}

#[tokio::test]
async fn what_cannot_be_read_is_left_alone_and_said() {
    let world = open().await;
    world.converge(SODA).await;
    let wanted = SODA
        .replace("completes: 400", "completes: 500")
        .replace("cpi: 3.75", "cpi: 3.80")
        .replace("status: live", "status: closed");
    let before = world.studio().studies();
    world.studio().take_writes();
    for (at, wrong) in [
        ("/ref", json!(1)),
        ("/ref", json!("st-2")),
        ("/state", json!(7)),
        ("/state", json!(null)),
        ("/label", json!(["Soda"])),
        ("/market", json!("US")),
        ("/goal", json!("many")),
        ("/goal", json!(-4)),
        ("/reward", json!(3.75)),
        ("/reward", json!({"minor": "375.5", "currency": "USD"})),
        ("/reward", json!({"minor": 375, "currency": "shells"})),
        ("/minutes", json!(true)),
        ("/entry", json!({})),
        ("/topic", json!(4)),
        ("/memo", json!([])),
        ("/audience", json!("age=young..old")),
        ("/segments", json!("none")),
        ("/segments/0/goal", json!("some")),
        ("/segments/0/who", json!(null)),
        ("/counts", json!([])),
        ("/counts/got", json!("a few")),
        ("/fielded_at", json!("yesterday")),
    ] {
        world.studio().garble(Some((at, wrong.clone())));
        let planned = world.planned(&desired(&wanted)).await;
        assert!(
            planned.plan.steps.is_empty(),
            "{at} {wrong}: {:#?}",
            planned.plan.steps
        );
        let [unread] = planned.unread.as_slice() else {
            panic!("{at} {wrong}: {:?}", planned.unread)
        };
        assert!(unread.contains("soda"), "{unread}");
        let named = at.split('/').nth(1).unwrap();
        assert!(
            unread.contains(named) || wrong == "st-2",
            "{at} {wrong}: {unread}"
        );
        world.apply(&planned.plan).await;
    }
    assert_eq!(world.studio().take_writes(), Vec::<String>::new());
    assert_eq!(world.studio().studies(), before);
}

#[tokio::test]
async fn an_entry_of_the_list_that_cannot_be_read_hides_no_other_and_leaves_open_only_its_own_name() {
    let world = open().await;
    world.converge(SODA).await;
    let other = SODA
        .replace("name: soda", "name: cola")
        .replace("title: ", "title: Other ");
    world.converge(&format!("{SODA}---\n{other}")).await;
    let reader = &world.readers[&ID];
    let titles: Vec<String> = reader
        .inventory()
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.unwrap().title.unwrap())
        .collect();
    let [soda, cola] = <[String; 2]>::try_from(titles).unwrap();
    let wanted = [soda, cola].map(|title| infield::model::SurveySpec {
        title: infield::model::Field::Set(title),
        ..Default::default()
    });
    let sought = [0, 1].map(|index: usize| infield::marketplace::Sought {
        level: infield::model::Level::Survey,
        parent: None,
        wanted: &wanted[index],
    });
    for (at, wrong, others) in [("/goal", json!("many"), true), ("/label", json!(["Soda"]), false)] {
        world.studio().garble(Some((at, wrong)));
        let listed = reader.inventory().await.unwrap();
        let unread = listed[0].as_ref().unwrap_err();
        assert_eq!(unread.id.as_deref(), Some("st-1"));
        assert!(unread.why.contains(&format!("/studies/0{at}")), "{}", unread.why);
        assert!(listed[1].is_ok(), "{listed:?}");
        let found = reader.twins(&sought).await;
        assert!(found[0].present().is_none(), "{at}: {found:?}");
        assert_eq!(
            found[1].present().map(Vec::len),
            others.then_some(1),
            "{at}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_state_that_nobody_has_heard_of_changes_no_status() {
    let world = open().await;
    world.converge(SODA).await;
    world.studio().garble(Some(("/state", json!("hibernating"))));
    let plan = world
        .plan(&desired(&SODA.replace("status: live", "status: closed")))
        .await;
    assert_eq!(calls(&plan), Vec::<String>::new());
    let told = plan.notes.iter().any(|note| note.message.contains("hibernating"));
    assert!(told, "{:#?}", plan.notes);
}

#[tokio::test]
async fn how_far_fielding_got_is_told_in_neutral_words() {
    let world = open().await;
    world.converge(SODA).await;
    world.studio().respond(0, 100, 300);
    let known = world.keeper.known().await;
    let address = Address::survey("soda");
    let reading = world.readers[&ID].survey(&LiveKey::survey("st-1")).await;
    let now = "2026-03-03T06:00:00Z".parse().unwrap();
    let resource = &known.resources[&address];
    let infield::model::ResourceKind::Survey(survey) = &resource.kind else {
        panic!("{resource:?}")
    };
    let (limits, past) = (Default::default(), Default::default());
    let lens = Lens {
        limits: &limits,
        past: &past,
        now,
    };
    let told = Fieldwork::read(address, ID, "st-1", survey, &reading, &lens);
    assert_eq!(told.verdict, Verdict::InField, "{told:#?}");
    assert_eq!((told.completes, told.goal), (Some(100), Some(400)));
    assert_eq!(told.status.as_deref(), Some("fielding"));
    assert_eq!(told.incidence_rate.actual, Some(25.into()));
    assert_eq!(told.cost.unwrap().to_string(), "375.00 USD");
    assert_eq!(told.projected_cost.unwrap().to_string(), "1500.00 USD");
    let quotas: Vec<_> = told
        .quotas
        .iter()
        .map(|quota| (quota.completes, quota.goal))
        .collect();
    assert_eq!(quotas, [(Some(100), Some(200)), (Some(0), Some(200))]);
}
