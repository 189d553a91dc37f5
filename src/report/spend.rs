//! What surveys collected and cost in some time, summed by the value of a tag: `infield.spend/1` as JSON, and as text.

use super::by_tag::{self, named};
use super::json::pretty;
use super::page::Page;
use super::words::clean;
use crate::history::{Period, Spent};
use crate::model::money::Purse;
use crate::model::{Address, tags};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Surveys with gaps that are shown, unless all are wanted.
const SHOWN: usize = 10;

/// What was spent, by the value of a tag. A complete counts when a look saw it first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield log --by")]
pub struct SpendReport {
    /// The format's name and version.
    pub format: SpendFormat,
    /// The environment.
    pub environment: String,
    /// The word that the tags begin with.
    pub tag: String,
    /// The first moment that counts, UTC; `null` where everything does that was seen.
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The first moment that does not count any more, UTC.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// The surveys of each value; those without any come last.
    pub groups: Vec<SpendGroup>,
    /// What of the history could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SpendFormat {
    /// The first version.
    #[serde(rename = "infield.spend/1")]
    V1,
}

/// Surveys with the same value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpendGroup {
    /// The value; several where the surveys have several, none where they have none.
    pub values: Vec<String>,
    /// How many surveys, and groups of those that have groups.
    pub surveys: usize,
    /// Completes, as far as they are known; fewer than none where more were taken back than came.
    pub completes: i64,
    /// What they cost, as far as it is known, an entry for each currency; less than nothing where more was taken back.
    #[schemars(example = ["25.00 USD"])]
    pub spent: Vec<String>,
    /// The part of it that came between a look before that time and the first one in it.
    pub may_be_earlier: Vec<String>,
    /// What is not in it.
    pub not_known: Vec<NotKnown>,
}

/// Something that is not in a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotKnown {
    /// The survey or group.
    pub address: Address,
    /// The vendor's id.
    pub id: String,
    /// What is not known of it, in words.
    pub what: String,
}

/// Every currency of a purse.
fn shown(purse: &Purse) -> Vec<String> {
    purse.sums().map(|sum| sum.to_string()).collect()
}

impl SpendGroup {
    fn sum(values: Vec<String>, all: &[&Spent]) -> Self {
        let (mut spent, mut earlier) = (Purse::default(), Purse::default());
        spent.extend(all.iter().filter_map(|one| one.money));
        earlier.extend(all.iter().filter_map(|one| one.may_be_earlier));
        let gap = |one: &&Spent| {
            Some(NotKnown {
                address: one.address.clone(),
                id: one.id.clone(),
                what: one.gap?.to_string(),
            })
        };
        Self {
            values,
            surveys: all.len(),
            completes: all.iter().filter_map(|one| one.completes).sum(),
            spent: shown(&spent),
            may_be_earlier: shown(&earlier),
            not_known: all.iter().filter_map(gap).collect(),
        }
    }
}

impl SpendReport {
    /// The sums of what surveys spent.
    pub fn new(environment: &str, tag: &str, period: Period, all: &[Spent], unread: Vec<String>) -> Self {
        let groups = by_tag::grouped(all, |one| tags::group(&one.tags, tag));
        Self {
            format: SpendFormat::V1,
            environment: environment.to_owned(),
            tag: tag.to_owned(),
            from: period.from,
            until: period.until,
            groups: groups
                .into_iter()
                .map(|(values, all)| SpendGroup::sum(values, &all))
                .collect(),
            unread,
        }
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// The report for people.
    pub fn to_text(&self, width: usize, all: bool) -> String {
        let mut page = Page::new(width);
        if self.groups.is_empty() {
            page.line("No look at a survey is in the history of that time.");
            return page.finish();
        }
        let head = [self.tag.as_str(), "surveys", "completes", "spent"];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        for group in &self.groups {
            let line = vec![
                named(&group.values, &self.tag),
                group.surveys.to_string(),
                group.completes.to_string(),
            ];
            let money = group.spent.iter().map(|money| vec![money.clone()]).collect();
            by_tag::add_lines(&mut lines, line, money);
        }
        by_tag::table(&mut page, &lines);
        page.gap();
        for group in self
            .groups
            .iter()
            .filter(|group| !group.may_be_earlier.is_empty())
        {
            let (name, money) = (
                named(&group.values, &self.tag),
                group.may_be_earlier.join(" and "),
            );
            let said =
                format!("{name}: {money} of it came between two looks, and may have come before that time");
            page.paragraph("", 4, &said);
        }
        let gaps: Vec<&NotKnown> = self.groups.iter().flat_map(|group| &group.not_known).collect();
        let shown = if all { gaps.len() } else { SHOWN };
        for one in gaps.iter().take(shown) {
            let (name, id) = (clean(one.address.as_str()), clean(&one.id));
            page.paragraph("", 4, &format!("not in it, of {name} ({id}): {}", one.what));
        }
        if gaps.len() > shown {
            page.line(&format!("and {} more; -v shows all", gaps.len() - shown));
        }
        page.paragraph(
            "",
            0,
            "A complete counts when a look saw it first: `status`, `plan` and `apply` look.",
        );
        page.finish()
    }
}
