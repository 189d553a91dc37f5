//! What was done and who is behind it: `infield.log/1` and `infield.blame/1` as JSON, and as text.

use super::Style;
use super::json::pretty;
use super::page::Page;
use super::paint::Paint;
use super::words::{self, clean};
use crate::history::{Blamed, Did, Fate, Outcome, Remembered, Run, Since, Whence};
use crate::model::Address;
use crate::plan::step::MoneyReport;
use crate::plan::{Action, Change, hash};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was done, the last run first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield log")]
pub struct LogReport {
    /// The format's name and version.
    pub format: LogFormat,
    /// The environment.
    pub environment: String,
    /// The runs.
    pub runs: Vec<Run>,
    /// Whether there are older ones.
    pub more: bool,
    /// What of the history could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogFormat {
    /// The first version.
    #[serde(rename = "infield.log/1")]
    V1,
}

/// Who is behind the values that are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield blame")]
pub struct BlameReport {
    /// The format's name and version.
    pub format: BlameFormat,
    /// The environment.
    pub environment: String,
    /// The values, survey by survey.
    pub values: Vec<Blamed>,
    /// What of the history could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BlameFormat {
    /// The first version.
    #[serde(rename = "infield.blame/1")]
    V1,
}

/// The end of a run's id: enough to name it, because its beginning is the time.
pub fn short_id(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

/// A time as people read it.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn short_commit(commit: &str) -> String {
    clean(&commit.chars().take(8).collect::<String>())
}

/// Whether this run is about something with one of these names; about anything where there are none.
pub fn is_about(run: &Run, names: &dyn Fn(&Address) -> bool) -> bool {
    let steps = run.steps.iter().map(|did| &did.address);
    let moves = run.moves.iter().flat_map(|moved| [&moved.from, &moved.to]);
    let remembered = run.remembered.iter().map(|one| &one.address);
    steps.chain(moves).chain(remembered).any(names)
}

impl LogReport {
    /// The report as JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// The report for people: of each run what is about a name that `shown` takes.
    pub fn to_text(&self, shown: &dyn Fn(&Address) -> bool, style: &Style) -> String {
        let mut text = Text {
            page: Page::new(style.width),
            paint: Paint { on: style.colour },
            all: style.verbose,
        };
        for run in &self.runs {
            text.run(run, shown);
        }
        match (self.runs.is_empty(), self.more) {
            (true, _) => text.page.line("Nothing is in the history."),
            (false, true) => text.page.line("There are older runs: --limit shows more."),
            (false, false) => {}
        }
        text.page.finish()
    }
}

struct Text {
    page: Page,
    paint: Paint,
    all: bool,
}

impl Text {
    fn run(&mut self, run: &Run, shown: &dyn Fn(&Address) -> bool) {
        let head = self
            .paint
            .heading(&format!("{}  {}", time(run.started), clean(&run.command)));
        let mut parts = vec![format!("by {}", clean(&run.by.actor))];
        parts.extend(
            run.by
                .commit
                .as_deref()
                .map(|commit| format!("commit {}", short_commit(commit))),
        );
        parts.extend(
            run.plan
                .as_deref()
                .map(|plan| format!("plan {}", clean(hash::short(plan)))),
        );
        parts.extend(run.money.iter().filter_map(money));
        parts.push(format!("run {}", clean(short_id(&run.id))));
        self.page.paragraph(&format!("{head}  "), 4, &parts.join(", "));
        if let Some(pipeline) = &run.by.pipeline {
            self.page.line(&format!("    {}", clean(pipeline)));
        }
        for moved in run
            .moves
            .iter()
            .filter(|moved| shown(&moved.from) || shown(&moved.to))
        {
            let (from, to) = (clean(moved.from.as_str()), clean(moved.to.as_str()));
            self.page.paragraph("  ", 6, &format!("→ {from} is {to}"));
        }
        for did in run.steps.iter().filter(|did| shown(&did.address)) {
            self.did(run, did);
        }
        for one in run.remembered.iter().filter(|one| shown(&one.address)) {
            self.remembered(one);
        }
        for said in &run.said {
            self.page.paragraph("  ", 6, &format!("· {}", clean(said)));
        }
        self.how_it_ended(run);
        self.page.gap();
    }

    fn did(&mut self, run: &Run, did: &Did) {
        let head = format!(
            "{} {} {}",
            words::symbol(did.action),
            did.action,
            clean(did.address.as_str())
        );
        let head = self.paint.action(did.action, &head);
        let changes = match did.action {
            // All of it is new.
            Action::Create => words::count(did.changes.len(), "value", "values"),
            _ => self.changes(&did.changes),
        };
        let said = clean(&run.in_words(&did.step));
        let outcome = match run.outcome(&did.step).map(|end| end.outcome) {
            Some(Outcome::Done) => said,
            _ => self.paint.attention(&said),
        };
        let changes = match changes.is_empty() {
            true => String::new(),
            false => format!("{changes}: "),
        };
        self.page
            .paragraph(&format!("  {head}: "), 6, &format!("{changes}{outcome}"));
    }

    fn remembered(&mut self, one: &Remembered) {
        let id = one
            .id
            .as_deref()
            .map_or_else(String::new, |id| format!(" ({})", clean(id)));
        let name = clean(one.address.as_str());
        let said = match one.fate {
            Fate::Added => format!("· {name}{id} is remembered since"),
            Fate::Changed => format!("· {name} is remembered otherwise: {}", self.changes(&one.changes)),
            Fate::Forgotten => format!("· {name}{id} is forgotten; it stays at its vendor as it is"),
        };
        self.page.paragraph("  ", 6, &said);
    }

    fn changes(&self, changes: &[Change]) -> String {
        let shown = if self.all { changes.len() } else { words::SHOWN };
        let one = |change: &Change| {
            let (before, after) = (change.before.value(), change.after.value());
            let (before, after) = (words::value(&before, self.all), words::value(&after, self.all));
            format!("{} {before} → {after}", words::field(&change.path))
        };
        words::some(changes.iter().map(one), shown)
    }

    fn how_it_ended(&mut self, run: &Run) {
        let said = match &run.end {
            None => "how it ended was not seen: it may have been killed".to_owned(),
            Some(end) => match (&end.broken, end.interrupted) {
                (Some(why), _) => format!("it broke off: {}", clean(why)),
                (None, true) => "it was interrupted".to_owned(),
                (None, false) => return,
            },
        };
        let said = self.paint.attention(&said);
        self.page.paragraph("  ", 6, &said);
    }
}

/// What a run changed of the money at stake; none where it changed nothing.
fn money(money: &MoneyReport) -> Option<String> {
    let nothing = money.before == money.after;
    (!nothing).then(|| format!("{} {}", words::signed(&money.change), money.currency))
}

impl BlameReport {
    /// The report as JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// The report for people.
    pub fn to_text(&self, style: &Style) -> String {
        let mut page = Page::new(style.width);
        let paint = Paint { on: style.colour };
        let field = |one: &Blamed| words::field(&one.field);
        let width = self.values.iter().map(|one| words::columns(&field(one))).max();
        let mut last: Option<&Address> = None;
        for one in &self.values {
            if last != Some(&one.address) {
                if last.is_some() {
                    page.gap();
                }
                page.line(&paint.heading(&clean(one.address.as_str())));
                last = Some(&one.address);
            }
            let value = match one.field.ends_with("/where") {
                true => words::who(&one.value, style.verbose),
                false => words::value(&one.value, style.verbose),
            };
            let field = words::padded(&field(one), width.unwrap_or(0));
            page.line(&format!("  {field}  {value}"));
            page.paragraph("      ", 6, &paint.dim(&whence(one)));
        }
        page.finish()
    }
}

/// How a value came, in words.
fn whence(one: &Blamed) -> String {
    let Some(since) = &one.since else {
        return "it was there before this history begins".to_owned();
    };
    let run = who(since);
    match one.whence {
        Whence::Applied => run,
        Whence::Unsure => format!("perhaps by this run, whose end was not seen or failed: {run}"),
        Whence::Taken => format!("as it was found and taken over: {run}"),
        Whence::Elsewhere => format!("changed by nobody in this history, after {run}"),
        Whence::Before => "it was there before this history begins".to_owned(),
    }
}

fn who(since: &Since) -> String {
    let mut parts = vec![format!(
        "{} {} by {}",
        time(since.at),
        clean(&since.command),
        clean(&since.by.actor)
    )];
    parts.extend(
        since
            .by
            .commit
            .as_deref()
            .map(|commit| format!("commit {}", short_commit(commit))),
    );
    parts.extend(
        since
            .plan
            .as_deref()
            .map(|plan| format!("plan {}", clean(hash::short(plan)))),
    );
    parts.push(format!("run {}", clean(short_id(&since.run))));
    parts.join(", ")
}
