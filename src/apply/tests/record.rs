//! What is remembered: of a step that is done, and of a plan that sends nothing about it.

use super::support::{NOW, World, applied, draft, in_field, known, ok, plan, refused, step, titled, write};
use crate::apply::record::record_survey;
use crate::model::desired::{OnRemove, Policy};
use crate::model::known::{Act, Finished, Job, PausedBy};
use crate::model::ladder::Climb;
use crate::model::{
    Address, DesiredGroup, Intent, KnownSurvey, Links, Method, Resource, ResourceKind, SurveySpec,
};
use crate::plan::{Action, Plan, Record, Step};
use jiff::Timestamp;

/// On a stage of its ladder.
fn on(rung: &str) -> Climb {
    Climb {
        rung: rung.to_owned(),
        whole: 100,
        since: "2026-11-01T00:00:00Z".parse().ok(),
        approved: Vec::new(),
        ..Climb::default()
    }
}

/// A survey of which everything is remembered that can be.
fn everything() -> KnownSurvey {
    KnownSurvey {
        climb: Some(on("soft")),
        continues: false,
        applied: titled("Old"),
        in_field: false,
        policy: Policy::default(),
        unsure: ["/cpi".to_owned(), "/max_cpi".to_owned()].into(),
        paused_for_edit: true,
        job: Some(Job {
            call: "PUT /p null".to_owned(),
            key: "k".to_owned(),
            path: None,
        }),
        orphaned: true,
        former: vec!["5".to_owned(), "6".to_owned()],
        paused_by: Some(PausedBy::now(Act::Freeze)),
        finished: None,
        moved_from: Some(Address::survey("tea")),
        replaced: Default::default(),
        links: links(),
    }
}

fn links() -> Links {
    Links {
        entry: Some("https://example.com/start-survey?survey_id=7".to_owned()),
        questionnaire: None,
    }
}

fn now() -> Option<Timestamp> {
    NOW.parse().ok()
}

fn reached(at: Option<Timestamp>) -> Finished {
    Finished {
        goal: 100,
        completes: 101,
        at,
    }
}

fn policy() -> Policy {
    Policy {
        on_remove: OnRemove::Close,
        ..Policy::default()
    }
}

#[test]
fn a_stage_is_remembered_until_another_one_is_written_or_there_is_none_any_more() {
    let after = |climb| {
        let record = Record::survey(titled("New"), true, policy(), false).climbing(climb);
        record_survey(everything(), &record, &[], now()).climb
    };
    // What was frozen begins its time anew.
    let begun = |rung| {
        Some(Climb {
            since: now(),
            ..on(rung)
        })
    };
    assert_eq!(after(None), begun("soft"));
    assert_eq!(after(Some(on("ramp"))), begun("ramp"));
    assert_eq!(after(Some(Climb::over())), None);
}

#[test]
fn the_time_of_a_stage_begins_when_it_is_in_field_and_ends_when_infield_takes_it_out() {
    let kept = |act: Option<Act>, in_field: bool, climb: Climb| {
        let before = KnownSurvey {
            paused_by: act.map(PausedBy::now),
            ..everything()
        };
        let record = Record::survey(titled("New"), in_field, policy(), false).climbing(Some(climb));
        record_survey(before, &record, &[], now()).climb.unwrap().since
    };
    let (early, unknown) = (
        on("soft"),
        Climb {
            since: None,
            ..on("soft")
        },
    );
    assert_ne!(early.since, now());
    for act in [None, Some(Act::Cut), Some(Act::Hold)] {
        assert_eq!(kept(act, true, early.clone()), early.since, "{act:?}");
    }
    for act in [Some(Act::Freeze), Some(Act::Manifest)] {
        assert_eq!(kept(act, true, early.clone()), now(), "{act:?}");
    }
    let asleep = Record::survey(titled("New"), false, policy(), false)
        .because(Some(PausedBy::now(Act::Hours)), None)
        .climbing(Some(on("soft")));
    let asleep = record_survey(everything(), &asleep, &[], now());
    assert_eq!(
        asleep.climb.unwrap().since,
        early.since,
        "closed hours are a part of it"
    );
    assert_eq!(kept(None, true, unknown.clone()), now());
    assert_eq!(kept(None, false, early), None);
    assert_eq!(kept(None, false, unknown), None);
}

#[test]
fn what_a_step_achieved_takes_the_place_of_what_was_under_way() {
    let record = Record::Survey {
        continues: false,
        climb: None,
        applied: Box::new(titled("New")),
        in_field: true,
        policy: policy(),
        orphaned: false,
        paused_by: None,
        finished: Some(reached(None)),
    };
    let expected = KnownSurvey {
        climb: Some(Climb {
            since: now(),
            ..on("soft")
        }),
        continues: false,
        applied: titled("New"),
        in_field: true,
        policy: policy(),
        unsure: ["/max_cpi".to_owned()].into(),
        paused_for_edit: false,
        job: None,
        orphaned: false,
        former: vec!["5".to_owned(), "6".to_owned()],
        paused_by: None,
        finished: Some(reached(now())),
        moved_from: Some(Address::survey("tea")),
        replaced: Default::default(),
        links: links(),
    };
    assert_eq!(
        record_survey(everything(), &record, &["/cpi".to_owned()], now()),
        expected
    );
}

#[test]
fn a_survey_that_was_replaced_and_is_closed_is_all_that_is_forgotten() {
    let record = Record::FormerClosed {
        id: "5".to_owned(),
        collected: Default::default(),
    };
    let expected = KnownSurvey {
        former: vec!["6".to_owned()],
        replaced: Default::default(),
        ..everything()
    };
    assert_eq!(
        record_survey(everything(), &record, &["/cpi".to_owned()], now()),
        expected
    );
    let moved = Record::Moved {
        from: Address::survey("tea"),
    };
    for other in [Record::Forgotten, moved, Record::Group(group())] {
        assert_eq!(record_survey(everything(), &other, &[], now()), everything());
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_done_is_remembered_with_the_id_that_was_known() {
    let world = World::knowing([("soda", known("7", everything()))]).await;
    world.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    let update = Step {
        calls: vec![write(Method::Patch, "/surveys/{soda}")],
        hidden: vec!["/cpi".to_owned()],
        record: applied(titled("New")),
        ..step("soda", Action::Update)
    };
    world.apply([update]).await;
    let expected = KnownSurvey {
        applied: titled("New"),
        unsure: ["/max_cpi".to_owned()].into(),
        former: vec!["5".to_owned(), "6".to_owned()],
        moved_from: Some(Address::survey("tea")),
        replaced: Default::default(),
        links: links(),
        // How far it is on its ladder stays where a step says nothing of it; out of field its time does not run.
        climb: Some(Climb {
            since: None,
            ..on("soft")
        }),
        ..KnownSurvey::default()
    };
    assert_eq!(world.stored("soda"), Some(known("7", expected)));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_remembered_has_failed() {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.commit_fails(1);
    world.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    let update = Step {
        calls: vec![write(Method::Patch, "/surveys/{soda}")],
        ..step("soda", Action::Update)
    };
    let tally = world.apply([update]).await;
    assert_eq!((tally.failed, tally.done), (1, 0));
    assert_eq!(
        world.failure().0,
        "the state at memory cannot be written: the disk is full"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_not_remembered_again() {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    let forget = Step {
        record: Record::Forgotten,
        ..step("soda", Action::Forget)
    };
    let late = Step {
        id: "soda:late".to_owned(),
        depends_on: vec!["soda:forget".to_owned()],
        ..step("soda", Action::Update)
    };
    world.vendor([("GET /surveys/7", draft("7"))]);
    let tally = world.apply([forget, late]).await;
    assert_eq!(tally.done, 2);
    assert_eq!(world.stored("soda"), None);
}

fn group() -> DesiredGroup {
    DesiredGroup {
        vendor: crate::marketplace::CINT,
        reference: "drinks".to_owned(),
        title: "Drinks".to_owned(),
        members: Vec::new(),
        exclusion_days: Some(30),
    }
}

fn bookkeeping<const N: usize>(records: [(&str, Record); N]) -> Plan {
    Plan {
        bookkeeping: records
            .into_iter()
            .map(|(address, record)| (Address::survey(address), record))
            .collect(),
        ..plan([])
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_plan_remembers_without_sending_anything_is_written_first() {
    let world = World::knowing([
        ("soda", known("7", KnownSurvey::default())),
        ("tea", known("8", KnownSurvey::default())),
    ])
    .await;
    world.vendor([("PATCH /surveys/8", refused(400))]);
    let update = Step {
        calls: vec![write(Method::Patch, "/surveys/{tea}")],
        ..step("tea", Action::Update)
    };
    let plan = Plan {
        steps: vec![update],
        ..bookkeeping([
            ("soda", in_field(titled("New"))),
            ("drinks", Record::Group(group())),
            ("nobody", in_field(titled("New"))),
        ])
    };
    world.run(&plan).await.unwrap();
    assert_eq!(
        world.log(),
        [
            "state: put drinks drinks (group); put soda 7 (in field)",
            "PATCH /surveys/8",
        ]
    );
    assert_eq!(world.survey("soda").applied, titled("New"));
    let expected = Resource {
        vendor: crate::marketplace::CINT,
        kind: ResourceKind::Group(group()),
        id: "drinks".to_owned(),
    };
    assert_eq!(world.stored("drinks"), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_the_bookkeeping_cannot_be_written() {
    let moved = Record::Moved {
        from: Address::survey("soda"),
    };
    for (address, record) in [("soda", in_field(titled("New"))), ("soda@cint", moved)] {
        let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
        world.commit_fails(1);
        let update = Step {
            calls: vec![write(Method::Patch, "/surveys/7")],
            ..step("soda", Action::Update)
        };
        let plan = Plan {
            steps: vec![update],
            ..bookkeeping([(address, record)])
        };
        let error = world.run(&plan).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state at memory cannot be written: the disk is full"
        );
        assert_eq!(world.log(), ["state: cannot be written"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_remembers_nothing_writes_nothing() {
    let world = World::knowing([("drinks", known("7", KnownSurvey::default()))]).await;
    world.run(&bookkeeping([])).await.unwrap();
    assert_eq!(world.log(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_record_of_a_survey_leaves_an_exclusion_group_alone() {
    let resource = Resource {
        vendor: crate::marketplace::CINT,
        kind: ResourceKind::Group(group()),
        id: "drinks".to_owned(),
    };
    let world = World::knowing([("drinks", resource.clone())]).await;
    let plan = bookkeeping([("drinks", in_field(SurveySpec::default()))]);
    world.run(&plan).await.unwrap();
    assert_eq!(world.log(), [""; 0]);
    assert_eq!(world.stored("drinks"), Some(resource));
}

#[tokio::test(start_paused = true)]
async fn several_records_of_one_survey_are_all_kept() {
    let world = World::knowing([("soda", known("7", everything()))]).await;
    let closed = |id: &str| Record::FormerClosed {
        id: id.to_owned(),
        collected: Default::default(),
    };
    let plan = bookkeeping([
        ("soda", in_field(titled("New"))),
        ("soda", closed("5")),
        ("soda", closed("6")),
    ]);
    world.run(&plan).await.unwrap();
    let survey = world.survey("soda");
    assert!(survey.in_field);
    assert_eq!(survey.former, [""; 0]);
}

fn intent(address: &str) -> Intent {
    Intent {
        continues: false,
        address: Address::survey(address),
        vendor: crate::marketplace::PURESPECTRUM,
        step: format!("{address}:create"),
        at: NOW.to_owned(),
        vendor_at: None,
        call: "POST /surveys".to_owned(),
        body: None,
        wanted: titled("Soda"),
        group: None,
        hidden: Vec::new(),
        former: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_moved_takes_its_open_creates_along_and_leaves_nothing_behind() {
    let world = World::with(
        [
            ("soda", known("7", everything())),
            ("tea", known("8", everything())),
        ],
        [
            ("i1", intent("soda")),
            ("i2", intent("tea")),
            ("i3", intent("soda")),
        ],
    )
    .await;
    let moved = |from: &str| Record::Moved {
        from: Address::survey(from),
    };
    let plan = bookkeeping([
        ("soda@purespectrum", in_field(titled("New"))),
        ("soda@purespectrum", moved("soda")),
        ("nobody@cint", moved("nobody")),
    ]);
    world.run(&plan).await.unwrap();
    assert_eq!(
        world.log(),
        [
            "state: move soda to soda@purespectrum, nobody to nobody@cint",
            "state: put soda@purespectrum 7 (in field, unsure /cpi /max_cpi, former 5 6)",
        ]
    );
    assert_eq!(world.stored("soda"), None);
    assert_eq!(world.stored("tea"), Some(known("8", everything())));
    let expected = [
        (
            "i1".to_owned(),
            Intent {
                step: "soda:create".to_owned(),
                ..intent("soda@purespectrum")
            },
        ),
        ("i2".to_owned(), intent("tea")),
        (
            "i3".to_owned(),
            Intent {
                step: "soda:create".to_owned(),
                ..intent("soda@purespectrum")
            },
        ),
    ];
    assert_eq!(world.open(), expected.into());
}

#[tokio::test(start_paused = true)]
async fn what_was_moved_is_written_to_under_its_new_address() {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    let update = Step {
        calls: vec![write(Method::Patch, "/surveys/{soda@purespectrum}")],
        ..step("soda@purespectrum", Action::Update)
    };
    let moved = Record::Moved {
        from: Address::survey("soda"),
    };
    let plan = Plan {
        steps: vec![update],
        ..bookkeeping([("soda@purespectrum", moved)])
    };
    assert_eq!(world.run(&plan).await.unwrap().done, 1, "{:#?}", world.events());
    assert_eq!(world.stored("soda@purespectrum").unwrap().id, "7");
}
