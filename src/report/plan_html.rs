//! A plan as one page for a browser: what a comment on a pull request holds, in full, with bars for money and quotas.
//!
//! Promises: the page is whole by itself and tells the browser to load nothing; it has no script; text of users and
//! vendors is text; a bar never says anything that the numbers beside it do not; every survey is there, however many.

mod bars;

use super::sections::{Section, sections};
use super::words;
use super::{Style, escape, feasibility, reconciliation_text};
use crate::plan::{Action, Change, Guard, Note, NoteKind, Plan, Step, hash};
use crate::reconcile;
use bars::{Bar, Scale};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The looks of the page, light and dark.
pub(super) const CSS: &str = include_str!("plan_html/page.css");

/// So many surveys are unfolded from the start.
const UNFOLDED: usize = 12;

/// The plan as a page. Of the style, colour does not matter.
pub fn render(plan: &Plan, style: &Style) -> String {
    render_with(plan, &[], &[], style)
}

/// The same, with plans of outcomes behind it.
pub fn render_with(
    plan: &Plan,
    lists: &[reconcile::Plan],
    estimates: &[feasibility::Row],
    style: &Style,
) -> String {
    let parts = sections(plan, style.verbose);
    let (acting, silent): (Vec<_>, Vec<_>) = parts
        .surveys
        .iter()
        .partition(|section| !section.steps.is_empty());
    let mut notes: Vec<String> = parts
        .crowds
        .iter()
        .map(|crowd| {
            let names: Vec<String> = crowd.addresses.iter().map(|a| code(a.as_str())).collect();
            let whom = format!("{} surveys", crowd.addresses.len());
            let all = format!(
                "<details><summary>which</summary><p>{}</p></details>",
                names.join(", ")
            );
            format!(
                "<li>{}{all}</li>\n",
                note(crowd.kind, &whom, crowd.message, crowd.help)
            )
        })
        .collect();
    let mut single: Vec<&Note> = silent
        .iter()
        .flat_map(|section| section.notes.iter().copied())
        .collect();
    single.sort_by_key(|note| note.kind);
    notes.extend(single.iter().map(|n| {
        let whom = code(n.address.as_str());
        format!(
            "<li>{}</li>\n",
            note(n.kind, &whom, &n.message, n.help.as_deref())
        )
    }));

    let mut out = head(plan, style);
    out.push_str("<main id=\"plan\">\n");
    exposure(&mut out, plan);
    if !acting.is_empty() {
        table(&mut out, &acting, style);
    }
    if !notes.is_empty() {
        let _ = writeln!(
            out,
            "<section>\n<h2 id=\"notes\">Notes</h2>\n<ul>\n{}</ul>\n</section>",
            notes.concat()
        );
    }
    if !acting.is_empty() {
        out.push_str("<section>\n<h2 id=\"details\">Details</h2>\n");
        for (index, section) in acting.iter().enumerate() {
            detail(&mut out, index, section, acting.len() <= UNFOLDED, style);
        }
        out.push_str("</section>\n");
    }
    if !lists.is_empty() {
        out.push_str("<section>\n<h2 id=\"outcomes\">Outcomes of transactions</h2>\n");
        for list in lists {
            let plain = Style {
                colour: false,
                ..style.clone()
            };
            block(
                &mut out,
                "outcomes of transactions",
                &reconciliation_text::render(list, &plain),
            );
        }
        out.push_str("</section>\n");
    }
    out.push_str(&feasibility::html(estimates));
    out.push_str("</main>\n");
    foot(&mut out, plan, style);
    out
}

/// Text as text, free of everything a page or a reader's eye would obey.
pub(super) fn text(given: &str) -> String {
    escape::html(&words::clean(given))
}

pub(super) fn code(given: &str) -> String {
    format!("<code>{}</code>", text(given))
}

/// A sentence of ours: what it sets in back-ticks becomes code. Back-ticks that do not come in pairs are text.
fn prose(sentence: &str) -> String {
    if sentence.matches('`').count() % 2 == 1 {
        return text(sentence);
    }
    let parts = sentence.split('`').enumerate();
    parts
        .map(|(index, part)| if index % 2 == 0 { text(part) } else { code(part) })
        .collect()
}

/// Text of a user or a vendor, in whatever direction it is written.
fn value(given: &str) -> String {
    format!("<bdi>{}</bdi>", text(given))
}

fn head(plan: &Plan, style: &Style) -> String {
    let verdict = words::verdict_line(plan);
    let environment = text(&plan.environment);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"infield\">\n\
         <title>infield plan for {environment}: {}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#plan\">Skip to the plan</a>\n<header>\n<h1>infield plan for <code>{environment}</code></h1>\n\
         <p class=\"verdict\">{}</p>\n",
        text(&verdict),
        text(&verdict)
    );
    if let Some(picture) = &style.picture {
        let _ = writeln!(
            out,
            "<p class=\"mark\" role=\"note\"><strong>From a picture</strong> {}</p>",
            text(&picture.sentence())
        );
    }
    let asked = words::asked(plan, &style.allowed);
    if !asked.is_empty() {
        let guards: Vec<String> = asked
            .iter()
            .map(|(guard, addresses)| {
                format!(
                    "<strong>{guard}</strong> ({})",
                    words::count(addresses.len(), "survey", "surveys")
                )
            })
            .collect();
        let _ = writeln!(
            out,
            "<p class=\"approval\">Needs approval: {}</p>",
            guards.join(", ")
        );
    }
    out.push_str("</header>\n");
    out
}

fn exposure(out: &mut String, plan: &Plan) {
    if plan.exposure.is_empty() {
        return;
    }
    out.push_str(
        "<section>\n<h2 id=\"money\">Exposure</h2>\n<div class=\"wide\" tabindex=\"0\" \
         role=\"region\" aria-labelledby=\"money\">\n<table>\n<caption>Completes still wanted times their price. \
         <span aria-hidden=\"true\"><span class=\"key was\"></span>before <span class=\"key will\"></span>after</span>\
         </caption>\n<thead><tr><th scope=\"col\">currency</th><th scope=\"col\" class=\"n\">before</th>\
         <th scope=\"col\" class=\"n\">after</th><th scope=\"col\" class=\"n\">change</th>\
         <td aria-hidden=\"true\"></td></tr></thead>\n<tbody>\n",
    );
    for exposure in &plan.exposure {
        let change = words::exposure_change(exposure);
        let bar = Scale::of_money(&[exposure.before, exposure.after]);
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n{}\">{}</td>\
             <td class=\"bars\" aria-hidden=\"true\">{}</td></tr>",
            exposure.after.currency.code(),
            exposure.before.plain(),
            exposure.after.plain(),
            direction(change.amount.is_zero(), change.amount.is_sign_negative()),
            words::signed(&change),
            bars::svg(bar.money(&exposure.before), bar.money(&exposure.after)),
        );
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn direction(none: bool, negative: bool) -> &'static str {
    match (none, negative) {
        (true, _) => "",
        (false, true) => " less",
        (false, false) => " more",
    }
}

fn table(out: &mut String, acting: &[&Section<'_>], style: &Style) {
    out.push_str(
        "<section>\n<h2 id=\"surveys\">Surveys</h2>\n<div class=\"wide\" tabindex=\"0\" \
         role=\"region\" aria-labelledby=\"surveys\">\n<table>\n<thead><tr><th scope=\"col\">survey</th>\
         <th scope=\"col\">action</th><th scope=\"col\" class=\"n\">CPI</th><th scope=\"col\" class=\"n\">exposure</th>\
         <th scope=\"col\">needs approval</th></tr></thead>\n<tbody>\n",
    );
    for (index, section) in acting.iter().enumerate() {
        let guards: Vec<String> = section
            .asked(&style.allowed)
            .iter()
            .map(|guard| format!("<strong>{guard}</strong>"))
            .collect();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#s{index}\">{}</a></th><td>{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td>{}</td></tr>",
            text(section.address.as_str()),
            section.actions(true).join(", "),
            text(&section.price()),
            section.adds().join(", "),
            guards.join(", ")
        );
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn detail(out: &mut String, index: usize, section: &Section<'_>, open: bool, style: &Style) {
    let vendor = section.steps.first().map_or("", |step| step.vendor.name());
    let _ = writeln!(
        out,
        "<details id=\"s{index}\"{}>\n<summary>{}: {} <span class=\"soft\">({vendor})</span></summary>",
        if open { " open" } else { "" },
        code(section.address.as_str()),
        section.actions(false).join(", "),
    );
    for step in &section.steps {
        heading(out, step, &style.allowed);
        changes(out, step, style.verbose);
        if style.show_calls {
            calls(out, step);
        }
    }
    quotas(out, &bars::of(section), style.verbose);
    if !section.notes.is_empty() {
        out.push_str("<h3>notes</h3>\n<ul>\n");
        for n in &section.notes {
            let path = n.path.as_deref().map(code).unwrap_or_default();
            let _ = writeln!(
                out,
                "<li>{}</li>",
                note(n.kind, &path, &n.message, n.help.as_deref())
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</details>\n");
}

fn heading(out: &mut String, step: &Step, allowed: &BTreeSet<Guard>) {
    let guards: Vec<String> = step
        .guards
        .iter()
        .filter(|guard| !allowed.contains(guard))
        .map(|guard| format!("<strong>{guard}</strong>"))
        .collect();
    let _ = writeln!(out, "<h3>{} {}</h3>", words::symbol(step.action), step.action);
    let _ = write!(out, "<p>{}", prose(&step.reason));
    if !guards.is_empty() {
        let _ = write!(out, " (needs approval: {})", guards.join(", "));
    }
    out.push_str("</p>\n");
}

/// What a step changes, without quotas, which have a table of their own.
fn changes(out: &mut String, step: &Step, all: bool) {
    let fields = step.changes.iter();
    let fields: Vec<&Change> = fields
        .filter(|change| words::quota_part(&change.path).is_none())
        .collect();
    if fields.is_empty() {
        return;
    }
    let new = matches!(step.action, Action::Create | Action::Replace);
    let asides: Vec<String> = fields.iter().map(|change| words::aside(change)).collect();
    let remarks = asides.iter().any(|aside| !aside.is_empty());
    let _ = writeln!(
        out,
        "<table>\n<thead><tr><th scope=\"col\">field</th>{}<th scope=\"col\">{}</th>{}</tr></thead>\n<tbody>",
        if new { "" } else { "<th scope=\"col\">before</th>" },
        if new { "value" } else { "after" },
        if remarks {
            "<th scope=\"col\">remark</th>"
        } else {
            ""
        },
    );
    let cell = |shown: bool, text: String| {
        if shown {
            format!("<td>{text}</td>")
        } else {
            String::new()
        }
    };
    for (change, aside) in fields.into_iter().zip(&asides) {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th>{}<td>{}</td>{}</tr>",
            code(&words::field(&change.path)),
            cell(!new, side(&change.before, all)),
            side(&change.after, all),
            cell(remarks, text(aside.trim())),
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// One side of a change.
fn side(given: &Value, all: bool) -> String {
    match given {
        Value::Null => "<span class=\"soft\">nothing</span>".to_owned(),
        given => value(&words::value(given, all)),
    }
}

fn quotas(out: &mut String, quotas: &[Bar<'_>], all: bool) {
    if quotas.is_empty() {
        return;
    }
    let who = quotas.iter().any(|bar| !bar.who.is_empty());
    let _ = writeln!(
        out,
        "<table class=\"quotas\">\n<caption>Quotas, completes wanted. <span aria-hidden=\"true\"><span class=\"key was\">\
         </span>before <span class=\"key will\"></span>after</span></caption>\n<thead><tr><th scope=\"col\">quota</th>{}\
         <th scope=\"col\" class=\"n\">before</th><th scope=\"col\" class=\"n\">after</th>\
         <td aria-hidden=\"true\"></td></tr></thead>\n<tbody>",
        if who { "<th scope=\"col\">who</th>" } else { "" },
    );
    let scale = Scale::of_counts(quotas);
    for bar in quotas {
        let number = |count: Option<u64>| count.map_or_else(|| "none".to_owned(), |count| count.to_string());
        let (before, after) = (bar.before.unwrap_or(0), bar.after.unwrap_or(0));
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}{}</th>{}<td class=\"n\">{}</td><td class=\"n{}\">{}</td>\
             <td class=\"bars\" aria-hidden=\"true\">{}</td></tr>",
            value(bar.name),
            remarks(bar),
            if who { counted(bar, all) } else { String::new() },
            number(bar.before),
            direction(before == after, after < before),
            number(bar.after),
            bars::svg(scale.count(before), scale.count(after)),
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// What is said about the changes of a quota.
fn remarks(bar: &Bar<'_>) -> String {
    let mut said: Vec<String> = bar.changes.iter().map(|change| words::aside(change)).collect();
    said.retain(|aside| !aside.is_empty());
    said.dedup();
    let shown = said.iter().map(|aside| text(aside.trim()));
    shown
        .map(|aside| format!("<br><span class=\"soft remark\">{aside}</span>"))
        .collect()
}

/// The cell that says who is counted.
fn counted(bar: &Bar<'_>, all: bool) -> String {
    let one = |change: &&Change| match &change.before {
        Value::Null => value(&words::who(&change.after, all)),
        before => format!(
            "{} → {}",
            value(&words::who(before, all)),
            value(&words::who(&change.after, all))
        ),
    };
    let shown: Vec<String> = bar.who.iter().map(one).collect();
    format!("<td>{}</td>", shown.join("<br>"))
}

fn calls(out: &mut String, step: &Step) {
    let count = step.calls.len() + step.resumes.len();
    if count == 0 {
        out.push_str("<p class=\"soft\">no call</p>\n");
        return;
    }
    let _ = writeln!(
        out,
        "<details class=\"calls\"><summary>{}</summary>",
        words::count(count, "call", "calls")
    );
    for call in step.calls.iter().chain(&step.resumes) {
        let _ = writeln!(
            out,
            "<p>{} {} <span class=\"soft\">({})</span></p>",
            call.method,
            code(&call.path),
            text(&call.purpose)
        );
        if let Some(body) = &call.body {
            let body = serde_json::to_string_pretty(body).expect("a JSON value always serialises");
            block(out, "body of the call", &body);
        }
    }
    out.push_str("</details>\n");
}

/// Lines as they are.
fn block(out: &mut String, label: &str, given: &str) {
    // Line by line: the breaks between them are ours.
    let lines: Vec<String> = given.lines().map(text).collect();
    let _ = writeln!(
        out,
        "<pre tabindex=\"0\" role=\"group\" aria-label=\"{label}\">{}</pre>",
        lines.join("\n")
    );
}

fn note(kind: NoteKind, whom: &str, message: &str, help: Option<&str>) -> String {
    let mut out = format!("<strong>{kind}</strong> {whom}");
    if !whom.is_empty() {
        out.push_str(": ");
    }
    out.push_str(&prose(message));
    if let Some(help) = help {
        let _ = write!(out, "<br><span class=\"soft\">Help: {}</span>", prose(help));
    }
    out
}

fn foot(out: &mut String, plan: &Plan, style: &Style) {
    out.push_str("<footer>\n");
    if plan.is_empty() {
        let unchanged = plan.summary().unchanged;
        let _ = writeln!(out, "<p>{unchanged} unchanged.</p>");
    } else {
        let summary = plan.summary();
        let name = hash::hash(plan);
        let _ = writeln!(
            out,
            "<p>Plan <strong id=\"name\">{name}</strong>: {}, {} unchanged. Apply exactly this with {}.</p>",
            words::count(summary.calls, "call", "calls"),
            summary.unchanged,
            code(&words::apply_command(&style.given, &name)),
        );
    }
    out.push_str("</footer>\n</body>\n</html>\n");
}
