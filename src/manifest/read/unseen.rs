//! What was not read and could hold a manifest: the proof that one is gone.
//!
//! Promises: every folder below the project is looked into, also hidden, ignored and linked ones, each once; what cannot be
//! looked at may hold anything. A file is judged by what is in it and not by its name, unless it cannot be read. Git's and
//! infield's own folders hold no manifests.

use super::kind::Kind;
use super::tracked;
use super::walk::display;
use crate::diag::Diagnostic;
use crate::yaml::{self, Budget, MAX_FILE_BYTES, ReadError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders without manifests of anybody.
const NOT_ENTERED: [&str; 2] = [".git", ".infield"];

/// Largest file that is looked into although its name is not that of a manifest.
const OTHERWISE_NAMED: u64 = 256 * 1024;

/// Most files and folders that are looked at, so that a link to a whole disk comes to an end.
const MOST: usize = 1_000_000;

/// Where manifests of surveys that were not read may be after all: what to say of each, by name. `read` are the real paths of
/// files that were read.
pub(crate) fn unseen(
    root: &Path,
    read: &BTreeSet<PathBuf>,
    missing: &BTreeSet<&str>,
) -> BTreeMap<String, String> {
    let mut search = Search {
        root,
        read,
        missing,
        found: BTreeMap::new(),
        entered: BTreeSet::new(),
        looked_at: 0,
    };
    search.folder(root, false);
    for (path, why) in tracked::not_checked_out(root) {
        search.anything(&path, why);
    }
    search.found
}

struct Search<'a> {
    root: &'a Path,
    read: &'a BTreeSet<PathBuf>,
    missing: &'a BTreeSet<&'a str>,
    found: BTreeMap<String, String>,
    entered: BTreeSet<PathBuf>,
    looked_at: usize,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path, linked: bool) {
        let entered = folder.canonicalize().map(|real| self.entered.insert(real));
        let entries = match entered {
            Ok(false) => return,
            Ok(true) => std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>),
            Err(error) => Err(error),
        };
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.anything(folder, &format!("cannot be read: {error}")),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            // Nothing is left to be found.
            if self.found.len() == self.missing.len() {
                return;
            }
            self.looked_at += 1;
            if self.looked_at > MOST {
                return self.anything(folder, &format!("is one of more than {MOST} files to look into"));
            }
            let path = entry.path();
            if NOT_ENTERED.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => self.folder(&path, linked || is_link),
                Ok(metadata) if metadata.is_file() => self.file(&path, metadata.len(), linked || is_link),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_link => {
                    self.anything(&path, "is a link to something that does not exist");
                }
                // It went away meanwhile.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => self.anything(&path, &format!("cannot be read: {error}")),
            }
        }
    }

    fn file(&mut self, path: &Path, size: u64, linked: bool) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let named = [".yaml", ".yml"].iter().any(|end| name.contains(end));
        if !named && size > OTHERWISE_NAMED {
            return;
        }
        let text = match yaml::read_text(path, MAX_FILE_BYTES) {
            Ok(text) => text,
            // A copy that is packed or encrypted is no manifest.
            Err(ReadError::NotUtf8 { .. }) if ![".yaml", ".yml"].iter().any(|end| name.ends_with(end)) => {
                return;
            }
            Err(error) if named => {
                return match path.canonicalize().is_ok_and(|real| self.read.contains(&real)) {
                    true => {}
                    false => self.anything(path, &error.to_string()),
                };
            }
            Err(_) => return,
        };
        if !text.contains(Kind::Survey.word())
            || path.canonicalize().is_ok_and(|real| self.read.contains(&real))
        {
            return;
        }
        let holds = holds(&text, named);
        let names = self.missing.iter().filter(|name| holds(name));
        let because = format!("may hold it and is not read: {}", self.reason(path, linked));
        let said = format!("`{}` {because}", display(path, self.root));
        for name in names {
            self.found
                .entry((*name).to_owned())
                .or_insert_with(|| said.clone());
        }
    }

    /// Why a file was not read as a manifest.
    fn reason(&self, path: &Path, linked: bool) -> &'static str {
        let inside = path.strip_prefix(self.root).unwrap_or(path);
        let any = |is: &dyn Fn(&str) -> bool| inside.iter().any(|part| is(&part.to_string_lossy()));
        let plain = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if !plain {
            "its name does not end in `.yaml` or `.yml`"
        } else if linked {
            "it lies behind a link"
        } else if any(&|part| part.starts_with('.')) {
            "it is hidden"
        } else if any(&|part| part == "target") {
            "it lies in a folder named `target`"
        } else {
            "an ignore file leaves it out"
        }
    }

    /// What cannot be looked at may hold any of them.
    fn anything(&mut self, path: &Path, why: &str) {
        let said = format!("`{}` {why}", display(path, self.root));
        for name in self.missing {
            self.found
                .entry((*name).to_owned())
                .or_insert_with(|| said.clone());
        }
    }
}

/// Tells of names whether a text may be the manifest of a survey of that name. What is `named` as a manifest and is no YAML may
/// be that of every survey it mentions.
fn holds(text: &str, named: bool) -> impl Fn(&str) -> bool + '_ {
    let (tree, problems) = yaml::parse(text, yaml::Options::default());
    let broken = problems.iter().any(Diagnostic::is_error);
    let mut budget = Budget::default();
    let documents = tree
        .documents()
        .filter_map(|root| yaml::to_json(root, &mut budget).0);
    let names: Vec<String> = documents
        .filter(|document| document.get("kind").and_then(Value::as_str) == Some(Kind::Survey.word()))
        .filter_map(|document| Some(document.get("name")?.as_str()?.to_owned()))
        .collect();
    move |name: &str| {
        let mentioned = broken && named && (text.contains(name) || text.contains("${"));
        mentioned || names.iter().any(|written| fits(written, name))
    }
}

/// Whether a name as it is written, perhaps with placeholders of a matrix, can become this one.
fn fits(written: &str, name: &str) -> bool {
    match (written.split_once("${"), written.rsplit_once('}')) {
        (Some((start, _)), Some((_, end))) => name.starts_with(start) && name.ends_with(end),
        _ => written == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What holds the survey `soda` back in a folder with these files, of which `seen.yaml` was read.
    fn found(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let read = folder.path().join("seen.yaml").canonicalize();
        unseen(folder.path(), &read.into_iter().collect(), &["soda"].into()).remove("soda")
    }

    const SODA: &str = "kind: Survey\nname: soda\n";

    #[test]
    fn a_manifest_that_is_not_read_is_named_with_the_reason() {
        for (file, why) in [
            ("left/out.yaml", "an ignore file leaves it out"),
            ("soda.YAML", "its name does not end in `.yaml` or `.yml`"),
            ("soda.Yml", "its name does not end in `.yaml` or `.yml`"),
            ("soda.yaml.bak", "its name does not end in `.yaml` or `.yml`"),
            ("soda.json", "its name does not end in `.yaml` or `.yml`"),
            ("soda", "its name does not end in `.yaml` or `.yml`"),
            (".soda.yaml", "it is hidden"),
            (".old/a/soda.yml", "it is hidden"),
            ("target/soda.yaml", "it lies in a folder named `target`"),
            ("node_modules/x/soda.yaml", "an ignore file leaves it out"),
        ] {
            let said = format!("`{file}` may hold it and is not read: {why}");
            assert_eq!(found(&[(file, SODA)]), Some(said));
        }
    }

    #[test]
    fn a_file_is_judged_by_what_is_in_it() {
        for text in [
            "kind: Project\nname: a\n---\nkind: Survey\nname: soda\n",
            "{\"kind\": \"Survey\", \"name\": \"soda\"}",
            "kind: Survey\nname: s${x}\nmatrix: {x: [oda]}\n",
            "kind: Survey\nname: ${x}-${y}a\n",
            "kind: Survey\nname: [\nsoda",
        ] {
            assert!(found(&[(".a.yaml", text)]).is_some(), "{text}");
        }
        for text in [
            "kind: Survey\nname: soda-2\n",
            "kind: SurveyGroup\nname: soda\nsurveys: [cola]\n",
            "kind: Survey\nname: tea-${x}\n",
            "name: soda\nkind: Service # of no Survey\n",
            "on: push\njobs: {soda: Survey}\n",
        ] {
            assert_eq!(found(&[(".a.yaml", text)]), None, "{text}");
        }
        let page = "# Soda\n\n```yaml\nkind: Survey\nname: soda\n```\n";
        assert_eq!(found(&[("README.md", page)]), None, "a page about it is not it");
    }

    #[test]
    fn what_was_read_and_what_is_no_manifests_place_is_passed_over() {
        let any = "kind: Survey\nname: ${x}\nmatrix: {x: [tea]}\n";
        assert_eq!(found(&[("seen.yaml", any)]), None);
        assert_eq!(
            found(&[(".git/soda.yaml", SODA), (".infield/x/soda.yaml", SODA)]),
            None
        );
    }

    #[test]
    fn what_cannot_be_read_may_hold_anything() {
        let large = "#".repeat(usize::try_from(MAX_FILE_BYTES).unwrap() + 1);
        let said = found(&[(".big.yaml", &large)]).unwrap();
        assert!(
            said.starts_with("`.big.yaml` has 16777217 bytes, more than"),
            "{said}"
        );
        assert_eq!(found(&[(".big.bin", &large)]), None);
        let folder = tempfile::tempdir().unwrap();
        let missing = ["soda", "tea"].into();
        std::fs::write(folder.path().join(".a.yaml"), b"name: Z\xFCrich\n").unwrap();
        std::fs::write(folder.path().join("b.yaml.gz"), b"\x1f\x8b\xff").unwrap();
        let said = unseen(folder.path(), &BTreeSet::new(), &missing);
        assert_eq!(said.len(), 2);
        assert!(said["tea"].starts_with("`.a.yaml` is not UTF-8"), "{said:?}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_those_to_nothing_may_hold_anything() {
        use std::os::unix::fs::symlink;
        let (folder, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let look = || unseen(folder.path(), &BTreeSet::new(), &["soda"].into()).remove("soda");
        symlink(away.path(), folder.path().join("shared")).unwrap();
        symlink(folder.path(), folder.path().join("round")).unwrap();
        assert_eq!(look(), None);
        std::fs::write(away.path().join("soda.yaml"), SODA).unwrap();
        let behind = "`shared/soda.yaml` may hold it and is not read: it lies behind a link";
        assert_eq!(look().as_deref(), Some(behind));
        std::fs::remove_dir_all(away.path()).unwrap();
        let nothing = "`shared` is a link to something that does not exist";
        assert_eq!(look().as_deref(), Some(nothing));
    }
}
