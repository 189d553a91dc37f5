//! What a plan consists of.

use super::Guard;
use super::change::Change;
use super::note::Note;
use super::signed;
use crate::model::guard::Reach;
use crate::model::known::{Finished, PausedBy};
use crate::model::ladder::Climb;
use crate::model::study::Collected;
use crate::model::{
    Address, Budget, Call, DesiredGroup, Field, KnownSurvey, Links, Money, Status, SurveySpec, VendorId,
    desired::Policy,
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ActionReport")]
pub enum Action {
    /// Makes it, as a draft.
    Create,
    /// Changes it in place.
    Update,
    /// Makes a new one in place of one that cannot be changed.
    // The old one is closed by its own step.
    Replace,
    /// Puts a draft in field.
    Launch,
    /// Puts a paused survey back in field.
    Resume,
    /// Takes it out of field for now.
    Pause,
    /// Takes it out of field for good.
    Close,
    /// Only forgets it.
    // No call is made.
    Forget,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What to remember once a step is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A survey has these managed values now.
    Survey {
        /// The managed values after the step; also what the read-back is compared with.
        applied: Box<SurveySpec>,
        /// Whether it is in field now.
        in_field: bool,
        /// Decisions of the manifest.
        policy: Policy,
        /// The manifest is gone.
        orphaned: bool,
        /// What infield itself did that keeps it out of field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paused_by: Option<PausedBy>,
        /// That it reached its goal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finished: Option<Finished>,
        /// It is made for what is missing of what it replaces.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        continues: bool,
        /// How far it is on its ladder by then; what is remembered stays where this is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        climb: Option<Box<Climb>>,
    },
    /// An exclusion group has these values now.
    Group(DesiredGroup),
    /// A survey that was replaced is closed.
    FormerClosed {
        /// Its vendor id.
        id: String,
        /// What it has collected.
        #[serde(default, skip_serializing_if = "Collected::is_none")]
        collected: Collected,
    },
    /// Nothing is remembered any more.
    #[default]
    Forgotten,
    /// What was remembered under another address is remembered under this one.
    Moved {
        /// The address before.
        from: Address,
    },
}

impl Record {
    fn is_forgotten(&self) -> bool {
        matches!(self, Self::Forgotten)
    }

    /// A survey with these values, whose manifest is there or is `orphaned`.
    pub fn survey(applied: SurveySpec, in_field: bool, policy: Policy, orphaned: bool) -> Self {
        Self::Survey {
            applied: Box::new(applied),
            in_field,
            policy,
            orphaned,
            paused_by: None,
            finished: None,
            continues: false,
            climb: None,
        }
    }

    /// The same, with how far it is on its ladder by then.
    #[must_use]
    pub fn climbing(mut self, now: Option<Climb>) -> Self {
        if let Self::Survey { climb, .. } = &mut self {
            *climb = now.map(Box::new);
        }
        self
    }

    /// The same, with what is remembered of why it is out of field.
    #[must_use]
    pub fn keeping(self, known: &KnownSurvey) -> Self {
        self.because(known.paused_by, known.finished)
    }

    /// The same, with why it is out of field.
    #[must_use]
    pub fn because(mut self, act: Option<PausedBy>, reached: Option<Finished>) -> Self {
        if let Self::Survey {
            paused_by, finished, ..
        } = &mut self
        {
            (*paused_by, *finished) = (act, reached);
        }
        self
    }
}

/// One action on one resource, down to the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Stable within the plan: `soda-tracker-w3:launch`.
    pub id: String,
    /// The resource.
    pub address: Address,
    /// Where.
    pub vendor: VendorId,
    /// What is done.
    pub action: Action,
    /// Why, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The fields it changes.
    pub changes: Vec<Change>,
    /// The calls, in order. Nothing else is written.
    pub calls: Vec<Call>,
    /// Calls that put the survey back in field after a change it was paused for. They are sent only when everything
    /// was read back as wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumes: Vec<Call>,
    /// Paths of fields it writes that the vendor may not show: until the step is done, what is in effect is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// Steps that must be done first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// What needs approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<Guard>,
    /// What the step adds to the exposure, negative where it lowers it; `None` where it does not change it or it is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "signed")]
    pub adds_exposure: Option<Money>,
    /// What later stages may add that are approved with this step; negative where it adds what was approved with an earlier
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "signed")]
    pub adds_later: Option<Money>,
    /// What its survey can still cost before and after the step; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Exposure>,
    /// Whether it does nothing but what was approved with the launch of its survey, such as a stage of the ladder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved_before: bool,
    /// What to remember afterwards.
    #[serde(default, skip_serializing_if = "Record::is_forgotten")]
    pub record: Record,
    /// Why a guard refuses it although everything else about it is decided; the plan holds it back.
    #[serde(skip)]
    pub refusal: Option<Note>,
}

impl Step {
    /// A step named after what it does, without calls, guards and anything to wait for.
    pub fn new(
        address: &Address,
        vendor: VendorId,
        action: Action,
        reason: impl Into<String>,
        record: Record,
    ) -> Self {
        Self {
            id: format!("{address}:{action}"),
            address: address.clone(),
            vendor,
            action,
            reason: reason.into(),
            changes: Vec::new(),
            calls: Vec::new(),
            resumes: Vec::new(),
            hidden: Vec::new(),
            depends_on: Vec::new(),
            guards: Vec::new(),
            adds_exposure: None,
            adds_later: None,
            money: None,
            approved_before: false,
            record,
            refusal: None,
        }
    }

    /// Whether the survey is in field after it.
    pub(super) fn is_live(&self) -> bool {
        self.applied()
            .is_some_and(|applied| applied.status == Field::Set(Status::Live))
    }

    /// The values that a survey has after it.
    pub(super) fn applied(&self) -> Option<&SurveySpec> {
        match &self.record {
            Record::Survey { applied, .. } => Some(applied),
            _ => None,
        }
    }

    /// How far it leads on the ladder of its survey, where it approves one or goes up on it.
    pub fn climbs(&self) -> Option<&Climb> {
        let Record::Survey {
            climb: Some(climb), ..
        } = &self.record
        else {
            return None;
        };
        let about = |path: &str| path.starts_with("/stages/") || path == "/completes";
        let tells = self.goes_in_field() || self.changes.iter().any(|change| about(&change.path));
        (tells && !climb.approved.is_empty()).then_some(climb)
    }

    /// The vendor's id of the replaced survey that it closes.
    pub(super) fn former(&self) -> Option<&str> {
        match &self.record {
            Record::FormerClosed { id, .. } => Some(id),
            _ => None,
        }
    }
}

impl Step {
    /// Whether it puts something in field.
    pub fn goes_in_field(&self) -> bool {
        matches!(self.action, Action::Launch | Action::Resume) || !self.resumes.is_empty()
    }

    /// Whether more may be spent after it than before: it puts something in field, or raises a price or a number of
    /// completes. What is made in place of something else is made to go in field.
    pub fn spends(&self) -> bool {
        let leaves = matches!(self.action, Action::Pause | Action::Close | Action::Forget);
        let dearer = || {
            self.adds_exposure
                .is_some_and(|money| money.amount > Decimal::ZERO)
        };
        let raised = || self.action == Action::Update && self.changes.iter().any(Change::raises);
        self.goes_in_field() || self.action == Action::Replace || !leaves && (raised() || dearer())
    }
}

/// Exposure in one currency: the most that surveys in field can cost from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// Now.
    pub before: Money,
    /// After the step, or the whole plan.
    pub after: Money,
    /// What people may add who are taking part when their survey is full, where the marketplace lets in more than are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<Money>,
    /// Whether it may be less in truth: a counter was not read, or a quota goes that may still turn people away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

impl Exposure {
    /// Before and after, with every counter read and nobody under way.
    pub fn plain(before: Money, after: Money) -> Self {
        Self {
            before,
            after,
            under_way: None,
            at_most: false,
        }
    }

    /// What is added, or taken away.
    pub fn change(&self) -> Money {
        self.after.minus(self.before.amount)
    }
}

/// Exposure in one currency as machine formats have it: plain decimals, and the currency beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExposureReport")]
pub struct MoneyReport {
    /// ISO 4217 code.
    #[schemars(regex(pattern = "^[A-Z]{3}$"), example = &"USD")]
    pub currency: String,
    /// Before the plan.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"0.00")]
    pub before: String,
    /// After the plan.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"1500.00")]
    pub after: String,
    /// The difference; negative where the plan lowers it.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"1500.00")]
    pub change: String,
    /// What people may add who are taking part when their survey is full, where the vendor lets in more than are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?$"), example = &"1500.00")]
    pub under_way: Option<String>,
    /// Present and true where it may be less in truth: completes could not be counted, or a quota goes that may still turn
    /// people away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

impl From<&Exposure> for MoneyReport {
    fn from(exposure: &Exposure) -> Self {
        let Exposure {
            before,
            after,
            under_way,
            at_most,
        } = exposure;
        Self {
            currency: after.currency.code().to_owned(),
            before: before.plain(),
            after: after.plain(),
            change: exposure.change().plain(),
            under_way: under_way.map(|more| more.plain()),
            at_most: *at_most,
        }
    }
}

/// What would be done, why, and what would not be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The environment it was made for.
    pub environment: String,
    /// Steps in an order that respects their dependencies.
    pub steps: Vec<Step>,
    /// Steps that a guard or a rule holds back, and what waits for them; nothing of them is sent. They belong to the
    /// plan's name, because a verdict may be another one when the plan is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_back: Vec<Step>,
    /// The most that each survey it touches can cost in all once the plan is carried out, whatever is collected: its goal
    /// times the highest price. `None` where nothing bounds it.
    #[serde(default)]
    pub ceilings: BTreeMap<Address, Option<Money>>,
    /// Where somebody tries out what it touches, as the vendors show it; no part of its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<Address, Links>,
    /// What is worth a look although nothing is done about it.
    pub notes: Vec<Note>,
    /// Exposure per currency, sorted by currency code.
    pub exposure: Vec<Exposure>,
    /// Whether something in field was not looked at because it was not asked for: the exposure is without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_part: bool,
    /// What some surveys together may still cost, and what they can cost before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// Shares of the surveys it reaches that are above the limits of the environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Reach>,
    /// Surveys that are in field after the plan, and whose cost nothing bounds: the vendor makes the price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbounded: Vec<Address>,
    /// Resources that are as wanted.
    pub unchanged: Vec<Address>,
    /// What to remember although nothing is sent: decisions of manifests, and what was seen at the vendor.
    pub bookkeeping: Vec<(Address, Record)>,
    /// Those of them of which manifests have decided something else, and not only the vendor shows something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Address>,
}

impl Plan {
    /// What it wants to do, whether or not a guard or a rule lets it.
    pub fn intended(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(&self.held_back)
    }

    /// The step that makes what stands at an address, held back or not.
    pub(super) fn maker(&self, address: &Address) -> Option<&Step> {
        let makes = |action| matches!(action, Action::Create | Action::Replace);
        self.intended()
            .find(|step| step.address == *address && makes(step.action))
    }

    /// Whether a step is not held back.
    pub(super) fn goes_on(&self, id: &str) -> bool {
        self.steps.iter().any(|step| step.id == id)
    }

    /// Whether there is nothing to do. There may still be notes.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
