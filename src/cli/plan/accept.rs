//! `infield plan --refresh-only --accept`: what drifted, written into the manifests in place, and remembered.
//!
//! Promises: nothing is written before the new texts were loaded and found to say exactly what was accepted and nothing
//! else; a file that changed meanwhile is left alone; manifests are written before the state, so that an interruption
//! leaves nothing to do for the next plan. What is not written is told, with the reason.

mod wish;

use super::{PlanArgs, planning, text_style};
use crate::cli::exit::Exit;
use crate::cli::files;
use crate::cli::project::{Opened, Vendors};
use crate::cli::ui::{Stop, Ui};
use crate::manifest::edit::{Edited, Reason, Wish, edit};
use crate::manifest::{Loaded, Options, Session};
use crate::model::{Address, Known, KnownSurvey, Reading, Resource, ResourceKind, Status};
use crate::plan::drift::{Move, Moved, Says, in_codes, taken};
use crate::plan::{Choices, Drifted, GuardRules, Inputs};
use crate::report::plan_text::drift as report;
use crate::state::{Keeper, Op};
use crate::workflow::Looked;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
struct Desk<'a> {
    opened: &'a Opened,
    inputs: Inputs<'a>,
    candidates: Vec<Candidate<'a>>,
    paths: Vec<std::path::PathBuf>,
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
#[derive(Debug, Clone)]
enum Why {
    /// It cannot be changed where it stands.
    Place(Reason),
    /// The manifest would say something else.
    Meaning(String),
    /// It is nothing for a file in git.
    Private,
}

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self::Meaning(text)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(reason) => reason.fmt(f),
            Self::Meaning(text) => f.write_str(text),
            Self::Private => {
                f.write_str("it may hold a secret or somebody's address, which no manifest should have")
            }
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one caller, which has all of it in hand"
)]
pub(super) async fn accept(
    args: &PlanArgs,
    ui: &Ui,
    opened: &Opened,
    guards: &GuardRules,
    keeper: &Keeper,
    vendors: &Vendors,
    known: &Known,
    looked: &Looked,
) -> Result<Exit, Stop> {
    let choices = Choices::default();
    let request = planning::request(opened, &vendors.readers, &vendors.markets, guards, &choices);
    let candidates: Vec<Candidate<'_>> = candidates(&looked.drift.drifted);
    if candidates.is_empty() {
        return Ok(Exit::Done);
    }
    let base = std::env::current_dir()
        .map_err(|error| Stop::failed(format!("the current folder cannot be read: {error}")))?;
    let desk = Desk {
        opened,
        inputs: request.inputs(known, &looked.live),
        candidates,
        paths: args.paths.paths.iter().map(|path| path.clone().into()).collect(),
        options: Options { base },
    };
    let (edited, refused) = desk.try_all();
    let style = text_style(ui, guards, false);
    for file in &edited {
        let hunks = file.hunks.iter();
        let parts = hunks.map(|hunk| (hunk.line, hunk.before.as_str(), hunk.after.as_str()));
        ui.status(report::lines(&file.name, parts, &style).trim_end());
    }
    desk.tell_refused(ui, &refused);
    let accepted: Vec<&Candidate<'_>> = desk.accepted(&refused);
    if accepted.is_empty() {
        return Err(Stop::new(Exit::Refused, "nothing was accepted"));
    }
    let written = accepted
        .iter()
        .filter(|candidate| candidate.wish.is_some())
        .count();
    if written > 0 && !args.yes {
        if !ui.interactive {
            return Err(Stop::new(
                Exit::Refused,
                "nothing was written: there is no terminal to ask on",
            )
            .help("use --yes"));
        }
        let question = format!("Write {} into {}?", values(written), files(edited.len()));
        if !ui.ask(&question) {
            return Err(Stop::new(Exit::Refused, "nothing was written"));
        }
    }
    write_all(&edited)?;
    keeper.commit(remembered(&accepted, known, looked)).await?;
    ui.status(&match written {
        0 => "the manifests say it already; it is remembered".to_owned(),
        written => format!("wrote {} into {}", values(written), files(edited.len())),
    });
    Ok(match refused.is_empty() {
        true => Exit::Done,
        false => Exit::AppliedInPart,
    })
}

fn values(number: usize) -> String {
    match number {
        1 => "1 value".to_owned(),
        many => format!("{many} values"),
    }
}

fn files(number: usize) -> String {
    match number {
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
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
        wish: (moved.manifest != Says::AsFound).then(|| wish::of(&drifted.address, drifted.vendor, moved)),
    })
    .collect()
}

impl Desk<'_> {
    /// As much as can be written, and why the rest cannot.
    fn try_all(&self) -> (Vec<Edited>, BTreeMap<usize, Why>) {
        let mut refused: BTreeMap<usize, Why> = BTreeMap::new();
        let mut open: Vec<usize> = Vec::new();
        for (at, candidate) in self.candidates.iter().enumerate() {
            if candidate.moved.manifest == Says::Else {
                refused.insert(at, "the manifest has changed as well".to_owned().into());
            } else if candidate.wish.is_some() && wish::is_private(candidate.moved) {
                refused.insert(at, Why::Private);
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
        let (edited, outcomes) = edit(&self.opened.loaded.index, &wishes);
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
        let loaded = session.load(&self.paths, &self.options);
        attempt.failed = self.judge(chosen, &loaded);
        attempt
    }

    /// Whether the same field of the survey that holds a group is among the chosen.
    fn survey_of(&self, at: usize, chosen: &[usize]) -> bool {
        let group = &self.candidates[at];
        let parent = group.drifted.address.parent();
        let mut others = chosen.iter().map(|other| &self.candidates[*other]);
        others.any(|other| Some(&other.drifted.address) == parent.as_ref() && other.path() == group.path())
    }

    /// Which of the chosen say something else than they should once they are written, or make others do so.
    fn judge(&self, chosen: &[usize], loaded: &Loaded) -> BTreeMap<usize, Why> {
        let mut failed = BTreeMap::new();
        let index = &self.opened.loaded.index;
        let in_file = |address: &Address| {
            let file = index.file(address);
            let same = move |at: &&usize| index.file(&self.candidates[**at].drifted.address) == file;
            chosen.iter().filter(same)
        };
        for problem in loaded.diagnostics.iter() {
            if problem.severity == crate::diag::Severity::Error {
                let inside = chosen
                    .iter()
                    .filter(|at| index.file(&self.candidates[**at].drifted.address) == problem.file.as_ref());
                let why = Why::from(format!("the manifest would not be valid: {}", problem.message));
                failed.extend(inside.map(|at| (*at, why.clone())));
            }
        }
        let (old, new) = (&self.opened.loaded.desired, &loaded.desired);
        let whole =
            old.groups == new.groups && old.surveys.len() == new.surveys.len() && !loaded.has_errors();
        if failed.is_empty() && !whole {
            let why = Why::from("it would change more than this".to_owned());
            failed.extend(chosen.iter().map(|at| (*at, why.clone())));
        }
        for (address, before) in &old.surveys {
            let Some(after) = new.surveys.get(address) else {
                continue;
            };
            let own: Vec<usize> = chosen
                .iter()
                .copied()
                .filter(|at| self.candidates[*at].drifted.address == *address)
                .collect();
            if own.is_empty() {
                if before != after {
                    let why = Why::from(format!("it would change `{address}` as well"));
                    failed.extend(in_file(address).map(|at| (*at, why.clone())));
                }
                continue;
            }
            let Some(live) = self.inputs.live.surveys.get(address).and_then(Reading::present) else {
                continue;
            };
            let moves: Vec<&Move> = own.iter().map(|at| self.candidates[*at].moved).collect();
            let mut expected = in_codes(&self.inputs, address, before);
            expected.spec = taken(&expected.spec, live, &moves);
            if in_codes(&self.inputs, address, after) != expected {
                let why = Why::from("the manifest would not say exactly what the vendor shows".to_owned());
                failed.extend(own.into_iter().map(|at| (at, why.clone())));
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

    fn tell_refused(&self, ui: &Ui, refused: &BTreeMap<usize, Why>) {
        for (at, why) in refused {
            let candidate = &self.candidates[*at];
            let address = &candidate.drifted.address;
            let field = candidate.path().trim_start_matches('/').replace('/', ".");
            ui.say(&format!("not written: {address}: {field}: {why}"));
            let back = match candidate.moved.what {
                Moved::Status(_) => format!("`infield apply --resume {address}` puts it back in field"),
                _ => format!("`infield apply --target {address}` puts it back"),
            };
            let keeps = match why {
                // A line would say it of others as well, and the next plan change them.
                Why::Place(Reason::Matrix | Reason::Marketplaces | Reason::Anchored) => {
                    "no line keeps it for this one alone; ".to_owned()
                }
                Why::Private => String::new(),
                Why::Place(_) | Why::Meaning(_) => {
                    let value = wish::by_hand(candidate.moved);
                    let group = address.as_str().split_once('/');
                    let group = group.map_or_else(String::new, |(_, g)| format!(" in the entry of `{g}`"));
                    let file = self.opened.loaded.index.file(address).map_or("", |file| file);
                    format!("{value}{group} in {file} keeps it; ")
                }
            };
            ui.say(&format!("help: {keeps}{back}"));
        }
    }
}

/// What is remembered once the manifests say it.
fn remembered(accepted: &[&Candidate<'_>], known: &Known, looked: &Looked) -> Vec<Op> {
    let addresses: BTreeSet<&Address> = accepted
        .iter()
        .map(|candidate| &candidate.drifted.address)
        .collect();
    let op = |address: &Address| {
        let resource = known.resources.get(address)?;
        let survey = resource.survey()?;
        let live = looked.live.surveys.get(address)?.present()?;
        let moves: Vec<&Move> = accepted
            .iter()
            .filter(|candidate| candidate.drifted.address == *address)
            .map(|candidate| candidate.moved)
            .collect();
        let status = moves.iter().find_map(|moved| match moved.what {
            Moved::Status(status) => Some(status),
            _ => None,
        });
        let survey = KnownSurvey {
            applied: taken(&survey.applied, live, &moves),
            in_field: status.map_or(survey.in_field, |status| status == Status::Live),
            ..survey.clone()
        };
        Some(Op::Put {
            address: address.clone(),
            resource: Box::new(Resource {
                kind: ResourceKind::Survey(Box::new(survey)),
                ..resource.clone()
            }),
        })
    };
    addresses.into_iter().filter_map(op).collect()
}

/// Writes every file, each as a whole or not at all; none of them if one is not the one that was read.
fn write_all(edited: &[Edited]) -> Result<(), Stop> {
    for file in edited {
        let now = std::fs::read(&file.path).unwrap_or_default();
        if now != file.before.as_bytes() {
            let why = format!("{} has changed meanwhile, and nothing was written", file.name);
            return Err(Stop::new(Exit::LockedOrStale, why).help("run it again"));
        }
    }
    for file in edited {
        files::rewrite(&file.path, file.after.as_bytes())
            .map_err(|error| Stop::failed(format!("{} cannot be written: {error}", file.name)))?;
    }
    Ok(())
}
