//! The table of the surveys on which something is done: what moves most money first, what is alike in one row.

use crate::plan::Record;
use crate::report::html::{self, heads, wide};
use crate::report::view::{Act, Field, Section};
use crate::report::words::{self, clean};
use indexmap::IndexMap;
use maud::{Markup, html};
use rust_decimal::Decimal;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are seen at once; those that move less money are folded.
const ROWS: usize = 100;

/// So many surveys that are alike have a row each; more are folded into one.
const ALIKE: usize = 3;

/// What a row says, besides whom it is about.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Cells {
    actions: String,
    completes: String,
    changes: String,
    price: String,
    adds: String,
    asked: BTreeSet<&'static str>,
}

/// The rows, those that move most money first, and whom each is about.
fn rows(acting: &[Section<'_>]) -> Vec<(Cells, Vec<usize>)> {
    let mut alike: IndexMap<Cells, Vec<usize>> = IndexMap::new();
    for (index, section) in acting.iter().enumerate() {
        let cells = Cells {
            actions: section.actions(true),
            completes: completes(section),
            changes: changed(section),
            price: section.price(),
            adds: section
                .adds()
                .split(", ")
                .map(words::grouped)
                .collect::<Vec<_>>()
                .join(", "),
            asked: section.asked(),
        };
        alike.entry(cells).or_default().push(index);
    }
    let each = alike
        .into_iter()
        .flat_map(|(cells, all)| match all.len() > ALIKE {
            true => vec![(cells, all)],
            false => all
                .into_iter()
                .map(|index| (cells.clone(), vec![index]))
                .collect(),
        });
    let mut rows: Vec<(Cells, Vec<usize>)> = each.collect();
    let sum = |all: &[usize]| -> Decimal { all.iter().map(|index| moved(&acting[*index])).sum() };
    rows.sort_by_cached_key(|(_, all)| (Reverse(sum(all)), all[0]));
    rows
}

/// The completes wanted, and of how many it was before.
fn completes(section: &Section<'_>) -> String {
    let mut acts = section.acts.iter();
    let change = acts.find_map(|act| Some((act.new, act.field("/completes")?)));
    let applied = || {
        section.acts.iter().rev().find_map(|act| match &act.step.record {
            Record::Survey { applied, .. } => applied.completes.value().map(u64::to_string),
            _ => None,
        })
    };
    change
        .map(|(new, field)| field.turn(new))
        .or_else(applied)
        .unwrap_or_default()
}

/// What changes of something that is there, by name.
fn changed(section: &Section<'_>) -> String {
    const SHOWN: usize = 4;
    let there = section.acts.iter().filter(|act| !act.new);
    let name = |field: &Field<'_>| match &field.quota {
        Some((name, _)) => format!("quota {name}"),
        None => field.name.clone(),
    };
    // What becomes of the status stands in the action.
    let fields = there.flat_map(Act::fields);
    let fields = fields.filter(|field| field.change.path != "/status");
    let mut names: Vec<String> = fields.map(name).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    words::some(names.into_iter(), SHOWN)
}

/// How much money the steps move, whatever the currency and the direction.
pub(super) fn moved(section: &Section<'_>) -> Decimal {
    let money = section.acts.iter().filter_map(|act| act.step.adds_exposure);
    money.map(|money| money.amount.abs()).sum()
}

/// The surveys on which something is done: what moves most money is seen at once, the rest is folded.
pub(super) fn surveys(acting: &[Section<'_>], details: &BTreeMap<usize, Markup>) -> Markup {
    let all = rows(acting);
    let (seen, folded) = all.split_at(all.len().min(ROWS));
    let more: usize = folded.iter().map(|(_, alike)| alike.len()).sum();
    html! {
        (wide("surveys", "Surveys", &table(seen, acting, details)))
        @if more > 0 {
            details #more {
                summary { (words::count(more, "more survey", "more surveys")) ", each with no more money than those" }
                div.wide tabindex="0" role="region" aria-label="More surveys" { table { (table(folded, acting, details)) } }
            }
        }
    }
}

fn table(rows: &[(Cells, Vec<usize>)], acting: &[Section<'_>], details: &BTreeMap<usize, Markup>) -> Markup {
    let name = |index: usize| {
        let address = clean(acting[index].address);
        html! {
            @if details.contains_key(&index) { a href={ "#s" (index) } { (address) } } @else { (address) }
        }
    };
    html! {
        (heads(&["survey", "exposure#", "action", "completes#", "CPI#", "what changes", "needs approval"]))
        tbody {
            @for (cells, all) in rows {
                tr {
                    th scope="row" {
                        @if let [one] = all[..] {
                            (name(one))
                        } @else {
                            details {
                                summary { (all.len()) " surveys alike" }
                                @for index in all { (name(*index)) br; }
                            }
                        }
                    }
                    td.n { (cells.adds) @if all.len() > 1 && !cells.adds.is_empty() { " each" } }
                    td.act { (cells.actions) }
                    td.n { (clean(&cells.completes)) }
                    td.n { (clean(&cells.price)) }
                    td { (clean(&cells.changes)) }
                    td { (html::guards(&cells.asked)) }
                }
            }
        }
    }
}
