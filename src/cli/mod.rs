//! The command line: the only place that knows clap, the terminal, the environment and the clock.
//!
//! One file per command; each has its arguments, whose comments are the help, and a `run`. Commands turn everything
//! that can go wrong into a [`Stop`] with an exit code of `exit`.

mod accept_list;
mod apply;
mod completions;
mod embedded;
pub mod exit;
mod freeze;
mod init;
mod locked;
mod man;
mod place;
mod plan;
mod planning;
mod progress;
mod project;
mod reconcile;
mod reconciling;
mod sandbox;
mod schema;
mod state;
mod ui;
mod validate;

use camino::Utf8PathBuf;
use clap::{CommandFactory, Parser, Subcommand};
use exit::Exit;
use std::ffi::OsString;
use std::process::ExitCode;
use ui::{ColorChoice, Stop, Ui};

/// Surveys as code: plan and apply market-research surveys on sample marketplaces.
#[derive(Debug, Parser)]
#[command(name = "infield", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Without --env everything happens in the embedded sandbox: nothing reaches a real vendor."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Global {
    /// Say only what is asked for, and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more on stderr; twice for every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

/// Arguments of every command that works in an environment.
#[derive(Debug, Clone, clap::Args)]
struct Common {
    /// Environment of infield.yaml to work in
    #[arg(long, global = true, value_name = "NAME", default_value = project::SANDBOX, env = "INFIELD_ENV")]
    env: String,
}

/// Arguments of every command that reads manifests.
#[derive(Debug, Clone, clap::Args)]
struct Paths {
    /// Folders or files with manifests [default: the current folder]
    #[arg(value_name = "PATHS")]
    paths: Vec<Utf8PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Freeze(freeze::FreezeArgs),
    Reconcile(Box<reconcile::ReconcileArgs>),
    AcceptList(accept_list::AcceptListArgs),
    State(state::StateArgs),
    Sandbox(sandbox::SandboxArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the program with these arguments.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            // Help that nobody reads to its end is no error.
            let _ = error.print();
            return ExitCode::from(exit.code());
        }
    };
    let ui = Ui::new(cli.global.quiet, cli.global.verbose > 0, cli.global.color);
    start_logging(cli.global.verbose, &ui);
    match run(cli.command, &ui) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(stop) => {
            ui.stop(&stop);
            ExitCode::from(stop.exit.code())
        }
    }
}

fn run(command: Command, ui: &Ui) -> Result<Exit, Stop> {
    match command {
        Command::Init(args) => init::run(&args, ui),
        Command::Validate(args) => runtime()?.block_on(validate::run(&args, ui)),
        Command::Plan(args) => runtime()?.block_on(plan::run(&args, ui)),
        Command::Apply(args) => runtime()?.block_on(apply::run(&args, ui)),
        Command::Reconcile(args) => runtime()?.block_on(reconcile::run(&args, ui)),
        Command::AcceptList(args) => runtime()?.block_on(accept_list::run(&args, ui)),
        Command::Freeze(args) => runtime()?.block_on(freeze::run(&args, ui)),
        Command::State(args) => runtime()?.block_on(state::run(&args, ui)),
        Command::Sandbox(args) => runtime()?.block_on(sandbox::run(&args, ui)),
        Command::Schema(args) => schema::run(&args, ui),
        Command::Completions(args) => completions::run(&args, &mut Cli::command(), ui),
        Command::Man(args) => man::run(&args, Cli::command(), ui),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Stop::failed(format!("no threads can be started: {error}")))
}

fn start_logging(verbose: u8, ui: &Ui) {
    let level = match verbose {
        0 => return,
        1 => "infield=info",
        2 => "infield=debug",
        _ => "debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_ansi(ui.color_err)
        .with_target(false)
        .init();
}
