//! How far surveys got as JSON, `infield.status/1`, and as text, which is a view of it.

mod by;
mod order;
mod sums;

use super::json::pretty;
use super::page::Page;
use super::paint::Paint;
use super::style::Style;
use super::words::{clean, columns, count, padded};
use crate::fieldwork::{Fieldwork, Forecast, Interval, Promise, QuotaFieldwork, Verdict};
use crate::model::Money;
use anstyle::{AnsiColor, Style as Ansi};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub use by::{ByTag, TagGroup, TagMoney};
pub use order::Order;
pub(super) use sums::Sums;

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
    /// Sums by the value of a tag, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ByTag>,
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
            by: None,
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
pub const FEW: usize = 5;

/// As text for a terminal: each survey in full where that is wanted or there are few, or else a line for each that nobody
/// has to look at.
pub fn render(report: &StatusReport, full: bool, style: &Style) -> String {
    let mut page = Page::new(style.width);
    let full = full || report.surveys.len() <= FEW;
    let mut lines = false;
    let alone = report.surveys.len() == 1;
    if let Some(by) = report.by.as_ref().filter(|by| !by.groups.is_empty()) {
        by.draw(&mut page);
        page.paragraph("", 0, &format!("{}.", report.verdicts()));
        return page.finish();
    }
    for row in &report.surveys {
        if full || row.needs_a_look() {
            // A block after lines stands off from them.
            if std::mem::take(&mut lines) {
                page.gap();
            }
            block(&mut page, row, alone || style.verbose, style);
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

/// One survey with all that is known of it.
pub(super) fn one(row: &Fieldwork, style: &Style) -> String {
    let mut page = Page::new(style.width);
    block(&mut page, row, true, style);
    page.finish()
}

/// A study in a sentence.
pub(super) fn in_words(study: &StudyTotal) -> String {
    let end = study
        .forecast
        .filter(|_| study.completes != study.goal)
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

/// A survey in full; its links are for whoever looks at it alone, because every survey has some.
fn block(page: &mut Page, row: &Fieldwork, links: bool, style: &Style) {
    page.paragraph(&headline(row, style), 4, &clean(&row.why));
    if !row.verdict.has_figures() {
        return;
    }
    let shown = if style.verbose { row.quotas.len() } else { QUOTAS };
    let quotas = row.quotas.iter().take(shown);
    let quotas = quotas.map(|quota| (clean(&quota.name), quota.completes, quota.goal, ending(quota)));
    let all = ("all".to_owned(), row.completes, row.goal, String::new());
    let lines: Vec<(String, Option<u64>, Option<u64>, String)> = std::iter::once(all).chain(quotas).collect();
    let widest = lines.iter().map(|(name, ..)| columns(name)).max().unwrap_or(0);
    let counts = lines
        .iter()
        .map(|(_, completes, goal, ending)| of(*completes, *goal).len() + ending.len());
    let counts = counts.max().unwrap_or(0);
    let widest = widest.min(style.width.saturating_sub(44).max(10));
    let cells = style.width.saturating_sub(widest + counts + 6);
    let cells = cells.clamp(FEWEST_CELLS, CELLS);
    for (mut name, completes, goal, ending) in lines {
        if columns(&name) > widest {
            // A name that leaves no room for the bar stands above it.
            page.line(&format!("  {name}"));
            name.clear();
        }
        let (head, bar) = (padded(&name, widest), bar(completes, goal, cells));
        page.line(&format!("  {head}  {bar}  {}{ending}", of(completes, goal)));
    }
    if row.quotas.len() > shown {
        let more = count(row.quotas.len() - shown, "quota", "quotas");
        page.line(&format!("  and {more} more; -v shows all"));
    }
    for (name, value) in figures(row) {
        page.paragraph(&format!("  {name}: "), 4, &value);
    }
    if links {
        for (name, link) in row.links.named() {
            page.line(&format!("  {name} link: {link}"));
        }
    }
}

/// How a quota ends that is still open, in few words.
fn ending(quota: &QuotaFieldwork) -> String {
    let Some(end) = quota.forecast.filter(|_| quota.is_open()) else {
        return String::new();
    };
    match end.full {
        Some(full) => format!(", full on {}", full.strftime("%m-%d %H:%M")),
        None => format!(", {} at the end", end.completes),
    }
}

/// So many hours before the end they are counted instead of days.
const HOURS: i64 = 48;

/// How much time is left.
fn left(row: &Fieldwork) -> String {
    let hours = row
        .left()
        .map(|left| left.as_hours())
        .filter(|left| *left < HOURS);
    match (hours, row.days_left) {
        (_, Some(0)) => "over".to_owned(),
        (Some(0), _) => "less than an hour left".to_owned(),
        (Some(1), _) => "1 hour left".to_owned(),
        (Some(hours), _) => format!("{hours} hours left"),
        (None, Some(days)) => format!("{days} {} left", if days == 1 { "day" } else { "days" }),
        (None, None) => "days left unknown".to_owned(),
    }
}

/// What is said of a survey besides its completes.
pub(super) fn figures(row: &Fieldwork) -> Vec<(Cow<'_, str>, String)> {
    let promise = |promise: &Promise, unit: &str| {
        let word = |value: Option<rust_decimal::Decimal>| value.map(|value| format!("{value}{unit}"));
        let actual = word(promise.actual).unwrap_or_else(unknown);
        let promised = word(promise.promised).unwrap_or_else(unknown);
        format!("{actual}, promised {promised}")
    };
    let money = |money: Option<Money>| money.map_or_else(unknown, |money| money.to_string());
    let pace = row
        .pace
        .map_or_else(String::new, |pace| format!(", {pace}% of an even pace so far"));
    let (cost, projected) = (money(row.cost), money(row.projected_cost));
    let mut figures = Vec::new();
    figures.extend(row.stage.iter().map(|stage| ("stage", clean(&stage.sentence()))));
    figures.extend([
        ("incidence rate", promise(&row.incidence_rate, "%")),
        ("length of interview", promise(&row.length_of_interview, " min")),
    ]);
    let lost = [
        ("drop-off", row.drop_off),
        ("sent away for quality", row.quality_terminations),
    ];
    figures.extend(lost.iter().filter_map(|(name, share)| {
        let share = share.filter(|share| !share.is_zero())?;
        Some((*name, format!("{share}% of those who began")))
    }));
    figures.push(("cost", format!("{cost} so far, {projected} projected")));
    // What is over for good has no time left.
    if !matches!(
        row.verdict,
        Verdict::Done | Verdict::Closed | Verdict::EndedShort | Verdict::Draft
    ) {
        figures.push(("time", format!("{}{pace}", left(row))));
    }
    figures.extend(row.forecast.map(|end| ("forecast", forecast(&end))));
    figures.extend(row.alarms.iter().map(|alarm| ("alarm", clean(alarm))));
    let back = row.resume_by.map(|at| {
        let at = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        ("can be put back until", at)
    });
    figures.extend(back);
    figures.extend(row.warning.iter().map(|warning| ("warning", clean(warning))));
    figures.extend(row.assumed.iter().map(|assumed| ("assumed", clean(assumed))));
    figures.extend(row.unread.iter().map(|unread| ("not read", clean(unread))));
    let mut figures: Vec<(Cow<'_, str>, String)> = figures
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
    let told = row
        .details
        .iter()
        .map(|told| (clean(&told.name).into(), clean(&told.value)));
    figures.extend(told);
    if !row.intervals.is_empty() {
        figures.push(("completes over time".into(), over_time(&row.intervals)));
    }
    figures
}

/// Intervals shown, the last ones.
const INTERVALS: usize = 14;

/// Completes of the last intervals, each with its end.
fn over_time(intervals: &[Interval]) -> String {
    let last = intervals.iter().rev().take(INTERVALS).rev();
    let shown = last.map(|one| format!("{} by {}", one.completes, one.ends.strftime("%m-%d %H:%M")));
    shown.collect::<Vec<_>>().join(", ")
}

/// What something ends with, in words.
pub(super) fn forecast(end: &Forecast) -> String {
    let rate = if end.recent {
        ", at the rate of the last days"
    } else {
        ""
    };
    if let Some(full) = end.full {
        return format!("full on {}{rate}", full.strftime("%Y-%m-%d %H:%M UTC"));
    }
    let range = match (end.low, end.high) {
        (low, high) if low == high => String::new(),
        (low, high) => format!(", {low} to {high} in four of five cases"),
    };
    format!("{} at the end{range}{rate}", end.completes)
}

/// What something ends with, in the fewest words.
pub(super) fn short(end: &Forecast) -> String {
    match (end.full, end.low, end.high) {
        (Some(full), ..) => format!("full on {}", full.strftime("%m-%d")),
        (None, low, high) if low == high => end.completes.to_string(),
        (None, low, high) => format!("{} ({low} to {high})", end.completes),
    }
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
pub(super) fn bar(completes: Option<u64>, goal: Option<u64>, width: usize) -> String {
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

/// How pressing a verdict is, for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Bad,
    Warn,
    Good,
    Calm,
}

pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Gone | Verdict::Unread | Verdict::Stalled | Verdict::Unclear => Tone::Bad,
        Verdict::EndedShort
        | Verdict::CheckFailed
        | Verdict::SoftLaunchWaiting
        | Verdict::OverquotaRisk
        | Verdict::Slow => Tone::Warn,
        Verdict::OnTrack | Verdict::Done => Tone::Good,
        Verdict::InField
        | Verdict::Scheduled
        | Verdict::Paused
        | Verdict::Closed
        | Verdict::Draft
        | Verdict::Unmade => Tone::Calm,
    }
}

fn colour(verdict: Verdict) -> Ansi {
    let colour = match tone(verdict) {
        Tone::Bad => AnsiColor::Red,
        Tone::Warn => AnsiColor::Yellow,
        Tone::Good => AnsiColor::Green,
        Tone::Calm => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests;
