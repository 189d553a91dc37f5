//! What a test works with, and what its steps do.

use super::Around;
use super::compare::{self, Different};
use super::quiet::Quiet;
use crate::diag::Span;
use crate::flow::apply::{self, Options};
use crate::flow::project::{Project, SANDBOX};
use crate::flow::reconciler::Approval;
use crate::flow::{Connected, OrFail as _, Outcome, Selection, Stop, selection, simulate, status};
use crate::history::Looks;
use crate::manifest::edit::rewritten;
use crate::manifest::test::{Fielded, Planned, Step, Test};
use crate::manifest::{self, Environment, Session};
use crate::model::{Address, Known};
use crate::plan::Guard;
use crate::recover::recover;
use crate::refresh;
use crate::text::suggest;
use camino::Utf8PathBuf;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project in a sandbox of its own.
pub(super) struct World<'a> {
    test: &'a Test,
    around: &'a Around<'a>,
    session: &'a mut Session,
    folder: TempDir,
    project: Project,
}

impl<'a> World<'a> {
    /// Begins the sandbox, and loads the manifests.
    ///
    /// # Errors
    /// When they have mistakes.
    pub(super) fn begin(
        test: &'a Test,
        around: &'a Around<'a>,
        session: &'a mut Session,
    ) -> Result<Self, Stop> {
        around.bench.begin(test.at)?;
        session.retain(&[]);
        let folder = tempfile::tempdir().or_fail("the test gets no folder for its state")?;
        let project = load(test, around, session, folder.path())?;
        Ok(Self {
            test,
            around,
            session,
            folder,
            project,
        })
    }

    /// Does a step. Gives what is not as it was expected.
    ///
    /// # Errors
    /// When it cannot be done.
    pub(super) async fn step(&mut self, step: &Step) -> Result<Vec<Different>, Stop> {
        match step {
            Step::Apply {
                allow,
                advance,
                resume,
                in_part,
            } => {
                let selection = Selection {
                    advance: advance.clone(),
                    resume: resume.clone(),
                    allow_no_manifests: true,
                    ..Selection::default()
                };
                self.apply(allow, selection, *in_part).await?;
            }
            Step::Respondents {
                survey,
                vendor,
                completes,
                terminations,
                quota,
            } => {
                let known = self.known().await?;
                let found = simulate::named(survey, *vendor, &known)?;
                let (vendor, id) = found.ok_or_else(|| not_made(survey, &known))?;
                let body = json!({
                    "vendor": vendor.key(), "survey": id, "completes": completes, "terminations": terminations, "quota": quota,
                });
                self.around.bench.happen("/_sandbox/respondents", body).await?;
            }
            Step::Clock(by) => {
                let body = json!({"advance": by});
                self.around.bench.happen("/_sandbox/clock", body).await?;
            }
            Step::Edit { manifest, set } => self.edit(manifest, set.as_ref())?,
            Step::Plan(wanted) => return self.plan(wanted).await,
            Step::Status(wanted) => return self.status(wanted).await,
        }
        Ok(Vec::new())
    }

    async fn known(&self) -> Result<Known, Stop> {
        Ok(self.project.peek().await?.known())
    }

    async fn apply(&self, allow: &[Guard], selection: Selection, in_part: bool) -> Result<(), Stop> {
        let quiet = Quiet::default();
        let options = Options {
            selection,
            saved: None,
            approval: Approval {
                yes: true,
                allow: allow.to_vec(),
                hashes: Vec::new(),
                reviewed: Vec::new(),
            },
            // One after the other: the vendors' ids are the same in every run.
            parallelism: 1,
            json: false,
            given: Vec::new(),
            unattended: None,
        };
        let outcome = apply::run(&self.project, &quiet, &options).await;
        let outcome = outcome.map_err(|stop| quiet.told(stop))?;
        let Outcome::Applied { steps, .. } = outcome else {
            return Ok(());
        };
        let said = || quiet.said().join("\n");
        if steps.failed + steps.skipped > 0 {
            return Err(Stop::failed(format!("the apply failed:\n{}", said())));
        }
        if steps.refused > 0 && !in_part {
            let stop = Stop::refused(format!("not all of it was applied:\n{}", said()));
            return Err(stop.help(
                "`apply: {allow: [GUARD]}` approves a guard; `in_part: true` says that something may be held back",
            ));
        }
        Ok(())
    }

    fn edit(&mut self, name: &str, set: Option<&Map<String, Value>>) -> Result<(), Stop> {
        let index = &self.project.loaded.index;
        let own = |address: &&Address| address.as_str() == name || address.manifest() == name;
        let Some(address) = index.addresses().find(own) else {
            let names: BTreeSet<&str> = index.addresses().map(Address::manifest).collect();
            return Err(Stop::failed(format!("there is no manifest `{name}`")).meant(
                name,
                names,
                "write the name of a survey or of a group of surveys",
            ));
        };
        let edited = rewritten(index, address, set)
            .map_err(|why| Stop::failed(format!("`{name}` cannot be changed so: {why}")))?;
        self.session.set(&edited.path, &edited.after);
        self.project = load(self.test, self.around, self.session, self.folder.path())?;
        Ok(())
    }

    /// Compares the plan that there is now.
    async fn plan(&self, wanted: &[(Planned, Span)]) -> Result<Vec<Different>, Stop> {
        let known = self.known().await?;
        let (project, quiet) = (&self.project, Quiet::default());
        let planning = async |at: &Connected<'_>| {
            let readers = &at.vendors.readers;
            let recoveries = recover(&known, readers, None).await;
            let selection = Selection {
                allow_no_manifests: true,
                ..Selection::default()
            };
            selection::make(at, readers, &known, &recoveries, &selection).await
        };
        let planned = project.connected(&quiet, planning).await;
        let planned = planned.map_err(|stop| quiet.told(stop))?;
        if !planned.unread.is_empty() {
            return Err(Stop::unread(&planned.unread, false));
        }
        let everything = selection::everything(project, &known);
        compare::plan(wanted, &planned.plan, &project.guards()?, &everything)
    }

    /// Compares how far what is in field got.
    async fn status(&self, wanted: &[(String, Fielded, Span)]) -> Result<Vec<Different>, Stop> {
        let known = self.known().await?;
        let (project, quiet) = (&self.project, Quiet::default());
        let fielded = status::fielded(project, &known);
        let addresses: BTreeSet<Address> = fielded.keys().cloned().collect();
        let reading = async |at: &Connected<'_>| {
            let readings = refresh::progress(&known, &at.vendors.readers, &addresses, false).await;
            let look = at.look(&known, &readings);
            Ok((readings, look))
        };
        let (mut readings, look) = project.connected(&quiet, reading).await?;
        let now = look.at;
        let looks = match project.history() {
            Ok(history) => history.look(look).await,
            Err(_) => Looks::default(),
        };
        let limits = project.settings()?.alarms;
        let rows = status::judged(fielded, &known, &mut readings, (&limits, &looks, now));
        compare::status(wanted, &rows, &selection::everything(project, &known))
    }
}

fn not_made(name: &str, known: &Known) -> Stop {
    let names: BTreeSet<&str> = known.resources.keys().map(Address::as_str).collect();
    let help = suggest::help(name, names.iter().copied(), || match names.is_empty() {
        true => "nothing is made yet: write `apply: {allow: [launch]}` before it".to_owned(),
        false => format!(
            "there are {}",
            names.iter().copied().collect::<Vec<_>>().join(", ")
        ),
    });
    Stop::failed(format!("there is no survey or group `{name}` in the sandbox")).help(help)
}

/// The manifests, with the edits of the session, as a project in the sandbox that nothing leaves.
fn load(test: &Test, around: &Around<'_>, session: &mut Session, folder: &Path) -> Result<Project, Stop> {
    let paths: Vec<PathBuf> = match test.manifests.is_empty() {
        true => vec![around.root.to_owned()],
        false => test.manifests.clone(),
    };
    let base = around.base.to_owned();
    let mut loaded = session.load(&paths, &manifest::Options { base: base.clone() });
    if loaded.has_errors() {
        let errors = loaded.diagnostics.iter().filter(|problem| problem.is_error());
        let line = |problem: &crate::diag::Diagnostic| {
            let place = problem.file.as_deref();
            let place = place.map(|file| loaded.sources.place(file, problem.span()));
            format!("{}: {}", place.unwrap_or_default(), problem.message)
        };
        let lines: Vec<String> = errors.map(line).take(5).collect();
        return Err(Stop::failed(format!(
            "the manifests have mistakes:\n{}",
            lines.join("\n")
        )));
    }
    if loaded.project.is_none() {
        loaded.whole_project = matches!(paths.as_slice(), [only] if around.base.join(only).is_dir());
    }
    // Outcomes are about interviews that no test has.
    loaded.reconciliations.clear();
    let environment = rules(test, loaded.project.as_ref())?;
    if let Some(project) = &mut loaded.project {
        project.environments = [(SANDBOX.to_owned(), environment)].into();
    }
    let root = Utf8PathBuf::from_path_buf(folder.to_owned()).map_err(|path| {
        Stop::failed(format!(
            "the folder {} has a name that is not UTF-8",
            path.display()
        ))
    })?;
    Ok(Project {
        loaded,
        paths,
        base,
        root,
        environment: SANDBOX.to_owned(),
        judged_as: test.environment.as_ref().map(|(name, _)| name.clone()),
        process: around.bench.process(),
    })
}

/// What counts of the environment that a test names: its guards and alarms, and neither accounts nor state nor webhooks.
fn rules(test: &Test, project: Option<&manifest::Project>) -> Result<Environment, Stop> {
    let name = test.environment.as_ref().map_or(SANDBOX, |(name, _)| name);
    let found = project.and_then(|project| project.environments.get(name));
    match found {
        Some(found) => Ok(Environment {
            guards: found.guards.clone(),
            alarms: found.alarms,
            ..Environment::default()
        }),
        None if name == SANDBOX => Ok(Environment::default()),
        None => {
            let names = project.iter().flat_map(|project| project.environments.keys());
            let names: Vec<&str> = names.map(String::as_str).collect();
            let help = format!("infield.yaml has {}", names.join(", "));
            Err(Stop::failed(format!("there is no environment `{name}`")).meant(name, names, help))
        }
    }
}
