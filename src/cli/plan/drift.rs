//! `infield plan --refresh-only`: only what moved at the vendors since it was left there. Proposes nothing.

use super::{Format, PlanArgs, Said};
use crate::cli::args::given;
use crate::cli::project;
use crate::cli::ui::{Stop, Ui};
use crate::flow::terminal::plan_style;
use crate::flow::{Outcome, Selection, accept};
use crate::plan::{Drift, GuardRules};
use crate::report::plan_text::drift as report;
use crate::report::{PlanReport, Style};

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Outcome, Stop> {
    for format in args.writes.iter().map(|(format, _)| *format).chain([args.format]) {
        if matches!(format, Format::Html | Format::Github | Format::Junit) {
            return Err(Stop::usage("drift is told as text, json or markdown"));
        }
    }
    let opened = project::open(&args.paths, &args.common)?;
    let selection = Selection::from(&args.selection);
    let show = |guards: &GuardRules, drift: &Drift| show(args, ui, opened.name(), guards, drift);
    if args.accept {
        return accept::run(&opened, ui, &selection, args.yes, show).await;
    }
    let drifted = accept::look_only(&opened, ui, &selection, show).await?;
    Ok(match args.detailed_exitcode && drifted {
        true => Outcome::Pending,
        false => Outcome::Done,
    })
}

fn show(
    args: &PlanArgs,
    ui: &Ui,
    project: Option<&str>,
    guards: &GuardRules,
    drift: &Drift,
) -> Result<(), Stop> {
    let style = Style {
        project: project.map(str::to_owned),
        given: given(&args.paths, &args.common, &args.selection),
        ..plan_style(ui, guards, false)
    };
    args.give_out(ui, style, |format, style| match format {
        Format::Json => Said::Json(Box::new(PlanReport::from(drift))),
        Format::Markdown => Said::Text(report::markdown(drift, style)),
        Format::Text | Format::Html | Format::Github | Format::Junit => {
            Said::Text(report::text(drift, style))
        }
    })
}
