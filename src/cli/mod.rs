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
mod global;
mod help;
mod import;
mod init;
mod log;
mod lookup;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
mod new;
mod pager;
mod plan;
mod progress;
mod project;
mod reconcile;
mod run;
mod sandbox;
mod schema;
mod state;
mod status;
mod test;
mod thaw;
mod threads;
mod ui;
mod validate;

use crate::flow::{Outcome, Terminal as _};
use clap::{CommandFactory, FromArgMatches as _, Parser, Subcommand};
use exit::Exit;
use global::Global;
use std::ffi::OsString;
use std::process::ExitCode;
use threads::runtime;
use ui::{Console, Stop, Ui};

/// Surveys as code: plan and apply market-research surveys on sample marketplaces.
#[derive(Debug, Parser)]
#[command(name = "infield", version = global::version(), propagate_version = true, max_term_width = 100)]
#[command(
    // Two lines less than the usual page, which would not fit a screen.
    help_template = "{about-with-newline}{usage-heading} {usage}\n{all-args}{after-help}",
    after_help = "Everywhere: -C DIR, --no-pager, --log-format json. Without --env: the sandbox\nExample: infield init my-trackers && infield plan my-trackers"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    New(new::NewArgs),
    Import(Box<import::ImportArgs>),
    Validate(validate::ValidateArgs),
    Doctor(doctor::DoctorArgs),
    Explain(explain::ExplainArgs),
    Fmt(fmt::FmtArgs),
    Lookup(lookup::LookupArgs),
    Feasibility(feasibility::FeasibilityArgs),
    Test(test::TestArgs),
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
    if let Some(folders) = std::env::var_os("INFIELD_ALLOW_LISTS") {
        crate::manifest::allow_lists(std::env::split_paths(&folders));
    }
    if let Ok(secret) = std::env::var("INFIELD_LISTS_KEY") {
        crate::manifest::key_lists(secret);
    }
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
    let global = &cli.global;
    let ui = Console::new(global.quiet, global.verbose > 0, global.color, global.no_pager);
    let begun = global.enter().and_then(|()| global.start_logging(ui.color_err));
    let ended = begun.and_then(|()| run(cli.command, &ui));
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
        Command::New(args) => new::run(&args, ui),
        Command::Import(args) => runtime()?.block_on(import::run(&args, ui)),
        Command::Validate(args) => runtime()?.block_on(validate::run(&args, ui)),
        Command::Doctor(args) => runtime()?.block_on(doctor::run(&args, ui)),
        Command::Explain(args) => explain::run(&args, ui),
        Command::Fmt(args) => fmt::run(&args, ui),
        Command::Lookup(args) => runtime()?.block_on(lookup::run(&args, ui)),
        Command::Feasibility(args) => runtime()?.block_on(feasibility::run(&args, ui)),
        Command::Test(args) => runtime()?.block_on(test::run(&args, ui)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever leaves a variable behind must not have answered a question, or sent a command elsewhere.
    #[test]
    fn no_option_that_answers_or_approves_is_taken_from_a_variable() {
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
        assert_eq!(
            found,
            [
                "color",
                "env",
                "environments",
                "log_format",
                "no_pager",
                "quiet",
                "verbose"
            ]
        );
        let apply = command().find_subcommand("apply").unwrap().clone();
        for answers in ["yes", "allow", "approve", "resume"] {
            let arg = apply.get_arguments().find(|arg| arg.get_id() == answers);
            assert!(arg.is_some(), "{answers}");
        }
    }
}
