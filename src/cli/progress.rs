//! Progress for people: a bar on a terminal, plain lines elsewhere. All of it on stderr.

use super::ui::Ui;
use crate::apply::Event;
use crate::plan::Action;
use indicatif::{ProgressBar, ProgressStyle};

/// Tells what happens.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
}

impl Progress {
    /// Progress for this terminal; `lines` for plain lines, which a stream of events on stdout makes superfluous.
    pub(super) fn new(ui: &Ui, lines: bool) -> Self {
        let bar = ui.draws_progress.then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(0).with_style(style)
        });
        Self { bar, lines }
    }

    /// Tells one event.
    pub(super) fn take(&self, event: &Event, ui: &Ui) {
        match event {
            Event::Started { steps, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_length(u64::try_from(*steps).unwrap_or(u64::MAX));
                }
            }
            Event::Noted { .. } => {} // stands in the plan, which was shown
            Event::StepStarted { address, action, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("{address}: {action}"));
                }
            }
            Event::Retrying {
                step,
                problem,
                wait_ms,
            } => {
                self.line(
                    ui,
                    &format!("{step}: {problem}; trying again in {:.1} s", seconds(*wait_ms)),
                );
            }
            Event::CallDone { .. } => {}
            Event::Created { address, id } => {
                self.line(ui, &format!("{address}: has the id {id} at the vendor"));
            }
            Event::StepDone { address, action, .. } => {
                self.line(ui, &format!("{address}: {}", past(*action)));
                self.advance();
            }
            Event::StepFailed {
                address,
                action,
                problem,
                help,
                ..
            } => {
                let help = help
                    .as_ref()
                    .map(|help| format!("\n  help: {help}"))
                    .unwrap_or_default();
                self.print(ui, &format!("{address}: {action} failed: {problem}{help}"));
                self.advance();
            }
            Event::StepSkipped {
                address,
                action,
                because,
                ..
            } => {
                self.print(ui, &format!("{address}: {action} was not started: {because}"));
                self.advance();
            }
            Event::StepRefused {
                address,
                action,
                because,
                ..
            } => {
                self.print(ui, &format!("{address}: {action} is refused: {because}"));
                self.advance();
            }
            Event::Finished(_) => self.finish(),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// A line that a quiet user or a machine does not need.
    fn line(&self, ui: &Ui, text: &str) {
        if self.lines {
            match &self.bar {
                Some(bar) => bar.suspend(|| ui.status(text)),
                None => ui.status(text),
            }
        }
    }

    /// A line everybody needs.
    fn print(&self, ui: &Ui, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| ui.say(text)),
            None => ui.say(text),
        }
    }
}

fn seconds(milliseconds: u64) -> f64 {
    std::time::Duration::from_millis(milliseconds).as_secs_f64()
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "created anew",
        Action::Launch => "launched, in field",
        Action::Resume => "resumed, in field",
        Action::Pause => "paused",
        Action::Close => "closed",
        Action::Forget => "forgotten",
    }
}
