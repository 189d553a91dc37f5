//! A reconciliation for people: how many transactions change from what to what, per survey, and the money it moves.

use super::Style;
use super::paint::Paint;
use super::reconciliation::money;
use super::words::{clean, count};
use crate::model::reconciliation::Course;
use crate::reconcile::plan::{Moved, Plan};
use crate::reconcile::results;
use crate::reconcile::run::{Ran, Tally, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rows named one by one before they are only counted.
const NAMED: usize = 10;
/// What the vendor said about lists, told for the first ones.
const RECEIPTS: usize = 5;

/// The plan as text.
pub fn render(plan: &Plan, style: &Style) -> String {
    let paint = Paint { on: style.colour };
    let counts = plan.counts();
    let mut out = String::new();
    let title = format!("Reconciliation {}", plan.wanted.name);
    let rows = count(counts.transactions, "transaction", "transactions");
    let _ = writeln!(
        out,
        "{}: {rows} in {}",
        paint.heading(&title),
        clean(&plan.wanted.file)
    );
    let changes = plan.changes();
    for (survey, target) in (0u32..).zip(&plan.targets) {
        let mine: Vec<_> = changes
            .iter()
            .filter(|(change, _)| change.survey == survey)
            .collect();
        if mine.is_empty() {
            continue;
        }
        let name = if target.label == target.id {
            format!("{} survey {}", plan.vendor.name(), target.id)
        } else {
            format!("{} ({} survey {})", target.label, plan.vendor.name(), target.id)
        };
        let _ = writeln!(out, "\n  {name}");
        for (change, number) in mine {
            let _ = writeln!(
                out,
                "    {number:>7}  {} → {}  by {}",
                clean(&change.was),
                change.outcome,
                change.mechanism.words()
            );
        }
        if plan.targets.len() > 1 {
            for line in money_lines(&plan.moved(Some(survey))) {
                let _ = writeln!(out, "             {line}");
            }
        }
    }
    named(
        &mut out,
        plan,
        style,
        "cannot be changed",
        |course| match course {
            Course::Cannot(why) => Some(why.clone().into_owned()),
            _ => None,
        },
    );
    named(
        &mut out,
        plan,
        style,
        "could not be read, and are left alone",
        |course| match course {
            Course::Unread(why) => Some(why.to_string()),
            _ => None,
        },
    );
    out.push('\n');
    let mut parts = Vec::new();
    for (number, words) in [
        (counts.change, "to change"),
        (counts.unchanged, "as wanted already"),
        (counts.recorded, "confirmed by an earlier apply"),
        (counts.impossible, "that cannot be changed"),
        (counts.waiting, "in a list that the vendor still works through"),
        (counts.unread, "not read"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    if plan.is_empty() {
        let _ = writeln!(out, "Nothing to do: {}.", parts.join(", "));
    } else {
        let calls = count(counts.calls, "call", "calls");
        let _ = writeln!(out, "Plan {}: {}; {calls}.", plan.hash, parts.join(", "));
        for line in money_lines(&plan.moved(None)) {
            let _ = writeln!(out, "{line}");
        }
        if let Some(remark) = crate::marketplace::outcomes::remark(plan.vendor) {
            let _ = writeln!(out, "Mind: {remark}.");
        }
    }
    if style.show_calls {
        for batch in &plan.batches {
            if let Some(call) = plan.call(batch) {
                let body = call.body.map(|body| format!(" {body}")).unwrap_or_default();
                let _ = writeln!(out, "  {} {}{}", call.method, clean(&call.path), clean(&body));
            }
        }
    }
    out
}

/// The plan for a pull request.
pub fn markdown(plan: &Plan, style: &Style) -> String {
    let plain = Style {
        colour: false,
        ..style.clone()
    };
    // Nothing in a fence is markup; what could end it is taken out.
    let text = render(plan, &plain).replace("```", "` ` `");
    format!(
        "\n### Reconciliation {}\n\n```text\n{text}```\n",
        plan.wanted.name
    )
}

/// Rows that need a word each, the first ones by name.
fn named(out: &mut String, plan: &Plan, style: &Style, title: &str, why: impl Fn(&Course) -> Option<String>) {
    let mut rows: Vec<(usize, String)> = Vec::new();
    for (index, planned) in plan.rows.iter().enumerate() {
        if let Some(why) = why(&planned.course) {
            rows.push((index, why));
        }
    }
    if rows.is_empty() {
        return;
    }
    let shown = if style.verbose { rows.len() } else { NAMED };
    let _ = writeln!(
        out,
        "\n  {} {title}",
        count(rows.len(), "transaction", "transactions")
    );
    for (index, why) in rows.iter().take(shown) {
        let row = &plan.wanted.rows[*index];
        let was = results::was(plan, *index);
        let was = if was.is_empty() {
            was
        } else {
            format!("{was} → ")
        };
        let _ = writeln!(
            out,
            "    {}  {}{}: {}",
            row.id,
            clean(&was),
            row.outcome,
            clean(why)
        );
    }
    if rows.len() > shown {
        let _ = writeln!(out, "    and {} more (-v shows all)", rows.len() - shown);
    }
}

fn money_lines(moved: &Moved) -> Vec<String> {
    let mut lines: Vec<String> = money(moved)
        .into_iter()
        .map(|money| {
            format!(
                "Money: {} {currency} for new completes, {} {currency} taken back, {} {currency} on the bill.",
                money.added,
                money.taken_back,
                signed(&money.change),
                currency = money.currency
            )
        })
        .collect();
    if moved.unknown > 0 {
        let number = usize::try_from(moved.unknown).unwrap_or(usize::MAX);
        let rows = count(number, "transaction", "transactions");
        lines.push(format!("Money: the vendor does not say what {rows} cost."));
    }
    lines
}

fn signed(amount: &str) -> String {
    let unsigned = amount.starts_with('-') || amount.chars().all(|c| matches!(c, '0' | '.'));
    if unsigned {
        amount.to_owned()
    } else {
        format!("+{amount}")
    }
}

/// How it went, as text.
pub fn conclusion(plan: &Plan, ran: &Ran) -> String {
    if plan.is_empty() {
        return String::new(); // the plan has said it all
    }
    let tally = Tally::of(&ran.verdicts);
    let mut out = String::new();
    // What is not as wanted, by its reason; what cannot be changed stands in the plan.
    let mut reasons: BTreeMap<(&'static str, String), Vec<&str>> = BTreeMap::new();
    for (index, verdict) in ran.verdicts.iter().enumerate() {
        if !matches!(plan.rows[index].course, Course::Change(_)) {
            continue;
        }
        if let Verdict::Pending(why) | Verdict::Refused(why) | Verdict::Unknown(why) | Verdict::NotSent(why) =
            verdict
        {
            let ids = reasons.entry((results::word(verdict), why.clone())).or_default();
            ids.push(&plan.wanted.rows[index].id);
        }
    }
    for ((word, why), ids) in reasons.iter().take(NAMED) {
        let more = if ids.len() > 3 {
            format!(" and {} more", ids.len() - 3)
        } else {
            String::new()
        };
        let names = ids[..ids.len().min(3)].join(", ");
        let _ = writeln!(out, "{}: {names}{more}: {}", word.replace('_', " "), clean(why));
    }
    if reasons.len() > NAMED {
        let _ = writeln!(
            out,
            "and {} more reasons; the results have them all",
            reasons.len() - NAMED
        );
    }
    for receipt in ran.receipts.iter().take(RECEIPTS) {
        let counts: Vec<String> = receipt
            .counts
            .iter()
            .map(|(key, value)| format!("{key} {value}"))
            .collect();
        let id = receipt.id.as_deref().unwrap_or("without an id");
        let _ = writeln!(
            out,
            "{} took {}, and says: {}",
            plan.vendor.name(),
            clean(id),
            clean(&counts.join(", "))
        );
    }
    if ran.receipts.len() > RECEIPTS {
        let _ = writeln!(out, "and {} more lists", ran.receipts.len() - RECEIPTS);
    }
    let parts: Vec<String> = [
        (tally.changed, "changed"),
        (tally.unchanged, "as they were wanted"),
        (tally.pending, "pending"),
        (tally.refused, "refused"),
        (tally.unknown, "unknown"),
        (tally.not_sent, "not sent"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, words)| format!("{number} {words}"))
    .collect();
    let word = if ran.interrupted {
        "Interrupted"
    } else {
        "Reconciled"
    };
    let _ = writeln!(out, "{word}: {}.", parts.join(", "));
    out
}
