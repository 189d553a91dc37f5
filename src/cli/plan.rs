//! `infield plan`: shows what would change and what it would cost. Builds no writer.

mod accept;
mod annotations;
mod drift;
mod pictures;

use super::exit::Exit;
use super::files;
use super::planning::{self, Selection};
use super::reconciling::Desk;
use super::ui::{Stop, Ui};
use super::{Common, Paths, project};
use crate::model::{Address, DesiredSurvey, Level};
use crate::plan::{Action, Change, Guard, GuardRules, Plan, Rule, Step, hash};
use crate::reconcile;
use crate::recover::recover;
use crate::report::feasibility::{self, Row};
use crate::report::{self, PictureMark};
use crate::saved::SavedPlan;
use crate::state::Document;
use crate::workflow::Planned;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// Show what would change, and what it would cost
///
/// Reads the manifests, the state and the vendors, and changes nothing anywhere. It writes only the files you name.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield plan surveys/ --env production --format markdown")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: Selection,
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
    /// Exit with 5 unless the plan has this hash
    #[arg(long, value_name = "HASH")]
    expect: Option<String>,
    /// Ask for estimates of what changes; only advice
    #[arg(long, conflicts_with_all = ["from", "refresh_only"])]
    feasibility: bool,
    /// Exit with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Show only drift, and propose nothing
    #[arg(long, conflicts_with_all = ["out", "record", "from", "expect", "show_calls", "resume"])]
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
}

fn parse_write(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("it wants a format and a file, such as html=plan.html")?;
    let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| {
        format!("there is no format `{format}`; there are text, json, markdown, html, github")
    })?;
    Ok((format, file.into()))
}

/// A plan, and what only one of its origins has.
struct Made {
    planned: Planned,
    outcomes: Outcomes,
    /// The state it was made from; `None` for a picture, from which no plan is saved.
    state: Option<Document>,
    picture: Option<PictureMark>,
    /// What the vendors estimate, where that was asked for.
    estimates: Vec<Row>,
}

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Exit, Stop> {
    if args.refresh_only {
        return drift::run(args, ui).await;
    }
    let mut opened = project::open(&args.paths, &args.common)?;
    opened.check(ui)?;
    let guards = opened.guards()?;
    let made = match &args.from {
        Some(file) => pictures::plan(args, ui, &opened, &guards, file).await?,
        None => from_vendors(args, ui, &opened, &guards).await?,
    };
    let plan = &made.planned.plan;
    let style = report::Style {
        picture: made.picture.clone(),
        given: planning::given(&args.paths, &args.common, &args.selection),
        ..text_style(ui, &guards, args.show_calls)
    };
    let lists = &made.outcomes.plans;
    let estimates = &made.estimates;
    ui.data(&say(args.format, plan, lists, estimates, &style, &mut opened))?;
    let plain = report::Style {
        colour: false,
        ..style
    };
    for (format, file) in &args.writes {
        // A report is for everybody who may read the folder; saved plans and pictures are for their owner.
        std::fs::write(file, say(*format, plan, lists, estimates, &plain, &mut opened))
            .map_err(|error| Stop::failed(format!("{file} cannot be written: {error}")))?;
    }
    let unread = &made.planned.unread;
    if !unread.is_empty() {
        let stop = could_not_read(unread);
        if made.picture.is_none() {
            return Err(stop);
        }
        // A picture has holes by its nature, and the plan says what it holds back for them.
        ui.status(stop.message.as_deref().unwrap_or_default());
    }
    if let Some(stop) = made.outcomes.stop {
        return Err(stop);
    }
    let found = hash::hash(plan);
    if let Some(wanted) = args.expect.as_ref().filter(|wanted| **wanted != found) {
        let stop = Stop::new(Exit::LockedOrStale, format!("the plan is {found}, not {wanted}"));
        return Err(
            stop.help("the manifests, the state, the rules or the vendor moved: look at the plan again")
        );
    }
    if args.out.is_some() && !lists.is_empty() {
        ui.status("a saved plan holds surveys only: reconciliations are carried out by `infield apply`");
    }
    if let (Some(file), Some(state)) = (&args.out, &made.state) {
        let id = uuid::Uuid::now_v7().to_string();
        let digest = &opened.loaded.digest;
        let saved = SavedPlan::new(id, project::now(), state, digest, &made.planned);
        write_whole(file, &saved.to_bytes())?;
        ui.status(&format!(
            "saved the plan to {file}; `infield apply --plan {file}` carries it out, once"
        ));
    }
    let pending = !plan.is_empty() || lists.iter().any(|plan| !plan.is_empty());
    Ok(if args.detailed_exitcode && pending {
        Exit::ChangesPending
    } else {
        Exit::Done
    })
}

/// The plan in one of its formats, with the outcomes of transactions beside it.
fn say(
    format: Format,
    plan: &Plan,
    lists: &[reconcile::Plan],
    estimates: &[Row],
    style: &report::Style,
    opened: &mut project::Opened,
) -> String {
    match format {
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
            let mut report = report::PlanReport::from(plan).with_picture(style.picture.as_ref());
            let lists = lists.iter();
            report.reconciliations = lists
                .map(|list| report::ReconciliationReport::new(&opened.environment, list, None, false))
                .collect();
            report.estimates = estimates.to_vec();
            report.to_text()
        }
        Format::Markdown => {
            let text = report::plan_markdown::render_with(plan, lists, style);
            format!("{text}{}", feasibility::markdown(estimates))
        }
        Format::Html => report::plan_html::render_with(plan, lists, estimates, style),
        Format::Github => annotations::render(plan, style, &mut opened.loaded),
    }
}

/// Asks the vendors, and keeps a picture of their answers where that is wanted.
async fn from_vendors(
    args: &PlanArgs,
    ui: &Ui,
    opened: &project::Opened,
    guards: &GuardRules,
) -> Result<Made, Stop> {
    let state = opened.peek().await?;
    let known = state.known();
    let vendors = opened.connect(ui).await?;
    let recoveries = recover(&known, &vendors.readers, jiff::Timestamp::now(), None).await;
    let (markets, selection) = (&vendors.markets, &args.selection);
    let readers = &vendors.readers;
    let planned = match &args.record {
        None => planning::make(opened, &known, &recoveries, readers, markets, selection, guards).await,
        Some(file) => {
            let taken = project::now();
            let recorders = pictures::recorders(readers);
            let planned = planning::make(
                opened,
                &known,
                &recoveries,
                &recorders,
                markets,
                selection,
                guards,
            )
            .await;
            match planned {
                Ok(planned) => pictures::keep(file, ui, opened, &state, taken, &recoveries, recorders)
                    .await
                    .map(|()| planned),
                Err(stop) => Err(stop),
            }
        }
    };
    let estimates = match &planned {
        Ok(planned) if args.feasibility => estimates(opened, &vendors, &planned.plan).await,
        Ok(_) | Err(_) => Vec::new(),
    };
    let outcomes = match &planned {
        Ok(_) => outcomes(args, ui, opened, &state, &vendors, guards).await,
        Err(_) => Outcomes::default(),
    };
    vendors.close().await;
    Ok(Made {
        planned: planned?,
        outcomes,
        state: Some(state),
        picture: None,
        estimates,
    })
}

/// Days in field where neither manifest nor vendor says them, for vendors that estimate by days.
const ESTIMATED_DAYS: u64 = 7;

/// What the vendors estimate for surveys that the plan makes, or whose completes, price or respondents it changes.
async fn estimates(opened: &project::Opened, vendors: &project::Vendors, plan: &Plan) -> Vec<Row> {
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
        .filter_map(|address| opened.loaded.desired.surveys.get_key_value(address))
        .filter(|(address, survey)| Level::of(survey.vendor, address) != Level::Container)
        .collect();
    super::feasibility::ask(&wanted, vendors, ESTIMATED_DAYS, &opened.environment).await
}

/// Plans of outcomes, and what kept others from being made.
#[derive(Default)]
struct Outcomes {
    plans: Vec<reconcile::Plan>,
    stop: Option<Stop>,
}

async fn outcomes(
    args: &PlanArgs,
    ui: &Ui,
    opened: &project::Opened,
    state: &Document,
    vendors: &project::Vendors,
    guards: &GuardRules,
) -> Outcomes {
    let mut outcomes = Outcomes::default();
    if opened.loaded.reconciliations.is_empty() {
        return outcomes;
    }
    let ledgers = match opened.place() {
        Ok(place) => place.ledgers,
        Err(stop) => {
            outcomes.stop = Some(stop);
            return outcomes;
        }
    };
    let desk = Desk {
        opened,
        ui,
        vendors,
        ledgers,
        lineage: Some(state.lineage.clone()).filter(|lineage| !lineage.is_empty()),
        known: state.known(),
        guards,
    };
    for wanted in desk.selected(&args.selection) {
        match desk.plan(wanted).await {
            Ok(plan) => {
                if plan.counts().unread > 0 {
                    let why = format!("not every transaction of {} could be read", plan.wanted.name);
                    outcomes.stop = Some(Stop::failed(why).help("run again when the vendor answers"));
                }
                outcomes.plans.push(plan);
            }
            Err(stop) => outcomes.stop = Some(stop),
        }
    }
    outcomes
}

/// Writes a file that only its owner is meant to read.
fn write_whole(path: &Utf8Path, bytes: &[u8]) -> Result<(), Stop> {
    files::write(path.as_std_path(), bytes)
        .map_err(|error| Stop::failed(format!("{path} cannot be written: {error}")))
}

/// Text as this terminal wants it.
pub(super) fn text_style(ui: &Ui, guards: &GuardRules, show_calls: bool) -> report::Style {
    let allowed = Guard::ALL
        .into_iter()
        .filter(|guard| guards.rule(*guard) == Rule::Allow)
        .collect();
    report::Style {
        colour: ui.color_out,
        width: ui.width,
        show_calls,
        verbose: ui.verbose,
        allowed,
        picture: None,
        given: Vec::new(),
    }
}

/// A plan made without seeing everything is not the whole truth.
pub(super) fn could_not_read(unread: &[String]) -> Stop {
    let shown: Vec<&str> = unread.iter().take(5).map(String::as_str).collect();
    let more = if unread.len() > 5 {
        format!("\n  and {} more", unread.len() - 5)
    } else {
        String::new()
    };
    Stop::failed(format!(
        "not everything could be read:\n  {}{more}",
        shown.join("\n  ")
    ))
    .help("what was not read is left alone; run again when the vendor answers")
}
