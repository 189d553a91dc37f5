//! How far surveys got as one page for a browser, with bars.
//!
//! Promises: as the page of a plan: whole by itself, no script, loads nothing, text is text, and a bar never says anything
//! that the numbers beside it do not.

use super::html::{Document, FULL, UNFOLDED, bars, code, heads, value, wide};
use super::status::{StatusReport, cells, figures, of};
use super::words::clean;
use crate::fieldwork::Fieldwork;
use maud::{Markup, html};

/// The page.
pub fn render(report: &StatusReport) -> String {
    let few = report.surveys.len() <= UNFOLDED;
    let document = Document {
        what: "infield status of",
        environment: &report.environment,
        verdict: &report.verdicts(),
        main: ("status", "surveys"),
        header: Markup::default(),
        body: html! {
            @if !report.surveys.is_empty() {
                (wide("surveys", "Surveys", &table(report)))
                section {
                    h2 #details { "Details" }
                    @for row in &report.surveys { (detail(row, few || row.needs_a_look())) }
                }
            }
        },
        footer: html! { p { "As of " (report.as_of.to_string()) ". What a vendor does not tell is unknown, not zero." } },
    };
    document.render()
}

fn table(report: &StatusReport) -> Markup {
    html! {
        (heads(&["survey", "verdict", "completes#", ""]))
        tbody {
            @for row in &report.surveys {
                tr {
                    th scope="row" { (code(row.address.as_str())) }
                    td { (row.verdict.to_string()) }
                    // Nothing where there is nothing to count.
                    td.n { @if row.verdict.has_figures() { (of(row.completes, row.goal)) } }
                    (bar(row.completes, row.goal))
                }
            }
        }
    }
}

fn detail(row: &Fieldwork, open: bool) -> Markup {
    let id = row.id.as_ref().map(|id| format!(" {}", clean(id)));
    html! {
        details open[open] {
            summary { (code(row.address.as_str())) ": " (row.verdict.to_string()) }
            p { (row.vendor.name()) (id.unwrap_or_default()) ": " (value(&row.why)) }
            @if row.verdict.has_figures() {
                ul {
                    @for (name, figure) in figures(row) { li { (name) ": " (clean(&figure)) } }
                }
                @if !row.quotas.is_empty() {
                    table {
                        (heads(&["quota", "completes#", ""]))
                        tbody {
                            @for quota in &row.quotas {
                                tr {
                                    th scope="row" { (value(&quota.name)) }
                                    td.n { (of(quota.completes, quota.goal)) }
                                    (bar(quota.completes, quota.goal))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The goal with what came over it; nothing where one of them is not known.
fn bar(completes: Option<u64>, goal: Option<u64>) -> Markup {
    let came = completes
        .zip(goal)
        .map(|(completes, goal)| cells(completes, goal, FULL));
    bars(came.map(|came| [("was", 7, 6, FULL), ("will", 3, 14, came)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldwork::{QuotaFieldwork, Verdict};
    use crate::model::Address;
    use jiff::Timestamp;

    #[test]
    fn text_is_text_and_the_unknown_has_no_bar() {
        let quota = |name: &str, completes| QuotaFieldwork {
            name: name.to_owned(),
            completes,
            goal: Some(50),
            pace: None,
            forecast: None,
        };
        let row = Fieldwork {
            verdict: Verdict::Slow,
            why: "<script>alert(1)</script>".to_owned(),
            quotas: vec![quota("<b>men</b>", Some(25)), quota("women", None)],
            ..Fieldwork::unmade(Address::survey("soda"), crate::marketplace::CINT)
        };
        let page = render(&StatusReport::new("<env>", Timestamp::UNIX_EPOCH, vec![row]));
        for tag in ["<script", "<b>", "<env>"] {
            assert!(!page.contains(tag), "{page}");
        }
        assert!(
            page.contains("25 of 50") && page.contains("unknown of 50"),
            "{page}"
        );
        assert_eq!(page.matches("<svg").count(), 1);
        assert!(page.contains("width=\"500\""), "{page}");
    }

    #[test]
    fn of_what_was_never_made_nothing_is_called_unknown() {
        let row = Fieldwork::unmade(Address::survey("soda"), crate::marketplace::CINT);
        let page = render(&StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row]));
        let (surveys, footer) = page.split_once("<footer>").unwrap();
        assert!(
            surveys.contains("not made yet") && !surveys.contains("unknown"),
            "{page}"
        );
        assert!(footer.contains("is unknown, not zero"), "{page}");
        assert_eq!(
            page.matches("<details").count(),
            page.matches("</details>").count()
        );
    }
}
