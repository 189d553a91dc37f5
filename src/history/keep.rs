//! History in its place: what is written there, read and thrown away.
//!
//! A run is one part where its end is known at once, or else two: one when it begins and one when it ends, so that a run
//! that was killed is there as well. Plans that can be shown again are parts of their own, and so is every look; looks
//! are brought together, thinned, once there are many. A part of looks says everything that changed since the last part that
//! names every survey, so whoever adds one reads two; whoever reads all parts finds each look once.
//! Promises: a part that is damaged or gone is passed over and told; nothing waits for a place that does not answer.

use super::looks::{Look, Looks};
use super::record::{End, Line, Run};
use super::replay::Kept;
use super::thin::thin;
use crate::state::{Part, Parts, PartsError};
use crate::text::packed;
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
/// A look that says so little new is no reason to name all surveys again.
const FEW: usize = 20;
/// Looks may take so many bytes once they are brought together; the oldest ones go first.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Plans that can be shown again may take so many bytes together; the oldest ones go first.
const MOST_OF_PLANS: u64 = 256 * 1024 * 1024;

/// What a part has at most when it is unpacked.
const MOST_OF_A_PART: u64 = 1024 * 1024 * 1024;

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

    async fn add_packed(&self, folder: &str, name: &str, text: &str) -> Result<(), Problem> {
        let packed = packed::pack((self.hide)(text).as_bytes());
        patiently(self.parts.add(folder, name, &packed)).await
    }

    /// Keeps a run, with its end where it has one.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_run(&self, run: &Run) -> Result<(), Problem> {
        let (name, run) = (format!("{}.begun.jsonl.gz", run.id), Some(run.clone()));
        let line = Line {
            run,
            ..Line::default()
        };
        self.add_packed(RUNS, &name, &line.to_text()).await
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
            let name = format!("{run}.json.gz");
            self.add_packed(PLANS, &name, &plan.to_text()).await?;
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
        // Older ones are not packed.
        for name in [format!("{run}.json.gz"), format!("{run}.json")] {
            if let Some(bytes) = patiently(self.parts.read(PLANS, &name)).await? {
                return Kept::parse(&bytes).map(Some);
            }
        }
        Ok(None)
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
                let read = packed::unpack(&bytes, MOST_OF_A_PART).map(|bytes| Line::parse_all(&bytes));
                let (lines, damaged) = read.unwrap_or((Vec::new(), 1));
                let problem = format!("{folder}/{name} is damaged");
                (lines, (damaged > 0).then_some(problem))
            }
        }
    }

    /// All looks, and what could not be read of them.
    pub async fn looks(&self) -> (Looks, Vec<Problem>) {
        match self.names_of_looks().await {
            Ok(names) => {
                let read = self.read_looks(&names).await;
                (read.all(), read.problems)
            }
            Err(problem) => (Looks::default(), vec![problem]),
        }
    }

    async fn names_of_looks(&self) -> Result<Vec<String>, Problem> {
        let parts = patiently(self.parts.list(LOOKS)).await?;
        Ok(parts.into_iter().map(|part| part.name).collect())
    }

    async fn read_looks(&self, names: &[String]) -> Read {
        let mut read = Read::default();
        for some in names.chunks(AT_ONCE) {
            for (lines, damaged) in join_all(some.iter().map(|name| self.lines(LOOKS, name))).await {
                read.problems.extend(damaged);
                let looks = lines.into_iter().filter_map(|line| line.look);
                read.parts.push(Looks::of(looks));
            }
        }
        read
    }

    /// Keeps a look under this id, as far as it says something new. Gives all looks with it.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn keep_look(&self, id: &str, look: Look) -> (Looks, Result<(), Problem>) {
        let names = match self.names_of_looks().await {
            Ok(names) => names,
            Err(problem) => return (Looks::of([look]), Err(problem)),
        };
        let read = self.read_looks(&names).await;
        let mut looks = read.all();
        let Some(news) = looks.news(look) else {
            return (looks, Ok(()));
        };
        looks.add(news.clone());
        let kept = self.add_look(id, news, &names, &read, &looks).await;
        (looks, kept)
    }

    /// The same for somebody who has no use for earlier looks: no more of them is read than says what is new.
    ///
    /// # Errors
    /// When it is not kept.
    pub async fn note_look(&self, id: &str, look: Look) -> Result<(), Problem> {
        let names = self.names_of_looks().await?;
        let few = enough(&names).filter(|_| names.len() < MOST_PARTS);
        let mut read = self.read_looks(few.as_ref().unwrap_or(&names)).await;
        if few.is_some() && !read.problems.is_empty() {
            read = self.read_looks(&names).await;
        }
        let mut looks = read.all();
        let Some(news) = looks.news(look) else {
            return Ok(());
        };
        looks.add(news.clone());
        self.add_look(id, news, &names, &read, &looks).await
    }

    /// Writes what is new into a part, after these. `looks` have it already.
    async fn add_look(
        &self,
        id: &str,
        news: Look,
        names: &[String],
        read: &Read,
        looks: &Looks,
    ) -> Result<(), Problem> {
        // Whoever brings them together at the same time keeps the same: a look that is there twice counts once.
        if names.len() >= MOST_PARTS && read.problems.is_empty() {
            return self
                .bring_together(&format!("{id}.jsonl"), names, looks, news.at)
                .await;
        }
        let since = since_the_whole(names).filter(|_| read.problems.is_empty());
        let changed = since.and_then(|since| {
            let mut changed = read
                .parts
                .last()
                .filter(|_| since > 0)
                .cloned()
                .unwrap_or_default();
            changed.add(news.clone());
            (changed.len() <= FEW.max(looks.len() / 2)).then_some((since + 1, changed))
        });
        let (number, said) = changed.unwrap_or_else(|| (0, looks.clone()));
        let mut said = said.last_of_each();
        // Also where a clock was set back, and it is not the last.
        said.add(news);
        let text: String = said.into_looks().into_iter().map(line_of).collect();
        self.add(LOOKS, &format!("{id}.{number}.jsonl"), &text).await
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

/// Looks as they were read, part by part.
#[derive(Default)]
struct Read {
    parts: Vec<Looks>,
    problems: Vec<Problem>,
}

impl Read {
    fn all(&self) -> Looks {
        let mut all = Looks::default();
        for part in &self.parts {
            all.join(part);
        }
        all
    }
}

/// How many parts stand behind the last one that names every survey. Its name ends in 0, and those behind it are counted on,
/// so that it shows where two were added side by side, or one by an older program: then nobody can tell.
fn since_the_whole(names: &[String]) -> Option<usize> {
    let number =
        |name: &String| -> Option<usize> { name.strip_suffix(".jsonl")?.split_once('.')?.1.parse().ok() };
    let since = number(names.last()?)?;
    let first = names.len().checked_sub(since + 1)?;
    let follow = names[first..]
        .iter()
        .enumerate()
        .all(|(at, name)| number(name) == Some(at));
    follow.then_some(since)
}

/// The parts that say what was last seen of each survey, where these are not all.
fn enough(names: &[String]) -> Option<Vec<String>> {
    let since = since_the_whole(names)?;
    let whole = names.len() - since - 1;
    let mut enough = vec![names[whole].clone()];
    enough.extend((since > 0).then(|| names[names.len() - 1].clone()));
    Some(enough)
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
