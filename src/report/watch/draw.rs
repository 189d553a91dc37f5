//! The board as lines of so many columns.

use super::{Board, Reading};
use crate::fieldwork::Fieldwork;
use crate::report::Style;
use crate::report::status::{self, Sums, Tone, bar, of, tone};
use crate::report::words::{clean, columns, count, padded};
use std::time::Duration;

/// How a part of a line looks. Colour is left to whoever draws; without it the words are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As any text.
    Plain,
    /// A heading.
    Strong,
    /// Something that may be skipped.
    Soft,
    /// What is chosen.
    Chosen,
    /// Somebody has to do something.
    Bad,
    /// Somebody should look.
    Uneasy,
    /// It goes well.
    Good,
    /// Nothing goes on.
    Calm,
}

impl From<Tone> for Look {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Bad => Self::Bad,
            Tone::Warn => Self::Uneasy,
            Tone::Good => Self::Good,
            Tone::Calm => Self::Calm,
        }
    }
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// A line of the screen.
pub type Line = Vec<Span>;

/// Columns of a bar in the list.
const BAR: usize = 10;
/// A terminal narrower than this has no room for reasons and bars beside the figures.
const ROOMY: usize = 72;
/// Columns that a reason needs to be worth a word.
const REASON: usize = 16;

/// What the keys do, the most needed first.
const KEYS: [&str; 7] = [
    "q leave",
    "↑↓ move",
    "Enter details",
    "/ filter",
    "o only trouble",
    "s sort",
    "r read now",
];
/// The same while details are shown.
const KEYS_OPEN: [&str; 4] = ["q leave", "Esc back", "↑↓ scroll", "r read now"];
/// The same while a filter is typed.
const KEYS_TYPING: [&str; 2] = ["Enter keeps it", "Esc clears it"];

fn span(text: impl Into<String>, look: Look) -> Span {
    Span {
        text: text.into(),
        look,
    }
}

/// As much of a text as there is room for; what is cut ends with `…`.
fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for letter in text.chars() {
        used += columns(letter.encode_utf8(&mut [0; 4]));
        if used + 1 > width {
            break;
        }
        kept.push(letter);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// Takes away what is behind the edge.
fn clip(line: &mut Line, width: usize) {
    let mut left = width;
    for span in line {
        span.text = cut(&span.text, left);
        left -= columns(&span.text);
    }
}

/// A time that went by, in its largest whole unit.
fn ago(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

impl Board {
    /// The screen: at most so many lines of at most so many columns.
    pub fn lines(&mut self, now: Duration, width: usize, height: usize) -> Vec<Line> {
        let mut lines = self.head(now, width);
        // The last line is for the keys.
        let room = height.saturating_sub(lines.len() + 1);
        self.page = room.max(1);
        let body = match self.open {
            Some(_) => self.details(width, room),
            None => self.list(width, room),
        };
        let filled = lines.len() + room;
        lines.extend(body);
        lines.resize(filled, Line::new());
        lines.push(self.foot(width));
        lines.truncate(height);
        lines.iter_mut().for_each(|line| clip(line, width));
        lines
    }

    /// What all of it is, when it was so, and the totals.
    fn head(&self, now: Duration, width: usize) -> Vec<Line> {
        let environment = clean(&self.report.environment);
        let as_of = self.report.as_of.strftime("%Y-%m-%d %H:%M:%S UTC");
        let title = format!("infield status of {environment}, {as_of}");
        let clock = self.clock(now);
        let gap = width.saturating_sub(columns(&title) + columns(&clock));
        let mut lines = match gap {
            0..2 => vec![
                vec![span(cut(&title, width), Look::Strong)],
                vec![span(cut(&clock, width), Look::Soft)],
            ],
            gap => vec![vec![
                span(title, Look::Strong),
                span(" ".repeat(gap), Look::Plain),
                span(clock, Look::Soft),
            ]],
        };
        lines.push(self.totals(width));
        if width >= ROOMY {
            let sums = Sums::of(self.report.surveys.iter().map(|row| self.latest(row)));
            let each = sums.each.iter();
            let each = each.map(|[cost, end]| format!("{cost} spent, {end} at the end"));
            let without = sums.without.map(|without| format!("without {without}"));
            let money = each.chain(without).collect::<Vec<_>>().join("; ");
            lines.push(vec![span(cut(&money, width), Look::Plain)]);
        }
        if let Some((since, why)) = &self.failing {
            let said = format!(
                "no look worked for {}: {}",
                ago(now.saturating_sub(*since)),
                clean(why)
            );
            lines.push(vec![span(cut(&said, width), Look::Bad)]);
        }
        if let Some(said) = &self.said {
            lines.push(vec![span(cut(&clean(said), width), Look::Uneasy)]);
        }
        lines
    }

    /// `read 20 s ago, next in 40 s`
    fn clock(&self, now: Duration) -> String {
        let read = format!("read {} ago", ago(now.saturating_sub(self.read)));
        let next = match self.reading {
            Reading::Runs => "reading now".to_owned(),
            Reading::Waits => {
                let left = (self.tried + self.every).saturating_sub(now);
                format!("next in {}", ago(left))
            }
        };
        format!("{read}, {next}")
    }

    /// How many have which verdict, the most pressing first.
    fn totals(&self, width: usize) -> Line {
        let all = count(self.report.surveys.len(), "survey", "surveys");
        let mut line = vec![span(cut(&format!("{all}: "), width), Look::Plain)];
        let mut left = width.saturating_sub(columns(&line[0].text));
        for (index, (verdict, n)) in self.report.summary.iter().enumerate() {
            let text = format!("{}{n} {verdict}", if index > 0 { ", " } else { "" });
            if columns(&text) > left {
                line.push(span(cut(&text, left), Look::Soft));
                break;
            }
            left -= columns(&text);
            line.push(span(text, tone(*verdict).into()));
        }
        line
    }

    /// A line for each survey that there is room for, with the chosen one in the middle, where it is not near an end.
    fn list(&self, width: usize, room: usize) -> Vec<Line> {
        let shown = self.shown();
        if shown.is_empty() {
            let none = match (self.report.surveys.is_empty(), self.trouble_only) {
                (true, _) => "No surveys.",
                (false, true) if self.filter.is_empty() => "Nothing that somebody has to look at.",
                (false, _) => "No survey is like that.",
            };
            return vec![vec![span(cut(none, width), Look::Soft)]]
                .into_iter()
                .take(room)
                .collect();
        }
        let most = |of: &dyn Fn(&Fieldwork) -> usize| shown.iter().map(|row| of(row)).max().unwrap_or(0);
        let columns = Columns::new(
            width,
            [
                most(&|row| columns(&clean(row.address.as_str()))),
                most(&|row| columns(&row.verdict.to_string())),
                most(&|row| self.counts(row).len()),
            ],
        );
        let first = self.cursor.saturating_sub(room / 2);
        let first = first.min(shown.len().saturating_sub(room));
        let rows = shown.iter().enumerate().skip(first).take(room);
        rows.map(|(index, row)| self.row(row, index == self.cursor, &columns))
            .collect()
    }

    /// A survey as it was read last.
    fn latest<'a>(&'a self, row: &'a Fieldwork) -> &'a Fieldwork {
        self.kept.get(&row.address).map_or(row, |(_, row)| row)
    }

    /// Its figures, where there are any.
    fn figures<'a>(&'a self, row: &'a Fieldwork) -> Option<&'a Fieldwork> {
        Some(self.latest(row)).filter(|row| row.verdict.has_figures())
    }

    /// `31 of 100`; empty where there is nothing to count.
    fn counts(&self, row: &Fieldwork) -> String {
        self.figures(row)
            .map_or_else(String::new, |row| of(row.completes, row.goal))
    }

    fn row(&self, row: &Fieldwork, chosen: bool, columns: &Columns) -> Line {
        let name = cut(&clean(row.address.as_str()), columns.name);
        let mut line = vec![
            span(if chosen { "› " } else { "  " }, Look::Strong),
            span(
                padded(&name, columns.name),
                if chosen { Look::Chosen } else { Look::Plain },
            ),
            span("  ", Look::Plain),
            span(
                padded(&cut(&row.verdict.to_string(), columns.verdict), columns.verdict),
                tone(row.verdict).into(),
            ),
        ];
        let figures = self.figures(row);
        let counts = self.counts(row);
        let look = match self.kept.contains_key(&row.address) {
            true => Look::Soft,
            false => Look::Plain,
        };
        if columns.bar > 0 {
            let bar = figures.map_or_else(
                || " ".repeat(columns.bar),
                |row| bar(row.completes, row.goal, columns.bar),
            );
            line.push(span(format!("  {bar}"), look));
        }
        if columns.counts > 0 {
            let counts = cut(&counts, columns.counts);
            let gap = columns.counts.saturating_sub(counts.chars().count());
            line.push(span(format!("  {}{counts}", " ".repeat(gap)), look));
        }
        if columns.why > 0 {
            let why = self.why(row);
            line.push(span(format!("  {}", cut(&why, columns.why)), Look::Plain));
        }
        line
    }

    /// Why it is so, and since when the figures stand where they are old.
    fn why(&self, row: &Fieldwork) -> String {
        let alarm = row.alarms.first().map(|alarm| format!("alarm: {alarm}"));
        let warning = row.warning.as_ref().map(|warning| format!("warning: {warning}"));
        let old = self.kept.get(&row.address);
        let old = old.map(|(as_of, _)| format!("figures of {}", as_of.strftime("%m-%d %H:%M")));
        let parts = old
            .into_iter()
            .chain([row.why.clone()])
            .chain(alarm)
            .chain(warning);
        clean(&parts.collect::<Vec<_>>().join("; "))
    }

    /// All that is known of the chosen one, from where it is scrolled to.
    fn details(&mut self, width: usize, room: usize) -> Vec<Line> {
        let Some(row) = self.chosen() else {
            return Vec::new();
        };
        let style = Style {
            width: width.max(1),
            verbose: true,
            ..Style::default()
        };
        let mut text = status::one(row, &style);
        if let Some((as_of, kept)) = self.kept.get(&row.address) {
            let as_of = as_of.strftime("%Y-%m-%d %H:%M:%S UTC");
            text = format!("{text}\nLast read {as_of}:\n\n{}", status::one(kept, &style));
        }
        let tone: Look = tone(row.verdict).into();
        let looks = |(index, line): (usize, &str)| {
            let alarming = ["  alarm:", "  warning:", "  not read:"]
                .iter()
                .any(|head| line.starts_with(head));
            let look = match (index, alarming) {
                (0, _) => tone,
                (_, true) => Look::Uneasy,
                (_, false) => Look::Plain,
            };
            vec![span(cut(line, width), look)]
        };
        let lines: Vec<Line> = text.lines().enumerate().map(looks).collect();
        let scroll = self.open.unwrap_or(0).min(lines.len().saturating_sub(room));
        self.open = Some(scroll);
        lines.into_iter().skip(scroll).take(room).collect()
    }

    /// What is shown of all, and what keys do.
    fn foot(&self, width: usize) -> Line {
        let mut line = Line::new();
        let mut left = width;
        let mut add = |text: String, look: Look| {
            let text = cut(&text, left);
            left -= columns(&text);
            line.push(span(text, look));
            left
        };
        if self.typing {
            add(format!("/{}▏ ", clean(&self.filter)), Look::Strong);
        } else if self.open.is_none() {
            let shown = self.shown().len();
            let mut state = vec![format!("{}/{shown}", (self.cursor + 1).min(shown))];
            state.extend((!self.filter.is_empty()).then(|| format!("/{}", clean(&self.filter))));
            state.extend(self.trouble_only.then(|| "only trouble".to_owned()));
            state.push(format!("by {}", self.order.word()));
            add(format!("{}  ", state.join(", ")), Look::Strong);
        }
        let keys: &[&str] = match (self.typing, self.open) {
            (true, _) => &KEYS_TYPING,
            (false, Some(_)) => &KEYS_OPEN,
            (false, None) => &KEYS,
        };
        let mut said = String::new();
        let room = add(String::new(), Look::Soft);
        for key in keys {
            let gap = if said.is_empty() { "" } else { "  " };
            if columns(&said) + gap.len() + columns(key) > room {
                break;
            }
            said = format!("{said}{gap}{key}");
        }
        add(said, Look::Soft);
        line
    }
}

/// How the width is shared out.
struct Columns {
    name: usize,
    verdict: usize,
    bar: usize,
    counts: usize,
    why: usize,
}

impl Columns {
    /// For a list whose longest name, verdict and figures are so long.
    fn new(width: usize, [name, verdict, counts]: [usize; 3]) -> Self {
        // The mark in front; two blanks before each further column.
        let left = width.saturating_sub(2);
        let bar = if width >= ROOMY && counts > 0 { BAR } else { 0 };
        let beside = |columns: usize| if columns > 0 { columns + 2 } else { 0 };
        let least = 8.min(name);
        // Figures go before a verdict that is cut.
        let verdict = verdict.min(left.saturating_sub(least + 2));
        let after = left.saturating_sub(verdict + 2);
        let counts = if after >= least + beside(counts) {
            counts
        } else {
            0
        };
        let room = after.saturating_sub(beside(counts) + beside(bar));
        let most = if width >= ROOMY { room / 2 } else { room };
        let name = name.min(most.max(least));
        let why = room.saturating_sub(name + 2);
        let why = if width >= ROOMY && why >= REASON { why } else { 0 };
        Self {
            name,
            verdict,
            bar,
            counts,
            why,
        }
    }
}
