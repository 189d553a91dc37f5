//! `infield plan`: shows what would change and what it would cost. Builds no writer.

mod annotations;
mod drift;
mod pictures;

use super::approve;
use super::args::{self, Common, Paths, SelectionArgs, given};
use super::project::{self, Opened};
use super::ui::{Stop, Ui};
use crate::flow::approval::Standing;
use crate::flow::reconciler::Reconciler;
use crate::flow::terminal::plan_style;
use crate::flow::{Connected, OrFail as _, Outcome, Selection, files, selection};
use crate::history::Look;
use crate::model::{Address, DesiredSurvey, Level};
use crate::plan::{Action, Change, Plan, Step};
use crate::reconcile;
use crate::recover::recover;
use crate::report::feasibility::{self, Row};
use crate::report::{self, PictureMark};
use crate::saved::SavedPlan;
use crate::state::Document;
use crate::workflow::Planned;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Show what would change, and what it would cost
///
/// Reads the manifests, the state and the vendors, and changes nothing anywhere. It writes only the files you name, and what it
/// counted into the history.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield plan surveys/ --env production --format markdown")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: SelectionArgs,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write the same plan to a file as well (repeatable)
    #[arg(long = "write", value_name = "FORMAT=FILE", value_parser = parse_write)]
    writes: Vec<(Format, Utf8PathBuf)>,
    /// Print every writing call with its path and body
    #[arg(long)]
    show_calls: bool,
    /// Save the plan to a file for `infield apply --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// Keep a redacted picture of what is read
    #[arg(long, value_name = "FILE")]
    record: Option<Utf8PathBuf>,
    /// Plan from a picture, without credentials
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "record"])]
    from: Option<Utf8PathBuf>,
    /// Exit with 5 unless it is this plan, or its rest
    #[arg(long, value_name = "HASH")]
    expect: Option<String>,
    /// Ask for estimates of what changes; only advice
    #[arg(long, conflicts_with_all = ["from", "refresh_only"])]
    feasibility: bool,
    /// Exit with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Show only drift, and propose nothing
    #[arg(long, conflicts_with_all = ["out", "record", "from", "expect", "show_calls", "resume", "advance"])]
    refresh_only: bool,
    /// Write what drifted into the manifests, in place
    #[arg(long, requires = "refresh_only")]
    accept: bool,
    /// Do not ask before writing
    #[arg(short, long, requires = "accept")]
    yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.plan/1
    Json,
    /// For a comment on a pull request
    Markdown,
    /// A page for a browser, whole by itself
    Html,
    /// For GitHub Actions: annotations where a look is needed
    Github,
    /// For reports of tests: JUnit's XML
    Junit,
}

fn parse_write(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    args::parse_write(text, "html=plan.html")
}

impl PlanArgs {
    /// Gives a report out, and writes it to the files that are named, without colour.
    fn give_out(
        &self,
        ui: &Ui,
        style: report::Style,
        mut say: impl FnMut(Format, &report::Style) -> Said,
    ) -> Result<(), Stop> {
        match (self.format, say(self.format, &style)) {
            // Something is asked behind it.
            (Format::Text, Said::Text(text)) if self.accept => ui.data(&text)?,
            (Format::Text, Said::Text(text)) => ui.long(&text)?,
            (_, Said::Text(text)) => ui.document(&text)?,
            (_, Said::Json(report)) => ui.stream(&mut |out| report.write(out))?,
        }
        let plain = report::Style {
            colour: false,
            ..style
        };
        for (format, file) in &self.writes {
            // A report is for everybody who may read the folder; saved plans and pictures are for their owner.
            let said = say(*format, &plain);
            let written = File::create(file).and_then(|file| {
                let mut out = BufWriter::new(file);
                said.write(&mut out).and_then(|()| out.flush())
            });
            written.or_fail(format_args!("{file} cannot be written"))?;
        }
        Ok(())
    }
}

/// A report in one of the formats.
enum Said {
    /// As text.
    Text(String),
    /// For machines. Its text is made as it is written.
    Json(Box<report::PlanReport>),
}

impl Said {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text(text) => out.write_all(text.as_bytes()),
            Self::Json(report) => report.write(out),
        }
    }
}

/// A plan, and what only one of its origins has.
struct Made {
    planned: Planned,
    /// Plans of outcomes, and what kept others from being made.
    lists: (Vec<reconcile::Plan>, Option<Stop>),
    /// The state it was made from; `None` for a picture, from which no plan is saved.
    state: Option<Document>,
    picture: Option<PictureMark>,
    /// What the vendors estimate, where that was asked for.
    estimates: Vec<Row>,
    /// What they count, where they were asked.
    look: Option<Look>,
}

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if let Some(name) = &args.expect {
        approve::whole(name, "--expect", || {
            "give it what `infield plan --format json` has as `hash`".to_owned()
        })?;
    }
    if args.refresh_only {
        return drift::run(args, ui).await;
    }
    let mut opened = project::open(&args.paths, &args.common)?;
    opened.check_briefly(ui)?;
    let guards = opened.guards()?;
    let mut made = match &args.from {
        Some(file) => pictures::plan(args, ui, &opened, &guards, file).await?,
        None => from_vendors(args, ui, &opened).await?,
    };
    let plan = &made.planned.plan;
    let style = report::Style {
        project: opened.name().map(str::to_owned),
        picture: made.picture.clone(),
        given: given(&args.paths, &args.common, &args.selection),
        takes: opened.takes(plan),
        made: Some(report::Made {
            at: opened.process.second(),
            commit: opened.by("plan").commit,
        }),
        ..plan_style(ui, &guards, args.show_calls)
    };
    args.give_out(ui, style, |format, style| say(format, &made, style, &mut opened))?;
    if let (Some(look), Ok(history)) = (made.look.take(), opened.history()) {
        history.keep_look(look).await;
    }
    let unread = &made.planned.unread;
    if !unread.is_empty() {
        let stop = Stop::unread(unread, false);
        if made.picture.is_none() {
            return Err(stop);
        }
        // A picture has holes by its nature, and the plan says what it holds back for them.
        ui.status(stop.message.as_deref().unwrap_or_default());
    }
    if let Some(stop) = made.lists.1 {
        return Err(stop);
    }
    if let Some(wanted) = &args.expect {
        let names = std::slice::from_ref(wanted);
        Standing::of(plan, (names, &[]), made.state.as_ref()).or_stale("")?;
    }
    let lists = &made.lists.0;
    if args.out.is_some() && !lists.is_empty() {
        ui.status("a saved plan holds surveys only: reconciliations are carried out by `infield apply`");
    }
    let lists_pending = lists.iter().any(|plan| !plan.is_empty());
    // What only its manifest decides is written by an apply, too.
    let pending = !plan.is_empty() || plan.remembers() || lists_pending;
    if let (Some(file), Some(state)) = (&args.out, &made.state) {
        let (id, time) = (opened.process.new_id(), opened.process.time());
        let saved = SavedPlan::new(id, time, state, &opened.loaded.digest, made.planned);
        let written = files::write_with(file.as_std_path(), &|out| saved.write(out));
        written.or_fail(format_args!("{file} cannot be written"))?;
        ui.status(&format!(
            "saved the plan to {file}; `infield apply --plan {file}` carries it out, once"
        ));
    }
    Ok(match args.detailed_exitcode && pending {
        true => Outcome::Pending,
        false => Outcome::Done,
    })
}

/// The plan in one of its formats, with the outcomes of transactions beside it.
fn say(format: Format, made: &Made, style: &report::Style, opened: &mut Opened) -> Said {
    let (plan, lists, estimates) = (&made.planned.plan, &made.lists.0, &made.estimates);
    Said::Text(match format {
        Format::Text => {
            let mut text = report::plan_text::render(plan, style);
            for list in lists {
                text.push('\n');
                text.push_str(&report::reconciliation_text::render(list, style));
            }
            if !estimates.is_empty() {
                text.push_str("\nestimates of the vendors; they promise nothing, and the plan does not depend on them\n");
                text.push_str(&feasibility::text(estimates));
            }
            text
        }
        Format::Json => {
            let mut report = report::PlanReport::from(plan)
                .with_picture(style.picture.as_ref())
                .with_time(style.takes.as_ref());
            let lists = lists.iter();
            report.reconciliations = lists
                .map(|list| report::ReconciliationReport::new(&opened.environment, list, None, false))
                .collect();
            report.estimates.clone_from(estimates);
            return Said::Json(Box::new(report));
        }
        Format::Markdown => {
            let text = report::plan_markdown::render_with(plan, lists, style);
            format!("{text}{}", feasibility::markdown(estimates))
        }
        Format::Html => report::plan_html::render_with(plan, lists, estimates, style),
        Format::Github => {
            project::name_files_for_services(opened);
            annotations::render(plan, style, &mut opened.loaded)
        }
        Format::Junit => report::plan_junit::render(plan, style),
    })
}

/// Asks the vendors, and keeps a picture of their answers where that is wanted.
async fn from_vendors(args: &PlanArgs, ui: &Ui, opened: &Opened) -> Result<Made, Stop> {
    let state = opened.peek().await?;
    let known = state.known();
    let selection = &Selection::from(&args.selection);
    let asking = async |at: &Connected<'_>| {
        let readers = &at.vendors.readers;
        let recoveries = recover(&known, readers, None).await;
        let planned = match &args.record {
            None => selection::make(at, readers, &known, &recoveries, selection).await?,
            Some(file) => {
                let taken = opened.process.time();
                let recorders = pictures::recorders(readers);
                let planned = selection::make(at, &recorders, &known, &recoveries, selection).await?;
                pictures::keep(file, ui, opened, &state, taken, &recoveries, recorders).await?;
                planned
            }
        };
        let estimates = match args.feasibility {
            true => estimates(at, &planned.plan).await,
            false => Vec::new(),
        };
        let lists = lists(at, selection, &state).await;
        let look = at.look(&known, &planned.live.surveys);
        Ok((planned, lists, estimates, look))
    };
    let (planned, lists, estimates, look) = opened.connected(ui, asking).await?;
    Ok(Made {
        planned,
        lists,
        state: Some(state),
        picture: None,
        estimates,
        look: Some(look),
    })
}

/// Days in field where neither manifest nor vendor says them, for vendors that estimate by days.
pub(super) const ESTIMATED_DAYS: u64 = 7;

/// What the vendors estimate for surveys that the plan makes, or whose completes, price or respondents it changes.
async fn estimates(at: &Connected<'_>, plan: &Plan) -> Vec<Row> {
    let asked = |step: &Step| {
        let heads = ["/completes", "/cpi", "/max_cpi", "/qualifications", "/quotas"];
        let matters = |change: &Change| heads.iter().any(|head| change.path.starts_with(head));
        matches!(step.action, Action::Create | Action::Replace)
            || (step.action == Action::Update && step.changes.iter().any(matters))
    };
    let addresses: BTreeSet<&Address> = plan
        .steps
        .iter()
        .filter(|step| asked(step))
        .map(|step| &step.address)
        .collect();
    let wanted: Vec<(&Address, &DesiredSurvey)> = addresses
        .into_iter()
        .filter_map(|address| at.project.loaded.desired.surveys.get_key_value(address))
        .filter(|(address, survey)| Level::of(survey.vendor, address) != Level::Container)
        .collect();
    super::feasibility::ask(&wanted, at, ESTIMATED_DAYS).await
}

/// Plans of outcomes, and what kept others from being made.
async fn lists(
    at: &Connected<'_>,
    selection: &Selection,
    state: &Document,
) -> (Vec<reconcile::Plan>, Option<Stop>) {
    let (mut plans, mut stopped) = (Vec::new(), None);
    if at.project.loaded.reconciliations.is_empty() {
        return (plans, stopped);
    }
    let reconciler = match Reconciler::new(at, state) {
        Ok(reconciler) => reconciler,
        Err(stop) => return (plans, Some(stop)),
    };
    for wanted in reconciler.selected(selection) {
        match reconciler.plan(wanted).await {
            Ok(plan) => {
                if plan.counts().unread > 0 {
                    let why = format!("not every transaction of {} could be read", plan.wanted.name);
                    stopped = Some(Stop::failed(why).help("run again when the vendor answers"));
                }
                plans.push(plan);
            }
            Err(stop) => stopped = Some(stop),
        }
    }
    (plans, stopped)
}

/// Writes a file that only its owner is meant to read.
fn write_whole(path: &Utf8Path, bytes: &[u8]) -> Result<(), Stop> {
    files::write(path.as_std_path(), bytes).or_fail(format_args!("{path} cannot be written"))
}
