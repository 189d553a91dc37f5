//! Surveys in field, summed by the value of a tag.

use crate::fieldwork::{Fieldwork, Verdict};
use crate::model::money::Purse;
use crate::model::{Money, tags};
use crate::report::by_tag;
use crate::report::page::Page;
use crate::report::words::count;
use iso_currency::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What surveys have together, by the value of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ByTag {
    /// The word that the tags begin with.
    pub tag: String,
    /// The surveys of each value; those without any come last.
    pub groups: Vec<TagGroup>,
}

/// Surveys with the same value. `null` is not known, as soon as it is not known of one that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TagGroup {
    /// The value; several where the surveys have several, none where they have none.
    pub values: Vec<String>,
    /// How many surveys, and groups of those that have groups.
    pub surveys: usize,
    /// Completes collected.
    pub completes: Option<u64>,
    /// Completes wanted.
    pub goal: Option<u64>,
    /// What the completes so far cost, and what they will have cost at the end, an entry for each currency.
    pub money: Vec<TagMoney>,
    /// How many of the surveys that are made are not in that money, because their cost is not known.
    pub cost_unknown: usize,
}

/// Money in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TagMoney {
    /// What the completes so far cost.
    pub cost: Money,
    /// What they will have cost at the end; `null` where that is not known of one survey.
    pub projected_cost: Option<Money>,
}

impl TagGroup {
    fn sum(values: Vec<String>, rows: &[&Fieldwork]) -> Self {
        let made = || rows.iter().filter(|row| row.verdict != Verdict::Unmade);
        let sum = |of: fn(&Fieldwork) -> Option<u64>| made().map(|row| of(row)).sum();
        let (mut cost, mut projected) = (Purse::default(), Purse::default());
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for (spent, row) in made().filter_map(|row| Some((row.cost?, row))) {
            cost.add(spent);
            match row.projected_cost.filter(|end| end.currency == spent.currency) {
                Some(end) => projected.add(end),
                None => drop(open.insert(spent.currency.code())),
            }
        }
        let end = |currency: Currency| {
            let known = !open.contains(currency.code());
            known.then(|| projected.of(currency))
        };
        let money = cost.sums().map(|cost| TagMoney {
            cost,
            projected_cost: end(cost.currency),
        });
        Self {
            values,
            surveys: rows.len(),
            completes: sum(|row| row.completes),
            goal: sum(|row| row.goal),
            money: money.collect(),
            cost_unknown: made().filter(|row| row.cost.is_none()).count(),
        }
    }
}

impl ByTag {
    /// The sums of surveys, each with its tags.
    pub fn new<'a>(
        tag: &str,
        surveys: &[Fieldwork],
        tags_of: impl Fn(&Fieldwork) -> Option<&'a BTreeSet<String>>,
    ) -> Self {
        let values = |row: &&Fieldwork| tags_of(row).map_or_else(Vec::new, |tags| tags::group(tags, tag));
        let groups = by_tag::grouped(surveys, values);
        Self {
            tag: tag.to_owned(),
            groups: groups
                .into_iter()
                .map(|(values, rows)| TagGroup::sum(values, &rows))
                .collect(),
        }
    }

    /// As a table.
    pub(in crate::report) fn draw(&self, page: &mut Page) {
        let head = [
            self.tag.as_str(),
            "surveys",
            "completes",
            "cost so far",
            "projected",
        ];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        let unknown = || "unknown".to_owned();
        let number = |n: Option<u64>| n.map_or_else(unknown, |n| n.to_string());
        for group in &self.groups {
            let line = vec![
                by_tag::named(&group.values, &self.tag),
                group.surveys.to_string(),
                format!("{} of {}", number(group.completes), number(group.goal)),
            ];
            let money = group.money.iter().map(|money| {
                let end = money.projected_cost.map(|end| end.to_string());
                vec![money.cost.to_string(), end.unwrap_or_else(unknown)]
            });
            by_tag::add_lines(&mut lines, line, money.collect());
        }
        by_tag::table(page, &lines);
        page.gap();
        for group in self.groups.iter().filter(|group| group.cost_unknown > 0) {
            let (name, some) = (
                by_tag::named(&group.values, &self.tag),
                count(group.cost_unknown, "survey", "surveys"),
            );
            page.paragraph(
                "",
                4,
                &format!("{name}: the cost of {some} is not known and not in it"),
            );
        }
        if self.groups.iter().any(|group| group.cost_unknown > 0) {
            page.gap();
        }
    }
}
