//! One call: what its answer means, what is sent instead of it, and the headers that are only known when it leaves.

use super::support::{World, applied, draft, known, known_at_cint, ok, refused, shown, step, write};
use crate::apply::Event;
use crate::marketplace::http::scripted::Answer;
use crate::model::call::Expectation;
use crate::model::{Call, CallClass, KnownSurvey, Method, Status, SurveySpec};
use crate::plan::{Action, Step};
use serde_json::json;

async fn world() -> World {
    World::knowing([("soda", known("7", KnownSurvey::default()))]).await
}

fn update(call: Call) -> Step {
    Step {
        calls: vec![call],
        ..step("soda", Action::Update)
    }
}

fn patch() -> Call {
    write(Method::Patch, "/surveys/{soda}")
}

fn close() -> Step {
    Step {
        calls: vec![Call {
            reaches: Some(Status::Closed),
            ..patch()
        }],
        ..step("soda", Action::Close)
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_status_that_is_refused_counts_where_the_status_is_seen() {
    for status in [409, 412, 422] {
        let world = world().await;
        let closed = || shown("7", Status::Closed, &SurveySpec::default());
        world.vendor([
            ("PATCH /surveys/7", refused(status)),
            ("GET /surveys/7", closed()),
            ("GET /surveys/7", closed()),
        ]);
        let tally = world.apply([close()]).await;
        assert_eq!((tally.done, tally.calls), (1, 0), "{:#?}", world.events());
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_status_that_is_refused_fails_where_another_status_is_seen() {
    for seen in [shown("7", Status::Paused, &SurveySpec::default()), refused(404)] {
        let world = world().await;
        world.vendor([("PATCH /surveys/7", refused(409)), ("GET /surveys/7", seen)]);
        let tally = world.apply([close()]).await;
        assert_eq!((tally.failed, tally.done), (1, 0));
        let (problem, ..) = world.failure();
        assert_eq!(
            problem,
            "PATCH /surveys/7: PureSpectrum refuses (409, code 7): no"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_not_about_the_state_is_not_looked_into() {
    let other_status = world().await;
    other_status.vendor([("PATCH /surveys/7", refused(400))]);
    other_status.apply([close()]).await;
    assert_eq!(other_status.log(), ["PATCH /surveys/7"]);

    let no_status = world().await;
    no_status.vendor([("PATCH /surveys/7", refused(409))]);
    no_status.apply([update(patch())]).await;
    assert_eq!(no_status.log(), ["PATCH /surveys/7"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_change_of_status_that_nobody_can_look_at_has_failed() {
    let mut world = world().await;
    world.readers.clear();
    world.vendor([("PATCH /surveys/7", refused(409))]);
    assert_eq!(world.apply([close()]).await.failed, 1);
}

/// A call with another spelling that is tried where the vendor does not take the first.
fn two_spellings() -> Call {
    Call {
        expects: Some(Expectation {
            pointer: "/ok".to_owned(),
            value: json!(true),
        }),
        otherwise: Some(Box::new(Call {
            path: "/other/{soda}".to_owned(),
            expects: Some(Expectation {
                pointer: "/ok".to_owned(),
                value: json!(true),
            }),
            ..write(Method::Put, "")
        })),
        ..write(Method::Put, "/one/{soda}")
    }
}

fn not_done() -> Answer {
    Answer::new(200, &json!({"ok": false}))
}

#[tokio::test(start_paused = true)]
async fn the_other_spelling_is_sent_once_the_vendor_did_not_take_the_first() {
    for first in [refused(404), not_done()] {
        let world = world().await;
        world.vendor([
            ("PUT /one/7", first),
            ("PUT /other/7", ok()),
            ("GET /surveys/7", draft("7")),
        ]);
        let tally = world.apply([update(two_spellings())]).await;
        assert_eq!(tally.done, 1, "{:#?}", world.events());
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_spelling_is_not_sent_while_the_first_may_have_been_taken() {
    let world = world().await;
    world.vendor([("PUT /one/7", Answer::lost()), ("PUT /one/7", Answer::lost())]);
    let tally = world.apply([update(two_spellings())]).await;
    assert_eq!(world.log(), ["PUT /one/7", "PUT /one/7"]);
    assert_eq!(tally.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn of_two_spellings_that_the_vendor_does_not_take_the_first_is_told() {
    for second in [refused(400), not_done()] {
        let world = world().await;
        world.vendor([("PUT /one/7", refused(404)), ("PUT /other/7", second)]);
        world.apply([update(two_spellings())]).await;
        assert_eq!(
            world.failure().0,
            "PUT /one/7: PureSpectrum refuses (404, code 7): no"
        );
    }
    let world = world().await;
    world.vendor([("PUT /one/7", not_done()), ("PUT /other/7", refused(400))]);
    world.apply([update(two_spellings())]).await;
    let (problem, ..) = world.failure();
    assert_eq!(
        problem,
        "PUT /one/7: the vendor answered success, but /ok is false instead of true"
    );
}

#[tokio::test(start_paused = true)]
async fn another_spelling_without_an_answer_is_worse_news_than_the_refusal_before_it() {
    let world = world().await;
    world.vendor([
        ("PUT /one/7", refused(404)),
        ("PUT /other/7", Answer::lost()),
        ("PUT /other/7", Answer::lost()),
    ]);
    world.apply([update(two_spellings())]).await;
    let (problem, help, _) = world.failure();
    assert!(problem.contains("no answer from PureSpectrum"), "{problem}");
    assert!(help.contains("`infield plan`"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_success_that_is_not_as_expected_is_none() {
    let call = || Call {
        expects: Some(Expectation {
            pointer: "/ok".to_owned(),
            value: json!(true),
        }),
        ..patch()
    };
    let world_of_no = world().await;
    world_of_no.vendor([("PATCH /surveys/7", not_done())]);
    let tally = world_of_no.apply([update(call())]).await;
    assert_eq!((tally.failed, tally.done), (1, 0));
    let told = |event: &Event| matches!(event, Event::CallDone { .. });
    assert!(!world_of_no.events().iter().any(told));

    let silent = world().await;
    silent.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    let tally = silent.apply([update(call())]).await;
    assert_eq!(
        (tally.done, tally.calls),
        (1, 1),
        "an answer that does not say is not against it"
    );
}

#[tokio::test(start_paused = true)]
async fn deleting_what_is_gone_is_done() {
    let gone = world().await;
    let delete = || update(write(Method::Delete, "/surveys/{soda}/quotas/men"));
    gone.vendor([
        ("DELETE /surveys/7/quotas/men", refused(404)),
        ("GET /surveys/7", draft("7")),
    ]);
    assert_eq!(gone.apply([delete()]).await.done, 1);

    let forbidden = world().await;
    forbidden.vendor([("DELETE /surveys/7/quotas/men", refused(400))]);
    assert_eq!(forbidden.apply([delete()]).await.failed, 1);

    let other = world().await;
    other.vendor([("PATCH /surveys/7", refused(404))]);
    assert_eq!(other.apply([update(patch())]).await.failed, 1, "only a delete");
}

#[tokio::test(start_paused = true)]
async fn removing_what_may_be_gone_is_done_when_it_is_refused_and_not_when_it_is_lost() {
    let remove = || {
        update(Call {
            may_be_gone: true,
            ..write(Method::Put, "/surveys/{soda}/remove")
        })
    };
    let gone = world().await;
    gone.vendor([
        ("PUT /surveys/7/remove", refused(400)),
        ("GET /surveys/7", draft("7")),
    ]);
    assert_eq!(gone.apply([remove()]).await.done, 1);

    let lost = world().await;
    lost.vendor([
        ("PUT /surveys/7/remove", Answer::lost()),
        ("PUT /surveys/7/remove", Answer::lost()),
    ]);
    assert_eq!(lost.apply([remove()]).await.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_without_an_account_is_not_written_to() {
    let mut world = world().await;
    world.writers.remove(&crate::marketplace::PURESPECTRUM);
    world.apply([update(patch())]).await;
    assert_eq!(world.log(), [""; 0]);
    assert_eq!(
        world.failure().0,
        "this environment configures no PureSpectrum account"
    );
}

#[tokio::test(start_paused = true)]
async fn repetitions_and_answers_are_told_as_they_happen() {
    let world = world().await;
    world.vendor([
        (
            "PATCH /surveys/7",
            Answer::new(429, "").header("retry-after", "3"),
        ),
        ("PATCH /surveys/7", ok()),
        ("GET /surveys/7", draft("7")),
    ]);
    world.apply([update(patch())]).await;
    let events = world.events();
    let retrying = Event::Retrying {
        step: "soda:update".to_owned(),
        problem: "429, the request rate is limited".to_owned(),
        wait_ms: 3000,
    };
    let done = Event::CallDone {
        step: "soda:update".to_owned(),
        call: "PATCH /surveys/7".to_owned(),
    };
    let at = |wanted: &Event| events.iter().position(|event| event == wanted);
    assert_eq!((at(&retrying), at(&done)), (Some(2), Some(3)), "{events:#?}");
}

fn versioned(method: Method, path: &str) -> Call {
    Call {
        headers: [("if-match".to_owned(), "v1".to_owned())].into(),
        ..write(method, path)
    }
}

fn at_cint(calls: Vec<Call>) -> Step {
    Step {
        vendor: crate::marketplace::CINT,
        calls,
        record: applied(SurveySpec::default()),
        ..step("soda", Action::Update)
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_sent_with_the_ids_that_are_known_by_then() {
    let world = world().await;
    world.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", draft("7"))]);
    let call = Call {
        body: Some(json!({"survey": {"$id": "soda"}, "note": "{soda}"}).into()),
        ..patch()
    };
    world.apply([update(call)]).await;
    assert_eq!(world.asked()[0].body, json!({"survey": 7, "note": "{soda}"}));
}

async fn world_at_cint() -> World {
    World::knowing([("soda", known_at_cint("7", KnownSurvey::default()))]).await
}

#[tokio::test(start_paused = true)]
async fn a_version_that_was_read_is_renewed_by_what_this_apply_has_written() {
    let world = world_at_cint().await;
    world.vendor([
        ("PUT /p/7/price", ok().header("etag", "v2")),
        ("PUT /p/7/price", ok().header("etag", "v3")),
        ("POST /p/7/price/raise", ok().header("etag", "v4")),
        ("PUT /p/7/price", ok()),
        ("PUT /p/7/quotas", ok()),
    ]);
    world.project("7");
    let price = || versioned(Method::Put, "/p/{soda}/price");
    world
        .apply([at_cint(vec![
            price(),
            price(),
            versioned(Method::Post, "/p/{soda}/price/raise"),
            price(),
            versioned(Method::Put, "/p/{soda}/quotas"),
        ])])
        .await;
    assert_eq!(
        world.log()[..5],
        [
            "PUT /p/7/price (if-match: v1)",
            "PUT /p/7/price (if-match: v2)",
            "POST /p/7/price/raise (if-match: v3)",
            "PUT /p/7/price (if-match: v4)",
            "PUT /p/7/quotas (if-match: v1)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_version_is_not_sent_where_none_was_read() {
    let world = world_at_cint().await;
    world.vendor([("PUT /p/7", ok().header("etag", "v2")), ("PUT /p/7", ok())]);
    world.project("7");
    let plain = || write(Method::Put, "/p/{soda}");
    world.apply([at_cint(vec![plain(), plain()])]).await;
    assert_eq!(world.log()[..2], ["PUT /p/7", "PUT /p/7"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_key_gets_a_new_one_each_time() {
    let world = world_at_cint().await;
    world.vendor([("PUT /p/7", ok()), ("PUT /p/7", ok())]);
    world.project("7");
    let keyed = || Call {
        class: CallClass::KeyedWrite,
        headers: [
            ("idempotency-key".to_owned(), "{$key}".to_owned()),
            ("if-match".to_owned(), "v1".to_owned()),
        ]
        .into(),
        ..write(Method::Put, "/p/{soda}")
    };
    world.apply([at_cint(vec![keyed(), keyed()])]).await;
    assert_eq!(
        world.log()[..2],
        [
            "PUT /p/7 (idempotency-key: key-1) (if-match: v1)",
            "PUT /p/7 (idempotency-key: key-2) (if-match: v1)",
        ]
    );
}
