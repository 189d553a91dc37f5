//! `infield log`: what was done, by whom and for how much. Reads the history, asks no vendor and changes nothing.

mod spend;

use super::args::{Common, within};
use super::candidates;
use super::project::{Opened, open_folder};
use super::ui::{Stop, Ui};
use crate::flow::history::History;
use crate::flow::selection::means_nothing;
use crate::flow::terminal::plan_style;
use crate::flow::{OrFail as _, Outcome};
use crate::history::{Period, REPLAYS, Run};
use crate::model::known::NO_TAGS;
use crate::model::{Address, Named, Pattern};
use crate::plan::{GuardRules, hash};
use crate::report::history::{LogFormat, LogReport, is_about, short_id, time};
use crate::report::{PlanReport, Style, plan_text};
use camino::Utf8PathBuf;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Show what was done, by whom, and for how much
///
/// The last run comes first. Nothing is asked of a vendor; what is not in the history any more is said.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield log 'soda-*' --env production --since 7d")]
pub(super) struct LogArgs {
    /// Names of surveys, patterns such as 'brand-*', or tag:WORD [default: all]
    #[arg(value_name = "NAMES", add = candidates::remembered())]
    names: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Most runs to show
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = within(1_u32, 1_000_000))]
    limit: u32,
    /// Only what began since a day (2026-11-01), a time (2026-11-01T08:00:00Z), or so many days or hours ago (7d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    since: Option<Since>,
    /// Instead, sum what surveys collected by the value of their tags: `client` for tags such as client-acme
    #[arg(long, value_name = "TAG", conflicts_with_all = ["limit", "since", "replay"])]
    by: Option<String>,
    /// Sum only what came in this month, UTC [default: all that was seen]
    #[arg(long, value_name = "YYYY-MM", requires = "by", value_parser = spend::month)]
    month: Option<Period>,
    /// Show the plan of this run again, as `plan` showed it: the run's id or its end, or the plan's name
    #[arg(long, value_name = "RUN", conflicts_with_all = ["names", "limit", "since"])]
    replay: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.log/1, infield.spend/1 with --by, and infield.plan/1 with --replay
    Json,
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    At(Timestamp),
    Ago(SignedDuration),
}

impl Since {
    fn parse(text: &str) -> Result<Self, String> {
        let ago = |unit: char, hours: i64| {
            let number: u16 = text.strip_suffix(unit)?.parse().ok()?;
            Some(Self::Ago(SignedDuration::from_hours(i64::from(number) * hours)))
        };
        let day = || {
            let date: Date = text.parse().ok()?;
            Some(Self::At(date.to_zoned(TimeZone::UTC).ok()?.timestamp()))
        };
        let found = ago('d', 24).or_else(|| ago('h', 1));
        let found = found.or_else(|| text.parse().ok().map(Self::At)).or_else(day);
        found.ok_or_else(|| "write a day (2026-11-01), a time (2026-11-01T08:00:00Z), 7d or 12h".to_owned())
    }

    fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

/// What is said of what could not be read.
pub(super) fn tell_unread(unread: &[String], ui: &Ui) {
    if let Some(first) = unread.first() {
        let more = match unread.len() {
            1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        ui.say(&format!("part of the history is passed over: {first}{more}"));
    }
}

pub(super) async fn run(args: &LogArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    opened.settings()?;
    let history = opened.history()?;
    if let Some(wanted) = &args.replay {
        return replay(&opened, &history, wanted, args.format, ui).await;
    }
    if let Some(tag) = &args.by {
        return spend::run(&opened, &history, (tag, args), ui).await;
    }
    let mut names = Names::new(&opened, &args.names).await;
    let since = args.since.map(|since| since.before(opened.process.now()));
    let (mut runs, mut more, mut met) = (Vec::new(), false, BTreeSet::new());
    let most = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let place = history.place();
    let unread = place.runs(|run: Run| {
        if since.is_some_and(|since| run.started < since) {
            return ControlFlow::Break(());
        }
        let about = names.about(&run, &mut met);
        if about && runs.len() == most {
            more = true;
            return ControlFlow::Break(());
        }
        runs.extend(Some(run).filter(|_| about));
        ControlFlow::Continue(())
    });
    let unread = unread.await;
    if runs.is_empty() {
        names.check(&met)?;
    }
    tell_unread(&unread, ui);
    let report = LogReport {
        format: LogFormat::V1,
        environment: opened.environment.clone(),
        runs,
        more,
        unread,
    };
    match args.format {
        Format::Text => {
            let style = plan_style(ui, &GuardRules::default(), false);
            ui.long(&report.to_text(&|address| names.mean(address), &style))?;
        }
        Format::Json => ui.document(&report.to_json())?,
    }
    Ok(Outcome::Done)
}

/// What is asked for, under all names it has had.
struct Names {
    patterns: Vec<Pattern>,
    /// What is remembered and meant by its tags, and older names of what is meant.
    also: BTreeSet<Address>,
    known: BTreeSet<Address>,
}

impl Names {
    /// A state that cannot be read is no reason to keep the history back.
    async fn new(opened: &Opened, names: &[String]) -> Self {
        let patterns: Vec<Pattern> = names.iter().map(|name| Pattern::new(name)).collect();
        let known = opened
            .peek()
            .await
            .map(|document| document.known())
            .unwrap_or_default();
        let meant = |named: &Named<'_>| patterns.iter().any(|pattern| pattern.means(named));
        let also = known.named().filter(meant).map(|named| named.address.clone());
        Self {
            also: also.collect(),
            known: known.named().map(|named| named.address.clone()).collect(),
            patterns,
        }
    }

    fn mean(&self, address: &Address) -> bool {
        let named = named(address);
        let by_name = || self.patterns.iter().any(|pattern| pattern.means(&named));
        self.patterns.is_empty() || self.also.contains(address) || by_name()
    }

    /// Whether the run before those that were seen is about what is meant.
    fn about(&mut self, run: &Run, met: &mut BTreeSet<Address>) -> bool {
        met.extend(run.steps.iter().map(|did| did.address.clone()));
        met.extend(run.remembered.iter().map(|one| one.address.clone()));
        let about = self.patterns.is_empty() || is_about(run, &|address| self.mean(address));
        let earlier: Vec<Address> = run
            .moves
            .iter()
            .filter(|moved| self.mean(&moved.to))
            .map(|moved| moved.from.clone())
            .collect();
        self.also.extend(earlier);
        about
    }

    /// Says of a name that means nothing that it does.
    fn check(&self, met: &BTreeSet<Address>) -> Result<(), Stop> {
        let all: Vec<Named<'_>> = self.known.iter().chain(met).map(named).collect();
        let nothing = |pattern: &&Pattern| {
            let by_tag = !self.also.is_empty();
            !by_tag && !all.iter().any(|named| pattern.means(named))
        };
        match self.patterns.iter().find(nothing) {
            None => Ok(()),
            Some(pattern) => Err(means_nothing(
                pattern,
                &all,
                "log",
                "`infield log` shows all there is",
            )),
        }
    }
}

fn named(address: &Address) -> Named<'_> {
    Named {
        address,
        vendor: address.vendor(),
        tags: &NO_TAGS,
    }
}

/// Shows the plan of a run again.
async fn replay(
    opened: &Opened,
    history: &History<'_>,
    wanted: &str,
    format: Format,
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let place = history.place();
    let mut found: Option<Run> = None;
    let unread = place.runs(|run| {
        let named = run
            .plan
            .as_deref()
            .is_some_and(|plan| plan == wanted || hash::short(plan) == wanted);
        match run.id == wanted || short_id(&run.id) == wanted || named {
            false => ControlFlow::Continue(()),
            true => {
                found = Some(run);
                ControlFlow::Break(())
            }
        }
    });
    let unread = unread.await;
    tell_unread(&unread, ui);
    let Some(run) = found else {
        return Err(Stop::usage(format!("there is no run `{wanted}` in the history"))
            .help("`infield log` shows the runs"));
    };
    let kept = place.plan(&run.id).await;
    let kept = kept.or_fail(format_args!(
        "the plan of run {} cannot be read",
        short_id(&run.id)
    ))?;
    let Some(kept) = kept else {
        let why = match run.plan {
            Some(_) => format!("the plan of run {} is not kept any more", short_id(&run.id)),
            None => format!("run {} had no plan", short_id(&run.id)),
        };
        let runs = opened.settings()?.replays.unwrap_or(REPLAYS);
        return Err(Stop::failed(why).help(format!(
            "the plans of the last {runs} runs are kept: `replays` in infield.yaml"
        )));
    };
    let (at, actor) = (time(run.started), &run.by.actor);
    ui.status(&format!(
        "the plan that {actor} carried out at {at}; what it did not touch is only counted"
    ));
    let plan = kept.shown();
    match format {
        Format::Json => ui.stream(&mut |out| PlanReport::from(&plan).write(out))?,
        Format::Text => {
            let style = Style {
                allowed: kept.allowed.iter().copied().collect(),
                given: kept.given.clone(),
                ..plan_style(ui, &opened.guards()?, false)
            };
            ui.long(&plan_text::render(&plan, &style))?;
        }
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_day_a_time_or_so_long_ago() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let since = |text: &str| Since::parse(text).map(|since| since.before(now).to_string());
        assert_eq!(since("2026-11-01").unwrap(), "2026-11-01T00:00:00Z");
        assert_eq!(since("2026-11-01T08:00:00Z").unwrap(), "2026-11-01T08:00:00Z");
        assert_eq!(since("7d").unwrap(), "2026-11-22T12:00:00Z");
        assert_eq!(since("12h").unwrap(), "2026-11-29T00:00:00Z");
        assert!(since("yesterday").is_err() && since("-3d").is_err() && since("d").is_err());
    }
}
