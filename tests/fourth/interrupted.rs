//! Every request of a first apply loses its answer: nothing is made twice, and what follows converges.

use crate::world::{Loss, SODA, World};
use infield::plan::NoteKind;
use std::time::Duration;

/// How many requests a first apply makes.
async fn undisturbed() -> usize {
    let world = World::new().await;
    let plan = world.plan(SODA).await;
    let before = world.requests();
    world.apply(&plan).await;
    world.requests() - before
}

#[tokio::test]
async fn whichever_answer_is_lost_one_study_is_made_and_goes_in_field() {
    let requests = undisturbed().await;
    assert!(requests >= 2, "{requests}");
    for loss in [Loss::Before, Loss::After] {
        for nth in 1..=requests {
            let what = format!("{loss:?} the answer to request {nth}");
            let mut world = World::new().await;
            let plan = world.plan(SODA).await;
            world.lose(nth, loss);
            world.apply(&plan).await;
            world.restart().await;
            let mut settled = false;
            for _ in 0..3 {
                assert!(world.emulator.studies().len() <= 1, "{what}: made twice");
                let plan = world.plan(SODA).await;
                settled = plan.is_empty() && plan.notes.iter().all(|note| note.kind != NoteKind::Blocked);
                if settled {
                    break;
                }
                world.apply(&plan).await;
            }
            assert!(settled, "{what}: does not converge");
            let studies = world.emulator.studies();
            assert_eq!(studies.len(), 1, "{what}");
            assert_eq!(studies[0]["state"], "fielding", "{what}");
        }
    }
}

#[tokio::test]
async fn while_the_list_may_be_behind_a_lost_create_blocks() {
    for loss in [Loss::Before, Loss::After] {
        let mut world = World::settling_after(Duration::from_secs(86_400)).await;
        let plan = world.plan(SODA).await;
        world.lose(1, loss);
        let tally = world.apply(&plan).await;
        assert_eq!(tally.done, 0, "{loss:?}");
        world.restart().await;
        world.emulator.take_writes();
        let plan = world.plan(SODA).await;
        assert!(plan.steps.is_empty(), "{loss:?}: {:#?}", plan.steps);
        assert!(
            plan.notes.iter().any(|note| note.kind == NoteKind::Blocked),
            "{loss:?}"
        );
        world.apply(&plan).await;
        assert_eq!(world.emulator.take_writes(), Vec::<String>::new(), "{loss:?}");
    }
}
