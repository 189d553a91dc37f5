//! The page `docs/operations.md`: every operation that a vendor documents, with the commands that use it or the reason why
//! none does.
//!
//! Nobody says here what is used. [`sessions`] runs commands at sandboxes, whose logs show what they send; what is seen is
//! compared with the lists. So the page fails when something is used and has a reason not to be, when nothing was seen using
//! what has none, and when a request is in no list.
//!
//! Something new is used: take the reason from its line in `VENDOR.txt`, let a session use it, and write the page with
//! `UPDATE_README=1 cargo test --test cli operations`.

mod list;
mod sessions;

use crate::readme::{pages, settle};
use list::{List, Operation, Uses};
use std::fmt::Write as _;

const PAGE: &str = "docs/operations.md";

const INTRO: &str = "# Every operation\n\n\
    <!-- Written by the program: UPDATE_README=1 cargo test --test cli operations -->\n\n\
    What the vendors' documents name, with the commands that use it, or why none does. A command stands here only where a test \
    has seen it send that request, in the log of the [sandbox](sandbox.md). What the sandbox refused does not count.\n";

/// In which order commands are named in a table: as their help orders them.
const ORDER: [&str; 13] = [
    "import",
    "validate",
    "doctor",
    "lookup",
    "feasibility",
    "plan",
    "apply",
    "reconcile",
    "accept-list",
    "status",
    "freeze",
    "thaw",
    "state",
];

fn commands(used: &[&str]) -> String {
    let unknown: Vec<_> = used.iter().filter(|one| !ORDER.contains(one)).collect();
    assert!(unknown.is_empty(), "no place in the order for {unknown:?}");
    let known = ORDER.iter().filter(|one| used.contains(one));
    let known: Vec<String> = known.map(|one| format!("`{one}`")).collect();
    known.join(", ")
}

fn section(page: &mut String, list: &List, uses: &Uses) {
    let used = |at: usize| uses.get(&(list.key, at)).map(Vec::as_slice);
    let count = (0..list.operations.len())
        .filter(|at| used(*at).is_some())
        .count();
    let all = list.operations.len();
    let _ = write!(
        page,
        "\n## {}\n\n{count} of {all} operations are used.",
        list.name
    );
    let short: Vec<String> = list
        .short
        .iter()
        .map(|(word, long)| format!("`{word}` is `{long}`"))
        .collect();
    if !short.is_empty() {
        let _ = write!(page, " {}.", short.join(", "));
    }
    let _ = write!(
        page,
        "\n\n| operation | what it does | used by |\n|---|---|---|\n"
    );
    for (at, operation) in list.operations.iter().enumerate() {
        if let Some(by) = used(at) {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                operation.name(),
                operation.what,
                commands(by)
            );
        }
    }
    if list.reasons.is_empty() {
        return;
    }
    page.push_str("\nNot used:\n\n");
    for (word, reason) in &list.reasons {
        let own = list
            .operations
            .iter()
            .filter(|operation| operation.reason == Some(word));
        let names: Vec<String> = own
            .map(|operation| format!("`{}` ({})", operation.name(), operation.what))
            .collect();
        let _ = writeln!(page, "* **{reason}**: {}", names.join(", "));
    }
}

/// What the lists say and the sessions do not show, or the other way round.
fn differences(lists: &[List], uses: &Uses) -> Vec<String> {
    let mut found = Vec::new();
    for list in lists {
        for (at, operation) in list.operations.iter().enumerate() {
            let Operation { reason, .. } = operation;
            let name = format!("{}: {}", list.name, operation.name());
            match (uses.get(&(list.key, at)), reason) {
                (Some(by), Some(word)) => {
                    found.push(format!("{name} is used by {by:?}, and has the reason `{word}`"));
                }
                (None, None) => found.push(format!("{name} has no reason, and nothing was seen using it")),
                (Some(_), None) | (None, Some(_)) => {}
            }
        }
    }
    found
}

#[test]
fn the_page_is_what_was_seen() {
    let lists = list::all();
    let uses = sessions::all(&lists);
    let differences = differences(&lists, &uses);
    assert!(differences.is_empty(), "{differences:#?}");
    let mut page = INTRO.to_owned();
    for list in &lists {
        section(&mut page, list, &uses);
    }
    let found = pages();
    settle(PAGE, found.get(PAGE).map_or("", String::as_str), &page);
}
