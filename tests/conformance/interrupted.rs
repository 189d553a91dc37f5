//! Every request of a first apply and of an edit, disturbed in every way: nothing is made twice, nothing goes in field half
//! written, and what follows converges.

use crate::line::Way;
use crate::subject::{SUBJECTS, Subject};
use crate::world::{World, desired, finish, on_every_core};
use infield::plan::NoteKind;
use serde_json::Value;

/// What there is after an apply that nothing disturbed, and how many requests it took.
struct Undisturbed {
    picture: Value,
    requests: usize,
}

/// A first apply of the manifest, and then of its edit.
async fn undisturbed(subject: &'static dyn Subject) -> [Undisturbed; 2] {
    let world = World::open(subject, &Value::Null).await;
    let mut all = Vec::new();
    for manifest in [subject.manifest().to_owned(), subject.edited()] {
        let wanted = desired(&manifest);
        let plan = world.plan(&wanted).await;
        let before = world.line.requests();
        world.apply(&plan).await;
        let requests = world.line.requests() - before;
        let picture = subject.picture(&world).await;
        all.push(Undisturbed { picture, requests });
        let again = world.plan(&wanted).await;
        assert!(again.is_empty(), "{}: {again:#?}", subject.vendor());
    }
    let second = all.pop().unwrap();
    [all.pop().unwrap(), second]
}

/// Brings a world to what the manifest wants, as often as it takes, and checks what must hold on the way.
async fn settle(world: &World, subject: &dyn Subject, manifest: &str, what: &str) {
    world.line.calm();
    let wanted = desired(manifest);
    for round in 0..4 {
        subject.never_wrong(world, what).await;
        let plan = world.plan(&wanted).await;
        let waits: Vec<_> = plan
            .notes
            .iter()
            .filter(|note| note.kind == NoteKind::Blocked)
            .collect();
        if plan.is_empty() && waits.is_empty() {
            return;
        }
        if !waits.is_empty() {
            subject.settle_by_hand(world).await;
        }
        let tally = world.apply(&plan).await;
        assert_eq!(
            tally.failed,
            0,
            "{what}, round {round}: {:?} {waits:#?}",
            world.problems()
        );
    }
    panic!("{what}: does not converge");
}

/// Starts the program again, brings the world to what the manifest wants, and wants it to be as if nothing had disturbed it.
async fn ends_as(world: &mut World, subject: &dyn Subject, manifest: &str, wanted: &Undisturbed, what: &str) {
    world.restart().await;
    settle(world, subject, manifest, what).await;
    assert_eq!(subject.picture(world).await, wanted.picture, "{what}");
}

/// Every way of disturbing every one of so many requests, at every marketplace.
fn everywhere(requests: impl Fn(&'static dyn Subject) -> usize) -> Vec<(&'static dyn Subject, Way, usize)> {
    let mut all = Vec::new();
    for subject in SUBJECTS {
        let requests = requests(subject);
        for way in subject.ways() {
            all.extend((1..=requests).map(|nth| (subject, way.clone(), nth)));
        }
    }
    all
}

/// The same with each answer of a gateway at every seventh request only: what they do to creates shows in a first apply.
fn nearly_everywhere(
    requests: impl Fn(&'static dyn Subject) -> usize,
) -> Vec<(&'static dyn Subject, Way, usize)> {
    let mut all = everywhere(requests);
    all.retain(|(_, way, nth)| match way {
        Way::Gateway(status, _) => (usize::from(*status) + nth) % 7 == 0,
        _ => true,
    });
    all
}

fn named(subject: &dyn Subject, way: &Way, nth: usize) -> String {
    format!("{}: {way:?} at request {nth}", subject.vendor())
}

/// The two undisturbed worlds of every marketplace.
fn all_undisturbed() -> Vec<(&'static dyn Subject, [Undisturbed; 2])> {
    SUBJECTS
        .into_iter()
        .map(|subject| (subject, finish(undisturbed(subject))))
        .collect()
}

fn of<'a>(
    all: &'a [(&'static dyn Subject, [Undisturbed; 2])],
    subject: &dyn Subject,
) -> &'a [Undisturbed; 2] {
    let found = all.iter().find(|(other, _)| other.vendor() == subject.vendor());
    &found.unwrap().1
}

#[test]
fn a_first_apply_interrupted_anywhere() {
    let wanted = all_undisturbed();
    let each = everywhere(|subject| of(&wanted, subject)[0].requests);
    on_every_core(each, async |(subject, way, nth)| {
        let mut world = World::open(subject, &Value::Null).await;
        let plan = world.plan(&desired(subject.manifest())).await;
        world.line.disturb(nth, way.clone());
        let before = world.line.requests();
        world.apply(&plan).await;
        let what = named(subject, &way, nth);
        assert!(world.line.requests() >= before + nth, "{what}: it did not strike");
        ends_as(
            &mut world,
            subject,
            subject.manifest(),
            &of(&wanted, subject)[0],
            &what,
        )
        .await;
    });
}

/// Something fails where every request is refused in turn; a suite whose faults do not strike would be green as well.
#[test]
fn what_is_refused_fails() {
    on_every_core(SUBJECTS, async |subject| {
        let (status, body) = subject.refusals().remove(0);
        let requests = undisturbed(subject).await[0].requests;
        let mut failed = 0;
        for nth in 1..=requests {
            let world = World::open(subject, &Value::Null).await;
            let plan = world.plan(&desired(subject.manifest())).await;
            world.line.disturb(nth, Way::Refused(status, body.clone()));
            failed += world.apply(&plan).await.failed;
        }
        assert!(failed >= 1, "{}", subject.vendor());
    });
}

#[test]
fn an_edit_interrupted_anywhere() {
    let wanted = all_undisturbed();
    let each = nearly_everywhere(|subject| of(&wanted, subject)[1].requests);
    on_every_core(each, async |(subject, way, nth)| {
        let mut world = World::open(subject, &Value::Null).await;
        let edited = subject.edited();
        world.converge(subject.manifest()).await;
        let plan = world.plan(&desired(&edited)).await;
        world.line.disturb(nth, way.clone());
        world.apply(&plan).await;
        let what = named(subject, &way, nth);
        ends_as(&mut world, subject, &edited, &of(&wanted, subject)[1], &what).await;
    });
}

#[test]
fn an_edit_interrupted_anywhere_and_taken_back() {
    let wanted = all_undisturbed();
    let each = nearly_everywhere(|subject| of(&wanted, subject)[1].requests);
    on_every_core(each, async |(subject, way, nth)| {
        let mut world = World::open(subject, &Value::Null).await;
        world.converge(subject.manifest()).await;
        let plan = world.plan(&desired(&subject.edited_for_a_time())).await;
        world.line.disturb(nth, way.clone());
        world.apply(&plan).await;
        let what = format!("{}, taken back", named(subject, &way, nth));
        // What nobody can see is as it was, too.
        ends_as(
            &mut world,
            subject,
            subject.manifest(),
            &of(&wanted, subject)[0],
            &what,
        )
        .await;
    });
}

#[test]
fn a_state_that_fails_after_any_effect() {
    let wanted = all_undisturbed();
    let each = SUBJECTS
        .into_iter()
        .flat_map(|subject| (1..=24).map(move |nth| (subject, nth)));
    on_every_core(each.collect::<Vec<_>>(), async |(subject, nth)| {
        let [first, second] = of(&wanted, subject);
        let mut world = World::open(subject, &Value::Null).await;
        world.fail_state_at(nth);
        let plan = world.plan(&desired(subject.manifest())).await;
        world.apply(&plan).await;
        let what = format!("{}: the state fails at write {nth}", subject.vendor());
        ends_as(&mut world, subject, subject.manifest(), first, &what).await;
        world.fail_state_at(nth % 7 + 1);
        let edited = subject.edited();
        let plan = world.plan(&desired(&edited)).await;
        world.apply(&plan).await;
        ends_as(&mut world, subject, &edited, second, &what).await;
    });
}
