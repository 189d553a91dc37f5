//! A plan for people at a terminal: a heading per survey, what is done to it and what is said about it, then the money,
//! one line of sums, and the plan's name.
//!
//! Promises: the steps stand in the order in which they are done; nothing a plan would do is left out, however long;
//! only notes and long lists are shortened, and the shortening says so. No line ends in a blank. The time taken is in
//! proportion to the plan.

pub mod drift;
mod fields;

use super::Style;
use super::paint::Paint;
use super::view::{Act, Remark, Section, View};
use super::words::{self, clean};
use crate::plan::step::MoneyReport;
use crate::plan::{Guard, Note, NoteKind, Plan, hash};
use crate::report::page::Page;
use std::mem::take;

/// The plan as text.
pub fn render(plan: &Plan, style: &Style) -> String {
    let mut view = View::new(plan, style);
    let mut text = Text::new(style);
    let (acting, silent) = (take(&mut view.acting), take(&mut view.silent));
    for section in acting.into_iter().chain(silent) {
        text.section(&section);
        text.page.gap();
    }
    for crowd in &view.crowds {
        text.crowd(crowd);
        text.page.gap();
    }
    text.foot(plan, &view);
    text.page.finish()
}

struct Text {
    page: Page,
    paint: Paint,
    show_calls: bool,
}

impl Text {
    fn new(style: &Style) -> Self {
        Self {
            page: Page::new(style.width),
            paint: Paint { on: style.colour },
            show_calls: style.show_calls,
        }
    }

    /// A heading, with the vendor where that is told.
    fn heading(&mut self, title: &str, vendor: Option<&str>) {
        let vendor = vendor.map(|name| format!(" ({name})")).unwrap_or_default();
        let title = self.paint.heading(&clean(title));
        self.page.line(&format!("{title}{vendor}"));
    }

    fn section(&mut self, section: &Section<'_>) {
        let vendor = section.acts.first().map(|act| act.step.vendor.name());
        self.heading(section.address, vendor);
        for act in &section.acts {
            self.act(act);
        }
        for note in &section.notes {
            self.note(note);
        }
    }

    fn act(&mut self, act: &Act<'_>) {
        let head = self.paint.action(act.step.action, &act.title());
        self.page
            .paragraph(&format!("  {head}: "), 6, &clean(&act.step.reason));
        let asked = format!("needs approval: {}", act.asked.join(", "));
        let allowed = format!("allowed in this environment: {}", act.allowed.join(", "));
        if !act.asked.is_empty() {
            self.page.line(&format!("      {}", self.paint.attention(&asked)));
        }
        if !act.allowed.is_empty() {
            self.page.line(&format!("      {}", self.paint.dim(&allowed)));
        }
        fields::write(&mut self.page, 6, act.fields(), act.new);
        if self.show_calls {
            self.calls(act);
        }
    }

    fn calls(&mut self, act: &Act<'_>) {
        if act.step.calls.is_empty() {
            return self.page.line("      no call");
        }
        for call in act.step.calls.iter().chain(&act.step.resumes) {
            let request = format!("{} {}", call.method, clean(&call.path));
            let purpose = self.paint.dim(&format!("({})", clean(&call.purpose)));
            self.page.line(&format!("      {request}  {purpose}"));
            for (name, value) in &call.headers {
                let header = self.paint.dim(&format!("{name}: {}", clean(value)));
                self.page.line(&format!("        {header}"));
            }
            if let Some(body) = &call.body {
                self.page.json(8, &body.value());
            }
        }
    }

    fn note(&mut self, note: &Note) {
        self.remark(note.kind, &note.message, note.help.as_deref());
    }

    fn remark(&mut self, kind: NoteKind, message: &str, help: Option<&str>) {
        let head = format!("{} {kind}", words::note_symbol(kind));
        let lead = format!("  {}: ", self.paint.note(kind, &head));
        self.page.paragraph(&lead, 6, &clean(message));
        if let Some(help) = help {
            self.help(help);
        }
    }

    fn help(&mut self, help: &str) {
        let lead = format!("      {} ", self.paint.dim("help:"));
        self.page.paragraph(&lead, 12, &clean(help));
    }

    /// One note about many surveys.
    fn crowd(&mut self, remark: &Remark<'_>) {
        let crowd = &remark.crowd;
        if remark.kind == NoteKind::Done {
            let (symbol, done) = (words::note_symbol(remark.kind), words::done(crowd.len()));
            let done = self.paint.note(remark.kind, &format!("{symbol} {done}"));
            return self.page.line(&format!("{done} (all of them with --verbose)"));
        }
        self.heading(&format!("the same about {} surveys", crowd.len()), None);
        self.remark(remark.kind, remark.message, remark.help);
        let shown = words::some(crowd.iter().map(|address| clean(address)), 3);
        let text = format!("{shown} (all of them with --verbose)");
        self.page.paragraph("      ", 6, &text);
    }

    fn foot(&mut self, plan: &Plan, view: &View<'_>) {
        if let Some(picture) = &view.picture {
            let lead = format!("{} ", self.paint.attention("from a picture:"));
            self.page.paragraph(&lead, 4, &clean(picture));
            self.page.gap();
        }
        let Some(name) = &view.name else {
            return self.nothing_to_do(plan);
        };
        for reach in &view.reach {
            let lead = format!("{} ", self.paint.attention("needs approval:"));
            self.page
                .paragraph(&lead, 4, &format!("{}: {reach}", Guard::Changes));
        }
        self.exposure(["before", "after", "change"], &view.exposure, &view.beside);
        let mut parts = vec![words::verdict(&plan.summary())];
        let counts = [
            (words::held_back(plan), "held back"),
            (view.unchanged, "unchanged"),
        ];
        parts.push(words::counts(&counts));
        parts.retain(|part| !part.is_empty());
        self.heading(&format!("Plan: {}; {}.", parts.join(", "), name.calls), None);
        if !name.takes.is_empty() {
            self.page.line(name.takes.trim_end());
        }
        self.page.line(&format!(
            "This plan is {}. Apply exactly this with: {}",
            hash::short(&name.hash),
            name.command
        ));
    }

    fn nothing_to_do(&mut self, plan: &Plan) {
        for exposure in &plan.exposure {
            let amount = exposure.after;
            self.page
                .line(&format!("Exposure: {amount}, not changed by this plan."));
        }
        for line in words::beside(plan) {
            self.page.paragraph("  ", 4, &clean(&line));
        }
        let unchanged = match plan.unchanged.len() {
            0 => String::new(),
            number => format!(" ({number} unchanged)"),
        };
        let (renamed, decided) = (plan.summary().rename, plan.decided.len());
        let text = match words::held_back(plan) {
            0 if renamed + decided > 0 => {
                let names = words::count(renamed, "name changes", "names change");
                let decided = words::count(
                    decided,
                    "survey is remembered otherwise",
                    "surveys are remembered otherwise",
                );
                let what = match (renamed, plan.decided.len()) {
                    (_, 0) => names,
                    (0, _) => decided,
                    (_, _) => format!("{names} and {decided}"),
                };
                format!("Nothing is sent: {what} with the next apply{unchanged}.")
            }
            0 if plan.notes.iter().any(Note::needs_a_look) => {
                format!("Nothing will be done, but the notes above need a look{unchanged}.")
            }
            0 if unchanged.is_empty() => "Nothing to do.".to_owned(),
            0 => format!("Nothing to do: everything is as wanted{unchanged}."),
            1 => format!("Nothing will be done: 1 is held back, see above{unchanged}."),
            held => format!("Nothing will be done: {held} are held back, see above{unchanged}."),
        };
        self.heading(&text, None);
    }

    /// Amounts in a table; nothing where there are none.
    fn exposure(&mut self, heads: [&str; 3], amounts: &[MoneyReport], beside: &[String]) {
        if amounts.is_empty() && beside.is_empty() {
            return;
        }
        let heads = heads.map(str::to_owned);
        let rows = amounts.iter();
        let rows = rows.map(|row| [row.before.clone(), row.after.clone(), words::signed(&row.change)]);
        let rows: Vec<[String; 3]> = std::iter::once(heads).chain(rows).collect();
        let widest = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let names = std::iter::once("exposure".to_owned())
            .chain(amounts.iter().map(|row| format!("  {:<6}", row.currency)));
        for (name, row) in names.zip(&rows).filter(|_| !amounts.is_empty()) {
            let cells = row.iter().enumerate();
            let cells = cells.map(|(column, cell)| format!("  {cell:>width$}", width = widest(column)));
            self.page.line(&format!("{name}{}", cells.collect::<String>()));
        }
        for line in beside {
            self.page.paragraph("  ", 4, &clean(line));
        }
        self.page.gap();
    }
}
