//! A plan as one page for a browser: what a comment on a pull request holds, in full, with bars for money and quotas.
//!
//! Promises: the page is whole by itself and tells the browser to load nothing; it has no script; text of users and
//! vendors is text; a bar never says anything that the numbers beside it do not; every survey has its row, however many.
//! What does not fit on a page that browsers open at once has no details there, and the page says how many those are.

mod bars;
mod rows;

use super::html::{self, Document, UNFOLDED, code, heads, joined, prose, value, wide};
use super::rungs::{self, HEADS, RungReport};
use super::view::{Act, Field, Remark, Section, View};
use super::words::{self, clean};
use super::{Style, feasibility, reconciliation_text};
use crate::plan::step::MoneyReport;
use crate::plan::{Exposure, Guard, NoteKind, Plan, hash};
use crate::reconcile;
use bars::{QuotaBar, Scale};
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The looks of this page, besides those of every page.
const CSS: &str = include_str!("plan_html/page.css");

/// Bytes of details on one page. With a row for each of ten thousand surveys the page stays below 5 MB.
const MOST_DETAILS: usize = 2_000_000;

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
    let view = View::new(plan, style);
    let plain = Style {
        colour: false,
        ..style.clone()
    };
    let remarks = view.remarks();
    let details = details(&view.acting, style);
    let without = view.acting.len() - details.len();
    let document = Document {
        what: "infield plan for",
        environment: &plan.environment,
        verdict: &view.verdict,
        lead: html! { p.verdict { (grouped(&view.verdict)) } },
        css: CSS,
        main: ("plan", "plan"),
        header: header(&view, style),
        body: html! {
            @if !view.exposure.is_empty() || !view.beside.is_empty() {
                (wide("money", "Exposure", &exposure(plan, &view.exposure, &view.beside)))
            }
            @if !view.acting.is_empty() { (rows::surveys(&view.acting, &details)) }
            @if !remarks.is_empty() {
                section {
                    h2 #notes { "Notes" }
                    ul { @for remark in &remarks { (note(remark)) } }
                }
            }
            @if !view.acting.is_empty() {
                section {
                    h2 #details { "Details" }
                    @for detail in details.values() { (detail) }
                    @if without > 0 {
                        p {
                            (words::count(without, "more survey", "more surveys"))
                            ": this page has the details of those with remarks and of the largest, and "
                            (code("infield plan --format json")) " has all of them."
                        }
                    }
                }
            }
            @if !lists.is_empty() {
                section {
                    h2 #outcomes { "Outcomes of transactions" }
                    @for list in lists {
                        (block("outcomes of transactions", &reconciliation_text::render(list, &plain)))
                    }
                }
            }
            (feasibility::html(estimates))
        },
        footer: footer(&view),
    };
    document.render()
}

/// A sentence of ours whose amounts are easier to read.
fn grouped(sentence: &str) -> String {
    let words = sentence.split(' ').map(words::grouped);
    clean(&words.collect::<Vec<_>>().join(" "))
}

fn header(view: &View<'_>, style: &Style) -> Markup {
    let asked = |(guard, before): &(Guard, String)| html! { strong { (guard.key()) } " (" (before) ")" };
    let name = view.name.as_ref().map(|name| {
        html! { "Plan " strong { (hash::short(&name.hash)) } ": " (name.calls) }
    });
    let made = style.made.as_ref().map(|made| {
        html! {
            "made " (made.at.strftime("%Y-%m-%d %H:%M UTC"))
            @if let Some(commit) = &made.commit { " from commit " (code(&commit.chars().take(12).collect::<String>())) }
        }
    });
    let unchanged = (view.unchanged > 0).then(|| html! { (view.unchanged) " unchanged" });
    let facts: Vec<Markup> = [name, made, unchanged].into_iter().flatten().collect();
    html! {
        @if !facts.is_empty() { p.facts { (joined(facts, &html! { " · " })) } }
        @if let Some(picture) = &view.picture {
            p.mark role="note" { strong { "From a picture" } " " (clean(picture)) }
        }
        @if !view.asked.is_empty() {
            p.approval {
                "Needs approval: "
                (joined(view.asked.iter().map(asked), &html! { ", " }))
            }
        }
        @for reach in &view.reach {
            p.approval { strong { (Guard::Changes.key()) } ": " (reach) }
        }
    }
}

fn footer(view: &View<'_>) -> Markup {
    html! {
        p {
            @if let Some(name) = &view.name {
                "Plan " strong #name { (hash::short(&name.hash)) } ": " (name.calls) ", " (view.unchanged)
                " unchanged. " (name.takes) "Apply exactly this with " (code(&name.command)) "."
            } @else {
                (view.unchanged) " unchanged."
            }
        }
    }
}

/// What a table is about, with the keys of its bars.
fn caption(about: &str) -> Markup {
    html! {
        caption {
            (about) " "
            span aria-hidden="true" { span.key.was {} "before " span.key.will {} "after" }
        }
    }
}

fn exposure(plan: &Plan, amounts: &[MoneyReport], beside: &[String]) -> Markup {
    let sentence = |line: &String| {
        let (first, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        format!("{}{}.", first.to_uppercase(), clean(rest))
    };
    let about = std::iter::once("The most that surveys in field can cost from now on.".to_owned())
        .chain(beside.iter().map(sentence));
    let about = about.collect::<Vec<_>>().join(" ");
    html! {
        (caption(&about))
        (heads(&["currency", "before#", "after#", "change#", ""]))
        tbody {
            @for (row, Exposure { before, after, .. }) in amounts.iter().zip(&plan.exposure) {
                @let scale = Scale::of_money(&[*before, *after]);
                tr {
                    th scope="row" { (row.currency) }
                    td.n { (words::grouped(&row.before)) }
                    td.n { (words::grouped(&row.after)) }
                    // More to pay is nothing to be glad of.
                    td class={ "n" @if after.amount > before.amount { " dearer" } } {
                        (words::grouped(&words::signed(&row.change)))
                    }
                    (bars::pair(scale.money(before), scale.money(after)))
                }
            }
        }
    }
}

/// The class of a number that is more or less than before.
fn direction<T: Ord>(before: &T, after: &T) -> &'static str {
    match after.cmp(before) {
        std::cmp::Ordering::Less => " less",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => " more",
    }
}

/// The details of as many surveys as fit, in the order of the plan: those with remarks, and then the largest.
fn details(acting: &[Section<'_>], style: &Style) -> BTreeMap<usize, Markup> {
    let mut order: Vec<usize> = (0..acting.len()).collect();
    order.sort_by_cached_key(|index| {
        let section = &acting[*index];
        (section.notes.is_empty(), Reverse(rows::moved(section)))
    });
    let mut room = MOST_DETAILS;
    let mut shown = BTreeMap::new();
    for index in order {
        let one = detail(index, &acting[index], acting.len() <= UNFOLDED, style);
        match room.checked_sub(one.0.len()) {
            Some(left) => room = left,
            // One alone is shown, however large.
            None if shown.is_empty() => room = 0,
            None => break,
        }
        shown.insert(index, one);
    }
    shown
}

fn detail(index: usize, section: &Section<'_>, open: bool, style: &Style) -> Markup {
    let vendor = section.acts.first().map_or("", |act| act.step.vendor.name());
    html! {
        details id={ "s" (index) } open[open] {
            summary {
                (code(section.address)) ": " (section.actions(false)) " " span.soft { "(" (vendor) ")" }
            }
            @for act in &section.acts {
                h3 { (act.title()) }
                p {
                    (prose(&act.step.reason))
                    @if !act.asked.is_empty() { " (needs approval: " (html::guards(&act.asked)) ")" }
                }
                @let rungs = rungs::of(act.step);
                (changes(act, &rungs))
                (ladder(&rungs))
                @if style.show_calls { (calls(act)) }
            }
            (quotas(&bars::of(section)))
            @if let Some(links) = section.links { p { (html::links(links)) } }
            @if !section.notes.is_empty() {
                h3 { "notes" }
                ul { @for remark in section.remarks() { (note(&remark)) } }
            }
        }
    }
}

/// What a step changes, without quotas, which have a table of their own.
fn changes(act: &Act<'_>, rungs: &[RungReport]) -> Markup {
    let fields: Vec<&Field<'_>> = rungs::beside(act, rungs)
        .filter(|field| field.quota.is_none())
        .collect();
    let remarks = fields.iter().any(|field| !field.aside.is_empty());
    let mut titles = if act.new {
        vec!["field", "value"]
    } else {
        vec!["field", "before", "after"]
    };
    titles.extend(remarks.then_some("remark"));
    html! {
        @if !fields.is_empty() {
            table {
                (heads(&titles))
                tbody {
                    @for field in &fields {
                        tr {
                            th scope="row" { (code(&field.name)) }
                            @if !act.new { (side(field.before.as_deref())) }
                            (side(field.after.as_deref()))
                            @if remarks { td { (field.aside.trim()) } }
                        }
                    }
                }
            }
        }
    }
}

/// The stages of a survey: what each comes to, and where it stands.
fn ladder(rungs: &[RungReport]) -> Markup {
    html! {
        @if !rungs.is_empty() {
            table {
                (caption("Stages, completes in all."))
                (heads(&HEADS))
                tbody {
                    @for rung in rungs {
                        @let [stage, completes, most, comes, here] = rung.cells();
                        tr {
                            th scope="row" { (code(&stage)) }
                            td.n { (completes) }
                            td.n { (words::grouped(&most)) }
                            td { (clean(&comes)) }
                            td { (here) }
                        }
                    }
                }
            }
        }
    }
}

/// One side of a change.
fn side(given: Option<&str>) -> Markup {
    html! {
        td { @if let Some(given) = given { (value(given)) } @else { span.soft { "nothing" } } }
    }
}

fn quotas(quotas: &[QuotaBar<'_, '_>]) -> Markup {
    let who = quotas.iter().any(|bar| !bar.quota.who.is_empty());
    let mut titles = vec!["quota", "before#", "after#", ""];
    if who {
        titles.insert(1, "who");
    }
    let scale = Scale::of_counts(quotas);
    let number = |count: Option<u64>| count.map_or_else(|| "none".to_owned(), |count| count.to_string());
    html! {
        @if !quotas.is_empty() {
            table.quotas {
                (caption("Quotas, completes wanted."))
                (heads(&titles))
                tbody {
                    @for bar in quotas {
                        @let [before, after] = [bar.before, bar.after].map(Option::unwrap_or_default);
                        tr {
                            th scope="row" {
                                (value(&bar.quota.name))
                                @for aside in &bar.quota.asides { br; span.soft.remark { (aside.trim()) } }
                            }
                            @if who { td { (counted(bar)) } }
                            td.n { (number(bar.before)) }
                            td class={ "n" (direction(&before, &after)) } { (number(bar.after)) }
                            (bars::pair(scale.count(before), scale.count(after)))
                        }
                    }
                }
            }
        }
    }
}

/// Who is counted.
fn counted(bar: &QuotaBar<'_, '_>) -> Markup {
    let one = |field: &&Field<'_>| {
        html! {
            @if let Some(before) = &field.before { (value(before)) " → " }
            (value(field.after.as_deref().unwrap_or("nothing")))
        }
    };
    joined(bar.quota.who.iter().map(one), &html! { br; })
}

fn calls(act: &Act<'_>) -> Markup {
    let calls: Vec<_> = act.step.calls.iter().chain(&act.step.resumes).collect();
    html! {
        @if calls.is_empty() {
            p.soft { "no call" }
        } @else {
            details.calls {
                summary { (words::count(calls.len(), "call", "calls")) }
                @for call in calls {
                    p {
                        (call.method.to_string()) " " (code(&call.path)) " "
                        span.soft { "(" (clean(&call.purpose)) ")" }
                    }
                    @if let Some(body) = &call.body { (block("body of the call", &format!("{:#}", body.value()))) }
                }
            }
        }
    }
}

/// Lines as they are.
fn block(label: &str, given: &str) -> Markup {
    // Line by line: the breaks between them are ours.
    let lines: Vec<String> = given.lines().map(clean).collect();
    html! { pre tabindex="0" role="group" aria-label=(label) { (lines.join("\n")) } }
}

/// A note as an item of a list.
fn note(remark: &Remark<'_>) -> Markup {
    html! {
        li {
            @if remark.kind == NoteKind::Done && !remark.crowd.is_empty() {
                (words::done(remark.crowd.len()))
            } @else {
                strong { (remark.kind.to_string()) } " "
                @if let Some(whom) = remark.whom { (code(whom)) ": " }
                @if !remark.crowd.is_empty() { (remark.crowd.len()) " surveys: " }
                (prose(remark.message))
            }
            @if let Some(help) = remark.help { br; span.soft { "Help: " (prose(help)) } }
            @if !remark.crowd.is_empty() {
                details {
                    summary { "which" }
                    p {
                        (joined(remark.crowd.iter().map(|address| code(address)), &html! { ", " }))
                    }
                }
            }
        }
    }
}
