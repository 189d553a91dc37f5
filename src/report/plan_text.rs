//! A plan for people at a terminal: a heading per survey, what is done to it and what is said about it, then the money,
//! one line of sums, and the plan's name.
//!
//! Promises: the steps stand in the order in which they are done; nothing a plan would do is left out, however long;
//! only notes and long lists are shortened, and the shortening says so. No line ends in a blank. The time taken is in
//! proportion to the plan.

pub mod drift;
mod fields;

use super::paint::Paint;
use super::sections::{Crowd, Section, sections};
use super::{Style, words};
use crate::plan::{Action, Exposure, Note, NoteKind, Plan, Step, Summary, hash};
use crate::report::page::Page;
use std::fmt;

/// The plan as text.
pub fn render(plan: &Plan, style: &Style) -> String {
    let mut out = String::new();
    write(plan, style, &mut out).expect("a string takes everything");
    out
}

/// Writes the plan as text.
///
/// # Errors
/// Only those of `out`.
pub fn write(plan: &Plan, style: &Style, out: &mut dyn fmt::Write) -> fmt::Result {
    let mut view = View {
        page: Page::new(out, style.width),
        paint: Paint { on: style.colour },
        style,
    };
    let parts = sections(plan, style.verbose);
    for section in &parts.surveys {
        view.section(section)?;
        view.page.gap()?;
    }
    for crowd in &parts.crowds {
        view.crowd(crowd)?;
        view.page.gap()?;
    }
    view.foot(plan)
}

struct View<'a> {
    page: Page<'a>,
    paint: Paint,
    style: &'a Style,
}

impl View<'_> {
    fn section(&mut self, section: &Section<'_>) -> fmt::Result {
        let name = self.paint.heading(&words::clean(section.address.as_str()));
        match section.steps.first() {
            Some(step) => self.page.line(&format!("{name} ({})", step.vendor.name()))?,
            None => self.page.line(&name)?,
        }
        for step in &section.steps {
            self.step(step)?;
        }
        for note in &section.notes {
            self.note(note)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> fmt::Result {
        let head = format!("{} {}", words::symbol(step.action), step.action);
        let lead = format!("  {}: ", self.paint.action(step.action, &head));
        self.page
            .paragraph(&lead, words::columns(&head) + 4, 6, &words::clean(&step.reason))?;
        let (allowed, asked): (Vec<_>, Vec<_>) = step
            .guards
            .iter()
            .partition(|guard| self.style.allowed.contains(guard));
        let keys = |guards: &[&crate::plan::Guard]| {
            guards
                .iter()
                .map(|guard| guard.key())
                .collect::<Vec<_>>()
                .join(", ")
        };
        if !asked.is_empty() {
            let text = format!("needs approval: {}", keys(&asked));
            self.page
                .line(&format!("      {}", self.paint.attention(&text)))?;
        }
        if !allowed.is_empty() {
            let text = format!("allowed in this environment: {}", keys(&allowed));
            self.page.line(&format!("      {}", self.paint.dim(&text)))?;
        }
        let new = matches!(step.action, Action::Create | Action::Replace);
        fields::write(&mut self.page, 6, &step.changes, new, self.style.verbose)?;
        if self.style.show_calls {
            self.calls(step)?;
        }
        Ok(())
    }

    fn calls(&mut self, step: &Step) -> fmt::Result {
        if step.calls.is_empty() {
            return self.page.line("      no call");
        }
        for call in step.calls.iter().chain(&step.resumes) {
            let request = format!("{} {}", call.method, words::clean(&call.path));
            let purpose = self.paint.dim(&format!("({})", words::clean(&call.purpose)));
            self.page.line(&format!("      {request}  {purpose}"))?;
            for (name, value) in &call.headers {
                let header = format!("{name}: {}", words::clean(value));
                self.page.line(&format!("        {}", self.paint.dim(&header)))?;
            }
            if let Some(body) = &call.body {
                self.page.json(8, body)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, note: &Note) -> fmt::Result {
        self.remark(note.kind, &note.message)?;
        self.help(note.help.as_deref())
    }

    fn remark(&mut self, kind: NoteKind, message: &str) -> fmt::Result {
        let head = format!("{} {kind}", words::note_symbol(kind));
        let lead = format!("  {}: ", self.paint.note(kind, &head));
        self.page
            .paragraph(&lead, words::columns(&head) + 4, 6, &words::clean(message))
    }

    fn help(&mut self, help: Option<&str>) -> fmt::Result {
        match help {
            Some(help) => {
                let lead = format!("      {} ", self.paint.dim("help:"));
                self.page.paragraph(&lead, 12, 12, &words::clean(help))
            }
            None => Ok(()),
        }
    }

    /// One note about many surveys.
    fn crowd(&mut self, crowd: &Crowd<'_>) -> fmt::Result {
        let title = format!("the same about {} surveys", crowd.addresses.len());
        self.page.line(&self.paint.heading(&title))?;
        self.remark(crowd.kind, crowd.message)?;
        self.help(crowd.help)?;
        let shown: Vec<String> = crowd
            .addresses
            .iter()
            .take(3)
            .map(|address| words::clean(address.as_str()))
            .collect();
        let text = format!(
            "{} and {} more (all of them with --verbose)",
            shown.join(", "),
            crowd.addresses.len() - shown.len()
        );
        self.page.paragraph("      ", 6, 6, &text)
    }

    fn foot(&mut self, plan: &Plan) -> fmt::Result {
        let summary = plan.summary();
        if let Some(picture) = &self.style.picture {
            let lead = format!("{} ", self.paint.attention("from a picture:"));
            self.page
                .paragraph(&lead, 16, 4, &words::clean(&picture.sentence()))?;
            self.page.gap()?;
        }
        if plan.is_empty() {
            return self.nothing_to_do(plan, &summary);
        }
        self.exposure(["before", "after", "change"], &plan.exposure)?;
        let mut line = format!("Plan: {}", words::verdict(&summary));
        let held = words::held_back(plan);
        if held > 0 {
            line.push_str(&format!(", {held} held back"));
        }
        if summary.unchanged > 0 {
            line.push_str(&format!(", {} unchanged", summary.unchanged));
        }
        let calls = words::count(summary.calls, "call", "calls");
        self.page
            .line(&self.paint.heading(&format!("{line}; {calls}.")))?;
        let name = hash::hash(plan);
        self.page.line(&format!(
            "This plan is {name}. Apply exactly this with: {}",
            words::apply_command(&self.style.given, &name)
        ))
    }

    fn nothing_to_do(&mut self, plan: &Plan, summary: &Summary) -> fmt::Result {
        for exposure in &plan.exposure {
            self.page.line(&format!(
                "Exposure: {}, not changed by this plan.",
                exposure.after
            ))?;
        }
        let unchanged = match summary.unchanged {
            0 => String::new(),
            number => format!(" ({number} unchanged)"),
        };
        let open = |note: &Note| matches!(note.kind, NoteKind::Drift | NoteKind::Unsupported);
        let text = match words::held_back(plan) {
            0 if plan.notes.iter().any(open) => {
                format!("Nothing will be done, but the notes above need a look{unchanged}.")
            }
            0 if summary.unchanged == 0 => "Nothing to do.".to_owned(),
            0 => format!("Nothing to do: everything is as wanted{unchanged}."),
            1 => format!("Nothing will be done: 1 is held back, see above{unchanged}."),
            held => format!("Nothing will be done: {held} are held back, see above{unchanged}."),
        };
        self.page.line(&self.paint.heading(&text))
    }

    fn exposure(&mut self, heads: [&str; 3], exposure: &[Exposure]) -> fmt::Result {
        if exposure.is_empty() {
            return Ok(());
        }
        let rows: Vec<[String; 3]> = exposure
            .iter()
            .map(|exposure| {
                [
                    exposure.before.plain(),
                    exposure.after.plain(),
                    words::signed(&words::exposure_change(exposure)),
                ]
            })
            .collect();
        let widths: Vec<usize> = heads
            .iter()
            .enumerate()
            .map(|(column, head)| {
                rows.iter()
                    .map(|row| row[column].len())
                    .max()
                    .unwrap_or(0)
                    .max(head.len())
            })
            .collect();
        let cells = |row: [&str; 3]| -> String {
            row.iter()
                .zip(&widths)
                .map(|(cell, width)| format!("  {cell:>width$}"))
                .collect()
        };
        self.page.line(&format!("exposure{}", cells(heads)))?;
        for (row, exposure) in rows.iter().zip(exposure) {
            let currency = exposure.after.currency.code();
            self.page
                .line(&format!("  {currency:<6}{}", cells([&row[0], &row[1], &row[2]])))?;
        }
        self.page.gap()
    }
}
