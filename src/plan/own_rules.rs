//! What a project's own rules hold back of a plan. What they are is left to whoever asks them.

use super::drop::drop_steps;
use super::inputs::Inputs;
use super::make::weigh;
use super::note::Note;
use super::step::Plan;
use std::collections::BTreeMap;

/// The rules of a project.
pub trait OwnRules: Sync {
    /// What they say to a plan that everything else lets pass.
    fn judge(&self, plan: &Plan) -> Verdicts;
}

/// What rules say to a plan.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Steps that are denied, each with the first reason.
    denied: BTreeMap<String, Note>,
    /// What else is said.
    pub notes: Vec<Note>,
}

impl Verdicts {
    /// Denies a step; of several reasons each is said.
    pub fn deny(&mut self, step: &str, why: Note) {
        match self.denied.contains_key(step) {
            true => self.notes.push(why),
            false => drop(self.denied.insert(step.to_owned(), why)),
        }
    }
}

/// Holds back what the rules deny, with what depends on it, and says what is at stake without it. The limits of the
/// environment and the budgets are asked once more: what is denied may have lowered what they count.
pub fn keep_own_rules(inputs: &Inputs<'_>, rules: &dyn OwnRules, plan: &mut Plan) {
    let Verdicts { denied, notes } = rules.judge(plan);
    plan.notes.extend(notes);
    if !denied.is_empty() {
        drop_steps(plan, |step| denied.get(&step.id).cloned());
        weigh(inputs, plan);
    }
    plan.notes.sort();
    plan.notes.dedup();
}
