//! `--approve` and `--approve-file`: plans that were approved by their names. A short name has 40 bits, for which another
//! plan can be searched; it is taken only where a file says the whole one.

use super::ui::Stop;
use crate::flow::OrFail as _;
use crate::plan::hash;
use crate::report::PlanReport;
use crate::report::plan_markdown::MARKER;
use crate::saved::{self, SavedPlan};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

#[derive(Debug, clap::Args)]
pub(super) struct ApproveArgs {
    /// Approve the plan with this whole hash, and no other
    #[arg(long, value_name = "HASH", value_delimiter = ',', conflicts_with_all = ["yes", "allow"])]
    approve: Vec<String>,
    /// Approve what this file of `infield plan` names
    #[arg(long = "approve-file", value_name = "FILE", conflicts_with_all = ["yes", "allow"])]
    approve_files: Vec<Utf8PathBuf>,
}

impl ApproveArgs {
    /// The whole names of what was approved, and the plans that files say. `given` is what else stands on the command line of
    /// `command`.
    ///
    /// # Errors
    /// For a short name whose whole one is not at hand, and for files that name no plan.
    pub(super) fn approved(
        &self,
        command: &str,
        given: &[String],
    ) -> Result<(Vec<String>, Vec<PlanReport>), Stop> {
        let (mut known, mut reviewed) = (Vec::new(), Vec::new());
        for file in &self.approve_files {
            let (names, plan) = named_in(file)?;
            known.extend(names);
            reviewed.extend(plan);
        }
        if self.approve.is_empty() {
            return Ok((known, reviewed));
        }
        let names = self.approve.iter().map(|name| {
            let mut meant = known.iter().filter(|whole| hash::short(whole) == name);
            if let (Some(one), None) = (meant.next(), meant.next()) {
                return Ok(one.clone());
            }
            let given: String = given.iter().map(|word| format!(" {word}")).collect();
            whole(name, "--approve", || {
                format!(
                    "type the whole name, as the plan says it, or let a file say it: infield {command}{given} --approve \
                     {name} --approve-file plan.json"
                )
            })
        });
        Ok((names.collect::<Result<_, _>>()?, reviewed))
    }
}

/// The name, where it is a whole one.
///
/// # Errors
/// Where it is not, as a mistake on the command line.
pub(super) fn whole(name: &str, option: &str, help: impl FnOnce() -> String) -> Result<String, Stop> {
    if hash::is_whole(name) {
        return Ok(name.to_owned());
    }
    let why = match hash::is_short(name) {
        true => "is the short form of a plan's name, which another plan can have as well",
        false => "is not a plan's whole name",
    };
    Err(Stop::usage(format!("{option}: `{name}` {why}")).help(help()))
}

/// The whole names a file says, and the plan, where it says that as well.
fn named_in(file: &Utf8Path) -> Result<(Vec<String>, Option<PlanReport>), Stop> {
    let bytes = std::fs::read(file).or_fail(format_args!("{file} cannot be read"))?;
    let in_comment = in_comment(&bytes).map(|names| (names, None));
    let (names, plan) = in_comment.or_else(|| in_json(&bytes)).unwrap_or_default();
    if names.is_empty() || !names.iter().all(|name| hash::is_whole(name)) {
        let stop = Stop::failed(format!("{file} says no plan's whole name"));
        return Err(stop.help(
            "it takes what `infield plan --write json=FILE`, `--write markdown=FILE` or `--out FILE` wrote",
        ));
    }
    Ok((names, plan))
}

/// The names in the first line of a comment.
fn in_comment(bytes: &[u8]) -> Option<Vec<String>> {
    let line = std::str::from_utf8(bytes).ok()?.lines().next()?;
    let inside = line.strip_prefix(MARKER)?.strip_suffix("-->")?;
    Some(inside.split_whitespace().skip(1).map(str::to_owned).collect())
}

/// The names in a plan for machines, a plan of outcomes, or a saved plan that nobody changed.
fn in_json(bytes: &[u8]) -> Option<(Vec<String>, Option<PlanReport>)> {
    #[derive(Deserialize)]
    struct Named {
        format: String,
        hash: String,
        #[serde(default)]
        reconciliations: Vec<List>,
    }
    #[derive(Deserialize)]
    struct List {
        hash: String,
    }
    let named: Named = serde_json::from_slice(bytes).ok()?;
    match named.format.as_str() {
        "infield.plan/1" | "infield.reconciliation/1" => {
            let lists = named.reconciliations.into_iter().map(|list| list.hash);
            let names = [named.hash].into_iter().chain(lists).collect();
            Some((names, serde_json::from_slice(bytes).ok()))
        }
        saved::FORMAT => {
            let saved = SavedPlan::parse(bytes).ok()?;
            Some((vec![saved.hash], Some(PlanReport::from(&saved.plan))))
        }
        _ => None,
    }
}
