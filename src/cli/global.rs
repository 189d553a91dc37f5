//! Options of every command, and what follows from them before one begins: the folder, the log, the version.
//!
//! Each has a variable, but for the folder. None of them answers a question or approves anything.

use super::ui::{self, ColorChoice, Stop};
use crate::flow::OrFail as _;
use clap::builder::FalseyValueParser;
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Say only what is asked for, and errors
    #[arg(
        short,
        long,
        global = true,
        display_order = 900,
        env = "INFIELD_QUIET",
        hide_env = true,
        value_parser = FalseyValueParser::new()
    )]
    pub(super) quiet: bool,
    /// Say more on stderr; twice for every request
    #[arg(
        short,
        long,
        global = true,
        display_order = 901,
        env = "INFIELD_VERBOSE",
        hide_env = true,
        action = clap::ArgAction::Count
    )]
    pub(super) verbose: u8,
    /// When to use colour
    #[arg(
        long,
        global = true,
        display_order = 902,
        value_name = "WHEN",
        default_value = "auto",
        env = "INFIELD_COLOR",
        hide_env = true
    )]
    pub(super) color: ColorChoice,
    // The first page says what these three are; every page would be too much.
    /// Work in this folder
    #[arg(id = "directory", short = 'C', global = true, hide = true, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// How the log is written
    #[arg(
        long,
        global = true,
        hide = true,
        value_name = "FORMAT",
        default_value = "text",
        env = "INFIELD_LOG_FORMAT"
    )]
    log_format: LogFormat,
    /// Show long texts as they are
    #[arg(
        long,
        global = true,
        hide = true,
        env = "INFIELD_NO_PAGER",
        value_parser = FalseyValueParser::new()
    )]
    pub(super) no_pager: bool,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

impl Global {
    /// Goes to the folder that is asked for.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(super) fn enter(&self) -> Result<(), Stop> {
        let Some(folder) = &self.directory else {
            return Ok(());
        };
        std::env::set_current_dir(folder).or_fail(format_args!("-C {}", folder.display()))
    }

    /// Starts the log: what `-v` asks for, or else `RUST_LOG`.
    ///
    /// # Errors
    /// When `RUST_LOG` cannot be understood.
    pub(super) fn start_logging(&self, colour: bool) -> Result<(), Stop> {
        let wanted = std::env::var("RUST_LOG")
            .ok()
            .filter(|filter| !filter.trim().is_empty());
        let filter = match (self.verbose, wanted) {
            (0, None) => return Ok(()),
            (0, Some(wanted)) => EnvFilter::try_new(&wanted).map_err(|error| {
                Stop::usage(format!("RUST_LOG: {error}")).help("write it such as `RUST_LOG=infield=debug`")
            })?,
            (1, _) => EnvFilter::new("infield=info"),
            (2, _) => EnvFilter::new("infield=debug"),
            (_, _) => EnvFilter::new("debug"),
        };
        let lines = tracing_subscriber::registry().with(filter);
        match self.log_format {
            LogFormat::Json => lines.with(JsonLines).init(),
            LogFormat::Text => {
                let text = tracing_subscriber::fmt::layer()
                    .with_writer(ui::Log::default)
                    .with_ansi(colour)
                    .with_target(false);
                lines.with(text).init();
            }
        }
        Ok(())
    }
}

/// The version, with the commit and its day where the build was told them.
pub(super) fn version() -> String {
    told(option_env!("INFIELD_COMMIT"), option_env!("INFIELD_COMMIT_DATE"))
}

fn told(commit: Option<&str>, day: Option<&str>) -> String {
    let short = commit.map(|commit| commit.get(..12).unwrap_or(commit));
    let more: Vec<&str> = [short, day]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    match more.is_empty() {
        true => version.to_owned(),
        false => format!("{version} ({})", more.join(" ")),
    }
}

/// A log with one JSON object a line.
struct JsonLines;

impl<S: tracing::Subscriber> Layer<S> for JsonLines {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let message = fields.0.shift_remove("message");
        let about = event.metadata();
        let line = json!({
            "time": jiff::Timestamp::now().to_string(),
            "level": about.level().as_str().to_ascii_lowercase(),
            "target": about.target(),
            "message": message,
            "fields": fields.0,
        });
        // There is nobody left to tell when that fails.
        let _ = writeln!(ui::Log::default(), "{line}");
    }
}

/// The fields of an event as JSON.
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_was_told_its_commit_says_it() {
        let version = env!("CARGO_PKG_VERSION");
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            told(Some(commit), Some("2026-11-30")),
            format!("{version} (0123456789ab 2026-11-30)")
        );
        assert_eq!(told(Some("abc"), None), format!("{version} (abc)"));
        assert_eq!(told(None, None), version);
        assert_eq!(told(Some(""), Some("")), version);
    }
}
