//! `infield status`: how far surveys in field got. Changes nothing; a look is kept in the history where that is
//! allowed.

mod watch;

use super::args::{Common, PathsOrNames, within};
use super::feasibility;
use super::plan::ESTIMATED_DAYS;
use super::project::{self, Opened};
use super::ui::{Asked, Stop, Ui, has_screen, secrets};
use crate::fieldwork::{Fieldwork, Verdict, price_alarm};
use crate::flow::process::whole_seconds;
use crate::flow::terminal::plan_style;
use crate::flow::{OrFail as _, Outcome, selection, status as status_of};
use crate::history::Looks;
use crate::model::{Address, LiveSurvey, Reading, Resource, Status};
use crate::plan::GuardRules;
use crate::refresh;
use crate::report::status::{ByTag, Order};
use crate::report::{StatusReport, openmetrics, status, status_html};
use clap::builder::PossibleValue;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

/// Show how far surveys in field got, and what to think of it
///
/// Reads what vendors count and changes nothing. What a vendor does not tell is unknown, never zero; without start, end
/// and count there is no word on the pace.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield status 'soda-*' --env production --only slow,stalled")]
pub(super) struct StatusArgs {
    #[command(flatten)]
    given: PathsOrNames,
    #[command(flatten)]
    common: Common,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Only surveys with one of these verdicts, or with an alarm
    #[arg(long, value_name = "VERDICTS", value_delimiter = ',')]
    only: Vec<Look>,
    /// Their order
    #[arg(long, value_name = "ORDER", default_value = "trouble")]
    sort: Order,
    /// End with 6 if one of the surveys has one of these, as --only takes them
    #[arg(
        long,
        value_name = "VERDICTS",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    fail_on: Vec<Look>,
    /// Sums for each value of a tag: client of client-acme
    #[arg(long, value_name = "TAG", conflicts_with = "watch")]
    by: Option<String>,
    /// Tell the webhooks which verdicts have turned
    #[arg(long)]
    notify: bool,
    /// Show it again and again on the whole terminal
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "watch", value_parser = within(5_u64, 86_400))]
    interval: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.status/1
    Json,
    /// A page for a browser, whole by itself
    Html,
    /// For Prometheus and its like
    Openmetrics,
}

/// What to look for: a verdict, or an alarm whatever the verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Verdict(Verdict),
    Alarm,
}

impl Look {
    fn key(self) -> String {
        match self {
            Self::Verdict(verdict) => verdict.key(),
            Self::Alarm => "alarm".to_owned(),
        }
    }

    fn finds(self, row: &Fieldwork) -> bool {
        match self {
            Self::Verdict(verdict) => row.verdict == verdict,
            Self::Alarm => !row.alarms.is_empty(),
        }
    }
}

impl clap::ValueEnum for Look {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Look>> = LazyLock::new(|| {
            let verdicts = Verdict::ALL.into_iter().map(Look::Verdict);
            verdicts.chain([Look::Alarm]).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.key()))
    }
}

impl clap::ValueEnum for Order {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Trouble => "The most pressing verdict, and of those the one that misses most",
            Self::Name => "By name",
            Self::End => "What ends first",
        };
        Some(PossibleValue::new(self.word()).help(help))
    }
}

pub(super) async fn run(args: &StatusArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if args.watch && args.format != Format::Text {
        return Err(Stop::usage("only text can be watched").help("leave out --watch or --format"));
    }
    if args.by.is_some() && !matches!(args.format, Format::Text | Format::Json) {
        return Err(Stop::usage("sums by a tag are text or JSON").help("leave out --by or --format"));
    }
    let (paths, names) = args.given.split();
    let opened = project::open(&paths, &args.common)?;
    opened.check_briefly(ui)?;
    if args.watch {
        return watched(&opened, &names, args, ui).await;
    }
    let Looked { report, troubled } = look(&opened, &names, args, ui).await?;
    match args.format {
        Format::Text => ui.data(&text(&report, names.is_empty(), ui))?,
        Format::Json => ui.document(&report.to_text())?,
        Format::Html => ui.document(&status_html::render(&report))?,
        Format::Openmetrics => ui.document(&openmetrics::render(&report))?,
    }
    let unread = report.unread();
    match (unread.is_empty(), troubled) {
        (false, _) => Err(Stop::unread(&unread, false)),
        (true, true) => Ok(Outcome::Troubled),
        (true, false) => Ok(Outcome::Done),
    }
}

/// What a look saw.
struct Looked {
    /// What is shown of it.
    report: StatusReport,
    /// Whether something is as `--fail-on` says.
    troubled: bool,
}

/// As text: each survey in full where some were asked for, or else those that somebody should look at.
fn text(report: &StatusReport, all: bool, ui: &Ui) -> String {
    let style = plan_style(ui, &GuardRules::default(), false);
    status::render(report, !all || style.verbose, &style)
}

/// Looks again and again.
async fn watched(opened: &Opened, names: &[String], args: &StatusArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let pause = Duration::from_secs(args.interval);
    let ends = |looked: &Looked| match looked.troubled {
        true => Outcome::Troubled,
        false => Outcome::Done,
    };
    if has_screen() {
        let look = async || {
            let looked = look(opened, names, args, ui).await?;
            let outcome = ends(&looked);
            Ok((without_secrets(&looked.report)?, outcome))
        };
        return watch::on_screen(look, args.sort, pause, ui).await;
    }
    let look = async || {
        let looked = look(opened, names, args, ui).await?;
        let as_of = looked.report.as_of.strftime("%Y-%m-%d %H:%M:%S UTC");
        let shown = text(&looked.report, names.is_empty(), ui);
        let shown = format!("{}, {as_of}\n\n{shown}\n", looked.report.environment);
        Ok((shown, ends(&looked)))
    };
    let mut asked = Asked::listen().or_fail("signals cannot be heard")?;
    let ended = async { asked.next().await.unwrap_or_default() };
    let show = |said: Result<&str, &Stop>| match said {
        Ok(text) => ui.data(text),
        Err(stop) => {
            ui.stop(stop);
            Ok(())
        }
    };
    watch::plainly(look, show, async || tokio::time::sleep(pause).await, ended).await
}

/// What is drawn part by part is freed of secrets before: of a part, nobody could tell.
fn without_secrets(report: &StatusReport) -> Result<StatusReport, Stop> {
    let hidden = serde_json::from_str(&secrets().hide(&report.to_text()));
    hidden.or_fail("what was read cannot be shown without its secrets")
}

fn is_live(live: &LiveSurvey) -> bool {
    live.status == Some(Status::Live)
}

/// Reads what the vendors show of everything that the paths name, or of everything there is where they name a whole
/// project.
async fn look(opened: &Opened, names: &[String], args: &StatusArgs, ui: &Ui) -> Result<Looked, Stop> {
    let known = opened.peek().await?.known();
    let all = selection::everything(opened, &known);
    let meant = selection::meant(names, &all, "status", selection::OTHERWISE)?;
    let mut wanted = status_of::fielded(opened, &known);
    wanted.retain(|address, _| names.is_empty() || meant.contains(address));
    let addresses: BTreeSet<Address> = wanted.keys().cloned().collect();
    // What is told of one alone is a few calls more for each.
    let closer = !names.is_empty() && addresses.len() <= status::FEW;
    let reading = opened.connected(ui, async |at| {
        let readings = refresh::progress(&known, &at.vendors.readers, &addresses, closer).await;
        let look = at.look(&known, &readings);
        // A price is compared where one survey alone is looked at: lists do not tell the market's.
        let live = |address: &Address| {
            readings
                .get(address)
                .and_then(Reading::present)
                .is_some_and(is_live)
        };
        let desired = opened.loaded.desired.surveys.iter();
        let asked: Vec<_> = desired.filter(|(address, _)| closer && live(address)).collect();
        let estimates = feasibility::estimates(&asked, &readings, at, ESTIMATED_DAYS).await;
        Ok((readings, look, estimates))
    });
    let (mut readings, look, estimates) = reading.await?;
    let now = look.at;
    // What was seen earlier says how fast it goes.
    let looks = match opened.history() {
        Ok(history) => history.look(look).await,
        Err(_) => Looks::default(),
    };
    let limits = opened.settings()?.alarms;
    let mut rows = status_of::judged(wanted, &known, &mut readings, (&limits, &looks, now));
    for estimate in &estimates {
        let row = rows
            .iter_mut()
            .find(|row| row.address.as_str() == estimate.address);
        let alarm = price_alarm(&limits, estimate.price, estimate.suggested());
        if let (Some(row), Some(alarm)) = (row, alarm) {
            row.alarms.push(alarm);
        }
    }
    if args.notify {
        opened.tell_verdicts(&rows, ui).await;
    }
    let found = |looks: &[Look], row: &Fieldwork| looks.iter().any(|look| look.finds(row));
    let troubled = rows.iter().any(|row| found(&args.fail_on, row));
    rows.retain(|row| args.only.is_empty() || found(&args.only, row));
    args.sort.sort(&mut rows);
    // To the second: more is noise.
    let mut report = StatusReport::new(&opened.environment, whole_seconds(now), rows);
    let tags_of = |row: &Fieldwork| {
        let desired = opened.loaded.desired.surveys.get(&row.address);
        let remembered = || known.resources.get(&row.address).map(Resource::tags);
        desired.map(|survey| &survey.policy.tags).or_else(remembered)
    };
    let by = args.by.as_deref();
    report.by = by.map(|tag| ByTag::new(tag, &report.surveys, tags_of));
    Ok(Looked { report, troubled })
}
