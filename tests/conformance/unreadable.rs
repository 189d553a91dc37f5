//! Every value of every answer that a plan reads, with another type in its place: it changes nothing because nobody reads
//! it, or it is said and nothing is planned on it.

use crate::subject::{SUBJECTS, Subject};
use crate::world::{World, desired, on_every_core};
use infield::plan::{NoteKind, Plan, Step};
use serde_json::{Value, json};
use std::sync::Mutex;

/// Pointers to everything in a document below its root. Of long lists the first three entries are enough.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => (0..).map(|at: usize| at.to_string()).zip(items).take(3).collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let pointer = format!("{at}/{key}");
        pointers(value, &pointer, all);
        all.push(pointer);
    }
}

/// What stands in place of a value: never of its own type.
fn wrong(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!({"total": 9000})],
        Value::Bool(_) | Value::Number(_) => vec![json!("sixty"), json!({"total": 9000})],
        Value::String(_) => vec![json!({"total": 9000}), json!(["x"])],
        Value::Array(_) | Value::Object(_) => vec![json!("sixty")],
    }
}

/// Whether two steps do the same. What a whole document has to repeat word for word may be anything.
fn same(one: &Step, other: &Step) -> bool {
    (&one.id, one.action, &one.changes, &one.guards)
        == (&other.id, other.action, &other.changes, &other.guards)
}

/// What is at stake before and after a plan. That it may be less than that is said beside it.
fn amounts(plan: &Plan) -> Vec<[String; 2]> {
    let shown = plan.exposure.iter();
    shown
        .map(|stake| [stake.before.to_string(), stake.after.to_string()])
        .collect()
}

/// What was planned on a value that cannot be read, or passed over in silence.
async fn check(subject: &'static dyn Subject, part: usize, parts: usize) -> Vec<String> {
    let mut broken = Vec::new();
    let world = World::open(subject, &Value::Null).await;
    world.converge(subject.manifest()).await;
    // One where everything was edited, and one where the vendor would have to do something at once.
    let paused = subject.manifest().replace("status: live", "status: paused");
    for manifest in [subject.edited(), paused] {
        let wanted = desired(&manifest);
        world.line.take_answers();
        let good = world.planned(&wanted).await;
        assert!(!good.plan.is_empty() && good.unread.is_empty());
        let mut spoilt = 0;
        for (question, answer) in world.line.take_answers() {
            let mut all = Vec::new();
            pointers(&answer, "", &mut all);
            for pointer in all.into_iter().skip(part).step_by(parts) {
                for value in wrong(answer.pointer(&pointer).unwrap()) {
                    let what = format!("{question}: {value} at {pointer}");
                    world.line.spoil(&question, &pointer, value);
                    let planned = world.planned(&wanted).await;
                    spoilt += 1;
                    let steps = (&planned.plan.steps, &good.plan.steps);
                    let unmoved = steps.0.len() == steps.1.len()
                        && steps.0.iter().zip(steps.1).all(|(step, other)| same(step, other));
                    if unmoved && planned.plan.notes == good.plan.notes {
                        continue;
                    }
                    let mut new = planned
                        .plan
                        .notes
                        .iter()
                        .filter(|note| !good.plan.notes.contains(note));
                    // What only counts may be missing, where that is said, and nothing counts as less than it was.
                    let at_most = unmoved && amounts(&planned.plan) == amounts(&good.plan);
                    let said = !planned.unread.is_empty()
                        || new.any(|note| {
                            note.kind == NoteKind::Blocked
                                || (at_most && note.message.ends_with("counted as if it had none"))
                        });
                    let known = planned
                        .plan
                        .steps
                        .iter()
                        .all(|step| good.plan.steps.iter().any(|other| same(step, other)));
                    if !said || !known {
                        let did: Vec<_> = planned
                            .plan
                            .steps
                            .iter()
                            .map(|step| (&step.id, &step.changes))
                            .collect();
                        broken.push(format!("{what}: {did:?} {:?}", planned.unread));
                    }
                }
            }
        }
        world.line.calm();
        assert!(spoilt > 10, "{}: {spoilt}", subject.vendor());
    }
    broken
}

#[test]
fn no_value_of_another_type_is_taken_for_as_wanted() {
    let parts = 4;
    let each = SUBJECTS
        .into_iter()
        .flat_map(|subject| (0..parts).map(move |part| (subject, part)));
    let broken = Mutex::new(Vec::new());
    on_every_core(each.collect::<Vec<_>>(), async |(subject, part)| {
        let found = check(subject, part, parts).await;
        broken.lock().unwrap().extend(found);
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{}:\n{}", broken.len(), broken.join("\n"));
}
