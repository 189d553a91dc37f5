//! A terminal at which nobody sits, for commands within a test. It keeps what went wrong.

use crate::apply::Event;
use crate::diag;
use crate::flow::terminal::{Interrupts, Measured};
use crate::flow::{Meter, Stop, Terminal};
use crate::report;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// What was said and went wrong, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Quiet {
    said: Arc<Mutex<Vec<String>>>,
}

impl Quiet {
    fn keep(&self, line: impl Into<String>) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push(line.into());
    }

    /// What was kept.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An end whose reason was told here, with that reason.
    pub(super) fn told(&self, stop: Stop) -> Stop {
        match stop.message {
            Some(_) => stop,
            None => Stop {
                message: Some(self.said().join("\n")),
                ..stop
            },
        }
    }
}

impl Terminal for Quiet {
    fn data(&self, _: &str) -> Result<(), Stop> {
        Ok(())
    }

    fn status(&self, _: &str) {}

    fn say(&self, text: &str) {
        self.keep(text);
    }

    fn stop(&self, stop: &Stop) {
        self.keep(stop.message.clone().unwrap_or_default());
    }

    fn ask(&self, _: &str) -> Option<bool> {
        None
    }

    fn style(&self) -> report::Style {
        report::Style::default()
    }

    fn problem_style(&self) -> diag::text::Style {
        diag::text::Style::default()
    }

    fn meter(&self, _: Measured) -> Box<dyn Meter> {
        Box::new(self.clone())
    }

    fn interrupts(&self) -> Interrupts {
        Interrupts {
            stop: CancellationToken::new(),
            watcher: tokio::spawn(async {}),
        }
    }
}

impl Meter for Quiet {
    fn event(&self, event: &Event) {
        match event {
            Event::StepFailed { step, problem, .. } => self.keep(format!("{step}: {problem}")),
            Event::StepRefused { step, because, .. } => self.keep(format!("{step}: {because}")),
            Event::Noted {
                address,
                kind,
                message,
                ..
            } if ["refused", "blocked"].contains(&kind.as_str()) => {
                self.keep(format!("{address}: {kind}: {message}"));
            }
            _ => {}
        }
    }

    fn add(&self, _: usize) {}

    fn status(&self, _: &str) {}

    fn finish(&self) {}
}
