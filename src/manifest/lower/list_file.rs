//! Lists in files, one answer a line.
//!
//! Promises: only files of the project are read; what is wrong with a line is said with its number, and offered to no editor as
//! a change of the manifest.

use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::manifest::read::beside;
use crate::yaml::read_text;
use sha2::{Digest as _, Sha256};

/// Largest list file: 4 MiB, room for every zip code there is.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;

/// The lines of a list with their numbers, without comments and blanks.
pub(crate) fn lines(scope: &mut Scope<'_>, path: &str, pointer: &str) -> Option<Vec<(usize, String)>> {
    let Some(full) = scope.file(path) else {
        scope
            .error(code::TARGETING_LIST_FILE)
            .says(format!("the list `{}` lies outside of the project", short(path)))
            .value(pointer, "outside")
            .help("move it into the project's folder; the path is relative to this manifest");
        return None;
    };
    let text = match read_text(&full, MAX_LIST_BYTES) {
        Ok(text) => text,
        Err(error) => {
            let help = beside::help(scope.folder, path, &error);
            scope
                .error(code::TARGETING_LIST_FILE)
                .says(format!("the list `{}` {error}", short(path)))
                .value(pointer, "cannot be used")
                .help(help);
            return None;
        }
    };
    scope.lists.push(Sha256::digest(text.as_bytes()).into());
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
