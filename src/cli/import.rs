//! `infield import`: surveys made elsewhere become manifests and state, and the next plan has nothing to do.
//!
//! Order of writing: the state first, with the promise to forget what has no manifest; then the manifests, each as a whole or
//! not at all; then the state as it is meant. Cut off anywhere, a plan creates nothing a second time and touches nothing:
//! what has no manifest yet is only forgotten, and can be imported again.

mod judge;
mod look;
mod place;
mod unmade;

use super::exit::Exit;
use super::files;
use super::locked::locked;
use super::project::{self, Opened, Vendors};
use super::ui::{Stop, Ui};
use super::{Common, Paths};
use crate::format;
use crate::import::{self, Draft, Found, Taken};
use crate::manifest;
use crate::model::{Address, Known, Level, Status, VendorId};
use crate::yaml;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use judge::{Case, Judge};
use std::collections::BTreeMap;
use unmade::Unmade;

/// Adopt surveys made elsewhere: manifests and state, and nothing to do
///
/// Sends reads only. A field that a plan would change is left out of the manifest, with the reason. Without --status,
/// lists leave out what is closed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield import --vendor purespectrum --id 383244 --env production\n          \
                        infield import --all --into surveys --env production"
)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    common: Common,
    /// Folder of the project [default: the current one]
    #[arg(value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Where; every vendor of the environment if left out
    #[arg(long, value_name = "VENDOR", value_parser = super::reconcile::parse_vendor)]
    vendor: Option<VendorId>,
    /// The survey with this id of the vendor (repeatable)
    #[arg(long = "id", value_name = "ID", requires = "vendor")]
    ids: Vec<String>,
    /// The group with this id, where the vendor does not list the groups of a survey (repeatable)
    #[arg(long = "group", value_name = "ID", requires = "ids")]
    groups: Vec<String>,
    /// Everything that is not closed
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Only what is in one of these: draft, live, paused, closed
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = parse_status)]
    status: Vec<Status>,
    /// Only what was made since this day, where the vendor says
    #[arg(long, value_name = "DATE", conflicts_with = "ids")]
    since: Option<jiff::civil::Date>,
    /// Name for the only survey [default: from its title]
    #[arg(long, value_name = "NAME", requires = "ids")]
    name: Option<String>,
    /// Folder for the manifests, below the project's
    #[arg(long, value_name = "DIR", default_value = "")]
    into: Utf8PathBuf,
    /// Overwrite manifests that exist, where nobody remembers their surveys
    #[arg(long)]
    force: bool,
    /// Print the manifests, and write nothing
    #[arg(long)]
    preview: bool,
}

fn parse_status(text: &str) -> Result<Status, String> {
    let all = [Status::Draft, Status::Live, Status::Paused, Status::Closed];
    let found = all.into_iter().find(|status| status.to_string() == text);
    found.ok_or_else(|| format!("there is no status `{text}`; there are draft, live, paused, closed"))
}

/// A survey that can be imported.
struct Ready {
    name: String,
    file: Utf8PathBuf,
    text: String,
    known: Known,
    says: String,
}

pub(super) async fn run(args: &ImportArgs, ui: &Ui) -> Result<Exit, Stop> {
    if args.ids.is_empty() && !args.all && args.status.is_empty() && args.since.is_none() {
        let stop = Stop::new(Exit::Usage, "it is not said what to import");
        return Err(stop.help("add --id ID, --status live, --since 2026-11-01, or --all"));
    }
    if let Some(name) = &args.name
        && (args.ids.len() != 1 || !Address::is_valid_name(name))
    {
        let stop = Stop::new(Exit::Usage, format!("`{name}` cannot be the name of one survey"));
        return Err(stop.help("use lower-case letters, digits and dashes, and one --id"));
    }
    check_folder(&args.into)?;
    let paths = Paths {
        paths: args.project.clone().into_iter().collect(),
    };
    // What is in git may have mistakes; names are read all the same.
    let opened = project::open(&paths, &args.common)?;
    if args.preview {
        let known = opened.peek().await?.known();
        let vendors = opened.connect(ui).await?;
        let made = make(args, ui, &opened, &known, &vendors).await;
        vendors.close().await;
        let (ready, failed) = made?;
        for one in &ready {
            ui.data(&one.text)?;
        }
        return Ok(ended(ready.len(), failed));
    }
    locked(&opened, "import", ui, async |keeper, vendors| {
        let known = keeper.known().await;
        let (ready, failed) = make(args, ui, &opened, &known, vendors).await?;
        let (ready, held, refused) = place::fit(&opened.root, ready)?;
        refused.iter().for_each(|why| ui.say(why));
        let failed = failed + refused.len();
        place::write(&ready, keeper, |one| {
            let written = files::write(one.file.as_std_path(), one.text.as_bytes());
            written.map_err(|error| Stop::failed(format!("{} cannot be written: {error}", one.file)))
        })
        .await?;
        drop(held);
        for one in &ready {
            ui.data(&format!("{}\n", one.says))?;
        }
        let count = ready.len();
        ui.status(&match count {
            0 => "nothing was imported".to_owned(),
            _ if opened.loaded.has_errors() => {
                "imported; other manifests here have mistakes that keep plans from being \
                                               made: `infield validate` shows them"
                    .to_owned()
            }
            1 => "imported 1 survey; `infield plan` has nothing to do for it".to_owned(),
            many => format!("imported {many} surveys; `infield plan` has nothing to do for them"),
        });
        Ok(ended(count, failed))
    })
    .await
}

fn ended(imported: usize, failed: usize) -> Exit {
    match (imported, failed) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Failed,
        _ => Exit::AppliedInPart,
    }
}

/// Reads what is asked for, and makes manifests of it. What cannot be imported is told and counted.
async fn make(
    args: &ImportArgs,
    ui: &Ui,
    opened: &Opened,
    known: &Known,
    vendors: &Vendors,
) -> Result<(Vec<Ready>, usize), Stop> {
    let unmade = Unmade::of(&opened.loaded, known);
    // With --force a manifest that nobody remembers may be written anew, under its name.
    let replaced = |name: &str| {
        let file = file_of(args, opened, name);
        args.force && unmade.has(name) && unmade::may_be_replaced(&file, name)
    };
    let mut taken = Taken::default();
    unmade::reserved().for_each(|name| taken.take(name));
    let names = opened.loaded.index.addresses().map(Address::manifest);
    names
        .filter(|name| !replaced(name))
        .for_each(|name| taken.take(name));
    known
        .resources
        .keys()
        .for_each(|address| taken.take(address.manifest()));
    if let Some(name) = &args.name {
        check_name(name, args, &taken, &unmade)?;
    }
    if let Some(vendor) = args.vendor.filter(|vendor| !vendors.readers.contains_key(vendor)) {
        return Err(Stop::failed(format!(
            "the environment `{}` has no account at {}",
            opened.environment,
            vendor.name()
        )));
    }
    let mut ready = Vec::new();
    let mut failed = 0;
    for (vendor, reader) in &vendors.readers {
        if args.vendor.is_some_and(|wanted| wanted != *vendor) {
            continue;
        }
        // What a lost create made is in no state yet. Under another name it would never be found again, and be made twice.
        if let Some(intent) = known.intents.values().find(|intent| intent.vendor == *vendor) {
            failed += 1;
            let address = &intent.address;
            ui.say(&format!(
                "nothing of {} is imported: `{address}` has a create with unknown outcome, and what it made would be taken for \
                 somebody else's\n  help: settle it first: `infield apply` looks for it, or `infield state resolve {address}`",
                vendor.name()
            ));
            continue;
        }
        let wanted = look::Wanted {
            ids: &args.ids,
            groups: &args.groups,
            statuses: &args.status,
            since: args.since,
        };
        let seen = look::look(reader, &wanted, known)
            .await
            .map_err(|error| Stop::failed(format!("{} could not be read: {error}", vendor.name())))?;
        for why in seen.left_out {
            ui.status(&why);
        }
        for why in seen.failed {
            failed += 1;
            ui.say(&why);
        }
        for found in &seen.found {
            let choice = found.first_choice();
            let objection = match args.name {
                Some(_) => None,
                None => unmade.objection(found, replaced(&choice).then_some(choice.as_str())),
            };
            let made = objection.map_or_else(
                || one(args, opened, vendors, found, &seen.lexicons, &mut taken),
                Err,
            );
            match made {
                Ok(one) => ready.push(one),
                Err(why) => {
                    failed += 1;
                    let noun = vendor.noun(Level::of_surveys(*vendor));
                    ui.say(&format!(
                        "{} {noun} {} is not imported: {why}",
                        vendor.name(),
                        found.survey.id
                    ));
                }
            }
        }
    }
    Ok((ready, failed))
}

/// Refuses a name that is somebody else's, or that of a file with another meaning.
fn check_name(name: &str, args: &ImportArgs, taken: &Taken, unmade: &Unmade) -> Result<(), Stop> {
    if unmade::reserved().any(|other| other == name) {
        let stop = Stop::new(Exit::Usage, format!("{name}.yaml is no file for a survey"));
        return Err(stop.help("give it another --name"));
    }
    if !taken.has(name) {
        return Ok(());
    }
    let stop = Stop::failed(format!("`{name}` is taken by another survey or group"));
    Err(match args.ids.as_slice() {
        [id] if unmade.has(name) => stop.help(format!(
            "if it is this one, `infield state resolve {name} --adopt {id}` gives it to the manifest that is there"
        )),
        _ => stop.help("give it another --name, or leave it out"),
    })
}

/// Where the manifest of a survey of this name is written.
fn file_of(args: &ImportArgs, opened: &Opened, name: &str) -> Utf8PathBuf {
    opened.root.join(&args.into).join(format!("{name}.yaml"))
}

/// One survey as a manifest that plans nothing.
fn one(
    args: &ImportArgs,
    opened: &Opened,
    vendors: &Vendors,
    found: &Found,
    lexicons: &BTreeMap<String, crate::model::Lexicon>,
    taken: &mut Taken,
) -> Result<Ready, String> {
    if found.vendor.has_groups() && found.groups.is_empty() {
        return Err("it has no groups that could be managed".to_owned());
    }
    let market = vendors.markets.vendor(found.vendor);
    let references = import::References {
        survey: manifest::reference_key(found.vendor, &Address::survey("")),
        group: manifest::reference_key(found.vendor, &Address::group("", "")),
    };
    let Draft {
        name,
        mut manifest,
        groups,
        mut remarks,
    } = import::draft(
        found,
        market.codebook(),
        lexicons,
        taken,
        args.name.as_deref(),
        references,
        &|key, value, id| market.is_default(key, value, id),
    );
    let file = file_of(args, opened, &name);
    if file.exists() && !place::is_empty(&file) {
        if let Some(why) = unmade::keeps(&file, &name) {
            return Err(why);
        }
        if !args.force {
            return Err(format!("{file} exists already; --force overwrites it"));
        }
    }
    let case = Case {
        environment: &opened.environment,
        markets: &vendors.markets,
        path: file.clone().into_std_path_buf(),
        options: manifest::Options {
            base: opened.root.clone().into_std_path_buf(),
        },
    };
    let judge = Judge::new(case, found, &name, &groups, lexicons);
    let settled = import::settle(&mut manifest, &groups, |value| judge.verdict(&yaml::write(value)));
    let left_out = settled.map_err(|why| {
        let lines = remarks.iter().filter(|line| line.contains(" is left out: "));
        let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
        format!("{why}{}", lines.concat())
    })?;
    remarks.extend(left_out);
    let text = text(
        found,
        found.vendor.noun(Level::of_surveys(found.vendor)),
        &remarks,
        &manifest,
    );
    let read = judge
        .read(&text)
        .map_err(|_| "what is written would be read differently".to_owned())?;
    let shown = file.strip_prefix(&opened.root).unwrap_or(&file);
    let more = match groups.len() {
        0 => String::new(),
        1 => " with 1 group".to_owned(),
        many => format!(" with {many} groups"),
    };
    let says = format!(
        "{name}: {} {}{more} is in {shown}",
        found.vendor.name(),
        found.survey.id
    );
    Ok(Ready {
        name,
        file,
        text,
        known: read.known,
        says,
    })
}

/// The manifest as a file: where it comes from, what is left out and why, and the survey.
fn text(found: &Found, noun: &str, remarks: &[String], manifest: &serde_json::Value) -> String {
    let mut text = format!(
        "# Imported from {}: {noun} {}.\n",
        found.vendor.name(),
        found.survey.id
    );
    for remark in remarks {
        let line: String = remark
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        text.push_str(&format!("# {line}\n"));
    }
    text.push_str(&yaml::write(manifest));
    format::format(&text).map_or(text, |formatted| formatted.text)
}

/// A folder in which plans would not look for manifests is none to import into: what is not found counts as removed.
fn check_folder(folder: &Utf8Path) -> Result<(), Stop> {
    let skipped = |part: Utf8Component<'_>| match part {
        Utf8Component::Normal(name) => name.starts_with('.') || name == "target",
        Utf8Component::CurDir => false,
        _ => true,
    };
    if folder.components().any(skipped) {
        let stop = Stop::new(Exit::Usage, format!("plans would find no manifest in {folder}"));
        return Err(stop.help("--into takes a folder below the project's, neither hidden nor `target`"));
    }
    Ok(())
}
