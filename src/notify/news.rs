//! What there is to tell: a run that ended, what a guard held back, verdicts that turned.

use super::message::{Format, Message, Turn};
use super::told::Told;
use crate::fieldwork::{Fieldwork, Verdict};
use crate::history::{Outcome, Run};
use crate::model::Address;
use crate::model::notify::Topic;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Where and when something happened.
#[derive(Debug, Clone)]
pub struct Here {
    /// The id of the message.
    pub id: String,
    /// Now.
    pub at: Timestamp,
    /// The project's name.
    pub project: Option<String>,
    /// The environment.
    pub environment: String,
    /// The page of the pipeline.
    pub link: Option<String>,
}

impl Here {
    fn message(&self, topic: Topic, what: &str, lines: Vec<String>) -> Message {
        let title = match &self.project {
            Some(project) => format!("{project}, {}: {what}", self.environment),
            None => format!("{}: {what}", self.environment),
        };
        Message {
            format: Format::V1,
            // Each topic may have hooks of its own.
            id: format!("{}-{}", self.id, topic.word()),
            at: self.at,
            project: self.project.clone(),
            environment: self.environment.clone(),
            topic: topic.word().to_owned(),
            title,
            lines,
            link: self.link.clone(),
            verdicts: Vec::new(),
        }
    }
}

/// Counts something in words.
fn count(number: usize, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    }
}

/// What an apply did; nothing where it had no step.
pub fn of_run(here: &Here, run: &Run) -> Option<Message> {
    if run.steps.is_empty() {
        return None;
    }
    let ends = |outcome: Option<Outcome>| {
        let ended = run
            .steps
            .iter()
            .map(|did| run.outcome(&did.step).map(|end| end.outcome));
        ended.filter(|ended| *ended == outcome).count()
    };
    let all = Outcome::ALL.map(|outcome| match outcome {
        Outcome::Done => count(ends(Some(outcome)), "step done", "steps done"),
        _ => count(ends(Some(outcome)), &outcome.to_string(), &outcome.to_string()),
    });
    let not_reached = count(ends(None), "not reached", "not reached");
    let parts: Vec<String> = all.into_iter().chain([not_reached]).flatten().collect();
    let lines = run
        .steps
        .iter()
        .map(|did| format!("{} {}: {}", did.address, did.action, run.in_words(&did.step)));
    let money = run.money.iter().map(|money| {
        format!(
            "can cost {} {} now, {} before",
            money.after, money.currency, money.before
        )
    });
    let by = format!("{} by {}", run.command, run.by.actor);
    let lines = money.chain(lines).collect();
    let message = here.message(Topic::Applies, &format!("{by}: {}", parts.join(", ")), lines);
    Some(Message {
        id: format!("{}-{}", run.id, Topic::Applies.word()),
        ..message
    })
}

/// What guards and rules held back, a line each; nothing where there is none.
pub fn of_guards(here: &Here, held_back: Vec<String>) -> Option<Message> {
    let what = count(held_back.len(), "step is held back", "steps are held back")?;
    Some(here.message(Topic::Guards, &what, held_back))
}

/// The verdicts that turned since they were told last, and what is told then.
pub fn of_verdicts(
    here: &Here,
    told: &Told,
    rows: &[Fieldwork],
) -> Option<(Message, BTreeMap<Address, String>)> {
    // What could not be read may be as it was.
    let read: Vec<(&Fieldwork, String)> = rows
        .iter()
        .filter(|row| row.verdict != Verdict::Unread)
        .map(|row| (row, row.verdict.key()))
        .collect();
    let seen = read
        .iter()
        .map(|(row, key)| (&row.address, key.as_str(), row.verdict.needs_a_look()));
    let before: BTreeMap<&Address, Option<String>> = told.turned(seen).into_iter().collect();
    let look = read
        .iter()
        .filter(|(row, _)| before.contains_key(&row.address) && row.verdict.needs_a_look());
    let look = look.count();
    let turned: Vec<(Turn, String)> = read
        .iter()
        .filter_map(|(row, key)| {
            let before = before.get(&row.address)?.clone();
            let turn = Turn {
                address: row.address.clone(),
                vendor: row.vendor,
                before,
                after: key.clone(),
                because: row.why.clone(),
            };
            let was = turn
                .before
                .as_ref()
                .map_or_else(String::new, |was| format!(", was {was}"));
            let line = format!("{}: {key}{was}: {}", row.address, row.why);
            Some((turn, line))
        })
        .collect();
    let what = match (turned.len(), look) {
        (0, _) => return None,
        (all, 0) => count(all, "survey is well again", "surveys are well again"),
        (_, look) => count(look, "survey needs a look", "surveys need a look"),
    }?;
    let now = turned
        .iter()
        .map(|(turn, _)| (turn.address.clone(), turn.after.clone()));
    let now = now.collect();
    let (verdicts, lines) = turned.into_iter().unzip();
    let message = here.message(Topic::Verdicts, &what, lines);
    Some((Message { verdicts, ..message }, now))
}
