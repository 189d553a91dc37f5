//! A marketplace that takes only so many requests in a second and has told nobody: everything is done all the same, and few
//! requests are turned away.

use crate::subject::SUBJECTS;
use crate::world::{World, desired, on_every_core};
use infield::model::Desired;

/// The manifest of a subject, so many times: with names and titles of their own.
fn many(manifest: &str, count: usize) -> Desired {
    let one = |number: usize| {
        let line = |line: &str| match line.split_once(": ") {
            Some(("name", name)) => format!("name: {name}-{number}\n"),
            Some(("title", title)) => format!("title: {title}, {number}\n"),
            _ => format!("{line}\n"),
        };
        desired(&manifest.lines().map(line).collect::<String>()).surveys
    };
    Desired {
        surveys: (0..count).flat_map(one).collect(),
        ..Desired::default()
    }
}

#[test]
fn many_surveys_go_in_field_under_a_limit_that_nobody_told_and_few_requests_are_refused() {
    on_every_core(SUBJECTS, async |subject| {
        let world = World::limited(subject, 20).await;
        let wanted = many(subject.manifest(), 30);
        let plan = world.plan(&wanted).await;
        assert!(plan.steps.len() >= 60, "{}: {:?}", subject.vendor(), plan.notes);
        let (before, _) = world.line.taken_and_refused();
        let tally = world.apply(&plan).await;
        let vendor = subject.vendor();
        assert_eq!(
            (tally.failed, tally.skipped),
            (0, 0),
            "{vendor}: {:?}",
            world.problems()
        );
        let (taken, refused) = world.line.taken_and_refused();
        // What is above the limit once is known to be from then on.
        assert!(
            refused <= 20 + taken / 10,
            "{vendor}: {refused} refused, {taken} taken"
        );
        // It is what the plan says, and not more.
        let said = infield::apply::takes(&plan, |_| Some(SLOW)).unwrap().calls;
        assert!(
            taken - before <= said + said / 10,
            "{vendor}: {} of {said}",
            taken - before
        );
        let again = world.plan(&wanted).await;
        assert!(again.is_empty(), "{vendor}: {again:#?}");
    });
}

/// A pace at which every time is worth a word.
const SLOW: infield::model::Pace = infield::model::Pace {
    requests_per_second: Some(1),
    concurrency: 1,
};
