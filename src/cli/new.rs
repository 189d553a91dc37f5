//! `infield new`: one more manifest of a project that is there.

use super::args::{Common, parse_vendor};
use super::candidates;
use super::init::{canonical, check_fits, end, parse_study};
use super::project::{Opened, open_folder};
use super::ui::{Stop, Ui};
use crate::diag;
use crate::flow::project::SANDBOX;
use crate::flow::{OrFail as _, Outcome};
use crate::manifest::starter::{self, StarterFile, Study, Wanted};
use crate::model::{Address, VendorId};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write as _;

/// Add a survey, study or group to a project, from a template
///
/// The template is a survey of the project, or a kind of study: simple, soft-launch, census-balanced, tracker,
/// several-marketplaces, exclusion-group. What is new is a draft until you write otherwise. Never overwrites, and writes nothing
/// that would break the project.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield new survey soda-w4 --from soda-w3\n          infield new study snacks --from census-balanced --vendor cint\n          infield new group soda-waves --surveys soda-w3,soda-w4"
)]
pub(super) struct NewArgs {
    /// What to add
    #[arg(value_name = "WHAT")]
    what: What,
    /// Its name: lower-case letters, digits and dashes
    #[arg(value_name = "NAME")]
    name: String,
    /// A kind of study, or the name of something in the project
    #[arg(long, value_name = "TEMPLATE", add = candidates::templates())]
    from: Option<String>,
    /// Title for people [default: from the name]
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Where it is fielded [default: where most of the project is]
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
    /// Members of a group
    #[arg(long, value_name = "NAMES", value_delimiter = ',', add = candidates::surveys())]
    surveys: Vec<String>,
    /// Folder for it, below the project's [default: that of its template, or of most surveys]
    #[arg(long, value_name = "DIR")]
    into: Option<Utf8PathBuf>,
    /// Folder of the project [default: the current one]
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// A survey
    Survey,
    /// A survey that several marketplaces field, or any other kind of study
    Study,
    /// Surveys that keep their respondents out of each other
    Group,
}

pub(super) fn run(args: &NewArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if !Address::is_valid_name(&args.name) {
        let stop = Stop::usage(format!("`{}` cannot be a name", args.name));
        return Err(stop.help("use lower-case letters, digits and dashes"));
    }
    if (args.what == What::Group) == args.surveys.is_empty() && args.from.is_none() {
        return Err(match args.what {
            What::Group => {
                Stop::usage("it is not said which surveys the group has").help("add --surveys NAME,NAME")
            }
            _ => Stop::usage("--surveys names the members of a group").help("write `infield new group`"),
        });
    }
    let common = Common {
        env: SANDBOX.to_owned(),
    };
    let opened = open_folder(args.project.as_ref(), &common)?;
    let (files, says) = match &args.from {
        Some(from) if parse_study(from).is_err() => like(args, &opened, from)?,
        from => (made(args, &opened, from.as_deref())?, Vec::new()),
    };
    write(args, &opened, &files, ui)?;
    says.iter().for_each(|said| ui.status(said));
    let name = &args.name;
    ui.status(&format!(
        "next: edit it, then `infield validate`, `infield plan --target {name}`; write `status: live` once it may cost money"
    ));
    Ok(Outcome::Done)
}

/// The title that a name stands for.
fn title(args: &NewArgs) -> String {
    let words = || {
        let text = args.name.replace('-', " ");
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    };
    args.title.clone().unwrap_or_else(words)
}

/// Manifests of a kind of study.
fn made(args: &NewArgs, opened: &Opened, from: Option<&str>) -> Result<Vec<StarterFile>, Stop> {
    let folder = match &args.into {
        Some(into) => into.clone(),
        None => usual_folder(opened),
    };
    let schema = schema(opened, &folder);
    let (title, end) = (title(args), end());
    let place = |name: &str| folder.join(format!("{name}.yaml")).into_string();
    let mut files = if args.what == What::Group && from.is_none() {
        let members: Vec<&str> = args.surveys.iter().map(String::as_str).collect();
        let mut wanted = opened.loaded.desired.surveys.iter();
        let one = wanted.find(|(address, _)| members.contains(&address.manifest()));
        let days = one.is_none_or(|(_, survey)| starter::chooses_days(survey.vendor));
        vec![(
            place(&args.name),
            starter::group(&args.name, &title, &members, days, schema.as_deref()),
        )]
    } else {
        let study = match (from, args.what) {
            (Some(from), _) => parse_study(from).map_err(Stop::usage)?,
            (None, What::Study) => Study::SeveralMarketplaces,
            (None, _) => Study::Simple,
        };
        let vendor = args.vendor.unwrap_or_else(|| usual_vendor(opened, study));
        check_fits(study, vendor)?;
        let wanted = Wanted {
            name: &args.name,
            title: &title,
            vendor,
            study,
            end: &end,
            schema: schema.as_deref(),
        };
        let all = starter::manifests(&wanted).into_iter();
        let bare = |file: &str| {
            file.rsplit('/')
                .next()
                .map_or_else(|| file.to_owned(), str::to_owned)
        };
        all.map(|(file, text)| (folder.join(bare(&file)).into_string(), text))
            .collect()
    };
    for (name, text) in &mut files {
        canonical(name, text)?;
    }
    Ok(files)
}

/// A manifest like one that is there, and what is other.
fn like(args: &NewArgs, opened: &Opened, from: &str) -> Result<(Vec<StarterFile>, Vec<String>), Stop> {
    let index = &opened.loaded.index;
    let named = Address::survey(
        from.split('/')
            .next()
            .unwrap_or(from)
            .split('@')
            .next()
            .unwrap_or(from),
    );
    let found = index.document(&named).zip(index.path(&named));
    let Some(((shown, place), path)) = found else {
        let names: Vec<String> = index.addresses().map(ToString::to_string).collect();
        let studies = Study::ALL.map(Study::word);
        let all = names.iter().map(String::as_str).chain(studies);
        let stop = Stop::usage(format!("there is neither a kind of study nor a survey `{from}`"));
        return Err(stop.meant(from, all, format!("kinds of study are {}", studies.join(", "))));
    };
    let text = crate::yaml::read_text(path, crate::yaml::MAX_FILE_BYTES);
    let text = text.map_err(|error| Stop::failed(format!("{shown}: {}", error.diagnostic().message)))?;
    let title = title(args);
    let copied = starter::copy(&text, place, &args.name, Some(&title));
    let copied = copied.map_err(|why| {
        Stop::failed(format!("{shown} cannot be taken as it stands: {why}")).help("copy the file by hand")
    })?;
    let folder = match &args.into {
        Some(into) => into.clone(),
        None => below(opened, path).unwrap_or_default(),
    };
    let file = folder.join(format!("{}.yaml", args.name)).into_string();
    let changed = match &copied.changed[..] {
        [] => String::new(),
        changed => format!(": {}", changed.join(", ")),
    };
    Ok((vec![(file, copied.text)], vec![format!("like {shown}{changed}")]))
}

/// The folder of a file, below that of the project.
fn below(opened: &Opened, file: &std::path::Path) -> Option<Utf8PathBuf> {
    let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let root = real(opened.root.as_std_path());
    let folder = real(file.parent()?).strip_prefix(root).ok()?.to_owned();
    Utf8PathBuf::from_path_buf(folder).ok()
}

/// The folder where most surveys are.
fn usual_folder(opened: &Opened) -> Utf8PathBuf {
    let index = &opened.loaded.index;
    let mut folders: BTreeMap<Utf8PathBuf, usize> = BTreeMap::new();
    let files: BTreeSet<_> = index
        .addresses()
        .filter_map(|address| index.path(address))
        .collect();
    for folder in files.into_iter().filter_map(|file| below(opened, file)) {
        *folders.entry(folder).or_default() += 1;
    }
    let most = folders
        .into_iter()
        .max_by_key(|(folder, count)| (*count, std::cmp::Reverse(folder.clone())));
    let usual = || match opened.root.join(starter::SURVEYS).is_dir() {
        true => starter::SURVEYS.into(),
        false => Utf8PathBuf::new(),
    };
    most.map_or_else(usual, |(folder, _)| folder)
}

/// The marketplace where most of the project is fielded, of those that have what the study takes.
fn usual_vendor(opened: &Opened, study: Study) -> VendorId {
    let mut counts: BTreeMap<VendorId, usize> = BTreeMap::new();
    for survey in opened.loaded.desired.surveys.values() {
        *counts.entry(survey.vendor).or_default() += 1;
    }
    let offered = starter::vendors();
    let fit = offered.iter().copied().filter(|vendor| study.fits(*vendor));
    let most = fit.max_by_key(|vendor| {
        (
            counts.get(vendor).copied().unwrap_or_default(),
            std::cmp::Reverse(*vendor),
        )
    });
    most.unwrap_or(offered[0])
}

/// The address of the schema, where the project has one.
fn schema(opened: &Opened, folder: &Utf8Path) -> Option<String> {
    let there = opened.root.join("schemas/manifest.schema.json").is_file();
    let up = "../".repeat(folder.components().count());
    there.then(|| format!("{up}schemas/manifest.schema.json"))
}

/// Writes all of the files, or none where one is there already or the project would have a problem with them.
fn write(args: &NewArgs, opened: &Opened, files: &[StarterFile], ui: &Ui) -> Result<(), Stop> {
    let before = &opened.loaded;
    for name in files
        .iter()
        .filter_map(|(file, _)| Utf8Path::new(file).file_stem())
    {
        if let Some(elsewhere) = before.index.file(&Address::survey(name)) {
            return Err(
                Stop::failed(format!("{elsewhere} has something named `{name}` already"))
                    .help("nothing was written"),
            );
        }
    }
    let mut made = Made::default();
    for (file, text) in files {
        made.put(&opened.root.join(file), text)?;
    }
    let common = Common {
        env: SANDBOX.to_owned(),
    };
    let after = open_folder(args.project.as_ref(), &common)?.loaded;
    let shown: BTreeSet<&str> = files.iter().map(|(file, _)| file.as_str()).collect();
    let own = |problem: &&diag::Diagnostic| {
        problem.is_error()
            && problem
                .files()
                .any(|file| shown.iter().any(|own| file.ends_with(own)))
    };
    let mut problems = diag::Diagnostics::default();
    problems.extend(after.diagnostics.iter().filter(own).cloned());
    if !problems.is_empty() {
        ui.say(diag::text::render(&problems, &after.sources, super::project::style(ui)).trim_end());
        drop(made);
        return Err(Stop::failed("it would not fit into the project").help("nothing was written"));
    }
    for file in std::mem::take(&mut made.0) {
        let shown = file.strip_prefix(&opened.root).unwrap_or(&file);
        ui.done(&format!("made {shown}\n"))?;
    }
    Ok(())
}

/// Files that were written; gone again when this is dropped.
#[derive(Default)]
struct Made(Vec<Utf8PathBuf>);

impl Made {
    fn put(&mut self, file: &Utf8Path, text: &str) -> Result<(), Stop> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).or_fail(format_args!("{folder} cannot be made"))?;
        }
        let opened = OpenOptions::new().write(true).create_new(true).open(file);
        let mut out = opened.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Stop::failed(format!("{file} is there already")).help("nothing was written")
            }
            _ => Stop::failed(format!("{file} cannot be written: {error}")),
        })?;
        self.0.push(file.to_owned());
        out.write_all(text.as_bytes())
            .or_fail(format_args!("{file} cannot be written"))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.0 {
            let _ = fs::remove_file(file);
        }
    }
}
