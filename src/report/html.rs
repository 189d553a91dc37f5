//! What all pages have: the document around them, code, sentences, tables and bars.
//!
//! Promises: a page is whole by itself and tells the browser to load nothing; it has no script; text of users and vendors
//! is text, free of everything a page or a reader's eye would obey.

use super::words::{clean, ticked};
use crate::model::Links;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The looks of a page, light and dark.
const CSS: &str = include_str!("html/page.css");

/// So many surveys are unfolded from the start.
pub(super) const UNFOLDED: usize = 12;

/// The length of a whole bar.
pub(super) const FULL: u64 = 1000;

/// A page.
pub(super) struct Document<'a> {
    /// `infield plan for`: what it is, before the environment.
    pub(super) what: &'a str,
    /// The environment.
    pub(super) environment: &'a str,
    /// Everything in one line, for the title.
    pub(super) verdict: &'a str,
    /// The same, to be seen first.
    pub(super) lead: Markup,
    /// Looks that only this page has.
    pub(super) css: &'a str,
    /// The id of its main part, and how to get there at once.
    pub(super) main: (&'a str, &'a str),
    /// What stands below the verdict.
    pub(super) header: Markup,
    /// The main part.
    pub(super) body: Markup,
    /// What ends it.
    pub(super) footer: Markup,
}

impl Document<'_> {
    /// The whole document.
    pub(super) fn render(&self) -> String {
        let (environment, verdict) = (clean(self.environment), clean(self.verdict));
        let (main, skip) = self.main;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    meta name="referrer" content="no-referrer";
                    meta name="generator" content="infield";
                    title { (self.what) " " (environment) ": " (verdict) }
                    style { (PreEscaped(CSS)) (PreEscaped(self.css)) }
                }
                body {
                    a.skip href={ "#" (main) } { "Skip to the " (skip) }
                    header {
                        h1 { (self.what) " " code { (environment) } }
                        (self.lead)
                        (self.header)
                    }
                    main id=(main) { (self.body) }
                    footer { (self.footer) }
                }
            }
        };
        page.into_string() + "\n"
    }
}

/// Text as code.
pub(super) fn code(given: &str) -> Markup {
    html! { code { (clean(given)) } }
}

/// Text of a user or a vendor, in whatever direction it is written.
pub(super) fn value(given: &str) -> Markup {
    html! { bdi { (clean(given)) } }
}

/// A sentence of ours: what it sets in back-ticks becomes code.
pub(super) fn prose(sentence: &str) -> Markup {
    html! {
        @for (ticked, part) in ticked(sentence) {
            @if ticked { (code(part)) } @else { (clean(part)) }
        }
    }
}

/// Links by which something is tried out; nothing where there are none.
pub(super) fn links(links: &Links) -> Markup {
    let each = links
        .named()
        .map(|(name, link)| html! { a href=(link) rel="noreferrer" { (name) " link" } });
    html! {
        @if !links.is_none() { "To try it: " (joined(each, &html! { ", " })) }
    }
}

/// Parts of a line, with something between them.
pub(super) fn joined(parts: impl IntoIterator<Item = Markup>, between: &Markup) -> Markup {
    html! {
        @for (index, part) in parts.into_iter().enumerate() {
            @if index > 0 { (between) }
            (part)
        }
    }
}

/// Names of guards, set off.
pub(super) fn guards<'a>(guards: impl IntoIterator<Item = &'a &'static str>) -> Markup {
    joined(
        guards.into_iter().map(|guard| html! { strong.guard { (guard) } }),
        &html! { " " },
    )
}

/// A part of the page under a heading, with a table that scrolls by itself where it is too wide.
pub(super) fn wide(id: &str, title: &str, table: &Markup) -> Markup {
    html! {
        section {
            h2 id=(id) { (title) }
            div.wide tabindex="0" role="region" aria-labelledby=(id) { table { (table) } }
        }
    }
}

/// The heads of a table. Those that end in `#` stand over numbers, and an empty one over bars.
pub(super) fn heads(heads: &[&str]) -> Markup {
    html! {
        thead {
            tr {
                @for head in heads {
                    @match head.strip_suffix('#') {
                        Some(head) => { th.n scope="col" { (head) } }
                        None if head.is_empty() => { td aria-hidden="true" {} }
                        None => { th scope="col" { (head) } }
                    }
                }
            }
        }
    }
}

/// One bar of two: its class, its place from the top, its height, and its length of [`FULL`]. All are whole numbers, so
/// that every machine draws the same page.
pub(super) type Bar = (&'static str, u64, u64, u64);

/// A cell with bars, or an empty one. The numbers beside it say the same.
pub(super) fn bars(bars: Option<[Bar; 2]>) -> Markup {
    marked(bars, None)
}

/// The same with a mark over them: its class, its place from the left, and its width.
pub(super) fn marked(bars: Option<[Bar; 2]>, mark: Option<(&'static str, u64, u64)>) -> Markup {
    html! {
        td.bars aria-hidden="true" {
            @if let Some(bars) = bars {
                svg.bar viewBox={ "0 0 " (FULL) " 20" } preserveAspectRatio="none" focusable="false" {
                    @for (class, y, height, length) in bars {
                        rect class=(class) x="0" y=(y) width=(length) height=(height) {}
                    }
                    @if let Some((class, x, width)) = mark {
                        rect class=(class) x=(x) y="0" width=(width) height="20" {}
                    }
                }
            }
        }
    }
}
