//! Steps of one survey that run side by side: the close of one that it has replaced, and whatever else is to be done. Each
//! reads what is remembered, changes its own part of it and writes it back, and none may undo the other.
//!
//! What makes it hard is a third commit that is under way while both come to their end: both wait for it, and read
//! before either has written.

use super::support::{World, applied, create, in_field, known, ok, step, titled, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until};
use crate::model::{Address, Call, CallClass, KnownSurvey, Method, SurveySpec};
use crate::plan::{Action, Record, Step};
use serde_json::json;
use std::time::Duration;

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A world in which every commit takes a second. It remembers a survey that has replaced two others.
async fn world() -> World {
    let soda = KnownSurvey {
        applied: titled("Old"),
        former: vec!["5".to_owned(), "6".to_owned()],
        ..KnownSurvey::default()
    };
    let tea = KnownSurvey::default();
    let mut world = World::knowing([("soda", known("7", soda)), ("tea", known("8", tea))]).await;
    world.readers.clear();
    world.parallelism = 4;
    world.commits_take(millis(1000));
    world
}

/// Another survey, whose commit is under way for a second once its call was answered.
fn tea() -> Step {
    Step {
        calls: vec![write(Method::Patch, "/tea")],
        ..step("tea", Action::Update)
    }
}

/// The close of a survey that was replaced.
fn close() -> Step {
    Step {
        calls: vec![write(Method::Patch, "/former/5")],
        record: Record::FormerClosed {
            id: "5".to_owned(),
            collected: Default::default(),
        },
        ..step("soda", Action::Close)
    }
}

/// A step that takes its time and writes nothing down.
fn gate() -> Step {
    Step {
        calls: vec![write(Method::Patch, "/gate")],
        record: Record::Moved {
            from: Address::survey("gate"),
        },
        ..step("gate", Action::Update)
    }
}

fn update() -> Step {
    Step {
        calls: vec![write(Method::Patch, "/soda")],
        record: applied(titled("New")),
        ..step("soda", Action::Update)
    }
}

#[tokio::test(start_paused = true)]
async fn two_that_end_together_are_both_remembered() {
    let world = world().await;
    world.vendor([
        ("PATCH /tea", ok().after(millis(50))),
        ("PATCH /former/5", ok().after(millis(100))),
        ("PATCH /soda", ok().after(millis(200))),
    ]);
    let tally = world.apply([tea(), close(), update()]).await;
    assert_eq!(tally.done, 3);
    assert_eq!(
        world.log(),
        [
            "PATCH /tea",
            "PATCH /former/5",
            "PATCH /soda",
            "state: put tea 8",
            "state: put soda 7 (former 6)",
            "state: put soda 7 (former 6)",
        ]
    );
    assert_eq!(world.survey("soda").applied, titled("New"));
}

#[tokio::test(start_paused = true)]
async fn what_one_notes_before_it_begins_does_not_bring_back_what_another_has_ended() {
    let world = world().await;
    world.vendor([
        ("PATCH /tea", ok().after(millis(50))),
        ("PATCH /former/5", ok().after(millis(100))),
        ("PATCH /gate", ok().after(millis(200))),
        ("PATCH /soda", ok()),
    ]);
    let launch = Step {
        action: Action::Launch,
        record: in_field(SurveySpec::default()),
        depends_on: vec!["gate:update".to_owned()],
        ..update()
    };
    let tally = world.apply([tea(), close(), gate(), launch]).await;
    assert_eq!(tally.done, 4);
    assert_eq!(
        world.log()[3..],
        [
            "state: put tea 8",
            "state: put soda 7 (former 6)",
            "state: put soda 7 (in field, former 6)",
            "PATCH /soda",
            "state: put soda 7 (in field, former 6)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_that_one_remembers_does_not_bring_back_what_another_has_ended() {
    let world = world().await;
    world.vendor([
        ("PATCH /tea", ok().after(millis(50))),
        ("PATCH /former/5", ok().after(millis(200))),
        // First, because it looks for an earlier job before it writes down its own.
        ("PATCH /soda", ok().after(millis(100))),
        ("PUT /soda/price", ok()),
    ]);
    let call = Call {
        class: CallClass::KeyedWrite,
        headers: [("idempotency-key".to_owned(), KEY_PLACEHOLDER.to_owned())].into(),
        then: Some(Followup {
            path: "/jobs/{$job}".to_owned(),
            until: Until::Finished,
        }),
        ..write(Method::Put, "/soda/price")
    };
    let mut start = update();
    start.calls.push(call);
    assert_eq!(world.apply([tea(), close(), start]).await.done, 3);
    assert_eq!(
        world.log()[3..],
        [
            "state: put tea 8",
            "state: put soda 7 (former 6)",
            "state: put soda 7 (job key-1, former 6)",
            "PUT /soda/price (idempotency-key: key-1)",
            "state: put soda 7 (former 6)",
        ]
    );
}

/// The old survey in its place would be replaced a second time.
#[tokio::test(start_paused = true)]
async fn what_one_has_made_is_not_lost_when_another_ends_at_the_same_time() {
    // Whichever of the two comes first: the intent takes a second, then all three calls are sent.
    for made in [1300, 1500] {
        let world = world().await;
        world.vendor([
            (
                "POST /surveys",
                Answer::new(200, &json!({"id": "9"})).after(millis(made)),
            ),
            ("PATCH /tea", ok().after(millis(1200))),
            ("PATCH /former/5", ok().after(millis(1400))),
            ("PUT /surveys/9", ok()),
        ]);
        let replace = Step {
            id: "soda:replace".to_owned(),
            action: Action::Replace,
            calls: vec![create(), write(Method::Put, "/surveys/{soda}")],
            ..update()
        };
        let tally = world.apply([replace, tea(), close()]).await;
        assert_eq!(tally.done, 3, "{:#?}", world.events());
        assert_eq!(
            world.log()[..5],
            [
                "state: open key-1 of soda",
                "POST /surveys",
                "PATCH /tea",
                "PATCH /former/5",
                "state: put tea 8",
            ]
        );
        assert_eq!(world.stored("soda").unwrap().id, "9", "{made}");
        assert_eq!(world.survey("soda").former, ["6", "7"], "{made}");
        assert_eq!(world.open(), [].into());
    }
}
