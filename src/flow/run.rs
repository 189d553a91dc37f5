//! Rounds of what was approved before: one is planned and carried out, and the next one waits for its time.
//!
//! Promises: a round does nothing but steps that were approved with the launches of their surveys, and says once what waits for
//! somebody. The state is locked, and the manifests are read, by each round for itself. A round that fails is told, and the next
//! one comes all the same. However much time was missed, one round catches up.

use super::apply::{self, Options, PARALLELISM};
use super::files;
use super::notify::Heard;
use super::reconciler::Approval;
use super::{Outcome, Process, Project, Selection, Stop, Terminal, count};
use crate::apply::Tally;
use crate::plan::Note;
use crate::report::openmetrics::{self, RunFigures};
use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// When rounds are due.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// From one to the next.
    pub every: SignedDuration,
    /// None begins from then on.
    pub until: Option<Timestamp>,
}

impl Schedule {
    /// When the first round is due that lies ahead, of those that began with one at `start`; `None` where all are over. Those
    /// that were missed are one.
    fn next(&self, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let every = self.every.as_millis().max(1);
        let over = now.duration_since(start).as_millis();
        // A clock that was put back begins anew.
        let next = match over {
            0.. => start.as_millisecond() + i64::try_from((over / every + 1) * every).ok()?,
            _ => now.as_millisecond() + i64::try_from(every).ok()?,
        };
        let next = Timestamp::from_millisecond(next).ok()?;
        (!self.is_over(next)).then_some(next)
    }

    fn is_over(&self, time: Timestamp) -> bool {
        self.until.is_some_and(|until| time >= until)
    }
}

/// How a round ended.
#[derive(Debug)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How, for how the program ends. Why something failed was told.
    pub outcome: Result<Outcome, Stop>,
    /// Its steps. What was refused waits for somebody.
    pub steps: Tally,
    /// Whether somebody asked it to end.
    pub interrupted: bool,
}

impl Ended {
    fn succeeded(&self) -> bool {
        self.outcome.is_ok() && self.steps.failed + self.steps.skipped == 0
    }

    /// In a line, with the time of the next round.
    fn health(&self, next: Option<Timestamp>) -> String {
        let Tally {
            done,
            failed,
            skipped,
            refused,
            calls,
            ..
        } = self.steps;
        let some = |number: usize, what: &str| (number > 0).then(|| format!("{number} {what}"));
        let steps = (done > 0).then(|| format!("{} done", count(done, "step")));
        let parts = [
            steps,
            some(failed, "failed"),
            some(skipped, "not started"),
            some(refused, "pending"),
            (calls > 0).then(|| count(calls, "call")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let what = match (&self.outcome, parts.is_empty()) {
            (Err(_), _) => "the round failed".to_owned(),
            (Ok(_), true) => "nothing to do".to_owned(),
            (Ok(_), false) => parts.join(", "),
        };
        let next = next.map_or_else(String::new, |next| format!("; next at {next}"));
        format!("{}: {what}{next}", self.at)
    }
}

/// Rounds at their times, until none is due or `wait`, which waits for a time, says that there is to be no more. How the last
/// one ended.
pub async fn rounds<M>(
    (schedule, memory): (&Schedule, &mut M),
    now: impl Fn() -> Timestamp,
    mut round: impl AsyncFnMut(&mut M) -> Ended,
    mut tell: impl FnMut(&mut M, &Ended, Option<Timestamp>),
    mut wait: impl AsyncFnMut(Timestamp) -> bool,
) -> Ended {
    let start = now();
    loop {
        let ended = round(memory).await;
        let next = schedule.next(start, now()).filter(|_| !ended.interrupted);
        tell(memory, &ended, next);
        match next {
            Some(next) if wait(next).await && !schedule.is_over(now()) => {}
            Some(_) | None => return ended,
        }
    }
}

/// What rounds remember of each other.
#[derive(Debug)]
pub struct Memory {
    told: BTreeSet<Note>,
    /// Whether webhooks hear of what waits: not where nothing is remembered from one round to the next.
    tells_hooks: bool,
    figures: RunFigures,
}

impl Memory {
    /// Of rounds in an environment, or of one alone, that follow those that a file of figures tells of.
    pub fn new(environment: &str, once: bool, figures: Option<&Utf8Path>) -> Self {
        let before = figures.and_then(|file| std::fs::read_to_string(file).ok());
        let last_success = before.and_then(|text| openmetrics::last_success(&text, environment));
        Self {
            told: BTreeSet::new(),
            tells_hooks: !once,
            figures: RunFigures {
                environment: environment.to_owned(),
                last_success,
                ..RunFigures::default()
            },
        }
    }

    /// Tells what somebody has to look at and was not told the round before; to webhooks only what is held back.
    fn tell(&mut self, notes: Vec<Note>, terminal: &dyn Terminal, heard: &Heard) {
        let tells = |note: &Note| note.holds() || note.needs_a_look();
        let now: BTreeSet<Note> = notes.into_iter().filter(tells).collect();
        let new: Vec<&Note> = now.difference(&self.told).collect();
        for note in &new {
            let help = note.help.iter().map(|help| format!("\n  help: {help}"));
            let help: String = help.collect();
            terminal.say(&format!(
                "{}: {}: {}{help}",
                note.address, note.kind, note.message
            ));
        }
        let held = new.iter().filter(|note| self.tells_hooks && note.holds());
        heard.held_back(held.map(|note| format!("{}: {}", note.address, note.message)));
        self.told = now;
    }

    /// Tells how a round went and writes the figures of all of them, where they are wanted in a file.
    pub fn end(
        &mut self,
        ended: &Ended,
        next: Option<Timestamp>,
        (file, terminal): (Option<&Utf8Path>, &dyn Terminal),
    ) {
        terminal.status(&ended.health(next));
        self.count(ended, next);
        let Some(file) = file else { return };
        let text = openmetrics::run(&self.figures);
        let write = match file.exists() {
            true => files::rewrite,
            false => files::write,
        };
        if let Err(error) = write(file.as_std_path(), text.as_bytes()) {
            terminal.say(&format!("warning: the figures are not in {file}: {error}"));
        }
    }

    fn count(&mut self, ended: &Ended, next: Option<Timestamp>) {
        let succeeded = ended.succeeded();
        let figures = &mut self.figures;
        figures.rounds += 1;
        figures.failed += u64::from(!succeeded);
        figures.steps += ended.steps.done as u64;
        figures.calls += ended.steps.calls as u64;
        // What could not be looked at waits as before.
        if ended.outcome.is_ok() {
            figures.pending = Some(ended.steps.refused as u64);
        }
        figures.last_round = Some(ended.at);
        if succeeded {
            figures.last_success = Some(ended.at);
        }
        figures.next_round = next;
    }
}

/// Plans, and carries out what was approved before. `open` reads the manifests; nothing more begins once `stop` is cancelled.
pub async fn round(
    open: impl Fn() -> Result<Project, Stop>,
    given: &[String],
    (process, terminal, stop): (&'static dyn Process, &dyn Terminal, CancellationToken),
    memory: &mut Memory,
) -> Ended {
    let done = async {
        let project = open()?;
        project.check_briefly(terminal)?;
        let options = Options {
            selection: Selection {
                approved_before: true,
                ..Selection::default()
            },
            saved: None,
            approval: Approval {
                yes: true,
                ..Approval::default()
            },
            parallelism: PARALLELISM.into(),
            json: false,
            given: given.to_vec(),
            unattended: Some(stop.clone()),
        };
        let heard = Arc::new(Heard::default());
        let done = apply::plan_and_do(&project, terminal, &options, &heard).await;
        let done = done.map(|(outcome, notes)| {
            memory.tell(notes, terminal, &heard);
            outcome
        });
        project.tell_apply(&heard, terminal).await;
        done
    };
    let done: Result<Outcome, Stop> = done.await;
    let steps = match &done {
        Ok(Outcome::Applied { steps, .. }) => *steps,
        _ => Tally::default(),
    };
    let outcome = match done {
        Ok(Outcome::Applied { steps, .. }) if steps.failed + steps.skipped == 0 && steps.refused > 0 => {
            Ok(Outcome::Pending)
        }
        Ok(outcome) => Ok(outcome),
        Err(stop) => {
            terminal.stop(&stop);
            Err(Stop::said(stop.cause))
        }
    };
    Ended {
        at: process.second(),
        outcome,
        steps,
        interrupted: stop.is_cancelled(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Cause;
    use std::cell::Cell;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn every(seconds: i64, until: Option<i64>) -> Schedule {
        Schedule {
            every: SignedDuration::from_secs(seconds),
            until: until.map(at),
        }
    }

    fn ended(outcome: Result<Outcome, Stop>, steps: Tally) -> Ended {
        Ended {
            at: at(7_200),
            outcome,
            steps,
            interrupted: false,
        }
    }

    #[test]
    fn rounds_keep_their_times_and_those_that_were_missed_are_one() {
        let schedule = every(600, Some(2_000));
        for (now, next) in [
            (100, Some(700)),
            (699, Some(700)),
            (700, Some(1_300)),
            (1_299, Some(1_300)),
            (1_350, Some(1_900)),
            (1_900, None),
            // Put back by an hour.
            (50, Some(650)),
        ] {
            assert_eq!(schedule.next(at(100), at(now)), next.map(at), "{now}");
        }
        assert_eq!(every(600, Some(1_300)).next(at(100), at(800)), None);
        assert_eq!(every(600, Some(1_301)).next(at(100), at(800)), Some(at(1_300)));
        assert_eq!(every(600, None).next(at(100), at(9_000_000)), Some(at(9_000_100)));
    }

    /// Plays rounds that take so long each, with a machine that sleeps during the second wait; at which times they began, how
    /// the last one ended, and which was the last that was waited for.
    async fn played(schedule: &Schedule, takes: i64, stops_at: usize) -> (Vec<i64>, Ended, Option<i64>) {
        let clock = Cell::new(1_000);
        let (waits, waited) = (Cell::new(0), Cell::new(None));
        let mut began = Vec::new();
        let round = async |began: &mut Vec<i64>| {
            began.push(clock.get());
            clock.set(clock.get() + takes);
            let failed = began.len() == 2;
            let mut one = ended(Ok(Outcome::Done), Tally::default());
            if failed {
                one.outcome = Err(Stop::said(Cause::Failed));
            }
            one.interrupted = began.len() == stops_at;
            one
        };
        let wait = async |next: Timestamp| {
            waits.set(waits.get() + 1);
            waited.set(Some(next.as_second()));
            let slept = if waits.get() == 2 { 5_000 } else { 0 };
            clock.set(next.as_second() + slept);
            true
        };
        let ended = rounds(
            (schedule, &mut began),
            || at(clock.get()),
            round,
            |_, _, _| (),
            wait,
        )
        .await;
        (began, ended, waited.get())
    }

    #[tokio::test]
    async fn a_round_that_fails_is_followed_by_the_next_and_what_was_slept_through_by_one() {
        let (began, last, _) = played(&every(600, Some(8_000)), 10, 0).await;
        assert_eq!(began, [1_000, 1_600, 7_200, 7_600]);
        assert!(last.outcome.is_ok(), "the last one counts");
        // What takes longer than the time between two does not pile up.
        let (began, ..) = played(&every(600, Some(4_000)), 700, 0).await;
        assert_eq!(began, [1_000, 2_200]);
        // The round under way is the last one once somebody asks for the end.
        let (began, last, waited) = played(&every(600, None), 10, 2).await;
        assert_eq!((began, waited), (vec![1_000, 1_600], Some(1_600)));
        assert!(last.outcome.is_err());
    }

    #[test]
    fn a_line_says_how_a_round_went() {
        let quiet = ended(Ok(Outcome::Done), Tally::default());
        assert_eq!(quiet.health(None), "1970-01-01T02:00:00Z: nothing to do");
        let busy = Tally {
            done: 2,
            failed: 1,
            skipped: 3,
            refused: 4,
            calls: 1,
            ..Tally::default()
        };
        assert_eq!(
            ended(Ok(Outcome::Done), busy).health(Some(at(7_800))),
            "1970-01-01T02:00:00Z: 2 steps done, 1 failed, 3 not started, 4 pending, 1 call; next at 1970-01-01T02:10:00Z"
        );
        let failed = ended(Err(Stop::said(Cause::Failed)), Tally::default());
        assert_eq!(failed.health(None), "1970-01-01T02:00:00Z: the round failed");
    }

    #[test]
    fn figures_count_what_succeeded_and_keep_the_last_success_of_earlier_rounds() {
        let folder = tempfile::tempdir().unwrap();
        let file = camino::Utf8PathBuf::from_path_buf(folder.path().join("run.prom")).unwrap();
        let earlier = RunFigures {
            environment: "bench".to_owned(),
            last_success: Some(at(60)),
            ..RunFigures::default()
        };
        std::fs::write(&file, openmetrics::run(&earlier)).unwrap();
        let mut memory = Memory::new("bench", false, Some(&file));
        memory.count(
            &ended(Err(Stop::said(Cause::Failed)), Tally::default()),
            Some(at(7_800)),
        );
        assert_eq!(
            memory.figures,
            RunFigures {
                environment: "bench".to_owned(),
                rounds: 1,
                failed: 1,
                last_round: Some(at(7_200)),
                last_success: Some(at(60)),
                next_round: Some(at(7_800)),
                ..RunFigures::default()
            }
        );
        let some = |done, failed, skipped| Tally {
            done,
            failed,
            skipped,
            refused: 2,
            calls: 5,
            ..Tally::default()
        };
        memory.count(&ended(Ok(Outcome::Done), some(1, 1, 0)), None);
        memory.count(&ended(Ok(Outcome::Done), some(1, 0, 1)), None);
        assert_eq!(
            (memory.figures.failed, memory.figures.last_success),
            (3, Some(at(60)))
        );
        memory.count(&ended(Ok(Outcome::Pending), some(1, 0, 0)), None);
        let figures = &memory.figures;
        assert_eq!(
            (figures.rounds, figures.failed, figures.steps, figures.calls),
            (4, 3, 3, 15)
        );
        assert_eq!(
            (figures.pending, figures.last_success, figures.next_round),
            (Some(2), Some(at(7_200)), None)
        );
    }
}
