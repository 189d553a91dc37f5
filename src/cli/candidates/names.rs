//! Names in manifests, kept beside local files so that only manifests that changed are read again.
//!
//! Promises: what is offered is what the manifests say now; a file of names that is damaged, of another program or of another
//! format is as good as none; it is kept only where there are local files already, and failing to keep it is no error.

use crate::flow::files;
use crate::flow::project::LOCAL_FOLDER;
use crate::manifest::{Names, Options, Scan};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The format of the file.
const FORMAT: &str = "infield.names/1";
/// Its name.
const FILE: &str = "names.json";

#[derive(Serialize, Deserialize)]
struct Kept<S: std::hash::Hash + Eq> {
    format: String,
    /// Another version may see other names in the same manifests.
    version: String,
    /// Marks and names by file.
    files: HashMap<S, (String, Names)>,
}

/// The names in the manifests of a project, by their files, in order.
pub(super) fn of(base: PathBuf) -> Vec<(Arc<str>, Names)> {
    look(&Options { base }, SystemTime::now()).0
}

/// The same, and how many manifests were read for it.
fn look(options: &Options, now: SystemTime) -> (Vec<(Arc<str>, Names)>, usize) {
    let place = options.base.join(LOCAL_FOLDER).join(FILE);
    let known = read(&place);
    let scan = Scan::new(options);
    let looked: Vec<(Option<String>, Names, bool)> = (0..scan.len())
        .into_par_iter()
        .map(|at| {
            let mark = scan.mark(at, now);
            match (known.get(&**scan.name(at)), &mark) {
                (Some((then, names)), Some(mark)) if then == mark => {
                    (Some(then.clone()), names.clone(), false)
                }
                _ => (mark, scan.read(at), true),
            }
        })
        .collect();
    let read = looked.iter().filter(|(_, _, read)| *read).count();
    if read > 0 || known.len() != scan.len() {
        let files = looked.iter().enumerate();
        let files = files
            .filter_map(|(at, (mark, names, _))| Some((&**scan.name(at), (mark.clone()?, names.clone()))));
        write(&place, files.collect());
    }
    let named = looked.into_iter().enumerate();
    let named = named.map(|(at, (_, names, _))| (Arc::clone(scan.name(at)), names));
    (named.collect(), read)
}

fn read(place: &Path) -> HashMap<String, (String, Names)> {
    let bytes = std::fs::read(place).unwrap_or_default();
    match serde_json::from_slice::<Kept<String>>(&bytes) {
        Ok(kept) if kept.format == FORMAT && kept.version == env!("CARGO_PKG_VERSION") => kept.files,
        _ => HashMap::new(),
    }
}

/// Keeps names where there are local files.
fn write(place: &Path, files: HashMap<&str, (String, Names)>) {
    let kept = Kept {
        format: FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files,
    };
    if place.parent().is_some_and(Path::is_dir)
        && let Ok(bytes) = serde_json::to_vec(&kept)
        && let Err(error) = files::write(place, &bytes)
    {
        tracing::debug!(%error, path = %place.display(), "the names were not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_manifests_that_changed_are_read_again_and_damage_is_no_matter() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let options = Options { base: base.clone() };
        let put = |name: &str, text: &str| std::fs::write(base.join(name), text).unwrap();
        put("infield.yaml", "kind: Project\nname: all\n");
        put("a.yaml", "kind: Survey\nname: wave\nmatrix: {market: [us, de]}\n");
        put("b.yaml", "kind: Survey\nname: soda\ntags: [drinks]\n");
        let later = SystemTime::now() + Duration::from_secs(60);
        let seen = |now| {
            let (all, read) = look(&options, now);
            let names = all.into_iter().flat_map(|(_, names)| names.addresses);
            (names.map(|address| address.to_string()).collect::<Vec<_>>(), read)
        };
        let all = ["wave-de", "wave-us", "soda"].map(str::to_owned).to_vec();
        assert_eq!(seen(later), (all.clone(), 3));
        assert_eq!(seen(later), (all.clone(), 3), "there is no place to keep them");
        std::fs::create_dir(base.join(LOCAL_FOLDER)).unwrap();
        assert_eq!(seen(later), (all.clone(), 3));
        assert_eq!(seen(later), (all.clone(), 0));
        put("b.yaml", "kind: Survey\nname: milk\ntags: [drinks]\n");
        let other = ["wave-de", "wave-us", "milk"].map(str::to_owned).to_vec();
        assert_eq!(seen(later), (other.clone(), 1));
        std::fs::remove_file(base.join("a.yaml")).unwrap();
        assert_eq!(seen(later), (vec!["milk".to_owned()], 0));
        let place = base.join(LOCAL_FOLDER).join(FILE);
        let good = std::fs::read_to_string(&place).unwrap();
        for damage in [
            "",
            "{",
            "[]",
            &good.replace("names/1", "names/2"),
            &good[..good.len() / 2],
        ] {
            std::fs::write(&place, damage).unwrap();
            assert_eq!(seen(later), (vec!["milk".to_owned()], 2), "{damage}");
        }
        assert_eq!(seen(SystemTime::UNIX_EPOCH).1, 2, "a clock that went back");
    }
}
