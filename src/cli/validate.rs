//! `infield validate`: every problem of every manifest, offline.

use super::args::{Common, Paths};
use super::project::{self, Opened};
use super::ui::{Stop, Ui};
use crate::diag::{self, Diagnostic, code};
use crate::flow::{Outcome, count, problems};
use crate::manifest::{self, Beside, Expanded, Loaded, Template};
use crate::marketplace;
use crate::model::desired::OnTemplateChange;
use crate::model::known::Resource;
use crate::model::{Address, Known, Level, Words};
use crate::plan::{self, Marketplaces as _};
use crate::report;
use crate::report::cells::SurveyCells;
use crate::yaml;

/// Find everything that is wrong with the manifests, offline
///
/// Also compares with the local state where there is one: a template, for example, can only be applied at creation. `-` reads
/// one text from stdin.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield validate surveys/ --format github")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print what the documents come to instead: every survey, over its defaults, at each marketplace
    #[arg(long, conflicts_with = "format")]
    expand: bool,
    /// Print the cells that the quotas of each survey make: how many completes each can take, and who falls through
    #[arg(long, conflicts_with = "expand")]
    cells: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.diagnostics/1
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: workflow commands
    Github,
    /// For reports of tests: JUnit's XML
    Junit,
}

pub(super) async fn run(args: &ValidateArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if args.cells && !matches!(args.format, Format::Text | Format::Json) {
        return Err(Stop::usage("cells are printed as text or as JSON")
            .help("leave out --cells, or write --format json"));
    }
    let stdin = args.paths.paths.iter().any(|path| path == project::STDIN);
    if stdin && (args.paths.paths.len() > 1 || args.expand) {
        return Err(Stop::usage("`-` stands alone: it reads one text from stdin")
            .help("leave out the other paths, and --expand"));
    }
    let (mut opened, surveys, templates) = if args.cells || args.expand || stdin {
        let opened = match stdin {
            true => project::open_stdin(&args.common)?,
            false => project::open(&args.paths, &args.common)?,
        };
        let all = &opened.loaded.desired.surveys;
        let named = |(address, survey): (&Address, _)| Some((address.clone(), Template::of(survey)?));
        let (count, templates) = (all.len(), all.iter().filter_map(named).collect());
        (opened, count, templates)
    } else {
        let checked = project::check(&args.paths, &args.common)?;
        (checked.opened, checked.surveys, checked.templates)
    };
    check_against_state(&mut opened, &templates).await?;
    if matches!(args.format, Format::Sarif | Format::Github) {
        project::name_files_for_services(&mut opened);
    }
    let loaded = &opened.loaded;
    if args.expand && !loaded.has_errors() {
        let (paths, options) = project::place(&args.paths)?;
        ui.document(&expanded(&manifest::expand(&paths, &options, loaded)))?;
        return Ok(Outcome::Done);
    }
    let cells = (args.cells && !loaded.has_errors()).then(|| cells(loaded));
    match args.format {
        Format::Text => {
            if !loaded.diagnostics.is_empty() {
                let style = diag::text::Style {
                    color: ui.style().colour,
                    ..project::style(ui)
                };
                ui.data(&diag::text::render(&loaded.diagnostics, &loaded.sources, style))?;
                problems::hint(&loaded.diagnostics, ui);
            }
            if let Some(cells) = &cells {
                ui.data(&report::cells::render(cells, &ui.style()))?;
            }
            if !loaded.has_errors() {
                let groups = loaded.desired.groups.len();
                let groups = match groups {
                    0 => String::new(),
                    groups => format!(" and {}", count(groups, "exclusion group")),
                };
                ui.status(&format!(
                    "{}{groups} in {}: valid",
                    count(surveys, "survey"),
                    count(loaded.files.len(), "file")
                ));
            }
        }
        Format::Json => {
            let checked = report::cells::Checked {
                problems: diag::json::document(&loaded.diagnostics, &loaded.sources),
                cells: args.cells.then_some(cells.as_deref()),
            };
            ui.document(&checked.to_text())?;
        }
        Format::Sarif => {
            let (problems, sources) = (&loaded.diagnostics, &loaded.sources);
            ui.document(&diag::sarif::render(problems, sources, opened.name()))?;
        }
        Format::Github => ui.document(&diag::github::render(&loaded.diagnostics, &loaded.sources))?,
        Format::Junit => ui.document(&diag::junit::render(
            &loaded.files,
            &loaded.diagnostics,
            &loaded.sources,
        ))?,
    }
    Ok(if loaded.has_errors() {
        Outcome::Invalid
    } else {
        Outcome::Done
    })
}

/// The cells of every survey and group that is fielded itself.
fn cells(loaded: &Loaded) -> Vec<SurveyCells> {
    let books = loaded.project.as_ref().map(|project| project.books.clone());
    let markets = marketplace::Markets::default().naming(books.unwrap_or_default());
    let fielded = loaded.desired.surveys.iter();
    let fielded = fielded.filter(|(address, survey)| Level::of(survey.vendor, address) != Level::Container);
    fielded
        .map(|(address, survey)| {
            let known = markets.of(survey.vendor).codebook();
            let cells = plan::cells::wanted(survey.vendor, &survey.spec, known);
            let words = Words {
                codebook: markets.codebook(survey.vendor),
                lexicon: None,
            };
            SurveyCells::new(address, survey.vendor, &cells, &words)
        })
        .collect()
}

/// Every survey as a document of its own, below a comment that says where it comes from.
fn expanded(all: &[Expanded]) -> String {
    let mut out = String::new();
    for one in all {
        let mut from = one.file.to_string();
        let values: Vec<String> = one
            .values
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        if !values.is_empty() {
            from = format!("{from} ({})", values.join(", "));
        }
        if !one.defaults.is_empty() {
            from = format!("{from}, over {}", one.defaults.join(", "));
        }
        if !out.is_empty() {
            out.push_str("---\n");
        }
        out.push_str(&format!(
            "# {}: {from}\n{}",
            one.address,
            yaml::write(&one.survey)
        ));
    }
    out
}

/// What only the state shows: a template that cannot be applied any more.
async fn check_against_state(opened: &mut Opened, templates: &[(Address, Template)]) -> Result<(), Stop> {
    if opened.settings().is_err() || !opened.local().join("state.json").exists() {
        return Ok(());
    }
    let known = opened.peek().await?.known();
    let loaded = &mut opened.loaded;
    for beside in check_against(&known, templates) {
        let Beside {
            address,
            pointer,
            problem,
            label,
        } = beside;
        let problem = loaded.diagnostic(&address, &pointer, problem, label);
        loaded.diagnostics.push(problem);
    }
    loaded.diagnostics.sort();
    Ok(())
}

/// The problems that only what is remembered shows.
pub(super) fn check_against(known: &Known, templates: &[(Address, Template)]) -> Vec<Beside> {
    let mut found = Vec::new();
    let markets = marketplace::Markets::default();
    for (address, template) in templates {
        let Some(survey) = known.resources.get(address).and_then(Resource::survey) else {
            continue;
        };
        let applied = survey.applied.template.value().copied();
        if applied == Some(template.id) || template.on_change == OnTemplateChange::Replace {
            continue;
        }
        let rule = markets.of(template.vendor).template_rule(applied);
        let keep = applied.map_or_else(
            || "leave `template_id` out".to_owned(),
            |id| format!("keep `template_id: {id}`"),
        );
        let help =
            format!("{keep}, or set `on_template_change: replace` to create a new survey and close this one");
        found.push(Beside {
            address: address.clone(),
            pointer: format!("/{}/template_id", template.vendor.key()),
            problem: Diagnostic::error(code::TEMPLATE_CHANGED, rule.message).help(help),
            label: "cannot be applied any more",
        });
    }
    found
}
