//! The frozen machine format of a plan, `infield.plan/1`.
//!
//! Promises: keys are only ever added, and readers are asked to ignore keys they do not know. Money is text in plain
//! decimals. Steps stand in an order that respects their dependencies. What of a plan machines do not see is left out
//! here by name: a new field stops the build until somebody decides. Changes, notes, counts and the words of actions and
//! guards are the planner's own types: saved plans hold them as well, so they are as frozen as the format, and a new field
//! of theirs shows in the schema.

use super::feasibility;
use super::json::schema_of;
use super::mark::PictureMark;
use super::reconciliation::ReconciliationReport;
use super::rungs::{self, RungReport};
use crate::apply::{Limit, Takes};
use crate::model::{Call, Json, Links, Method};
use crate::plan::step::MoneyReport;
use crate::plan::{Action, Change, Drift, Drifted, Guard, Note, Plan, Reach, Step, Summary, hash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What infield would do, why, what it would cost, and what it would leave alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield plan")]
pub struct PlanReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment the plan was made for.
    pub environment: String,
    /// The plan's whole name, as `infield apply --approve` takes it. Two plans with the same name intend the same:
    /// the same steps with the same fields and calls, for the same most money. Counters, notes and what guards say of it have
    /// no part in it.
    #[schemars(regex(pattern = r"^[2-9a-km-z]{4}(-[2-9a-km-z]{4}){6}$"), example = &"k7m2-9qfd-3xvb-8ae5-hjt2-wncy-64rs")]
    pub hash: String,
    /// Its beginning, for eyes. It approves nothing: another plan with the same beginning can be searched for.
    #[schemars(regex(pattern = r"^[2-9a-km-z]{4}-[2-9a-km-z]{4}$"), example = &"k7m2-9qfd")]
    pub name: String,
    /// Present where the plan was made from a picture: no vendor was asked, and the state was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureMark>,
    /// Counts over the steps.
    pub summary: Summary,
    /// How long carrying it out takes about, where that is ten seconds or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<TakesReport>,
    /// The most that surveys in field can cost from now on, one entry per currency.
    pub exposure: Vec<MoneyReport>,
    /// Whether something in field was not looked at because it was not asked for: the exposure is without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_part: bool,
    /// Surveys that are in field after the plan at a market price: nothing bounds what they cost, so they are in no sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbounded: Vec<String>,
    /// Shares of the surveys it reaches that are above the environment's limits: the guard `changes` stands before these steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Reach>,
    /// What would be done, every step after those it depends on.
    pub steps: Vec<StepReport>,
    /// What a guard or a rule holds back, and what waits for it; the notes say why. It belongs to the plan's name, because a
    /// verdict may be another one when the plan is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_back: Vec<StepReport>,
    /// The most that each survey it touches can cost in all once it is carried out, by name: its goal times the highest
    /// price, whatever is collected. It belongs to the plan's name; null where nothing bounds it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = &serde_json::json!({"soda-tracker-w3": "1500.00 USD"}))]
    pub ceilings: BTreeMap<String, Option<String>>,
    /// Where somebody tries out the surveys that it touches, by name, as the vendors show it. It has no part in the plan's
    /// name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, Links>,
    /// What only gets another name: nothing is made, and it is remembered under the new one from the next apply on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<MoveReport>,
    /// What is worth a look although nothing is done about it.
    pub notes: Vec<Note>,
    /// What moved at the vendors since it was left there; only with `--refresh-only`, whose plans have no steps and whose
    /// exposure is as left and as found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<DriftReport>>,
    /// Outcomes of transactions, each list with a name of its own to approve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reconciliations: Vec<ReconciliationReport>,
    /// What vendors estimate for what the plan makes or changes, with `--feasibility`: advice, and no part of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<feasibility::Row>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.plan/1")]
    V1,
}

/// One action on one survey or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    /// The step's name, unique within the plan.
    #[schemars(example = &"soda-tracker-w3:launch")]
    pub id: String,
    /// The survey or group, by its name in the project.
    #[schemars(example = &"soda-tracker-w3")]
    pub address: String,
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// What is done.
    pub action: Action,
    /// Why, in one line for people.
    pub reason: String,
    /// The fields it changes.
    pub changes: Vec<Change>,
    /// The calls, in order. Nothing else is written.
    pub calls: Vec<CallReport>,
    /// Names of the steps that must be done first.
    pub depends_on: Vec<String>,
    /// What somebody or something has to approve first.
    pub guards: Vec<Guard>,
    /// What the survey can still cost before and after the step; missing where that is not known, as at a market price, and
    /// for what costs nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<MoneyReport>,
    /// The stages of its survey, the lowest first, where the step approves them or goes up on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladder: Vec<RungReport>,
    /// What later stages may add that are approved with this step; negative where it adds what was approved with an earlier
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"270.00 USD")]
    pub adds_later: Option<String>,
}

/// How long the vendor takes that takes longest; all of them work at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakesReport {
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// Calls there, with what is read back; without what is read before anything is sent.
    pub calls: usize,
    /// How long they take about, in seconds.
    pub seconds: u64,
    /// So many leave in a second; missing where `at_once` is the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a_second: Option<u32>,
    /// So many are under way at once; missing where `a_second` is the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<usize>,
}

/// A survey or group that gets another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoveReport {
    /// Its address until now.
    #[schemars(example = &"soda-tracker-w2")]
    pub from: String,
    /// Its address from the next apply on.
    #[schemars(example = &"soda-tracker-w3")]
    pub to: String,
}

/// A survey or group that is not as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftReport {
    /// The survey or group, by its name in the project.
    #[schemars(example = &"soda-tracker-w3")]
    pub address: String,
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// What moved: before as it was left, after as it was found.
    pub changes: Vec<Change>,
}

/// One call to a vendor. `{address}` in a path and `{"$id": "address"}` in a body stand for ids that earlier calls return;
/// `{"$soon": …}` stands for a time that is reckoned when the call is sent: so many seconds later, or the earliest time,
/// whichever is later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallReport {
    /// HTTP method.
    pub method: Method,
    /// Path below the vendor's base URL.
    #[schemars(example = &"/surveys")]
    pub path: String,
    /// Headers of this call alone; `{$key}` stands for the idempotency key that is made when it is sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON body; missing where the call has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// What is sent instead, once, when the vendor refuses the call or answers without doing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Box<CallReport>>,
}

impl PlanReport {
    /// The same, marked as made from a picture.
    #[must_use]
    pub fn with_picture(mut self, mark: Option<&PictureMark>) -> Self {
        self.picture = mark.cloned();
        self
    }

    /// The same, with how long carrying it out takes.
    #[must_use]
    pub fn with_time(mut self, takes: Option<&Takes>) -> Self {
        self.takes = takes.map(Into::into);
        self
    }

    /// Writes the format: two-space indentation, keys always in the same order, a line feed at the end. The text of ten
    /// thousand surveys is never in memory as a whole.
    ///
    /// # Errors
    /// As the writer has it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

/// The JSON Schema of [`PlanReport`], draft 2020-12.
pub fn schema() -> Value {
    schema_of::<PlanReport>()
}

impl From<&Plan> for PlanReport {
    fn from(plan: &Plan) -> Self {
        let Plan {
            environment,
            steps,
            held_back,
            ceilings,
            links,
            notes,
            exposure,
            in_part,
            reach,
            unbounded,
            unchanged: _,   // counted in the summary
            bookkeeping: _, // remembered without sending anything, so nobody has to approve it; moves are told
            budgets: _,     // what breaks one is a note
            decided: _,     // counted in the summary
        } = plan;
        let hash = hash::hash(plan);
        let moves = plan.moves().map(|(from, to)| MoveReport {
            from: from.to_string(),
            to: to.to_string(),
        });
        Self {
            format: Format::V1,
            name: hash::short(&hash).to_owned(),
            hash,
            reconciliations: Vec::new(),
            estimates: Vec::new(),
            drift: None,
            environment: environment.clone(),
            picture: None,
            summary: plan.summary(),
            takes: None,
            exposure: exposure.iter().map(Into::into).collect(),
            in_part: *in_part,
            reach: reach.clone(),
            unbounded: unbounded.iter().map(ToString::to_string).collect(),
            steps: steps.iter().map(Into::into).collect(),
            held_back: held_back.iter().map(Into::into).collect(),
            ceilings: ceilings
                .iter()
                .map(|(address, most)| (address.to_string(), most.map(|most| most.to_string())))
                .collect(),
            links: links
                .iter()
                .map(|(address, links)| (address.to_string(), links.clone()))
                .collect(),
            moves: moves.collect(),
            notes: notes.clone(),
        }
    }
}

impl From<&Drift> for PlanReport {
    fn from(drift: &Drift) -> Self {
        let Drift {
            environment,
            drifted,
            notes,
            exposure,
            unchanged,
        } = drift;
        let plan = Plan {
            environment: environment.clone(),
            notes: notes.clone(),
            exposure: exposure.clone(),
            reach: Vec::new(),
            unchanged: unchanged.clone(),
            ..Plan::default()
        };
        Self {
            drift: Some(drifted.iter().map(Into::into).collect()),
            ..Self::from(&plan)
        }
    }
}

impl From<&Takes> for TakesReport {
    fn from(takes: &Takes) -> Self {
        let Takes {
            vendor,
            calls,
            seconds,
            limit,
        } = *takes;
        let (a_second, at_once) = match limit {
            Limit::ASecond(rate) => (Some(rate), None),
            Limit::AtOnce(places) => (None, Some(places)),
        };
        Self {
            vendor: vendor.key().to_owned(),
            calls,
            seconds,
            a_second,
            at_once,
        }
    }
}

impl From<&Drifted> for DriftReport {
    fn from(drifted: &Drifted) -> Self {
        let changes = drifted.moves.iter().flat_map(|moved| &moved.changes);
        Self {
            address: drifted.address.to_string(),
            vendor: drifted.vendor.key().to_owned(),
            changes: changes.cloned().collect(),
        }
    }
}

impl From<&Step> for StepReport {
    fn from(step: &Step) -> Self {
        let Step {
            id,
            address,
            vendor,
            action,
            reason,
            changes,
            calls,
            resumes,
            hidden: _, // of interest to the state only
            depends_on,
            guards,
            adds_exposure: _, // the change of `money`
            money,
            record: _, // of interest to the state only, but for the ladder
            adds_later,
            approved_before: _, // it has no guard of a launch
            refusal: _,         // a note by then
        } = step;
        Self {
            id: id.clone(),
            address: address.to_string(),
            vendor: vendor.key().to_owned(),
            action: *action,
            reason: reason.clone(),
            changes: changes.clone(),
            calls: calls.iter().chain(resumes).map(Into::into).collect(),
            depends_on: depends_on.clone(),
            guards: guards.clone(),
            money: money.as_ref().map(Into::into),
            ladder: rungs::of(step),
            adds_later: adds_later.map(|money| money.to_string()),
        }
    }
}

impl From<&Call> for CallReport {
    fn from(call: &Call) -> Self {
        let Call {
            method,
            path,
            body,
            class: _,      // how it may be repeated: apply's business
            returns_id: _, // where the id is found: apply's business
            purpose: _,    // for people
            expects: _,    // what a good answer is: apply's business
            headers,
            otherwise,
            then: _,        // what is waited for: apply's business
            reaches: _,     // what a refusal means: apply's business
            lists: _,       // respondents, whom nothing shows
            may_be_gone: _, // what a refusal means: apply's business
        } = call;
        Self {
            method: *method,
            path: path.clone(),
            headers: headers.clone(),
            body: body.clone(),
            otherwise: otherwise.as_deref().map(|call| Box::new(call.into())),
        }
    }
}
