//! One survey with everything its planning needs. Its steps and notes are decided in `survey` and in the files beside it.

use super::inputs::Inputs;
use super::market::{Marketplace, Subject};
use super::note::{Note, NoteKind};
use super::step::{Action, Record, Step};
use crate::model::{Address, DesiredSurvey, Level, Lexicon, Reading, SurveySpec, Words};
use jiff::Timestamp;

/// One survey with everything its planning needs.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) market: &'a dyn Marketplace,
    pub(super) address: &'a Address,
    pub(super) desired: &'a DesiredSurvey,
    /// The vendor's questions in the survey's locale, where they were read.
    pub(super) lexicon: Option<&'a Lexicon>,
}

impl<'a> Planner<'a> {
    /// A survey as its manifest says it; see [`Planner::resolved`].
    pub(super) fn of(inputs: &'a Inputs<'a>, address: &'a Address, desired: &'a DesiredSurvey) -> Self {
        Self {
            inputs,
            market: inputs.markets.of(desired.vendor),
            address,
            desired,
            lexicon: lexicon(inputs, desired).and_then(Reading::present),
        }
    }

    /// The same survey with something else wanted of it.
    pub(super) fn wanting<'b>(&self, desired: &'b DesiredSurvey) -> Planner<'b>
    where
        'a: 'b,
    {
        Planner { desired, ..*self }
    }
}

impl Planner<'_> {
    pub(super) fn level(&self) -> Level {
        Level::of(self.desired.vendor, self.address)
    }

    /// What the vendor calls it.
    pub(super) fn noun(&self) -> &'static str {
        self.desired.vendor.noun(self.level())
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words {
            codebook: self.inputs.markets.codebook(self.desired.vendor),
            lexicon: self.lexicon,
        }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            address: self.address,
            lexicon: self.lexicon,
        }
    }

    /// What time it is at the marketplace.
    pub(super) fn now(&self) -> Option<Timestamp> {
        self.inputs.live.now_at(self.desired.vendor)
    }

    pub(super) fn note(&self, kind: NoteKind, message: impl Into<String>) -> Note {
        Note::new(self.address, kind, message)
    }

    pub(super) fn blocked(&self, message: impl Into<String>) -> Note {
        Note::blocked(self.address, message)
    }

    pub(super) fn step(
        &self,
        action: Action,
        reason: impl Into<String>,
        applied: SurveySpec,
        in_field: bool,
    ) -> Step {
        let record = Record::survey(applied, in_field, self.desired.policy.clone(), false);
        Step::new(self.address, self.desired.vendor, action, reason, record)
    }
}

/// What was read of the vendor's questions in the survey's locale.
pub(super) fn lexicon<'a>(inputs: &Inputs<'a>, desired: &DesiredSurvey) -> Option<&'a Reading<Lexicon>> {
    let key = (desired.vendor, locale(desired));
    inputs.live.lexicons.get(&key)
}

pub(super) fn locale(desired: &DesiredSurvey) -> String {
    desired.spec.locale.value().cloned().unwrap_or_default()
}
