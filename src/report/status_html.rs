//! How far surveys got as one page for a browser: what somebody has to look at comes first, a card for each survey in field,
//! with a curve of its completes, bars of its quotas, and its money.
//!
//! Promises: as the page of a plan: whole by itself, no script, loads nothing, text is text; a bar, a curve or a colour never
//! says anything that words and numbers beside it do not.

mod curve;

use super::html::{Bar, Document, FULL, code, heads, links, prose, value, wide};
use super::status::{StatusReport, StudyTotal, Sums, Tone, cells, figures, of, short, tone};
use super::words::{clean, count, grouped};
use crate::fieldwork::{Fieldwork, QuotaFieldwork};
use crate::model::Money;
use maud::{Markup, html};

/// The looks of this page, besides those of every page.
const CSS: &str = include_str!("status_html/page.css");

/// The page.
pub fn render(report: &StatusReport) -> String {
    let rows = &report.surveys;
    let (cards, rest): (Vec<&Fieldwork>, Vec<&Fieldwork>) = rows.iter().partition(|row| has_card(row));
    let (trouble, well): (Vec<&Fieldwork>, Vec<&Fieldwork>) =
        cards.into_iter().partition(|row| row.needs_a_look());
    let document = Document {
        what: "infield status of",
        environment: &report.environment,
        verdict: &report.verdicts(),
        lead: chips(report),
        css: CSS,
        main: ("status", "surveys"),
        header: html! {
            p.facts { "As of " strong { (report.as_of.strftime("%Y-%m-%d %H:%M UTC")) } }
            (money(rows))
        },
        body: html! {
            @if rows.iter().any(|row| !row.curve.is_empty()) { (legend()) }
            (cards_of("trouble", "To look at", &trouble))
            @if !report.studies.is_empty() { (wide("studies", "Studies", &studies(&report.studies))) }
            (cards_of("well", "In field", &well))
            @if !rest.is_empty() {
                details open[rest.len() == rows.len()] {
                    summary { "Not in field: " (count(rest.len(), "survey", "surveys")) }
                    (wide("rest", "Not in field", &table(&rest)))
                }
            }
        },
        footer: html! { p { "What a vendor does not tell is unknown, not zero." } },
    };
    document.render()
}

/// How many have which verdict, the most pressing first.
fn chips(report: &StatusReport) -> Markup {
    html! {
        ul.chips aria-label=(report.verdicts()) {
            li { span.chip { strong { (report.surveys.len()) } " surveys" } }
            @for (verdict, n) in &report.summary {
                li { span class={ "chip " (class(tone(*verdict))) } { strong { (n) } " " (verdict.to_string()) } }
            }
        }
    }
}

/// What the lines of the curves are.
fn legend() -> Markup {
    html! {
        p.legend {
            "Completes over the time in field:"
            span.seen aria-hidden="true" {} "collected"
            span.ahead aria-hidden="true" {} "forecast, with its range in four of five cases"
            span.pace aria-hidden="true" {} "an even pace to the goal"
        }
    }
}

/// All parts of each study together.
fn studies(studies: &[StudyTotal]) -> Markup {
    let number =
        |number: Option<u64>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    let money = |money: Option<Money>| {
        money.map_or_else(|| "unknown".to_owned(), |money| grouped(&money.to_string()))
    };
    html! {
        (heads(&["study", "parts#", "completes#", "", "forecast#", "spent#", "projected#"]))
        tbody {
            @for study in studies {
                tr {
                    th scope="row" { (code(&study.name)) }
                    td.n { (study.parts) }
                    td.n { (of(study.completes, study.goal)) }
                    (bar(study.completes, study.goal, None))
                    td.n { (number(study.forecast)) }
                    td.n { (money(study.cost)) }
                    td.n { (money(study.projected_cost)) }
                }
            }
        }
    }
}

/// What is in field, and what somebody has to look at.
fn has_card(row: &Fieldwork) -> bool {
    row.needs_a_look() || row.verdict.is_in_field()
}

fn cards_of(id: &str, title: &str, rows: &[&Fieldwork]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section {
                h2 id=(id) { (title) ": " (rows.len()) }
                div.cards { @for row in rows { (card(row)) } }
            }
        }
    }
}

/// What was spent and what will have been at the end, by currency.
fn money(rows: &[Fieldwork]) -> Markup {
    let sums = Sums::of(rows);
    html! {
        @if !sums.each.is_empty() {
            div.tiles {
                @for [cost, end] in &sums.each {
                    p.money { strong { (cost) } " spent, " strong { (end) } " at the end, as forecast" }
                }
            }
        }
        @if let Some(without) = &sums.without { p.soft { "Without " (without) " whose cost is not known." } }
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "bad",
        Tone::Warn => "uneasy",
        Tone::Good => "good",
        Tone::Calm => "calm",
    }
}

fn card(row: &Fieldwork) -> Markup {
    let curve = curve::of(row);
    // What is said above the figures already.
    let above: &[&str] = match curve {
        Some(_) => &["alarm", "warning", "forecast"],
        None => &["alarm", "warning"],
    };
    let id = row.id.as_ref().map(|id| format!(" {}", clean(id)));
    html! {
        article class={ "card " (class(tone(row.verdict))) } {
            h3 { (code(row.address.as_str())) " " span.badge { (row.verdict.to_string()) } }
            p.soft { (row.vendor.name()) (id.unwrap_or_default()) }
            p { (value(&row.why)) }
            @for alarm in &row.alarms { p.alarm { strong { "Alarm: " } (value(alarm)) } }
            @if let Some(warning) = &row.warning { p.alarm { strong { "Warning: " } (value(warning)) } }
            @if row.verdict.has_figures() {
                @if let Some(curve) = curve {
                    (curve)
                } @else {
                    table.whole {
                        tbody {
                            tr {
                                th scope="row" { "completes" }
                                td.n { (of(row.completes, row.goal)) }
                                (bar(row.completes, row.goal, row.passed()))
                            }
                        }
                    }
                }
                @if !row.quotas.is_empty() { (quotas(row)) }
                dl.said {
                    @for (name, figure) in figures(row) {
                        @if !above.contains(&&*name) { dt { (name) } dd { (prose(&figure)) } }
                    }
                }
                @if !row.links.is_none() { p.soft { (links(&row.links)) } }
            }
        }
    }
}

fn quotas(row: &Fieldwork) -> Markup {
    let passed = row.passed();
    html! {
        table {
            (heads(&["quota", "completes#", "pace#", "forecast", ""]))
            tbody { @for quota in &row.quotas { (quota_row(quota, passed)) } }
        }
    }
}

fn quota_row(quota: &QuotaFieldwork, passed: Option<u64>) -> Markup {
    let open = quota
        .completes
        .zip(quota.goal)
        .is_some_and(|(completes, goal)| completes < goal);
    html! {
        tr {
            th scope="row" { (value(&quota.name)) }
            td.n { (of(quota.completes, quota.goal)) }
            td.n { @if let Some(pace) = quota.pace.filter(|_| open) { (pace) "%" } }
            td { @if let Some(end) = quota.forecast.filter(|_| open) { (short(&end)) } }
            (bar(quota.completes, quota.goal, passed.filter(|_| open)))
        }
    }
}

fn table(rows: &[&Fieldwork]) -> Markup {
    html! {
        (heads(&["survey", "verdict", "why", "completes#", ""]))
        tbody {
            @for row in rows {
                tr {
                    th scope="row" { (code(row.address.as_str())) }
                    td { (row.verdict.to_string()) }
                    td { (value(&row.why)) }
                    // Nothing where there is nothing to count.
                    td.n { @if row.verdict.has_figures() { (of(row.completes, row.goal)) } }
                    (bar(row.completes, row.goal, None))
                }
            }
        }
    }
}

/// The goal with what came over it, and a mark where an even pace would be; nothing where one of them is not known.
fn bar(completes: Option<u64>, goal: Option<u64>, passed: Option<u64>) -> Markup {
    const MARK: u64 = 8;
    let came = completes
        .zip(goal)
        .map(|(completes, goal)| cells(completes, goal, FULL));
    let bars: Option<[Bar; 2]> = came.map(|came| [("was", 7, 6, FULL), ("will", 3, 14, came)]);
    let mark = passed.map(|passed| passed.min(FULL - MARK));
    super::html::marked(bars, mark.map(|mark| ("mark-at", mark, MARK)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldwork::{Forecast, QuotaFieldwork, Verdict};
    use crate::model::Address;
    use jiff::Timestamp;

    fn quota(name: &str, completes: Option<u64>) -> QuotaFieldwork {
        QuotaFieldwork {
            name: name.to_owned(),
            completes,
            goal: Some(50),
            pace: None,
            forecast: None,
        }
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    fn in_field(name: &str, verdict: Verdict) -> Fieldwork {
        Fieldwork {
            verdict,
            why: "it is as it is".to_owned(),
            id: Some("7".to_owned()),
            completes: Some(40),
            goal: Some(100),
            started: Some(at(0)),
            ends: Some(at(100)),
            cost: Some("1234.50 USD".parse().unwrap()),
            projected_cost: Some("9876.50 USD".parse().unwrap()),
            forecast: Some(Forecast {
                completes: 80,
                low: 70,
                high: 90,
                full: None,
                recent: true,
            }),
            curve: vec![(at(0), 0), (at(20), 30), (at(50), 40)],
            ..Fieldwork::unmade(Address::survey(name), crate::marketplace::CINT)
        }
    }

    fn page(rows: Vec<Fieldwork>) -> String {
        render(&StatusReport::new("<env>", at(50), rows))
    }

    #[test]
    fn text_is_text_and_the_unknown_has_no_bar() {
        let row = Fieldwork {
            verdict: Verdict::Slow,
            why: "<script>alert(1)</script>".to_owned(),
            quotas: vec![quota("<b>men</b>", Some(25)), quota("women", None)],
            ..Fieldwork::unmade(Address::survey("soda"), crate::marketplace::CINT)
        };
        let page = page(vec![row]);
        for tag in ["<script", "<b>", "<env>"] {
            assert!(!page.contains(tag), "{page}");
        }
        assert!(
            page.contains("25 of 50") && page.contains("unknown of 50"),
            "{page}"
        );
        // No curve either, of what nobody knows when it started.
        assert_eq!(page.matches("<svg").count(), 1);
        assert!(page.contains("width=\"500\""), "{page}");
    }

    #[test]
    fn of_what_was_never_made_nothing_is_called_unknown() {
        let row = Fieldwork::unmade(Address::survey("soda"), crate::marketplace::CINT);
        let page = page(vec![row]);
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

    #[test]
    fn trouble_comes_first_in_words_and_colour_and_what_is_not_in_field_is_folded() {
        let page = page(vec![
            in_field("well", Verdict::OnTrack),
            Fieldwork::unmade(Address::survey("later"), crate::marketplace::CINT),
            in_field("late", Verdict::Slow),
        ]);
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
        assert!(place("To look at: 1") < place("card uneasy"));
        assert!(place("<code>late</code>") < place("In field: 1"));
        assert!(place("card good") < place("Not in field: 1 survey"));
        assert!(page.contains("<details><summary>"), "{page}");
        for words in [
            "<span class=\"badge\">slow</span>",
            "2,469.00 USD</strong> spent, ",
            "19,753.00 USD</strong> at the end",
        ] {
            assert!(page.contains(words), "{words}\n{page}");
        }
    }

    #[test]
    fn a_card_has_the_curve_and_marks_the_pace_that_its_quotas_need() {
        let row = Fieldwork {
            quotas: vec![quota("men", Some(10)), quota("women", Some(50))],
            ..in_field("soda", Verdict::Slow)
        };
        let page = page(vec![row]);
        // Half of the time is over; a quota that is full needs no pace.
        assert_eq!(page.matches("class=\"mark-at\" x=\"500\"").count(), 1, "{page}");
        assert!(page.contains("points=\"0,200 200,140 500,120\""), "{page}");
        assert!(
            page.contains("40 of 100 completes after 50% of the time, 80 at the end (70 to 90)"),
            "{page}"
        );
    }

    #[test]
    fn a_thousand_surveys_make_a_page_that_opens() {
        let many = (0..1000).map(|n| Fieldwork {
            quotas: vec![quota("men", Some(10)), quota("women", Some(20))],
            ..in_field(&format!("s{n}"), Verdict::Slow)
        });
        let page = page(many.collect());
        assert!(page.len() < 4_500_000, "{} bytes", page.len());
        assert_eq!(page.matches("<article").count(), 1000);
    }
}
