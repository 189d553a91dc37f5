//! The cells that quotas make, as text and as JSON beside what is wrong with the manifests, `infield.diagnostics/1`.

use super::json::{pretty, schema_of};
use super::page::Page;
use super::paint::Paint;
use super::style::Style;
use super::words::{SHOWN, clean, columns, count, padded};
use crate::diag::json::Document;
use crate::model::{Address, VendorId, Words};
use crate::plan::cells::{Cell, Cells, Part, Table};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Cells shown of one table, unless all are wanted.
const CELLS: usize = 24;
/// Most columns of a crossing that is drawn as one.
const MOST_COLUMNS: usize = 8;
/// Fewest columns in which people stand beside their number.
const LEAST: usize = 24;
/// Widest name of a quota beside its numbers.
const WIDEST: usize = 32;

/// What is wrong with manifests, with the cells of their quotas where they were asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Document")]
pub struct Checked<'a> {
    /// What is wrong.
    #[serde(flatten)]
    pub problems: Document<'a>,
    /// The cells that the quotas of each survey make, with `--cells`; `null` where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<SurveyCells>>")]
    pub cells: Option<Option<&'a [SurveyCells]>>,
}

impl Checked<'_> {
    /// The document, on as many lines as it takes.
    pub fn to_text(&self) -> String {
        pretty(self)
    }

    pub(super) fn schema() -> serde_json::Value {
        schema_of::<Checked<'static>>()
    }
}

/// The cells of a survey, or of a group, as its manifest wants it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SurveyCells {
    /// The survey or group.
    pub survey: Address,
    /// Where.
    pub vendor: VendorId,
    /// Completes wanted of the whole.
    pub completes: Option<u64>,
    /// Completes that can come at most, by the goal and by the quotas; `null` where nothing bounds them.
    pub at_most: Option<u64>,
    /// The quotas that keep it below its goal; none where the goal is what counts.
    pub capped_by: Vec<String>,
    /// Why it is not known that a full quota turns anybody away, so that no quota caps anything; `null` where it is known.
    pub quotas_may_not_stop: Option<String>,
    /// Tables of quotas over the same questions.
    pub layers: Vec<CellTable>,
    /// The table of all quotas, where there are several layers.
    pub crossing: Option<CellTable>,
    /// Quotas to which nobody who may take part can belong.
    pub nobody: Vec<String>,
}

/// Cells of quotas over some questions: everybody who may take part is in one of them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CellTable {
    /// The questions.
    pub over: Vec<String>,
    /// Completes that its quotas want together.
    pub wanted: u64,
    /// Whether these quotas keep the survey below its goal.
    pub caps: bool,
    /// How many cells there are; `null` where they were not counted.
    pub count: Option<u64>,
    /// The cells; none where they are too many.
    pub cells: Vec<CellReport>,
}

/// People who belong to the same quotas.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CellReport {
    /// The quotas; none for people who fall through.
    pub quotas: Vec<String>,
    /// Who they are, by question: any of these. At most eight are listed.
    pub people: Vec<BTreeMap<String, Vec<String>>>,
    /// The smallest number that one of its quotas wants; `null` without quotas.
    pub wanted: Option<u64>,
    /// Completes that can still come of them at most; `null` where nothing bounds them.
    pub at_most: Option<u64>,
}

impl SurveyCells {
    /// The cells of a survey in the words of manifests.
    pub fn new(survey: &Address, vendor: VendorId, cells: &Cells, words: &Words<'_>) -> Self {
        let left = cells.left.as_ref();
        let table = |table: &Table| CellTable {
            over: table
                .over
                .iter()
                .map(|code| words.question(code).to_owned())
                .collect(),
            wanted: table.sum,
            caps: table.caps(left),
            count: table.count,
            cells: table
                .cells
                .iter()
                .map(|cell| CellReport::new(cell, words))
                .collect(),
        };
        Self {
            survey: survey.clone(),
            vendor,
            completes: cells.goal,
            at_most: left.map(|left| left.completes),
            capped_by: left.map(|left| left.layer.clone()).unwrap_or_default(),
            quotas_may_not_stop: cells.doubt.clone(),
            layers: cells.layers.iter().map(table).collect(),
            crossing: cells.crossing.as_ref().map(table),
            nobody: cells.nobody.clone(),
        }
    }
}

impl CellReport {
    fn new(cell: &Cell, words: &Words<'_>) -> Self {
        let somebody = |parts: &Vec<Part>| parts.iter().map(|part| part.describe(words)).collect();
        Self {
            quotas: cell.quotas.clone(),
            people: cell.people.iter().take(SHOWN).map(somebody).collect(),
            wanted: cell.wanted,
            at_most: cell.takes,
        }
    }

    /// `20`, or `20 of 100` where less can come than is wanted.
    fn number(&self) -> String {
        match (self.wanted, self.at_most) {
            (Some(wanted), Some(most)) if most < wanted => format!("{most} of {wanted}"),
            (Some(wanted), _) => wanted.to_string(),
            (None, Some(most)) => most.to_string(),
            (None, None) => "no bound".to_owned(),
        }
    }

    /// Its people in words.
    fn who(&self) -> String {
        let somebody = |parts: &BTreeMap<String, Vec<String>>| {
            let part = |(question, answers): (&String, &Vec<String>)| {
                let more = answers.len().saturating_sub(SHOWN);
                let shown: Vec<String> = answers.iter().take(SHOWN).map(|one| clean(one)).collect();
                let more = match more {
                    0 => String::new(),
                    more => format!(" or {more} more"),
                };
                format!("{}: {}{more}", clean(question), shown.join(" or "))
            };
            let parts: Vec<String> = parts.iter().map(part).collect();
            match parts.is_empty() {
                true => "everybody".to_owned(),
                false => parts.join(", "),
            }
        };
        let people: Vec<String> = self.people.iter().map(somebody).collect();
        people.join("; ")
    }
}

/// As text for a terminal.
pub fn render(all: &[SurveyCells], style: &Style) -> String {
    let mut page = Page::new(style.width);
    for survey in all.iter().filter(|survey| !survey.layers.is_empty()) {
        block(&mut page, survey, style);
        page.gap();
    }
    let without = all.iter().filter(|survey| survey.layers.is_empty()).count();
    if without > 0 {
        let (surveys, have) = (
            count(without, "survey", "surveys"),
            if without == 1 { "has" } else { "have" },
        );
        page.line(&format!("{surveys} {have} no quotas."));
    }
    page.finish()
}

fn block(page: &mut Page, survey: &SurveyCells, style: &Style) {
    let paint = Paint { on: style.colour };
    let lead = format!(
        "{} ({}): ",
        paint.heading(survey.survey.as_str()),
        survey.vendor.name()
    );
    let most = match (survey.at_most, survey.completes) {
        (Some(most), Some(goal)) if most < goal => format!("{most} of {goal} completes can come at most"),
        (Some(most), _) => format!("{} can come at most", count_of(most)),
        (None, _) => "nothing bounds its completes".to_owned(),
    };
    let capped = match survey.capped_by.is_empty() {
        true => String::new(),
        false => format!("; {} cap it", names(&survey.capped_by, ", ")),
    };
    page.paragraph(&lead, 4, &format!("{most}{capped}"));
    if let Some(why) = &survey.quotas_may_not_stop {
        let why = format!(
            "a full quota is not known to turn anybody away, so none caps the survey: {}",
            clean(why)
        );
        page.paragraph("  ", 4, &why);
    }
    for layer in &survey.layers {
        let caps = if layer.caps { ", caps the survey" } else { "" };
        let over = match layer.over.is_empty() {
            true => "everybody".to_owned(),
            false => names(&layer.over, " x "),
        };
        page.paragraph("  ", 4, &format!("{over}: {} wanted{caps}", layer.wanted));
        table(page, layer, &|cell| label(&cell.quotas, " + "), style);
    }
    if let Some(crossing) = &survey.crossing {
        let cells = crossing
            .count
            .map_or_else(|| "more than can be listed".to_owned(), |n| n.to_string());
        let few = !crossing.cells.is_empty();
        let rest = if few {
            ""
        } else {
            "; each takes what the smallest of its quotas takes"
        };
        page.paragraph("  ", 4, &format!("crossed: {cells} cells{rest}"));
        if !drawn(page, survey, crossing, style) {
            table(page, crossing, &|cell| label(&cell.quotas, " x "), style);
        }
    }
    let loose = survey
        .layers
        .iter()
        .filter(|layer| layer.cells.iter().any(|cell| cell.quotas.is_empty()));
    let loose: Vec<String> = loose.map(|layer| names(&layer.over, " x ")).collect();
    if !loose.is_empty() {
        let through = format!(
            "falls through: some who qualify are in no quota over {}",
            loose.join(", nor over ")
        );
        page.paragraph("  ", 4, &paint.attention(&through));
    }
    if !survey.nobody.is_empty() {
        let text = format!("nobody who qualifies can be in {}", names(&survey.nobody, ", "));
        page.paragraph("  ", 4, &paint.attention(&text));
    }
}

fn count_of(completes: u64) -> String {
    count(
        usize::try_from(completes).unwrap_or(usize::MAX),
        "complete",
        "completes",
    )
}

fn names(all: &[String], between: &str) -> String {
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| clean(name)).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => shown.join(between),
        more => format!("{} and {more} more", shown.join(between)),
    }
}

fn label(quotas: &[String], between: &str) -> String {
    match quotas.is_empty() {
        true => "no quota".to_owned(),
        false => names(quotas, between),
    }
}

/// A line for each cell: its quotas, its number, its people.
fn table(page: &mut Page, table: &CellTable, label: &dyn Fn(&CellReport) -> String, style: &Style) {
    let shown = if style.verbose { table.cells.len() } else { CELLS };
    let rows = table.cells.iter().take(shown);
    let rows: Vec<(String, String, String)> = rows
        .map(|cell| (label(cell), cell.number(), cell.who()))
        .collect();
    let widest =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| columns(text)).max().unwrap_or(0);
    let head = widest(&mut rows.iter().map(|(head, ..)| head));
    let head = head.min(WIDEST).min(style.width.saturating_sub(30).max(10));
    let numbers = widest(&mut rows.iter().map(|(_, number, _)| number));
    for (mut name, number, who) in rows {
        if columns(&name) > head {
            // A name that leaves no room for the number stands above it.
            page.paragraph("    ", 6, &name);
            name.clear();
        }
        let lead = format!("    {}  {number:>numbers$}  ", padded(&name, head));
        if style.width < head + numbers + 8 + LEAST {
            page.line(&lead);
            page.paragraph("      ", 8, &who);
        } else {
            page.paragraph(&lead, head + numbers + 8, &who);
        }
    }
    let more = table.cells.len().saturating_sub(shown);
    if more > 0 {
        page.line(&format!(
            "    and {}; -v shows all",
            count(more, "more cell", "more cells")
        ));
    }
}

/// The crossing of two layers with a line for each cell of one and a column for each of the other, where that fits.
fn drawn(page: &mut Page, survey: &SurveyCells, crossing: &CellTable, style: &Style) -> bool {
    let [first, second] = survey.layers.as_slice() else {
        return false;
    };
    let apart = first.over.iter().all(|question| !second.over.contains(question));
    let (rows, across) = match first.cells.len() < second.cells.len() {
        true => (second, first),
        false => (first, second),
    };
    let shown = if style.verbose { rows.cells.len() } else { CELLS };
    if !apart || crossing.cells.is_empty() || across.cells.len() > MOST_COLUMNS || rows.cells.len() > shown {
        return false;
    }
    let number = |row: &CellReport, column: &CellReport| {
        let here = |cell: &&CellReport| {
            let own = |one: &CellReport| one.quotas.iter().all(|quota| cell.quotas.contains(quota));
            own(row) && own(column) && cell.quotas.len() == row.quotas.len() + column.quotas.len()
        };
        crossing
            .cells
            .iter()
            .find(here)
            .map_or_else(String::new, CellReport::number)
    };
    let heads: Vec<String> = across
        .cells
        .iter()
        .map(|cell| label(&cell.quotas, " + "))
        .collect();
    let lines = rows.cells.iter().map(|row| {
        let numbers: Vec<String> = across.cells.iter().map(|column| number(row, column)).collect();
        (label(&row.quotas, " + "), numbers)
    });
    let lines: Vec<(String, Vec<String>)> = lines.collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|at| {
            let numbers = lines.iter().map(|(_, numbers)| columns(&numbers[at]));
            numbers.chain([columns(&heads[at])]).max().unwrap_or(0)
        })
        .collect();
    let head = lines.iter().map(|(head, _)| columns(head)).max().unwrap_or(0);
    if 4 + head + widths.iter().map(|width| width + 2).sum::<usize>() > style.width {
        return false;
    }
    let line = |head_text: &str, texts: &[String]| {
        let mut line = format!("    {}", padded(head_text, head));
        for (text, width) in texts.iter().zip(&widths) {
            line.push_str("  ");
            line.push_str(&" ".repeat(width - columns(text)));
            line.push_str(text);
        }
        line
    };
    page.line(&line("", &heads));
    for (head_text, numbers) in &lines {
        page.line(&line(head_text, numbers));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{PURESPECTRUM, purespectrum};
    use crate::model::{Answers, Criterion, Field, Quota, SurveySpec};

    fn cells(ages: &[&str]) -> SurveyCells {
        let quota = |name: &str, completes, question: &str, code: &str| Quota {
            name: name.to_owned(),
            completes,
            criteria: vec![Criterion {
                question: question.to_owned(),
                unit: None,
                answers: Answers::codes([code]),
            }]
            .into(),
        };
        let mut quotas = vec![quota("men", 20, "x1", "m"), quota("Women 18+", 30, "x1", "f")];
        quotas.extend(ages.iter().map(|age| quota(age, 100, "x2", age)));
        let spec = SurveySpec {
            completes: Field::Set(400),
            qualifications: Field::Set(
                vec![Criterion {
                    question: "x1".to_owned(),
                    unit: None,
                    answers: Answers::codes(["m", "f"]),
                }]
                .into(),
            ),
            quotas: Field::Set(quotas.into()),
            ..SurveySpec::default()
        };
        let codebook = &purespectrum::codebook::CODEBOOK;
        let words = Words {
            codebook,
            lexicon: None,
        };
        let cells = crate::plan::cells::wanted(PURESPECTRUM, &spec, codebook);
        SurveyCells::new(&Address::survey("soda"), PURESPECTRUM, &cells, &words)
    }

    #[test]
    fn two_layers_are_a_table_where_it_fits_and_a_list_where_it_does_not() {
        let at = |width| {
            let style = Style {
                width,
                ..Style::default()
            };
            render(&[cells(&["young", "old"])], &style)
        };
        let wide = "soda (PureSpectrum): 50 of 400 completes can come at most; men, Women 18+ cap it\n  \
                      x1: 50 wanted, caps the survey\n    \
                        men        20  x1: m\n    \
                        Women 18+  30  x1: f\n  \
                      x2: 200 wanted\n    \
                        young     50 of 100  x2: young\n    \
                        old       50 of 100  x2: old\n    \
                        no quota         50  x2: something else\n  \
                      crossed: 6 cells\n              \
                                  men  Women 18+\n    \
                        young      20         30\n    \
                        old        20         30\n    \
                        no quota   20         30\n  \
                      falls through: some who qualify are in no quota over x2\n\n";
        assert_eq!(at(100), wide);
        let narrow = at(32);
        assert!(narrow.lines().all(|line| columns(line) <= 32), "{narrow}");
        let narrow = at(26);
        assert!(narrow.contains("    Women 18+ x old\n"), "{narrow}");
    }

    #[test]
    fn long_tables_are_folded() {
        let ages: Vec<String> = (0..40).map(|age| format!("a{age}")).collect();
        let ages: Vec<&str> = ages.iter().map(String::as_str).collect();
        let survey = [cells(&ages)];
        let folded = render(&survey, &Style::default());
        assert!(
            folded.contains("    and 17 more cells; -v shows all\n"),
            "{folded}"
        );
        let style = Style {
            verbose: true,
            ..Style::default()
        };
        assert!(render(&survey, &style).contains("    a39 "));
    }
}
