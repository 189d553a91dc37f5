//! `infield plan --refresh-only`: only what moved at the vendors since it was left there. Proposes nothing.

use super::accept;
use super::{Format, PlanArgs, could_not_read, text_style};
use crate::cli::exit::Exit;
use crate::cli::locked::locked;
use crate::cli::planning;
use crate::cli::project::{self, Opened, Vendors};
use crate::cli::ui::{Stop, Ui};
use crate::model::Known;
use crate::plan::{Drift, GuardRules};
use crate::recover::{Recovery, recover};
use crate::report::plan_text::drift as report;
use crate::report::{PlanReport, Style};
use crate::workflow::{self, Looked};

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Exit, Stop> {
    for format in args.writes.iter().map(|(format, _)| *format).chain([args.format]) {
        if matches!(format, Format::Html | Format::Github) {
            return Err(Stop::new(Exit::Usage, "drift is told as text, json or markdown"));
        }
    }
    let opened = project::open(&args.paths, &args.common)?;
    opened.check(ui)?;
    let guards = opened.guards()?;
    if args.accept {
        // What is remembered changes with the manifests, so nobody else may change it meanwhile.
        return locked(&opened, "accept", ui, async |keeper, vendors| {
            let tell = |text: &str| ui.status(text);
            let recoveries = workflow::settle(keeper, &vendors.readers, &jiff::Timestamp::now, &tell).await?;
            let known = keeper.known().await;
            let looked = look(args, &opened, vendors, &guards, &known, &recoveries).await?;
            show(args, ui, &guards, &looked.drift)?;
            let exit = accept::accept(args, ui, &opened, &guards, keeper, vendors, &known, &looked).await;
            finish(&looked, exit?)
        })
        .await;
    }
    let known = opened.peek().await?.known();
    let vendors = opened.connect(ui).await?;
    let recoveries = recover(&known, &vendors.readers, jiff::Timestamp::now(), None).await;
    let looked = look(args, &opened, &vendors, &guards, &known, &recoveries).await;
    vendors.close().await;
    let looked = looked?;
    show(args, ui, &guards, &looked.drift)?;
    let exit = match args.detailed_exitcode && !looked.drift.is_empty() {
        true => Exit::ChangesPending,
        false => Exit::Done,
    };
    finish(&looked, exit)
}

async fn look(
    args: &PlanArgs,
    opened: &Opened,
    vendors: &Vendors,
    guards: &GuardRules,
    known: &Known,
    recoveries: &[Recovery],
) -> Result<Looked, Stop> {
    let choices = planning::choose(opened, known, &args.selection)?;
    let request = planning::request(opened, &vendors.readers, &vendors.markets, guards, &choices);
    Ok(workflow::look_for_drift(&request, known, recoveries).await)
}

/// Drift that was not seen whole is not the whole truth.
fn finish(looked: &Looked, exit: Exit) -> Result<Exit, Stop> {
    match looked.unread.is_empty() {
        true => Ok(exit),
        false => Err(could_not_read(&looked.unread)),
    }
}

fn show(args: &PlanArgs, ui: &Ui, guards: &GuardRules, drift: &Drift) -> Result<(), Stop> {
    let style = Style {
        given: planning::given(&args.paths, &args.common, &args.selection),
        ..text_style(ui, guards, false)
    };
    let say = |format: Format, style: &Style| match format {
        Format::Json => PlanReport::from(drift).to_text(),
        Format::Markdown => report::markdown(drift, style),
        Format::Text | Format::Html | Format::Github => report::text(drift, style),
    };
    ui.data(&say(args.format, &style))?;
    let plain = Style {
        colour: false,
        ..style
    };
    for (format, file) in &args.writes {
        std::fs::write(file, say(*format, &plain))
            .map_err(|error| Stop::failed(format!("{file} cannot be written: {error}")))?;
    }
    Ok(())
}
