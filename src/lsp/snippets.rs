//! Whole documents for an empty file: a survey at each marketplace, for each kind of study, and the other kinds of documents.
//!
//! Promises: what is offered validates as it stands, as a draft that costs nothing; which fields a marketplace takes is found
//! out by asking its rules.

use super::client::Client;
use super::offer::Offer;
use super::shape;
use crate::diag::{Diagnostic, Severity, code};
use crate::manifest::schema::Kind;
use crate::manifest::{self, Options};
use crate::model::VendorId;
use lsp_types::CompletionItemKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What is put around a text that one types over.
const STOP: [char; 2] = ['‹', '›'];

/// A document to begin with, with its stops.
struct Snippet {
    label: String,
    about: &'static str,
    kind: Kind,
    text: String,
}

const HEAD: &str = "kind: Survey\nname: ‹my-survey›\ntitle: ‹My survey›\nlocale: ‹en-US›\n";
const COURSE: &str = "completes: ‹400›\nincidence_rate: ‹50›\nlength_of_interview: ‹5›\n";
const URL: &str = "https://survey.example.com/s/1";
const WHO: &str = "status: draft\nqualifications:\n  age: ‹18-64›\n  gender: [male, female]\nquotas:\n  - {name: men, completes: 49%, where: {gender: male}}\n  \
                   - {name: women, completes: 51%, where: {gender: female}}\n";
const STAGES: &str = "stages:\n  - {name: soft, completes: ‹10%›, then: hold}\n  - {name: full}\n";
const MATRIX: &str = "matrix:\n  wave: [‹1, 2›]\n";
const PRICES: [&str; 2] = ["cpi", "max_cpi"];
/// Rounds in which a marketplace may ask for more.
const ROUNDS: usize = 4;

const DEFAULTS: &str = "kind: Defaults\nlocale: ‹en-US›\nincidence_rate: ‹50›\nlength_of_interview: ‹5›\nqualifications:\n  age: ‹18-64›\n";
const PROJECT: &str = "kind: Project\nname: ‹my-project›\n";
const GROUP: &str = "kind: SurveyGroup\nname: ‹my-group›\nsurveys: [‹first, second›]\nexclusion_days: ‹90›\n";
const OUTCOMES: &str =
    "kind: Reconciliation\nname: ‹my-rejects›\nsurvey: ‹my-survey›\nfile: ‹rejects.csv›\noutcome: ‹reject›\n";
const TEST: &str = "kind: Test\nname: ‹my-test›\nexpect:\n  plan:\n    surveys: {‹my-survey›: [‹create, launch›]}\n    guards: [‹launch›]\n";

/// What can be typed into an empty file.
pub(super) fn offers(path: &Path, client: Client) -> Vec<Offer> {
    let own = shape::kind_of_file(path);
    let fits = |snippet: &&Snippet| match own {
        Some(own) => snippet.kind == own,
        None => ![Kind::Project, Kind::Defaults].contains(&snippet.kind),
    };
    all()
        .iter()
        .filter(fits)
        .map(|snippet| offer(snippet, client))
        .collect()
}

fn offer(snippet: &Snippet, client: Client) -> Offer {
    let plain = snippet.text.replace(STOP, "");
    let about = format!("{}\n\n```yaml\n{plain}```", snippet.about);
    let offer = Offer::new(CompletionItemKind::SNIPPET, &snippet.label, "a whole document").about(about);
    match client.takes_stops {
        true => offer.putting(with_stops(&snippet.text)).with_stops(),
        false => offer.putting(plain),
    }
}

/// The text as the protocol writes stops.
fn with_stops(text: &str) -> String {
    let mut out = String::new();
    let mut number = 0;
    for c in text.chars() {
        match c {
            '‹' => {
                number += 1;
                out.push_str(&format!("${{{number}:"));
            }
            '›' => out.push('}'),
            '$' | '}' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn all() -> &'static [Snippet] {
    static ALL: OnceLock<Vec<Snippet>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for vendor in VendorId::all() {
            all.extend(of_marketplace(*vendor));
        }
        all.extend(shared());
        let mut more = |label: &str, about, kind, text: &str| {
            let (label, text) = (label.to_owned(), text.to_owned());
            all.push(Snippet {
                label,
                about,
                kind,
                text,
            });
        };
        let group = "Surveys whose respondents are kept out of each other.";
        more("SurveyGroup", group, Kind::SurveyGroup, GROUP);
        let outcomes = "Outcomes of transactions, from a list.";
        more("Reconciliation", outcomes, Kind::Reconciliation, OUTCOMES);
        more(
            "Test",
            "A test of manifests, in a sandbox of its own.",
            Kind::Test,
            TEST,
        );
        more("Project", "The project's own file.", Kind::Project, PROJECT);
        let defaults = "What the surveys of a folder have in common.";
        more("Defaults", defaults, Kind::Defaults, DEFAULTS);
        all
    })
}

/// What one marketplace asks for, and how it takes it.
#[derive(Debug, Clone)]
struct Way {
    vendor: VendorId,
    price: &'static str,
    /// How long it is in field; none where nobody asks.
    time: Option<&'static str>,
    url: String,
    /// The keys of its block with their values.
    block: Vec<(String, String)>,
}

impl Way {
    /// The way in which a marketplace takes a draft; none where no way is found.
    fn of(vendor: VendorId) -> Option<Self> {
        let times = [Some("field_days: ‹7›"), None];
        let ways = PRICES
            .into_iter()
            .flat_map(|price| times.map(|time| (price, time)));
        let mut found = ways.filter_map(|(price, time)| {
            let way = Self {
                vendor,
                price,
                time,
                url: URL.to_owned(),
                block: Vec::new(),
            };
            way.asked()
        });
        found.next()
    }

    /// The same with what the marketplace asks for.
    fn asked(mut self) -> Option<Self> {
        for _ in 0..ROUNDS {
            let problems = problems(&self.survey("", ""));
            if problems.is_empty() {
                return Some(self);
            }
            for problem in &problems {
                if problem.code == code::SURVEY_URL {
                    let (_, url) = problem.help.as_deref()?.split_once("such as `")?;
                    url.split_once('`')?.0.clone_into(&mut self.url);
                } else if problem.code == code::SURVEY_INCOMPLETE {
                    let (_, missing) = problem.message.split_once("without ")?;
                    for name in missing.split('`').skip(1).step_by(2) {
                        self.add(name)?;
                    }
                } else {
                    return None;
                }
            }
        }
        None
    }

    /// Adds a field that is missing, with the example that its shape has.
    fn add(&mut self, name: &str) -> Option<()> {
        let example = |path: &[&str]| {
            let value = shape::at(Kind::Survey, path)?.examples().first()?;
            Some(crate::yaml::flow(value, true))
        };
        if name == "field.end" {
            self.time = Some("field: {end: ‹2036-12-15T18:00:00Z›}");
            return Some(());
        }
        let (vendor, key) = name.split_once('.')?;
        if vendor != self.vendor.key() {
            return None;
        }
        if self.block.iter().all(|(known, _)| known != key) {
            self.block.push((key.to_owned(), example(&[vendor, key])?));
        }
        Some(())
    }

    /// What a survey says of it, with this before each line.
    fn fields(&self, indent: &str) -> String {
        let mut lines = vec![format!("{}: ‹2.50 USD›", self.price)];
        lines.extend(self.time.map(str::to_owned));
        lines.push(format!("live_url: ‹{}›", self.url));
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    fn block(&self) -> String {
        let entries = self.block.iter();
        let entries: Vec<String> = entries.map(|(key, value)| format!("{key}: ‹{value}›")).collect();
        format!("{}: {{{}}}\n", self.vendor.key(), entries.join(", "))
    }

    fn survey(&self, matrix: &str, more: &str) -> String {
        let (fields, block) = (self.fields(""), self.block());
        format!("{HEAD}{matrix}{COURSE}{fields}{WHO}{more}{block}")
    }
}

/// The kinds of study that one marketplace fields.
fn of_marketplace(vendor: VendorId) -> Vec<Snippet> {
    let Some(way) = Way::of(vendor) else {
        return Vec::new();
    };
    let studies = [
        ("", "A survey.", way.survey("", "")),
        (
            " in stages",
            "A soft launch: a part of the completes first, the rest when somebody says so.",
            way.survey("", STAGES),
        ),
        (
            " in waves",
            "A tracker: one document for the surveys of all waves.",
            way.survey(MATRIX, ""),
        ),
    ];
    let valid = studies
        .into_iter()
        .filter(|(_, _, text)| problems(text).is_empty());
    valid
        .map(|(label, about, text)| Snippet {
            label: format!("Survey at {}{label}", vendor.name()),
            about,
            kind: Kind::Survey,
            text,
        })
        .collect()
}

/// A survey that all marketplaces share.
fn shared() -> Option<Snippet> {
    let vendors = VendorId::all();
    let mut blocks = String::new();
    for vendor in vendors {
        let way = Way::of(*vendor)?;
        let share = match Some(vendor) == vendors.last() {
            true => String::new(),
            false => format!("  share: ‹{}%›\n", 100 / vendors.len()),
        };
        let own = way
            .block
            .iter()
            .map(|(key, value)| format!("  {key}: ‹{value}›\n"));
        let own: String = own.collect();
        blocks.push_str(&format!("{}:\n{share}{own}{}", vendor.key(), way.fields("  ")));
    }
    let text = format!("{HEAD}{COURSE}{WHO}{blocks}");
    problems(&text).is_empty().then_some(Snippet {
        label: "Survey at several marketplaces".to_owned(),
        about: "One survey that several marketplaces share. Leave the blocks of those out that should have no part.",
        kind: Kind::Survey,
        text,
    })
}

/// What is wrong with a document as it stands, wherever it is.
fn problems(text: &str) -> Vec<Diagnostic> {
    let options = Options {
        base: PathBuf::from("/nowhere"),
    };
    let text = text.replace(STOP, "");
    let found = manifest::preview(Path::new("survey.yaml"), &text, &options).diagnostics;
    found
        .into_iter()
        .filter(|problem| problem.severity != Severity::Note)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marketplace_has_every_study_and_each_validates() {
        crate::marketplace::registry::install();
        let labels: Vec<&str> = all().iter().map(|snippet| snippet.label.as_str()).collect();
        for vendor in VendorId::all() {
            for study in ["", " in stages", " in waves"] {
                let label = format!("Survey at {}{study}", vendor.name());
                assert!(labels.contains(&label.as_str()), "{label} in {labels:?}");
            }
        }
        assert!(labels.contains(&"Survey at several marketplaces"));
        for snippet in all().iter().filter(|snippet| snippet.kind == Kind::Survey) {
            assert_eq!(problems(&snippet.text), [], "{}", snippet.label);
        }
    }

    #[test]
    fn files_with_a_kind_of_their_own_are_offered_no_other() {
        crate::marketplace::registry::install();
        let client = Client {
            takes_stops: true,
            takes_indents: true,
        };
        let labels = |path: &str| -> Vec<String> {
            offers(Path::new(path), client)
                .into_iter()
                .map(|offer| offer.label)
                .collect()
        };
        assert_eq!(labels("x/infield.yaml"), ["Project"]);
        assert_eq!(labels("x/defaults.yaml"), ["Defaults"]);
        assert!(labels("x/a.yaml").contains(&"SurveyGroup".to_owned()));
    }

    #[test]
    fn stops_are_numbered_and_what_looks_like_one_is_not() {
        assert_eq!(with_stops("a: ‹1›\nb: ‹2›{x}$"), "a: ${1:1}\nb: ${2:2}{x\\}\\$");
    }
}
