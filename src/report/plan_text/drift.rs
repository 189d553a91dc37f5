//! What moved at the vendors, for people at a terminal and for a comment: a heading per survey, the values as they were
//! left and as they were found, and the money.

use super::{Text, fields};
use crate::plan::step::MoneyReport;
use crate::plan::{Change, Drift, Drifted, Note, NoteKind};
use crate::report::view::{self, Remark};
use crate::report::{Style, escape, plan_markdown, words};
use std::fmt::Write as _;

/// Drift as text.
pub fn text(drift: &Drift, style: &Style) -> String {
    let mut text = Text::new(style);
    for drifted in &drift.drifted {
        text.heading(drifted.address.as_str(), Some(drifted.vendor.name()));
        text.remark(NoteKind::Drift, "it is not as it was left", None);
        fields::write(
            &mut text.page,
            6,
            &view::fields(&shown(drifted), style.verbose),
            false,
        );
        text.page.gap();
    }
    let done = view::finished(&drift.notes, style);
    for note in unfolded(drift, &done) {
        text.heading(note.address.as_str(), None);
        text.note(note);
        text.page.gap();
    }
    if let Some(crowd) = Remark::of_done(done) {
        text.crowd(&crowd);
        text.page.gap();
    }
    let amounts: Vec<MoneyReport> = drift.exposure.iter().map(Into::into).collect();
    if drift
        .exposure
        .iter()
        .any(|exposure| exposure.before != exposure.after)
    {
        let beside: Vec<String> = words::at_most(&drift.exposure).into_iter().collect();
        text.exposure(["as left", "as found", "change"], &amounts, &beside);
    }
    text.heading(&verdict(drift), None);
    if !drift.drifted.is_empty() {
        text.help(&help(&style.given));
    }
    text.page.finish()
}

/// The changes of a survey. That they are drift stands above them.
fn shown(drifted: &Drifted) -> Vec<Change> {
    let changes = drifted.moves.iter().flat_map(|moved| &moved.changes);
    changes
        .map(|change| Change {
            drift: false,
            ..change.clone()
        })
        .collect()
}

/// The notes without those of what is done, where that is said in one line.
fn unfolded<'a>(drift: &'a Drift, done: &[&str]) -> impl Iterator<Item = &'a Note> {
    let folds = !done.is_empty();
    drift
        .notes
        .iter()
        .filter(move |note| note.kind != NoteKind::Done || !folds)
}

/// How much moved, in one line.
fn verdict(drift: &Drift) -> String {
    let noted = |kind| drift.notes.iter().filter(|note| note.kind == kind).count();
    let moved = match drift.drifted.len() + noted(NoteKind::Drift) {
        0 => "No drift".to_owned(),
        1 => "Drift: 1 is not as it was left".to_owned(),
        many => format!("Drift: {many} are not as they were left"),
    };
    let left = if drift.unchanged.len() == 1 {
        "is as it was left"
    } else {
        "are as they were left"
    };
    let unseen = noted(NoteKind::Blocked);
    let rest = words::counts(&[(drift.unchanged.len(), left), (unseen, "could not be compared")]);
    let comma = if rest.is_empty() { "" } else { ", " };
    format!("{moved}{comma}{rest}.")
}

/// The two ways out, with what was given on the command line.
fn help(given: &[String]) -> String {
    let given = words::behind(given);
    format!(
        "`infield plan{given} --refresh-only --accept` writes it into the manifests; `infield apply{given}` puts values \
         back as the manifests have them, and resumes what was paused only with --resume"
    )
}

/// Drift as Markdown for a comment. Of the style only `verbose` and `given` matter.
pub fn markdown(drift: &Drift, style: &Style) -> String {
    let project = style.project.as_deref();
    let mut out = format!("{}\n", plan_markdown::marker(project, &drift.environment, &[]));
    let _ = writeln!(
        out,
        "### infield drift: {}\n\n**{}**\n",
        plan_markdown::place(project, &drift.environment),
        verdict(drift)
    );
    if !drift.drifted.is_empty() {
        out.push_str("| survey | value | as left → as found | |\n|---|---|---|---|\n");
    }
    for drifted in &drift.drifted {
        for field in view::fields(&shown(drifted), style.verbose) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                escape::code(drifted.address.as_str()),
                escape::text(&field.name),
                escape::text(&field.turn(false)),
                escape::text(field.change.remark.as_deref().unwrap_or_default()),
            );
        }
    }
    let done = view::finished(&drift.notes, style);
    for note in unfolded(drift, &done) {
        let _ = writeln!(
            out,
            "\n- **{}** {}: {}",
            note.kind,
            escape::code(note.address.as_str()),
            escape::prose(&note.message)
        );
    }
    if !done.is_empty() {
        let _ = writeln!(out, "\n- {}", words::done(done.len()));
    }
    for exposure in drift.exposure.iter().filter(|e| e.before != e.after) {
        let _ = writeln!(
            out,
            "\nExposure: {} as left, {} as found.",
            exposure.before, exposure.after
        );
    }
    if !drift.drifted.is_empty() {
        let _ = writeln!(out, "\n{}", escape::prose(&help(&style.given)));
    }
    out
}
