//! `infield run`: rounds of what was approved before, at their times, for those without a scheduler.

use super::args::{Common, Paths, SelectionArgs, given};
use super::project;
use super::ui::{Asked, Stop, Ui};
use crate::flow::run::{self, Ended, Memory, Schedule};
use crate::flow::{OrFail as _, Outcome};
use camino::Utf8PathBuf;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use std::time::Duration;

/// Carry on by itself what was approved, round after round
///
/// Each round plans and does what was approved with the launch of a survey: the next stage of its ladder, once that is due.
/// Whatever else the manifests want is not done, and said once. The state is locked only while a round works.
///
/// A round that fails is said, and the next one comes at its time. It ends at --until, or with the round under way when it is
/// asked to end (Ctrl-C), with the code of its last round; 2 says that something waits for somebody.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield run surveys/ --env production --every 10m --for 12h")]
pub(super) struct RunArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    /// From one round to the next: 90s, 10m, 1h 30m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_every)]
    every: SignedDuration,
    /// No round from then on: 2036-12-01T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    until: Option<Timestamp>,
    /// No round after so long: 12h, 10d
    #[arg(long = "for", value_name = "TIME", conflicts_with = "until", value_parser = parse_duration)]
    lasts: Option<SignedDuration>,
    /// One round, for a job that is scheduled elsewhere
    #[arg(long, conflicts_with_all = ["every", "until", "lasts"])]
    once: bool,
    /// Keep figures of the rounds in this file, for Prometheus and its like
    #[arg(long, value_name = "FILE")]
    metrics: Option<Utf8PathBuf>,
}

/// The longest look away from the clock: a machine that slept has missed no more once it is awake.
const LOOK: Duration = Duration::from_secs(20);

fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = |_| format!("`{text}` is not a time such as 90s, 10m or 1h 30m");
    let span: Span = text.trim().parse().map_err(wrong)?;
    let days = SpanRelativeTo::days_are_24_hours();
    let time = span.to_duration(days).map_err(wrong)?;
    match time.is_negative() {
        true => Err(format!("`{text}` lies behind")),
        false => Ok(time),
    }
}

fn parse_every(text: &str) -> Result<SignedDuration, String> {
    let time = parse_duration(text)?;
    match (1..=86_400).contains(&time.as_secs()) {
        true => Ok(time),
        false => Err("rounds are between a second and a day apart".to_owned()),
    }
}

pub(super) async fn run(args: &RunArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let open = || project::open(&args.paths, &args.common);
    // What is wrong from the beginning does not get better by waiting.
    let opened = open()?;
    opened.check_briefly(ui)?;
    opened.guards()?;
    opened.check_shared(ui, false).await?;
    let process = opened.process;
    let until = match (args.until, args.lasts) {
        (Some(until), _) if until < process.now() => {
            return Err(Stop::usage(format!("--until: {until} is over")));
        }
        (None, Some(lasts)) => Some(process.now().checked_add(lasts).or_fail("--for is too long")?),
        (until, _) => until,
    };
    drop(opened);
    let given = given(&args.paths, &args.common, &SelectionArgs::default());
    let file = args.metrics.as_deref();
    let mut memory = Memory::new(&args.common.env, args.once, file);
    let round = async |memory: &mut Memory| {
        let interrupts = ui.interrupts();
        let at = (process, ui, interrupts.stop.clone());
        run::round(open, &given, at, memory).await
    };
    let tell = |memory: &mut Memory, ended: &Ended, next| memory.end(ended, next, (file, ui));
    if args.once {
        let ended = round(&mut memory).await;
        tell(&mut memory, &ended, None);
        return ended.outcome;
    }
    let schedule = Schedule {
        every: args.every,
        until,
    };
    let mut asked = Asked::listen().or_fail("signals cannot be heard")?;
    let wait = async |next: Timestamp| {
        let awake = async {
            while let Ok(left) = Duration::try_from(next.duration_since(process.now()))
                && !left.is_zero()
            {
                tokio::time::sleep(left.min(LOOK)).await;
            }
        };
        tokio::select! {
            biased;
            _ = asked.next() => false,
            () = awake => true,
        }
    };
    let at = (&schedule, &mut memory);
    run::rounds(at, || process.now(), round, tell, wait).await.outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("1h 30m", 5_400), ("10d", 864_000)] {
            assert_eq!(
                parse_duration(text),
                Ok(SignedDuration::from_secs(seconds)),
                "{text}"
            );
        }
        assert_eq!(parse_every("1d"), Ok(SignedDuration::from_secs(86_400)));
        for text in ["", "ten minutes", "10", "-10m"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        for text in ["0s", "25h"] {
            assert!(parse_every(text).is_err(), "{text}");
        }
    }
}
