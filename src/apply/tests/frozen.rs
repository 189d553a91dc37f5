//! The stop mark of a freeze, read before each request that spends and once more afterwards.

use super::support::{World, applied, known, ok, plan, shown, step, titled, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::{Address, Field, KnownSurvey, Method, Pattern, Status, SurveySpec};
use crate::plan::{Action, Plan, Record, Step};

fn in_field() -> SurveySpec {
    SurveySpec {
        status: Field::Set(Status::Live),
        ..titled("Soda")
    }
}

fn launch() -> Step {
    Step {
        calls: vec![write(Method::Patch, "/surveys/{soda}")],
        record: applied(in_field()),
        ..step("soda", Action::Launch)
    }
}

async fn world() -> World {
    World::knowing([("soda", known("7", KnownSurvey::default()))]).await
}

#[tokio::test(start_paused = true)]
async fn what_is_frozen_before_it_goes_in_field_is_not_even_begun() {
    let world = world().await;
    world.freezing()();
    assert_eq!(world.apply([launch()]).await.failed, 1);
    let (problem, help, unknown) = world.failure();
    assert!(
        problem.starts_with("frozen by ada@one since ") && problem.ends_with(": nothing was sent"),
        "{problem}"
    );
    assert!(help.contains("infield thaw soda") && !unknown, "{help}");
    assert_eq!(world.log(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_frozen_by_its_name_does_not_go_in_field_under_another_one() {
    let world = world().await;
    world.freezing_only(Pattern::new("soda"))();
    let moved = Record::Moved {
        from: Address::survey("soda"),
    };
    let launch = Step {
        calls: vec![write(Method::Patch, "/surveys/{cola}")],
        record: applied(in_field()),
        ..step("cola", Action::Launch)
    };
    let plan = Plan {
        bookkeeping: vec![(Address::survey("cola"), moved)],
        ..plan([launch])
    };
    assert_eq!(world.run(&plan).await.unwrap().failed, 1);
    assert!(world.failure().0.starts_with("frozen by ada@one since "));
    assert_eq!(world.log(), ["state: move soda to cola"]);
    assert_eq!(
        world.stops().freezes[0].patterns,
        ["soda", "cola"].map(Pattern::new)
    );
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_waits_to_be_repeated_is_not_repeated_once_it_is_frozen() {
    let world = world().await;
    let busy = Answer::new(503, "{}").meanwhile(world.freezing());
    let draft = shown("7", Status::Draft, &titled("Soda"));
    world.vendor([("PATCH /surveys/7", busy), ("GET /surveys/7", draft.always())]);
    assert_eq!(world.apply([launch()]).await.failed, 1);
    let sent = world
        .log()
        .iter()
        .filter(|line| line.starts_with("PATCH"))
        .count();
    assert_eq!(sent, 1, "{:#?}", world.log());
    assert!(world.failure().0.contains("frozen by ada@one since"));
}

#[tokio::test(start_paused = true)]
async fn what_is_frozen_on_its_way_in_field_is_taken_out_again() {
    let world = world().await;
    let live = shown("7", Status::Live, &in_field());
    world.vendor([
        ("PATCH /surveys/7", ok().meanwhile(world.freezing())),
        ("GET /surveys/7", live.always()),
        ("PATCH /surveys/7", ok()),
    ]);
    assert_eq!(world.apply([launch()]).await.failed, 1);
    assert!(world.failure().0.ends_with("it was taken out of field again"));
    let paused: Vec<String> = world.stops().freezes[0]
        .paused
        .iter()
        .map(|paused| paused.id.clone())
        .collect();
    assert_eq!(paused, ["7"], "whoever thaws it resumes it");
}
