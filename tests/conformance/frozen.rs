//! What a freeze paused is known as its act at every marketplace, with and without its mark, and a thaw puts it back.

use crate::finished::kinds;
use crate::subject::SUBJECTS;
use crate::world::{World, desired, on_every_core};
use infield::model::stops::Freeze;
use infield::model::{Pattern, Stops};
use infield::plan::NoteKind;

#[test]
fn what_is_frozen_stays_out_of_field_as_infields_own_act_until_it_is_thawed() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        let mut world = World::open(subject, &serde_json::Value::Null).await;
        world.converge(subject.manifest()).await;
        let wanted = desired(subject.manifest());
        let paused = world.freeze().await;
        assert!(!paused.is_empty(), "{vendor}");
        let mut marked = Stops::default();
        marked.freezes.push(Freeze {
            id: "f".to_owned(),
            at: "2026-03-02T18:00:00Z".to_owned(),
            by: "ada@one".to_owned(),
            patterns: vec![Pattern::everything()],
            thawed: Vec::new(),
            paused: paused.clone(),
        });
        for stops in [marked, Stops::default()] {
            world.mark(stops).await;
            let plan = world.plan(&wanted).await;
            assert!(plan.steps.is_empty(), "{vendor}: {plan:#?}");
            assert_eq!(kinds(&world, &plan), [NoteKind::Held], "{vendor}: {plan:#?}");
        }
        let tally = world.thaw(&paused).await;
        assert_eq!(
            (tally.done, tally.failed),
            (paused.len(), 0),
            "{vendor}: {:?}",
            world.problems()
        );
        world.converge(subject.manifest()).await;
        let plan = world.plan(&wanted).await;
        assert_eq!(kinds(&world, &plan), [], "{vendor}: {plan:#?}");
    });
}
