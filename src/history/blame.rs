//! Who is behind each value that is remembered: the newest run that wrote it.
//!
//! Promises: pure; every value gets an answer. A value that history has otherwise is told as one that came from somewhere
//! else, and one that history never saw as one from before it.

use super::record::{Did, Fate, Outcome, Run};
use super::values::Values;
use super::who::By;
use crate::model::Address;
use crate::plan::Action;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that is remembered, and who is behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blamed {
    /// The survey or group.
    pub address: Address,
    /// The field, as a JSON pointer in the vocabulary of the manifest.
    pub field: String,
    /// What is remembered there.
    pub value: Value,
    /// How it came.
    pub whence: Whence,
    /// The run behind it; missing where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// How a value came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Whence {
    /// A plan wrote it.
    Applied,
    /// A plan may have written it: how its step ended was not seen, or it failed and the value is there all the same.
    Unsure,
    /// It was found at the vendor and taken over: `import`, `accept`, or by hand with `state`.
    Taken,
    /// It is another one than the last run of history wrote.
    Elsewhere,
    /// It was there before history begins.
    Before,
}

/// A run, as far as somebody who looks for a value wants to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Since {
    /// Its id.
    pub run: String,
    /// Its command.
    pub command: String,
    /// When it began, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// The whole name of its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

impl From<&Run> for Since {
    fn from(run: &Run) -> Self {
        Self {
            run: run.id.clone(),
            command: run.command.clone(),
            at: run.started,
            by: run.by.clone(),
            plan: run.plan.clone(),
        }
    }
}

/// Looks for who is behind values, from the last run to the first.
pub struct Blame {
    surveys: Vec<Survey>,
}

struct Survey {
    address: Address,
    /// The name it had when the runs were that are still to come.
    name: Address,
    values: Vec<Sought>,
}

struct Sought {
    field: String,
    value: Value,
    found: Option<(Whence, Since)>,
    /// The newest run that may have written it.
    maybe: Option<Since>,
}

impl Sought {
    fn settle(&mut self, whence: Whence, run: &Run) {
        if self.found.is_none() {
            self.found = Some((whence, run.into()));
        }
    }

    /// Whether a run wrote what is there. Words of criteria come from a library that may have other ones by now.
    fn is(&self, written: &Value) -> bool {
        let in_words = self.field.starts_with("/qualifications/") || self.field.ends_with("/where");
        in_words || self.value == *written
    }

    /// Takes a change into account, as its run ended.
    fn consider(&mut self, written: &Value, outcome: Option<Outcome>, run: &Run) {
        // What is paused is remembered as it is wanted: in field.
        if self.field == "/status" && !self.is(written) {
            return;
        }
        match outcome {
            Some(Outcome::Skipped) => {}
            Some(Outcome::Done) => match self.maybe.take() {
                // What came later than this was written by the run whose end was not seen.
                Some(since) if self.found.is_none() => self.found = Some((Whence::Unsure, since)),
                _ if self.is(written) => self.settle(Whence::Applied, run),
                _ => self.settle(Whence::Elsewhere, run),
            },
            Some(Outcome::Failed | Outcome::Unknown) | None if self.is(written) => {
                self.maybe.get_or_insert_with(|| run.into());
            }
            Some(Outcome::Failed | Outcome::Unknown) | None => {}
        }
    }
}

impl Blame {
    /// About these values.
    pub fn new(surveys: impl IntoIterator<Item = (Address, Values)>) -> Self {
        let sought = |(field, value)| Sought {
            field,
            value,
            found: None,
            maybe: None,
        };
        let survey = |(address, values): (Address, Values)| Survey {
            name: address.clone(),
            address,
            values: values.into_iter().map(sought).collect(),
        };
        Self {
            surveys: surveys.into_iter().map(survey).collect(),
        }
    }

    /// Whether every value has its answer.
    pub fn is_done(&self) -> bool {
        let mut all = self.surveys.iter().flat_map(|survey| &survey.values);
        all.all(|sought| sought.found.is_some())
    }

    /// Takes in the run before the last one it was given.
    pub fn see(&mut self, run: &Run) {
        for survey in &mut self.surveys {
            survey.see(run);
        }
    }

    /// The answers.
    pub fn finish(self) -> Vec<Blamed> {
        let all = self.surveys.into_iter().flat_map(|survey| {
            let address = survey.address;
            survey.values.into_iter().map(move |sought| {
                let found = sought.found.or(sought.maybe.map(|since| (Whence::Unsure, since)));
                let (whence, since) = found.unzip();
                Blamed {
                    address: address.clone(),
                    field: sought.field,
                    value: sought.value,
                    whence: whence.unwrap_or(Whence::Before),
                    since,
                }
            })
        });
        all.collect()
    }
}

impl Survey {
    fn see(&mut self, run: &Run) {
        for did in run.steps.iter().rev().filter(|did| did.address == self.name) {
            let outcome = run.outcome(&did.step).map(|end| end.outcome);
            for sought in &mut self.values {
                if let Some(change) = did.changes.iter().find(|change| change.path == sought.field) {
                    sought.consider(&change.after.value(), outcome, run);
                }
            }
            // What it was made with and no change says came with it.
            if outcome == Some(Outcome::Done) && matches!(did.action, Action::Create | Action::Replace) {
                let open = self.values.iter_mut().filter(|sought| sought.maybe.is_none());
                open.for_each(|sought| sought.settle(Whence::Applied, run));
            }
        }
        let mut own = run.steps.iter().filter(|did| did.address == self.name);
        let done = |did: &Did| {
            run.outcome(&did.step)
                .is_some_and(|end| end.outcome == Outcome::Done)
        };
        let whole = run.end.is_some() && own.all(done);
        for change in run.decided.get(&self.name).into_iter().flatten() {
            let sought = self
                .values
                .iter_mut()
                .filter(|sought| sought.field == change.path);
            // It is remembered with the last step, or at once where there is none.
            sought.for_each(|sought| {
                sought.consider(&change.after.value(), whole.then_some(Outcome::Done), run);
            });
        }
        for one in run.remembered.iter().filter(|one| one.address == self.name) {
            for sought in &mut self.values {
                let change = one.changes.iter().find(|change| change.path == sought.field);
                match (one.fate, change) {
                    (Fate::Added, _) => sought.settle(Whence::Taken, run),
                    (Fate::Changed, Some(change)) if sought.is(&change.after.value()) => {
                        sought.settle(Whence::Taken, run);
                    }
                    (Fate::Changed, Some(_)) => sought.settle(Whence::Elsewhere, run),
                    (Fate::Changed, None) | (Fate::Forgotten, _) => {}
                }
            }
        }
        if let Some(moved) = run.moves.iter().find(|moved| moved.to == self.name) {
            self.name = moved.from.clone();
        }
    }
}

#[cfg(test)]
mod tests;
