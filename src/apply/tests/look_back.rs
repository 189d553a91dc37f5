//! What is in effect after a step, read back.

use super::support::{World, applied, known, known_at_cint, ok, refused, shown, step, titled, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::{Answers, Criterion, DesiredGroup, Field, KnownSurvey, Method, Quota, Status, SurveySpec};
use crate::plan::{Action, Record, Step};
use serde_json::json;

/// A step with one call, which succeeds.
fn sent(action: Action, record: Record) -> Step {
    Step {
        calls: vec![write(Method::Patch, "/surveys/{soda}")],
        record,
        ..step("soda", action)
    }
}

/// How a step ends where this is seen after it: the problem and the help, or nothing where it is done.
async fn ends(step: Step, seen: Answer) -> Option<(String, String)> {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.vendor([("PATCH /surveys/7", ok()), ("GET /surveys/7", seen.always())]);
    let tally = world.apply([step]).await;
    if tally.failed == 0 {
        assert_eq!(tally.done, 1);
        return None;
    }
    let (problem, help, unknown) = world.failure();
    assert!(!unknown);
    Some((problem, help))
}

fn gender(code: &str) -> Criterion {
    Criterion {
        question: "211".to_owned(),
        unit: None,
        answers: Answers::codes([code]),
    }
}

fn soda() -> SurveySpec {
    SurveySpec {
        completes: Field::Set(400),
        qualifications: Field::Set(vec![gender("111")].into()),
        quotas: Field::Set(
            vec![Quota {
                name: "men".to_owned(),
                completes: 200,
                criteria: vec![gender("111")].into(),
            }]
            .into(),
        ),
        ..titled("Soda")
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_seen_as_it_was_sent_is_done() {
    let seen = shown("7", Status::Draft, &soda());
    assert_eq!(ends(sent(Action::Update, applied(soda())), seen).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_others_have_changed_is_no_reason_to_say_that_a_pause_or_a_resume_was_not_kept() {
    for (action, status) in [
        (Action::Pause, Status::Paused),
        (Action::Close, Status::Closed),
        (Action::Resume, Status::Live),
    ] {
        let seen = shown("7", status, &titled("By hand"));
        assert_eq!(ends(sent(action, applied(soda())), seen).await, None, "{action}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_that_lag_behind_for_seconds_are_no_reason_to_say_that_something_was_not_kept() {
    let late = [
        refused(404),
        shown("7", Status::Draft, &titled("Old")),
        shown("7", Status::Draft, &soda()),
    ];
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.vendor([("PATCH /surveys/7", ok())]);
    for answer in late {
        world.vendor([("GET /surveys/7", answer)]);
    }
    assert_eq!(world.apply([sent(Action::Update, applied(soda()))]).await.done, 1);
}

#[tokio::test(start_paused = true)]
async fn everything_that_was_not_kept_is_told() {
    let other = SurveySpec {
        completes: Field::Set(300),
        qualifications: Field::Set(vec![gender("112")].into()),
        quotas: Field::Set(vec![].into()),
        ..titled("Cola")
    };
    let seen = shown("7", Status::Draft, &other);
    let (problem, help) = ends(sent(Action::Update, applied(soda())), seen).await.unwrap();
    assert_eq!(
        problem,
        "the vendor did not keep what was sent: /title is \"Cola\" instead of \"Soda\"; /completes is 300 instead of \
         400; /qualifications/gender is not as sent; /quotas/men is not as sent"
    );
    assert!(help.contains("the next plan shows the difference"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_field_a_qualification_and_a_quota_are_each_reason_enough() {
    let titled = SurveySpec {
        title: Field::Set("Cola".to_owned()),
        ..soda()
    };
    let qualified = SurveySpec {
        qualifications: Field::Set(vec![gender("112")].into()),
        ..soda()
    };
    let counted = SurveySpec {
        quotas: Field::Set(vec![].into()),
        ..soda()
    };
    for (seen, what) in [
        (titled, "/title is \"Cola\" instead of \"Soda\""),
        (qualified, "/qualifications/gender is not as sent"),
        (counted, "/quotas/men is not as sent"),
    ] {
        let seen = shown("7", Status::Draft, &seen);
        let (problem, _) = ends(sent(Action::Update, applied(soda())), seen).await.unwrap();
        assert_eq!(problem, format!("the vendor did not keep what was sent: {what}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_was_set_has_to_be_seen() {
    for (action, wanted, other) in [
        (Action::Launch, Status::Live, Status::Draft),
        (Action::Resume, Status::Live, Status::Paused),
        (Action::Pause, Status::Paused, Status::Live),
        (Action::Close, Status::Closed, Status::Paused),
    ] {
        let after = |status| ends(sent(action, applied(soda())), shown("7", status, &soda()));
        assert_eq!(after(wanted).await, None, "{action}");
        let (problem, _) = after(other).await.unwrap();
        assert_eq!(
            problem,
            format!("the vendor did not keep what was sent: /status is {other} instead of {wanted}")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_sets_no_status_takes_any() {
    for action in [Action::Create, Action::Update, Action::Replace] {
        let step = sent(action, applied(soda()));
        assert_eq!(
            ends(step, shown("7", Status::Closed, &soda())).await,
            None,
            "{action}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_survey_is_out_of_field_whatever_somebody_else_has_changed() {
    for (action, status) in [(Action::Pause, Status::Paused), (Action::Close, Status::Closed)] {
        let seen = shown("7", status, &titled("Somebody else's"));
        assert_eq!(ends(sent(action, applied(soda())), seen).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_survey_that_cannot_be_seen_is_not_as_wanted() {
    let (problem, help) = ends(sent(Action::Update, applied(soda())), refused(404))
        .await
        .unwrap();
    assert_eq!(
        problem,
        "the survey is not there after all: PureSpectrum refuses (404, code 7): no"
    );
    assert_eq!(help, "");
    let (problem, help) = ends(sent(Action::Update, applied(soda())), refused(400))
        .await
        .unwrap();
    assert_eq!(
        problem,
        "what was written could not be read back: PureSpectrum refuses (400, code 7): no"
    );
    assert!(help.contains("the next plan shows what is in effect"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_step_is_done_where_nobody_can_look() {
    let mut world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.readers.clear();
    world.vendor([("PATCH /surveys/7", ok())]);
    let tally = world.apply([sent(Action::Launch, applied(soda()))]).await;
    assert_eq!(tally.done, 1);
}

#[tokio::test(start_paused = true)]
async fn a_survey_that_was_replaced_has_to_be_seen_closed() {
    let former = KnownSurvey {
        former: vec!["5".to_owned(), "6".to_owned()],
        ..KnownSurvey::default()
    };
    let close = || Step {
        calls: vec![write(Method::Patch, "/surveys/6")],
        record: Record::FormerClosed {
            id: "6".to_owned(),
            collected: Default::default(),
        },
        ..step("soda", Action::Close)
    };
    let world = World::knowing([("soda", known("7", former.clone()))]).await;
    world.vendor([
        ("PATCH /surveys/6", ok()),
        ("GET /surveys/6", shown("6", Status::Closed, &titled("Whatever"))),
    ]);
    assert_eq!(world.apply([close()]).await.done, 1);
    assert_eq!(world.survey("soda").former, ["5"]);

    let world = World::knowing([("soda", known("7", former.clone()))]).await;
    world.vendor([
        ("PATCH /surveys/6", ok()),
        (
            "GET /surveys/6",
            shown("6", Status::Paused, &titled("Whatever")).always(),
        ),
    ]);
    assert_eq!(world.apply([close()]).await.failed, 1);
    assert_eq!(world.failure().0, "survey 6 is paused instead of closed");
    assert_eq!(world.survey("soda"), former);

    let world = World::knowing([("soda", known("7", former))]).await;
    world.vendor([
        ("PATCH /surveys/6", ok()),
        ("GET /surveys/6", refused(400).always()),
    ]);
    assert_eq!(world.apply([close()]).await.failed, 1);
    let (problem, ..) = world.failure();
    assert!(
        problem.starts_with("what was written could not be read back"),
        "{problem}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_exclusion_group_has_to_be_seen() {
    let group = DesiredGroup {
        vendor: crate::marketplace::PURESPECTRUM,
        reference: "drinks".to_owned(),
        title: "Drinks".to_owned(),
        members: Vec::new(),
        exclusion_days: None,
    };
    for (seen, problem) in [
        (Answer::new(200, r#"{"name":"Drinks"}"#), None),
        (
            refused(404),
            Some("the group is not there after all: PureSpectrum refuses (404, code 7): no"),
        ),
        (
            refused(400),
            Some("what was written could not be read back: PureSpectrum refuses (400, code 7): no"),
        ),
    ] {
        let world = World::new().await;
        world.vendor([
            ("POST /surveygroups", ok()),
            ("GET /surveygroups/drinks", seen.always()),
        ]);
        let create = Step {
            calls: vec![write(Method::Post, "/surveygroups")],
            record: Record::Group(group.clone()),
            ..step("drinks", Action::Create)
        };
        let tally = world.apply([create]).await;
        match problem {
            None => {
                assert_eq!(tally.done, 1);
                let stored = world.stored("drinks").unwrap();
                assert_eq!(stored.id, "drinks");
                assert_eq!(stored.kind, crate::model::ResourceKind::Group(group.clone()));
            }
            Some(problem) => {
                assert_eq!(world.failure().0, problem);
                assert_eq!(world.stored("drinks"), None);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_not_looked_at() {
    let world = World::knowing([("soda", known("7", KnownSurvey::default()))]).await;
    world.apply([sent_nothing()]).await;
    assert_eq!(world.log(), ["state: remove soda"]);
}

fn sent_nothing() -> Step {
    Step {
        record: Record::Forgotten,
        ..step("soda", Action::Forget)
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_is_looked_for_in_the_survey_that_holds_it() {
    let world = World::knowing([
        ("soda", known_at_cint("p", KnownSurvey::default())),
        ("soda/us", known_at_cint("g", KnownSurvey::default())),
    ])
    .await;
    world.vendor([
        ("PATCH /groups/g", ok()),
        (
            "GET /demand/accounts/1/projects/p/target-groups/g",
            Answer::new(200, &json!({"name": "us"})),
        ),
    ]);
    let update = Step {
        vendor: crate::marketplace::CINT,
        calls: vec![write(Method::Patch, "/groups/{soda/us}")],
        ..step("soda/us", Action::Update)
    };
    assert_eq!(world.apply([update]).await.done, 1, "{:#?}", world.events());
}
