//! Help that fits a screen: `-h` and `--help` print the same page, with options in columns, what is worth knowing below
//! them, and an example at the end. Manual pages have the room to say more.

use clap::Command;
use clap::builder::{Resettable, StyledStr};

/// The command with all its subcommands, their pages compact.
pub(super) fn compact(command: Command) -> Command {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let long = command
        .get_long_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let example = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    // The comment of a command begins with its summary.
    let more = long.strip_prefix(&about).unwrap_or_default().trim();
    let below: Vec<&str> = [more, example.trim()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    command
        .long_about(Resettable::<StyledStr>::Reset)
        .after_help(below.join("\n\n"))
        .mut_args(|arg| {
            let values = arg.get_possible_values();
            let names: Vec<&str> = values
                .iter()
                .map(clap::builder::PossibleValue::get_name)
                .collect();
            if names.is_empty() || !arg.get_action().takes_values() {
                return arg;
            }
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.hide_possible_values(true)
                .help(format!("{help}: {}", names.join(", ")))
        })
        .mut_subcommands(compact)
}
