//! `infield freeze`: takes surveys out of field at once. Needs the state and the accounts, not the manifests.

use super::apply::{Sink, exit_of, watch_interrupts};
use super::exit::Exit;
use super::locked::locked;
use super::plan::could_not_read;
use super::progress::Progress;
use super::project::{self, Opened, Vendors};
use super::ui::{Stop, Ui};
use super::{Common, Paths};
use crate::apply::{self, Context};
use crate::freeze::{self, Frozen};
use crate::state::Keeper;
use camino::Utf8PathBuf;
use tokio_util::sync::CancellationToken;

/// Pause surveys in field, those with the most money at stake first
///
/// Works with nothing but the state: broken or missing manifests do not matter, as long as infield.yaml is readable.
/// A frozen survey stays paused until `infield apply --resume NAME`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield freeze 'brand-*' --env production --yes")]
pub(super) struct FreezeArgs {
    /// Names of surveys; `*` stands for anything [default: all]
    #[arg(value_name = "NAMES", add = super::completions::remembered())]
    names: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(args: &FreezeArgs, ui: &Ui) -> Result<Exit, Stop> {
    let paths = Paths {
        paths: args.project.clone().into_iter().collect(),
    };
    let opened = project::open(&paths, &args.common)?;
    locked(&opened, "freeze", ui, async |keeper, vendors| {
        work(args, ui, &opened, keeper, vendors).await
    })
    .await
}

async fn work(
    args: &FreezeArgs,
    ui: &Ui,
    opened: &Opened,
    keeper: &Keeper,
    vendors: &Vendors,
) -> Result<Exit, Stop> {
    let known = keeper.known().await;
    let Frozen { plan, unread } = freeze::make_plan(
        &opened.environment,
        &known,
        &vendors.readers,
        &args.names,
        &vendors.markets,
    )
    .await;
    let mut missing = false;
    for name in &args.names {
        if known.resources.keys().any(|address| freeze::means(name, address)) {
            continue;
        }
        missing = true;
        let names = known.resources.keys().flat_map(freeze::names);
        ui.stop(
            &Stop::failed(format!("nothing is remembered under `{name}`")).meant(
                name,
                names.map(|address| address.to_string()),
                "see `infield state list`",
            ),
        );
    }
    for step in &plan.steps {
        let saved = step.adds_exposure.map(|money| {
            format!(
                ", {} at stake",
                crate::model::Money {
                    amount: money.amount.abs(),
                    ..money
                }
            )
        });
        ui.data(&format!("pause {}{}\n", step.address, saved.unwrap_or_default()))?;
    }
    if plan.is_empty() {
        ui.status("nothing in field matches");
    } else {
        if !args.yes && !ui.interactive {
            return Err(Stop::new(
                Exit::Refused,
                "nothing was paused: there is no terminal to ask on",
            )
            .help("use --yes"));
        }
        if !args.yes && !ui.ask("Pause these?") {
            return Err(Stop::new(Exit::Refused, "nothing was paused"));
        }
    }
    let sink = Sink {
        ui,
        progress: Progress::new(ui, true),
        json: false,
        beside: Vec::new(),
    };
    let stop = CancellationToken::new();
    let watcher = watch_interrupts(stop.clone(), *ui);
    let context = Context {
        writers: &vendors.writers,
        readers: &vendors.readers,
        keeper,
        markets: &vendors.markets,
        events: &|event| sink.take(&event),
        parallelism: 8,
        stop,
        now: &project::now,
        new_intent_id: &|| uuid::Uuid::now_v7().to_string(),
    };
    let tally = apply::run(&plan, 0, &context).await;
    watcher.abort();
    sink.progress.finish();
    let exit = exit_of(&tally?);
    let stop = match (unread.as_slice(), missing) {
        ([], false) => return Ok(exit),
        ([], true) => Stop::said(Exit::Failed),
        (unread, _) => could_not_read(unread),
    };
    Err(Stop {
        exit: if exit == Exit::Done && !plan.is_empty() {
            Exit::AppliedInPart
        } else {
            Exit::Failed
        },
        ..stop
    })
}
