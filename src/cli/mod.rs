//! The command line: the only place that knows clap, the terminal, the environment and the clock.
//!
//! One file per command; each has its arguments, whose comments are the help, and a `run`. Commands turn everything
//! that can go wrong into a [`Stop`] with a cause, and `exit` turns outcomes and causes into codes. No command knows this file.

mod accept_list;
mod apply;
mod approve;
mod args;
mod blame;
mod candidates;
mod completions;
mod doctor;
mod embedded;
pub mod exit;
mod explain;
mod feasibility;
mod fmt;
mod freeze;
mod help;
mod import;
mod init;
mod log;
mod lookup;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
mod plan;
mod progress;
mod project;
mod reconcile;
mod run;
mod sandbox;
mod schema;
mod state;
mod status;
mod thaw;
mod threads;
mod ui;
mod validate;

use crate::flow::{Outcome, Terminal as _};
use clap::{CommandFactory, FromArgMatches as _, Parser, Subcommand};
use exit::Exit;
use std::ffi::OsString;
use std::process::ExitCode;
use threads::runtime;
use ui::{ColorChoice, Console, Stop, Ui};

/// Surveys as code: plan and apply market-research surveys on sample marketplaces.
#[derive(Debug, Parser)]
#[command(name = "infield", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Without --env all of it happens in the sandbox: nothing reaches a real vendor.\nExample: infield init my-trackers && infield plan my-trackers"
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
    #[arg(short, long, global = true, display_order = 900)]
    quiet: bool,
    /// Say more on stderr; twice for every request
    #[arg(short, long, global = true, display_order = 901, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to use colour
    #[arg(
        long,
        global = true,
        display_order = 902,
        value_name = "WHEN",
        default_value = "auto"
    )]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Import(Box<import::ImportArgs>),
    Validate(validate::ValidateArgs),
    Doctor(doctor::DoctorArgs),
    Explain(explain::ExplainArgs),
    Fmt(fmt::FmtArgs),
    Lookup(lookup::LookupArgs),
    Feasibility(feasibility::FeasibilityArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Run(run::RunArgs),
    Status(status::StatusArgs),
    Log(log::LogArgs),
    Blame(blame::BlameArgs),
    Freeze(freeze::FreezeArgs),
    Thaw(thaw::ThawArgs),
    Reconcile(Box<reconcile::ReconcileArgs>),
    AcceptList(accept_list::AcceptListArgs),
    State(state::StateArgs),
    Sandbox(sandbox::SandboxArgs),
    Schema(schema::SchemaArgs),
    #[cfg(feature = "lsp")]
    Lsp(lsp::LspArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the program with these arguments.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::marketplace::registry::install();
    let args: Vec<OsString> = args.into_iter().collect();
    if completions::answer(&args, command) {
        return ExitCode::SUCCESS;
    }
    let parsed = command()
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help that nobody reads to its end is no error.
            let _ = error.print();
            return ExitCode::from(Exit::from(&error).code());
        }
    };
    let ui = Console::new(cli.global.quiet, cli.global.verbose > 0, cli.global.color);
    start_logging(cli.global.verbose, &ui);
    let ended = run(cli.command, &ui);
    if let Err(stop) = &ended {
        ui.stop(stop);
    }
    ExitCode::from(Exit::from(&ended).code())
}

/// The command line, as it is parsed, completed and explained.
fn command() -> clap::Command {
    help::compact(Cli::command())
}

fn run(command: Command, ui: &Ui) -> Result<Outcome, Stop> {
    match command {
        Command::Init(args) => init::run(&args, ui),
        Command::Import(args) => runtime()?.block_on(import::run(&args, ui)),
        Command::Validate(args) => runtime()?.block_on(validate::run(&args, ui)),
        Command::Doctor(args) => runtime()?.block_on(doctor::run(&args, ui)),
        Command::Explain(args) => explain::run(&args, ui),
        Command::Fmt(args) => fmt::run(&args, ui),
        Command::Lookup(args) => runtime()?.block_on(lookup::run(&args, ui)),
        Command::Feasibility(args) => runtime()?.block_on(feasibility::run(&args, ui)),
        Command::Plan(args) => runtime()?.block_on(plan::run(&args, ui)),
        Command::Apply(args) => runtime()?.block_on(apply::run(&args, ui)),
        Command::Run(args) => runtime()?.block_on(run::run(&args, ui)),
        Command::Reconcile(args) => runtime()?.block_on(reconcile::run(&args, ui)),
        Command::AcceptList(args) => runtime()?.block_on(accept_list::run(&args, ui)),
        Command::Status(args) => runtime()?.block_on(status::run(&args, ui)),
        Command::Log(args) => runtime()?.block_on(log::run(&args, ui)),
        Command::Blame(args) => runtime()?.block_on(blame::run(&args, ui)),
        Command::Freeze(args) => runtime()?.block_on(freeze::run(&args, ui)),
        Command::Thaw(args) => runtime()?.block_on(thaw::run(&args, ui)),
        Command::State(args) => runtime()?.block_on(state::run(&args, ui)),
        Command::Sandbox(args) => runtime()?.block_on(sandbox::run(&args, ui)),
        #[cfg(feature = "lsp")]
        Command::Lsp(args) => lsp::run(&args, ui),
        Command::Schema(args) => schema::run(&args, ui),
        Command::Completions(args) => completions::run(&args, ui),
        Command::Man(args) => man::run(&args, Cli::command(), ui),
    }
}

fn start_logging(verbose: u8, ui: &Console) {
    let level = match verbose {
        0 => return,
        1 => "infield=info",
        2 => "infield=debug",
        _ => "debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(level))
        .with_writer(ui::Log::default)
        .with_ansi(ui.color_err)
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever leaves a variable behind must not have answered a question.
    #[test]
    fn no_option_but_the_environment_is_taken_from_a_variable() {
        fn look(command: &clap::Command, found: &mut Vec<String>) {
            let from = |arg: &&clap::Arg| arg.get_env().is_some();
            found.extend(
                command
                    .get_arguments()
                    .filter(from)
                    .map(|arg| arg.get_id().to_string()),
            );
            command.get_subcommands().for_each(|inner| look(inner, found));
        }
        let mut found = Vec::new();
        look(&command(), &mut found);
        found.sort();
        found.dedup();
        assert_eq!(found, ["env", "environments"]);
        let apply = command().find_subcommand("apply").unwrap().clone();
        for answers in ["yes", "allow", "approve", "resume"] {
            let arg = apply.get_arguments().find(|arg| arg.get_id() == answers);
            assert!(arg.is_some(), "{answers}");
        }
    }
}
