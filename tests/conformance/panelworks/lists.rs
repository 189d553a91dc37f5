//! What a list that may be behind means for a create whose answer was lost.

use super::subject::{Panel, SODA};
use crate::line::Way;
use crate::world::{World, desired};
use infield::plan::NoteKind;
use std::time::Duration;

#[tokio::test]
async fn while_the_list_may_be_behind_a_lost_create_blocks() {
    for loss in [Way::LostBefore, Way::LostAfter] {
        let mut world = World::settling_after(&Panel, Duration::from_secs(86_400)).await;
        let wanted = desired(SODA);
        let plan = world.plan(&wanted).await;
        world.line.disturb(1, loss.clone());
        let tally = world.apply(&plan).await;
        assert_eq!(tally.done, 0, "{loss:?}");
        world.restart().await;
        world.studio().take_writes();
        let plan = world.plan(&wanted).await;
        assert!(plan.steps.is_empty(), "{loss:?}: {:#?}", plan.steps);
        assert!(
            plan.notes.iter().any(|note| note.kind == NoteKind::Blocked),
            "{loss:?}"
        );
        world.apply(&plan).await;
        assert_eq!(world.studio().take_writes(), Vec::<String>::new(), "{loss:?}");
    }
}
