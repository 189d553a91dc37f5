//! Surveys made elsewhere become manifests and state, and the next plan has nothing to do.
//!
//! Order of writing: the state first, with the promise to forget what has no manifest; then the manifests, each as a whole or
//! not at all; then the state as it is meant. Cut off anywhere, a plan creates nothing a second time and touches nothing:
//! what has no manifest yet is only forgotten, and can be imported again. What is written over is shown first, as a
//! difference.

mod check;
mod inventory;
mod orphans;
mod place;

use super::{Connected, Locked, OrFail as _, Outcome, Project, Stop, Terminal, count, files, problems};
use crate::format;
use crate::import::{self, Draft, Found, Taken};
use crate::manifest;
use crate::model::{Address, Known, Level, Lexicon, Status, VendorId};
use crate::plan::Marketplaces as _;
use crate::yaml;
use camino::Utf8PathBuf;
use check::{Case, ImportCheck};
use orphans::OrphanManifests;
use std::collections::BTreeMap;

/// What is asked for, and where it goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is; every vendor of the environment where none is named.
    pub vendor: Option<VendorId>,
    /// The vendor's ids; everything where there are none.
    pub ids: Vec<String>,
    /// Ids of groups, where the vendor does not list the groups of a survey.
    pub groups: Vec<String>,
    /// Only what is in one of these; where none is named, lists leave out what is closed.
    pub statuses: Vec<Status>,
    /// Only what was made since this day, where the vendor says.
    pub since: Option<jiff::civil::Date>,
    /// Name for the only survey.
    pub name: Option<String>,
    /// Folder for the manifests, below the project's.
    pub into: Utf8PathBuf,
    /// Write over manifests that exist, where nobody remembers their surveys.
    pub force: bool,
}

/// A survey that can be imported.
struct Ready {
    name: String,
    file: Utf8PathBuf,
    /// What the file holds now, if it is written over.
    before: Option<String>,
    text: String,
    known: Known,
    says: String,
}

impl Ready {
    /// The file as the project names it.
    fn shown<'a>(&'a self, project: &Project) -> &'a str {
        self.file
            .strip_prefix(&project.root)
            .unwrap_or(&self.file)
            .as_str()
    }

    /// What changes in the file, if it is written over.
    fn difference(&self, project: &Project) -> Option<String> {
        let before = self.before.as_ref()?;
        Some(problems::difference(self.shown(project), before, &self.text))
    }
}

/// One import, while it goes on.
struct Importing<'a> {
    at: &'a Connected<'a>,
    options: &'a Options,
    known: Known,
}

/// Gives out the manifests that an import would write, and for files that it would write over what would change in them.
/// Writes nothing.
///
/// # Errors
/// When lists or state cannot be read.
pub async fn preview(project: &Project, terminal: &dyn Terminal, options: &Options) -> Result<Outcome, Stop> {
    let known = project.peek().await?.known();
    let making = async |at: &Connected<'_>| Importing { at, options, known }.make().await;
    let (ready, failed) = project.connected(terminal, making).await?;
    for one in &ready {
        match one.difference(project) {
            None => terminal.document(&one.text)?,
            Some(same) if same.is_empty() => {
                terminal.status(&format!("{} would stay as it is", one.shown(project)));
            }
            Some(difference) => terminal.data(&difference)?,
        }
    }
    let imported = ready.len();
    Ok(Outcome::Imported { imported, failed })
}

/// Imports: manifests and state.
///
/// # Errors
/// When lists cannot be read, or state or manifests not be written.
pub async fn run(project: &Project, terminal: &dyn Terminal, options: &Options) -> Result<Outcome, Stop> {
    let work = async |locked: &Locked<'_>| {
        let known = locked.keeper.known().await;
        let (ready, failed) = Importing {
            at: locked,
            options,
            known,
        }
        .make()
        .await?;
        let (ready, held, refused) = place::fit(&project.root, ready)?;
        refused.iter().for_each(|why| terminal.say(why));
        for difference in ready.iter().filter_map(|one| one.difference(project)) {
            terminal.status(difference.trim_end());
        }
        let put = |one: &Ready| {
            let written = files::write(one.file.as_std_path(), one.text.as_bytes());
            written.or_fail(format_args!("{} cannot be written", one.file))
        };
        place::write(&ready, locked.keeper, put).await?;
        drop(held);
        for one in &ready {
            Stop::unless_told(terminal.done(&format!("{}\n", one.says)))?;
        }
        let (imported, failed) = (ready.len(), failed + refused.len());
        terminal.status(&match imported {
            0 => "nothing was imported".to_owned(),
            _ if project.loaded.has_errors() => {
                "imported; other manifests here have mistakes that keep plans from \
                                                 being made: `infield validate` shows them"
                    .to_owned()
            }
            1 => "imported 1 survey; `infield plan` has nothing to do for it".to_owned(),
            many => format!("imported {many} surveys; `infield plan` has nothing to do for them"),
        });
        Ok(Outcome::Imported { imported, failed })
    };
    project.locked_and_connected("import", terminal, work).await
}

impl Importing<'_> {
    /// Reads what is asked for, and makes manifests of it. What cannot be imported is told and counted.
    async fn make(&self) -> Result<(Vec<Ready>, usize), Stop> {
        let (options, known, terminal) = (self.options, &self.known, self.at.terminal);
        let orphans = OrphanManifests::of(&self.at.project.loaded, known);
        // With --force a manifest that nobody remembers may be written anew, under its name.
        let replaced = |name: &str| {
            options.force && orphans.has(name) && orphans::may_be_replaced(&self.file_of(name), name)
        };
        let mut taken = Taken::default();
        orphans::reserved().for_each(|name| taken.take(name));
        let names = self.at.project.loaded.index.addresses().map(Address::manifest);
        names
            .filter(|name| !replaced(name))
            .for_each(|name| taken.take(name));
        known
            .resources
            .keys()
            .for_each(|address| taken.take(address.manifest()));
        if let Some(name) = &options.name {
            self.check_name(name, &taken, &orphans)?;
        }
        options
            .vendor
            .map(|vendor| self.at.vendors.reader(vendor))
            .transpose()?;
        let mut ready = Vec::new();
        let mut failed = 0;
        for (vendor, reader) in &self.at.vendors.readers {
            if options.vendor.is_some_and(|wanted| wanted != *vendor) {
                continue;
            }
            // What a lost create made is in no state yet. Under another name it would never be found again, and be made twice.
            if let Some(intent) = known.intents.values().find(|intent| intent.vendor == *vendor) {
                failed += 1;
                let address = &intent.address;
                terminal.say(&format!(
                    "nothing of {} is imported: `{address}` has a create with unknown outcome, and what it made would be taken for \
                     somebody else's\n  help: settle it first: `infield apply` looks for it, or `infield state resolve {address}`",
                    vendor.name()
                ));
                continue;
            }
            let seen = inventory::look(reader, options, known)
                .await
                .or_fail(format_args!("{} could not be read", vendor.name()))?;
            for why in seen.left_out {
                terminal.status(&why);
            }
            for why in seen.failed {
                failed += 1;
                terminal.say(&why);
            }
            for found in &seen.found {
                let choice = found.first_choice();
                let objection = match options.name {
                    Some(_) => None,
                    None => orphans.objection(found, replaced(&choice).then_some(choice.as_str())),
                };
                match objection.map_or_else(|| self.one(found, &seen.lexicons, &mut taken), Err) {
                    Ok(one) => ready.push(one),
                    Err(why) => {
                        failed += 1;
                        let noun = vendor.noun(Level::of_surveys(*vendor));
                        terminal.say(&format!(
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
    fn check_name(&self, name: &str, taken: &Taken, orphans: &OrphanManifests) -> Result<(), Stop> {
        if orphans::reserved().any(|other| other == name) {
            let stop = Stop::usage(format!("{name}.yaml is no file for a survey"));
            return Err(stop.help("give it another --name"));
        }
        if !taken.has(name) {
            return Ok(());
        }
        let stop = Stop::failed(format!("`{name}` is taken by another survey or group"));
        Err(match self.options.ids.as_slice() {
            [id] if orphans.has(name) => stop.help(format!(
                "if it is this one, `infield state resolve {name} --adopt {id}` gives it to the manifest that is there"
            )),
            _ => stop.help("give it another --name, or leave it out"),
        })
    }

    /// Where the manifest of a survey of this name is written.
    fn file_of(&self, name: &str) -> Utf8PathBuf {
        self.at
            .project
            .root
            .join(&self.options.into)
            .join(format!("{name}.yaml"))
    }

    /// One survey as a manifest that plans nothing.
    fn one(
        &self,
        found: &Found,
        lexicons: &BTreeMap<String, Lexicon>,
        taken: &mut Taken,
    ) -> Result<Ready, String> {
        let Connected { project, vendors, .. } = *self.at;
        let options = self.options;
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
            vendors.markets.codebook(found.vendor),
            lexicons,
            taken,
            options.name.as_deref(),
            references,
            &|key, value, id| market.is_default(key, value, id),
        );
        let file = self.file_of(&name);
        let mut before = None;
        if file.exists() && !place::is_empty(&file) {
            if let Some(why) = orphans::keeps(&file, &name) {
                return Err(why);
            }
            if !options.force {
                return Err(format!("{file} exists already; --force overwrites it"));
            }
            before = Some(
                std::fs::read_to_string(&file).map_err(|error| format!("{file} cannot be read: {error}"))?,
            );
        }
        let case = Case {
            environment: &project.environment,
            markets: &vendors.markets,
            path: file.clone().into_std_path_buf(),
            options: manifest::Options {
                base: project.root.clone().into_std_path_buf(),
            },
        };
        let check = ImportCheck::new(case, found, &name, &groups, lexicons, project.process.now());
        let settled = import::settle(&mut manifest, &groups, |value| check.verdict(&yaml::write(value)));
        let left_out = settled.map_err(|why| {
            let lines = remarks.iter().filter(|line| line.contains(" is left out: "));
            let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
            format!("{why}{}", lines.concat())
        })?;
        remarks.extend(left_out);
        let noun = found.vendor.noun(Level::of_surveys(found.vendor));
        let text = text(found, noun, &remarks, &manifest);
        let read = check
            .read(&text)
            .map_err(|_| "what is written would be read differently".to_owned())?;
        let shown = file.strip_prefix(&project.root).unwrap_or(&file);
        let more = match groups.len() {
            0 => String::new(),
            many => format!(" with {}", count(many, "group")),
        };
        let says = format!(
            "{name}: {} {}{more} is in {shown}",
            found.vendor.name(),
            found.survey.id
        );
        Ok(Ready {
            name,
            file,
            before,
            text,
            known: read.known,
            says,
        })
    }
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
