//! Staged fieldwork: the rungs of a survey's ladder, each with the completes that the marketplace is told while it stands
//! there.
//!
//! Promises: the counts of a rung are whole, rise from rung to rung and end at what the manifest wants in all; a quota that
//! wants somebody has one complete at every rung, at least.

use super::apportion::divide;
use super::figures::Check;
use super::hours::Hours;
use super::pace::{Day, Pace};
use super::{Field, Money, Quota, SurveySpec};
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The stages of a survey, the lowest first; the last one is all that its manifest wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// The rungs; never empty.
    pub rungs: Vec<Rung>,
    /// The one whose counts the survey has here: the last one as its manifest is read, another one once that is settled.
    pub at: usize,
    /// The hours in which it is in field; at any time where there are none.
    pub hours: Option<Hours>,
    /// How many completes a day may add; as many as come where there is none.
    pub pace: Option<Pace>,
    /// The day that it is, where it has a pace and that is settled.
    pub day: Option<Day>,
}

/// A stage of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Its name, unique in the ladder.
    pub name: String,
    /// Completes in all until it is left.
    pub completes: u64,
    /// Completes of each quota until then, by name.
    pub quotas: BTreeMap<String, u64>,
    /// What comes once they are collected.
    pub then: Then,
    /// What has to hold before the next stage comes by itself.
    pub when: Vec<Check>,
    /// How long it lasts in field at most, in minutes; then the next stage comes, also where fewer completes came.
    pub minutes: Option<u64>,
}

/// What comes once a stage is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// The next stage, by itself.
    #[default]
    Continue,
    /// Nothing, until somebody asks for the next stage.
    Hold,
}

/// What was approved of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Its name.
    pub rung: String,
    /// Completes in all until it is left.
    pub completes: u64,
    /// What comes then.
    #[serde(default)]
    pub then: Then,
    /// What has to hold then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Check>,
    /// How long it lasts in field at most, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u64>,
    /// The most that they cost in all; `None` where nothing bounds that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Money>,
}

/// How far a survey got on its ladder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Climb {
    /// The stage whose counts the marketplace was told last.
    pub rung: String,
    /// Completes wanted in all, at the last stage.
    pub whole: u64,
    /// Since when it is in field on this stage; in a plan `None` stands for the moment at which that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// The ladder as it was approved with these hours and this pace; empty where it was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<Terms>,
    /// The hours in which it is in field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// How many completes a day may add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// The day that it was last, with what there was at its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
}

impl Climb {
    /// That there is no ladder any more.
    pub fn over() -> Self {
        Self::default()
    }

    /// Whether it says that there is none.
    pub fn is_over(&self) -> bool {
        *self == Self::over()
    }
}

impl Ladder {
    /// The ladder over what a survey wants, from the names, counts and gates of its stages. Every quota gets its part of a
    /// stage, never less than at the one before.
    pub fn over(spec: &SurveySpec, stages: impl IntoIterator<Item = (String, u64, Then)>) -> Self {
        let whole = spec.completes.value().copied().unwrap_or_default();
        let quotas = spec
            .quotas
            .value()
            .map_or(&[] as &[Quota], |quotas| quotas.as_slice());
        let mut before: BTreeMap<String, u64> = BTreeMap::new();
        let rung = |(name, completes, then)| {
            let quotas = parts(quotas, whole, completes, &before);
            before.clone_from(&quotas);
            Rung {
                name,
                completes,
                quotas,
                then,
                when: Vec::new(),
                minutes: None,
            }
        };
        let rungs: Vec<Rung> = stages.into_iter().map(rung).collect();
        let at = rungs.len().saturating_sub(1);
        Self {
            rungs,
            at,
            hours: None,
            pace: None,
            day: None,
        }
    }

    /// What is fielded without stages: all that the survey wants, at once.
    pub fn flat(spec: &SurveySpec) -> Self {
        let whole = spec.completes.value().copied().unwrap_or_default();
        Self::over(spec, [(String::new(), whole, Then::Continue)])
    }

    /// Whether there are stages.
    pub fn is_staged(&self) -> bool {
        self.rungs.len() > 1
    }

    /// The ladder of a marketplace's part, with its share of each stage. It has the names, gates and checks of the whole.
    #[must_use]
    pub fn part(&self, counts: impl IntoIterator<Item = (u64, BTreeMap<String, u64>)>) -> Self {
        let mut part = self.clone();
        for (rung, (completes, quotas)) in part.rungs.iter_mut().zip(counts) {
            (rung.completes, rung.quotas) = (completes, quotas);
        }
        part
    }

    /// Whether the marketplace may be told less than the survey wants.
    pub fn is_partial(&self) -> bool {
        self.is_staged() || self.pace.is_some()
    }

    /// Completes until which it is fielded by now: those of its stage, or fewer where the day is full before.
    pub fn bound(&self) -> u64 {
        let rung = self.rung().map_or(0, |rung| rung.completes);
        let day = self.pace.as_ref().zip(self.day);
        day.map_or(rung, |(pace, day)| pace.until(day).min(rung))
    }

    /// Whether the day ends it before its stage does.
    pub fn is_paced(&self) -> bool {
        self.rung().is_some_and(|rung| self.bound() < rung.completes)
    }

    /// Lets it stand on a day: where that is full before its stage is, the survey wants the counts of the day. No quota wants
    /// less than it was `told` before.
    pub fn stand_on(&mut self, day: Day, told: &BTreeMap<String, u64>, spec: &mut SurveySpec) {
        self.day = Some(day);
        let (whole, bound) = (self.whole(), self.bound());
        if !self.is_paced() {
            return;
        }
        spec.completes = Field::Set(bound);
        let wanted = self
            .rungs
            .last()
            .map(|rung| rung.quotas.clone())
            .unwrap_or_default();
        if let Some(quotas) = spec.quotas.value_mut() {
            for quota in quotas.iter_mut() {
                quota.completes = wanted.get(&quota.name).copied().unwrap_or(quota.completes);
            }
            let today = parts(quotas.as_slice(), whole, bound, told);
            for quota in quotas.iter_mut() {
                quota.completes = today.get(&quota.name).copied().unwrap_or(quota.completes);
            }
        }
    }

    /// The place of a stage.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.rungs.iter().position(|rung| rung.name == name)
    }

    /// The stage that it stands on.
    pub fn rung(&self) -> Option<&Rung> {
        self.rungs.get(self.at)
    }

    /// The stage that follows.
    pub fn next(&self) -> Option<&Rung> {
        self.rungs.get(self.at + 1)
    }

    /// All completes that are wanted.
    pub fn whole(&self) -> u64 {
        self.rungs.last().map_or(0, |rung| rung.completes)
    }

    /// Stands it on a stage: the survey wants the counts of that one.
    pub fn stand(&mut self, at: usize, spec: &mut SurveySpec) {
        let Some(rung) = self.rungs.get(at) else { return };
        self.at = at;
        spec.completes = Field::Set(rung.completes);
        for quota in spec.quotas.value_mut().into_iter().flatten() {
            if let Some(completes) = rung.quotas.get(&quota.name) {
                quota.completes = *completes;
            }
        }
    }
}

/// Quotas by the questions they are over, with what all of them together get at a stage.
fn dimensions(quotas: &[Quota], whole: u64, stage: u64) -> Vec<(u64, Vec<&Quota>)> {
    let mut dimensions: BTreeMap<Vec<&str>, Vec<&Quota>> = BTreeMap::new();
    for quota in quotas {
        let mut questions: Vec<&str> = quota.criteria.iter().map(|one| one.question.as_str()).collect();
        questions.sort_unstable();
        dimensions.entry(questions).or_default().push(quota);
    }
    let part = |members: &[&Quota]| {
        let sum: u128 = members.iter().map(|quota| u128::from(quota.completes)).sum();
        let part = sum * u128::from(stage) / u128::from(whole.max(1));
        u64::try_from(part).unwrap_or(u64::MAX)
    };
    let dimensions = dimensions.into_values();
    dimensions.map(|members| (part(&members), members)).collect()
}

/// How many quotas over the same questions want somebody, where that is more than a stage of a survey has completes for
/// them.
pub fn crowded(spec: &SurveySpec, stage: u64) -> Option<usize> {
    let whole = spec.completes.value().copied()?;
    let quotas = spec.quotas.value()?;
    let mut dimensions = dimensions(quotas, whole, stage).into_iter();
    dimensions.find_map(|(part, members)| {
        let wanting = members.iter().filter(|quota| quota.completes > 0).count();
        (u64::try_from(wanting).is_ok_and(|wanting| wanting > part)).then_some(wanting)
    })
}

/// Completes of each quota at a stage: quotas over the same questions are divided together, and come to the stage where they
/// come to the whole.
fn parts(quotas: &[Quota], whole: u64, stage: u64, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (part, members) in dimensions(quotas, whole, stage) {
        let weights: Vec<Decimal> = members
            .iter()
            .map(|quota| Decimal::from(quota.completes))
            .collect();
        let floor = |quota: &&Quota| {
            let had = before.get(&quota.name).copied().unwrap_or_default();
            had.max(1).min(quota.completes)
        };
        let floors: Vec<u64> = members.iter().map(floor).collect();
        let counts = divide(part, &weights, &floors);
        all.extend(members.iter().map(|quota| quota.name.clone()).zip(counts));
    }
    all
}

impl Terms {
    /// What comes once it is collected, in words: `on by itself when incidence_rate >= 30`.
    pub fn comes(&self) -> String {
        let when: Vec<String> = self.when.iter().map(Check::to_string).collect();
        let when = match when.as_slice() {
            [] => String::new(),
            when => format!(" when {}", when.join(" and ")),
        };
        let time = self
            .minutes
            .map(|minutes| format!(", after {} at the latest", lasting(minutes)));
        match self.then {
            Then::Hold => "hold".to_owned(),
            Then::Continue => format!("on by itself{}{when}", time.unwrap_or_default()),
        }
    }

    /// The same in words: `40 completes, at most 150.00 USD, then hold`.
    pub fn sentence(&self) -> String {
        let most = match self.most {
            Some(most) => format!("at most {most}"),
            None => "market price: no bound".to_owned(),
        };
        let then = match self.then {
            Then::Continue => String::new(),
            Then::Hold => format!(", then {}", self.then),
        };
        let when: Vec<String> = self.when.iter().map(Check::to_string).collect();
        let when = match when.as_slice() {
            [] => String::new(),
            when => format!(", on when {}", when.join(" and ")),
        };
        let time = self
            .minutes
            .map(|minutes| format!(", for {} at most", lasting(minutes)));
        let time = time.unwrap_or_default();
        format!("{} completes, {most}{time}{then}{when}", self.completes)
    }
}

/// The longest that a stage may last, in minutes.
pub const LONGEST: u64 = 365 * 24 * 60;

/// Reads `90m`, `24h` or `2d`, as minutes; nothing else says how long.
pub fn minutes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = match text.chars().last()? {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = digits.parse::<u64>().ok().filter(|_| plain)?.checked_mul(unit)?;
    (1..=LONGEST).contains(&minutes).then_some(minutes)
}

/// So many minutes as they are written: `24h`.
pub fn lasting(minutes: u64) -> String {
    match minutes {
        days if days % (24 * 60) == 0 && days > 24 * 60 => format!("{}d", days / (24 * 60)),
        hours if hours % 60 == 0 => format!("{}h", hours / 60),
        minutes => format!("{minutes}m"),
    }
}

impl fmt::Display for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests;
