//! What has to be said before something is done: yes, and the approval of a guard.

use super::{Stop, Terminal};
use crate::plan::{Guard, Rule};

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
