//! Apply, then plan shows nothing, however the marketplace may turn out to be; an edit is planned as exactly that edit.

use crate::subject::{SUBJECTS, Subject};
use crate::world::{World, desired, on_every_core};
use infield::plan::Action;
use serde_json::Value;

/// Every marketplace in every style.
fn everywhere() -> Vec<(&'static dyn Subject, Value)> {
    SUBJECTS
        .into_iter()
        .flat_map(|subject| subject.styles().into_iter().map(move |style| (subject, style)))
        .collect()
}

#[test]
fn what_is_applied_stays_as_it_is() {
    on_every_core(everywhere(), async |(subject, style)| {
        let world = World::open(subject, &style).await;
        world.converge(subject.manifest()).await;
        subject.never_wrong(&world, &style.to_string()).await;
        let there = subject.picture(&world).await;
        // A second apply has nothing to send.
        let plan = world.plan(&desired(subject.manifest())).await;
        assert!(plan.steps.is_empty(), "{} {style}", subject.vendor());
        let tally = world.apply(&plan).await;
        assert_eq!(tally.calls, 0, "{} {style}", subject.vendor());
        assert_eq!(subject.picture(&world).await, there);
    });
}

#[test]
fn every_kind_of_edit_is_exactly_that_edit_and_converges() {
    let phases = ["draft", "live"];
    let each = everywhere()
        .into_iter()
        .flat_map(|(subject, style)| phases.map(|phase| (subject, style.clone(), phase)));
    on_every_core(each.collect::<Vec<_>>(), async |(subject, style, phase)| {
        let world = World::open(subject, &style).await;
        let mut manifest = subject
            .manifest()
            .replace("status: live", &format!("status: {phase}"));
        world.converge(&manifest).await;
        for (from, to, path) in subject.edits() {
            let what = format!("{} {style} {phase}: {from} → {to}", subject.vendor());
            assert!(manifest.contains(from), "{what}");
            manifest = manifest.replacen(from, to, 1);
            let plan = world.plan(&desired(&manifest)).await;
            let changed: Vec<&str> = plan
                .steps
                .iter()
                .flat_map(|step| &step.changes)
                .map(|change| change.path.as_str())
                .collect();
            assert!(changed.contains(&path), "{what}: {changed:?} {:#?}", plan.notes);
            let beside = changed
                .iter()
                .filter(|other| **other != path && !subject.comes_along(other));
            assert_eq!(beside.count(), 0, "{what}: {changed:?}");
            assert!(
                plan.steps.iter().all(|step| step.action == Action::Update),
                "{what}: {plan:#?}"
            );
            world.converge(&manifest).await;
        }
    });
}
