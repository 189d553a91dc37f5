//! What `plan` and `apply` share: from opened manifests to a checked plan.

use super::exit::Exit;
use super::project::Opened;
use super::ui::Stop;
use crate::model::{Address, Known, Live, Reading};
use crate::plan::{self, Choices, GuardRules, Inputs, Plan};
use crate::refresh::{Readers, refresh};
use crate::vendor;
use std::collections::BTreeSet;

/// Which resources a plan is about.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Selection {
    /// Only this survey or group (repeatable)
    #[arg(long = "target", value_name = "ADDR")]
    pub(super) targets: Vec<String>,
    /// Not this survey or group (repeatable)
    #[arg(long = "exclude", value_name = "ADDR")]
    pub(super) excludes: Vec<String>,
    /// Put these surveys back in field although somebody else paused them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) resume: Vec<String>,
}

/// A plan, and whether everything it needed could be read.
pub(super) struct Planned {
    /// The plan.
    pub(super) plan: Plan,
    /// What could not be read, one line each.
    pub(super) unread: Vec<String>,
}

/// Reads the vendors and plans. Only readers are used.
///
/// # Errors
/// When a name does not exist, or nothing at all is wanted although there are surveys.
pub(super) async fn make(
    opened: &Opened,
    known: &Known,
    readers: &Readers,
    selection: &Selection,
    guards: &GuardRules,
) -> Result<Planned, Stop> {
    let choices = choose(opened, known, selection)?;
    let desired = &opened.loaded.desired;
    if desired.surveys.is_empty() && desired.groups.is_empty() && !known.resources.is_empty() {
        return Err(Stop::new(
            Exit::Refused,
            format!(
                "there are no manifests here, and the state of `{}` holds {} resources",
                opened.environment,
                known.resources.len()
            ),
        )
        .help("if they are really to go, remove their manifests one by one, or use `infield state rm`"));
    }
    let live = refresh(desired, known, readers).await;
    let plan = plan::plan(&Inputs {
        environment: &opened.environment,
        desired,
        known,
        live: &live,
        guards,
        choices: &choices,
        markets: vendor::market,
    });
    let findings = plan::audit::audit(&plan);
    if !findings.is_empty() {
        return Err(Stop::failed(format!(
            "this plan is not sound, and nothing was done: {}",
            findings.join("; ")
        ))
        .help("this is a bug of infield, not of your manifests; please report it with this message"));
    }
    Ok(Planned {
        plan,
        unread: unread(&live, &choices),
    })
}

fn choose(opened: &Opened, known: &Known, selection: &Selection) -> Result<Choices, Stop> {
    let desired = &opened.loaded.desired;
    let exists = |address: &Address| {
        desired.surveys.contains_key(address)
            || desired.groups.contains_key(address)
            || known.resources.contains_key(address)
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
                let near = all.map(Address::as_str).find(|other| close_enough(other, name));
                let stop = Stop::new(
                    Exit::Usage,
                    format!("{flag}: there is no survey or group `{name}`"),
                );
                Err(match near {
                    Some(near) => stop.help(format!("did you mean `{near}`?")),
                    None => stop,
                })
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

/// Whether a name is probably a slip for another: one contains the other, or they share their first half.
fn close_enough(other: &str, name: &str) -> bool {
    let half = name.len().div_ceil(2);
    other.contains(name)
        || name.contains(other)
        || name.get(..half).is_some_and(|start| other.starts_with(start))
}

fn unread(live: &Live, choices: &Choices) -> Vec<String> {
    fn why<T>(reading: &Reading<T>) -> Option<&str> {
        match reading {
            Reading::Unknown { why } => Some(why),
            Reading::Present(_) | Reading::Absent { .. } => None,
        }
    }
    let included = |address: &&Address| choices.includes(address);
    let surveys = live.surveys.iter().filter(|(address, _)| included(address));
    let groups = live.groups.iter().filter(|(address, _)| included(address));
    let mut all: Vec<String> = surveys
        .filter_map(|(address, reading)| why(reading).map(|why| format!("{address}: {why}")))
        .chain(groups.filter_map(|(address, reading)| why(reading).map(|why| format!("{address}: {why}"))))
        .chain(
            live.former
                .iter()
                .filter_map(|(id, reading)| why(reading).map(|why| format!("survey {id}: {why}"))),
        )
        .collect();
    all.extend(
        live.templates
            .iter()
            .filter_map(|(vendor, r)| why(r).map(|why| format!("templates of {}: {why}", vendor.name()))),
    );
    all
}
