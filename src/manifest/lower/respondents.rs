//! Lists of respondents, in files: from one id a line to the model's.
//!
//! Promises: what is wrong in a list is said with the number of its line, never with what stands there: an id is personal
//! data, and problems end up in logs.

use super::list_file;
use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::model::Respondents;
use crate::model::respondents::is_of_id;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Folders outside of the project that lists may lie in.
static ALLOWED: OnceLock<Vec<PathBuf>> = OnceLock::new();

/// Lets lists of respondents lie in these folders, too, for the whole life of the program. Whoever runs it says so: a manifest may
/// have been written by somebody else. Only the first call counts.
pub fn allow(folders: impl IntoIterator<Item = PathBuf>) {
    let real = folders.into_iter().filter(|folder| folder.is_absolute());
    let real = real.filter_map(|folder| folder.canonicalize().ok());
    let _ = ALLOWED.set(real.collect());
}

/// What digests of lists are worked out with besides; empty where nobody says it.
static SECRET: OnceLock<String> = OnceLock::new();

/// Works digests of lists out with a secret, for the whole life of the program: without it nobody can try whether a list is the one
/// that a state remembers. Only the first call counts.
pub fn key(secret: String) {
    let _ = SECRET.set(secret);
}

/// Largest list that is read: 8 MiB, more than any vendor takes.
const MAX_LIST_BYTES: u64 = 8 * 1024 * 1024;

/// Longest id.
const LONGEST_ID: usize = 128;

/// How many lines of a list are named at most.
const NAMED: usize = 3;

/// What stands at the top of a column of ids, without regard to case.
const HEADERS: [&str; 9] = [
    "id",
    "psid",
    "rsid",
    "rid",
    "pid",
    "respondent",
    "respondent_id",
    "respondentid",
    "respondent-id",
];

/// Reads the list that a field names, for a vendor with this key; `None` where it cannot be used.
pub(crate) fn read(scope: &mut Scope<'_>, written: &Value, field: &str, vendor: &str) -> Option<Respondents> {
    let path = written.get("file").and_then(Value::as_str)?;
    let place = format!("{field}/file");
    let kind = list_file::Kind {
        code: code::RESPONDENTS_LIST,
        bytes: MAX_LIST_BYTES,
        folders: ALLOWED.get().map_or(&[], Vec::as_slice),
        outside: "move it into the project's folder, where git may ignore it, or name its folder in the variable \
                  INFIELD_ALLOW_LISTS",
    };
    let text = list_file::text(scope, path, &place, &kind)?;
    let mut slips = Slips::default();
    let mut ids: Vec<Box<str>> = Vec::new();
    {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let text = text.trim_start_matches('\u{feff}');
        for (at, line) in text.lines().enumerate() {
            let number = at + 1;
            let id = line.trim();
            let id = id
                .strip_prefix('"')
                .and_then(|id| id.strip_suffix('"'))
                .unwrap_or(id);
            if id.starts_with('#') {
                continue;
            }
            if let Some(slip) = slip(id, number) {
                slips.add(slip, number, None);
            } else if let Some(before) = first.insert(id, number) {
                slips.add(Slip::Again, number, Some(before));
            } else {
                ids.push(id.into());
            }
        }
    }
    if slips.tell(scope, path, &place) {
        return None;
    }
    if ids.is_empty() {
        scope
            .error(code::RESPONDENTS_LIST)
            .says(format!("the list `{}` names nobody", short(path)))
            .value(&place, "empty list")
            .help("write one id a line");
        return None;
    }
    let secret = SECRET.get().map_or("", String::as_str);
    Some(Respondents::keyed(secret, vendor, ids))
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    Header,
    Empty,
    Several,
    NoId,
    Again,
}

impl Slip {
    fn help(self) -> &'static str {
        match self {
            Self::Header => "remove it: every line is an id",
            Self::Empty => "remove the line: every line is an id",
            Self::Several => "write one id a line, without further columns",
            Self::NoId => {
                "an id consists of letters of the alphabet, digits and marks such as `-` and `_`; save the list as plain text"
            }
            Self::Again => "name everybody once",
        }
    }
}

/// What is wrong with a line; whether its id stands in another one, too, is not asked here.
fn slip(id: &str, number: usize) -> Option<Slip> {
    if id.is_empty() {
        return Some(Slip::Empty);
    }
    if number == 1 && HEADERS.contains(&id.to_ascii_lowercase().as_str()) {
        return Some(Slip::Header);
    }
    if id.contains([',', ';', '\t']) {
        return Some(Slip::Several);
    }
    let plain = id.len() <= LONGEST_ID && id.chars().all(is_of_id);
    (!plain).then_some(Slip::NoId)
}

/// What is wrong with a list: the kinds of slips, with the first lines of each and how many there are.
#[derive(Default)]
struct Slips(Vec<(Slip, Vec<String>, usize)>);

impl Slips {
    fn add(&mut self, slip: Slip, line: usize, before: Option<usize>) {
        let at = self.0.iter().position(|(known, _, _)| *known == slip);
        let at = at.unwrap_or_else(|| {
            self.0.push((slip, Vec::new(), 0));
            self.0.len() - 1
        });
        let (_, named, count) = &mut self.0[at];
        *count += 1;
        if named.len() < NAMED {
            named.push(match before {
                Some(before) => format!("{line} (as line {before})"),
                None => line.to_string(),
            });
        }
    }

    /// Reports them. Answers whether there are any.
    fn tell(self, scope: &mut Scope<'_>, path: &str, place: &str) -> bool {
        let any = !self.0.is_empty();
        for (slip, named, count) in self.0 {
            let more = match count - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (lines, one) = (named.join(", "), count == 1);
            let what = match (slip, one) {
                (Slip::Header, _) => "is a header",
                (Slip::Empty, true) => "is empty",
                (Slip::Empty, false) => "are empty",
                (Slip::Several, true) => "holds more than one id",
                (Slip::Several, false) => "hold more than one id",
                (Slip::NoId, true) => "is no id",
                (Slip::NoId, false) => "are no ids",
                (Slip::Again, true) => "repeats another one",
                (Slip::Again, false) => "repeat others",
            };
            let noun = if one { "line" } else { "lines" };
            scope
                .error(code::RESPONDENTS_LIST)
                .says(format!("{noun} {lines}{more} of `{}` {what}", short(path)))
                .value(place, "this list")
                .help(slip.help());
        }
        any
    }
}
