//! A plan as a comment on a pull request: a verdict, the guards, a table of surveys, and the details folded away.
//!
//! Promises: the comment starts with a marker that names the project and the environment, so that the next run finds and
//! replaces it, and no other, and then the plan, so that the comment is enough to approve it by;
//! text of users and vendors is text, whatever markup, mention or table bar it contains; the comment stays below
//! [`LIMIT`] characters, cut between surveys and never inside one, saying how many were left out.

use super::rungs::{self, HEADS, RungReport};
use super::view::{Field, Remark, Section, View};
use super::{Style, escape, reconciliation_text, words};
use crate::plan::{Guard, NoteKind, Plan, hash};
use crate::reconcile;
use maud::html;
use std::fmt::Write as _;

/// Characters a comment may have. GitHub takes 65,536; some room is left for whoever adds a line.
pub const LIMIT: usize = 65_000;

/// Room for the lines that say what was cut.
const CUT_LINES: usize = 600;

/// How the line begins that a comment starts with; project and environment as one word and the whole names of plans follow.
pub const MARKER: &str = "<!-- infield:plan ";

/// The line a comment starts with. Its beginning, up to the blank behind project and environment, is how the next run finds it.
pub fn marker(project: Option<&str>, environment: &str, names: &[&str]) -> String {
    let plain = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        // Two dashes may not stand inside an HTML comment.
        text.replace(|c| !plain(c), "_").replace("--", "-_")
    };
    let project = project.map_or_else(String::new, |project| format!("{}/", plain(project)));
    let names: String = names.iter().map(|name| format!(" {name}")).collect();
    format!("{MARKER}{project}{}{names} -->", plain(environment))
}

/// What a comment is about: the environment, and of which project.
pub(super) fn place(project: Option<&str>, environment: &str) -> String {
    let project = project.map_or_else(String::new, |project| format!("{} in ", escape::code(project)));
    format!("{project}{}", escape::code(environment))
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
    let view = View::new(plan, style);
    let project = style.project.as_deref();
    let head = head(project, plan, lists, &view);
    let mut page = Page::new(head, format!("{}{beside}", foot(&view)));

    // A table and notes take at most half of the room that is left, so that the details get some.
    if !view.acting.is_empty() {
        page.push("| survey | action | CPI | exposure | needs approval |\n|---|---|--:|--:|---|\n");
        page.fill(view.acting.iter().map(row), 2, |left_out| {
            let are = if left_out == 1 { "is" } else { "are" };
            let surveys = words::count(left_out, "survey", "surveys");
            format!("\n**Cut here**: {surveys} of this plan {are} not in the table.\n")
        });
        page.push("\n");
    }
    let notes = view.remarks();
    if !notes.is_empty() {
        page.push("#### Notes\n\n");
        page.fill(notes.iter().map(note), 2, |left_out| {
            let notes = words::count(left_out, "note is", "notes are");
            format!("\n**Cut here**: {notes} left out.\n")
        });
        page.push("\n");
    }
    page.fill(view.acting.iter().map(detail), 1, |left_out| {
        let surveys = words::count(left_out, "survey", "surveys");
        format!(
            "**Cut here**: the details of {surveys} do not fit into a comment. `infield plan --format html` shows all of \
             them.\n\n"
        )
    });
    page.text + &page.foot
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

    /// Adds blocks while they fit into the given part of what is left, and then how many did not, in a line whose room was
    /// set aside from the start. The first that does not fit ends it, so that what is shown is a beginning and not a
    /// selection.
    fn fill(
        &mut self,
        blocks: impl ExactSizeIterator<Item = String>,
        part: usize,
        cut: impl Fn(usize) -> String,
    ) {
        let total = blocks.len();
        let mut room = LIMIT.saturating_sub(self.used) / part;
        for (index, block) in blocks.enumerate() {
            let size = block.chars().count();
            if size > room {
                self.text.push_str(&cut(total - index));
                return;
            }
            room -= size;
            self.push(&block);
        }
    }
}

fn head(project: Option<&str>, plan: &Plan, lists: &[reconcile::Plan], view: &View<'_>) -> String {
    let place = place(project, &plan.environment);
    let name = view.name.as_ref();
    let name = name.map_or_else(|| hash::hash(plan), |name| name.hash.clone());
    let lists = lists.iter().filter(|list| !list.is_empty());
    let names: Vec<&str> = [name.as_str()]
        .into_iter()
        .chain(lists.map(|list| list.hash.as_str()))
        .collect();
    let mut out = format!("{}\n", marker(project, &plan.environment, &names));
    let _ = writeln!(out, "### infield plan for {place}: {}\n", view.verdict);
    if let Some(picture) = &view.picture {
        let _ = writeln!(out, "> **From a picture** {}\n", escape::text(picture));
    }
    let asked = view
        .asked
        .iter()
        .map(|(guard, before)| format!("**{guard}** ({before})"));
    let asked: Vec<String> = asked.collect();
    if !asked.is_empty() {
        let _ = writeln!(out, "Needs approval: {}\n", asked.join(", "));
    }
    for reach in &view.reach {
        let _ = writeln!(out, "**{}**: {reach}.\n", Guard::Changes);
    }
    if !view.exposure.is_empty() {
        out.push_str("| exposure | before | after | change |\n|---|--:|--:|--:|\n");
        for row in &view.exposure {
            let (currency, change) = (&row.currency, words::signed(&row.change));
            let _ = writeln!(out, "| {currency} | {} | {} | {change} |", row.before, row.after);
        }
        out.push('\n');
    }
    for line in &view.beside {
        let _ = writeln!(out, "{}\n", escape::text(line));
    }
    out
}

fn foot(view: &View<'_>) -> String {
    view.name.as_ref().map_or_else(String::new, |name| {
        format!(
            "Plan **{}**: {}, {} unchanged. {}Apply exactly this with {}.\n",
            hash::short(&name.hash),
            name.calls,
            view.unchanged,
            name.takes,
            escape::code(&name.command),
        )
    })
}

/// Names of guards, set off.
fn bold<'a>(guards: impl IntoIterator<Item = &'a &'static str>) -> String {
    let guards: Vec<String> = guards.into_iter().map(|guard| format!("**{guard}**")).collect();
    guards.join(", ")
}

/// A survey's line of the table.
fn row(section: &Section<'_>) -> String {
    format!(
        "| {} | {} | {} | {} | {} |\n",
        escape::code(section.address),
        section.actions(true),
        escape::text(&section.price()),
        section.adds(),
        bold(&section.asked())
    )
}

/// A survey's folded details.
fn detail(section: &Section<'_>) -> String {
    let address = words::clean(section.address);
    let summary = html! { summary { code { (address) } ": " (section.actions(false)) } };
    let mut out = format!("<details>{}\n\n", summary.into_string());
    for act in &section.acts {
        let _ = write!(
            out,
            "**{}**: {}",
            act.step.action,
            escape::prose(&act.step.reason)
        );
        if !act.asked.is_empty() {
            let _ = write!(out, " (needs approval: {})", bold(&act.asked));
        }
        out.push_str("\n\n");
        let rungs = rungs::of(act.step);
        changes(&mut out, rungs::beside(act, &rungs));
        ladder(&mut out, &rungs);
    }
    if let Some(links) = section.links {
        let _ = write!(out, "{}\n\n", super::html::links(links).into_string());
    }
    for note in section.remarks() {
        out.push_str(&self::note(&note));
    }
    if !section.notes.is_empty() {
        out.push('\n');
    }
    out.push_str("</details>\n\n");
    out
}

/// What changes: short values in a table, and below it what changes inside of long ones.
fn changes<'v, 'a: 'v>(out: &mut String, fields: impl Iterator<Item = &'v Field<'a>>) {
    let (long, short): (Vec<_>, Vec<_>) = fields.partition(|field| field.inside.is_some());
    if !short.is_empty() {
        out.push_str("| field | before | after | |\n|---|---|---|---|\n");
    }
    // Nothing is an empty cell.
    let side = |value: &Option<String>| escape::text(value.as_deref().unwrap_or_default());
    for field in &short {
        let (name, aside) = (escape::code(&field.name), escape::text(field.aside.trim()));
        let (before, after) = (side(&field.before), side(&field.after));
        let _ = writeln!(out, "| {name} | {before} | {after} | {aside} |");
    }
    if !short.is_empty() {
        out.push('\n');
    }
    for field in &long {
        let (name, aside) = (escape::code(&field.name), escape::text(&field.aside));
        let marks = [("<del>", "</del>"), ("<ins>", "</ins>")];
        let inside = field
            .inside
            .iter()
            .map(|inside| inside.marked(marks, escape::text));
        let _ = writeln!(out, "- {name}: {}{aside}", inside.collect::<String>());
    }
    if !long.is_empty() {
        out.push('\n');
    }
}

/// The stages of a survey: what each comes to, and where it stands.
fn ladder(out: &mut String, rungs: &[RungReport]) {
    if rungs.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "| {} |\n|---|--:|--:|---|---|",
        HEADS.map(|head| head.trim_end_matches('#')).join(" | ")
    );
    for rung in rungs {
        let _ = writeln!(
            out,
            "| {} |",
            rung.cells().map(|cell| escape::text(&cell)).join(" | ")
        );
    }
    out.push('\n');
}

/// A note as a list item.
fn note(remark: &Remark<'_>) -> String {
    if remark.kind == NoteKind::Done && !remark.crowd.is_empty() {
        return format!("- {}\n", words::done(remark.crowd.len()));
    }
    let whom = match (remark.whom, remark.crowd.len()) {
        (Some(whom), _) => format!("{}: ", escape::code(whom)),
        (None, 0) => String::new(),
        (None, many) => format!("{many} surveys: "),
    };
    let help = remark
        .help
        .map(|help| format!(" _Help:_ {}", escape::prose(help)));
    format!(
        "- **{}** {whom}{}{}\n",
        remark.kind,
        escape::prose(remark.message),
        help.unwrap_or_default()
    )
}
