//! `infield state`: look at what is remembered, and mend it by hand.

mod mv;
mod resolve;

use super::args::Common;
use super::candidates;
use super::project::{Opened, open_folder};
use super::ui::{self, Notation, Stop, Ui};
use crate::flow::{OrFail as _, Outcome, selection};
use crate::model::known::{self, NO_TAGS};
use crate::model::{Address, Named, Pattern, Resource, ResourceKind};
use crate::report::state_list::{self, Kind, Open, Remembered, StateList};
use crate::state::{Document, Keeper, Op};
use crate::text::plain::clean;
use camino::Utf8PathBuf;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Look at what infield remembers, and mend it by hand
///
/// Nothing here changes anything at a vendor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield state resolve soda-tracker-w3 --adopt 7224")]
pub(super) struct StateArgs {
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR", global = true)]
    project: Option<Utf8PathBuf>,
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum StateCommand {
    /// List everything remembered
    #[command(after_help = "Example: infield state list --env production")]
    List {
        /// Only these: names, patterns such as 'brand-*', or tag:WORD [default: all]
        #[arg(value_name = "NAMES", add = candidates::remembered())]
        names: Vec<String>,
        /// How to print it
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Show one resource, as JSON or YAML
    #[command(after_help = "Example: infield state show soda-tracker-w3")]
    Show {
        /// Its name
        #[arg(value_name = "ADDR", add = candidates::remembered())]
        address: String,
        /// How to print it
        #[arg(long, value_name = "FORMAT", default_value = "json")]
        format: Notation,
    },
    /// Rename a survey with its groups, a group, or a quota; rename it in its manifest too
    ///
    /// A group is SURVEY/GROUP, a quota SURVEY/quotas/NAME or SURVEY/GROUP/quotas/NAME. `moved_from` in a manifest does the
    /// same in a pull request.
    #[command(after_help = "Example: infield state mv soda-tracker soda-tracker-w3")]
    Mv {
        /// Its name now
        #[arg(value_name = "FROM", add = candidates::remembered())]
        from: String,
        /// Its new name
        #[arg(value_name = "TO")]
        to: String,
    },
    /// Forget surveys with their groups; they stay at the vendor as they are
    #[command(after_help = "Example: infield state rm soda-tracker-w2")]
    Rm {
        /// A name, a pattern such as 'brand-*', or tag:WORD
        #[arg(value_name = "ADDR", add = candidates::remembered())]
        address: String,
    },
    /// Settle a create whose outcome is not known
    #[command(after_help = "Example: infield state resolve soda-tracker-w3 --adopt 7224")]
    Resolve {
        /// The survey it was for
        #[arg(value_name = "ADDR", add = candidates::remembered())]
        address: String,
        /// It was carried out, or is there already, and this is the vendor's id
        #[arg(
            long,
            value_name = "ID",
            conflicts_with_all = ["discard", "new"],
            required_unless_present_any = ["discard", "new"]
        )]
        adopt: Option<String>,
        /// It was not carried out; the next apply creates the survey
        #[arg(long, conflicts_with = "new")]
        discard: bool,
        /// What is there and resembles it is something else; the next apply creates the survey beside it
        #[arg(long)]
        new: bool,
    },
    /// Free a lock whose holder is gone
    #[command(after_help = "Example: infield state unlock --env production")]
    Unlock,
    /// Print the whole state, as JSON
    #[command(after_help = "Example: infield state pull > state.json")]
    Pull,
    /// Put a state in place of the present one; its lineage must match and its serial may not be older
    #[command(after_help = "Example: infield state push state.json")]
    Push {
        /// The file
        #[arg(value_name = "FILE")]
        file: Utf8PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.state-list/1
    Json,
}

pub(super) async fn run(args: &StateArgs, ui: &Ui) -> Result<Outcome, Stop> {
    // Manifests may be broken; mending the state must work all the same.
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    match &args.command {
        StateCommand::List { names, format } => list(&opened, names, *format, ui).await,
        StateCommand::Show { address, format } => {
            let document = opened.peek().await?;
            let (_, resource) = find(&document, address)?;
            ui::write(ui, resource, *format).map(|()| Outcome::Done)
        }
        StateCommand::Pull => {
            let document = opened.peek().await?;
            ui.document(&String::from_utf8_lossy(&document.to_bytes()))?;
            Ok(Outcome::Done)
        }
        StateCommand::Unlock => unlock(&opened, ui).await,
        StateCommand::Mv { from, to } => mv::run(&opened, from, to, ui).await,
        StateCommand::Rm { address } => {
            let forgetting = async |keeper: &Keeper| forget(keeper, address).await;
            for (address, id) in opened.locked("state rm", (ui, None), forgetting).await? {
                ui.status(&format!(
                    "{address} is forgotten; at the vendor {id} stays as it is"
                ));
            }
            Ok(Outcome::Done)
        }
        StateCommand::Resolve {
            address,
            adopt,
            discard,
            new: _,
        } => match adopt {
            Some(id) => resolve::take_over(&opened, address, id, ui).await,
            None => resolve::make_new(&opened, address, *discard, ui).await,
        },
        StateCommand::Push { file } => push(&opened, file, ui).await,
    }
}

async fn list(opened: &Opened, names: &[String], format: Format, ui: &Ui) -> Result<Outcome, Stop> {
    let document = opened.peek().await?;
    let known = document.known();
    let meant = named(&document, names)?;
    let shown = |address: &Address| names.is_empty() || meant.contains(address);
    if format == Format::Json {
        let report = report(&opened.environment, &document, shown);
        return ui.document(&report.to_json()).map(|()| Outcome::Done);
    }
    let mut text = String::new();
    for (address, resource) in document.resources.iter().filter(|(address, _)| shown(address)) {
        let what = match &resource.kind {
            ResourceKind::Group(_) => "exclusion group".to_owned(),
            ResourceKind::Survey(survey) => {
                let mut what = String::from("survey");
                if survey.in_field {
                    what.push_str(", in field");
                }
                if survey.orphaned {
                    what.push_str(", its manifest is gone");
                }
                if !survey.former.is_empty() {
                    let _ = write!(what, ", replaces {}", survey.former.join(", "));
                }
                if let Some(freeze) = known.freeze(address, resource.vendor, &NO_TAGS) {
                    let _ = write!(what, ", {freeze}");
                }
                what
            }
        };
        let (vendor, id) = (resource.vendor, clean(&resource.id));
        let _ = writeln!(text, "{address}\t{vendor}\t{id}\t{}", clean(&what));
    }
    for (id, intent) in document
        .intents
        .iter()
        .filter(|(_, intent)| shown(&intent.address))
    {
        let _ = writeln!(
            text,
            "{}\t{}\t?\tcreate with unknown outcome since {} (intent {id})",
            intent.address, intent.vendor, intent.at
        );
    }
    ui.long(&text)?;
    let named = known
        .stops
        .freezes
        .iter()
        .filter(|freeze| !freeze.patterns.is_empty());
    for freeze in named {
        let names = |patterns: &[Pattern]| {
            let names: Vec<String> = patterns.iter().map(|name| format!("'{name}'")).collect();
            names.join(" ")
        };
        let but = match freeze.thawed.is_empty() {
            true => String::new(),
            false => format!(" but {}", names(&freeze.thawed)),
        };
        ui.status(&format!("{freeze}: {}{but}", names(&freeze.patterns)));
    }
    if text.is_empty() {
        ui.status(&format!("nothing is remembered about `{}`", opened.environment));
    }
    Ok(Outcome::Done)
}

/// What is remembered, for machines.
fn report(environment: &str, document: &Document, shown: impl Fn(&Address) -> bool) -> StateList {
    let known = document.known();
    let resources = document.resources.iter().filter(|(address, _)| shown(address));
    let remembered = |(address, resource): (&Address, &Resource)| {
        let survey = resource.survey();
        let frozen = survey.and_then(|_| known.freeze(address, resource.vendor, &NO_TAGS));
        Remembered {
            address: address.to_string(),
            vendor: resource.vendor.to_string(),
            id: resource.id.clone(),
            kind: match &resource.kind {
                ResourceKind::Group(_) => Kind::ExclusionGroup,
                ResourceKind::Survey(_) => Kind::Survey,
            },
            in_field: survey.is_some_and(|survey| survey.in_field),
            orphaned: survey.is_some_and(|survey| survey.orphaned),
            replaces: survey.map(|survey| survey.former.clone()).unwrap_or_default(),
            frozen: frozen.map(ToString::to_string),
            links: survey.map(|survey| survey.links.clone()).unwrap_or_default(),
            tags: resource.tags().iter().cloned().collect(),
        }
    };
    let intents = document
        .intents
        .iter()
        .filter(|(_, intent)| shown(&intent.address));
    StateList {
        format: state_list::Format::V1,
        environment: environment.to_owned(),
        resources: resources.map(remembered).collect(),
        unknown: intents
            .map(|(id, intent)| Open {
                address: intent.address.to_string(),
                vendor: intent.vendor.to_string(),
                since: intent.at.to_string(),
                intent: id.to_string(),
            })
            .collect(),
    }
}

/// The addresses that names mean.
fn named(document: &Document, names: &[String]) -> Result<BTreeSet<Address>, Stop> {
    let known = document.known();
    let all: Vec<Named<'_>> = known.named().collect();
    selection::meant(names, &all, "state", "see `infield state list`")
}

/// The one resource that a name means.
fn find<'a>(document: &'a Document, name: &str) -> Result<(Address, &'a Resource), Stop> {
    let exact = Address::survey(name);
    if let Some(resource) = document.resources.get(&exact) {
        return Ok((exact, resource));
    }
    let meant = named(document, &[name.to_owned()])?;
    let mut found = meant
        .iter()
        .filter_map(|address| Some((address, document.resources.get(address)?)));
    match (found.next(), found.next()) {
        (Some((address, resource)), None) => Ok((address.clone(), resource)),
        (None, _) => Err(Stop::failed(format!("what became of `{name}` is not known yet"))
            .help(format!("settle it first: `infield state resolve {name}`"))),
        (Some((one, _)), Some((other, _))) => {
            Err(Stop::usage(format!("`{name}` means several: {one}, {other}, ...")).help("name one of them"))
        }
    }
}

/// Forgets what a name means, a survey with its groups; gives the vendor's ids.
async fn forget(keeper: &Keeper, name: &str) -> Result<Vec<(Address, String)>, Stop> {
    let document = keeper.document().await;
    let meant = named(&document, &[name.to_owned()])?.into_iter();
    let ids = meant.filter_map(|address| {
        let id = document.resources.get(&address)?.id.clone();
        Some((address, id))
    });
    let ids: Vec<(Address, String)> = ids.collect();
    let gone = ids.iter().map(|(address, _)| Op::Remove {
        address: address.clone(),
    });
    keeper.commit(gone.collect()).await?;
    Ok(ids)
}

async fn unlock(opened: &Opened, ui: &Ui) -> Result<Outcome, Stop> {
    match opened.place()?.store.unlock().await? {
        Some(holder) => ui.status(&format!("the lock of {holder} is taken away")),
        None => ui.status("the state is not locked"),
    }
    Ok(Outcome::Done)
}

async fn push(opened: &Opened, file: &Utf8PathBuf, ui: &Ui) -> Result<Outcome, Stop> {
    let bytes = std::fs::read(file).or_fail(format_args!("{file} cannot be read"))?;
    let new = Document::parse(&bytes).or_fail(format_args!("{file} is not a state"))?;
    if let Some(twice) = known::said_twice(&new.resources) {
        return Err(Stop::failed(format!("in {file}, {twice}")).help("nothing was changed"));
    }
    Keeper::check_environment(&*opened.place()?.store, &new, &opened.environment)?;
    let (lineage, serial) = (new.lineage.clone(), new.serial);
    // A state that is not there yet begins with the lineage of the one that is put there.
    let pushing = async |keeper: &Keeper| {
        let present = keeper.document().await;
        if present.lineage != new.lineage {
            return Err(
                Stop::failed(format!("{file} has another lineage than the present state"))
                    .help("it is the state of something else; nothing was changed"),
            );
        }
        if serial < present.serial {
            return Err(Stop::failed(format!(
                "{file} has serial {serial}, and the present state {}: it would go backwards",
                present.serial
            ))
            .help("nothing was changed"));
        }
        Ok(keeper.replace(new).await?)
    };
    opened.locked("state push", (ui, Some(&lineage)), pushing).await?;
    ui.status(&format!("{file} is in place, serial {serial}"));
    Ok(Outcome::Done)
}
