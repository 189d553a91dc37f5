//! The ladder of a step: what each stage of its survey comes to, and where it stands. One list of rows behind all the ways of
//! saying it.

use super::view::{Act, Field};
use crate::model::Money;
use crate::model::ladder::{Terms, Then};
use crate::plan::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The heads of a table of stages; those of numbers end with `#`.
pub(super) const HEADS: [&str; 5] = ["stage", "completes#", "at most#", "then", "now"];

/// A stage of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RungReport {
    /// Its name.
    #[schemars(example = &"soft")]
    pub stage: String,
    /// Completes in all until it is left.
    pub completes: u64,
    /// The most that they cost in all; missing where nothing bounds that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Money>,
    /// What comes once they are collected.
    pub then: Then,
    /// How long it lasts in field at most, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u64>,
    /// What has to hold before the next stage comes by itself, each as `FIGURE >= BOUND` or `FIGURE <= BOUND`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// Whether the survey stands on it after the step.
    pub here: bool,
    /// What comes then, in words.
    #[serde(skip)]
    pub(super) comes: String,
}

/// The stages of the ladder that a step approves or goes up on; none where it does neither.
pub(super) fn of(step: &Step) -> Vec<RungReport> {
    // Hours and a pace alone make no stages.
    let Some(climb) = step.climbs().filter(|climb| climb.approved.len() > 1) else {
        return Vec::new();
    };
    let last = climb.approved.len().saturating_sub(1);
    let rung = |(at, terms): (usize, &Terms)| RungReport {
        stage: terms.rung.clone(),
        completes: terms.completes,
        most: terms.most,
        then: terms.then,
        minutes: terms.minutes,
        when: terms.when.iter().map(ToString::to_string).collect(),
        here: terms.rung == climb.rung,
        comes: if at == last {
            "done".to_owned()
        } else {
            terms.comes()
        },
    };
    climb.approved.iter().enumerate().map(rung).collect()
}

/// The fields that a step changes, without stages that a table of its ladder says as they are.
pub(super) fn beside<'v, 'a>(
    act: &'v Act<'a>,
    ladder: &'v [RungReport],
) -> impl Iterator<Item = &'v Field<'a>> {
    let new = |field: &Field<'_>| field.change.path.starts_with("/stages/") && field.before.is_none();
    act.fields()
        .iter()
        .filter(move |field| ladder.is_empty() || !new(field))
}

impl RungReport {
    /// Its row of a table, under [`HEADS`].
    pub(super) fn cells(&self) -> [String; 5] {
        let most = self
            .most
            .map_or_else(|| "no bound".to_owned(), |most| most.to_string());
        let here = if self.here { "here" } else { "" };
        [
            self.stage.clone(),
            self.completes.to_string(),
            most,
            self.comes.clone(),
            here.to_owned(),
        ]
    }
}
