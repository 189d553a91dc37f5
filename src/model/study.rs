//! A study: one manifest fielded at several marketplaces, which share its completes.
//!
//! Promises: what all parts together want is what the manifest says, to the complete, and never less at one of them than
//! it has collected.

use super::apportion::{divide, divide_rows};
use super::{Ladder, Quota, SurveySpec, VendorId};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a survey is divided between marketplaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Study {
    /// The share of each marketplace, percent; they sum to 100.
    pub shares: BTreeMap<VendorId, Decimal>,
    /// Marketplaces with quotas of their own, which are not divided.
    pub own_quotas: BTreeSet<VendorId>,
    /// What is divided, by the name of the group; a survey without groups is its only lot.
    pub lots: BTreeMap<String, Lot>,
    /// The stages of lots that are collected in stages, over all marketplaces together, by the name of the lot.
    pub ladders: BTreeMap<String, Ladder>,
}

/// Completes that are divided between marketplaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lot {
    /// All completes wanted; `None` where the manifest does not say.
    pub completes: Option<u64>,
    /// Its quotas, in manifest order.
    pub quotas: Vec<LotQuota>,
}

/// A quota that is divided between marketplaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotQuota {
    /// Its name.
    pub name: String,
    /// All completes wanted of it.
    pub completes: u64,
    /// Its questions, as one of the vendors names them; quotas over the same ones are divided together.
    pub dimension: Vec<String>,
}

/// What has been collected already, and stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Collected {
    /// Completes.
    pub completes: u64,
    /// Completes by quota, where that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quotas: BTreeMap<String, u64>,
}

impl Collected {
    /// Whether nothing is.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The same with what was collected elsewhere.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.completes += other.completes;
        for (quota, completes) in &other.quotas {
            *self.quotas.entry(quota.clone()).or_default() += completes;
        }
        self
    }

    /// Takes it off what a survey wants.
    pub fn off(&self, vendor: VendorId, spec: &mut SurveySpec, own_quotas: bool) {
        let only = [(vendor, Decimal::ONE_HUNDRED)].into();
        let parts = Lot::of(spec).divide(&only, &BTreeMap::new(), self);
        parts.values().for_each(|portion| portion.write(spec, own_quotas));
    }
}

/// One marketplace's part of a lot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portion {
    /// Completes wanted there.
    pub completes: Option<u64>,
    /// Completes of each quota.
    pub quotas: BTreeMap<String, u64>,
}

impl Study {
    /// The name of the lot of a survey without groups, and of the group of a survey that lists none.
    pub const ONLY: &str = "main";
}

impl Lot {
    /// What a survey wants as a whole.
    pub fn of(spec: &SurveySpec) -> Self {
        let quotas = spec.quotas.value().into_iter().flatten();
        Self {
            completes: spec.completes.value().copied(),
            quotas: quotas.map(LotQuota::of).collect(),
        }
    }

    /// What of it is wanted at a stage of its ladder.
    #[must_use]
    pub fn at(&self, ladder: &Ladder, rung: usize) -> Self {
        let mut lot = self.clone();
        let Some(rung) = ladder.rungs.get(rung) else {
            return lot;
        };
        lot.completes = Some(rung.completes);
        for quota in &mut lot.quotas {
            if let Some(completes) = rung.quotas.get(&quota.name) {
                quota.completes = *completes;
            }
        }
        lot
    }

    /// Divides the lot by shares. No part gets less than it has collected; `elsewhere` was collected at marketplaces that
    /// are not among them any more, and is not wanted a second time.
    pub fn divide(
        &self,
        shares: &BTreeMap<VendorId, Decimal>,
        collected: &BTreeMap<VendorId, Collected>,
        elsewhere: &Collected,
    ) -> BTreeMap<VendorId, Portion> {
        let none = Collected::default();
        let at = |vendor: &VendorId| collected.get(vendor).unwrap_or(&none);
        let parts: Vec<Decimal> = shares.values().copied().collect();
        let floors: Vec<u64> = shares.keys().map(|vendor| at(vendor).completes).collect();
        let goals = self
            .completes
            .map(|whole| divide(whole.saturating_sub(elsewhere.completes), &parts, &floors));
        let mut portions: Vec<Portion> = (0..parts.len())
            .map(|index| Portion {
                completes: goals.as_ref().map(|goals| goals[index]),
                quotas: BTreeMap::new(),
            })
            .collect();
        let mut dimensions: BTreeMap<&[String], Vec<&LotQuota>> = BTreeMap::new();
        for quota in &self.quotas {
            dimensions.entry(&quota.dimension).or_default().push(quota);
        }
        for quotas in dimensions.into_values() {
            let of = |collected: &Collected, quota: &LotQuota| {
                collected.quotas.get(&quota.name).copied().unwrap_or(0)
            };
            let mut rows: Vec<u64> = quotas
                .iter()
                .map(|quota| quota.completes.saturating_sub(of(elsewhere, quota)))
                .collect();
            let floors: Vec<Vec<u64>> = quotas
                .iter()
                .map(|quota| shares.keys().map(|vendor| of(at(vendor), quota)).collect())
                .collect();
            let all: u64 = quotas.iter().map(|quota| quota.completes).sum();
            if let Some(goals) = goals.as_ref().filter(|_| Some(all) == self.completes) {
                cut(&mut rows, &floors, goals.iter().sum());
            }
            let held: Vec<u64> = (0..parts.len())
                .map(|part| floors.iter().map(|row| row[part]).sum())
                .collect();
            let whole: u64 = rows.iter().sum();
            let columns = match &goals {
                // Quotas that cover the completes come to the goal of each part.
                Some(goals) if goals.iter().sum::<u64>() == whole => goals.clone(),
                _ => divide(whole, &parts, &held),
            };
            // Completes that come in one by one move nothing, as long as each part has room for its own.
            let by_share = (columns.iter().sum::<u64>() == whole).then(|| divide_rows(&rows, &columns));
            let has_room = |table: &Vec<Vec<u64>>| {
                let mut cells = table.iter().flatten().zip(floors.iter().flatten());
                cells.all(|(cell, floor)| cell >= floor)
            };
            let table = by_share
                .filter(has_room)
                .unwrap_or_else(|| over_floors(&rows, &columns, &floors, &held, &parts));
            for (quota, cells) in quotas.iter().zip(table) {
                for (portion, cell) in portions.iter_mut().zip(cells) {
                    portion.quotas.insert(quota.name.clone(), cell);
                }
            }
        }
        shares.keys().copied().zip(portions).collect()
    }
}

/// Takes off rows what they come to beyond a sum, in proportion to what is open of each: completes that belong to quotas
/// nobody can tell, or to quotas that have more than they want.
fn cut(rows: &mut [u64], floors: &[Vec<u64>], sum: u64) {
    let held: Vec<u64> = floors.iter().map(|row| row.iter().sum()).collect();
    let open: Vec<u64> = rows
        .iter()
        .zip(&held)
        .map(|(row, held)| row.saturating_sub(*held))
        .collect();
    let come: u64 = rows.iter().zip(&held).map(|(row, held)| *row.max(held)).sum();
    let all: u64 = open.iter().sum();
    let excess = come.saturating_sub(sum).min(all);
    let weights: Vec<Decimal> = open.iter().map(|open| Decimal::from(*open)).collect();
    let less = divide(excess, &weights, &vec![0; open.len()]);
    for (row, less) in rows.iter_mut().zip(less) {
        *row -= less;
    }
}

/// Rows divided over columns, no cell below its floor: what is left beyond the floors is divided.
fn over_floors(
    rows: &[u64],
    columns: &[u64],
    floors: &[Vec<u64>],
    held: &[u64],
    shares: &[Decimal],
) -> Vec<Vec<u64>> {
    let rest: Vec<u64> = rows
        .iter()
        .zip(floors)
        .map(|(row, floors)| row.saturating_sub(floors.iter().sum()))
        .collect();
    let open: Vec<u64> = columns
        .iter()
        .zip(held)
        .map(|(column, held)| column.saturating_sub(*held))
        .collect();
    let whole: u64 = rest.iter().sum();
    let open = if open.iter().sum::<u64>() == whole {
        open
    } else {
        // More was collected for a quota than it wants. Where nothing is open any more, shares have to do.
        let weights: Vec<Decimal> = open.iter().map(|column| Decimal::from(*column)).collect();
        let closed = weights.iter().all(Decimal::is_zero);
        divide(
            whole,
            if closed { shares } else { &weights },
            &vec![0; columns.len()],
        )
    };
    let mut table = divide_rows(&rest, &open);
    for (cells, floors) in table.iter_mut().zip(floors) {
        for (cell, floor) in cells.iter_mut().zip(floors) {
            *cell += floor;
        }
    }
    table
}

impl LotQuota {
    fn of(quota: &Quota) -> Self {
        let mut dimension: Vec<String> = quota.criteria.iter().map(|one| one.question.clone()).collect();
        dimension.sort_unstable();
        Self {
            name: quota.name.clone(),
            completes: quota.completes,
            dimension,
        }
    }
}

impl Portion {
    /// Writes the part's numbers into what is wanted there. Quotas of its own stay as they are.
    pub fn write(&self, spec: &mut SurveySpec, own_quotas: bool) {
        if let (Some(completes), Some(own)) = (self.completes, spec.completes.value_mut()) {
            *own = completes;
        }
        for quota in spec.quotas.value_mut().into_iter().flatten() {
            if let Some(completes) = self.quotas.get(&quota.name).filter(|_| !own_quotas) {
                quota.completes = *completes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(completes: u64, quotas: &[(&str, u64)]) -> Lot {
        let quotas = quotas.iter().map(|(name, completes)| LotQuota {
            name: (*name).to_owned(),
            completes: *completes,
            dimension: vec!["211".to_owned()],
        });
        Lot {
            completes: Some(completes),
            quotas: quotas.collect(),
        }
    }

    fn collected(completes: u64, quotas: &[(&str, u64)]) -> Collected {
        Collected {
            completes,
            quotas: quotas.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect(),
        }
    }

    const PS: VendorId = crate::marketplace::PURESPECTRUM;
    const CINT: VendorId = crate::marketplace::CINT;

    fn sixty_forty() -> BTreeMap<VendorId, Decimal> {
        [(PS, Decimal::from(60)), (CINT, Decimal::from(40))].into()
    }

    #[test]
    fn quotas_that_cover_the_completes_do_so_at_every_marketplace() {
        let lot = lot(401, &[("men", 196), ("women", 205)]);
        let parts = lot.divide(&sixty_forty(), &BTreeMap::new(), &Collected::default());
        assert_eq!(parts[&PS].completes, Some(241));
        assert_eq!(parts[&CINT].completes, Some(160));
        for vendor in [PS, CINT] {
            let sum: u64 = parts[&vendor].quotas.values().sum();
            assert_eq!(Some(sum), parts[&vendor].completes);
        }
        assert_eq!(parts[&PS].quotas["men"] + parts[&CINT].quotas["men"], 196);
    }

    #[test]
    fn nothing_goes_below_what_is_collected_and_the_whole_stays() {
        let lot = lot(400, &[("men", 200), ("women", 200)]);
        let had = [(CINT, collected(220, &[("men", 150), ("women", 70)]))].into();
        let parts = lot.divide(&sixty_forty(), &had, &Collected::default());
        assert_eq!(
            (parts[&PS].completes, parts[&CINT].completes),
            (Some(180), Some(220))
        );
        assert_eq!((parts[&PS].quotas["men"], parts[&CINT].quotas["men"]), (50, 150));
        assert_eq!(
            (parts[&PS].quotas["women"], parts[&CINT].quotas["women"]),
            (130, 70),
            "who has reached its goal gets nothing more of any quota"
        );
    }

    #[test]
    fn completes_that_come_in_unevenly_move_nothing_while_each_part_has_room_for_them() {
        let lot = lot(400, &[("men", 200), ("women", 200)]);
        let before = lot.divide(&sixty_forty(), &BTreeMap::new(), &Collected::default());
        let had = [
            (PS, collected(70, &[("men", 60), ("women", 10)])),
            (CINT, collected(85, &[("men", 80), ("women", 5)])),
        ];
        assert_eq!(
            lot.divide(&sixty_forty(), &had.into(), &Collected::default()),
            before
        );
        // One more than there is room for, and only then something moves.
        let had = [(CINT, collected(85, &[("men", 81), ("women", 4)]))].into();
        let after = lot.divide(&sixty_forty(), &had, &Collected::default());
        assert!(after[&CINT].quotas["men"] >= 81, "{after:?}");
        assert_eq!(
            after[&PS].quotas["men"] + after[&CINT].quotas["men"],
            200,
            "{after:?}"
        );
    }

    #[test]
    fn quotas_come_to_the_goals_whatever_is_known_of_what_was_collected() {
        let lot = lot(600, &[("men", 294), ("women", 306)]);
        let sum = |portion: &Portion| portion.quotas.values().sum::<u64>();
        // Nobody can tell to which quotas it belongs.
        let only = [(CINT, Decimal::ONE_HUNDRED)].into();
        let parts = lot.divide(&only, &BTreeMap::new(), &collected(120, &[]));
        assert_eq!((parts[&CINT].completes, sum(&parts[&CINT])), (Some(480), 480));
        let parts = lot.divide(&only, &BTreeMap::new(), &collected(120, &[("men", 58)]));
        assert_eq!((parts[&CINT].completes, sum(&parts[&CINT])), (Some(480), 480));
        // More men than are wanted.
        let parts = lot.divide(
            &only,
            &BTreeMap::new(),
            &collected(400, &[("men", 300), ("women", 100)]),
        );
        assert_eq!((parts[&CINT].completes, sum(&parts[&CINT])), (Some(200), 200));
        let had = [
            (PS, collected(20, &[("men", 10), ("women", 10)])),
            (CINT, collected(400, &[("men", 350), ("women", 50)])),
        ];
        let parts = lot.divide(&sixty_forty(), &had.into(), &Collected::default());
        assert_eq!((parts[&PS].completes, sum(&parts[&PS])), (Some(200), 200));
        assert_eq!((parts[&CINT].completes, sum(&parts[&CINT])), (Some(400), 400));
    }

    #[test]
    fn what_was_collected_elsewhere_is_not_wanted_again() {
        let only = [(PS, Decimal::ONE_HUNDRED)].into();
        let parts = lot(400, &[("men", 200), ("women", 200)]).divide(
            &only,
            &BTreeMap::new(),
            &collected(150, &[("men", 100), ("women", 50)]),
        );
        assert_eq!(parts[&PS].completes, Some(250));
        assert_eq!((parts[&PS].quotas["men"], parts[&PS].quotas["women"]), (100, 150));
    }
}
