//! What is wrong with the manifests, told before a command goes on with them.

use super::exit::Exit;
use super::project::{Opened, style};
use super::ui::{Stop, Ui};
use crate::diag::{self, Severity};

impl Opened {
    /// Tells what is wrong with the manifests, and ends the command where something is.
    pub(super) fn check(&self, ui: &Ui) -> Result<(), Stop> {
        let diagnostics = &self.loaded.diagnostics;
        if diagnostics.is_empty() {
            return Ok(());
        }
        let text = diag::text::render(diagnostics, &self.loaded.sources, style(ui));
        if self.loaded.has_errors() {
            ui.say(text.trim_end());
            super::explain::hint(diagnostics, ui);
            return Err(Stop::said(Exit::Failed));
        }
        ui.status(text.trim_end());
        Ok(())
    }

    /// The same, for commands that look at what is in field: warnings are only counted.
    pub(super) fn check_briefly(&self, ui: &Ui) -> Result<(), Stop> {
        if self.loaded.has_errors() {
            return self.check(ui);
        }
        let warnings = self.loaded.diagnostics.iter();
        match warnings
            .filter(|problem| problem.severity == Severity::Warning)
            .count()
        {
            0 => {}
            1 => ui.status("1 warning about manifests; `infield validate` shows it"),
            many => ui.status(&format!(
                "{many} warnings about manifests; `infield validate` shows them"
            )),
        }
        Ok(())
    }
}
