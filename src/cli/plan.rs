//! `infield plan`: shows what would change and what it would cost. Builds no writer.

mod annotations;

use super::exit::Exit;
use super::planning::{self, Selection};
use super::ui::{Stop, Ui};
use super::{Common, Paths, project};
use crate::model::VendorId;
use crate::picture::redact::{self, redact};
use crate::picture::{self, Picture, Recorder};
use crate::plan::{Guard, GuardRules, Plan, Rule, hash};
use crate::recover::{Recovery, recover};
use crate::report::{self, PictureMark};
use crate::saved::SavedPlan;
use crate::state::Document;
use crate::workflow::Planned;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::io::Write;

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
    /// Keep a redacted picture of what is read, for plans without credentials
    #[arg(long, value_name = "FILE")]
    record: Option<Utf8PathBuf>,
    /// Plan from a picture: no credentials, no vendor, no state
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "record"])]
    from: Option<Utf8PathBuf>,
    /// Exit with 5 unless the plan has this hash
    #[arg(long, value_name = "HASH")]
    expect: Option<String>,
    /// Exit with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
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
    /// The state it was made from; `None` for a picture, from which no plan is saved.
    state: Option<Document>,
    picture: Option<PictureMark>,
}

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Exit, Stop> {
    let mut opened = project::open(&args.paths, &args.common)?;
    opened.check(ui)?;
    let guards = opened.guards()?;
    let made = match &args.from {
        Some(file) => from_picture(args, &opened, &guards, file).await?,
        None => from_vendors(args, ui, &opened, &guards).await?,
    };
    let plan = &made.planned.plan;
    let style = report::Style {
        picture: made.picture.clone(),
        ..text_style(ui, &guards, args.show_calls)
    };
    ui.data(&say(args.format, plan, &style, &mut opened))?;
    let plain = report::Style {
        colour: false,
        ..style
    };
    for (format, file) in &args.writes {
        // A report is for everybody who may read the folder; saved plans and pictures are for their owner.
        std::fs::write(file, say(*format, plan, &plain, &mut opened))
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
    let found = hash::hash(plan);
    if let Some(wanted) = args.expect.as_ref().filter(|wanted| **wanted != found) {
        let stop = Stop::new(Exit::LockedOrStale, format!("the plan is {found}, not {wanted}"));
        return Err(
            stop.help("the manifests, the state, the rules or the vendor moved: look at the plan again")
        );
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
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::ChangesPending
    } else {
        Exit::Done
    })
}

/// The plan in one of its formats.
fn say(format: Format, plan: &Plan, style: &report::Style, opened: &mut project::Opened) -> String {
    match format {
        Format::Text => report::plan_text::render(plan, style),
        Format::Json => report::PlanReport::from(plan)
            .with_picture(style.picture.as_ref())
            .to_text(),
        Format::Markdown => report::plan_markdown::render(plan, style),
        Format::Html => report::plan_html::render(plan, style),
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
    let planned = match &args.record {
        None => {
            planning::make(
                opened,
                &known,
                &recoveries,
                &vendors.readers,
                markets,
                selection,
                guards,
            )
            .await
        }
        Some(file) => {
            let taken = project::now();
            let recorders: BTreeMap<VendorId, Recorder> = vendors
                .readers
                .iter()
                .map(|(vendor, reader)| (*vendor, Recorder::new(reader.clone())))
                .collect();
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
            if planned.is_ok() {
                keep(file, ui, opened, &state, taken, &recoveries, recorders).await?;
            }
            planned
        }
    };
    vendors.close().await;
    Ok(Made {
        planned: planned?,
        state: Some(state),
        picture: None,
    })
}

/// Completes a picture and writes it.
async fn keep(
    file: &Utf8Path,
    ui: &Ui,
    opened: &project::Opened,
    state: &Document,
    taken: String,
    recoveries: &[Recovery],
    recorders: BTreeMap<VendorId, Recorder>,
) -> Result<(), Stop> {
    let desired = &opened.loaded.desired;
    let known = state.known();
    let mut vendors = BTreeMap::new();
    for (vendor, recorder) in recorders {
        recorder.complete(vendor, desired, &known).await;
        vendors.insert(vendor, recorder.into_seen());
    }
    let mut picture = Picture {
        format: picture::FORMAT.to_owned(),
        taken,
        environment: opened.environment.clone(),
        lineage: state.lineage.clone(),
        serial: state.serial,
        known,
        recoveries: recoveries.to_vec(),
        vendors,
    };
    redact(&mut picture, &redact::texts(desired), &opened.secrets_used())
        .map_err(|leak| Stop::failed(format!("{file} was not written: {leak}")))?;
    write_whole(file, &picture.to_bytes())?;
    ui.status(&format!(
        "kept a picture in {file}; `infield plan --from {file}` plans without credentials"
    ));
    Ok(())
}

/// Plans from a picture. Asks nobody, and reads no state and no secret.
async fn from_picture(
    args: &PlanArgs,
    opened: &project::Opened,
    guards: &GuardRules,
    file: &Utf8Path,
) -> Result<Made, Stop> {
    let bytes = std::fs::read(file).map_err(|e| Stop::failed(format!("{file} cannot be read: {e}")))?;
    let mut picture = Picture::parse(&bytes).map_err(|e| {
        Stop::failed(format!("{file} cannot be used: {e}")).help("take one with `infield plan --record FILE`")
    })?;
    if picture.environment != opened.environment {
        let shown = &picture.environment;
        return Err(Stop::failed(format!(
            "{file} shows the environment `{shown}`, and this plan is for `{}`",
            opened.environment
        ))
        .help(format!("--env {shown}")));
    }
    redact::restore(&mut picture, &redact::texts(&opened.loaded.desired));
    let looks = picture.replay();
    let markets = opened.markets()?;
    let (known, recoveries) = (&picture.known, &picture.recoveries);
    let planned = planning::make(
        opened,
        known,
        recoveries,
        &looks,
        &markets,
        &args.selection,
        guards,
    )
    .await?;
    let mark = PictureMark {
        taken: picture.taken.clone(),
        age_seconds: picture.age_seconds(jiff::Timestamp::now()),
        redacted: redact::is_part_of(&planned.plan),
        presumed: looks.values().any(picture::Replay::presumed),
    };
    Ok(Made {
        planned,
        state: None,
        picture: Some(mark),
    })
}

/// Writes a file so that it is there as a whole or not at all.
fn write_whole(path: &Utf8Path, bytes: &[u8]) -> Result<(), Stop> {
    let fail = |error: std::io::Error| Stop::failed(format!("{path} cannot be written: {error}"));
    let folder = path
        .parent()
        .filter(|folder| !folder.as_str().is_empty())
        .unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(fail)?;
    file.persist(path).map(drop).map_err(|error| fail(error.error))
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
