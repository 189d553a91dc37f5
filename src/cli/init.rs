//! `infield init`: a starter project, as it is wished for.

mod tools;

use super::args::{parse_vendor, word};
use super::project::folder;
use super::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Outcome};
use crate::format;
use crate::manifest::starter::{self, StarterFile, Study, Wanted};
use crate::manifest::{PROJECT_FILE, schema};
use crate::model::{Address, VendorId};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
pub(super) use tools::{Ci, Editor};

/// Make a starter project that plans and applies at once
///
/// All of it happens in the sandbox. On a terminal it asks what you do not say. Never overwrites: a file that exists is left as
/// it is.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield init my-trackers && infield plan my-trackers\n          infield init --kind tracker --ci github --editor vscode --yes"
)]
pub(super) struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: Utf8PathBuf,
    /// Where surveys are to be fielded
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
    /// What kind of study to begin with: simple, soft-launch, census-balanced, tracker, several-marketplaces, exclusion-group
    #[arg(long, value_name = "STUDY", value_parser = parse_study)]
    kind: Option<Study>,
    /// Write a pipeline as well
    #[arg(long, value_name = "FORGE")]
    ci: Option<Ci>,
    /// Write settings of an editor as well
    #[arg(long, value_name = "EDITOR")]
    editor: Option<Editor>,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
}

/// A kind of study by its word.
pub(super) fn parse_study(text: &str) -> Result<Study, String> {
    let found = Study::ALL.into_iter().find(|study| study.word() == text);
    word("kind of study", text, found, Study::ALL.map(Study::word))
}

/// The last moment of a study that begins today, where a marketplace asks for one.
pub(super) fn end() -> String {
    let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let last = day.saturating_add(jiff::Span::new().days(14));
    format!("{last}T18:00:00Z")
}

/// The schema of all manifests, below the folder of the project.
const SCHEMA: &str = "schemas/manifest.schema.json";

pub(super) fn run(args: &InitArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let base = folder()?;
    let root = base.join(&args.folder);
    let name = root.file_name().and_then(|name| name.to_str());
    let name = name.map_or_else(|| "my-surveys".to_owned(), project_name);
    let said = args.vendor.is_some() || args.kind.is_some() || args.ci.is_some() || args.editor.is_some();
    let (files, ci) = if said || args.yes || ui.is_attended() {
        wished(args, &name, ui)?
    } else {
        (starter::files(&name), None)
    };
    for (path, content) in files {
        make(&args.folder.join(path), &content, ui)?;
    }
    if let Some(ci) = ci {
        ui.status(ci.next());
    }
    let place = match args.folder == "." {
        true => String::new(),
        false => format!(" {}", args.folder),
    };
    ui.status(&format!(
        "next: `infield plan{place}`, then `infield apply{place}`, both in the sandbox"
    ));
    Ok(Outcome::Done)
}

/// The name of a folder as one of a project.
fn project_name(folder: &str) -> String {
    if Address::is_valid_name(folder) {
        return folder.to_owned();
    }
    let letter = |c: char| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9') => c,
        _ => '-',
    };
    let name: String = folder.chars().map(letter).collect();
    let name = name.trim_matches('-').to_owned();
    match Address::is_valid_name(&name) {
        true => name,
        false => "my-surveys".to_owned(),
    }
}

/// All files of a project as it is wished for, and where its pipeline is.
fn wished(args: &InitArgs, project: &str, ui: &Ui) -> Result<(Vec<StarterFile>, Option<Ci>), Stop> {
    let asks = ui.is_attended() && !args.yes;
    let all = starter::vendors();
    let vendor = match args.vendor {
        Some(vendor) => vendor,
        None => {
            let offered: Vec<(&str, &str)> = all
                .iter()
                .map(|vendor| (vendor.key(), vendor.facts().api))
                .collect();
            all[choose(asks, ui, "Where are surveys to be fielded?", &offered)?]
        }
    };
    if !all.contains(&vendor) {
        return Err(Stop::usage(format!(
            "no starter project begins with {}",
            vendor.name()
        )));
    }
    let study = match args.kind {
        Some(study) => study,
        None => {
            let fit: Vec<Study> = Study::ALL
                .into_iter()
                .filter(|study| study.fits(vendor))
                .collect();
            let offered: Vec<(&str, &str)> = fit.iter().map(|study| (study.word(), study.about())).collect();
            fit[choose(asks, ui, "What kind of study is it?", &offered)?]
        }
    };
    check_fits(study, vendor)?;
    let ci = match args.ci {
        None if asks => Ci::of(choose(asks, ui, "Is there a pipeline to write?", &Ci::OFFERED)?),
        ci => ci,
    };
    let editor = match args.editor {
        None if asks => Editor::of(choose(
            asks,
            ui,
            "Which editor is to be set up?",
            &Editor::OFFERED,
        )?),
        editor => editor,
    };
    let title = match study {
        Study::Simple => "My first survey",
        Study::SoftLaunch => "My soft launch",
        Study::CensusBalanced => "My balanced survey",
        Study::Tracker => "My tracker,",
        Study::SeveralMarketplaces => "My brand study",
        Study::ExclusionGroup => "My waves",
    };
    let schema = format!("../{SCHEMA}");
    let wanted = Wanted {
        name: study.name(),
        title,
        vendor,
        study,
        end: &end(),
        schema: Some(&schema),
    };
    let vendors = study.vendors(vendor);
    let mut files = vec![(
        PROJECT_FILE.to_owned(),
        starter::project(project, &vendors, Some(SCHEMA)),
    )];
    files.extend(starter::manifests(&wanted));
    for (name, text) in &mut files {
        canonical(name, text)?;
    }
    files.push((".gitignore".to_owned(), starter::GITIGNORE.to_owned()));
    let all = schema::all().into_iter();
    let manifests = all.filter(|(name, _)| SCHEMA.ends_with(&name.to_string()));
    files.extend(manifests.map(|(_, schema)| (SCHEMA.to_owned(), format!("{schema:#}\n"))));
    let at = folder()?.join(&args.folder);
    let at = Utf8PathBuf::from_path_buf(at)
        .map_err(|path| Stop::failed(format!("{} is not UTF-8", path.display())))?;
    let variables: Vec<&str> = vendors
        .iter()
        .flat_map(|vendor| starter::variables(*vendor))
        .collect();
    files.extend(ci.map(|ci| ci.files(&at, &variables)).unwrap_or_default());
    files.extend(editor.map(Editor::files).unwrap_or_default());
    Ok((files, ci))
}

/// Says so where a marketplace has not what a study takes.
pub(super) fn check_fits(study: Study, vendor: VendorId) -> Result<(), Stop> {
    if study.fits(vendor) {
        return Ok(());
    }
    let others = starter::vendors()
        .into_iter()
        .filter(|vendor| study.fits(*vendor));
    let others: Vec<String> = others.map(|vendor| format!("--vendor {vendor}")).collect();
    let stop = Stop::usage(format!("{} has no {}", vendor.name(), study.word()));
    Err(stop.help(format!("write {}, or another kind", others.join(" or "))))
}

/// A text as `infield fmt` leaves it.
pub(super) fn canonical(name: &str, text: &mut String) -> Result<(), Stop> {
    let failed = |_| Stop::failed(format!("{name} would be no YAML"));
    *text = format::format(text).map_err(failed)?.text;
    Ok(())
}

/// The place of what is chosen; the first where nobody is asked.
fn choose(asks: bool, ui: &Ui, question: &str, offered: &[(&str, &str)]) -> Result<usize, Stop> {
    if !asks {
        return Ok(0);
    }
    let stop =
        || Stop::usage("nothing was chosen").help("nothing was made; `--yes` takes the first of everything");
    ui.choose(question, offered).ok_or_else(stop)
}

/// Writes a file that is not there yet.
pub(super) fn make(path: &Utf8Path, content: &str, ui: &Ui) -> Result<(), Stop> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).or_fail(format_args!("{parent} cannot be made"))?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    match opened.and_then(|mut out| out.write_all(content.as_bytes())) {
        Ok(()) => ui.done(&format!("made {path}\n")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            ui.status(&format!("left {path} as it is"));
            Ok(())
        }
        Err(error) => Err(Stop::failed(format!("{path} cannot be written: {error}"))),
    }
}
