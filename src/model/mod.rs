//! The shared vocabulary: what a survey, a quota, a price and a status are.
//!
//! Promises: no I/O, no wire formats, no vendor's field names, nothing asynchronous. Everything here can be
//! compared, ordered and serialised the same way twice. Reading manifests, talking to vendors and deciding what to
//! change are left to `manifest`, `marketplace` and `plan`.

pub mod address;
pub mod alarms;
pub mod apportion;
pub mod approved;
pub mod attributes;
pub mod billing;
pub mod budget;
pub mod call;
pub mod capability;
pub mod codebook;
pub mod desired;
pub mod field;
pub mod fields;
pub mod figures;
pub mod guard;
pub mod hours;
pub mod json;
pub mod known;
pub mod ladder;
pub mod lexicon;
pub mod links;
pub mod live;
pub mod marketplace;
pub mod money;
mod moving;
pub mod notify;
pub mod own;
pub mod own_rule;
pub mod pace;
pub mod pattern;
pub mod performance;
pub mod reconciliation;
pub mod renames;
pub mod respondents;
pub mod shared;
pub mod stops;
pub mod study;
pub mod suppliers;
pub mod survey;
pub mod tags;
pub mod targeting;
pub mod traffic;

pub use address::{Address, Level};
pub use alarms::Alarms;
pub use approved::Approved;
pub use budget::Budget;
pub use call::{Call, CallClass, Method};
pub use desired::{Desired, DesiredGroup, DesiredSurvey, GroupMember, MemberId};
pub use field::Field;
pub use fields::{FieldName, SurveySpec};
pub use json::Json;
pub use known::{Intent, Known, KnownSurvey, Resource, ResourceKind};
pub use ladder::Ladder;
pub use lexicon::{Lexicon, Words};
pub use links::Links;
pub use live::{Live, LiveGroup, LiveKey, LiveQuota, LiveSurvey, Reading, VendorState};
pub use marketplace::VendorId;
pub use money::Money;
pub use pattern::{Named, Pattern};
pub use performance::{Details, Performance};
pub use reconciliation::{Mechanism, Outcome, Reconciliation, SurveyRef};
pub use renames::{Move, MovedFrom, Renames};
pub use respondents::Respondents;
pub use stops::Stops;
pub use study::Study;
pub use suppliers::Suppliers;
pub use survey::Status;
pub use targeting::{Answers, Criteria, Criterion, Quota, Quotas, Range};
pub use traffic::{Pace, Traffic};
