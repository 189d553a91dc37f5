//! History in its place: what is written there, read and thrown away.
//!
//! A run is one part where its end is known at once, or else two: one when it begins and one when it ends, so that a run
//! that was killed is there as well. Plans that can be shown again are parts of their own, and so is every look; looks
//! are brought together, thinned, once there are many. Promises: a part that is damaged or gone is passed over and told;
//! nothing waits for a place that does not answer.

use super::looks::{Look, Looks};
use super::record::{End, Line, Run};
use super::replay::Kept;
use super::thin::thin;
use crate::state::{Part, Parts, PartsError};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

const RUNS: &str = "runs";
const PLANS: &str = "plans";
const LOOKS: &str = "looks";

/// How long a place may take to answer before nobody waits for it any more.
const PATIENCE: Duration = Duration::from_secs(10);
/// Parts that are read at once.
const AT_ONCE: usize = 16;
/// Looks are brought together once they are in so many parts.
const MOST_PARTS: usize = 64;
/// Looks may take so many bytes once they are brought together; the oldest ones go first.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Plans that can be shown again may take so many bytes together; the oldest ones go first.
const MOST_OF_PLANS: u64 = 256 * 1024 * 1024;

/// Why something of history was not kept, or not read.
pub type Problem = String;

/// Hides what must not be written down.
pub type Hide<'a> = dyn Fn(&str) -> String + Send + Sync + 'a;

/// The place of a state's history.
pub struct Place<'a> {
    /// Where its parts are.
    pub parts: &'a dyn Parts,
    /// Goes over everything before it is written.
    pub hide: &'a Hide<'a>,
}

async fn patiently<T>(work: impl Future<Output = Result<T, PartsError>>) -> Result<T, Problem> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!(
            "its place did not answer within {} seconds",
            PATIENCE.as_secs()
        )),
    }
}

impl Place<'_> {
    async fn add(&self, folder: &str, name: &str, text: &str) -> Result<(), Problem> {
        let text = (self.hide)(text);
        patiently(self.parts.add(folder, name, text.as_bytes())).await
    }

    /// Keeps a run, with its end where it has one.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_run(&self, run: &Run) -> Result<(), Problem> {
        let (name, run) = (format!("{}.begun.jsonl", run.id), Some(run.clone()));
        let line = Line {
            run,
            ..Line::default()
        };
        self.add(RUNS, &name, &line.to_text()).await
    }

    /// Keeps the end of a run.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_end(&self, end: End) -> Result<(), Problem> {
        let name = format!("{}.ended.jsonl", end.run);
        let line = Line {
            end: Some(end),
            ..Line::default()
        };
        self.add(RUNS, &name, &line.to_text()).await
    }

    /// Keeps the plan of a run, and throws away those of runs before the last `runs`.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_plan(&self, run: &str, plan: &Kept, runs: usize) -> Result<(), Problem> {
        if runs > 0 {
            self.add(PLANS, &format!("{run}.json"), &plan.to_text()).await?;
        }
        let parts = patiently(self.parts.list(PLANS)).await?;
        let old = too_many(&parts, runs);
        match old.is_empty() {
            true => Ok(()),
            false => patiently(self.parts.remove(PLANS, &old)).await,
        }
    }

    /// The plan of a run; none where it is not kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn plan(&self, run: &str) -> Result<Option<Kept>, Problem> {
        let name = format!("{run}.json");
        let Some(bytes) = patiently(self.parts.read(PLANS, &name)).await? else {
            return Ok(None);
        };
        Kept::parse(&bytes).map(Some)
    }

    /// Goes through the runs, the last one first, until that is enough. Gives what could not be read.
    pub async fn runs(&self, mut take: impl FnMut(Run) -> ControlFlow<()>) -> Vec<Problem> {
        let parts = match patiently(self.parts.list(RUNS)).await {
            Ok(parts) => parts,
            Err(problem) => return vec![problem],
        };
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for part in &parts {
            let id = part.name.split('.').next().unwrap_or_default();
            names.entry(id).or_default().push(&part.name);
        }
        let names: Vec<Vec<&str>> = names.into_values().rev().collect();
        let mut problems = Vec::new();
        for some in names.chunks(AT_ONCE) {
            let read = some
                .iter()
                .map(|names| join_all(names.iter().map(|name| self.lines(RUNS, name))));
            for lines in join_all(read).await {
                let (mut run, mut end) = (None, None);
                for (lines, damaged) in lines {
                    problems.extend(damaged);
                    for line in lines {
                        run = line.run.or(run);
                        end = line.end.or(end);
                    }
                }
                let Some(mut run): Option<Run> = run else { continue };
                run.end = run.end.or(end);
                if take(run).is_break() {
                    return problems;
                }
            }
        }
        problems
    }

    /// The lines of a part, and what is wrong with it.
    async fn lines(&self, folder: &str, name: &str) -> (Vec<Line>, Option<Problem>) {
        match patiently(self.parts.read(folder, name)).await {
            Ok(None) => (Vec::new(), None),
            Err(problem) => (Vec::new(), Some(problem)),
            Ok(Some(bytes)) => {
                let (lines, damaged) = Line::parse_all(&bytes);
                let problem = format!("{folder}/{name} is damaged");
                (lines, (damaged > 0).then_some(problem))
            }
        }
    }

    /// All looks, and what could not be read of them.
    pub async fn looks(&self) -> (Looks, Vec<Problem>) {
        let (looks, _, problems) = self.read_looks().await;
        (looks, problems)
    }

    /// The same, and the names of the parts they are in.
    async fn read_looks(&self) -> (Looks, Vec<String>, Vec<Problem>) {
        let mut looks = Looks::default();
        let parts = match patiently(self.parts.list(LOOKS)).await {
            Ok(parts) => parts,
            Err(problem) => return (looks, Vec::new(), vec![problem]),
        };
        let names: Vec<String> = parts.into_iter().map(|part| part.name).collect();
        let mut problems = Vec::new();
        for some in names.chunks(AT_ONCE) {
            for (lines, damaged) in join_all(some.iter().map(|name| self.lines(LOOKS, name))).await {
                problems.extend(damaged);
                lines
                    .into_iter()
                    .filter_map(|line| line.look)
                    .for_each(|look| looks.add(look));
            }
        }
        (looks, names, problems)
    }

    /// Keeps a look under this id, as far as it says something new. Gives all looks with it.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_look(&self, id: &str, look: Look) -> (Looks, Result<(), Problem>) {
        let now = look.at;
        let (mut looks, names, mut problems) = self.read_looks().await;
        let Some(news) = looks.news(look) else {
            return (looks, Ok(()));
        };
        let name = format!("{id}.jsonl");
        looks.add(news.clone());
        if names.is_empty()
            && let Some(problem) = problems.pop()
        {
            return (looks, Err(problem));
        }
        // Whoever brings them together at the same time keeps the same: a look that is there twice counts once.
        let kept = match names.len() < MOST_PARTS || !problems.is_empty() {
            true => self.add(LOOKS, &name, &line_of(news)).await,
            false => self.bring_together(&name, &names, &looks, now).await,
        };
        (looks, kept)
    }

    async fn bring_together(
        &self,
        name: &str,
        names: &[String],
        looks: &Looks,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let mut thinned = looks.clone();
        thin(&mut thinned, now);
        let text = last_of(thinned.into_looks().into_iter().map(line_of), MOST_BYTES);
        self.add(LOOKS, name, &text).await?;
        patiently(self.parts.remove(LOOKS, names)).await
    }
}

fn line_of(look: Look) -> String {
    let line = Line {
        look: Some(look),
        ..Line::default()
    };
    line.to_text()
}

/// The last of these lines that fit into so many bytes.
fn last_of(lines: impl DoubleEndedIterator<Item = String>, most: usize) -> String {
    let mut size = 0;
    let mut kept: Vec<String> = lines
        .rev()
        .take_while(|line| {
            size += line.len();
            size <= most
        })
        .collect();
    kept.reverse();
    kept.concat()
}

/// The names of the parts that are too many or too large, the oldest first. The last one stays whatever its size, where one
/// stays at all.
fn too_many(parts: &[Part], most: usize) -> Vec<String> {
    let mut size = 0;
    let stays = |(index, part): (usize, &Part)| {
        size += part.size;
        index < most && (index == 0 || size <= MOST_OF_PLANS)
    };
    let stay = parts.iter().rev().enumerate().map(stays);
    let stay: Vec<bool> = stay.collect();
    let all = parts.iter().zip(stay.into_iter().rev());
    all.filter(|(_, stays)| !stays)
        .map(|(part, _)| part.name.clone())
        .collect()
}

#[cfg(test)]
mod tests;
