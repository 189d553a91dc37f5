//! What `plan` and `apply` share: from opened manifests to a checked plan.

use super::completions;
use super::exit::Exit;
use super::project::{Opened, SANDBOX};
use super::ui::Stop;
use super::{Common, Paths};
use crate::model::{Address, Known, VendorId};
use crate::plan::{Choices, GuardRules, Marketplaces};
use crate::recover::Recovery;
use crate::refresh::Look;
use crate::workflow::{self, Planned, Request};
use std::collections::{BTreeMap, BTreeSet};

/// Which resources a plan is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Selection {
    /// Only this survey or group (repeatable)
    #[arg(long = "target", value_name = "ADDR", add = completions::surveys())]
    pub(super) targets: Vec<String>,
    /// Not this survey or group (repeatable)
    #[arg(long = "exclude", value_name = "ADDR", add = completions::surveys())]
    pub(super) excludes: Vec<String>,
    /// Put these back in field, whoever paused them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', add = completions::surveys())]
    pub(super) resume: Vec<String>,
    /// Go on without manifests: all counts as removed
    #[arg(long)]
    pub(super) allow_no_manifests: bool,
}

impl Selection {
    /// What a saved plan was made for.
    pub(super) fn of(choices: &Choices) -> Self {
        let names = |set: &BTreeSet<Address>| set.iter().map(Address::to_string).collect();
        Self {
            targets: names(&choices.targets),
            excludes: names(&choices.excludes),
            resume: names(&choices.resume),
            // It was asked for, or there would be no saved plan.
            allow_no_manifests: true,
        }
    }
}

/// What was given besides the command, quoted for a shell, so that a command that is suggested makes the same plan.
pub(super) fn given(paths: &Paths, common: &Common, selection: &Selection) -> Vec<String> {
    let mut words: Vec<String> = paths.paths.iter().map(|path| quoted(path.as_str())).collect();
    // The sandbox is where commands go unasked.
    if common.env != SANDBOX {
        words.extend(["--env".to_owned(), quoted(&common.env)]);
    }
    for (option, names) in [
        ("--target", &selection.targets),
        ("--exclude", &selection.excludes),
        ("--resume", &selection.resume),
    ] {
        for name in names {
            words.extend([option.to_owned(), quoted(name)]);
        }
    }
    if selection.allow_no_manifests {
        words.push("--allow-no-manifests".to_owned());
    }
    words
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Reads the vendors and plans. Only readers are used.
///
/// # Errors
/// When a name does not exist, or nothing at all is wanted although there are surveys.
pub(super) async fn make<L: Look>(
    opened: &Opened,
    known: &Known,
    recoveries: &[Recovery],
    readers: &BTreeMap<VendorId, L>,
    markets: &dyn Marketplaces,
    selection: &Selection,
    guards: &GuardRules,
) -> Result<Planned, Stop> {
    let choices = choose(opened, known, selection)?;
    let request = request(opened, readers, markets, guards, &choices);
    workflow::make_plan(&request, known, recoveries)
        .await
        .map_err(|error| {
            Stop::failed(error.to_string())
                .help("this is a bug of infield, not of your manifests; please report it with this message")
        })
}

/// What is asked of the vendors for these manifests.
pub(super) fn request<'a, L>(
    opened: &'a Opened,
    readers: &'a BTreeMap<VendorId, L>,
    markets: &'a dyn Marketplaces,
    guards: &'a GuardRules,
    choices: &'a Choices,
) -> Request<'a, L> {
    Request {
        environment: &opened.environment,
        desired: &opened.loaded.desired,
        readers,
        markets,
        guards,
        choices,
        now: jiff::Timestamp::now(),
    }
}

/// What was asked for on the command line.
///
/// # Errors
/// When a name does not exist, or nothing at all is wanted although there are surveys.
pub(super) fn choose(opened: &Opened, known: &Known, selection: &Selection) -> Result<Choices, Stop> {
    let desired = &opened.loaded.desired;
    let nothing = desired.surveys.is_empty() && desired.groups.is_empty();
    // Outcomes alone may stand in a folder of their own, but not in place of the whole project.
    let only_outcomes = !opened.loaded.reconciliations.is_empty() && !opened.loaded.whole_project;
    if nothing && !only_outcomes && !known.resources.is_empty() && !selection.allow_no_manifests {
        return Err(Stop::new(
            Exit::Refused,
            format!(
                "there are no manifests here, and the state of `{}` holds {} resources",
                opened.environment,
                known.resources.len()
            ),
        )
        .help(
            "is this the right folder? If they are really to go: --allow-no-manifests does to each what its \
             on_remove says",
        ));
    }
    let exists = |address: &Address| {
        let anywhere = |other: &Address| other.alone() == *address;
        desired.surveys.contains_key(address)
            || desired.surveys.keys().any(anywhere)
            || known.resources.keys().any(anywhere)
            || desired.groups.contains_key(address)
            || known.resources.contains_key(address)
            || opened.loaded.reconciliations.contains_key(address.as_str())
    };
    let named = |names: &[String], flag: &str| -> Result<BTreeSet<Address>, Stop> {
        names
            .iter()
            .map(|name| {
                let address = Address::survey(name.trim());
                if exists(&address) {
                    return Ok(address);
                }
                let all = desired
                    .surveys
                    .keys()
                    .chain(desired.groups.keys())
                    .chain(known.resources.keys());
                let lists = opened.loaded.reconciliations.keys().cloned();
                let names = all.flat_map(|address| [address.alone().to_string(), address.to_string()]);
                Err(Stop::new(
                    Exit::Usage,
                    format!("{flag}: there is no survey or group `{name}`"),
                )
                .meant(
                    name.trim(),
                    names.chain(lists),
                    "write a name of the manifests, or one that `infield state list` shows",
                ))
            })
            .collect()
    };
    Ok(Choices {
        targets: named(&selection.targets, "--target")?,
        excludes: named(&selection.excludes, "--exclude")?,
        resume: named(&selection.resume, "--resume")?,
        whole_project: opened.loaded.whole_project,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_command_repeats_what_was_given_and_survives_a_shell() {
        let paths = Paths {
            paths: vec!["surveys/".into(), "it's mine.yaml".into()],
        };
        let common = |env: &str| Common { env: env.to_owned() };
        let selection = Selection {
            targets: vec!["soda".to_owned()],
            ..Selection::default()
        };
        let all = given(&paths, &common("production"), &selection).join(" ");
        assert_eq!(
            all,
            r"surveys/ 'it'\''s mine.yaml' --env production --target soda"
        );
        let none = Paths { paths: Vec::new() };
        assert_eq!(
            given(&none, &common(SANDBOX), &Selection::default()),
            Vec::<String>::new()
        );
    }
}
