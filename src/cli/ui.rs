//! The terminal: data on stdout, talk on stderr, colour only where it is wanted.

use super::exit::Exit;
use super::pager;
use super::progress::Progress;
use crate::flow::terminal::{Interrupts, Measured};
use crate::flow::{Cause, Meter, Terminal};
use crate::marketplace::http::secrets::Secrets;
use crate::text::plain::{plain, tame};
use crate::{diag, report, yaml};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use supports_hyperlinks::Stream;
use tokio_util::sync::CancellationToken;

pub(super) use crate::flow::Stop;

/// Whoever runs the program, as commands know them.
pub(super) type Ui = dyn Terminal;

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

/// Whether a whole terminal can be drawn on, and keys come from it.
pub(super) fn has_screen() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    io::stdin().is_terminal() && io::stdout().is_terminal() && !dumb
}

/// How a document for programs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Notation {
    /// JSON
    Json,
    /// The same as YAML; whatever some reader could take for anything but a text is in quotes
    Yaml,
}

/// Writes a document for programs.
///
/// # Errors
/// When nobody can read it any more.
pub(super) fn write(ui: &Ui, document: &impl Serialize, notation: Notation) -> Result<(), Stop> {
    let failed = |error| Stop::failed(format!("this cannot be written down: {error}"));
    match notation {
        Notation::Json => {
            let text = serde_json::to_string_pretty(document).map_err(failed)?;
            ui.document(&format!("{text}\n"))
        }
        Notation::Yaml => {
            let value = serde_json::to_value(document).map_err(failed)?;
            ui.document(&yaml::write(&value))
        }
    }
}

/// The secrets of this process.
pub(super) fn secrets() -> Arc<Secrets> {
    static SECRETS: LazyLock<Arc<Secrets>> = LazyLock::new(Arc::default);
    Arc::clone(&SECRETS)
}

/// How to talk to whoever runs the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    quiet: bool,
    /// Whether long lists are shown in full.
    verbose: bool,
    /// Colour on stdout.
    color_out: bool,
    /// Colour on stderr.
    pub(super) color_err: bool,
    /// Whether stderr shows links.
    links_err: bool,
    /// Columns to fill at most.
    width: usize,
    /// Whether somebody can be asked.
    interactive: bool,
    /// Whether progress may be drawn.
    draws_progress: bool,
    /// Whether long texts go through a pager.
    pages: bool,
}

impl Console {
    /// Looks at the terminal and the environment once.
    pub(super) fn new(quiet: bool, verbose: bool, color: ColorChoice, no_pager: bool) -> Self {
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
            links_err: wanted(err) && supports_hyperlinks::on(Stream::Stderr),
            width: width.clamp(40, 160),
            interactive: io::stdin().is_terminal() && err,
            draws_progress: err && !quiet && !dumb,
            pages: out && io::stdin().is_terminal() && !dumb && !no_pager,
        }
    }
}

impl Console {
    /// A text of which a terminal obeys nothing but our colours; without colours, nothing at all.
    fn harmless<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.color_out {
            true => tame(text),
            false => plain(text),
        }
    }
}

/// Writes to stdout what is for whoever reads it.
fn on_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    let written = write(&mut out).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Stop::said(Cause::ReaderGone),
        _ => Stop::failed(format!("stdout cannot be written: {error}")),
    })
}

/// Bytes that are looked through before they are gathered any further.
const ENOUGH: usize = 1 << 16;

/// A writer that hides secrets in whole lines: none has a line feed that a document would show as one.
struct Hidden<'a> {
    out: &'a mut dyn Write,
    secrets: Arc<Secrets>,
    open: Vec<u8>,
}

impl Hidden<'_> {
    /// Writes the first bytes of what is gathered.
    fn pass(&mut self, bytes: usize) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.open[..bytes]);
        self.out.write_all(self.secrets.hide(&text).as_bytes())?;
        self.open.drain(..bytes);
        Ok(())
    }

    fn close(mut self) -> io::Result<()> {
        self.pass(self.open.len())
    }
}

impl Write for Hidden<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.extend_from_slice(bytes);
        if self.open.len() >= ENOUGH
            && let Some(end) = self.open.iter().rposition(|byte| *byte == b'\n')
        {
            self.pass(end + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Terminal for Console {
    fn data(&self, text: &str) -> Result<(), Stop> {
        self.document(&self.harmless(text))
    }

    fn long(&self, text: &str) -> Result<(), Stop> {
        let fits = || pager::rows().is_none_or(|rows| text.lines().count() < rows);
        if self.pages && !fits() && pager::show(&secrets().hide(&self.harmless(text))) {
            return Ok(());
        }
        self.data(text)
    }

    fn done(&self, text: &str) -> Result<(), Stop> {
        if self.quiet { Ok(()) } else { self.data(text) }
    }

    /// On stdout.
    fn document(&self, text: &str) -> Result<(), Stop> {
        let text = secrets().hide(text).into_owned();
        on_stdout(|out| out.write_all(text.as_bytes()))
    }

    fn stream(&self, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
        on_stdout(|out| {
            let mut lines = Hidden {
                out,
                secrets: secrets(),
                open: Vec::new(),
            };
            write(&mut lines)?;
            lines.close()
        })
    }

    fn status(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    fn say(&self, text: &str) {
        tell(&format!("{text}\n"));
    }

    fn is_attended(&self) -> bool {
        self.interactive
    }

    fn stop(&self, stop: &Stop) {
        let (red, bold, off) = if self.color_err {
            ("\u{1b}[31m", "\u{1b}[1m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        // What is said may quote a vendor; colours are ours.
        if let Some(message) = &stop.message {
            self.say(&format!("{red}error{off}: {}", plain(message)));
        }
        if let Some(help) = &stop.help {
            self.say(&format!("{bold}help{off}: {}", plain(help)));
        }
    }

    fn ask(&self, question: &str) -> Option<bool> {
        if !self.interactive {
            return None;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{} [y/N] ", secrets().hide(&plain(question)));
        let _ = err.flush();
        drop(err);
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        let answer = answer.trim().to_ascii_lowercase();
        Some(read.is_ok() && matches!(answer.as_str(), "y" | "yes"))
    }

    fn choose(&self, question: &str, offered: &[(&str, &str)]) -> Option<usize> {
        if !self.interactive || offered.is_empty() {
            return None;
        }
        let width = offered
            .iter()
            .map(|(word, _)| word.len())
            .max()
            .unwrap_or_default();
        let lines = offered.iter().zip(1..);
        let lines: String = lines
            .map(|((word, about), number)| format!("  {number}  {word:width$}  {about}\n"))
            .collect();
        self.say(&format!("{question}\n{}", lines.trim_end()));
        loop {
            let mut err = io::stderr().lock();
            let _ = write!(err, "number or word [{}] ", offered[0].0).and_then(|()| err.flush());
            drop(err);
            let mut answer = String::new();
            if !matches!(io::stdin().read_line(&mut answer), Ok(1..)) {
                self.say("");
                return None;
            }
            let answer = answer.trim().to_ascii_lowercase();
            if answer.is_empty() {
                return Some(0);
            }
            let is_meant = |(place, (word, _)): &(usize, &(&str, &str))| {
                answer == *word || answer == (place + 1).to_string()
            };
            if let Some((place, _)) = offered.iter().enumerate().find(is_meant) {
                return Some(place);
            }
            self.say(&format!("`{answer}` is none of them"));
        }
    }

    fn style(&self) -> report::Style {
        report::Style {
            colour: self.color_out,
            width: self.width,
            verbose: self.verbose,
            ..report::Style::default()
        }
    }

    fn problem_style(&self) -> diag::text::Style {
        diag::text::Style {
            width: self.width,
            color: self.color_err,
            unicode: true,
            links: self.links_err,
        }
    }

    fn meter(&self, of: Measured) -> Box<dyn Meter> {
        Box::new(Progress::new(*self, self.draws_progress, of))
    }

    /// The first Ctrl-C finishes the calls under way; the second one leaves at once, which is safe: every create has its
    /// intent on disk. Whatever else asks a program to end (pipelines, a closed terminal) is the same.
    fn interrupts(&self) -> Interrupts {
        let (ui, stop) = (*self, CancellationToken::new());
        let cancelled = stop.clone();
        let asked = Asked::listen();
        let watcher = tokio::spawn(async move {
            let Ok(mut asked) = asked else { return };
            if asked.next().await.is_none() {
                return;
            }
            cancelled.cancel();
            ui.say("finishing the calls under way; press Ctrl-C again to leave at once");
            if asked.next().await.is_some() {
                ui.say("left at once; the next plan finds out what is in effect");
                std::process::exit(Exit::from(&Cause::InDoubt).code().into());
            }
        });
        Interrupts { stop, watcher }
    }
}

/// Talk, on stderr, or put by while something else is on the terminal. There is nobody left to tell when that fails.
fn tell(text: &str) {
    let text = secrets().hide(&tame(text)).into_owned();
    match &mut *PUT_BY.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(lines) => {
            lines.push(text);
            let more = lines.len().saturating_sub(MOST_PUT_BY);
            lines.drain(..more);
        }
        None => {
            let _ = io::stderr().lock().write_all(text.as_bytes());
        }
    }
}

/// Most that is put by: the last of it.
const MOST_PUT_BY: usize = 100;

/// What is to be told once the terminal is free again; `None` while it is.
static PUT_BY: Mutex<Option<Vec<String>>> = Mutex::new(None);

/// While this lives, nobody talks on the terminal: what is said is put by, and told at the end.
pub(super) struct Aside(());

impl Aside {
    /// From now on.
    pub(super) fn begin() -> Self {
        *PUT_BY.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
        Self(())
    }

    /// What was said last.
    pub(super) fn last(&self) -> Option<String> {
        let put_by = PUT_BY.lock().unwrap_or_else(PoisonError::into_inner);
        put_by.as_ref()?.last().map(|said| said.trim_end().to_owned())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let put_by = PUT_BY.lock().unwrap_or_else(PoisonError::into_inner).take();
        put_by.into_iter().flatten().for_each(|said| tell(&said));
    }
}

/// Where lines of the log go: to stderr, as everything that is said there.
#[derive(Default)]
pub(super) struct Log(Vec<u8>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        tell(&String::from_utf8_lossy(&std::mem::take(&mut self.0)));
        Ok(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// What asks a program to end: Ctrl-C, and on Unix the signals that runners, clusters and closed terminals send.
pub(super) struct Asked {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 4],
}

impl Asked {
    /// Listens from now on.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::quit())?,
        ];
        Ok(Self { signals })
    }

    /// Waits until one of them comes; `None` when none can come any more.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Option<()> {
        let [interrupt, terminate, hangup, quit] = &mut self.signals;
        tokio::select! {
            came = interrupt.recv() => came,
            came = terminate.recv() => came,
            came = hangup.recv() => came,
            came = quit.recv() => came,
        }
    }

    /// Nothing to prepare.
    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for Ctrl-C; `None` when it cannot come.
    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}

fn terminal_width(terminal: bool) -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal.then(terminal_size::terminal_size).flatten()?;
    Some(columns.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_wherever_a_stream_is_cut() {
        let secrets = Arc::new(Secrets::default());
        secrets.learn("swordfish-1234");
        let line = |number: usize| format!("  \"{number}: swordfish-1234 {}\",\n", "é".repeat(number % 50));
        let text: String = (0..2_000).map(line).collect::<String>() + "swordfish-1234";
        assert!(text.len() > 2 * ENOUGH);
        let mut written = Vec::new();
        let mut hidden = Hidden {
            out: &mut written,
            secrets: Arc::clone(&secrets),
            open: Vec::new(),
        };
        for piece in text.as_bytes().chunks(7) {
            hidden.write_all(piece).unwrap();
            assert!(hidden.open.len() < ENOUGH + 200, "it goes on as it comes");
        }
        hidden.close().unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(written, secrets.hide(&text));
        assert!(!written.contains("swordfish"));
    }
}
