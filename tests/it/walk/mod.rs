//! The thinnest path through every layer: desired → plan → apply → the sandbox over its own HTTP routes, in process.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is its assertion")]

mod support;

use infield::model::{Field, Status};
use infield::plan::Action;
use support::{World, soda};

#[tokio::test(start_paused = true)]
async fn a_survey_goes_in_field_and_the_next_plan_is_empty() {
    let world = World::new().await;
    let desired = world.desired([("soda", soda())]);
    let plan = world.plan(&desired).await;
    let actions: Vec<Action> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [Action::Create, Action::Launch]);
    assert_eq!(plan.exposure[0].after.to_string(), "1500.00 USD");
    let tally = world.apply(&plan).await;
    assert_eq!(
        (tally.done, tally.failed, tally.calls),
        (2, 0, 2),
        "{:#?}",
        world.events()
    );
    let again = world.plan(&desired).await;
    assert!(again.is_empty() && again.notes.is_empty(), "{again:#?}");
    assert_eq!(again.exposure[0].before.to_string(), "1500.00 USD");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_edit_converges() {
    let world = World::new().await;
    let desired = world.desired([("soda", soda())]);
    world.converge(&desired).await;
    let edits: [(&str, support::Edit); 9] = [
        ("price", |spec| spec.cpi = Field::Set("4.10 USD".parse().unwrap())),
        ("goal", |spec| spec.completes = Field::Set(500)),
        ("title", |spec| {
            spec.title = Field::Set("Soda, renamed ".to_owned());
        }),
        ("quota count", |spec| support::quota(spec, "men").completes = 250),
        ("quota criteria", |spec| {
            support::quota(spec, "women-18-34")
                .criteria
                .remove(1)
                .question
                .clear();
        }),
        ("quota gone", |spec| {
            support::quotas(spec).retain(|quota| quota.name != "men");
        }),
        ("test url cleared", |spec| spec.test_url = Field::Null),
        ("qualification", |spec| support::widen_age(spec)),
        ("paused", |spec| spec.status = Field::Set(Status::Paused)),
    ];
    let mut survey = soda();
    for (what, edit) in edits {
        edit(&mut survey.spec);
        let desired = world.desired([("soda", survey.clone())]);
        let plan = world.plan(&desired).await;
        assert!(!plan.is_empty(), "{what}: nothing planned");
        let tally = world.apply(&plan).await;
        assert_eq!(tally.failed + tally.skipped, 0, "{what}: {:#?}", world.events());
        let again = world.plan(&desired).await;
        assert!(again.is_empty(), "{what}: {again:#?}");
    }
}
