//! What has reached its goal is nothing to do at any marketplace, also after it was closed there; a raised goal fields it on.

use crate::subject::SUBJECTS;
use crate::world::{World, desired, on_every_core};
use infield::model::Level;
use infield::plan::{Action, Guard, NoteKind, Plan, Rule};

/// What is said of everything that is fielded itself; what only holds groups is left out.
pub(crate) fn kinds(world: &World, plan: &Plan) -> Vec<NoteKind> {
    let vendor = world.vendor();
    let fielded = plan
        .notes
        .iter()
        .filter(|note| Level::of(vendor, &note.address) != Level::Container);
    let mut kinds: Vec<NoteKind> = fielded.map(|note| note.kind).collect();
    kinds.retain(|kind| *kind != NoteKind::Advice && *kind != NoteKind::Unmanaged);
    kinds.dedup();
    kinds
}

#[test]
fn what_has_reached_its_goal_is_nothing_to_do_also_after_it_was_closed() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        let world = World::open(subject, &serde_json::Value::Null).await;
        world.converge(subject.manifest()).await;
        let wanted = desired(subject.manifest());
        subject.finish(&world).await;
        for closed in [false, true] {
            if closed {
                subject.close(&world).await;
            }
            let plan = world.plan(&wanted).await;
            assert!(plan.steps.is_empty(), "{vendor} {closed}: {plan:#?}");
            assert_eq!(
                kinds(&world, &plan),
                [NoteKind::Done],
                "{vendor} {closed}: {plan:#?}"
            );
            assert_eq!(world.apply(&plan).await.calls, 0, "{vendor} {closed}");
        }
        // Confirmed once.
        let plan = world.plan(&wanted).await;
        assert_eq!(plan.bookkeeping, [], "{vendor}");
    });
}

#[test]
fn a_raised_goal_fields_on_what_is_done() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        let world = World::open(subject, &serde_json::Value::Null).await;
        world.converge(subject.manifest()).await;
        subject.finish(&world).await;
        let raised = subject.raised();
        let plan = world.plan(&desired(&raised)).await;
        let resumed: Vec<_> = plan
            .steps
            .iter()
            .filter(|step| step.action == Action::Resume)
            .collect();
        assert!(!resumed.is_empty(), "{vendor}: {plan:#?}");
        for step in resumed {
            assert_eq!(step.guards, [Guard::Launch], "{vendor}");
            assert!(
                !step.depends_on.is_empty(),
                "{vendor}: not before the goal is raised"
            );
        }
        world.converge(&raised).await;
    });
}

#[test]
fn what_has_ended_for_good_is_fielded_anew_only_where_its_manifest_lets_it() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        // What is completed there goes back in field.
        if vendor.facts().reopens {
            return;
        }
        let mut world = World::open(subject, &serde_json::Value::Null).await;
        world.guards.set(Guard::Replace, Rule::Ask);
        world.converge(subject.manifest()).await;
        subject.finish(&world).await;
        let plan = world.plan(&desired(subject.manifest())).await;
        world.apply(&plan).await;
        subject.close(&world).await;
        let raised = subject.raised();
        let plan = world.plan(&desired(&raised)).await;
        let acts = plan.steps.iter().map(|step| step.action);
        assert!(acts.eq([]), "{vendor}: {plan:#?}");
        let anew = raised.replacen("status: live", "status: live\non_fixed_change: replace", 1);
        let plan = world.plan(&desired(&anew)).await;
        let made: Vec<_> = plan
            .steps
            .iter()
            .filter(|step| step.action == Action::Replace)
            .collect();
        assert_eq!(made.len(), 1, "{vendor}: {plan:#?}");
        assert_eq!(made[0].guards, [Guard::Replace], "{vendor}");
        assert_eq!(
            world.apply(&plan).await.failed,
            0,
            "{vendor}: {:?}",
            world.problems()
        );
        for _ in 0..2 {
            let plan = world.plan(&desired(&anew)).await;
            assert!(plan.steps.is_empty(), "{vendor}: {plan:#?}");
            world.apply(&plan).await;
        }
    });
}
