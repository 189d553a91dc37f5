//! Progress for people: a bar on a terminal, plain lines elsewhere. All of it on stderr.

use super::ui::Console;
use crate::apply::Event;
use crate::flow::terminal::Measured;
use crate::flow::{Meter, Terminal as _};
use crate::plan::Action;
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Display;
use std::time::Duration;

/// A bar, which is hidden where none may be drawn, and the lines beside it.
pub(super) struct Progress {
    ui: Console,
    bar: ProgressBar,
    /// Whether there are lines, which a stream of events on stdout makes superfluous.
    lines: bool,
}

impl Progress {
    pub(super) fn new(ui: Console, draws: bool, of: Measured) -> Self {
        let (count, doing, lines) = match of {
            Measured::Steps { lines } => (None, "", lines),
            Measured::Things { count, doing } => (Some(count), doing, true),
        };
        let bar = match draws && count != Some(0) {
            true => ProgressBar::new(count.unwrap_or_default() as u64),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style).with_message(doing);
        Self { ui, bar, lines }
    }

    /// A step that ended otherwise than it should; everybody needs to know.
    fn ended(&self, address: impl Display, action: &Action, how: &str, why: &str) {
        let text = format!("{address}: {action} {how}: {why}");
        self.bar.suspend(|| self.ui.say(&text));
        self.add(1);
    }
}

impl Meter for Progress {
    fn event(&self, event: &Event) {
        match event {
            Event::Started { steps, .. } => self.bar.set_length(*steps as u64),
            // The one stands in the plan, which was shown.
            Event::Noted { .. } | Event::CallDone { .. } => {}
            Event::StepStarted { address, action, .. } => {
                self.bar.set_message(format!("{address}: {action}"));
            }
            Event::Retrying {
                step,
                problem,
                wait_ms,
            } => {
                let wait = Duration::from_millis(*wait_ms).as_secs_f64();
                self.status(&format!("{step}: {problem}; trying again in {wait:.1} s"));
            }
            Event::Created { address, id } => {
                self.status(&format!("{address}: has the id {id} at the vendor"));
            }
            Event::StepDone {
                address,
                action,
                starts,
                links,
                ..
            } => {
                let done = starts.map_or_else(
                    || past(*action).to_owned(),
                    |at| format!("scheduled to start {at}"),
                );
                self.status(&format!("{address}: {done}"));
                for (name, link) in links.named() {
                    self.status(&format!("{address}: {name} link to try it: {link}"));
                }
                self.add(1);
            }
            Event::StepFailed {
                address,
                action,
                problem,
                help,
                ..
            } => {
                let help = help.iter().map(|help| format!("\n  help: {help}"));
                self.ended(
                    address,
                    action,
                    "failed",
                    &format!("{problem}{}", help.collect::<String>()),
                );
            }
            Event::StepSkipped {
                address,
                action,
                because,
                ..
            } => {
                self.ended(address, action, "was not started", because);
            }
            Event::StepRefused {
                address,
                action,
                because,
                ..
            } => {
                self.ended(address, action, "is refused", because);
            }
            Event::Finished(_) => self.finish(),
        }
    }

    fn add(&self, count: usize) {
        self.bar.inc(count as u64);
    }

    /// A line that a quiet user or a machine does not need.
    fn status(&self, text: &str) {
        if self.lines {
            self.bar.suspend(|| self.ui.status(text));
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
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
