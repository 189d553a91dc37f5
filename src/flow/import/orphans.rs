//! Manifests that want a survey which nobody remembers, as after a state was lost: what is imported may be just theirs,
//! and under another name the next apply would make it a second time.
//!
//! Promises: a survey that such a manifest may mean gets no second manifest; `--force` replaces nothing but a manifest of
//! that one survey.

use crate::import::Found;
use crate::manifest::{DEFAULTS_FILES, Loaded, PROJECT_FILE};
use crate::model::{Address, Field, Known, VendorId};
use crate::yaml;
use camino::{Utf8Path, Utf8PathBuf};

/// A survey of a manifest that is not remembered.
struct Survey {
    address: Address,
    /// Where it is wanted, and its title; unknown of a manifest with mistakes.
    wants: Option<(VendorId, String)>,
    file: String,
}

/// All of them.
pub(super) struct OrphanManifests(Vec<Survey>);

impl OrphanManifests {
    pub(super) fn of(loaded: &Loaded, known: &Known) -> Self {
        let surveys = loaded.index.surveys();
        let orphans = surveys.filter(|address| !known.resources.contains_key(address));
        let of = |address: &Address| Survey {
            address: address.clone(),
            wants: loaded.desired.surveys.get(address).map(|wanted| {
                let title = match &wanted.spec.title {
                    Field::Set(title) => title.trim().to_owned(),
                    Field::Absent | Field::Null => String::new(),
                };
                (wanted.vendor, title)
            }),
            file: loaded
                .index
                .file(address)
                .map_or_else(String::new, ToString::to_string),
        };
        Self(orphans.map(of).collect())
    }

    /// Whether some manifest that is not remembered has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|survey| survey.address.manifest() == name)
    }

    /// Why a survey is not imported under a name that nobody chose: a manifest may mean it. The one named `may_go` is
    /// not in the way, because it is about to be replaced.
    pub(super) fn objection(&self, found: &Found, may_go: Option<&str>) -> Option<String> {
        let choice = found.first_choice();
        let means = |survey: &&Survey| {
            let named = survey.address.manifest() == choice;
            match &survey.wants {
                Some((vendor, title)) => {
                    let titled = !title.is_empty() && title == found.title().trim();
                    *vendor == found.vendor && (named || titled)
                }
                None => named,
            }
        };
        let twin = self
            .0
            .iter()
            .filter(|survey| may_go.is_none_or(|name| survey.address.as_str() != name))
            .find(means)?;
        let (address, file, id) = (&twin.address, &twin.file, &found.survey.id);
        let vendor = found.vendor.key();
        let anew = match address.as_str() == choice {
            true => ", or --force to write its manifest anew",
            false => "",
        };
        Some(format!(
            "{file} has `{address}`, which may be this one and is not remembered: a plan would make it once more\n  \
             help: if it is this one, `infield state resolve {address} --adopt {id}`{anew}; if not, `infield import --vendor \
             {vendor} --id {id} --name NAME`"
        ))
    }
}

/// Names whose files are read as something else than a survey.
pub(super) fn reserved() -> impl Iterator<Item = &'static str> {
    let files = std::iter::once(PROJECT_FILE).chain(DEFAULTS_FILES);
    files.filter_map(|file| Some(file.rsplit_once('.')?.0))
}

/// Why a file may not be overwritten with the manifest of a survey of this name.
pub(super) fn keeps(file: &Utf8Path, name: &str) -> Option<String> {
    let nothing_else = std::fs::read_to_string(file).ok().is_some_and(|text| {
        let (tree, problems) = yaml::parse(&text, yaml::Options::default());
        let documents: Vec<_> = tree.documents().collect();
        let is = |key: &str, value: &str| {
            documents.iter().all(|document| {
                let found = document.get(key).and_then(|(_, node)| node.scalar());
                found.is_some_and(|scalar| scalar.text == value)
            })
        };
        problems.is_empty() && documents.len() <= 1 && is("kind", "Survey") && is("name", name)
    });
    (!nothing_else).then(|| {
        format!(
            "{file} exists and is not the manifest of `{name}` alone, so that even --force leaves it as it is"
        )
    })
}

/// Whether the manifest of this name is the only thing in the file where it would be written.
pub(super) fn may_be_replaced(file: &Utf8PathBuf, name: &str) -> bool {
    file.exists() && keeps(file, name).is_none()
}
