//! Keeping history while something is done: runs with their plans, what is remembered otherwise, and looks at counters.
//!
//! Promises: nothing here stops or fails what it tells of. What could not be kept is said once a command.

use super::notify::Heard;
use super::reconciler::Approval;
use super::{Connected, Project, Stop, Terminal};
use crate::apply::Event;
use crate::history::{
    Approved, By, Counted, Ending, Hide, How, Kept, Look, Looks, Place, Problem, REPLAYS, Run, differences,
};
use crate::model::{Address, Known, LiveSurvey, Reading};
use crate::plan::{Change, Guard, Marketplaces as _, Plan, Rule};
use crate::state::Parts;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a plan is carried out for, as history tells it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The command.
    pub command: &'static str,
    /// How the plan was approved.
    pub approved: Option<Approved>,
    /// What was given besides the command.
    pub given: Vec<String>,
    /// What manifests decide otherwise than before.
    pub decided: BTreeMap<Address, Vec<Change>>,
    /// Who else hears of it, once it is over.
    pub heard: Option<Arc<Heard>>,
}

impl Told {
    /// A command whose plan nobody approves as a plan.
    pub fn command(command: &'static str) -> Self {
        Self {
            command,
            approved: None,
            given: Vec::new(),
            decided: BTreeMap::new(),
            heard: None,
        }
    }

    /// A command whose steps were approved before, with the launches of their surveys.
    pub fn approved_before(command: &'static str, given: &[String]) -> Self {
        Self {
            approved: Some(Approved {
                how: How::Ladder,
                allow: Vec::new(),
            }),
            given: given.to_vec(),
            ..Self::command(command)
        }
    }

    /// A command whose plan was approved like this.
    pub fn approved(command: &'static str, approval: &Approval, saved: bool, given: &[String]) -> Self {
        let how = match approval {
            _ if saved => How::Saved,
            approval if !approval.hashes.is_empty() => How::Name,
            approval if approval.yes => How::Yes,
            _ => How::Asked,
        };
        Self {
            command,
            approved: Some(Approved {
                how,
                allow: approval.allow.clone(),
            }),
            given: given.to_vec(),
            decided: BTreeMap::new(),
            heard: None,
        }
    }
}

/// Sees what happens while a plan is carried out.
pub(super) type See<'a> = dyn Fn(&Event) + Send + Sync + 'a;

/// The history of an environment, to write to and to read.
pub struct History<'a> {
    project: &'a Project,
    parts: Arc<dyn Parts>,
    hide: Box<Hide<'a>>,
}

impl Project {
    /// The history of the environment.
    ///
    /// # Errors
    /// Where the state has no place.
    pub fn history(&self) -> Result<History<'_>, Stop> {
        let parts = self.place()?.parts;
        let secrets = self.process.secrets();
        let hide = Box::new(move |text: &str| secrets.hide(text).into_owned());
        let project = self;
        Ok(History { project, parts, hide })
    }

    /// Who runs this command, and from which commit.
    pub fn by(&self, command: &str) -> By {
        let process = self.process;
        let owner = process.holder(command).owner;
        let root = self.root.as_std_path();
        By::of(&|name| process.variable(name), owner, || commit(root))
    }
}

impl History<'_> {
    /// Its place.
    pub fn place(&self) -> Place<'_> {
        Place {
            parts: &*self.parts,
            hide: &*self.hide,
        }
    }

    /// A run of this command that begins now.
    pub fn begins(&self, command: &str) -> Run {
        let process = self.project.process;
        let by = self.project.by(command);
        let (id, started) = (process.new_id(), process.second());
        Run::new(id, command, started, &self.project.environment, by)
    }

    /// Carries a plan out, and keeps that it was begun and how it ended.
    pub(super) async fn tell<T>(
        &self,
        plan: &Plan,
        told: &Told,
        terminal: &dyn Terminal,
        work: impl AsyncFnOnce(&See<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let run = Run {
            decided: told.decided.clone(),
            ..self.begins(told.command).of(plan, told.approved.clone())
        };
        if !run.does_something() {
            return work(&|_: &Event| ()).await;
        }
        let ending = Mutex::new(Ending::default());
        let see = |event: &Event| ending.lock().unwrap_or_else(PoisonError::into_inner).see(event);
        // It is written while the work goes on, which waits for nothing of it.
        let beginning = async {
            let begun = self.place().keep_run(&run).await;
            begun.and(self.keep_plan(&run, plan, told).await)
        };
        let (begun, done) = tokio::join!(beginning, work(&see));
        let ending = ending.into_inner().unwrap_or_else(PoisonError::into_inner);
        let broken = done.as_ref().err().and_then(|stop| stop.message.clone());
        let end = ending.end(&run.id, self.project.process.second(), broken);
        if let Some(heard) = &told.heard {
            heard.ran(Run {
                end: Some(end.clone()),
                ..run
            });
        }
        let ended = self.place().keep_end(end).await;
        say(terminal, begun.and(ended));
        done
    }

    async fn keep_plan(&self, run: &Run, plan: &Plan, told: &Told) -> Result<(), Problem> {
        let Ok(settings) = self.project.settings() else {
            return Ok(());
        };
        if plan.is_empty() {
            return Ok(());
        }
        let allowed = |guard: &Guard| settings.guards.rule(*guard) == Rule::Allow;
        let kept = Kept {
            allowed: Guard::ALL.into_iter().filter(allowed).collect(),
            given: told.given.clone(),
            ..Kept::new(&run.id, &self.project.loaded.digest, plan)
        };
        let runs = settings.replays.unwrap_or(REPLAYS);
        self.place().keep_plan(&run.id, &kept, runs).await
    }

    /// Keeps a run that is over, in words.
    pub async fn tell_said(&self, command: &str, said: Vec<String>, terminal: &dyn Terminal) {
        let mut run = self.begins(command);
        run.said = said;
        self.tell_whole(run, terminal).await;
    }

    /// Keeps what is remembered otherwise now than before.
    pub(super) async fn tell_remembered(
        &self,
        command: &str,
        (before, after): (&Known, &Known),
        terminal: &dyn Terminal,
    ) {
        let Ok(markets) = self.project.markets() else {
            return;
        };
        let mut run = self.begins(command);
        (run.moves, run.remembered) = differences(before, after, |vendor| markets.codebook(vendor));
        self.tell_whole(run, terminal).await;
    }

    async fn tell_whole(&self, mut run: Run, terminal: &dyn Terminal) {
        if run.does_something() {
            run.end = Some(Ending::default().end(&run.id, self.project.process.second(), None));
            say(terminal, self.place().keep_run(&run).await);
        }
    }

    /// Keeps a look at counters where that is allowed, and gives all looks with it. What cannot be written is no news to
    /// somebody who only looks, and nobody waits for long.
    pub async fn look(&self, look: Look) -> Looks {
        let id = self.project.process.new_id();
        self.kept(async |place| place.keep_look(&id, look).await).await
    }

    /// The same for somebody who has no use for earlier looks.
    pub async fn keep_look(&self, look: Look) {
        if !look.surveys.is_empty() {
            let id = self.project.process.new_id();
            self.kept(async |place| ((), place.note_look(&id, look).await))
                .await;
        }
    }

    async fn kept<T: Default>(&self, keep: impl AsyncFnOnce(Place<'_>) -> (T, Result<(), Problem>)) -> T {
        let kept = tokio::time::timeout(PATIENCE, keep(self.place())).await;
        let (found, kept) = kept.unwrap_or_else(|_| (T::default(), Err("it takes too long".to_owned())));
        if let Err(problem) = kept {
            tracing::info!(%problem, "the look is not kept");
        }
        found
    }
}

/// How long a look may take to be kept.
const PATIENCE: Duration = Duration::from_secs(10);

impl Connected<'_> {
    /// What the vendors count of what is remembered, as it was read now.
    pub fn look(&self, known: &Known, seen: &BTreeMap<Address, Reading<LiveSurvey>>) -> Look {
        let counted = |(address, reading): (&Address, &Reading<LiveSurvey>)| {
            let resource = known.resources.get(address)?;
            let counted = Counted::of(
                resource.vendor,
                &resource.id,
                resource.survey()?,
                reading.present()?,
            )?;
            Some((address.clone(), counted))
        };
        Look {
            at: self.vendors.now(self.project.process),
            surveys: seen.iter().filter_map(counted).collect(),
        }
    }
}

fn say(terminal: &dyn Terminal, kept: Result<(), Problem>) {
    if let Err(problem) = kept {
        terminal.say(&format!(
            "this run is not in the history: {problem}; what was done is done, and nothing else depends on it"
        ));
    }
}

/// The commit that is checked out around a folder, as its `.git` says; none where there is none.
fn commit(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let git = folder
        .ancestors()
        .map(|folder| folder.join(".git"))
        .find(|git| git.exists())?;
    let git = match git.is_dir() {
        true => git,
        // A worktree's file says where it is.
        false => {
            let text = read(&git)?;
            let at = Path::new(text.strip_prefix("gitdir:")?.trim()).to_owned();
            git.parent()?.join(at)
        }
    };
    let common = match read(&git.join("commondir")) {
        Some(text) => git.join(text.trim()),
        None => git.clone(),
    };
    let head = read(&git.join("HEAD"))?;
    let Some(reference) = head.trim().strip_prefix("ref:") else {
        return hash(&head);
    };
    let reference = reference.trim();
    let loose = [&git, &common]
        .into_iter()
        .find_map(|git| read(&git.join(reference)));
    let packed = || {
        let packed = read(&common.join("packed-refs"))?;
        packed.lines().find_map(|line| {
            let (hash, name) = line.split_once(' ')?;
            (name == reference).then(|| hash.to_owned())
        })
    };
    hash(&loose.or_else(packed)?)
}

/// A small file of texts.
fn read(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    let small = meta.is_file() && meta.len() < 16 * 1024 * 1024;
    small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_commit_of_a_checkout_is_read_wherever_git_keeps_it() {
        let (one, other) = ("1".repeat(40), "2".repeat(40));
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let inner = at.join("surveys");
        fs::create_dir_all(&inner).unwrap();
        let git = at.join(".git");
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(commit(&inner), None);
        fs::write(
            git.join("packed-refs"),
            format!("# pack-refs\n{one} refs/heads/main\n"),
        )
        .unwrap();
        assert_eq!(commit(&inner).as_ref(), Some(&one));
        fs::write(git.join("refs/heads/main"), format!("{other}\n")).unwrap();
        assert_eq!(commit(&inner).as_ref(), Some(&other));
        fs::write(git.join("HEAD"), format!("{one}\n")).unwrap();
        assert_eq!(commit(&inner).as_ref(), Some(&one));
        // A worktree has a head of its own, and the branches of its repository.
        let tree = at.join("tree");
        fs::create_dir_all(&tree).unwrap();
        fs::write(tree.join(".git"), "gitdir: ../.git/worktrees/tree\n").unwrap();
        let own = git.join("worktrees/tree");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        assert_eq!(commit(&tree).as_ref(), Some(&other));
        fs::write(own.join("HEAD"), "nonsense\n").unwrap();
        assert_eq!(commit(&tree), None);
    }
}
