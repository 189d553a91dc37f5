//! The terminal: data on stdout, talk on stderr, colour only where it is wanted.

use super::exit::Exit;
use crate::yaml;
use serde::Serialize;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a document for programs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Notation {
    /// JSON
    Json,
    /// The same as YAML; whatever some reader could take for anything but a text is in quotes
    Yaml,
}

/// How to talk to whoever runs the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ui {
    quiet: bool,
    /// Whether long lists are shown in full.
    pub(super) verbose: bool,
    /// Colour on stdout.
    pub(super) color_out: bool,
    /// Colour on stderr.
    pub(super) color_err: bool,
    /// Columns to fill at most.
    pub(super) width: usize,
    /// Whether somebody can be asked.
    pub(super) interactive: bool,
    /// Whether progress may be drawn.
    pub(super) draws_progress: bool,
}

/// Why the program ends early, already told or to be told.
#[derive(Debug)]
pub(super) struct Stop {
    /// With which code.
    pub(super) exit: Exit,
    /// What to say; `None` when it was said.
    pub(super) message: Option<String>,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Stop {
    /// An error that ends the program.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: Some(message.into()),
            help: None,
        }
    }

    /// An error with the usual exit code.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The end of a program that has said why.
    pub(super) fn said(exit: Exit) -> Self {
        Self {
            exit,
            message: None,
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<crate::state::StateError> for Stop {
    fn from(error: crate::state::StateError) -> Self {
        let exit = if error.is_contention() {
            Exit::LockedOrStale
        } else {
            Exit::Failed
        };
        let stop = Self::new(exit, error.to_string());
        match error.help() {
            Some(help) => stop.help(help),
            None => stop,
        }
    }
}

impl Ui {
    /// Looks at the terminal and the environment once.
    pub(super) fn new(quiet: bool, verbose: bool, color: ColorChoice) -> Self {
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wanted = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !no_color && !dumb,
        };
        let width = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse().ok())
            .or_else(|| terminal_width(out || err))
            .unwrap_or(100);
        Self {
            quiet,
            verbose,
            color_out: wanted(out),
            color_err: wanted(err),
            width: width.clamp(40, 160),
            interactive: io::stdin().is_terminal() && err,
            draws_progress: err && !quiet && !dumb,
        }
    }

    /// Writes data to stdout.
    ///
    /// # Errors
    /// When stdout cannot be written. A reader that went away (`| head`) ends the program quietly and well.
    pub(super) fn data(&self, text: &str) -> Result<(), Stop> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| match error.kind() {
                ErrorKind::BrokenPipe => Stop::said(Exit::Done),
                _ => Stop::failed(format!("stdout cannot be written: {error}")),
            })
    }

    /// Says something that a quiet user does not want to hear.
    pub(super) fn status(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Writes a document for programs.
    pub(super) fn document(&self, document: &impl Serialize, notation: Notation) -> Result<(), Stop> {
        let failed = |error| Stop::failed(format!("this cannot be written down: {error}"));
        match notation {
            Notation::Json => {
                let text = serde_json::to_string_pretty(document).map_err(failed)?;
                self.data(&format!("{text}\n"))
            }
            Notation::Yaml => {
                let value = serde_json::to_value(document).map_err(failed)?;
                self.data(&yaml::write(&value))
            }
        }
    }

    /// Says why the program ends.
    pub(super) fn stop(&self, stop: &Stop) {
        let (red, bold, off) = if self.color_err {
            ("\u{1b}[31m", "\u{1b}[1m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        if let Some(message) = &stop.message {
            self.say(&format!("{red}error{off}: {message}"));
        }
        if let Some(help) = &stop.help {
            self.say(&format!("{bold}help{off}: {help}"));
        }
    }

    /// Says something on stderr. There is nobody left to tell when that fails.
    pub(super) fn say(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{text}");
    }

    /// Asks a question; anything but a clear yes is no.
    pub(super) fn ask(&self, question: &str) -> bool {
        let mut err = io::stderr().lock();
        let _ = write!(err, "{question} [y/N] ");
        let _ = err.flush();
        drop(err);
        let mut answer = String::new();
        match io::stdin().read_line(&mut answer) {
            Ok(_) => matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"),
            Err(_) => false,
        }
    }
}

fn terminal_width(terminal: bool) -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal.then(terminal_size::terminal_size).flatten()?;
    Some(columns.into())
}
