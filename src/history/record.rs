//! The lines of history, `infield.history/1`: a run that did something, how it ended, and looks at counters.
//!
//! Promises: keys are only ever added, and readers ignore keys that they do not know. Nothing in here is sent to a vendor,
//! and no transaction, respondent or body of a call is named.

use super::looks::Look;
use super::who::By;
use crate::apply::Event;
use crate::model::{Address, VendorId};
use crate::plan::step::MoneyReport;
use crate::plan::{Action, Change, Guard, Plan, hash};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The format's name and version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[default]
    #[serde(rename = "infield.history/1")]
    V1,
}

/// A line of history. It has one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield history")]
pub struct Line {
    /// The format's name and version.
    pub format: Format,
    /// A run that does something. Where it says no end, the end is a line of its own, or nobody saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// How a run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// A look at counters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
}

impl Line {
    /// The line as text, with its end.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a line of history consists of plain data") + "\n"
    }

    /// The lines of some bytes, and how many could not be read.
    pub fn parse_all(bytes: &[u8]) -> (Vec<Self>, usize) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let (mut parsed, mut damaged) = (Vec::new(), 0);
        for line in lines {
            match serde_json::from_slice::<Self>(line) {
                Ok(line) => parsed.push(line),
                Err(_) => damaged += 1,
            }
        }
        (parsed, damaged)
    }
}

/// A run of the program that did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its id. Later ones sort behind earlier ones.
    pub id: String,
    /// The command: `apply`, `freeze`, `state mv`.
    pub command: String,
    /// When it began to do something, UTC.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// The environment.
    pub environment: String,
    /// Who did it, and from where.
    pub by: By,
    /// The whole name of the plan that was carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// How that was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// The most that surveys in field could cost before it and can afterwards, one entry per currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub money: Vec<MoneyReport>,
    /// What was to be done, in the plan's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Did>,
    /// What got another name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Moved>,
    /// What manifests decide otherwise than before and no vendor is told: tags, protection, what is done once they are gone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<Address, Vec<Change>>,
    /// What is remembered otherwise, without a step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remembered: Vec<Remembered>,
    /// What else was done, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<String>,
    /// How it ended; missing where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// How a plan was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approved {
    /// In which way.
    pub how: How,
    /// Guards that were approved on the command line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Guard>,
}

/// The ways to approve a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Somebody was asked and said yes.
    Asked,
    /// `--yes`.
    Yes,
    /// By its name: `--approve`.
    Name,
    /// It was saved before: `--plan`.
    Saved,
    /// Earlier, with the ladder of its survey: `infield run`.
    Ladder,
}

/// A step of a plan that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Did {
    /// The step's id.
    pub step: String,
    /// The survey or group.
    pub address: Address,
    /// Where.
    #[schemars(with = "String")]
    pub vendor: VendorId,
    /// What was done.
    #[schemars(with = "String")]
    pub action: Action,
    /// Fields before and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What its survey could still cost before and after it, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<MoneyReport>,
}

/// A name that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// Before.
    pub from: Address,
    /// Since.
    pub to: Address,
}

/// Something that is remembered otherwise, without a step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remembered {
    /// The survey or group.
    pub address: Address,
    /// Where.
    #[schemars(with = "String")]
    pub vendor: VendorId,
    /// The vendor's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// Fields before and after, as they are remembered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// What became of something that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is remembered since.
    Added,
    /// It is remembered with other values.
    Changed,
    /// It is forgotten.
    Forgotten,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// The run.
    pub run: String,
    /// When, UTC.
    #[schemars(with = "String")]
    pub ended: Timestamp,
    /// How each step ended, by its id. A step without an end was not reached.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, StepEnd>,
    /// Ids that vendors gave to what was made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub made: BTreeMap<Address, String>,
    /// Whether somebody interrupted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Why it broke off, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepEnd {
    /// In which way.
    pub outcome: Outcome,
    /// Why, where it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// The ways in which a step ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// It may be done, and nobody knows.
    Unknown,
    /// It was not begun.
    Skipped,
}

impl Outcome {
    /// Every way, the best first.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Unknown, Self::Skipped];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "not known to be done",
            Self::Skipped => "not begun",
        })
    }
}

impl StepEnd {
    /// How it ended, in words, and why where it is not done.
    pub fn in_words(&self) -> String {
        match &self.because {
            Some(why) => format!("{}: {why}", self.outcome),
            None => self.outcome.to_string(),
        }
    }
}

impl Run {
    /// A run that nothing is known of yet.
    pub fn new(id: String, command: &str, started: Timestamp, environment: &str, by: By) -> Self {
        Self {
            id,
            command: command.to_owned(),
            started,
            environment: environment.to_owned(),
            by,
            plan: None,
            approved: None,
            money: Vec::new(),
            steps: Vec::new(),
            moves: Vec::new(),
            decided: BTreeMap::new(),
            remembered: Vec::new(),
            said: Vec::new(),
            end: None,
        }
    }

    /// The same, about to carry out this plan.
    #[must_use]
    pub fn of(mut self, plan: &Plan, approved: Option<Approved>) -> Self {
        let did = |step: &crate::plan::Step| Did {
            step: step.id.clone(),
            address: step.address.clone(),
            vendor: step.vendor,
            action: step.action,
            changes: step.changes.clone(),
            money: step.money.as_ref().map(Into::into),
        };
        let moved = |(from, to): (&Address, &Address)| Moved {
            from: from.clone(),
            to: to.clone(),
        };
        self.steps = plan.steps.iter().map(did).collect();
        self.moves = plan.moves().map(moved).collect();
        self.said = plan
            .decided
            .iter()
            .map(|address| format!("what the manifest of {address} decides is remembered"))
            .collect();
        self.plan = (!plan.is_empty()).then(|| hash::hash(plan));
        self.money = plan.exposure.iter().map(Into::into).collect();
        self.approved = approved;
        self
    }

    /// Whether it changes something.
    pub fn does_something(&self) -> bool {
        !(self.steps.is_empty()
            && self.moves.is_empty()
            && self.remembered.is_empty()
            && self.said.is_empty())
    }

    /// How one of its steps ended; nothing where that is not known.
    pub fn outcome(&self, step: &str) -> Option<&StepEnd> {
        self.end.as_ref()?.steps.get(step)
    }

    /// The same in words, for every step: one that a run did not reach is another thing than one whose end nobody saw.
    pub fn in_words(&self, step: &str) -> String {
        match (&self.end, self.outcome(step)) {
            (_, Some(end)) => end.in_words(),
            (Some(_), None) => "not reached".to_owned(),
            (None, None) => "its end was not seen".to_owned(),
        }
    }
}

/// Collects how the steps of a run end while it goes on.
#[derive(Debug, Default)]
pub struct Ending {
    steps: BTreeMap<String, StepEnd>,
    made: BTreeMap<Address, String>,
    interrupted: bool,
}

impl Ending {
    /// Takes in what happened.
    pub fn see(&mut self, event: &Event) {
        let (step, outcome, because) = match event {
            Event::StepDone { step, .. } => (step, Outcome::Done, None),
            Event::StepFailed {
                step,
                problem,
                outcome_unknown,
                ..
            } => {
                let outcome = match outcome_unknown {
                    true => Outcome::Unknown,
                    false => Outcome::Failed,
                };
                (step, outcome, Some(problem.clone()))
            }
            Event::StepSkipped { step, because, .. } => (step, Outcome::Skipped, Some(because.clone())),
            Event::Created { address, id } => {
                self.made.insert(address.clone(), id.clone());
                return;
            }
            Event::Finished(tally) => {
                self.interrupted = tally.interrupted;
                return;
            }
            Event::Started { .. }
            | Event::Noted { .. }
            | Event::StepStarted { .. }
            | Event::Retrying { .. }
            | Event::CallDone { .. }
            | Event::StepRefused { .. } => return,
        };
        self.steps.insert(step.clone(), StepEnd { outcome, because });
    }

    /// The end of the run.
    pub fn end(self, run: &str, ended: Timestamp, broken: Option<String>) -> End {
        End {
            run: run.to_owned(),
            ended,
            steps: self.steps,
            made: self.made,
            interrupted: self.interrupted,
            broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::Tally;

    fn failed(step: &str, outcome_unknown: bool) -> Event {
        Event::StepFailed {
            step: step.to_owned(),
            address: Address::survey("soda"),
            action: Action::Update,
            problem: "reset".to_owned(),
            help: None,
            outcome_unknown,
        }
    }

    #[test]
    fn each_step_ends_as_it_was_seen_to() {
        let address = || Address::survey("soda");
        let mut ending = Ending::default();
        for event in [
            Event::Created {
                address: address(),
                id: "7".to_owned(),
            },
            Event::StepDone {
                step: "a".to_owned(),
                address: address(),
                action: Action::Create,
                starts: None,
                links: Default::default(),
                money: None,
            },
            failed("b", false),
            failed("c", true),
            Event::StepSkipped {
                step: "d".to_owned(),
                address: address(),
                action: Action::Launch,
                because: "b did not succeed".to_owned(),
            },
            Event::Finished(Tally {
                interrupted: true,
                ..Tally::default()
            }),
        ] {
            ending.see(&event);
        }
        let end = ending.end("1", Timestamp::UNIX_EPOCH, Some("no disk".to_owned()));
        let steps: Vec<(&str, Outcome, Option<&str>)> = end
            .steps
            .iter()
            .map(|(step, end)| (step.as_str(), end.outcome, end.because.as_deref()))
            .collect();
        assert_eq!(
            steps,
            [
                ("a", Outcome::Done, None),
                ("b", Outcome::Failed, Some("reset")),
                ("c", Outcome::Unknown, Some("reset")),
                ("d", Outcome::Skipped, Some("b did not succeed")),
            ]
        );
        assert_eq!(end.made.get(&address()).map(String::as_str), Some("7"));
        assert!(end.interrupted);
        assert_eq!(end.broken.as_deref(), Some("no disk"));
        let mut run = Run::new(
            "1".to_owned(),
            "apply",
            Timestamp::UNIX_EPOCH,
            "bench",
            By::default(),
        );
        assert_eq!(run.in_words("a"), "its end was not seen");
        run.end = Some(end);
        let said = ["a", "b", "c", "d", "e"].map(|step| run.in_words(step));
        let wanted = [
            "done",
            "failed: reset",
            "not known to be done: reset",
            "not begun: b did not succeed",
            "not reached",
        ];
        assert_eq!(said, wanted);
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_damage_is_counted() {
        let by = By::default();
        let mut run = Run::new("1".to_owned(), "apply", Timestamp::UNIX_EPOCH, "production", by);
        assert!(!run.does_something());
        run.said.push("did it".to_owned());
        assert!(run.does_something());
        let line = Line {
            run: Some(run),
            ..Line::default()
        };
        let text = line.to_text();
        let newer = text.replacen('{', "{\"mood\":\"good\",", 1);
        let other = text.replace("history/1", "history/2");
        let bytes = format!("{text}\n{newer}nonsense\n{other}{}", &text[..20]);
        let (lines, damaged) = Line::parse_all(bytes.as_bytes());
        assert_eq!((lines, damaged), (vec![line.clone(), line], 3));
    }
}
