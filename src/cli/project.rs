//! From paths and the name of an environment to an opened project, in this process: its folder, its variables, its clock,
//! and the sandbox inside of it.

use super::args::{Common, Paths};
use super::embedded;
use super::ui::{self, Stop, Ui};
use crate::diag::{self, Workspace};
use crate::flow::{Emulators, OrFail as _, Process, Project, Terminal};
use crate::manifest::{self, Loaded, Template};
use crate::marketplace::http::secrets::Secrets;
use crate::model::Address;
use crate::state::LockInfo;
use crate::yaml::{self, MAX_FILE_BYTES};
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::BoxFuture;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) use crate::flow::Project as Opened;

/// Reads the manifests. Problems are not told yet.
pub(super) fn open(paths: &Paths, common: &Common) -> Result<Opened, Stop> {
    open_as(paths, &common.env)
}

/// The same in an environment of this name.
pub(super) fn open_as(paths: &Paths, environment: &str) -> Result<Opened, Stop> {
    let (given, options) = place(paths)?;
    let loaded = manifest::load(&given, &options);
    opened(loaded, given, options.base, environment)
}

/// Looks for problems in the manifests, and forgets what their surveys want.
pub(super) fn check(paths: &Paths, common: &Common) -> Result<Checked, Stop> {
    let (given, options) = place(paths)?;
    let checked = manifest::check(&given, &options);
    Ok(Checked {
        opened: opened(checked.loaded, given, options.base, &common.env)?,
        surveys: checked.surveys,
        templates: checked.templates,
    })
}

/// Manifests that were looked at for their problems.
pub(super) struct Checked {
    /// The project, without its surveys.
    pub(super) opened: Opened,
    /// How many surveys and groups without errors there are.
    pub(super) surveys: usize,
    /// The templates they name.
    pub(super) templates: Vec<(Address, Template)>,
}

/// The path that stands for stdin.
pub(super) const STDIN: &str = "-";

/// The text on stdin.
pub(super) fn stdin() -> Result<String, Stop> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.or_fail("stdin cannot be read")?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Stop::failed(format!(
            "stdin has more than {MAX_FILE_BYTES} bytes"
        )));
    }
    let text = yaml::decode(&bytes).map_err(|error| Stop::failed(format!("stdin {error}")))?;
    Ok(text.into_owned())
}

/// The manifests on stdin, as a file of the current folder would be: with the defaults that count there, and alone.
pub(super) fn open_stdin(common: &Common) -> Result<Opened, Stop> {
    let path = PathBuf::from("stdin");
    let options = manifest::Options { base: folder()? };
    let mut loaded = manifest::preview(&path, &stdin()?, &options);
    // What else there is was not looked at.
    let elsewhere = |problem: &diag::Diagnostic| problem.code == diag::code::GROUP_UNKNOWN_SURVEY;
    let problems = loaded.diagnostics.iter().filter(|problem| !elsewhere(problem));
    let mut own = diag::Diagnostics::default();
    own.extend(problems.cloned());
    loaded.diagnostics = own;
    opened(loaded, vec![path], options.base, &common.env)
}

fn opened(mut loaded: Loaded, given: Vec<PathBuf>, base: PathBuf, environment: &str) -> Result<Opened, Stop> {
    let root = match &loaded.project {
        Some(project) => project.root.clone(),
        // Without an infield.yaml the first path is the project, if it is a folder.
        None => match given.first().map(|first| base.join(first)) {
            Some(first) if first.is_dir() => {
                loaded.whole_project = given.len() == 1;
                first
            }
            Some(_) => base.clone(),
            None => {
                loaded.whole_project = true;
                base.clone()
            }
        },
    };
    let not_utf8 = |path: PathBuf| format!("the folder {} has a name that is not UTF-8", path.display());
    let root = Utf8PathBuf::from_path_buf(root).map_err(|path| Stop::failed(not_utf8(path)))?;
    Ok(of(loaded, given, base, root, environment.to_owned()))
}

/// Opens the project in a folder, for commands that need no manifests, or none but those of the whole project.
pub(super) fn open_folder(folder: Option<&Utf8PathBuf>, common: &Common) -> Result<Opened, Stop> {
    let paths = folder.cloned().into_iter().collect();
    open(&Paths { paths }, common)
}

/// A project of this process.
pub(super) fn of(
    loaded: Loaded,
    paths: Vec<PathBuf>,
    base: PathBuf,
    root: Utf8PathBuf,
    environment: String,
) -> Opened {
    Project {
        loaded,
        paths,
        base,
        root,
        environment,
        judged_as: None,
        process: &ThisProcess,
    }
}

/// The folder that commands are given in.
pub(super) fn folder() -> Result<PathBuf, Stop> {
    std::env::current_dir().or_fail("the current folder cannot be read")
}

/// The paths that were given, and the folder they start from.
pub(super) fn place(paths: &Paths) -> Result<(Vec<PathBuf>, manifest::Options), Stop> {
    let given = paths.paths.iter();
    let given = given.map(|path| path.clone().into_std_path_buf()).collect();
    Ok((given, manifest::Options { base: folder()? }))
}

/// Where a checkout is: on GitHub, and on GitLab.
const CHECKOUTS: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// Lets what is written for a service name files from the root of the checkout, in whichever folder the command was given.
pub(super) fn name_files_for_services(opened: &mut Opened) {
    let named = CHECKOUTS.iter().find_map(|name| opened.process.variable(name));
    let root = named.and_then(|root| std::fs::canonicalize(root).ok());
    let here = std::fs::canonicalize(&opened.base).ok();
    let workspace = root
        .zip(here)
        .and_then(|(root, here)| Workspace::new(&root, &here));
    opened.loaded.sources.set_workspace(workspace);
}

/// Diagnostics as this terminal wants them.
pub(super) fn style(ui: &Ui) -> diag::text::Style {
    ui.problem_style()
}

/// This process, with the clock and the environment it has.
struct ThisProcess;

impl Process for ThisProcess {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn variables(&self, prefixes: &[&str]) -> Vec<(String, String)> {
        let all = std::env::vars_os();
        let texts = all.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        let wanted = |key: &str| prefixes.iter().any(|prefix| key.starts_with(prefix));
        texts.filter(|(key, _)| wanted(key)).collect()
    }

    fn new_id(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    fn secrets(&self) -> Arc<Secrets> {
        ui::secrets()
    }

    fn holder(&self, purpose: &str) -> LockInfo {
        let user = self.variable("USER").or_else(|| self.variable("USERNAME"));
        let named = || Some(std::fs::read_to_string("/etc/hostname").ok()?.trim().to_owned());
        let host = self
            .variable("HOSTNAME")
            .or_else(named)
            .filter(|name| !name.is_empty());
        LockInfo {
            owner: format!(
                "{}@{}",
                user.as_deref().unwrap_or("unknown"),
                host.as_deref().unwrap_or("unknown-host")
            ),
            pid: std::process::id(),
            purpose: purpose.to_owned(),
            since: (self as &dyn Process).time(),
        }
    }

    fn emulate<'a>(
        &'a self,
        folder: &'a Utf8Path,
        terminal: &'a dyn Terminal,
    ) -> BoxFuture<'a, Result<Emulators, Stop>> {
        Box::pin(embedded::start(folder, terminal))
    }
}
