//! Which files git tracks, read from the index of the repository that a folder lies in.
//!
//! Promises: no program is run and nothing is written, so it is the same where git is not installed; an index that cannot be
//! read to its end, or is split over several files, tells of no file. Its format is that of git's own `index-format`
//! documentation, versions 2 to 4.

use ignore::gitignore::Gitignore;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file that leaves out what is not for infield.
const IGNORE_FILE: &str = ".ignore";

/// What the mode of a submodule begins with.
const MODULE: u8 = 0xe0;

/// Files below a folder that git tracks, and that no `.ignore` which git tracks too leaves out. `wanted` is asked about each
/// path below the folder first. What an ignore file of git says, or one that only this machine has, does not count.
pub(super) fn below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let Some(Repository { top, inside, entries }) = Repository::around(folder) else {
        return Vec::new();
    };
    let entries: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path).collect();
    let wanted = |path: &PathBuf| path.strip_prefix(&inside).is_ok_and(&wanted);
    let found: Vec<&PathBuf> = entries.iter().filter(|path| wanted(path)).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let ignores = entries
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == IGNORE_FILE));
    let ignores: BTreeMap<PathBuf, Gitignore> = ignores
        .filter_map(|path| Some((top.join(path.parent()?), Gitignore::new(top.join(path)).0)))
        .collect();
    let stays = |path: &&PathBuf| {
        let path = top.join(path);
        let said = path.ancestors().skip(1).filter_map(|above| ignores.get(above));
        let said = said.map(|ignore| ignore.matched_path_or_any_parents(&path, false));
        // The nearest one that says anything counts.
        said.into_iter()
            .find(|said| !said.is_none())
            .is_none_or(|said| said.is_whitelist())
    };
    let below = found.into_iter().filter(stays);
    let below = below.filter_map(|path| Some(folder.join(path.strip_prefix(&inside).ok()?)));
    below.filter(|path| path.is_file()).collect()
}

/// What git tracks below a folder and this working copy does not have although nobody removed it, each with why. Of files
/// only those whose names could be those of manifests; a folder or a submodule may hold anything.
pub(super) fn not_checked_out(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let Some(Repository { inside, entries, .. }) = Repository::around(folder) else {
        return Vec::new();
    };
    let manifest = |path: &Path| {
        let name = path.to_string_lossy().to_lowercase();
        [".yaml", ".yml", "/"].iter().any(|end| name.ends_with(end))
    };
    let missing = |entry: &Entry| {
        let path = folder.join(entry.path.strip_prefix(&inside).ok()?);
        let sparse = entry.left_out && manifest(&entry.path) && !path.is_file();
        let module = entry.is_module && !path.join(".git").exists();
        match (sparse, module) {
            (true, _) => Some((
                path,
                "is tracked by git and not checked out here (a sparse checkout)",
            )),
            (_, true) => Some((path, "is a submodule of git that is not checked out here")),
            (false, false) => None,
        }
    };
    entries.iter().filter_map(missing).collect()
}

/// A path that git tracks, relative to the top folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    path: PathBuf,
    /// Whether git was told to leave it out of the working copy.
    left_out: bool,
    /// Whether another repository is to be there.
    is_module: bool,
}

/// The repository around a folder.
struct Repository {
    /// Its top folder.
    top: PathBuf,
    /// The folder, relative to that.
    inside: PathBuf,
    entries: Vec<Entry>,
}

impl Repository {
    fn around(folder: &Path) -> Option<Self> {
        let (top, entries) = repository(folder)?;
        let inside = folder.canonicalize().ok()?.strip_prefix(&top).ok()?.to_owned();
        Some(Self { top, inside, entries })
    }
}

/// The top folder of the repository around a folder, and what it tracks.
fn repository(folder: &Path) -> Option<(PathBuf, Vec<Entry>)> {
    let real = folder.canonicalize().ok()?;
    let (top, mark) = real
        .ancestors()
        .map(|above| (above, above.join(".git")))
        .find(|(_, mark)| mark.exists())?;
    let own = match mark.is_dir() {
        true => mark,
        // Of a worktree or a submodule, git's folder lies elsewhere.
        false => top.join(
            std::fs::read_to_string(&mark)
                .ok()?
                .strip_prefix("gitdir:")?
                .trim(),
        ),
    };
    let common = std::fs::read_to_string(own.join("commondir"));
    let common = common.map_or_else(|_| own.clone(), |path| own.join(path.trim()));
    let config = std::fs::read_to_string(common.join("config")).unwrap_or_default();
    let config: String = config.split_whitespace().collect();
    let id = match config.to_ascii_lowercase().contains("objectformat=sha256") {
        true => 32,
        false => 20,
    };
    let bytes = std::fs::read(own.join("index")).ok()?;
    Some((top.to_owned(), paths(&bytes, id)?))
}

/// The paths of an index whose object ids have so many bytes; `None` where it is not understood.
fn paths(bytes: &[u8], id: usize) -> Option<Vec<Entry>> {
    let mut rest = Bytes(bytes);
    if rest.take(4)? != b"DIRC" {
        return None;
    }
    let (version, count) = (rest.number()?, rest.number()?);
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut paths = Vec::new();
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let before = rest.0.len();
        // Times, device, mode, owner, size, id.
        let mode = rest.take(40 + id)?[26];
        let flags = rest.take(2)?;
        let left_out = match flags[0] & 0x40 {
            0 => false,
            // The bit `skip-worktree`.
            _ => rest.take(2)?[0] & 0x40 != 0,
        };
        let kept = match version {
            4 => path.len().checked_sub(rest.varying()?)?,
            _ => 0,
        };
        path.truncate(kept);
        path.extend(rest.text()?);
        if version < 4 {
            // At least one byte of nothing, up to a multiple of eight; `text` took the first.
            let length = before - rest.0.len();
            rest.take(length.next_multiple_of(8) - length)?;
        }
        paths.extend(std::str::from_utf8(&path).ok().map(|path| Entry {
            path: path.into(),
            left_out,
            is_module: mode & 0xf0 == MODULE,
        }));
    }
    // What follows are extensions, and the checksum. `link` says that most of the index is in another file.
    while rest.0.len() > id {
        let (name, length) = (rest.take(4)?, rest.number()?);
        if name == b"link" {
            return None;
        }
        rest.take(usize::try_from(length).ok()?)?;
    }
    Some(paths)
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Four bytes, the highest first.
    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A number in as few bytes as it needs, seven bits each, as offsets in packs have it.
    fn varying(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = (value.checked_add(1)?.checked_mul(128)?).checked_add(usize::from(byte & 0x7f))?;
        }
        Some(value)
    }

    /// Up to a byte of nothing, which is taken too.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index as git writes it, of these paths in their order.
    fn index(version: u32, names: &[&str], extension: Option<&[u8; 4]>) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
        let mut last = "";
        for name in names {
            let start = bytes.len();
            bytes.extend([0; 60]);
            bytes.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
            if version == 4 {
                let same = last.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
                bytes.push(u8::try_from(last.len() - same).unwrap());
                bytes.extend(&name.as_bytes()[same..]);
                bytes.push(0);
            } else {
                bytes.extend(name.as_bytes());
                bytes.push(0);
                while !(bytes.len() - start).is_multiple_of(8) {
                    bytes.push(0);
                }
            }
            last = name;
        }
        if let Some(name) = extension {
            bytes.extend(name);
            bytes.extend(3_u32.to_be_bytes());
            bytes.extend([1, 2, 3]);
        }
        bytes.extend([9; 20]);
        bytes
    }

    #[test]
    fn every_version_of_an_index_tells_its_paths() {
        let names = [
            "a/soda-tracker.yaml",
            "a/soda.yaml",
            "b",
            "b/ünit.yml",
            "b/12345678",
        ];
        let entry = |name: &&str| Entry {
            path: name.into(),
            left_out: false,
            is_module: false,
        };
        let wanted: Vec<Entry> = names.iter().map(entry).collect();
        for version in [2, 3, 4] {
            for extension in [None, Some(b"TREE")] {
                let bytes = index(version, &names, extension);
                assert_eq!(paths(&bytes, 20), Some(wanted.clone()), "{version}");
            }
            assert_eq!(paths(&index(version, &[], None), 20), Some(Vec::new()));
        }
    }

    #[test]
    fn an_index_that_is_not_understood_to_its_end_tells_of_no_file() {
        let good = index(2, &["a.yaml", "b.yaml"], Some(b"TREE"));
        let checksum = good.len() - 20;
        for cut in (0..good.len()).filter(|cut| *cut < checksum - 11) {
            assert_eq!(paths(&good[..cut], 20), None, "{cut}");
        }
        assert_eq!(paths(&index(2, &["a.yaml"], Some(b"link")), 20), None);
        assert_eq!(paths(&index(5, &["a.yaml"], None), 20), None);
        assert_eq!(paths(b"not an index", 20), None);
    }
}
