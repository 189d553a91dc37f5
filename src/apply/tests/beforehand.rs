//! What is written down before a step, and surveys that are paused for the time of a change.

use super::support::{World, applied, draft, in_field, known, ok, refused, shown, step, titled, write};
use crate::model::desired::Policy;
use crate::model::known::{Act, PausedBy};
use crate::model::{
    Call, DesiredGroup, Field, KnownSurvey, Method, Resource, ResourceKind, Status, SurveySpec,
};
use crate::plan::{Action, Record, Step};

async fn world() -> World {
    World::knowing([("soda", known("7", KnownSurvey::default()))]).await
}

fn patch() -> Call {
    write(Method::Patch, "/surveys/{soda}")
}

#[tokio::test(start_paused = true)]
async fn that_a_survey_goes_in_field_is_known_before_it_does() {
    for action in [Action::Launch, Action::Resume] {
        let world = world().await;
        world.vendor([
            ("PATCH /surveys/7", ok()),
            ("GET /surveys/7", shown("7", Status::Live, &SurveySpec::default())),
        ]);
        let launch = Step {
            calls: vec![patch()],
            record: in_field(SurveySpec::default()),
            ..step("soda", action)
        };
        world.apply([launch]).await;
        assert_eq!(
            world.log(),
            [
                "state: put soda 7 (in field)",
                "PATCH /surveys/7",
                "GET /surveys/7",
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_survey_does_not_go_in_field_when_that_cannot_be_written_down() {
    let world = world().await;
    world.commit_fails(1);
    let launch = Step {
        calls: vec![patch()],
        ..step("soda", Action::Launch)
    };
    assert_eq!(world.apply([launch]).await.failed, 1);
    assert_eq!(world.log(), ["state: cannot be written"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_has_nothing_to_note_beforehand_writes_nothing() {
    for action in [Action::Update, Action::Pause] {
        let world = world().await;
        world.vendor([("PATCH /surveys/7", refused(400))]);
        let step = Step {
            calls: vec![patch()],
            ..step("soda", action)
        };
        world.apply([step]).await;
        assert_eq!(world.log(), ["PATCH /surveys/7"]);
    }
}

fn priced(cpi: &str) -> SurveySpec {
    SurveySpec {
        cpi: Field::Set(cpi.parse().unwrap()),
        ..titled("Soda")
    }
}

/// A step that writes a price that the vendor may not show.
fn reprice() -> Step {
    Step {
        calls: vec![patch()],
        hidden: vec!["/cpi".to_owned()],
        record: applied(priced("4.00 USD")),
        ..step("soda", Action::Update)
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_may_not_show_is_not_known_from_before_its_call_until_the_end_of_the_step() {
    let before = KnownSurvey {
        applied: priced("3.00 USD"),
        unsure: ["/max_cpi".to_owned()].into(),
        ..KnownSurvey::default()
    };
    let done = World::knowing([("soda", known("7", before.clone()))]).await;
    done.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    done.apply([reprice()]).await;
    assert_eq!(
        done.log(),
        [
            "state: put soda 7 (unsure /cpi /max_cpi)",
            "PATCH /surveys/7",
            "GET /surveys/7",
            "state: put soda 7 (unsure /max_cpi)",
        ]
    );

    let refused_it = World::knowing([("soda", known("7", before))]).await;
    refused_it.vendor([("PATCH /surveys/7", refused(400))]);
    refused_it.apply([reprice()]).await;
    let survey = refused_it.survey("soda");
    assert!(survey.unsure.contains("/cpi"));
    assert_eq!(
        survey.applied,
        priced("4.00 USD"),
        "of two prices the higher one counts"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_written_to_a_new_survey_says_nothing_about_the_one_it_replaces() {
    let replace = Step {
        action: Action::Replace,
        ..reprice()
    };
    let close = Step {
        action: Action::Close,
        record: Record::FormerClosed {
            id: "5".to_owned(),
            collected: Default::default(),
        },
        ..reprice()
    };
    for step in [replace, close] {
        let world = world().await;
        world.vendor([("PATCH /surveys/7", refused(400))]);
        world.apply([step]).await;
        assert_eq!(world.log(), ["PATCH /surveys/7"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_exclusion_group_has_nothing_to_note() {
    let group = DesiredGroup {
        vendor: crate::marketplace::PURESPECTRUM,
        reference: "g".to_owned(),
        title: "Group".to_owned(),
        members: Vec::new(),
        exclusion_days: None,
    };
    let resource = Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        id: "g".to_owned(),
        kind: ResourceKind::Group(group.clone()),
    };
    let world = World::knowing([("soda", resource)]).await;
    world.vendor([("PATCH /surveys/g", refused(400))]);
    let step = Step {
        record: Record::Group(group),
        ..reprice()
    };
    world.apply([step]).await;
    assert_eq!(world.log(), ["PATCH /surveys/g"]);
}

/// A change for which a survey in field is paused.
fn held() -> Step {
    Step {
        calls: vec![write(Method::Put, "/surveys/{soda}/pause"), patch()],
        resumes: vec![write(Method::Put, "/surveys/{soda}/resume")],
        record: in_field(titled("New")),
        ..step("soda", Action::Update)
    }
}

async fn live_world() -> World {
    let survey = KnownSurvey {
        applied: titled("Old"),
        in_field: true,
        ..KnownSurvey::default()
    };
    World::knowing([("soda", known("7", survey))]).await
}

#[tokio::test(start_paused = true)]
async fn a_survey_is_held_before_it_is_paused_and_put_back_once_the_change_was_seen() {
    let world = live_world().await;
    world.vendor([
        ("PUT /surveys/7/pause", ok()),
        ("PATCH /surveys/7", ok()),
        ("GET /surveys/7", shown("7", Status::Paused, &titled("New"))),
        ("PUT /surveys/7/resume", ok()),
        ("GET /surveys/7", shown("7", Status::Live, &titled("New"))),
    ]);
    let tally = world.apply([held()]).await;
    assert_eq!((tally.done, tally.calls), (1, 3), "{:#?}", world.events());
    assert_eq!(
        world.log(),
        [
            "state: put soda 7 (in field, held)",
            "PUT /surveys/7/pause",
            "PATCH /surveys/7",
            "GET /surveys/7",
            "PUT /surveys/7/resume",
            "GET /surveys/7",
            "state: put soda 7 (in field)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_survey_whose_change_is_not_seen_stays_paused() {
    for (seen, why) in [
        (
            shown("7", Status::Paused, &titled("Old")),
            r#"the vendor did not keep what was sent: /title is "Old" instead of "New"; it stays paused"#,
        ),
        (
            refused(404),
            "the survey is not there after all: PureSpectrum refuses (404, code 7): no; it stays paused",
        ),
    ] {
        let world = live_world().await;
        world.vendor([
            ("PUT /surveys/7/pause", ok()),
            ("PATCH /surveys/7", ok()),
            ("GET /surveys/7", seen.always()),
        ]);
        assert_eq!(world.apply([held()]).await.failed, 1);
        assert_eq!(world.failure().0, why);
        assert!(world.survey("soda").paused_for_edit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_survey_that_is_not_seen_in_field_was_not_put_back() {
    for (seen, why) in [
        (
            shown("7", Status::Paused, &titled("New")),
            "the vendor did not keep what was sent: /status is paused instead of live",
        ),
        (
            refused(404),
            "the survey is not there after all: PureSpectrum refuses (404, code 7): no",
        ),
    ] {
        let world = live_world().await;
        world.vendor([
            ("PUT /surveys/7/pause", ok()),
            ("PATCH /surveys/7", ok()),
            ("GET /surveys/7", shown("7", Status::Paused, &titled("New"))),
            ("PUT /surveys/7/resume", ok()),
            ("GET /surveys/7", seen.always()),
        ]);
        assert_eq!(world.apply([held()]).await.failed, 1);
        assert_eq!(world.failure().0, why);
        assert!(world.survey("soda").paused_for_edit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_survey_is_put_back_where_nobody_can_look() {
    let mut world = live_world().await;
    world.readers.clear();
    world.vendor([
        ("PUT /surveys/7/pause", ok()),
        ("PATCH /surveys/7", ok()),
        ("PUT /surveys/7/resume", ok()),
    ]);
    assert_eq!(world.apply([held()]).await.done, 1);
    assert!(!world.survey("soda").paused_for_edit);
}

#[tokio::test(start_paused = true)]
async fn a_pause_for_hours_is_known_as_such_before_it_is_made_and_no_other_pause_is() {
    for (act, noted) in [(Act::Hours, true), (Act::Manifest, false)] {
        let world = live_world().await;
        world.vendor([("PUT /surveys/7/pause", refused(400))]);
        let pause = Step {
            calls: vec![write(Method::Put, "/surveys/{soda}/pause")],
            record: Record::survey(titled("Old"), false, Policy::default(), false)
                .because(Some(PausedBy::now(act)), None),
            ..step("soda", Action::Pause)
        };
        assert_eq!(world.apply([pause]).await.failed, 1);
        let survey = world.survey("soda");
        assert!(survey.in_field, "whether it got through was never seen");
        assert_eq!(survey.paused_by.map(|by| by.act), noted.then_some(act));
        assert!(survey.paused_by.is_none_or(|by| by.at.is_some()));
        assert_eq!(world.log().len(), 1 + usize::from(noted), "{:?}", world.log());
    }
}
