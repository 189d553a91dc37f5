//! Saying it: one file per way, the same plan behind all of them.
//!
//! `reconciliation` and `reconciliation_text` outcomes of transactions · `status` and `status_html` how far surveys got ·
//! `lookup` what a vendor has · `feasibility` what it estimates ·
//! `plan_json` the frozen machine format · `view` a plan in words, once for all that people read · `plan_text` for people
//! at a terminal · `plan_markdown` for a pull request · `plan_html` the same as a page, in full · `mark` where a plan's
//! view came from · `words`, `difference`, `page`, `paint`, `escape` and `html` what the renderers share.
//!
//! Promises: pure and deterministic; nothing here prints, reads a clock, asks a vendor or looks at the terminal. Width,
//! colour and detail are given by the caller. Text of users and vendors never reaches a screen with its control
//! characters, nor a pull request with its markup. Deciding what to do is left to `plan`, writing to a stream to `cli`.

pub mod difference;
mod escape;
pub mod feasibility;
mod html;
pub mod lookup;
mod mark;
mod page;
mod paint;
pub mod plan_html;
pub mod plan_json;
pub mod plan_markdown;
pub mod plan_text;
pub mod reconciliation;
pub mod reconciliation_text;
pub mod status;
pub mod status_html;
mod view;
mod words;

pub use mark::PictureMark;
pub use plan_json::PlanReport;
pub use reconciliation::ReconciliationReport;
pub use status::StatusReport;

use crate::plan::Guard;
use std::collections::BTreeSet;

/// How a plan is shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Whether colour may be used; it never carries a meaning that words do not.
    pub colour: bool,
    /// Columns to wrap at. Addresses, URLs and calls that have no place to break may be longer.
    pub width: usize,
    /// Whether every call is shown with method, path and body.
    pub show_calls: bool,
    /// Whether long lists and repeated notes are shown in full.
    pub verbose: bool,
    /// Guards that the environment allows without asking, so that they are not announced as needing approval.
    pub allowed: BTreeSet<Guard>,
    /// The picture the plan was made from, where no vendor was asked.
    pub picture: Option<PictureMark>,
    /// What was given on the command line besides `plan`, quoted for a shell: the command that applies the plan repeats
    /// it, or it would make another plan.
    pub given: Vec<String>,
}

impl Default for Style {
    /// No colour, 100 columns, no calls, long lists shortened, every guard needs approval.
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
            show_calls: false,
            verbose: false,
            allowed: BTreeSet::new(),
            picture: None,
            given: Vec::new(),
        }
    }
}

/// The JSON Schema of a format, draft 2020-12, as it is written.
fn schema_of<T: schemars::JsonSchema>() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// A document of plain data as text: two-space indentation, keys always in the same order, a line feed at the end.
fn pretty(document: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(document).expect("a report consists of plain data") + "\n"
}

/// The JSON Schemas of the machine formats, each with the name of its file under `schemas/`.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    crate::marketplace::registry::install();
    vec![
        ("plan.schema.json", plan_json::schema()),
        (
            "reconciliation-report.schema.json",
            schema_of::<ReconciliationReport>(),
        ),
        ("status.schema.json", schema_of::<StatusReport>()),
        ("events.schema.json", crate::apply::event::schema()),
        ("diagnostics.schema.json", crate::diag::json::schema()),
        ("lookup.schema.json", schema_of::<lookup::LookupReport>()),
        (
            "feasibility.schema.json",
            schema_of::<feasibility::FeasibilityReport>(),
        ),
    ]
}
