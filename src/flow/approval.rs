//! What has to be said before something is done: yes, and the approval of a guard.

use super::{Stop, Terminal};
use crate::model::{Address, Money};
use crate::plan::{Guard, Plan, Rule, approval, hash};
use crate::report::{PlanReport, reviewed};
use crate::state::Document;

/// Asks whether to go on, unless that was said before.
///
/// # Errors
/// When it is not wanted, or nobody can be asked; both begin with what was not done.
pub fn confirm(
    terminal: &dyn Terminal,
    yes: bool,
    question: &str,
    not_done: &str,
    help: &str,
) -> Result<(), Stop> {
    match if yes { Some(true) } else { terminal.ask(question) } {
        Some(true) => Ok(()),
        Some(false) => Err(Stop::refused(not_done)),
        None => Err(Stop::refused(format!("{not_done}: there is no terminal to ask on")).help(help)),
    }
}

/// How a plan stands to what was approved by the names of plans.
#[derive(Debug)]
pub enum Standing {
    /// It is the plan of this name.
    Same(String),
    /// It is what is left of the plan of this name, which was begun; nothing where all of it was done.
    Left(String),
    /// It is another one, and differs so.
    Other(String, Vec<String>),
}

impl Standing {
    /// Compares a plan with the names of approved ones, with those that were begun, and with what files say of them.
    pub fn of(plan: &Plan, (names, reviewed): (&[String], &[PlanReport]), state: Option<&Document>) -> Self {
        let found = hash::hash(plan);
        if names.contains(&found) {
            return Self::Same(found);
        }
        let mut now = PlanReport::from(plan);
        let is_ours = |reviewed: &&PlanReport| names.contains(&reviewed.hash);
        let then = reviewed.iter().find(is_ours).cloned();
        let head = format!("the plan is {found} now, not {}", names.join(" or "));
        let ids = state.map(Document::ids).unwrap_or_default();
        let begun = names.iter().filter_map(|name| state?.approved(name));
        let begun = begun.map(|approved| (approved, approval::beyond(plan, approved, &ids)));
        // The one that leaves least to approve, where there are several.
        let closest = begun.min_by_key(|(_, beyond)| beyond.steps.len() + beyond.money.len());
        let Some((approved, beyond)) = closest else {
            let differ = then.map(|then| reviewed::differences(&then, &now));
            return Self::Other(head, differ.unwrap_or_default());
        };
        if beyond.is_empty() {
            return Self::Left(approved.name.clone());
        }
        // What was done is not planned any more, so only what is beyond it is compared.
        let mut then = then.unwrap_or_else(|| PlanReport {
            environment: plan.environment.clone(),
            ..PlanReport::from(&Plan::default())
        });
        let money = |(address, most): (&Address, &Option<Money>)| {
            (address.to_string(), most.map(|most| most.to_string()))
        };
        then.ceilings = approved.ceilings.iter().map(money).collect();
        now.ceilings
            .retain(|address, _| beyond.money.iter().any(|(above, ..)| above.as_str() == address));
        for plan in [&mut then, &mut now] {
            plan.held_back.clear();
            plan.steps.retain(|step| beyond.steps.contains(&step.id));
        }
        Self::Other(head, reviewed::differences(&then, &now))
    }

    /// Goes on where the plan was approved, or is what is left of one that was.
    ///
    /// # Errors
    /// Where it is another one, with what differs. `not_done` says what that means.
    pub fn or_stale(self, not_done: &str) -> Result<Self, Stop> {
        let Self::Other(head, differ) = self else {
            return Ok(self);
        };
        let differ: String = differ.iter().map(|line| format!("\n  {line}")).collect();
        Err(Stop::stale(format!("{head}{not_done}{differ}"))
            .help("look at the new plan, and approve that one"))
    }
}

/// A deed that a guard of its own stands before.
pub struct Guarded<'a> {
    /// The guard.
    pub guard: Guard,
    /// What the environment says about it.
    pub rule: Rule,
    /// The environment.
    pub environment: &'a str,
    /// What is not done without an approval: `nothing was sent`.
    pub not_done: String,
}

impl Guarded<'_> {
    /// An end without the deed.
    pub fn refused(&self, why: impl std::fmt::Display) -> Stop {
        Stop::refused(format!("{}: {why}", self.not_done))
    }

    /// Goes on where the environment does not deny it.
    ///
    /// # Errors
    /// Where it does.
    pub fn not_denied(&self) -> Result<(), Stop> {
        let denied = || format!("the guard `{}` of `{}` denies it", self.guard, self.environment);
        match self.rule {
            Rule::Deny => Err(self.refused(denied())),
            Rule::Allow | Rule::Ask => Ok(()),
        }
    }

    /// Goes on with an approval, be it given before (with the yes that spares the question) or now.
    ///
    /// # Errors
    /// Without one. `instead` is what to type where nobody can be asked.
    pub fn approved(
        &self,
        terminal: &dyn Terminal,
        (yes, allow): (bool, &[Guard]),
        question: &str,
        instead: &str,
    ) -> Result<(), Stop> {
        if yes {
            let guard = self.guard;
            return match self.rule == Rule::Allow || allow.contains(&guard) {
                true => Ok(()),
                false => Err(self
                    .refused(format!("it needs the approval `{guard}`"))
                    .help(format!("add --allow {guard}"))),
            };
        }
        match terminal.ask(question) {
            Some(true) => Ok(()),
            Some(false) => Err(self.refused("you said no")),
            None => Err(self.refused("there is no terminal to ask on").help(instead)),
        }
    }
}

#[cfg(test)]
mod tests;
