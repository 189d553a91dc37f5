//! A plan as annotations on a pull request: what needs an approval, what is held back, and what has drifted, each at the
//! line of the manifest that it is about.
//!
//! An annotation is a pointer, not the plan: the plan itself is a comment or a page.

use crate::diag::Severity;
use crate::diag::github::annotation;
use crate::manifest::Loaded;
use crate::model::Address;
use crate::plan::{NoteKind, Plan};
use crate::report::Style;
use std::collections::BTreeMap;

/// GitHub shows ten of each kind per step; more would only read files that nobody sees.
const MOST: usize = 30;

/// The plan as workflow commands, the most pressing first.
pub(super) fn render(plan: &Plan, style: &Style, loaded: &mut Loaded) -> String {
    let mut guards: BTreeMap<&Address, Vec<&str>> = BTreeMap::new();
    for step in &plan.steps {
        for guard in step.guards.iter().filter(|guard| !style.allowed.contains(guard)) {
            let keys = guards.entry(&step.address).or_default();
            if !keys.contains(&guard.key()) {
                keys.push(guard.key());
            }
        }
    }
    let mut told: Vec<(Severity, &Address, &str, String, String)> = Vec::new();
    for note in &plan.notes {
        let severity = match note.kind {
            NoteKind::Refused
            | NoteKind::Blocked
            | NoteKind::Drift
            | NoteKind::EndedShort
            | NoteKind::SoftLaunchWaiting => Severity::Warning,
            NoteKind::Held
            | NoteKind::Unsupported
            | NoteKind::Unmanaged
            | NoteKind::Moved
            | NoteKind::Advice => Severity::Note,
            // Nobody has to do anything.
            NoteKind::Done => continue,
        };
        let help = note.help.as_ref().map(|help| format!("\nhelp: {help}"));
        let text = format!("{}{}", note.message, help.unwrap_or_default());
        let title = format!("{}: {}", note.address, note.kind);
        let path = note.path.as_deref().unwrap_or("/name");
        told.push((severity, &note.address, path, title, text));
    }
    for (address, keys) in guards {
        let title = format!("{address}: needs approval");
        let text = format!("applying this plan needs approval: {}", keys.join(", "));
        told.push((Severity::Warning, address, "/status", title, text));
    }
    told.sort_by_key(|(severity, ..)| *severity != Severity::Warning);
    let left_out = told.len().saturating_sub(MOST);
    told.truncate(MOST);
    let mut out = String::new();
    for (severity, address, path, title, text) in told {
        let place = loaded.locate(address, path);
        let place = place.as_ref().map(|place| (&*place.file, Some(place.value)));
        out.push_str(&annotation(severity, &title, place, &text, &loaded.sources));
    }
    if left_out > 0 {
        let text = format!("{left_out} more remarks are in the plan itself");
        out.push_str(&annotation(
            Severity::Note,
            "infield plan",
            None,
            &text,
            &loaded.sources,
        ));
    }
    out
}
