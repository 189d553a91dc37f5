//! `infield schema`: the generated JSON Schemas.

use super::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Outcome};
use crate::{manifest, picture, report};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;

/// Print, check or write the JSON Schemas
///
/// Without an option the schema of all manifests is printed. An editor with a YAML language server completes and checks
/// manifests with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield schema --write schemas")]
pub(super) struct SchemaArgs {
    /// The schema to print, by file name
    #[arg(value_name = "NAME", conflicts_with_all = ["check", "write"])]
    name: Option<String>,
    /// Compare the schemas in this folder with what this version generates
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "schemas", conflicts_with = "write")]
    check: Option<Utf8PathBuf>,
    /// Write the schemas into this folder
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "schemas")]
    write: Option<Utf8PathBuf>,
}

/// All schemas as files.
fn all() -> Vec<(String, String)> {
    let pretty = |value: &serde_json::Value| format!("{value:#}\n");
    let manifests = manifest::schema::all()
        .into_iter()
        .map(|(name, value)| (name.to_string(), pretty(&value)));
    let reports = report::schemas()
        .into_iter()
        .map(|(name, value)| (name.to_string(), pretty(&value)));
    let picture = ("picture.schema.json".to_owned(), pretty(&picture::schema()));
    manifests.chain(reports).chain([picture]).collect()
}

pub(super) fn run(args: &SchemaArgs, ui: &Ui) -> Result<Outcome, Stop> {
    match (&args.check, &args.write) {
        (Some(folder), _) => check(folder, ui),
        (None, Some(folder)) => write(folder, ui),
        (None, None) => print(args.name.as_deref().unwrap_or("manifest.schema.json"), ui),
    }
}

fn print(name: &str, ui: &Ui) -> Result<Outcome, Stop> {
    let all = all();
    let found = all
        .iter()
        .find(|(file, _)| file == name || file.strip_suffix(".schema.json") == Some(name));
    match found {
        Some((_, text)) => ui.document(text).map(|()| Outcome::Done),
        None => {
            let names: Vec<&str> = all
                .iter()
                .filter_map(|(file, _)| file.strip_suffix(".schema.json"))
                .collect();
            let all = format!("there are {}", names.join(", "));
            Err(Stop::usage(format!("there is no schema `{name}`")).meant(name, names, all))
        }
    }
}

fn check(folder: &Utf8Path, ui: &Ui) -> Result<Outcome, Stop> {
    let mut stale = Vec::new();
    for (name, wanted) in all() {
        let path = folder.join(&name);
        match fs::read_to_string(&path) {
            Ok(found) if found == wanted => {}
            Ok(_) => stale.push(format!("{path} is not what this version generates")),
            Err(error) => stale.push(format!("{path} cannot be read: {error}")),
        }
    }
    if stale.is_empty() {
        ui.status(&format!("the schemas in {folder} are up to date"));
        return Ok(Outcome::Done);
    }
    Err(Stop::failed(stale.join("\n")).help(format!("infield schema --write {folder}")))
}

fn write(folder: &Utf8Path, ui: &Ui) -> Result<Outcome, Stop> {
    fs::create_dir_all(folder).or_fail(format_args!("{folder} cannot be made"))?;
    for (name, text) in all() {
        let path = folder.join(&name);
        fs::write(&path, text).or_fail(format_args!("{path} cannot be written"))?;
        ui.status(&format!("wrote {path}"));
    }
    Ok(Outcome::Done)
}
