//! What is wrong with manifests and lists, told before a command goes on with them.

use super::{Cause, Project, Stop, Terminal};
use crate::diag::{self, Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::manifest::masked;
use crate::plan::{Note, Plan};
use crate::report::difference::unified;
use std::collections::{BTreeMap, BTreeSet};

/// Tells problems where they stand in their files.
pub fn tell(diagnostics: &Diagnostics, sources: &Sources, terminal: &dyn Terminal) {
    terminal.say(diag::text::render(diagnostics, sources, terminal.problem_style()).trim_end());
}

/// The same, where they keep nothing from going on.
pub fn warn(diagnostics: &Diagnostics, sources: &Sources, terminal: &dyn Terminal) {
    terminal.status(diag::text::render(diagnostics, sources, terminal.problem_style()).trim_end());
}

/// Points to the explanations, once after all problems.
pub fn hint(diagnostics: &Diagnostics, terminal: &dyn Terminal) {
    let mut codes = diagnostics.iter().map(|d| d.code);
    let Some(first) = codes.next() else { return };
    let name = first.id().trim_start_matches("infield::");
    terminal.status(&if codes.all(|code| code == first) {
        format!("for more: infield explain {name}")
    } else {
        format!("for more: infield explain CODE, such as `infield explain {name}`")
    });
}

/// What changes in a file, as a unified difference; secrets are masked.
pub fn difference(name: &str, before: &str, after: &str) -> String {
    unified(name, &masked(before), &masked(after))
}

impl Project {
    /// Tells what is wrong with the manifests.
    ///
    /// # Errors
    /// When something is, but for warnings.
    pub fn check(&self, terminal: &dyn Terminal) -> Result<(), Stop> {
        let (diagnostics, sources) = (&self.loaded.diagnostics, &self.loaded.sources);
        if self.loaded.has_errors() {
            tell(diagnostics, sources, terminal);
            hint(diagnostics, terminal);
            return Err(Stop::said(Cause::Failed));
        }
        if !diagnostics.is_empty() {
            warn(diagnostics, sources, terminal);
        }
        Ok(())
    }

    /// Notes in a plan what `infield validate` says of the surveys that the plan touches, so that whoever approves it reads it
    /// in every format.
    pub fn remark(&self, plan: &mut Plan) {
        let mut said: BTreeMap<&str, Vec<(Span, &Diagnostic)>> = BTreeMap::new();
        for problem in self
            .loaded
            .diagnostics
            .iter()
            .filter(|problem| !problem.is_error())
        {
            if let (Some(file), Some(place)) = (&problem.file, problem.span()) {
                said.entry(file).or_default().push((place, problem));
            }
        }
        let touched: BTreeSet<&str> = plan.intended().map(|step| step.address.manifest()).collect();
        let documents = self
            .loaded
            .index
            .addresses()
            .filter(|address| !address.is_group());
        let mut notes = Vec::new();
        for address in documents.filter(|address| touched.contains(address.manifest())) {
            let Some((file, document)) = self.loaded.index.document(address) else {
                continue;
            };
            let here = said.get(&**file).into_iter().flatten();
            for (_, problem) in
                here.filter(|(place, _)| (document.start..document.end).contains(&place.start))
            {
                let name = problem.code.id().trim_start_matches("infield::");
                let note = Note::advice(address, format!("{} ({name})", problem.message));
                notes.push(Note {
                    help: problem.help.clone(),
                    ..note
                });
            }
        }
        plan.notes.extend(notes);
        plan.notes.sort();
        plan.notes.dedup();
    }

    /// The same, for commands that look at what is in field: warnings are counted by their kinds, unless all is to be shown.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_briefly(&self, terminal: &dyn Terminal) -> Result<(), Stop> {
        if self.loaded.has_errors() {
            return self.check(terminal);
        }
        if terminal.style().verbose {
            return self.check(terminal);
        }
        let diagnostics = self.loaded.diagnostics.iter();
        let warnings = diagnostics.filter(|problem| problem.severity == Severity::Warning);
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for warning in warnings {
            let kind = warning.code.id().trim_start_matches("infield::");
            *kinds.entry(kind).or_default() += 1;
        }
        let all = match kinds.values().sum::<usize>() {
            0 => return Ok(()),
            1 => "1 warning about manifests; `infield validate` shows it".to_owned(),
            many => format!("{many} warnings about manifests; `infield validate` shows them"),
        };
        let kinds: String = match kinds.len() {
            1 => String::new(),
            _ => kinds
                .iter()
                .map(|(kind, count)| format!("\n  {count} {kind}"))
                .collect(),
        };
        terminal.status(&format!("{all}{kinds}"));
        Ok(())
    }
}
