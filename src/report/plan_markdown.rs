//! A plan as a comment on a pull request: a verdict, the guards, a table of surveys, and the details folded away.
//!
//! Promises: the comment starts with a marker that names the environment, so that the next run finds and replaces it;
//! text of users and vendors is text, whatever markup, mention or table bar it contains; the comment stays below
//! [`LIMIT`] characters, cut between surveys and never inside one, saying how many were left out.

use super::sections::{Section, sections};
use super::words::{self, QuotaPart};
use super::{Style, escape, reconciliation_text};
use crate::plan::{Change, NoteKind, Plan, Step, hash};
use crate::reconcile;
use serde_json::Value;
use std::fmt::Write as _;

/// Characters a comment may have. GitHub takes 65,536; some room is left for whoever adds a line.
pub const LIMIT: usize = 65_000;

/// Room for the lines that say what was cut.
const CUT_LINES: usize = 600;

/// The line a comment starts with, by which the next run finds it.
pub fn marker(environment: &str) -> String {
    let plain: String = environment
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    // Two dashes may not stand inside an HTML comment.
    format!("<!-- infield:plan {} -->", plain.replace("--", "-_"))
}

/// The plan as Markdown for a comment. Of the style only `verbose`, `allowed` and `picture` matter.
pub fn render(plan: &Plan, style: &Style) -> String {
    render_with(plan, &[], style)
}

/// The same, with plans of outcomes behind it. Lists that would take more than half of the room are only counted.
pub fn render_with(plan: &Plan, lists: &[reconcile::Plan], style: &Style) -> String {
    let mut beside = String::new();
    let mut left_out = 0;
    for list in lists {
        let text = reconciliation_text::markdown(list, style);
        if beside.chars().count() + text.chars().count() > LIMIT / 2 {
            left_out += 1;
        } else {
            beside.push_str(&text);
        }
    }
    if left_out > 0 {
        let lists = words::count(left_out, "list of outcomes", "lists of outcomes");
        let _ = writeln!(
            beside,
            "\n**Cut here**: {lists} not shown. `infield plan` shows all of them."
        );
    }
    let parts = sections(plan, style.verbose);
    let (acting, silent): (Vec<_>, Vec<_>) = parts
        .surveys
        .iter()
        .partition(|section| !section.steps.is_empty());
    let mut page = Page::new(head(plan, style), format!("{}{beside}", foot(plan, style)));

    if !acting.is_empty() {
        page.push("| survey | action | CPI | exposure | needs approval |\n|---|---|--:|--:|---|\n");
        // At most half of the room, so that a long table leaves some to the details.
        let left_out = page.fill(acting.iter().map(|section| row(section, style)), 2);
        if left_out > 0 {
            page.cut(&format!(
                "\n**Cut here**: {} of this plan {} not in the table.\n",
                words::count(left_out, "survey", "surveys"),
                if left_out == 1 { "is" } else { "are" }
            ));
        }
        page.push("\n");
    }

    let mut notes: Vec<String> = parts
        .crowds
        .iter()
        .map(|crowd| {
            let whom = format!("{} surveys", crowd.addresses.len());
            note(crowd.kind, &whom, crowd.message, crowd.help)
        })
        .collect();
    let mut single: Vec<_> = silent.iter().flat_map(|section| &section.notes).collect();
    single.sort_by_key(|note| note.kind);
    notes.extend(single.iter().map(|n| {
        let whom = escape::code(n.address.as_str());
        note(n.kind, &whom, &n.message, n.help.as_deref())
    }));
    if !notes.is_empty() {
        page.push("#### Notes\n\n");
        let left_out = page.fill(notes.into_iter(), 2);
        if left_out > 0 {
            page.cut(&format!(
                "\n**Cut here**: {} left out.\n",
                words::count(left_out, "note is", "notes are")
            ));
        }
        page.push("\n");
    }

    let left_out = page.fill(acting.iter().map(|section| detail(section, style)), 1);
    if left_out > 0 {
        page.cut(&format!(
            "**Cut here**: the details of {} do not fit into a comment. `infield plan --format html` shows all of them.\n\n",
            words::count(left_out, "survey", "surveys")
        ));
    }
    page.finish()
}

/// A comment that is filled up to its limit.
struct Page {
    text: String,
    foot: String,
    /// Characters, not bytes: that is what the limit counts.
    used: usize,
}

impl Page {
    fn new(text: String, foot: String) -> Self {
        let used = text.chars().count() + foot.chars().count() + CUT_LINES;
        Self { text, foot, used }
    }

    fn push(&mut self, text: &str) {
        self.used += text.chars().count();
        self.text.push_str(text);
    }

    /// A line whose room was set aside from the start.
    fn cut(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds blocks while they fit into the given part of what is left; answers how many did not. The first that does
    /// not fit ends it, so that what is shown is a beginning and not a selection.
    fn fill(&mut self, blocks: impl ExactSizeIterator<Item = String>, part: usize) -> usize {
        let total = blocks.len();
        let mut room = LIMIT.saturating_sub(self.used) / part;
        for (index, block) in blocks.enumerate() {
            let size = block.chars().count();
            if size > room {
                return total - index;
            }
            room -= size;
            self.push(&block);
        }
        0
    }

    fn finish(mut self) -> String {
        self.text.push_str(&self.foot);
        self.text
    }
}

fn head(plan: &Plan, style: &Style) -> String {
    let environment = escape::code(&plan.environment);
    let mut out = format!("{}\n", marker(&plan.environment));
    let _ = writeln!(
        out,
        "### infield plan for {environment}: {}\n",
        words::verdict_line(plan)
    );
    if let Some(picture) = &style.picture {
        let _ = writeln!(
            out,
            "> **From a picture** {}\n",
            escape::text(&picture.sentence())
        );
    }
    let asked = words::asked(plan, &style.allowed);
    if !asked.is_empty() {
        let guards: Vec<String> = asked
            .iter()
            .map(|(guard, addresses)| {
                format!(
                    "**{guard}** ({})",
                    words::count(addresses.len(), "survey", "surveys")
                )
            })
            .collect();
        let _ = writeln!(out, "Needs approval: {}\n", guards.join(", "));
    }
    if !plan.exposure.is_empty() {
        out.push_str("| exposure | before | after | change |\n|---|--:|--:|--:|\n");
        for exposure in &plan.exposure {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                exposure.after.currency.code(),
                exposure.before.plain(),
                exposure.after.plain(),
                words::signed(&words::exposure_change(exposure)),
            );
        }
        out.push('\n');
    }
    out
}

fn foot(plan: &Plan, style: &Style) -> String {
    if plan.is_empty() {
        return String::new();
    }
    let summary = plan.summary();
    let name = hash::hash(plan);
    format!(
        "Plan **{name}**: {}, {} unchanged. Apply exactly this with {}.\n",
        words::count(summary.calls, "call", "calls"),
        summary.unchanged,
        escape::code(&words::apply_command(&style.given, &name)),
    )
}

/// A survey's line of the table.
fn row(section: &Section<'_>, style: &Style) -> String {
    let asked = section.asked(&style.allowed);
    let guards: Vec<String> = asked.iter().map(|guard| format!("**{guard}**")).collect();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        escape::code(section.address.as_str()),
        section.actions(true).join(", "),
        escape::text(&section.price()),
        section.adds().join(", "),
        guards.join(", ")
    )
}

/// A survey's folded details.
fn detail(section: &Section<'_>, style: &Style) -> String {
    let mut out = format!(
        "<details><summary><code>{}</code>: {}</summary>\n\n",
        escape::html(&words::clean(section.address.as_str())),
        section.actions(false).join(", ")
    );
    for step in &section.steps {
        let guards: Vec<String> = step
            .guards
            .iter()
            .filter(|guard| !style.allowed.contains(guard))
            .map(|guard| format!("**{guard}**"))
            .collect();
        let _ = write!(out, "**{}**: {}", step.action, escape::prose(&step.reason));
        if !guards.is_empty() {
            let _ = write!(out, " (needs approval: {})", guards.join(", "));
        }
        out.push_str("\n\n");
        changes(&mut out, step, style.verbose);
    }
    for n in &section.notes {
        let path = n.path.as_deref().map(escape::code).unwrap_or_default();
        out.push_str(&note(n.kind, &path, &n.message, n.help.as_deref()));
    }
    if !section.notes.is_empty() {
        out.push('\n');
    }
    out.push_str("</details>\n\n");
    out
}

fn changes(out: &mut String, step: &Step, all: bool) {
    if step.changes.is_empty() {
        return;
    }
    out.push_str("| field | before | after | |\n|---|---|---|---|\n");
    for change in &step.changes {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape::code(&words::field(&change.path)),
            side(change, &change.before, all),
            side(change, &change.after, all),
            escape::text(words::aside(change).trim())
        );
    }
    out.push('\n');
}

/// One side of a change; empty where there is nothing.
fn side(change: &Change, value: &Value, all: bool) -> String {
    match (value, words::quota_part(&change.path)) {
        (Value::Null, _) => String::new(),
        (value, Some((_, QuotaPart::Where))) => escape::text(&words::who(value, all)),
        (value, _) => escape::text(&words::value(value, all)),
    }
}

/// A note as a list item.
fn note(kind: NoteKind, whom: &str, message: &str, help: Option<&str>) -> String {
    let mut out = format!("- **{kind}** {whom}");
    let _ = write!(
        out,
        "{}{}",
        if whom.is_empty() { "" } else { ": " },
        escape::prose(message)
    );
    if let Some(help) = help {
        let _ = write!(out, " _Help:_ {}", escape::prose(help));
    }
    out.push('\n');
    out
}
