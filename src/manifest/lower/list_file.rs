//! Lists in files: their text, and those of answers, one a line.
//!
//! Promises: only files of the project are read; what is wrong with a line is said with its number, and offered to no editor as
//! a change of the manifest.

use crate::diag::text::short;
use crate::diag::{Code, code};
use crate::manifest::expand::scope::Scope;
use crate::manifest::read::beside;
use crate::manifest::read::text::digest;
use crate::yaml::read_text;
use std::path::PathBuf;

/// Largest list file: 4 MiB, room for every zip code there is.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;

/// What kind of list is read, and from where.
pub(super) struct Kind<'a> {
    /// The code of its problems.
    pub(super) code: Code,
    /// Most bytes.
    pub(super) bytes: u64,
    /// Folders besides those of the project.
    pub(super) folders: &'a [PathBuf],
    /// What to do about one that lies elsewhere.
    pub(super) outside: &'static str,
}

/// The text of a list, which counts for the fingerprint of its manifest; `None` where it cannot be read.
pub(super) fn text(scope: &mut Scope<'_>, path: &str, pointer: &str, kind: &Kind<'_>) -> Option<String> {
    let Some(full) = scope.file_within(path, kind.folders) else {
        scope
            .error(kind.code)
            .says(format!("the list `{}` lies outside of the project", short(path)))
            .value(pointer, "outside")
            .help(kind.outside);
        return None;
    };
    match read_text(&full, kind.bytes) {
        Ok(text) => {
            scope.lists.push(digest(&text));
            Some(text)
        }
        Err(error) => {
            let help = beside::help(scope.folder, path, &error);
            scope
                .error(kind.code)
                .says(format!("the list `{}` {error}", short(path)))
                .value(pointer, "cannot be used")
                .help(help);
            None
        }
    }
}

/// The lines of a list of answers with their numbers, without comments and blanks.
pub(crate) fn lines(scope: &mut Scope<'_>, path: &str, pointer: &str) -> Option<Vec<(usize, String)>> {
    let kind = Kind {
        code: code::TARGETING_LIST_FILE,
        bytes: MAX_LIST_BYTES,
        folders: &[],
        outside: "move it into the project's folder; the path is relative to this manifest",
    };
    let text = text(scope, path, pointer, &kind)?;
    let numbered = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines: Vec<(usize, String)> = numbered
        .map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| (number, line.to_owned()))
        .collect();
    if lines.is_empty() {
        scope
            .error(code::TARGETING_LIST_FILE)
            .says(format!("the list `{}` holds no codes", short(path)))
            .value(pointer, "empty list")
            .help("write one code a line; lines after `#` are comments");
        return None;
    }
    Some(lines)
}

/// Where an answer stands in a list.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The list, as the manifest names it.
    pub(crate) list: String,
    /// The number of the line.
    pub(crate) number: usize,
}

impl Line {
    /// Says of everything found since there were so many problems that it stands in this line.
    pub(crate) fn names(&self, scope: &mut Scope<'_>, before: usize) {
        for problem in scope.problems.iter_mut().skip(before) {
            let (list, number) = (short(&self.list), self.number);
            problem.message = format!("line {number} of `{list}`: {}", problem.message);
            problem.help = problem
                .help
                .take()
                .map(|help| format!("in line {number} of the list: {help}"));
        }
    }
}
