//! Saying it: one file per way, the same plan behind all of them.
//!
//! `reconciliation` and `reconciliation_text` outcomes of transactions · `status`, `status_html`, `watch` and `openmetrics` how far surveys got ·
//! `history` what was done, and who is behind it · `spend` what was spent in a month · `lookup` what a vendor has · `doctor` what can be reached · `feasibility` what it estimates ·
//! `plan_json` the frozen machine format · `view` a plan in words, once for all that people read · `plan_text` for people
//! at a terminal · `plan_markdown` for a pull request · `plan_html` the same as a page, in full · `plan_junit` a test report · `test` tests of manifests · `state_list` what is remembered · `mark` where a plan's
//! view came from · `reviewed` what differs from a plan that was reviewed · `rungs` the stages of a ladder · `style` how a plan is shown · `json` and `schemas` the machine formats ·
//! `words`, `by_tag`, `difference`, `page`, `paint`, `escape` and `html` what the renderers share.
//!
//! Promises: pure and deterministic; nothing here prints, reads a clock, asks a vendor or looks at the terminal. Width,
//! colour and detail are given by the caller. Text of users and vendors never reaches a screen with its control
//! characters, nor a pull request with its markup. Deciding what to do is left to `plan`, writing to a stream to `cli`.

mod by_tag;
pub mod cells;
pub mod difference;
pub mod doctor;
mod escape;
pub mod feasibility;
pub mod history;
mod html;
mod json;
pub mod lookup;
mod mark;
pub mod openmetrics;
mod page;
mod paint;
pub mod plan_html;
pub mod plan_json;
pub mod plan_junit;
pub mod plan_markdown;
pub mod plan_text;
pub mod reconciliation;
pub mod reconciliation_text;
pub mod reviewed;
mod rungs;
mod schemas;
pub mod spend;
pub mod state_list;
pub mod status;
pub mod status_html;
mod style;
pub mod test;
mod view;
pub mod watch;
mod words;

pub use mark::PictureMark;
pub use plan_json::PlanReport;
pub use reconciliation::ReconciliationReport;
pub use schemas::schemas;
pub use status::StatusReport;
pub use style::{Made, Style};
