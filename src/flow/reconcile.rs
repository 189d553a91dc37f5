//! One list of outcomes, without a manifest.

use super::reconciler::{Approval, Reconciler};
use super::{Cause, Connected, Locked, Outcome, Project, Stop, Terminal, problems};
use crate::diag::{Diagnostics, Sources};
use crate::manifest::outcomes::{self, Defaults};
use crate::model::VendorId;
use crate::model::reconciliation::{Bytes, Named, Reconciliation, Row, SurveyRef};
use crate::report::ReconciliationReport;
use camino::Utf8Path;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a list is shown and carried out.
#[derive(Debug)]
pub struct Options {
    /// Only show what would change.
    pub only_plan: bool,
    /// Show every writing call with its path and body.
    pub show_calls: bool,
    /// For machines: `infield.reconciliation/1`.
    pub json: bool,
    /// What was approved beforehand.
    pub approval: Approval,
}

/// Gives transactions the outcomes that a list says.
///
/// # Errors
/// When the list cannot be right, something cannot be read, or an approval is missing.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    list: Reconciliation,
    options: &Options,
) -> Result<Outcome, Stop> {
    let list = Arc::new(list);
    if options.only_plan {
        let state = project.peek().await?;
        let looking = async |at: &Connected<'_>| {
            let reconciler = Reconciler::new(at, &state)?;
            let plan = reconciler.plan(list).await?;
            match options.json {
                true => {
                    let report = ReconciliationReport::new(&project.environment, &plan, None, true);
                    terminal.document(&report.to_line())?;
                }
                false => terminal.data(&reconciler.text(&plan, options.show_calls))?,
            }
            match plan.counts().unread {
                0 => Ok(Outcome::Done),
                _ => Err(Stop::failed("not every transaction could be read")
                    .help("what was not read is left alone; run again when the vendor answers")),
            }
        };
        return project.connected(terminal, looking).await;
    }
    let work = async |locked: &Locked<'_>| {
        let reconciler = Reconciler::new(locked, &locked.keeper.document().await)?;
        let shown = |plan: &_| (!options.json).then(|| reconciler.text(plan, options.show_calls));
        let plan = reconciler.prepared(list, &options.approval, shown).await?;
        let interrupts = terminal.interrupts();
        let stop = interrupts.stop.clone();
        let tally = reconciler
            .carry_out(&plan, locked.keeper, stop, options.json)
            .await?;
        Ok(Outcome::Reconciled(tally))
    };
    project.locked_and_connected("reconcile", terminal, work).await
}

/// A list that was read: its rows, and the surveys that they are of.
pub struct List {
    /// The rows.
    pub rows: Vec<Row>,
    surveys: Vec<Named>,
    path: PathBuf,
}

impl List {
    /// The list as something to reconcile.
    pub fn into_reconciliation(self, file: &Utf8Path, vendor: Option<VendorId>) -> Reconciliation {
        Reconciliation {
            name: file.file_name().unwrap_or(file.as_str()).to_owned(),
            vendor,
            surveys: self.surveys,
            rows: self.rows,
            file: file.as_str().into(),
            path: self.path,
        }
    }
}

/// A survey that rows are of which do not name their own.
pub fn of_survey(survey: SurveyRef) -> Named {
    Named {
        survey,
        file: "".into(),
        path: PathBuf::new(),
        place: Bytes::default(),
    }
}

/// Reads a list and tells what is wrong with it; `base` is where relative names start from. A `strict` one has to be
/// right as a whole, without a column that means nothing.
///
/// # Errors
/// When it cannot be read, or something is wrong with it.
pub fn read(
    file: &Utf8Path,
    base: &Path,
    defaults: Defaults,
    strict: Option<&str>,
    terminal: &dyn Terminal,
) -> Result<List, Stop> {
    let path = base.join(file.as_std_path());
    let listed = outcomes::read(&path, &file.as_str().into(), defaults)
        .map_err(|error| Stop::failed(format!("{file} {error}")))?;
    if !listed.problems.is_empty() {
        let mut sources = Sources::default();
        listed
            .source
            .into_iter()
            .for_each(|source| sources.insert(source));
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(listed.problems);
        diagnostics.sort();
        let wrong = diagnostics.iter().any(crate::diag::Diagnostic::is_error);
        if wrong || strict.is_some() {
            problems::tell(&diagnostics, &sources, terminal);
            return Err(strict.map_or_else(|| Stop::said(Cause::Failed), Stop::failed));
        }
        problems::warn(&diagnostics, &sources, terminal);
    }
    Ok(List {
        rows: listed.rows,
        surveys: listed.surveys,
        path,
    })
}
