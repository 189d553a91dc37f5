//! How far surveys got as JSON, `infield.status/1`, and as text, which is a view of it.

use super::json::pretty;
use super::page::Page;
use super::paint::Paint;
use super::style::Style;
use super::words::{clean, columns, count, padded};
use crate::fieldwork::{Fieldwork, Promise, Verdict};
use anstyle::{AnsiColor, Style as Ansi};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Cells of a bar.
const CELLS: usize = 20;
/// Cells of a bar on a terminal that is too narrow for it.
const FEWEST_CELLS: usize = 6;

/// Quotas shown of one survey, unless all are wanted.
const QUOTAS: usize = 12;

/// How far surveys got. `null` is not known, and never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield status")]
pub struct StatusReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment.
    pub environment: String,
    /// When this was so, UTC.
    #[schemars(with = "String")]
    pub as_of: Timestamp,
    /// How many surveys have which verdict.
    pub summary: BTreeMap<Verdict, usize>,
    /// Surveys, and the groups of those that have groups, by address.
    pub surveys: Vec<Fieldwork>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first.
    #[serde(rename = "infield.status/1")]
    V1,
}

impl StatusReport {
    /// Everything, counted.
    pub fn new(environment: &str, as_of: Timestamp, surveys: Vec<Fieldwork>) -> Self {
        let mut summary = BTreeMap::new();
        for survey in &surveys {
            *summary.entry(survey.verdict).or_default() += 1;
        }
        Self {
            format: Format::V1,
            environment: environment.to_owned(),
            as_of,
            summary,
            surveys,
        }
    }

    /// One line per survey that could not be read, or not all of it.
    pub fn unread(&self) -> Vec<String> {
        let unread = self.surveys.iter().filter_map(|row| {
            let whole = (row.verdict == Verdict::Unread).then_some(&row.why);
            Some(format!("{}: {}", row.address, whole.or(row.unread.as_ref())?))
        });
        unread.collect()
    }

    /// The document, on as many lines as it takes.
    pub fn to_text(&self) -> String {
        pretty(self)
    }

    /// How many have which verdict, in words, the most pressing first.
    pub(super) fn verdicts(&self) -> String {
        let some = self.summary.iter();
        let some: Vec<String> = some.map(|(verdict, n)| format!("{n} {verdict}")).collect();
        format!(
            "{}: {}",
            count(self.surveys.len(), "survey", "surveys"),
            some.join(", ")
        )
    }
}

/// As text for a terminal.
pub fn render(report: &StatusReport, style: &Style) -> String {
    let mut page = Page::new(style.width);
    for row in &report.surveys {
        block(&mut page, row, style);
        page.gap();
    }
    match report.surveys.is_empty() {
        true => page.line("No surveys."),
        false => page.paragraph("", 0, &format!("{}.", report.verdicts())),
    }
    page.finish()
}

fn block(page: &mut Page, row: &Fieldwork, style: &Style) {
    let paint = Paint { on: style.colour };
    let id = row.id.as_ref().map(|id| format!(" {}", clean(id)));
    let place = format!("({}{})", row.vendor.name(), id.unwrap_or_default());
    let name = paint.heading(row.address.as_str());
    let verdict = paint.with(colour(row.verdict), &row.verdict.to_string());
    page.paragraph(&format!("{name} {place}: {verdict}, "), 4, &clean(&row.why));
    if !row.verdict.has_figures() {
        return;
    }
    let shown = if style.verbose { row.quotas.len() } else { QUOTAS };
    let quotas = row.quotas.iter().take(shown);
    let quotas = quotas.map(|quota| (clean(&quota.name), quota.completes, quota.goal));
    let lines: Vec<(String, Option<u64>, Option<u64>)> =
        std::iter::once(("all".to_owned(), row.completes, row.goal))
            .chain(quotas)
            .collect();
    let widest = lines.iter().map(|(name, ..)| columns(name)).max().unwrap_or(0);
    let counts = lines
        .iter()
        .map(|(_, completes, goal)| of(*completes, *goal).len());
    let counts = counts.max().unwrap_or(0);
    let widest = widest.min(style.width.saturating_sub(44).max(10));
    let cells = style.width.saturating_sub(widest + counts + 6);
    let cells = cells.clamp(FEWEST_CELLS, CELLS);
    for (mut name, completes, goal) in lines {
        if columns(&name) > widest {
            // A name that leaves no room for the bar stands above it.
            page.line(&format!("  {name}"));
            name.clear();
        }
        let (head, bar) = (padded(&name, widest), bar(completes, goal, cells));
        page.line(&format!("  {head}  {bar}  {}", of(completes, goal)));
    }
    if row.quotas.len() > shown {
        let more = count(row.quotas.len() - shown, "quota", "quotas");
        page.line(&format!("  and {more} more; -v shows all"));
    }
    for (name, value) in figures(row) {
        page.paragraph(&format!("  {name}: "), 4, &value);
    }
}

/// What is said of a survey besides its completes.
pub(super) fn figures(row: &Fieldwork) -> Vec<(&'static str, String)> {
    let promise = |promise: &Promise, unit: &str| {
        let word = |value: Option<rust_decimal::Decimal>| value.map(|value| format!("{value}{unit}"));
        let actual = word(promise.actual).unwrap_or_else(unknown);
        let promised = word(promise.promised).unwrap_or_else(unknown);
        format!("{actual}, promised {promised}")
    };
    let money = |money: Option<crate::model::Money>| money.map_or_else(unknown, |money| money.to_string());
    let left = match row.days_left {
        Some(0) => "over".to_owned(),
        Some(days) => format!("{days} {} left", if days == 1 { "day" } else { "days" }),
        None => "days left unknown".to_owned(),
    };
    let pace = row
        .pace
        .map_or_else(String::new, |pace| format!(", {pace}% of the pace needed"));
    let (cost, projected) = (money(row.cost), money(row.projected_cost));
    let mut figures = vec![
        ("incidence rate", promise(&row.incidence_rate, "%")),
        ("length of interview", promise(&row.length_of_interview, " min")),
        ("cost", format!("{cost} so far, {projected} projected")),
        ("time", format!("{left}{pace}")),
    ];
    let back = row.resume_by.map(|at| ("can be put back until", at.to_string()));
    figures.extend(back);
    figures.extend(row.warning.iter().map(|warning| ("warning", clean(warning))));
    figures.extend(row.assumed.iter().map(|assumed| ("assumed", clean(assumed))));
    figures.extend(row.unread.iter().map(|unread| ("not read", clean(unread))));
    figures
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// `40 of 100`, with what is not known said.
pub(super) fn of(completes: Option<u64>, goal: Option<u64>) -> String {
    let word = |n: Option<u64>| n.map_or_else(unknown, |n| n.to_string());
    format!("{} of {}", word(completes), word(goal))
}

/// A bar of cells. Not known is no bar, and only what is full is drawn full.
fn bar(completes: Option<u64>, goal: Option<u64>, width: usize) -> String {
    let (Some(completes), Some(goal)) = (completes, goal) else {
        return "·".repeat(width);
    };
    let width = width as u64;
    let full = cells(completes, goal, width);
    (0..width)
        .map(|cell| if cell < full { '█' } else { '░' })
        .collect()
}

/// How many of so many cells are full: none of them too early.
pub(super) fn cells(completes: u64, goal: u64, cells: u64) -> u64 {
    if completes >= goal {
        return cells;
    }
    let full = u128::from(completes) * u128::from(cells) / u128::from(goal);
    u64::try_from(full).unwrap_or(cells)
}

fn colour(verdict: Verdict) -> Ansi {
    let colour = match verdict {
        Verdict::Gone | Verdict::Unread | Verdict::Stalled | Verdict::Unclear => AnsiColor::Red,
        Verdict::EndedShort | Verdict::SoftLaunchWaiting | Verdict::OverquotaRisk | Verdict::Slow => {
            AnsiColor::Yellow
        }
        Verdict::OnTrack | Verdict::Done => AnsiColor::Green,
        Verdict::InField
        | Verdict::Scheduled
        | Verdict::Paused
        | Verdict::Closed
        | Verdict::Draft
        | Verdict::Unmade => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    fn row(why: &str) -> Fieldwork {
        Fieldwork {
            verdict: Verdict::InField,
            why: why.to_owned(),
            ..Fieldwork::unmade(Address::survey("soda"), crate::marketplace::INNOVATEMR)
        }
    }

    #[test]
    fn what_is_not_known_is_said_and_never_drawn() {
        let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row("it is silent")]);
        let text = render(&report, &Style::default());
        assert!(
            text.contains("all  ····················  unknown of unknown"),
            "{text}"
        );
        assert!(text.contains("cost: unknown so far, unknown projected"), "{text}");
        assert!(
            text.contains("incidence rate: unknown, promised unknown"),
            "{text}"
        );
        assert!(text.contains("time: days left unknown"), "{text}");
        assert!(text.ends_with("1 survey: 1 in field.\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.to_text()).unwrap();
        assert_eq!(json["surveys"][0]["completes"], serde_json::Value::Null);
        assert_eq!(json["surveys"][0]["verdict"], "in-field");
        let validator =
            jsonschema::draft202012::new(&crate::report::json::schema_of::<StatusReport>()).unwrap();
        assert!(validator.is_valid(&json), "{json:#}");
    }

    #[test]
    fn a_bar_is_full_when_the_goal_is_reached_and_not_before() {
        for (completes, goal, wanted) in [
            (0, 0, 20),
            (0, 9, 0),
            (1, 2, 10),
            (99, 100, 19),
            (5, 5, 20),
            (9, 5, 20),
        ] {
            assert_eq!(cells(completes, goal, 20), wanted, "{completes} of {goal}");
        }
        assert_eq!(cells(u64::MAX - 1, u64::MAX, 1000), 999);
    }

    #[test]
    fn a_narrow_terminal_gets_shorter_bars_and_wrapped_lines() {
        let mut row = row("no complete for 61 hours, and nobody knows why that is");
        row.quotas.push(crate::fieldwork::QuotaFieldwork {
            name: "women-of-the-north-west-18-34".to_owned(),
            completes: Some(1),
            goal: Some(2),
        });
        let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row]);
        let style = Style {
            width: 40,
            ..Style::default()
        };
        let text = render(&report, &style);
        assert!(text.lines().all(|line| columns(line) <= 40), "{text}");
        assert!(
            text.contains("  women-of-the-north-west-18-34\n              ███░░░  1 of 2\n"),
            "{text}"
        );
        assert!(
            text.contains("\n  all         ······  unknown of unknown\n"),
            "{text}"
        );
    }

    #[test]
    fn a_vendors_words_move_no_cursor() {
        let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row("\u{1b}[2J gone")]);
        assert!(!render(&report, &Style::default()).contains('\u{1b}'));
    }
}
