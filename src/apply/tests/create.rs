//! Calls that make something: never twice, and never forgotten.

use super::support::{
    NOW, World, applied, create, draft, known, known_at_cint, ok, plan, refused, step, titled, write,
};
use crate::apply::Event;
use crate::marketplace::http::scripted::Answer;
use crate::model::{Address, Call, CallClass, Field, Intent, KnownSurvey, Method, Status, SurveySpec};
use crate::plan::{Action, Record, Step};
use serde_json::{Value, json};

/// A draft with a title and a setting, and what the vendor may not show of it.
fn soda() -> SurveySpec {
    SurveySpec {
        attributes: [("data_quality".to_owned(), Field::Set(json!(true)))].into(),
        ..titled("Soda")
    }
}

fn make(calls: Vec<Call>) -> Step {
    Step {
        calls,
        record: applied(soda()),
        ..step("soda", Action::Create)
    }
}

fn made(id: impl Into<Value>) -> Answer {
    let id: Value = id.into();
    Answer::new(200, &json!({"id": id}))
}

#[tokio::test(start_paused = true)]
async fn a_create_is_written_down_before_it_is_sent_and_its_id_before_what_needs_it() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", made(7)),
        ("PATCH /surveys/7", ok()),
        ("GET /surveys/7", draft("7")),
    ]);
    let patch = write(Method::Patch, "/surveys/{soda}");
    let tally = world.apply([make(vec![create(), patch])]).await;
    assert_eq!(
        world.log(),
        [
            "state: open key-1 of soda",
            "POST /surveys",
            "state: put soda 7; close key-1",
            "PATCH /surveys/7",
            "GET /surveys/7",
            "state: put soda 7",
        ]
    );
    assert_eq!((tally.done, tally.calls), (1, 2));
    assert_eq!(world.survey("soda").applied, soda());
}

#[tokio::test(start_paused = true)]
async fn what_is_written_down_in_whole_with_its_id_is_not_written_again() {
    let world = World::new().await;
    world.vendor([("POST /surveys", made(7)), ("GET /surveys/7", draft("7"))]);
    world.apply([make(vec![create()])]).await;
    assert_eq!(
        world.log(),
        [
            "state: open key-1 of soda",
            "POST /surveys",
            "state: put soda 7; close key-1",
            "GET /surveys/7",
        ]
    );
    assert_eq!(world.survey("soda").applied, soda());
}

#[tokio::test(start_paused = true)]
async fn an_id_is_told_once_the_state_has_it() {
    let world = World::new().await;
    world.vendor([("POST /surveys", made("7")), ("GET /surveys/7", draft("7"))]);
    world.apply([make(vec![create()])]).await;
    let events = world.events();
    let told = |event: &Event| matches!(event, Event::Created { id, .. } if id == "7");
    assert_eq!(events.iter().filter(|event| told(event)).count(), 1);

    let world = World::new().await;
    world.commit_fails(2);
    world.vendor([("POST /surveys", made("7"))]);
    world.apply([make(vec![create()])]).await;
    assert!(!world.events().iter().any(told), "{:#?}", world.events());
}

#[tokio::test(start_paused = true)]
async fn a_create_that_cannot_be_written_down_is_not_sent() {
    let world = World::new().await;
    world.commit_fails(1);
    let tally = world.apply([make(vec![create()])]).await;
    assert_eq!(world.log(), ["state: cannot be written"]);
    let (problem, _, unknown) = world.failure();
    assert!(
        problem.ends_with("the disk is full; nothing was sent"),
        "{problem}"
    );
    assert!(!unknown);
    assert_eq!((tally.failed, tally.unknown, tally.calls), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_create_without_an_answer_stays_open_with_all_that_finding_it_needs() {
    let world = World::new().await;
    world.vendor([("POST /surveys", Answer::lost())]);
    let call = Call {
        body: Some(json!({"title": "Soda"}).into()),
        ..create()
    };
    let step = Step {
        hidden: vec!["/purespectrum/data_quality".to_owned()],
        ..make(vec![call])
    };
    let tally = world.apply([step]).await;
    assert_eq!(world.log(), ["state: open key-1 of soda", "POST /surveys"]);
    assert_eq!((tally.failed, tally.unknown, tally.calls), (1, 1, 0));
    let intent = Intent {
        continues: false,
        address: Address::survey("soda"),
        vendor: crate::marketplace::PURESPECTRUM,
        step: "soda:create".to_owned(),
        at: NOW.to_owned(),
        vendor_at: None,
        call: "POST /surveys".to_owned(),
        body: Some(json!({"title": "Soda"})),
        wanted: soda(),
        group: None,
        hidden: vec!["/purespectrum/data_quality".to_owned()],
        former: Vec::new(),
    };
    assert_eq!(world.open(), [("key-1".to_owned(), intent)].into());
    let (problem, help, unknown) = world.failure();
    assert!(unknown);
    assert!(
        problem.starts_with("POST /surveys: no answer from PureSpectrum"),
        "{problem}"
    );
    assert!(problem.ends_with("it will not be sent again"), "{problem}");
    assert!(help.contains("`infield state resolve soda --adopt ID`"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_create_with_a_key_that_has_no_answer_stays_open_too() {
    let world = World::new().await;
    let keyed = Call {
        class: CallClass::KeyedWrite,
        ..create()
    };
    world.vendor([
        ("POST /surveys", Answer::lost()),
        ("POST /surveys", Answer::lost()),
    ]);
    let tally = world.apply([make(vec![keyed])]).await;
    assert_eq!(tally.unknown, 1);
    assert_eq!(world.open().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_the_vendor_refuses_is_settled() {
    let world = World::new().await;
    world.vendor([("POST /surveys", refused(400))]);
    let tally = world.apply([make(vec![create()])]).await;
    assert_eq!(
        world.log(),
        ["state: open key-1 of soda", "POST /surveys", "state: close key-1"]
    );
    assert_eq!(world.open(), [].into());
    assert_eq!((tally.failed, tally.unknown), (1, 0));
    let (problem, help, unknown) = world.failure();
    assert_eq!(problem, "POST /surveys: PureSpectrum refuses (400, code 7): no");
    assert_eq!((help.as_str(), unknown), ("", false));
}

#[tokio::test(start_paused = true)]
async fn a_refused_create_that_cannot_be_settled_says_so() {
    let world = World::new().await;
    world.commit_fails(2);
    world.vendor([("POST /surveys", refused(400))]);
    world.apply([make(vec![create()])]).await;
    let (problem, _, unknown) = world.failure();
    assert!(
        problem.starts_with("POST /surveys: PureSpectrum refuses"),
        "{problem}"
    );
    assert!(
        problem.ends_with("besides, the state at memory cannot be written: the disk is full"),
        "{problem}"
    );
    assert!(!unknown, "nothing was made");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_an_id_leaves_the_create_open() {
    for nothing in [
        json!({}),
        json!({"id": ""}),
        json!({"id": null}),
        json!({"id": [7]}),
    ] {
        let world = World::new().await;
        world.vendor([("POST /surveys", Answer::new(200, &nothing))]);
        let tally = world.apply([make(vec![create()])]).await;
        assert_eq!(tally.unknown, 1, "{nothing}");
        assert_eq!(world.open().len(), 1, "{nothing}");
        assert_eq!(world.stored("soda"), None, "{nothing}");
        let (problem, ..) = world.failure();
        assert!(
            problem.starts_with("POST /surveys: the answer carries no id"),
            "{problem}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_cannot_be_written_down_is_told_and_its_create_stays_open() {
    let world = World::new().await;
    world.commit_fails(2);
    world.vendor([("POST /surveys", made("7"))]);
    let patch = write(Method::Patch, "/surveys/{soda}");
    let tally = world.apply([make(vec![create(), patch])]).await;
    assert_eq!(
        world.log(),
        [
            "state: open key-1 of soda",
            "POST /surveys",
            "state: cannot be written"
        ]
    );
    assert_eq!(world.open().len(), 1);
    assert_eq!(
        (tally.failed, tally.unknown),
        (1, 1),
        "something is there that the state does not know"
    );
    let (problem, help, unknown) = world.failure();
    assert!(unknown);
    assert!(problem.contains("the disk is full"), "{problem}");
    assert!(problem.contains("the vendor has made 7"), "{problem}");
    assert!(help.contains("`infield state resolve soda --adopt 7`"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_create_is_its_intent() {
    let world = World::new().await;
    let keyed = Call {
        class: CallClass::KeyedWrite,
        headers: [
            ("idempotency-key".to_owned(), "{$key}".to_owned()),
            ("if-match".to_owned(), "v1".to_owned()),
        ]
        .into(),
        ..create()
    };
    world.vendor([
        ("POST /surveys", Answer::lost()),
        ("POST /surveys", Answer::lost()),
    ]);
    world.apply([make(vec![keyed])]).await;
    let sent = "POST /surveys (idempotency-key: key-1) (if-match: v1)";
    assert_eq!(world.log(), ["state: open key-1 of soda", sent, sent]);
}

#[tokio::test(start_paused = true)]
async fn a_new_survey_keeps_the_ones_that_it_stands_in_for() {
    let before = KnownSurvey {
        former: vec!["5".to_owned()],
        moved_from: Some(crate::model::Address::survey("cola")),
        replaced: crate::model::study::Collected {
            completes: 40,
            ..Default::default()
        },
        ..KnownSurvey::default()
    };
    let replace = || Step {
        id: "soda:replace".to_owned(),
        action: Action::Replace,
        ..make(vec![create()])
    };
    let world = World::knowing([("soda", known("6", before.clone()))]).await;
    world.vendor([("POST /surveys", made("7")), ("GET /surveys/7", draft("7"))]);
    world.apply([replace()]).await;
    assert_eq!(
        world.log(),
        [
            "state: open key-1 of soda",
            "POST /surveys",
            "state: put soda 7 (former 5 6); close key-1",
            "GET /surveys/7",
            "state: put soda 7 (former 5 6)",
        ]
    );
    let now = world.survey("soda");
    assert_eq!(
        (&now.moved_from, &now.replaced),
        (&before.moved_from, &before.replaced)
    );

    let world = World::knowing([("soda", known("6", before.clone()))]).await;
    world.vendor([("POST /surveys", Answer::lost())]);
    world.apply([replace()]).await;
    assert_eq!(world.open()["key-1"].former, ["5", "6"]);
    assert_eq!(world.stored("soda"), Some(known("6", before.clone())));

    let world = World::knowing([("soda", known("6", before))]).await;
    world.vendor([("POST /surveys", Answer::lost())]);
    world.apply([make(vec![create()])]).await;
    assert_eq!(
        world.open()["key-1"].former,
        [""; 0],
        "only a replacement stands in for another"
    );
}

/// An interruption between the two calls would lose it without anybody noticing.
#[tokio::test(start_paused = true)]
async fn a_setting_that_a_second_call_writes_does_not_count_before_that_call() {
    let world = World::new().await;
    world.vendor([("POST /surveys", made("7")), ("PATCH /surveys/7", refused(400))]);
    let step = Step {
        hidden: vec!["/purespectrum/data_quality".to_owned()],
        ..make(vec![create(), write(Method::Patch, "/surveys/{soda}")])
    };
    world.apply([step]).await;
    let survey = world.survey("soda");
    assert_eq!(survey.applied, titled("Soda"));
    assert_eq!(survey.unsure, ["/purespectrum/data_quality".to_owned()].into());

    let world = World::new().await;
    world.vendor([
        ("POST /surveys", made("7")),
        ("GET /surveys/7", refused(400).always()),
    ]);
    let tally = world.apply([make(vec![create()])]).await;
    assert_eq!(tally.failed, 1);
    assert_eq!(
        world.survey("soda").applied,
        soda(),
        "one call has written it all"
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_just_been_made_is_a_draft_under_the_decisions_of_its_manifest() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", made("7")),
        ("GET /surveys/7", refused(400).always()),
    ]);
    let policy = crate::model::desired::Policy {
        on_remove: crate::model::desired::OnRemove::Close,
        ..Default::default()
    };
    let record = Record::Survey {
        continues: false,
        climb: None,
        applied: Box::new(titled("Soda")),
        in_field: true,
        policy: policy.clone(),
        orphaned: true,
        paused_by: None,
        finished: None,
    };
    world
        .apply([Step {
            record,
            ..make(vec![create()])
        }])
        .await;
    let expected = KnownSurvey {
        applied: titled("Soda"),
        policy,
        ..KnownSurvey::default()
    };
    assert_eq!(world.stored("soda"), Some(known("7", expected)));
}

#[tokio::test(start_paused = true)]
async fn what_holds_groups_is_made_before_them_and_they_are_made_in_it() {
    let world = World::new().await;
    let at_cint = |address: &str, path: &str| Step {
        vendor: crate::marketplace::CINT,
        calls: vec![Call {
            path: path.to_owned(),
            ..create()
        }],
        ..step(address, Action::Create)
    };
    world.vendor([
        ("POST /projects", made("p")),
        (
            "GET /demand/accounts/1/projects/p",
            Answer::new(200, &json!({"id": "p"})),
        ),
        ("POST /projects/p/groups", made("g")),
        (
            "GET /demand/accounts/1/projects/p/target-groups/g",
            Answer::new(200, &json!({"name": "us"})),
        ),
    ]);
    let group = Step {
        depends_on: vec!["soda:create".to_owned()],
        ..at_cint("soda/us", "/projects/{soda}/groups")
    };
    let tally = world.apply([at_cint("soda", "/projects"), group]).await;
    assert_eq!(tally.done, 2, "{:#?}", world.events());
    let expected = known_at_cint("g", KnownSurvey::default());
    assert_eq!(world.stored("soda/us"), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_under_an_id_that_nobody_knows() {
    let world = World::new().await;
    let step = Step {
        calls: vec![write(Method::Patch, "/surveys/{tea}")],
        ..step("soda", Action::Update)
    };
    let result = world.run(&plan([step])).await.unwrap();
    assert_eq!((result.failed, result.calls), (1, 0));
    assert_eq!(world.log(), [""; 0]);
    assert_eq!(world.failure().0, "the id of tea is not known yet");
}

#[tokio::test(start_paused = true)]
async fn a_survey_that_was_made_is_found_live_only_if_the_vendor_says_so() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", made("7")),
        (
            "GET /surveys/7",
            super::support::shown("7", Status::Live, &soda()),
        ),
    ]);
    let tally = world.apply([make(vec![create()])]).await;
    assert_eq!(tally.done, 1, "a create says nothing about a status");
    assert!(!world.survey("soda").in_field);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_somebodys_already_is_not_taken_from_an_answer() {
    let owned = [
        known("7", KnownSurvey::default()),
        known(
            "9",
            KnownSurvey {
                former: vec!["7".to_owned()],
                ..KnownSurvey::default()
            },
        ),
    ];
    for owner in owned {
        let world = World::knowing([("cola", owner.clone())]).await;
        world.vendor([("POST /surveys", made("7"))]);
        let tally = world.apply([make(vec![create()])]).await;
        let (problem, _, unknown) = world.failure();
        assert!(
            unknown && problem.contains("names survey 7, which is `cola` in the state"),
            "{problem}"
        );
        assert_eq!((tally.failed, tally.unknown), (1, 1));
        assert_eq!((world.open().len(), world.stored("soda")), (1, None));
        assert_eq!(world.stored("cola"), Some(owner), "nothing is written over");
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendors_time_is_written_down_with_a_create() {
    let world = World::new().await;
    let dated = refused(422).header("date", "Sat, 21 Nov 2026 08:00:00 GMT");
    world.vendor([("PATCH /surveys/1", dated)]);
    let first = Step {
        calls: vec![write(Method::Patch, "/surveys/1")],
        ..step("cola", Action::Update)
    };
    world.apply([first]).await;
    world.vendor([("POST /surveys", Answer::lost())]);
    world.apply([make(vec![create()])]).await;
    let open = world.open();
    let intent = open.values().next().unwrap();
    assert_eq!(intent.vendor_at.as_deref(), Some("2026-11-21T08:00:00Z"));
}
