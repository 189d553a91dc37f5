//! A reconciliation for people: how many transactions change from what to what, per survey, and the money it moves.

use super::Style;
use super::paint::Paint;
use super::reconciliation::{money, why};
use super::words::{self, clean, count, signed};
use crate::model::reconciliation::Course;
use crate::plan::hash;
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
    let title = paint.heading(&format!("Reconciliation {}", plan.wanted.name));
    let rows = count(counts.transactions, "transaction", "transactions");
    let _ = writeln!(out, "{title}: {rows} in {}", clean(&plan.wanted.file));
    let changes = plan.changes();
    for (survey, target) in (0u32..).zip(&plan.targets) {
        let mut mine = changes
            .iter()
            .filter(|(change, _)| change.survey == survey)
            .peekable();
        if mine.peek().is_none() {
            continue;
        }
        let name = format!("{} survey {}", plan.vendor.name(), target.id);
        let _ = match target.label == target.id {
            true => writeln!(out, "\n  {name}"),
            false => writeln!(out, "\n  {} ({name})", target.label),
        };
        for (change, number) in mine {
            let (was, how) = (clean(&change.was), change.mechanism.words());
            let _ = writeln!(out, "    {number:>7}  {was} → {}  by {how}", change.outcome);
        }
        if plan.targets.len() > 1 {
            for line in money_lines(&plan.moved(Some(survey))) {
                let _ = writeln!(out, "             {line}");
            }
        }
    }
    let cannot = |course: &Course| matches!(course, Course::Cannot(_));
    named(&mut out, plan, style, "cannot be changed", cannot);
    let unread = |course: &Course| matches!(course, Course::Unread(_));
    named(
        &mut out,
        plan,
        style,
        "could not be read, and are left alone",
        unread,
    );
    let parts = words::counts(&[
        (counts.change, "to change"),
        (counts.unchanged, "as wanted already"),
        (counts.recorded, "confirmed by an earlier apply"),
        (counts.impossible, "that cannot be changed"),
        (counts.waiting, "in a list that the vendor still works through"),
        (counts.unread, "not read"),
    ]);
    if plan.is_empty() {
        let _ = writeln!(out, "\nNothing to do: {parts}.");
    } else {
        let calls = count(counts.calls, "call", "calls");
        let _ = writeln!(out, "\nPlan {}: {parts}; {calls}.", hash::short(&plan.hash));
        for line in money_lines(&plan.moved(None)) {
            let _ = writeln!(out, "{line}");
        }
        if let Some(remark) = crate::marketplace::outcomes::remark(plan.vendor) {
            let _ = writeln!(out, "Mind: {remark}.");
        }
        let _ = writeln!(out, "Approve exactly this with: --approve {}", plan.hash);
    }
    if style.show_calls {
        for call in plan.batches.iter().filter_map(|batch| plan.call(batch)) {
            let body = call.body.map(|body| format!(" {body}")).unwrap_or_default();
            let _ = writeln!(out, "  {} {}{}", call.method, clean(&call.path), clean(&body));
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
fn named(out: &mut String, plan: &Plan, style: &Style, title: &str, which: impl Fn(&Course) -> bool) {
    let rows = plan.wanted.rows.iter().zip(&plan.rows).enumerate();
    let rows: Vec<_> = rows.filter(|(_, (_, planned))| which(&planned.course)).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n  {} {title}",
        count(rows.len(), "transaction", "transactions")
    );
    let shown = if style.verbose { rows.len() } else { NAMED };
    for (index, (row, planned)) in rows.iter().take(shown) {
        let was = Some(results::was(plan, *index)).filter(|was| !was.is_empty());
        let was = was.map(|was| format!("{} → ", clean(&was))).unwrap_or_default();
        let why = clean(why(&planned.course).unwrap_or_default());
        let _ = writeln!(out, "    {}  {was}{}: {why}", row.id, row.outcome);
    }
    if rows.len() > shown {
        let _ = writeln!(out, "    and {} more (-v shows all)", rows.len() - shown);
    }
}

fn money_lines(moved: &Moved) -> Vec<String> {
    let told = money(moved).into_iter().map(|money| {
        let (added, taken_back, currency) = (money.added, money.taken_back, money.currency);
        let change = signed(&money.change);
        format!(
            "Money: {added} {currency} for new completes, {taken_back} {currency} taken back, {change} {currency} on the bill."
        )
    });
    let mut lines: Vec<String> = told.collect();
    if moved.unknown > 0 {
        let number = usize::try_from(moved.unknown).unwrap_or(usize::MAX);
        let rows = count(number, "transaction", "transactions");
        lines.push(format!("Money: the vendor does not say what {rows} cost."));
    }
    lines
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
        let names = words::some(ids.iter().map(ToString::to_string), 3);
        let _ = writeln!(out, "{}: {names}: {}", word.replace('_', " "), clean(why));
    }
    if let Some(more) = reasons.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(out, "and {more} more reasons; the results have them all");
    }
    for receipt in ran.receipts.iter().take(RECEIPTS) {
        let counts = receipt.counts.iter();
        let counts: Vec<String> = counts.map(|(key, value)| format!("{key} {value}")).collect();
        let id = clean(receipt.id.as_deref().unwrap_or("without an id"));
        let (vendor, counts) = (plan.vendor.name(), clean(&counts.join(", ")));
        let _ = writeln!(out, "{vendor} took {id}, and says: {counts}");
    }
    if ran.receipts.len() > RECEIPTS {
        let _ = writeln!(out, "and {} more lists", ran.receipts.len() - RECEIPTS);
    }
    let parts = words::counts(&[
        (tally.changed, "changed"),
        (tally.unchanged, "as they were wanted"),
        (tally.pending, "pending"),
        (tally.refused, "refused"),
        (tally.unknown, "unknown"),
        (tally.not_sent, "not sent"),
    ]);
    let word = if ran.interrupted {
        "Interrupted"
    } else {
        "Reconciled"
    };
    let _ = writeln!(out, "{word}: {parts}.");
    out
}
