//! How far surveys got as one page for a browser, with bars.
//!
//! Promises: as the page of a plan: whole by itself, no script, loads nothing, text is text, and a bar never says anything
//! that the numbers beside it do not.

use super::plan_html::{CSS, code, text};
use super::status::{StatusReport, cells, figures, of};
use crate::fieldwork::Fieldwork;
use std::fmt::Write as _;

/// The length of a whole bar.
const FULL: u64 = 1000;

/// So many surveys are unfolded from the start.
const UNFOLDED: usize = 12;

/// The page.
pub fn render(report: &StatusReport) -> String {
    let environment = text(&report.environment);
    let verdicts = text(&report.verdicts());
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"infield\">\n\
         <title>infield status of {environment}: {verdicts}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#status\">Skip to the surveys</a>\n<header>\n\
         <h1>infield status of <code>{environment}</code></h1>\n<p class=\"verdict\">{verdicts}</p>\n</header>\n\
         <main id=\"status\">\n"
    );
    if !report.surveys.is_empty() {
        table(&mut out, report);
        out.push_str("<section>\n<h2 id=\"details\">Details</h2>\n");
        for row in &report.surveys {
            let open = report.surveys.len() <= UNFOLDED || row.verdict.needs_a_look();
            detail(&mut out, row, open);
        }
        out.push_str("</section>\n");
    }
    let _ = write!(
        out,
        "</main>\n<footer>\n<p>As of {}. What a vendor does not tell is unknown, not zero.</p>\n</footer>\n</body>\n</html>\n",
        text(&report.as_of.to_string())
    );
    out
}

fn table(out: &mut String, report: &StatusReport) {
    out.push_str(
        "<section>\n<h2 id=\"surveys\">Surveys</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
         aria-labelledby=\"surveys\">\n<table>\n<thead><tr><th scope=\"col\">survey</th><th scope=\"col\">verdict</th>\
         <th scope=\"col\" class=\"n\">completes</th><td></td></tr></thead>\n<tbody>\n",
    );
    for row in &report.surveys {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"bars\">{}</td></tr>",
            code(row.address.as_str()),
            text(&row.verdict.to_string()),
            completes(row),
            bar(row.completes, row.goal)
        );
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

/// What was counted of a survey; nothing where there is nothing to count.
fn completes(row: &Fieldwork) -> String {
    if row.verdict.has_figures() {
        of(row.completes, row.goal)
    } else {
        String::new()
    }
}

fn detail(out: &mut String, row: &Fieldwork, open: bool) {
    let open = if open { " open" } else { "" };
    let id = row.id.as_ref().map(|id| format!(" {}", text(id)));
    let _ = writeln!(
        out,
        "<details{open}><summary>{}: {}</summary>\n<p>{}{}: <bdi>{}</bdi></p>",
        code(row.address.as_str()),
        text(&row.verdict.to_string()),
        row.vendor.name(),
        id.unwrap_or_default(),
        text(&row.why)
    );
    if !row.verdict.has_figures() {
        out.push_str("</details>\n");
        return;
    }
    out.push_str("<ul>\n");
    for (name, value) in figures(row) {
        let _ = writeln!(out, "<li>{name}: {}</li>", text(&value));
    }
    out.push_str("</ul>\n");
    if !row.quotas.is_empty() {
        out.push_str(
            "<table>\n<thead><tr><th scope=\"col\">quota</th><th scope=\"col\" class=\"n\">completes</th><td></td></tr>\
             </thead>\n<tbody>\n",
        );
        for quota in &row.quotas {
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\"><bdi>{}</bdi></th><td class=\"n\">{}</td><td class=\"bars\">{}</td></tr>",
                text(&quota.name),
                of(quota.completes, quota.goal),
                bar(quota.completes, quota.goal)
            );
        }
        out.push_str("</tbody>\n</table>\n");
    }
    out.push_str("</details>\n");
}

/// The goal with what came over it; nothing where one of them is not known.
fn bar(completes: Option<u64>, goal: Option<u64>) -> String {
    let (Some(completes), Some(goal)) = (completes, goal) else {
        return String::new();
    };
    let came = cells(completes, goal, FULL);
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 {FULL} 20\" preserveAspectRatio=\"none\" focusable=\"false\" \
         aria-hidden=\"true\"><rect class=\"was\" x=\"0\" y=\"7\" width=\"{FULL}\" height=\"6\"/>\
         <rect class=\"will\" x=\"0\" y=\"3\" width=\"{came}\" height=\"14\"/></svg>"
    )
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
