//! What drifted: looked at, and written into the manifests in place, and remembered.
//!
//! Promises: nothing is written before the new texts were loaded and found to say exactly what was accepted and nothing
//! else; what is to be written is shown first, as a difference of each file; a file that changed meanwhile is left alone;
//! manifests are written before the state, so that an interruption leaves nothing to do for the next plan. What is not
//! written is told, with the reason.

mod manifest_edit;

use super::approval::confirm;
use super::{
    Connected, Locked, OrFail as _, Outcome, Project, Selection, Stop, Terminal, Vendors, count, files,
    problems, selection,
};
use crate::manifest::edit::{Edited, Reason, Wish, edit};
use crate::manifest::{Loaded, Options, Session};
use crate::model::{Address, Known, Ladder, LiveSurvey, Reading, ResourceKind, Status, billing};
use crate::plan::drift::{Move, Moved, Says, in_codes, taken};
use crate::plan::{Choices, Drift, Drifted, GuardRules, Inputs};
use crate::recover::{Recovery, recover};
use crate::state::{Keeper, Op};
use crate::workflow::{self, Looked};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that moved, and what became of it.
struct Candidate<'a> {
    drifted: &'a Drifted,
    moved: &'a Move,
    /// What is to be written; nothing where the manifest says it already.
    wish: Option<Wish>,
}

impl Candidate<'_> {
    /// The field, as a JSON pointer.
    fn path(&self) -> &str {
        let first = self.moved.changes.first();
        first.map_or("", |change| change.path.as_str())
    }
}

/// Everything that is looked at while it is tried what can be written.
struct Acceptance<'a> {
    project: &'a Project,
    inputs: Inputs<'a>,
    candidates: Vec<Candidate<'a>>,
    options: Options,
}

/// What came of an attempt.
#[derive(Default)]
struct Attempt {
    edited: Vec<Edited>,
    /// Candidates that cannot be written, with the reason.
    failed: BTreeMap<usize, Why>,
}

/// Why something is not written.
#[derive(Debug, Clone, thiserror::Error)]
enum Why {
    /// It cannot be changed where it stands.
    #[error("{0}")]
    Place(Reason),
    /// The manifest would say something else.
    #[error("{0}")]
    Meaning(String),
    /// No manifest is valid that says it.
    #[error("no manifest can say it: {0}")]
    Unfit(String),
    /// Its stages say it.
    #[error("its `stages` or its `pace` say how many completes are wanted by now")]
    Staged,
    /// It is nothing for a file in git.
    #[error("it may hold a secret or somebody's address, which no manifest should have")]
    Private,
}

/// Looks for drift and has it shown; changes nothing. Whether there is any.
///
/// # Errors
/// When not everything could be read, after what could be was shown.
pub async fn look_only(
    project: &Project,
    terminal: &dyn Terminal,
    selection: &Selection,
    shown: impl FnOnce(&GuardRules, &Drift) -> Result<(), Stop>,
) -> Result<bool, Stop> {
    project.check(terminal)?;
    let known = project.peek().await?.known();
    let looking = async |at: &Connected<'_>| {
        let recoveries = recover(&known, &at.vendors.readers, None).await;
        look(at, selection, &known, &recoveries).await
    };
    let looked = project.connected(terminal, looking).await?;
    shown(&project.guards()?, &looked.drift)?;
    whole(&looked)?;
    Ok(!looked.drift.is_empty())
}

/// Looks for drift, has it shown, and writes into the manifests what can be written. What is remembered changes with the
/// manifests, so nobody else may change it meanwhile.
///
/// # Errors
/// As [`look_only`]; also when nothing can be written, or it is not wanted.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    selection: &Selection,
    yes: bool,
    shown: impl FnOnce(&GuardRules, &Drift) -> Result<(), Stop>,
) -> Result<Outcome, Stop> {
    project.check(terminal)?;
    let work = async |locked: &Locked<'_>| {
        let recoveries = locked.settle().await?;
        let known = locked.keeper.known().await;
        let looked = look(locked, selection, &known, &recoveries).await?;
        shown(locked.guards, &looked.drift)?;
        let choices = Choices::default();
        let Vendors { readers, markets, .. } = locked.vendors;
        let now = locked.vendors.now(project.process);
        let request = selection::request(project, readers, markets, locked.guards, &choices, now);
        let acceptance = Acceptance {
            project,
            inputs: request.inputs(&known, &looked.live),
            candidates: candidates(&looked.drift.drifted),
            options: Options {
                base: project.base.clone(),
            },
        };
        let outcome = acceptance.accept(terminal, yes, locked.keeper).await?;
        whole(&looked).map(|()| outcome)
    };
    project.locked_and_connected("accept", terminal, work).await
}

async fn look(
    at: &Connected<'_>,
    selection: &Selection,
    known: &Known,
    recoveries: &[Recovery],
) -> Result<Looked, Stop> {
    let choices = selection::choose(at.project, known, selection)?;
    let Vendors { readers, markets, .. } = at.vendors;
    let now = at.vendors.now(at.project.process);
    let request = selection::request(at.project, readers, markets, at.guards, &choices, now);
    Ok(workflow::look_for_drift(&request, known, recoveries).await)
}

/// Drift that was not seen whole is not the whole truth.
fn whole(looked: &Looked) -> Result<(), Stop> {
    match looked.unread.is_empty() {
        true => Ok(()),
        false => Err(Stop::unread(&looked.unread, false)),
    }
}

fn candidates(drifted: &[Drifted]) -> Vec<Candidate<'_>> {
    let all = drifted.iter().flat_map(|drifted| {
        let moves = drifted.moves.iter();
        moves.map(move |moved| (drifted, moved))
    });
    all.map(|(drifted, moved)| Candidate {
        drifted,
        moved,
        wish: (moved.manifest != Says::AsFound)
            .then(|| manifest_edit::of(&drifted.address, drifted.vendor, moved)),
    })
    .collect()
}

impl Acceptance<'_> {
    /// Writes what can be written, once that is wanted.
    async fn accept(&self, terminal: &dyn Terminal, yes: bool, keeper: &Keeper) -> Result<Outcome, Stop> {
        if self.candidates.is_empty() {
            return Ok(Outcome::Done);
        }
        let (edited, refused) = self.try_all();
        for file in &edited {
            terminal.status(problems::difference(&file.name, &file.before, &file.after).trim_end());
        }
        self.tell_refused(terminal, &refused);
        let accepted: Vec<&Candidate<'_>> = self.accepted(&refused);
        if accepted.is_empty() {
            return Err(Stop::refused("nothing was accepted"));
        }
        let written = accepted
            .iter()
            .filter(|candidate| candidate.wish.is_some())
            .count();
        let what = format!("{} into {}", count(written, "value"), count(edited.len(), "file"));
        confirm(
            terminal,
            yes || written == 0,
            &format!("Write {what}?"),
            "nothing was written",
            "use --yes",
        )?;
        write_all(&edited)?;
        keeper.commit(self.remembered(&accepted)).await?;
        terminal.status(&match written {
            0 => "the manifests say it already; it is remembered".to_owned(),
            _ => format!("wrote {what}"),
        });
        Ok(Outcome::Accepted {
            refused: refused.len(),
        })
    }

    /// As much as can be written, and why the rest cannot.
    fn try_all(&self) -> (Vec<Edited>, BTreeMap<usize, Why>) {
        let mut refused: BTreeMap<usize, Why> = BTreeMap::new();
        let mut open: Vec<usize> = Vec::new();
        for (at, candidate) in self.candidates.iter().enumerate() {
            if candidate.moved.manifest == Says::Else {
                refused.insert(at, Why::Meaning("the manifest has changed as well".to_owned()));
            } else if candidate.wish.is_some() && self.is_staged(candidate) {
                refused.insert(at, Why::Staged);
            } else if candidate.wish.is_some() && manifest_edit::is_private(candidate.moved) {
                refused.insert(at, Why::Private);
            } else if let Some(why) = manifest_edit::unfit(candidate.drifted.vendor, candidate.moved)
                && candidate.wish.is_some()
            {
                refused.insert(at, Why::Unfit(why));
            } else if candidate.wish.is_some() {
                open.push(at);
            }
        }
        let (mut aside, mut good) = (Vec::new(), open);
        let mut best = self.attempt(&good);
        while !best.failed.is_empty() {
            let (failing, rest) = good.into_iter().partition(|at| best.failed.contains_key(at));
            let failing: Vec<usize> = failing;
            aside.extend(failing);
            good = rest;
            best = self.attempt(&good);
        }
        // One after the other, so that each that cannot be written has its own reason and keeps no other back; but what
        // is one value for a survey and its groups at once.
        for unit in self.units(aside) {
            let whole = self.attempt(&[good.as_slice(), &unit].concat());
            if whole.failed.is_empty() {
                good.extend(unit);
                best = whole;
                continue;
            }
            for at in unit {
                let mut alone = self.attempt(&[good.as_slice(), &[at]].concat());
                if alone.failed.is_empty() {
                    good.push(at);
                    best = alone;
                    continue;
                }
                let own = alone.failed.remove(&at);
                // Why all of them cannot be written at once says more than why one of them cannot.
                let why = whole.failed.get(&at).cloned().or(own);
                let why = why.or_else(|| alone.failed.into_values().next());
                refused.insert(at, why.unwrap_or(Why::Place(Reason::Layout)));
            }
        }
        (best.edited, refused)
    }

    /// Candidates of the same field of a survey and its groups, together.
    fn units(&self, candidates: Vec<usize>) -> Vec<Vec<usize>> {
        let mut units: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for at in candidates {
            let candidate = &self.candidates[at];
            let unit = (candidate.drifted.address.survey_name(), candidate.path());
            units.entry(unit).or_default().push(at);
        }
        units.into_values().collect()
    }

    /// Edits the texts and loads them; fails what does not say then what it should.
    fn attempt(&self, chosen: &[usize]) -> Attempt {
        let wishes: Vec<&Wish> = chosen
            .iter()
            .filter_map(|at| self.candidates[*at].wish.as_ref())
            .collect();
        let (edited, outcomes) = edit(&self.project.loaded.index, &wishes);
        let mut attempt = Attempt {
            edited,
            failed: BTreeMap::new(),
        };
        for (at, outcome) in chosen.iter().zip(outcomes) {
            match outcome {
                Ok(()) => {}
                // It follows from what its survey is to say.
                Err(Reason::Inherited) if self.survey_of(*at, chosen) => {}
                Err(reason) => drop(attempt.failed.insert(*at, Why::Place(reason))),
            }
        }
        if !attempt.failed.is_empty() {
            return attempt;
        }
        let mut session = Session::default();
        for file in &attempt.edited {
            session.set(&file.path, &file.after);
        }
        let loaded = session.load(&self.project.paths, &self.options);
        attempt.failed = self.check(chosen, &loaded);
        attempt
    }

    /// Whether what moved is a count that the stage of a survey has set.
    fn is_staged(&self, candidate: &Candidate<'_>) -> bool {
        let desired = self.inputs.desired.surveys.get(&candidate.drifted.address);
        let mut changes = candidate.moved.changes.iter();
        desired.is_some_and(|survey| survey.ladder.as_ref().is_some_and(Ladder::is_partial))
            && changes.any(|change| change.path.ends_with("/completes"))
    }

    /// Whether the same field of the survey that holds a group is among the chosen.
    fn survey_of(&self, at: usize, chosen: &[usize]) -> bool {
        let group = &self.candidates[at];
        let parent = group.drifted.address.parent();
        let mut others = chosen.iter().map(|other| &self.candidates[*other]);
        others.any(|other| Some(&other.drifted.address) == parent.as_ref() && other.path() == group.path())
    }

    /// Which of the chosen say something else than they should once they are written, or make others do so.
    fn check(&self, chosen: &[usize], loaded: &Loaded) -> BTreeMap<usize, Why> {
        let mut failed = BTreeMap::new();
        let fail = |failed: &mut BTreeMap<usize, Why>, at: Vec<usize>, why: String| {
            failed.extend(at.into_iter().map(|at| (at, Why::Meaning(why.clone()))));
        };
        let index = &self.project.loaded.index;
        let those = |wanted: &dyn Fn(&Address) -> bool| -> Vec<usize> {
            let all = chosen.iter().copied();
            all.filter(|at| wanted(&self.candidates[*at].drifted.address))
                .collect()
        };
        for problem in loaded.diagnostics.iter().filter(|problem| problem.is_error()) {
            let inside = those(&|address| index.file(address) == problem.file.as_ref());
            let why = format!("the manifest would not be valid: {}", problem.message);
            fail(&mut failed, inside, why);
        }
        let (old, new) = (&self.project.loaded.desired, &loaded.desired);
        let whole =
            old.groups == new.groups && old.surveys.len() == new.surveys.len() && !loaded.has_errors();
        if failed.is_empty() && !whole {
            fail(
                &mut failed,
                chosen.to_vec(),
                "it would change more than this".to_owned(),
            );
        }
        for (address, before) in &old.surveys {
            let Some(after) = new.surveys.get(address) else {
                continue;
            };
            let own = those(&|other| other == address);
            if own.is_empty() {
                if before != after {
                    let inside = those(&|other| index.file(other) == index.file(address));
                    fail(
                        &mut failed,
                        inside,
                        format!("it would change `{address}` as well"),
                    );
                }
                continue;
            }
            let Some(live) = self.inputs.live.surveys.get(address).and_then(Reading::present) else {
                continue;
            };
            let moves: Vec<&Move> = own.iter().map(|at| self.candidates[*at].moved).collect();
            let mut expected = in_codes(&self.inputs, address, before);
            expected.spec = taken(&expected.spec, live, &moves);
            retag(&mut expected.policy.tags, live, &moves);
            if in_codes(&self.inputs, address, after) != expected {
                let why = "the manifest would not say exactly what the vendor shows";
                fail(&mut failed, own, why.to_owned());
            }
        }
        failed
    }

    fn accepted(&self, refused: &BTreeMap<usize, Why>) -> Vec<&Candidate<'_>> {
        let all = self.candidates.iter().enumerate();
        all.filter(|(at, _)| !refused.contains_key(at))
            .map(|(_, candidate)| candidate)
            .collect()
    }

    fn tell_refused(&self, terminal: &dyn Terminal, refused: &BTreeMap<usize, Why>) {
        for (at, why) in refused {
            let candidate = &self.candidates[*at];
            let address = &candidate.drifted.address;
            let field = candidate.path().trim_start_matches('/').replace('/', ".");
            terminal.say(&format!("not written: {address}: {field}: {why}"));
            let back = match candidate.moved.what {
                Moved::Status(_) => format!("`infield apply --resume {address}` puts it back in field"),
                _ => format!("`infield apply --target {address}` puts it back"),
            };
            let keeps = match why {
                // A line would say it of others as well, and the next plan change them.
                Why::Place(Reason::Matrix | Reason::Marketplaces | Reason::Anchored) => {
                    "no line keeps it for this one alone; ".to_owned()
                }
                Why::Private | Why::Unfit(_) | Why::Staged => String::new(),
                Why::Place(_) | Why::Meaning(_) => {
                    let value = manifest_edit::by_hand(candidate.moved);
                    let group = address.as_str().split_once('/');
                    let group = group.map_or_else(String::new, |(_, g)| format!(" in the entry of `{g}`"));
                    let file = self.project.loaded.index.file(address).map_or("", |file| file);
                    format!("{value}{group} in {file} keeps it; ")
                }
            };
            terminal.say(&format!("help: {keeps}{back}"));
        }
    }

    /// What is remembered once the manifests say it.
    fn remembered(&self, accepted: &[&Candidate<'_>]) -> Vec<Op> {
        let mut by_address: BTreeMap<&Address, Vec<&Move>> = BTreeMap::new();
        for candidate in accepted {
            let moves = by_address.entry(&candidate.drifted.address).or_default();
            moves.push(candidate.moved);
        }
        let op = |(address, moves): (&Address, Vec<&Move>)| {
            let mut resource = self.inputs.known.resources.get(address)?.clone();
            let live = self.inputs.live.surveys.get(address)?.present()?;
            let ResourceKind::Survey(survey) = &mut resource.kind else {
                return None;
            };
            survey.applied = taken(&survey.applied, live, &moves);
            retag(&mut survey.policy.tags, live, &moves);
            if let Some(status) = moves.iter().find_map(|moved| match moved.what {
                Moved::Status(status) => Some(status),
                _ => None,
            }) {
                survey.in_field = status == Status::Live;
            }
            Some(Op::Put {
                address: address.clone(),
                resource: Box::new(resource),
            })
        };
        by_address.into_iter().filter_map(op).collect()
    }
}

/// Follows values that are tags as well.
fn retag(tags: &mut BTreeSet<String>, live: &LiveSurvey, moves: &[&Move]) {
    for change in moves.iter().flat_map(|moved| &moved.changes) {
        billing::retag(tags, &change.path, &live.spec.attributes);
    }
}

/// Writes every file, each as a whole or not at all; none of them if one is not the one that was read.
fn write_all(edited: &[Edited]) -> Result<(), Stop> {
    for file in edited {
        let now = std::fs::read(&file.path).unwrap_or_default();
        if now != file.before.as_bytes() {
            let why = format!("{} has changed meanwhile, and nothing was written", file.name);
            return Err(Stop::stale(why).help("run it again"));
        }
    }
    for file in edited {
        files::rewrite(&file.path, file.after.as_bytes())
            .or_fail(format_args!("{} cannot be written", file.name))?;
    }
    Ok(())
}
