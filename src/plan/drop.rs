//! Holding steps of a plan back, with whatever depends on them.

use super::note::Note;
use super::step::{Plan, Step};
use std::collections::BTreeSet;

/// Holds back every step that was refused when it was planned or for which `refuse` gives a note, and every step that depends on one held back. Returns copies of
/// them; the plan's last notes are about them, in the same order.
///
/// The steps of a plan are in dependency order, so one pass is enough.
pub fn drop_steps(plan: &mut Plan, mut refuse: impl FnMut(&Step) -> Option<Note>) -> Vec<Step> {
    let mut gone: Vec<Step> = Vec::new();
    let mut lost: BTreeSet<String> = BTreeSet::new();
    for step in std::mem::take(&mut plan.steps) {
        let waits = step.depends_on.iter().find(|id| lost.contains(*id));
        let note = match (&step.refusal, waits) {
            (Some(refusal), _) => Some(refusal.clone()),
            (None, Some(id)) => {
                let message = format!("{} has to wait for {id}, which is refused", step.action);
                Some(Note::blocked(&step.address, message))
            }
            (None, None) => refuse(&step),
        };
        match note {
            Some(note) => {
                plan.notes.push(note);
                lost.insert(step.id.clone());
                gone.push(step);
            }
            None => plan.steps.push(step),
        }
    }
    plan.held_back.extend(gone.iter().cloned());
    gone
}
