//! The manifests of a project while somebody edits them: as they are on disk, with unsaved texts laid over them.
//!
//! Promises: what is loaded is exactly what [`super::load()`] would load if every unsaved text were saved; a file that did
//! not change is not read again. Noticing that files came or went is left to the caller, who says so.

use super::load::{Loaded, Options, assemble};
use crate::manifest::document;
use crate::manifest::lower::file::File;
use crate::manifest::read::walk::{self, Found, Walk};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What tells whether a file is still the one that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stamp {
    Disk(Option<SystemTime>, u64),
    Unsaved(Arc<str>),
}

/// A project that is being edited.
#[derive(Debug, Default)]
pub struct Session {
    unsaved: BTreeMap<PathBuf, Arc<str>>,
    read: BTreeMap<PathBuf, (Stamp, File)>,
    walk: Option<(Vec<PathBuf>, Walk)>,
}

impl Session {
    /// Lays a text over a file, given by its real path.
    pub fn set(&mut self, path: &Path, text: &str) {
        self.unsaved.insert(path.to_owned(), Arc::from(text));
    }

    /// Takes the texts off all files but these.
    pub fn retain(&mut self, paths: &[&PathBuf]) {
        self.unsaved.retain(|path, _| paths.contains(&path));
    }

    /// Says that files may have come, gone or changed on disk.
    pub fn look_again(&mut self) {
        self.walk = None;
    }

    /// Loads the manifests below the paths, as [`super::load()`] does.
    pub fn load(&mut self, paths: &[PathBuf], options: &Options) -> Loaded {
        crate::marketplace::registry::install();
        let on_disk = match self.walk.take() {
            Some((of, walk)) if of == paths => Some(walk),
            _ => None,
        };
        let fresh = on_disk.is_none();
        let walk = on_disk.unwrap_or_else(|| walk::find(paths, &options.base));
        self.walk = Some((paths.to_vec(), walk.clone()));
        let mut walk = walk;
        for found in &mut walk.files {
            found.unsaved = self.unsaved.get(&*found.real).cloned();
        }
        let before = &self.read;
        let now: Mutex<BTreeMap<PathBuf, (Stamp, File)>> = Mutex::default();
        let loaded = assemble(walk, paths, options, |found, around| {
            let known = before.get(&*found.real);
            let stamp = match (&found.unsaved, known) {
                (Some(text), _) => Stamp::Unsaved(Arc::clone(text)),
                // Nobody said that something changed on disk.
                (None, Some((stamp @ Stamp::Disk(..), _))) if !fresh => stamp.clone(),
                (None, _) => on_disk_now(&found),
            };
            let file = match known {
                Some((then, file))
                    if *then == stamp
                        && !(fresh && file.names_lists)
                        && file.found.name == found.name
                        && file.is_read_with(around) =>
                {
                    file.clone()
                }
                _ => document::read(found, around),
            };
            let kept = (file.found.real.to_path_buf(), (stamp, file.clone()));
            now.lock().unwrap_or_else(PoisonError::into_inner).extend([kept]);
            file
        })
        .0;
        self.read = now.into_inner().unwrap_or_else(PoisonError::into_inner);
        loaded
    }
}

pub(super) fn on_disk_now(found: &Found) -> Stamp {
    match std::fs::metadata(&found.path) {
        Ok(metadata) => Stamp::Disk(metadata.modified().ok(), metadata.len()),
        Err(_) => Stamp::Disk(None, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::load;
    use crate::model::Address;

    const SURVEY: &str = "kind: Survey\nname: NAME\npurespectrum: {template_id: 15}\n";

    #[test]
    fn unsaved_texts_count_and_saved_ones_count_again_when_they_are_closed() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let options = Options { base: base.clone() };
        let path = base.join("a.yaml");
        std::fs::write(&path, SURVEY.replace("NAME", "saved")).unwrap();
        std::fs::write(base.join("b.yaml"), SURVEY.replace("NAME", "other")).unwrap();
        let mut session = Session::default();
        let names = |loaded: &Loaded| -> Vec<String> {
            loaded.desired.surveys.keys().map(ToString::to_string).collect()
        };
        assert_eq!(names(&session.load(&[], &options)), ["other", "saved"]);
        session.set(&path, &SURVEY.replace("NAME", "other"));
        let mut clash = session.load(&[], &options);
        assert_eq!(clash.diagnostics.len(), 1, "the name is used twice now");
        let (file, span) = {
            let problem = clash.diagnostics.iter().next().unwrap();
            (problem.file.clone().unwrap(), problem.span().unwrap())
        };
        assert_eq!(&clash.sources.get(&file).unwrap().text()[span.range()], "other");
        session.set(&path, &SURVEY.replace("NAME", "\n\n  unsaved"));
        let mut moved = session.load(&[], &options);
        assert_eq!(names(&moved), ["other", "unsaved"]);
        let place = moved.locate(&Address::survey("unsaved"), "/name").unwrap();
        assert_eq!(place.value.start, 23, "the place is that of the unsaved text");
        assert!(clash.locate(&Address::survey("nobody"), "/name").is_none());
        session.retain(&[]);
        assert_eq!(names(&session.load(&[], &options)), ["other", "saved"]);
        std::fs::write(base.join("c.yaml"), SURVEY.replace("NAME", "third")).unwrap();
        assert_eq!(
            names(&session.load(&[], &options)),
            ["other", "saved"],
            "nobody said so"
        );
        session.look_again();
        let third = session.load(&[], &options);
        assert_eq!(names(&third), ["other", "saved", "third"]);
        assert_eq!(third.digest, load(&[], &options).digest);
    }
}
