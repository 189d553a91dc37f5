//! What happens during an apply, as it happens. The only thing between the executor and whoever tells people.

use crate::model::{Address, Links, VendorId};
use crate::plan::step::MoneyReport;
use crate::plan::{Action, Note};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The format of the event stream.
pub const EVENTS_FORMAT: &str = "infield.events/1";

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The work begins.
    Started {
        /// `infield.events/1`.
        format: &'static str,
        /// The environment.
        environment: String,
        /// Whole name of the plan that is carried out.
        hash: String,
        /// Steps to do.
        steps: usize,
        /// Writing calls to make.
        calls: usize,
    },
    /// The plan has something to say that is not a step.
    Noted {
        /// The resource.
        #[schemars(with = "String")]
        address: Address,
        /// `refused`, `blocked`, `drift`, `unsupported`, `unmanaged` or `advice`.
        kind: String,
        /// One sentence.
        message: String,
        /// What to type or do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        help: Option<String>,
    },
    /// A step begins.
    StepStarted {
        /// The step's id.
        step: String,
        /// Its resource.
        #[schemars(with = "String")]
        address: Address,
        /// Its action.
        #[schemars(with = "String")]
        action: Action,
        /// Where.
        #[schemars(with = "String")]
        vendor: VendorId,
        /// What its survey can still cost before and after it, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        money: Option<MoneyReport>,
    },
    /// A call is about to be repeated.
    Retrying {
        /// The step's id.
        step: String,
        /// What happened.
        problem: String,
        /// Milliseconds until the next try.
        wait_ms: u64,
    },
    /// A writing call was answered with success.
    CallDone {
        /// The step's id.
        step: String,
        /// Method and path as sent.
        call: String,
    },
    /// A resource got its id at the vendor, and the state has it.
    Created {
        /// The resource.
        #[schemars(with = "String")]
        address: Address,
        /// The vendor's id.
        id: String,
    },
    /// A step is done, and what it wrote was read back where that was due.
    StepDone {
        /// The step's id.
        step: String,
        /// Its resource.
        #[schemars(with = "String")]
        address: Address,
        /// Its action.
        #[schemars(with = "String")]
        action: Action,
        /// When it goes in field by itself, where that start lies ahead.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        starts: Option<Timestamp>,
        /// What its survey could still cost before it, and can now, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        money: Option<MoneyReport>,
        /// Where somebody tries its survey out, where the vendor shows that anew.
        #[serde(skip_serializing_if = "Links::is_none")]
        links: Links,
    },
    /// A step failed. What it had sent before may be in effect; the next plan shows what is left.
    StepFailed {
        /// The step's id.
        step: String,
        /// Its resource.
        #[schemars(with = "String")]
        address: Address,
        /// Its action.
        #[schemars(with = "String")]
        action: Action,
        /// What happened.
        problem: String,
        /// What to do about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        help: Option<String>,
        /// Whether something may exist at the vendor that the state does not know.
        outcome_unknown: bool,
    },
    /// A step was not started.
    StepSkipped {
        /// The step's id.
        step: String,
        /// Its resource.
        #[schemars(with = "String")]
        address: Address,
        /// Its action.
        #[schemars(with = "String")]
        action: Action,
        /// Why.
        because: String,
    },
    /// A step needs an approval it did not get.
    StepRefused {
        /// The step's id.
        step: String,
        /// Its resource.
        #[schemars(with = "String")]
        address: Address,
        /// Its action.
        #[schemars(with = "String")]
        action: Action,
        /// Why.
        because: String,
    },
    /// The work is over.
    Finished(Tally),
}

/// How it went, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Tally {
    /// Steps done.
    pub done: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps not started because of a failure or an interruption.
    pub skipped: usize,
    /// Steps refused by a guard, a rule or a missing approval.
    pub refused: usize,
    /// Creates whose outcome is not known; each blocks its survey until settled.
    pub unknown: usize,
    /// Writing calls answered with success.
    pub calls: usize,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.calls += other.calls;
        self.interrupted |= other.interrupted;
    }
}

impl From<&Note> for Event {
    fn from(note: &Note) -> Self {
        Self::Noted {
            address: note.address.clone(),
            kind: note.kind.to_string(),
            message: note.message.clone(),
            help: note.help.clone(),
        }
    }
}

/// The JSON Schema of one event, draft 2020-12.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Event>()
        .to_value()
}
