//! Files that manifests name: what to do about one that gives no text.

use crate::yaml::ReadError;
use std::path::Path;

/// What to do about a file that a manifest in this folder names and that gives no text: its name as the folder has it, how to
/// save it, or where it is looked for.
pub(crate) fn help(folder: &Path, path: &str, error: &ReadError) -> String {
    let meant = || Some(format!("write `{}`", as_named(folder, path)?));
    let saved = error.how_to_save().map(str::to_owned);
    let missing = matches!(error, ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound);
    let meant = if missing { meant() } else { None };
    meant
        .or(saved)
        .unwrap_or_else(|| "the path is relative to this manifest".to_owned())
}

/// The path of the file that was probably meant: with slashes, and letters large and small as the folders have them.
fn as_named(folder: &Path, path: &str) -> Option<String> {
    let mut at = folder.to_owned();
    let mut names: Vec<String> = Vec::new();
    for part in path
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
    {
        // Nobody looks around outside of the folder.
        if part == ".." || part.ends_with(':') {
            return None;
        }
        let name = match at.join(part).exists() {
            true => part.to_owned(),
            false => alike(&at, part)?,
        };
        at.push(&name);
        names.push(name);
    }
    let named = names.join("/");
    (at.is_file() && named != path).then_some(named)
}

/// The one entry of a folder whose name differs in nothing but large and small letters.
fn alike(folder: &Path, name: &str) -> Option<String> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut alike = names.filter(|other| other.to_lowercase() == name.to_lowercase());
    let found = alike.next()?;
    alike.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_the_folder_has_is_found() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("lists/old")).unwrap();
        std::fs::write(dir.path().join("lists/Zip.txt"), "").unwrap();
        let of = |path| as_named(dir.path(), path);
        assert_eq!(of("lists\\Zip.txt").as_deref(), Some("lists/Zip.txt"));
        assert_eq!(of("Lists/zip.TXT").as_deref(), Some("lists/Zip.txt"));
        for path in [
            "lists/Zip.txt",
            "lists/zap.txt",
            "lists/old",
            "..\\lists\\Zip.txt",
            "C:\\lists\\Zip.txt",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
