//! `infield test`: tests of manifests, each in a sandbox of its own inside this process.

use super::args::{self, paths_and_names};
use super::embedded;
use super::project::{self, Opened};
use super::ui::{Stop, Ui, secrets};
use crate::flow::project::SANDBOX;
use crate::flow::test::{self, Around, Bench};
use crate::flow::{Emulators, OrFail as _, Outcome, Process, Terminal, count};
use crate::manifest::Session;
use crate::manifest::test::Test;
use crate::marketplace::http::secrets::Secrets;
use crate::model::Pattern;
use crate::report::test::{TestReport, Tested};
use crate::state::LockInfo;
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::BoxFuture;
use infield_sandbox::{Clock, Config, Sandbox, emulators};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Run the tests of manifests, each in a sandbox of its own
///
/// A test is a document of `kind: Test`, in any file of the project: what happens, and what a plan or the surveys in field are
/// expected to be then. No vendor is asked and no file is changed, whatever environment a test names.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield test tests/ 'launch-*' --write junit=tests.xml")]
pub(super) struct TestArgs {
    /// Folders or files with tests [default: the current folder], and names of tests, or patterns such as 'launch-*' [default: all]
    #[arg(value_name = "PATHS_OR_NAMES")]
    words: Vec<Utf8PathBuf>,
    /// How to print how they went
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write the same to a file as well (repeatable)
    #[arg(long = "write", value_name = "FORMAT=FILE", value_parser = parse_write)]
    writes: Vec<(Format, Utf8PathBuf)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.test/1
    Json,
    /// For reports of tests: JUnit's XML
    Junit,
}

fn parse_write(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    args::parse_write(text, "junit=tests.xml")
}

impl Format {
    fn of(self, report: &TestReport) -> String {
        match self {
            Self::Text => {
                let lines: String = report.tests.iter().map(Tested::line).collect();
                format!(
                    "{}{lines}{}",
                    TestReport::heading(report.tests.len()),
                    report.conclusion()
                )
            }
            Self::Json => report.to_json(),
            Self::Junit => report.to_junit(),
        }
    }
}

pub(super) async fn run(args: &TestArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let (paths, names) = paths_and_names(&args.words);
    let opened = project::open_as(&paths, SANDBOX)?;
    opened.check_briefly(ui)?;
    let tests = meant(&opened, &names)?;
    let around = Around {
        bench: &INSIDE,
        base: &opened.base,
        root: opened.root.as_std_path(),
        loaded: &opened.loaded,
    };
    let as_lines = args.format == Format::Text;
    if as_lines {
        ui.data(&TestReport::heading(tests.len()))?;
    }
    let mut session = Session::default();
    let mut done = Vec::with_capacity(tests.len());
    for test in tests {
        let tested = test::run(test, &around, &mut session).await;
        if as_lines {
            ui.data(&tested.line())?;
        }
        done.push(tested);
    }
    let report = TestReport::new(done);
    match as_lines {
        true => ui.data(&report.conclusion())?,
        false => ui.document(&args.format.of(&report))?,
    }
    for (format, file) in &args.writes {
        let written = std::fs::write(file, format.of(&report));
        written.or_fail(format_args!("{file} cannot be written"))?;
    }
    Ok(match report.failed {
        0 => Outcome::Done,
        _ => Outcome::Invalid,
    })
}

/// The tests of these names, in the order of their files.
fn meant<'a>(opened: &'a Opened, names: &[String]) -> Result<Vec<&'a Test>, Stop> {
    let all = &opened.loaded.tests;
    if all.is_empty() {
        let files = count(opened.loaded.files.len(), "file");
        return Err(Stop::failed(format!("there are no tests in {files}"))
            .help("a test is a document of `kind: Test`; docs/testing.md has examples"));
    }
    for name in names {
        if !all.iter().any(|test| Pattern::new(name).fits(&test.name)) {
            let known = all.iter().map(|test| test.name.as_str());
            return Err(Stop::usage(format!("there is no test `{name}`")).meant(
                name,
                known,
                format!("there are {}", count(all.len(), "other test")),
            ));
        }
    }
    let is_meant =
        |test: &&Test| names.is_empty() || names.iter().any(|name| Pattern::new(name).fits(&test.name));
    Ok(all.iter().filter(is_meant).collect())
}

/// The sandbox of the test that runs. Commands within a test know it as the process they run in.
struct Inside {
    sandbox: Mutex<Option<Sandbox>>,
    ids: AtomicU64,
}

static INSIDE: Inside = Inside {
    sandbox: Mutex::new(None),
    ids: AtomicU64::new(0),
};

impl Inside {
    fn sandbox(&self) -> Result<Sandbox, Stop> {
        let begun = self
            .sandbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        begun.ok_or_else(|| Stop::failed("no test has begun"))
    }
}

impl Bench for Inside {
    fn process(&self) -> &'static dyn Process {
        &INSIDE
    }

    fn begin(&self, at: Timestamp) -> Result<(), Stop> {
        let config = Config {
            clock: Clock::manual(at),
            ..Config::default()
        };
        let sandbox = Sandbox::open(config, emulators()).or_fail("the test gets no sandbox")?;
        *self.sandbox.lock().unwrap_or_else(PoisonError::into_inner) = Some(sandbox);
        self.ids.store(0, Ordering::Relaxed);
        Ok(())
    }

    fn happen<'a>(&'a self, path: &'a str, body: Value) -> BoxFuture<'a, Result<(), Stop>> {
        Box::pin(async move {
            embedded::ask(&self.sandbox()?, path, body).await?;
            Ok(())
        })
    }
}

/// Nothing of the real process reaches a test: neither its time nor its variables.
impl Process for Inside {
    fn now(&self) -> Timestamp {
        self.sandbox()
            .map_or(Timestamp::UNIX_EPOCH, |sandbox| sandbox.clock().now())
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn variables(&self, _: &[&str]) -> Vec<(String, String)> {
        Vec::new()
    }

    fn new_id(&self) -> String {
        format!("test-{:08}", self.ids.fetch_add(1, Ordering::Relaxed))
    }

    fn secrets(&self) -> Arc<Secrets> {
        secrets()
    }

    fn holder(&self, purpose: &str) -> LockInfo {
        LockInfo {
            owner: "infield test".to_owned(),
            pid: std::process::id(),
            purpose: purpose.to_owned(),
            since: (self as &dyn Process).time(),
        }
    }

    fn emulate<'a>(&'a self, _: &'a Utf8Path, _: &'a dyn Terminal) -> BoxFuture<'a, Result<Emulators, Stop>> {
        Box::pin(async move { embedded::serve(self.sandbox()?).await })
    }
}
