//! The cells that the quotas of a survey make: who is counted together, and how many of them can still take part.
//!
//! Promises: pure; everybody who may take part is in one cell of a table and in no other; no more completes can come of a
//! cell than are said. A table of too many cells is not worked out, and only their number is told.

pub use super::layer::Part;
use super::layer::{self, Alike, Said};
use super::stake::{Fielding, Left, open};
use crate::model::codebook::Codebook;
use crate::model::{LiveQuota, SurveySpec, VendorId};
use std::collections::{BTreeMap, BTreeSet};

/// Most cells of a table.
pub const MOST: usize = 500;

/// The cells of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The goal.
    pub goal: Option<u64>,
    /// Completes that can still come, with the quotas that keep it below its goal; `None` where nothing bounds them.
    pub left: Option<Left>,
    /// Why it is not known that a full quota turns anybody away; `None` where it is.
    pub doubt: Option<String>,
    /// A table for all quotas over the same questions.
    pub layers: Vec<Table>,
    /// All of them at once, where there are several.
    pub crossing: Option<Table>,
    /// Quotas to which nobody who may take part can belong.
    pub nobody: Vec<String>,
}

/// Cells of quotas over some questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The vendor's codes of the questions.
    pub over: Vec<String>,
    /// The quotas.
    pub quotas: Vec<String>,
    /// What they want together.
    pub sum: u64,
    /// The cells; none where they are too many.
    pub cells: Vec<Cell>,
    /// How many there are; `None` where nobody counted so far.
    pub count: Option<u64>,
}

/// People who belong to the same quotas of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The quotas; none for those who fall through.
    pub quotas: Vec<String>,
    /// Who they are: any of these.
    pub people: Vec<Vec<Part>>,
    /// The smallest number that one of its quotas wants.
    pub wanted: Option<u64>,
    /// Completes that can still come of them at most; `None` where nothing bounds them.
    pub takes: Option<u64>,
}

impl Table {
    /// Whether these are the quotas that keep a survey below its goal.
    pub fn caps(&self, left: Option<&Left>) -> bool {
        left.is_some_and(|left| {
            !left.layer.is_empty() && left.layer.iter().all(|one| self.quotas.contains(one))
        })
    }
}

/// The cells of a survey as its manifest wants it, before there is anything.
pub fn wanted(vendor: VendorId, spec: &SurveySpec, book: &Codebook) -> Cells {
    let fielding = Fielding::wanted(vendor, spec);
    let all = Everybody {
        fielding: &fielding,
        book,
        answers: fielding.answers(book),
        left: fielding.completes(book),
        stops: fielding.doubt().is_none(),
        only_counted: vendor.facts().quotas_let_in,
    };
    let dimensions = fielding.dimensions();
    let over = |(over, quotas): (&Vec<String>, &Vec<&LiveQuota>)| all.layer(over.clone(), quotas);
    let layers: Vec<Table> = dimensions.iter().map(over).collect();
    let crossing = (layers.len() > 1).then(|| all.crossing(&layers));
    let nobody = fielding.counted().into_iter();
    let nobody = nobody.filter(|quota| !layer::may_meet(&[Vec::new()], &all.answers, quota));
    Cells {
        goal: fielding.goal(),
        doubt: fielding.doubt(),
        nobody: nobody.map(name).collect(),
        left: all.left,
        layers,
        crossing,
    }
}

fn name(quota: &LiveQuota) -> String {
    quota.name.clone().unwrap_or_else(|| quota.id.clone())
}

/// All who may take part in a survey.
struct Everybody<'a> {
    fielding: &'a Fielding,
    book: &'a Codebook,
    answers: BTreeMap<String, Vec<Said>>,
    left: Option<Left>,
    stops: bool,
    only_counted: bool,
}

impl Everybody<'_> {
    fn table(
        &self,
        over: Vec<String>,
        quotas: &[&LiveQuota],
        mut alike: Option<Vec<Alike>>,
        whole: bool,
    ) -> Table {
        // In the order of the manifest, and who falls through behind the others.
        let order = |one: &Alike| (one.members.is_empty(), one.members.clone());
        alike.iter_mut().for_each(|alike| alike.sort_by_key(order));
        let cell = |alike: Alike| {
            let members: Vec<&LiveQuota> = alike.members.iter().map(|at| quotas[*at]).collect();
            Cell {
                quotas: members.iter().map(|quota| name(quota)).collect(),
                wanted: members.iter().map(|quota| quota.completes).min(),
                takes: self.takes(&members, &alike.people, whole),
                people: alike.people,
            }
        };
        let count = alike.as_ref().map(|alike| alike.len() as u64);
        Table {
            over,
            quotas: quotas.iter().map(|quota| name(quota)).collect(),
            sum: quotas
                .iter()
                .fold(0_u64, |sum, quota| sum.saturating_add(quota.completes)),
            cells: alike.into_iter().flatten().map(cell).collect(),
            count,
        }
    }

    /// What can come of people who all belong to these quotas. Where no quota tells them apart, the smallest bounds them.
    fn takes(&self, members: &[&LiveQuota], people: &[Vec<Part>], whole: bool) -> Option<u64> {
        let own = members
            .iter()
            .map(|quota| open(quota))
            .min()
            .filter(|_| self.stops);
        let all = match whole || !self.stops {
            true => self.left.as_ref().map(|left| left.completes),
            false => {
                let some = self.fielding.among(people, &self.answers);
                some.completes(self.book).map(|left| left.completes)
            }
        };
        own.into_iter().chain(all).min()
    }

    fn layer(&self, over: Vec<String>, quotas: &[&LiveQuota]) -> Table {
        let asked = |(question, _): &(&String, &Vec<Said>)| over.contains(question);
        let answers = self.answers.iter().filter(asked);
        let answers = answers.map(|(question, said)| (question.clone(), said.clone()));
        let mut alike = layer::alike(&answers.collect(), quotas, MOST);
        if let Some(alike) = alike.as_mut().filter(|_| self.only_counted) {
            alike.retain(|one| !one.members.is_empty());
        }
        self.table(over, quotas, alike, false)
    }

    fn crossing(&self, layers: &[Table]) -> Table {
        let quotas = self.fielding.counted();
        let over: Vec<String> = self.answers.keys().cloned().collect();
        let asked: usize = layers.iter().map(|layer| layer.over.len()).sum();
        // Where no two layers ask the same question, every cell of one crosses every cell of the others.
        let product = layers
            .iter()
            .try_fold(1_u64, |product, layer| Some(product.saturating_mul(layer.count?)))
            .filter(|_| asked == over.len());
        let few = product.is_none_or(|product| product <= MOST as u64);
        let mut alike = few.then(|| layer::alike(&self.answers, &quotas, MOST)).flatten();
        if let Some(alike) = alike.as_mut().filter(|_| self.only_counted) {
            let places: Vec<BTreeSet<usize>> = layers
                .iter()
                .map(|layer| {
                    let inside = |at: &usize| layer.quotas.contains(&name(quotas[*at]));
                    (0..quotas.len()).filter(inside).collect()
                })
                .collect();
            alike.retain(|one| {
                let counted = |layer: &BTreeSet<usize>| one.members.iter().any(|at| layer.contains(at));
                places.iter().all(counted)
            });
        }
        let table = self.table(over, &quotas, alike, true);
        Table {
            count: table.count.or(product),
            ..table
        }
    }
}

#[cfg(test)]
mod tests;
