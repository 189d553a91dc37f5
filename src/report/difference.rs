//! Differences between two versions of a text, as `diff -u` shows them.

use super::words;
use similar::TextDiff;
use std::fmt::Write;

/// What changes in a file, as a unified difference with three lines around each change: for people and for `patch`.
/// Control characters of the texts do not reach a screen. Empty where nothing changes.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let difference = TextDiff::from_lines(before, after);
    let mut out = String::new();
    for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
        if out.is_empty() {
            let _ = writeln!(out, "--- {path}\n+++ {path}");
        }
        for line in hunk.to_string().lines() {
            out.push_str(&words::clean(line));
            out.push('\n');
        }
    }
    out
}
