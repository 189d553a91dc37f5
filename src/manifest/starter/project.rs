//! The files of a new project.

use super::lines::{StarterFile, sample, schema_line, vendors, written};
use super::study::{Study, Wanted, manifests};
use crate::manifest::PROJECT_FILE;
use crate::marketplace::shelf::sample::Line;
use crate::model::VendorId;

/// All files of a new project of this name, in the order in which they are written, without any wishes.
///
/// The name has to be valid as in [`crate::model::Address::is_valid_name`].
pub fn files(name: &str) -> Vec<StarterFile> {
    let Some(vendor) = vendors().first().copied() else {
        return Vec::new();
    };
    let wanted = Wanted {
        name: Study::Simple.name(),
        title: "My first survey",
        vendor,
        study: Study::Simple,
        // No marketplace that takes days asks for it.
        end: "",
        schema: None,
    };
    let mut files = vec![(PROJECT_FILE.to_owned(), project(name, &[vendor], None))];
    files.extend(manifests(&wanted));
    files.push((".gitignore".to_owned(), GITIGNORE.to_owned()));
    files
}

/// The `infield.yaml` of a project with accounts at these marketplaces, which are comments at first.
pub fn project(name: &str, vendors: &[VendorId], schema: Option<&str>) -> String {
    let mut accounts = String::new();
    for vendor in vendors {
        accounts.push_str(&format!("#     {}:\n", vendor.key()));
        for line in sample(*vendor).map_or(&[][..], |sample| sample.account) {
            accounts.push_str(&format!("#       {}\n", written(line, 34)));
        }
    }
    let text = PROJECT
        .replace("PROJECT_NAME", name)
        .replace("ACCOUNTS", &accounts);
    format!("{}{text}", schema_line(schema))
}

/// The names of the variables that hold the secrets of an account.
pub fn variables(vendor: VendorId) -> Vec<&'static str> {
    let lines = sample(vendor).map_or(&[][..], |sample| sample.account);
    let named = |line: &Line<'static>| line.value.strip_prefix("\"${")?.strip_suffix("}\"");
    lines.iter().filter_map(named).collect()
}

/// Lines that belong into the `.gitignore` of a project.
pub const GITIGNORE: &str = "\
# What the sandbox and local environments remember; shared environments keep their state elsewhere.
/.infield/
";

const PROJECT: &str = r"# The project. Commands find this file from any folder below it.
kind: Project
name: PROJECT_NAME

# The environment `sandbox` is always there and is the default: nothing reaches a real vendor without
# `--env production`. Uncomment what follows when you have a token; it stays in an environment variable.
#
# environments:
#   production:
ACCOUNTS#     # Where infield remembers what it has made. Whoever works without it would field everything again, so keep it
#     # where every clone and every pipeline finds it, before the first apply; `state: local` is this machine alone.
#     # state: s3://bucket/prefix             # or gs://bucket/prefix, az://container/prefix
#     guards:                                 # allow, ask or deny
#       launch: ask
#       close: deny
#       exposure:
#         max_increase: 500 USD               # most that one apply may add
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Loaded, Options, load};

    fn loaded(files: &[StarterFile]) -> Loaded {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let base = dir.path().to_owned();
        load(&[], &Options { base })
    }

    #[test]
    fn a_new_project_validates() {
        let loaded = loaded(&files("acme-trackers"));
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        assert_eq!(loaded.project.unwrap().name, "acme-trackers");
        assert_eq!(loaded.desired.surveys.len(), 1);
    }

    #[test]
    fn every_study_validates_at_every_marketplace_that_has_it() {
        let mut count = 0;
        for vendor in vendors() {
            for study in Study::ALL.into_iter().filter(|study| study.fits(vendor)) {
                let wanted = Wanted {
                    name: study.name(),
                    title: "Soda: a study",
                    vendor,
                    study,
                    end: "2036-12-15T18:00:00Z",
                    schema: Some("../schemas/manifest.schema.json"),
                };
                let mut files = manifests(&wanted);
                files.push(("infield.yaml".to_owned(), project("acme", &[vendor], None)));
                let loaded = loaded(&files);
                let problems = &loaded.diagnostics;
                assert!(problems.is_empty(), "{vendor} {study:?}: {problems:?}\n{files:?}");
                assert!(!loaded.desired.surveys.is_empty(), "{vendor} {study:?}");
                count += 1;
            }
        }
        // Six kinds at three marketplaces, of which one has exclusion groups.
        assert_eq!(count, 17);
    }

    #[test]
    fn the_commented_part_is_valid_too() {
        for vendor in vendors() {
            let text = project("acme", &[vendor], None);
            let (head, tail) = text.split_once("#\n").unwrap();
            let tail: String = tail
                .lines()
                .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or("")))
                .collect();
            let loaded = loaded(&[("infield.yaml".to_owned(), format!("{head}{tail}"))]);
            assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
            assert_eq!(loaded.project.unwrap().environments.len(), 1);
            assert!(!variables(vendor).is_empty());
        }
    }
}
