//! How far surveys got as JSON, `infield.status/1`, and as text, which is a view of it.

use super::json::pretty;
use super::page::Page;
use super::paint::Paint;
use super::style::Style;
use super::words::{clean, columns, count, padded};
use crate::fieldwork::{Fieldwork, Forecast, Promise, Verdict};
use crate::model::Money;
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
    /// Surveys that several marketplaces field, all parts together.
    pub studies: Vec<StudyTotal>,
    /// Surveys, and the groups of those that have groups.
    pub surveys: Vec<Fieldwork>,
}

/// All parts of a study together. `null` is not known, as soon as it is not known of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StudyTotal {
    /// The name of the manifest.
    pub name: String,
    /// How many surveys and groups it has.
    pub parts: usize,
    /// Completes collected.
    pub completes: Option<u64>,
    /// Completes wanted.
    pub goal: Option<u64>,
    /// Completes at the end, as forecast.
    pub forecast: Option<u64>,
    /// What the completes so far cost; unknown also where it is in several currencies.
    pub cost: Option<Money>,
    /// What it will have cost at its end.
    pub projected_cost: Option<Money>,
}

impl StudyTotal {
    fn all(surveys: &[Fieldwork]) -> Vec<Self> {
        let mut studies: BTreeMap<&str, Vec<&Fieldwork>> = BTreeMap::new();
        let parts = surveys.iter().filter(|row| row.address.vendor().is_some());
        for part in parts {
            studies.entry(part.address.manifest()).or_default().push(part);
        }
        let total = |(name, parts): (&str, Vec<&Fieldwork>)| {
            let sum = |of: fn(&Fieldwork) -> Option<u64>| parts.iter().map(|part| of(part)).sum();
            let money = |of: fn(&Fieldwork) -> Option<Money>| {
                let mut all = parts.iter().map(|part| of(part));
                let first = all.next()??;
                all.try_fold(first, |sum, part| sum.and(part?))
            };
            Self {
                name: name.to_owned(),
                parts: parts.len(),
                completes: sum(|part| part.completes),
                goal: sum(|part| part.goal),
                // What is out of field stays as it is.
                forecast: sum(|part| {
                    part.forecast
                        .map(|end| end.completes)
                        .or(match part.verdict.is_over() {
                            true => part.completes,
                            false => None,
                        })
                }),
                cost: money(|part| part.cost),
                projected_cost: money(|part| part.projected_cost),
            }
        };
        studies.into_iter().map(total).collect()
    }
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
            studies: StudyTotal::all(&surveys),
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
    pub fn verdicts(&self) -> String {
        let some = self.summary.iter();
        let some: Vec<String> = some.map(|(verdict, n)| format!("{n} {verdict}")).collect();
        format!(
            "{}: {}",
            count(self.surveys.len(), "survey", "surveys"),
            some.join(", ")
        )
    }
}

/// So many surveys are shown in full, whatever is thought of them.
const FEW: usize = 5;

/// As text for a terminal: each survey in full where that is wanted or there are few, or else a line for each that nobody
/// has to look at.
pub fn render(report: &StatusReport, full: bool, style: &Style) -> String {
    let mut page = Page::new(style.width);
    let full = full || report.surveys.len() <= FEW;
    let mut lines = false;
    for row in &report.surveys {
        if full || row.needs_a_look() {
            // A block after lines stands off from them.
            if std::mem::take(&mut lines) {
                page.gap();
            }
            block(&mut page, row, style);
            page.gap();
        } else {
            line(&mut page, row, style);
            lines = true;
        }
    }
    if lines {
        page.gap();
    }
    for study in &report.studies {
        page.paragraph("", 4, &in_words(study));
    }
    if !report.studies.is_empty() {
        page.gap();
    }
    match report.surveys.is_empty() {
        true => page.line("No surveys."),
        false => page.paragraph("", 0, &format!("{}.", report.verdicts())),
    }
    page.finish()
}

/// A study in a sentence.
fn in_words(study: &StudyTotal) -> String {
    let end = study
        .forecast
        .map_or_else(String::new, |end| format!(", about {end} at the end"));
    let money = |money: Option<Money>| money.map_or_else(unknown, |money| money.to_string());
    format!(
        "study {} in {}: {} completes{end}; {} so far, {} projected",
        study.name,
        count(study.parts, "part", "parts"),
        of(study.completes, study.goal),
        money(study.cost),
        money(study.projected_cost),
    )
}

/// The first line of a survey.
fn headline(row: &Fieldwork, style: &Style) -> String {
    let paint = Paint { on: style.colour };
    let id = row.id.as_ref().map(|id| format!(" {}", clean(id)));
    let place = format!("({}{})", row.vendor.name(), id.unwrap_or_default());
    let name = paint.heading(row.address.as_str());
    let verdict = paint.with(colour(row.verdict), &row.verdict.to_string());
    format!("{name} {place}: {verdict}, ")
}

/// A survey that nobody has to look at.
fn line(page: &mut Page, row: &Fieldwork, style: &Style) {
    let count = of(row.completes, row.goal);
    let said = match row.verdict.has_figures() && !row.why.contains(&count) {
        true => format!("{count}; {}", clean(&row.why)),
        false => clean(&row.why),
    };
    page.paragraph(&headline(row, style), 4, &said);
}

fn block(page: &mut Page, row: &Fieldwork, style: &Style) {
    page.paragraph(&headline(row, style), 4, &clean(&row.why));
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
    let money = |money: Option<Money>| money.map_or_else(unknown, |money| money.to_string());
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
    figures.extend(row.forecast.map(|end| ("forecast", forecast(&end))));
    figures.extend(row.alarms.iter().map(|alarm| ("alarm", clean(alarm))));
    let back = row.resume_by.map(|at| ("can be put back until", at.to_string()));
    figures.extend(back);
    figures.extend(row.warning.iter().map(|warning| ("warning", clean(warning))));
    figures.extend(row.assumed.iter().map(|assumed| ("assumed", clean(assumed))));
    figures.extend(row.unread.iter().map(|unread| ("not read", clean(unread))));
    figures
}

/// What something ends with, in words.
fn forecast(end: &Forecast) -> String {
    if let Some(full) = end.full {
        return format!("full on {}", full.strftime("%Y-%m-%d %H:%M UTC"));
    }
    let range = match (end.low, end.high) {
        (low, high) if low == high => String::new(),
        (low, high) => format!(", {low} to {high} in four of five cases"),
    };
    format!("{} at the end{range}", end.completes)
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
        let text = render(&report, true, &Style::default());
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
            pace: None,
            forecast: None,
        });
        let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row]);
        let style = Style {
            width: 40,
            ..Style::default()
        };
        let text = render(&report, true, &style);
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
        assert!(!render(&report, true, &Style::default()).contains('\u{1b}'));
    }
}
