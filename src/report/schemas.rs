//! Every machine format with its schema.

use super::history::{BlameReport, LogReport};
use super::json::schema_of;
use super::reconciliation::ReconciliationReport;
use super::spend::SpendReport;
use super::status::StatusReport;
use super::{cells, doctor, feasibility, lookup, plan_json, state_list};

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
        ("history.schema.json", schema_of::<crate::history::Line>()),
        ("log.schema.json", schema_of::<LogReport>()),
        ("spend.schema.json", schema_of::<SpendReport>()),
        ("blame.schema.json", schema_of::<BlameReport>()),
        ("events.schema.json", crate::apply::event::schema()),
        ("notification.schema.json", schema_of::<crate::notify::Message>()),
        ("diagnostics.schema.json", cells::Checked::schema()),
        ("doctor.schema.json", schema_of::<doctor::DoctorReport>()),
        ("state-list.schema.json", schema_of::<state_list::StateList>()),
        ("lookup.schema.json", schema_of::<lookup::LookupReport>()),
        ("test-report.schema.json", schema_of::<super::test::TestReport>()),
        (
            "feasibility.schema.json",
            schema_of::<feasibility::FeasibilityReport>(),
        ),
    ]
}
